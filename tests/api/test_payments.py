"""Payments, prices and QR codes by the native API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from chargeplane.api.native import face as native
from chargeplane.config import Api
from tests.api.faces import KEY, client_of, face, make_key
from tests.payments.conftest import Desk, clock, desk

__all__ = ["clock", "desk"]

NEW = {"station_id": "CP1", "evse_id": 1, "charge_tag": "WEB"}


Clients = AsyncIterator[httpx.AsyncClient]


def client_for(desk: Desk, key: str = KEY) -> httpx.AsyncClient:
    app = native.create(desk.central, Api(key=KEY), desk.payments, "https://charge.example")
    return client_of(app, key)


@pytest.fixture
async def client(desk: Desk) -> Clients:
    await desk.station()
    async with client_for(desk) as made:
        yield made


async def opened(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.post("/v1/payments", json=NEW)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def completed(desk: Desk) -> str:
    """A payment of 10 kWh that is captured."""
    record = await desk.charging()
    await desk.charge(10)
    await desk.end()
    await desk.plug_out()
    assert (await desk.look(record)).state == "Completed"
    return record.id


async def test_a_payment_is_opened_once(client: httpx.AsyncClient) -> None:
    made = await opened(client)
    assert made["status"] == "Redirect"
    assert (made["currency"], made["hold_minor"]) == ("eur", 3920)
    busy = await client.post("/v1/payments", json=NEW)
    assert (busy.status_code, busy.json()["title"]) == (409, "ConnectorBusy")
    offline = await client.post("/v1/payments", json={**NEW, "station_id": "CP9"})
    assert (offline.status_code, offline.json()["title"]) == (409, "ChargerOffline")
    elsewhere = {**NEW, "return_base_url": "https://evil.example"}
    assert (await client.post("/v1/payments", json=elsewhere)).status_code == 422


async def test_details_have_every_step_and_no_token(client: httpx.AsyncClient) -> None:
    number = (await opened(client))["payment_id"]
    said = (await client.get(f"/v1/payments/{number}")).json()
    assert said["payment"]["state"] == "Pending"
    assert [each["to_state"] for each in said["steps"]] == ["Pending"]
    assert said["refunds"] == []
    assert {"id_token", "checkout_order"}.isdisjoint(said["payment"])
    assert (await client.get("/v1/payments/none")).status_code == 404


async def test_the_list_can_be_narrowed(client: httpx.AsyncClient) -> None:
    number = (await opened(client))["payment_id"]
    for query, count in (
        ("", 1),
        ("?state=Pending&station=CP1&evse=1", 1),
        ("?state=Completed", 0),
        ("?needs_review=true", 0),
        (f"?search={number[:8]}", 1),
    ):
        items = (await client.get(f"/v1/payments{query}")).json()["items"]
        assert len(items) == count, query
        assert all("id_token" not in each for each in items)
    assert (await client.get("/v1/payments?cursor=x")).status_code == 422


async def test_confirming_and_cancelling(client: httpx.AsyncClient, desk: Desk) -> None:
    made = await opened(client)
    path = f"/v1/payments/{made['payment_id']}"
    other = await client.post(f"{path}/confirm", json={"checkout_id": "other"})
    assert (other.status_code, other.json()["title"]) == (409, "SessionMismatch")
    again = (await client.post(f"{path}/resume")).json()
    assert (again["status"], again["checkout_url"]) == ("Redirect", made["checkout_url"])
    record = (await client.get(path)).json()["payment"]
    desk.bank.pay(record["checkout_id"])
    said = await client.post(f"{path}/confirm", json={"checkout_id": record["checkout_id"]})
    assert said.json()["state"] == "Authorized"
    gone = await client.post(f"{path}/cancel", json={"reason": "Complaint"})
    assert gone.json()["state"] == "Cancelled"
    assert desk.bank.held_minor == 0
    steps = (await client.get(path)).json()["steps"]
    assert steps[-1]["to_state"] == "Cancelled"
    stopped = (await client.post(f"{path}/stop")).json()
    assert stopped["state"] == "Cancelled"


async def test_money_goes_back(client: httpx.AsyncClient, desk: Desk) -> None:
    number = await completed(desk)
    path = f"/v1/payments/{number}/refunds"
    first = await client.post(path, json={"amount_minor": 100, "reason": "duplicate"})
    assert (first.status_code, first.json()["amount_minor"]) == (201, 100)
    rest = await client.post(path, json={})
    assert rest.json()["amount_minor"] == 390
    more = await client.post(path, json={"amount_minor": 1})
    assert (more.status_code, more.json()["title"]) == (409, "NotRefunded")
    refunds = (await client.get(f"/v1/payments/{number}")).json()["refunds"]
    assert [each["asked_by"] for each in refunds] == ["settings", "settings"]


async def test_totals_are_told_by_day(client: httpx.AsyncClient, desk: Desk) -> None:
    await completed(desk)
    now = desk.clock.now
    span = {
        "since": (now - timedelta(days=1)).isoformat(),
        "until": (now + timedelta(days=1)).isoformat(),
    }
    (total,) = (await client.get("/v1/payment-totals", params=span)).json()
    assert (total["station_id"], total["payments"], total["captured_minor"]) == ("CP1", 1, 490)
    text = (await client.get("/v1/payment-totals.csv", params=span)).text
    header, row = text.splitlines()
    assert dict(zip(header.split(","), row.split(","), strict=True))["captured_minor"] == "490"
    back = {"since": span["until"], "until": span["since"]}
    assert (await client.get("/v1/payment-totals", params=back)).status_code == 422


async def test_prices_are_kept_for_evses(client: httpx.AsyncClient) -> None:
    sent = {"per_kwh": "0.39", "session_fee": "1", "max_energy_kwh": "50"}
    assert (await client.put("/v1/stations/CP1/prices/1", json=sent)).status_code == 204
    (told,) = (await client.get("/v1/stations/CP1/prices")).json()
    assert (told["evse_id"], told["currency"]) == (1, "eur")
    assert (told["prices"]["per_kwh"], told["prices"]["max_energy_kwh"]) == ("0.39", "50")
    assert (await opened(client))["hold_minor"] == 2050
    assert (await client.delete("/v1/stations/CP1/prices/1")).status_code == 204
    assert (await client.delete("/v1/stations/CP1/prices/1")).status_code == 404
    assert (await client.put("/v1/stations/CP9/prices/1", json=sent)).status_code == 404


@pytest.mark.parametrize(
    "wrong", [{"per_kwh": "-1"}, {"per_kwh": 0.39}, {"per_kwh": "x"}, {"commission_percent": "101"}]
)
async def test_what_is_no_price_is_refused(client: httpx.AsyncClient, wrong: Any) -> None:
    assert (await client.put("/v1/stations/CP1/prices/1", json=wrong)).status_code == 422


async def test_a_token_may_charge_for_nothing(client: httpx.AsyncClient) -> None:
    path = "/v1/payment-privileges/web"
    await client.post("/v1/tokens", json={"id_token": "WEB"})
    assert (await client.put(f"{path}?station=CP1")).status_code == 204
    (told,) = (await client.get("/v1/payment-privileges")).json()
    assert (told["token_key"], told["station_id"]) == ("web", "CP1")
    assert (await client.post("/v1/payments", json=NEW)).json()["status"] == "Accepted"
    assert (await client.delete(path)).status_code == 404
    assert (await client.delete(f"{path}?station=CP1")).status_code == 204


async def test_codes_are_drawn(client: httpx.AsyncClient) -> None:
    drawn = await client.get("/v1/stations/CP1/payment-code/1.svg")
    assert drawn.headers["content-type"].startswith("image/svg+xml")
    assert "CP1 / 1" in drawn.text
    printed = await client.get("/v1/stations/CP1/payment-code/1.pdf")
    assert printed.content.startswith(b"%PDF-")
    assert (await client.get("/v1/stations/CP9/payment-code/1.svg")).status_code == 404


async def test_keys_see_and_do_what_they_may(client: httpx.AsyncClient, desk: Desk) -> None:
    number = (await opened(client))["payment_id"]
    other = await make_key(desk.central, "other", "admin", ("CP2",))
    reader = await make_key(desk.central, "reader", "read")
    async with client_for(desk, other) as stranger, client_for(desk, reader) as looker:
        assert (await stranger.get("/v1/payments")).json()["items"] == []
        assert (await stranger.get(f"/v1/payments/{number}")).status_code == 404
        assert (await stranger.post(f"/v1/payments/{number}/cancel", json={})).status_code == 404
        assert (await stranger.post("/v1/payments", json=NEW)).status_code == 403
        assert (await stranger.get("/v1/stations/CP1/prices")).status_code == 403
        assert (await looker.get(f"/v1/payments/{number}")).status_code == 200
        assert (await looker.post(f"/v1/payments/{number}/cancel", json={})).status_code == 403


async def test_without_stripe_payments_are_off(desk: Desk) -> None:
    async with face(desk.central) as client:
        off = await client.post("/v1/payments", json=NEW)
        assert (off.status_code, off.json()["title"]) == (409, "PaymentsDisabled")
        assert (await client.get("/v1/payments")).json()["items"] == []
