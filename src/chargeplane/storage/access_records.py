"""Rows of people as values, with the columns of their tables in order."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from chargeplane.domain.messages import Json
from chargeplane.storage.records import Record

Role = Literal["viewer", "operator", "admin"]
"""What a user may do: look, ask stations to do something, change what is kept."""


class UserRecord(Record, frozen=True):
    """A person who may sign in; `stations` are patterns of what is seen, None: everything."""

    name: str
    role: Role
    stations: tuple[str, ...] | None
    password_hash: str
    must_change_password: bool
    enabled: bool
    created_at: datetime


class SignInFailureRecord(Record, frozen=True):
    """How often in a row a name or an address failed to sign in, by its digest."""

    digest: str
    failures: int
    last_at: datetime
    locked_until: datetime | None


class WebSessionRecord(Record, frozen=True):
    """A browser that is signed in, by the digest of its token."""

    digest: str
    user_name: str
    address: str
    created_at: datetime
    last_seen_at: datetime


class AuditNoteRecord(Record, frozen=True):
    """What somebody did, or was refused."""

    id: int
    at: datetime
    actor: str
    action: str
    station_id: str | None
    address: str | None
    outcome: str
    details: Json | None
