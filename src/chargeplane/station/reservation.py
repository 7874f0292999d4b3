"""Keeping an EVSE free for somebody, until the reservation is used, given up or over."""

from __future__ import annotations

from typing import Any

from chargeplane.domain.messages import Outcome, StatusInfo
from chargeplane.domain.reservations import CancelReservation, ReserveNow, ReserveNowAnswer
from chargeplane.domain.tokens import Token
from chargeplane.ocpp.v2 import wire
from chargeplane.station import availability
from chargeplane.station.station import EvseUnit, Station

ANY = 0  # the EVSE of a reservation that is for any EVSE


def kept(station: Station) -> Any:
    """The reservations: by their id."""
    return station.documents.collection("reservations", ReserveNow)


def is_kept_from(
    station: Station, evse: EvseUnit, token: Token, group: Token | None = None
) -> bool:
    """Whether this EVSE is reserved for somebody else (2.x H01, H03; 1.6 §5.13).

    Reservations for any EVSE keep as many EVSEs free as there are of them (H01.FR.20).
    """
    own = _of(station, evse)
    if own is not None:
        return not _is_for(own, token, group)
    unspecific = [each for each in kept(station).values() if not each.evse_id]
    if any(_is_for(each, token, group) for each in unspecific):
        return False
    return len(unspecific) >= len(_free(station)) > 0


def is_held_for(station: Station, evse: EvseUnit, token: Token, group: Token | None = None) -> bool:
    """Whether this EVSE is reserved for that token."""
    own = _of(station, evse)
    return own is not None and _is_for(own, token, group)


def use(station: Station, evse: EvseUnit, token: Token, group: Token | None = None) -> int | None:
    """Consume the reservation that lets this token charge here; its id (H03.FR.01)."""
    candidates = [each for each in kept(station).values() if each.evse_id in (evse.id, None, ANY)]
    for found in candidates:
        if _is_for(found, token, group):
            _remove(station, found.id)
            return int(found.id)
    return None


def _of(station: Station, evse: EvseUnit) -> ReserveNow | None:
    if evse.reservation_id is None:
        return None
    found: ReserveNow | None = kept(station).get(str(evse.reservation_id))
    return found


def _is_for(reservation: ReserveNow, token: Token, group: Token | None) -> bool:
    if reservation.id_token.key == token.key:
        return True
    wanted = reservation.group_id_token
    return wanted is not None and group is not None and wanted.key == group.key


def _free(station: Station) -> list[EvseUnit]:
    return [each for each in station.evses if each.state(each.connector) == "Available"]


async def on_reserve(station: Station, request: ReserveNow) -> ReserveNowAnswer:
    """Reserve an EVSE or any of them; the same id again replaces the reservation (H01.FR.02)."""
    status, reason = _verdict(station, request)
    if status != "Accepted":
        info = StatusInfo(reason_code=reason) if reason else None
        return ReserveNowAnswer(status=status, status_info=info)
    with station.documents.together():
        if str(request.id) in kept(station):
            _remove(station, request.id)
        kept(station)[str(request.id)] = request
    _mark(station)
    return ReserveNowAnswer(status="Accepted")


def _verdict(station: Station, request: ReserveNow) -> tuple[Any, str | None]:
    if not station.model.flag("ReservationCtrlr/Enabled"):
        return "Rejected", "NotEnabled"
    if request.expiry_date_time <= station.now():
        return "Rejected", "InvalidValue"
    if request.evse_id:
        evse = station.evse(request.evse_id)
        if evse is None:
            return "Rejected", "UnknownEvse"
        return _verdict_of(station, evse, request), None
    if not station.model.flag("ReservationCtrlr/NonEvseSpecific"):
        return "Rejected", "UnsupportedParam"  # H01.FR.19
    return _verdict_of_any(station, request), None


def _verdict_of(station: Station, evse: EvseUnit, request: ReserveNow) -> Any:
    if evse.reservation_id == request.id:
        return "Accepted"
    state = evse.state(evse.connector)
    if state == "Available":
        unspecific = [each for each in kept(station).values() if not each.evse_id]
        return "Accepted" if len(_free(station)) > len(unspecific) else "Occupied"
    return state if state in ("Faulted", "Unavailable") else "Occupied"


def _verdict_of_any(station: Station, request: ReserveNow) -> Any:
    waiting = [e for e in kept(station).values() if not e.evse_id and e.id != request.id]
    if len(_free(station)) > len(waiting):
        return "Accepted"
    states = {evse.state(evse.connector) for evse in station.evses}
    for word in ("Occupied", "Faulted", "Unavailable"):
        if states == {word}:
            return word
    return "Occupied"


async def on_cancel(station: Station, request: CancelReservation) -> Outcome:
    """Give a reservation up (H02; 1.6 §5.1)."""
    if str(request.reservation_id) not in kept(station):
        return Outcome(status="Rejected")
    _remove(station, request.reservation_id)
    _mark(station)
    return Outcome(status="Accepted")


def cancel(station: Station, evse: EvseUnit) -> None:
    """Remove the reservation of an EVSE that cannot be used any more, and tell (H01.FR.16)."""
    if evse.reservation_id is not None:
        _withdraw(station, evse.reservation_id, "Removed")


def _withdraw(station: Station, reservation_id: int, how: Any) -> None:
    _remove(station, reservation_id)
    _mark(station)
    update = wire.ReservationStatusUpdate(
        reservation_id=reservation_id, reservation_update_status=how
    )
    station.tell(update)


def _remove(station: Station, reservation_id: int) -> None:
    del kept(station)[str(reservation_id)]
    for evse in station.evses:
        if evse.reservation_id == reservation_id:
            evse.reservation_id = None


def _mark(station: Station) -> None:
    """Let every EVSE know what it is reserved for, and tell what changed."""
    owners = {each.evse_id: each.id for each in kept(station).values() if each.evse_id}
    for evse in station.evses:
        evse.reservation_id = owners.get(evse.id)
    unspecific = sum(1 for each in kept(station).values() if not each.evse_id)
    # H01.FR.09: an EVSE is Reserved only if all that is left is reserved for somebody.
    free = [each for each in station.evses if each.reservation_id is None]
    if unspecific and unspecific >= len(free):
        for evse, each in zip(free, _unspecific(station), strict=False):
            evse.reservation_id = each.id
    availability.report_all(station)
    ends = min((each.expiry_date_time for each in kept(station).values()), default=None)
    if ends is not None:
        station.alarm("reservation", (ends - station.now()).total_seconds(), _expire)


def _unspecific(station: Station) -> list[ReserveNow]:
    return [each for each in kept(station).values() if not each.evse_id]


def _expire(station: Station) -> None:
    """End the reservations whose time is over (H04; 1.6 §5.13)."""
    now = station.now()
    over = [each.id for each in kept(station).values() if each.expiry_date_time <= now]
    for reservation_id in over:
        _withdraw(station, reservation_id, "Expired")
    _mark(station)


HANDLERS: dict[type, Any] = {ReserveNow: on_reserve, CancelReservation: on_cancel}
ON_START = (_expire,)
