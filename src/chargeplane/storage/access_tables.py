"""The tables of people: who they are, their sign-ins, and what they did."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Table, Text, true

from chargeplane.domain.messages import Json as JsonObject
from chargeplane.storage.columns import metadata, moment, number
from chargeplane.storage.types import Json, Number, SafeText

users = Table(
    "users",
    metadata,
    Column("name", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("stations", Json(tuple[str, ...] | None)),  # patterns of what it sees; NULL: everything
    Column("password_hash", Text, nullable=False),
    Column("must_change_password", Boolean, nullable=False),
    Column("enabled", Boolean, nullable=False, server_default=true()),
    moment("created_at"),
)

sign_in_failures = Table(
    "sign_in_failures",
    metadata,
    Column("digest", Text, primary_key=True),  # of a name or an address
    Column("failures", Number, nullable=False),
    moment("last_at"),
    moment("locked_until", nullable=True),
    Index(None, "last_at"),
)

web_sessions = Table(
    "web_sessions",
    metadata,
    Column("digest", Text, primary_key=True),  # of the token, which is kept nowhere
    Column("user_name", Text, ForeignKey("users.name", ondelete="CASCADE"), nullable=False),
    Column("address", Text, nullable=False),
    moment("created_at"),
    moment("last_seen_at"),
    Index(None, "user_name"),
)

audit_notes = Table(
    "audit_notes",
    metadata,
    number(),
    moment("at"),
    Column("actor", SafeText, nullable=False),
    Column("action", Text, nullable=False),
    Column("station_id", SafeText),
    Column("address", SafeText),
    Column("outcome", SafeText, nullable=False),
    Column("details", Json(JsonObject | None)),
    Index(None, "actor", "id"),
    Index(None, "station_id", "id"),
    Index(None, "at"),
    sqlite_autoincrement=True,
)
