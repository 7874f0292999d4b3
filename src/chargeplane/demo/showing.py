"""What the demonstration shows: where everything is, and how it goes."""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from datetime import UTC, datetime
from functools import partial

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from sqlalchemy import Connection

from chargeplane import app
from chargeplane.config import Server
from chargeplane.csms.central import Central
from chargeplane.demo.names import DEVICE, GOOD, KEY, PASSWORD, USER
from chargeplane.station.station import Station
from chargeplane.station.unit import Connector as Outlet
from chargeplane.station.unit import EvseUnit
from chargeplane.storage.paging import Window
from chargeplane.storage.records import ConnectorRecord, TransactionRecord
from chargeplane.storage.repositories import connectors, stations
from chargeplane.storage.repositories import transactions as stored
from chargeplane.storage.repositories.stations import StationFilter
from chargeplane.storage.repositories.transactions import TransactionFilter


async def show(running: app.Running, fleet: list[Station], device_url: str) -> None:
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
        f"Pay at a charger: http://127.0.0.1:{running.http_port}/pay/demo-21/2   test payments",
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
