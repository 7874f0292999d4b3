"""What cars and the central system agree upon by way of ISO 15118."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from chargeplane.domain.profiles import (
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
    SetChargingProfile,
)
from chargeplane.domain.transactions import (
    TransactionEnded,
    TransactionStarted,
    TransactionUpdated,
)
from chargeplane.domain.variables import GetVariables, VariableQuery
from chargeplane.ocpp.v2 import wire
from chargeplane.station import authorization, ev_schedules
from chargeplane.station.definition import address
from chargeplane.station.ev_schedules import Offer
from chargeplane.station.unit import Vehicle
from tests.station.charging import (
    TAG,
    charge,
    composite,
    limits,
    now,
    pass_time,
    profile,
    refused,
    set_,
    steps,
)
from tests.station.desk import Desk, Place, place

BOTH = ["2.0.1", "2.1"]
NEEDS = wire.ChargingNeeds(
    requested_energy_transfer="AC_three_phase",
    ac_charging_parameters=wire.ACChargingParameters(
        energy_amount=20_000, ev_min_current=6, ev_max_current=16, ev_max_voltage=400
    ),
)


def needs_20(mode: Any = "ScheduledControl", **changes: Any) -> wire.ChargingNeeds:
    """Those of ISO 15118-20."""
    said: dict[str, Any] = {
        "requested_energy_transfer": "AC_BPT",
        "v2x_charging_parameters": wire.V2XChargingParameters(max_charge_power=11_000),
        "control_mode": mode,
    }
    return wire.ChargingNeeds(**(said | changes))


def desk(version: str, status: str) -> Desk:
    """A central system that answers needs so."""
    made = Desk(version)
    made.answers[wire.NotifyEVChargingNeeds] = wire.NotifyEVChargingNeedsResponse(
        status=status  # type: ignore[arg-type]
    )
    made.answers[wire.NotifyEVChargingSchedule] = wire.NotifyEVChargingScheduleResponse(
        status="Accepted"
    )
    return made


def own(name: str, *schedules: list[dict[str, Any]], **changes: Any) -> ChargingProfile:
    """A TxProfile in W, with a schedule from each list of periods."""
    said: dict[str, Any] = {
        "charging_profile_purpose": "TxProfile",
        "charging_profile_kind": "Relative",
        "transaction_id": name,
        "charging_schedule": tuple(
            ChargingSchedule(
                id=number,
                charging_rate_unit="W",
                charging_schedule_period=tuple(ChargingSchedulePeriod(**each) for each in periods),
            )
            for number, periods in enumerate(schedules, start=1)
        ),
    }
    return profile(6, **(said | changes))


def drawn(limits_w: dict[int, float]) -> ChargingSchedule:
    """What a car says that it will draw."""
    periods = [ChargingSchedulePeriod(**each) for each in steps(limits_w)]
    return ChargingSchedule(id=1, charging_rate_unit="W", charging_schedule_period=tuple(periods))


def said(offers: tuple[Offer, ...]) -> list[list[tuple[int, Any]]]:
    return [limits(each.schedule) for each in offers]


async def with_profile(there: Place, *schedules: list[dict[str, Any]], **how: Any) -> Any:
    """Let the car tell its needs, and the central system set a profile then."""
    name = await charge(there)
    asked = asyncio.create_task(
        ev_schedules.offer(there.station, there.evse(), how.pop("needs", NEEDS), **how)
    )
    await there.desk.hears(wire.NotifyEVChargingNeeds)
    sent = own(name, *schedules)
    answer = await there.desk.ask(SetChargingProfile(evse_id=1, charging_profile=sent))
    assert answer.status == "Accepted"
    return await asked


@pytest.mark.parametrize("version", BOTH)
async def test_TC_K_53_CS_a_schedule_for_the_needs_of_a_car(version: str) -> None:
    async with place(version, desk=desk(version, "Accepted")) as there:
        offers = await with_profile(there, steps({0: 8000, 600: 6000}))
        told = there.desk.all(wire.NotifyEVChargingNeeds)
        assert [(each.evse_id, each.timestamp) for each in told] == [(1, None)]
        assert told[0].charging_needs.ac_charging_parameters is not None  # K15.FR.06
        assert said(offers)[0][0] == (0, 8000)
        assert offers[0].id == 1
        wanted = drawn({0: 7000, 500: 5000})
        assert await ev_schedules.choose(
            there.station, there.evse(), schedule_id=1, schedule=wanted
        )
        chosen = await there.desk.hears(wire.NotifyEVChargingSchedule)
        assert chosen.evse_id == 1
        periods = chosen.charging_schedule.charging_schedule_period
        assert [each.limit for each in periods] == [7000, 5000]
        if version == "2.1":
            assert chosen.selected_charging_schedule_id == 1  # K15.FR.21
        assert limits(await composite(there, unit="W"))[0] == (0, 7000)  # K15.FR.14, SC.04
        assert there.evse().limit_a == pytest.approx(8000 / 690, abs=0.01)


@pytest.mark.parametrize("version", BOTH)
async def test_a_car_that_wants_more_than_it_was_offered(version: str) -> None:
    async with place(version, desk=desk(version, "Accepted")) as there:
        await with_profile(there, steps({0: 8000, 600: 6000}))
        wanted = drawn({0: 7000})
        assert not await ev_schedules.choose(there.station, there.evse(), schedule=wanted)
        await there.desk.hears(wire.NotifyEVChargingSchedule)  # K15.FR.10
        assert limits(await composite(there, unit="W"))[0] == (0, 8000)


async def test_a_car_that_wants_more_later_on() -> None:
    async with place("2.1", desk=desk("2.1", "Accepted")) as there:
        await with_profile(there, steps({0: 8000, 600: 6000}))
        pass_time(there, 300)
        for until_s, is_within in ((290, True), (310, False)):
            wanted = drawn({0: 8000, until_s: 6000})
            found = await ev_schedules.choose(there.station, there.evse(), schedule=wanted)
            assert found is is_within


async def test_a_choice_that_the_central_system_rejects() -> None:
    there_desk = desk("2.1", "Accepted")
    there_desk.answers[wire.NotifyEVChargingSchedule] = wire.NotifyEVChargingScheduleResponse(
        status="Rejected"
    )
    async with place("2.1", desk=there_desk) as there:
        await with_profile(there, steps({0: 8000}))
        assert await ev_schedules.choose(there.station, there.evse(), schedule=drawn({0: 7000}))
        assert limits(await composite(there, unit="W")) == [(0, 8000)]


async def test_a_car_that_says_nothing_of_its_own() -> None:
    async with place("2.1", desk=desk("2.1", "Accepted")) as there:
        await with_profile(there, steps({0: 8000}), steps({0: 4000}))
        assert await ev_schedules.choose(there.station, there.evse(), schedule_id=2)
        chosen = await there.desk.hears(wire.NotifyEVChargingSchedule)  # K15.FR.19
        assert chosen.selected_charging_schedule_id == 2
        assert chosen.charging_schedule.charging_schedule_period[0].limit == 4000


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize("status", ["Rejected", "Processing"])
async def test_TC_K_54_CS_no_schedule_for_a_car(version: str, status: str) -> None:
    async with place(version, desk=desk(version, status)) as there:
        default = profile(6000, charging_rate_unit="W")
        assert await set_(there, 1, default) == ["Accepted"]
        there.hardware().plug_in()
        await authorization.swipe(there.station, TAG)
        await there.desk.hears(TransactionStarted)
        offers = await ev_schedules.offer(there.station, there.evse(), NEEDS)
        assert said(offers) == [[(0, 6000)]]  # K17.FR.15
        assert offers[0].id is None
        assert await ev_schedules.choose(there.station, there.evse())
        told = await there.desk.hears(wire.NotifyEVChargingSchedule)
        assert told.evse_id == 1
        event = await there.desk.hears(
            TransactionUpdated, lambda e: e.trigger_reason == "ChargingStateChanged"
        )
        assert event.charging_state == "Charging"


async def test_a_central_system_that_is_late() -> None:
    async with place("2.1", desk=desk("2.1", "Accepted")) as there:
        await charge(there)
        offers = await ev_schedules.offer(there.station, there.evse(), NEEDS, patience_s=0)
        assert said(offers) == [[(0, 22080)]]


@pytest.mark.parametrize("version", BOTH)
async def test_TC_K_56_CS_a_car_that_tells_its_needs_offline(version: str) -> None:
    there_desk = desk(version, "NoChargingProfile" if version == "2.1" else "Rejected")
    async with place(version, desk=there_desk) as there:
        default = profile(6, duration=400)
        assert await set_(there, 1, default) == ["Accepted"]
        await charge(there)
        await there_desk.hang_up(reachable=False)
        await there.until(lambda: there.station.peer is None)
        told_at = there.station.now()
        offers = await ev_schedules.offer(there.station, there.evse(), NEEDS)
        assert said(offers)[0][0] == (0, 4140)
        assert await ev_schedules.choose(there.station, there.evse())
        pass_time(there, 90)
        there_desk.is_reachable = True
        told = await there_desk.hears(wire.NotifyEVChargingNeeds)
        if version == "2.1":
            assert told.timestamp is not None  # K15.FR.20
            assert abs(told.timestamp - told_at) < timedelta(seconds=1)
        chosen = await there_desk.hears(wire.NotifyEVChargingSchedule)
        assert chosen.evse_id == 1


@pytest.mark.parametrize("version", BOTH)
async def test_TC_K_57_CS_other_needs(version: str) -> None:
    async with place(version, desk=desk(version, "Accepted")) as there:
        await with_profile(there, steps({0: 8000}))
        name = there.evse().transaction.id  # type: ignore[union-attr]
        asked = asyncio.create_task(ev_schedules.offer(there.station, there.evse(), NEEDS))
        await there.desk.hears(wire.NotifyEVChargingNeeds, count=2)  # K17.FR.01
        assert await set_(there, 1, own(name, steps({0: 15000}))) == ["Accepted"]
        assert said(await asked) == [[(0, 15000)]]
        assert await ev_schedules.choose(there.station, there.evse(), schedule_id=1)
        await there.desk.hears(wire.NotifyEVChargingSchedule)
        await there.desk.hears(
            TransactionUpdated, lambda e: e.trigger_reason == "ChargingRateChanged"
        )


@pytest.mark.parametrize("version", BOTH)
async def test_TC_K_58_CS_another_schedule_of_the_central_system(version: str) -> None:
    async with place(version, desk=desk(version, "Accepted")) as there:
        heard: list[int] = []
        there.station.signals.renegotiation.listen(heard.append)
        await with_profile(there, steps({0: 9000}))
        name = there.evse().transaction.id  # type: ignore[union-attr]
        assert heard == []
        assert await set_(there, 1, own(name, steps({0: 8000}))) == ["Accepted"]
        await there.until(lambda: heard == [1])  # K16.FR.02
        assert said(ev_schedules.renew(there.station, there.evse())) == [[(0, 8000)]]
        assert await ev_schedules.choose(there.station, there.evse(), schedule_id=1)
        await there.desk.hears(wire.NotifyEVChargingSchedule)  # K16.FR.05
        await there.desk.hears(
            TransactionUpdated, lambda e: e.trigger_reason == "ChargingRateChanged"
        )
        assert len(there.desk.all(wire.NotifyEVChargingNeeds)) == 1  # K16.FR.09


async def test_what_changes_nothing_is_not_negotiated_anew() -> None:
    async with place("2.1", desk=desk("2.1", "Accepted")) as there:
        heard: list[int] = []
        there.station.signals.renegotiation.listen(heard.append)
        await with_profile(there, steps({0: 8000}))
        assert await set_(there, 1, profile(10, id=9)) == ["Accepted"]
        await there.until(lambda: not there.station.has_alarm("limits"))
        assert heard == []
        most = profile(10, id=10, charging_profile_purpose="ChargingStationMaxProfile")
        assert await set_(there, 0, most) == ["Accepted"]
        await there.until(lambda: heard == [1])


async def test_several_schedules_only_for_cars_that_negotiate() -> None:
    async with place("2.1", desk=desk("2.1", "Accepted")) as there:
        name = await charge(there)
        several = [steps({0: watts}) for watts in (8000, 6000, 4000)]
        assert await refused(there, 1, own(name, *several)) == "InvalidSchedule"  # K01.FR.34
    async with place("2.1", desk=desk("2.1", "Accepted")) as there:
        offers = await with_profile(there, *several)
        assert said(offers) == [[(0, 8000)], [(0, 6000)], [(0, 4000)]]
        assert [each.id for each in offers] == [1, 2, 3]


async def test_schedules_are_as_long_as_the_car_can_take() -> None:
    needs = wire.ChargingNeeds(
        requested_energy_transfer="DC",
        dc_charging_parameters=wire.DCChargingParameters(ev_max_current=100, ev_max_voltage=400),
        departure_time=now() + timedelta(hours=2),
    )
    async with place("2.1", desk=desk("2.1", "Accepted")) as there:
        periods = steps({0: 8000, 600: 7000, 1200: 6000})
        (offer,) = await with_profile(there, periods, needs=needs, most_periods=2)
        assert [watts for _, watts in limits(offer.schedule)] == [8000, 7000]
        assert offer.schedule.duration <= 1200
        told = await there.desk.hears(wire.NotifyEVChargingNeeds)
        assert told.max_schedule_tuples == 2


# ISO 15118-20


async def test_dynamic_control_follows_the_central_system() -> None:
    async with place("2.1", desk=desk("2.1", "Accepted")) as there:
        await with_profile(there, steps({0: 8000}), needs=needs_20("DynamicControl"))
        told = await there.desk.hears(wire.NotifyEVChargingNeeds)
        assert told.charging_needs.control_mode == "DynamicControl"  # K19.FR.01
        assert await ev_schedules.choose(
            there.station, there.evse(), schedule=drawn({0: 11000}), schedule_id=1
        )
        chosen = await there.desk.hears(wire.NotifyEVChargingSchedule)  # K19.FR.10
        assert chosen.charging_schedule.charging_schedule_period[0].limit == 8000
        assert chosen.selected_charging_schedule_id == 1


async def test_a_service_that_is_rejected_ends_the_charge() -> None:
    async with place("2.1", desk=desk("2.1", "Rejected")) as there:
        await charge(there)
        assert await ev_schedules.offer(there.station, there.evse(), needs_20()) == ()
        ended = await there.desk.hears(TransactionEnded)  # K18.FR.23
        assert ended.trigger_reason == "AbnormalCondition"
        assert ended.stopped_reason == "ReqEnergyTransferRejected"


async def test_other_services_are_allowed() -> None:
    async def allow(name: str) -> str:
        request = wire.NotifyAllowedEnergyTransfer(
            transaction_id=name, allowed_energy_transfer=["AC_three_phase", "AC_BPT"]
        )
        answer = await there.desk.ask(request)
        return f"{answer.status}"

    async with place("2.1", desk=desk("2.1", "NoChargingProfile")) as there:
        heard: list[Any] = []
        there.station.signals.energy_transfers.listen(heard.append)
        name = await charge(there)
        assert await allow("unknown") == "Rejected"
        assert await allow(name) == "Rejected"
        await ev_schedules.offer(there.station, there.evse(), needs_20())
        assert await allow(name) == "Accepted"  # Q02.FR.06
        assert heard == [(1, ("AC_three_phase", "AC_BPT"))]


# Whoever comes next


async def test_all_is_forgotten_with_the_transaction() -> None:
    async with place("2.1", desk=desk("2.1", "Accepted")) as there:
        await with_profile(there, steps({0: 8000}))
        await ev_schedules.choose(there.station, there.evse(), schedule=drawn({0: 7000}))
        await authorization.swipe(there.station, TAG)
        await there.desk.hears(TransactionEnded)
        assert ev_schedules.renew(there.station, there.evse()) == ()
        assert not await ev_schedules.choose(there.station, there.evse())
        assert limits(await composite(there, unit="W")) == [(0, 22080)]


async def test_1_6_knows_nothing_of_it() -> None:
    async with place("1.6") as there:
        await charge(there)
        offers = await ev_schedules.offer(there.station, there.evse(), NEEDS)
        assert said(offers) == [[(0, 22080)]]
        assert await ev_schedules.choose(there.station, there.evse())


async def test_what_a_car_says_of_itself() -> None:
    expected = {
        "Available": "true",
        "VehicleID": "AA:BB",
        "ProtocolAgreed": "urn:iso:15118:2:2013:MsgDef,2,0",
        "ProtocolSupportedByEV[1]": "urn:iso:15118:2:2013:MsgDef,2,0",
        "ProtocolSupportedByEV[2]": "urn:din:70121:2012:MsgDef,2,0",
        "ProtocolSupportedByEV[3]": "",
        "VehicleCertificate[Leaf]": "PEM",
    }
    async with place("2.1") as there:
        protocols = (expected["ProtocolSupportedByEV[1]"], expected["ProtocolSupportedByEV[2]"])
        vehicle = Vehicle(
            id="AA:BB",
            protocol=protocols[0],
            protocols=protocols,
            certificates={"Leaf": "PEM"},
        )
        await charge(there)
        ev_schedules.connect(there.evse(), vehicle)
        places = [address(f"ConnectedEV@1/{name}") for name in expected]
        queries = tuple(VariableQuery(component=c, variable=v) for c, v in places)
        answer = await there.desk.ask(GetVariables(queries=queries))
        assert [each.attribute_value for each in answer.results] == list(expected.values())
        there.hardware().plug_out()
        await there.until(lambda: there.evse().vehicle is None)
