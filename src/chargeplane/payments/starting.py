"""From a payment to a charge: remote start, the wait for the plug, the transaction that follows."""

from __future__ import annotations

from typing import Any, Final

import structlog
from msgspec.structs import replace
from sqlalchemy import Connection

from chargeplane.csms import remote_control
from chargeplane.csms.central import Unit
from chargeplane.domain.tokens import Token
from chargeplane.domain.transactions import RequestStartAnswer, RequestStartTransaction
from chargeplane.errors import ChargeplaneError, NoAnswer, NotConnected
from chargeplane.payments import connectors, settling, telling
from chargeplane.payments.desk import Desk
from chargeplane.payments.outcomes import BUSY, Confirmed
from chargeplane.payments.reservations import move, set_values
from chargeplane.storage.paging import Window
from chargeplane.storage.payment_records import PaymentReservationRecord
from chargeplane.storage.records import TransactionRecord
from chargeplane.storage.repositories import tokens, transactions
from chargeplane.storage.repositories.transactions import TransactionFilter

FEW: Final = Window(10)
MAY_CHARGE: Final = (None, "Accepted")  # what a token was answered when it began

logger = structlog.get_logger()


async def start(desk: Desk, record: PaymentReservationRecord) -> Confirmed:
    """Ask the station to start if it can be now; the answer's words are those of `Confirmed`."""
    if is_late(desk, record):
        record = await give_up(desk, record, "StartTimeout", "StartTimeout")
        return Confirmed(status=record.state, refused=True, reservation=record)
    if not desk.is_online(record.station_id):
        return _waits(record, "NotReady")
    place = (record.station_id, record.evse_id)
    read = desk.central.database.read
    if reason := await read(connectors.busy_reason, *place, record):
        return Confirmed(status=BUSY, reason=reason, reservation=record)
    if desk.rules.require_plug and not await read(connectors.is_plugged, *place):
        record = await _await_plug(desk, record)
        return _waits(record, "AwaitingPlug")
    return await _ask(desk, record)


def is_late(desk: Desk, record: PaymentReservationRecord) -> bool:
    """Whether the start window is over."""
    return record.start_deadline_at is not None and record.start_deadline_at <= desk.now


def asked_lately(desk: Desk, record: PaymentReservationRecord) -> bool:
    """Whether the station was asked so lately that it may still begin by itself."""
    sent = record.start_sent_at
    return sent is not None and sent + desk.rules.ask_again > desk.now


def _waits(record: PaymentReservationRecord, reason: str) -> Confirmed:
    return Confirmed(status="Authorized", reason=reason, reservation=record)


async def _await_plug(desk: Desk, record: PaymentReservationRecord) -> PaymentReservationRecord:
    if record.awaiting_plug:
        return record
    return await desk.commit(lambda unit: set_values(unit, record.id, awaiting_plug=True))


async def _ask(desk: Desk, record: PaymentReservationRecord) -> Confirmed:
    was_asked = record.start_sent_at is not None
    await telling.price(desk, record)
    sent = {"start_sent_at": desk.now, "awaiting_plug": False}
    record = await desk.commit(lambda unit: set_values(unit, record.id, **sent))
    request = RequestStartTransaction(
        id_token=Token(record.id_token, desk.rules.id_token_type), evse_id=record.evse_id
    )
    try:
        answer = await remote_control.request_start(desk.central, record.station_id, request)
    except NotConnected:
        return _waits(record, "NotReady")
    except NoAnswer:
        return await _unanswered(desk, record)
    except ChargeplaneError as error:
        return await _rejected(desk, record, str(error))
    if answer.status == "Accepted":
        return await _accepted(desk, record, answer)
    # A station that did not answer before may be about to begin.
    return await (_unanswered if was_asked else _rejected)(desk, record)


async def _unanswered(desk: Desk, record: PaymentReservationRecord) -> Confirmed:
    record = await desk.commit(lambda unit: set_values(unit, record.id, start_result="Timeout"))
    return Confirmed(status="Timeout", reason="Timeout", reservation=record)


async def _rejected(
    desk: Desk, record: PaymentReservationRecord, why: str = "Rejected"
) -> Confirmed:
    record = await give_up(desk, record, "StartRejected", "RemoteStartRejected", why)
    return Confirmed(status="Rejected", reason=why, reservation=record)


async def _accepted(
    desk: Desk, record: PaymentReservationRecord, answer: RequestStartAnswer
) -> Confirmed:
    def work(unit: Unit) -> PaymentReservationRecord:
        running = _running(unit.connection, record, answer)
        values: dict[str, Any] = {"start_result": "Accepted", "start_accepted_at": unit.now}
        if running is not None:
            values["transaction_id"] = running.id
        return move(unit, record.id, "StartRequested", "Accepted", **values)

    record = await desk.commit(work)
    return Confirmed(status="Accepted", reason="Accepted", reservation=record)


def _running(
    connection: Connection, record: PaymentReservationRecord, answer: RequestStartAnswer
) -> TransactionRecord | None:
    """The transaction that ran before it was paid for (2.x F02): named, or the only one."""
    if answer.transaction_id is not None:
        found = transactions.by_name(connection, record.station_id, answer.transaction_id)
        if found is not None:
            return found
    there = transactions.open_of(connection, record.station_id, record.evse_id)
    return next((each for each in there if connectors.waits_for_token(each)), None)


async def give_up(
    desk: Desk,
    record: PaymentReservationRecord,
    state: Any,
    code: str,
    message: str | None = None,
) -> PaymentReservationRecord:
    """End a reservation that led to no charge, and let go of what is held."""
    record = await desk.commit(
        lambda unit: move(unit, record.id, state, code, failure_code=code, failure_message=message)
    )
    return await settling.settle(desk, record)


# The transaction


def transaction_of(
    connection: Connection, record: PaymentReservationRecord
) -> TransactionRecord | None:
    """The transaction of a reservation: the latest with its token, or the one that was named."""
    what = TransactionFilter(station_id=record.station_id, token_key=record.id_token.lower())
    for found in transactions.page(connection, what, FEW).items:
        if found.start_status in MAY_CHARGE:
            return found
    return transactions.get(connection, record.transaction_id) if record.transaction_id else None


def begin_charge(unit: Unit, record: PaymentReservationRecord) -> PaymentReservationRecord | None:
    """Note that the charge has begun; None while no transaction is known."""
    found = transaction_of(unit.connection, record)
    if found is None or (connectors.waits_for_token(found) and found.state == "open"):
        return None
    # From here on the transaction itself keeps others from using the token.
    known = tokens.get(unit.connection, record.id_token.lower())
    if known is not None:
        tokens.save(unit.connection, [replace(known, expires_at=None)])
    return move(
        unit,
        record.id,
        "Charging",
        "TransactionStarted",
        transaction_id=found.id,
        started_at=found.started_at,
        awaiting_plug=False,
    )
