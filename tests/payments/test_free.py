from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from chargeplane.domain.transactions import RequestStartAnswer, RequestStartTransaction
from chargeplane.ocpp.errors import OcppError
from chargeplane.payments.outcomes import Created
from chargeplane.payments.pricing import Prices
from chargeplane.storage.paging import Window
from chargeplane.storage.records import TokenRecord
from chargeplane.storage.repositories import stations, tokens
from chargeplane.storage.repositories.payments import PaymentFilter
from chargeplane.storage.repositories.stations import StationSettings
from tests.csms.stored import everywhere
from tests.e2e.harness import token
from tests.payments.conftest import WANTED, Desk

CARD = "DRIVER"


async def know(desk: Desk, **members: Any) -> None:
    """Add the driver's card."""
    card = token(CARD, **members)
    await desk.central.database.write(tokens.save, [card])


async def card(desk: Desk) -> TokenRecord | None:
    return await desk.central.database.read(tokens.get, CARD.lower())


async def reservations(desk: Desk) -> int:
    return len((await desk.payments.page(PaymentFilter(), Window())).items)


@everywhere
async def test_P6_where_nothing_costs_anything_a_charge_starts_at_once(
    desk: Desk, version: str
) -> None:
    await desk.station(version)
    desk.follow(prices=Prices(max_energy_kwh=Decimal(5)))
    created = await desk.payments.create(WANTED)
    assert created == Created(status="Accepted", free_reason="FreePrices")
    (asked,) = desk.here.asked
    assert (asked.id_token.id_token, asked.evse_id) == (CARD, 1)
    assert await desk.begin(CARD) == "Accepted"
    assert (await reservations(desk), desk.bank.calls.total()) == (0, 0)


async def test_P6_a_free_station(desk: Desk) -> None:
    await desk.station()
    free = StationSettings(free_vend=True)
    await desk.central.database.write(stations.change, "CP1", free)
    assert (await desk.payments.create(WANTED)).free_reason == "FreeStation"


@pytest.mark.parametrize(
    ("where", "blocked", "status"),
    [(None, False, "Accepted"), ("CP1", False, "Accepted"), ("CP2", False, "Redirect")],
)
async def test_P6_a_card_with_a_privilege(
    desk: Desk, where: str | None, blocked: Any, status: str
) -> None:
    await desk.station()
    await know(desk, blocked=blocked)
    await desk.payments.add_privilege("Driver", where)
    assert (await desk.payments.create(WANTED)).status == status


async def test_privileges_are_listed_and_taken_away(desk: Desk) -> None:
    await desk.payments.add_privilege("Driver", "CP1")
    await desk.payments.add_privilege("DRIVER", "CP1")
    await desk.payments.add_privilege("DRIVER")
    found = await desk.payments.privileges()
    assert [(each.token_key, each.station_id) for each in found] == [
        ("driver", ""),
        ("driver", "CP1"),
    ]
    assert await desk.payments.remove_privilege("driver")
    assert not await desk.payments.remove_privilege("driver")


@pytest.mark.parametrize("unknown", [True, False])
async def test_a_privilege_is_nothing_without_a_good_card(desk: Desk, unknown: Any) -> None:
    await desk.station()
    if not unknown:
        await know(desk, blocked=True)
    await desk.payments.add_privilege(CARD)
    assert (await desk.payments.create(WANTED)).status == "Redirect"


async def test_a_blocked_card_does_not_charge_for_nothing(desk: Desk) -> None:
    await desk.station()
    await know(desk, blocked=True)
    desk.follow(prices=Prices())
    created = await desk.payments.create(WANTED)
    assert (created.status, desk.here.asked) == ("Rejected", [])


async def test_a_name_that_is_made_up_is_good_there_and_for_a_while(desk: Desk) -> None:
    await desk.station()
    desk.follow(prices=Prices())
    await desk.payments.create(WANTED)
    made = await card(desk)
    assert made is not None
    assert (made.name, made.stations) == (f"Web session {CARD}", ("CP1",))
    assert made.expires_at == desk.clock.now + timedelta(hours=12)
    await know(desk, name="Anna")
    await desk.payments.create(WANTED)
    known = await card(desk)
    assert known is not None
    assert known.name == "Anna"


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (RequestStartAnswer(status="Rejected"), "Rejected"),
        (OcppError("InternalError", "broken"), "Error"),
    ],
)
async def test_a_free_start_that_fails(desk: Desk, answer: Any, status: str) -> None:
    station = await desk.station()
    station.on(RequestStartTransaction, answer)
    desk.follow(prices=Prices())
    assert (await desk.payments.create(WANTED)).status == status


async def test_a_name_that_1_6_cannot_say(desk: Desk) -> None:
    await desk.station()
    desk.follow(prices=Prices())
    created = await desk.payments.create(replace(WANTED, charge_tag="X" * 21))
    assert created.status == "Error"
