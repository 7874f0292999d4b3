"""The accounts of the stand-in: sessions, payments, refunds, and the events that follow.

The rules are those that https://docs.stripe.com/api documents for what is used here.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from chargeplane.payments.stand_in import forms
from chargeplane.payments.stand_in.errors import ApiError, missing, required, wrong
from chargeplane.payments.stand_in.forms import Form
from chargeplane.payments.stand_in.objects import Event, Intent, RefundMade, Session, Shown

SHORTEST: Final = timedelta(minutes=30)  # that a session may be open
LONGEST: Final = timedelta(hours=24)
LEAST: Final = 50  # what Stripe takes at least, in most currencies
REASONS: Final = frozenset({"duplicate", "fraudulent", "requested_by_customer"})
CANCELABLE: Final = frozenset({"requires_payment_method", "requires_capture", "requires_action"})

Tell = Callable[[Event], None]


class Books:
    """All that a test account holds. Every operation raises `ApiError`."""

    def __init__(self, now: Callable[[], datetime], tell: Tell) -> None:
        self.now = now
        self.base = ""  # the address of the hosted page
        self.sessions: dict[str, Session] = {}
        self.intents: dict[str, Intent] = {}
        self.refunds: dict[str, RefundMade] = {}
        self.events: dict[str, Event] = {}
        self._tell = tell

    # Checkout Sessions

    def open_session(self, form: Form) -> Session:
        """Open a session for the one item of a form."""
        item = _item(form)
        price = forms.table(item, "price_data")
        new_id = _new("cs_test")
        session = Session(
            id=new_id,
            url=f"{self.base}/c/pay/{new_id}",
            amount=_whole(price, "unit_amount") * _whole({"quantity": 1, **item}, "quantity"),
            currency=_text(price, "currency"),
            product=_text(forms.table(price, "product_data"), "name"),
            success_url=_text(form, "success_url"),
            cancel_url=form.get("cancel_url") or "",
            created=self.now(),
            expires_at=self._expiry(form),
            metadata=forms.table(form, "metadata"),
            payment_metadata=forms.table(form, "payment_intent_data", "metadata"),
            locale=form.get("locale", "auto"),
        )
        _require_usable(form, session)
        self.sessions[session.id] = session
        return session

    def _expiry(self, form: Form) -> datetime:
        if "expires_at" not in form:
            return self.now() + LONGEST
        moment = datetime.fromtimestamp(_whole(form, "expires_at"), UTC)
        ahead = moment - self.now() + timedelta(seconds=1)
        if not SHORTEST <= ahead <= LONGEST + timedelta(seconds=1):
            reason = "The `expires_at` timestamp must be between 30 minutes and 24 hours from now."
            raise wrong("expires_at", reason)
        return moment

    def session(self, session_id: str) -> Session:
        """A session as it is now."""
        if session_id not in self.sessions:
            raise missing("checkout.session", session_id)
        return self.sessions[session_id]

    def expire(self, session: Session) -> Session:
        """Close an open session, and cancel the payment that was tried."""
        if session.status != "open":
            raise ApiError(
                'Only Checkout Sessions with a status in ["open"] can be expired. '
                f"This Checkout Session has a status of `{session.status}`."
            )
        session.status = "expired"
        if session.intent is not None:
            session.intent.status = "canceled"
            self._happened("payment_intent.canceled", session.intent.shown())
        self._happened("checkout.session.expired", session.shown())
        return session

    def expire_old(self) -> None:
        """Close the sessions whose time is over."""
        for session in self.sessions.values():
            if session.status == "open" and session.expires_at <= self.now():
                self.expire(session)

    # What a driver does at the hosted page

    def pay(self, session: Session, email: str) -> None:
        """Hold the amount."""
        intent = self._attempt(session, email)
        intent.status, intent.error = "requires_capture", None
        session.status, session.email = "complete", email
        self._happened("payment_intent.amount_capturable_updated", intent.shown())
        self._happened("checkout.session.completed", session.shown())

    def decline(self, session: Session, email: str) -> None:
        """Let the bank refuse; the session stays open for another card."""
        intent = self._attempt(session, email)
        intent.error = "card_declined"
        self._happened("payment_intent.payment_failed", intent.shown())

    def _attempt(self, session: Session, email: str) -> Intent:
        if session.status != "open":
            raise ApiError(f"This Checkout Session has a status of `{session.status}`.")
        if session.intent is None:
            session.intent = Intent(
                id=_new("pi"),
                amount=session.amount,
                currency=session.currency,
                created=self.now(),
                metadata=session.payment_metadata,
            )
            self.intents[session.intent.id] = session.intent
            self._happened("payment_intent.created", session.intent.shown())
        session.intent.email = email
        return session.intent

    # Payment Intents

    def intent(self, intent_id: str) -> Intent:
        """A payment as it is now."""
        if intent_id not in self.intents:
            raise missing("payment_intent", intent_id)
        return self.intents[intent_id]

    def capture(self, intent: Intent, form: Form) -> Intent:
        """Take all that is held, or a part; the rest is let go of."""
        if intent.status != "requires_capture":
            raise _unexpected(intent, "captured", "requires_capture")
        amount = _whole({"amount_to_capture": intent.amount, **form}, "amount_to_capture")
        if not 1 <= amount <= intent.amount:
            reason = "The amount to capture must be from 1 to the amount of the PaymentIntent."
            raise ApiError(reason, code="amount_too_large", param="amount_to_capture")
        intent.status, intent.received = "succeeded", amount
        self._happened("payment_intent.succeeded", intent.shown())
        self._happened("charge.captured", intent.charge())
        return intent

    def cancel(self, intent: Intent) -> Intent:
        """Let go of all that is held."""
        if any(each.intent is intent and each.status == "open" for each in self.sessions.values()):
            raise ApiError(
                "You cannot cancel this PaymentIntent because it belongs to an open Checkout "
                "Session. Expire the Checkout Session instead."
            )
        if intent.status not in CANCELABLE:
            raise _unexpected(intent, "canceled", ", ".join(sorted(CANCELABLE)))
        intent.status = "canceled"
        self._happened("payment_intent.canceled", intent.shown())
        return intent

    # Refunds

    def refund(self, form: Form) -> RefundMade:
        """Give back all that was captured, or a part."""
        intent = self.intent(_text(form, "payment_intent"))
        if intent.status != "succeeded":
            raise ApiError(
                f"This PaymentIntent ({intent.id}) does not have a successful charge to refund."
            )
        left, reason = intent.received - intent.refunded, form.get("reason")
        if not left:
            raise ApiError(
                f"Charge {intent.charge_id} has already been refunded.",
                code="charge_already_refunded",
            )
        amount = _whole({"amount": left, **form}, "amount")
        if not 1 <= amount <= left:
            raise ApiError(
                f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})",
                param="amount",
            )
        if reason is not None and reason not in REASONS:
            raise wrong("reason", f"Invalid reason: must be one of {', '.join(sorted(REASONS))}")
        return self._give(intent, amount, reason, forms.table(form, "metadata"))

    def _give(
        self, intent: Intent, amount: int, reason: Any, metadata: dict[str, str]
    ) -> RefundMade:
        made = RefundMade(
            id=_new("re"),
            intent=intent,
            amount=amount,
            reason=reason,
            created=self.now(),
            metadata=metadata,
        )
        intent.refunds.append(made)
        self.refunds[made.id] = made
        self._happened("refund.created", made.shown())
        self._happened("charge.refunded", intent.charge())
        return made

    # Events

    def event(self, event_id: str) -> Event:
        """An event."""
        if event_id not in self.events:
            raise missing("event", event_id)
        return self.events[event_id]

    def _happened(self, kind: str, about: Shown) -> None:
        event = Event(id=_new("evt"), kind=kind, created=self.now(), about=about)
        self.events[event.id] = event
        self._tell(event)


def _item(form: Form) -> Form:
    match forms.items(form, "line_items"):
        case [dict() as item]:
            return item
    raise required("line_items")


def _require_usable(form: Form, session: Session) -> None:
    """Raise `ApiError` for what the stand-in does not do, so that nobody relies on it."""
    method = forms.table(form, "payment_intent_data").get("capture_method")
    if form.get("mode") != "payment" or method != "manual":
        raise wrong("mode", "The stand-in knows mode=payment with capture_method=manual only.")
    if session.amount < LEAST:
        raise ApiError("The amount is below the least that is taken.", code="amount_too_small")


def _unexpected(intent: Intent, done: str, wanted: str) -> ApiError:
    return ApiError(
        f"This PaymentIntent could not be {done} because it has a status of {intent.status}. "
        f"Only a PaymentIntent with one of the following statuses may be {done}: {wanted}.",
        code="payment_intent_unexpected_state",
        payment_intent=intent.shown(),
    )


def _new(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(12)}"


def _text(form: Form, name: str) -> str:
    value = form.get(name)
    if not isinstance(value, str) or not value:
        raise required(name)
    return value


def _whole(form: Form, name: str) -> int:
    try:
        return int(form[name])
    except KeyError:
        raise required(name) from None
    except (TypeError, ValueError):
        raise wrong(name, f"Invalid integer: {form[name]}") from None
