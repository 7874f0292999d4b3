from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from chargeplane.payments.outcomes import ReturnUrlRefused, Wanted
from chargeplane.payments.pricing import Prices
from chargeplane.payments.provider import ProviderError, ProviderUnavailable
from chargeplane.payments.reservations import agreed_prices, placed_order
from tests.payments.conftest import PRICES, WANTED, Desk


async def test_P7_a_checkout_is_opened_for_the_hold(desk: Desk) -> None:
    await desk.station()
    created = await desk.payments.create(replace(WANTED, origin="a b", language="de"))
    record = created.reservation
    assert record is not None
    assert (created.status, record.state, record.hold_minor) == ("Redirect", "Pending", 3920)
    assert created.checkout_url == f"https://pay.example/cs_{record.id}"
    order = desk.bank.orders[record.id]
    assert order == placed_order(record)
    assert (order.amount_minor, order.currency, order.language) == (3920, "eur", "de")
    assert order.product == "Charging session (80 kWh)"
    ours = "https://charge.example/Payments"
    assert order.success_url == (
        f"{ours}/Success?reservationId={record.id}&session_id={{CHECKOUT_SESSION_ID}}&origin=a%20b"
    )
    assert order.cancel_url == f"{ours}/Cancel?reservationId={record.id}&origin=a%20b"
    assert (order.expires_at - desk.clock.now).total_seconds() == 31 * 60
    assert order.metadata == {
        "reservation_id": record.id,
        "charge_point_id": "CP1",
        "connector_id": "1",
        "charge_tag_id": "DRIVER",
    }


async def test_pages_of_ours_say_where_drivers_come_back(desk: Desk) -> None:
    await desk.station()
    wanted = replace(WANTED, success_url="https://us/{reservation}/ok", cancel_url="https://us/no")
    record = (await desk.payments.create(wanted)).reservation
    assert record is not None
    order = placed_order(record)
    assert (order.success_url, order.cancel_url) == (f"https://us/{record.id}/ok", "https://us/no")


async def test_who_may_say_where_drivers_come_back(desk: Desk) -> None:
    await desk.station()
    desk.follow(return_urls=frozenset({"https://app.example/"}))
    for url in ("https://evil.example", "https://app.example.evil", "https://app.example/x"):
        with pytest.raises(ReturnUrlRefused):
            await desk.payments.create(replace(WANTED, return_url=url))
    created = await desk.payments.create(replace(WANTED, return_url="https://app.example"))
    assert created.reservation is not None
    assert placed_order(created.reservation).cancel_url.startswith("https://app.example/Payments/")


@pytest.mark.parametrize("station_id", ["CP2", "nobody"])
async def test_P4_a_charger_that_is_not_there(desk: Desk, station_id: str) -> None:
    await desk.station()
    created = await desk.payments.create(replace(WANTED, station_id=station_id))
    assert (created.status, created.reason, created.reservation) == (
        "ChargerOffline",
        "Offline",
        None,
    )


@pytest.mark.parametrize(
    ("status", "charging", "reason"),
    [
        ("Occupied", "Charging", "LiveStatus:Charging"),
        ("Occupied", "SuspendedEV", "LiveStatus:SuspendedEV"),
        ("Occupied", "Idle", "LiveStatus:Finishing"),
        ("Unavailable", None, "LiveStatus:Unavailable"),
        ("Reserved", None, "LiveStatus:Reserved"),
        ("Faulted", None, "LiveStatus:Faulted"),
        ("Available", None, None),
        ("Occupied", "EVConnected", None),
    ],
)
async def test_P5_a_connector_that_is_busy(
    desk: Desk, status: Any, charging: Any, reason: str | None
) -> None:
    await desk.station()
    await desk.says(status, charging)
    created = await desk.payments.create(WANTED)
    assert created.status == ("ConnectorBusy" if reason else "Redirect")
    assert created.reason == reason


async def test_P5_somebody_else_charges(desk: Desk) -> None:
    await desk.station("2.1")
    await desk.begin("STRANGER")
    created = await desk.payments.create(WANTED)
    assert (created.status, created.reason) == ("ConnectorBusy", "OpenTransaction")


async def test_P8_two_drivers_at_once(desk: Desk) -> None:
    await desk.station()
    await desk.order()
    created = await desk.payments.create(WANTED)
    assert (created.status, created.reason) == ("ConnectorBusy", "ActiveReservation")
    assert len(desk.bank.orders) == 1


async def test_another_connector_is_another_matter(desk: Desk) -> None:
    await desk.station()
    await desk.says("Available", evse_id=2)
    await desk.order()
    created = await desk.payments.create(replace(WANTED, evse_id=2))
    assert created.status == "Redirect"


async def test_who_names_no_connector_gets_the_one_with_the_car(desk: Desk) -> None:
    await desk.station()
    await desk.says("Available", evse_id=2)
    await desk.says("Occupied", "EVConnected", evse_id=3)
    chosen = [await _anywhere(desk) for _ in range(3)]
    assert chosen == [3, 1, 2]
    assert (await desk.payments.create(replace(WANTED, evse_id=0))).status == "ConnectorBusy"


async def _anywhere(desk: Desk) -> int:
    created = await desk.payments.create(replace(WANTED, evse_id=0))
    assert created.reservation is not None
    return created.reservation.evse_id


@pytest.mark.parametrize("prices", [Prices(per_kwh=Decimal(1)), Prices(per_minute=Decimal(1))])
async def test_P9_prices_that_bound_nothing(desk: Desk, prices: Prices) -> None:
    await desk.station()
    desk.follow(prices=prices)
    created = await desk.payments.create(WANTED)
    assert (created.status, created.reservation) == ("Error", None)


@pytest.mark.parametrize("error", [ProviderError("no"), ProviderUnavailable("gone")])
async def test_P9_a_provider_that_fails_keeps_no_connector(desk: Desk, error: Exception) -> None:
    await desk.station()

    def trouble(name: str, when: str) -> None:
        if (name, when) == ("open_checkout", "before") and desk.bank.calls[name] == 1:
            raise error

    desk.bank.trouble = trouble
    created = await desk.payments.create(WANTED)
    assert created.status == "Error"
    assert created.reservation is not None
    assert (created.reservation.state, created.reservation.failure_code) == (
        "Failed",
        "CheckoutFailed",
    )
    assert created.reservation.settled_at is not None
    assert desk.bank.open_checkouts == 0
    await desk.order()


async def test_prices_are_those_of_the_connector_else_the_station_else_the_rules(
    desk: Desk,
) -> None:
    await desk.station()
    cheap, dear = Prices(session_fee=Decimal(1)), Prices(session_fee=Decimal(9))
    assert await desk.payments.prices_at("CP1", 1) == PRICES
    assert await desk.payments.set_prices("CP1", 0, cheap)
    assert await desk.payments.set_prices("CP1", 2, dear)
    assert not await desk.payments.set_prices("CP9", 0, dear)
    assert await desk.payments.prices_at("CP1", 1) == cheap
    assert await desk.payments.prices_at("CP1", 2) == dear
    assert await desk.payments.price_list("CP1") == {0: cheap, 2: dear}
    record = await desk.order()
    assert record.hold_minor == 100
    assert await desk.payments.remove_prices("CP1", 0)
    assert not await desk.payments.remove_prices("CP1", 0)
    assert agreed_prices(await desk.now(record)) == cheap


def test_what_is_wanted_is_json() -> None:
    assert msgspec.json.decode(msgspec.json.encode(WANTED), type=Wanted) == WANTED
