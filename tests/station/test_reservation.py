"""Reservations: block H of 2.x, and 1.6 §5.1 and §5.13."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chargeplane.domain.reservations import CancelReservation, ReserveNow
from chargeplane.domain.station import ChangeAvailability, Evse
from chargeplane.domain.tokens import Authorize, AuthorizeAnswer, Token, TokenInfo
from chargeplane.domain.transactions import (
    RequestStartTransaction,
    TransactionEvent,
    TransactionStarted,
    TransactionUpdated,
)
from chargeplane.ocpp.v2 import wire
from chargeplane.station import authorization, events, reservation
from chargeplane.storage.documents import Documents
from tests.station.desk import VERSIONS, Place, place
from tests.station.test_availability import hears, told

TWO = ("2.0.1", "2.1")
TAG = Token("TAG")
OTHER = Token("OTHER")
THIRD = Token("THIRD")
FAMILY = Token("FAMILY", "Central")


async def reserve(
    there: Place, token: Token = TAG, evse_id: int | None = 1, id_: int = 7, **members: Any
) -> str:
    usual: dict[str, Any] = {"expiry_date_time": there.station.now() + timedelta(minutes=10)}
    asked = ReserveNow(id=id_, id_token=token, evse_id=evse_id, **(usual | members))
    return str((await there.desk.ask(asked)).status)


def of_family(there: Place) -> None:
    """Let all tokens be of one group."""
    info = TokenInfo(status="Accepted", group_id_token=FAMILY)
    there.desk.answers[Authorize] = AuthorizeAnswer(id_token_info=info)


def updates(there: Place) -> list[tuple[int, str]]:
    said = there.desk.all(wire.ReservationStatusUpdate)
    return [(each.reservation_id, each.reservation_update_status) for each in said]


def reserved(there: Place) -> list[bool]:
    return [evse.reservation_id is not None for evse in there.station.evses]


# One EVSE


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_H_01_CS_the_token_comes(version: str) -> None:
    async with place(version) as there:
        assert await reserve(there) == "Accepted"
        await hears(there, "Available", "Reserved")
        await authorization.swipe(there.station, TAG)
        # In 1.6 §4.9 it is Preparing then.
        after = "Occupied" if version == "1.6" else "Available"
        await hears(there, "Available", "Reserved", after)
        there.hardware().plug_in()
        began = await there.desk.hears(TransactionStarted)
        assert began.reservation_id == 7
        assert not reservation.kept(there.station)
        assert not updates(there)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("how", ["by card", "by the central system"])
async def test_TC_H_02_CS_another_token_comes(version: str, how: str) -> None:
    async with place(version) as there:
        await reserve(there)
        there.hardware().plug_in()
        if how == "by card":
            await authorization.swipe(there.station, OTHER)
        else:
            asked = RequestStartTransaction(id_token=OTHER, evse_id=1, remote_start_id=1)
            assert (await there.desk.ask(asked)).status == "Rejected"
        assert there.evse().authorization is None
        await hears(there, "Available", "Reserved")
        assert not there.desk.all(TransactionEvent)


@pytest.mark.parametrize("version", TWO)
async def test_a_car_at_a_reserved_evse_does_not_charge(version: str) -> None:
    """TC_H_02_CS where a cable begins a transaction; G01.FR.09."""
    async with place(version, values={"TxCtrlr/TxStartPoint": "EVConnected"}) as there:
        await reserve(there)
        there.hardware().plug_in()
        began = await there.desk.hears(TransactionStarted)
        assert began.reservation_id is None
        await authorization.swipe(there.station, OTHER)
        assert told(there)[-1] == "Reserved"
        await authorization.swipe(there.station, TAG)
        said = await there.desk.hears(
            TransactionUpdated, lambda each: each.charging_state == "Charging"
        )
        assert said.transaction_id == began.transaction_id
        assert [e.reservation_id for e in there.desk.all(TransactionEvent)].count(7) == 1


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_H_03_CS_it_is_reserved_already(version: str) -> None:
    async with place(version) as there:
        await reserve(there)
        assert await reserve(there, OTHER, id_=8) == "Occupied"
        assert list(reservation.kept(there.station)) == ["7"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("by", ["a charge", "a cable", "a token"])
async def test_TC_H_04_CS_it_is_occupied(version: str, by: str) -> None:
    async with place(version) as there:
        if by != "a token":
            there.hardware().plug_in()
        if by != "a cable":
            await authorization.swipe(there.station, OTHER)
        assert await reserve(there) == "Occupied"


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_H_06_CS_it_is_out_of_service(version: str) -> None:
    async with place(version) as there:
        await there.desk.ask(ChangeAvailability(operational_status="Inoperative", evse=Evse(1)))
        assert await reserve(there) == "Unavailable"


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_048_1_it_is_faulted(version: str) -> None:
    """H01.FR.12."""
    async with place(version) as there:
        events.raise_error(there.station, there.evse(), "GroundFailure")
        assert await reserve(there) == "Faulted"


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_H_07_CS_nobody_comes(version: str) -> None:
    async with place(version) as there:
        soon = there.station.now() + timedelta(seconds=0.05)
        assert await reserve(there, expiry_date_time=soon) == "Accepted"
        await hears(there, "Available", "Reserved", "Available")
        if version != "1.6":
            await there.desk.hears(wire.ReservationStatusUpdate)
            assert updates(there) == [(7, "Expired")]
        there.hardware().plug_in()
        await authorization.swipe(there.station, OTHER)
        await there.desk.hears(TransactionStarted)


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_H_17_CS_it_is_given_up(version: str) -> None:
    async with place(version) as there:
        await reserve(there)
        assert (await there.desk.ask(CancelReservation(reservation_id=7))).status == "Accepted"
        await hears(there, "Available", "Reserved", "Available")


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_H_18_CS_there_is_none(version: str) -> None:
    async with place(version) as there:
        await reserve(there)
        assert (await there.desk.ask(CancelReservation(reservation_id=1))).status == "Rejected"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("evse_id", [1, None])
async def test_TC_H_19_CS_TC_H_24_CS_a_token_of_the_group(version: str, evse_id: Any) -> None:
    async with place(version) as there:
        of_family(there)
        assert await reserve(there, evse_id=evse_id, group_id_token=FAMILY) == "Accepted"
        await hears(there, "Available", "Reserved")
        there.hardware().plug_in()
        await authorization.swipe(there.station, OTHER)
        assert (await there.desk.hears(TransactionStarted)).reservation_id == 7


@pytest.mark.parametrize("version", TWO)
async def test_TC_H_21_CS_it_goes_out_of_service(version: str) -> None:
    async with place(version) as there:
        await reserve(there)
        out = ChangeAvailability(operational_status="Inoperative", evse=Evse(1))
        assert (await there.desk.ask(out)).status == "Accepted"
        await there.desk.hears(wire.ReservationStatusUpdate)
        assert updates(there) == [(7, "Removed")]
        assert told(there)[-1] == "Unavailable"
        back = ChangeAvailability(operational_status="Operative", evse=Evse(1))
        await there.desk.ask(back)
        await there.until(lambda: told(there)[-1] == "Available")
        there.hardware().plug_in()
        await authorization.swipe(there.station, OTHER)
        assert (await there.desk.hears(TransactionStarted)).reservation_id is None


@pytest.mark.parametrize("version", TWO)
async def test_it_becomes_faulted(version: str) -> None:
    """H01.FR.16."""
    async with place(version) as there:
        await reserve(there)
        events.raise_error(there.station, there.evse(), "GroundFailure")
        await there.desk.hears(wire.ReservationStatusUpdate)
        assert updates(there) == [(7, "Removed")]


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_H_22_CS_reservations_are_off(version: str) -> None:
    async with place(version, values={"ReservationCtrlr/Enabled": "false"}) as there:
        assert await reserve(there) == "Rejected"
        assert not reservation.kept(there.station)


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_H_23_CS_the_same_id_replaces_it(version: str) -> None:
    async with place(version, evses=2) as there:
        await reserve(there)
        assert await reserve(there, OTHER, evse_id=2) == "Accepted"
        assert reserved(there) == [False, True]
        there.hardware(2).plug_in()
        await authorization.swipe(there.station, TAG, (2,))
        assert there.evse(2).authorization is None
        await authorization.swipe(there.station, OTHER, (2,))
        assert (await there.desk.hears(TransactionStarted)).reservation_id == 7


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "wrong", [{"evse_id": 9}, {"expiry": -1.0}, {"connector_type": "cCCS2", "evse_id": None}]
)
async def test_what_cannot_be_reserved(version: str, wrong: dict[str, Any]) -> None:
    async with place(version) as there:
        members = dict(wrong)
        if "expiry" in members:
            ends = there.station.now() + timedelta(seconds=members.pop("expiry"))
            members["expiry_date_time"] = ends
        if "connector_type" not in members or version != "1.6":  # 1.6 has no connector types
            assert await reserve(there, **members) == "Rejected"


# Any EVSE


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_H_08_CS_any_evse(version: str) -> None:
    async with place(version) as there:
        assert await reserve(there, evse_id=None) == "Accepted"
        await hears(there, "Available", "Reserved")
        there.hardware().plug_in()
        await authorization.swipe(there.station, TAG)
        assert (await there.desk.hears(TransactionStarted)).reservation_id == 7


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_H_09_CS_all_are_reserved(version: str) -> None:
    async with place(version, evses=2) as there:
        await reserve(there, id_=1)
        await reserve(there, OTHER, None, id_=2)
        assert reserved(there) == [True, True]
        assert await reserve(there, THIRD, None, id_=3) == "Occupied"
        assert await reserve(there, THIRD, 2, id_=3) == "Occupied"


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_H_10_CS_all_are_occupied(version: str) -> None:
    async with place(version, evses=2) as there:
        for number in (1, 2):
            there.hardware(number).plug_in()
        assert await reserve(there, evse_id=None) == "Occupied"


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_H_12_CS_all_are_out_of_service(version: str) -> None:
    async with place(version, evses=2) as there:
        await there.desk.ask(ChangeAvailability(operational_status="Inoperative"))
        assert await reserve(there, evse_id=None) == "Unavailable"


@pytest.mark.parametrize("version", VERSIONS)
async def test_all_are_faulted(version: str) -> None:
    async with place(version, evses=2) as there:
        for evse in there.station.evses:
            events.raise_error(there.station, evse, "GroundFailure")
        assert await reserve(there, evse_id=None) == "Faulted"


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_H_13_CS_only_an_evse_can_be_reserved(version: str) -> None:
    async with place(version, values={"ReservationCtrlr/NonEvseSpecific": "false"}) as there:
        assert await reserve(there, evse_id=None) == "Rejected"
        assert await reserve(there) == "Accepted"


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_H_14_CS_as_many_as_there_are(version: str) -> None:
    async with place(version, evses=2) as there:
        assert await reserve(there, evse_id=None, id_=1) == "Accepted"
        assert reserved(there) == [False, False]
        assert await reserve(there, OTHER, None, id_=2) == "Accepted"
        for number in (1, 2):
            await hears(there, "Available", "Reserved", evse_id=number)
        await there.desk.ask(CancelReservation(reservation_id=1))
        for number in (1, 2):
            await hears(there, "Available", "Reserved", "Available", evse_id=number)


@pytest.mark.parametrize("version", VERSIONS)
async def test_one_is_always_left(version: str) -> None:
    """H01.FR.07: strangers may charge where it does no harm."""
    async with place(version, evses=2) as there:
        await reserve(there, evse_id=None)
        there.hardware(1).plug_in()
        await there.until(lambda: reserved(there) == [False, True])
        await authorization.swipe(there.station, OTHER)
        await there.desk.hears(TransactionStarted)
        there.hardware(2).plug_in()
        await authorization.swipe(there.station, THIRD)
        assert there.evse(2).authorization is None
        await authorization.swipe(there.station, TAG)
        began = await there.desk.hears(TransactionStarted, count=2)
        assert (began.evse, began.reservation_id) == (Evse(2, 1), 7)


# A type of connectors


async def with_types(there: Place, **types: str) -> None:
    for where, kind in types.items():
        name = f"Connector@{where.removeprefix('c').replace('_', '.')}/ConnectorType"
        there.station.model.put(name, kind)


@pytest.mark.parametrize("version", TWO)
async def test_TC_H_15_CS_TC_H_16_CS_a_type_of_connectors(version: str) -> None:
    async with place(version, evses=3, connectors=(1, 2, 1)) as there:
        await with_types(there, c1_1="sType2", c2_1="cCCS2", c2_2="cCHAdeMO", c3_1="cCCS2")
        wanted: dict[str, Any] = {"evse_id": None, "connector_type": "cCCS2"}
        assert await reserve(there, id_=1, **wanted) == "Accepted"
        assert reserved(there) == [False, False, False]
        assert await reserve(there, OTHER, id_=2, **wanted) == "Accepted"
        assert reserved(there) == [False, True, True]  # H01.FR.24, all their connectors
        await hears(there, "Available", "Reserved", evse_id=2, connector_id=2)
        assert await reserve(there, THIRD, id_=3, **wanted) == "Occupied"
        assert await reserve(there, THIRD, 2, id_=3) == "Occupied"
        assert await reserve(there, THIRD, 1, id_=3) == "Accepted"
        there.hardware(3).plug_in()
        await authorization.swipe(there.station, TAG)
        began = await there.desk.hears(TransactionStarted)
        assert (began.evse, began.reservation_id) == (Evse(3, 1), 1)
        assert reserved(there) == [True, True, False]


async def test_those_who_may_take_the_only_one_get_it() -> None:
    """Two reservations are served by two EVSEs of which one suits both."""
    async with place(evses=2) as there:
        await with_types(there, c1_1="cCCS2", c2_1="sType2")
        assert await reserve(there, TAG, None, id_=1) == "Accepted"
        ccs: dict[str, Any] = {"evse_id": None, "connector_type": "cCCS2"}
        assert await reserve(there, OTHER, id_=2, **ccs) == "Accepted"
        assert reserved(there) == [True, True]
        there.hardware(2).plug_in()
        await authorization.swipe(there.station, OTHER)
        assert there.evse(2).authorization is None
        assert there.evse(1).authorization is not None


# What becomes of them


async def test_a_reservation_that_was_used_for_nothing() -> None:
    """2.1 H03.FR.11."""
    async with place("2.1", values={"TxCtrlr/EVConnectionTimeOut": "0"}) as there:
        await reserve(there)
        await authorization.swipe(there.station, TAG)
        await there.desk.hears(wire.ReservationStatusUpdate)
        assert updates(there) == [(7, "NoTransaction")]


@pytest.mark.parametrize("version", VERSIONS)
async def test_reservations_survive_a_power_cut(version: str, tmp_path: Path) -> None:
    for number in range(2):
        documents = Documents(tmp_path / "station.db")
        async with place(version, documents=documents) as there:
            if number == 0:
                await reserve(there)
            await there.until(lambda: told(there)[-1:] == ["Reserved"])
            await authorization.swipe(there.station, OTHER)
            assert there.evse().authorization is None
        documents.close()


async def test_what_becomes_of_reservations_is_told() -> None:
    async with place() as there:
        seen: list[tuple[int, str]] = []
        there.station.signals.reservation.listen(seen.append)
        await reserve(there)
        await there.desk.ask(CancelReservation(reservation_id=7))
        await reserve(there)
        await authorization.swipe(there.station, TAG)
        assert seen == [(7, "Placed"), (7, "Cancelled"), (7, "Placed"), (7, "Used")]
