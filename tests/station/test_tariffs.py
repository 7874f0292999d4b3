"""Tariffs at the station: I07 to I11 of 2.1."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from chargeplane.domain.tokens import Authorize, AuthorizeAnswer, Token, TokenInfo
from chargeplane.domain.transactions import (
    TransactionEnded,
    TransactionEvent,
    TransactionStarted,
    TransactionUpdated,
)
from chargeplane.evse.virtual import VirtualEvse
from chargeplane.evse.virtual_display import VirtualDisplay
from chargeplane.ocpp.errors import OcppError
from chargeplane.ocpp.v2 import wire
from chargeplane.station import accounts, authorization, tariffs
from chargeplane.storage.documents import Documents
from tests.station.desk import Place, place

TAG = Token("TAG")
OTHER = Token("OTHER")
EARLY = wire.TariffConditions(start_time_of_day="00:00", end_time_of_day="12:00")


def tariff(name: str = "T1", price: float = 0.5, **members: Any) -> wire.Tariff:
    usual: dict[str, Any] = {
        "currency": "EUR",
        "energy": wire.TariffEnergy(prices=[wire.TariffEnergyPrice(price_kwh=price)]),
    }
    return wire.Tariff(tariff_id=name, **(usual | members))


def said(text: str) -> list[Any]:
    return [wire.MessageContent(format="UTF8", content=text)]


@asynccontextmanager
async def station_with(
    *, evses: int = 1, values: dict[str, str] | None = None, **how: Any
) -> AsyncIterator[Place]:
    """A station of 2.1 whose time stands still at its meters."""
    hardware = [VirtualEvse(clock=lambda: 0.0) for _ in range(evses)]
    async with place("2.1", hardware=hardware, values=values, **how) as there:
        yield there


async def install(there: Place, wanted: wire.Tariff, evse_id: int = 0) -> str:
    asked = wire.SetDefaultTariff(evse_id=evse_id, tariff=wanted)
    return str((await there.desk.ask(asked)).status)


async def assigned(there: Place, evse_id: int = 0) -> dict[str, Any]:
    """The default tariffs, where they are; and what is wrong if there are none."""
    answer = await there.desk.ask(wire.GetTariffs(evse_id=evse_id))
    if answer.status != "Accepted":
        return {"status": answer.status}
    return {
        each.tariff_id: each.evse_ids if each.tariff_kind == "DefaultTariff" else each.id_tokens
        for each in answer.tariff_assignments
    }


async def begin(there: Place, number: int = 1, token: Token = TAG) -> TransactionStarted:
    before = len(there.desk.all(TransactionStarted))
    there.hardware(number).plug_in()
    await authorization.swipe(there.station, token, (number,))
    return await there.desk.hears(TransactionStarted, count=before + 1)


async def stop(there: Place, token: Token = TAG) -> TransactionEnded:
    await authorization.swipe(there.station, token)
    return await there.desk.hears(TransactionEnded)


def offer(there: Place, wanted: wire.Tariff, **members: Any) -> None:
    """Give every driver a tariff of theirs."""
    info = TokenInfo(status="Accepted", **members)
    raw = msgspec.to_builtins(wanted)
    there.desk.answers[Authorize] = AuthorizeAnswer(id_token_info=info, tariff=raw)


def problems(there: Place) -> list[tuple[str, str | None]]:
    return [
        (each.actual_value, each.tech_code)
        for notify in there.desk.all(wire.NotifyEvent)
        for each in notify.event_data
        if each.component.name == "TariffCostCtrlr"
    ]


# The usual tariffs


async def test_a_tariff_of_an_evse_and_of_all() -> None:
    """I07.FR.10 to FR.12, I09.FR.01 to FR.04."""
    async with station_with(evses=2) as there:
        assert await assigned(there) == {"status": "NoTariff"}
        assert await install(there, tariff("ALL")) == "Accepted"
        assert await install(there, tariff("ONE"), 2) == "Accepted"
        assert await assigned(there) == {"ALL": [1], "ONE": [2]}
        assert await assigned(there, 2) == {"ONE": [2]}
        assert await install(there, tariff("NEW")) == "Accepted"
        assert await assigned(there) == {"NEW": [1, 2]}
        assert await assigned(there, 9) == {"status": "Rejected"}


CONDITIONAL = wire.TariffEnergy(prices=[wire.TariffEnergyPrice(price_kwh=1, conditions=EARLY)])
MANY = wire.TariffEnergy(prices=[wire.TariffEnergyPrice(price_kwh=n) for n in range(101)])
WRONG = wire.TariffEnergy(
    prices=[
        wire.TariffEnergyPrice(
            price_kwh=1, conditions=wire.TariffConditions(start_time_of_day="25:61")
        )
    ]
)


@pytest.mark.parametrize(
    ("wanted", "evse_id", "status"),
    [
        pytest.param(tariff("X", energy=MANY), 0, "TooManyElements", id="I07.FR.02"),
        pytest.param(tariff("X", energy=CONDITIONAL), 0, "ConditionNotSupported", id="I07.FR.03"),
        pytest.param(tariff("T1"), 0, "DuplicateTariffId", id="I07.FR.04"),
        pytest.param(tariff("X", currency="1"), 0, "Rejected", id="I07.FR.05"),
        pytest.param(tariff("X"), 9, "Rejected", id="I07.FR.06"),
    ],
)
async def test_tariffs_that_are_not_taken(wanted: wire.Tariff, evse_id: int, status: str) -> None:
    values = {"TariffCostCtrlr/ConditionsSupported[Tariff]": "false"}
    async with station_with(values=values) as there:
        await install(there, tariff("T1"))
        assert await install(there, wanted, evse_id) == status
        assert await assigned(there) == {"T1": [1]}


@pytest.mark.parametrize("what", ["Tariff", "Cost"])
async def test_where_costs_are_not_counted_there_are_no_tariffs(what: str) -> None:
    """I07.FR.01, I11.FR.01."""
    async with station_with(values={f"TariffCostCtrlr/Enabled[{what}]": "false"}) as there:
        for asked in (
            wire.SetDefaultTariff(evse_id=0, tariff=tariff()),
            wire.GetTariffs(evse_id=0),
            wire.ClearTariffs(),
            wire.ChangeTransactionTariff(transaction_id="1", tariff=tariff()),
        ):
            with pytest.raises(OcppError) as refused:
                await there.desk.ask(asked)
            assert refused.value.code == "NotSupported"


async def test_a_tariff_from_a_time_on() -> None:
    """I07.FR.19 to FR.21."""
    async with station_with() as there:
        screen = VirtualDisplay()
        there.station.displays = {0: screen}
        now = there.station.now()
        soon, later = now + timedelta(seconds=0.1), now + timedelta(hours=1)
        await install(there, tariff("NOW", description=said("Now")))
        await install(there, tariff("SOON", valid_from=soon, description=said("Soon")))
        await install(there, tariff("LATER", valid_from=later, description=said("Later")))
        assert await assigned(there) == {"NOW": [1], "SOON": [1], "LATER": [1]}
        assert screen.lines == ["Now"]
        await there.until(lambda: screen.lines == ["Soon"])
        assert await assigned(there) == {"SOON": [1], "LATER": [1]}
        answer = await there.desk.ask(wire.GetTariffs(evse_id=0))
        starts = {each.tariff_id: each.valid_from for each in answer.tariff_assignments}
        assert starts["LATER"] is not None


async def test_tariffs_survive_a_power_cut(tmp_path: Path) -> None:
    """I07.FR.13."""
    for number in range(2):
        documents = Documents(tmp_path / "station.db")
        async with station_with(documents=documents) as there:
            if number == 0:
                await install(there, tariff())
            assert await assigned(there) == {"T1": [1]}
        documents.close()


async def test_a_charge_by_the_usual_tariff() -> None:
    """I07.FR.14, FR.32: its id is told once."""
    async with station_with() as there:
        await install(there, tariff(description=said("0.50 EUR/kWh")))
        assert (await begin(there)).tariff_id == "T1"
        there.hardware().energy_wh += 2000
        ended = await stop(there)
        assert [e.tariff_id for e in there.desk.all(TransactionEvent)].count("T1") == 1
        assert ended.cost_details is not None
        assert ended.cost_details["totalCost"]["total"] == {"exclTax": 1, "inclTax": 1}


async def test_a_charge_goes_on_by_the_tariff_that_it_began_with() -> None:
    """I07.FR.24, I10.FR.07."""
    async with station_with() as there:
        await install(there, tariff("OLD", 1))
        await begin(there)
        await install(there, tariff("NEW", 2))
        assert (await there.desk.ask(wire.ClearTariffs())).clear_tariffs_result == [
            wire.ClearTariffsResult(tariff_id="NEW", status="Accepted")
        ]
        there.hardware().energy_wh += 1000
        ended = await stop(there)
        assert ended.cost_details is not None
        assert ended.cost_details["totalCost"]["energy"]["exclTax"] == 1


@pytest.mark.parametrize("when", ["before the cable", "during the charge"])
async def test_a_driver_may_refuse_a_tariff(when: str) -> None:
    """I07.FR.30, FR.31."""
    async with station_with() as there:
        await install(there, tariff())
        if when == "before the cable":
            await authorization.swipe(there.station, TAG)
        else:
            await begin(there)
        tariffs.reject(there.station, there.evse())
        assert there.evse().authorization is None
        if when == "during the charge":
            ended = await there.desk.hears(TransactionEnded)
            assert ended.trigger_reason == "TariffNotAccepted"
            assert ended.cost_details is None


# Tariffs of drivers


async def test_a_driver_s_tariff() -> None:
    """I08.FR.04, FR.10, I09.FR.05, FR.06."""
    async with station_with(evses=2) as there:
        await install(there, tariff("USUAL", 9))
        later = there.station.now() + timedelta(hours=1)
        offer(there, tariff("OWN", 0.25, valid_from=later))
        await authorization.swipe(there.station, TAG, (1,))
        assert await assigned(there) == {"USUAL": [1, 2], "OWN": ["TAG"]}
        assert (await begin_at(there)).tariff_id == "OWN"
        assert await assigned(there) == {"USUAL": [1, 2], "OWN": ["TAG"]}
        there.hardware().energy_wh += 4000
        ended = await stop(there)
        assert ended.cost_details is not None
        assert ended.cost_details["totalCost"]["energy"]["exclTax"] == 1
        assert await assigned(there) == {"USUAL": [1, 2]}  # I08.FR.06


async def begin_at(there: Place) -> TransactionStarted:
    there.hardware().plug_in()
    return await there.desk.hears(TransactionStarted)


async def test_a_driver_s_tariff_is_cached() -> None:
    """I08.FR.05."""
    async with station_with(values={"AuthCtrlr/LocalPreAuthorize": "true"}) as there:
        offer(there, tariff("OWN"))
        await begin(there)
        await stop(there)
        there.hardware().plug_out()
        began = await begin(there)
        assert len(there.desk.all(Authorize)) == 1
        assert began.tariff_id == "OWN"


async def test_a_driver_who_does_not_come_has_no_tariff() -> None:
    """I08.FR.07."""
    async with station_with(values={"TxCtrlr/EVConnectionTimeOut": "0"}) as there:
        offer(there, tariff("OWN"))
        await authorization.swipe(there.station, TAG)
        await there.until(lambda: there.evse().authorization is None)
        assert await assigned(there) == {"status": "NoTariff"}
        there.desk.answers[Authorize] = AuthorizeAnswer(id_token_info=TokenInfo(status="Accepted"))
        assert (await begin(there, token=OTHER)).tariff_id is None


@pytest.mark.parametrize(
    ("how", "charges", "name"),
    [
        ("Deauthorize", False, None),
        ("UseDefaultTariff", True, "USUAL"),
        ("CentralCost", True, None),
    ],
)
@pytest.mark.parametrize(
    ("wrong", "code"),
    [(WRONG, "InvalidValue"), (MANY, "TooManyElements")],
    ids=["wrong", "too much"],
)
async def test_a_driver_s_tariff_that_cannot_be_used(
    how: str, charges: Any, name: str | None, wrong: Any, code: str
) -> None:
    """I08.FR.30 to FR.33, FR.35, FR.36."""
    values = {"TariffCostCtrlr/HandleFailedTariff[Tariff]": how}
    async with station_with(values=values) as there:
        await install(there, tariff("USUAL"))
        offer(there, tariff("X", energy=wrong))
        there.hardware().plug_in()
        info = await authorization.swipe(there.station, TAG)
        assert (info.status == "Accepted") == charges
        if charges:
            assert (await there.desk.hears(TransactionStarted)).tariff_id == name
            await stop(there)
        await there.desk.hears(wire.NotifyEvent)
        assert problems(there)[0] == ("true", code)
        if how == "Deauthorize":
            offer(there, tariff("GOOD"))
            await authorization.swipe(there.station, TAG)
            await there.desk.hears(wire.NotifyEvent, count=2)
            assert problems(there)[1] == ("false", None)


# Clearing


@pytest.mark.parametrize(
    ("which", "gone", "left"),
    [
        pytest.param({}, {"A", "B"}, {}, id="I10.FR.01"),
        pytest.param({"tariff_ids": ["A"]}, {"A"}, {"B": [2]}, id="I10.FR.02"),
        pytest.param({"evse_id": 2}, {"B"}, {"A": [1]}, id="I10.FR.03"),
        pytest.param(
            {"evse_id": 2, "tariff_ids": ["A"]}, set(), {"A": [1], "B": [2]}, id="I10.FR.05"
        ),
        pytest.param({"tariff_ids": ["X"]}, set(), {"A": [1], "B": [2]}, id="I10.FR.06"),
    ],
)
async def test_tariffs_are_cleared(which: dict[str, Any], gone: set[str], left: Any) -> None:
    async with station_with(evses=2) as there:
        await install(there, tariff("A"), 1)
        await install(there, tariff("B"), 2)
        results = (await there.desk.ask(wire.ClearTariffs(**which))).clear_tariffs_result
        if gone:
            assert {(each.tariff_id, each.status) for each in results} == {
                (name, "Accepted") for name in gone
            }
        else:
            assert results == [wire.ClearTariffsResult(status="NoTariff")]
        assert await assigned(there) == (left or {"status": "NoTariff"})


# During a charge


async def change(there: Place, name: str, wanted: wire.Tariff) -> str:
    asked = wire.ChangeTransactionTariff(transaction_id=name, tariff=wanted)
    return str((await there.desk.ask(asked)).status)


@pytest.mark.parametrize("before", ["a tariff", "none"])
async def test_a_tariff_changes_during_a_charge(before: str) -> None:
    """I11.FR.06 to FR.08."""
    async with station_with() as there:
        if before == "a tariff":
            await install(there, tariff("OLD", 1))
        name = str((await begin(there)).transaction_id)
        there.hardware().energy_wh += 1000
        assert await change(there, name, tariff("NEW", 10)) == "Accepted"
        changed = await there.desk.hears(
            TransactionUpdated, lambda each: each.trigger_reason == "TariffChanged"
        )
        assert changed.tariff_id == "NEW"
        there.hardware().energy_wh += 1000
        ended = await stop(there)
        assert ended.cost_details is not None
        total = ended.cost_details["totalCost"]["energy"]["exclTax"]
        assert total == (11 if before == "a tariff" else 10)


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        pytest.param(tariff("X", energy=MANY), "TooManyElements", id="I11.FR.02"),
        pytest.param(tariff("X", energy=CONDITIONAL), "ConditionNotSupported", id="I11.FR.03"),
        pytest.param(tariff("X", currency="USD"), "NoCurrencyChange", id="I11.FR.05"),
    ],
)
async def test_tariffs_that_a_charge_does_not_get(wanted: wire.Tariff, status: str) -> None:
    values = {"TariffCostCtrlr/ConditionsSupported[Tariff]": "false"}
    async with station_with(values=values) as there:
        await install(there, tariff("OLD"))
        name = str((await begin(there)).transaction_id)
        assert await change(there, name, wanted) == status
        assert await change(there, "none", wanted) == "TxNotFound"  # I11.FR.04
        account = accounts.of(there.station, there.evse())
        assert account is not None
        assert account.bill.parts[-1].tariff.tariff_id == "OLD"
