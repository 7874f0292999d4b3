"""The versions of OCPP, each as a way to decode and encode the rows of its family.

A session speaks one dialect. All of 1.x decode to the wire types of 1.6, both
of 2.x to those of 2.1, so that everything behind it is written once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

import msgspec

from chargeplane.ocpp import lenient
from chargeplane.ocpp.action import Action, Wire
from chargeplane.ocpp.errors import Family
from chargeplane.ocpp.narrow import narrowed, to_milliseconds
from chargeplane.ocpp.older import OLDER, STEPS
from chargeplane.ocpp.v1.translate import ROWS as ROWS_V1
from chargeplane.ocpp.v2.translate import ROWS as ROWS_V2

AnyAction = Action[Any, Any]

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Dialect:
    """One version of OCPP; see `chargeplane.ocpp.peer.Dialect` for what each member means."""

    version: str
    family: Family
    message_types: frozenset[int]
    actions: tuple[AnyAction, ...]
    by_name: Mapping[str, AnyAction] = field(init=False)
    by_request: Mapping[type, tuple[AnyAction, ...]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", MappingProxyType({a.name: a for a in self.actions}))
        object.__setattr__(self, "by_request", MappingProxyType(_by_request(self.actions)))

    @property
    def subprotocol(self) -> str:
        """The name in `Sec-WebSocket-Protocol` (2.1 part 4 §3.1.2)."""
        return f"ocpp{self.version}"

    @property
    def known(self) -> frozenset[str]:
        """The actions of every version: another name is not implemented, these not supported."""
        return KNOWN

    def decode(
        self,
        action: AnyAction,
        payload: bytes,
        *,
        answer: bool,
        strict: bool,
        closely: bool = False,
    ) -> tuple[Wire, tuple[str, ...]]:
        """A wire value and the oddities tolerated in it; raises `msgspec.DecodeError`.

        A null for an optional member is the same as none; it counts as an oddity
        if the payload is to be looked at `closely`.
        """
        kind = action.wire_answer if answer else action.wire
        if not (strict or closely or self.version in OLDER):
            # Nearly all that is ever decoded passes here; what does not is looked at again.
            try:
                return DECODE[kind](payload), ()
            except (LookupError, ValueError, RecursionError):  # of msgspec, and of UTF-8
                pass
        if kind is None:
            raise msgspec.DecodeError(f"{action.name} has no answer")
        if self.version in OLDER:
            payload = self._modernised(kind.__name__, payload)
        return lenient.decode(kind, payload, strict=strict, version=self.version)

    def encode(self, action: AnyAction, wire: Wire, *, answer: bool) -> bytes:
        """The payload of a wire value; raises `Untranslatable` if this version cannot say it."""
        del action, answer  # the wire value says both
        if not wire.__struct_fields__:  # most answers of 1.x say nothing
            return b"{}"
        if self.version in OLDER:
            return self._aged(wire)
        if self.family == "2.x":
            wire = narrowed(wire, self.version)
        return to_milliseconds(_encode(wire))

    def _modernised(self, message: str, payload: bytes) -> bytes:
        value = _json(payload)
        if not isinstance(value, dict):
            return payload
        try:
            for step in STEPS[self.version]:
                value = step.read(message, value)
        except (AttributeError, TypeError, ValueError) as error:
            raise msgspec.ValidationError(
                f"Expected `object`, got another shape: {error}"
            ) from error
        return _encode(value)

    def _aged(self, wire: Wire) -> bytes:
        value = msgspec.json.decode(to_milliseconds(_encode(wire)))
        for step in reversed(STEPS[self.version]):
            value = step.write(type(wire).__name__, value)
        return _encode(value)


def _json(payload: bytes) -> Any:
    try:
        return msgspec.json.decode(payload)
    except (UnicodeDecodeError, RecursionError) as error:
        raise msgspec.DecodeError(str(error)) from None


def _by_request(actions: Iterable[AnyAction]) -> dict[type, tuple[AnyAction, ...]]:
    found: dict[type, tuple[AnyAction, ...]] = {}
    for action in actions:
        for request in action.requests:
            found[request] = (*found.get(request, ()), action)
    return found


def _v1(version: str) -> Dialect:
    steps = STEPS[version]
    said = [a for a in ROWS_V1 if all(a.name in step.actions for step in steps)]
    return Dialect(version, "1.x", frozenset({2, 3, 4}), tuple(said))


def _v2(version: str, message_types: Iterable[int]) -> Dialect:
    said = tuple(a for a in ROWS_V2 if a.since <= version)
    return Dialect(version, "2.x", frozenset(message_types), said)


KNOWN = frozenset(action.name for action in (*ROWS_V1, *ROWS_V2))
DECODE: Final[dict[type[Wire] | None, Callable[[bytes], Wire]]] = {
    kind: msgspec.json.Decoder(kind).decode
    for action in (*ROWS_V1, *ROWS_V2)
    for kind in (action.wire, action.wire_answer)
    if kind is not None
}

DIALECTS: Mapping[str, Dialect] = MappingProxyType(
    {
        "1.2": _v1("1.2"),
        "1.5": _v1("1.5"),
        "1.6": _v1("1.6"),
        "2.0.1": _v2("2.0.1", (2, 3, 4)),
        "2.1": _v2("2.1", (2, 3, 4, 5, 6)),
    }
)
"""By version, oldest first."""

BY_SUBPROTOCOL: Mapping[str, Dialect] = MappingProxyType(
    {dialect.subprotocol: dialect for dialect in DIALECTS.values()}
)
