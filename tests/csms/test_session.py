from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from structlog.testing import capture_logs

from chargeplane.csms import session
from chargeplane.domain.station import Reset, TriggerMessage
from chargeplane.errors import AnswerTimeout, Disconnected
from chargeplane.net.fakes import MemoryConnection
from tests.e2e.harness import VERSIONS, Refusal, World, kinds, token, until, world
from tests.e2e.words import Words1, words


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as here:
        await here.add_tokens(token("TAG"))
        yield here


# Presence


@pytest.mark.parametrize("version", VERSIONS)
async def test_presence_is_stored_and_published(here: World, version: str) -> None:
    talker = await here.wire(version)
    await talker.call("Heartbeat", {})
    record = await here.station()
    assert (record.online, record.subprotocol, record.node) == (True, f"ocpp{version}", "local")
    assert (record.remote_address, record.security_profile) == ("192.0.2.1", 0)
    await talker.close()
    await until(lambda: len(here.central.stations) == 0)
    await until(lambda: _is_offline(here))
    assert kinds(await here.events()) == ["station.online", "station.offline"]


async def _is_offline(here: World) -> bool:
    return not (await here.station()).online


async def test_a_new_connection_replaces_the_old_one(here: World) -> None:
    old = await here.wire("1.6")
    await old.call("Heartbeat", {})
    new = await here.wire("2.0.1")
    await new.call("Heartbeat", {})
    await old.ended.wait()
    assert old.connection.closing == "1001 replaced by a new connection"
    record = await here.station()
    assert (record.online, record.subprotocol) == (True, "ocpp2.0.1")
    assert kinds(await here.events("station.online", "station.offline")) == ["station.online"] * 2
    station = here.central.stations.require("CS-1")
    assert station.dialect.version == "2.0.1"


async def test_an_old_connection_that_does_not_say_goodbye_delays_nobody(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = await here.wire("1.6")
    await old.call("Heartbeat", {})
    said_goodbye = asyncio.Event()

    async def wait(*_: object) -> None:
        await said_goodbye.wait()

    connection = here.central.stations.require("CS-1").connection
    with monkeypatch.context() as patch:
        patch.setattr(MemoryConnection, "close", wait)
        new = await here.wire("1.6")
        await new.call("Heartbeat", {})
    said_goodbye.set()
    await connection.close()


async def test_what_was_asked_of_the_old_connection_fails(here: World) -> None:
    old = await here.wire("1.6")
    asking = asyncio.create_task(here.central.stations.require("CS-1").ask(Reset(type="Immediate")))
    await until(lambda: old.asked)
    await here.wire("1.6")
    with pytest.raises(Disconnected):
        await asking


# What stations say beside the rules


async def test_two_calls_in_flight_are_both_answered(here: World) -> None:
    talker = await here.wire("1.6")
    one, other = talker.expect("1"), talker.expect("2")
    await talker.say(b'[2,"1","Heartbeat",{}]')
    await talker.say(b'[2,"2","Authorize",{"idTag":"TAG"}]')
    assert "currentTime" in await one
    assert (await other)["idTagInfo"]["status"] == "Accepted"


async def test_two_events_in_flight_are_stored_in_their_order(here: World) -> None:
    talker = await here.wire("1.6")
    started = await Words1(talker).start("TAG")
    stop = {
        "transactionId": int(started.name),
        "meterStop": 2000,
        "timestamp": "2026-01-01T13:00:00Z",
    }
    start = {"connectorId": 1, "idTag": "TAG", "meterStart": 2000, "timestamp": stop["timestamp"]}
    answers = [talker.expect("1"), talker.expect("2")]
    await talker.say([2, "1", "StopTransaction", stop])
    await talker.say([2, "2", "StartTransaction", start])
    await asyncio.gather(*answers)
    first, second = await here.transactions()
    assert (first.closed_by, second.state) == ("station", "open")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "error",
    [b'[4,"%s"]', b'[4,"%s","NotSupported"]', b'[4,"%s","Whatever","",null]'],
    ids=["two elements", "three", "null details"],
)
async def test_an_error_answer_of_any_shape_ends_the_call(
    here: World, version: str, error: bytes
) -> None:
    talker = await here.wire(version)
    station = here.central.stations.require("CS-1")
    asking = asyncio.create_task(station.ask(TriggerMessage(requested_message="Heartbeat")))
    await until(lambda: talker.frames)
    call_id = msgspec.json.decode(talker.frames[-1])[1].encode()
    await talker.say(error % call_id)
    with pytest.raises(Exception, match=r"GenericError|NotSupported|Whatever"):
        await asking
    await talker.call("Heartbeat", {})


async def test_a_station_that_never_answers(tmp_path: Path) -> None:
    async with world(tmp_path, answer_timeout=1) as here:
        talker = await here.wire("1.6")
        station = here.central.stations.require("CS-1")
        with pytest.raises(AnswerTimeout):
            await station.ask(Reset(type="Immediate"), timeout=0.01)
        talker.answers["Reset"] = {"status": "Accepted"}
        assert (await station.ask(Reset(type="Immediate"))).status == "Accepted"
        await talker.call("Heartbeat", {})


BOOT = {"chargePointVendor": "V", "chargePointModel": "M"}
SAMPLE = {"timestamp": "2026-01-01T12:00:00Z", "sampledValue": [{"value": "1"}]}


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        ("BootNotification", BOOT | {"iccid": None}),
        ("BootNotification", BOOT | {"colour": "red"}),
        ("MeterValues", {"connectorId": 1, "meterValue": [], "transactionId": None}),
        ("MeterValues", {"connectorId": 1, "meterValue": [SAMPLE | {"extra": []}]}),
        ("MeterValues", {"connectorId": 1.0, "meterValue": [SAMPLE]}),
        ("Heartbeat", None),
    ],
    ids=["null", "extra", "empty list", "deep extra", "whole float", "null payload"],
)
async def test_what_is_tolerated_is_counted_and_logged_once_a_station(
    here: World, action: str, payload: dict[str, object] | None
) -> None:
    with capture_logs() as logs:
        for station_id in ("CS-1", "CS-2"):
            talker = await here.wire("1.6", station_id)
            for number in range(3):
                answer = talker.expect(str(number))
                await talker.say([2, str(number), action, payload])
                await answer
    for station_id in ("CS-1", "CS-2"):
        station = here.central.stations.require(station_id)
        if payload is None:
            assert station.peer.counters["null payloads"] == 3
            continue
        assert station.peer.counters["oddities"] >= 3
        assert set(station.oddities.values()) == {3}
        mine = [log for log in logs if log["event"] == "tolerated" and log["station"] == station_id]
        assert len(mine) == len(station.oddities)


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (BOOT | {"iccid": None}, "TypeConstraintViolation"),
        (BOOT | {"colour": "red"}, "FormationViolation"),
    ],
)
async def test_strict_mode_refuses(tmp_path: Path, payload: dict[str, object], code: str) -> None:
    async with world(tmp_path, strict=True) as here:
        talker = await here.wire("1.6")
        with pytest.raises(Refusal) as refused:
            await talker.call("BootNotification", payload)
        assert refused.value.code == code
        assert (await talker.call("BootNotification", BOOT))["status"] == "Accepted"


async def test_a_station_that_is_odd_in_many_ways_does_not_fill_the_memory(here: World) -> None:
    talker = await here.wire("1.6")
    for number in range(300):
        await talker.call("BootNotification", BOOT | {f"extra{number}": 1})
    station = here.central.stations.require("CS-1")
    assert len(station.oddities) <= 101
    assert station.oddities.total() == 300


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("action", "code"),
    [
        ("NoSuchThing", "NotImplemented"),
        ("Reset", "NotSupported"),  # ours to ask
        ("", "NotImplemented"),
    ],
)
async def test_actions_that_a_station_may_not_call(
    here: World, version: str, action: str, code: str
) -> None:
    talker = await here.wire(version)
    with pytest.raises(Refusal) as refused:
        await talker.call(action, {})
    assert refused.value.code == code
    await talker.call("Heartbeat", {})


async def test_an_action_of_another_version_is_not_supported(here: World) -> None:
    talker = await here.wire("2.0.1")
    with pytest.raises(Refusal, match="NotSupported"):
        await talker.call("StartTransaction", {})


@pytest.mark.parametrize("version", VERSIONS)
async def test_answers_are_compact(here: World, version: str) -> None:
    talker = await here.wire(version)
    await words(version, talker).boot()
    assert b": " not in talker.frames[-1].replace(b'": "', b"")
    assert b", " not in talker.frames[-1]


# The watchdog


async def test_a_silent_station_is_probed_and_a_dead_one_dropped(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "WATCH_PERIOD", 0.005)
    alive, dead = await here.wire("1.6", "alive"), await here.wire("1.6", "dead")
    long_ago = here.central.now() - timedelta(days=1)
    stations = [here.central.stations.require(name) for name in ("alive", "dead")]
    silent = stations[1].connection

    async def is_alive(connection: MemoryConnection) -> bool:
        return connection is not silent

    monkeypatch.setattr(MemoryConnection, "is_alive", is_alive)
    for station in stations:
        station.last_seen = long_ago
    watching = asyncio.create_task(here.sessions.watch())
    await dead.ended.wait()
    await until(lambda: stations[0].last_seen > long_ago)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    assert dead.connection.closing == "1001 silent"
    await alive.call("Heartbeat", {})
