"""Limits of a charge: E16 of 2.1."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from chargeplane.domain.tariff_cost import CostUpdated, TransactionLimit
from chargeplane.domain.transactions import (
    TransactionAnswer,
    TransactionEnded,
    TransactionEvent,
    TransactionStarted,
    TransactionUpdated,
)
from chargeplane.evse.virtual import Car
from chargeplane.ocpp.v2 import wire
from chargeplane.station import authorization, limits
from tests.station.desk import Place, place
from tests.station.test_tariffs import TAG, begin, install, tariff

STOPS = {"TxCtrlr/TxStopPoint": "EnergyTransfer"}


@pytest.fixture(autouse=True)
def _look_often(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SOONEST_S", "USUAL_S", "LATEST_S"):
        monkeypatch.setattr(f"chargeplane.station.progress.{name}", 0.02)


@asynccontextmanager
async def charging(values: dict[str, str] | None = None, **how: Any) -> AsyncIterator[Place]:
    async with place("2.1", values=values, **how) as there:
        await begin(there)
        await there.desk.hears(TransactionUpdated)
        yield there


def set_limit(there: Place, **members: Any) -> None:
    assert limits.set_limit(there.station, there.evse(), TransactionLimit(**members))


def answer_with(there: Place, *, once: bool = True, **members: Any) -> None:
    """Let the central system set a limit with its next answer."""

    def answer(_event: TransactionEvent) -> TransactionAnswer:
        if once:
            there.desk.answers[TransactionUpdated] = TransactionAnswer()
        return TransactionAnswer(transaction_limit=TransactionLimit(**members))

    there.desk.answers[TransactionUpdated] = answer


async def hears(there: Place, trigger: str) -> TransactionUpdated:
    return await there.desk.hears(TransactionUpdated, lambda each: each.trigger_reason == trigger)


async def test_a_driver_sets_an_energy() -> None:
    """E16.FR.01, FR.05."""
    async with charging() as there:
        set_limit(there, max_energy=300)
        told = await hears(there, "LimitSet")
        assert told.transaction_limit == TransactionLimit(max_energy=300)
        reached = await hears(there, "EnergyLimitReached")
        assert reached.charging_state == "SuspendedEVSE"
        assert there.hardware().energy_wh >= 300
        assert there.evse().transaction is not None
        assert there.evse().flow() == "evse"


@pytest.mark.parametrize(
    ("limit", "trigger", "reason"),
    [
        ({"max_energy": 500}, "EnergyLimitReached", "EnergyLimitReached"),
        ({"max_time": 0}, "TimeLimitReached", "TimeLimitReached"),
        ({"max_soc": 1}, "SoCLimitReached", "SOCLimitReached"),
        ({"max_cost": 0.1}, "CostLimitReached", "LocalOutOfCredit"),
    ],
)
@pytest.mark.parametrize("ends", ["E16.FR.05 rests", "E16.FR.06 ends"])
async def test_each_limit(limit: dict[str, float], trigger: str, reason: str, ends: str) -> None:
    values = STOPS if "ends" in ends else None
    async with place("2.1", values=values) as there:
        await install(there, tariff(price=1))
        there.hardware().plug_in(Car(soc_percent=50, capacity_wh=50_000))
        await authorization.swipe(there.station, TAG)
        await there.desk.hears(TransactionStarted)
        await there.until(lambda: there.evse().flow() == "charging")
        set_limit(there, **limit)
        if "ends" in ends:
            ended = await there.desk.hears(TransactionEnded)
            assert (ended.trigger_reason, ended.stopped_reason) == (trigger, reason)
        else:
            assert (await hears(there, trigger)).charging_state == "SuspendedEVSE"


async def test_the_central_system_sets_a_limit() -> None:
    """E16.FR.03, FR.12 to FR.14: more lets the charge go on."""
    async with charging() as there:
        answer_with(there, max_energy=1000)
        there.hardware().pause()
        told = await hears(there, "LimitSet")
        assert told.transaction_limit == TransactionLimit(max_energy=1000)
        there.hardware().pause(paused=False)
        await hears(there, "EnergyLimitReached")
        there.desk.forget()
        set_limit(there, max_energy=9000)
        assert there.evse().flow() == "evse"  # E16.FR.04: the central system's is the most
        answer_with(there, max_energy=200_000)
        set_limit(there, max_energy=1000)
        await there.until(lambda: there.evse().flow() == "charging")


async def test_a_limit_that_is_reached_already() -> None:
    """E16.FR.10."""
    async with charging() as there:
        await there.until(lambda: there.hardware().energy_wh > 100)
        set_limit(there, max_energy=-1)
        assert there.evse().flow() == "evse"


async def test_limits_that_are_not_supported_are_told() -> None:
    """E16.FR.13, FR.20."""
    values = {limits.SUPPORTED: "maxEnergy"}
    async with charging() as there:
        for name, value in values.items():
            there.station.model.put(name, value)
        answer_with(there, max_energy=100_000, max_cost=1)
        there.hardware().pause()
        told = await hears(there, "LimitSet")
        assert told.transaction_limit == TransactionLimit(max_energy=100_000)
        (said,) = (await there.desk.hears(wire.NotifyEvent)).event_data
        assert (said.component.name, said.variable.name) == ("TxCtrlr", "SupportedLimits")
        assert said.actual_value == "maxCost"


async def test_a_cost_that_the_central_system_counts() -> None:
    """E16.FR.15."""
    async with charging() as there:
        name = str(there.desk.all(TransactionStarted)[0].transaction_id)
        set_limit(there, max_cost=5)
        await there.desk.ask(CostUpdated(total_cost=4.9, transaction_id=name))
        assert there.evse().flow() == "charging"
        await there.desk.ask(CostUpdated(total_cost=5, transaction_id=name))
        await hears(there, "CostLimitReached")


async def test_a_cost_that_is_counted_here() -> None:
    """E16.FR.16: what the central system says of it does not count."""
    async with place("2.1") as there:
        await install(there, tariff(price=1))
        name = str((await begin(there)).transaction_id)
        set_limit(there, max_cost=0.3)
        await there.desk.ask(CostUpdated(total_cost=100, transaction_id=name))
        assert there.evse().flow() == "charging"
        await hears(there, "CostLimitReached")
        assert there.hardware().energy_wh >= 300


async def test_without_a_charge_there_is_nothing_to_limit() -> None:
    async with place("2.1") as there:
        limit = TransactionLimit(max_energy=1)
        assert not limits.set_limit(there.station, there.evse(), limit)
