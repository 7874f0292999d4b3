"""What every message of the vocabulary has in common.

The vocabulary is shaped like OCPP 2.x: where a domain value has a counterpart
there it carries the specification's member names in snake case, so that most
of the 2.x translation is a conversion without code of its own.
"""

from __future__ import annotations

from typing import Any, Generic, Literal, TypeVar

import msgspec

R_co = TypeVar("R_co", covariant=True)

Json = dict[str, Any]
"""A JSON object that is carried, not interpreted."""


class Value(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Base of all domain values: immutable, comparable, JSON-ready.

    Values are trees, so the garbage collector need not look for cycles in them.
    """


class Request(Generic[R_co]):
    """A question between station and central system; `R_co` is the type of its answer."""

    __slots__ = ()


class Message(Value, frozen=True, kw_only=True):
    """Base of requests and answers."""

    custom_data: Json | None = None  # vendor data (2.x CustomDataType); lost in 1.x


class StatusInfo(Value, frozen=True, kw_only=True):
    """Why a request was answered as it was (2.x StatusInfoType); lost in 1.x."""

    reason_code: str
    additional_info: str | None = None


class Empty(Message, frozen=True):
    """An answer that says nothing but that the request arrived."""


class Outcome(Message, frozen=True, kw_only=True):
    """The answer to requests that are only accepted or rejected."""

    status: Literal["Accepted", "Rejected"]
    status_info: StatusInfo | None = None


class MessageContent(Value, frozen=True, kw_only=True):
    """A text to be shown to a driver (2.x MessageContentType)."""

    format: Literal["ASCII", "HTML", "URI", "UTF8", "QRCODE"]
    content: str
    language: str | None = None
