"""Messages over SOAP as the tests of its transport send and read them."""

from __future__ import annotations

from typing import Any

import httpx
import msgspec

from chargeplane.net.soap_http import Posted, Reply
from chargeplane.ocpp.soap.envelope import unwrap
from chargeplane.ocpp.soap.service import CENTRAL, Fault, Headers

STATION = "http://192.0.2.7:8080/"
HEADERS = Headers(identity="CP1", message_id="urn:1", sender=STATION, to="http://central/soap")


def heartbeat(version: str = "1.6", headers: Headers = HEADERS) -> bytes:
    return CENTRAL[version].call("Heartbeat", b"{}", headers)


def posted(body: bytes, address: str = "192.0.2.7", **headers: str) -> Posted:
    return Posted(body, headers, address, secure=False, url="http://central/soap")


def said(reply: Reply | httpx.Response) -> Any:
    """What an answer says; raises the fault that it is."""
    body = reply.body if isinstance(reply, Reply) else reply.content
    return msgspec.json.decode(unwrap(body).message().payload)


def fault(reply: Reply | httpx.Response) -> tuple[str, str, str]:
    """The fault that an answer is."""
    try:
        raise AssertionError(said(reply))
    except Fault as found:
        return found.code, found.subcode, found.reason
