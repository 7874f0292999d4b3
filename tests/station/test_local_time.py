"""What the clocks on the wall show (2.1 part 2 §3.1.1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chargeplane.domain.variables import Component, SetVariables, Variable, VariableSetting
from chargeplane.station import local_time
from tests.station.desk import place

WINTER = datetime(2026, 1, 15, 12, tzinfo=UTC)
SUMMER = datetime(2026, 7, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("values", "winter_h", "summer_h"),
    [
        ({}, 0, 0),
        ({"TimeZone": "Europe/Berlin"}, 1, 2),
        ({"TimeOffset": "+01:00"}, 1, 1),
        ({"TimeOffset": "-05:30"}, -5.5, -5.5),
        ({"TimeOffset": "Z"}, 0, 0),
        (
            {
                "TimeOffset": "+01:00",
                "TimeOffset[NextTransition]": "+02:00",
                "NextTimeOffsetTransitionDateTime": "2026-03-29T01:00:00Z",
            },
            1,
            2,
        ),
        ({"TimeZone": "Europe/Berlin", "TimeOffset": "+09:00"}, 1, 2),
    ],
)
async def test_offsets(values: dict[str, str], winter_h: float, summer_h: float) -> None:
    named = {f"ClockCtrlr/{name}": value for name, value in values.items()}
    async with place("2.1", values=named, run=False) as there:
        for at, hours in ((WINTER, winter_h), (SUMMER, summer_h)):
            assert local_time.offset(there.station, at) == timedelta(hours=hours)
            local = at.astimezone(local_time.LocalTime(there.station))
            assert (local - at, local.utcoffset()) == (timedelta(), timedelta(hours=hours))
            assert local.replace(tzinfo=UTC) - at == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("TimeOffset", "+02:00", "Accepted"),
        ("TimeOffset", "2", "Rejected"),
        ("TimeZone", "Europe/Amsterdam", "Accepted"),
        ("TimeZone", "Europe/Nowhere", "Rejected"),
    ],
)
async def test_what_may_be_set(name: str, value: str, status: str) -> None:
    async with place("2.1") as there:
        setting = VariableSetting(
            attribute_value=value, component=Component("ClockCtrlr"), variable=Variable(name)
        )
        (result,) = (await there.desk.ask(SetVariables(settings=(setting,)))).results
        assert result.attribute_status == status


async def test_1_6_has_keys_for_it() -> None:
    async with place("1.6", TimeOffset="+01:00") as there:
        for key, value in (
            ("NextTimeOffsetTransitionDateTime", "2026-03-29T01:00:00Z"),
            ("TimeOffsetNextTransition", "+02:00"),
        ):
            answer = await there.desk.call("ChangeConfiguration", {"key": key, "value": value})
            assert answer == {"status": "Accepted"}
        assert local_time.offset(there.station, SUMMER) == timedelta(hours=2)
