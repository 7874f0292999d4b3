from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from chargeplane.csms import providers, tariff_cost
from chargeplane.csms.central import Central
from chargeplane.csms.providers import Providers
from chargeplane.domain.messages import Empty
from chargeplane.domain.tariff_cost import CostUpdated, FinalCost
from chargeplane.domain.tokens import SetUserPrice, Token
from chargeplane.errors import Untranslatable
from chargeplane.ocpp.v2 import wire
from tests.csms.conftest import ConnectStation
from tests.csms.stored import ID, everywhere, happened, in_2x, noted

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
COMPANY = wire.Address(name="ACME", address1="Main St 1", city="Utrecht", country="NL")
VAT = wire.VatNumberValidation(vat_number="NL123", evse_id=2)
SETTLED = wire.NotifySettlement(
    psp_ref="psp-1", status="Settled", settlement_amount=12.5, settlement_time=AT
)


async def ask(central: Central, name: str, request: Any) -> Any:
    _, operation = tariff_cost.OPERATIONS[name]
    return await operation(central, ID, request)


@everywhere
async def test_the_running_cost_is_told(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(CostUpdated, Empty())
    await ask(central, "cost_updated", CostUpdated(total_cost=3.25, transaction_id="7"))
    (asked,) = station.asked
    assert (asked.total_cost, asked.transaction_id) == (3.25, "7")


@pytest.mark.parametrize(
    ("name", "request_"),
    [
        ("set_user_price", SetUserPrice(id_token=Token("TAG1"), price_text="0.25/kWh")),
        ("final_cost", FinalCost(transaction_id="7", cost=3.25)),
    ],
    ids=["price", "final cost"],
)
async def test_1_6_shows_prices_and_costs(
    central: Central, connect_station: ConnectStation, name: str, request_: Any
) -> None:
    station = await connect_station("1.6")
    station.on(type(request_), Empty())
    await ask(central, name, request_)
    assert station.asked == [request_]
    await connect_station("2.0.1")
    with pytest.raises(Untranslatable):
        await ask(central, name, request_)


TARIFF = wire.Tariff(tariff_id="T1", currency="EUR")
TARIFFS = {
    "set_default_tariff": (
        wire.SetDefaultTariff(evse_id=0, tariff=TARIFF),
        wire.SetDefaultTariffResponse(status="Accepted"),
    ),
    "get_tariffs": (wire.GetTariffs(evse_id=0), wire.GetTariffsResponse(status="NoTariff")),
    "clear_tariffs": (
        wire.ClearTariffs(tariff_ids=["T1"]),
        wire.ClearTariffsResponse(
            clear_tariffs_result=[wire.ClearTariffsResult(tariff_id="T1", status="Accepted")]
        ),
    ),
    "change_transaction_tariff": (
        wire.ChangeTransactionTariff(tariff=TARIFF, transaction_id="TX1"),
        wire.ChangeTransactionTariffResponse(status="TxNotFound"),
    ),
    "notify_web_payment_started": (
        wire.NotifyWebPaymentStarted(evse_id=1, timeout=60),
        wire.NotifyWebPaymentStartedResponse(),
    ),
}


@pytest.mark.parametrize("name", TARIFFS)
async def test_tariffs_and_web_payments_are_2_1(
    central: Central, connect_station: ConnectStation, name: str
) -> None:
    request, answer = TARIFFS[name]
    station = await connect_station("2.1")
    station.on(type(request), answer)
    assert await ask(central, name, request) == answer
    assert station.asked == [request]


async def test_a_settlement_is_kept(central: Central, connect_station: ConnectStation) -> None:
    station = await connect_station("2.1")
    assert await station.say(SETTLED) == wire.NotifySettlementResponse()
    (kept,) = await noted(central, "NotifySettlement")
    assert kept.payload["pspRef"] == "psp-1"
    assert len(await happened(central, "payment.settlement")) == 1


class Counter:
    """Writes receipts and knows one company; breaks on what is broken."""

    async def receipt(
        self, _station_id: str, settlement: wire.NotifySettlement
    ) -> wire.NotifySettlementResponse:
        if settlement.psp_ref == "broken":
            raise OSError("no printer")
        return wire.NotifySettlementResponse(receipt_url=f"https://r/{settlement.psp_ref}")

    async def company(self, vat_number: str) -> wire.Address | None:
        if vat_number == "broken":
            raise OSError("no register")
        return COMPANY if vat_number == "NL123" else None


@pytest.fixture
def counter(monkeypatch: pytest.MonkeyPatch) -> None:
    plugged = Providers(receipts=Counter(), vat=Counter())
    monkeypatch.setattr(providers, "of", lambda _central: plugged)


@pytest.mark.usefixtures("counter")
async def test_a_receipt_is_handed_out(connect_station: ConnectStation) -> None:
    station = await connect_station("2.1")
    assert (await station.say(SETTLED)).receipt_url == "https://r/psp-1"
    broken = wire.NotifySettlement(
        psp_ref="broken", status="Settled", settlement_amount=1.0, settlement_time=AT
    )
    assert (await station.say(broken)).receipt_url is None


@pytest.mark.usefixtures("counter")
@pytest.mark.parametrize(
    ("number", "status", "company", "reason"),
    [
        ("NL123", "Accepted", COMPANY, None),
        ("NL999", "Rejected", None, None),
        ("broken", "Rejected", None, "InternalError"),
    ],
)
async def test_a_vat_number_is_checked(
    connect_station: ConnectStation, number: str, status: str, company: Any, reason: str | None
) -> None:
    station = await connect_station("2.1")
    answer = await station.say(wire.VatNumberValidation(vat_number=number, evse_id=2))
    assert (answer.status, answer.vat_number, answer.evse_id) == (status, number, 2)
    assert answer.company == company
    assert (answer.status_info and answer.status_info.reason_code) == reason


async def test_nobody_knows_vat_numbers(central: Central, connect_station: ConnectStation) -> None:
    station = await connect_station("2.1")
    answer = await station.say(VAT)
    assert (answer.status, answer.status_info.reason_code) == ("Rejected", "NotEnabled")
    (told,) = await happened(central, "payment.vat_number")
    assert told.evse_id == 2


@in_2x
async def test_a_tariff_is_said_where_it_can_be(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(wire.GetTariffs, wire.GetTariffsResponse(status="NoTariff"))
    if version == "2.1":
        assert (await ask(central, "get_tariffs", wire.GetTariffs(evse_id=0))).status == "NoTariff"
        return
    with pytest.raises(Untranslatable):
        await ask(central, "get_tariffs", wire.GetTariffs(evse_id=0))
