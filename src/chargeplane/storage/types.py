"""Column types that hold what the vocabulary promises, alike on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, Text, TypeDecorator
from sqlalchemy.dialects.postgresql import JSON as POSTGRES_JSON
from sqlalchemy.types import TypeEngine

# SQLite numbers rows by itself only where the type is INTEGER, which has 64 bits there anyway.
Number = BigInteger().with_variant(Integer(), "sqlite")
"""A 64-bit integer: row numbers, energies in mWh, money in minor units."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime; a naive one raises ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        """What cursors are read as."""
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Turn the moment into UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value.isoformat()} has no time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Read the moment as UTC; SQLite keeps it without its zone."""
        return None if value is None else value.replace(tzinfo=UTC)


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
    JSON, keeps it as it was written, and costs less to insert. The engines are
    made with serializers that do nothing, because the text is made here.
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

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Encode; structs and `msgspec.Raw` are welcome."""
        return None if value is None else msgspec.json.encode(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002
        """Decode into the given type."""
        return None if value is None else self._decoder.decode(value)
