"""What every message of the vocabulary has in common."""

from __future__ import annotations

from typing import Any, Generic, Literal, TypeVar

import msgspec

R_co = TypeVar("R_co", covariant=True)

Json = dict[str, Any]
"""A JSON object that is carried, not interpreted."""


class Value(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of all domain values: immutable, comparable, JSON-ready."""


class Request(Generic[R_co]):
    """A question between station and central system; ``R_co`` is the type of its answer."""

    __slots__ = ()


class StatusInfo(Value):
    """Why a request was answered as it was (2.x StatusInfoType); lost in 1.x."""

    reason_code: str
    additional_info: str | None = None


class Empty(Value):
    """An answer that says nothing but that the request arrived."""


class Outcome(Value):
    """The answer of requests that are only accepted or rejected."""

    status: Literal["Accepted", "Rejected"]
    status_info: StatusInfo | None = None
