"""What drivers are told of prices and costs: I01 to I06 of 2.x, and California pricing of 1.6."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from chargeplane.domain.messages import MessageContent
from chargeplane.domain.readings import MeterValues
from chargeplane.domain.tariff_cost import ConnectorUnplugged, CostUpdated, FinalCost
from chargeplane.domain.tokens import Authorize, AuthorizeAnswer, SetUserPrice, Token, TokenInfo
from chargeplane.domain.transactions import (
    TransactionAnswer,
    TransactionEnded,
    TransactionStarted,
    TransactionUpdated,
)
from chargeplane.evse.virtual import VirtualEvse
from chargeplane.evse.virtual_display import VirtualDisplay
from chargeplane.station import accounts, authorization, costs
from chargeplane.station.signals import Cost
from tests.station.desk import VERSIONS, Place, place

TWO = ("2.0.1", "2.1")
TAG = Token("TAG")
CUSTOM = "OCPP16LegacyCtrlr/CustomDisplayCostAndPrice"
IDLE_FEE = "OCPP16LegacyCtrlr/CustomIdleFeeAfterStop"


def text(content: str, language: str | None = None) -> MessageContent:
    return MessageContent(format="UTF8", content=content, language=language)


@pytest.fixture
def screen() -> VirtualDisplay:
    return VirtualDisplay(languages=("en", "de"))


@asynccontextmanager
async def shown(
    screen: VirtualDisplay, version: str = "2.0.1", values: dict[str, str] | None = None, **how: Any
) -> AsyncIterator[Place]:
    usual = {CUSTOM: "true", "TariffCostCtrlr/Currency": "EUR"}
    how.setdefault("displays", {0: screen})
    async with place(version, values=usual | (values or {}), **how) as there:
        yield there


def answer_with(there: Place, kind: type, **members: Any) -> None:
    """Let events of a type be answered so."""

    def answer(event: Any) -> TransactionAnswer:
        usual = {} if event.transaction_id else {"transaction_id": "1"}
        return TransactionAnswer(**(usual | members))

    there.desk.answers[kind] = answer


def greet(there: Place, **members: Any) -> None:
    info = TokenInfo(status="Accepted", **members)
    there.desk.answers[Authorize] = AuthorizeAnswer(id_token_info=info)


async def begin(there: Place) -> str:
    """Charge, and know how the central system calls it."""
    there.hardware().plug_in()
    await authorization.swipe(there.station, TAG)
    began = await there.desk.hears(TransactionStarted)
    await there.until(lambda: not len(there.station.outbox))
    await there.until(lambda: there.evse().flow() == "charging")
    return str(began.transaction_id or "1")


async def stop(there: Place) -> None:
    await authorization.swipe(there.station, TAG)
    await there.desk.hears(TransactionEnded)


def cost_at(there: Place) -> Decimal | None:
    session = costs.session(there.station, there.evse())
    return None if session is None else session.cost


# 2.x


@pytest.mark.parametrize("version", TWO)
async def test_TC_I_01_CS_running_costs(version: str, screen: VirtualDisplay) -> None:
    async with shown(screen, version) as there:
        greet(there, personal_message=text("0.30 EUR/kWh"))
        name = await begin(there)
        assert screen.lines == ["0.30 EUR/kWh"]
        for cost, said in ((1.5, "1.50 EUR"), (2.755, "2.76 EUR")):
            await there.desk.ask(CostUpdated(total_cost=cost, transaction_id=name))
            assert screen.lines == ["0.30 EUR/kWh", said]


@pytest.mark.parametrize("version", TWO)
async def test_TC_I_02_CS_the_final_cost(version: str, screen: VirtualDisplay) -> None:
    """It is shown until the car has gone (I03.FR.03)."""
    async with shown(screen, version) as there:
        seen: list[Cost] = []
        there.station.signals.cost.listen(seen.append)
        answer_with(there, TransactionEnded, total_cost=4.2)
        name = await begin(there)
        await stop(there)
        await there.until(lambda: screen.lines == ["4.20 EUR"])
        (told,) = seen
        assert (told.amount, told.transaction_id) == (Decimal("4.2"), name)
        assert told.is_final
        there.hardware().plug_out()
        assert screen.lines == []


@pytest.mark.parametrize("version", TWO)
async def test_TC_I_07_CS_costs_in_answers(version: str, screen: VirtualDisplay) -> None:
    async with shown(screen, version) as there:
        greet(there, personal_message=text("Dear"))
        answer_with(
            there, TransactionUpdated, total_cost=1, updated_personal_message=text("Dearer")
        )
        await begin(there)
        await there.until(lambda: screen.lines == ["Dearer", "1.00 EUR"])


async def test_a_final_cost_that_comes_later_is_not_shown(screen: VirtualDisplay) -> None:
    """I05.FR.02, I03.FR.05: who charged without a central system has gone."""
    values = {"TariffCostCtrlr/TotalCostFallbackMessage": "Ask us"}
    async with shown(screen, values=values) as there:
        answer_with(there, TransactionEnded, total_cost=4.2)
        await begin(there)
        await there.without_central()
        await authorization.swipe(there.station, TAG)
        assert screen.lines == ["Ask us"]
        await there.reconnected()
        await there.desk.hears(TransactionEnded)
        await there.until(lambda: not len(there.station.outbox))
        assert screen.lines == ["Ask us"]


FALLBACKS = {
    "TariffCostCtrlr/TariffFallbackMessage": "As written here",
    "TariffCostCtrlr/OfflineTariffFallbackMessage": "As written there",
    "AuthCtrlr/OfflineTxForUnknownIdEnabled": "true",
}


async def test_without_a_price_there_are_texts(screen: VirtualDisplay) -> None:
    """I04.FR.01, FR.02."""
    async with shown(screen, values=FALLBACKS) as there:
        await begin(there)
        assert screen.lines == ["As written here"]
        await stop(there)
        there.hardware().plug_out()
        await there.without_central()
        there.hardware().plug_in()
        await authorization.swipe(there.station, TAG)
        assert screen.lines == ["As written there"]


async def test_texts_are_in_the_language_of_the_driver(screen: VirtualDisplay) -> None:
    async with shown(screen, values=FALLBACKS) as there:
        there.station.model.put("TariffCostCtrlr/TariffFallbackMessage[de]", "Siehe hier")
        greet(there, language1="de")
        await begin(there)
        assert screen.lines == ["Siehe hier"]


async def test_costs_of_nothing_are_no_error(screen: VirtualDisplay) -> None:
    async with shown(screen) as there:
        await there.desk.ask(CostUpdated(total_cost=1, transaction_id="unknown"))
        assert screen.lines == []


async def test_each_evse_has_its_own_costs() -> None:
    screens = {number: VirtualDisplay() for number in (1, 2)}
    async with place(evses=2, displays=screens) as there:
        for number, token in enumerate((TAG, Token("OTHER")), start=1):
            there.hardware(number).plug_in()
            await authorization.swipe(there.station, token, (number,))
        await there.desk.hears(TransactionStarted, count=2)
        began = [str(each.transaction_id) for each in there.desk.all(TransactionStarted)]
        for cost, name in enumerate(began, start=1):
            await there.desk.ask(CostUpdated(total_cost=cost, transaction_id=name))
        assert [screens[n].lines for n in (1, 2)] == [["1.00 EUR"], ["2.00 EUR"]]


# California pricing


async def test_a_driver_s_price_comes_before_the_charge(screen: VirtualDisplay) -> None:
    async with shown(screen, "1.6") as there:
        price = SetUserPrice(
            id_token=TAG, price_text="1 per hour", price_text_extra=(text("1 pro Stunde", "de"),)
        )
        await there.desk.ask(price)
        assert screen.lines == []
        greet(there, language1="de")
        await begin(there)
        assert screen.lines == ["1 per hour"]  # 1.6 does not tell languages
        there.station.model.put("DisplayMessageCtrlr/Language", "de")
        assert screen.lines == ["1 pro Stunde"]


async def test_a_driver_s_price_changes_during_the_charge(screen: VirtualDisplay) -> None:
    async with shown(screen, "1.6") as there:
        await begin(there)
        await there.desk.ask(SetUserPrice(id_token=TAG, price_text="2 per hour"))
        await there.desk.ask(SetUserPrice(id_token=Token("OTHER"), price_text="none of yours"))
        assert screen.lines == ["2 per hour"]


async def test_a_price_is_waited_for(screen: VirtualDisplay) -> None:
    """WaitForSetUserPriceTimeout."""
    async with shown(screen, "1.6", WaitForSetUserPriceTimeout=30000) as there:
        tasks: list[asyncio.Task[Any]] = []

        async def late(there: Place) -> None:
            await there.desk.ask(SetUserPrice(id_token=TAG, price_text="1 per hour"))

        def answer(_request: Any) -> AuthorizeAnswer:
            tasks.append(asyncio.create_task(late(there)))
            return AuthorizeAnswer(id_token_info=TokenInfo(status="Accepted"))

        there.desk.answers[Authorize] = answer
        await begin(there)
        assert screen.lines == ["1 per hour"]


async def test_a_price_is_not_waited_for_long(screen: VirtualDisplay) -> None:
    async with shown(screen, "1.6", WaitForSetUserPriceTimeout=1) as there:
        await begin(there)
        assert there.evse().transaction is not None


async def test_running_and_final_costs_of_1_6(screen: VirtualDisplay) -> None:
    async with shown(screen, "1.6", values={IDLE_FEE: "true"}) as there:
        name = await begin(there)
        await there.desk.ask(CostUpdated(total_cost=1.234, transaction_id=name, running={}))
        assert screen.lines == ["1.23 EUR"]
        there.station.model.put("TariffCostCtrlr/NumberOfDecimalsForCostValues", "3")
        await stop(there)
        final = FinalCost(
            transaction_id=name,
            cost=3.31,
            price_text="GBP 2.81 @ 0.12/kWh",
            price_text_extra=(text("2.81 GBP", "de"),),
            qr_code_text="https://pay.example",
        )
        await there.desk.ask(final)
        assert screen.lines == ["GBP 2.81 @ 0.12/kWh", "https://pay.example"]
        assert screen.texts[-1].format == "QRCODE"
        assert not there.desk.all(ConnectorUnplugged)
        there.hardware().plug_out()
        assert (await there.desk.hears(ConnectorUnplugged)).transaction_id == name
        assert screen.lines == []


async def test_a_final_cost_without_a_text(screen: VirtualDisplay) -> None:
    async with shown(screen, "1.6") as there:
        name = await begin(there)
        await stop(there)
        await there.desk.ask(FinalCost(transaction_id=name, cost=3.3))
        assert screen.lines == ["3.30 EUR"]
        there.hardware().plug_out()
        await there.until(lambda: not screen.lines)
        assert not there.desk.all(ConnectorUnplugged)


@pytest.mark.parametrize(
    ("message", "data"),
    [
        ("SetUserPrice", {"idToken": "TAG", "priceText": "1"}),
        ("RunningCost", {"transactionId": 1, "cost": 1}),
        ("FinalCost", {"transactionId": 1, "cost": 1}),
    ],
)
async def test_where_it_is_off_its_vendor_is_unknown(
    message: str, data: dict[str, Any], screen: VirtualDisplay
) -> None:
    async with shown(screen, "1.6", values={CUSTOM: "false"}) as there:
        call = {
            "vendorId": "org.openchargealliance.costmsg",
            "messageId": message,
            "data": msgspec.json.encode(data).decode(),
        }
        answer = await there.desk.call("DataTransfer", call)
        assert answer["status"] == "UnknownVendorId"


CUSTOM_2X = "CustomizationCtrlr/CustomImplementationEnabled[org.openchargealliance.{}]"


@pytest.mark.parametrize("is_on", ["true", "false"])
async def test_what_2_0_1_carries_beside_costs(is_on: str, screen: VirtualDisplay) -> None:
    names = (CUSTOM_2X.format("costmsg"), CUSTOM_2X.format("multilanguage"))
    values = dict.fromkeys(names, is_on) | {"DisplayMessageCtrlr/Language": "de"}
    async with shown(screen, hardware=still()) as there:
        for name, value in values.items():
            there.station.model.put(name, value)
        extra = {"format": "UTF8", "language": "de", "content": "Teurer"}
        custom = {
            "vendorId": "org.openchargealliance.costmsg",
            "qrCodeText": "https://pay.example",
            "updatedPersonalMessageExtra": [extra],
        }
        answer_with(
            there,
            TransactionUpdated,
            updated_personal_message=text("Dearer", "en"),
            custom_data=custom,
        )
        name = await begin(there)
        shown_now = ["Teurer", "https://pay.example"] if is_on == "true" else ["Dearer"]
        await there.until(lambda: screen.lines == shown_now)
        vendor = {"vendorId": "org.openchargealliance.costmsg"}
        await there.desk.ask(
            CostUpdated(total_cost=10, transaction_id=name, custom_data=RUNNING | vendor)
        )
        assert (cost_of(there) == Decimal(10)) == (is_on == "true")


# Costs that are estimated between those that are told


def still() -> list[VirtualEvse]:
    """An EVSE whose time stands still but for what a test lets pass."""
    return [VirtualEvse(clock=lambda: 0.0)]


RUNNING = {
    "timestamp": "2026-03-01T00:00:00Z",
    "meterValue": 0,
    "state": "Charging",
    "chargingPrice": {"kWhPrice": 0.5, "hourPrice": 6.0, "flatFee": 1.0},
    "idlePrice": {"graceMinutes": 5, "hourPrice": 60.0},
}


async def test_costs_are_estimated_meanwhile(screen: VirtualDisplay) -> None:
    async with shown(screen, "1.6", hardware=still()) as there:
        name = await begin(there)
        await there.desk.ask(CostUpdated(total_cost=10, transaction_id=name, running=RUNNING))
        assert screen.lines == ["10.00 EUR"]
        there.hardware().energy_wh += 2000
        there.station.clock_offset += timedelta(minutes=10)
        account = accounts.look(there.station, there.evse())
        assert account is not None
        assert round(accounts.cost(account), 2) == Decimal(12)  # 2 kWh and ten minutes more
        await there.desk.ask(CostUpdated(total_cost=11.5, transaction_id=name, running=RUNNING))
        assert screen.lines == ["11.50 EUR"]
        assert cost_at(there) == Decimal("11.5")


async def test_prices_change_at_a_time(screen: VirtualDisplay) -> None:
    async with shown(screen, "1.6", hardware=still()) as there:
        name = await begin(there)
        at = there.station.now() + timedelta(seconds=0.05)
        upcoming = {"atTime": at.isoformat(), "chargingPrice": {"kWhPrice": 2.0}}
        running = RUNNING | {"nextPeriod": upcoming}
        await there.desk.ask(CostUpdated(total_cost=10, transaction_id=name, running=running))
        await there.until(lambda: not there.station.has_alarm("prices 1"))
        there.hardware().energy_wh += 2000
        account = accounts.look(there.station, there.evse())
        assert account is not None
        assert round(accounts.cost(account), 1) == Decimal(14)


async def test_prices_that_are_no_prices_change_nothing(screen: VirtualDisplay) -> None:
    async with shown(screen, "1.6") as there:
        name = await begin(there)
        wrong = {"chargingPrice": {"kWhPrice": "dear"}}
        await there.desk.ask(CostUpdated(total_cost=1, transaction_id=name, running=wrong))
        assert screen.lines == ["1.00 EUR"]


# Readings that the central system wants for its costs


def readings(there: Place) -> int:
    return len(there.desk.all(MeterValues)) + len(there.desk.all(TransactionUpdated))


async def follow(there: Place, **triggers: Any) -> str:
    name = await begin(there)
    running = {"triggerMeterValue": triggers}
    await there.desk.ask(CostUpdated(total_cost=1, transaction_id=name, running=running))
    there.desk.forget()
    return name


async def test_a_reading_at_a_time(screen: VirtualDisplay) -> None:
    async with shown(screen, "1.6") as there:
        at = there.station.now() + timedelta(seconds=0.1)
        await follow(there, atTime=at.isoformat())
        assert readings(there) == 0
        await there.until(lambda: readings(there) == 1)


async def test_a_reading_at_an_energy(
    screen: VirtualDisplay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chargeplane.station.progress.USUAL_S", 0.05)
    monkeypatch.setattr("chargeplane.station.progress.SOONEST_S", 0.05)
    async with shown(screen, "1.6") as there:
        await follow(there, atEnergykWh=1)
        await there.until(lambda: readings(there) == 1)
        assert there.hardware().energy_wh >= 1000


async def test_a_reading_at_a_status(screen: VirtualDisplay) -> None:
    async with shown(screen, "1.6") as there:
        await follow(there, atCPStatus=["SuspendedEV", "Finishing"])
        there.hardware().pause()
        await there.until(lambda: readings(there) == 1)
        there.hardware().pause(paused=False)
        there.hardware().pause()
        await there.until(lambda: there.evse().flow() == "ev")
        assert readings(there) == 1  # once at each
        await stop(there)
        await there.until(lambda: readings(there) == 2)


async def test_a_reading_when_power_crosses_a_bound(
    screen: VirtualDisplay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chargeplane.station.california.POWER_LOOK_S", 0.01)
    async with shown(screen, "1.6") as there:
        await follow(there, atPowerkW=1)
        there.hardware().pause()
        await there.until(lambda: readings(there) == 1)
        there.hardware().pause(paused=False)
        await there.until(lambda: readings(there) == 2)


# The usual price of 1.6

PRICE = {
    "priceText": "0.15 $/kWh",
    "priceTextOffline": "The station is offline",
    "chargingPrice": {"kWhPrice": 0.15, "hourPrice": 0.0, "flatFee": 1.0},
}


def encoded(value: Any) -> str:
    return msgspec.json.encode(value).decode()


async def test_the_usual_price(screen: VirtualDisplay) -> None:
    async with shown(screen, "1.6", hardware=still(), DefaultPrice=encoded(PRICE)) as there:
        await there.until(lambda: screen.lines == ["0.15 $/kWh"])
        await there.without_central()
        await there.until(lambda: screen.lines == ["The station is offline"])
        there.hardware().plug_in()
        there.station.model.put("AuthCtrlr/OfflineTxForUnknownIdEnabled", "true")
        await authorization.swipe(there.station, TAG)
        # The flat fee is due at once.
        assert cost_of(there) == Decimal(1)


def cost_of(there: Place) -> Decimal | None:
    account = accounts.of(there.station, there.evse())
    return None if account is None else accounts.cost(account)


async def test_the_usual_price_in_other_languages(screen: VirtualDisplay) -> None:
    async with shown(screen, "1.6", DefaultPrice=encoded(PRICE)) as there:
        others = {"priceTexts": [{"priceText": "0,15 $/kWh", "language": "de"}]}
        key = {"key": "DefaultPriceText", "value": encoded(others)}
        answer = await there.desk.call("ChangeConfiguration", key)
        assert answer == {"status": "Accepted"}
        there.station.model.put("DisplayMessageCtrlr/Language", "de")
        await there.until(lambda: screen.lines == ["0,15 $/kWh"])
        own = {"priceText": "Fünfzehn Cent"}
        key = {"key": "DefaultPriceText,de", "value": encoded(own)}
        assert await there.desk.call("ChangeConfiguration", key) == {"status": "Accepted"}


@pytest.mark.parametrize("value", ["no price", '{"priceTextOffline": "x"}'])
async def test_what_is_no_price_is_rejected(value: str, screen: VirtualDisplay) -> None:
    async with shown(screen, "1.6") as there:
        answer = await there.desk.call(
            "ChangeConfiguration", {"key": "DefaultPrice", "value": value}
        )
        assert answer == {"status": "Rejected"}


@pytest.mark.parametrize("version", VERSIONS)
async def test_costs_are_told_without_a_display(version: str) -> None:
    async with place(version, values={CUSTOM: "true"}) as there:
        seen: list[Cost] = []
        there.station.signals.cost.listen(seen.append)
        name = await begin(there)
        running: dict[str, Any] | None = {} if version == "1.6" else None
        await there.desk.ask(CostUpdated(total_cost=1, transaction_id=name, running=running))
        assert [each.amount for each in seen] == [Decimal(1)]
        assert seen[0].texts == (text("1.00 EUR"),)
