"""What happened: transactions, meter values, reservations, messages."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response, StreamingResponse

from chargeplane.api.keys import Reader
from chargeplane.api.native import schemas, shapes
from chargeplane.api.native.parts import (
    CentralDep,
    Moment,
    Number,
    QueryNumber,
    SafeText,
    WindowDep,
    answer,
    listed,
)
from chargeplane.api.problems import invalid, not_found
from chargeplane.csms.central import Central
from chargeplane.csms.lists import read_transactions
from chargeplane.storage import records
from chargeplane.storage.paging import every
from chargeplane.storage.records import Direction, TransactionState
from chargeplane.storage.repositories import messages, meter_values, reservations, transactions
from chargeplane.storage.repositories.messages import MessageFilter
from chargeplane.storage.repositories.meter_values import Bucket, MeterValueFilter
from chargeplane.storage.repositories.reservations import ReservationFilter
from chargeplane.storage.repositories.transactions import TransactionFilter

router = APIRouter()


def _transactions(  # noqa: PLR0913, PLR0917 query parameters have names
    caller: Reader,
    station: SafeText | None = None,
    evse: QueryNumber | None = None,
    token: SafeText | None = None,
    group: SafeText | None = None,
    state: TransactionState | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    search: SafeText | None = None,
) -> TransactionFilter:
    """Which transactions are wanted."""
    return TransactionFilter(
        station_id=station,
        evse_id=evse,
        token_key=token.lower() if token else None,
        group_key=group.lower() if group else None,
        state=state,
        since=since,
        until=until,
        search=search,
        among=caller.stations,
    )


Wanted = Annotated[TransactionFilter, Depends(_transactions)]


@router.get("/transactions", tags=["transactions"], **schemas.documented(schemas.Transactions))
async def list_transactions(central: CentralDep, wanted: Wanted, window: WindowDep) -> Response:
    """A page of transactions, the latest first."""
    return await listed(central, read_transactions, wanted, wanted=window)


@router.get(
    "/transactions.csv",
    tags=["transactions"],
    response_class=StreamingResponse,
    responses={
        200: {"content": {"text/csv": {"schema": {"type": "string"}}}},
        "default": schemas.PROBLEM,
    },
)
async def export_transactions(central: CentralDep, wanted: Wanted) -> Response:
    """All transactions that match as CSV, the latest first."""
    return StreamingResponse(_csv(central, wanted), media_type="text/csv")


async def _csv(central: Central, wanted: TransactionFilter) -> AsyncIterator[str]:
    names = shapes.Transaction.__struct_fields__
    yield _line(names)
    async for each in every(central.database, transactions.page, wanted):
        yield _line([_cell(getattr(each, name)) for name in names])


def _cell(value: Any) -> Any:
    plain = msgspec.to_builtins(value)
    return msgspec.json.encode(plain).decode() if isinstance(plain, (list, tuple, dict)) else plain


def _line(cells: Any) -> str:
    target = io.StringIO()
    csv.writer(target).writerow(cells)
    return target.getvalue()


@router.get(
    "/transactions/{number}",
    tags=["transactions"],
    **schemas.documented(shapes.Transaction),
)
async def show_transaction(central: CentralDep, caller: Reader, number: Number) -> Response:
    """A transaction by our number."""
    found = await central.database.read(transactions.get, number)
    if found is None or not caller.sees(found.station_id):
        raise not_found(f"transaction {number}")
    return answer(shapes.shown(shapes.Transaction, found, energy_mwh=found.energy_mwh))


def _readings(
    caller: Reader,
    transaction: QueryNumber | None = None,
    station: SafeText | None = None,
    evse: QueryNumber | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
) -> MeterValueFilter:
    """Which readings are wanted; raises `Refused` (422) if neither of what nor of where."""
    if transaction is None and station is None:
        raise invalid("say whose readings: transaction or station")
    return MeterValueFilter(
        transaction_id=transaction,
        station_id=station,
        evse_id=evse,
        since=since,
        until=until,
        among=caller.stations,
    )


Readings = Annotated[MeterValueFilter, Depends(_readings)]


@router.get("/meter-values", tags=["meter values"], **schemas.documented(schemas.MeterValues))
async def list_meter_values(central: CentralDep, wanted: Readings, window: WindowDep) -> Response:
    """A page of readings with all their samples, the earliest first."""
    return await listed(central, meter_values.page, wanted, wanted=window)


@router.get("/meter-values/series", tags=["meter values"], **schemas.documented([Bucket]))
async def show_series(
    central: CentralDep,
    wanted: Readings,
    bucket: Annotated[int, Query(ge=1, le=31_622_400, description="Seconds of a span.")] = 900,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
) -> Response:
    """Readings in spans: highest registers, mean power, highest state of charge."""
    return answer(await central.database.read(meter_values.series, wanted, bucket, limit))


@router.get("/reservations", tags=["reservations"], **schemas.documented(schemas.Reservations))
async def list_reservations(
    central: CentralDep,
    caller: Reader,
    window: WindowDep,
    station: SafeText | None = None,
    token: SafeText | None = None,
    status: SafeText | None = None,
) -> Response:
    """A page of reservations, the latest first."""
    wanted = ReservationFilter(
        station_id=station,
        token_key=token.lower() if token else None,
        status=status,
        among=caller.stations,
    )
    return await listed(central, reservations.page, wanted, wanted=window)


@router.get(
    "/reservations/{number}",
    tags=["reservations"],
    **schemas.documented(records.ReservationRecord),
)
async def show_reservation(central: CentralDep, caller: Reader, number: Number) -> Response:
    """A reservation by its number."""
    found = await central.database.read(reservations.get, number)
    if found is None or not caller.sees(found.station_id):
        raise not_found(f"reservation {number}")
    return answer(found)


@router.get("/messages", tags=["messages"], **schemas.documented(schemas.Messages))
async def list_messages(  # noqa: PLR0913, PLR0917 query parameters have names
    central: CentralDep,
    caller: Reader,
    window: WindowDep,
    station: SafeText | None = None,
    action: SafeText | None = None,
    direction: Direction | None = None,
    call_id: SafeText | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    search: SafeText | None = None,
) -> Response:
    """A page of raw frames, the latest first."""
    wanted = MessageFilter(
        station_id=station,
        action=action,
        direction=direction,
        call_id=call_id,
        since=since,
        until=until,
        search=search,
        among=caller.stations,
    )
    return await listed(central, messages.page, wanted, wanted=window)
