"""The operations of Stripe's API that the stand-in knows, by method and path."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final

from chargeplane.payments.stand_in import forms
from chargeplane.payments.stand_in.books import Books
from chargeplane.payments.stand_in.errors import ApiError
from chargeplane.payments.stand_in.forms import Form
from chargeplane.payments.stand_in.objects import Shown

ANY: Final = "*"  # the id of what is asked for

Operation = Callable[[Books, str, Form], Shown]


def find(method: str, path: str) -> tuple[Operation, str]:
    """What a request asks for, and of what; raises `ApiError` (404) if it is nothing known."""
    parts = path.strip("/").split("/")
    for wanted, operation in OPERATIONS.items():
        names = wanted.split("/")
        if len(names) == len(parts) + 1 and names[0].strip() == method:
            pairs = list(zip(names[1:], parts, strict=True))
            if all(name in {part, ANY} for name, part in pairs):
                return operation, next((part for name, part in pairs if name == ANY), "")
    raise ApiError(f"Unrecognized request URL ({method}: {path}).", status=404)


def _list(items: Iterable[Shown], url: str) -> Shown:
    return {"object": "list", "data": list(items), "has_more": False, "url": url}


def _refunds(books: Books, _: str, form: Form) -> Shown:
    wanted = form.get("payment_intent")
    found = [each.shown() for each in books.refunds.values()]
    chosen = [each for each in found if wanted in {None, each["payment_intent"]}]
    return _list(reversed(chosen), "/v1/refunds")


def _events(books: Books, _: str, form: Form) -> Shown:
    wanted = form.get("type")
    found = [each.shown() for each in books.events.values() if wanted in {None, each.kind}]
    return _list(reversed(found), "/v1/events")


def _intent(books: Books, name: str, form: Form) -> Shown:
    whole = "latest_charge" in forms.items(form, "expand")
    return books.intent(name).shown(whole_charge=whole)


SESSIONS: Final = "/v1/checkout/sessions"
INTENT: Final = "/v1/payment_intents/*"
OPERATIONS: Final[Mapping[str, Operation]] = MappingProxyType(
    {
        f"POST {SESSIONS}": lambda books, _, form: books.open_session(form).shown(),
        f"GET {SESSIONS}/*": lambda books, name, _: books.session(name).shown(),
        f"POST {SESSIONS}/*/expire": lambda books, name, _: books.expire(
            books.session(name)
        ).shown(),
        f"GET {INTENT}": _intent,
        f"POST {INTENT}/capture": lambda books, name, form: books.capture(
            books.intent(name), form
        ).shown(),
        f"POST {INTENT}/cancel": lambda books, name, _: books.cancel(books.intent(name)).shown(),
        "POST /v1/refunds": lambda books, _, form: books.refund(form).shown(),
        "GET /v1/refunds": _refunds,
        "GET /v1/events": _events,
        "GET /v1/events/*": lambda books, name, _: books.event(name).shown(),
    }
)
