"""What tables are made of: their metadata and the columns that many of them have."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ForeignKey, MetaData, Text

from chargeplane.storage.types import Number, UtcDateTime

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)


def number() -> Column[int]:
    """Make a primary key that counts up and never gives a number twice."""
    return Column("id", Number, primary_key=True, autoincrement=True)


def station() -> Column[str]:
    """Name a station that may be deleted before this row."""
    return Column("station_id", Text, nullable=False)


def owner() -> Column[str]:
    """Begin the primary key with the station with which this row is deleted."""
    return Column(
        "station_id", Text, ForeignKey("stations.id", ondelete="CASCADE"), primary_key=True
    )


def moment(name: str, *, nullable: bool = False) -> Column[Any]:
    """Make a column for a moment."""
    return Column(name, UtcDateTime, nullable=nullable)
