"""What all tests share: where outside material lies, and when a test may be skipped.

A test that needs a service asks for it with `require`. On a developer's machine
it is skipped when the service is missing; under CHARGEPLANE_CI=1 it fails, so
that a green run means that everything ran. Only material in the folder `shared`
beside the checkout may be absent anywhere, and accounts with strangers (Stripe).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from chargeplane.config import ENV_PREFIX

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
IN_CI = os.environ.get("CHARGEPLANE_CI") == "1"
NO_SHARED = "material beside the checkout is absent: "
NO_ACCOUNT = "nobody gave the key of an account: "

Require = Callable[[object, str], None]
Shared = Callable[[str], Path]


def require(available: object, what: str) -> None:
    """Skip the running test if ``what`` is not available; in CI that is a failure."""
    if not available:
        pytest.skip(f"{what} is not available")


def shared(path: str) -> Path:
    """Return a path in the folder `shared` beside the checkout, or skip the running test."""
    if not (SHARED / path).exists():
        pytest.skip(NO_SHARED + path)
    return SHARED / path


def account(variable: str) -> str:
    """Return the key of an account that the environment holds, or skip the running test."""
    key = os.environ.get(variable)
    if not key:
        pytest.skip(NO_ACCOUNT + variable)
    return key


@pytest.fixture(name="require")
def _require() -> Require:
    return require


@pytest.fixture(name="shared")
def _shared() -> Shared:
    return shared


@pytest.fixture
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Run in an empty folder, without any setting from outside."""
    for name in [name for name in os.environ if name.startswith(ENV_PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(autouse=True, scope="session")
def _loggers_are_not_kept() -> Iterator[None]:
    """Let a test capture what a module logs, though a test before it configured the logging."""
    configure = structlog.configure

    def without_cache(**settings: Any) -> None:
        configure(**{**settings, "cache_logger_on_first_use": False})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(structlog, "configure", without_cache)
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure where nothing may be skipped."""
    report = yield
    if not hasattr(report, "wasxfail"):
        _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Turn the skip of a whole module into an error where nothing may be skipped."""
    report = yield
    _refuse_skip(report)
    return report


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    reason = str(report.longrepr)
    is_allowed = NO_SHARED in reason or NO_ACCOUNT in reason
    if IN_CI and report.skipped and not is_allowed:
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow: {report.longrepr}"
