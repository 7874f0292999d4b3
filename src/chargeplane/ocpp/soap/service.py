"""The services of OCPP over SOAP, a side of a version each: how their envelopes are written.

A payload is the JSON that OCPP-J has for the same message and version, so
that everything behind it is that of OCPP-J. Paragraphs cited are those of
OCPP-S 1.6.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count
from types import MappingProxyType
from typing import Final, Literal, TypeVar
from uuid import UUID, uuid4

import msgspec

from chargeplane.errors import ChargeplaneError
from chargeplane.ocpp import dialects
from chargeplane.ocpp.dialects import Dialect
from chargeplane.ocpp.errors import DESCRIPTION_LENGTH, ErrorCode, OcppError, received
from chargeplane.ocpp.soap.codec import PREFIX, Read, Write, escaped, reader, writer
from chargeplane.ocpp.soap.messages import MESSAGES, Messages, Side

T = TypeVar("T")

SOAP: Final = "http://www.w3.org/2003/05/soap-envelope"
ADDRESSING: Final = "http://www.w3.org/2005/08/addressing"
ANONYMOUS: Final = f"{ADDRESSING}/anonymous"
FAULT: Final = f"{ADDRESSING}/soap/fault"  # WS-Addressing SOAP Binding §6

FaultCode = Literal["Sender", "Receiver", "VersionMismatch", "MustUnderstand"]

# §4: what an error is called in a fault, and whose it is; all others are ProtocolErrors.
SUBCODES: Final[dict[ErrorCode, tuple[FaultCode, str]]] = {
    "SecurityError": ("Sender", "SecurityError"),
    "InternalError": ("Receiver", "InternalError"),
    "GenericError": ("Receiver", "InternalError"),
    "NotSupported": ("Receiver", "NotSupported"),
    "NotImplemented": ("Receiver", "NotSupported"),
}


class Fault(ChargeplaneError):
    """A SOAP fault, ours to the other side or the other side's to us."""

    def __init__(self, code: FaultCode, subcode: str, reason: str) -> None:
        super().__init__(f"{subcode or code}: {reason}")
        self.code: FaultCode = code
        self.subcode = subcode
        self.reason = reason[:DESCRIPTION_LENGTH]

    @classmethod
    def of(cls, error: OcppError) -> Fault:
        """The fault that says an OCPP error."""
        code, subcode = SUBCODES.get(error.code, ("Sender", "ProtocolError"))
        return cls(code, subcode, error.description or subcode)

    def as_error(self) -> OcppError:
        """The OCPP error that the fault says."""
        return received(self.subcode or self.code, self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Headers:
    """What the header of an envelope says."""

    identity: str = ""  # of the charge point (§3.3)
    action: str = ""
    message_id: str = ""
    relates_to: str = ""
    sender: str = ""  # WS-Addressing From: where the charge point listens (§3.7)
    to: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """What §3 asks of a request and is not there."""
        asked = (
            ("Action", self.action),
            ("MessageID", self.message_id),
            ("From", self.sender),
            ("To", self.to),
        )
        return tuple(name for name, value in asked if not value)


@dataclass(frozen=True, slots=True, eq=False)
class Service:
    """What one side takes in one version: the messages, read and written."""

    version: str
    namespace: str  # of everything of OCPP in an envelope
    readers: Mapping[str, tuple[str, bool, Read]]
    """By the name of the element: action, whether it is an answer, and how to read it."""
    writers: Mapping[tuple[str, bool], tuple[str, Write]]
    """By action and whether it is an answer: the name of the element and how to write it."""

    @classmethod
    def of(cls, messages: Messages, side: Side) -> Service:
        """The service of a side."""
        reads: dict[str, Read] = {}
        writes: dict[str, Write] = {}
        parts = tuple(_parts(messages, side))
        return cls(
            messages.version,
            messages.namespace(side),
            {e: (a, is_answer, reader(messages, s, reads)) for a, is_answer, s, e in parts},
            {(a, is_answer): (e, writer(messages, s, writes)) for a, is_answer, s, e in parts},
        )

    def call(self, action: str, payload: bytes, headers: Headers) -> bytes:
        """A request; raises `Untranslatable` for what cannot be said, OcppError (NotSupported)."""
        said = (
            f"<{PREFIX}:chargeBoxIdentity>{escaped(headers.identity)}</{PREFIX}:chargeBoxIdentity>"
            f"<a:Action>/{action}</a:Action>"
            f"<a:MessageID>{headers.message_id or new_message_id()}</a:MessageID>"
            f"<a:From><a:Address>{escaped(headers.sender or ANONYMOUS)}</a:Address></a:From>"
            f"<a:ReplyTo><a:Address>{ANONYMOUS}</a:Address></a:ReplyTo>"
            f"<a:To>{escaped(headers.to or ANONYMOUS)}</a:To>"
        )
        return self._message(said, action, payload, is_answer=False)

    def answer(self, action: str, payload: bytes, request: Headers) -> bytes:
        """The answer to a request; raises `Untranslatable`, OcppError (NotSupported)."""
        said = _reply_headers(f"/{action}Response", request)
        return self._message(said, action, payload, is_answer=True)

    def fault(self, fault: Fault, request: Headers) -> bytes:
        """A fault in answer to a request."""
        subcode = f"<s:Subcode><s:Value>{PREFIX}:{fault.subcode}</s:Value></s:Subcode>"
        return self._envelope(
            _reply_headers(FAULT, request),
            f"<s:Fault><s:Code><s:Value>s:{fault.code}</s:Value>{subcode if fault.subcode else ''}"
            f'</s:Code><s:Reason><s:Text xml:lang="en">{_printable(fault.reason)}</s:Text>'
            "</s:Reason></s:Fault>",
        )

    def _message(self, headers: str, action: str, payload: bytes, *, is_answer: bool) -> bytes:
        found = self.writers.get((action, is_answer))
        if found is None:
            text = f"{action} is not part of OCPP {self.version} over SOAP"
            raise OcppError("NotSupported", text)
        element, write = found
        pieces = [f"<{PREFIX}:{element}>"]
        write(pieces, msgspec.json.decode(payload))
        pieces.append(f"</{PREFIX}:{element}>")
        return self._envelope(headers, "".join(pieces))

    def _envelope(self, header: str, body: str) -> bytes:
        # §3.1 asks for the declaration.
        text = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<s:Envelope xmlns:s="{SOAP}" xmlns:a="{ADDRESSING}" xmlns:{PREFIX}="{self.namespace}"'
            f"><s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
        )
        return text.encode()


def _parts(messages: Messages, side: Side) -> Iterator[tuple[str, bool, str, str]]:
    """Action, whether it is the answer, structure and name of the element of every message."""
    for action in sorted(messages.actions(side)):
        for is_answer, structure in ((False, f"{action}Request"), (True, f"{action}Response")):
            yield action, is_answer, structure, element_name(structure)


def element_name(structure: str) -> str:
    """The name of the element of a message."""
    return structure[0].lower() + structure[1:]


def new_message_id() -> str:
    """A name that no other message has."""
    return UUID(int=next(_NUMBERS)).urn


# A random one for each process, and counted from there, as each random one takes a system call.
_NUMBERS: Final = count(uuid4().int >> 1)


def _reply_headers(action: str, request: Headers) -> str:
    # §3.6; without a MessageID in the request there is nothing to relate to.
    relates_to = f"<a:RelatesTo>{_printable(request.message_id)}</a:RelatesTo>"
    return (
        f"<a:Action>{action}</a:Action><a:MessageID>{new_message_id()}</a:MessageID>"
        f"{relates_to if request.message_id else ''}<a:To>{ANONYMOUS}</a:To>"
    )


def _printable(text: str) -> str:
    if text.isprintable():
        return escaped(text)
    return escaped("".join(letter if letter.isprintable() else " " for letter in text))


def _by_version(make: Callable[[Messages], T]) -> Mapping[str, T]:
    return MappingProxyType({version: make(messages) for version, messages in MESSAGES.items()})


def _dialect(messages: Messages) -> Dialect:
    dialect = dialects.DIALECTS[messages.version]
    said = messages.central | messages.station
    return replace(dialect, actions=tuple(a for a in dialect.actions if a.name in said))


CENTRAL: Final = _by_version(lambda messages: Service.of(messages, "Cs"))
"""What the central system takes, by version, oldest first."""

STATION: Final = _by_version(lambda messages: Service.of(messages, "Cp"))
"""What the charge point takes."""

DIALECTS: Final = _by_version(_dialect)
"""The versions as SOAP has them: 1.6 without the security extension."""

BY_SUBPROTOCOL: Final = MappingProxyType({each.subprotocol: each for each in DIALECTS.values()})
"""The same by the names that they have on a WebSocket."""
