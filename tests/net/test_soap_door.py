"""Stations that knock with every message, and their sessions between the messages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import msgspec
import pytest
from structlog.testing import capture_logs

from chargeplane.errors import NotConnected
from chargeplane.net import soap, soap_door
from chargeplane.net.soap_door import Admitted, Door
from chargeplane.net.soap_http import Caller, EndpointRule, Reply
from chargeplane.net.websocket import Connection, Handshake, Refused
from chargeplane.ocpp.soap.service import ANONYMOUS, CENTRAL, Headers
from chargeplane.ocpp.soap.service import STATION as STATION_SERVICE
from tests.e2e.harness import until
from tests.net.soap_envelopes import HEADERS, STATION, fault, heartbeat, posted, said

AT = "2026-03-01T12:30:00.250Z"


class House:
    """What is behind a door: who was asked about, and the sessions that were begun."""

    def __init__(self) -> None:
        self.asked_about: list[Handshake] = []
        self.sessions: list[Connection] = []
        self.ended: list[str] = []
        self.asked = 0  # calls
        self.failures: list[tuple[str, Exception]] = []
        self.oddities: list[tuple[str, str]] = []
        self.answer: Callable[[str], bytes | None] = lambda call_id: (
            b'[3,"%s",{"currentTime":"%s"}]' % (call_id.encode(), AT.encode())
        )
        self.refusal: Exception | None = None
        self.endpoint: str | None = None
        self.door: Door[str]

    async def admit(self, handshake: Handshake) -> Admitted[str]:
        self.asked_about.append(handshake)
        await asyncio.sleep(0)
        if self.refusal is not None:
            raise self.refusal
        return Admitted(handshake.station_id, self.endpoint)

    async def session(self, connection: Connection, visitor: str) -> None:
        self.sessions.append(connection)
        connection.observe(
            lambda call_id, error: self.failures.append((call_id, error)),
            lambda action, oddity: self.oddities.append((action, oddity)),
        )
        async for frame in connection.frames():
            self.asked += 1
            answer = self.answer(msgspec.json.decode(frame)[1])
            if answer is not None:
                await connection.send(answer)
        self.ended.append(f"{visitor}: {connection.closing}")

    async def knock(self, body: bytes, **headers: str) -> Reply:
        return await self.door.answer(posted(body, **headers))


@asynccontextmanager
async def a_house(*, strict: bool = False, allowed: str = "127.0.0.0/8") -> AsyncIterator[House]:
    house = House()
    async with (
        Caller(5, EndpointRule((allowed,))) as caller,
        Door(house.admit, house.session, caller, strict=strict) as house.door,
    ):
        yield house


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with a_house() as here:
        yield here


# Sessions


@pytest.mark.parametrize("version", list(CENTRAL))
async def test_a_message_is_answered_in_its_version(house: House, version: str) -> None:
    reply = await house.knock(heartbeat(version))
    assert (reply.status, said(reply)) == (200, {"currentTime": AT})
    assert CENTRAL[version].namespace.encode() in reply.body
    (asked,) = house.asked_about
    assert (asked.station_id, asked.subprotocols, asked.address) == (
        "CP1",
        (f"ocpp{version}",),
        "192.0.2.7",
    )
    assert house.sessions[0].subprotocol == f"ocpp{version}"


async def test_a_session_lasts_between_messages(house: House) -> None:
    for _ in range(5):
        assert (await house.knock(heartbeat())).status == 200
    assert (len(house.asked_about), len(house.sessions)) == (1, 1)


async def test_messages_at_once_begin_one_session(house: House) -> None:
    replies = await asyncio.gather(*(house.knock(heartbeat()) for _ in range(5)))
    assert [reply.status for reply in replies] == [200] * 5
    assert (len(house.asked_about), len(house.sessions)) == (1, 1)


async def test_every_station_has_its_session(house: House) -> None:
    for name in ("CP1", "CP2", "CP1"):
        await house.knock(heartbeat(headers=Headers(identity=name)))
    assert [asked.station_id for asked in house.asked_about] == ["CP1", "CP2"]
    assert len(house.sessions) == 2


async def test_another_version_begins_another_session(house: House) -> None:
    for version in ("1.5", "1.6", "1.6"):
        assert (await house.knock(heartbeat(version))).status == 200
    assert [each.subprotocol for each in house.sessions] == ["ocpp1.5", "ocpp1.6"]


async def test_after_the_session_was_closed_one_is_asked_about_again(house: House) -> None:
    await house.knock(heartbeat())
    await house.sessions[0].close(1001, "silent")
    assert not await house.sessions[0].is_alive()
    assert (await house.knock(heartbeat())).status == 200
    assert (len(house.asked_about), len(house.sessions)) == (2, 2)
    assert house.ended == ["CP1: 1001 silent"]


async def test_sessions_end_with_the_door() -> None:
    async with a_house() as house:
        await house.knock(heartbeat())
    assert house.ended == ["CP1: 1001 the central system ends"]


async def test_a_session_that_fails_is_begun_anew(house: House) -> None:
    house.answer = lambda _call_id: b"this is no frame"
    with capture_logs() as logs:
        reply = await house.knock(heartbeat())
    assert fault(reply)[:2] == ("Receiver", "InternalError")
    assert [log["event"] for log in logs if log["log_level"] == "error"] == ["session failed"]
    house.answer = House().answer
    assert (await house.knock(heartbeat())).status == 200
    assert len(house.sessions) == 2


# Who is asked about


async def test_another_password_is_looked_at(house: House) -> None:
    await house.knock(heartbeat(), authorization="Basic Q1AxOmE=")
    await house.knock(heartbeat(), authorization="Basic Q1AxOmI=")
    assert [asked.credentials for asked in house.asked_about] == [("CP1", b"a"), ("CP1", b"b")]
    assert len(house.sessions) == 1


async def test_a_wrong_password_does_not_end_the_session_of_another(house: House) -> None:
    await house.knock(heartbeat(), authorization="Basic Q1AxOmE=")
    house.refusal = Refused(401, "wrong user name or password")
    reply = await house.knock(heartbeat(), authorization="Basic Q1AxOmI=")
    assert reply.status == 401
    assert reply.headers == {"WWW-Authenticate": 'Basic realm="OCPP"'}
    assert fault(reply) == ("Sender", "SecurityError", "wrong user name or password")
    assert (await house.knock(heartbeat(), authorization="Basic Q1AxOmE=")).status == 200
    assert house.ended == []


async def test_from_time_to_time_one_is_asked_about_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(soap_door, "PROOF_LIFETIME", 0.0)
    for _ in range(3):
        await house.knock(heartbeat())
    assert (len(house.asked_about), len(house.sessions)) == (3, 1)
    house.refusal = Refused(429, "too many connection attempts")  # says nothing about the station
    assert (await house.knock(heartbeat())).status == 200
    house.refusal = Refused(403, "CP1 is disabled")
    reply = await house.knock(heartbeat())
    assert (reply.status, fault(reply)) == (400, ("Sender", "SecurityError", "CP1 is disabled"))
    await asyncio.sleep(0)
    assert house.ended == ["CP1: 1008 CP1 is disabled"]


@pytest.mark.parametrize(
    ("refusal", "status", "expected"),
    [
        (Refused(404, "CP1 is not registered here"), 400, ("Sender", "SecurityError")),
        (Refused(403, "disabled"), 400, ("Sender", "SecurityError")),
        (Refused(401, "a password is required"), 401, ("Sender", "SecurityError")),
        (Refused(400, "no common subprotocol"), 400, ("Sender", "ProtocolError")),
        (Refused(429, "too many"), 429, ("Receiver", "InternalError")),
        (Refused(503, "nobody can be admitted now"), 503, ("Receiver", "InternalError")),
    ],
)
async def test_refusals_are_faults(
    house: House, refusal: Refused, status: int, expected: tuple[str, str]
) -> None:
    house.refusal = refusal
    with capture_logs() as logs:
        reply = await house.knock(heartbeat())
    assert (reply.status, fault(reply)) == (status, (*expected, refusal.reason))
    assert house.sessions == []
    (log,) = logs
    assert (log["event"], log["station"], log["reason"]) == (
        "SOAP message refused",
        "CP1",
        refusal.reason,
    )


@pytest.mark.parametrize(
    ("identity", "expected", "reason"),
    [
        ("", ("Sender", "ProtocolError"), "chargeBoxIdentity is missing"),
        ("x" * 49, ("Sender", "IdentityMismatch"), "1 to 48 characters"),
        ("a:b", ("Sender", "IdentityMismatch"), "no colon"),
        ("a/b", ("Sender", "IdentityMismatch"), "no slash"),
    ],
)
async def test_identities_that_are_none(
    house: House, identity: str, expected: tuple[str, str], reason: str
) -> None:
    reply = await house.knock(heartbeat(headers=Headers(identity=identity, message_id="urn:9")))
    assert fault(reply)[:2] == expected
    assert reason in fault(reply)[2]
    assert b"<a:RelatesTo>urn:9</a:RelatesTo>" in reply.body
    assert house.asked_about == []


async def test_an_unreadable_password(house: House) -> None:
    reply = await house.knock(heartbeat(), authorization="Bearer x")
    assert (reply.status, fault(reply)[1]) == (401, "SecurityError")


# Messages that are not for us


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        (b"<a/>", 400, ("Sender", "ProtocolError")),
        (b"", 400, ("Sender", "ProtocolError")),
        (STATION_SERVICE["1.5"].call("ClearCache", b"{}", HEADERS), 400,
         ("Sender", "ProtocolError")),
        (CENTRAL["1.5"].answer("MeterValues", b"{}", HEADERS), 400, ("Sender", "ProtocolError")),
        (heartbeat().replace(b"heartbeatRequest", b"sayHelloRequest"), 500,
         ("Receiver", "NotSupported")),
        (heartbeat().replace(b"2003/05/soap-envelope", b"2001/12/soap-envelope"), 500,
         ("VersionMismatch", "")),
    ],
    ids=range(6),
)  # fmt: skip
async def test_other_messages(
    house: House, body: bytes, status: int, expected: tuple[str, str]
) -> None:
    reply = await house.knock(body)
    assert (reply.status, fault(reply)[:2]) == (status, expected)
    assert house.asked_about == []


async def test_faults_have_the_namespace_of_the_version_that_was_spoken(house: House) -> None:
    house.refusal = Refused(404, "not registered")
    reply = await house.knock(heartbeat("1.2"))
    assert b'xmlns:o="urn://Ocpp/Cs/2010/08/"' in reply.body


async def test_missing_headers_are_told(house: House) -> None:
    await house.knock(heartbeat().replace(b"a:MessageID", b"a:Other"))
    await house.knock(heartbeat())
    assert house.oddities == [("Heartbeat", "no MessageID header")]


async def test_missing_headers_are_refused_if_one_is_strict() -> None:
    async with a_house(strict=True) as house:
        reply = await house.knock(heartbeat().replace(b"a:MessageID", b"a:Other"))
        assert fault(reply) == ("Sender", "ProtocolError", "no MessageID header")
        assert (await house.knock(heartbeat())).status == 200


# Answers


@pytest.mark.parametrize(
    ("answer", "status", "expected"),
    [
        (b'[4,"%s","SecurityError","not yet",{}]', 400, ("Sender", "SecurityError", "not yet")),
        (b'[4,"%s","FormationViolation","idTag",{}]', 400, ("Sender", "ProtocolError", "idTag")),
        (b'[4,"%s","NotSupported","",{}]', 500, ("Receiver", "NotSupported", "NotSupported")),
        (b'[4,"%s","InternalError","oh",{}]', 500, ("Receiver", "InternalError", "oh")),
    ],
)
async def test_errors_are_faults(
    house: House, answer: bytes, status: int, expected: tuple[str, str, str]
) -> None:
    house.answer = lambda call_id: answer % call_id.encode()
    reply = await house.knock(heartbeat())
    assert (reply.status, fault(reply)) == (status, expected)


async def test_an_answer_that_xml_cannot_hold(house: House) -> None:
    house.answer = lambda call_id: b'[3,"%s",{"currentTime":"\\u0000"}]' % call_id.encode()
    reply = await house.knock(heartbeat())
    assert (reply.status, fault(reply)[1]) == (500, "InternalError")


async def test_no_answer_in_time(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soap, "ANSWER_TIMEOUT", 0.01)
    house.answer = lambda _call_id: None
    reply = await house.knock(heartbeat())
    assert fault(reply) == ("Receiver", "InternalError", "the answer took too long")


async def test_too_many_calls_at_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soap, "MAX_OPEN", 2)
    house.answer = lambda _call_id: None
    waiting = [asyncio.ensure_future(house.knock(heartbeat())) for _ in range(2)]
    await until(lambda: house.asked == 2)
    assert fault(await house.knock(heartbeat()))[2] == "too many open calls"
    await house.sessions[0].close(1001, "silent")
    replies = await asyncio.gather(*waiting)
    assert [fault(reply)[2] for reply in replies] == ["1001 silent"] * 2


async def test_an_answer_that_nobody_waits_for(house: House) -> None:
    await house.knock(heartbeat())
    await house.sessions[0].send(b'[3,"99",{}]')
    assert (await house.knock(heartbeat())).status == 200


# Calling the station


async def failure(house: House) -> str:
    """Why a call cannot be made."""
    await house.sessions[-1].send(b'[2,"7","ClearCache",{}]')
    await until(lambda: house.failures)
    call_id, error = house.failures.pop()
    assert call_id == "7"
    assert isinstance(error, NotConnected)
    return str(error)


@pytest.mark.parametrize("sender", ["", ANONYMOUS])
async def test_a_station_that_does_not_say_where_it_listens(house: House, sender: str) -> None:
    await house.knock(heartbeat(headers=Headers(identity="CP1", sender=sender)))
    assert await failure(house) == "the station does not say where it can be called (From)"


async def test_a_station_at_an_address_that_is_not_allowed(house: House) -> None:
    await house.knock(heartbeat())
    assert await failure(house) == "soap.endpoints does not allow 192.0.2.7 (192.0.2.7)"


async def test_the_latest_address_counts_and_none_forgets_nothing(house: House) -> None:
    for sender in ("http://127.0.0.1:9/old", "http://127.0.0.1:9/new", ""):
        await house.knock(heartbeat(headers=Headers(identity="CP1", sender=sender)))
    assert (await failure(house)).startswith("http://127.0.0.1:9/new: ")


async def test_the_address_of_an_operator_counts_more(house: House) -> None:
    house.endpoint = "http://127.0.0.1:9/set"
    await house.knock(heartbeat(headers=Headers(identity="CP1", sender=STATION)))
    assert (await failure(house)).startswith("http://127.0.0.1:9/set: ")


async def test_nothing_is_sent_once_it_is_closed(house: House) -> None:
    await house.knock(heartbeat())
    await house.sessions[0].close(1000, "bye")
    with pytest.raises(NotConnected, match="1000 bye"):
        await house.sessions[0].send(b'[2,"7","ClearCache",{}]')
    await house.sessions[0].close(1000, "again")
    assert house.sessions[0].closing == "1000 bye"
