from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from chargeplane import console
from chargeplane.cli import USAGE, app

pytestmark = pytest.mark.usefixtures("empty_folder")
runner = CliRunner()


def test_keys_are_made_listed_and_revoked() -> None:
    made = runner.invoke(app, ["keys", "create", "home", "--scope", "operate", "--station", "CP1"])
    assert made.exit_code == 0
    assert made.stdout.startswith("cp_")
    assert runner.invoke(app, ["keys", "create", "home"]).exit_code == USAGE
    assert runner.invoke(app, ["keys", "create", "x", "--scope", "all"]).exit_code == USAGE
    (row,) = json.loads(runner.invoke(app, ["keys", "list", "--json"]).stdout)
    assert (row["name"], row["scope"], row["stations"]) == ("home", "operate", ["CP1"])
    assert "operate" in runner.invoke(app, ["keys", "list"]).stdout
    assert runner.invoke(app, ["keys", "revoke", "home"]).exit_code == 0
    assert runner.invoke(app, ["keys", "revoke", "home"]).exit_code == USAGE


@pytest.mark.parametrize(
    "words",
    [
        ["command", "reset", "CP1", "["],
        ["call", "CP1", "Reset", "1"],
        ["limit", "CP1", "16V"],
    ],
)
def test_what_cannot_be_read_is_a_usage_error(words: list[str]) -> None:
    assert runner.invoke(app, words).exit_code == USAGE


def test_a_limit_is_read() -> None:
    assert console._limit("16a", 1) == {"evse_id": 1, "limit": 16.0, "unit": "A"}
    assert console._limit("11000 W", 0) == {"evse_id": 0, "limit": 11000.0, "unit": "W"}
