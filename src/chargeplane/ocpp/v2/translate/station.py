"""StatusNotification, UnlockConnector, TriggerMessage and what 2.x says in fewer words than 1.x.

Lost on the way to 2.x: the charging state and error of a connector (2.x has
TransactionEvent and NotifyEvent for them); the serial number of the charge
box and the meter's type and number; "NotSupported" of 1.x becomes the nearest
refusal with a reason code.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import msgspec

from chargeplane.domain import station, tokens
from chargeplane.domain.messages import Empty, StatusInfo
from chargeplane.domain.station import Evse
from chargeplane.errors import Untranslatable
from chargeplane.ocpp.v2 import wire
from chargeplane.ocpp.v2.translate.rows import carried, row, to, to_wire

UNSUPPORTED = StatusInfo(reason_code="UnsupportedRequest")


def read_status(request: wire.StatusNotification) -> station.StatusNotification:
    """The availability of a connector."""
    return station.StatusNotification(
        evse=Evse(request.evse_id, request.connector_id),
        connector_status=request.connector_status,
        timestamp=request.timestamp,
        custom_data=request.custom_data,
    )


def write_status(request: station.StatusNotification) -> wire.StatusNotification:
    """The availability of a connector; 2.x asks when it was seen and has none of the station."""
    if request.timestamp is None:
        raise Untranslatable("OCPP 2.x StatusNotification needs a timestamp")
    if request.evse.id == 0:
        raise Untranslatable("OCPP 2.x has no StatusNotification of the station as a whole")
    return to_wire(wire.StatusNotification)(
        SimpleNamespace(
            timestamp=request.timestamp,
            connector_status=request.connector_status,
            evse_id=request.evse.id,
            connector_id=request.evse.connector_id or 1,
            custom_data=request.custom_data,
        )
    )


def refusing(status: str, kind: type[Any]) -> Any:
    """A `write_answer` that says `status` with a reason where 1.x says NotSupported."""
    convert = to_wire(kind)

    def write(answer: Any) -> Any:
        if answer.status == "NotSupported":
            answer = msgspec.structs.replace(answer, status=status, status_info=UNSUPPORTED)
        return convert(answer)

    return write


def write_trigger(request: station.TriggerMessage) -> wire.TriggerMessage:
    """2.x says LogStatusNotification for both kinds of logs."""
    if request.requested_message == "DiagnosticsStatusNotification":
        request = msgspec.structs.replace(request, requested_message="LogStatusNotification")
    return to_wire(wire.TriggerMessage)(request)


def read_authorization(answer: wire.AuthorizeResponse) -> tokens.AuthorizeAnswer:
    """The tariff stays plain JSON."""
    plain = msgspec.structs.replace(answer, tariff=carried(answer.tariff))
    return to(tokens.AuthorizeAnswer)(plain)


ROWS = (
    row(
        "station",
        "Authorize",
        tokens.Authorize,
        answer=tokens.AuthorizeAnswer,
        read_answer=read_authorization,
    ),
    row(
        "station",
        "StatusNotification",
        station.StatusNotification,
        answer=Empty,
        read=read_status,
        write=write_status,
    ),
    row(
        "csms",
        "TriggerMessage",
        station.TriggerMessage,
        answer=station.TriggerAnswer,
        write=write_trigger,
    ),
    row(
        "csms",
        "UnlockConnector",
        station.UnlockConnector,
        answer=station.UnlockAnswer,
        write_answer=refusing("UnknownConnector", wire.UnlockConnectorResponse),
    ),
    row(
        "csms",
        "SendLocalList",
        tokens.SendLocalList,
        answer=tokens.SendLocalListAnswer,
        write_answer=refusing("Failed", wire.SendLocalListResponse),
    ),
)
