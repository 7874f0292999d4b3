"""The payment routes, by the case table of docs/ocpp-core.md (P1 to P20)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, cast

import httpx
import pytest
from fastapi import FastAPI

from chargeplane.api.ocpp_core import route
from chargeplane.csms.central import Central
from chargeplane.errors import StorageError
from chargeplane.payments.outcomes import (
    Cancelled,
    Confirmed,
    Created,
    Resumed,
    ReturnUrlRefused,
    Stopped,
    Wanted,
)
from chargeplane.payments.pricing import Bill
from chargeplane.payments.provider import NoticeRefused, ProviderUnavailable
from chargeplane.payments.service import Payments
from tests.api.payment_samples import ID, NOW, ScriptedPayments, progress, reservation
from tests.api.test_ocpp_core import check
from tests.csms.conftest import ConnectStation

CREATE = {"chargePointId": "CP1", "connectorId": 1, "chargeTagId": "WEB"}
CONFIRM = {"reservationId": ID, "checkoutSessionId": "cs_test_1"}
ONE = {"reservationId": ID}
BODIES: dict[str, Any] = {
    "Create": CREATE,
    "Confirm": CONFIRM,
    "Cancel": ONE,
    "Resume": ONE,
    "Stop": ONE,
}


@pytest.fixture
def payments() -> ScriptedPayments:
    return ScriptedPayments()


@pytest.fixture
async def client(central: Central, payments: ScriptedPayments) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.router.routes.append(route(central, check, None, cast("Payments", payments)))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test/API/Payments/", headers={"X-API-Key": "secret"}
    ) as made:
        yield made


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "Create", 405),
        ("GET", "confirm", 405),
        ("GET", "CANCEL", 405),
        ("GET", "Resume", 405),
        ("GET", "Stop", 405),
        ("POST", "Status", 405),
        ("GET", "Webhook", 405),
        ("POST", "Foo", 404),
        ("GET", "Foo", 404),
        ("POST", "", 404),
    ],
)
async def test_methods_and_actions(
    client: httpx.AsyncClient, method: str, path: str, code: int
) -> None:
    answer = await client.request(method, path, json=CREATE)
    assert (answer.status_code, answer.content) == (code, b"")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"\xff", b"null", b"[" * 100_000])
@pytest.mark.parametrize("action", BODIES)
async def test_bad_json(client: httpx.AsyncClient, action: str, body: bytes) -> None:
    answer = await client.post(action, content=body)
    assert (answer.status_code, answer.content) == (400, b"")


@pytest.mark.parametrize(
    ("action", "changes"),
    [
        ("Create", {"chargePointId": " "}),
        ("Create", {"chargePointId": None}),
        ("Create", {"chargeTagId": ""}),
        ("Create", {"chargeTagId": 5}),
        ("Create", {"connectorId": -1}),
        ("Create", {"connectorId": "one"}),
        ("Create", {"connectorId": 1.5}),
        ("Create", {"connectorId": True}),
        ("Confirm", {"reservationId": "00000000-0000-0000-0000-000000000000"}),
        ("Confirm", {"reservationId": "x"}),
        ("Confirm", {"checkoutSessionId": " "}),
        ("Cancel", {"reservationId": None}),
        ("Resume", {"reservationId": 5}),
        ("Stop", {"reservationId": ""}),
    ],
)
async def test_what_is_missing(
    client: httpx.AsyncClient, payments: ScriptedPayments, action: str, changes: dict[str, Any]
) -> None:
    answer = await client.post(action, json={**BODIES[action], **changes})
    assert (answer.status_code, answer.content) == (400, b"")
    assert not payments.asked


# Create


@pytest.mark.parametrize(
    ("made", "code", "body"),
    [
        (
            Created(status="ChargerOffline", reason="Offline"),
            404,
            {"status": "ChargerOffline", "reason": "Offline"},
        ),
        (
            Created(status="ConnectorBusy", reason="LiveStatus:Charging"),
            409,
            {"status": "ConnectorBusy", "reason": "LiveStatus:Charging"},
        ),
        (
            Created(status="ConnectorBusy", reason="ActiveReservation"),
            409,
            {"status": "ConnectorBusy", "reason": "ActiveReservation"},
        ),
        (Created(status="Accepted", free_reason="FreeVend"), 200, {"status": "Accepted"}),
        (Created(status="Rejected"), 200, {"status": "Rejected"}),
        (Created(status="Timeout"), 200, {"status": "Timeout"}),
        (Created(status="Error"), 500, {"status": "Error"}),
        (ReturnUrlRefused("no"), 400, {"status": "InvalidReturnBaseUrl", "message": "no"}),
        (RuntimeError("a bug"), 500, {"status": "Error"}),
    ],
)
async def test_what_becomes_of_a_wish(
    client: httpx.AsyncClient,
    payments: ScriptedPayments,
    made: Any,
    code: int,
    body: dict[str, str],
) -> None:
    payments.answers["create"] = made
    answer = await client.post("Create", json=CREATE)
    assert (answer.status_code, answer.json()) == (code, body)


@pytest.mark.parametrize("upper", [False, True])
async def test_a_driver_is_sent_to_the_checkout(
    client: httpx.AsyncClient, payments: ScriptedPayments, *, upper: bool
) -> None:
    payments.answers["create"] = Created(
        status="Redirect", reservation=reservation(), checkout_url="https://checkout/1"
    )
    sent = {**CREATE, "origin": "map", "returnBaseUrl": "https://portal.example"}
    if upper:
        sent = {name.upper(): value for name, value in sent.items()}
    answer = await client.post("create", json=sent)
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "Redirect",
        "checkoutUrl": "https://checkout/1",
        "reservationId": ID,
        "currency": "eur",
        "maxAmountCents": 3920,
        "maxEnergyKwh": 80.0,
    }
    assert b'"maxEnergyKwh":80.0' in answer.content
    wanted = Wanted(
        station_id="CP1",
        evse_id=1,
        charge_tag="WEB",
        origin="map",
        return_url="https://portal.example",
    )
    assert payments.asked["create"] == [(wanted,)]


async def test_the_connector_may_be_left_out_and_the_station_in_any_case(
    client: httpx.AsyncClient, payments: ScriptedPayments, connect_station: ConnectStation
) -> None:
    await connect_station("1.6", "CP1")
    payments.answers["create"] = Created(status="Accepted")
    await client.post("Create", json={"chargePointId": "cp1", "chargeTagId": "WEB"})
    wanted = Wanted(station_id="CP1", evse_id=0, charge_tag="WEB")
    assert payments.asked["create"] == [(wanted,)]


async def test_invoices_for_companies_are_not_promised(client: httpx.AsyncClient) -> None:
    answer = await client.post("Create", json={**CREATE, "requestR1Invoice": True})
    assert answer.status_code == 400
    assert (answer.json()["status"], answer.json()["field"]) == (
        "InvalidBuyerData",
        "requestR1Invoice",
    )


# Confirm


@pytest.mark.parametrize(
    ("said", "code", "body"),
    [
        (
            Confirmed(status="NotFound", refused=True, error="none"),
            400,
            {"status": "NotFound", "error": "none"},
        ),
        (
            Confirmed(status="ProviderError", refused=True, error="bad"),
            400,
            {"status": "StripeError", "error": "bad"},
        ),
        (
            Confirmed(status="open", refused=True, error=None),
            400,
            {"status": "open", "error": None},
        ),
        (
            Confirmed(
                status="Accepted",
                reason="Accepted",
                reservation=reservation(state="StartRequested"),
            ),
            200,
            {"status": "Accepted", "reason": "Accepted", "reservationStatus": "StartRequested"},
        ),
        (
            Confirmed(
                status="Authorized",
                reason="AwaitingPlug",
                reservation=reservation(state="Authorized"),
            ),
            200,
            {"status": "Authorized", "reason": "AwaitingPlug", "reservationStatus": "Authorized"},
        ),
    ],
)
async def test_what_becomes_of_a_payment(
    client: httpx.AsyncClient,
    payments: ScriptedPayments,
    said: Confirmed,
    code: int,
    body: dict[str, str],
) -> None:
    payments.answers["confirm"] = said
    answer = await client.post(
        "Confirm", json={"ReservationId": ID.upper(), "CheckoutSessionId": "cs_test_1"}
    )
    assert (answer.status_code, answer.json()) == (code, body)
    assert payments.asked["confirm"] == [(ID, "cs_test_1")]


# Cancel, Resume, Stop


async def test_cancel(client: httpx.AsyncClient, payments: ScriptedPayments) -> None:
    payments.answers["cancel"] = Cancelled(status="Cancelled", applied=True)
    answer = await client.post("Cancel", json={**ONE, "reason": "changed my mind"})
    assert (answer.status_code, answer.json()) == (
        200,
        {"status": "Cancelled", "cancellationApplied": True},
    )
    assert payments.asked["cancel"] == [(ID, "changed my mind")]


@pytest.mark.parametrize(
    ("said", "code", "status"),
    [
        (Resumed(status="NotFound"), 404, "NotFound"),
        (Resumed(status="Redirect", checkout_url="https://x"), 200, "Redirect"),
        (Resumed(status="ProviderError", error="bad"), 200, "StripeError"),
        (Resumed(status="Status"), 200, "Status"),
    ],
)
async def test_resume(
    client: httpx.AsyncClient,
    payments: ScriptedPayments,
    said: Resumed,
    code: int,
    status: str,
) -> None:
    payments.answers["resume"] = said
    answer = await client.post("Resume", json=ONE)
    assert answer.status_code == code
    assert answer.json() == {
        "status": status,
        "reservationId": ID,
        "reservationStatus": None,
        "checkoutUrl": said.checkout_url,
        "error": said.error,
        "locksConnector": False,
    }


@pytest.mark.parametrize(
    ("said", "code", "body"),
    [
        (Stopped(status="NotFound"), 404, {"status": "NotFound"}),
        (
            Stopped(status="Accepted", transaction_id=7, reservation=reservation(state="Charging")),
            200,
            {
                "status": "Accepted",
                "reservationId": ID,
                "reservationStatus": "Charging",
                "transactionId": 7,
            },
        ),
        (Stopped(status="ChargerOffline"), 200, {"status": "ChargerOffline", "reservationId": ID}),
    ],
)
async def test_stop(
    client: httpx.AsyncClient,
    payments: ScriptedPayments,
    said: Stopped,
    code: int,
    body: dict[str, Any],
) -> None:
    payments.answers["stop"] = said
    answer = await client.post("Stop", json=ONE)
    assert (answer.status_code, answer.json()) == (code, body)


# Status


@pytest.mark.parametrize("query", ["", "?reservationId=", "?reservationId=x", "?other=1"])
async def test_status_needs_a_reservation(client: httpx.AsyncClient, query: str) -> None:
    answer = await client.get(f"Status{query}")
    assert (answer.status_code, answer.json()) == (
        400,
        {"status": "Error", "message": "reservationId required"},
    )


async def test_status_of_an_unknown_reservation(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"Status?reservationId={ID}")
    assert (answer.status_code, answer.json()) == (404, {"status": "NotFound"})


async def test_status_tells_all(client: httpx.AsyncClient, payments: ScriptedPayments) -> None:
    payments.answers["status"] = progress(
        reservation=reservation(
            state="Completed",
            energy_mwh=12_000_000,
            captured_minor=588,
            settled_at=NOW + timedelta(hours=1),
            freed_at=NOW,
        ),
        stage="done",
        energy_mwh=12_000_000,
        bill=Bill(energy_minor=588),
        blocking_reason="Offline",
    )
    answer = await client.get(f"Status?ReservationID={ID}", headers={"X-API-Key": "reader"})
    said = answer.json()
    assert answer.status_code == 200
    assert said["status"] == "Completed"
    assert said["sessionStage"] == "done"
    assert said["capturedAmountCents"] == 588
    assert said["actualEnergyKwh"] == 12.0
    assert said["transactionEnergyCost"] == 5.88
    assert said["capturedAtUtc"] == "2026-03-01T13:00:00Z"
    assert (said["startable"], said["startableReason"]) == (False, "Offline")
    assert said["locksConnector"] is False
    assert "id_token" not in answer.text
    assert "RABC" not in answer.text


# The webhook, and who may what


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (None, 200),
        (NoticeRefused("bad"), 400),
        (ProviderUnavailable("later"), 503),
        (StorageError("later"), 503),
    ],
)
async def test_a_notice(
    client: httpx.AsyncClient, payments: ScriptedPayments, said: Any, code: int
) -> None:
    payments.answers["notice"] = said
    headers = {"X-API-Key": "", "Stripe-Signature": "t=1"}
    answer = await client.post("webhook", content=b"raw \xff body", headers=headers)
    assert answer.status_code == code
    assert payments.asked["notice"] == [(b"raw \xff body", "t=1")]


async def test_a_key_that_only_reads_changes_nothing(
    client: httpx.AsyncClient, payments: ScriptedPayments
) -> None:
    for action, body in BODIES.items():
        answer = await client.post(action, json=body, headers={"X-API-Key": "reader"})
        assert answer.status_code == 403
    assert not payments.asked


@pytest.mark.parametrize(
    ("action", "code"),
    [("Create", 404), ("Confirm", 400), ("Stop", 404), ("Resume", 404), ("Cancel", 200)],
)
async def test_a_key_sees_only_its_stations(
    client: httpx.AsyncClient, payments: ScriptedPayments, action: str, code: int
) -> None:
    payments.answers["status"] = progress()
    other = {"X-API-Key": "other"}
    answer = await client.post(action, json=BODIES[action], headers=other)
    assert answer.status_code == code
    assert set(payments.asked) <= {"details"}
    hidden = await client.get(f"Status?reservationId={ID}", headers=other)
    assert hidden.status_code == 404
