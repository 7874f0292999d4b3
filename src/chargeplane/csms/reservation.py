"""Reservations: made and cancelled from here, used, ended and expired over there."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from chargeplane.csms import notes
from chargeplane.csms.central import Central, Unit
from chargeplane.csms.commands import BY_SYSTEM, Asked, send
from chargeplane.csms.registry import Station
from chargeplane.domain.messages import Outcome, Value
from chargeplane.domain.reservations import CancelReservation, ReserveNow, ReserveNowAnswer
from chargeplane.domain.tokens import Token
from chargeplane.errors import ChargeplaneError
from chargeplane.ocpp.v2 import wire
from chargeplane.storage.records import ReservationRecord
from chargeplane.storage.repositories import reservations
from chargeplane.storage.repositories.reservations import Reserve

FAILED: Final = "Failed"  # the station could not be asked
CANCELLED: Final = "Cancelled"
USED: Final = "Used"


class Reservation(Value, frozen=True, kw_only=True):
    """What is to be reserved, until when and for whom; without an EVSE any of the station."""

    expiry_date_time: datetime
    id_token: Token
    evse_id: int | None = None
    group_id_token: Token | None = None
    connector_type: str | None = None


async def reserve_now(
    central: Central, station_id: str, wanted: Reservation, asked: Asked = BY_SYSTEM
) -> ReserveNowAnswer:
    """Reserve an EVSE under a number of ours (2.x H01; 1.6 §5.13); raises as `send` does."""
    number = await central.commit(lambda unit: _request(unit, station_id, wanted))
    request = ReserveNow(
        id=number,
        expiry_date_time=wanted.expiry_date_time,
        id_token=wanted.id_token,
        evse_id=wanted.evse_id,
        group_id_token=wanted.group_id_token,
        connector_type=wanted.connector_type,
    )
    try:
        answer = await send(central, station_id, request, asked)
    except ChargeplaneError:
        await _note(central, number, FAILED)
        raise
    await _note(central, number, answer.status)
    return answer


async def cancel_reservation(
    central: Central, station_id: str, request: CancelReservation, asked: Asked = BY_SYSTEM
) -> Outcome:
    """Give a reservation up (2.x H02; 1.6 §5.1); raises as `send` does."""
    answer = await send(central, station_id, request, asked)
    if answer.status == "Accepted":
        await central.commit(
            lambda unit: _change(unit, station_id, request.reservation_id, CANCELLED)
        )
    return answer


async def on_update(
    station: Station, request: wire.ReservationStatusUpdate
) -> wire.ReservationStatusUpdateResponse:
    """Store how a reservation ended (2.x H04); one that is not known here is kept as it came."""
    status, number = request.reservation_update_status, request.reservation_id

    def work(unit: Unit) -> None:
        if not _change(unit, station.id, number, status):
            notes.keep(unit, station.id, "reservation.unknown", request)

    await station.central.commit(work)
    return wire.ReservationStatusUpdateResponse()


def use(unit: Unit, station_id: str, reservation_id: int, transaction_id: int) -> bool:
    """Note that a transaction used a reservation up (2.x H01.FR.15); False: it is not known."""
    return _change(unit, station_id, reservation_id, USED, transaction_id)


async def expire(central: Central) -> int:
    """End the reservations whose time is over; how many there were."""
    return await central.commit(_expire)


def _request(unit: Unit, station_id: str, wanted: Reservation) -> int:
    group = wanted.group_id_token
    reserve = Reserve(
        station_id=station_id,
        token=wanted.id_token,
        expires_at=wanted.expiry_date_time,
        evse_id=wanted.evse_id,
        connector_type=wanted.connector_type,
        group_id=group.id_token if group else None,
    )
    return reservations.add(unit.connection, reserve, unit.now).id


async def _note(central: Central, number: int, status: str) -> None:
    """Store what the station answered, unless it has said more by now."""

    def work(unit: Unit) -> None:
        record = reservations.get(unit.connection, number)
        if record is not None and record.status == "Requested":
            _tell(unit, reservations.set_status(unit.connection, number, status, unit.now))

    await central.commit(work)


def _change(
    unit: Unit, station_id: str, number: int, status: str, transaction_id: int | None = None
) -> bool:
    """Change a reservation of this station and tell of it; False if it has no such one."""
    record = reservations.get(unit.connection, number)
    if record is None or record.station_id != station_id:
        return False
    if (record.status, record.transaction_id) != (status, transaction_id):
        changed = reservations.set_status(unit.connection, number, status, unit.now, transaction_id)
        _tell(unit, changed)
    return True


def _expire(unit: Unit) -> int:
    over = reservations.expire(unit.connection, unit.now)
    for record in over:
        _tell(unit, record)
    return len(over)


def _tell(unit: Unit, record: ReservationRecord | None) -> None:
    if record is not None:
        unit.emit(
            "reservation.changed",
            station_id=record.station_id,
            evse_id=record.evse_id,
            transaction_id=record.transaction_id,
            reservation=record.id,
            status=record.status,
        )


HANDLERS: dict[type, Any] = {
    wire.ReservationStatusUpdate: on_update,
}
OPERATIONS: dict[str, tuple[type, Any]] = {
    "reserve_now": (Reservation, reserve_now),
    "cancel_reservation": (CancelReservation, cancel_reservation),
}
