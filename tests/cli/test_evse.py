from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from chargeplane.cli import app
from chargeplane.cli.exits import FAILURE, USAGE

pytestmark = pytest.mark.usefixtures("empty_folder")
runner = CliRunner()

GOOD = '{"config":{},"steps":[[null,null,3100,0]]}'
SHARED = (
    '{"input":{"mode":"NORMAL","states":["C"],"balanced_max_da":[160],"max_current_a":16,'
    '"balanced_before_da":[60],"mains_da":[0,0,0]}}'
)


def test_a_recorded_day_is_printed_with_its_outputs(tmp_path: Path) -> None:
    file = tmp_path / "day.jsonl"
    file.write_text(f"{GOOD}\n{GOOD}\n")
    result = runner.invoke(app, ["evse", "replay", str(file)])
    assert result.exit_code == 0
    first, second = map(json.loads, result.stdout.splitlines())
    assert first == second
    assert first["steps"][0][4] == "A"


def test_a_bad_line_is_told_and_the_others_are_done() -> None:
    result = runner.invoke(app, ["evse", "replay", "-"], input=f"{GOOD}\n{{}}\n{GOOD}\n")
    assert result.exit_code == FAILURE
    assert len(result.stdout.splitlines()) == 2
    assert result.stderr == "Error: line 2: there is no 'config'\n"


def test_steps_of_sharing() -> None:
    result = runner.invoke(app, ["evse", "replay", "--sharing", "-"], input=SHARED)
    assert result.exit_code == 0
    assert json.loads(result.stdout)["output"]["balanced_da"] == [160]


def test_a_file_that_is_not_there() -> None:
    result = runner.invoke(app, ["evse", "replay", "none.jsonl"])
    assert result.exit_code == USAGE
    assert "none.jsonl" in result.stderr


def test_a_device_that_cannot_run_says_why() -> None:
    result = runner.invoke(app, ["evse", "--virtual", "--set", "evse.host=0.0.0.0"])
    assert result.exit_code == USAGE
    assert "evse.token" in result.stderr


@contextlib.contextmanager
def device(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A device in a process of its own, and where it answers."""
    port = free_port()
    command = Path(sys.executable).with_name("chargeplane")
    sets = {"port": port, "data": folder, "speed": 100}
    flags = [part for name in sets for part in ("--set", f"evse.{name}={sets[name]}")]
    with subprocess.Popen([command, "evse", "--virtual", *flags], stderr=subprocess.DEVNULL) as run:
        url = f"http://127.0.0.1:{port}"
        eventually(lambda: httpx.get(f"{url}/settings"))
        yield run, url
        run.kill()


def test_a_device_runs_until_it_is_told_to_reboot(tmp_path: Path) -> None:
    with device(tmp_path) as (run, url):
        assert httpx.post(f"{url}/reboot").status_code == 200
        assert run.wait(30) == 75


def test_a_device_ends_when_it_is_told_to(tmp_path: Path) -> None:
    with device(tmp_path) as (run, _):
        run.terminate()
        assert run.wait(30) == 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(ask: Callable[[], Any]) -> Any:
    """What comes of asking, as soon as somebody answers."""
    give_up_at = time.monotonic() + 60
    while time.monotonic() < give_up_at:
        with contextlib.suppress(httpx.HTTPError):
            return ask()
        time.sleep(0.05)
    raise TimeoutError
