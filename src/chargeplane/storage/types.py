"""Column types that hold what the vocabulary promises, alike on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, Text, TypeDecorator
from sqlalchemy.dialects.postgresql import JSON as POSTGRES_JSON
from sqlalchemy.types import TypeEngine

_LENGTH = len("2026-01-31 12:00:00.000000")

Convert = Callable[[Any], Any]

# SQLite numbers rows by itself only where the type is INTEGER, which has 64 bits there anyway.
Number = BigInteger().with_variant(Integer(), "sqlite")
"""A 64-bit integer: row numbers, energies in mWh, money in minor units."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime; a naive one raises ValueError.

    SQLite keeps it as text without the zone, in the form that SQLAlchemy and
    SQLite's own functions use. SQLAlchemy's way to and from this text takes
    several times as long, and each row of a busy server holds a few moments.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        """What cursors are read as."""
        return datetime

    def bind_processor(self, dialect: Dialect) -> Convert:
        """Turn a moment into UTC, in SQLite into text."""
        return _write_text if dialect.name == "sqlite" else _write_utc

    def result_processor(self, dialect: Dialect, coltype: object) -> Convert:  # noqa: ARG002
        """Read a moment as UTC."""
        return _read_text if dialect.name == "sqlite" else _read_utc


class SafeText(TypeDecorator[str]):
    """Text that stations send; NUL, which PostgreSQL cannot hold, becomes U+FFFD."""

    impl = Text
    cache_ok = True

    @property
    def python_type(self) -> type[str]:
        """What cursors are read as."""
        return str

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Replace what PostgreSQL would refuse."""
        if value is None or "\x00" not in value:
            return value
        return value.replace("\x00", "\ufffd")


class Json(TypeDecorator[Any]):
    """A value of the given type, kept as the JSON text that msgspec makes of it.

    On PostgreSQL the column is `json`, not `jsonb`: it takes every text that is
    JSON, keeps it as it was written, and costs less to insert.
    """

    impl = JSON(none_as_null=True)
    cache_ok = True

    def __init__(self, type_: Any = Any) -> None:
        super().__init__()
        self.type_ = type_
        self._decoder = msgspec.json.Decoder(type_)

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """PostgreSQL has a type of its own; SQLite keeps text."""
        none_as_null = dialect.type_descriptor(JSON(none_as_null=True))
        return POSTGRES_JSON(none_as_null=True) if dialect.name == "postgresql" else none_as_null

    def bind_processor(self, dialect: Dialect) -> Convert:  # noqa: ARG002
        """Encode; structs and `msgspec.Raw` are welcome."""
        return lambda value: None if value is None else msgspec.json.encode(value).decode()

    def result_processor(self, dialect: Dialect, coltype: object) -> Convert:  # noqa: ARG002
        """Decode into the given type."""
        decode = self._decoder.decode
        return lambda value: None if value is None else decode(value)


def _write_utc(value: datetime | None) -> datetime | None:
    """Turn a moment into UTC."""
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError(f"{value.isoformat()} has no time zone")
    return value.astimezone(UTC)


def _read_utc(value: datetime | None) -> datetime | None:
    """Call the zone UTC by its name."""
    return None if value is None else value.astimezone(UTC)


def _write_text(value: datetime | None) -> str | None:
    """Write a moment as SQLite keeps it: 2026-01-31 12:00:00.000000."""
    utc = _write_utc(value)
    return None if utc is None else utc.isoformat(" ", "microseconds")[:_LENGTH]


def _read_text(value: str | None) -> datetime | None:
    """Read a moment as SQLite keeps it; parsing the zone too is quicker than adding it."""
    return None if value is None else datetime.fromisoformat(f"{value}+00:00")
