from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from tests.conftest import ROOT

SPECIFICATION = """\
# 2.2. A Security
Table 0. Test Case Id: TC_A_01_CS
<table><tr><td>Test case name</td><td colspan="2">Basic</td></tr>\
<tr><td>Test case Id</td><td colspan="2">TC_A_01_CS</td></tr></table>
# 2.3. B Provisioning
Table 4. Test Case Id: TC_B_28_CS
# 3.2. A Security
Table 1. Test Case Id: TC_A_09_CSMS
<table><tr><td>Test case name</td><td colspan="2">Password -Accepted</td></tr>\
<tr><td>Test case Id</td><td colspan="2">TC_A_09_CSMS</td></tr></table>
# 3.16. O Display Message
Table 2. Test Case Id: TC_0_11_CSMS
Table 3. Test Case Id: TC_O_02_CSMS
<table><tr><td>Test case name</td><td>One &amp; all</td></tr>\
<tr><td>Test case Id</td><td>TC_0_02_CSMS</td></tr></table>
"""
TESTS = """\
BOTH = ("1.6", "2.0.1")

@versions(*BOTH)
async def test_TC_A_09_CSMS_password(): ...

@versions(*BOTH)
async def test_TC_B_01_CS_boot(): ...

def test_TC_083_raised(): ...

@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
def test_TC_O_02_CSMS_messages(): ...
"""


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("conformance", ROOT / "tools/conformance.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def place(tool: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with a specification beside it."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_some.py").write_text(TESTS)
    (tmp_path / "part6.md").write_text(SPECIFICATION)
    monkeypatch.setattr(tool, "PAGE", tmp_path / "conformance.md")
    monkeypatch.setattr(tool, "TESTS", tmp_path / "tests")
    monkeypatch.setattr(tool, "SPECIFICATION", tmp_path / "part6.md")
    return tmp_path


def test_cases_are_read_from_the_specification(tool: ModuleType) -> None:
    assert list(tool.from_specification(SPECIFICATION)) == [
        ("A Security", "TC_A_01_CS", "Basic"),
        ("B Provisioning", "TC_B_28_CS", ""),
        ("A Security", "TC_A_09_CSMS", "Password - Accepted"),
        ("O Display Message", "TC_O_11_CSMS", ""),
        ("O Display Message", "TC_O_02_CSMS", "One & all"),
    ]


def test_the_page_says_what_is_covered(tool: ModuleType, place: Path) -> None:
    assert tool.main([]) == 0
    lines = (place / "conformance.md").read_text().splitlines()
    assert "| TC_A_09_CSMS | Password - Accepted | covered |" in lines
    assert "| TC_O_11_CSMS |  | not covered |" in lines
    assert "| All | 3 | 2 | 0 |" in lines
    assert "| All | 2 | 0 | 1 |" in lines
    assert "| TC_B_28_CS |  | does not apply: an EVSE can be reset |" in lines
    assert "| TC_001 | Cold boot | TC_B_01_CS | covered |" in lines
    assert "| TC_083 | A higher security profile |  | covered |" in lines
    assert "| TC_007 | A card from the authorisation cache |  | not covered |" in lines
    assert lines[lines.index("### The same in 1.6") + 2] == "- TC_A_09_CSMS"
    assert lines[lines.index("### The same in 2.1") + 2] == "- TC_O_02_CSMS"


def test_the_page_is_its_own_source_without_the_specification(
    tool: ModuleType, place: Path
) -> None:
    tool.main([])
    (place / "part6.md").unlink()
    assert tool.main(["--check"]) == 0


def test_a_page_that_would_change_is_refused(
    tool: ModuleType, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tool.main([])
    (place / "tests" / "test_some.py").unlink()
    assert tool.main(["--check"]) == 1
    assert "not up to date" in capsys.readouterr().out
