"""Stations over SOAP at the addresses of SteVe: who is let in, and whether they are present."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from chargeplane.access.passwords import hash_password
from chargeplane.api import soap
from chargeplane.csms import session
from chargeplane.csms.admission import PER_STATION
from chargeplane.net.soap_door import Door
from chargeplane.net.soap_http import Caller, EndpointRule
from chargeplane.ocpp.soap.service import CENTRAL, Headers
from chargeplane.storage.repositories import refused_stations
from tests.e2e.harness import EVERYTHING, World, kinds, until, world
from tests.net.soap_envelopes import fault, said

SERVICE = "/steve/services/CentralSystemService"
BOOT = {"chargePointVendor": "Keba AG", "chargePointModel": "P30"}


class Stations:
    """Says what stations say."""

    def __init__(self, here: World, client: httpx.AsyncClient) -> None:
        self.here = here
        self.client = client

    async def say(
        self,
        action: str = "Heartbeat",
        payload: Any = None,
        *,
        version: str = "1.6",
        name: str = "CS-1",
        password: bytes | None = None,
        user: str | None = None,
        path: str = SERVICE,
    ) -> httpx.Response:
        headers = Headers(identity=name, sender="http://192.0.2.7/", to="http://test/")
        body = CENTRAL[version].call(action, msgspec.json.encode(payload or {}), headers)
        more = {}
        if password is not None:
            shown = base64.b64encode((user or name).encode() + b":" + password).decode()
            more["Authorization"] = f"Basic {shown}"
        return await self.client.post(path, content=body, headers=more)


def others() -> Starlette:
    async def answer(_request: Any) -> PlainTextResponse:
        return PlainTextResponse("others")

    return Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])


async def open_door(here: World) -> AsyncIterator[Stations]:
    async with (
        Caller(5, EndpointRule(())) as caller,
        Door(here.admission.admit_soap, here.sessions.run, caller) as door,
    ):
        application: Any = soap.beside(door, others())
        transport = httpx.ASGITransport(application, client=("192.0.2.7", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            yield Stations(here, client)


@pytest.fixture
async def stations(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Stations]:
    settings = getattr(request, "param", {"admission": "open"})
    async with world(tmp_path, **settings) as here:
        async for found in open_door(here):
            yield found


def admitting(**settings: Any) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("stations", [settings], indirect=True, ids=[""])


# Where


@pytest.mark.parametrize(
    "path",
    [SERVICE, f"{SERVICE}OCPP12", f"{SERVICE}OCPP15", f"{SERVICE}OCPP16", "/ocpp/soap",
     f"{SERVICE}/", SERVICE.lower(), "/Ocpp/SOAP"],
)  # fmt: skip
async def test_every_address_takes_every_version(stations: Stations, path: str) -> None:
    for version in CENTRAL:
        response = await stations.say(version=version, path=path)
        assert (response.status_code, list(said(response))) == (200, ["currentTime"])


@pytest.mark.parametrize(
    "path", ["/", "/v1/stations", f"{SERVICE}OCPP20", "/ocpp/soap/x", "/steve"]
)
async def test_other_paths_are_left_to_others(stations: Stations, path: str) -> None:
    assert (await stations.say(path=path)).text == "others"


@pytest.mark.parametrize(
    ("path", "namespace"),
    [
        (f"{SERVICE}?wsdl", "2015/10"),
        (f"{SERVICE}?wsdl=1.2", "2010/08"),
        (f"{SERVICE}?wsdl=15", "2012/06"),
        (f"{SERVICE}?WSDL=2.1", "2015/10"),
        (f"{SERVICE}OCPP12?wsdl", "2010/08"),
        (f"{SERVICE}OCPP15?wsdl", "2012/06"),
        (f"{SERVICE}OCPP16?wsdl", "2015/10"),
        ("/ocpp/soap?wsdl", "2015/10"),
    ],
)
async def test_the_description_of_each_version(
    stations: Stations, path: str, namespace: str
) -> None:
    response = await stations.client.get(path)
    assert f'targetNamespace="urn://Ocpp/Cs/{namespace}/"' in response.text
    assert f'location="http://test{path.partition("?")[0]}"' in response.text


async def test_looking_without_asking(stations: Stations) -> None:
    response = await stations.client.get(SERVICE)
    assert (response.status_code, response.text) == (
        405,
        "this is a SOAP endpoint: POST an envelope, or GET its ?wsdl\n",
    )


# Who


@admitting(admission="known")
async def test_whoever_is_not_registered(stations: Stations) -> None:
    response = await stations.say("BootNotification", BOOT)
    assert (response.status_code, fault(response)) == (
        400,
        ("Sender", "SecurityError", "CS-1 is not registered here"),
    )
    page = await stations.here.read(lambda c: refused_stations.page(c, EVERYTHING))
    assert [(each.station_id, each.address) for each in page.items] == [("CS-1", "192.0.2.7")]
    await stations.here.register("CS-1")
    assert said(await stations.say("BootNotification", BOOT))["status"] == "Accepted"


@admitting(admission="pending")
async def test_whoever_is_pending(stations: Stations) -> None:
    assert said(await stations.say("BootNotification", BOOT))["status"] == "Pending"
    assert fault(await stations.say())[1] == "SecurityError"
    answer = said(await stations.say("BootNotification", BOOT, version="1.5", name="CS-2"))
    assert answer["status"] == "Rejected"  # 1.5 has no word for it
    assert (await stations.here.station("CS-2")).registration == "Pending"


async def test_a_password(stations: Stations) -> None:
    await stations.here.register("CS-1", password_hash=hash_password(b"a secret of 20 bytes"))
    missing = await stations.say()
    assert (missing.status_code, missing.headers["www-authenticate"]) == (401, 'Basic realm="OCPP"')
    assert fault(missing)[1] == "SecurityError"
    assert (await stations.say(password=b"wrong")).status_code == 401
    assert (await stations.say(password=b"a secret of 20 bytes", user="CS-2")).status_code == 401
    assert (await stations.say(password=b"a secret of 20 bytes")).status_code == 200
    assert (await stations.here.station()).security_profile == 1
    assert (await stations.say()).status_code == 401  # others may not speak in its name meanwhile


@admitting(admission="open", minimum_security_profile=1)
async def test_a_password_that_is_required_of_all(stations: Stations) -> None:
    response = await stations.say()
    assert (response.status_code, fault(response)[2]) == (401, "security profile 1 is required")


async def test_whoever_is_disabled(stations: Stations) -> None:
    assert (await stations.say()).status_code == 200
    await stations.here.register("CS-1", enabled=False)
    await stations.here.central.stations.require("CS-1").connection.close(1008, "disabled")
    assert fault(await stations.say()) == ("Sender", "SecurityError", "CS-1 is disabled")


async def test_a_pinned_version(stations: Stations) -> None:
    await stations.here.register("CS-1", pinned_version="1.5")
    assert (await stations.say(version="1.5")).status_code == 200
    reason = fault(await stations.say(version="1.6"))
    assert reason == (
        "Sender",
        "ProtocolError",
        "no common subprotocol: offered ocpp1.6; known ocpp1.5",
    )


async def test_whoever_knocks_too_often(stations: Stations) -> None:
    await stations.here.register("CS-1", enabled=False)
    replies = [await stations.say() for _ in range(PER_STATION + 1)]
    assert replies[-2].status_code == 400
    assert (replies[-1].status_code, fault(replies[-1])[1]) == (429, "InternalError")


async def test_messages_of_a_session_are_not_counted(stations: Stations) -> None:
    replies = [await stations.say() for _ in range(2 * PER_STATION)]
    assert {reply.status_code for reply in replies} == {200}


# Presence


async def test_a_station_is_present_by_its_messages(stations: Stations) -> None:
    here = stations.here
    await stations.say("BootNotification", BOOT, version="1.2")
    record = await here.station()
    assert (record.online, record.subprotocol, record.remote_address) == (
        True,
        "ocpp1.2",
        "192.0.2.7",
    )
    assert here.central.stations.require("CS-1").dialect.version == "1.2"
    assert kinds(await here.events("station.online", "station.offline")) == ["station.online"]


@pytest.mark.parametrize(("interval_s", "is_gone"), [(None, True), (3600, False)])
async def test_a_silent_station_is_gone_until_it_speaks_again(
    stations: Stations,
    interval_s: int | None,
    is_gone: bool,  # noqa: FBT001 a column
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = stations.here
    await here.register("CS-1", heartbeat_interval_s=interval_s)
    await stations.say()
    await stations.say(name="CS-2")
    late = here.central.now() + timedelta(seconds=3 * here.central.settings.heartbeat_interval + 1)
    here.central.now = lambda: late
    here.central.stations.require("CS-2").last_seen = late
    monkeypatch.setattr(session, "WATCH_PERIOD", 0.01)
    watching = asyncio.create_task(here.sessions.watch())
    if is_gone:
        await until(lambda: here.central.stations.get("CS-1") is None)
        await until(lambda: _is_offline(here))
        (event,) = await here.events("station.offline")
        assert event.data["reason"] == "1001 silent"
        await stations.say()
    else:
        await asyncio.sleep(0.05)
    assert here.central.stations.get("CS-1") is not None
    assert (await here.station()).online
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


async def _is_offline(here: World) -> bool:
    return not (await here.station()).online


async def test_a_websocket_takes_the_place_of_soap(stations: Stations) -> None:
    await stations.say()
    talker = await stations.here.wire("1.6")
    assert stations.here.central.stations.require("CS-1").connection is not None
    await talker.call("Heartbeat", {})
    assert (await stations.say()).status_code == 200  # and SOAP that of the WebSocket
    await talker.ended.wait()
    assert talker.connection.closing == "1001 replaced by a new connection"


async def test_missing_headers_are_counted(stations: Stations) -> None:
    body = CENTRAL["1.6"].call("Heartbeat", b"{}", Headers(identity="CS-1"))
    for _ in range(2):
        await stations.client.post(SERVICE, content=body)
    oddities = stations.here.central.stations.require("CS-1").oddities
    assert oddities == {"Heartbeat: no From header": 2, "Heartbeat: no To header": 2}


async def test_what_cannot_be_read_is_refused_by_name(stations: Stations) -> None:
    response = await stations.client.post(
        SERVICE,
        content=CENTRAL["1.6"]
        .call("Authorize", b'{"idTag":"T"}', Headers(identity="CS-1"))
        .replace(b"idTag>", b"idTage>"),
    )
    assert (response.status_code, fault(response)) == (
        400,
        ("Sender", "ProtocolError", "idTag: missing"),
    )
