from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from chargeplane.cli import app
from chargeplane.cli.exits import FAILURE, USAGE

runner = CliRunner()
PERIOD = {"startPeriod": 0, "limit": 16.8}


def question(**changes: Any) -> str:
    profile = {
        "id": 1,
        "stackLevel": 2,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": [
            {"id": 1, "chargingRateUnit": "A", "chargingSchedulePeriod": [PERIOD]}
        ],
    }
    call = {"start": "2026-03-02T18:30:00Z", "end": "2026-03-02T18:40:00Z", "evse": 1, "unit": "A"}
    asked = {"evses": 1, "installed": [{"evse": 0, "profile": profile}], "call": call}
    return json.dumps(asked | changes)


def test_one_line_answers_one_question() -> None:
    result = runner.invoke(app, ["schedule"], input=f"{question()}\n\n{question(evses=2)}\n")
    assert result.exit_code == 0
    first, second = result.stdout.splitlines()
    assert (
        first
        == second
        == (
            '{"chargingRateUnit":"A","chargingSchedulePeriod":[{"limit":16.799999237060547,'
            '"numberPhases":3,"stackLevel":2,"startPeriod":0}],"duration":600,"evseId":1,'
            '"scheduleStart":"2026-03-02T18:30:00.000Z"}'
        )
    )


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("{", "truncated"),
        ("[]", "Expected `object`, got `array`"),
        ("{}", "missing required field `call`"),
        ("\ufeff[", "malformed"),
        ('{"more":' + "[" * 100_000, "nested too deeply"),
        (question(evses=0), "$.evses"),
        (question().replace("16.8", "1e39"), "1e+39 is beyond single precision"),
        (question().replace("2026-03-02T18:30:00Z", "0001-01-01T00:00:00+14:00"), "out of range"),
        (question(installed=[{"evse": 2, "profile": {}}]), "EVSEs 0 to 1, not 2"),
        (question(installed=[{"evse": 0, "profile": {"id": 1}}]), "stackLevel"),
    ],
)
def test_a_bad_line_is_named_and_the_others_are_answered(line: str, wrong: str) -> None:
    result = runner.invoke(app, ["schedule"], input=f"{question()}\n{line}\n{question()}\n")
    good, bad, last = map(json.loads, result.stdout.splitlines())
    assert result.exit_code == FAILURE
    assert list(bad) == ["error"]
    assert wrong in bad["error"]
    assert good == last
    assert good["duration"] == 600


def test_a_version_without_charging_profiles_is_refused() -> None:
    result = runner.invoke(app, ["schedule", "--version", "1.5"], input=question())
    assert result.exit_code == USAGE
    assert "1.6, 2.0.1, 2.1" in result.stderr


def test_a_drawing_leaves_the_answers_as_they_are() -> None:
    plain = runner.invoke(app, ["schedule"], input=question())
    drawn = runner.invoke(app, ["schedule", "--plot"], input=question())
    assert drawn.stdout == plain.stdout
    assert "EVSE 1 from 2026-03-02 18:30:00 UTC" in drawn.stderr
    assert len(drawn.stderr.splitlines()) > 10


def test_an_id_of_1_6_counts_when_it_was_confirmed() -> None:
    schedule = {"chargingRateUnit": "A", "chargingSchedulePeriod": [PERIOD]}
    profile = {
        "chargingProfileId": 1,
        "transactionId": 4,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": schedule,
    }
    installed = [{"evse": 1, "profile": profile}]
    limits = []
    for transaction in ({"id": 4}, {"id": 4, "confirmed": True}, {"id": 5, "confirmed": True}):
        line = question(installed=installed, transactions={"1": transaction})
        result = runner.invoke(app, ["schedule", "--version", "1.6"], input=line)
        limits.append(json.loads(result.stdout)["chargingSchedulePeriod"][0]["limit"])
    assert limits == [48.0, pytest.approx(16.8), 48.0]
