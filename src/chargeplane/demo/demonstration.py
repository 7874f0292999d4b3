"""The demonstration: a central system, four virtual stations of four versions, drivers."""

from __future__ import annotations

import asyncio
import os
import random
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

import msgspec
from pydantic import SecretStr

from chargeplane import app, evse_app
from chargeplane.config import (
    Api,
    Csms,
    DatabaseUrl,
    Evse,
    Payments,
    Server,
    Settings,
    Soap,
    Steve,
    Storage,
    Stripe,
)
from chargeplane.config import Station as StationSettings
from chargeplane.csms.central import Central
from chargeplane.demo.names import DEVICE, GOOD, KEY, PASSWORD, USER
from chargeplane.demo.showing import show
from chargeplane.domain.station import ChargingStation
from chargeplane.domain.tokens import Token
from chargeplane.evse.background import background
from chargeplane.evse.controller import Controller
from chargeplane.evse.device import Device
from chargeplane.evse.settings import OcppSettings
from chargeplane.evse.virtual import Car, VirtualEvse
from chargeplane.net.soap_station import Dial
from chargeplane.payments.stand_in import StandIn
from chargeplane.payments.stand_in import running as standing_in
from chargeplane.station import authorization
from chargeplane.station.connection import Link, run
from chargeplane.station.handlers import build
from chargeplane.station.station import Station
from chargeplane.station.unit import EvseUnit
from chargeplane.storage.records import TokenRecord
from chargeplane.storage.repositories import tokens

FLEET: Final = {"demo-15": "1.5", "demo-16": "1.6", "demo-201": "2.0.1", "demo-21": "2.1"}
OVER_SOAP: Final = ("demo-15",)
DEVICE_PORT: Final = 8081
CONNECTORS: Final = 2
SPEED: Final = 60.0  # a minute of charging in a second
SAMPLE_S: Final = "5"  # s between meter values
CHARGE_S: Final = (60, 120)  # s that a driver charges, at least and at most
PLUG_S: Final = 5  # s until whoever has paid plugs in
PAUSE_S: Final = (5, 30)  # s between one driver and the next


async def demonstrate(server: Server, *, seconds: float | None = None) -> None:
    """Run the demonstration until it is interrupted, or for so many seconds."""
    with _folder() as folder:
        async with _central(server, folder) as (settings, running):
            await running.central.database.write(tokens.save, _tokens(datetime.now(UTC)))
            async with _fleet(running) as fleet, _device(settings, running, folder) as device:
                await _let_in(running, device)
                showing = asyncio.create_task(show(running, fleet, device.url))
                try:
                    await asyncio.wait([showing], timeout=seconds)
                finally:
                    showing.cancel()
                    await asyncio.gather(showing, return_exceptions=True)


@asynccontextmanager
async def _central(server: Server, folder: Path) -> AsyncIterator[tuple[Settings, app.Running]]:
    """The central system, with a stand-in for Stripe, so that no money moves."""
    stand_in = StandIn()
    async with standing_in(stand_in):
        settings = _settings(server, folder, stand_in)
        stand_in.deliveries.url = f"{settings.stripe.return_base_url}/API/Payments/Webhook"
        async with app.central_system(settings) as running:
            yield settings, running


@contextmanager
def _folder() -> Iterator[Path]:
    """The folder of the database: DEMO_DIR, or one that goes with the demonstration."""
    named = os.environ.get("DEMO_DIR")
    if named:
        Path(named).mkdir(parents=True, exist_ok=True)
        yield Path(named).resolve()
        return
    with tempfile.TemporaryDirectory(prefix="chargeplane-demo-") as folder:
        yield Path(folder)


def _settings(server: Server, folder: Path, stand_in: StandIn) -> Settings:
    port = server.http_port or _free_port()  # drivers are told it before it is served
    return Settings(
        server=server.model_copy(update={"http_port": port}),
        storage=Storage(url=DatabaseUrl(f"sqlite:///{folder / 'chargeplane.db'}")),
        csms=Csms(admission="open"),
        soap=Soap(endpoints=["127.0.0.0/8"]),
        api=Api(key=KEY),
        steve=Steve(key=KEY, api_key=KEY),
        stripe=Stripe(
            enabled=True,
            api_key=SecretStr(stand_in.api_key),
            webhook_secret=SecretStr(stand_in.webhook_secret),
            api_base=stand_in.url,
            return_base_url=f"http://127.0.0.1:{port}",
        ),
        payments=Payments(price_per_kwh=Decimal("0.49"), session_fee=Decimal("0.50")),
    )


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


async def _let_in(running: app.Running, device: Device) -> None:
    """Show the device on the web pages, and let everybody in as the user of the demonstration."""
    assert running.site is not None  # noqa: S101 the pages are on
    running.site.devices.append(device)
    if USER not in [each.name for each in await running.site.users.all()]:
        await running.site.users.add(USER, "admin", password=PASSWORD)


def _tokens(now: datetime) -> list[TokenRecord]:
    """A good tag, a blocked one, an expired one, and one that may charge once at a time."""
    return [
        token(GOOD, now, limit=-1),
        token("DEMO0002", now, blocked=True),
        token("DEMO0003", now, expires_at=now - timedelta(days=1)),
        token("DEMO0004", now, limit=1),
    ]


def token(
    id_token: str,
    now: datetime,
    *,
    limit: int = 1,
    blocked: bool = False,
    expires_at: datetime | None = None,
) -> TokenRecord:
    """A tag that may charge so many times at once; any number where the limit is -1."""
    return TokenRecord(
        key=id_token.lower(),
        id_token=id_token,
        type="ISO14443",
        group_key=None,
        group_id=None,
        blocked=blocked,
        valid_from=None,
        expires_at=expires_at,
        max_active_transactions=limit,
        name=None,
        comment="demonstration",
        personal_message=None,
        language=None,
        charging_priority=None,
        stations=None,
        created_at=now,
    )


# Stations and drivers


@asynccontextmanager
async def _fleet(running: app.Running) -> AsyncIterator[list[Station]]:
    fleet = [_station(station_id) for station_id in FLEET]
    jobs = [asyncio.create_task(run(station, _link(station, running))) for station in fleet]
    jobs += [asyncio.create_task(_drive(station)) for station in fleet]
    jobs += [asyncio.create_task(_attend(station)) for station in fleet]
    jobs.append(asyncio.create_task(_bring_cars(running.central, fleet)))
    try:
        yield fleet
    finally:
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)


def _link(station: Station, running: app.Running) -> Link:
    url = f"ws://127.0.0.1:{running.ocpp_port}/ocpp"
    if station.id in OVER_SOAP:
        url = f"http://127.0.0.1:{running.soap_port}/ocpp/soap"
    return Link(url=url, versions=(FLEET[station.id],))


def _station(station_id: str) -> Station:
    about = ChargingStation(
        vendor_name="Chargeplane",
        model="Virtual AC",
        serial_number=station_id,
        firmware_version="1.0",
    )
    hardware = [VirtualEvse(speed=SPEED) for _ in range(CONNECTORS)]
    station = build(station_id, about, hardware)
    station.model.put("SampledDataCtrlr/TxUpdatedInterval", SAMPLE_S)
    if station_id in OVER_SOAP:
        station.dial = Dial()
    return station


@asynccontextmanager
async def _device(settings: Settings, running: app.Running, folder: Path) -> AsyncIterator[Device]:
    """An EVSE controller in a house with panels, whose day passes in minutes; a car is there."""
    own = settings.model_copy(
        update={
            "evse": Evse(
                port=DEVICE_PORT if running.http_port == Server().http_port else 0,
                speed=SPEED,
                data=folder / "evse",
                mdns=False,
                ocpp=True,
                settings={"mode": "SMART", "max_current_a": 16},
            ),
            "station": StationSettings(
                id=DEVICE, url=f"ws://127.0.0.1:{running.ocpp_port}/ocpp", versions=["1.6"]
            ),
        }
    )
    async with evse_app.running(own) as found:
        found.device.controller.change(ocpp=_welcoming(found.device.controller))
        async with background(_arrive(found)):
            yield found.device


async def _arrive(found: evse_app.Running) -> None:
    """Cars come once the controller is connected, and leave when they are full."""
    await found.device.ocpp.wait()
    while found.fitted.virtual is not None:
        board, car = found.fitted.virtual.board, Car(soc_percent=random.uniform(20, 70))  # noqa: S311 no secret
        board.plug_in(car)
        while car.is_hungry and board.car is car:  # noqa: ASYNC110 a car tells nobody
            await asyncio.sleep(1)
        board.plug_out()
        await asyncio.sleep(random.uniform(*PAUSE_S))  # noqa: S311 no secret


def _welcoming(controller: Controller) -> OcppSettings:
    """Charge every car as that of the good tag."""
    return msgspec.structs.replace(controller.settings.ocpp, auto_auth=True, auto_auth_tag=GOOD)


async def _drive(station: Station) -> None:
    """Drivers come, charge and go, always at the first connector; the second is for the user."""
    await station.accepted.wait()
    while True:
        await _charge(station, station.evses[0])
        await asyncio.sleep(random.uniform(*PAUSE_S))  # noqa: S311 no secret


async def _attend(station: Station) -> None:
    """A car comes to the other connectors when a charge is asked for, and leaves after it."""
    while True:
        await asyncio.sleep(1)
        for evse in station.evses[1:]:
            hardware = _virtual(evse)
            if evse.authorization is not None and not hardware.is_plugged_in():
                hardware.plug_in(Car())
            elif evse.has_ended:
                hardware.plug_out()


async def _bring_cars(central: Central, fleet: list[Station]) -> None:
    """A car comes to the connector that somebody has paid for."""
    known = {station.id: station for station in fleet}
    with central.bus.subscribe() as events:
        async for event in events:
            station = known.get(event.station_id or "")
            if station is not None and event.evse_id and event.kind == "payment.authorized":
                await asyncio.sleep(PLUG_S)
                hardware = _virtual(station.evses[event.evse_id - 1])
                if not hardware.is_plugged_in():
                    hardware.plug_in(Car())


def _virtual(evse: EvseUnit) -> VirtualEvse:
    assert isinstance(evse.hardware, VirtualEvse)  # noqa: S101 as `_station` made it
    return evse.hardware


async def _charge(station: Station, evse: EvseUnit) -> None:
    hardware = _virtual(evse)
    hardware.plug_in(Car(soc_percent=random.uniform(20, 70)))  # noqa: S311 no secret
    await asyncio.sleep(2)
    token = Token(GOOD)
    if evse.transaction is None:
        await authorization.swipe(station, token, (evse.id,))
    await asyncio.sleep(random.uniform(*CHARGE_S))  # noqa: S311 no secret
    if evse.transaction is not None:
        await authorization.swipe(station, token, (evse.id,))
    await asyncio.sleep(2)
    hardware.plug_out()
