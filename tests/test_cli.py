from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from chargeplane import __version__
from chargeplane.cli import EXIT_CODES, FAILURE, REFUSED, UNREACHABLE, USAGE, Commands, app
from chargeplane.client import ApiError
from chargeplane.errors import (
    ChargeplaneError,
    ConfigurationError,
    NotConnected,
    StorageError,
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
    code = "import sys, chargeplane.cli; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"alembic", "cryptography", "msgspec", "pydantic", "sqlalchemy", "structlog"}
    assert heavy.isdisjoint(done.stdout.split())


def test_config_prints_toml() -> None:
    result = runner.invoke(app, ["config", "--set", "server.ocpp_port=9100"])
    assert result.exit_code == 0
    assert tomllib.loads(result.stdout)["server"]["ocpp_port"] == 9100


def test_config_prints_json_without_secrets(empty_folder: Path) -> None:
    file = empty_folder / "c.toml"
    file.write_text("[storage]\nurl = 'postgresql://user:hunter2@host/name'\n", encoding="utf-8")
    result = runner.invoke(app, ["config", "--config", str(file), "--json"])
    assert result.exit_code == 0
    assert json.loads(result.stdout)["storage"]["url"].startswith("postgresql://user:***@")
    assert "hunter2" not in result.output


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


def test_a_failure_exits_with_1_and_one_line() -> None:
    failing = typer.Typer(cls=Commands)

    @failing.command()
    def one() -> None:
        raise StorageError("the disk is full")

    @failing.command()
    def two() -> None:
        raise ChargeplaneError("something else")

    result = runner.invoke(failing, ["one"])
    assert (result.exit_code, result.stderr) == (FAILURE, "Error: the disk is full\n")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ChargeplaneError("no\nmore"), FAILURE),
        (ConfigurationError("no more"), USAGE),
        (NotConnected("no more"), UNREACHABLE),
        (ApiError(409, "no more"), REFUSED),
    ],
)
def test_every_kind_of_error_has_its_code_and_is_one_line(
    error: ChargeplaneError, code: int
) -> None:
    failing = typer.Typer(cls=Commands)

    @failing.command()
    def one() -> None:
        raise error

    @failing.command()
    def two() -> None:
        """Make it a group."""

    result = runner.invoke(failing, ["one"])
    assert result.exit_code == code
    assert result.stderr.startswith("Error: no more")
    assert result.stderr.count("\n") == 1


def test_exit_codes_are_told_in_help_and_documentation() -> None:
    said = " ".join(runner.invoke(app, ["--help"]).stdout.split())
    assert EXIT_CODES in said
    page = (ROOT / "docs/cli.md").read_text(encoding="utf-8")
    assert all(f"\n| {code} | " in page for code in (0, FAILURE, USAGE, UNREACHABLE, REFUSED))


def test_every_command_is_documented() -> None:
    page = (ROOT / "docs/cli.md").read_text(encoding="utf-8")
    for group in app.registered_groups:
        commands = group.typer_instance.registered_commands if group.typer_instance else []
        assert [c.name for c in commands if f"`{group.name} {c.name}" not in page] == []


def test_routes_prints_one_array_of_objects_with_these_keys() -> None:
    result = runner.invoke(app, ["routes", "--json"])
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert {tuple(route) for route in found} == {
        ("version", "action", "sender", "row", "request", "handlers")
    }
    assert {route["sender"] for route in found} == {"station", "csms", "both"}
    assert {type(route["row"]) for route in found} == {bool}
    boot = [each for each in found if each["action"] == "BootNotification"]
    assert [each["version"] for each in boot] == ["1.2", "1.5", "1.6", "2.0.1", "2.1"]
    assert len({each["request"] for each in boot}) == 1


def test_routes_draws_a_table() -> None:
    result = runner.invoke(app, ["routes"])
    assert result.exit_code == 0
    assert "BootNotification" in result.stdout
