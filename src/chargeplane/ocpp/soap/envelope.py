"""Reading SOAP 1.2 envelopes with WS-Addressing, without I/O and without trust.

No document type declarations, entities or network; size and depth are bounded.
Tolerated: headers of any namespace and case, headers that are missing, members
in any order and of any namespace.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import msgspec
from lxml import etree
from lxml.etree import _Element as Element

from chargeplane.ocpp.soap.service import (
    ANONYMOUS,
    CENTRAL,
    SOAP,
    STATION,
    Fault,
    FaultCode,
    Headers,
    Service,
)

ENVELOPE: Final = f"{{{SOAP}}}Envelope"
HEADER: Final = f"{{{SOAP}}}Header"
BODY: Final = f"{{{SOAP}}}Body"
FAULT: Final = f"{{{SOAP}}}Fault"
MUST_UNDERSTAND: Final = f"{{{SOAP}}}mustUnderstand"
NAMESPACE: Final = {"s": SOAP}

MAX_ENVELOPE: Final = 1 << 20  # bytes; as a frame of OCPP-J
MAX_HEADER: Final = 2048  # characters of one that is worth keeping

BY_NAMESPACE: Final = {
    service.namespace.rstrip("/"): service for service in (*CENTRAL.values(), *STATION.values())
}
"""The tables of OCPP-S 1.6 (§8) leave the last slash of the namespaces of 1.6 out."""

NEWEST: Final = list(CENTRAL.values())[-1]


@dataclass(frozen=True, slots=True)
class Message:
    """A request, or the answer to one; the payload is JSON as OCPP-J has it."""

    action: str
    is_answer: bool
    payload: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """An envelope that was opened: its header, and what has still to be read."""

    headers: Headers
    service: Service | None  # that the content belongs to; None: not OCPP's
    content: Element  # of the body

    def message(self) -> Message:
        """What the body says; raises `Fault`, be it the one that it holds or what is wrong."""
        if self.content.tag == FAULT:
            raise _fault(self.content)
        namespace, name = _parts(self.content)
        if self.service is None:
            shown = namespace[:100] or "no namespace"
            raise _wrong(f"the message belongs to {shown}, which is not of OCPP")
        found = self.service.readers.get(name)
        if found is None:
            text = f"{name[:100]} is not part of OCPP {self.service.version} over SOAP"
            raise Fault("Receiver", "NotSupported", text)
        action, is_answer, read = found
        return Message(action, is_answer, msgspec.json.encode(read(self.content)))


def unwrap(text: bytes) -> Envelope:
    """Open an envelope; raises `Fault` with what is wrong."""
    root = _parsed(text)
    if root.tag != ENVELOPE:
        raise _no_envelope(root)
    header, body = root.find(HEADER), root.find(BODY)
    content = None if body is None else next(iter(body), None)
    if content is None:
        raise _wrong("the envelope has no body with a message")
    headers = Headers() if header is None else _headers(header)
    return Envelope(headers, BY_NAMESPACE.get(_parts(content)[0].rstrip("/")), content)


def _parsed(text: bytes) -> Element:
    if len(text) > MAX_ENVELOPE:
        raise _wrong(f"larger than {MAX_ENVELOPE} bytes")
    if b"<!DOCTYPE" in text.partition(b"Envelope")[0]:  # before anything of it is looked at
        raise _wrong(DECLARED)
    try:
        root = etree.fromstring(text, _PARSER)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _wrong(f"not well-formed XML: {error}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise _wrong(DECLARED)
    return root


# SOAP 1.2 part 1 §5 forbids it, and it is where entities hide.
DECLARED: Final = "an envelope has no document type declaration"


_PARSER: Final = etree.XMLParser(
    resolve_entities=False,
    load_dtd=False,
    dtd_validation=False,
    no_network=True,
    huge_tree=False,  # at most 256 levels
    remove_comments=True,
    remove_pis=True,
)


def _no_envelope(root: Element) -> Fault:
    namespace, name = _parts(root)
    if name == "Envelope":  # SOAP 1.2 part 1 §5.4.7
        return Fault("VersionMismatch", "", f"SOAP 1.2 is spoken here, not {namespace}")
    return _wrong(f"{name[:100]} is not a SOAP envelope")


def _headers(header: Element) -> Headers:
    said: dict[str, str] = {}
    for block in header:
        name = _parts(block)[1].lower()
        found = HEADERS.get(name)
        if found is not None:
            member, text_of = found
            text = text_of(block)[:MAX_HEADER]
            said[member] = "" if text == ANONYMOUS else text  # which is nobody's address
        elif name not in UNDERSTOOD and block.get(MUST_UNDERSTAND) in ("true", "1"):
            raise Fault("MustUnderstand", "", f"the header {name[:100]} is not understood here")
    return Headers(**said)


def _parts(element: Element) -> tuple[str, str]:
    """Namespace and name of an element."""
    namespace, _, name = element.tag.rpartition("}")
    return namespace[1:], name


def _text(block: Element) -> str:
    return (block.text or "").strip()


def _address(block: Element) -> str:
    return next((_text(part) for part in block if part.tag.endswith("}Address")), "")


HEADERS: Final[dict[str, tuple[str, Callable[[Element], str]]]] = {
    "chargeboxidentity": ("identity", _text),  # §3.3: case does not count
    "action": ("action", _text),
    "messageid": ("message_id", _text),
    "relatesto": ("relates_to", _text),
    "from": ("sender", _address),
    "to": ("to", _text),
}
UNDERSTOOD: Final = ("replyto", "faultto")  # §3.8: answers go back in the HTTP response anyway


def _fault(content: Element) -> Fault:
    """The fault that the other side sent; codes are names with the prefix of their namespace."""
    code = content.findtext("s:Code/s:Value", "", NAMESPACE)
    subcode = content.findtext("s:Code/s:Subcode/s:Value", "", NAMESPACE)
    reason = content.findtext("s:Reason/s:Text", "", NAMESPACE)
    known = CODES.get(_local(code), "Receiver")
    return Fault(known, _local(subcode), reason.strip())


def _local(name: str) -> str:
    return name.strip().rpartition(":")[2]


def _wrong(reason: str) -> Fault:
    return Fault("Sender", "ProtocolError", reason)


CODES: Final[dict[str, FaultCode]] = {
    "Sender": "Sender",
    "Receiver": "Receiver",
    "VersionMismatch": "VersionMismatch",
    "MustUnderstand": "MustUnderstand",
}
