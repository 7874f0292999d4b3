"""The central system's side of OCPP over SOAP.

Stations knock with every message. Their sessions live on between the
messages, so that a station here is what it is on a WebSocket: whoever knocks
for the first time, with another password, or after a while, is asked about.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from time import monotonic
from types import TracebackType
from typing import Final, Generic, Self, TypeVar
from weakref import WeakValueDictionary

import structlog

from chargeplane.errors import NotConnected
from chargeplane.net.soap import Request, SoapConnection, Target, call, respond
from chargeplane.net.soap_http import Caller, Posted, Reply
from chargeplane.net.websocket import (
    Handshake,
    Refused,
    Session,
    checked_station_id,
    read_basic,
)
from chargeplane.ocpp.soap.service import (
    CENTRAL,
    DIALECTS,
    STATION,
    Fault,
    Headers,
    Service,
)

A = TypeVar("A")

PROOF_LIFETIME: Final = 60.0  # s until a station is asked about again, as it may be disabled now
PASSING: Final = (429, 503)  # refusals that say nothing about the station
GOING_AWAY: Final = 1001  # RFC 6455 §7.4.1, as on a WebSocket
POLICY: Final = 1008

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Admitted(Generic[A]):
    """A station that may enter: what its session needs to know, and where it is called."""

    as_: A
    endpoint: str | None = None  # as an operator set it; None: where the station says


Admit = Callable[[Handshake], Awaitable[Admitted[A]]]
"""Decides about a station; raises `Refused`."""


class _Guest:
    """A station between its messages."""

    def __init__(self, service: Service, caller: Caller) -> None:
        self.service = service  # that it speaks to
        self.connection = SoapConnection(DIALECTS[service.version].subprotocol, self.ask)
        self.headers = Headers()  # of its last message
        self.endpoint: str | None = None
        self.seen_at = ""  # the address that its last message came from
        self.proof = b""  # of who it is
        self.proven_at = 0.0
        self._caller = caller

    @property
    def is_here(self) -> bool:
        """Whether its session lasts."""
        return not self.connection.closing

    def prove(self, proof: bytes, endpoint: str | None) -> None:
        """Note that it was admitted."""
        self.proof, self.proven_at, self.endpoint = proof, monotonic(), endpoint

    def hear(self, posted: Posted, headers: Headers) -> None:
        """Note where its message came from, and what it says of where it is called."""
        self.seen_at = posted.address
        if not (headers.sender and headers.to):
            sender, to = headers.sender or self.headers.sender, headers.to or posted.url
            headers = replace(headers, sender=sender, to=to)
        self.headers = headers

    async def ask(self, action: str, payload: bytes) -> bytes:
        """Call the station; raises OcppError, Untranslatable, `NotConnected`."""
        url = self.endpoint or self.headers.sender
        if not url:
            raise NotConnected("the station does not say where it can be called (From)")
        target = Target(
            caller=self._caller,
            service=STATION[self.service.version],
            url=url,
            headers=Headers(identity=self.headers.identity, sender=self.headers.to, to=url),
            seen_at=self.seen_at if self.endpoint is None else None,
        )
        return await call(target, action, payload)


class Door(Generic[A]):
    """Where stations knock; `answer` is what the HTTP endpoints of a central system call."""

    def __init__(
        self, admit: Admit[A], session: Session[A], caller: Caller, *, strict: bool = False
    ) -> None:
        self._strict = strict  # refuse messages without the headers that are asked for
        self._admit = admit
        self._session = session
        self._caller = caller
        self._key = secrets.token_bytes(32)  # proofs are good in this process alone
        self._guests: dict[str, _Guest] = {}
        self._sessions: dict[asyncio.Task[None], _Guest] = {}
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for guest in list(self._sessions.values()):
            await guest.connection.close(GOING_AWAY, "the central system ends")
        if self._sessions:
            await asyncio.wait(self._sessions)

    async def answer(self, posted: Posted) -> Reply:
        """Answer the message of a station."""
        return await respond(posted, CENTRAL, self._find, strict=self._strict)

    async def _find(self, request: Request) -> SoapConnection:
        station_id = _identity(request.headers)
        proof = self._proof(request.posted)
        guest = self._guests.get(station_id)
        if guest is None or not _is_known(guest, request.service, proof):
            turn = self._turns.setdefault(station_id, asyncio.Lock())
            async with turn:  # so that messages that come at once begin one session
                guest = await self._ask_about(station_id, request, proof)
        guest.hear(request.posted, request.headers)
        return guest.connection

    def _proof(self, posted: Posted) -> bytes:
        shown = posted.headers.get("authorization", "")
        return hashlib.blake2b(shown.encode(), key=self._key).digest()

    async def _ask_about(self, station_id: str, request: Request, proof: bytes) -> _Guest:
        service = request.service
        guest = self._guests.get(station_id)
        if guest is not None and _is_known(guest, service, proof):
            return guest  # another message has asked meanwhile
        try:
            admitted = await self._admit(_handshake(station_id, request.posted, service))
        except Refused as refused:
            if guest is None or not _is_same(guest, service, proof):
                raise
            if refused.status in PASSING:
                return guest
            await guest.connection.close(POLICY, refused.reason)
            raise
        if guest is None or not guest.is_here or guest.service is not service:
            guest = self._enter(station_id, service, admitted.as_)
        guest.prove(proof, admitted.endpoint)
        return guest

    def _enter(self, station_id: str, service: Service, visitor: A) -> _Guest:
        guest = self._guests[station_id] = _Guest(service, self._caller)
        session = asyncio.create_task(
            self._run(station_id, guest, visitor), name=f"soap[{station_id}]"
        )
        self._sessions[session] = guest
        session.add_done_callback(self._sessions.pop)
        return guest

    async def _run(self, station_id: str, guest: _Guest, visitor: A) -> None:
        try:
            await self._session(guest.connection, visitor)
        except Exception:
            logger.exception("session failed", station=station_id)
        finally:
            await guest.connection.close(GOING_AWAY, "the session has ended")
            if self._guests.get(station_id) is guest:
                del self._guests[station_id]


def _is_known(guest: _Guest, service: Service, proof: bytes) -> bool:
    """Whether there is no need to ask about it."""
    is_fresh = monotonic() - guest.proven_at < PROOF_LIFETIME
    return is_fresh and _is_same(guest, service, proof)


def _is_same(guest: _Guest, service: Service, proof: bytes) -> bool:
    is_proven = hmac.compare_digest(guest.proof, proof)
    return is_proven and guest.is_here and guest.service is service


def _identity(headers: Headers) -> str:
    if not headers.identity:
        raise Fault("Sender", "ProtocolError", "the header chargeBoxIdentity is missing")
    try:
        return checked_station_id(headers.identity)
    except Refused as refused:
        raise Fault("Sender", "IdentityMismatch", refused.reason) from refused


def _handshake(station_id: str, posted: Posted, service: Service) -> Handshake:
    header = posted.headers.get("authorization")
    return Handshake(
        station_id=station_id,
        subprotocols=(DIALECTS[service.version].subprotocol,),
        address=posted.address,
        secure=posted.secure,
        credentials=None if header is None else read_basic(header),
        certificate_name=None,
    )
