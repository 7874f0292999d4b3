"""Dynamic charging profiles: values that change (2.1 K28)."""

from __future__ import annotations

from typing import Any

import pytest

from chargeplane.domain.profiles import ChargingProfile
from chargeplane.ocpp.v2 import wire
from chargeplane.station import profile_store
from tests.station.charging import (
    charge,
    composite,
    limits,
    pass_time,
    profile,
    read,
    refused,
    reported,
    set_,
)
from tests.station.desk import Desk, Place, place


def dynamic(limit: float, **changes: Any) -> ChargingProfile:
    return profile(limit, charging_profile_kind="Dynamic", **changes)


async def update(there: Place, profile_id: int = 1, **values: Any) -> tuple[str, str]:
    answer = await there.desk.ask(
        wire.UpdateDynamicSchedule(
            charging_profile_id=profile_id, schedule_update=wire.ChargingScheduleUpdate(**values)
        )
    )
    return answer.status, answer.status_info.reason_code if answer.status_info else ""


async def test_values_that_are_sent_count_at_once() -> None:
    async with place("2.1") as there:
        await charge(there)
        assert await set_(there, 1, dynamic(10)) == ["Accepted"]
        await there.until(lambda: there.evse().limit_a == 10)
        (report,) = read(await reported(there))
        installed = report.profiles[0].dyn_update_time
        assert installed is not None  # K28.FR.05
        pass_time(there, 60)
        assert await update(there, limit=8) == ("Accepted", "")
        await there.until(lambda: there.evse().limit_a == 8)
        (report,) = read(await reported(there))
        changed = report.profiles[0].dyn_update_time
        assert changed is not None
        assert (changed - installed).total_seconds() >= 60  # K28.FR.09
        assert limits(await composite(there)) == [(0, 8)]


@pytest.mark.parametrize(
    ("sent", "values", "reason"),
    [
        (profile(10), {"limit": 8.0}, "InvalidProfile"),  # K28.FR.11
        (dynamic(10, id=2), {"limit": 8.0}, "InvalidProfile"),
        (dynamic(10), {"setpoint": 8.0}, "InvalidSchedule"),
        (dynamic(10), {"limit_l2": 8.0}, "PhaseConflict"),
    ],
)
async def test_values_that_cannot_be(
    sent: ChargingProfile, values: dict[str, Any], reason: str
) -> None:
    async with place("2.1") as there:
        await charge(there)
        assert await set_(there, 1, sent) == ["Accepted"]
        assert await update(there, **values) == ("Rejected", reason)
        await there.until(lambda: there.evse().limit_a == 10)


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (profile(10, dyn_update_interval=60), "InvalidProfile"),  # K28.FR.04
        (profile(10, 8, charging_profile_kind="Dynamic"), "InvalidSchedule"),  # K28.FR.03
    ],
)
async def test_profiles_that_are_wrong(sent: ChargingProfile, reason: str) -> None:
    async with place("2.1") as there:
        assert await refused(there, 1, sent) == reason


async def test_without_values_in_time_the_next_profile_counts() -> None:
    async with place("2.1") as there:
        await charge(there)
        sent = dynamic(10, id=2, stack_level=1, duration=60)
        assert await set_(there, 1, profile(8), sent) == ["Accepted"] * 2
        await there.until(lambda: there.evse().limit_a == 10)
        pass_time(there, 61)
        await there.until(lambda: there.evse().limit_a == 8)  # K28.FR.13
        assert await update(there, 2, limit=12) == ("Accepted", "")
        await there.until(lambda: there.evse().limit_a == 12)  # K28.FR.14


class Values:
    """A central system that is asked for values, and what it answers."""

    def __init__(self, *limits_a: float) -> None:
        self._left = list(limits_a)

    def __call__(self, request: wire.PullDynamicScheduleUpdate) -> Any:
        assert request.charging_profile_id == 1
        if not self._left:
            return wire.PullDynamicScheduleUpdateResponse(status="Rejected")
        update = wire.ChargingScheduleUpdate(limit=self._left.pop(0))
        return wire.PullDynamicScheduleUpdateResponse(status="Accepted", schedule_update=update)


async def test_values_are_asked_for() -> None:
    desk = Desk("2.1")
    desk.answers[wire.PullDynamicScheduleUpdate] = Values(9, 8)
    async with place("2.1", desk=desk, hurry=20) as there:
        await charge(there)
        assert await set_(there, 1, dynamic(10, dyn_update_interval=1)) == ["Accepted"]
        await there.until(lambda: there.evse().limit_a == 9)
        await there.until(lambda: there.evse().limit_a == 8)
        await desk.hears(wire.PullDynamicScheduleUpdate, count=3)
        assert there.evse().limit_a == 8


async def test_values_are_asked_for_when_the_connection_is_back() -> None:
    desk = Desk("2.1")
    desk.answers[wire.PullDynamicScheduleUpdate] = Values(9)
    async with place("2.1", desk=desk) as there:
        await charge(there)
        assert await set_(there, 1, dynamic(10, dyn_update_interval=3600)) == ["Accepted"]
        await desk.hang_up(reachable=False)
        await there.until(lambda: there.station.peer is None)
        pass_time(there, 3601)
        assert profile_store.find(there.station, 1) is not None
        desk.is_reachable = True
        await there.until(lambda: there.evse().limit_a == 9)
