"""Chargers of 1.2, 1.5 and 1.6 over SOAP, with zeep and the official WSDL as the other side."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import zeep.exceptions

from chargeplane import app
from chargeplane.config import Api, Csms, DatabaseUrl, Server, Settings, Soap, Storage
from chargeplane.csms import commands
from chargeplane.domain.station import ChargingStation, Reset
from chargeplane.domain.tokens import GetLocalListVersion, Token
from chargeplane.domain.transactions import RequestStopTransaction
from chargeplane.errors import AnswerTimeout, NotConnected, Untranslatable
from chargeplane.evse.virtual import Car, VirtualEvse
from chargeplane.net import soap_station, websocket
from chargeplane.net.websocket import Connection
from chargeplane.ocpp.dialects import DIALECTS
from chargeplane.ocpp.errors import OcppError
from chargeplane.ocpp.peer import Peer
from chargeplane.ocpp.soap.messages import MESSAGES
from chargeplane.ocpp.soap.service import CENTRAL, Fault, Headers
from chargeplane.ocpp.soap.service import DIALECTS as SOAP_DIALECTS
from chargeplane.station import authorization
from chargeplane.station.connection import Link, run
from chargeplane.station.handlers import build
from chargeplane.storage.repositories import events, stations, tokens
from chargeplane.storage.repositories import transactions as stored
from tests.conftest import Shared
from tests.e2e.harness import EVERYTHING, PATIENCE, Talker, token, until
from tests.e2e.zeep_peers import (
    EXAMPLES,
    Caller,
    ChargePoint,
    actions,
    arguments,
    calling,
    charge_point,
    plain,
)
from tests.net.certificates import Authority
from tests.ocpp.examples import Json

KEY = "the key of the settings"
PASSWORD = "a password of 27 characters"
KINDS: tuple[Any, ...] = ("Immediate", "OnIdle", "Immediate")
AT = "2026-03-01T12:30:00Z"
LATER = "2026-03-01T13:30:00Z"


@asynccontextmanager
async def central_system(
    folder: Path, *, csms: Json | None = None, **soap: Any
) -> AsyncIterator[app.Running]:
    settings = Settings(
        server=Server(ocpp_port=0, http_port=0),
        storage=Storage(url=DatabaseUrl(f"sqlite:///{folder / 'chargeplane.db'}")),
        csms=Csms(admission="open", answer_timeout=5, **(csms or {})),
        soap=Soap(**{"endpoints": ["127.0.0.0/8"], **soap}),
        api=Api(key=KEY),
    )
    async with app.central_system(settings) as running:
        await running.central.database.write(tokens.save, [token("TAG")])
        yield running


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[app.Running]:
    async with central_system(tmp_path) as found:
        yield found


def address(running: app.Running) -> str:
    return f"http://127.0.0.1:{running.soap_port}/steve/services/CentralSystemService"


def example(version: str, action: str, *, answer: bool = False) -> Json:
    """What a version says of an example, as zeep takes it."""
    row = DIALECTS["1.6"].by_name[action]
    exchange = EXAMPLES[version][action]
    message = msgspec.json.encode(exchange.answer if answer else exchange.request)
    wire, _ = DIALECTS["1.6"].decode(row, message, answer=answer, strict=True)
    said = DIALECTS[version].encode(row, wire, answer=answer)
    return arguments(version, msgspec.json.decode(said))


@asynccontextmanager
async def talking(
    running: app.Running, shared: Shared, version: str
) -> AsyncIterator[tuple[ChargePoint, Caller]]:
    """A charge point of zeep: its endpoint, and its calls to the central system."""
    async with (
        charge_point(shared, version) as point,
        calling(shared, version, "Cs", address(running)) as station,
    ):
        station.sender = point.url
        yield point, station


def api(running: app.Running) -> httpx.AsyncClient:
    url = f"http://127.0.0.1:{running.http_port}"
    return httpx.AsyncClient(base_url=url, headers={"X-API-Key": KEY})


# zeep as the charge point


@pytest.mark.parametrize("version", list(MESSAGES))
async def test_everything_that_a_charge_point_says(
    running: app.Running, version: str, shared: Shared
) -> None:
    async with calling(shared, version, "Cs", address(running)) as station:
        for action in sorted(MESSAGES[version].central):
            # What is not as the official WSDL says, zeep does not understand.
            answer = await station.call(action, example(version, action))
            assert answer is not None or not example(version, action, answer=True)


BOOT = {"chargePointVendor": "Keba AG", "chargePointModel": "P30"}


async def test_a_fault_as_zeep_reads_it(running: app.Running, shared: Shared) -> None:
    async with calling(shared, "1.5", "Cs", address(running)) as station:
        with pytest.raises(zeep.exceptions.Fault) as raised:
            await station.call("BootNotification", BOOT, identity="a:b")
    assert raised.value.code == "s:Sender"
    assert [name.localname for name in raised.value.subcodes] == ["IdentityMismatch"]
    assert "no colon" in raised.value.message


# zeep's charge point, called by us


@pytest.mark.parametrize(("version", "action"), actions("Cp"))
async def test_everything_that_a_charge_point_is_asked(
    running: app.Running, version: str, action: str, shared: Shared
) -> None:
    dialect = SOAP_DIALECTS[version]
    row = dialect.by_name[action]
    exchange = EXAMPLES[version][action]
    request, answer = (
        DIALECTS["1.6"].decode(row, msgspec.json.encode(said), answer=is_answer, strict=True)[0]
        for said, is_answer in ((exchange.request, False), (exchange.answer, True))
    )
    asked = row.read(request)
    async with talking(running, shared, version) as (point, station):
        point.said[action] = example(version, action, answer=True)
        await station.call("Heartbeat", {})
        said = await commands.send(running.central, "CS-1", asked)
    assert [name for name, _ in point.asked] == [action]
    # What the version has no word for is not there to be compared.
    older = dialect.encode(row, answer, answer=True)
    expected, _ = dialect.decode(row, older, answer=True, strict=True)
    assert said == row.read_answer(expected, asked)


async def test_a_charge_point_that_refuses(running: app.Running, shared: Shared) -> None:
    async with talking(running, shared, "1.5") as (point, station):
        await station.call("Heartbeat", {})
        point.refusal = Fault("Receiver", "NotSupported", "no reset here")
        with pytest.raises(OcppError, match="NotSupported: no reset here") as raised:
            await commands.send(running.central, "CS-1", Reset(type="Immediate"))
        assert raised.value.code == "NotSupported"


async def test_a_charge_point_that_cannot_be_reached(running: app.Running, shared: Shared) -> None:
    async with talking(running, shared, "1.5") as (point, station):
        point.said["Reset"] = {"status": "Accepted"}
        station.sender = "http://127.0.0.1:9/"
        await station.call("Heartbeat", {})
        with pytest.raises(NotConnected, match=r"http://127\.0\.0\.1:9/: "):
            await commands.send(running.central, "CS-1", Reset(type="Immediate"))
        station.sender = point.url
        await station.call("Heartbeat", {})  # it is present, and is found again
        answer = await commands.send(running.central, "CS-1", Reset(type="Immediate"))
        assert answer.status == "Accepted"


async def test_a_charge_point_that_does_not_answer(running: app.Running, shared: Shared) -> None:
    async with talking(running, shared, "1.5") as (point, station):
        point.said["Reset"] = {"status": "Accepted"}
        point.gate.clear()
        await station.call("Heartbeat", {})
        asked = commands.Asked(timeout=0.1)
        with pytest.raises(AnswerTimeout):
            await commands.send(running.central, "CS-1", Reset(type="Immediate"), asked)
        point.gate.set()
        answer = await commands.send(running.central, "CS-1", Reset(type="Immediate"))
        assert answer.status == "Accepted"


async def test_one_call_at_a_time(running: app.Running, shared: Shared) -> None:
    async with talking(running, shared, "1.5") as (point, station):
        point.said["Reset"] = {"status": "Accepted"}
        await station.call("Heartbeat", {})
        asking = [commands.send(running.central, "CS-1", Reset(type=kind)) for kind in KINDS]
        answers = await asyncio.gather(*asking)
    assert [answer.status for answer in answers] == ["Accepted"] * len(KINDS)
    assert point.most_at_once == 1


async def test_what_1_2_cannot_be_asked(running: app.Running, shared: Shared) -> None:
    async with talking(running, shared, "1.2") as (point, station):
        await station.call("Heartbeat", {})
        with pytest.raises(Untranslatable):
            await commands.send(running.central, "CS-1", GetLocalListVersion())
    assert point.asked == []


async def test_a_machine_of_our_own_is_not_called_by_default(
    tmp_path: Path, shared: Shared
) -> None:
    async with (
        central_system(tmp_path, endpoints=["sender", "public"]) as running,
        talking(running, shared, "1.5") as (point, station),
    ):
        await station.call("Heartbeat", {})
        with pytest.raises(NotConnected, match=r"soap\.endpoints does not allow 127\.0\.0\.1"):
            await commands.send(running.central, "CS-1", Reset(type="Immediate"))
        assert point.asked == []
        async with api(running) as client:  # unless an operator says where it is
            change = {"soap_endpoint": point.url}
            (await client.patch("/v1/stations/CS-1", json=change)).raise_for_status()
        await running.central.stations.require("CS-1").connection.close()
        point.said["Reset"] = {"status": "Accepted"}
        station.sender = "http://192.0.2.7/"
        await station.call("Heartbeat", {})
        answer = await commands.send(running.central, "CS-1", Reset(type="Immediate"))
        assert answer.status == "Accepted"


async def test_a_port_of_its_own_with_tls(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    certificate, key = authority.issue("server")
    tls = {"tls_certificate": certificate, "tls_key": key, "minimum_security_profile": 2}
    body = CENTRAL["1.6"].call("Heartbeat", b"{}", Headers(identity="CS-1"))
    async with (
        central_system(tmp_path, port=0, csms=tls) as running,
        httpx.AsyncClient(verify=authority.client(), auth=("CS-1", PASSWORD)) as client,
    ):
        secret = {"id": "CS-1", "password": PASSWORD}
        async with api(running) as operator:
            (await operator.post("/v1/stations", json=secret)).raise_for_status()
        path = f"127.0.0.1:{running.soap_port}/ocpp/soap"
        response = await client.post(f"https://{path}", content=body)
        assert response.status_code == 200
        record = await running.central.database.read(stations.get, "CS-1")
        assert record is not None
        assert record.security_profile == 2
        assert (await client.get(f"https://{path.replace('ocpp/soap', 'v1/stations')}")).is_error
        beside = f"http://127.0.0.1:{running.http_port}/ocpp/soap"
        assert (await client.post(beside, content=body)).status_code == 404


# zeep as the central system


@pytest.mark.parametrize("version", list(MESSAGES))
async def test_everything_that_a_station_of_ours_is_asked(
    running: app.Running, version: str, shared: Shared
) -> None:
    async with (
        linked(running, version) as link,
        calling(shared, version, "Cp", link.target.headers.sender) as central,
    ):
        for action in sorted(MESSAGES[version].station):
            said = plain(await central.call(action, example(version, action)))
            expected: Any = plain(example(version, action, answer=True))
            if len(expected) == 1 and not isinstance(said, dict):  # zeep unpacks an only member
                (expected,) = expected.values()
            assert times(said or {}) == times(expected), action
        with pytest.raises(zeep.exceptions.Fault, match="this is CS-1, not CS-2"):
            await central.call("ClearCache", {}, identity="CS-2")


def times(value: Any) -> Any:
    """With all moments written alike."""
    return msgspec.json.decode(MOMENT.sub(r'\1.000Z"', msgspec.json.encode(value).decode()))


MOMENT = re.compile(r'(\d\d:\d\d:\d\d)Z"')


@asynccontextmanager
async def linked(
    running: app.Running, version: str
) -> AsyncIterator[soap_station.StationConnection]:
    """A station of ours that answers as the examples do."""
    link = await soap_station.connect(address(running), "CS-1", version)
    handlers = answers(version)
    peer: Peer[None] = Peer(SOAP_DIALECTS[version], handlers, None, link.send, other_side="csms")
    reader = asyncio.ensure_future(read(peer, link))
    try:
        yield link
    finally:
        await link.close()
        await reader


def answers(version: str) -> dict[type, Any]:
    """Handlers that answer what the examples answer, to whatever is asked."""
    found: dict[type, Any] = {}
    # DataTransfer last: it carries what other messages say as well.
    for action in sorted(MESSAGES[version].station, key="DataTransfer".__eq__):
        row = SOAP_DIALECTS[version].by_name[action]
        exchange = EXAMPLES[version][action]
        wire, _ = DIALECTS["1.6"].decode(
            row, msgspec.json.encode(exchange.answer), answer=True, strict=True
        )
        for request in row.requests:
            found.setdefault(request, answering(row, wire))
    return found


def answering(row: Any, wire: Any) -> Any:
    async def answer(_context: None, request: Any) -> Any:
        return row.read_answer(wire, request)

    return answer


async def read(peer: Peer[None], link: Connection) -> None:
    async for frame in link.frames():
        await peer.receive(frame)
    peer.disconnected()


# Whole sessions


class JsonStation:
    """A station that says the same as JSON; as zeep does, it unpacks an only member."""

    def __init__(self, talker: Talker) -> None:
        self._talker = talker
        self.said = talker.answers
        self.asked = talker.asked

    async def call(self, action: str, payload: Json) -> Any:
        answer = await self._talker.call(action, payload)
        return next(iter(answer.values())) if len(answer) == 1 else answer


@pytest.mark.parametrize("version", list(MESSAGES))
async def test_a_whole_session(running: app.Running, version: str, shared: Shared) -> None:
    async with talking(running, shared, version) as (point, station):
        await charge_once(running, version, station, point, METER_VALUES[version])


@pytest.mark.parametrize("version", list(MESSAGES))
async def test_a_whole_session_as_json(running: app.Running, version: str) -> None:
    url = f"ws://127.0.0.1:{running.ocpp_port}/ocpp/CS-1"
    talker = Talker(await websocket.connect(url, [DIALECTS[version].subprotocol]))
    station = JsonStation(talker)
    await charge_once(running, version, station, station, JSON_VALUES[version])
    await talker.close()


async def charge_once(
    running: app.Running,
    version: str,
    station: Caller | JsonStation,
    point: ChargePoint | JsonStation,
    meter_values: Json,
) -> None:
    """A charge from the boot to the transaction that is kept, ended from afar."""
    async with api(running) as client:
        number = await begin(station, version, meter_values)

        (shown,) = (await client.get("/API/Status")).json()
        assert (shown["id"], shown["protocol"]) == ("CS-1", f"ocpp{version}")
        connector = shown["OnlineConnectors"]["1"]
        assert (connector["Status"], connector["MeterKWH"]) == (2, 1.5)

        point.said["RemoteStopTransaction"] = {"status": "Accepted"}
        (await client.get("/API/StopTransaction/CS-1/1")).raise_for_status()
        assert point.asked[-1] == ("RemoteStopTransaction", {"transactionId": number})

        await end(station, number)
        (charge,) = (await client.get("/v1/transactions")).json()["items"]
        assert (charge["id"], charge["state"], charge["id_token"]) == (number, "closed", "TAG")
        assert charge["energy_mwh"] == 7_000_000
        (shown,) = (await client.get("/API/Status")).json()
        assert shown["OnlineConnectors"]["1"]["Status"] == 1


async def begin(station: Caller | JsonStation, version: str, meter_values: Json) -> int:
    """From the boot into a charge; the number of its transaction."""
    boot = await station.call("BootNotification", BOOT)
    assert (boot["status"], boot[INTERVALS[version]]) == ("Accepted", 300)
    await station.call("StatusNotification", status("Available"))
    info = await station.call("Authorize", {"idTag": "TAG"})
    assert info["status"] == "Accepted"
    start = {"connectorId": 1, "idTag": "TAG", "timestamp": AT, "meterStart": 1000}
    started = await station.call("StartTransaction", start)
    assert started["idTagInfo"]["status"] == "Accepted"
    await station.call("StatusNotification", status(CHARGING[version]))
    await station.call("MeterValues", meter_values)
    return int(started["transactionId"])


async def end(station: Caller | JsonStation, number: int) -> None:
    """From the end of the charge to a free connector."""
    stop = {"transactionId": number, "idTag": "TAG", "timestamp": LATER, "meterStop": 8000}
    assert (await station.call("StopTransaction", stop))["status"] == "Accepted"
    await station.call("StatusNotification", status("Available"))


INTERVALS = {"1.2": "heartbeatInterval", "1.5": "heartbeatInterval", "1.6": "interval"}
CHARGING = {"1.2": "Occupied", "1.5": "Occupied", "1.6": "Charging"}
METER_VALUES: dict[str, Json] = {
    "1.2": {"connectorId": 1, "values": [{"timestamp": AT, "value": 1500}]},
    "1.5": {
        "connectorId": 1,
        "values": [{"timestamp": AT, "value": [{"_value_1": "1.5", "unit": "kWh"}]}],
    },
    "1.6": {
        "connectorId": 1,
        "meterValue": [{"timestamp": AT, "sampledValue": [{"value": "1500"}]}],
    },
}
JSON_VALUES = METER_VALUES | {
    "1.5": {
        "connectorId": 1,
        "values": [{"timestamp": AT, "value": [{"value": "1.5", "unit": "kWh"}]}],
    }
}


def status(word: str) -> Json:
    return {"connectorId": 1, "status": word, "errorCode": "NoError"}


@pytest.mark.parametrize("version", list(MESSAGES))
async def test_a_station_of_ours(running: app.Running, version: str) -> None:
    central, hardware = running.central, VirtualEvse()
    about = ChargingStation(vendor_name="Chargeplane", model="Virtual AC")
    station = build("CS-1", about, [hardware])
    station.dial = soap_station.Dial()
    link = Link(url=address(running), versions=(version,))
    work = asyncio.create_task(run(station, link))
    async with asyncio.timeout(PATIENCE):
        await station.accepted.wait()
    hardware.plug_in(Car())
    assert (await authorization.swipe(station, Token("TAG"), (1,))).status == "Accepted"
    (charge,) = await until(lambda: transactions_of(running, "open"))

    stop = RequestStopTransaction(transaction_id=str(charge.id))
    assert (await commands.send(central, "CS-1", stop)).status == "Accepted"
    (charge,) = await until(lambda: transactions_of(running, "closed"))
    assert (charge.id_token, charge.stop_reason) == ("TAG", REASONS[version])

    await commands.send(central, "CS-1", Reset(type="Immediate"))
    await until(lambda: booted(running, 2))
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)


REASONS = {"1.2": "Local", "1.5": "Local", "1.6": "Remote"}  # without a word for it: the usual one


async def transactions_of(running: app.Running, state: Any) -> Any:
    wanted = stored.TransactionFilter(state=state)
    page = await running.central.database.read(stored.page, wanted, EVERYTHING)
    return page.items


async def booted(running: app.Running, times_: int) -> bool:
    wanted = events.EventFilter(kinds=("station.booted",))
    found = await running.central.database.read(events.since, 0, wanted)
    return len(found) == times_
