from __future__ import annotations

import asyncio
import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner, Result

from chargeplane.api.native.profile_templates import EXAMPLE
from chargeplane.cli import app
from chargeplane.cli.exits import FAILURE, REFUSED, UNANSWERED, UNREACHABLE, USAGE
from chargeplane.console import asks
from chargeplane.errors import ConfigurationError
from chargeplane.storage.database import Database
from chargeplane.storage.repositories import stations, transactions
from chargeplane.storage.repositories.stations import StationSettings
from chargeplane.storage.repositories.transactions import TransactionStart
from tests.live import KEY, Live, live, until
from tests.storage.repositories.moments import NOW

pytestmark = pytest.mark.usefixtures("empty_folder")
runner = CliRunner()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live(tmp_path_factory.mktemp("asks")) as running:
        yield running


def say(server: Live, *words: str, code: int = 0) -> Result:
    """Run a command against the server."""
    result = runner.invoke(app, [*words, *server.flags])
    assert result.exit_code == code, result.output
    return result


def ask(server: Live, *words: str) -> Any:
    """What a command prints as JSON."""
    return json.loads(say(server, *words, "--json").stdout)


def test_keys_are_made_listed_and_revoked() -> None:
    made = runner.invoke(app, ["keys", "create", "home", "--scope", "operate", "--station", "CP1"])
    assert made.exit_code == 0
    assert made.stdout.startswith("cp_")
    assert runner.invoke(app, ["keys", "create", "home"]).exit_code == USAGE
    assert runner.invoke(app, ["keys", "create", "x", "--scope", "all"]).exit_code == USAGE
    (row,) = json.loads(runner.invoke(app, ["keys", "list", "--json"]).stdout)
    assert (row["name"], row["scope"], row["stations"]) == ("home", "operate", ["CP1"])
    assert "operate" in runner.invoke(app, ["keys", "list"]).stdout
    assert runner.invoke(app, ["keys", "revoke", "home"]).exit_code == 0
    assert runner.invoke(app, ["keys", "revoke", "home"]).exit_code == USAGE


@pytest.mark.parametrize(
    "words",
    [
        ["command", "reset", "CP1", "["],
        ["call", "CP1", "Reset", "1"],
        ["limit", "CP1", "16V"],
        ["command", "unlock_connector", "CP1", "--hard"],
        ["tokens", "import", "none.csv"],
        ["stations", "fly"],
    ],
)
def test_what_cannot_be_read_is_a_usage_error(words: list[str]) -> None:
    assert runner.invoke(app, words).exit_code == USAGE


def test_a_limit_is_read() -> None:
    assert asks._limit("16a", 1) == {"evse_id": 1, "limit": 16.0, "unit": "A"}
    assert asks._limit("11000 W", 0) == {"evse_id": 0, "limit": 11000.0, "unit": "W"}


@pytest.mark.parametrize(
    "words",
    [
        ["stations"],
        ["stations", "list"],
        ["stations", "show", "CP1"],
        ["transactions", "export"],
        ["tokens", "list"],
        ["events"],
        ["events", "--follow"],
        ["command", "reset", "CP1", "--hard"],
        ["start", "CP1", "--tag", "A"],
    ],
)
def test_without_a_server_one_line_says_so(words: list[str]) -> None:
    result = runner.invoke(app, [*words, "--set", "server.http_port=1"])
    assert result.exit_code == UNREACHABLE
    assert result.stdout == ""
    assert result.stderr.startswith("Error: no server answers")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "words",
    [
        ["stations", "show", "CP9"],
        ["stations", "adopt", "CP9"],
        ["tokens", "block", "nobody"],
        ["command", "reset", "CP9", "--hard"],
        ["command", "fly", "CP1"],
        ["command", "reset", "CP1"],
    ],
)
def test_what_the_server_refuses_has_its_code(server: Live, words: list[str]) -> None:
    result = say(server, *words, code=REFUSED)
    assert result.stderr.startswith("Error: ")
    assert "(HTTP 4" in result.stderr


def test_stations_are_listed_with_and_without_list(server: Live) -> None:
    assert ask(server, "stations") == ask(server, "stations", "list")
    assert "CP1" in say(server, "stations").stdout
    assert "CP1" in say(server, "stations", "list").stdout


def test_a_station_is_shown_and_adopted(server: Live) -> None:
    assert ask(server, "stations", "show", "CP1")["live"]["registration"] == "Accepted"
    assert "Virtual AC" in say(server, "stations", "show", "CP1").stdout
    assert say(server, "stations", "adopt", "CP1").stdout == "Accepted\n"


def test_tokens_are_added_blocked_and_listed(server: Live) -> None:
    say(server, "tokens", "add", "T1", "--name", "Ann", "--at-once", "2")
    say(server, "tokens", "add", "T1", code=REFUSED)
    say(server, "tokens", "block", "T1")
    (row,) = ask(server, "tokens", "list", "--search", "T1")
    assert (row["name"], row["max_active_transactions"], row["blocked"]) == ("Ann", 2, True)
    say(server, "tokens", "block", "T1", "--undo")
    assert not ask(server, "tokens", "list", "--search", "T1")[0]["blocked"]
    assert "Ann" in say(server, "tokens", "list").stdout


def test_tokens_are_imported(server: Live, empty_folder: Path) -> None:
    file = empty_folder / "cards.csv"
    file.write_text("id_token,name,blocked,stations\nI1,Ann,yes,CP1 CP2\nI2,,,\n", "utf-8")
    assert say(server, "tokens", "import", str(file)).stdout == "2 tokens saved\n"
    rows = {row["id_token"]: row for row in ask(server, "tokens", "list")}
    assert (rows["I1"]["blocked"], rows["I1"]["stations"]) == (True, ["CP1", "CP2"])
    assert (rows["I2"]["blocked"], rows["I2"]["name"]) == (False, None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id_token,colour\nA,red\n", "line 2: unknown column colour"),
        ("id_token,blocked\nA,perhaps\n", "line 2: blocked cannot be 'perhaps'"),
        ("id_token,charging_priority\nA,high\n", "charging_priority cannot be 'high'"),
        ("id_token,name\n,Ann\n", "id_token is missing"),
        ("id_token\nA,B\n", "unknown column"),
    ],
)
def test_a_wrong_line_of_tokens_is_named(empty_folder: Path, text: str, message: str) -> None:
    file = empty_folder / "cards.csv"
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigurationError, match=message):
        asks.read_tokens(file)


def test_a_token_that_the_server_refuses_is_named(server: Live, empty_folder: Path) -> None:
    file = empty_folder / "cards.csv"
    file.write_text("id_token,expires_at\nJ1,\nJ2,tomorrow\n", "utf-8")
    result = say(server, "tokens", "import", str(file), code=REFUSED)
    assert result.stderr.startswith("Error: J2: ")


def test_all_pages_are_read(server: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        say(server, "tokens", "add", f"P{number}")
    monkeypatch.setattr(asks, "PAGE", 2)
    assert len(ask(server, "tokens", "list", "--search", "P")) == 3
    monkeypatch.setattr(asks, "PAGE", 1)
    assert len(ask(server, "stations")) > 0


def test_a_charge_is_started_listed_stopped_and_exported(server: Live) -> None:
    say(server, "tokens", "add", "C1")
    server.plug_in()
    assert say(server, "start", "CP1", "--tag", "C1", "--connector", "1").stdout == "Accepted\n"
    (row,) = until(lambda: ask(server, "transactions"))
    assert (row["station_id"], row["id_token"]) == ("CP1", "C1")
    assert say(server, "stop", "CP1").stdout == "Accepted\n"
    until(lambda: ask(server, "transactions", "list")[0]["state"] != "open")
    say(server, "stop", "CP1", code=FAILURE)
    assert "C1" in say(server, "transactions").stdout
    lines = csv.DictReader(
        say(server, "transactions", "export", "--station", "CP1").stdout.splitlines()
    )
    assert [each["id_token"] for each in lines] == ["C1"]


def test_a_station_is_reset(server: Live) -> None:
    began = ask(server, "stations", "show", "CP1")["live"]["connected_at"]
    answer = json.loads(say(server, "command", "reset", "CP1", "--hard").stdout)
    assert answer["status"] == "Accepted"

    def is_back() -> bool:
        here = ask(server, "stations", "show", "CP1")["live"]
        return here is not None and here["connected_at"] != began

    until(is_back)


def test_what_a_station_refuses_is_a_failure(server: Live) -> None:
    connector = '{"evseId": 9, "connectorId": 1}'
    for words in (
        ["command", "unlock_connector", "CP1", '{"evse_id": 9}'],
        ["call", "CP1", "UnlockConnector", connector],
    ):
        answer = json.loads(say(server, *words, code=FAILURE).stdout)
        assert answer["status"] == "UnknownConnector"


def test_what_a_station_answers_with_an_error_is_a_failure(server: Live) -> None:
    result = say(server, "call", "CP1", "Nonsense", code=FAILURE)
    assert "NotImplemented" in result.stderr


def test_a_station_that_is_not_connected_does_not_answer(server: Live) -> None:
    with httpx.Client(base_url=server.url, headers={"X-API-Key": KEY}) as api:
        assert api.post("/v1/stations", json={"id": "AWAY"}).status_code == 201
    say(server, "command", "clear_cache", "AWAY", code=UNANSWERED)


def test_lists_of_any_length_are_read_from_the_database(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(_fill(empty_folder / "chargeplane.db"))
    monkeypatch.setattr(asks, "PAGE", 2)
    rows = json.loads(runner.invoke(app, ["stations", "--json"]).stdout)
    assert [row["id"] for row in rows] == ["CP0", "CP1", "CP2", "CP3", "CP4"]
    for limit, count in ((3, 3), (9, 5)):
        words = ["transactions", "--limit", str(limit), "--json"]
        assert len(json.loads(runner.invoke(app, words).stdout)) == count


async def _fill(path: Path) -> None:
    async with await Database.open(f"sqlite:///{path}") as database:
        for number in range(5):
            name = f"CP{number}"
            await database.write(stations.register, name, StationSettings(), NOW)
            begun = TransactionStart(station_id=name, evse_id=1, started_at=NOW, start_key=name)
            await database.write(transactions.start, begun, NOW)


def test_any_call_is_made(server: Live) -> None:
    payload = '{"requestedMessage": "Heartbeat"}'
    answer = json.loads(say(server, "call", "CP1", "TriggerMessage", payload).stdout)
    assert answer == {"status": "Accepted"}


def test_charging_profiles_are_added_imported_shown_and_removed(
    server: Live, empty_folder: Path
) -> None:
    file = empty_folder / "profile.json"
    file.write_text(json.dumps(EXAMPLE["profile"]), "utf-8")
    number = say(server, "profiles", "add", str(file), "--name", "evening").stdout.strip()
    assert ask(server, "profiles", "show", number)["name"] == "evening"
    file.write_text(json.dumps({"7": EXAMPLE["profile"], "9": EXAMPLE["profile"]}), "utf-8")
    assert say(server, "profiles", "import", str(file)).stdout == "2 charging profiles saved\n"
    assert "evening" in say(server, "profiles", "list").stdout
    for each in (number, "7", "9"):
        say(server, "profiles", "remove", each)
    assert ask(server, "profiles", "list") == []
    say(server, "profiles", "remove", "7", code=REFUSED)
    file.write_text("{", "utf-8")
    for command in ("add", "import"):
        say(server, "profiles", command, str(file), code=USAGE)


def test_events_are_listed(server: Live) -> None:
    say(server, "tokens", "add", "E1")
    rows = ask(server, "events", "--kind", "token.changed", "--limit", "1")
    assert [row["data"]["id_token"] for row in rows] == ["E1"]
    assert "token.changed  -  " in say(server, "events", "--kind", "token.changed").stdout


@pytest.mark.parametrize("flags", [["--json"], []])
def test_events_are_followed_until_interrupted(
    server: Live, monkeypatch: pytest.MonkeyPatch, flags: list[str]
) -> None:
    whole = asks.follow

    def interrupted(*words: Any) -> Iterator[dict[str, Any]]:
        yield next(whole(*words))
        raise KeyboardInterrupt

    monkeypatch.setattr(asks, "follow", interrupted)
    words = ["events", "--follow", "--after", "0", "--kind", "station.*"]
    text = say(server, *words, *flags).stdout
    assert text.count("\n") == 1
    assert (json.loads(text)["kind"] if flags else text.split()[1]).startswith("station.")


def test_a_reset_is_worded() -> None:
    assert json.loads(asks.words("reset", '{"evse_id": 1}', hard=False)) == {
        "type": "OnIdle",
        "evse_id": 1,
    }
    assert asks.words("anything", "{}", hard=None) == "{}"
