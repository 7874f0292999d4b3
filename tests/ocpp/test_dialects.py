"""Dialects: which actions and frames a version has, and that both ends of a call agree."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from chargeplane.domain.station import Heartbeat
from chargeplane.ocpp.dialects import DIALECTS
from chargeplane.ocpp.rpc import ALL_TYPES, BASIC_TYPES
from chargeplane.ocpp.v2 import wire


@pytest.mark.parametrize("version", list(DIALECTS))
def test_what_a_version_is(version: str) -> None:
    dialect = DIALECTS[version]
    assert dialect.version == version
    assert dialect.subprotocol == f"ocpp{version}"
    assert dialect.family == ("1.x" if version.startswith("1") else "2.x")
    assert dialect.message_types == (ALL_TYPES if version == "2.1" else BASIC_TYPES)


@pytest.mark.parametrize("version", list(DIALECTS))
def test_actions_are_found_by_request(version: str) -> None:
    dialect = DIALECTS[version]
    for action in dialect.actions:
        assert dialect.by_name[action.name] is action
        for request in action.requests:
            assert action in dialect.by_request[request]
    assert [action.name for action in dialect.by_request[Heartbeat]] == ["Heartbeat"]


def test_newer_actions_are_not_those_of_older_versions() -> None:
    assert "NotifyPeriodicEventStream" in DIALECTS["2.1"].by_name
    assert "NotifyPeriodicEventStream" not in DIALECTS["2.0.1"].by_name
    assert "TriggerMessage" not in DIALECTS["1.5"].by_name
    assert "DataTransfer" not in DIALECTS["1.2"].by_name


def test_a_send_has_no_answer() -> None:
    dialect = DIALECTS["2.1"]
    action = dialect.by_name["NotifyPeriodicEventStream"]
    with pytest.raises(msgspec.DecodeError, match="has no answer"):
        dialect.decode(action, b"{}", answer=True, strict=False)


def test_2_0_1_is_told_less_than_2_1() -> None:
    value = wire.ChargingSchedulePeriod(start_period=0, limit=6.0, setpoint=3.0)
    schedule = wire.CompositeSchedule(
        evse_id=1,
        duration=60,
        schedule_start=datetime(2026, 3, 1, tzinfo=UTC),
        charging_rate_unit="A",
        charging_schedule_period=[value],
    )
    answer = wire.GetCompositeScheduleResponse(status="Accepted", schedule=schedule)
    action = DIALECTS["2.1"].by_name["GetCompositeSchedule"]
    assert b"setpoint" in DIALECTS["2.1"].encode(action, answer, answer=True)
    assert b"setpoint" not in DIALECTS["2.0.1"].encode(action, answer, answer=True)
    assert value.setpoint == 3.0
