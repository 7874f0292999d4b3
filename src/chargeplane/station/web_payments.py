"""Payment on a web page that a code on the display leads to (2.1 C25), and numbers for receipts."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from datetime import UTC, datetime
from string import ascii_lowercase, ascii_uppercase, digits
from typing import Any, Final
from urllib.parse import quote, urlencode

from chargeplane.domain.messages import MessageContent
from chargeplane.domain.station import Evse
from chargeplane.domain.tariff_cost import TransactionLimit
from chargeplane.domain.transactions import TransactionEvent
from chargeplane.domain.variables import Component
from chargeplane.ocpp.v2 import wire
from chargeplane.station import display, limits
from chargeplane.station.definition import flag, members, number, option, text
from chargeplane.station.machine import State
from chargeplane.station.station import Station
from chargeplane.station.unit import Connector, EvseUnit

CTRLR: Final = "WebPaymentsCtrlr"
BASE62: Final = digits + ascii_lowercase + ascii_uppercase
PARAMETERS: Final = {"maxtime": "max_time", "maxenergy": "max_energy", "maxcost": "max_cost"}
PAID: Final = "DirectPayment"  # the kind of token that a payment gives
STARTED: Final = MessageContent(format="UTF8", content="Payment in progress", language="en")
ROWS: Final = (
    flag("Enabled", default=False),
    text("URLTemplate", "", high=2000),
    members("URLParameters", ",".join(PARAMETERS), ",".join(PARAMETERS), "ReadOnly"),
    option("TOTPVersion", "v1", "v1"),
    number("ValidityTime", 30, "s", low=6, high=3600),
    text("SharedSecret", "", "WriteOnly", high=500),
    number("Length", 8, None, low=6, high=32),
)
ROAMING: Final = text("RoamingEvseId", "", high=255)


# The address


def one_time_password(secret: str, at: datetime, validity_s: int, length: int) -> str:
    """The password of the interval of `validity_s` that `at` is in (C25, TOTP version 1)."""
    interval = int(at.timestamp()) // validity_s
    hashed = hmac.digest(secret.encode(), interval.to_bytes(8, "big"), "sha256")
    offset = hashed[-1] & 0x0F
    picked = (hashed[(offset + place) % len(hashed)] for place in range(length))
    return "".join(BASE62[each % len(BASE62)] for each in picked)


def address(station: Station, evse: EvseUnit) -> str | None:
    """Where a charge at an EVSE can be paid for now; None if nowhere (C25.FR.50 to FR.58)."""
    model = station.model
    if not model.has(f"{CTRLR}/Enabled") or not model.flag(f"{CTRLR}/Enabled"):
        return None
    template, secret = model.text(f"{CTRLR}/URLTemplate"), model.text(f"{CTRLR}/SharedSecret")
    if not template or not secret:
        return None
    password = one_time_password(
        secret,
        station.now().astimezone(UTC),
        model.number(f"{CTRLR}/ValidityTime"),
        model.number(f"{CTRLR}/Length"),
    )
    values = {
        "chargingstationid": model.text("SecurityCtrlr/Identity") or station.id,
        "evse": str(evse.id),
        "roamingevseid": model.text(f"{CTRLR}@{evse.id}/RoamingEvseId"),
        "totp": password,
        "version": model.text(f"{CTRLR}/TOTPVersion"),
    }
    for name, value in values.items():
        template = template.replace(f"{{{name}}}", quote(value, safe="*"))
    query = urlencode(dict(_parameters(station, evse)))
    return template + ("&" if "?" in template else "?") * bool(query) + query


def _parameters(station: Station, evse: EvseUnit) -> Iterator[tuple[str, str]]:
    wanted: TransactionLimit = _wanted(station).get(str(evse.id)) or TransactionLimit()
    for name, member in PARAMETERS.items():
        value = getattr(wanted, member)
        if value is not None:
            yield name, f"{value:g}" if value % 1 else f"{value:.0f}"


# What is shown


def refresh(station: Station, _news: Any = None) -> None:
    """Show at each EVSE that is free where to pay, as long as the password is valid."""
    station.silence("web payments")
    for evse in station.evses:
        display.notify(station, evse.id, "pay", tuple(_contents(station, evse)))
    if any(address(station, evse) for evse in station.evses) and station.displays:
        validity = station.model.number(f"{CTRLR}/ValidityTime")
        left = validity - station.now().timestamp() % validity
        station.alarm("web payments", left, refresh)


def _contents(station: Station, evse: EvseUnit) -> Iterator[MessageContent]:
    is_free = evse.authorization is None and evse.state(evse.connector) in (
        "Available",
        "Preparing",
    )
    if not station.is_online or not is_free:
        return
    if is_held(station, evse):
        yield STARTED
    elif (found := address(station, evse)) is not None:
        yield MessageContent(format="QRCODE", content=found)


# What a driver wants


def _wanted(station: Station) -> Any:
    return station.documents.collection("wanted_limits", TransactionLimit)


def want(station: Station, evse: EvseUnit, limit: TransactionLimit) -> None:
    """A driver says what the charge that is to be paid for may cost, and so on (C25.FR.03)."""
    _wanted(station)[str(evse.id)] = limit
    refresh(station)


def on_event(station: Station, event: TransactionEvent) -> None:
    """Let what the driver wanted count for a charge that is paid for (C25.FR.04 to FR.06)."""
    evse = None if event.evse is None else station.evse(event.evse.id)
    if evse is None or event.id_token is None or event.id_token.type != PAID:
        return
    wanted = _wanted(station).pop(str(evse.id), None)

    def set_limit(_station: Station) -> None:
        limits.set_limit(station, evse, wanted)

    if wanted is not None:
        station.alarm(f"wanted {evse.id}", 0, set_limit)


# A payment that goes on


def is_held(station: Station, evse: EvseUnit) -> bool:
    """Whether somebody is paying for a charge at an EVSE, so that nobody else may begin one."""
    return station.has_alarm(_name(evse))


def release(station: Station, evse_id: int | None = None) -> None:
    """Let others begin as well; at one EVSE, or at all."""
    for evse in station.evses:
        if evse_id in (None, 0, evse.id):
            station.silence(_name(evse))


def _name(evse: EvseUnit) -> str:
    return f"payment {evse.id}"


async def on_started(station: Station, request: wire.NotifyWebPaymentStarted) -> Any:
    """Keep an EVSE free for whoever pays, for some time (C25.FR.22, FR.27)."""
    release(station, request.evse_id)
    for evse in station.evses:
        if request.evse_id in (0, evse.id) and request.timeout > 0:
            station.alarm(_name(evse), request.timeout, refresh)
    refresh(station)
    return wire.NotifyWebPaymentStartedResponse()


def on_status(station: Station, news: tuple[EvseUnit, Connector, State]) -> None:
    """Show where to pay where somebody may, and only there."""
    del news
    if station.displays:
        refresh(station)


# Receipts


async def validate_vat_number(
    station: Station, vat_number: str, evse_id: int | None = None
) -> wire.VatNumberValidationResponse:
    """Ask whose a VAT number is that a driver wants on the receipt (C18.FR.08).

    Raises `NoAnswer`, `OcppError`, `Untranslatable`.
    """
    asked = wire.VatNumberValidation(vat_number=vat_number, evse_id=evse_id)
    answer: wire.VatNumberValidationResponse = await station.ask(asked)
    return answer


def on_start(station: Station) -> None:
    """Have the variables, where there is a display."""
    if not station.displays:
        return
    for row in ROWS:
        station.model.define(Component(CTRLR), row)
    for evse in station.evses:
        station.model.define(Component(CTRLR, None, Evse(evse.id)), ROAMING)
    refresh(station)


HANDLERS: dict[type, Any] = {wire.NotifyWebPaymentStarted: on_started}
EFFECTS: dict[str, Any] = {f"{CTRLR}/{row.name}": refresh for row in (*ROWS, ROAMING)}
ON_EVENT = (on_event,)
ON_STATUS = (on_status,)
ON_LINK = (refresh,)
ON_START = (on_start,)
