"""Messages of the central system for drivers: taken, reported, removed (2.x O)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from chargeplane.domain.transactions import TransactionEnded, TransactionEvent
from chargeplane.ocpp.errors import OcppError
from chargeplane.ocpp.v2 import wire
from chargeplane.station import display, reports
from chargeplane.station.station import Station

PART: Final = 5  # messages in one NotifyDisplayMessages


async def on_set(station: Station, request: wire.SetDisplayMessage) -> Any:
    """Take a message, instead of the one with its id (O01, O02, O06)."""
    _require(station)
    message = request.message
    status, reason = _verdict(station, message)
    if status == "Accepted":
        _store(station, message)
    info = None if reason is None else wire.StatusInfo(reason_code=reason)
    return wire.SetDisplayMessageResponse(status=status, status_info=info)


def _require(station: Station) -> None:
    if not station.displays:
        raise OcppError("NotSupported", "this station has no display")


def _verdict(station: Station, message: wire.MessageInfo) -> tuple[Any, str | None]:
    if not station.model.flag("DisplayMessageCtrlr/Enabled"):
        return "Rejected", "NotEnabled"
    if message.display is not None and display.number_of(message.display) not in station.displays:
        return "Rejected", "UnknownComponent"  # O01.FR.22
    for word, is_wrong in FLAWS.items():
        if is_wrong(station, message):
            return word, None
    if not _has_room(station, message):
        return "Rejected", "OutOfStorage"  # O01.FR.11
    return "Accepted", None


def _is_of_nothing(station: Station, message: wire.MessageInfo) -> bool:
    name = message.transaction_id
    return name is not None and station.running(name) is None


def _is_too_important(station: Station, message: wire.MessageInfo) -> bool:
    supported = station.model.words("DisplayMessageCtrlr/SupportedPriorities")
    return message.priority not in supported


def _is_for_another_state(station: Station, message: wire.MessageInfo) -> bool:
    supported = station.model.words("DisplayMessageCtrlr/SupportedStates")
    return message.state is not None and message.state not in supported


def _has_no_format(station: Station, message: wire.MessageInfo) -> bool:
    able = display.formats_of(station)
    return not any(each.format in able for each in display.texts_of(message))


def _has_another_language(station: Station, message: wire.MessageInfo) -> bool:
    known = display.languages_of(station)
    return any(
        each.language and not _knows(known, each.language) for each in display.texts_of(message)
    )


# What may be wrong with a message: O02.FR.01, O01.FR.01, FR.02, FR.03, FR.18.
FLAWS: Final[dict[str, Callable[[Station, wire.MessageInfo], bool]]] = {
    "UnknownTransaction": _is_of_nothing,
    "NotSupportedPriority": _is_too_important,
    "NotSupportedState": _is_for_another_state,
    "NotSupportedMessageFormat": _has_no_format,
    "LanguageNotSupported": _has_another_language,
}


def _knows(known: tuple[str, ...], tag: str) -> bool:
    return any(display.is_alike(each, tag) for each in known)


def _has_room(station: Station, message: wire.MessageInfo) -> bool:
    replaced = {str(message.id), *_always_in_front(station, message)}
    left = [key for key in display.messages(station) if key not in replaced]
    return len(left) < station.model.maximum("DisplayMessageCtrlr/DisplayMessages")


def _store(station: Station, message: wire.MessageInfo) -> None:
    kept = display.messages(station)
    with station.documents.together():
        for key in _always_in_front(station, message):
            del kept[key]
        kept[str(message.id)] = message
    display.refresh(station)


def _always_in_front(station: Station, message: wire.MessageInfo) -> list[str]:
    """The message that one that is always in front takes the place of (O01.FR.16, O02.FR.18)."""
    if message.priority != "AlwaysFront":
        return []
    kept = display.messages(station)
    return [key for key in kept if kept[key].priority == "AlwaysFront"]


async def on_get(station: Station, request: wire.GetDisplayMessages) -> Any:
    """Report the messages for which all that is given holds (O03, O04)."""
    _require(station)
    display.remove_outdated(station)
    found = [
        each
        for each in display.messages(station).values()
        if request.id is None or each.id in request.id
        if request.priority in (None, each.priority)
        if request.state in (None, each.state)
    ]
    if not found:
        return wire.GetDisplayMessagesResponse(status="Unknown")

    def say(_number: int, more: bool, part: list[Any]) -> Any:  # noqa: FBT001 as `reports` calls
        return wire.NotifyDisplayMessages(
            request_id=request.request_id, tbc=more, message_info=part
        )

    parts = reports.in_parts(found, PART)
    station.spawn(reports.send_parts(station, parts, say), "display messages")
    return wire.GetDisplayMessagesResponse(status="Accepted")


async def on_clear(station: Station, request: wire.ClearDisplayMessage) -> Any:
    """Remove a message (O05)."""
    _require(station)
    if display.messages(station).pop(str(request.id), None) is None:
        return wire.ClearDisplayMessageResponse(status="Unknown")
    display.refresh(station)
    return wire.ClearDisplayMessageResponse(status="Accepted")


# Transactions that end


def on_event(station: Station, event: TransactionEvent) -> None:
    """Remove the messages of a transaction that has ended (O02.FR.02)."""
    if station.displays and isinstance(event, TransactionEnded):
        _remove_of(station, {event.transaction_id})


def _remove_of(station: Station, transactions: set[str | None]) -> None:
    kept = display.messages(station)
    names = transactions | {station.names.get(each or "") for each in transactions}
    for key, each in list(kept.items()):
        if each.transaction_id is not None and each.transaction_id in names:
            del kept[key]


def on_start(station: Station) -> None:
    """Forget messages of transactions that are no more."""
    running = {*station.transactions, *map(station.names.get, station.transactions)}
    told = {each.transaction_id for each in display.messages(station).values()}
    _remove_of(station, told - running - {None})


HANDLERS: dict[type, Any] = {
    wire.SetDisplayMessage: on_set,
    wire.GetDisplayMessages: on_get,
    wire.ClearDisplayMessage: on_clear,
}
ON_EVENT = (on_event,)
ON_START = (on_start,)
