"""What the native API is sent and answers, beside the records and the vocabulary."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, get_type_hints

import msgspec
from msgspec import UNSET, Meta, UnsetType

from chargeplane.csms.lists import SECRETS
from chargeplane.domain.messages import Value
from chargeplane.domain.profiles import ChargingProfile
from chargeplane.storage.records import (
    AllowListMode,
    ApiKeyRecord,
    CommandRecord,
    ConnectorRecord,
    Record,
    Registration,
    Scope,
    StationRecord,
    TransactionRecord,
    WebhookRecord,
)

Text = Annotated[str, Meta(max_length=255)]
LongText = Annotated[str, Meta(max_length=2000)]
Id = Annotated[str, Meta(min_length=1, max_length=255)]
Moment = Annotated[datetime, Meta(tz=True)]
HttpUrl = Annotated[str, Meta(pattern=r"^https?://[^\s/]+", max_length=2000)]
Small = Annotated[int, Meta(ge=-1_000_000, le=1_000_000)]


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of what is sent: an unknown member is an error."""


def shape_of(name: str, record: type[Record], without: frozenset[str], **more: Any) -> Any:
    """A record as it is shown: less some fields, with some more."""
    hints = {**get_type_hints(record), **more}
    fields = [(key, hint) for key, hint in hints.items() if key not in without]
    return msgspec.defstruct(name, fields, namespace={"__doc__": record.__doc__}, kw_only=True)


Station = shape_of("Station", StationRecord, SECRETS, connectors=tuple[ConnectorRecord, ...])
Transaction = shape_of("Transaction", TransactionRecord, frozenset(), energy_mwh=int | None)
ApiKey = shape_of("ApiKey", ApiKeyRecord, frozenset({"digest"}))
Webhook = shape_of("Webhook", WebhookRecord, frozenset({"secret"}))


def shown(kind: Any, record: Any, **more: Any) -> Any:
    """A record in the shape that is shown; `more` are the fields that it lacks."""
    names = (name for name in kind.__struct_fields__ if name not in more)
    return kind(**{name: getattr(record, name) for name in names}, **more)


class Listed(msgspec.Struct, frozen=True):
    """A page of a list; `cursor` asks for what follows, null: there is no more."""

    items: tuple[Any, ...]
    cursor: str | None = None


def page_of(name: str, item: Any) -> Any:
    """The shape of a page of such items."""
    fields = [("items", tuple[item, ...]), ("cursor", str | None)]
    return msgspec.defstruct(name, fields, namespace={"__doc__": Listed.__doc__})


class StationChange(Body, frozen=True):
    """What an operator decides about a station; what is not sent stays as it is."""

    name: Text | UnsetType | None = UNSET
    comment: LongText | UnsetType | None = UNSET
    location: LongText | UnsetType | None = UNSET
    enabled: bool | UnsetType = UNSET
    registration: Registration | UnsetType = UNSET
    password: Annotated[str, Meta(min_length=16, max_length=40)] | UnsetType | None = UNSET
    min_security_profile: Annotated[int, Meta(ge=0, le=3)] | UnsetType = UNSET
    pinned_version: Text | UnsetType | None = UNSET
    heartbeat_interval_s: Annotated[int, Meta(ge=1, le=86_400)] | UnsetType | None = UNSET
    soap_endpoint: HttpUrl | UnsetType | None = UNSET
    free_vend: bool | UnsetType = UNSET
    allow_list_mode: AllowListMode | UnsetType = UNSET


class StationRegistration(StationChange, frozen=True, kw_only=True):
    """A station that is to be let in."""

    id: Annotated[str, Meta(pattern=r"^[^\x00-\x20/\x7f]{1,255}$")]


class Live(msgspec.Struct, frozen=True, kw_only=True):
    """A connection as this process has it; `oddities` counts what was tolerated."""

    address: str
    connected_at: datetime
    last_seen: datetime
    registration: str
    oddities: dict[str, int]


class EvseState(msgspec.Struct, frozen=True, kw_only=True):
    """An EVSE with its connectors and the charge that runs there."""

    id: int
    connectors: tuple[ConnectorRecord, ...]
    transaction: TransactionRecord | None = None


StationDetail = shape_of(
    "StationDetail",
    StationRecord,
    SECRETS,
    connectors=tuple[ConnectorRecord, ...],
    evses=tuple[EvseState, ...],
    live=Live | None,
)


class TokenChange(Body, frozen=True):
    """A token whole, as it is to be."""

    type: Text = "ISO14443"
    group_id: Text | None = None
    blocked: bool = False
    valid_from: Moment | None = None
    expires_at: Moment | None = None
    max_active_transactions: Small = 1
    name: Text | None = None
    comment: LongText | None = None
    personal_message: Text | None = None
    language: Text | None = None
    charging_priority: Annotated[int, Meta(ge=-9, le=9)] | None = None
    stations: tuple[Id, ...] | None = None


class NewToken(TokenChange, frozen=True, kw_only=True):
    """A token that is to be known."""

    id_token: Id


_NO_ID = [
    (each.name, each.type) if each.required else (each.name, each.type, each.default)
    for each in msgspec.structs.fields(ChargingProfile)
    if each.name != "id"
]
TemplateProfile: Any = msgspec.defstruct(
    "TemplateProfile",
    _NO_ID,
    bases=(Value,),
    namespace={"__doc__": "A charging profile, whose id is the number under which it is kept."},
    frozen=True,
    kw_only=True,
)
ProfileTemplate: Any = msgspec.defstruct(
    "ProfileTemplate",
    [("profile", TemplateProfile), ("name", Text | None, None)],
    bases=(Body,),
    namespace={"__doc__": "A charging profile that is to be kept."},
    frozen=True,
    kw_only=True,
)


class NewApiKey(Body, frozen=True):
    """A key that is to be made; `stations` are those that it may see, null: all."""

    name: Id
    scope: Scope = "read"
    stations: tuple[Id, ...] | None = None


class MadeApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A new key; it is told this once."""

    name: str
    scope: Scope
    stations: tuple[str, ...] | None
    key: str


class NewWebhook(Body, frozen=True):
    """Where events are to be sent. `kinds` empty: all; `transaction.*` means all of a group."""

    url: HttpUrl
    kinds: tuple[Id, ...] = ()
    station_id: Id | None = None


class MadeWebhook(msgspec.Struct, frozen=True, kw_only=True):
    """A new webhook and the secret that its calls are signed with; it is told this once."""

    id: int
    url: str
    kinds: tuple[str, ...]
    station_id: str | None
    secret: str


class WebhookChange(Body, frozen=True):
    """Whether a webhook is called."""

    enabled: bool


class StationSelection(Body, frozen=True):
    """Which stations of those that the key sees; all conditions that are given hold."""

    search: Text | None = None
    online: bool | None = None


class Outcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of asking one station: its answer, or why there is none."""

    answer: Any = None
    problem: Any = None


class TaskState(msgspec.Struct, frozen=True, kw_only=True):
    """What became of asking one station or many; the outcomes once it is done."""

    task: str
    done: bool
    outcomes: dict[str, Outcome] = {}
    commands: tuple[CommandRecord, ...] = ()
