"""Costs that are counted at the station and told (I12 of 2.1)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chargeplane.domain.reservations import ReserveNow
from chargeplane.domain.transactions import TransactionEnded, TransactionStarted, TransactionUpdated
from chargeplane.evse.virtual import VirtualEvse
from chargeplane.evse.virtual_display import VirtualDisplay
from chargeplane.ocpp.v2 import wire
from chargeplane.station import accounts
from chargeplane.station.signals import Cost
from chargeplane.storage.documents import Documents
from tests.station.desk import Place, place
from tests.station.test_tariffs import TAG, begin, install, problems, station_with, stop, tariff

RUNNING = "TariffCostCtrlr/Enabled[RunningCost]"
FEE = wire.TariffFixed(prices=[wire.TariffFixedPrice(price_fixed=2)])
VAT = [wire.TaxRate(type="VAT", tax=20)]
BY_TIME = wire.TariffTime(prices=[wire.TariffTimePrice(price_minute=0.1)])


def pass_time(there: Place, *, minutes: float = 0, energy_wh: float = 0) -> None:
    """Let a charge go on, seen at its end."""
    there.station.clock_offset += timedelta(minutes=minutes)
    there.hardware().energy_wh += energy_wh


def total(event: Any) -> dict[str, Any]:
    assert event.cost_details is not None
    found: dict[str, Any] = event.cost_details["totalCost"]
    return found


async def test_a_breakdown_at_the_end() -> None:
    """I12.FR.01, FR.04, FR.05, FR.09 to FR.13, FR.17."""
    async with station_with() as there:
        energy = wire.TariffEnergy(prices=[wire.TariffEnergyPrice(price_kwh=0.5)], tax_rates=VAT)
        await install(there, tariff(energy=energy, charging_time=BY_TIME, fixed_fee=FEE))
        began = await begin(there)
        assert began.cost_details is None
        pass_time(there, minutes=30, energy_wh=2000)
        ended = await stop(there)
        said = total(ended)
        assert said["typeOfCost"] == "NormalCost"
        assert said["fixed"]["exclTax"] == 2
        assert (said["energy"]["exclTax"], said["energy"]["inclTax"]) == (1, 1.2)
        assert round(said["chargingTime"]["exclTax"], 2) == 3
        assert round(said["total"]["inclTax"], 2) == 6.2
        details = ended.cost_details or {}
        assert details["totalUsage"]["energy"] == 2000
        assert {each["tariffId"] for each in details["chargingPeriods"]} == {"T1"}
        assert not accounts.accounts(there.station)


async def test_costs_that_run_are_told() -> None:
    """I12.FR.02, FR.03."""
    values = {RUNNING: "true"}
    async with station_with(values=values) as there:
        there.station.model.put("TariffCostCtrlr/Interval[Cost]", "1")
        await install(there, tariff(fixed_fee=FEE))
        assert total(await begin(there))["total"]["exclTax"] == 2
        pass_time(there, energy_wh=2000)
        told = await there.desk.hears(
            TransactionUpdated, lambda each: each.trigger_reason == "RunningCost"
        )
        assert total(told)["total"]["exclTax"] == 3


async def test_telling_running_costs_can_begin_and_end_during_a_charge() -> None:
    async with station_with(values={"TariffCostCtrlr/Interval[Cost]": "1"}) as there:
        await install(there, tariff())
        await begin(there)
        assert not there.station.has_alarm("cost 1")
        there.station.model.put(RUNNING, "true")
        assert there.station.has_alarm("cost 1")


async def test_time_that_an_evse_was_reserved_is_paid_for() -> None:
    """I12.FR.06 to FR.08."""
    async with station_with() as there:
        await install(
            there,
            tariff(
                reservation_time=BY_TIME,
                reservation_fixed=wire.TariffFixed(prices=[wire.TariffFixedPrice(price_fixed=5)]),
            ),
        )
        reserve = ReserveNow(
            id=1,
            id_token=TAG,
            evse_id=1,
            expiry_date_time=there.station.now() + timedelta(hours=1),
        )
        await there.desk.ask(reserve)
        pass_time(there, minutes=20)
        await begin(there)
        said = total(await stop(there))
        assert said["reservationFixed"]["exclTax"] == 5
        assert round(said["reservationTime"]["exclTax"], 1) == 2


async def test_a_least_cost() -> None:
    """I12.FR.38."""
    async with station_with() as there:
        await install(there, tariff(min_cost=wire.Price(excl_tax=3)))
        await begin(there)
        pass_time(there, energy_wh=1000)
        said = total(await stop(there))
        assert (said["typeOfCost"], said["total"]["exclTax"]) == ("MinCost", 3)


async def test_a_greatest_cost() -> None:
    """I12.FR.39, FR.40."""
    async with station_with() as there:
        await install(there, tariff(price=1, max_cost=wire.Price(excl_tax=2)))
        await begin(there)
        pass_time(there, energy_wh=5000)
        ended = await stop(there)
        assert (total(ended)["typeOfCost"], total(ended)["total"]["exclTax"]) == ("MaxCost", 2)
        assert (ended.cost_details or {})["totalUsage"]["energy"] == 5000


async def test_a_meter_that_goes_backwards() -> None:
    """I12.FR.14, FR.18, FR.19, FR.43, FR.44."""
    async with station_with() as there:
        await install(there, tariff())
        await begin(there)
        pass_time(there, energy_wh=1000)
        accounts.look(there.station, there.evse())
        pass_time(there, energy_wh=-500)
        details = (await stop(there)).cost_details or {}
        assert details["failureToCalculate"] is True
        assert details["failureReason"]
        there.hardware().plug_out()
        there.desk.forget()
        await begin(there)
        assert "failureToCalculate" not in ((await stop(there)).cost_details or {})
        await there.desk.hears(wire.NotifyEvent)
        assert problems(there) == [("false", None)]


async def test_costs_are_shown_and_told_as_they_grow() -> None:
    """I12.FR.31."""
    screen = VirtualDisplay()
    async with station_with(values={"TariffCostCtrlr/Interval[Tariff]": "1"}) as there:
        there.station.displays = {0: screen}
        seen: list[Cost] = []
        there.station.signals.cost.listen(seen.append)
        await install(there, tariff())
        name = str((await begin(there)).transaction_id)
        pass_time(there, energy_wh=2000)
        await there.until(lambda: screen.lines == ["1.00 EUR"])
        assert [each.is_final for each in seen] == [False]
        await stop(there)
        assert (seen[-1].is_final, seen[-1].transaction_id) == (True, name)
        assert screen.lines == ["1.00 EUR"]


@pytest.mark.parametrize("resumes", ["true", "false"])
async def test_an_account_survives_a_power_cut(resumes: str, tmp_path: Path) -> None:
    """The time without power costs nothing."""
    resume = {"InternalCtrlr/ResumeTransactionsOnBoot": resumes}
    documents = Documents(tmp_path / "station.db")
    async with station_with(values=resume, documents=documents) as there:
        await install(there, tariff(price=1, charging_time=BY_TIME))
        await begin(there)
        pass_time(there, energy_wh=2000)
        accounts.look(there.station, there.evse())
    documents.close()
    documents = Documents(tmp_path / "station.db")
    board = VirtualEvse(clock=lambda: 0.0, energy_wh=2000)
    board.plug_in()
    async with place("2.1", values=resume, documents=documents, hardware=[board]) as there:
        if resumes == "true":
            await there.until(lambda: there.evse().transaction is not None)
            pass_time(there, energy_wh=1000)
            ended = await stop(there)
            assert total(ended)["energy"]["exclTax"] == 3
        else:
            ended = await there.desk.hears(TransactionEnded)
            assert total(ended)["energy"]["exclTax"] == 2
        assert not accounts.accounts(there.station)
    documents.close()


async def test_direct_current_is_known_by_its_connector() -> None:
    async with station_with() as there:
        assert accounts.kind(there.station, there.evse()) == "AC"
        there.station.model.put("Connector@1.1/ConnectorType", "cCCS2")
        assert accounts.kind(there.station, there.evse()) == "DC"
        only_dc = wire.TariffConditions(evse_kind="DC")
        prices = [
            wire.TariffEnergyPrice(price_kwh=3, conditions=only_dc),
            wire.TariffEnergyPrice(price_kwh=1),
        ]
        await install(there, tariff(energy=wire.TariffEnergy(prices=prices)))
        await begin(there)
        pass_time(there, energy_wh=1000)
        assert total(await stop(there))["energy"]["exclTax"] == 3


async def test_2_0_1_knows_no_tariffs() -> None:
    async with place() as there:
        there.hardware().plug_in()
        began = await begin(there)
        assert isinstance(began, TransactionStarted)
        assert (await stop(there)).cost_details is None
