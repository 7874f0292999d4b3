"""Which version the schema of a database has, and how it gets the newest one."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, inspect, select

from chargeplane.errors import StorageError

_LOCK = 0x63686172  # an arbitrary number that all processes of Chargeplane agree on


def prepare(connection: Connection) -> None:
    """Create the tables in an empty database; StorageError if its schema is not this version's."""
    _lock(connection)
    if is_empty(connection):
        upgrade(connection)
    current, newest = revision(connection), newest_revision()
    if current == newest:
        return
    if current is None:
        raise StorageError("the database holds tables that are not Chargeplane's")
    if current in _known_revisions():
        raise StorageError(
            f"the database has schema {current}, older than {newest}: run `chargeplane migrate`"
        )
    raise StorageError(f"the database has schema {current}, which only a newer Chargeplane knows")


def migrate(connection: Connection) -> None:
    """Bring the schema to the newest version; StorageError if it is not known."""
    _lock(connection)
    if not is_empty(connection) and revision(connection) not in _known_revisions():
        prepare(connection)  # says why
    upgrade(connection)


def is_empty(connection: Connection) -> bool:
    """Whether there are no tables at all."""
    return not inspect(connection).get_table_names()


def revision(connection: Connection) -> str | None:
    """Return the version of the schema; None if there is none."""
    return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str | None:
    """Return the version that this code needs."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def upgrade(connection: Connection, to: str = "head") -> None:
    """Run the migrations that are missing, in the transaction of the connection."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def _known_revisions() -> set[str]:
    """Return all versions that this code can migrate."""
    return {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def _config() -> Config:
    """Tell Alembic where the migrations are."""
    config = Config()
    config.set_main_option("script_location", "chargeplane.storage:migrations")
    return config


def _lock(connection: Connection) -> None:
    """Let one process at a time look and migrate; SQLite has locked the file already."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
