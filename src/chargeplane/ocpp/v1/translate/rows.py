"""How rows of the 1.x table are made."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, TypeVar

import msgspec

from chargeplane.domain.messages import Empty, Outcome, Request
from chargeplane.domain.station import Evse
from chargeplane.errors import Untranslatable
from chargeplane.ocpp.action import Action, Sender
from chargeplane.ocpp.v1.wire import MESSAGES

T = TypeVar("T")


def say(kind: type[T], **members: Any) -> T:
    """A wire value within its bounds; what breaks them cannot be said."""
    try:
        return msgspec.convert(SimpleNamespace(**members), kind, from_attributes=True)
    except msgspec.ValidationError as error:
        raise Untranslatable(f"OCPP 1.x {kind.__name__}: {error}") from error


def row(
    sender: Sender,
    name: str,
    *requests: type[Request[Any]],
    read: Callable[[Any], Any],
    write: Callable[[Any], Any],
    read_answer: Callable[[Any, Any], Any],
    write_answer: Callable[[Any], Any],
) -> Action[Any, Any]:
    """A row of the table."""
    wire, wire_answer, since = MESSAGES[name]
    return Action(
        name=name,
        sender=sender,
        wire=wire,
        wire_answer=wire_answer,
        requests=requests,
        read=read,
        write=write,
        read_answer=read_answer,
        write_answer=write_answer,
        since=since,
    )


# Answers that several actions share


def read_empty(_answer: Any, _asked: Any) -> Empty:
    """An answer without content."""
    return Empty()


def empty(kind: type[T]) -> Callable[[Any], T]:
    """A `write_answer` for an answer without content."""
    return lambda _answer: kind()


def read_outcome(answer: Any, _asked: Any) -> Outcome:
    """Accepted or Rejected."""
    return Outcome(status=answer.status)


def status_of(kind: type[T], **others: str) -> Callable[[Any], T]:
    """A `write_answer` that says the status alone, with the given words instead of others."""

    def write(answer: Any) -> T:
        return say(kind, status=others.get(answer.status, answer.status))

    return write


def status_to(kind: Callable[..., T], **others: str) -> Callable[[Any, Any], T]:
    """A `read_answer` that takes the status alone, with the given words instead of others."""

    def read(answer: Any, _asked: Any) -> T:
        return kind(status=others.get(answer.status, answer.status))

    return read


# Places and numbers


def evse(connector_id: int | None) -> Evse | None:
    """The EVSE of a connector that may be absent or 0, the whole station."""
    return Evse(connector_id) if connector_id else None


def connector_id(place: Evse | None) -> int:
    """The 1.x number of an EVSE or its only connector; 0 is the station."""
    if place is None:
        return 0
    if (place.connector_id or 1) != 1:
        raise Untranslatable(
            f"OCPP 1.x has one connector per EVSE; EVSE {place.id} has no connector "
            f"{place.connector_id}"
        )
    return place.id


def transaction_number(transaction_id: str | None) -> int:
    """The integer that 1.x names a transaction by."""
    try:
        return int(transaction_id or "")
    except ValueError:
        raise Untranslatable(
            f"OCPP 1.x transactions have numbers, not {transaction_id!r}"
        ) from None
