"""The endpoints of OCPP over SOAP, at the addresses that chargers of SteVe have, and their WSDL."""

from __future__ import annotations

from typing import Any, Final

from starlette.types import ASGIApp, Receive, Scope, Send

from chargeplane.net.soap_door import Door
from chargeplane.net.soap_http import Endpoint
from chargeplane.ocpp.soap.service import CENTRAL
from chargeplane.ocpp.soap.wsdl import wsdl

DIGITS: Final = {name.replace(".", ""): name for name in CENTRAL}  # as in paths: "15" is 1.5
NEWEST: Final = list(CENTRAL)[-1]
SERVICE: Final = "/steve/services/centralsystemservice"
PATHS: Final = frozenset(("/ocpp/soap", SERVICE, *(f"{SERVICE}ocpp{each}" for each in DIGITS)))
"""In lower case; all take every version, which each message names itself."""


def beside(door: Door[Any], others: ASGIApp) -> ASGIApp:
    """An application that answers stations at these paths, and has the others answer the rest.

    In front of all that the others do for each request, as stations send many.
    """
    endpoint = Endpoint(door.answer, describe)

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        is_ours = scope["type"] == "http" and scope["path"].rstrip("/").lower() in PATHS
        await (endpoint if is_ours else others)(scope, receive, send)

    return application


def describe(url: str, asked: str) -> bytes:
    """The WSDL of the version that is asked for, or that the path names, or of the newest."""
    named = DIGITS.get(url.rstrip("/")[-2:], NEWEST)
    return wsdl(DIGITS.get(asked.replace(".", ""), named), "Cs", url)
