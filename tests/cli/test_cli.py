from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from chargeplane import __version__
from chargeplane.cli import COMMANDS, app
from chargeplane.cli.exits import (
    EXIT_CODES,
    FAILURE,
    REFUSED,
    UNANSWERED,
    UNREACHABLE,
    USAGE,
)
from tests.conftest import ROOT

pytestmark = pytest.mark.usefixtures("empty_folder")
runner = CliRunner()


def test_version_is_that_of_the_package() -> None:
    result = runner.invoke(app, ["--version"])
    assert (result.exit_code, result.stdout) == (0, f"chargeplane {__version__}\n")


def test_the_installed_command_runs() -> None:
    command = Path(sys.executable).with_name("chargeplane")
    done = subprocess.run([command, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"chargeplane {__version__}\n"


def test_starting_up_imports_nothing_heavy() -> None:
    code = (
        "import sys, typer.main; from chargeplane.cli import app; "
        "typer.main.get_command(app); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"alembic", "cryptography", "msgspec", "pydantic", "sqlalchemy", "structlog"}
    assert heavy.isdisjoint(done.stdout.split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["config", "--set", "server.ocpp_prot=1"], "unknown setting, did you mean ocpp_port?"),
        (["config", "--set", "server.host"], "section.key=value"),
        (["config", "--config", "none.toml"], "none.toml: there is no such file"),
        (["fly"], "fly"),
    ],
)
def test_a_wrong_question_exits_with_2(arguments: list[str], message: str) -> None:
    result = runner.invoke(app, arguments)
    assert result.exit_code == USAGE
    assert message in result.stderr
    assert result.stdout == ""


def test_exit_codes_are_told_in_help_and_documentation() -> None:
    said = " ".join(runner.invoke(app, ["--help"]).stdout.split())
    assert EXIT_CODES in said
    page = (ROOT / "docs/cli.md").read_text(encoding="utf-8")
    codes = (0, FAILURE, USAGE, UNREACHABLE, REFUSED, UNANSWERED)
    assert all(f"\n| {code} | " in page for code in codes)


def test_every_command_is_documented() -> None:
    page = (ROOT / "docs/cli.md").read_text(encoding="utf-8")
    assert [name for name in COMMANDS if not re.search(f"`{name}[` ]", page)] == []
    for group in app.registered_groups:
        commands = group.typer_instance.registered_commands if group.typer_instance else []
        assert [c.name for c in commands if f"`{group.name} {c.name}" not in page] == []
