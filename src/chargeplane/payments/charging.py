"""A charge that is paid for: watched while it runs, stopped at its limit, billed at its end."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import Connection

from chargeplane.csms import commands
from chargeplane.csms.central import Unit
from chargeplane.domain.transactions import RequestStopTransaction
from chargeplane.errors import ChargeplaneError, NoAnswer, NotConnected
from chargeplane.payments import limits, settling, telling
from chargeplane.payments.desk import Desk
from chargeplane.payments.outcomes import OFFLINE
from chargeplane.payments.pricing import Bill, Interval, Use, bill
from chargeplane.payments.reservations import agreed_prices, agreed_terms, get, move, set_values
from chargeplane.payments.rules import Rules
from chargeplane.storage.payment_records import PaymentReservationRecord
from chargeplane.storage.records import TransactionRecord
from chargeplane.storage.repositories import payments, tokens, transactions

STATION: Final = "station"  # who told the end of a transaction

logger = structlog.get_logger()


async def watch(desk: Desk, record: PaymentReservationRecord) -> PaymentReservationRecord:
    """See how far a running charge is: it may be over, or at its limit."""
    running = await desk.central.database.read(_transaction, record)
    if running is None or running.state == "closed":
        return await desk.commit(lambda unit: _stopped(unit, record))
    use = await desk.central.database.read(used, desk.rules, record, running, desk.now)
    prices, terms = agreed_prices(record), agreed_terms(record)
    limit = limits.reached(prices, terms, use, record.hold_minor, desk.rules.idle_auto_stop)
    if limit is not None and _may_ask(desk, record):
        record, _ = await stop(desk, record, running, limit)
    return await telling.running_cost(desk, record, running, use)


def _may_ask(desk: Desk, record: PaymentReservationRecord) -> bool:
    """Whether the station was not asked to stop yet, or did not say that it will."""
    asked = record.stop_asked_at
    if asked is None:
        return True
    return record.stop_result != "Accepted" and asked + desk.rules.ask_again <= desk.now


async def stop_for(
    desk: Desk, record: PaymentReservationRecord, reason: str
) -> PaymentReservationRecord:
    """Stop a charge for a reason of ours, if it still runs."""
    running = await desk.central.database.read(_transaction, record)
    if running is not None and running.state == "open" and _may_ask(desk, record):
        record, _ = await stop(desk, record, running, reason)
    return record


async def stop(
    desk: Desk, record: PaymentReservationRecord, running: TransactionRecord, reason: str
) -> tuple[PaymentReservationRecord, str]:
    """Ask the station to stop; what it says: Accepted, Rejected, Timeout, ChargerOffline."""
    asked = {"stop_asked_at": desk.now, "stop_reason": reason, "stop_result": None}
    await desk.commit(lambda unit: set_values(unit, record.id, **asked))
    request = RequestStopTransaction(transaction_id=running.name)
    try:
        result: str = (await commands.send(desk.central, record.station_id, request)).status
    except NotConnected:
        result = OFFLINE
    except NoAnswer:
        result = "Timeout"
    except ChargeplaneError as error:
        logger.warning("not stopped", reservation=record.id, error=str(error))
        result = "Rejected"
    changed = await desk.commit(lambda unit: set_values(unit, record.id, stop_result=result))
    return changed, result


def _transaction(
    connection: Connection, record: PaymentReservationRecord
) -> TransactionRecord | None:
    number = record.transaction_id
    return None if number is None else transactions.get(connection, number)


def _stopped(unit: Unit, record: PaymentReservationRecord) -> PaymentReservationRecord:
    over = _transaction(unit.connection, record)
    at = (over.stopped_at if over else None) or unit.now
    details = {"stop_reason": over.stop_reason, "closed_by": over.closed_by} if over else {}
    tokens.remove(unit.connection, record.id_token.lower())
    return move(
        unit, record.id, "WaitingForDisconnect", "TransactionEnded", details=details, stopped_at=at
    )


def used(
    connection: Connection,
    rules: Rules,
    record: PaymentReservationRecord,
    transaction: TransactionRecord | None,
    until: datetime,
    disconnected_at: datetime | None = None,
) -> Use:
    """What a driver has used by a moment, or in the end."""
    began = record.started_at or record.created_at
    ended = (transaction.stopped_at if transaction else None) or record.stopped_at or until
    energy = transaction.energy_mwh if transaction else None
    idle: tuple[Interval, ...] = ()
    counts = agreed_prices(record).counts_from == "idle" or rules.idle_auto_stop
    if transaction is not None and counts:
        place = (transaction.station_id, transaction.evse_id)
        told = payments.told_states(connection, transaction.id, *place, began)
        idle = limits.idle_times(told, began, ended)
    return Use(
        energy_mwh=energy,
        started_at=began,
        stopped_at=ended,
        disconnected_at=disconnected_at,
        idle=idle,
    )


# The end


async def finish(desk: Desk, record: PaymentReservationRecord) -> PaymentReservationRecord:
    """Once the car is gone and the station has told the end: decide what is due, and take it."""
    record = await desk.commit(lambda unit: _decide(desk, unit, record))
    if settling.is_due(record):
        await telling.final_cost(desk, record)
        return await settling.settle(desk, record)
    return record


def _decide(desk: Desk, unit: Unit, seen: PaymentReservationRecord) -> PaymentReservationRecord:
    record = get(unit, seen.id)
    if record.state != "WaitingForDisconnect" or record.due_minor is not None:
        return record
    over = _transaction(unit.connection, record)
    if over is not None and over.state == "open":
        return move(unit, record.id, "Charging", "TransactionReopened", stopped_at=None)
    gone = _disconnected(desk, unit, record)
    if gone is None or not _has_all(desk, unit, record, over):
        return record
    use = used(unit.connection, desk.rules, record, over, unit.now, gone)
    return _due(unit, record, use)


def _due(unit: Unit, record: PaymentReservationRecord, use: Use) -> PaymentReservationRecord:
    """Store what is to be taken, which nothing changes from here on."""
    found = bill(agreed_prices(record), agreed_terms(record), use)
    due = 0 if found.no_charge else min(found.amount_minor, record.hold_minor)
    if record.transaction_id is not None:
        transactions.set_cost(unit.connection, record.transaction_id, due, record.currency)
    return set_values(
        unit,
        record.id,
        stopped_at=use.stopped_at,
        disconnected_at=use.disconnected_at,
        energy_mwh=use.energy_mwh,
        bill=found,
        due_minor=due,
        freed_at=unit.now,
    )


def _disconnected(desk: Desk, unit: Unit, record: PaymentReservationRecord) -> datetime | None:
    """Since when the car is gone; None: it is still there."""
    told = payments.free_since(unit.connection, record.station_id, record.evse_id)
    began = record.started_at or record.created_at
    stopped = record.stopped_at or unit.now
    if told is not None and told[0] == "Available" and told[1] >= began:
        return max(stopped, told[1])
    if _since(unit, record) + desk.rules.disconnect_timeout <= unit.now:
        return unit.now if desk.is_online(record.station_id) else stopped
    return None


def _has_all(
    desk: Desk, unit: Unit, record: PaymentReservationRecord, over: TransactionRecord | None
) -> bool:
    """Whether the end is the station's own word, or it has had its time to tell it."""
    if over is not None and over.closed_by == STATION:
        return True
    return _since(unit, record) + desk.rules.stop_grace <= unit.now


def _since(unit: Unit, record: PaymentReservationRecord) -> datetime:
    """When it was seen that the charge is over."""
    return payments.steps(unit.connection, record.id)[-1].at


def cost_so_far(record: PaymentReservationRecord, use: Use) -> Bill:
    """What is owed by now, as if nothing were too little."""
    return bill(agreed_prices(record), limits.least(agreed_terms(record)), use)
