"""Collect the texts of the pages into the catalogues of `web/locale/`, or check them.

`python tools/texts.py` adds what is new with an empty translation and drops what is gone; with
`--check` it changes nothing and fails if a text is missing, not translated, or loses a `{name}`.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
PAGES = ROOT / "src" / "chargeplane" / "web"
LANGUAGES = ("de", "nl")
READERS = {"t", "mark"}  # `t(...)`, `visit.t(...)`, `self._t(...)`, `mark(...)`
FIELD = re.compile(r"\{(\w+)[^}]*\}")


def texts() -> dict[str, list[str]]:
    """Every English text and the files that have it."""
    found: dict[str, list[str]] = {}
    for file in sorted(PAGES.rglob("*.py")):
        for text in sorted(set(_texts(ast.parse(file.read_text(encoding="utf-8"))))):
            found.setdefault(text, []).append(str(file.relative_to(ROOT / "src")))
    for file in sorted(PAGES.rglob("*.html")):
        for text in sorted(set(re.findall(r"\bt\(\s*'([^']+)'", file.read_text("utf-8")))):
            found.setdefault(text, []).append(str(file.relative_to(ROOT / "src")))
    return found


def _texts(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name), args=[ast.Constant(value=str(text)), *_]):
                if name in READERS:
                    yield text
            case ast.Call(func=ast.Attribute(attr=name), args=[ast.Constant(value=str(text)), *_]):
                if name.removeprefix("_") in READERS:
                    yield text


def path_of(language: str) -> Path:
    """Where a catalogue is."""
    return PAGES / "locale" / language / "LC_MESSAGES" / "chargeplane.po"


def read(language: str) -> Catalog:
    """A catalogue, empty if there is none yet."""
    path = path_of(language)
    if not path.is_file():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def problems(language: str) -> Iterator[str]:
    """What is wrong with a catalogue."""
    wanted, catalogue = texts(), read(language)
    there = {str(each.id) for each in catalogue if each.id}
    yield from (f"{language}: missing: {text}" for text in wanted if text not in there)
    yield from (f"{language}: not used: {text}" for text in sorted(there - set(wanted)))
    for each in catalogue:
        if each.id and not each.string:
            yield f"{language}: not translated: {each.id}"
        elif each.id and set(FIELD.findall(str(each.id))) != set(FIELD.findall(str(each.string))):
            yield f"{language}: other fields: {each.id}"
        if each.id and each.fuzzy:
            yield f"{language}: fuzzy: {each.id}"


def write(language: str) -> None:
    """Bring a catalogue up to date; what is translated stays."""
    old = read(language)
    new = Catalog(
        locale=language, project="Chargeplane", fuzzy=False, header_comment="# Texts of the pages."
    )
    for text, files in texts().items():
        known = old.get(text)
        new.add(text, known.string if known else "", [(file, 0) for file in files])
    path = path_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, new, width=100, sort_output=True, omit_header=True, include_lineno=False)


def main(arguments: list[str]) -> int:
    """Write or check all catalogues; the exit code."""
    if arguments == ["--check"]:
        found = [each for language in LANGUAGES for each in problems(language)]
        sys.stdout.write("".join(f"{each}\n" for each in found))
        return min(len(found), 1)
    for language in LANGUAGES:
        write(language)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
