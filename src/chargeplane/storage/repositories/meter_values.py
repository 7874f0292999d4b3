"""Meter values: one row for each reading."""

from __future__ import annotations

from datetime import UTC, datetime
from zlib import crc32

import msgspec
from sqlalchemy import BigInteger, ColumnElement, Connection, cast, func, select

from chargeplane.domain.readings import Reading
from chargeplane.storage.deferred import later
from chargeplane.storage.measured import Measured, measure
from chargeplane.storage.paging import Window, fetch
from chargeplane.storage.records import MeterValueRecord, Page
from chargeplane.storage.statements import equal, insert, within
from chargeplane.storage.tables import meter_values

_c = meter_values.c
_INSERT = insert(meter_values).on_conflict_do_nothing(
    index_elements=[_c.station_id, _c.evse_id, _c.measured_at, _c.digest]
)


class MeterValueFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which meter values: of a transaction, or of an EVSE. `until` is not included."""

    transaction_id: int | None = None
    station_id: str | None = None
    evse_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    among: tuple[str, ...] | None = None  # only these stations

    def conditions(self) -> list[ColumnElement[bool]]:
        """Say it in SQL."""
        given = equal(
            (_c.transaction_id, self.transaction_id),
            (_c.station_id, self.station_id),
            (_c.evse_id, self.evse_id),
        )
        given += within(_c.station_id, self.among)
        if self.since is not None:
            given.append(_c.measured_at >= self.since)
        if self.until is not None:
            given.append(_c.measured_at < self.until)
        return given


class Bucket(msgspec.Struct, frozen=True):
    """The readings of a span: highest registers, mean power, highest state of charge."""

    began_at: datetime
    import_mwh: int | None
    export_mwh: int | None
    power_w: float | None
    soc_percent: float | None


def append(
    connection: Connection,
    station_id: str,
    evse_id: int,
    readings: tuple[Reading, ...],
    transaction_id: int | None = None,
) -> Measured | None:
    """Store readings with the group; the latest of them, if there is any.

    A reading that is stored already (same EVSE, time and samples) is left alone.
    """
    latest = None
    for reading in readings:
        measured = measure(reading)
        later(connection, _INSERT, _row(station_id, evse_id, transaction_id, reading, measured))
        if latest is None or measured.measured_at >= latest.measured_at:
            latest = measured
    return latest


def page(connection: Connection, what: MeterValueFilter, window: Window) -> Page[MeterValueRecord]:
    """Return a page of readings, the earliest first."""
    query = select(meter_values).where(*what.conditions())
    return fetch(connection, MeterValueRecord, query, (_c.measured_at, _c.id), window)


def series(
    connection: Connection, what: MeterValueFilter, bucket_s: int, limit: int = 10_000
) -> tuple[Bucket, ...]:
    """Return readings in spans of so many seconds, the earliest first."""
    span = (_seconds(connection) // bucket_s).label("span")
    highest = (func.max(_c.import_mwh), func.max(_c.export_mwh))
    query = (
        select(span, *highest, func.avg(_c.power_w), func.max(_c.soc_percent))
        .where(*what.conditions())
        .group_by(span)
        .order_by(span)
        .limit(limit)
    )
    rows = connection.execute(query)
    return tuple(Bucket(datetime.fromtimestamp(row[0] * bucket_s, UTC), *row[1:]) for row in rows)


def _seconds(connection: Connection) -> ColumnElement[int]:
    """Return the time of a reading in whole seconds since 1970."""
    if connection.dialect.name == "sqlite":
        return cast(func.strftime("%s", _c.measured_at), BigInteger)
    return cast(func.floor(func.extract("epoch", _c.measured_at)), BigInteger)


def _row(
    station_id: str,
    evse_id: int,
    transaction_id: int | None,
    reading: Reading,
    measured: Measured,
) -> dict[str, object]:
    """Lay a reading out in columns."""
    samples = msgspec.json.encode(reading.samples)
    return {
        "station_id": station_id,
        "evse_id": evse_id,
        "digest": crc32(samples),
        "transaction_id": transaction_id,
        "samples": msgspec.Raw(samples),
        **msgspec.structs.asdict(measured),
    }
