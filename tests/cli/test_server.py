from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from chargeplane.cli import app

pytestmark = pytest.mark.usefixtures("empty_folder")
runner = CliRunner()


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
