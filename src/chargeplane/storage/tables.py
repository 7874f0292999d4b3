"""The tables. Times are UTC, energies integer mWh, money integer minor units.

What belongs to a station and means nothing without it (connectors, variables,
local lists, profiles) is deleted with it. What tells what happened (transactions,
readings, events, messages) refers to it by name only and outlives it.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Table,
    Text,
    UniqueConstraint,
    false,
    literal_column,
    true,
)

from chargeplane.domain.messages import Json as JsonObject
from chargeplane.domain.profiles import ChargingProfile
from chargeplane.domain.readings import Sample
from chargeplane.domain.tokens import AuthorizationData
from chargeplane.storage import (
    access_tables,  # noqa: F401 - they belong to the metadata
    columns,
    payment_tables,  # noqa: F401 - they belong to the metadata
)
from chargeplane.storage.columns import moment, number, owner, station
from chargeplane.storage.types import Json, Number, SafeText, UtcDateTime

metadata = columns.metadata

stations = Table(
    "stations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text),
    Column("comment", Text),
    Column("location", Text),
    Column("enabled", Boolean, nullable=False, server_default=true()),
    Column("registration", Text, nullable=False, server_default="Accepted"),
    Column("password_hash", Text),
    Column("min_security_profile", Number, nullable=False, server_default="0"),
    Column("pinned_version", Text),
    Column("heartbeat_interval_s", Number),
    Column("soap_endpoint", Text),  # where it is called; else where it says
    Column("free_vend", Boolean, nullable=False, server_default=false()),
    Column("allow_list_mode", Text, nullable=False, server_default="any"),
    Column("vendor", SafeText),
    Column("model", SafeText),
    Column("serial_number", SafeText),
    Column("firmware_version", SafeText),
    Column("iccid", SafeText),
    Column("imsi", SafeText),
    Column("charge_box_serial_number", SafeText),
    Column("meter_type", SafeText),
    Column("meter_serial_number", SafeText),
    Column("boot_reason", Text),
    moment("boot_at", nullable=True),
    Column("online", Boolean, nullable=False, server_default=false()),
    Column("node", Text),  # the process that holds the connection
    Column("subprotocol", Text),
    Column("security_profile", Number),
    Column("remote_address", Text),
    moment("connected_at", nullable=True),
    moment("disconnected_at", nullable=True),
    moment("last_seen_at", nullable=True),
    moment("created_at"),
    Column("revision", Number, nullable=False, server_default="1"),
)

connectors = Table(
    "connectors",
    metadata,
    owner(),
    Column("evse_id", Number, primary_key=True),  # 0 is the station itself
    Column("connector_id", Number, primary_key=True),  # 1.x connector n is connector 1 of EVSE n
    Column("name", Text),
    Column("status", Text),
    Column("charging_state", Text),
    Column("error_code", SafeText),
    Column("error_info", SafeText),
    Column("error_vendor_id", SafeText),
    Column("error_vendor_code", SafeText),
    moment("status_at", nullable=True),
    Column("energy_mwh", Number),
    Column("power_w", Double),
    Column("current_a", Double),
    Column("soc_percent", Double),
    moment("measured_at", nullable=True),
)

refused_stations = Table(
    "refused_stations",
    metadata,
    Column("station_id", SafeText, primary_key=True),
    Column("address", Text),
    Column("reason", SafeText, nullable=False),
    Column("attempts", Number, nullable=False),
    moment("first_at"),
    moment("last_at"),
    Index(None, "last_at"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("key", SafeText, primary_key=True),  # the lower-case form, by which tokens are compared
    Column("id_token", SafeText, nullable=False),
    Column("type", Text, nullable=False, server_default="ISO14443"),
    Column("group_key", SafeText),
    Column("group_id", SafeText),
    Column("blocked", Boolean, nullable=False, server_default=false()),
    moment("valid_from", nullable=True),
    moment("expires_at", nullable=True),
    Column("max_active_transactions", Number, nullable=False, server_default="1"),
    Column("name", Text),
    Column("comment", Text),
    Column("personal_message", Text),
    Column("language", Text),
    Column("charging_priority", Number),
    Column("stations", Json(tuple[str, ...] | None)),  # where it may charge; NULL: everywhere
    moment("created_at"),
    Index(None, "group_key"),
)

unknown_tokens = Table(
    "unknown_tokens",
    metadata,
    Column("key", SafeText, primary_key=True),
    Column("id_token", SafeText, nullable=False),
    Column("type", Text, nullable=False),
    station(),
    Column("attempts", Number, nullable=False),
    moment("first_at"),
    moment("last_at"),
    Index(None, "last_at"),
)

transactions = Table(
    "transactions",
    metadata,
    number(),  # what 1.x stations call it
    station(),
    Column("uid", SafeText),  # what a 2.x station calls it; NULL in 1.x
    Column("start_key", Text, unique=True),  # recognises a 1.x start that is sent again
    Column("evse_id", Number, nullable=False),
    Column("connector_id", Number),
    Column("state", Text, nullable=False, server_default="open"),
    Column("token_key", SafeText),
    Column("id_token", SafeText),
    Column("token_type", Text),
    Column("start_status", Text),  # what the token was answered at the start
    Column("start_known", Boolean, nullable=False),  # False: only later events have arrived so far
    moment("started_at"),
    Column("start_energy_mwh", Number),
    moment("stopped_at", nullable=True),
    Column("stop_energy_mwh", Number),
    Column("stop_reason", Text),
    Column("stop_id_token", SafeText),
    Column("closed_by", Text),
    Column("charging_state", Text),
    Column("remote_start_id", Number),
    Column("reservation_id", Number),
    Column("offline", Boolean, nullable=False, server_default=false()),
    Column("last_seq_no", Number),
    Column("missing_seq_nos", Json(tuple[int, ...]), nullable=False),
    Column("last_energy_mwh", Number),
    Column("last_power_w", Double),
    Column("last_soc_percent", Double),
    moment("last_measured_at", nullable=True),
    Column("cost_minor", Number),
    Column("currency", Text),
    moment("created_at"),
    UniqueConstraint("station_id", "uid"),
    Index(None, "started_at", "id"),
    Index(None, "station_id", "started_at", "id"),
    Index(None, "token_key", "started_at", "id"),
)
IS_OPEN = transactions.c.state == literal_column("'open'")  # a constant, so that the indexes apply
Index(
    "ix_transactions_open",
    transactions.c.station_id,
    transactions.c.evse_id,
    sqlite_where=IS_OPEN,
    postgresql_where=IS_OPEN,
)
Index(
    "ix_transactions_open_token",
    transactions.c.token_key,
    sqlite_where=IS_OPEN,
    postgresql_where=IS_OPEN,
)

transaction_events = Table(
    "transaction_events",
    metadata,
    number(),
    Column("transaction_id", Number),
    station(),
    Column("key", Text, nullable=False, unique=True),  # recognises an event that is sent again
    Column("uid", SafeText, nullable=False),  # the transaction as the station calls it
    Column("kind", Text, nullable=False),
    Column("seq_no", Number),
    moment("at"),
    moment("received_at"),
    Column("event", Json(JsonObject), nullable=False),
    Index(None, "transaction_id", "id"),
    Index(None, "station_id", "id"),
)

meter_values = Table(
    "meter_values",
    metadata,
    number(),
    station(),
    Column("evse_id", Number, nullable=False),
    Column("measured_at", UtcDateTime, nullable=False),
    Column("digest", Number, nullable=False),  # of the samples: recognises a reading sent again
    Column("transaction_id", Number),
    Column("context", Text),
    Column("import_mwh", Number),
    Column("export_mwh", Number),
    Column("power_w", Double),
    Column("current_l1_a", Double),
    Column("current_l2_a", Double),
    Column("current_l3_a", Double),
    Column("voltage_l1_v", Double),
    Column("voltage_l2_v", Double),
    Column("voltage_l3_v", Double),
    Column("soc_percent", Double),
    Column("samples", Json(tuple[Sample, ...]), nullable=False),
    Index(None, "station_id", "evse_id", "measured_at", "digest", unique=True),
    Index(None, "transaction_id", "measured_at"),
)

reservations = Table(
    "reservations",
    metadata,
    number(),
    station(),
    Column("evse_id", Number),
    Column("connector_type", Text),
    Column("token_key", SafeText, nullable=False),
    Column("id_token", SafeText, nullable=False),
    Column("group_id", SafeText),
    Column("status", Text, nullable=False),
    moment("expires_at"),
    Column("transaction_id", Number),
    moment("created_at"),
    moment("updated_at"),
    Index(None, "station_id", "status"),
)

charging_profiles = Table(
    "charging_profiles",
    metadata,
    owner(),
    Column("profile_id", Number, primary_key=True),
    Column("evse_id", Number, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("stack_level", Number, nullable=False),
    Column("source", Text, nullable=False),
    Column("profile", Json(ChargingProfile), nullable=False),
    moment("updated_at"),
)

charging_profile_templates = Table(
    "charging_profile_templates",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=False),  # callers may choose it
    Column("name", Text),
    Column("profile", Json(ChargingProfile), nullable=False),
    moment("created_at"),
    moment("updated_at"),
)

variables = Table(
    "variables",
    metadata,
    owner(),
    # No instance is '' and no EVSE or connector is 0, because NULL cannot be part of a key.
    Column("component", SafeText, primary_key=True),
    Column("component_instance", SafeText, primary_key=True),
    Column("evse_id", Number, primary_key=True),
    Column("connector_id", Number, primary_key=True),
    Column("variable", SafeText, primary_key=True),
    Column("variable_instance", SafeText, primary_key=True),
    Column("attribute_type", Text, primary_key=True),
    Column("value", SafeText),
    Column("mutability", Text),
    Column("persistent", Boolean),
    Column("constant", Boolean),
    Column("characteristics", Json(JsonObject | None)),
    Column("reboot_required", Boolean, nullable=False, server_default=false()),
    moment("updated_at"),
)

local_lists = Table(
    "local_lists",
    metadata,
    owner(),
    Column("version", Number, nullable=False),
    Column("entries", Json(tuple[AuthorizationData, ...]), nullable=False),
    moment("updated_at"),
)

commands = Table(
    "commands",
    metadata,
    number(),
    station(),
    Column("task", Text),  # shared by the commands that were asked for at once
    Column("action", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("request", Json(), nullable=False),
    Column("answer", Json()),
    Column("error", SafeText),
    moment("created_at"),
    moment("sent_at", nullable=True),
    moment("answered_at", nullable=True),
    Column("duration_s", Double),
    Index(None, "station_id", "id"),
    Index(None, "task"),
)

events = Table(
    "events",
    metadata,
    number(),
    moment("at"),
    Column("kind", Text, nullable=False),
    Column("station_id", Text),
    Column("evse_id", Number),
    Column("transaction_id", Number),
    Column("data", Json(), nullable=False),
    Index(None, "station_id", "id"),
    Index(None, "kind", "id"),
)

security_events = Table(
    "security_events",
    metadata,
    number(),
    station(),
    Column("type", SafeText, nullable=False),
    moment("at"),
    moment("received_at"),
    Column("tech_info", SafeText),
    Index(None, "station_id", "id"),
)

jobs = Table(
    "jobs",
    metadata,
    number(),
    Column("kind", Text, nullable=False),
    station(),
    Column("request_id", Number),
    Column("status", SafeText, nullable=False),
    Column("details", Json(JsonObject), nullable=False),
    moment("created_at"),
    moment("updated_at"),
    Index(None, "station_id", "kind", "id"),
)

notifications = Table(
    "notifications",
    metadata,
    number(),
    station(),
    Column("action", Text, nullable=False),
    moment("at"),
    Column("payload", Json(), nullable=False),
    Index(None, "station_id", "action", "id"),
)

certificate_requests = Table(
    "certificate_requests",
    metadata,
    number(),
    station(),
    Column("certificate_type", Text),
    Column("request_id", Number),
    Column("csr", SafeText, nullable=False),
    Column("status", Text, nullable=False),
    Column("chain", Text),
    Column("error", Text),
    moment("created_at"),
    moment("updated_at"),
    Index(None, "station_id", "id"),
)

messages = Table(
    "messages",
    metadata,
    number(),
    station(),
    moment("at"),
    Column("direction", Text, nullable=False),
    Column("action", SafeText),
    Column("call_id", SafeText),
    Column("frame", SafeText, nullable=False),
    Index(None, "station_id", "id"),
)

data_transfers = Table(
    "data_transfers",
    metadata,
    number(),
    station(),
    moment("at"),
    Column("direction", Text, nullable=False),
    Column("vendor_id", SafeText, nullable=False),
    Column("message_id", SafeText),
    Column("data", Json()),
    Column("status", Text),
    Column("answer", Json()),
    Index(None, "station_id", "id"),
)

api_keys = Table(
    "api_keys",
    metadata,
    number(),
    Column("name", Text, nullable=False, unique=True),
    Column("digest", Text, nullable=False, unique=True),  # of the key, which is kept nowhere
    Column("scope", Text, nullable=False),
    Column("stations", Json(tuple[str, ...] | None)),  # what it may see; NULL: everything
    moment("created_at"),
    moment("revoked_at", nullable=True),
)

idempotent_answers = Table(
    "idempotent_answers",
    metadata,
    Column("key", Text, primary_key=True),  # of the caller and what it sent as Idempotency-Key
    Column("request_digest", Text, nullable=False),
    Column("status", Number),  # NULL: not finished
    Column("media_type", Text),
    Column("body", Text),
    moment("created_at"),
    Column("node", Text),  # the process that works on it, or did
    Index(None, "created_at"),
)

webhooks = Table(
    "webhooks",
    metadata,
    number(),
    Column("url", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("kinds", Json(tuple[str, ...]), nullable=False),
    Column("station_id", Text),
    Column("enabled", Boolean, nullable=False, server_default=true()),
    Column("last_event_id", Number, nullable=False),  # up to which events were looked at
    moment("created_at"),
)

webhook_calls = Table(
    "webhook_calls",
    metadata,
    number(),
    Column("webhook_id", Number, ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
    Column("event_id", Number, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("attempts", Number, nullable=False),
    Column("error", Text),
    moment("due_at"),
    moment("created_at"),
    moment("finished_at", nullable=True),
    UniqueConstraint("webhook_id", "event_id"),
    Index(None, "status", "due_at"),
)

for _table in metadata.tables.values():
    if "id" in _table.c and _table.c.id.type is Number:
        _table.dialect_options["sqlite"]["autoincrement"] = True
