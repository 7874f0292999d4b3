from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from chargeplane.csms.central import Central
from chargeplane.csms.commands import Asked, send
from chargeplane.csms.smart_charging import (
    ClearChargingLimit,
    InstalledProfiles,
    clear_charging_limit,
    clear_charging_profile,
    get_charging_profiles,
    limit,
    set_charging_profile,
    update_dynamic_schedule,
)
from chargeplane.domain.profiles import (
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
    ClearChargingProfile,
    ClearChargingProfileAnswer,
    CompositeSchedule,
    CompositeScheduleAnswer,
    GetCompositeSchedule,
    ProfileCriteria,
    SetChargingProfile,
    SetChargingProfileAnswer,
)
from chargeplane.errors import AnswerTimeout, Untranslatable
from chargeplane.ocpp.errors import OcppError
from chargeplane.ocpp.v2 import wire
from chargeplane.storage.records import ChargingProfileRecord
from chargeplane.storage.repositories import charging_profiles, events, notifications, transactions
from chargeplane.storage.repositories.events import EventFilter
from chargeplane.storage.repositories.notifications import NotificationFilter
from chargeplane.storage.repositories.transactions import TransactionStart
from tests.csms.conftest import ConnectStation, ScriptedStation, everything

ALL = pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
V2 = pytest.mark.parametrize("version", ["2.0.1", "2.1"])

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ACCEPTED = SetChargingProfileAnswer(status="Accepted")


def profile(purpose: Any = "TxDefaultProfile", **changes: Any) -> ChargingProfile:
    schedule = ChargingSchedule(
        charging_rate_unit="A",
        start_schedule=NOW,
        charging_schedule_period=(ChargingSchedulePeriod(start_period=0, limit=16.0),),
    )
    plain = ChargingProfile(
        id=7,
        stack_level=2,
        charging_profile_purpose=purpose,
        charging_profile_kind="Absolute",
        charging_schedule=(schedule,),
    )
    return msgspec.structs.replace(plain, **changes)


async def held(central: Central) -> tuple[ChargingProfileRecord, ...]:
    return await central.database.read(charging_profiles.of_station, "CP1")


async def start_transaction(central: Central, version: str) -> str:
    """Let a transaction run on EVSE 1; what the station calls it."""
    uid, key = (None, "k") if version == "1.6" else ("tx-1", None)
    begun = TransactionStart(station_id="CP1", evse_id=1, started_at=NOW, uid=uid, start_key=key)
    record, _ = await central.commit(
        lambda unit: transactions.start(unit.connection, begun, unit.now)
    )
    return record.name


# Profiles


@ALL
@pytest.mark.parametrize(
    ("evse_id", "purpose"),
    [
        pytest.param(1, "TxDefaultProfile", id="TC_K_01"),
        pytest.param(0, "ChargingStationMaxProfile", id="TC_K_03"),
        pytest.param(0, "TxDefaultProfile", id="TC_K_10"),
    ],
)
async def test_TC_K_01_CSMS_TC_K_03_CSMS_TC_K_10_CSMS_set_a_profile(
    central: Central, connect_station: ConnectStation, version: str, evse_id: int, purpose: Any
) -> None:
    station = await connect_station(version)
    station.on(SetChargingProfile, ACCEPTED)
    request = SetChargingProfile(evse_id=evse_id, charging_profile=profile(purpose))
    assert await set_charging_profile(central, "CP1", request) == ACCEPTED
    assert station.asked == [request]
    (record,) = await held(central)
    assert (record.evse_id, record.profile, record.source) == (
        evse_id,
        request.charging_profile,
        "csms",
    )


@ALL
async def test_TC_K_04_CSMS_replace_a_profile(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(SetChargingProfile, ACCEPTED)
    for level in (1, 2):
        new = SetChargingProfile(evse_id=1, charging_profile=profile(stack_level=level))
        await set_charging_profile(central, "CP1", new)
    assert [asked.charging_profile.id for asked in station.asked] == [7, 7]
    assert [record.stack_level for record in await held(central)] == [2]


@ALL
async def test_TC_K_19_CSMS_a_recurring_profile(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(SetChargingProfile, ACCEPTED)
    daily = profile(charging_profile_kind="Recurring", recurrency_kind="Daily")
    request = SetChargingProfile(evse_id=1, charging_profile=daily)
    await set_charging_profile(central, "CP1", request)
    assert station.asked == [request]


@ALL
async def test_TC_K_60_CSMS_a_profile_for_the_running_transaction(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(SetChargingProfile, ACCEPTED)
    name = await start_transaction(central, version)
    request = SetChargingProfile(evse_id=1, charging_profile=profile("TxProfile"))
    await set_charging_profile(central, "CP1", request)
    assert station.asked[0].charging_profile.transaction_id == name


@ALL
async def test_TC_K_02_CSMS_a_profile_for_a_transaction_that_does_not_run(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(SetChargingProfile, SetChargingProfileAnswer(status="Rejected"))
    request = SetChargingProfile(evse_id=1, charging_profile=profile("TxProfile"))
    assert (await set_charging_profile(central, "CP1", request)).status == "Rejected"
    assert await held(central) == ()


@ALL
async def test_TC_K_15_CSMS_a_station_without_smart_charging(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(SetChargingProfile, OcppError("NotSupported", "no smart charging"))
    request = SetChargingProfile(evse_id=1, charging_profile=profile())
    with pytest.raises(OcppError, match="NotSupported"):
        await set_charging_profile(central, "CP1", request)
    assert await held(central) == ()


@ALL
async def test_TC_K_70_CSMS_profiles_on_two_levels(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(SetChargingProfile, ACCEPTED)
    for number, level in ((1, 1), (2, 5)):
        new = profile(id=number, stack_level=level)
        await set_charging_profile(
            central, "CP1", SetChargingProfile(evse_id=1, charging_profile=new)
        )
    assert [(r.profile_id, r.stack_level) for r in await held(central)] == [(1, 1), (2, 5)]


@V2
async def test_constraints_from_outside_are_neither_set_nor_cleared(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    outside: Any = "ChargingStationExternalConstraints"
    with pytest.raises(Untranslatable):
        await set_charging_profile(
            central, "CP1", SetChargingProfile(evse_id=0, charging_profile=profile(outside))
        )
    criteria = ProfileCriteria(charging_profile_purpose=outside)
    with pytest.raises(Untranslatable):
        await clear_charging_profile(
            central, "CP1", ClearChargingProfile(charging_profile_criteria=criteria)
        )
    assert station.asked == []


CRITERIA = ProfileCriteria(evse_id=1, charging_profile_purpose="TxDefaultProfile", stack_level=2)


@ALL
@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        pytest.param(ClearChargingProfile(charging_profile_id=7), "Accepted", id="TC_K_05"),
        pytest.param(
            ClearChargingProfile(charging_profile_criteria=CRITERIA), "Accepted", id="TC_K_06"
        ),
        pytest.param(ClearChargingProfile(charging_profile_id=7), "Unknown", id="TC_K_08"),
    ],
)
async def test_TC_K_05_CSMS_TC_K_06_CSMS_TC_K_08_CSMS_clear(
    central: Central, connect_station: ConnectStation, version: str, request_: Any, answer: Any
) -> None:
    station = await connect_station(version)
    station.on(SetChargingProfile, ACCEPTED)
    station.on(ClearChargingProfile, ClearChargingProfileAnswer(status=answer))
    for number, level in ((7, 2), (8, 3)):
        new = profile(id=number, stack_level=level)
        await set_charging_profile(
            central, "CP1", SetChargingProfile(evse_id=1, charging_profile=new)
        )
    assert (await clear_charging_profile(central, "CP1", request_)).status == answer
    assert station.asked[-1] == request_
    assert [record.profile_id for record in await held(central)] == [8]


# Reports of profiles


def reporting(station: ScriptedStation, *parts: tuple[int, str, bool]) -> None:
    """Let a station send these profiles, by EVSE and source, one in a part."""

    def answer(asked: wire.GetChargingProfiles) -> wire.GetChargingProfilesResponse:
        station.later(send_all, asked.request_id)
        return wire.GetChargingProfilesResponse(status="Accepted")

    async def send_all(request_id: int) -> None:
        for number, (evse_id, source, more) in enumerate(parts):
            await station.say(report(request_id, number, evse_id, source, more=more))

    station.on(wire.GetChargingProfiles, answer)


def report(
    request_id: int, number: int, evse_id: int, source: str, *, more: bool
) -> wire.ReportChargingProfiles:
    purpose: Any = "TxDefaultProfile" if source == "CSO" else "ChargingStationExternalConstraints"
    schedule = wire.ChargingSchedule(
        id=1,
        charging_rate_unit="W",
        charging_schedule_period=[wire.ChargingSchedulePeriod(start_period=0, limit=11000.0)],
    )
    installed = wire.ChargingProfile(
        id=number,
        stack_level=0,
        charging_profile_purpose=purpose,
        charging_profile_kind="Relative",
        charging_schedule=[schedule],
    )
    return wire.ReportChargingProfiles(
        request_id=request_id,
        charging_limit_source=source,
        charging_profile=[installed],
        evse_id=evse_id,
        tbc=more,
    )


@V2
@pytest.mark.parametrize(
    ("evse_id", "criterion"),
    [
        pytest.param(0, {}, id="TC_K_29"),
        pytest.param(1, {}, id="TC_K_30"),
        pytest.param(None, {}, id="TC_K_31"),
        pytest.param(None, {"charging_profile_id": [7]}, id="TC_K_32"),
        pytest.param(1, {"stack_level": 2}, id="TC_K_33"),
        pytest.param(1, {"charging_limit_source": ["EMS"]}, id="TC_K_34"),
        pytest.param(1, {"charging_profile_purpose": "TxProfile"}, id="TC_K_35"),
        pytest.param(1, {"charging_profile_purpose": "TxProfile", "stack_level": 2}, id="TC_K_36"),
    ],
)
async def test_TC_K_29_CSMS_TC_K_30_CSMS_TC_K_31_CSMS_TC_K_32_CSMS_get_profiles(
    central: Central,
    connect_station: ConnectStation,
    version: str,
    evse_id: int | None,
    criterion: Any,
) -> None:
    station = await connect_station(version)
    reporting(station, (1, "CSO", True), (0, "EMS", False))
    wanted = wire.ChargingProfileCriterion(**criterion)
    request = wire.GetChargingProfiles(request_id=0, evse_id=evse_id, charging_profile=wanted)
    answer = await get_charging_profiles(central, "CP1", request)
    assert answer.status == "Accepted"
    assert [
        (p.evse_id, p.charging_limit_source, p.charging_profile.id) for p in answer.profiles
    ] == [
        (1, "CSO", 0),
        (0, "EMS", 1),
    ]
    (asked,) = station.asked
    assert (asked.evse_id, asked.charging_profile) == (evse_id, wanted)
    sources = {record.profile_id: record.source for record in await held(central)}
    assert sources == {0: "csms", 1: "station"}


async def test_TC_K_33_CSMS_TC_K_34_CSMS_TC_K_35_CSMS_TC_K_36_CSMS_no_profiles(
    central: Central, connect_station: ConnectStation
) -> None:
    station = await connect_station("2.0.1")
    station.on(wire.GetChargingProfiles, wire.GetChargingProfilesResponse(status="NoProfiles"))
    wanted = wire.ChargingProfileCriterion(
        charging_profile_purpose="TxProfile", stack_level=2, charging_limit_source=["CSO"]
    )
    request = wire.GetChargingProfiles(request_id=0, evse_id=1, charging_profile=wanted)
    answer = await get_charging_profiles(central, "CP1", request)
    assert answer == InstalledProfiles(status="NoProfiles")
    assert station.asked[0].charging_profile == wanted


@V2
async def test_profiles_that_do_not_all_come(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    reporting(station, (1, "CSO", True))
    request = wire.GetChargingProfiles(
        request_id=0, charging_profile=wire.ChargingProfileCriterion(stack_level=1)
    )
    with pytest.raises(AnswerTimeout, match="after 1 of them"):
        await get_charging_profiles(central, "CP1", request, Asked(timeout=0.2))
    assert len(await held(central)) == 1


@V2
async def test_TC_K_52_CSMS_profiles_that_nobody_asked_for_are_stored(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    await station.say(report(99, 3, 0, "SO", more=False))
    (record,) = await held(central)
    assert (record.profile_id, record.purpose) == (3, "ChargingStationExternalConstraints")
    kinds = EventFilter(kinds=("charging_profiles.reported",))
    assert len(await everything(central, events.page, kinds)) == 1


# Composite schedules


@ALL
@pytest.mark.parametrize("evse_id", [pytest.param(1, id="TC_K_43"), pytest.param(0, id="TC_K_44")])
async def test_TC_K_43_CSMS_TC_K_44_CSMS_composite_schedule(
    central: Central, connect_station: ConnectStation, version: str, evse_id: int
) -> None:
    station = await connect_station(version)
    schedule = CompositeSchedule(
        evse_id=evse_id,
        duration=300,
        schedule_start=NOW,
        charging_rate_unit="A",
        charging_schedule_period=(ChargingSchedulePeriod(start_period=0, limit=10.0),),
    )
    answer = CompositeScheduleAnswer(status="Accepted", schedule=schedule)
    station.on(GetCompositeSchedule, answer)
    request = GetCompositeSchedule(duration=300, evse_id=evse_id, charging_rate_unit="A")
    assert await send(central, "CP1", request) == answer
    assert station.asked == [request]


# Constant limits


@ALL
@pytest.mark.parametrize(("value", "unit"), [(16.0, "A"), (2000.0, "W"), (0.0, "W")])
async def test_a_constant_limit(
    central: Central, connect_station: ConnectStation, version: str, value: float, unit: Any
) -> None:
    station = await connect_station(version)
    station.on(SetChargingProfile, ACCEPTED)
    assert await limit(central, "CP1", 1, value, unit) == ACCEPTED
    sent = station.asked[0].charging_profile
    assert station.asked[0].evse_id == 1
    assert (sent.id, sent.stack_level) == (100, 1)
    assert (sent.charging_profile_purpose, sent.charging_profile_kind) == (
        "TxDefaultProfile",
        "Absolute",
    )
    assert sent.valid_to - sent.valid_from == timedelta(days=365)
    (schedule,) = sent.charging_schedule
    assert schedule.id == (0 if version == "1.6" else 101)
    assert (schedule.charging_rate_unit, schedule.start_schedule) == (unit, sent.valid_from)
    assert schedule.charging_schedule_period == (
        ChargingSchedulePeriod(start_period=0, limit=value),
    )


@ALL
async def test_each_connector_has_a_limit_of_its_own(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(SetChargingProfile, ACCEPTED)
    station.on(ClearChargingProfile, ClearChargingProfileAnswer(status="Accepted"))
    for connector, value in ((1, 16.0), (2, 10.0), (1, 8.0)):
        await limit(central, "CP1", connector, value, "A")
    ids = [(asked.evse_id, asked.charging_profile.id) for asked in station.asked]
    assert ids == [(1, 100), (2, 101), (1, 100)]
    await clear_charging_limit(central, "CP1", ClearChargingLimit(evse_id=2))
    criteria = ProfileCriteria(
        evse_id=2, charging_profile_purpose="TxDefaultProfile", stack_level=1
    )
    assert station.asked[-1] == ClearChargingProfile(
        charging_profile_id=101, charging_profile_criteria=criteria
    )
    assert [record.evse_id for record in await held(central)] == [1]


# From the station


@V2
@pytest.mark.parametrize(
    ("request_", "kind"),
    [
        pytest.param(
            wire.NotifyChargingLimit(
                charging_limit=wire.ChargingLimit(charging_limit_source="EMS"), evse_id=1
            ),
            "charging_limit.set",
            id="TC_K_48",
        ),
        pytest.param(
            wire.ClearedChargingLimit(charging_limit_source="EMS", evse_id=1),
            "charging_limit.cleared",
            id="TC_K_50",
        ),
    ],
)
async def test_TC_K_48_CSMS_TC_K_50_CSMS_TC_K_51_CSMS_limits_from_outside(
    central: Central, connect_station: ConnectStation, version: str, request_: Any, kind: str
) -> None:
    station = await connect_station(version)
    answer = await station.say(request_)
    assert type(answer).__name__ == f"{type(request_).__name__}Response"
    what = NotificationFilter(station_id="CP1", action=type(request_).__name__)
    assert len(await everything(central, notifications.page, what)) == 1
    (told,) = await everything(central, events.page, EventFilter(kinds=(kind,)))
    assert (told.station_id, told.evse_id) == ("CP1", 1)


# 2.1


def dynamic() -> ChargingProfile:
    schedule = ChargingSchedule(
        charging_rate_unit="W",
        charging_schedule_period=(
            ChargingSchedulePeriod(start_period=0, limit=5000.0, operation_mode="ChargingOnly"),
        ),
    )
    return profile(charging_profile_kind="Dynamic", charging_schedule=(schedule,))


async def test_a_dynamic_schedule_is_updated_and_pulled(
    central: Central, connect_station: ConnectStation
) -> None:
    station = await connect_station("2.1")
    station.on(SetChargingProfile, ACCEPTED)
    for status in ("Rejected", "Accepted"):
        station.on(wire.UpdateDynamicSchedule, wire.UpdateDynamicScheduleResponse(status=status))
        installed = SetChargingProfile(evse_id=1, charging_profile=dynamic())
        await set_charging_profile(central, "CP1", installed)
        update = wire.UpdateDynamicSchedule(
            charging_profile_id=7, schedule_update=wire.ChargingScheduleUpdate(limit=3000.0)
        )
        assert (await update_dynamic_schedule(central, "CP1", update)).status == status
        pulled = await station.say(wire.PullDynamicScheduleUpdate(charging_profile_id=7))
        assert pulled.status == "Accepted"
        assert pulled.schedule_update.limit == (3000.0 if status == "Accepted" else 5000.0)


async def test_what_is_not_dynamic_cannot_be_pulled(
    central: Central, connect_station: ConnectStation
) -> None:
    station = await connect_station("2.1")
    station.on(SetChargingProfile, ACCEPTED)
    installed = SetChargingProfile(evse_id=1, charging_profile=profile())
    await set_charging_profile(central, "CP1", installed)
    pulled = await station.say(wire.PullDynamicScheduleUpdate(charging_profile_id=7))
    assert pulled.status == "Rejected"  # 2.1 K28.FR.12


async def test_priority_charging(central: Central, connect_station: ConnectStation) -> None:
    station = await connect_station("2.1")
    name = await start_transaction(central, "2.1")
    station.on(wire.UsePriorityCharging, wire.UsePriorityChargingResponse(status="Accepted"))
    request = wire.UsePriorityCharging(transaction_id=name, activate=True)
    assert (await send(central, "CP1", request)).status == "Accepted"
    await station.say(wire.NotifyPriorityCharging(transaction_id=name, activated=True))
    kinds = EventFilter(kinds=("priority_charging.changed",))
    (told,) = await everything(central, events.page, kinds)
    assert told.transaction_id is not None


# Schedules that a car agrees on


def needs(**changes: Any) -> wire.NotifyEVChargingNeeds:
    ac = wire.ACChargingParameters(
        energy_amount=20000.0, ev_min_current=6.0, ev_max_current=32.0, ev_max_voltage=230.0
    )
    said = {"requested_energy_transfer": "AC_three_phase", "ac_charging_parameters": ac, **changes}
    return wire.NotifyEVChargingNeeds(
        evse_id=1, max_schedule_tuples=3, charging_needs=wire.ChargingNeeds(**said)
    )


async def asked_for(station: ScriptedStation, number: int) -> Any:
    """The request of that number, once it has come."""
    while len(station.asked) < number:
        await station.was_asked()
    return station.asked[number - 1]


def schedule_of(sent: ChargingProfile, limit_a: float) -> wire.NotifyEVChargingSchedule:
    start = sent.charging_schedule[0].start_schedule
    assert start is not None
    return wire.NotifyEVChargingSchedule(
        time_base=start,
        evse_id=1,
        charging_schedule=wire.ChargingSchedule(
            id=1,
            charging_rate_unit=sent.charging_schedule[0].charging_rate_unit,
            charging_schedule_period=[wire.ChargingSchedulePeriod(start_period=0, limit=limit_a)],
        ),
    )


@V2
async def test_TC_K_53_CSMS_TC_K_57_CSMS_a_car_says_what_it_needs(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(SetChargingProfile, ACCEPTED)
    name = await start_transaction(central, version)
    departure = datetime.now(UTC) + timedelta(hours=2)
    assert (await station.say(needs(departure_time=departure))).status == "Accepted"
    sent = await asked_for(station, 1)
    assert (sent.evse_id, sent.charging_profile.transaction_id) == (1, name)
    assert sent.charging_profile.charging_profile_purpose == "TxProfile"
    (schedule,) = sent.charging_profile.charging_schedule
    assert schedule.charging_schedule_period[0].limit == 32.0
    assert 7100 < schedule.duration <= 7200
    await asyncio.sleep(0.1)
    answer = await station.say(schedule_of(sent.charging_profile, 32.0))
    assert answer.status == "Accepted"


@V2
async def test_TC_K_55_CSMS_a_car_that_wants_too_much_is_asked_again(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(SetChargingProfile, ACCEPTED)
    await start_transaction(central, version)
    await station.say(needs())
    for number in (1, 2, 3):
        sent = await asked_for(station, number)
        assert sent.charging_profile.charging_schedule[0].id == number
        await asyncio.sleep(0.1)
        answer = await station.say(schedule_of(sent.charging_profile, 40.0))
        assert answer.status == "Rejected"
    await asyncio.sleep(0.1)
    assert len(station.asked) == 3  # not for ever


@V2
@pytest.mark.parametrize(
    ("said", "unit", "maximum"),
    [
        ({"ev_max_current": 200.0, "ev_max_voltage": 400.0, "ev_max_power": 50000.0}, "W", 50000.0),
        ({"ev_max_current": 100.0, "ev_max_voltage": 400.0}, "W", 40000.0),
    ],
)
async def test_direct_current_is_limited_by_power(
    central: Central,
    connect_station: ConnectStation,
    version: str,
    said: Any,
    unit: str,
    maximum: float,
) -> None:
    station = await connect_station(version)
    station.on(SetChargingProfile, ACCEPTED)
    await start_transaction(central, version)
    dc = wire.DCChargingParameters(**said)
    request = needs(
        requested_energy_transfer="DC", ac_charging_parameters=None, dc_charging_parameters=dc
    )
    await station.say(request)
    (schedule,) = (await asked_for(station, 1)).charging_profile.charging_schedule
    assert schedule.charging_rate_unit == unit
    assert schedule.charging_schedule_period[0].limit == maximum


@V2
async def test_TC_K_58_CSMS_TC_K_59_CSMS_the_operators_profile_is_offered_first(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(SetChargingProfile, ACCEPTED)
    await start_transaction(central, version)
    wanted = SetChargingProfile(evse_id=1, charging_profile=profile("TxProfile"))
    await set_charging_profile(central, "CP1", wanted)
    assert (await station.say(needs())).status == "Accepted"
    sent = await asked_for(station, 2)
    assert sent.charging_profile == station.asked[0].charging_profile
    await asyncio.sleep(0.1)
    assert (await station.say(schedule_of(sent.charging_profile, 16.0))).status == "Accepted"


@V2
async def test_needs_without_a_transaction_are_kept_and_rejected(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    assert (await station.say(needs())).status == "Rejected"
    what = NotificationFilter(action="NotifyEVChargingNeeds")
    assert len(await everything(central, notifications.page, what)) == 1
