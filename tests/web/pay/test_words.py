from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from chargeplane.web import pay
from chargeplane.web.pay.telling import STEPS
from chargeplane.web.pay.words import LOCALES, NAMES, WORDS, language

USED = re.compile(r"""t\[["'](\w+)["']\]|self\[["'](\w+)["']""")
FOLDER = Path(pay.__file__).parent


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", WORDS)
def test_every_language_says_everything_with_the_same_values(code: str) -> None:
    own, english = WORDS[code], WORDS["en"]
    assert list(own) == list(english)
    assert {name: fields(text) for name, text in own.items()} == {
        name: fields(text) for name, text in english.items()
    }
    assert code in NAMES
    assert code in LOCALES


def test_whatever_pages_say_is_there() -> None:
    files = [*FOLDER.glob("*.py"), *FOLDER.glob("templates/*.html")]
    used = {a or b for file in files for a, b in USED.findall(file.read_text(encoding="utf-8"))}
    assert len(used) > 20
    assert used <= set(WORDS["en"]) | {"step_"}
    for step in {*STEPS.values(), "start", "settling", "error"}:
        assert {f"step_{step}", f"step_{step}_help"} <= set(WORDS["en"])


@pytest.mark.parametrize(
    ("asked", "header", "meant"),
    [
        ("de", "nl", "de"),
        ("fr", "nl", "nl"),
        (None, "", "en"),
        (None, "fr-FR, de-AT;q=0.8, en;q=0.5", "de"),
        (None, "en;q=0.1,nl;q=0.9", "nl"),
        (None, "de;q=0, fr", "en"),
        (None, "de;q=x, ;;,q=", "en"),
        (None, "*", "en"),
        ("", "DE", "de"),
    ],
)
def test_the_language_is_the_one_that_is_liked(asked: str | None, header: str, meant: str) -> None:
    assert language(asked, header) == meant
