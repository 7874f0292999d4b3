"""A station's side of OCPP over SOAP: it calls the central system, and is called at an endpoint."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Final

from chargeplane.errors import ChargeplaneError, NoAnswer, NotConnected
from chargeplane.net import http
from chargeplane.net.soap import LOST, Request, SoapConnection, Target, call, respond
from chargeplane.net.soap_http import Caller, Endpoint, Posted, Reply, reachable
from chargeplane.ocpp.soap.service import (
    BY_SUBPROTOCOL,
    CENTRAL,
    DIALECTS,
    STATION,
    Fault,
    Headers,
)
from chargeplane.ocpp.soap.wsdl import wsdl

ANSWER_TIMEOUT: Final = 60.0  # s that the central system may take


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """Where a station takes the calls of its central system."""

    host: str = "127.0.0.1"
    port: int = 0  # 0: a free one
    url: str | None = None  # that it is called at from outside; None: by host and port


class StationConnection(SoapConnection):
    """Frames to a central system; lost as soon as it cannot be reached."""

    __slots__ = ("_station_id", "stack", "target")

    def __init__(self, station_id: str, target: Target) -> None:
        dialect = DIALECTS[target.service.version]
        super().__init__(dialect.subprotocol, self._ask)
        self.target = target
        self.stack = AsyncExitStack()  # of what goes with the connection
        self._station_id = station_id

    @property
    def endpoint(self) -> Endpoint:
        """The application that answers the central system's calls."""
        return Endpoint(self._answer, self._describe)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Take and send nothing any more, and listen no longer."""
        await super().close(code, reason)
        await self.stack.aclose()

    def undelivered(self, call_id: str, error: ChargeplaneError) -> None:
        """Tell that a call cannot be made; if nobody took it, the connection is lost."""
        super().undelivered(call_id, error)
        if isinstance(error, NoAnswer):
            self.end(LOST, str(error))

    async def _ask(self, action: str, payload: bytes) -> bytes:
        return await call(self.target, action, payload)

    async def _answer(self, posted: Posted) -> Reply:
        return await respond(posted, STATION, self._find)

    async def _find(self, request: Request) -> SoapConnection:
        identity = request.headers.identity
        if identity != self._station_id:  # OCPP-S 1.6 §3.3
            raise Fault("Sender", "IdentityMismatch", f"this is {self._station_id}, not {identity}")
        spoken = self.target.service.version
        if request.service is not STATION[spoken]:
            raise Fault("Sender", "ProtocolError", f"{identity} speaks OCPP {spoken}")
        return self

    def _describe(self, url: str, _version: str) -> bytes:
        return wsdl(self.target.service.version, "Cp", url)


async def connect(
    url: str,
    station_id: str,
    version: str,
    *,
    listen: Listen = Listen(),
    credentials: tuple[str, bytes] | None = None,
    tls: ssl.SSLContext | None = None,
) -> StationConnection:
    """Connect a station to a central system, in 1.2, 1.5 or 1.6; raises `NotConnected`.

    SOAP knows no connection: nothing is said before the first call, only
    whether anybody listens at the address is tried.
    """
    await reachable(url)
    async with AsyncExitStack() as stack:
        target = Target(
            caller=await stack.enter_async_context(Caller(ANSWER_TIMEOUT, tls=tls)),
            service=CENTRAL[version],
            url=url,
            headers=Headers(identity=station_id, to=url),
            credentials=credentials,
        )
        connection = StationConnection(station_id, target)
        served = http.serve(connection.endpoint, listen.host, listen.port)
        port = await stack.enter_async_context(served)
        own = listen.url or f"http://{listen.host}:{port}/"
        connection.target = replace(target, headers=replace(target.headers, sender=own))
        connection.stack = stack.pop_all()
    return connection


@dataclass(frozen=True, slots=True)
class Dial:
    """Dials as `chargeplane.net.websocket.connect` does, over SOAP."""

    listen: Listen = Listen()

    async def __call__(
        self,
        url: str,
        subprotocols: Iterable[str],
        *,
        credentials: tuple[str, bytes] | None = None,
        ping_interval: float | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> StationConnection:
        """Connect the station whose id the address ends with; raises `NotConnected`.

        Nothing is negotiated over SOAP: the first version that it has is spoken.
        """
        del ping_interval  # there is no connection to keep alive
        address, _, station_id = url.rpartition("/")
        scheme, _, rest = address.partition("://")
        known = [BY_SUBPROTOCOL[name] for name in subprotocols if name in BY_SUBPROTOCOL]
        if not known:
            raise NotConnected(f"SOAP has OCPP {', '.join(DIALECTS)}, none of which is offered")
        return await connect(
            f"{SCHEMES.get(scheme, scheme)}://{rest}",
            station_id,
            known[0].version,
            listen=self.listen,
            credentials=credentials,
            tls=tls,
        )


SCHEMES: Final = {"ws": "http", "wss": "https"}
