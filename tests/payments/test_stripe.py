"""The real `stripe` package against the stand-in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from stripe import WebhookSignature

from chargeplane.payments.provider import (
    Checkout,
    NoticeRefused,
    Order,
    Payment,
    ProviderError,
    ProviderUnavailable,
)
from chargeplane.payments.stand_in import Fault, StandIn, running
from chargeplane.payments.stripe import StripeAccess, StripeProvider

HELD = 3920
INTENTS = "POST /v1/payment_intents/*"


def order(**changes: Any) -> Order:
    given = {
        "reservation_id": "r-1",
        "amount_minor": HELD,
        "currency": "eur",
        "product": "Charging session (80 kWh)",
        "success_url": "https://example.com/ok?session_id={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://example.com/back",
        "expires_at": datetime.now(UTC) + timedelta(minutes=31),
        "language": "de",
        "metadata": {"charge_point_id": "CP1"},
        **changes,
    }
    return Order(**given)


def access(stand_in: StandIn, **changes: Any) -> StripeAccess:
    given = {
        "api_key": stand_in.api_key,
        "webhook_secret": stand_in.webhook_secret,
        "api_base": stand_in.url,
        "retries": 0,
        **changes,
    }
    return StripeAccess(**given)


@pytest.fixture
async def stand_in() -> AsyncIterator[StandIn]:
    account = StandIn()
    async with running(account):
        yield account


@pytest.fixture
async def provider(stand_in: StandIn) -> AsyncIterator[StripeProvider]:
    async with StripeProvider(access(stand_in)) as made:
        yield made


async def paid(stand_in: StandIn, provider: StripeProvider, **changes: Any) -> str:
    """A payment whose amount is held."""
    opened = await provider.open_checkout(order(**changes))
    stand_in.books.pay(stand_in.books.session(opened.id), "ann@example.com")
    payment_id = (await provider.checkout(opened.id)).payment_id
    assert payment_id
    return payment_id


async def test_a_checkout_holds_and_captures_nothing(
    stand_in: StandIn, provider: StripeProvider
) -> None:
    opened = await provider.open_checkout(order())
    assert opened == Checkout(id=opened.id, status="open", url=f"{stand_in.url}/c/pay/{opened.id}")
    session = stand_in.books.session(opened.id)
    assert (session.amount, session.currency, session.locale) == (HELD, "eur", "de")
    assert session.metadata == {"reservation_id": "r-1", "charge_point_id": "CP1"}
    stand_in.books.pay(session, "ann@example.com")
    done = await provider.checkout(opened.id)
    assert (done.status, done.url) == ("complete", None)
    assert done.payment_id
    assert await provider.payment(done.payment_id) == Payment(
        id=done.payment_id,
        status="requires_capture",
        amount_minor=HELD,
        email="ann@example.com",
        metadata={"reservation_id": "r-1", "charge_point_id": "CP1"},
    )


async def test_a_checkout_is_opened_once_for_a_reservation(provider: StripeProvider) -> None:
    wanted = order()
    assert await provider.open_checkout(wanted) == await provider.open_checkout(wanted)


async def test_a_checkout_that_differs_is_refused(provider: StripeProvider) -> None:
    wanted = order()
    await provider.open_checkout(wanted)
    with pytest.raises(ProviderError, match="same parameters") as caught:
        await provider.open_checkout(order(amount_minor=HELD + 1, expires_at=wanted.expires_at))
    assert not isinstance(caught.value, ProviderUnavailable)


@pytest.mark.parametrize(
    "changes", [{"amount_minor": 49}, {"expires_at": datetime.now(UTC) + timedelta(minutes=5)}]
)
async def test_what_stripe_does_not_take_is_refused(
    provider: StripeProvider, changes: dict[str, Any]
) -> None:
    with pytest.raises(ProviderError):
        await provider.open_checkout(order(**changes))


async def test_a_checkout_is_expired_once(stand_in: StandIn, provider: StripeProvider) -> None:
    opened = await provider.open_checkout(order())
    assert (await provider.expire_checkout(opened.id)).status == "expired"
    assert (await provider.expire_checkout(opened.id)).status == "expired"
    other = await provider.open_checkout(order(reservation_id="r-2"))
    stand_in.books.pay(stand_in.books.session(other.id), "ann@example.com")
    assert (await provider.expire_checkout(other.id)).status == "complete"


async def test_a_declined_card_leaves_the_checkout_open(
    stand_in: StandIn, provider: StripeProvider
) -> None:
    opened = await provider.open_checkout(order())
    stand_in.books.decline(stand_in.books.session(opened.id), "ann@example.com")
    tried = await provider.checkout(opened.id)
    assert tried.status == "open"
    assert tried.payment_id
    assert (await provider.payment(tried.payment_id)).status == "requires_payment_method"
    with pytest.raises(ProviderError, match="Expire the Checkout Session"):
        await provider.cancel(tried.payment_id, "r-1")
    await provider.expire_checkout(opened.id)
    assert (await provider.cancel(tried.payment_id, "r-1")).status == "canceled"


async def test_a_part_is_captured_once(stand_in: StandIn, provider: StripeProvider) -> None:
    payment_id = await paid(stand_in, provider)
    for amount in (1234, 1234, 999):  # the key differs, the payment is over
        taken = await provider.capture(payment_id, amount, "r-1")
        assert (taken.status, taken.captured_minor) == ("succeeded", 1234)
    assert (await provider.cancel(payment_id, "r-1")).captured_minor == 1234


async def test_what_is_cancelled_is_not_captured(
    stand_in: StandIn, provider: StripeProvider
) -> None:
    payment_id = await paid(stand_in, provider)
    for _ in range(2):
        assert (await provider.cancel(payment_id, "r-1")).status == "canceled"
    assert (await provider.capture(payment_id, 100, "r-1")).captured_minor == 0


async def test_more_than_is_held_is_not_captured(
    stand_in: StandIn, provider: StripeProvider
) -> None:
    payment_id = await paid(stand_in, provider)
    with pytest.raises(ProviderError):
        await provider.capture(payment_id, HELD + 1, "r-1")
    assert (await provider.payment(payment_id)).status == "requires_capture"


async def test_refunds_are_told_apart_by_their_keys(
    stand_in: StandIn, provider: StripeProvider
) -> None:
    payment_id = await paid(stand_in, provider)
    await provider.capture(payment_id, 1000, "r-1")
    first = await provider.refund(payment_id, 300, "requested_by_customer", "f-1")
    assert (first.amount_minor, first.status) == (300, "succeeded")
    stand_in.repetition.forget()  # as Stripe does after a day
    assert await provider.refund(payment_id, 300, "requested_by_customer", "f-1") == first
    assert await provider.refund(payment_id, 300, "duplicate", "f-2") != first
    assert (await provider.payment(payment_id)).refunded_minor == 600
    with pytest.raises(ProviderError, match="greater than unrefunded"):
        await provider.refund(payment_id, 401, "duplicate", "f-3")
    await provider.refund(payment_id, 400, "duplicate", "f-4")
    with pytest.raises(ProviderError, match="already been refunded"):
        await provider.refund(payment_id, 1, "duplicate", "f-5")


async def test_what_is_not_captured_is_not_refunded(
    stand_in: StandIn, provider: StripeProvider
) -> None:
    payment_id = await paid(stand_in, provider)
    with pytest.raises(ProviderError, match="successful charge"):
        await provider.refund(payment_id, 1, "duplicate", "f-1")


Ask = Callable[[StripeProvider, str], Awaitable[Any]]
ASKED: dict[str, Ask] = {
    f"{INTENTS}/capture": lambda provider, name: provider.capture(name, 500, "r-1"),
    f"{INTENTS}/cancel": lambda provider, name: provider.cancel(name, "r-1"),
}


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("kept", [False, True])
@pytest.mark.parametrize("request_name", ASKED)
async def test_what_failed_is_done_once_when_it_is_asked_again(
    stand_in: StandIn, provider: StripeProvider, request_name: str, moment: Any, *, kept: bool
) -> None:
    payment_id = await paid(stand_in, provider)
    stand_in.faults.plan(Fault(request=request_name, moment=moment, status=500, kept=kept))
    ask = ASKED[request_name]
    if moment == "before":
        with pytest.raises(ProviderUnavailable):
            await ask(provider, payment_id)
    done = await ask(provider, payment_id)
    assert done.status in {"succeeded", "canceled"}
    assert done.captured_minor == (500 if done.status == "succeeded" else 0)
    kinds = [each.kind for each in stand_in.books.events.values()]
    assert kinds.count(f"payment_intent.{done.status}") == 1


async def test_stripe_s_package_tries_again_by_itself(stand_in: StandIn) -> None:
    stand_in.faults.plan(Fault(request="POST /v1/checkout/sessions", moment="after", status=503))
    async with StripeProvider(access(stand_in, retries=1)) as provider:
        opened = await provider.open_checkout(order())
    assert list(stand_in.books.sessions) == [opened.id]
    assert stand_in.requests == ["POST /v1/checkout/sessions"] * 2


@pytest.mark.parametrize("status", [401, 403, 409, 429, 500, 503])
async def test_what_says_nothing_of_the_request_may_be_asked_again(
    stand_in: StandIn, provider: StripeProvider, status: int
) -> None:
    stand_in.faults.plan(Fault(request="GET *", status=status))
    with pytest.raises(ProviderUnavailable, match="as was planned"):
        await provider.checkout("cs_test_1")


async def test_a_wrong_key_is_refused_and_not_shown(stand_in: StandIn) -> None:
    wrong = access(stand_in, api_key="sk_test_verysecret")
    async with StripeProvider(wrong) as provider:
        with pytest.raises(ProviderUnavailable, match="Invalid API Key") as caught:
            await provider.open_checkout(order())
    assert "verysecret" not in str(caught.value)


async def test_whoever_does_not_answer_is_given_up(stand_in: StandIn) -> None:
    stand_in.faults.plan(Fault(request="GET *", delay=5))
    async with StripeProvider(access(stand_in, timeout=0.1)) as provider:
        with pytest.raises(ProviderUnavailable):
            await provider.checkout("cs_test_1")


async def test_nobody_listens() -> None:
    nowhere = StripeAccess(
        api_key="sk_test_1", webhook_secret="whsec_1", api_base="http://127.0.0.1:9", retries=0
    )
    async with StripeProvider(nowhere) as provider:
        with pytest.raises(ProviderUnavailable):
            await provider.payment("pi_1")


@pytest.mark.parametrize("what", ["checkout", "payment", "expire_checkout"])
async def test_what_is_not_there_is_refused(provider: StripeProvider, what: str) -> None:
    with pytest.raises(ProviderError, match="No such"):
        await getattr(provider, what)("none")


async def test_it_writes_nothing_into_the_home_folder(
    stand_in: StandIn,
    provider: StripeProvider,
    tmp_path: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    await provider.open_checkout(order())
    assert stand_in.requests
    assert list(tmp_path.iterdir()) == []


# Notices

EVENT = {
    "id": "evt_1",
    "object": "event",
    "type": "checkout.session.completed",
    "created": 1_700_000_000,
    "data": {
        "object": {
            "id": "cs_1",
            "object": "checkout.session",
            "payment_intent": "pi_1",
            "metadata": {"reservation_id": "r-1"},
        }
    },
}


def signed(stand_in: StandIn, body: str, **given: Any) -> str:
    return str(WebhookSignature.generate_signature_header(body, stand_in.webhook_secret, **given))


async def test_a_notice_with_a_good_signature_is_read(
    stand_in: StandIn, provider: StripeProvider
) -> None:
    body = json.dumps(EVENT)
    notice = provider.notice(body.encode(), signed(stand_in, body))
    assert (notice.id, notice.kind) == ("evt_1", "checkout.session.completed")
    assert notice.at == datetime.fromtimestamp(1_700_000_000, UTC)
    assert (notice.checkout_id, notice.payment_id, notice.reservation_id) == ("cs_1", "pi_1", "r-1")


async def test_a_notice_about_a_payment_names_it(
    stand_in: StandIn, provider: StripeProvider
) -> None:
    about = {"id": "pi_7", "object": "payment_intent", "metadata": {}}
    body = json.dumps({**EVENT, "data": {"object": about}})
    notice = provider.notice(body.encode(), signed(stand_in, body))
    assert (notice.checkout_id, notice.payment_id, notice.reservation_id) == (None, "pi_7", None)


@pytest.mark.parametrize(
    "signature",
    ["", "t=1", "v1=00", "t=x,v1=00", "t=1,v1=\xe9", "t=1700000000,v1=00", "nonsense", "=,=,="],
)
async def test_a_notice_with_a_bad_signature_is_refused(
    provider: StripeProvider, signature: str
) -> None:
    with pytest.raises(NoticeRefused):
        provider.notice(json.dumps(EVENT).encode(), signature)


async def test_a_notice_is_refused_when_it_is_old_or_changed(
    stand_in: StandIn, provider: StripeProvider
) -> None:
    body = json.dumps(EVENT)
    old = signed(stand_in, body, timestamp=int(datetime.now(UTC).timestamp()) - 3600)
    with pytest.raises(NoticeRefused):
        provider.notice(body.encode(), old)
    with pytest.raises(NoticeRefused):
        provider.notice(body.replace("r-1", "r-2").encode(), signed(stand_in, body))


@pytest.mark.parametrize("body", ["", "[]", "{}", "null", '"x"', '{"object":"v2.core.event"}'])
async def test_a_signed_notice_that_is_no_event_is_refused(
    stand_in: StandIn, provider: StripeProvider, body: str
) -> None:
    with pytest.raises(NoticeRefused):
        provider.notice(body.encode(), signed(stand_in, body))


async def test_a_notice_that_is_no_text_is_refused(provider: StripeProvider) -> None:
    with pytest.raises(NoticeRefused):
        provider.notice(b"\xff\xfe", "t=1,v1=00")


async def test_a_call_can_be_cancelled(stand_in: StandIn, provider: StripeProvider) -> None:
    stand_in.faults.plan(Fault(request="GET *", delay=5))
    task = asyncio.create_task(provider.checkout("cs_test_1"))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
