"""Payments: what drivers pay at the charger, and what operators do about it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from chargeplane.access.keys import Caller
from chargeplane.api.keys import Admin, Operator, Reader
from chargeplane.api.native import payment_shapes as shapes
from chargeplane.api.native import schemas
from chargeplane.api.native.idempotency import ActingRoute
from chargeplane.api.native.parts import (
    CentralDep,
    Moment,
    QueryNumber,
    SafeId,
    SafeText,
    WindowDep,
    answer,
    listed,
    read_body,
)
from chargeplane.api.problems import Refused, invalid, not_found
from chargeplane.csms.central import Central
from chargeplane.payments.outcomes import BUSY, OFFLINE, RefundRefused, ReturnUrlRefused, Wanted
from chargeplane.payments.service import Payments
from chargeplane.storage.paging import Window
from chargeplane.storage.payment_records import (
    PaymentRefundRecord,
    PaymentReservationRecord,
    PaymentState,
)
from chargeplane.storage.records import Page
from chargeplane.storage.repositories import payment_books, payments
from chargeplane.storage.repositories.payments import DailyTotal, PaymentFilter

router = APIRouter(tags=["payments"], route_class=ActingRoute)
LONGEST: Final = timedelta(days=3660)  # that totals are told of
PAYMENT: Final = "/payments/{payment_id}"
CSV: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}},
    "default": schemas.PROBLEM,
}


def service(request: Request) -> Payments:
    """Whoever handles payments; raises `Refused` (409) where they are off."""
    found: Payments | None = request.app.state.payments
    if found is None:
        raise Refused(409, "PaymentsDisabled", "stripe.enabled is off")
    return found


PaymentsDep = Annotated[Payments, Depends(service)]


async def _known(central: CentralDep, caller: Reader, payment_id: SafeId) -> str:
    """The id of a payment that the caller may see; raises `Refused` (404)."""
    return (await _seen(central, caller, payment_id)).id


async def _seen(central: Central, caller: Caller, payment_id: str) -> PaymentReservationRecord:
    found = await central.database.read(payments.get, payment_id)
    if found is None or not caller.sees(found.station_id):
        raise not_found(f"payment {payment_id}")
    return found


Known = Annotated[str, Depends(_known)]


@router.get("/payments", **schemas.documented(schemas.Payments))
async def list_payments(  # noqa: PLR0913, PLR0917 query parameters have names
    central: CentralDep,
    caller: Reader,
    window: WindowDep,
    station: SafeText | None = None,
    evse: QueryNumber | None = None,
    state: PaymentState | None = None,
    charge_tag: SafeText | None = None,
    needs_review: bool | None = None,  # noqa: FBT001 a query parameter has a name
    since: Moment | None = None,
    until: Moment | None = None,
    search: SafeText | None = None,
) -> Response:
    """A page of payments, the latest first."""
    wanted = PaymentFilter(
        station_id=station,
        evse_id=evse,
        state=state,
        charge_tag=charge_tag,
        needs_review=needs_review,
        since=since,
        until=until,
        search=search,
        among=caller.stations,
    )
    return await listed(central, _page, wanted, wanted=window)


def _page(connection: Any, wanted: PaymentFilter, window: Window) -> Page[Any]:
    found = payments.page(connection, wanted, window)
    return Page(tuple(map(shapes.payment_shown, found.items)), found.cursor)


@router.post(
    "/payments",
    **schemas.documented(
        shapes.PaymentMade,
        body=shapes.NewPayment,
        example={"station_id": "CP1", "evse_id": 1, "charge_tag": "WEB"},
        status=201,
    ),
)
async def create_payment(request: Request, paying: PaymentsDep, caller: Operator) -> Response:
    """Open a checkout for a connector, or start a charge that costs nothing."""
    sent = await read_body(request, shapes.NewPayment)
    if not caller.sees(sent.station_id):
        raise Refused(403, "Forbidden", f"the key {caller.name} is not for {sent.station_id}")
    wanted = Wanted(
        station_id=sent.station_id,
        evse_id=sent.evse_id,
        charge_tag=sent.charge_tag,
        language=sent.language,
        return_url=sent.return_base_url,
    )
    try:
        made = await paying.create(wanted)
    except ReturnUrlRefused as error:
        raise invalid(error) from error
    if made.status in {OFFLINE, BUSY}:
        raise Refused(409, made.status, made.reason or "")
    if made.status == "Error":
        raise Refused(502, "PaymentError", made.reason or "no checkout could be opened")
    record = made.reservation
    shown = shapes.PaymentMade(
        status=made.status,
        payment_id=record.id if record else None,
        checkout_url=made.checkout_url,
        currency=record.currency if record else None,
        hold_minor=record.hold_minor if record else None,
    )
    return answer(shown, 201)


@router.get(PAYMENT, **schemas.documented(shapes.PaymentDetails))
async def show_payment(central: CentralDep, caller: Reader, payment_id: SafeId) -> Response:
    """A payment with every step and every refund."""
    record = await _seen(central, caller, payment_id)
    details = shapes.PaymentDetails(
        payment=shapes.payment_shown(record),
        steps=await central.database.read(payments.steps, record.id),
        refunds=await central.database.read(payment_books.refunds_of, record.id),
    )
    return answer(details)


@router.post(
    f"{PAYMENT}/confirm",
    **schemas.documented(
        shapes.PaymentOutcome,
        body=shapes.PaymentConfirmation,
        example={"checkout_id": "cs_test_a1b2c3"},
    ),
)
async def confirm_payment(
    request: Request, paying: PaymentsDep, _caller: Operator, payment: Known
) -> Response:
    """Look whether the driver has paid, and start the charge."""
    sent = await read_body(request, shapes.PaymentConfirmation)
    said = await paying.confirm(payment, sent.checkout_id)
    if said.refused:
        raise Refused(409, said.status, said.error or "")
    return _outcome(said.status, said.reservation, reason=said.reason)


@router.post(
    f"{PAYMENT}/cancel",
    **schemas.documented(
        shapes.PaymentOutcome, body=shapes.PaymentCancellation, example={"reason": "Operator"}
    ),
)
async def cancel_payment(
    request: Request, paying: PaymentsDep, _caller: Operator, payment: Known
) -> Response:
    """Cancel a payment before its charge begins; nothing is taken."""
    sent = await read_body(request, shapes.PaymentCancellation)
    said = await paying.cancel(payment, reason=sent.reason)
    if not said.applied and said.status != "Cancelled":
        raise Refused(409, "NotCancelled", f"the payment is {said.status}")
    return _outcome(said.status, said.reservation)


@router.post(f"{PAYMENT}/resume", **schemas.documented(shapes.PaymentOutcome))
async def resume_payment(paying: PaymentsDep, _caller: Operator, payment: Known) -> Response:
    """Where a driver who has not paid yet goes on."""
    said = await paying.resume(payment)
    return _outcome(
        said.status, said.reservation, reason=said.error, checkout_url=said.checkout_url
    )


@router.post(f"{PAYMENT}/stop", **schemas.documented(shapes.PaymentOutcome))
async def stop_payment(paying: PaymentsDep, _caller: Operator, payment: Known) -> Response:
    """Stop the charge that is paid for."""
    said = await paying.stop(payment)
    return _outcome(said.status, said.reservation, transaction_id=said.transaction_id)


@router.post(
    f"{PAYMENT}/refunds",
    **schemas.documented(
        PaymentRefundRecord,
        body=shapes.NewRefund,
        example={"amount_minor": 500, "reason": "requested_by_customer"},
        status=201,
    ),
)
async def refund_payment(
    request: Request, paying: PaymentsDep, caller: Admin, payment: Known
) -> Response:
    """Give money back, all that was taken or a part of it."""
    sent = await read_body(request, shapes.NewRefund)
    try:
        made = await paying.refund(payment, sent.amount_minor, sent.reason, caller.name)
    except RefundRefused as error:
        raise Refused(409, "NotRefunded", str(error)) from error
    return answer(made, 201)


@router.get("/payment-totals", **schemas.documented([DailyTotal]))
async def show_totals(
    central: CentralDep, caller: Reader, since: Moment, until: Moment
) -> Response:
    """What was taken and given back, by day of UTC, station and currency."""
    return answer(await _totals(central, caller, since, until))


@router.get("/payment-totals.csv", responses=CSV)
async def export_totals(
    central: CentralDep, caller: Reader, since: Moment, until: Moment
) -> Response:
    """The same as CSV."""
    return Response(_csv(await _totals(central, caller, since, until)), media_type="text/csv")


async def _totals(
    central: Central, caller: Caller, since: Moment, until: Moment
) -> tuple[DailyTotal, ...]:
    if not since <= until <= since + LONGEST:
        raise invalid("until is not before since, and at most ten years later")
    return await central.database.read(payments.daily_totals, since, until, caller.stations)


def _csv(totals: Iterable[DailyTotal]) -> str:
    out = io.StringIO()
    names = DailyTotal.__struct_fields__
    rows = csv.writer(out)
    rows.writerow(names)
    rows.writerows([getattr(each, name) for name in names] for each in totals)
    return out.getvalue()


def _outcome(status: str, record: PaymentReservationRecord | None, **more: Any) -> Response:
    state = record.state if record else None
    return answer(shapes.PaymentOutcome(status=status, state=state, **more))
