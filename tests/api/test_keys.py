from __future__ import annotations

import httpx
import pytest

from chargeplane.api.native import face as native
from chargeplane.config import Api
from chargeplane.csms.central import Central
from chargeplane.storage.records import Scope
from tests.api.faces import KEY, client_of, face, make_key

ACTS = {
    "read": ("GET", "/v1/stations"),
    "operate": ("POST", "/v1/stations/CP1/commands/clear_cache"),
    "admin": ("POST", "/v1/tokens/none/block"),
}


@pytest.fixture(autouse=True)
async def _station(central: Central) -> None:
    async with face(central) as api:
        for name in ("CP1", "CP2"):
            assert (await api.post("/v1/stations", json={"id": name})).is_success


@pytest.mark.parametrize("key", ["", "wrong", KEY + " "])
async def test_without_a_key_nobody_is_answered(key: str, central: Central) -> None:
    async with face(central, key) as api:
        response = await api.get("/v1/stations")
    assert (response.status_code, response.json()["title"]) == (401, "Unauthorized")
    assert response.headers["www-authenticate"] == "Bearer"


async def test_without_a_key_in_the_settings_there_is_none(central: Central) -> None:
    async with client_of(native.create(central, Api())) as api:
        assert (await api.get("/v1/stations")).status_code == 401


async def test_a_key_may_be_a_bearer_token(central: Central) -> None:
    async with face(central, "") as api:
        api.headers["Authorization"] = f"Bearer {KEY}"
        assert (await api.get("/v1/stations")).status_code == 200


@pytest.mark.parametrize("scope", ["read", "operate", "admin"])
async def test_a_scope_holds_those_before_it(scope: Scope, central: Central) -> None:
    key = await make_key(central, "k", scope)
    allowed = ["read", "operate", "admin"].index(scope)
    async with face(central, key) as api:
        for number, (method, path) in enumerate(ACTS.values()):
            response = await api.request(method, path)
            assert (response.status_code == 403) == (number > allowed)


async def test_a_key_for_some_stations_sees_no_others(central: Central) -> None:
    key = await make_key(central, "k", "admin", ("CP1",))
    async with face(central, key) as api:
        items = (await api.get("/v1/stations")).json()["items"]
        assert [each["id"] for each in items] == ["CP1"]
        assert (await api.get("/v1/stations/CP1")).status_code == 200
        forbidden = [
            await api.get("/v1/stations/CP2"),
            await api.delete("/v1/stations/CP2"),
            await api.post("/v1/stations/CP2/commands/clear_cache"),
            await api.post("/v1/commands/clear_cache?station=CP2"),
            await api.get("/v1/tokens"),
            await api.get("/metrics"),
            await api.post("/v1/keys", json={"name": "more"}),
        ]
        assert {each.status_code for each in forbidden} == {403}
        many = (await api.post("/v1/commands/clear_cache?search=CP")).json()
        assert list(many["outcomes"]) == ["CP1"]


async def test_keys_are_made_listed_and_revoked(central: Central) -> None:
    async with face(central) as api:
        new = {"name": "home", "scope": "operate", "stations": ["CP1"]}
        made = (await api.post("/v1/keys", json=new)).json()
        assert (await api.post("/v1/keys", json=new)).status_code == 409
        assert (await api.post("/v1/keys", json={"name": "settings"})).status_code == 409
        (listed,) = (await api.get("/v1/keys")).json()
        assert (listed["name"], listed["scope"], listed["stations"]) == ("home", "operate", ["CP1"])
        assert "digest" not in listed
        theirs = {"X-API-Key": made["key"]}
        assert (await api.get("/v1/stations", headers=theirs)).status_code == 200
        assert (await api.delete("/v1/keys/home")).status_code == 204
        assert (await api.delete("/v1/keys/home")).status_code == 404
        assert (await api.get("/v1/stations", headers=theirs)).status_code == 401


async def test_commands_are_recorded_with_the_name_of_the_key(central: Central) -> None:
    async with face(central, await make_key(central, "home", "operate")) as api:
        response = await api.post("/v1/stations/CP1/commands/clear_cache")
        assert (response.status_code, response.json()["title"]) == (409, "NotConnected")
        (command,) = (await api.get("/v1/commands?asked_by=home")).json()["items"]
    assert (command["action"], command["status"]) == ("ClearCache", "failed")


async def test_a_key_that_asks_too_often_has_to_wait(central: Central) -> None:
    async with face(central, requests_per_minute=2) as api:
        answers: list[httpx.Response] = [await api.get("/v1/stations") for _ in range(3)]
    assert [each.status_code for each in answers] == [200, 200, 429]
    assert answers[2].headers["retry-after"] == "30"
