"""A payment service whose outcomes a test writes down, and a reservation for them."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec

from chargeplane.payments.outcomes import Details, Progress
from chargeplane.payments.pricing import Prices, Terms
from chargeplane.storage.payment_records import PaymentReservationRecord

ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PRICES = Prices(per_kwh=Decimal("0.49"), max_energy_kwh=Decimal(80))


def reservation(**changes: Any) -> PaymentReservationRecord:
    """A reservation whose driver has not paid yet."""
    nothing = dict.fromkeys(PaymentReservationRecord.__struct_fields__)
    given: dict[str, Any] = {
        **nothing,
        "id": ID,
        "station_id": "CP1",
        "evse_id": 1,
        "connector_id": 1,
        "state": "Pending",
        "charge_tag": "WEB",
        "id_token": "RABC",
        "prices": msgspec.to_builtins(PRICES),
        "terms": msgspec.to_builtins(Terms()),
        "currency": "eur",
        "hold_minor": 3920,
        "checkout_id": "cs_test_1",
        "created_at": NOW,
        "updated_at": NOW,
        "awaiting_plug": False,
        "settle_tries": 0,
        "needs_review": False,
        **changes,
    }
    return PaymentReservationRecord(**given)


def progress(**changes: Any) -> Progress:
    """What is known of that reservation."""
    given: dict[str, Any] = {
        "reservation": reservation(),
        "stage": "waiting",
        "prices": PRICES,
        "terms": Terms(),
        "now": NOW,
        **changes,
    }
    return Progress(**given)


class ScriptedPayments:
    """Answers as it is told, and keeps what it was asked; an error as an answer is raised."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {
            "details": Details(reservation=reservation(), steps=(), refunds=()),
            "status": None,
            "notice": None,
        }
        self.asked: dict[str, list[tuple[Any, ...]]] = defaultdict(list)

    def __getattr__(self, name: str) -> Any:
        async def answer(*given: Any, **named: Any) -> Any:
            self.asked[name].append((*given, *named.values()))
            found = self.answers[name]
            if isinstance(found, Exception):
                raise found
            return found

        return answer
