"""What automations send today, word for word, to a running stack with virtual stations.

The lines come from the documents that describe the SteVe HTTP client and the API of OCPP.Core.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
import pytest

from chargeplane import app
from chargeplane.config import Api, Csms, DatabaseUrl, Server, Settings, Steve, Storage
from chargeplane.domain.station import ChargingStation
from chargeplane.evse.hardware import Hardware
from chargeplane.evse.virtual import Car, VirtualEvse
from chargeplane.station.connection import Link, run
from chargeplane.station.handlers import build
from chargeplane.station.station import Station
from chargeplane.storage.repositories import tokens
from tests.conftest import Shared
from tests.e2e.harness import PATIENCE, VERSIONS, token, until

KEY = "YourKey"
CLIENT = "seeds/000_762a3a97aab638a2.txt"
CORE = "seeds/001_e0fa7d916f225dc2.txt"


@asynccontextmanager
async def stack(folder: Path, version: str, *ids: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of all faces; each station has a car at both connectors."""
    settings = Settings(
        server=Server(ocpp_port=0, http_port=0),
        storage=Storage(url=DatabaseUrl(f"sqlite:///{folder / 'seeds.db'}")),
        csms=Csms(admission="open"),
        api=Api(key=KEY),
        steve=Steve(key=KEY, api_key=KEY),
    )
    async with AsyncExitStack() as exits:
        running = await exits.enter_async_context(app.central_system(settings))
        known = [token("ABCDE"), token("tag1234")]
        await running.central.database.write(tokens.save, known)
        link = Link(url=f"ws://127.0.0.1:{running.ocpp_port}/ocpp", versions=(version,))
        for station_id in ids:
            station = virtual(station_id)
            job = asyncio.create_task(run(station, link))
            exits.push_async_callback(end, job)
            await asyncio.wait_for(station.accepted.wait(), PATIENCE)
        url = f"http://127.0.0.1:{running.http_port}"
        client = httpx.AsyncClient(base_url=url, timeout=PATIENCE, trust_env=False)
        yield await exits.enter_async_context(client)


async def end(job: asyncio.Task[None]) -> None:
    job.cancel()
    await asyncio.wait([job])


def virtual(station_id: str) -> Station:
    about = ChargingStation(vendor_name="Chargeplane", model="Virtual AC")
    hardware: list[Hardware] = []
    for _ in range(2):
        evse = VirtualEvse(speed=60)
        evse.plug_in(Car())
        hardware.append(evse)
    return build(station_id, about, hardware)


def of_client(document: Path) -> dict[str, str]:
    """The addresses of the curl lines, by command."""
    lines = re.findall(r'curl "http: ?//youraddress([^"]+)"', document.read_text("utf-8"))
    return {re.sub(r".*cmd=(\w+).*", r"\1", each): each for each in lines}


def of_core(document: Path) -> set[str]:
    return set(
        re.findall(
            r"^\s+(?:POST )?(/API/[^\s\"<]+)\"?\s*$", document.read_text("utf-8"), re.MULTILINE
        )
    )


@pytest.mark.parametrize("version", VERSIONS)
async def test_the_lines_of_the_steve_client(tmp_path: Path, shared: Shared, version: str) -> None:
    lines = of_client(shared(CLIENT))
    assert len(lines) == 6
    async with stack(tmp_path, version, "001", "002", "003") as client:

        async def say(command: str) -> str:
            response = await client.get(lines[command])
            assert response.status_code == 200
            return response.text

        assert await until(lambda: has_a_state(client, lines["getConnectorState"]))
        assert await say("DataTransfer") == "UnknownVendorId"
        assert await say("RemoteStartTransaction") == "Ok"
        await until(lambda: has_charge(client, "open"))
        assert await say("RemoteStopTransaction") == "Ok"
        await until(lambda: has_charge(client, "closed"))
        assert await say("UnlockConnector") == "Ok"
        assert (await say("Reset")).splitlines() == ["Ok"] * 3


async def has_charge(client: httpx.AsyncClient, state: str) -> bool:
    found = await client.get(f"/v1/transactions?state={state}", headers={"X-API-Key": KEY})
    return bool(found.json()["items"])


async def has_a_state(client: httpx.AsyncClient, line: str) -> bool:
    return (await client.get(line)).text in {"Preparing", "Occupied", "Available"}


@pytest.mark.parametrize("version", VERSIONS)
async def test_the_lines_of_the_ocpp_core_api(tmp_path: Path, shared: Shared, version: str) -> None:
    lines = of_core(shared(CORE))
    async with stack(tmp_path, version, "station42") as client:
        client.headers["X-API-Key"] = KEY
        for line, wanted in EXPECTED:
            assert line in lines
            response = await client.get(line)
            assert response.status_code == 200
            assert re.search(wanted, response.text), (line, response.text)
            if "RemoteStart" in line:
                await until(lambda: has_charge(client, "open"))
            lines.discard(line)
        payments = {each for each in lines if each.startswith("/API/Payments/")}
        assert lines == payments
        for line in payments:
            response = await client.post(line, json={})
            assert (response.status_code, response.json()) == (400, {"status": "Disabled"})


EXPECTED = (
    ("/API/Status", '"protocol":"ocpp'),
    ("/API/SetChargingLimit/station42/1/2000W", "Accepted"),
    ("/API/SetChargingLimit/station42/1/16A", "Accepted"),
    ("/API/ClearChargingLimit/station42/1", "Accepted"),
    ("/API/GetConfiguration/station42", '"configurationKey"'),
    ("/API/GetConfiguration/station42/EVConnectionTimeOut", "EVConnectionTimeOut"),
    # 2.x has this name; 1.6 calls it ConnectionTimeOut (§9.1.7), so such a station knows it not.
    ("/API/ChangeConfiguration/station42/EVConnectionTimeOut/90", "Accepted|NotSupported"),
    ("/API/RemoteStartTransaction/station42/1/tag1234", "Accepted"),
    ("/API/RemoteStopTransaction/station42/1", "Accepted"),
    ("/API/UnlockConnector/station42/1", "Unlock"),
    ("/API/Reset/station42", '{"status"'),
)


async def test_faces_without_a_key_are_shut(tmp_path: Path) -> None:
    async with stack(tmp_path, "1.6") as client:
        assert (await client.get("/API/Status")).status_code == 401
        assert (await client.get("/main.php?cmd=Reset&ChargeBoxID=001")).text == ""
        assert (await client.get("/steve/api/v1/ocppTags")).status_code == 401
        found = await client.get("/steve/api/v1/ocppTags", auth=("admin", KEY))
        assert [each["idTag"] for each in found.json()] == ["ABCDE", "tag1234"]
        listed = await client.get("/API/Status", headers={"X-API-Key": KEY})
        assert listed.json() == []
