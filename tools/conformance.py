"""Write `docs/conformance.md`: which official test cases of both sides the tests cover.

The cases are those of OCPP 2.0.1 part 6 for a CSMS and for a station. They are read from the
specification where it lies beside the checkout, else from the page itself. A
case is covered by a test with its id in its name, such as
`test_TC_B_06_CSMS_get_variables`, or in that of one of its parameters;
versions among the decorators of the test say where else the same was tested.

    python tools/conformance.py           write the page
    python tools/conformance.py --check   exit 1 if the page would change
"""

from __future__ import annotations

import ast
import html
import re
import sys
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "conformance.md"
TESTS = ROOT / "tests"
SPECIFICATION = ROOT.parent / "shared" / "spec" / "ocpp2" / "OCPP-2.0.1_edition3_part6-testcases.md"

OWN = "2.0.1"  # the version of the cases
OTHERS = ("1.6", "2.1")

SIDES = {"CSMS": "Central system", "CS": "Charging station"}
CHAPTERS = {"3": "CSMS", "2": "CS"}  # of the specification

ID = re.compile(r"TC_[A-Z]_\d+_(?:CSMS|CS)(?![A-Za-z])")
HEADING = re.compile(r"^# ([23])\.\d+\. ([A-Z]) (.+)$", re.MULTILINE)
TITLE = re.compile(r"Table \d+\. Test Case Id: TC_\w_(\d+)_CS")
NAME = re.compile(
    r"Test case name</td><td[^>]*>([^<]*)<.{0,60}?Test case Id</td><td[^>]*>TC_\w_(\d+)_CS",
    re.DOTALL,
)
BLOCK_ROW = re.compile(r"^### ([A-Z]) (.+)$")
CASE_ROW = re.compile(r"^\| (TC_\w+_(?:CSMS|CS)) \| (.*?) \|")

INTRODUCTION = """\
<!-- Written by tools/conformance.py; do not edit. -->
# Conformance

OCPP 2.0.1 part 6 describes the official test cases, of a central system and of a charging station.
They are listed here by functional block; a case is covered by tests that have its id in their name,
or in that of a parameter. What the other versions share is tested there as well.
"""


class Case(NamedTuple):
    """An official test case."""

    block: str  # letter and name
    id: str
    name: str

    @property
    def side(self) -> str:
        """Of whom it is a case."""
        return self.id.rpartition("_")[2]

    @property
    def number(self) -> int:
        """What cases of a block are sorted by."""
        return int(self.id.split("_")[2])


def from_specification(text: str) -> Iterator[Case]:
    """Find the cases in the text of part 6."""
    _, *parts = HEADING.split(text)
    quarters = (parts[first::4] for first in range(4))
    for chapter, letter, name, body in zip(*quarters, strict=True):
        # The text takes some letters for digits, so the letter is that of the block.
        titles = {number: title for title, number in NAME.findall(body)}
        for number in TITLE.findall(body):
            title = _plain(titles.get(number, ""))
            case = f"TC_{letter}_{number}_{CHAPTERS[chapter]}"
            yield Case(f"{letter} {_plain(name)}", case, title)


def from_page(text: str) -> Iterator[Case]:
    """Find the cases in the page as it was written last."""
    block = ""
    for line in text.splitlines():
        if heading := BLOCK_ROW.match(line):
            block = f"{heading[1]} {heading[2]}"
        elif row := CASE_ROW.match(line):
            yield Case(block, row[1], row[2])


def tested(folder: Path) -> dict[str, set[str]]:
    """Find the cases that tests name, and the versions of each."""
    modules = [ast.parse(file.read_text(encoding="utf-8")) for file in sorted(folder.rglob("*.py"))]
    known: dict[str, set[str]] = {}  # what names stand for that others import
    for module in modules * 2:
        known |= _constants(module, known)
    found: dict[str, set[str]] = {}
    for module in modules:
        here = known | _constants(module, known)
        for test in ast.walk(module):
            if not isinstance(test, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            if test.name.startswith("test_"):
                spoken: set[str] = set().union(*(_spoken(m, here) for m in test.decorator_list))
                versions = spoken.intersection(OTHERS)
                for case in {*ID.findall(test.name), *spoken - versions}:
                    found.setdefault(case, {OWN}).update(versions)
    return found


def _constants(module: ast.Module, known: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """The versions and cases that names of a module stand for."""
    own: dict[str, set[str]] = {}
    for node in module.body:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    own[target.id] = _spoken(node.value, {**known, **own})
    return own


def _spoken(node: ast.AST, constants: Mapping[str, set[str]]) -> set[str]:
    """The versions and cases that an expression mentions."""
    found: set[str] = set()
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            found |= {each.value}.intersection(OTHERS) | set(ID.findall(each.value))
        elif isinstance(each, ast.Name):
            found |= constants.get(each.id, set())
    return found


def page(cases: list[Case], found: Mapping[str, set[str]]) -> str:
    """Write the page."""
    lines = [INTRODUCTION]
    for side, name in SIDES.items():
        own = [case for case in cases if case.side == side]
        if own:
            lines += [f"## {name}", "", *_side(own, found), ""]
    return "\n".join(lines).rstrip() + "\n"


def _side(cases: list[Case], found: Mapping[str, set[str]]) -> Iterator[str]:
    blocks = [
        (block, sorted(group, key=lambda case: case.number)) for block, group in _by_block(cases)
    ]
    yield from _summary(blocks, found)
    for block, group in blocks:
        yield from ("", f"### {block}", "", "| Case | Name | Status |", "|---|---|---|")
        yield from (f"| {case.id} | {case.name} | {_status(case, found)} |" for case in group)
    for version in OTHERS:
        yield from ("", f"### The same in {version}", "", *_counterparts(version, cases, found))


def _by_block(cases: list[Case]) -> Iterator[tuple[str, list[Case]]]:
    for block, group in groupby(
        sorted(cases, key=lambda case: case.block), lambda case: case.block
    ):
        yield block, list(group)


def _summary(blocks: list[tuple[str, list[Case]]], found: Mapping[str, set[str]]) -> Iterator[str]:
    yield "| Block | Cases | Covered |"
    yield "|---|---|---|"
    total = covered = 0
    for block, group in blocks:
        here = sum(case.id in found for case in group)
        total, covered = total + len(group), covered + here
        yield f"| {block} | {len(group)} | {here} |"
    yield f"| All | {total} | {covered} |"


def _status(case: Case, found: Mapping[str, set[str]]) -> str:
    return "covered" if case.id in found else "not covered"


def _counterparts(version: str, cases: list[Case], found: Mapping[str, set[str]]) -> Iterator[str]:
    ids = sorted(case.id for case in cases if version in found.get(case.id, ()))
    if not ids:
        yield "None."
    yield from (f"- {case}" for case in ids)


def _plain(text: str) -> str:
    text = " ".join(html.unescape(text).split()).replace("|", "/")
    return re.sub(r" ?- ?(?=[A-Z])| - ?", " - ", text)


def main(arguments: list[str]) -> int:
    """Write the page, or say whether it would change."""
    written = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    if SPECIFICATION.exists():
        cases = list(dict.fromkeys(from_specification(SPECIFICATION.read_text(encoding="utf-8"))))
    else:
        cases = list(from_page(written))
    new = page(cases, tested(TESTS))
    if "--check" in arguments:
        if new != written:
            print("docs/conformance.md is not up to date: run python tools/conformance.py")
        return int(new != written)
    PAGE.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
