from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from chargeplane.api.native.profile_templates import EXAMPLE
from chargeplane.csms.central import Central
from tests.api.faces import face, make_key

PATH = "/v1/charging-profile-templates"
PROFILE: Any = EXAMPLE["profile"]


@pytest.fixture
async def api(central: Central) -> AsyncIterator[httpx.AsyncClient]:
    async with face(central) as client:
        yield client


async def test_profiles_are_added_replaced_shown_and_removed(api: httpx.AsyncClient) -> None:
    added = await api.post(PATH, json=EXAMPLE)
    assert added.status_code == 201
    assert (added.json()["id"], added.json()["name"]) == (1, "Solar evening")
    put = await api.put(f"{PATH}/7", json={"profile": PROFILE | {"id": 3, "stack_level": 4}})
    assert (put.json()["id"], put.json()["profile"]["id"]) == (7, 7)
    assert (put.json()["name"], put.json()["profile"]["stack_level"]) == (None, 4)
    assert (await api.post(PATH, json=EXAMPLE)).json()["id"] == 8
    assert (await api.get(f"{PATH}/7")).json() == put.json()
    assert [each["id"] for each in (await api.get(PATH)).json()["items"]] == [1, 7, 8]
    assert (await api.delete(f"{PATH}/7")).status_code == 204
    events = (await api.get("/v1/events/history?kind=charging_profile_template.removed")).json()
    assert [each["data"] for each in events["items"]] == [{"number": 7}]


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_what_is_not_kept_is_not_found(api: httpx.AsyncClient, method: str) -> None:
    assert (await api.request(method, f"{PATH}/9")).status_code == 404


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"profile": {}},
        {"profile": PROFILE | {"charging_profile_purpose": "Nonsense"}},
        {"profile": PROFILE, "nam": "x"},
    ],
)
async def test_what_is_no_profile_is_refused(api: httpx.AsyncClient, sent: Any) -> None:
    assert (await api.put(f"{PATH}/1", json=sent)).status_code == 422
    assert (await api.post(PATH, json=sent)).status_code == 422


@pytest.mark.parametrize("number", ["0", "-1", "2147483648", "x"])
async def test_numbers_have_room_in_ocpp(api: httpx.AsyncClient, number: str) -> None:
    assert (await api.put(f"{PATH}/{number}", json=EXAMPLE)).status_code == 422


async def test_who_may_read_may_not_change(central: Central) -> None:
    async with face(central, await make_key(central, "home", "operate")) as api:
        assert (await api.get(PATH)).status_code == 200
        assert (await api.post(PATH, json=EXAMPLE)).status_code == 403
        assert (await api.delete(f"{PATH}/1")).status_code == 403
