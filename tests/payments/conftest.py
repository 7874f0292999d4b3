"""Payments over a central system, with a station and a bank in memory."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from chargeplane.csms.central import Central
from chargeplane.domain.messages import Outcome
from chargeplane.domain.readings import Reading, Sample
from chargeplane.domain.station import Evse, StatusNotification
from chargeplane.domain.tokens import Token
from chargeplane.domain.transactions import (
    RequestStartAnswer,
    RequestStartTransaction,
    RequestStopTransaction,
    TransactionEnded,
    TransactionStarted,
    TransactionUpdated,
)
from chargeplane.payments.outcomes import Wanted
from chargeplane.payments.pricing import Prices
from chargeplane.payments.rules import Rules
from chargeplane.payments.service import Payments
from chargeplane.storage.payment_records import PaymentReservationRecord
from tests.csms.conftest import (
    ConnectStation,
    ScriptedStation,
    central,
    connect_station,
    fresh_database,
)
from tests.payments.bank import Bank

__all__ = ["central", "connect_station", "fresh_database"]

ID = "CP1"
PRICES = Prices(per_kwh=Decimal("0.49"), max_energy_kwh=Decimal(80))
WANTED = Wanted(station_id=ID, evse_id=1, charge_tag="DRIVER")
RULES = Rules(return_url="https://charge.example", prices=PRICES)


class Clock:
    """The time, as a test says."""

    def __init__(self) -> None:
        self.now = datetime.fromisoformat("2026-03-01T12:00:00+00:00")

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)


@dataclass
class Desk:
    """A driver at a charger, and everything behind it."""

    central: Central
    payments: Payments
    bank: Bank
    clock: Clock
    connect: ConnectStation
    rules: Rules = RULES
    stations: dict[str, ScriptedStation] = field(default_factory=dict)
    meter_wh: float = 1000.0
    number: str = ""  # of the transaction
    seq_no: int = 0
    begun: int = 0

    def restart(self, rules: Rules | None = None) -> None:
        """Go on as a new process would, which knows only what is stored."""
        self.rules = rules or self.rules
        self.payments = Payments(self.central, self.bank, self.rules)

    def follow(self, **rules: Any) -> None:
        """Go on under other rules."""
        self.restart(replace(self.rules, **rules))

    # The station

    async def station(self, version: str = "1.6", station_id: str = ID) -> ScriptedStation:
        """Connect a station that does as it is asked, with a free connector."""
        found = await self.connect(version, station_id)
        found.on(RequestStartTransaction, RequestStartAnswer(status="Accepted"))
        found.on(RequestStopTransaction, Outcome(status="Accepted"))
        self.stations[station_id] = found
        await self.says("Available")
        return found

    @property
    def here(self) -> ScriptedStation:
        return self.stations[ID]

    async def says(self, status: Any, charging: Any = None, evse_id: int = 1) -> None:
        """The connector's status changes."""
        said = StatusNotification(
            timestamp=self.clock.now,
            connector_status=status,
            charging_state=charging,
            evse=Evse(evse_id, 1),
        )
        await self.here.say(said)

    async def plug_in(self) -> None:
        await self.says("Occupied", "EVConnected")

    async def begin(self, token: str) -> str:
        """The car begins to charge; what the token was answered."""
        is_1x = self.here.here.dialect.version == "1.6"
        self.seq_no, self.begun = 0, self.begun + 1
        name = f"TX-{self.begun}"
        event = TransactionStarted(
            timestamp=self.clock.now,
            transaction_id=None if is_1x else name,
            trigger_reason="RemoteStart",
            seq_no=None if is_1x else 0,
            evse=Evse(1, 1),
            id_token=Token(token),
            readings=(self.reading("Transaction.Begin"),),
            charging_state=None if is_1x else "Charging",
        )
        answer = await self.here.say(event)
        self.number = answer.transaction_id or name
        if is_1x:
            await self.says("Occupied", "Charging")
        assert answer.id_token_info is not None
        return str(answer.id_token_info.status)

    async def charge(self, kwh: float, state: Any = None) -> None:
        """Some energy flows, and the station says so."""
        self.meter_wh += kwh * 1000
        await self.here.say(self._event(TransactionUpdated, "Sample.Periodic", state))

    async def end(self, kwh: float = 0) -> None:
        """The charge is over."""
        self.meter_wh += kwh * 1000
        await self.here.say(self._event(TransactionEnded, "Transaction.End"))

    async def plug_out(self) -> None:
        await self.says("Available")

    def _event(self, kind: Any, context: Any, state: Any = None) -> Any:
        is_1x = self.here.here.dialect.version == "1.6"
        self.seq_no += 1
        return kind(
            timestamp=self.clock.now,
            transaction_id=self.number,
            trigger_reason="MeterValuePeriodic",
            seq_no=None if is_1x else self.seq_no,
            evse=Evse(1, 1),
            readings=(self.reading(context),),
            charging_state=None if is_1x else state,
        )

    def reading(self, context: Any) -> Reading:
        """What the meter shows."""
        sample = Sample(self.meter_wh, context=context)
        return Reading(timestamp=self.clock.now, samples=(sample,))

    # The driver

    async def order(self) -> PaymentReservationRecord:
        """Agree on the price."""
        created = await self.payments.create(WANTED)
        assert created.status == "Redirect", created
        assert created.reservation is not None
        return created.reservation

    async def paid(self) -> PaymentReservationRecord:
        """Agree on the price, pay, and come back."""
        record = await self.order()
        assert record.checkout_id is not None
        self.bank.pay(record.checkout_id)
        await self.payments.confirm(record.id, record.checkout_id)
        return await self.now(record)

    async def charging(self) -> PaymentReservationRecord:
        """Pay, plug in and charge."""
        await self.plug_in()
        record = await self.paid()
        assert record.state == "StartRequested", record
        assert await self.begin(record.id_token) == "Accepted"
        return await self.look(record)

    async def look(self, record: PaymentReservationRecord) -> PaymentReservationRecord:
        """Have everything looked at, as happens after every event."""
        await self.payments.reconcile(thorough=False)
        return await self.now(record)

    async def now(self, record: PaymentReservationRecord) -> PaymentReservationRecord:
        """The reservation as it is stored."""
        found = await self.payments.details(record.id)
        assert found is not None
        return found.reservation


@pytest.fixture
def clock(central: Central) -> Clock:
    """The time of the central system."""
    central.now = clock = Clock()
    return clock


@pytest.fixture
def desk(central: Central, clock: Clock, connect_station: ConnectStation) -> Desk:
    """Everything of payments."""
    bank = Bank()
    return Desk(central, Payments(central, bank, RULES), bank, clock, connect_station)


Act = Callable[[Desk], Awaitable[None]]
