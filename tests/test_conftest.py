"""A run in CI is green only if everything ran."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import NO_ACCOUNT, NO_SHARED, ROOT

# Test files that end without having tested anything, by what stops them.
FILES = {
    "require": "from tests.conftest import require\ndef test_it():\n    require(False, 'a broker')",
    "skip": "import pytest\ndef test_it():\n    pytest.skip('not today')",
    "module": "import pytest\npytest.importorskip('no_such_package')",
    "shared": f"import pytest\ndef test_it():\n    pytest.skip({NO_SHARED!r} + 'a/file')",
    "account": f"import pytest\ndef test_it():\n    pytest.skip({NO_ACCOUNT!r} + 'A_KEY')",
    "xfail": "import pytest\n@pytest.mark.xfail\ndef test_it():\n    assert False",
}
OUTCOME = re.compile(r"^([A-Z]+) (?:\[\d+\] )?test_(\w+)\.py", re.MULTILINE)


def run(folder: Path, *, ci: bool) -> subprocess.CompletedProcess[str]:
    """Run pytest with our conftest on the test files of a folder."""
    (folder / "conftest.py").write_text("from tests.conftest import *", encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-rA", "--continue-on-collection-errors", str(folder)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "CHARGEPLANE_CI": "1" if ci else ""},
        capture_output=True,
        text=True,
        check=False,
    )


def outcomes(folder: Path, *, ci: bool) -> dict[str, str]:
    """Return the outcome of each of the test files."""
    for name, code in FILES.items():
        (folder / f"test_{name}.py").write_text(code, encoding="utf-8")
    return {name: outcome for outcome, name in OUTCOME.findall(run(folder, ci=ci).stdout)}


def test_in_ci_only_what_cannot_be_there_is_skipped(tmp_path: Path) -> None:
    assert outcomes(tmp_path, ci=True) == {
        "require": "FAILED",
        "skip": "FAILED",
        "module": "ERROR",
        "shared": "SKIPPED",
        "account": "SKIPPED",
        "xfail": "XFAIL",
    }


def test_elsewhere_nothing_fails(tmp_path: Path) -> None:
    assert set(outcomes(tmp_path, ci=False).values()) == {"SKIPPED", "XFAIL"}


def test_a_run_without_tests_is_no_success(tmp_path: Path) -> None:
    assert run(tmp_path, ci=True).returncode == pytest.ExitCode.NO_TESTS_COLLECTED
