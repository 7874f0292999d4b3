"""Transactions: started once, updated while they run, closed for good."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, bindparam, func, or_, select, true, update

from chargeplane.domain.tokens import Token
from chargeplane.domain.transactions import TransactionStarted
from chargeplane.storage import paging
from chargeplane.storage.deferred import later
from chargeplane.storage.measured import Measured
from chargeplane.storage.paging import Part, Sorting, Window, fetch
from chargeplane.storage.prepared import Prepared, execute
from chargeplane.storage.records import ClosedBy, Page, TransactionRecord, TransactionState
from chargeplane.storage.statements import equal, insert, mentions, unique_key, within
from chargeplane.storage.tables import IS_OPEN, tokens, transactions

_c = transactions.c
_OUR_NUMBER = re.compile("[0-9]{1,18}")  # what fits into the column


class TransactionStart(msgspec.Struct, frozen=True, kw_only=True):
    """The start of a transaction.

    A 2.x transaction has a `uid`, a 1.x one a `start_key` (see the function of
    that name). `start_known` is False for one that is
    heard of by a later event; its start is filled in when it arrives.
    """

    station_id: str
    evse_id: int
    connector_id: int | None = None
    started_at: datetime
    uid: str | None = None
    start_key: str | None = None
    token: Token | None = None
    start_status: str | None = None
    start_energy_mwh: int | None = None
    start_known: bool = True
    charging_state: str | None = None
    remote_start_id: int | None = None
    reservation_id: int | None = None
    offline: bool = False
    last_seq_no: int | None = None
    missing_seq_nos: tuple[int, ...] = ()


class TransactionStop(msgspec.Struct, frozen=True, kw_only=True):
    """The end of a transaction, and who says so."""

    stopped_at: datetime
    closed_by: ClosedBy
    energy_mwh: int | None = None
    reason: str | None = None
    id_token: str | None = None


class TransactionFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which transactions; all conditions that are given hold. `until` is not included."""

    station_id: str | None = None
    evse_id: int | None = None
    token_key: str | None = None
    group_key: str | None = None
    state: TransactionState | None = None
    since: datetime | None = None
    until: datetime | None = None
    search: str | None = None
    among: tuple[str, ...] | None = None  # only these stations

    def conditions(self) -> list[ColumnElement[bool]]:
        """Say it in SQL."""
        given = equal(
            (_c.station_id, self.station_id),
            (_c.evse_id, self.evse_id),
            (_c.token_key, self.token_key),
        )
        given += within(_c.station_id, self.among)
        if self.group_key is not None:
            members = select(tokens.c.key).where(tokens.c.group_key == self.group_key)
            given.append(_c.token_key.in_(members))
        if self.state is not None:
            given.append(IS_OPEN if self.state == "open" else _c.state == self.state)
        if self.since is not None:
            given.append(_c.started_at >= self.since)
        if self.until is not None:
            given.append(_c.started_at < self.until)
        return given + mentions(self.search, (_c.station_id, _c.token_key, _c.uid))


DELIVERED = func.coalesce(_c.stop_energy_mwh, _c.last_energy_mwh) - _c.start_energy_mwh
SORTED: dict[str, ColumnElement[Any]] = {
    "id": _c.id,
    "station_id": _c.station_id,
    "id_token": _c.token_key,
    "started_at": _c.started_at,
    "stopped_at": _c.stopped_at,
    "energy": DELIVERED,
    "cost": _c.cost_minor,
}
_STARTED = (
    *("evse_id", "connector_id", "started_at", "token_key", "id_token", "token_type"),
    *("start_status", "start_energy_mwh", "remote_start_id", "reservation_id", "offline"),
)
_INSERT = insert(transactions)
_START_1 = Prepared(
    TransactionRecord,
    _INSERT.on_conflict_do_nothing(index_elements=[_c.start_key]).returning(transactions),
)
_START_2 = Prepared(
    TransactionRecord,
    _INSERT.on_conflict_do_update(
        index_elements=[_c.station_id, _c.uid],
        set_={name: func.coalesce(_INSERT.excluded[name], _c[name]) for name in _STARTED}
        | {"start_known": true()},
        where=~_c.start_known & _INSERT.excluded.start_known,
    ).returning(transactions),
)
_BY_ID = Prepared(TransactionRecord, select(transactions).where(_c.id == bindparam("number")))
_BY_UID = Prepared(
    TransactionRecord,
    select(transactions).where(_c.station_id == bindparam("station"), _c.uid == bindparam("name")),
)
_BY_START_KEY = Prepared(
    TransactionRecord, select(transactions).where(_c.start_key == bindparam("key"))
)
_OPEN = select(transactions).where(IS_OPEN, _c.station_id == bindparam("station")).order_by(_c.id)
_OPEN_OF_STATION = Prepared(TransactionRecord, _OPEN)
_OPEN_OF_EVSE = Prepared(TransactionRecord, _OPEN.where(_c.evse_id == bindparam("evse")))
_COUNT_OPEN = Prepared(int, select(func.count()).where(IS_OPEN, _c.token_key == bindparam("key")))
_COUNT_OPEN_IN_GROUP = Prepared(
    int,
    select(func.count())
    .select_from(transactions.join(tokens, tokens.c.key == _c.token_key))
    .where(IS_OPEN, tokens.c.group_key == bindparam("key")),
)
_CLOSE = (
    update(transactions)
    .values(
        state="closed",
        stopped_at=bindparam("at"),
        stop_energy_mwh=func.coalesce(bindparam("energy"), _c.last_energy_mwh),
        stop_reason=bindparam("reason"),
        stop_id_token=bindparam("token"),
        closed_by=bindparam("who"),
        charging_state=None,
        last_power_w=None,
    )
    .returning(transactions)
)
_CLOSE_OPEN = Prepared(TransactionRecord, _CLOSE.where(_c.id == bindparam("number"), IS_OPEN))
# What the station says of an end counts more than what was concluded without it.
_CLOSE_AS_TOLD = Prepared(
    TransactionRecord,
    _CLOSE.where(
        _c.id == bindparam("number"), or_(IS_OPEN, _c.closed_by.is_distinct_from("station"))
    ),
)
_CLOSE_STALE = Prepared(
    TransactionRecord,
    update(transactions)
    .where(IS_OPEN, _c.station_id == bindparam("station"), _c.evse_id == bindparam("evse"))
    .where(_c.id != bindparam("keep"))
    .values(
        state="closed",
        stopped_at=func.coalesce(_c.last_measured_at, bindparam("at")),
        stop_energy_mwh=_c.last_energy_mwh,
        stop_reason=bindparam("reason"),
        closed_by="stale",
        charging_state=None,
        last_power_w=None,
    )
    .returning(transactions),
)
_REOPEN = Prepared(
    TransactionRecord,
    update(transactions)
    .where(_c.id == bindparam("number"), _c.closed_by == "reconciled")
    .values(
        state="open",
        stopped_at=None,
        stop_energy_mwh=None,
        stop_reason=None,
        stop_id_token=None,
        closed_by=None,
    )
    .returning(transactions),
)
_MEASURED = ("energy_mwh", "power_w", "soc_percent")
_SET_MEASURED = (
    update(transactions)
    .where(_c.id == bindparam("number"))
    .where(func.coalesce(_c.last_measured_at, bindparam("at")) <= bindparam("at"))
    .values(
        {
            f"last_{name}": func.coalesce(bindparam(f"new_{name}"), _c[f"last_{name}"])
            for name in _MEASURED
        }
    )
    .values(last_measured_at=bindparam("at"))
)
_SET_PROGRESS = (
    update(transactions)
    .where(_c.id == bindparam("number"))
    .values(
        charging_state=func.coalesce(bindparam("charging"), _c.charging_state),
        last_seq_no=bindparam("seq_no"),
        missing_seq_nos=bindparam("missing"),
    )
)
_SET_COST = (
    update(transactions)
    .where(_c.id == bindparam("number"))
    .values(cost_minor=bindparam("cost"), currency=bindparam("money"))
)


def start(
    connection: Connection, start: TransactionStart, now: datetime
) -> tuple[TransactionRecord, bool]:
    """Store a start; the transaction and whether this start was new.

    A start that is sent again returns the transaction as it is by now.
    """
    row = _row(start, now)
    statement = _START_1 if start.uid is None else _START_2
    if (created := statement.one(connection, row)) is not None:
        return created, True
    if start.uid is None:
        found = _BY_START_KEY.one(connection, {"key": start.start_key})
    else:
        found = _BY_UID.one(connection, {"station": start.station_id, "name": start.uid})
    if found is None:  # what was in the way of the insert is gone: only by hand
        raise LookupError(f"the transaction of {start} was deleted meanwhile")
    return found, False


def get(connection: Connection, number: int) -> TransactionRecord | None:
    """Return a transaction by our number."""
    return _BY_ID.one(connection, {"number": number})


def by_name(connection: Connection, station_id: str, name: str) -> TransactionRecord | None:
    """Return a transaction by what its station calls it: its 2.x id, or our number in 1.x."""
    key = {"station": station_id, "name": name}
    if (found := _BY_UID.one(connection, key)) is not None:
        return found
    if not _OUR_NUMBER.fullmatch(name):
        return None
    found = get(connection, int(name))
    return found if found and found.station_id == station_id and found.uid is None else None


def open_of(
    connection: Connection, station_id: str, evse_id: int | None = None
) -> tuple[TransactionRecord, ...]:
    """Return the open transactions of a station or of one of its EVSEs, the oldest first."""
    if evse_id is None:
        return _OPEN_OF_STATION.all(connection, {"station": station_id})
    return _OPEN_OF_EVSE.all(connection, {"station": station_id, "evse": evse_id})


def count_open(connection: Connection, token_key: str) -> int:
    """Count the open transactions of a token."""
    return _COUNT_OPEN.one(connection, {"key": token_key}) or 0


def count_open_in_group(connection: Connection, group_key: str) -> int:
    """Count the open transactions of all tokens of a group."""
    return _COUNT_OPEN_IN_GROUP.one(connection, {"key": group_key}) or 0


def set_measured(connection: Connection, number: int, measured: Measured) -> None:
    """Store the last reading, unless a later one is stored; what it does not say stays."""
    row = {
        "number": number,
        "at": measured.measured_at,
        "new_energy_mwh": measured.import_mwh,
        "new_power_w": measured.power_w,
        "new_soc_percent": measured.soc_percent,
    }
    later(connection, _SET_MEASURED, row)


def set_progress(
    connection: Connection,
    number: int,
    charging_state: str | None,
    last_seq_no: int | None,
    missing_seq_nos: tuple[int, ...] = (),
) -> None:
    """Store how far a 2.x transaction is (see `sequence.receive`); no state leaves the last."""
    row = {
        "number": number,
        "charging": charging_state,
        "seq_no": last_seq_no,
        "missing": missing_seq_nos,
    }
    execute(connection, _SET_PROGRESS, row)


def set_cost(connection: Connection, number: int, cost_minor: int, currency: str) -> None:
    """Store what a transaction costs, in minor units of the currency."""
    row = {"number": number, "cost": cost_minor, "money": currency}
    execute(connection, _SET_COST, row)


def stop(connection: Connection, number: int, stop: TransactionStop) -> TransactionRecord | None:
    """Close a transaction; None if it is closed already, or unknown.

    What the station says replaces what others concluded.
    """
    row = {
        "number": number,
        "at": stop.stopped_at,
        "energy": stop.energy_mwh,
        "reason": stop.reason,
        "token": stop.id_token,
        "who": stop.closed_by,
    }
    statement = _CLOSE_AS_TOLD if stop.closed_by == "station" else _CLOSE_OPEN
    return statement.one(connection, row)


def reopen(connection: Connection, number: int) -> TransactionRecord | None:
    """Open a transaction again that was taken to be over; None if its station ended it."""
    return _REOPEN.one(connection, {"number": number})


def close_stale(
    connection: Connection, current: TransactionRecord, reason: str, now: datetime
) -> tuple[TransactionRecord, ...]:
    """Close what is still open on the EVSE of a new transaction, at its last reading."""
    key = {"station": current.station_id, "evse": current.evse_id, "keep": current.id}
    return _CLOSE_STALE.all(connection, key | {"reason": reason, "at": now})


def page(
    connection: Connection, what: TransactionFilter, window: Window
) -> Page[TransactionRecord]:
    """Return a page of transactions, the latest start first."""
    query = select(transactions).where(*what.conditions())
    keys = (_c.started_at, _c.id)
    return fetch(connection, TransactionRecord, query, keys, window, descending=True)


def part(
    connection: Connection, what: TransactionFilter, sorting: Sorting, window: Window
) -> Part[TransactionRecord]:
    """Return some transactions, sorted by one of `SORTED`, else by their numbers."""
    query = select(transactions).where(*what.conditions())
    return paging.part(connection, TransactionRecord, query, SORTED, sorting, window)


def count(connection: Connection, what: TransactionFilter) -> int:
    """Count transactions."""
    query = select(func.count()).select_from(transactions).where(*what.conditions())
    return connection.execute(query).scalar_one()


def start_key(station_id: str, event: TransactionStarted) -> str:
    """Return what is the same whenever a 1.x station sends the same start."""
    token = event.id_token.key if event.id_token else None
    return unique_key(event.timestamp, station_id, event.evse, token, event.meter_wh)


def _row(start: TransactionStart, now: datetime) -> dict[str, object]:
    """Lay a start out in columns."""
    token, row = start.token, msgspec.structs.asdict(start)
    del row["token"]
    return row | {
        "token_key": token.key if token else None,
        "id_token": token.id_token if token else None,
        "token_type": token.type if token else None,
        "created_at": now,
    }
