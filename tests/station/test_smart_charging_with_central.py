"""Limits between our station and our central system, from either side."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from chargeplane.csms import smart_charging
from chargeplane.csms.commands import send
from chargeplane.domain.profiles import (
    ChargingProfile,
    ClearChargingProfile,
    GetCompositeSchedule,
    SetChargingProfile,
)
from chargeplane.domain.transactions import RequestStartTransaction
from chargeplane.ocpp.v2 import wire
from chargeplane.station import ev_schedules, priority_charging
from chargeplane.station.charging_limits import clear_limit, constant, set_limit
from chargeplane.storage.repositories import charging_profiles
from tests.e2e.harness import VERSIONS, World, listening, token, until
from tests.station.charging import profile
from tests.station.fleet import TAG, Site, site

MODERN = ("2.0.1", "2.1")


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with listening(tmp_path) as here:
        await here.add_tokens(token("TAG"))
        yield here


async def set_(here: World, evse_id: int, sent: ChargingProfile) -> str:
    request = SetChargingProfile(evse_id=evse_id, charging_profile=sent)
    answer = await smart_charging.set_charging_profile(here.central, "CS-1", request)
    return answer.status


async def offers(there: Site, limit_a: float, number: int = 1) -> None:
    evse = there.station.evses[number - 1]
    await until(lambda: evse.limit_a == pytest.approx(limit_a, abs=0.01))


async def happened(here: World, kind: str, count: int = 1) -> None:
    async def is_so() -> bool:
        return len(await here.events(kind)) >= count

    await until(is_so)


async def stored(here: World) -> list[int]:
    found = await here.read(lambda sql: charging_profiles.of_station(sql, "CS-1"))
    return sorted(each.profile_id for each in found)


@pytest.mark.parametrize("version", VERSIONS)
async def test_profiles_come_and_go(here: World, version: str) -> None:
    async with site(here, (version,)) as there:
        await there.charge()
        assert await set_(here, 1, profile(10)) == "Accepted"
        await offers(there, 10)
        own = profile(
            8, id=2, charging_profile_purpose="TxProfile", charging_profile_kind="Relative"
        )
        assert await set_(here, 1, own) == "Accepted"
        await offers(there, 8)
        answer = await send(
            here.central,
            "CS-1",
            GetCompositeSchedule(evse_id=1, duration=300, charging_rate_unit="A"),
        )
        assert answer.schedule is not None
        assert [each.limit for each in answer.schedule.charging_schedule_period] == [8]
        request = ClearChargingProfile(charging_profile_id=2)
        cleared = await smart_charging.clear_charging_profile(here.central, "CS-1", request)
        assert cleared.status == "Accepted"
        await offers(there, 10)
        assert await stored(here) == [1]


@pytest.mark.parametrize("version", VERSIONS)
async def test_constant_limits(here: World, version: str) -> None:
    async with site(here, (version,)) as there:
        await there.charge()
        answer = await smart_charging.limit(here.central, "CS-1", 1, 10, "A")
        assert answer.status == "Accepted"
        await offers(there, 10)
        answer = await smart_charging.limit(here.central, "CS-1", 1, 5520, "W")
        assert answer.status == "Accepted"
        await offers(there, 8)
        answer = await smart_charging.limit(here.central, "CS-1", 0, 7, "A")
        assert answer.status == ("Accepted" if version == "1.6" else "Rejected")
        request = smart_charging.ClearChargingLimit(evse_id=1)
        cleared = await smart_charging.clear_charging_limit(here.central, "CS-1", request)
        assert cleared.status == "Accepted"


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_K_37_CSMS_a_remote_start_with_a_profile(here: World, version: str) -> None:
    own = profile(8, charging_profile_purpose="TxProfile", charging_profile_kind="Relative")
    async with site(here, (version,)) as there:
        there.hardware().plug_in()
        request = RequestStartTransaction(
            id_token=TAG, evse_id=1, remote_start_id=1, charging_profile=own
        )
        answer = await send(here.central, "CS-1", request)
        assert answer.status == "Accepted"
        await there.running()
        await offers(there, 8)


@pytest.mark.parametrize("version", MODERN)
async def test_profiles_are_reported(here: World, version: str) -> None:
    async with site(here, (version,)) as there:
        assert await set_(here, 1, profile(10)) == "Accepted"
        assert set_limit(there.station, constant(limit=20), source="SO") is None
        request = wire.GetChargingProfiles(
            request_id=0, charging_profile=wire.ChargingProfileCriterion()
        )
        found = await smart_charging.get_charging_profiles(here.central, "CS-1", request)
        places = {(each.evse_id, each.charging_limit_source) for each in found.profiles}
        assert places == {(1, "CSO"), (0, "SO")}
        assert found.profiles[0].charging_profile.id in (1, -1)


@pytest.mark.parametrize("version", MODERN)
async def test_limits_of_others_are_told(here: World, version: str) -> None:
    async with site(here, (version,)) as there:
        await there.charge()
        assert set_limit(there.station, constant(limit=10)) is None
        await happened(here, "charging_limit.set")
        await offers(there, 10)
        assert clear_limit(there.station)
        await happened(here, "charging_limit.cleared")


@pytest.mark.parametrize("version", MODERN)
async def test_a_car_that_negotiates(here: World, version: str) -> None:
    needs = wire.ChargingNeeds(
        requested_energy_transfer="AC_three_phase",
        ac_charging_parameters=wire.ACChargingParameters(
            energy_amount=20_000, ev_min_current=6, ev_max_current=10, ev_max_voltage=400
        ),
    )
    async with site(here, (version,)) as there:
        await there.charge()
        (offer,) = await ev_schedules.offer(there.station, there.evse, needs)
        assert offer.schedule.charging_schedule_period[0].limit == 6900
        await offers(there, 10)
        assert await ev_schedules.choose(there.station, there.evse, schedule_id=offer.id)
        await happened(here, "ev.schedule")
        heard: list[Any] = []
        there.station.signals.renegotiation.listen(heard.append)
        assert await set_(here, 0, profile(8)) == "Accepted"
        assert heard == []  # the profile of the transaction goes before it
        most = profile(8, id=3, charging_profile_purpose="ChargingStationMaxProfile")
        assert await set_(here, 0, most) == "Accepted"
        await until(lambda: heard == [1])


async def test_values_that_change(here: World) -> None:
    async with site(here, ("2.1",)) as there:
        await there.charge()
        sent = profile(10, charging_profile_kind="Dynamic", dyn_update_interval=1)
        assert await set_(here, 1, sent) == "Accepted"
        await offers(there, 10)
        update = wire.UpdateDynamicSchedule(
            charging_profile_id=1, schedule_update=wire.ChargingScheduleUpdate(limit=8)
        )
        answer = await smart_charging.update_dynamic_schedule(here.central, "CS-1", update)
        assert answer.status == "Accepted"
        await offers(there, 8)
        pulled: list[str] = []
        there.station.signals.asked.listen(lambda asked: pulled.append(asked.name))
        await until(lambda: "PullDynamicScheduleUpdate" in pulled)
        await offers(there, 8)


async def test_priority_charging(here: World) -> None:
    async with site(here, ("2.1",)) as there:
        running = await there.charge()
        assert await set_(here, 1, profile(8)) == "Accepted"
        fast = profile(20, id=2, charging_profile_purpose="PriorityCharging")
        assert await set_(here, 1, fast) == "Accepted"
        assert running.name is not None
        request = wire.UsePriorityCharging(transaction_id=running.name, activate=True)
        answer = await send(here.central, "CS-1", request)
        assert answer.status == "Accepted"
        await offers(there, 20)
        assert priority_charging.use(there.station, there.evse, activate=False)
        await offers(there, 8)
        await happened(here, "priority_charging.changed", 2)
