"""Databases of either kind, for what the face reads from them."""

from __future__ import annotations

from tests.storage.conftest import (
    cluster,
    database,
    postgres_tables,
    postgres_url,
    sqlite_template,
    sqlite_url,
    url,
)

__all__ = [
    "cluster",
    "database",
    "postgres_tables",
    "postgres_url",
    "sqlite_template",
    "sqlite_url",
    "url",
]
