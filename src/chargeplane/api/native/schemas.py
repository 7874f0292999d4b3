"""The schemas of the OpenAPI document, made of the types themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, get_args, get_type_hints

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from chargeplane.api import problems
from chargeplane.api.native import shapes
from chargeplane.csms import commands
from chargeplane.csms.operations import OPERATIONS, OperationEntry
from chargeplane.domain.events import Event
from chargeplane.domain.messages import Json, Request
from chargeplane.storage import records
from chargeplane.storage.repositories.meter_values import Bucket

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


def documented(
    answer: Any = None,
    *,
    body: Any = None,
    example: Any = None,
    status: int = 200,
    also: dict[int | str, dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """What a route says of itself: its answer, what it is sent, an example of that."""
    good: dict[str, Any] = {"description": "Done."}
    if answer is not None:
        good["content"] = content(answer)
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
        made.setdefault("components", {})["schemas"] = COMPONENTS
        app.openapi_schema = made
    return app.openapi_schema
