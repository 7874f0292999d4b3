"""Patterns of station ids."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargeplane.domain.patterns import expression, is_among

PLAIN = st.text().filter(lambda text: "*" not in text)


@given(PLAIN)
def test_a_plain_id_matches_itself_alone(text: str) -> None:
    assert is_among(text, [text])
    assert not is_among(text + "x", [text])


@given(PLAIN, PLAIN)
def test_a_star_stands_for_anything(begin: str, end: str) -> None:
    assert is_among(begin + end, [begin + "*"])
    assert is_among(begin + end, ["*" + end])


@pytest.mark.parametrize(
    ("pattern", "text"), [("a*c", "abd"), ("n[o]*", "north"), ("a*", "ba"), ("a.*", "ab")]
)
def test_what_does_not_match(pattern: str, text: str) -> None:
    assert not is_among(text, [pattern])
    assert re.match(expression(pattern), text) is None
