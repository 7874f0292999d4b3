"""The stand-in as drivers and webhook endpoints see it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from stripe import Webhook

from chargeplane.net import http
from chargeplane.payments.stand_in import StandIn, running
from chargeplane.payments.stand_in.objects import Session

FORM = {
    "mode": "payment",
    "line_items": {
        "0": {
            "quantity": "1",
            "price_data": {
                "currency": "eur",
                "unit_amount": "3920",
                "product_data": {"name": "<Charge>"},
            },
        }
    },
    "payment_intent_data": {"capture_method": "manual", "metadata": {"reservation_id": "r-1"}},
    "success_url": "http://shop.example/ok?s={CHECKOUT_SESSION_ID}",
    "cancel_url": "http://shop.example/back",
}


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def stand_in(clock: Clock) -> AsyncIterator[StandIn]:
    account = StandIn(clock)
    async with running(account):
        yield account


@pytest.fixture
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as client:
        yield client


@pytest.fixture
def session(stand_in: StandIn) -> Session:
    return stand_in.books.open_session(FORM)


def state(session: Session) -> str | None:
    return session.intent.status if session.intent else None


async def test_the_page_says_that_it_is_a_test(
    session: Session, browser: httpx.AsyncClient
) -> None:
    page = await browser.get(session.url)
    assert page.status_code == 200
    assert "Test payments" in page.text
    assert "39.20 EUR" in page.text
    assert "<h1>&lt;Charge&gt;</h1>" in page.text


async def test_whoever_pays_comes_back_with_the_session(
    session: Session, browser: httpx.AsyncClient
) -> None:
    gone = await browser.post(session.url, data={"action": "pay", "email": "a@b.example"})
    assert (gone.status_code, gone.headers["location"]) == (
        303,
        f"http://shop.example/ok?s={session.id}",
    )
    assert session.intent
    assert (session.intent.status, session.status) == ("requires_capture", "complete")
    assert session.intent.metadata == {"reservation_id": "r-1"}
    again = await browser.post(session.url, data={"action": "pay"})
    assert again.status_code == 400


async def test_whoever_is_declined_may_pay_again(
    session: Session, browser: httpx.AsyncClient
) -> None:
    refused = await browser.post(session.url, data={"action": "decline"})
    assert "declined" in refused.text
    assert state(session) == "requires_payment_method"
    await browser.post(session.url, data={"action": "pay"})
    assert state(session) == "requires_capture"


async def test_whoever_goes_back_leaves_the_session_open(
    session: Session, browser: httpx.AsyncClient
) -> None:
    gone = await browser.post(session.url, data={"action": "cancel"})
    assert gone.headers["location"] == "http://shop.example/back"
    assert session.status == "open"


async def test_a_session_expires_by_itself(
    stand_in: StandIn, session: Session, browser: httpx.AsyncClient, clock: Clock
) -> None:
    clock.now += timedelta(hours=25)
    assert "This checkout is expired" in (await browser.get(session.url)).text
    assert (await browser.post(session.url, data={"action": "pay"})).status_code == 400
    assert [each.kind for each in stand_in.books.events.values()] == ["checkout.session.expired"]


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_an_unknown_session_has_no_page(
    stand_in: StandIn, browser: httpx.AsyncClient, method: str
) -> None:
    answer = await browser.request(method, f"{stand_in.url}/c/pay/none")
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        ("", "line_items"),
        ("line_items[0]=x", "line_items"),
        ("line_items[0]=x&line_items[0][quantity]=2", "must be a hash"),
        ("line_items[0][quantity]=2", "unit_amount"),
        ("line_items[0][price_data][unit_amount]=abc", "Invalid integer"),
        ("line_items=1&line_items[0]=2", "must be a hash"),
    ],
)
async def test_bad_parameters_are_told(
    stand_in: StandIn, browser: httpx.AsyncClient, form: str, reason: str
) -> None:
    answer = await ask(browser, stand_in, "POST", "/v1/checkout/sessions", content=form)
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert reason in answer.json()["error"]["message"]


async def test_what_it_does_not_know_is_not_there(
    stand_in: StandIn, browser: httpx.AsyncClient
) -> None:
    for path in ("/v1/customers", "/v1", "/"):
        assert (await ask(browser, stand_in, "GET", path)).status_code == 404


async def test_events_are_listed_the_last_one_first(
    stand_in: StandIn, session: Session, browser: httpx.AsyncClient
) -> None:
    stand_in.books.pay(session, "a@b.example")
    listed = (await ask(browser, stand_in, "GET", "/v1/events")).json()["data"]
    assert [each["type"] for each in listed] == [
        "checkout.session.completed",
        "payment_intent.amount_capturable_updated",
        "payment_intent.created",
    ]
    one = await ask(browser, stand_in, "GET", f"/v1/events/{listed[0]['id']}")
    assert one.json() == listed[0]


async def ask(
    browser: httpx.AsyncClient, stand_in: StandIn, method: str, path: str, **given: Any
) -> httpx.Response:
    headers = {"Authorization": f"Bearer {stand_in.api_key}"}
    return await browser.request(method, stand_in.url + path, headers=headers, **given)


# Events


class Endpoint:
    """A webhook endpoint that checks what it is sent."""

    def __init__(self, secret: str) -> None:
        self._news = asyncio.Event()
        self.kinds: list[str] = []
        self.ids: list[str] = []
        self.failures = 0
        self._secret = secret

    async def take(self, request: Request) -> Response:
        signature = request.headers["stripe-signature"]
        event = Webhook.construct_event(await request.body(), signature, self._secret)
        if self.failures:
            self.failures -= 1
            return Response(status_code=503)
        self.kinds.append(event.type)
        self.ids.append(event.id)
        self._news.set()
        return Response()

    async def seen(self, count: int) -> None:
        async with asyncio.timeout(20):
            while len(self.kinds) < count:
                await self._news.wait()
                self._news.clear()


@pytest.fixture
async def endpoint(stand_in: StandIn) -> AsyncIterator[Endpoint]:
    found = Endpoint(stand_in.webhook_secret)
    served = Starlette(routes=[Route("/", found.take, methods=["POST"])])
    async with http.serve(served, "127.0.0.1", 0) as port:
        stand_in.deliveries.url = f"http://127.0.0.1:{port}/"
        yield found


PAID = [
    "payment_intent.created",
    "payment_intent.amount_capturable_updated",
    "checkout.session.completed",
]


async def test_events_are_signed_and_sent(
    stand_in: StandIn, session: Session, endpoint: Endpoint
) -> None:
    stand_in.books.pay(session, "a@b.example")
    await endpoint.seen(3)
    assert endpoint.kinds == PAID
    assert endpoint.ids == list(stand_in.books.events)


async def test_events_are_sent_until_they_are_taken(
    stand_in: StandIn, session: Session, endpoint: Endpoint
) -> None:
    endpoint.failures = 2
    stand_in.books.pay(session, "a@b.example")
    await endpoint.seen(3)
    assert endpoint.kinds == PAID


async def test_events_can_be_repeated(
    stand_in: StandIn, session: Session, endpoint: Endpoint
) -> None:
    stand_in.faults.repeats = 1
    stand_in.books.pay(session, "a@b.example")
    await endpoint.seen(6)
    assert endpoint.kinds == [kind for kind in PAID for _ in range(2)]


async def test_events_can_be_held_and_come_in_another_order(
    stand_in: StandIn, session: Session, endpoint: Endpoint
) -> None:
    stand_in.faults.hold_events = True
    stand_in.books.pay(session, "a@b.example")
    await asyncio.sleep(0)
    assert endpoint.kinds == []
    stand_in.deliveries.let_go()
    await endpoint.seen(3)
    assert endpoint.kinds == PAID[::-1]
