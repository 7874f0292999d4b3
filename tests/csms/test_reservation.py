from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chargeplane.csms import reservation
from chargeplane.csms.central import Central, utc_now
from chargeplane.csms.reservation import Reservation
from chargeplane.domain.messages import Outcome
from chargeplane.domain.reservations import CancelReservation, ReserveNow, ReserveNowAnswer
from chargeplane.domain.tokens import Token
from chargeplane.errors import NotConnected
from chargeplane.ocpp.v2 import wire
from chargeplane.storage.records import ReservationRecord
from chargeplane.storage.repositories import reservations
from chargeplane.storage.repositories.reservations import ReservationFilter
from tests.csms.conftest import ConnectStation, ScriptedStation, everything
from tests.csms.stored import ID, everywhere, happened, in_2x, noted

WHO = Token("TAG1")
UNTIL = (utc_now() + timedelta(hours=1)).replace(microsecond=0)
EVSE_1 = Reservation(expiry_date_time=UNTIL, id_token=WHO, evse_id=1)
ANY = Reservation(expiry_date_time=UNTIL, id_token=WHO)


async def stored(central: Central) -> list[ReservationRecord]:
    return await everything(central, reservations.page, ReservationFilter(station_id=ID))


async def reserve(
    central: Central,
    station: ScriptedStation,
    wanted: Reservation = EVSE_1,
    status: Any = "Accepted",
) -> ReservationRecord:
    """The latest reservation, after the station was asked for it."""
    station.on(ReserveNow, ReserveNowAnswer(status=status))
    answer = await reservation.reserve_now(central, ID, wanted)
    assert answer.status == status
    return (await stored(central))[0]


async def update(station: ScriptedStation, number: int, status: Any) -> None:
    said = wire.ReservationStatusUpdate(reservation_id=number, reservation_update_status=status)
    assert await station.say(said) == wire.ReservationStatusUpdateResponse()


@everywhere
async def test_TC_H_01_CSMS_a_specific_evse(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    record = await reserve(central, station)
    (asked,) = station.asked
    assert (asked.id, asked.evse_id, asked.connector_type) == (record.id, 1, None)
    assert (asked.id_token.id_token, asked.expiry_date_time) == ("TAG1", UNTIL)
    assert (record.status, record.expires_at, record.token_key) == ("Accepted", UNTIL, "tag1")


@in_2x
async def test_TC_H_07_CSMS_ended_unused(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    record = await reserve(central, station)
    await update(station, record.id, "Expired")
    assert [each.status for each in await stored(central)] == ["Expired"]


@everywhere
@pytest.mark.parametrize("status", ["Faulted", "Occupied", "Unavailable"])
async def test_TC_H_08_CSMS_refused(
    central: Central, connect_station: ConnectStation, version: str, status: str
) -> None:
    record = await reserve(central, await connect_station(version), status=status)
    assert record.status == status


@everywhere
async def test_TC_H_14_CSMS_an_unspecified_evse(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    for _ in range(2):
        await reserve(central, station, ANY)
    assert [asked.evse_id for asked in station.asked] == [None, None]
    assert len({asked.id for asked in station.asked}) == 2


@in_2x
async def test_TC_H_15_CSMS_a_connector_type(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    wanted = Reservation(expiry_date_time=UNTIL, id_token=WHO, connector_type="cType2")
    station = await connect_station(version)
    record = await reserve(central, station, wanted)
    (asked,) = station.asked
    assert (asked.evse_id, asked.connector_type) == (None, "cType2")
    assert record.connector_type == "cType2"


@everywhere
async def test_TC_H_17_CSMS_cancelled(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    record = await reserve(central, station)
    request = CancelReservation(reservation_id=record.id)
    station.on(CancelReservation, Outcome(status="Accepted"))
    await reservation.cancel_reservation(central, ID, request)
    assert station.asked[-1] == request
    told = [event.data["status"] for event in await happened(central, "reservation.changed")]
    assert told == ["Accepted", "Cancelled"]


@everywhere
async def test_TC_H_19_CSMS_not_cancelled(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    record = await reserve(central, station)
    station.on(CancelReservation, Outcome(status="Rejected"))
    request = CancelReservation(reservation_id=record.id)
    assert (await reservation.cancel_reservation(central, ID, request)).status == "Rejected"
    assert [each.status for each in await stored(central)] == ["Accepted"]


@in_2x
async def test_TC_H_20_CSMS_removed_by_a_fault(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    record = await reserve(central, station)
    await update(station, record.id, "Removed")
    assert [each.status for each in await stored(central)] == ["Removed"]


@everywhere
async def test_TC_H_22_CSMS_rejected(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    record = await reserve(central, await connect_station(version), status="Rejected")
    assert record.status == "Rejected"


async def test_2_1_tells_when_no_transaction_followed(
    central: Central, connect_station: ConnectStation
) -> None:
    station = await connect_station("2.1")
    record = await reserve(central, station)
    await update(station, record.id, "NoTransaction")
    assert [each.status for each in await stored(central)] == ["NoTransaction"]


async def test_a_station_ends_its_own_reservations_only(
    central: Central, connect_station: ConnectStation
) -> None:
    record = await reserve(central, await connect_station("2.0.1"))
    stranger = await connect_station("2.0.1", "CP2")
    await update(stranger, record.id, "Removed")
    assert [each.status for each in await stored(central)] == ["Accepted"]


@in_2x
async def test_an_update_of_an_unknown_reservation_is_kept(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    await update(await connect_station(version), 99, "Expired")
    (kept,) = await noted(central, "ReservationStatusUpdate")
    assert kept.payload["reservationId"] == 99


async def test_a_transaction_uses_it_up(central: Central, connect_station: ConnectStation) -> None:
    record = await reserve(central, await connect_station("2.0.1"))
    for _ in range(2):
        assert await central.commit(lambda unit: reservation.use(unit, ID, record.id, 7))
    (used,) = await stored(central)
    assert (used.status, used.transaction_id) == ("Used", 7)
    told = await happened(central, "reservation.changed")
    assert [event.data["status"] for event in told] == ["Accepted", "Used"]
    assert not await central.commit(lambda unit: reservation.use(unit, ID, 99, 7))


async def test_it_expires(central: Central, connect_station: ConnectStation) -> None:
    await reserve(central, await connect_station("2.0.1"))
    assert await reservation.expire(central) == 0
    central.now = lambda: UNTIL + timedelta(seconds=1)
    assert await reservation.expire(central) == 1
    (over,) = await stored(central)
    assert over.status == "Expired"


async def test_an_absent_station_reserves_nothing(central: Central) -> None:
    with pytest.raises(NotConnected):
        await reservation.reserve_now(central, ID, EVSE_1)
    (record,) = await stored(central)
    assert record.status == "Failed"


async def test_what_a_station_says_at_once_is_not_overwritten_by_its_answer(
    central: Central, connect_station: ConnectStation
) -> None:
    station = await connect_station("2.0.1")

    async def answer(asked: ReserveNow) -> ReserveNowAnswer:
        await update(station, asked.id, "Removed")
        return ReserveNowAnswer(status="Accepted")

    station.on(ReserveNow, answer)
    await reservation.reserve_now(central, ID, EVSE_1)
    assert [each.status for each in await stored(central)] == ["Removed"]
