"""Prices and costs in OCPP's own words, for stations that say that they can show them.

The words of 2.x are CostUpdated and, in 2.1, the tariff of a transaction; those of 1.6 are OCPP &
California Pricing Requirements. Nothing waits for what is only shown, and what fails is logged.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection

from chargeplane.csms.commands import send_soon
from chargeplane.domain.messages import Json
from chargeplane.domain.tariff_cost import CostUpdated, FinalCost
from chargeplane.domain.tokens import SetUserPrice, Token
from chargeplane.ocpp.v2 import wire
from chargeplane.payments.desk import Desk
from chargeplane.payments.limits import so_far
from chargeplane.payments.pricing import Prices, Use, major
from chargeplane.payments.reservations import agreed_prices, agreed_terms, set_values
from chargeplane.storage.payment_records import PaymentReservationRecord
from chargeplane.storage.records import TransactionRecord
from chargeplane.storage.repositories import transactions, variables
from chargeplane.storage.repositories.variables import VariableFilter

CUSTOM: Final = ("OCPP16LegacyCtrlr", "CustomDisplayCostAndPrice", "")  # California pricing
COST: Final = ("TariffCostCtrlr", "Enabled", "Cost")  # 2.x I02
TARIFF: Final = ("TariffCostCtrlr", "Enabled", "Tariff")  # 2.1 I07
MWH_PER_WH: Final = 1000
MINUTES_PER_HOUR: Final = 60
ID_LENGTH: Final = 60  # of a tariff (2.1 TariffType)


def shows(connection: Connection, station_id: str, what: tuple[str, str, str]) -> bool:
    """Whether a station has said of one of its variables that it is true."""
    component, variable, instance = what
    wanted = VariableFilter(station_id=station_id, component=component, variable=variable)
    return any(
        each.variable_instance == instance and (each.value or "").lower() == "true"
        for each in variables.of_station(connection, wanted)
        if each.attribute_type == "Actual"
    )


async def _shows(desk: Desk, record: PaymentReservationRecord, what: tuple[str, str, str]) -> bool:
    return await desk.central.database.read(shows, record.station_id, what)


async def price(desk: Desk, record: PaymentReservationRecord) -> None:
    """Show the driver the price before the charge (California pricing SetUserPrice)."""
    if await _shows(desk, record, CUSTOM):
        text = price_text(agreed_prices(record))
        request = SetUserPrice(id_token=Token(record.id_token), price_text=text)
        send_soon(desk.central, record.station_id, request)


async def tariff(desk: Desk, record: PaymentReservationRecord, running: TransactionRecord) -> None:
    """Give the running transaction its tariff (2.1 I11 ChangeTransactionTariff)."""
    if await _shows(desk, record, TARIFF):
        said = tariff_of(record.id, agreed_prices(record))
        request = wire.ChangeTransactionTariff(tariff=said, transaction_id=running.name)
        send_soon(desk.central, record.station_id, request)


async def running_cost(
    desk: Desk, record: PaymentReservationRecord, running: TransactionRecord, use: Use
) -> PaymentReservationRecord:
    """Show the cost so far, now and then (2.x I02 CostUpdated; California pricing RunningCost)."""
    told = record.cost_told_at
    if told is not None and told + desk.rules.cost_interval > desk.now:
        return record
    custom = await _shows(desk, record, CUSTOM)
    if not custom and not await _shows(desk, record, COST):
        return record
    prices = agreed_prices(record)
    request = CostUpdated(
        total_cost=major(prices, so_far(prices, agreed_terms(record), use)),
        transaction_id=running.name,
        running=_running(prices, running, use) if custom else None,
    )
    send_soon(desk.central, record.station_id, request)
    return await desk.commit(lambda unit: set_values(unit, record.id, cost_told_at=unit.now))


async def final_cost(desk: Desk, record: PaymentReservationRecord) -> None:
    """Show what it cost in the end (California pricing FinalCost)."""
    number = record.transaction_id
    if number is None or not await _shows(desk, record, CUSTOM):
        return
    over = await desk.central.database.read(transactions.get, number)
    if over is not None:
        cost = major(agreed_prices(record), record.due_minor or 0)
        request = FinalCost(transaction_id=over.name, cost=cost)
        send_soon(desk.central, record.station_id, request)


def price_text(prices: Prices) -> str:
    """Prices in a line for a small display."""
    currency = prices.currency.upper()
    parts = (
        (prices.per_kwh, f"{prices.per_kwh:f} {currency}/kWh"),
        (prices.session_fee, f"{prices.session_fee:f} {currency}"),
        (prices.per_minute, f"{prices.per_minute:f} {currency}/min"),
    )
    return " + ".join(text for price, text in parts if price)


def tariff_of(number: str, prices: Prices) -> wire.Tariff:
    """Prices as 2.1 says them; minutes only where none of them are free."""
    energy = wire.TariffEnergy(prices=[wire.TariffEnergyPrice(price_kwh=float(prices.per_kwh))])
    fixed = wire.TariffFixed(prices=[wire.TariffFixedPrice(price_fixed=float(prices.session_fee))])
    minute = wire.TariffTime(prices=[wire.TariffTimePrice(price_minute=float(prices.per_minute))])
    timed = minute if prices.per_minute and not prices.free_minutes else None
    return wire.Tariff(
        tariff_id=number[:ID_LENGTH],
        currency=prices.currency.upper(),
        energy=energy if prices.per_kwh else None,
        fixed_fee=fixed if prices.session_fee else None,
        charging_time=timed if prices.counts_from == "start" else None,
        idle_time=timed,
    )


def _running(prices: Prices, running: TransactionRecord, use: Use) -> Json:
    """What California pricing says beside a running cost: the meter and the prices that hold."""
    meter = (running.last_energy_mwh or running.start_energy_mwh or 0) // MWH_PER_WH
    charging = {"kWhPrice": float(prices.per_kwh)}
    if prices.counts_from == "start" and prices.per_minute:
        charging["hourPrice"] = float(prices.per_minute * MINUTES_PER_HOUR)
    return {
        "timestamp": use.stopped_at,
        "meterValue": meter,
        "state": "Charging",
        "chargingPrice": charging,
    }
