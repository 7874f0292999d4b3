"""What a charge costs, as far as both families can say it."""

from __future__ import annotations

from datetime import datetime

from chargeplane.domain.messages import Empty, Json, Message, MessageContent, Request, Value


class TransactionLimit(Value, frozen=True, kw_only=True):
    """Where a transaction ends: cost in the tariff's currency, energy in Wh, time in s (2.1)."""

    max_cost: float | None = None
    max_energy: float | None = None
    max_time: int | None = None
    max_soc: int | None = None


class CostUpdated(Message, Request[Empty], frozen=True, kw_only=True):
    """The running cost, in the tariff's currency (2.x I02; 1.6 California pricing RunningCost).

    What only California pricing says stands in `running`: timestamp,
    meterValue, state, chargingPrice, idlePrice, nextPeriod, triggerMeterValue.
    """

    total_cost: float
    transaction_id: str
    running: Json | None = None


class FinalCost(Message, Request[Empty], frozen=True, kw_only=True):
    """What the charge cost in the end (1.6 California pricing; 2.x: answer to the Ended event)."""

    transaction_id: str
    cost: float
    price_text: str | None = None
    price_text_extra: tuple[MessageContent, ...] = ()
    qr_code_text: str | None = None


class ConnectorUnplugged(Message, Request[Empty], frozen=True, kw_only=True):
    """The cable was taken out afterwards (1.6 California pricing; 2.x: EVCommunicationLost)."""

    transaction_id: str
    timestamp: datetime
