"""Databases to test on: SQLite files, and PostgreSQL in a private cluster made for the run."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from chargeplane.storage import schema
from chargeplane.storage.database import Database
from chargeplane.storage.tables import metadata

_numbers = count()
OF_TESTS = ("numbers", "pages")  # the tables that tests make for themselves


class Cluster:
    """A running PostgreSQL cluster of our own."""

    def __init__(self, programs: Path, folder: Path, port: int) -> None:
        self.programs = programs
        self.folder = folder
        self.port = port

    def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs, never as root, which it refuses."""
        subprocess.run(
            [self.programs / program, *arguments],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
            user=owner(),
        )

    def url(self, name: str) -> str:
        return f"postgresql://chargeplane@127.0.0.1:{self.port}/{name}"

    def create(self) -> str:
        """Create an empty database; its URL."""
        name = f"test_{next(_numbers)}"
        self.execute(self.url("postgres"), f"CREATE DATABASE {name}")
        return self.url(name)

    def execute(self, url: str, *statements: str) -> None:
        """Execute statements, each on its own."""
        self.run("psql", "-q", *(f"--command={statement}" for statement in statements), url)


def owner() -> str | None:
    """Who owns the cluster; None: whoever runs the tests."""
    if os.geteuid() != 0:
        return None
    with suppress(KeyError):
        return pwd.getpwnam("postgres").pw_name
    return "nobody"


def find_programs() -> Path | None:
    """Where PostgreSQL's programs are: the system's, else those of the pgserver wheel."""
    if (found := shutil.which("initdb")) is not None:
        return Path(found).resolve().parent
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    wheel = find_spec("pgserver")
    if wheel is not None and wheel.origin is not None:
        debian[:0] = [p for p in [Path(wheel.origin).parent / "pginstall/bin/initdb"] if p.exists()]
    return debian[-1].parent if debian else None


@contextmanager
def running_cluster(programs: Path) -> Iterator[Cluster]:
    """Make a cluster on a free port of the loopback in a temporary folder."""
    with tempfile.TemporaryDirectory(
        prefix="chargeplane-postgres-", ignore_cleanup_errors=True
    ) as f:
        if (user := owner()) is not None:
            shutil.chown(f, user)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        cluster = Cluster(programs, Path(f), port)
        data = f"{f}/data"
        cluster.run("initdb", "-D", data, "-U", "chargeplane", "-A", "trust", "-E", "UTF8", "-N")
        options = f"-F -p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={f}"
        cluster.run("pg_ctl", "start", "-w", "-D", data, "-l", f"{f}/log", "-o", options)
        try:
            yield cluster
        finally:
            cluster.run("pg_ctl", "stop", "-D", data, "-m", "immediate")


def run_apart(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a coroutine on a loop of its own in a thread of its own."""
    with ThreadPoolExecutor(1) as executor:
        executor.submit(lambda: asyncio.run(work())).result()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """PostgreSQL; without it tests are skipped, but not where CHARGEPLANE_CI is set."""
    if (programs := find_programs()) is None:
        reason = "PostgreSQL (initdb, pg_ctl) is not installed"
        if os.environ.get("CHARGEPLANE_CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with running_cluster(programs) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def postgres_tables(cluster: Cluster) -> str:
    """The URL of a database that has the tables, which the tests share."""
    url = cluster.create()
    run_apart(lambda: make_tables(url))
    return url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file that has the tables, to be copied."""
    path = tmp_path_factory.mktemp("template") / "chargeplane.db"
    run_apart(lambda: make_tables(f"sqlite:///{path}"))
    return path


async def make_tables(url: str) -> None:
    await (await Database.open(url)).close()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/empty.db"
    cluster: Cluster = request.getfixturevalue("cluster")
    return cluster.create()


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of a SQLite database that has the tables."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'chargeplane.db')}"


@pytest.fixture
def postgres_url(cluster: Cluster, postgres_tables: str) -> str:
    """The URL of a PostgreSQL database that has the tables and nothing in them."""
    cluster.execute(
        postgres_tables,
        f"TRUNCATE {','.join(metadata.tables)} RESTART IDENTITY",
        f"DROP TABLE IF EXISTS {','.join(OF_TESTS)}",
        f"UPDATE alembic_version SET version_num = '{schema.newest_revision()}'",  # noqa: S608 - ours
    )
    return postgres_tables


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """The URL of a database that has the tables."""
    found: str = request.getfixturevalue(
        "sqlite_url" if request.param == "sqlite" else "postgres_url"
    )
    return found


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """An open database."""
    async with await Database.open(url) as database:
        yield database
