"""A server that is killed loses nothing that it acknowledged."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chargeplane.storage.database import Database
from chargeplane.storage.paging import Window
from chargeplane.storage.repositories import meter_values, transactions

WRITER = Path(__file__).with_name("acknowledging_writer.py")
ROUNDS = 4


@pytest.fixture
def rng() -> random.Random:
    return random.Random(7)  # noqa: S311 - moments to kill at, no secrets


def run_and_kill(url: str, run: int, seconds: float) -> list[int]:
    """Run the writer for a while after its first answer; the numbers that it acknowledged."""
    command = [sys.executable, str(WRITER), url, str(run)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(seconds)
        os.kill(process.pid, signal.SIGKILL)
        rest = process.stdout.read()
    lines = (first + rest).split(b"\n")[:-1]  # the last one may be cut off
    return [int(line) for line in lines]


async def test_what_was_acknowledged_survives_kill_9(url: str, rng: random.Random) -> None:
    for run in range(ROUNDS):
        acknowledged = run_and_kill(url, run, rng.uniform(0, 0.3))
        async with await Database.open(url) as database:
            for number in acknowledged:
                transaction = await database.read(transactions.get, number)
                assert transaction is not None
                what = meter_values.MeterValueFilter(transaction_id=number)
                readings = await database.read(meter_values.page, what, Window())
                assert len(readings.items) == 1
