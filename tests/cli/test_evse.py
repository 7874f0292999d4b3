from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from chargeplane.cli import app
from chargeplane.cli.exits import FAILURE, USAGE

pytestmark = pytest.mark.usefixtures("empty_folder")
runner = CliRunner()

GOOD = '{"config":{},"steps":[[null,null,3100,0]]}'
SHARED = (
    '{"input":{"mode":"NORMAL","states":["C"],"balanced_max_da":[160],"max_current_a":16,'
    '"balanced_before_da":[60],"mains_da":[0,0,0]}}'
)


def test_a_recorded_day_is_printed_with_its_outputs(tmp_path: Path) -> None:
    file = tmp_path / "day.jsonl"
    file.write_text(f"{GOOD}\n{GOOD}\n")
    result = runner.invoke(app, ["evse", "replay", str(file)])
    assert result.exit_code == 0
    first, second = map(json.loads, result.stdout.splitlines())
    assert first == second
    assert first["steps"][0][4] == "A"


def test_a_bad_line_is_told_and_the_others_are_done() -> None:
    result = runner.invoke(app, ["evse", "replay", "-"], input=f"{GOOD}\n{{}}\n{GOOD}\n")
    assert result.exit_code == FAILURE
    assert len(result.stdout.splitlines()) == 2
    assert result.stderr == "Error: line 2: there is no 'config'\n"


def test_steps_of_sharing() -> None:
    result = runner.invoke(app, ["evse", "replay", "--sharing", "-"], input=SHARED)
    assert result.exit_code == 0
    assert json.loads(result.stdout)["output"]["balanced_da"] == [160]


def test_a_file_that_is_not_there() -> None:
    result = runner.invoke(app, ["evse", "replay", "none.jsonl"])
    assert result.exit_code == USAGE
    assert "none.jsonl" in result.stderr
