"""The schemas of the OpenAPI document, made of the types themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, get_args, get_type_hints

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from chargeplane.api import problems
from chargeplane.api.native import payment_shapes, shapes
from chargeplane.csms import commands
from chargeplane.csms.operations import OPERATIONS, OperationEntry
from chargeplane.domain.events import Event
from chargeplane.domain.messages import Json, Request
from chargeplane.storage import records
from chargeplane.storage.payment_records import PaymentPrivilegeRecord, PaymentRefundRecord
from chargeplane.storage.repositories.meter_values import Bucket
from chargeplane.storage.repositories.payments import DailyTotal

IDEMPOTENCY_KEY: Final = "Idempotency-Key"
REF: Final = "#/components/schemas/{name}"

Stations = shapes.page_of("Stations", shapes.Station)
Transactions = shapes.page_of("Transactions", shapes.Transaction)
Tokens = shapes.page_of("Tokens", records.TokenRecord)
UnknownTokens = shapes.page_of("UnknownTokens", records.UnknownTokenRecord)
RefusedStations = shapes.page_of("RefusedStations", records.RefusedStationRecord)
MeterValues = shapes.page_of("MeterValues", records.MeterValueRecord)
Reservations = shapes.page_of("Reservations", records.ReservationRecord)
Variables = shapes.page_of("Variables", records.VariableRecord)
Commands = shapes.page_of("Commands", records.CommandRecord)
Messages = shapes.page_of("Messages", records.MessageRecord)
Events = shapes.page_of("Events", records.EventRecord)
ProfileTemplates = shapes.page_of("ChargingProfileTemplates", records.ChargingProfileTemplateRecord)
Payments = shapes.page_of("Payments", payment_shapes.Payment)
WebhookCalls = shapes.page_of("WebhookCalls", records.WebhookCallRecord)

SHAPES: Final[tuple[Any, ...]] = (
    *(Stations, Transactions, Tokens, UnknownTokens, RefusedStations, MeterValues, Reservations),
    *(Variables, Commands, Messages, Events, WebhookCalls, ProfileTemplates),
    *(shapes.StationDetail, shapes.StationChange, shapes.StationRegistration, shapes.Transaction),
    *(shapes.TokenChange, shapes.NewToken, shapes.NewApiKey, shapes.MadeApiKey, shapes.ApiKey),
    *(shapes.NewWebhook, shapes.MadeWebhook, shapes.Webhook, shapes.WebhookChange),
    *(shapes.StationSelection, shapes.TaskState, problems.Problem, Event, Bucket),
    *(records.TokenRecord, records.CommandRecord, records.LocalListRecord),
    *(records.ChargingProfileRecord, records.ReservationRecord),
    *(records.ChargingProfileTemplateRecord, shapes.ProfileTemplate),
    *(Payments, payment_shapes.PaymentDetails, payment_shapes.NewPayment, DailyTotal),
    *(payment_shapes.PaymentMade, payment_shapes.PaymentConfirmation, PaymentRefundRecord),
    *(payment_shapes.PaymentCancellation, payment_shapes.PaymentOutcome),
    *(payment_shapes.NewRefund, payment_shapes.PriceList, payment_shapes.ShownPrices),
    PaymentPrivilegeRecord,
)


def answer_of(entry: OperationEntry) -> Any:
    """The type of an operation's answer."""
    if entry.run is not commands.send:
        return get_type_hints(entry.run).get("return", Json)
    bases = getattr(entry.request, "__orig_bases__", ())
    found = [get_args(base) for base in bases if getattr(base, "__origin__", None) is Request]
    return found[0][0] if found else Json


def _types() -> Iterator[Any]:
    yield from SHAPES
    for entry in OPERATIONS.values():
        yield entry.request
        yield answer_of(entry)


_TYPES: Final = tuple(dict.fromkeys(_types()))
_SCHEMAS, COMPONENTS = msgspec.json.schema_components(_TYPES, ref_template=REF)
_BY_TYPE: Final = dict(zip(_TYPES, _SCHEMAS, strict=True))


def schema(kind: Any) -> dict[str, Any]:
    """The schema of a type, or of a list of such."""
    if isinstance(kind, list):
        return {"type": "array", "items": schema(kind[0])}
    found: dict[str, Any] = _BY_TYPE[kind]
    return found


def content(kind: Any, example: Any = None, media: str = "application/json") -> dict[str, Any]:
    """A body of that type, as the document says it."""
    described = {"schema": schema(kind)}
    return {media: described if example is None else described | {"example": example}}


PROBLEM: Final = {
    "description": "What went wrong (RFC 9457).",
    "content": content(problems.Problem, media=problems.MEDIA_TYPE),
}
"""Stands for the errors of a route, until the document names them (`_name_refusals`)."""


def documented(
    answer: Any = None,
    *,
    answered: Any = None,
    body: Any = None,
    example: Any = None,
    status: int = 200,
    also: dict[int | str, dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """What a route says of itself: its answer, what it is sent, and examples of both."""
    good: dict[str, Any] = {"description": "Done."}
    if answer is not None:
        good["content"] = content(answer, answered)
    said: dict[str, Any] = {
        "status_code": status,
        "responses": {status: good, **(also or {}), "default": PROBLEM},
    }
    if body is not None:
        sent = {"content": content(body, example), "required": True}
        said["openapi_extra"] = {"requestBody": sent}
    return said


def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, made once."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
        )
        components = made.setdefault("components", {})
        components["schemas"] = COMPONENTS
        components["responses"] = REFUSALS
        for path, methods in made["paths"].items():
            for operation in methods.values():
                _name_refusals(path, operation)
        app.openapi_schema = made
    return app.openapi_schema


REFUSALS: Final = {
    str(code): PROBLEM | {"description": description}
    for code, description in (
        (401, "The key is missing or wrong."),
        (403, "The key is not good for this."),
        (404, "It is not there."),
        (409, "It cannot be done as things are, such as while the station is not connected."),
        (413, "Too much was sent."),
        (422, "What was sent cannot be used."),
        (429, "The key asked too often, or too many calls wait for the station."),
        (502, "The station answered with an OCPP error, which `code` names."),
        (503, "The data store cannot be reached."),
        (504, "The station did not answer in time."),
    )
}
LIVENESS: Final = "/healthz"  # answers without the data store
ASKING: Final = "/commands/"  # in the path of what asks stations
PAYING: Final = "payments"  # the tag of what may ask the payment provider


def _name_refusals(path: str, operation: dict[str, Any]) -> None:
    """Say which errors an operation may answer, by what it takes."""
    answers = operation["responses"]
    answers.pop("default", None)
    takes = {each["name"] for each in operation.get("parameters", ())}
    asks = ASKING in path and "requestBody" in operation
    for codes, applies in (
        ((503,), path != LIVENESS),
        ((401, 403, 429), "security" in operation),
        ((404,), "{" in path or asks),
        ((409, 413), IDEMPOTENCY_KEY in takes),
        ((413, 422), "requestBody" in operation),
        ((422,), bool(takes)),
        ((502, 504), asks),
        ((409,), PAYING in operation.get("tags", ())),
        ((502,), PAYING in operation.get("tags", ()) and IDEMPOTENCY_KEY in takes),
    ):
        if applies:
            answers.update({str(c): {"$ref": f"#/components/responses/{c}"} for c in codes})
