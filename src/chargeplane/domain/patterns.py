"""Patterns of station ids: plain, or with `*` for any characters (`north-*`)."""

from __future__ import annotations

import re
from collections.abc import Iterable

ANY = "*"


def expression(pattern: str) -> str:
    """The regular expression that matches what the pattern does, from beginning to end."""
    return f"^{'.*'.join(map(re.escape, pattern.split(ANY)))}$"


def is_among(text: str, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns matches."""
    return any(
        each == text or (ANY in each and re.match(expression(each), text, re.DOTALL) is not None)
        for each in patterns
    )
