"""The client of a remote SteVe, against a stand-in that behaves as SteVe does."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from chargeplane.errors import AnswerTimeout, ConfigurationError, NotConnected
from chargeplane.net.steve import (
    Fields,
    ResponseNotFound,
    SteveAccess,
    SteveAnswer,
    SteveClient,
    SteveConnector,
    SteveRefused,
    SteveTransaction,
    SteveUnreachable,
)
from chargeplane.ocpp.errors import OcppError
from tests.net.stand_in_steve import StandInSteve

START: Fields = {"connectorId": 2, "idTag": "ABCDE"}
FORM = "/manager/operations/v1.6/"


def client(steve: StandInSteve, **given: Any) -> SteveClient:
    access = {"url": "http://steve/steve", "user": "admin", "password": "1234", **given}
    return SteveClient(SteveAccess(**access), steve.transport)


# The web pages


@pytest.mark.parametrize("kind", ["JSON", "V_16_JSON", "V_15_SOAP"])
async def test_an_operation_by_the_pages(kind: str) -> None:
    steve = StandInSteve(kind=kind)
    async with client(steve) as remote:
        answer = await remote.operate("RemoteStartTransaction", "001", START)
    assert answer == SteveAnswer("Accepted")
    (form,) = steve.forms
    del form["_csrf"]
    assert form == {
        "chargePointSelectList": [f"{kind};001;-"],
        "connectorId": ["2"],
        "idTag": ["ABCDE"],
    }


async def test_the_session_is_kept() -> None:
    steve = StandInSteve()
    async with client(steve) as remote:
        await remote.operate("Reset", "001", {"resetType": "Hard"})
        await remote.operate("Reset", "002", {"resetType": "Soft"})
    assert steve.requests == [
        f"GET {FORM}Reset",
        "GET /manager/signin",
        "POST /manager/signin",
        f"GET {FORM}Reset",
        f"POST {FORM}Reset",
        "GET /manager/operations/tasks/1",
        f"GET {FORM}Reset",
        f"POST {FORM}Reset",
        "GET /manager/operations/tasks/2",
    ]
    assert [form["resetType"] for form in steve.forms] == [["HARD"], ["SOFT"]]


async def test_whoever_is_signed_out_signs_in_again() -> None:
    steve = StandInSteve()
    async with client(steve) as remote:
        await remote.connectors()
        steve.end_session()
        assert await remote.operate("Reset", "001", {"resetType": "Hard"}) == SteveAnswer(
            "Accepted"
        )
    assert len(steve.forms) == 1


async def test_many_at_once_sign_in_once() -> None:
    steve = StandInSteve()
    async with client(steve) as remote:
        await asyncio.gather(*(remote.connectors() for _ in range(5)))
    assert steve.requests.count("POST /manager/signin") == 1


async def test_a_token_that_was_rotated_is_fetched_anew() -> None:
    steve = StandInSteve()
    steve.rotates = 1
    async with client(steve) as remote:
        assert (await remote.operate("Reset", "001", {"resetType": "Hard"})).status == "Accepted"
        assert len(steve.forms) == 1
        steve.rotates = 9
        with pytest.raises(SteveRefused, match="CSRF"):
            await remote.operate("Reset", "001", {"resetType": "Hard"})


async def test_a_slow_task_is_looked_at_until_it_is_finished() -> None:
    steve = StandInSteve(looks=3)
    async with client(steve) as remote:
        answer = await remote.operate("DataTransfer", "001", {"vendorId": "V"})
    assert answer == SteveAnswer("Accepted", "hi")
    assert steve.requests.count("GET /manager/operations/tasks/1") == 4


async def test_a_task_that_never_finishes() -> None:
    async with client(StandInSteve(looks=9999), timeout=0.2) as remote:
        with pytest.raises(AnswerTimeout):
            await remote.operate("Reset", "001", {"resetType": "Hard"})


@pytest.mark.parametrize(
    ("rows", "error"),
    [
        (
            "<tr><td>001</td><td></td><td>No session context for chargeBoxId '001'</td></tr>",
            NotConnected,
        ),
        ("<tr><td>001</td><td></td><td>broken</td></tr>", SteveRefused),
        ("<tr><td>001</td><td></td><td></td></tr>", ResponseNotFound),
    ],
)
async def test_tasks_that_fail(rows: str, error: type[Exception]) -> None:
    steve = StandInSteve()
    steve.rows = rows
    async with client(steve) as remote:
        with pytest.raises(error):
            await remote.operate("Reset", "001", {"resetType": "Hard"})


async def test_a_form_that_is_refused_says_why() -> None:
    async with client(StandInSteve()) as remote:
        with pytest.raises(SteveRefused, match="ID Tag is wrong"):
            await remote.operate("RemoteStartTransaction", "001", {**START, "idTag": "?"})


async def test_a_charge_box_that_is_not_to_be_chosen_is_offline() -> None:
    async with client(StandInSteve()) as remote:
        with pytest.raises(NotConnected, match="009"):
            await remote.operate("Reset", "009", {"resetType": "Hard"})


@pytest.mark.parametrize("given", [{"password": "wrong"}, {"user": "nobody"}])
async def test_a_sign_in_that_is_refused(given: dict[str, str]) -> None:
    steve = StandInSteve()
    async with client(steve, **given) as remote:
        with pytest.raises(SteveRefused, match="user name and web password"):
            await remote.connectors()


async def test_states_and_transactions_of_the_pages() -> None:
    async with client(StandInSteve()) as remote:
        assert await remote.connectors() == [
            SteveConnector("001", 1, "Available"),
            SteveConnector("001", 2, "Charging"),
        ]
        assert await remote.transactions("001") == [SteveTransaction(77, "001", 2)]


async def test_dates_are_in_the_time_zone_of_the_pages() -> None:
    steve = StandInSteve()
    expiry = datetime(2020, 7, 9, 10, 30, tzinfo=UTC)
    async with client(steve, timezone=ZoneInfo("Europe/Berlin")) as remote:
        await remote.operate("ReserveNow", "001", {**START, "expiry": expiry})
    assert steve.forms[0]["expiry"] == ["2020-07-09 12:30"]


async def test_fields_cannot_be_smuggled_in() -> None:
    steve = StandInSteve()
    async with client(steve) as remote:
        await remote.operate("DataTransfer", "001", {"vendorId": "V&data=x", "data": "1&2"})
    assert (steve.forms[0]["vendorId"], steve.forms[0]["data"]) == (["V&data=x"], ["1&2"])


# REST operations


async def test_an_operation_by_rest() -> None:
    steve = StandInSteve(rest=True)
    expiry = datetime(2020, 7, 9, 10, 30, tzinfo=UTC)
    async with client(steve, password="", api_password="api") as remote:
        assert await remote.way() == "rest"
        answer = await remote.operate("DataTransfer", "001", {"vendorId": "V"})
        await remote.operate("ReserveNow", "001", {**START, "expiry": expiry})
        assert await remote.transactions("001") == [SteveTransaction(77, "001", 2)]
        with pytest.raises(SteveRefused, match="no web password"):
            await remote.connectors()
    assert answer == SteveAnswer("Accepted", "hi")
    assert steve.bodies == [
        {"operation": "DataTransfer", "chargeBoxIdList": ["001"], "vendorId": "V"},
        {
            "operation": "ReserveNow",
            "chargeBoxIdList": ["001"],
            **START,
            "expiry": "2020-07-09T10:30:00+00:00",
        },
    ]
    assert len([each for each in steve.requests if "GetLocalListVersion" in each]) == 1


@pytest.mark.parametrize(
    ("result", "error"),
    [
        (
            {"errorResponses": [{"errorCode": "NotSupported", "errorDescription": "no"}]},
            OcppError,
        ),
        ({"exceptions": [{"exceptionMessage": "No session context for '001'"}]}, NotConnected),
        ({"exceptions": [{"exceptionMessage": "broken"}]}, SteveRefused),
        ({"taskFinished": False}, AnswerTimeout),
        ({"taskFinished": True, "successResponses": []}, ResponseNotFound),
    ],
)
async def test_rest_operations_that_fail(result: dict[str, Any], error: type[Exception]) -> None:
    steve = StandInSteve(rest=True)
    steve.result = result
    async with client(steve, api_password="api") as remote:
        with pytest.raises(error):
            await remote.operate("Reset", "001", {"resetType": "Hard"})


async def test_a_station_that_is_offline_for_rest() -> None:
    async with client(StandInSteve(rest=True), api_password="api") as remote:
        with pytest.raises(NotConnected):
            await remote.operate("Reset", "009", {"resetType": "Hard"})


# Which way


@pytest.mark.parametrize(
    ("rest", "api_password", "way"),
    [(True, "api", "rest"), (True, "", "web"), (False, "api", "web"), (True, "wrong", "web")],
)
async def test_the_version_is_found_out(api_password: str, way: str, *, rest: bool) -> None:
    async with client(StandInSteve(rest=rest), api_password=api_password) as remote:
        assert await remote.way() == way


@pytest.mark.parametrize(
    ("rest", "api_password", "reason"),
    [(True, "wrong", "API password"), (False, "api", "before 3.11")],
)
async def test_without_rest_and_web_password_there_is_no_way(
    api_password: str, reason: str, *, rest: bool
) -> None:
    async with client(StandInSteve(rest=rest), password="", api_password=api_password) as remote:
        with pytest.raises(SteveRefused, match=reason):
            await remote.operate("Reset", "001", {"resetType": "Hard"})


def test_without_any_password_there_is_no_client() -> None:
    with pytest.raises(ConfigurationError):
        client(StandInSteve(), password="")


async def test_a_steve_that_is_not_there() -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("")

    access = SteveAccess(url="https://steve/steve", user="admin", password="1234")
    async with SteveClient(access, httpx.MockTransport(refuse)) as remote:
        with pytest.raises(SteveUnreachable, match="https://steve/steve: ReadTimeout"):
            await remote.connectors()


@pytest.mark.parametrize("status", [200, 500])
async def test_something_else_at_that_address(status: int) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(status, text="hello"))
    access = SteveAccess(url="http://steve/steve", user="admin", password="1")
    async with SteveClient(access, transport) as remote:
        with pytest.raises((SteveRefused, NotConnected)):
            await remote.operate("Reset", "001", {"resetType": "Hard"})
