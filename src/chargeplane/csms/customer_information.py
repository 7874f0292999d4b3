"""What stations know about customers: read and deleted."""

from __future__ import annotations

from typing import Any

import msgspec
import structlog

from chargeplane.csms import notes, reports
from chargeplane.csms.central import Central
from chargeplane.csms.commands import BY_SYSTEM, Asked, operate
from chargeplane.csms.local_list import send_local_list
from chargeplane.csms.registry import Station
from chargeplane.domain.certificates import CertificateHashData
from chargeplane.domain.messages import StatusInfo, Value
from chargeplane.domain.tokens import AuthorizationData, SendLocalList, Token
from chargeplane.errors import ChargeplaneError
from chargeplane.ocpp.v2 import wire
from chargeplane.storage.repositories import local_lists

logger = structlog.get_logger()


class CustomerInformation(Value, frozen=True, kw_only=True):
    """Report what is known of a customer, delete it, or both; one of the three says of whom."""

    report: bool
    clear: bool
    id_token: Token | None = None
    customer_certificate: CertificateHashData | None = None
    customer_identifier: str | None = None


class Customer(Value, frozen=True, kw_only=True):
    """What the station said; `data` is its own text."""

    status: wire.CustomerInformationStatusEnum
    data: str | None = None
    status_info: StatusInfo | None = None


class _Numbered(Value, frozen=True, kw_only=True):
    request_id: int
    report: bool
    clear: bool
    id_token: Token | None
    customer_certificate: CertificateHashData | None
    customer_identifier: str | None


async def customer_information(
    central: Central, station_id: str, wanted: CustomerInformation, asked: Asked = BY_SYSTEM
) -> Customer:
    """Read or delete what a station knows of a customer (2.x N09, N10); raises as `send` does."""

    async def ask(station: Station) -> Customer:
        # N09.FR.06, N10.FR.06: something comes even if there is nothing to tell.
        answer, texts = await reports.collect(
            station, _request(wanted), wire.NotifyCustomerInformation, asked
        )
        data = "".join(texts) if answer.status == "Accepted" else None
        return Customer(status=answer.status, data=data, status_info=notes.info(answer))

    customer = await operate(central, station_id, wanted, ask, asked)
    if wanted.clear and wanted.id_token and customer.status == "Accepted":
        await _strike_off(central, station_id, wanted.id_token, asked)
    return customer


async def _strike_off(central: Central, station_id: str, token: Token, asked: Asked) -> None:
    """Take a customer off the station's local list as well (2.x N10.FR.02)."""
    known = await central.database.read(local_lists.get, station_id)
    entries = [e for e in known.entries if e.id_token.key == token.key] if known else []
    if known is None or not entries:
        return
    update = SendLocalList(
        version_number=known.version + 1,
        update_type="Differential",
        local_authorization_list=tuple(AuthorizationData(id_token=e.id_token) for e in entries),
    )
    try:
        await send_local_list(central, station_id, update, asked)
    except ChargeplaneError as error:
        logger.warning("customer still on the local list", station=station_id, error=str(error))


async def on_information(
    station: Station, request: wire.NotifyCustomerInformation
) -> wire.NotifyCustomerInformationResponse:
    """Store a part of what a station knows of a customer (2.x N09, N10)."""
    await station.central.commit(
        lambda unit: notes.keep(unit, station.id, "customer.information", request)
    )
    reports.hand_on(station, request, (request.data,), request.seq_no)
    return wire.NotifyCustomerInformationResponse()


def _request(wanted: CustomerInformation) -> wire.CustomerInformation:
    said = {name: getattr(wanted, name) for name in wanted.__struct_fields__}
    numbered = _Numbered(request_id=notes.new_id(), **said)
    return msgspec.convert(numbered, wire.CustomerInformation, from_attributes=True)


HANDLERS: dict[type, Any] = {
    wire.NotifyCustomerInformation: on_information,
}
OPERATIONS: dict[str, tuple[type, Any]] = {
    "customer_information": (CustomerInformation, customer_information),
}
