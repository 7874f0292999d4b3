"""A charge that is paid for, by the routes of OCPP.Core, over all that runs."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from chargeplane.evse.virtual import Car
from chargeplane.payments.stand_in import Fault
from tests.e2e.harness import until
from tests.web.pay.town import town

CREATE = {"chargePointId": "CP1", "connectorId": 1, "chargeTagId": "WEB"}


async def pay(checkout_url: str) -> str:
    """Pay at the stand-in; the checkout that the driver comes back with."""
    async with httpx.AsyncClient() as browser:
        sent = {"action": "pay", "email": "ann@example.com"}
        back = await browser.post(checkout_url, data=sent)
    return str(httpx.URL(back.headers["location"]).params["session_id"])


async def is_charged(client: httpx.AsyncClient, number: str) -> bool:
    said = (await client.get(f"/API/Payments/Status?reservationId={number}")).json()
    return (said["liveSessionEnergyKwh"] or 0) > 0.1


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
async def test_a_driver_pays_charges_and_is_charged(tmp_path: Path, version: str) -> None:
    async with town(tmp_path, version) as found, found.client() as client:
        made = (await client.post("/API/Payments/Create", json=CREATE)).json()
        assert (made["status"], made["maxAmountCents"]) == ("Redirect", 3970)
        number = made["reservationId"]
        checkout = await pay(made["checkoutUrl"])
        await found.reaches("Authorized")  # by the webhook
        found.hardware.plug_in(Car())
        one = {"reservationId": number, "checkoutSessionId": checkout}
        confirmed = (await client.post("/API/Payments/Confirm", json=one)).json()
        assert confirmed["reservationStatus"] in {"Authorized", "StartRequested", "Charging"}
        await found.reaches("Charging")
        await until(lambda: is_charged(client, number))
        stopped = (await client.post("/API/Payments/Stop", json=one)).json()
        assert stopped["status"] == "Accepted"
        await found.reaches("WaitingForDisconnect")
        found.hardware.plug_out()
        done = await found.reaches("Completed")
    (intent,) = found.stand_in.books.intents.values()
    assert (intent.status, intent.received) == ("succeeded", done.captured_minor)
    assert 50 < intent.received < 3970


async def test_whatever_goes_wrong_on_the_way_is_paid_once(tmp_path: Path) -> None:
    async with town(tmp_path) as found, found.client() as client:
        faults = found.stand_in.faults
        faults.repeats, faults.hold_events = 1, True
        faults.plan(Fault(request="POST /v1/checkout/sessions", moment="after", status=500))
        faults.plan(Fault(request="POST */capture", moment="after", status=503, times=2))
        found.hardware.plug_in(Car())
        made = (await client.post("/API/Payments/Create", json=CREATE)).json()
        await pay(made["checkoutUrl"])
        found.stand_in.deliveries.let_go()  # the last one first, and each twice
        await found.reaches("Charging")
        await until(lambda: is_charged(client, made["reservationId"]))
        await client.post("/API/Payments/Stop", json={"reservationId": made["reservationId"]})
        await found.reaches("WaitingForDisconnect")
        found.hardware.plug_out()
        done = await found.reaches("Completed")
    assert len(found.stand_in.books.sessions) == 1
    kinds = [each.kind for each in found.stand_in.books.events.values()]
    assert kinds.count("payment_intent.succeeded") == 1
    (intent,) = found.stand_in.books.intents.values()
    assert intent.received == done.captured_minor
    assert found.stand_in.requests.count(f"POST /v1/payment_intents/{intent.id}/capture") == 3


async def test_a_connector_is_kept_for_one_driver(tmp_path: Path) -> None:
    async with town(tmp_path) as found, found.client() as client:
        made = (await client.post("/API/Payments/Create", json=CREATE)).json()
        busy = await client.post("/API/Payments/Create", json=CREATE)
        assert (busy.status_code, busy.json()) == (
            409,
            {"status": "ConnectorBusy", "reason": "ActiveReservation"},
        )
        one = {"reservationId": made["reservationId"]}
        gone = (await client.post("/API/Payments/Cancel", json=one)).json()
        assert gone == {"status": "Cancelled", "cancellationApplied": True}
        again = await client.post("/API/Payments/Create", json=CREATE)
        assert again.json()["status"] == "Redirect"


async def test_a_forged_notice_does_nothing(tmp_path: Path) -> None:
    async with town(tmp_path) as found, found.client("") as client:
        found.stand_in.faults.hold_events = True
        async with found.client() as known:
            made = (await known.post("/API/Payments/Create", json=CREATE)).json()
        about = {
            "id": made["reservationId"],
            "object": "checkout.session",
            "payment_status": "paid",
        }
        event = {"id": "evt_1", "object": "event", "type": "checkout.session.completed"}
        forged = {**event, "created": 1, "data": {"object": about}}
        for headers in ({}, {"Stripe-Signature": "t=1,v1=00"}):
            answer = await client.post("/API/Payments/Webhook", json=forged, headers=headers)
            assert answer.status_code == 400
        assert (await found.newest()).state == "Pending"
