from __future__ import annotations

import asyncio
import csv
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from chargeplane import client as module
from chargeplane.api.native.profile_templates import EXAMPLE
from chargeplane.client import ApiError, AsyncClient, Client
from chargeplane.errors import NotConnected
from tests.live import KEY, Live, live

NOBODY = "http://127.0.0.1:1"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live(tmp_path_factory.mktemp("client")) as running:
        yield running


@pytest.fixture
def client(server: Live) -> Iterator[Client]:
    with Client(server.url, KEY) as found:
        yield found


def test_stations_are_listed_shown_and_adopted(client: Client) -> None:
    page = client.stations(limit=10)
    assert ([each["id"] for each in page], page.cursor) == (["CP1"], None)
    assert client.station("CP1")["live"]["registration"] == "Accepted"
    assert client.adopt("CP1")["registration"] == "Accepted"


def test_tokens_are_added_replaced_blocked_and_paged(client: Client) -> None:
    client.add_token("A1", name="Ann")
    with pytest.raises(ApiError) as refused:
        client.add_token("A1")
    assert refused.value.status == 409
    assert client.save_token("A 2?", name="Bob")["name"] == "Bob"
    assert client.block_token("A 2?")["blocked"]
    assert not client.block_token("A 2?", blocked=False)["blocked"]
    first = client.tokens(limit=1, search="A")
    second = client.tokens(limit=1, search="A", cursor=first.cursor)
    assert {each["id_token"] for each in [*first, *second]} == {"A1", "A 2?"}


def test_what_is_none_is_not_asked_for(client: Client) -> None:
    assert client.stations(search=None, online=True) == client.stations()


def test_transactions_are_listed_and_exported(client: Client) -> None:
    assert client.transactions(state="open") == []
    (names,) = csv.reader(b"".join(client.transactions_csv()).decode().splitlines())
    assert {"station_id", "started_at"} <= set(names)


async def test_transactions_are_exported_asynchronously(server: Live) -> None:
    async with AsyncClient(server.url, KEY) as client:
        parts = [part async for part in client.transactions_csv(station="CP1")]
        assert b"".join(parts).startswith(b"id,station_id,")
        with pytest.raises(ApiError, match="422"):
            await anext(client.transactions_csv(since="yesterday"))
    async with AsyncClient("http://127.0.0.1:1", KEY) as client:
        with pytest.raises(NotConnected):
            await anext(client.transactions_csv())


def test_charging_profiles_are_kept_by_number(client: Client) -> None:
    profile: Any = EXAMPLE["profile"]
    number = client.add_profile_template(profile, "evening")["id"]
    assert client.save_profile_template(number, profile)["name"] is None
    assert client.profile_template(number)["profile"]["id"] == number
    assert [each["id"] for each in client.profile_templates()] == [number]
    client.remove_profile_template(number)
    assert client.profile_templates() == []


def test_a_station_is_asked(client: Client) -> None:
    answer = client.command("CP1", "trigger_message", {"requested_message": "Heartbeat"})
    assert answer["status"] == "Accepted"
    assert client.call("CP1", "ClearCache", {})


@pytest.mark.parametrize(("station", "status"), [("CP9", 404), ("a/b ?", 404)])
def test_an_error_of_the_server_has_its_status(client: Client, station: str, status: int) -> None:
    with pytest.raises(ApiError) as refused:
        client.station(station)
    assert refused.value.status == status


def test_a_wrong_key_is_refused_also_for_events(server: Live) -> None:
    with Client(server.url, "wrong") as client:
        with pytest.raises(ApiError, match="401"):
            client.stations()
        with pytest.raises(ApiError, match="401"):
            next(client.events())
        with pytest.raises(ApiError, match="401"):
            next(client.transactions_csv())


def test_without_a_server_nothing_is_exported() -> None:
    with Client("http://127.0.0.1:1", KEY) as client, pytest.raises(NotConnected):
        next(client.transactions_csv())


def test_nobody_answers() -> None:
    with Client(NOBODY) as client:
        with pytest.raises(NotConnected, match=NOBODY):
            client.stations()
        with pytest.raises(NotConnected, match=NOBODY):
            next(client.events())


def test_something_else_answers() -> None:
    ask = module.stations()
    for content in (b"<html>", b"{}", b"[]"):
        with pytest.raises(ApiError, match="not one of Chargeplane"):
            module._read(ask, httpx.Response(200, content=content))
    with pytest.raises(ApiError, match=r"gone wrong \(HTTP 500\)"):
        module._read(ask, httpx.Response(500, content=b"gone wrong"))


def test_events_are_listed_and_heard_from_a_number_on(client: Client) -> None:
    client.save_token("E1")
    client.save_token("E2")
    second, first = client.history(kind=["token.changed"], limit=2)
    events = client.events(after=first["id"] - 1, kind="token.*")
    assert [next(events)["id"], next(events)["id"]] == [first["id"], second["id"]]
    events.close()


def test_a_broken_stream_of_events_is_resumed(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("resumed")
    with live(folder) as server:
        port = server.port
        client = Client(server.url, KEY)
        client.save_token("E1")
        events = client.events(after=0, kind="token.*")
        assert next(events)["data"]["id_token"] == "E1"
    with live(folder, port=port), client:
        client.save_token("E2")
        assert next(events)["data"]["id_token"] == "E2"
        events.close()


def test_a_stream_is_given_up_after_some_attempts() -> None:
    listening = module._Listening(NOBODY, None)
    assert listening.take(": hello") is None
    assert [listening.pause(None) for _ in module.PAUSES] == list(module.PAUSES)
    with pytest.raises(NotConnected):
        listening.pause(None)


def test_a_half_heard_event_is_forgotten() -> None:
    listening = module._Listening(NOBODY, 3)
    lines = ['data: {"id": 4,', 'data: "kind": "x"}', ""]
    assert [listening.take(line) for line in lines][-1] == {"id": 4, "kind": "x"}
    listening.take('data: {"id": 5')
    listening.pause(None)
    assert listening.take("") is None
    assert listening.headers() == {"Last-Event-ID": "4"}


async def test_the_same_is_awaited(server: Live) -> None:
    async with AsyncClient(server.url, KEY) as client:
        assert [each["id"] for each in await client.stations()] == ["CP1"]
        several = await asyncio.gather(client.station("CP1"), client.save_token("S1"))
        assert [several[0]["id"], several[1]["id_token"]] == ["CP1", "S1"]
        with pytest.raises(ApiError):
            await client.station("CP9")


async def test_events_are_awaited(server: Live) -> None:
    async with AsyncClient(server.url, KEY) as client:
        await client.save_token("S2")
        (last,) = await client.history(kind="token.changed", limit=1)
        events = client.events(after=last["id"] - 1)
        assert (await anext(events))["data"]["id_token"] == "S2"
        await events.aclose()


async def test_awaited_errors() -> None:
    async with AsyncClient(NOBODY) as client:
        with pytest.raises(NotConnected):
            await client.stations()
        with pytest.raises(NotConnected):
            await anext(client.events())


def test_both_clients_can_ask_the_same() -> None:
    public = [{name for name in vars(kind) if name[0] != "_"} for kind in (Client, AsyncClient)]
    assert public[0] == public[1]


async def test_awaited_refusal_of_events(server: Live) -> None:
    async with AsyncClient(server.url, "wrong") as client:
        with pytest.raises(ApiError, match="401"):
            await anext(client.events())
