"""A station's link over SOAP: what the central system says to it, and it to the central system."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from chargeplane.domain.station import Heartbeat, HeartbeatAnswer, Reset, ResetAnswer
from chargeplane.errors import Disconnected, NotConnected
from chargeplane.net import http, soap_station
from chargeplane.net.soap_http import Endpoint, Posted, Reply
from chargeplane.net.soap_station import Dial, Listen, StationConnection
from chargeplane.ocpp.errors import OcppError
from chargeplane.ocpp.peer import Peer
from chargeplane.ocpp.soap.envelope import unwrap
from chargeplane.ocpp.soap.service import CENTRAL, DIALECTS, STATION, Fault, Headers
from tests.net.certificates import Authority
from tests.net.soap_envelopes import fault, said

AT = "2026-03-01T12:30:00.250Z"
Answer = Callable[[Posted], Reply]


def answering(version: str, action: str, payload: Any) -> Answer:
    def answer(posted: Posted) -> Reply:
        headers = unwrap(posted.body).headers
        return Reply(200, CENTRAL[version].answer(action, msgspec.json.encode(payload), headers))

    return answer


class Link:
    """A connected station, and what its central system was sent."""

    def __init__(self, connection: StationConnection, seen: list[Posted]) -> None:
        self.connection = connection
        self.seen = seen
        self.peer: Peer[Link] = Peer(
            DIALECTS[connection.subprotocol.removeprefix("ocpp")],
            {Reset: self._reset},
            self,
            connection.send,
            other_side="csms",
        )
        connection.observe(self.peer.fail, lambda _action, _oddity: None)
        self.reader = asyncio.ensure_future(self._read())

    async def _reset(self, _link: Link, _request: Reset) -> ResetAnswer:
        return ResetAnswer(status="Accepted")

    async def _read(self) -> None:
        async for frame in self.connection.frames():
            await self.peer.receive(frame)
        self.peer.disconnected()

    @property
    def own(self) -> str:
        return self.connection.target.headers.sender

    async def called(self, version: str, action: str, payload: Any, **more: Any) -> httpx.Response:
        headers = Headers(**{"identity": "CP1", "to": self.own, "sender": "http://c/", **more})
        body = STATION[version].call(action, msgspec.json.encode(payload), headers)
        async with httpx.AsyncClient() as client:
            return await client.post(self.own, content=body)


@asynccontextmanager
async def linked(answer: Answer, version: str = "1.5", **options: Any) -> AsyncIterator[Link]:
    """A station that is linked to a central system which answers as it is told to."""
    seen: list[Posted] = []

    async def take(posted: Posted) -> Reply:
        seen.append(posted)
        return answer(posted)

    async with http.serve(Endpoint(take, lambda _url, _version: b""), "127.0.0.1", 0) as port:
        url = f"http://127.0.0.1:{port}/soap"
        connection = await soap_station.connect(url, "CP1", version, **options)
        link = Link(connection, seen)
        try:
            yield link
        finally:
            await connection.close()
            await link.reader


@pytest.mark.parametrize("version", list(CENTRAL))
async def test_asking_the_central_system(version: str) -> None:
    async with linked(answering(version, "Heartbeat", {"currentTime": AT}), version) as link:
        answer = await link.peer.ask(Heartbeat())
    assert isinstance(answer, HeartbeatAnswer)
    (posted,) = link.seen
    headers = unwrap(posted.body).headers
    assert (headers.identity, headers.action) == ("CP1", "/Heartbeat")
    assert (headers.sender, headers.to) == (link.own, posted.url)


async def test_the_password_and_the_own_address() -> None:
    listen = Listen(url="http://charger.example:8080/cp")
    answer = answering("1.5", "Heartbeat", {"currentTime": AT})
    async with linked(answer, listen=listen, credentials=("CP1", b"secret")) as link:
        await link.peer.ask(Heartbeat())
    (posted,) = link.seen
    assert posted.headers["authorization"] == "Basic Q1AxOnNlY3JldA=="
    assert unwrap(posted.body).headers.sender == "http://charger.example:8080/cp"


async def test_a_fault_is_an_error() -> None:
    def refuse(posted: Posted) -> Reply:
        refusal = Fault("Sender", "SecurityError", "who are you?")
        return Reply(400, CENTRAL["1.5"].fault(refusal, unwrap(posted.body).headers))

    async with linked(refuse) as link:
        with pytest.raises(OcppError, match=r"SecurityError: who are you\?"):
            await link.peer.ask(Heartbeat())
        assert not link.connection.closing


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(404, b"Not Found", "text/plain"), "answers HTTP 404"),
        (Reply(502, b"<html>Bad Gateway</html>", "text/html"), "answers HTTP 502"),
        (Reply(302, b""), "answers HTTP 302"),
        (Reply(202, b""), "answers HTTP 202"),
        (Reply(200, b"<html/>", "text/html"), "html is not a SOAP envelope"),
        (Reply(200, CENTRAL["1.5"].answer("MeterValues", b"{}", Headers())), "something else"),
        (Reply(200, CENTRAL["1.5"].call("Heartbeat", b"{}", Headers())), "something else"),
    ],
    ids=range(7),
)
async def test_answers_that_are_none(reply: Reply, reason: str) -> None:
    async with linked(lambda _posted: reply) as link:
        with pytest.raises(OcppError, match=reason):
            await link.peer.ask(Heartbeat())
        assert not link.connection.closing


async def test_a_central_system_that_is_not_there() -> None:
    with pytest.raises(NotConnected, match=r"http://127\.0\.0\.1:9/soap: "):
        await soap_station.connect("http://127.0.0.1:9/soap", "CP1", "1.5")


async def test_a_central_system_that_is_gone_ends_the_connection() -> None:
    async with linked(answering("1.5", "Heartbeat", {"currentTime": AT})) as link:
        link.connection.target.caller._rule = None  # type: ignore[assignment]
        object.__setattr__(link.connection.target, "url", "http://127.0.0.1:9/gone")
        with pytest.raises((NotConnected, Disconnected)):
            await link.peer.ask(Heartbeat())
        await link.reader
        assert link.connection.closing.startswith("1006 http://127.0.0.1:9/gone: ")


# Calls of the central system


@pytest.mark.parametrize("version", list(CENTRAL))
async def test_being_asked(version: str) -> None:
    async with linked(lambda _posted: Reply(200, b""), version) as link:
        response = await link.called(version, "Reset", {"type": "Hard"})
    assert (response.status_code, said(response)) == (200, {"status": "Accepted"})


@pytest.mark.parametrize(
    ("version", "action", "payload", "identity", "expected"),
    [
        ("1.5", "Reset", {"type": "Hard"}, "CP2", ("Sender", "IdentityMismatch",
                                                   "this is CP1, not CP2")),
        ("1.5", "Reset", {"type": "Hard"}, "", ("Sender", "IdentityMismatch",
                                                "this is CP1, not")),
        ("1.6", "Reset", {"type": "Hard"}, "CP1", ("Sender", "ProtocolError",
                                                   "CP1 speaks OCPP 1.5")),
        ("1.5", "ClearCache", {}, "CP1", ("Receiver", "NotSupported",
                                          "ClearCache is not supported here")),
    ],
)  # fmt: skip
async def test_being_asked_wrongly(
    version: str, action: str, payload: Any, identity: str, expected: tuple[str, str, str]
) -> None:
    async with linked(lambda _posted: Reply(200, b"")) as link:
        response = await link.called(version, action, payload, identity=identity)
    assert fault(response) == expected


async def test_the_station_describes_itself() -> None:
    async with linked(lambda _posted: Reply(200, b"")) as link, httpx.AsyncClient() as client:
        response = await client.get(f"{link.own}?wsdl")
    assert b"urn://Ocpp/Cp/2012/06/" in response.content
    assert f'location="{link.own}"'.encode() in response.content


async def test_a_closed_link_listens_no_longer() -> None:
    async with linked(lambda _posted: Reply(200, b"")) as link:
        await link.connection.close()
        await link.connection.close()
        with pytest.raises(httpx.ConnectError):
            await link.called("1.5", "Reset", {"type": "Hard"})


async def test_a_link_that_is_cut() -> None:
    async with linked(answering("1.5", "Heartbeat", {"currentTime": AT})) as link:
        link.connection.cut()
        with pytest.raises(Disconnected):
            await link.peer.ask(Heartbeat())
        assert link.connection.closing == "1006 cut"


# Dialling as on a WebSocket


async def test_dialling_an_address_of_a_websocket() -> None:
    async with linked(answering("1.6", "Heartbeat", {"currentTime": AT}), "1.6") as link:
        there = link.connection.target.url.replace("http://", "ws://")
        offered = ["ocpp2.0.1", "ocpp1.5", "ocpp1.6"]
        dialled = await Dial()(f"{there}/CP 7", offered, ping_interval=60.0)
        assert (dialled.subprotocol, dialled.dialect) == ("ocpp1.5", DIALECTS["1.5"])
        assert dialled.target.url == link.connection.target.url
        assert dialled.target.headers.identity == "CP 7"
        await dialled.close()


async def test_versions_that_soap_does_not_have() -> None:
    with pytest.raises(NotConnected, match=r"1\.2, 1\.5, 1\.6, none of which is offered"):
        await Dial()("ws://127.0.0.1:9/soap/CP1", ["ocpp2.1", "ocpp2.0.1"])


async def test_dialling_with_tls(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    endpoint = Endpoint(
        lambda posted: _reply(answering("1.6", "Heartbeat", {"currentTime": AT}), posted),
        lambda _url, _version: b"",
    )
    async with http.serve(endpoint, "127.0.0.1", 0, tls=authority.server()) as port:
        for tls, fails in ((authority.client(), False), (None, True)):
            connection = await Dial()(f"wss://127.0.0.1:{port}/soap/CP1", ["ocpp1.6"], tls=tls)
            link = Link(connection, [])
            if fails:
                with pytest.raises(NotConnected, match="certificate"):
                    await link.peer.ask(Heartbeat())
            else:
                await link.peer.ask(Heartbeat())
            await connection.close()
            await link.reader


async def _reply(answer: Answer, posted: Posted) -> Reply:
    return answer(posted)
