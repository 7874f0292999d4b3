"""What the command line shows and does: through the running server, or from its database."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from rich.table import Table
from sqlalchemy import Connection

from chargeplane.client import Client
from chargeplane.config import SQLITE, Settings
from chargeplane.csms import lists
from chargeplane.errors import ChargeplaneError, ConfigurationError, NotConnected
from chargeplane.storage.database import Database

Rows = list[dict[str, Any]]

LIMIT = 1000
LIMIT_TEXT = re.compile(r"(\d+(?:\.\d+)?)\s*([AW])")


def client(settings: Settings) -> Client:
    """A client of the server that these settings describe."""
    host, port = settings.server.host, settings.server.http_port
    key = settings.api.key.get_secret_value() if settings.api.key else ""
    return Client(f"http://{host}:{port}", key)


def stations(settings: Settings) -> Rows:
    """All stations with their connectors; without a server from the database."""
    return _listed(settings, lambda api: api.stations(limit=LIMIT), lists.read_stations)


def transactions(settings: Settings) -> Rows:
    """The latest transactions; without a server from the database."""
    return _listed(settings, lambda api: api.transactions(limit=LIMIT), lists.read_transactions)


def _listed(
    settings: Settings,
    asked: Callable[[Client], Rows],
    read: Callable[[Connection], Any],
) -> Rows:
    if settings.api.key is not None:
        try:
            with client(settings) as api:
                return asked(api)
        except NotConnected:
            pass  # the database tells as much, only without a running server
    url = settings.storage.url.get_secret_value()
    file = url.partition(SQLITE)[2]
    if file and not Path(file).exists():
        raise NotConnected(f"no server answers, and there is no database at {file}")
    page = asyncio.run(_read(url, read))
    rows: Rows = msgspec.json.decode(msgspec.json.encode(page["items"]))
    return rows


async def _read(url: str, read: Callable[[Connection], Any]) -> Any:
    async with await Database.open(url) as database:
        return await database.read(read)


def start(settings: Settings, station_id: str, connector: int | None, tag: str) -> dict[str, Any]:
    """Ask a station to begin a charge; its answer."""
    request: dict[str, Any] = {"id_token": {"id_token": tag}}
    if connector is not None:
        request["evse_id"] = connector
    with client(settings) as api:
        return api.command(station_id, "request_start_transaction", request)


def stop(settings: Settings, station_id: str, connector: int | None) -> dict[str, Any]:
    """Ask a station to end the charge of a connector, or its only one; its answer."""
    with client(settings) as api:
        running = [
            each
            for each in api.transactions(station=station_id, state="open")
            if connector in (None, each["evse_id"])
        ]
        if len(running) != 1:
            found = "no charge runs" if not running else "several charges run"
            raise ChargeplaneError(f"{station_id}: {found} there; name a connector")
        name = running[0]["uid"] or str(running[0]["id"])
        return api.command(station_id, "request_stop_transaction", {"transaction_id": name})


def command(settings: Settings, station_id: str, name: str, request: str) -> dict[str, Any]:
    """Ask a station for any operation, its members as JSON; its answer."""
    with client(settings) as api:
        return api.command(station_id, name, _object(request))


def call(settings: Settings, station_id: str, action: str, payload: str) -> dict[str, Any]:
    """Make any call to a station as raw JSON; its answer."""
    request = {"action": action, "payload": _object(payload)}
    with client(settings) as api:
        return api.command(station_id, "call", request)


def limit(settings: Settings, station_id: str, text: str, connector: int) -> dict[str, Any]:
    """Limit an EVSE (0: each) to `16A` or `11000W`, or `off`; the station's answer."""
    with client(settings) as api:
        if text == "off":
            return api.command(station_id, "clear_charging_limit", {"evse_id": connector})
        return api.command(station_id, "set_charging_limit", _limit(text, connector))


def _limit(text: str, connector: int) -> dict[str, Any]:
    found = LIMIT_TEXT.fullmatch(text.strip().upper())
    if found is None:
        raise ConfigurationError(f"{text}: a limit is like 16A, 11000W or off")
    return {"evse_id": connector, "limit": float(found[1]), "unit": found[2]}


def unlock(settings: Settings, station_id: str, connector: int) -> dict[str, Any]:
    """Open the lock of a connector; the station's answer."""
    with client(settings) as api:
        return api.command(station_id, "unlock_connector", {"evse_id": connector})


def _object(text: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.MsgspecError as error:
        raise ConfigurationError(f"{text}: not a JSON object: {error}") from None


def station_table(rows: Rows) -> Table:
    """Stations for people."""
    table = Table("Station", "Online", "Version", "Vendor", "Model", "Connectors", "Last seen")
    for row in rows:
        states = [
            f"{each['evse_id']}: {each.get('charging_state') or each.get('status') or '?'}"
            for each in row["connectors"]
            if each["evse_id"]
        ]
        table.add_row(
            row["id"],
            "yes" if row["online"] else "no",
            row.get("subprotocol") or "",
            row.get("vendor") or "",
            row.get("model") or "",
            "\n".join(states),
            str(row.get("last_seen_at") or ""),
        )
    return table


def transaction_table(rows: Rows) -> Table:
    """Transactions for people."""
    table = Table("Number", "Station", "Connector", "Tag", "Began", "Ended", "Energy", "State")
    for row in rows:
        energy = row.get("energy_mwh")
        table.add_row(
            str(row["id"]),
            row["station_id"],
            str(row["evse_id"]),
            row.get("id_token") or "",
            str(row["started_at"]),
            str(row.get("stopped_at") or ""),
            "" if energy is None else f"{energy / 1e6:.3f} kWh",
            row["state"],
        )
    return table
