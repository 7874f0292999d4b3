from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from chargeplane.domain.messages import Empty
from chargeplane.domain.tariff_cost import CostUpdated, FinalCost
from chargeplane.domain.tokens import SetUserPrice
from chargeplane.domain.variables import Component, Variable
from chargeplane.ocpp.v2 import wire
from chargeplane.payments.pricing import Prices
from chargeplane.payments.telling import COST, CUSTOM, TARIFF, price_text, tariff_of
from chargeplane.storage.repositories import variables
from chargeplane.storage.repositories.variables import Attribute
from tests.e2e.harness import until
from tests.payments.conftest import PRICES, Desk

EVERYTHING = Prices(
    per_kwh=Decimal("0.49"),
    session_fee=Decimal("0.50"),
    per_minute=Decimal("0.05"),
    max_minutes=120,
    max_energy_kwh=Decimal(80),
)


async def can_show(desk: Desk, what: tuple[str, str, str], value: str = "true") -> None:
    """The station has said what it can show."""
    component, variable, instance = what
    said = Attribute(
        component=Component(component), variable=Variable(variable, instance or None), value=value
    )
    await desk.central.database.write(variables.save, "CP1", [said], desk.clock.now)


def asked(desk: Desk, kind: Any) -> list[Any]:
    return [each for each in desk.here.asked if isinstance(each, kind)]


async def test_1_6_shows_price_and_cost(desk: Desk) -> None:
    station = await desk.station("1.6")
    await can_show(desk, CUSTOM)
    for kind in (SetUserPrice, CostUpdated, FinalCost):
        station.on(kind, Empty())
    record = await desk.charging()
    (price,) = await until(lambda: asked(desk, SetUserPrice))
    assert (price.id_token.id_token, price.price_text) == (record.id_token, "0.49 EUR/kWh")
    await desk.charge(10)
    desk.clock.forward(minutes=1)
    await desk.look(record)
    running = (await until(lambda: asked(desk, CostUpdated)[1:]))[-1]
    assert (running.total_cost, running.transaction_id) == (4.9, desk.number)
    assert running.running["meterValue"] == 11000
    assert running.running["chargingPrice"] == {"kWhPrice": 0.49}
    await desk.end(1)
    await desk.plug_out()
    await desk.look(record)
    (final,) = await until(lambda: asked(desk, FinalCost))
    assert (final.cost, final.transaction_id) == (5.39, desk.number)


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
async def test_2_x_shows_the_cost_now_and_then(desk: Desk, version: str) -> None:
    station = await desk.station(version)
    await can_show(desk, COST)
    station.on(CostUpdated, Empty())
    record = await desk.charging()
    await desk.look(record)
    (first,) = await until(lambda: asked(desk, CostUpdated))
    assert (first.total_cost, first.transaction_id) == (0, desk.number)
    await desk.charge(10)
    await desk.look(record)
    desk.clock.forward(minutes=1)
    record = await desk.look(record)
    costs = await until(lambda: asked(desk, CostUpdated)[1:])
    assert [each.total_cost for each in costs] == [4.9]
    assert record.cost_told_at == desk.clock.now


async def test_2_1_gets_the_tariff(desk: Desk) -> None:
    station = await desk.station("2.1")
    await can_show(desk, TARIFF)
    accepted = wire.ChangeTransactionTariffResponse(status="Accepted")
    station.on(wire.ChangeTransactionTariff, accepted)
    record = await desk.charging()
    (said,) = await until(lambda: asked(desk, wire.ChangeTransactionTariff))
    assert (said.transaction_id, said.tariff) == (desk.number, tariff_of(record.id, PRICES))


@pytest.mark.parametrize(("version", "value"), [("1.6", None), ("2.1", "false"), ("2.0.1", None)])
async def test_who_cannot_show_it_is_not_told(desk: Desk, version: str, value: str | None) -> None:
    await desk.station(version)
    if value is not None:
        for what in (COST, TARIFF, CUSTOM):
            await can_show(desk, what, value)
    record = await desk.charging()
    await desk.charge(10)
    desk.clock.forward(minutes=5)
    await desk.look(record)
    assert not asked(desk, SetUserPrice | CostUpdated | wire.ChangeTransactionTariff)


async def test_who_does_not_answer_is_charged_all_the_same(desk: Desk) -> None:
    await desk.station("1.6")
    await can_show(desk, CUSTOM)
    desk.follow(cost_interval=timedelta())
    record = await desk.charging()
    await desk.end(10)
    await desk.plug_out()
    assert (await desk.look(record)).captured_minor == 490


def test_prices_in_a_line() -> None:
    assert price_text(EVERYTHING) == "0.49 EUR/kWh + 0.50 EUR + 0.05 EUR/min"
    assert price_text(PRICES) == "0.49 EUR/kWh"


def test_prices_as_a_tariff() -> None:
    tariff = tariff_of("T", EVERYTHING)
    assert (tariff.tariff_id, tariff.currency) == ("T", "EUR")
    assert tariff.energy is not None
    assert tariff.energy.prices[0].price_kwh == 0.49
    assert tariff.fixed_fee is not None
    assert tariff.fixed_fee.prices[0].price_fixed == 0.5
    assert tariff.charging_time == tariff.idle_time
    assert tariff.idle_time is not None
    assert tariff.idle_time.prices[0].price_minute == 0.05
    bare = tariff_of("T", Prices(per_minute=Decimal(1), free_minutes=5, counts_from="idle"))
    assert (bare.energy, bare.fixed_fee, bare.charging_time, bare.idle_time) == (None,) * 4
