from __future__ import annotations

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from chargeplane.errors import ConfigurationError, StorageError
from chargeplane.storage import schema
from chargeplane.storage.database import Database, migrate
from chargeplane.storage.repositories import stations
from chargeplane.storage.stores import open_store
from chargeplane.storage.tables import metadata


def differences(connection: Connection) -> Any:
    options = {"compare_type": True, "compare_server_default": True}
    return compare_metadata(MigrationContext.configure(connection, opts=options), metadata)


async def execute(url: str, *statements: str) -> None:
    store = open_store(url)
    await store.transact(lambda c: [c.execute(text(statement)) for statement in statements])
    await store.close()


async def test_migrations_make_the_tables_as_they_are_declared(empty_url: str) -> None:
    async with await Database.open(empty_url) as database:
        assert await database.read(differences) == []
        assert await database.read(schema.revision) == schema.newest_revision()


async def test_a_database_is_opened_again_as_it_is(url: str) -> None:
    async with await Database.open(url) as database:
        assert await database.read(differences) == []


async def test_migrating_is_idempotent(empty_url: str) -> None:
    await migrate(empty_url)
    await migrate(empty_url)
    await (await Database.open(empty_url)).close()


async def test_what_is_stored_survives_every_migration(empty_url: str) -> None:
    store = open_store(empty_url)
    await store.transact(lambda c: schema.upgrade(c, "0002"))
    await store.transact(
        lambda c: c.execute(
            text("INSERT INTO stations (id, created_at) VALUES ('CP1', '2026-01-01 00:00:00')")
        )
    )
    await store.close()
    await migrate(empty_url)
    async with await Database.open(empty_url) as database:
        assert await database.read(differences) == []
        found = await database.read(stations.get, "CP1")
    assert found is not None
    assert found.revision == 1


async def test_a_newer_schema_is_refused(url: str) -> None:
    await execute(url, "UPDATE alembic_version SET version_num = '9999'")
    for opening in (Database.open, migrate):
        with pytest.raises(StorageError, match="9999, which only a newer Chargeplane knows"):
            await opening(url)


async def test_an_older_schema_asks_for_its_migration(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "newest_revision", lambda: "9998")
    with pytest.raises(StorageError, match="older than 9998: run `chargeplane migrate`"):
        await Database.open(url)


async def test_a_database_of_something_else_is_refused(empty_url: str) -> None:
    await execute(empty_url, "CREATE TABLE recipes (name TEXT)")
    for opening in (Database.open, migrate):
        with pytest.raises(StorageError, match="not Chargeplane's"):
            await opening(empty_url)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("mysql://localhost/x", "'mysql' are not supported"),
        ("nonsense", "cannot be read"),
    ],
)
async def test_urls_that_cannot_be_used(url: str, reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        await Database.open(url)
