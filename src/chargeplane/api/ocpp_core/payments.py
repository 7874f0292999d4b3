"""`/API/Payments/...`: paying at the charger, as OCPP.Core's portal asks for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response

from chargeplane.api.native.parts import read_bytes
from chargeplane.api.ocpp_core.answers import JSON, Refused, say
from chargeplane.api.ocpp_core.call import Caller, Scope
from chargeplane.api.ocpp_core.payment_status import progress_shown
from chargeplane.csms.central import Central
from chargeplane.errors import StorageError
from chargeplane.payments.outcomes import (
    BUSY,
    NOT_FOUND,
    OFFLINE,
    PROVIDER_ERROR,
    ReturnUrlRefused,
    Wanted,
)
from chargeplane.payments.pricing import Prices
from chargeplane.payments.provider import NoticeRefused, ProviderUnavailable
from chargeplane.payments.service import Payments
from chargeplane.storage.payment_records import PaymentReservationRecord

SIGNATURE: Final = "stripe-signature"
CODES: Final = MappingProxyType({OFFLINE: 404, BUSY: 409, "Error": 500})

logger = structlog.get_logger()


class _Unreadable(Exception):
    """What was sent cannot be used; the answer is empty, as OCPP.Core's."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked for, by whom; names count without their case."""

    central: Central
    payments: Payments
    caller: Caller
    members: Mapping[str, Any]

    def text(self, name: str) -> str | None:
        """A text that may be missing, which is the same as empty."""
        value = self.members.get(name.lower())
        if value is not None and not isinstance(value, str):
            raise _Unreadable
        return value.strip() or None if value else None

    def required(self, name: str) -> str:
        """A text that is there."""
        value = self.text(name)
        if value is None:
            raise _Unreadable
        return value

    def whole(self, name: str) -> int:
        """A number, 0 if there is none."""
        value = self.members.get(name.lower()) or 0
        if isinstance(value, str) and value.isdecimal() and value.isascii():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31:
            raise _Unreadable
        return value

    @property
    def reservation(self) -> str:
        """The id of a reservation, in small letters with hyphens."""
        try:
            found = UUID(self.required("reservationId"))
        except ValueError:
            raise _Unreadable from None
        if not found.int:
            raise _Unreadable
        return str(found)

    async def is_hidden(self) -> bool:
        """Whether the key is not good for the reservation, which is then as if it was not there."""
        found = await self.payments.details(self.reservation)
        return found is not None and not self.caller.sees(found.reservation.station_id)


async def hear(payments: Payments | None, request: Request) -> Response:
    """Take a notice of the provider; one whose signature is wrong is refused and does nothing."""
    if payments is None:
        return say("Disabled", 400)
    if request.method != "POST":
        return Response(status_code=405, headers={"Allow": "POST"})
    try:
        await payments.notice(await read_bytes(request), request.headers.get(SIGNATURE, ""))
    except NoticeRefused as error:
        logger.warning("payment notice refused", reason=str(error))
        return say("InvalidSignature", 400)
    except (ProviderUnavailable, StorageError) as error:
        logger.warning("payment notice not dealt with", reason=str(error))
        return say("Unavailable", 503)
    return Response()


async def answer(
    central: Central, payments: Payments | None, caller: Caller, request: Request, action: str
) -> Response:
    """Answer what is asked of payments."""
    if payments is None:
        return say("Disabled", 400)
    wanted = ACTIONS.get(action.lower())
    if wanted is None:
        return Response(status_code=404)
    if request.method != wanted.method:
        return Response(status_code=405, headers={"Allow": wanted.method})
    if not caller.may(wanted.scope):
        raise Refused(403, "Forbidden", f"the key does not allow {action}")
    try:
        members = await _members(request)
        return await wanted.run(_Asked(central, payments, caller, members))
    except _Unreadable:
        return Response(status_code=400)


async def _members(request: Request) -> Mapping[str, Any]:
    if request.method == "GET":
        return {name.lower(): value for name, value in request.query_params.items()}
    try:
        sent = msgspec.json.decode(await read_bytes(request), type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise _Unreadable from None
    return {name.lower(): value for name, value in sent.items()}


# What can be asked


async def _create(asked: _Asked) -> Response:
    name, tag = asked.required("chargePointId"), asked.required("chargeTagId")
    wanted = Wanted(
        station_id=_station(asked.central, name),
        evse_id=asked.whole("connectorId"),
        charge_tag=tag,
        origin=asked.text("origin"),
        return_url=asked.text("returnBaseUrl"),
        language=asked.text("language"),
    )
    if asked.members.get("requestr1invoice"):
        reason = "invoices for companies are not made here"
        return say("InvalidBuyerData", 400, field="requestR1Invoice", message=reason)
    if not asked.caller.sees(wanted.station_id):
        return say(OFFLINE, 404, reason="Offline")
    try:
        made = await asked.payments.create(wanted)
    except ReturnUrlRefused as error:
        return say("InvalidReturnBaseUrl", 400, message=str(error))
    if made.status == "Redirect" and made.reservation is not None:
        return _show(_redirect(made.reservation, made.checkout_url))
    said = {"status": made.status, "reason": made.reason}
    return _show(_given(said), CODES.get(made.status, 200))


def _redirect(made: PaymentReservationRecord, url: str | None) -> dict[str, Any]:
    prices = msgspec.convert(made.prices, Prices)
    return {
        "status": "Redirect",
        "checkoutUrl": url,
        "reservationId": made.id,
        "currency": made.currency,
        "maxAmountCents": made.hold_minor,
        "maxEnergyKwh": float(prices.max_energy_kwh),
    }


async def _confirm(asked: _Asked) -> Response:
    reservation, checkout = asked.reservation, asked.required("checkoutSessionId")
    if await asked.is_hidden():
        return say(NOT_FOUND, 400)
    said = await asked.payments.confirm(reservation, checkout)
    state = said.reservation.state if said.reservation else None
    if said.refused:
        return _show({"status": _word(said.status), "error": said.error}, 400)
    shown = {"status": said.status, "reason": said.reason, "reservationStatus": state}
    return _show(_given(shown))


async def _cancel(asked: _Asked) -> Response:
    reservation, reason = asked.reservation, asked.text("reason")
    if await asked.is_hidden():
        return _show({"status": NOT_FOUND, "cancellationApplied": False})
    said = await asked.payments.cancel(reservation, reason=reason or "Cancelled")
    return _show({"status": said.status, "cancellationApplied": said.applied})


async def _resume(asked: _Asked) -> Response:
    reservation = asked.reservation
    if await asked.is_hidden():
        return say(NOT_FOUND, 404)
    said = await asked.payments.resume(reservation)
    known = said.reservation
    shown = {
        "status": _word(said.status),
        "reservationId": reservation,
        "reservationStatus": known.state if known else None,
        "checkoutUrl": said.checkout_url,
        "error": said.error,
        "locksConnector": known.locks_connector if known else False,
    }
    return _show(shown, 404 if said.status == NOT_FOUND else 200)


async def _stop(asked: _Asked) -> Response:
    reservation = asked.reservation
    if await asked.is_hidden():
        return say(NOT_FOUND, 404)
    said = await asked.payments.stop(reservation)
    if said.status == NOT_FOUND:
        return say(NOT_FOUND, 404)
    shown = {
        "status": said.status,
        "reservationId": reservation,
        "reservationStatus": said.reservation.state if said.reservation else None,
        "transactionId": said.transaction_id,
    }
    return _show(_given(shown))


async def _status(asked: _Asked) -> Response:
    try:
        reservation = asked.reservation
    except _Unreadable:
        return say("Error", 400, message="reservationId required")
    found = await asked.payments.status(reservation)
    if found is None or not asked.caller.sees(found.reservation.station_id):
        return say(NOT_FOUND, 404)
    return _show(progress_shown(found))


def _station(central: Central, name: str) -> str:
    """The connected station of that name, whose case does not count; else the name."""
    if central.stations.get(name) is not None:
        return name
    return next((each.id for each in central.stations if each.id.lower() == name.lower()), name)


def _word(status: str) -> str:
    return "StripeError" if status == PROVIDER_ERROR else status


def _given(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _show(value: dict[str, Any], code: int = 200) -> Response:
    return Response(msgspec.json.encode(value), code, media_type=JSON)


@dataclass(frozen=True, slots=True)
class _Action:
    run: Callable[[_Asked], Awaitable[Response]]
    method: str = "POST"
    scope: Scope = "operate"


ACTIONS: Final[Mapping[str, _Action]] = MappingProxyType(
    {
        "create": _Action(_create),
        "confirm": _Action(_confirm),
        "cancel": _Action(_cancel),
        "resume": _Action(_resume),
        "stop": _Action(_stop),
        "status": _Action(_status, "GET", "read"),
    }
)
