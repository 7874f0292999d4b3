from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
import pytest
from jsonschema import Draft202012Validator

from chargeplane.api.native import examples
from chargeplane.csms import housekeeping
from chargeplane.csms.central import Central
from chargeplane.csms.operations import OPERATIONS
from chargeplane.domain.readings import MeterValues, Reading, Sample
from chargeplane.domain.station import (
    BootNotification,
    ChargingStation,
    Evse,
    Reset,
    ResetAnswer,
    StatusNotification,
)
from chargeplane.ocpp.errors import OcppError
from chargeplane.storage.repositories import commands, refused_stations, stations
from chargeplane.storage.repositories.commands import Command, CommandFilter
from chargeplane.storage.repositories.stations import StationSettings
from tests.api.faces import face, make_key
from tests.csms.conftest import ConnectStation, everything

VERSIONS = ("1.6", "2.0.1", "2.1")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
RESET = {"type": "OnIdle"}


@pytest.fixture
async def api(central: Central) -> AsyncIterator[httpx.AsyncClient]:
    async with face(central) as client:
        yield client


def problem(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json"
    said = response.json()
    assert said["status"] == response.status_code
    return said["status"], said["title"]


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_station_of_any_version_is_shown_and_asked(
    version: str, api: httpx.AsyncClient, central: Central, connect_station: ConnectStation
) -> None:
    station = await connect_station(version)
    await station.say(
        BootNotification(
            charging_station=ChargingStation(vendor_name="V", model="M"), reason="PowerUp"
        )
    )
    await station.say(
        StatusNotification(evse=Evse(1, 1), connector_status="Available", timestamp=NOW)
    )
    shown = (await api.get("/v1/stations/CP1")).json()
    assert (shown["vendor"], shown["subprotocol"]) == ("V", f"ocpp{version}")
    assert [evse["id"] for evse in shown["evses"]] == [1]
    assert shown["evses"][0]["connectors"][0]["status"] == "Available"
    assert shown["live"]["registration"] == "Accepted"
    assert "password_hash" not in shown

    station.on(Reset, ResetAnswer(status="Accepted"))
    response = await api.post("/v1/stations/CP1/commands/reset", json=RESET)
    assert (response.status_code, response.json()) == (200, {"status": "Accepted"})
    (record,) = await everything(central, commands.page, CommandFilter(action="Reset"))
    assert (record.asked_by, record.status) == ("settings", "answered")
    assert record.task == response.headers["task-id"]
    assert (await api.get(f"/v1/commands/{record.id}")).json()["answer"] == {"status": "Accepted"}


async def test_outcomes_are_told_also_after_a_restart(
    central: Central, connect_station: ConnectStation
) -> None:
    one, two = await connect_station("1.6", "CP1"), await connect_station("2.1", "CP2")
    one.on(Reset, ResetAnswer(status="Accepted"))
    two.on(Reset, OcppError("GenericError", "not now"))
    await central.commit(
        lambda unit: stations.register(unit.connection, "AWAY", StationSettings(), unit.now)
    )
    names = {"station": ["CP1", "CP2", "AWAY"]}
    async with face(central) as api:
        told = (await api.post("/v1/commands/reset", params=names, json=RESET)).json()
    async with face(central) as api:  # a new process
        again = (await api.get(f"/v1/tasks/{told['task']}")).json()
    assert again["done"]
    assert again["outcomes"] == told["outcomes"]
    assert {
        name: each.get("problem", {}).get("status") for name, each in told["outcomes"].items()
    } == {
        "CP1": None,
        "CP2": 502,
        "AWAY": 409,
    }


async def test_a_task_that_another_process_works_on_is_not_done(
    api: httpx.AsyncClient, central: Central
) -> None:
    command = Command(station_id="CP1", action="Reset", asked_by="x", request={}, task="t")
    await central.commit(lambda unit: commands.add(unit.connection, command, unit.now))
    said = (await api.get("/v1/tasks/t")).json()
    assert (said["done"], said["outcomes"]) == (False, {})
    await housekeeping.start_afresh(central)
    said = (await api.get("/v1/tasks/t")).json()
    assert said["done"]
    assert said["outcomes"]["CP1"]["problem"] == {
        "title": "Disconnected",
        "status": 409,
        "detail": "the server restarted",
    }


async def test_what_runs_longer_goes_on_under_the_id_of_its_task(
    api: httpx.AsyncClient, connect_station: ConnectStation
) -> None:
    station = await connect_station("1.6")
    station.on(Reset, ResetAnswer(status="Accepted"))
    response = await api.post("/v1/stations/CP1/commands/reset?wait=0", json=RESET)
    assert response.status_code == 202
    place = response.headers["location"]
    while not (state := (await api.get(place)).json())["done"]:
        pass
    assert state["outcomes"]["CP1"] == {"answer": {"status": "Accepted"}}
    assert [each["action"] for each in state["commands"]] == ["Reset"]


async def test_many_stations_are_asked_by_a_list_or_a_filter(
    api: httpx.AsyncClient, connect_station: ConnectStation
) -> None:
    station = await connect_station("2.1")
    station.on(Reset, ResetAnswer(status="Scheduled"))
    await api.post("/v1/stations", json={"id": "CP2"})
    both = {"station": ["CP1", "CP2"]}
    said = (await api.post("/v1/commands/reset", params=both, json=RESET)).json()
    assert said["outcomes"]["CP1"]["answer"]["status"] == "Scheduled"
    assert said["outcomes"]["CP2"]["problem"]["title"] == "NotConnected"
    said = (await api.post("/v1/commands/reset?search=cp1", json=RESET)).json()
    assert list(said["outcomes"]) == ["CP1"]
    assert problem(await api.post("/v1/commands/reset", json=RESET)) == (422, "Invalid")


async def test_a_raw_call_goes_as_it_is(
    api: httpx.AsyncClient, connect_station: ConnectStation
) -> None:
    station = await connect_station("1.6")
    station.on(Reset, ResetAnswer(status="Accepted"))
    raw = {"action": "Reset", "payload": {"type": "Soft"}}
    response = await api.post("/v1/stations/CP1/commands/call", json=raw)
    assert response.json() == {"status": "Accepted"}


async def test_what_a_station_refuses_is_told_with_its_code(
    api: httpx.AsyncClient, connect_station: ConnectStation
) -> None:
    await connect_station("1.6")
    response = await api.post("/v1/stations/CP1/commands/reset", json=RESET)
    assert problem(response) == (502, "OcppError")
    assert response.json()["code"] == "NotSupported"


async def test_a_station_is_registered_changed_and_deleted(api: httpx.AsyncClient) -> None:
    new = {"id": "CP9", "name": "Garage", "password": "0123456789abcdef"}
    assert (await api.post("/v1/stations", json=new)).status_code == 201
    assert problem(await api.post("/v1/stations", json=new)) == (409, "Exists")
    changed = await api.patch("/v1/stations/CP9", json={"pinned_version": "2.0.1", "name": None})
    assert (changed.json()["pinned_version"], changed.json()["name"]) == ("2.0.1", None)
    wrong = await api.patch("/v1/stations/CP9", json={"pinned_version": "3"})
    assert problem(wrong) == (422, "Invalid")
    assert (await api.delete("/v1/stations/CP9")).status_code == 204
    for method in ("GET", "DELETE"):
        assert problem(await api.request(method, "/v1/stations/CP9")) == (404, "NotFound")


async def test_a_refused_station_is_adopted(api: httpx.AsyncClient, central: Central) -> None:
    await central.commit(
        lambda unit: refused_stations.note(unit.connection, "NEW", "::1", "not registered", NOW)
    )
    refused = (await api.get("/v1/refused-stations")).json()["items"]
    assert [each["station_id"] for each in refused] == ["NEW"]
    adopted = await api.post("/v1/stations/NEW/adopt")
    assert adopted.json()["registration"] == "Accepted"
    assert (await api.get("/v1/refused-stations")).json()["items"] == []
    assert problem(await api.post("/v1/stations/OTHER/adopt")) == (404, "NotFound")


async def test_a_pending_station_is_adopted(
    api: httpx.AsyncClient, connect_station: ConnectStation
) -> None:
    await connect_station("1.6", registration="Pending")
    assert (await api.post("/v1/stations/CP1/adopt")).json()["registration"] == "Accepted"


async def test_a_station_that_is_deleted_is_hung_up(
    api: httpx.AsyncClient, central: Central, connect_station: ConnectStation
) -> None:
    station = await connect_station("1.6")
    await api.delete("/v1/stations/CP1")
    await station.session
    assert central.stations.get("CP1") is None


async def test_tokens(api: httpx.AsyncClient) -> None:
    new = {"id_token": "AB12", "group_id": "Family", "expires_at": "2030-01-01T00:00:00+01:00"}
    added = (await api.post("/v1/tokens", json=new)).json()
    assert (added["key"], added["group_key"]) == ("ab12", "family")
    assert added["expires_at"] == "2029-12-31T23:00:00Z"
    assert problem(await api.post("/v1/tokens", json=new)) == (409, "Exists")
    assert (await api.post("/v1/tokens/AB12/block")).json()["blocked"] is True
    assert (await api.get("/v1/tokens?blocked=true")).json()["items"][0]["id_token"] == "AB12"
    assert (await api.post("/v1/tokens/AB12/unblock")).json()["blocked"] is False
    put = (await api.put("/v1/tokens/ab12", json={"name": "Blue"})).json()
    assert (put["name"], put["group_id"]) == ("Blue", None)
    assert (await api.get("/v1/tokens/AB12")).json() == put
    assert (await api.delete("/v1/tokens/AB12")).status_code == 204
    assert problem(await api.get("/v1/tokens/AB12")) == (404, "NotFound")
    assert (await api.get("/v1/unknown-tokens")).json() == {"items": [], "cursor": None}


async def test_readings_come_as_they_are_and_in_spans(
    api: httpx.AsyncClient, connect_station: ConnectStation
) -> None:
    station = await connect_station("1.6")
    for power in (1000.0, 2000.0):
        moment = NOW.replace(second=int(power / 100))
        sample = Sample(value=power, measurand="Power.Active.Import", unit="W")
        await station.say(MeterValues(evse_id=1, readings=(Reading(moment, (sample,)),)))
    where = {"station": "CP1", "since": "2026-03-01T00:00:00Z"}
    readings = (await api.get("/v1/meter-values", params=where)).json()["items"]
    assert [each["power_w"] for each in readings] == [1000.0, 2000.0]
    (span,) = (await api.get("/v1/meter-values/series", params=where | {"bucket": 60})).json()
    assert (span["began_at"], span["power_w"]) == ("2026-03-01T12:00:00Z", 1500.0)
    assert problem(await api.get("/v1/meter-values")) == (422, "Invalid")


@pytest.mark.parametrize(
    "path",
    [
        "transactions",
        "reservations",
        "messages",
        "commands",
        "events/history",
        "stations",
        "stations/CP1/variables",
        "tokens",
    ],
)
async def test_lists_refuse_a_cursor_that_is_not_theirs(path: str, api: httpx.AsyncClient) -> None:
    assert (await api.get(f"/v1/{path}")).json() == {"items": [], "cursor": None}
    assert problem(await api.get(f"/v1/{path}?cursor=nonsense")) == (422, "Invalid")


async def test_what_a_station_holds(api: httpx.AsyncClient, connect_station: Any) -> None:
    await connect_station("1.6")
    assert (await api.get("/v1/stations/CP1/charging-profiles")).json() == []
    assert problem(await api.get("/v1/stations/CP1/local-list")) == (404, "NotFound")
    assert problem(await api.get("/v1/transactions/1")) == (404, "NotFound")
    assert problem(await api.get("/v1/reservations/1")) == (404, "NotFound")
    assert problem(await api.get("/v1/tasks/none")) == (404, "NotFound")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/stations/CP1/commands/reset", "{"),
        ("POST", "/v1/stations/CP1/commands/reset", "[]"),
        ("POST", "/v1/stations/CP1/commands/reset", "{}"),
        ("POST", "/v1/stations/CP1/commands/reset", '{"type":"Hard"}'),
        ("POST", "/v1/stations/CP1/commands/reset", '{"type":"OnIdle","evse":1}'),
        ("POST", "/v1/stations/CP1/commands/reset?wait=-1", '{"type":"OnIdle"}'),
        ("POST", "/v1/stations", '{"id":"a b"}'),
        ("POST", "/v1/stations", '{"id":"a","name":"\\u0000"}'),
        ("POST", "/v1/tokens", '{"id_token":"a","expires_at":"2030-01-01T00:00:00"}'),
        ("PUT", "/v1/tokens/a", '{"max_active_transactions":1e3}'),
        ("GET", "/v1/transactions?since=0001-01-01T00:00:00%2B14:00", None),
        ("GET", "/v1/transactions?state=gone", None),
        ("GET", f"/v1/transactions/{2**63}", None),
        ("GET", "/v1/stations?limit=0", None),
        ("GET", "/v1/stations?search=%00", None),
    ],
)
async def test_bad_input_is_422(
    method: str, path: str, body: str | None, api: httpx.AsyncClient, connect_station: Any
) -> None:
    await connect_station("1.6")
    assert problem(await api.request(method, path, content=body)) == (422, "Invalid")


async def test_other_mistakes_are_problems_too(api: httpx.AsyncClient) -> None:
    assert problem(await api.get("/v1/nothing")) == (404, "NotFound")
    assert problem(await api.put("/v1/stations")) == (405, "MethodNotAllowed")
    big = b'{"id":"' + b"a" * 1_000_001 + b'"}'
    assert problem(await api.post("/v1/stations", content=big)) == (413, "TooLarge")
    unknown = await api.post("/v1/stations/NONE/commands/reset", json=RESET)
    assert problem(unknown) == (404, "NotFound")


async def test_a_request_with_a_key_is_done_once(
    api: httpx.AsyncClient, central: Central, connect_station: ConnectStation
) -> None:
    station = await connect_station("1.6")
    station.on(Reset, ResetAnswer(status="Accepted"), ResetAnswer(status="Rejected"))
    once = {"Idempotency-Key": "k1"}
    path = "/v1/stations/CP1/commands/reset"
    answers = [await api.post(path, json=RESET, headers=once) for _ in range(2)]
    assert [each.json() for each in answers] == [{"status": "Accepted"}] * 2
    assert answers[1].headers["idempotency-replayed"] == "true"
    assert len(station.asked) == 1
    other = await api.post(path, json={"type": "Immediate"}, headers=once)
    assert problem(other) == (422, "Invalid")
    key = await make_key(central, "other", "operate")
    mine = await api.post(path, json=RESET, headers=once | {"X-API-Key": key})
    assert mine.json() == {"status": "Rejected"}


async def test_a_request_that_was_cut_off_gives_its_key_back_at_the_next_start(
    api: httpx.AsyncClient, central: Central, connect_station: ConnectStation
) -> None:
    station = await connect_station("1.6")
    station.on(Reset, asyncio.get_running_loop().create_future(), ResetAnswer(status="Accepted"))
    once = {"Idempotency-Key": "k1"}
    path = "/v1/stations/CP1/commands/reset"
    first = asyncio.create_task(api.post(path, json=RESET, headers=once))
    await station.was_asked()
    assert problem(await api.post(path, json=RESET, headers=once)) == (409, "Unfinished")
    first.cancel()  # as if the process had died: nothing of the request is finished
    await asyncio.gather(first, return_exceptions=True)
    assert problem(await api.post(path, json=RESET, headers=once)) == (409, "Unfinished")
    await housekeeping.start_afresh(central)
    await station.leave()
    station = await connect_station("1.6")
    station.on(Reset, ResetAnswer(status="Accepted"))
    assert (await api.post(path, json=RESET, headers=once)).json() == {"status": "Accepted"}


async def test_a_bug_is_answered_once(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object) -> None:
        raise RuntimeError("a bug")

    once = {"Idempotency-Key": "k1"}
    monkeypatch.setattr(stations, "register", fail)
    with pytest.raises(RuntimeError, match="a bug"):
        await api.post("/v1/stations", json={"id": "a"}, headers=once)
    monkeypatch.undo()
    assert (await api.post("/v1/stations", json={"id": "a"}, headers=once)).status_code == 500


async def test_a_request_that_did_nothing_gives_its_key_back(api: httpx.AsyncClient) -> None:
    once = {"Idempotency-Key": "k1"}
    wrong = await api.post("/v1/stations", json={"id": "a b"}, headers=once)
    assert problem(wrong) == (422, "Invalid")
    right = await api.post("/v1/stations", json={"id": "a"}, headers=once)
    assert right.status_code == 201
    empty = await api.post("/v1/stations", json={"id": "b"}, headers={"Idempotency-Key": ""})
    assert problem(empty) == (422, "Invalid")


async def test_transactions_as_csv(api: httpx.AsyncClient) -> None:
    response = await api.get("/v1/transactions.csv")
    assert response.headers["content-type"].startswith("text/csv")
    assert response.text.startswith("id,station_id,uid,")


async def test_the_document_describes_every_operation_with_true_examples(
    api: httpx.AsyncClient,
) -> None:
    document = (await api.get("/v1/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    for name, operation in OPERATIONS.items():
        said = document["paths"][f"/v1/stations/{{station_id}}/commands/{name}"]["post"]
        content = said["requestBody"]["content"]["application/json"]
        assert msgspec.convert(content["example"], operation.request) == examples.REQUESTS[name]
    components = document["components"]["schemas"]
    references = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert references <= set(components)
    for schema in components.values():
        Draft202012Validator.check_schema(schema)
    bodies = list(bodies_of(document))
    assert [
        where for where, said in bodies if "example" not in said and ANSWERED not in where
    ] == []
    for where, said in bodies:
        if "example" in said:
            true = Draft202012Validator(said["schema"] | {"components": document["components"]})
            assert [f"{where}: {each.message}" for each in true.iter_errors(said["example"])] == []


ANSWERED = " answers "


def bodies_of(document: Any) -> Iterator[tuple[str, Any]]:
    """What is sent and answered, by where."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            for media in operation.get("requestBody", {}).get("content", {}).values():
                yield f"{method} {path}", media
            for code, answer in operation["responses"].items():
                for media in answer.get("content", {}).values():
                    yield f"{method} {path}{ANSWERED}{code}", media


async def test_the_document_names_the_errors_of_each_operation(api: httpx.AsyncClient) -> None:
    document = (await api.get("/v1/openapi.json")).json()

    def errors(method: str, path: str) -> set[str]:
        answers = document["paths"][path][method]["responses"]
        return {code for code in answers if code >= "4" or code == "default"}

    plain = {"401", "403", "429", "503"}
    assert errors("get", "/healthz") == set()
    assert errors("get", "/readyz") == {"503"}
    assert errors("get", "/v1/keys") == plain
    assert errors("get", "/v1/stations") == plain | {"422"}
    assert errors("get", "/v1/stations/{station_id}") == plain | {"404", "422"}
    assert errors("post", "/v1/tokens") == plain | {"409", "413", "422"}
    asked = plain | {"404", "409", "413", "422", "502", "504"}
    assert errors("post", "/v1/stations/{station_id}/commands/reset") == asked
    assert errors("post", "/v1/commands/reset") == asked


async def test_answers_are_as_the_document_says(
    api: httpx.AsyncClient, connect_station: ConnectStation
) -> None:
    station = await connect_station("2.0.1")
    await station.say(
        StatusNotification(evse=Evse(1, 1), connector_status="Available", timestamp=NOW)
    )
    await api.post("/v1/tokens", json={"id_token": "AB12"})
    document = (await api.get("/v1/openapi.json")).json()
    for path in ("stations", "stations/{station_id}", "tokens", "transactions", "events/history"):
        said = document["paths"][f"/v1/{path}"]["get"]["responses"]["200"]
        schema = said["content"]["application/json"]["schema"]
        answer = (await api.get(f"/v1/{path}".format(station_id="CP1"))).json()
        Draft202012Validator(schema | {"components": document["components"]}).validate(answer)
