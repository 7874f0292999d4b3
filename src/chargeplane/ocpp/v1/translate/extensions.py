"""DataTransfer, and what the Open Charge Alliance says inside of it.

`org.openchargealliance.iso15118pnc` carries messages of 2.0.1 as JSON text,
so they are translated by the rows of 2.x and narrowed to 2.0.1. `org.openchargealliance.costmsg`
carries prices and costs (OCPP & California Pricing Requirements). Everything
else stays a DataTransfer; data that is no text is sent as JSON text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from chargeplane.domain import certificates, messages, station, tariff_cost, tokens
from chargeplane.domain.messages import Empty, Json, MessageContent, Request
from chargeplane.domain.station import DataTransfer, DataTransferAnswer
from chargeplane.domain.tokens import Token
from chargeplane.errors import Untranslatable
from chargeplane.ocpp.action import Action, Wire
from chargeplane.ocpp.errors import OcppError
from chargeplane.ocpp.narrow import narrowed, to_milliseconds
from chargeplane.ocpp.v1 import wire
from chargeplane.ocpp.v1.translate.rows import row, say, transaction_number
from chargeplane.ocpp.v2.translate import SHARED

PLUG_AND_CHARGE = "org.openchargealliance.iso15118pnc"
V2G = "SignV2GCertificate"  # the only message that Plug & Charge triggers
COSTS = "org.openchargealliance.costmsg"

PNC_ACTIONS = frozenset(
    {
        "Authorize",
        "CertificateSigned",
        "DeleteCertificate",
        "Get15118EVCertificate",
        "GetCertificateStatus",
        "GetInstalledCertificateIds",
        "InstallCertificate",
        "SignCertificate",
        "TriggerMessage",
    }
)
PNC: dict[str, Action[Any, Any]] = {
    action.name: action for action in SHARED if action.name in PNC_ACTIONS
}
PNC_BY_REQUEST = {kind: action for action in PNC.values() for kind in action.requests}


# Costs


def _texts(data: Json) -> tuple[MessageContent, ...]:
    return msgspec.convert(data.get("priceTextExtra", ()), tuple[MessageContent, ...])


def _read_price(data: Json) -> tokens.SetUserPrice:
    return tokens.SetUserPrice(
        id_token=Token(data["idToken"]),
        price_text=data["priceText"],
        price_text_extra=_texts(data),
    )


def _read_running(data: Json) -> tariff_cost.CostUpdated:
    known = {"transactionId", "cost"}
    running = {name: value for name, value in data.items() if name not in known}
    return tariff_cost.CostUpdated(
        total_cost=float(data["cost"]),
        transaction_id=str(data["transactionId"]),
        running=running or None,
    )


def _read_final(data: Json) -> tariff_cost.FinalCost:
    return tariff_cost.FinalCost(
        transaction_id=str(data["transactionId"]),
        cost=float(data["cost"]),
        price_text=data.get("priceText"),
        price_text_extra=_texts(data),
        qr_code_text=data.get("qrCodeText"),
    )


def _read_unplugged(data: Json) -> tariff_cost.ConnectorUnplugged:
    return msgspec.convert(
        {"transaction_id": str(data["transactionId"]), "timestamp": data["timestamp"]},
        tariff_cost.ConnectorUnplugged,
    )


def _write_price(request: tokens.SetUserPrice) -> Json:
    return {
        "idToken": request.id_token.id_token,
        "priceText": request.price_text,
        **_extra(request.price_text_extra),
    }


def _write_running(request: tariff_cost.CostUpdated) -> Json:
    number = transaction_number(request.transaction_id)
    return {"transactionId": number, "cost": request.total_cost, **(request.running or {})}


def _write_final(request: tariff_cost.FinalCost) -> Json:
    said = {
        "transactionId": transaction_number(request.transaction_id),
        "cost": request.cost,
        "priceText": request.price_text,
        "qrCodeText": request.qr_code_text,
    }
    said = {name: value for name, value in said.items() if value is not None}
    return {**said, **_extra(request.price_text_extra)}


def _write_unplugged(request: tariff_cost.ConnectorUnplugged) -> Json:
    number = transaction_number(request.transaction_id)
    return {"transactionId": number, "timestamp": request.timestamp}


def _extra(texts: tuple[MessageContent, ...]) -> Json:
    return {"priceTextExtra": msgspec.to_builtins(texts)} if texts else {}


Read = Callable[[Json], Request[Empty]]
Write = Callable[[Any], Json]

COST_MESSAGES: dict[str, tuple[type[Request[Empty]], Read, Write]] = {
    "SetUserPrice": (tokens.SetUserPrice, _read_price, _write_price),
    "RunningCost": (tariff_cost.CostUpdated, _read_running, _write_running),
    "FinalCost": (tariff_cost.FinalCost, _read_final, _write_final),
    "ConnectorUnplugged": (
        tariff_cost.ConnectorUnplugged,
        _read_unplugged,
        _write_unplugged,
    ),
}
COST_NAMES = {kind: name for name, (kind, _, _) in COST_MESSAGES.items()}


# DataTransfer


def read(request: wire.DataTransfer) -> Request[Any]:
    """A vendor's message, or what it carries."""
    name = request.message_id or ""
    if request.vendor_id == PLUG_AND_CHARGE and name in PNC:
        action = PNC[name]
        return action.read(_decode(request.data, action.wire))
    if request.vendor_id == COSTS and name in COST_MESSAGES:
        return _read_cost(name, request.data)
    return DataTransfer(
        vendor_id=request.vendor_id, message_id=request.message_id, data=request.data
    )


def _read_cost(name: str, data: str | None) -> Request[Empty]:
    try:
        return COST_MESSAGES[name][1](_decode(data, dict[str, Any]))
    except (KeyError, TypeError, ValueError) as error:
        raise OcppError("FormatViolation", f"{name} in DataTransfer: {error!r}") from error


def _decode(data: str | None, kind: Any) -> Any:
    try:
        return msgspec.json.decode(data or "{}", type=kind)
    except msgspec.MsgspecError as error:
        raise OcppError("FormatViolation", f"data of DataTransfer: {error}") from error


def write(request: Request[Any]) -> wire.DataTransfer:
    """A vendor's message, or a message that 1.x can only carry."""
    if isinstance(request, DataTransfer):
        return say(
            wire.DataTransfer,
            vendor_id=request.vendor_id,
            message_id=request.message_id,
            data=_as_text(request.data),
        )
    if name := COST_NAMES.get(type(request)):
        carried: Any = COST_MESSAGES[name][2](request)
        return _carry(COSTS, name, carried)
    action = PNC_BY_REQUEST[type(request)]
    if isinstance(request, station.TriggerMessage) and request.requested_message != V2G:
        raise Untranslatable(f"OCPP 1.6 cannot trigger {request.requested_message}")
    return _carry(PLUG_AND_CHARGE, action.name, action.write(request))


def _carry(vendor: str, name: str, data: Any) -> wire.DataTransfer:
    return wire.DataTransfer(vendor_id=vendor, message_id=name, data=_as_json(data))


def _as_json(data: Any) -> str:
    if isinstance(data, Wire):
        data = narrowed(data, "2.0.1")
    return to_milliseconds(msgspec.json.encode(data)).decode()


def _as_text(data: Any) -> str | None:
    if data is None or isinstance(data, str):
        return data
    return msgspec.json.encode(data).decode()


def read_answer(answer: wire.DataTransferResponse, asked: Request[Any]) -> Any:
    """A vendor's answer, or the answer to what was carried."""
    if isinstance(asked, DataTransfer):
        return DataTransferAnswer(status=answer.status, data=answer.data)
    if answer.status != "Accepted":
        raise OcppError("NotSupported", f"the peer answers DataTransfer with {answer.status}")
    if type(asked) in COST_NAMES:
        return Empty()
    action = PNC_BY_REQUEST[type(asked)]
    return action.read_answer(_decode(answer.data, action.wire_answer), asked)


def write_answer(answer: Any) -> wire.DataTransferResponse:
    """A vendor's answer, or the answer to what was carried."""
    if isinstance(answer, DataTransferAnswer):
        return wire.DataTransferResponse(status=answer.status, data=_as_text(answer.data))
    if isinstance(answer, Empty):
        return wire.DataTransferResponse(status="Accepted")
    carried = PNC_ANSWERS[type(answer)].write_answer(answer)
    return wire.DataTransferResponse(status="Accepted", data=_as_json(carried))


PNC_ANSWERS: dict[type[Any], Action[Any, Any]] = {
    messages.Outcome: PNC["SignCertificate"],
    tokens.AuthorizeAnswer: PNC["Authorize"],
    station.TriggerAnswer: PNC["TriggerMessage"],
    certificates.DeleteCertificateAnswer: PNC["DeleteCertificate"],
    certificates.EvCertificateAnswer: PNC["Get15118EVCertificate"],
    certificates.CertificateStatusAnswer: PNC["GetCertificateStatus"],
    certificates.InstalledCertificates: PNC["GetInstalledCertificateIds"],
    certificates.InstallCertificateAnswer: PNC["InstallCertificate"],
}

ROWS = (
    row(
        "both",
        "DataTransfer",
        DataTransfer,
        *COST_NAMES,
        *PNC_BY_REQUEST,
        read=read,
        write=write,
        read_answer=read_answer,
        write_answer=write_answer,
    ),
)
