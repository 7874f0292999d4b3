"""Swapping batteries and charging them (2.1 S)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from chargeplane.domain.reservations import ReserveNow
from chargeplane.domain.station import Evse, StatusNotification
from chargeplane.domain.tokens import Authorize, AuthorizeAnswer, Token, TokenInfo
from chargeplane.domain.transactions import (
    RequestStartTransaction,
    TransactionEnded,
    TransactionStarted,
    TransactionUpdated,
)
from chargeplane.domain.variables import (
    Component,
    GetVariables,
    SetVariables,
    Variable,
    VariableQuery,
    VariableSetting,
)
from chargeplane.evse.hardware import Battery
from chargeplane.evse.virtual import VirtualEvse
from chargeplane.evse.virtual_slot import VirtualSlot
from chargeplane.ocpp.errors import OcppError
from chargeplane.ocpp.v2 import wire
from chargeplane.station import battery_swap
from chargeplane.station.station import Station
from chargeplane.storage.documents import Documents
from tests.station.desk import Place, place, quietly

TAG = Token("TAG")
FULL = 95.0
EMPTY = 20.0
LOOKS = ("SOONEST_S", "USUAL_S", "LATEST_S")


@pytest.fixture(autouse=True)
def _look_often(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in LOOKS:
        monkeypatch.setattr(f"chargeplane.station.progress.{name}", 0.02)


def battery(name: str, soc: float) -> Battery:
    return Battery(serial_number=name, soc_percent=soc, soh_percent=90)


@asynccontextmanager
async def swapping(
    *inside: float | None, values: dict[str, str] | None = None, **how: Any
) -> AsyncIterator[Place]:
    """A station of slots with batteries so full, B1 and so on; None is an empty slot."""
    speed = how.pop("speed", 0.001)

    def prepare(station: Station) -> None:
        for number, (evse, soc) in enumerate(zip(station.evses, inside, strict=True), start=1):
            made = VirtualSlot(cast(VirtualEvse, evse.hardware))
            made.open()
            if soc is not None:
                made.insert(battery(f"B{number}", soc))
            evse.slot = made

    hardware = [VirtualEvse(speed=speed) for _ in inside]
    async with place("2.1", hardware=hardware, prepare=prepare, **how) as there:
        for name, value in (values or {}).items():
            there.station.model.put(name, value)
        yield there


def slot(there: Place, number: int) -> VirtualSlot:
    return cast(VirtualSlot, there.evse(number).slot)


def opened(there: Place) -> list[int]:
    return [each.id for each in there.station.evses if slot(there, each.id).is_open()]


async def swipe(there: Place, token: Token = TAG) -> str:
    return (await battery_swap.swipe(there.station, token)).status


async def request(there: Place) -> wire.RequestBatterySwapResponse:
    token = wire.IdToken(id_token="APP", type="Central")
    asked = wire.RequestBatterySwap(id_token=token, request_id=77)
    answer: wire.RequestBatterySwapResponse = await there.desk.ask(asked)
    return answer


async def hears(there: Place, event: str) -> wire.BatterySwap:
    return await there.desk.hears(wire.BatterySwap, lambda each: each.event_type == event)


# A swap


@pytest.mark.parametrize("how", ["S01 by card", "S02 by the central system"])
async def test_a_swap(how: str) -> None:
    """S01.FR.01, S02.FR.01, FR.02, S03.FR.01, FR.03."""
    async with swapping(FULL, 85, None) as there:
        if "card" in how:
            assert await swipe(there) == "Accepted"
        else:
            assert (await request(there)).status == "Accepted"
        assert opened(there) == [3]
        slot(there, 3).insert(battery("OLD", EMPTY))
        put_in = await hears(there, "BatteryIn")
        assert put_in.id_token.id_token == ("TAG" if "card" in how else "APP")
        (said,) = put_in.battery_data
        assert (said.evse_id, said.serial_number, said.soc, said.soh) == (3, "OLD", 20, 90)
        await there.until(lambda: opened(there) == [1])  # the fullest
        assert slot(there, 1).take().serial_number == "B1"
        taken = await hears(there, "BatteryOut")
        assert taken.request_id == put_in.request_id
        if "card" not in how:
            assert taken.request_id == 77
        assert [(each.evse_id, each.serial_number) for each in taken.battery_data] == [(1, "B1")]
        await there.until(lambda: opened(there) == [])
        assert not battery_swap.swaps(there.station)


async def test_a_set_of_batteries() -> None:
    values = {"BatterySwapCtrlr/BatteriesPerSwap": "2"}
    async with swapping(FULL, FULL, None, None, values=values) as there:
        await swipe(there)
        assert opened(there) == [3, 4]
        slot(there, 4).insert(battery("Y", EMPTY))
        slot(there, 3).insert(battery("X", EMPTY))
        put_in = await hears(there, "BatteryIn")
        assert {each.serial_number for each in put_in.battery_data} == {"X", "Y"}
        await there.until(lambda: opened(there) == [1, 2])
        for number in (2, 1):
            slot(there, number).take()
        assert len((await hears(there, "BatteryOut")).battery_data) == 2


@pytest.mark.parametrize(
    "inside",
    [
        pytest.param((EMPTY, None), id="none is full enough"),
        pytest.param((FULL, FULL), id="no slot is empty"),
        pytest.param((None, None), id="S03.FR.05 there is none"),
    ],
)
async def test_a_swap_that_cannot_be(inside: tuple[float | None, ...]) -> None:
    """S02.FR.04, S03.FR.05."""
    async with swapping(*inside) as there:
        assert await swipe(there) == "Invalid"
        answer = await request(there)
        assert answer.status == "Rejected"
        assert answer.status_info is not None
        assert answer.status_info.reason_code == "NoBatteryAvailable"
        assert opened(there) == []


async def test_one_swap_at_a_time() -> None:
    async with swapping(FULL, FULL, None, None) as there:
        await swipe(there)
        assert (await request(there)).status == "Rejected"


async def test_who_may_not_swap() -> None:
    async with swapping(FULL, None) as there:
        refused = AuthorizeAnswer(id_token_info=TokenInfo(status="Blocked"))
        there.desk.answers[Authorize] = refused
        assert await swipe(there) == "Blocked"
        assert opened(there) == []


async def test_nobody_puts_a_battery_in() -> None:
    """S01.FR.02, S02.FR.05."""
    async with swapping(FULL, None) as there:
        await swipe(there)
        battery_swap.give_up(there.station)
        assert opened(there) == []
        assert not there.desk.all(wire.BatterySwap)
        assert await swipe(there) == "Accepted"
        assert there.station.has_alarm("swap")


async def test_not_all_are_put_in() -> None:
    values = {"BatterySwapCtrlr/BatteriesPerSwap": "2"}
    async with swapping(FULL, FULL, None, None, values=values) as there:
        await swipe(there)
        slot(there, 3).insert(battery("X", EMPTY))
        battery_swap.give_up(there.station)
        assert opened(there) == [3]
        slot(there, 3).take()
        await there.until(lambda: opened(there) == [])
        assert not there.desk.all(wire.BatterySwap)


async def test_nobody_takes_the_battery() -> None:
    """S03.FR.06."""
    async with swapping(FULL, None) as there:
        await swipe(there)
        slot(there, 2).insert(battery("OLD", EMPTY))
        await there.until(lambda: opened(there) == [1])
        battery_swap.give_up(there.station)
        said = await hears(there, "BatteryOutTimeout")
        assert [each.serial_number for each in said.battery_data] == ["B1"]
        assert opened(there) == []


async def test_a_battery_that_is_refused_is_given_back() -> None:
    async with swapping(FULL, None) as there:
        there.desk.answers[wire.BatterySwap] = quietly(OcppError("GenericError", "damaged"))
        await swipe(there)
        slot(there, 2).insert(battery("OLD", EMPTY))
        await hears(there, "BatteryIn")
        await there.until(lambda: not battery_swap.swaps(there.station))
        assert opened(there) == [2]
        slot(there, 2).take()
        await there.until(lambda: opened(there) == [])


async def test_a_swap_without_a_central_system_is_told_later() -> None:
    async with swapping(FULL, None) as there:
        await swipe(there)
        await there.without_central()
        slot(there, 2).insert(battery("OLD", EMPTY))
        await there.until(lambda: opened(there) == [1])
        slot(there, 1).take()
        await there.until(lambda: opened(there) == [])
        await there.reconnected()
        await hears(there, "BatteryOut")
        said = [each.event_type for each in there.desk.all(wire.BatterySwap)]
        assert said == ["BatteryIn", "BatteryOut"]


async def test_a_swap_survives_a_power_cut(tmp_path: Path) -> None:
    documents = Documents(tmp_path / "station.db")
    async with swapping(FULL, None, documents=documents) as there:
        await swipe(there)
        slot(there, 2).insert(battery("OLD", EMPTY))
        await there.until(lambda: opened(there) == [1])
    documents.close()
    documents = Documents(tmp_path / "station.db")
    async with swapping(FULL, EMPTY, documents=documents) as there:
        assert opened(there) == [1]
        slot(there, 1).take()
        assert (await hears(there, "BatteryOut")).battery_data[0].serial_number == "B1"
    documents.close()


async def test_a_station_without_slots() -> None:
    async with place("2.1") as there:
        with pytest.raises(OcppError) as refused:
            await request(there)
        assert refused.value.code == "NotSupported"


# Charging


@pytest.mark.parametrize("own", ["BSS-1", ""])
async def test_a_battery_charges(own: str) -> None:
    """S04.FR.01 to FR.03, FR.07."""
    async with swapping(FULL, None, speed=1.0) as there:
        for row in battery_swap.ROWS:
            assert there.station.model.has(f"BatterySwapCtrlr/{row.name}")
        there.station.model.put("BatterySwapCtrlr/IdToken", own)
        for evse in there.station.evses:
            evse.authorization = None
            battery_swap.charge(there.station, evse)
        slot(there, 2).open()
        slot(there, 2).insert(battery("OLD", EMPTY))
        began = await there.desk.hears(TransactionStarted, lambda each: each.evse == Evse(2, 1))
        assert (began.trigger_reason, began.charging_state) == ("CablePluggedIn", "Charging")
        kind = "Central" if own else "NoAuthorization"
        assert began.id_token == Token(own, kind)
        slot(there, 2).take()
        ended = await there.desk.hears(TransactionEnded)
        assert (ended.trigger_reason, ended.charging_state, ended.stopped_reason) == (
            "EVCommunicationLost",
            "Idle",
            "EVDisconnected",
        )
        await there.until(lambda: there.evse(2).authorization is not None)


async def test_what_is_there_when_it_starts_charges_anew(tmp_path: Path) -> None:
    """S04.FR.11."""
    documents = Documents(tmp_path / "station.db")
    async with swapping(EMPTY, None, documents=documents) as there:
        first = await there.desk.hears(TransactionStarted)
        await there.until(lambda: not len(there.station.outbox))
    documents.close()
    documents = Documents(tmp_path / "station.db")
    async with swapping(EMPTY, None, documents=documents) as there:
        ended = await there.desk.hears(TransactionEnded)
        assert ended.transaction_id == first.transaction_id
        began = await there.desk.hears(TransactionStarted)
        assert began.transaction_id != first.transaction_id
    documents.close()


async def test_a_battery_rests_when_it_is_full() -> None:
    """S04.FR.06; it goes on when more is allowed."""
    async with swapping(50, None, speed=600.0) as there:
        there.station.model.put("BatterySwapCtrlr/MaxSoc", "80")
        rested = await there.desk.hears(
            TransactionUpdated, lambda each: each.trigger_reason == "EnergyLimitReached"
        )
        assert rested.charging_state == "SuspendedEVSE"
        assert there.evse().transaction is not None
        there.station.model.put("BatterySwapCtrlr/MaxSoc", "90")
        await there.until(lambda: there.evse().flow() == "charging")


async def test_slots_are_not_for_cars() -> None:
    async with swapping(None, None) as there:
        start = RequestStartTransaction(id_token=TAG, evse_id=1, remote_start_id=1)
        assert (await there.desk.ask(start)).status == "Rejected"
        reserve = ReserveNow(
            id=1, id_token=TAG, evse_id=1, expiry_date_time=there.station.now().replace(year=2100)
        )
        assert (await there.desk.ask(reserve)).status == "Occupied"


# What can be read


async def test_what_there_is_can_be_read() -> None:
    async with swapping(FULL, None) as there:

        async def read(name: str, variable: str, evse: Evse | None = None) -> str | None:
            where = Component(name, None, evse)
            query = VariableQuery(component=where, variable=Variable(variable))
            (answer,) = (await there.desk.ask(GetVariables(queries=(query,)))).results
            value: str | None = answer.attribute_value
            return value

        for number, has in ((1, "true"), (2, "false")):
            assert await read("BatteryCartridge", "Available", Evse(number)) == has
        assert await read("BatteryCartridge", "SoC", Evse(1)) == "95"
        assert await read("BatteryCartridge", "SoH", Evse(1)) == "90"
        assert await read("Connector", "ConnectorType", Evse(1, 1)) == "BatterySlot"
        assert await read("Connector", "SlotStatus", Evse(2, 1)) == "Locked"
        await swipe(there)
        assert await read("Connector", "SlotStatus", Evse(2, 1)) == "Open"
        said = {each.evse.id: each.connector_status for each in there.desk.all(StatusNotification)}
        assert said == {1: "Occupied", 2: "Available"}  # S03.FR.02, FR.04


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("TargetSoc", "70", "Accepted"),
        ("TargetSoc", "95", "Rejected"),
        ("MaxSoc", "85", "Accepted"),
        ("MaxSoc", "60", "Rejected"),
    ],
)
async def test_bounds_of_the_charge(name: str, value: str, status: str) -> None:
    """S04.FR.10."""
    async with swapping(FULL, None) as there:
        there.station.model.put("BatterySwapCtrlr/MaxSoc", "90")
        setting = VariableSetting(
            attribute_value=value, component=Component("BatterySwapCtrlr"), variable=Variable(name)
        )
        (result,) = (await there.desk.ask(SetVariables(settings=(setting,)))).results
        assert result.attribute_status == status
