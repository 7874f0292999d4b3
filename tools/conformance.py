"""Write `docs/conformance.md`: which official test cases of both sides the tests cover.

The cases are those of OCPP 2.0.1 part 6 for a CSMS and for a station. They are read from the
specification where it lies beside the checkout, else from the page itself. A
case is covered by a test with its id in its name, such as
`test_TC_B_06_CSMS_get_variables`, or in that of one of its parameters;
versions among the decorators of the test say where else the same was tested.
Those of 1.6 for a station are in `OLDER`: covered by a test with their number,
or by tests in 1.6 of what 2.0.1 calls the same.

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

ID = re.compile(r"TC_[A-Z]_\d+_(?:CSMS|CS)(?![A-Za-z])|TC_\d{3}(?:_\d)?(?!\d)")
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
OLDER_INTRODUCTION = """\
## Charging station, OCPP 1.6

Of the official test cases of 1.6 we have the numbers but not the text: what is said of them here is
what we take them to ask for, in our words.
A case is covered by tests that have its number in their name, or by those in 1.6 of what 2.0.1 has
as well.

| Case | What | Tested as | Status |
|---|---|---|---|
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
    return "\n".join(lines).rstrip() + "\n\n" + OLDER_INTRODUCTION + "\n".join(_older(found)) + "\n"


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


def _older(found: Mapping[str, set[str]]) -> Iterator[str]:
    for case, (what, *same) in OLDER.items():
        tested_as = [each for each in same if "1.6" in found.get(each, ())]
        status = "covered" if case in found or tested_as else "not covered"
        yield f"| {case} | {what} | {', '.join(tested_as)} | {status} |"


def _by_block(cases: list[Case]) -> Iterator[tuple[str, list[Case]]]:
    for block, group in groupby(
        sorted(cases, key=lambda case: case.block), lambda case: case.block
    ):
        yield block, list(group)


def _summary(blocks: list[tuple[str, list[Case]]], found: Mapping[str, set[str]]) -> Iterator[str]:
    yield "| Block | Cases | Covered | Do not apply |"
    yield "|---|---|---|---|"
    everything = [case for _, group in blocks for case in group]
    for block, group in (*blocks, ("All", everything)):
        covered = sum(case.id in found for case in group)
        yield f"| {block} | {len(group)} | {covered} | {sum(c.id in FOREIGN for c in group)} |"


def _status(case: Case, found: Mapping[str, set[str]]) -> str:
    if case.id in FOREIGN:
        return f"does not apply: {FOREIGN[case.id]}"
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


# Cases for stations that are otherwise.
FOREIGN = {
    "TC_B_15_CS": "summaries are reported",
    "TC_B_28_CS": "an EVSE can be reset",
    "TC_B_29_CS": "an EVSE can be reset",
    "TC_L_12_CS": "firmware is fetched while cars charge",
    "TC_L_13_CS": "firmware is fetched while cars charge",
}

# Those of 1.6 for a station: what, and the cases of 2.0.1 that ask for the same.
OLDER: dict[str, tuple[str, ...]] = {
    "TC_001": ("Cold boot", "TC_B_01_CS"),
    "TC_003": ("A charge, the cable first", "TC_E_03_CS"),
    "TC_004_1": ("A charge, the card first", "TC_E_04_CS"),
    "TC_004_2": ("A card, and no cable in time",),
    "TC_005_1": ("Unplugged at the car: stopped and unlocked",),
    "TC_005_2": ("Unplugged at the car: stopped, not unlocked",),
    "TC_005_3": ("Unplugged at the car: not stopped",),
    "TC_007": ("A card from the authorisation cache", "TC_C_08_CS"),
    "TC_010": ("Remote start, the cable first", "TC_F_01_CS"),
    "TC_011_1": ("Remote start before the cable", "TC_F_02_CS", "TC_F_03_CS"),
    "TC_011_2": ("Remote start, and no cable in time", "TC_F_04_CS"),
    "TC_012": ("Remote stop", "TC_F_08_CS"),
    "TC_013": ("Hard reset without a charge", "TC_B_20_CS"),
    "TC_014": ("Soft reset without a charge", "TC_B_20_CS"),
    "TC_015": ("Hard reset with a charge", "TC_B_22_CS"),
    "TC_016": ("Soft reset with a charge",),
    "TC_017_1": ("Unlock without a charge", "TC_F_06_CS", "TC_F_07_CS"),
    "TC_018_1": ("Unlock with a charge", "TC_F_05_CS"),
    "TC_019_1": ("All configuration keys",),
    "TC_019_2": ("One configuration key",),
    "TC_021": ("A key is set",),
    "TC_023_1": ("A card that is invalid", "TC_C_02_CS"),
    "TC_023_2": ("A card that has expired", "TC_C_07_CS"),
    "TC_023_3": ("A card that is blocked", "TC_C_06_CS"),
    "TC_024": ("A lock that does not close", "TC_G_20_CS"),
    "TC_026": ("Remote start, refused",),
    "TC_028": ("Remote stop of an unknown transaction", "TC_F_09_CS"),
    "TC_030": ("A lock that does not open",),
    "TC_031": ("Unlock of an unknown connector", "TC_F_10_CS"),
    "TC_032_1": ("A power cut ends the charge",),
    "TC_037_1": ("A charge that begins offline", "TC_E_43_CS"),
    "TC_037_3": ("A charge that begins offline, with a card that is refused later", "TC_E_16_CS"),
    "TC_038": ("A charge that ends offline", "TC_E_44_CS"),
    "TC_039": ("A whole charge offline", "TC_E_43_CS"),
    "TC_040_1": ("An unknown key is set",),
    "TC_040_2": ("A key is set to a wrong value", "TC_B_11_CS"),
    "TC_042_1": ("Version of the local list, which is off", "TC_D_10_CS"),
    "TC_042_2": ("Version of the local list", "TC_D_08_CS"),
    "TC_043_1": ("Local list, which is off", "TC_D_10_CS"),
    "TC_043_3": ("Local list of an older version", "TC_D_06_CS"),
    "TC_043_4": ("Local list, full", "TC_D_01_CS", "TC_D_04_CS"),
    "TC_043_5": ("Local list, differential", "TC_D_02_CS", "TC_D_03_CS"),
    "TC_044_1": ("Firmware is installed",),
    "TC_044_2": ("Firmware that cannot be fetched", "TC_L_07_CS"),
    "TC_044_3": ("Firmware that cannot be installed", "TC_L_08_CS"),
    "TC_045_1": ("Diagnostics are uploaded",),
    "TC_045_2": ("Diagnostics cannot be uploaded", "TC_N_26_CS"),
    "TC_046": ("A reservation that is used", "TC_H_01_CS"),
    "TC_047": ("A reservation that ends", "TC_H_07_CS"),
    "TC_048_1": ("Reservation of what is faulted",),
    "TC_048_2": ("Reservation of what is occupied", "TC_H_04_CS"),
    "TC_048_3": ("Reservation of what is unavailable", "TC_H_06_CS"),
    "TC_048_4": ("Reservations are off", "TC_H_22_CS"),
    "TC_049": ("Reservation of any connector", "TC_H_08_CS"),
    "TC_051": ("A reservation is given up", "TC_H_17_CS"),
    "TC_052": ("An unknown reservation is given up", "TC_H_18_CS"),
    "TC_053": ("A reservation that is used by the group", "TC_H_19_CS"),
    "TC_054": ("Triggered messages", "TC_F_11_CS", "TC_F_20_CS", "TC_F_23_CS", "TC_F_26_CS"),
    "TC_055": ("A triggered message that cannot be",),
    "TC_056": ("A TxDefaultProfile", "TC_K_01_CS"),
    "TC_057": ("A TxProfile", "TC_K_60_CS"),
    "TC_058_1": ("A TxProfile without a charge", "TC_K_02_CS"),
    "TC_058_2": ("A TxProfile of another charge", "TC_K_16_CS"),
    "TC_059": ("Remote start with a profile", "TC_K_37_CS"),
    "TC_061": ("The cache is cleared", "TC_C_37_CS"),
    "TC_064": ("Data of a vendor", "TC_P_01_CS"),
    "TC_066": ("The composite schedule", "TC_K_40_CS", "TC_K_41_CS"),
    "TC_067": ("Profiles are cleared", "TC_K_05_CS", "TC_K_06_CS"),
    "TC_070": ("Sampled values", "TC_J_09_CS"),
    "TC_071": ("Clock-aligned values", "TC_J_01_CS"),
    "TC_073": ("A new password", "TC_A_09_CS"),
    "TC_074": ("A new certificate of the station", "TC_A_11_CS"),
    "TC_075_1": ("A root of the manufacturer is installed", "TC_M_02_CS"),
    "TC_075_2": ("A root of the central system is installed", "TC_M_01_CS"),
    "TC_076": ("A root is deleted", "TC_M_20_CS"),
    "TC_077": ("A new certificate that is invalid", "TC_A_14_CS"),
    "TC_078": ("A central system with an invalid certificate", "TC_A_05_CS"),
    "TC_079": ("The security log", "TC_N_35_CS"),
    "TC_080": ("Signed firmware", "TC_L_01_CS"),
    "TC_081": ("Signed firmware with a wrong signature", "TC_L_06_CS"),
    "TC_083": ("A higher security profile",),
    "TC_085": ("Security profile 1", "TC_A_01_CS"),
    "TC_086": ("Security profile 2", "TC_A_04_CS"),
    "TC_087": ("Security profile 3", "TC_A_07_CS"),
    "TC_088": ("The subprotocol is offered",),
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
