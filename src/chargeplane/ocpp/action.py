"""One row of a translation table: how a wire action and the domain requests map onto each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, Literal, TypeVar

import msgspec

from chargeplane.domain.messages import Request


class Wire(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """Base of the generated wire types.

    Unknown members are refused here, so that the fast decoder notices them;
    `chargeplane.ocpp.lenient` then decides whether they are tolerated. What
    is decoded from JSON has no cycles that the garbage collector should find.
    """


Sender = Literal["station", "csms", "both"]

Q = TypeVar("Q", bound=Wire)  # wire request
A = TypeVar("A", bound=Wire)  # wire answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Action(Generic[Q, A]):
    """How one wire action translates.

    The side that receives the call uses `read` and `write_answer`; the side
    that sends it uses `write` and `read_answer`, which is also given the
    request that was asked. `write` raises `Untranslatable` for a request that
    this action cannot say; of several rows that accept a request type the
    first that can say it is used. An action that only OCPP 2.x has is its own
    domain request: the four functions are identities.
    """

    name: str
    sender: Sender
    wire: type[Q]
    wire_answer: type[A] | None  # None: a SEND, which is not answered (2.1 part 4 §4.2.4)
    requests: tuple[type[Request[Any]], ...]  # what `write` accepts and `read` returns
    read: Callable[[Q], Request[Any]]
    write: Callable[[Any], Q]
    read_answer: Callable[[A, Any], Any]
    write_answer: Callable[[Any], A]
    shared: bool = True  # False: 2.x-only, without a domain twin
    since: str = ""  # the version of the family that brought it, when not its first


def utc(at: datetime, *, is_local: bool = False) -> datetime:
    """The same moment in UTC; a time without an offset is taken as UTC (2.0.1 part 2 §2.1.3).

    Of a time that is local for whoever receives it the offset says nothing (2.1 K01.FR.90).
    """
    if at.tzinfo is UTC:
        return at
    return at.replace(tzinfo=UTC) if is_local or at.tzinfo is None else at.astimezone(UTC)
