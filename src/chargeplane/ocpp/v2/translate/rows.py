"""How rows of the 2.x table are made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from chargeplane.domain.messages import Json, Request
from chargeplane.errors import Untranslatable
from chargeplane.ocpp.action import Action, Sender, Wire
from chargeplane.ocpp.v2.wire import MESSAGES

T = TypeVar("T")


def to(kind: type[T]) -> Callable[[Any], T]:
    """A function that converts a value to `kind`, member by member of the same name."""

    def convert(value: Any) -> T:
        return msgspec.convert(value, kind, from_attributes=True)

    return convert


def to_wire(kind: type[T]) -> Callable[[Any], T]:
    """The same for a wire type: what breaks its bounds cannot be said."""

    def convert(value: Any) -> T:
        try:
            return msgspec.convert(value, kind, from_attributes=True)
        except msgspec.ValidationError as error:
            raise Untranslatable(f"OCPP 2.x {kind.__name__}: {error}") from error

    return convert


def carried(value: Wire | None) -> Json | None:
    """A wire value as plain JSON, with the specification's names."""
    return None if value is None else msgspec.to_builtins(value)


def row(  # noqa: PLR0913 the columns of a table
    sender: Sender,
    name: str,
    *requests: type[Request[Any]],
    answer: type[Any],
    read: Callable[[Any], Any] | None = None,
    write: Callable[[Any], Any] | None = None,
    read_answer: Callable[[Any], Any] | None = None,
    write_answer: Callable[[Any], Any] | None = None,
) -> Action[Any, Any]:
    """A shared row; what is not given is converted by name."""
    wire, wire_answer, since = MESSAGES[name]
    assert wire_answer is not None  # noqa: S101 a shared action is always answered
    understand = read_answer or to(answer)
    return Action(
        name=name,
        sender=sender,
        wire=wire,
        wire_answer=wire_answer,
        requests=requests,
        read=read or to(requests[0]),
        write=write or to_wire(wire),
        read_answer=lambda reply, _asked: understand(reply),
        write_answer=write_answer or to_wire(wire_answer),
        since=since,
    )


def only(sender: Sender, name: str) -> Action[Any, Any]:
    """The row of an action that only 2.x has: its wire type is the domain request."""
    wire, wire_answer, since = MESSAGES[name]
    return Action(
        name=name,
        sender=sender,
        wire=wire,
        wire_answer=wire_answer,
        requests=(wire,),  # type: ignore[arg-type]  # every generated request is a Request
        read=_same,
        write=_same,
        read_answer=lambda reply, _asked: reply,
        write_answer=_same,
        shared=False,
        since=since,
    )


def _same(value: T) -> T:
    return value
