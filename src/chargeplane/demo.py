"""The demonstration: a central system, four virtual stations of four versions, drivers."""

from __future__ import annotations

import asyncio
import os
import random
import sys
import tempfile
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

import msgspec
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from sqlalchemy import Connection

from chargeplane import app, evse_app
from chargeplane.config import Api, Csms, DatabaseUrl, Evse, Server, Settings, Soap, Steve, Storage
from chargeplane.config import Station as StationSettings
from chargeplane.csms.central import Central
from chargeplane.domain.station import ChargingStation
from chargeplane.domain.tokens import Token
from chargeplane.evse.background import background
from chargeplane.evse.controller import Controller
from chargeplane.evse.device import Device
from chargeplane.evse.settings import OcppSettings
from chargeplane.evse.virtual import Car, VirtualEvse
from chargeplane.net.soap_station import Dial
from chargeplane.station import authorization
from chargeplane.station.connection import Link, run
from chargeplane.station.handlers import build
from chargeplane.station.station import Station
from chargeplane.station.unit import Connector as Outlet
from chargeplane.station.unit import EvseUnit
from chargeplane.storage.paging import Window
from chargeplane.storage.records import ConnectorRecord, TokenRecord, TransactionRecord
from chargeplane.storage.repositories import connectors, stations, tokens
from chargeplane.storage.repositories import transactions as stored
from chargeplane.storage.repositories.stations import StationFilter
from chargeplane.storage.repositories.transactions import TransactionFilter

FLEET: Final = {"demo-15": "1.5", "demo-16": "1.6", "demo-201": "2.0.1", "demo-21": "2.1"}
OVER_SOAP: Final = ("demo-15",)
DEVICE: Final = "demo-evse"  # an EVSE controller beside them
DEVICE_PORT: Final = 8081
CONNECTORS: Final = 2
SPEED: Final = 60.0  # a minute of charging in a second
SAMPLE_S: Final = "5"  # s between meter values
CHARGE_S: Final = (60, 120)  # s that a driver charges, at least and at most
PAUSE_S: Final = (5, 30)  # s between one driver and the next
KEY: Final = "demo"
GOOD: Final = "DEMO0001"
USER: Final = "demo"
PASSWORD: Final = "demo-demo-demo"  # noqa: S105 of a database that goes with the demonstration


async def demonstrate(server: Server, *, seconds: float | None = None) -> None:
    """Run the demonstration until it is interrupted, or for so many seconds."""
    with _folder() as folder:
        settings = _settings(server, folder)
        async with app.central_system(settings) as running:
            await running.central.database.write(tokens.save, _tokens(datetime.now(UTC)))
            async with _fleet(running) as fleet, _device(settings, running, folder) as device:
                await _let_in(running, device)
                show = asyncio.create_task(_show(running, fleet, device.url))
                try:
                    await asyncio.wait([show], timeout=seconds)
                finally:
                    show.cancel()
                    await asyncio.gather(show, return_exceptions=True)


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


def _settings(server: Server, folder: Path) -> Settings:
    return Settings(
        server=server,
        storage=Storage(url=DatabaseUrl(f"sqlite:///{folder / 'chargeplane.db'}")),
        csms=Csms(admission="open"),
        soap=Soap(endpoints=["127.0.0.0/8"]),
        api=Api(key=KEY),
        steve=Steve(key=KEY, api_key=KEY),
    )


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


# What is seen


async def _show(running: app.Running, fleet: list[Station], device_url: str) -> None:
    """Show the live state: a table that changes on a terminal, else a line for each change."""
    news: deque[str] = deque(maxlen=8)
    for station in fleet:
        station.signals.status.listen(partial(_note, news, station.id))
    console = Console()
    console.print(_hints(running, device_url))
    if not console.is_terminal:
        await _print_lines(running.central)
        return
    with Live(console=console, refresh_per_second=2) as live:
        while True:
            live.update(await _picture(running.central, news))
            await asyncio.sleep(1)


def _note(news: deque[str], station_id: str, told: tuple[EvseUnit, Outlet, str]) -> None:
    evse, _, state = told
    news.append(f"{_clock()} {station_id}: connector {evse.id} is {state}")


def _hints(running: app.Running, device_url: str) -> RenderableType:
    flags = "" if running.http_port == Server().http_port else f" (HTTP port {running.http_port})"
    lines = [
        f"Web pages http://127.0.0.1:{running.http_port}/   user {USER}, password {PASSWORD}",
        f"OCPP      ws://127.0.0.1:{running.ocpp_port}/ocpp/<id>   any station is admitted",
        f"SOAP      http://127.0.0.1:{running.soap_port}/ocpp/soap   and where SteVe has it",
        f"HTTP API  http://127.0.0.1:{running.http_port}/v1   X-API-Key: {KEY}",
        f"OCPP.Core http://127.0.0.1:{running.http_port}/API/Status   X-API-Key: {KEY}",
        f"SteVe     http://127.0.0.1:{running.http_port}/main.php?key={KEY}&cmd=...",
        f"EVSE      {device_url}settings   {DEVICE}: SmartEVSE's API, in a virtual house",
        f"Tags      {GOOD} good, DEMO0002 blocked, DEMO0003 expired, DEMO0004 one at a time",
        "",
        f"Try, in another terminal{flags}:",
        f"  export CHARGEPLANE_API__KEY={KEY}",
        "  .venv/bin/chargeplane stations",
        "  .venv/bin/chargeplane transactions",
        f"  .venv/bin/chargeplane start demo-21 --connector 2 --tag {GOOD}",
        "  .venv/bin/chargeplane stop demo-21 --connector 2",
        "",
        "Ctrl-C ends it.",
    ]
    return Panel("\n".join(lines), title="Chargeplane demo", expand=False)


async def _print_lines(central: Central) -> None:
    with central.bus.subscribe() as events:
        async for event in events:
            place = f"{event.station_id or ''} {event.evse_id or ''}".strip()
            said = " ".join(f"{name}={value}" for name, value in event.data.items())
            sys.stdout.write(f"{_clock()} {event.kind:20} {place:12} {said}\n")
            sys.stdout.flush()


async def _picture(central: Central, news: deque[str]) -> RenderableType:
    def read(connection: Connection) -> tuple[RenderableType, RenderableType]:
        known = stations.page(connection, StationFilter(), Window(20)).items
        states = connectors.of_stations(connection, tuple(each.id for each in known))
        charges = stored.page(connection, TransactionFilter(), Window(6)).items
        return _connector_table(states), _transaction_table(charges)

    tables = await central.database.read(read)
    return Group(*tables, "\n".join(news))


def _connector_table(states: tuple[ConnectorRecord, ...]) -> Table:
    table = Table("Station", "Connector", "State", "Power", "Energy", "SoC", title="Connectors")
    for each in states:
        if each.evse_id:
            table.add_row(
                each.station_id,
                str(each.evse_id),
                f"{each.status} {each.charging_state or ''}".strip(),
                _unit(each.power_w, 1000, "kW"),
                _unit(each.energy_mwh, 1e6, "kWh"),
                _unit(each.soc_percent, 1, "%"),
            )
    return table


def _transaction_table(charges: tuple[TransactionRecord, ...]) -> Table:
    table = Table("Number", "Station", "Tag", "Began", "Energy", "State", title="Transactions")
    for each in charges:
        table.add_row(
            str(each.id),
            f"{each.station_id} {each.evse_id}",
            each.id_token or "",
            f"{each.started_at:%H:%M:%S}",
            _unit(each.energy_mwh, 1e6, "kWh"),
            each.state if each.stop_reason is None else f"{each.state} ({each.stop_reason})",
        )
    return table


def _unit(value: float | None, divisor: float, unit: str) -> str:
    return "" if value is None else f"{value / divisor:.2f} {unit}"


def _clock() -> str:
    return f"{datetime.now(UTC):%H:%M:%S}"
