"""Keeping an EVSE free for somebody, until the reservation is used, given up or over.

A reservation is for one EVSE, or for any of the station, or for any with a connector of some type.
Those for any are kept by letting nobody else use an EVSE without which they could not all be
served; such an EVSE is said to be reserved (H01.FR.07, FR.09, FR.20, FR.24).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

import msgspec

from chargeplane.domain.messages import Outcome, StatusInfo
from chargeplane.domain.reservations import CancelReservation, ReserveNow, ReserveNowAnswer
from chargeplane.domain.tokens import Token
from chargeplane.ocpp.v2 import wire
from chargeplane.station import availability
from chargeplane.station.machine import State
from chargeplane.station.station import Station
from chargeplane.station.unit import Authorization, Connector, EvseUnit

Obstacle = Literal["Faulted", "Unavailable", "Occupied"]


class Reservation(msgspec.Struct, frozen=True):
    """What is reserved, since when."""

    request: ReserveNow
    since: datetime


def kept(station: Station) -> Any:
    """The reservations: by their id."""
    return station.documents.collection("reservations", Reservation)


# Who may use an EVSE


def is_kept_from(
    station: Station, evse: EvseUnit, token: Token, group: Token | None = None
) -> bool:
    """Whether this EVSE is kept free for somebody else (2.x H01, H03; 1.6 §5.13)."""
    if not kept(station) or find(station, evse, token, group) is not None:
        return False
    return _specific(station, evse) is not None or evse.id in _needed(station)


def is_held_for(station: Station, evse: EvseUnit, token: Token, group: Token | None = None) -> bool:
    """Whether exactly this EVSE is reserved for that token."""
    own = _specific(station, evse)
    return own is not None and is_for(own.request, token, group)


def use(station: Station, used: Reservation) -> None:
    """Consume a reservation (H03.FR.09)."""
    _remove(station, used.request.id, "Used")
    mark(station)


def is_for(request: ReserveNow, token: Token, group: Token | None) -> bool:
    """Whether a reservation is for a token, or for its group (H03.FR.01 to FR.06)."""
    if (request.id_token.key, request.id_token.type) == (token.key, token.type):
        return True
    wanted = request.group_id_token
    return wanted is not None and group is not None and wanted.key == group.key


def find(
    station: Station, evse: EvseUnit, token: Token, group: Token | None = None
) -> Reservation | None:
    """The reservation of a token that this EVSE can serve; one for exactly it goes first."""
    mine = [each for each in kept(station).values() if is_for(each.request, token, group)]
    mine.sort(key=lambda each: each.request.evse_id != evse.id)
    return next((each for each in mine if _can_serve(station, evse, each.request)), None)


def _specific(station: Station, evse: EvseUnit) -> Reservation | None:
    return next((r for r in kept(station).values() if r.request.evse_id == evse.id), None)


def _can_serve(station: Station, evse: EvseUnit, request: ReserveNow) -> bool:
    if request.evse_id:
        return request.evse_id == evse.id
    wanted = request.connector_type
    return wanted is None or any(
        station.model.text(f"Connector@{evse.id}.{each.id}/ConnectorType") == wanted
        for each in evse.connectors
    )


# Whether all can be served


def _loose(station: Station, *, but: int | None = None) -> list[ReserveNow]:
    """The reservations that are for any EVSE."""
    requests = [each.request for each in kept(station).values()]
    return [each for each in requests if not each.evse_id and each.id != but]


def _free(station: Station, *, but: int | None = None) -> list[EvseUnit]:
    """The EVSEs that reservations for any can count on."""
    taken = {r.request.evse_id for r in kept(station).values() if r.request.id != but}
    return [e for e in station.evses if e.id not in taken and _obstacle(e) is None]


def _obstacle(evse: EvseUnit) -> Obstacle | None:
    """Why an EVSE cannot be reserved, whoever has reserved it."""
    if evse.faults:
        return "Faulted"
    operative = evse.is_operative and any(each.is_operative for each in evse.connectors)
    if not operative or evse.becomes_inoperative:
        return "Unavailable"
    # A cable in an EVSE that is reserved already is no obstacle (G01.FR.09).
    stranger = evse.hardware.is_plugged_in() and evse.reservation_id is None
    charges = evse.transaction is not None and evse.transaction.token is not None
    return "Occupied" if stranger or charges or evse.authorization is not None else None


def _served(
    station: Station, requests: Iterable[ReserveNow], evses: Iterable[EvseUnit]
) -> dict[int, int] | None:
    """Which EVSE each reservation could have, by its number; None if not all can have one."""
    given: dict[int, ReserveNow] = {}
    choices = list(evses)

    def find(request: ReserveNow, tried: set[int]) -> bool:
        for evse in choices:
            if evse.id in tried or not _can_serve(station, evse, request):
                continue
            tried.add(evse.id)
            if evse.id not in given or find(given[evse.id], tried):
                given[evse.id] = request
                return True
        return False

    served = all(find(request, set()) for request in requests)
    return {number: request.id for number, request in given.items()} if served else None


def _needed(station: Station) -> dict[int, int]:
    """The EVSEs without which the reservations for any could not all be served, and for which."""
    loose, free = _loose(station), _free(station)
    served = _served(station, loose, free) or {}
    return {
        number: request_id
        for number, request_id in served.items()
        if _served(station, loose, [each for each in free if each.id != number]) is None
    }


# Reserving


async def on_reserve(station: Station, request: ReserveNow) -> ReserveNowAnswer:
    """Reserve an EVSE or any of them; the same id again replaces the reservation (H01.FR.02)."""
    status, reason = _verdict(station, request)
    if status != "Accepted":
        info = StatusInfo(reason_code=reason) if reason else None
        return ReserveNowAnswer(status=status, status_info=info)
    kept(station)[str(request.id)] = Reservation(request, station.now())
    mark(station)
    station.signals.reservation.emit((request.id, "Placed"))
    return ReserveNowAnswer(status="Accepted")


def _verdict(station: Station, request: ReserveNow) -> tuple[Any, str | None]:
    if not station.model.flag("ReservationCtrlr/Enabled"):
        return "Rejected", "NotEnabled"  # H01.FR.01
    if request.expiry_date_time <= station.now():
        return "Rejected", "InvalidValue"
    if request.evse_id:
        evse = station.evse(request.evse_id)
        if evse is None:
            return "Rejected", "UnknownEvse"
        return _verdict_of(station, evse, request), None
    if not station.model.flag("ReservationCtrlr/NonEvseSpecific"):
        return "Rejected", "UnsupportedParam"  # H01.FR.19
    return _verdict_of_any(station, request)


def _verdict_of(station: Station, evse: EvseUnit, request: ReserveNow) -> str:
    own, obstacle = _specific(station, evse), _obstacle(evse)
    if obstacle is not None:
        return obstacle  # H01.FR.11 to FR.14
    if own is not None and own.request.id != request.id:
        return "Occupied"
    left = [each for each in _free(station, but=request.id) if each is not evse]
    is_spare = _served(station, _loose(station, but=request.id), left) is not None
    return "Accepted" if is_spare else "Occupied"


def _verdict_of_any(station: Station, request: ReserveNow) -> tuple[str, str | None]:
    able = [each for each in station.evses if _can_serve(station, each, request)]
    if not able:
        return "Rejected", "UnsupportedParam"
    wanted = [*_loose(station, but=request.id), request]
    if _served(station, wanted, _free(station, but=request.id)) is not None:
        return "Accepted", None
    obstacles = {_obstacle(each) for each in able}
    for word in ("Faulted", "Unavailable"):
        if obstacles == {word}:
            return word, None
    return "Occupied", None


async def on_cancel(station: Station, request: CancelReservation) -> Outcome:
    """Give a reservation up (H02; 1.6 §5.1)."""
    if str(request.reservation_id) not in kept(station):
        return Outcome(status="Rejected")
    _remove(station, request.reservation_id, "Cancelled")
    mark(station)
    return Outcome(status="Accepted")


def _remove(station: Station, reservation_id: int, how: str) -> None:
    del kept(station)[str(reservation_id)]
    for evse in station.evses:
        if evse.reservation_id == reservation_id:
            evse.reservation_id = None
    station.signals.reservation.emit((reservation_id, how))


# What becomes of them


def mark(station: Station) -> None:
    """Let every EVSE know what it is reserved for, tell what changed, wait for the next end."""
    owners = {r.request.evse_id: r.request.id for r in kept(station).values() if r.request.evse_id}
    owners |= _needed(station)
    for evse in station.evses:
        evse.reservation_id = owners.get(evse.id)
    availability.report_all(station)
    ends = [each.request.expiry_date_time for each in kept(station).values()]
    if ends:
        seconds = (min(ends) - station.now()).total_seconds()
        station.alarm("reservation", seconds, expire)
    else:
        station.silence("reservation")


def expire(station: Station) -> None:
    """End the reservations whose time is over (H04; 1.6 §5.13)."""
    now = station.now()
    _withdraw(
        station,
        [r.request.id for r in kept(station).values() if r.request.expiry_date_time <= now],
        "Expired",
    )


def _withdraw(station: Station, ids: list[int], how: Literal["Expired", "Removed"]) -> None:
    for reservation_id in ids:
        _remove(station, reservation_id, how)
    mark(station)
    for reservation_id in ids:
        _tell(station, reservation_id, how)


def _tell(station: Station, reservation_id: int, how: Any) -> None:
    station.tell(
        wire.ReservationStatusUpdate(reservation_id=reservation_id, reservation_update_status=how)
    )


def tell_unused(station: Station, authorization: Authorization | None) -> None:
    """Tell that a reservation was used by somebody who plugged nothing in (2.1 H03.FR.11)."""
    if authorization is not None and authorization.reservation_id is not None:
        _tell(station, authorization.reservation_id, "NoTransaction")


def on_status(station: Station, news: tuple[EvseUnit, Connector, State]) -> None:
    """End reservations that cannot be kept any more (H01.FR.16, FR.17), and mark anew."""
    if not kept(station):
        return
    unusable = {"Faulted", "Unavailable"}
    lost = [
        each.request.id
        for each in kept(station).values()
        if all(
            _obstacle(evse) in unusable
            for evse in station.evses
            if _can_serve(station, evse, each.request)
        )
    ]
    del news
    if lost:
        _withdraw(station, lost, "Removed")
    elif _loose(station):
        mark(station)


HANDLERS: dict[type, Any] = {ReserveNow: on_reserve, CancelReservation: on_cancel}
ON_START = (expire,)
ON_STATUS = (on_status,)
