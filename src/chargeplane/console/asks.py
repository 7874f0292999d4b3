"""What the command line asks: the running server, or its database."""

from __future__ import annotations

import asyncio
import csv
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import Connection

from chargeplane.client import ApiError, Client, Page
from chargeplane.config import SQLITE, Settings
from chargeplane.csms import lists
from chargeplane.errors import ChargeplaneError, ConfigurationError, NotConnected
from chargeplane.storage.database import Database
from chargeplane.storage.paging import Window

T = TypeVar("T")
Rows = list[dict[str, Any]]

PAGE: Final = 1000  # rows that are asked for at once
LIMIT_TEXT = re.compile(r"(\d+(?:\.\d+)?)\s*([AW])")
REFUSALS: Final = {
    *("AcceptedCanceled", "Failed", "Faulted", "InvalidCertificate", "NotFound", "NotImplemented"),
    *("NotSupported", "Occupied", "OngoingAuthorizedTransaction", "PermissionDenied", "Rejected"),
    *("RevokedCertificate", "Unavailable", "Unknown", "UnknownConnector", "UnknownMessageId"),
    *("UnknownVendorId", "UnlockFailed", "UploadFailure", "VersionMismatch"),
}
RESETS: Final = {True: {"type": "Immediate"}, False: {"type": "OnIdle"}}  # 1.6: Hard and Soft


def client(settings: Settings) -> Client:
    """A client of the server that these settings describe."""
    host, port = settings.server.host, settings.server.http_port
    key = settings.api.key.get_secret_value() if settings.api.key else ""
    return Client(f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}", key)


def stations(settings: Settings) -> Rows:
    """All stations with their connectors; without a server from the database."""
    return _listed(
        settings,
        lambda api, cursor: api.stations(limit=PAGE, cursor=cursor),
        lambda connection, window: lists.read_stations(connection, window=window),
    )


def transactions(settings: Settings, limit: int) -> Rows:
    """The latest transactions, so many; without a server from the database."""
    return _listed(
        settings,
        lambda api, cursor: api.transactions(limit=min(PAGE, limit), cursor=cursor),
        lambda connection, window: lists.read_transactions(connection, window=window),
        limit,
    )


def _listed(
    settings: Settings,
    asked: Callable[[Client, str | None], Page],
    read: Callable[[Connection, Window], dict[str, Any]],
    limit: int | None = None,
) -> Rows:
    """A list, read page by page."""
    if settings.api.key is not None:
        try:
            with client(settings) as api:
                return list(islice(_all(partial(asked, api)), limit))
        except NotConnected:
            pass  # the database tells as much, only without a running server
    url = settings.storage.url.get_secret_value()
    file = url.partition(SQLITE)[2]
    if file and not Path(file).exists():
        raise NotConnected(f"no server answers, and there is no database at {file}")
    return asyncio.run(_read(url, read, limit))


async def _read(
    url: str, read: Callable[[Connection, Window], dict[str, Any]], limit: int | None
) -> Rows:
    rows: Rows = []
    window: Window | None = Window(PAGE)
    async with await Database.open(url) as database:
        while window is not None and (limit is None or len(rows) < limit):
            page = await database.read(read, window)
            rows += msgspec.json.decode(msgspec.json.encode(page["items"]))
            window = Window(PAGE, page["cursor"]) if page["cursor"] else None
    return rows[:limit]


def station(settings: Settings, station_id: str) -> dict[str, Any]:
    """A station with its EVSEs, what runs there, and its connection."""
    with client(settings) as api:
        return api.station(station_id)


def adopt(settings: Settings, station_id: str) -> dict[str, Any]:
    """Accept a station that was refused or is pending."""
    with client(settings) as api:
        return api.adopt(station_id)


def transactions_csv(settings: Settings, station_id: str | None) -> Iterator[bytes]:
    """All transactions, or those of a station, as CSV in parts."""
    with client(settings) as api:
        yield from api.transactions_csv(station=station_id)


def tokens(settings: Settings, search: str | None) -> Rows:
    """All tokens that match."""
    with client(settings) as api:
        return list(_all(lambda cursor: api.tokens(limit=PAGE, search=search, cursor=cursor)))


def _all(ask: Callable[[str | None], Page]) -> Iterator[dict[str, Any]]:
    cursor = None
    while True:
        page = ask(cursor)
        yield from page
        cursor = page.cursor
        if cursor is None:
            return


def add_token(settings: Settings, id_token: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Add a token; what is None in its values is left at its default."""
    given = {name: value for name, value in values.items() if value is not None}
    with client(settings) as api:
        return api.add_token(id_token, **given)


def block_token(settings: Settings, id_token: str, *, blocked: bool) -> dict[str, Any]:
    """Keep a token from charging, or let it charge again."""
    with client(settings) as api:
        return api.block_token(id_token, blocked=blocked)


def import_tokens(settings: Settings, file: Path) -> int:
    """Save the tokens of a CSV file, which is read whole before the first is; how many."""
    found = read_tokens(file)
    with client(settings) as api:
        for values in found:
            _save(api, values)
    return len(found)


def _save(api: Client, values: dict[str, Any]) -> None:
    try:
        api.save_token(**values)
    except ApiError as error:
        detail = f"{values['id_token']}: {error.detail}"
        raise ApiError(error.status, detail, error.title) from error


def read_tokens(file: Path) -> Rows:
    """The tokens of a CSV file; raises `ConfigurationError` naming the line that is wrong."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            return [_token(f"{file}, line {reader.line_num}", row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigurationError(f"{file}: {error}") from error


def _token(where: str, row: Mapping[str | None, Any]) -> dict[str, Any]:
    """A token from a line of CSV; empty cells are left at their defaults."""
    values: dict[str, Any] = {}
    for name, text in row.items():
        if name is None or name not in TOKEN_COLUMNS:
            raise ConfigurationError(f"{where}: unknown column {name or text}")
        try:
            if text:
                values[name] = TOKEN_COLUMNS[name](text.strip())
        except (ValueError, KeyError):
            raise ConfigurationError(f"{where}: {name} cannot be {text!r}") from None
    if not values.get("id_token"):
        raise ConfigurationError(f"{where}: id_token is missing")
    return values


def _bool(text: str) -> bool:
    return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}[
        text.lower()
    ]


TOKEN_COLUMNS: Final[dict[str, Callable[[str], Any]]] = {
    **dict.fromkeys(("id_token", "type", "group_id", "name", "comment"), str),
    **dict.fromkeys(("valid_from", "expires_at", "personal_message", "language"), str),
    **dict.fromkeys(("max_active_transactions", "charging_priority"), int),
    "blocked": _bool,
    "stations": str.split,
}


def profiles(settings: Settings) -> Rows:
    """All charging profiles that are kept."""
    with client(settings) as api:
        return list(_all(lambda cursor: api.profile_templates(limit=PAGE, cursor=cursor)))


def profile(settings: Settings, number: int) -> dict[str, Any]:
    """A charging profile that is kept."""
    with client(settings) as api:
        return api.profile_template(number)


def add_profile(settings: Settings, file: Path, name: str | None) -> dict[str, Any]:
    """Keep the charging profile of a JSON file under the next number."""
    found = _read_json(file, dict[str, Any])
    with client(settings) as api:
        return api.add_profile_template(found, name)


def import_profiles(settings: Settings, file: Path) -> int:
    """Keep the charging profiles of a JSON file, which holds them by number; how many."""
    found = _read_json(file, dict[int, dict[str, Any]])
    with client(settings) as api:
        for number, each in found.items():
            api.save_profile_template(number, each)
    return len(found)


def remove_profile(settings: Settings, number: int) -> None:
    """Forget a charging profile."""
    with client(settings) as api:
        api.remove_profile_template(number)


def _read_json(file: Path, kind: type[T]) -> T:
    """What a JSON file holds; raises `ConfigurationError`."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=kind)
    except (OSError, msgspec.MsgspecError) as error:
        raise ConfigurationError(f"{file}: {error}") from error


def history(settings: Settings, wanted: Mapping[str, Any]) -> Rows:
    """The latest events that match, the earliest of them first."""
    with client(settings) as api:
        return api.history(**wanted)[::-1]


def follow(
    settings: Settings, after: int | None, wanted: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """Events as they happen, without end."""
    with client(settings) as api:
        yield from api.events(after, **wanted)


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


def words(name: str, request: str, *, hard: bool | None) -> str:
    """A request as JSON, with what `--hard` and `--soft` say of a reset."""
    if hard is None:
        return request
    if name != "reset":
        raise ConfigurationError(f"{name}: only reset is --hard or --soft")
    return msgspec.json.encode({**_object(request), **RESETS[hard]}).decode()


def is_refused(answer: Mapping[str, Any]) -> bool:
    """Whether a station's answer says that it will not."""
    return answer.get("status") in REFUSALS


def call(settings: Settings, station_id: str, action: str, payload: str) -> dict[str, Any]:
    """Make any call to a station as raw JSON; its answer."""
    request = _object(payload)
    with client(settings) as api:
        return api.call(station_id, action, request)


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
