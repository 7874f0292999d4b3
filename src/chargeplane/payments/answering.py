"""What a station is told of costs in the answer to what it tells of a transaction (2.x)."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from chargeplane.csms.central import Unit
from chargeplane.domain.tariff_cost import TransactionLimit
from chargeplane.domain.transactions import (
    TransactionAnswer,
    TransactionEnded,
    TransactionEvent,
)
from chargeplane.payments import charging
from chargeplane.payments.creating import TOKEN_LENGTH
from chargeplane.payments.pricing import bill, major
from chargeplane.payments.reservations import agreed_prices, agreed_terms
from chargeplane.payments.rules import Rules
from chargeplane.storage.payment_records import PaymentReservationRecord
from chargeplane.storage.repositories import payments, transactions

WH_PER_KWH: Final = 1000


class Answers:
    """Adds the limit when a charge begins, and the cost when it ends."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def priced(
        self, unit: Unit, station_id: str, event: TransactionEvent, answer: TransactionAnswer
    ) -> TransactionAnswer:
        """The answer with what is known of the costs of a charge that is paid for."""
        if isinstance(event, TransactionEnded):
            return self._with_cost(unit, station_id, event, answer)
        token = event.id_token
        if token is None or len(token.id_token) != TOKEN_LENGTH:
            return answer
        record = payments.by_token(unit.connection, token.key)
        return answer if record is None else _with_limit(record, answer)

    def _with_cost(
        self, unit: Unit, station_id: str, event: TransactionEnded, answer: TransactionAnswer
    ) -> TransactionAnswer:
        """2.x I03.FR.02: the total cost; minutes after the end are still to come."""
        name = event.transaction_id or ""
        over = transactions.by_name(unit.connection, station_id, name)
        if over is None:
            return answer
        record = payments.by_transaction(unit.connection, over.id)
        if record is None:
            return answer
        use = charging.used(unit.connection, self._rules, record, over, unit.now)
        prices = agreed_prices(record)
        found = bill(prices, agreed_terms(record), use)
        due = min(found.amount_minor, record.hold_minor)
        return replace(answer, total_cost=major(prices, due))


def _with_limit(record: PaymentReservationRecord, answer: TransactionAnswer) -> TransactionAnswer:
    """2.1 E16.FR.02: where the charge is suspended or ends by itself."""
    most = agreed_prices(record).max_energy_kwh
    if not most:
        return answer
    return replace(answer, transaction_limit=TransactionLimit(max_energy=float(most * WH_PER_KWH)))
