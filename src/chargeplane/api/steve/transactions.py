"""Transactions and their readings."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response, StreamingResponse
from pydantic import BeforeValidator, Field

from chargeplane.api.steve.forms import AtLeastZero, Moment, Number, SteveModel
from chargeplane.api.steve.operations import BadInput
from chargeplane.api.steve.shared import FaceDep, UserDep, found, number_of, shown, streamed
from chargeplane.csms.central import Unit
from chargeplane.csms.transactions import close_by_operator
from chargeplane.domain.messages import Json
from chargeplane.domain.readings import ENERGY
from chargeplane.domain.tokens import Token
from chargeplane.storage.paging import every
from chargeplane.storage.records import MeterValueRecord, TransactionRecord
from chargeplane.storage.repositories import meter_values, transactions
from chargeplane.storage.repositories.meter_values import MeterValueFilter
from chargeplane.storage.repositories.transactions import TransactionFilter

WH: Final = 1000  # mWh

router = APIRouter()


def _whole_day(text: object) -> object:
    """A day is meant to its end."""
    is_day = isinstance(text, str) and len(text) == len("2026-01-01")
    return f"{text}T23:59:59.999999" if is_day else text


Until = Annotated[Moment, BeforeValidator(_whole_day)]


class TransactionQuery(SteveModel):
    """Which transactions."""

    transaction_pk: tuple[Number, ...] = ()
    charge_box_id: tuple[str, ...] = ()
    ocpp_id_tag: tuple[str, ...] = ()
    user_id: tuple[int, ...] = ()
    connector_id: AtLeastZero | None = None
    type: Literal["ALL", "ACTIVE", "STOPPED"] = "ALL"
    period_type: Literal["ALL", "TODAY", "LAST_10", "LAST_30", "LAST_90", "FROM_TO"] = "ALL"
    since: Annotated[Moment | None, Field(alias="from")] = None
    to: Until | None = None


STATES: Final[Mapping[str, Any]] = {"ALL": None, "ACTIVE": "open", "STOPPED": "closed"}


@router.get("/transactions")
async def list_transactions(face: FaceDep, query: Annotated[TransactionQuery, Query()]) -> Response:
    """Transactions, the latest first, however many there are."""
    wanted = _filter(query, face.central.now())
    records = every(face.central.database, transactions.page, wanted)
    return streamed(_transaction(each) async for each in records if _is_wanted(each, query))


def _filter(query: TransactionQuery, now: datetime) -> TransactionFilter:
    since, until = _period(query, now)
    one_box = query.charge_box_id[0] if len(query.charge_box_id) == 1 else None
    one_tag = Token(query.ocpp_id_tag[0]).key if len(query.ocpp_id_tag) == 1 else None
    return TransactionFilter(
        station_id=one_box,
        evse_id=query.connector_id,
        token_key=one_tag,
        state=STATES[query.type],
        since=since,
        until=until,
    )


def _period(query: TransactionQuery, now: datetime) -> tuple[datetime | None, datetime | None]:
    match query.period_type:
        case "ALL":
            return None, None
        case "FROM_TO":
            if query.since is None or query.to is None:
                raise BadInput("from and to are required for FROM_TO")
            return query.since, query.to
        case "TODAY":
            return now.replace(hour=0, minute=0, second=0, microsecond=0), None
        case days:
            return now - timedelta(days=int(days.removeprefix("LAST_"))), None


def _is_wanted(record: TransactionRecord, query: TransactionQuery) -> bool:
    keys = {Token(tag).key for tag in query.ocpp_id_tag}
    return (
        not query.user_id
        and (not query.transaction_pk or record.id in query.transaction_pk)
        and (not query.charge_box_id or record.station_id in query.charge_box_id)
        and (not keys or record.token_key in keys)
    )


@router.get("/transactions/reports/csv")
@router.get("/reports/csv")
async def report(
    face: FaceDep, since: Annotated[Moment, Query(alias="from")], to: Until
) -> Response:
    """The transactions that stopped in a span, as CSV."""
    wanted = TransactionFilter(state="closed", until=to)
    records = every(face.central.database, transactions.page, wanted)
    stopped = (
        _transaction(each)
        async for each in records
        if each.stopped_at is not None and since <= each.stopped_at <= to
    )
    return StreamingResponse(_csv(stopped), media_type="text/csv")


async def _csv(items: AsyncIterator[Json]) -> AsyncIterator[str]:
    yield _line(REPORTED)
    async for item in items:
        yield _line(item[name] for name in REPORTED)


def _line(values: Iterable[Any]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(_plain(value) for value in values)
    return text.getvalue()


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


REPORTED: Final = (
    *("id", "chargeBoxId", "connectorId", "ocppIdTag", "startTimestamp", "startValue"),
    *("stopTimestamp", "stopValue", "stopReason", "stopEventActor"),
)


@router.get("/transactions/{pk}")
async def show_transaction(
    face: FaceDep,
    pk: Number,
    energy_only: Annotated[bool, Query(alias="energyValuesOnly")] = False,  # noqa: FBT002 by name
) -> Response:
    """A transaction with its readings."""
    known = await face.central.database.read(transactions.get, pk)
    record = found(known, f"Transaction {pk}")
    readings = every(
        face.central.database, meter_values.page, MeterValueFilter(transaction_id=record.id)
    )
    values = [
        value async for reading in readings for value in _values(reading, energy_only=energy_only)
    ]
    return shown({"transaction": _transaction(record), "values": values})


@router.patch("/transactions/{pk}/stop")
async def stop_transaction(face: FaceDep, user: UserDep, pk: Number) -> Response:
    """Close a transaction in the database only; the station is not asked."""

    def work(unit: Unit) -> Json:
        record = found(transactions.get(unit.connection, pk), f"Transaction {pk}")
        return _transaction(close_by_operator(unit, pk, user) or record)

    return shown(await face.central.commit(work))


def _transaction(record: TransactionRecord) -> Json:
    actor = None if record.closed_by is None else "manual"
    return {
        "id": record.id,
        "connectorId": record.evse_id,
        "chargeBoxPk": number_of(record.station_id),
        "ocppTagPk": number_of(record.token_key) if record.token_key else None,
        "chargeBoxId": record.station_id,
        "ocppIdTag": record.id_token,
        "userId": None,
        "startTimestamp": record.started_at,
        "startValue": _wh(record.start_energy_mwh),
        "stopTimestamp": record.stopped_at,
        "stopValue": _wh(record.stop_energy_mwh),
        "stopReason": record.stop_reason,
        "stopEventActor": "station" if record.closed_by == "station" else actor,
    }


def _wh(energy_mwh: int | None) -> str | None:
    """An energy in Wh as SteVe's text."""
    return None if energy_mwh is None else f"{energy_mwh / WH:.10g}"


def _values(reading: MeterValueRecord, *, energy_only: bool) -> Iterator[Json]:
    for sample in reading.samples:
        if sample.value is None or (energy_only and sample.measurand != ENERGY):
            continue
        yield {
            "valueTimestamp": reading.measured_at,
            "value": f"{sample.value:.10g}",
            "readingContext": sample.context,
            "format": "Raw" if sample.signed is None else "SignedData",
            "measurand": sample.measurand,
            "location": sample.location,
            "unit": sample.unit,
            "phase": sample.phase,
        }
