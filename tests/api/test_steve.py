"""The SteVe client's `main.php`, by its own query strings."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from fastapi import FastAPI

from chargeplane.api.steve.backends import Local, Remote, Result, Wanted
from chargeplane.api.steve.main_php import COMMANDS, PhpSettings, router
from chargeplane.api.steve.shared import fixed_key
from chargeplane.csms.central import Central, Unit
from chargeplane.domain.messages import Outcome
from chargeplane.domain.profiles import (
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
    SetChargingProfile,
    SetChargingProfileAnswer,
)
from chargeplane.domain.reservations import ReserveNow, ReserveNowAnswer
from chargeplane.domain.station import (
    DataTransfer,
    DataTransferAnswer,
    Evse,
    Reset,
    ResetAnswer,
    StatusNotification,
    UnlockAnswer,
    UnlockConnector,
)
from chargeplane.domain.tokens import Token
from chargeplane.domain.transactions import (
    RequestStartAnswer,
    RequestStartTransaction,
    RequestStopTransaction,
)
from chargeplane.net.steve import SteveAccess, SteveClient
from chargeplane.ocpp.errors import OcppError
from chargeplane.storage.repositories import commands, profile_templates, transactions
from chargeplane.storage.repositories.commands import CommandFilter
from chargeplane.storage.repositories.transactions import TransactionStart
from tests.csms.conftest import ConnectStation, everything
from tests.net.stand_in_steve import StandInSteve

ALL = pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
NOW = datetime(2026, 3, 1, tzinfo=UTC)
TOMORROW = datetime.now(UTC) + timedelta(days=1)

PROFILE = ChargingProfile(
    id=1,
    stack_level=0,
    charging_profile_purpose="TxDefaultProfile",
    charging_profile_kind="Absolute",
    charging_schedule=(
        ChargingSchedule(
            id=1,
            start_schedule=NOW,
            charging_rate_unit="A",
            charging_schedule_period=(ChargingSchedulePeriod(start_period=0, limit=10),),
        ),
    ),
)


@pytest.fixture
async def central(central: Central) -> Central:
    """With a charging profile that is kept as number 1."""
    await central.commit(lambda unit: keep(unit, PROFILE))
    return central


def keep(unit: Unit, profile: ChargingProfile) -> object:
    return profile_templates.save(unit.connection, None, profile, unit.now)


def client(backend: Any, **settings: Any) -> httpx.AsyncClient:
    app = FastAPI()
    app.include_router(router(backend, fixed_key("home", "YourKey"), PhpSettings(**settings)))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://youraddress")


def local(central: Central, **settings: Any) -> httpx.AsyncClient:
    return client(Local(central), **settings)


async def get(http: httpx.AsyncClient, query: str, **headers: str) -> str:
    response = await http.get(f"/main.php?key=YourKey&{query}", headers=headers)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    return response.text


async def full(http: httpx.AsyncClient, query: str) -> Any:
    return (await http.get(f"/main.php?key=YourKey&format=json&{query}")).json()


async def begin(central: Central, evse_id: int, station_id: str = "001") -> str:
    """A transaction that runs; its name."""
    start = TransactionStart(
        station_id=station_id, evse_id=evse_id, started_at=NOW, start_key=f"k{evse_id}"
    )
    record, _ = await central.commit(lambda unit: transactions.start(unit.connection, start, NOW))
    return record.name


# Commands

RESERVE = (
    f"ChargeBoxID=001&cmd=ReserveNow&ConnectorID=2&idTag=ABCDE&Expiry={TOMORROW:%Y-%m-%d+%H:%M}"
)
ACTS: dict[str, tuple[str, type, Any, str]] = {
    "start": (
        "ChargeBoxID=001&cmd=RemoteStartTransaction&ConnectorID=2&idTag=ABCDE",
        RequestStartTransaction,
        RequestStartAnswer(status="Accepted"),
        "Ok",
    ),
    "start-rejected": (
        "ChargeBoxID=001&cmd=RemoteStartTransaction&ConnectorID=2&idTag=ABCDE",
        RequestStartTransaction,
        RequestStartAnswer(status="Rejected"),
        "Rejected",
    ),
    "stop": (
        "ChargeBoxID=001&cmd=RemoteStopTransaction&ConnectorID=2&idTag=ABCDE",
        RequestStopTransaction,
        Outcome(status="Accepted"),
        "Ok",
    ),
    "unlock": (
        "ChargeBoxID=001&cmd=UnlockConnector&ConnectorID=2",
        UnlockConnector,
        UnlockAnswer(status="Unlocked"),
        "Ok",
    ),
    "unlock-failed": (
        "ChargeBoxID=001&cmd=UnlockConnector&ConnectorID=2",
        UnlockConnector,
        UnlockAnswer(status="UnlockFailed"),
        "UnlockFailed",
    ),
    "reset": ("ChargeBoxID=001&cmd=Reset", Reset, ResetAnswer(status="Accepted"), "Ok"),
    "transfer": (
        "ChargeBoxID=001&cmd=DataTransfer&VendorID=YourVendor&MessageID=Hello!",
        DataTransfer,
        DataTransferAnswer(status="Accepted", data="hi"),
        "Accepted / Data: hi",
    ),
    "transfer-refused": (
        "ChargeBoxID=001&cmd=DataTransfer&VendorID=YourVendor&MessageID=Hello!",
        DataTransfer,
        DataTransferAnswer(status="UnknownVendorId"),
        "UnknownVendorId",
    ),
    "reserve": (
        RESERVE,
        ReserveNow,
        ReserveNowAnswer(status="Accepted"),
        "Ok",
    ),
    "reserve-occupied": (
        RESERVE,
        ReserveNow,
        ReserveNowAnswer(status="Occupied"),
        "Occupied",
    ),
    "profile": (
        "ChargeBoxID=001&cmd=SetChargingProfile&ConnectorID=0&ChargingProfileID=1",
        SetChargingProfile,
        SetChargingProfileAnswer(status="Accepted"),
        "Ok",
    ),
    "foreign": (
        "ChargeBoxID=001&cmd=Reset",
        Reset,
        OcppError("NotImplemented", "no"),
        "NotSupported",
    ),
    "error": ("ChargeBoxID=001&cmd=Reset", Reset, OcppError("InternalError"), "InternalError"),
}


@ALL
@pytest.mark.parametrize("case", ACTS)
async def test_the_word_is_what_the_station_said(
    central: Central, connect_station: ConnectStation, version: str, case: str
) -> None:
    query, request, answer, word = ACTS[case]
    station = await connect_station(version, "001")
    station.on(request, answer)
    await begin(central, 1)
    await begin(central, 2)
    async with local(central) as http:
        assert await get(http, query) == word
    assert [type(asked) for asked in station.asked] == [request]
    (record,) = await everything(central, commands.page, CommandFilter())
    assert record.asked_by == "home"


@ALL
async def test_what_the_station_is_asked(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version, "001")
    for request, answer in (
        (RequestStartTransaction, RequestStartAnswer(status="Accepted")),
        (RequestStopTransaction, Outcome(status="Accepted")),
        (UnlockConnector, UnlockAnswer(status="Unlocked")),
        (Reset, ResetAnswer(status="Accepted")),
        (DataTransfer, DataTransferAnswer(status="Accepted")),
        (SetChargingProfile, SetChargingProfileAnswer(status="Accepted")),
    ):
        station.on(request, answer)
    await begin(central, 1)
    running = await begin(central, 2)
    async with local(central) as http:
        for case in ("start", "stop", "unlock", "reset", "transfer", "profile"):
            await get(http, ACTS[case][0])
    start, stop, unlock, reset, transfer, profile = station.asked
    assert (start.id_token, start.evse_id) == (Token("ABCDE"), 2)
    assert stop.transaction_id == running
    assert unlock == UnlockConnector(evse_id=2)
    assert reset == Reset(type="Immediate")
    assert transfer == DataTransfer(vendor_id="YourVendor", message_id="Hello!")
    assert (profile.evse_id, profile.charging_profile.stack_level) == (0, 0)


@ALL
@pytest.mark.parametrize(
    ("status", "charging", "word"),
    [
        ("Available", None, "Available"),
        ("Occupied", "Charging", "Charging"),
        ("Occupied", "SuspendedEV", "SuspendedEV"),
        ("Faulted", None, "Faulted"),
    ],
)
async def test_connector_state(
    central: Central,
    connect_station: ConnectStation,
    version: str,
    status: Any,
    charging: Any,
    word: str,
) -> None:
    station = await connect_station(version, "001")
    said = StatusNotification(
        evse=Evse(2, 1), connector_status=status, charging_state=charging, timestamp=NOW
    )
    await station.say(said)
    query = "ChargeBoxID=001&cmd=getConnectorState&ConnectorID=2"
    occupied = status == "Occupied" and version != "1.6"
    async with local(central) as http:
        # 2.x tells the charging state in events of transactions.
        assert await get(http, query) == ("Preparing" if occupied else word)
        (entry,) = await full(http, query)
        assert (entry["ChargeBoxID"], entry["accepted"]) == ("001", True)
        assert entry["answer"]["online"] is True
        await station.leave()
        assert await get(http, query) == "Offline"
        (entry,) = await full(http, query)
        assert entry["answer"]["status"] == ("Preparing" if occupied else word)


# Mistakes


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("cmd=getConnectorState&ConnectorID=2", "NullBoxID"),
        ("ChargeBoxID=%20;&cmd=Reset", "NullBoxID"),
        ("ChargeBoxID=001&cmd=getConnectorState&ConnectorID=9", "StateNotExist"),
        ("ChargeBoxID=001&cmd=getConnectorState", "StateNotExist"),
        ("ChargeBoxID=001&cmd=Fly", "Unknown command"),
        ("ChargeBoxID=001&cmd=reset", "Unknown command"),
        ("ChargeBoxID=001", "Unknown command"),
        ("ChargeBoxID=001&cmd=Reset", "Command NotAllow"),
        ("ChargeBoxID=001&cmd=RemoteStopTransaction&ConnectorID=2", "TransactionNotExist"),
        ("ChargeBoxID=001&cmd=RemoteStartTransaction", "NullIdTag"),
        ("ChargeBoxID=001&cmd=UnlockConnector", "NullConnectorID"),
        ("ChargeBoxID=001&cmd=UnlockConnector&ConnectorID=two", "WrongConnectorID"),
        (f"ChargeBoxID=001&cmd=UnlockConnector&ConnectorID={10**20}", "WrongConnectorID"),
        ("ChargeBoxID=001&cmd=DataTransfer", "NullVendorID"),
        ("ChargeBoxID=001&cmd=ReserveNow&idTag=A", "NullExpiry"),
        ("ChargeBoxID=001&cmd=ReserveNow&idTag=A&Expiry=soon", "WrongExpiry"),
        ("ChargeBoxID=001&cmd=SetChargingProfile", "NullChargingProfileID"),
        ("ChargeBoxID=001&cmd=SetChargingProfile&ChargingProfileID=7", "ProfileNotExist"),
        ("ChargeBoxID=002&cmd=UnlockConnector&ConnectorID=1", "Offline"),
    ],
)
async def test_mistakes(
    central: Central, connect_station: ConnectStation, query: str, word: str
) -> None:
    station = await connect_station("1.6", "001")
    async with local(central, commands=COMMANDS - {"Reset"}) as http:
        if "%20" in query:
            query = query.replace("Reset", "UnlockConnector")
        assert await get(http, query) == word
        found = await full(http, query)
        assert (found[0] if isinstance(found, list) else found)["result"] == word
    assert station.asked == []


@pytest.mark.parametrize("key", ["", "?key=", "?key=Wrong", "?key=yourkey", "?key=%ff%00"])
async def test_whoever_has_no_key_is_told_nothing(central: Central, key: str) -> None:
    async with local(central) as http:
        response = await http.get(f"/main.php{key}")
        assert (response.status_code, response.text) == (200, "")
        response = await http.get("/main.php?format=json")
        assert (response.status_code, response.text) == (401, "")


async def test_without_a_key_there_is_no_face(central: Central) -> None:
    app = FastAPI()
    app.include_router(router(Local(central), None, PhpSettings()))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://youraddress"
    ) as http:
        assert (await http.get("/main.php?cmd=Reset")).status_code == 404


async def test_an_empty_key_is_no_key() -> None:
    assert await fixed_key("home", "")("") is None


# Forms of answers


async def test_several_charge_boxes_are_asked_side_by_side(
    central: Central, connect_station: ConnectStation
) -> None:
    first, second = await connect_station("1.6", "001"), await connect_station("2.1", "002")
    both = asyncio.Barrier(2)

    async def answer(_: Any) -> ResetAnswer:
        await both.wait()
        return ResetAnswer(status="Accepted")

    first.on(Reset, answer)
    second.on(Reset, answer)
    async with local(central) as http:
        words = await get(http, "ChargeBoxID=001;002;003&cmd=Reset")
        assert words.splitlines() == ["Ok", "Ok", "Offline"]
        first.on(UnlockConnector, UnlockAnswer(status="NotSupported"))
        second.on(UnlockConnector, UnlockAnswer(status="Unlocked"))
        entries = await full(http, "ChargeBoxID=001;002;003&cmd=UnlockConnector&ConnectorID=1")
    assert entries[:2] == [
        {
            "ChargeBoxID": "001",
            "cmd": "UnlockConnector",
            "result": "NotSupported",
            "accepted": False,
            "answer": {"status": "NotSupported"},
        },
        {
            "ChargeBoxID": "002",
            "cmd": "UnlockConnector",
            "result": "Ok",
            "accepted": True,
            "answer": {"status": "Unlocked"},
        },
    ]
    assert (entries[2]["result"], entries[2]["error"]) == ("Offline", "003 is not connected")


async def test_a_station_that_does_not_answer(
    central: Central, connect_station: ConnectStation
) -> None:
    station = await connect_station("1.6", "001")
    station.on(Reset, lambda _: asyncio.sleep(60))
    async with client(Local(central, timeout=0.05)) as http:
        assert await get(http, "ChargeBoxID=001&cmd=Reset") == "Timeout"


@pytest.mark.parametrize(
    ("query", "accept", "is_json"),
    [
        ("", "*/*", False),
        ("", "application/json", True),
        ("&format=text", "application/json", False),
        ("&format=json", "text/plain", True),
    ],
)
async def test_json_is_for_those_who_ask(
    central: Central, query: str, accept: str, *, is_json: bool
) -> None:
    async with local(central) as http:
        response = await http.get(
            f"/main.php?key=YourKey&ChargeBoxID=1&cmd=Reset{query}", headers={"Accept": accept}
        )
    assert (response.headers["content-type"] == "application/json") is is_json


class Recorder:
    """A backend that remembers what was wanted."""

    def __init__(self) -> None:
        self.wanted: list[Wanted] = []

    async def run(self, wanted: Wanted, boxes: Sequence[str], by: str) -> Mapping[str, Result]:
        assert by == "home"
        self.wanted.append(wanted)
        return dict.fromkeys(boxes, Result("Ok"))


async def test_expiry_is_in_the_time_zone_of_the_settings() -> None:
    backend = Recorder()
    query = "ChargeBoxID=001&cmd=ReserveNow&ConnectorID=2&idTag=A&Expiry=2020-07-09+12:30"
    async with client(backend, timezone=ZoneInfo("Europe/Berlin")) as http:
        await get(http, query)
    assert backend.wanted[0].expiry == datetime(2020, 7, 9, 10, 30, tzinfo=UTC)


# A remote SteVe


@pytest.mark.parametrize("way", ["web", "rest"])
async def test_a_remote_steve(way: str) -> None:
    steve = StandInSteve(rest=way == "rest")
    access = SteveAccess(
        url="http://steve/steve", user="admin", password="1234", api_password="api"
    )
    async with (
        SteveClient(access, steve.transport) as remote,
        client(Remote(remote)) as http,
    ):
        for case, (query, _, _, word) in ACTS.items():
            if case in {"start", "stop", "unlock", "reset", "transfer", "reserve", "profile"}:
                assert await get(http, query) == word, case
        state = "cmd=getConnectorState&ConnectorID=2&ChargeBoxID="
        assert await get(http, f"{state}001;009") == "Charging\nStateNotExist"
        assert await get(http, "cmd=Reset&ChargeBoxID=001;009") == "Ok\nOffline"
        stop = "cmd=RemoteStopTransaction&ConnectorID=1&ChargeBoxID=001"
        assert await get(http, stop) == "TransactionNotExist"
        assert (await full(http, "cmd=Reset&ChargeBoxID=001"))[0]["answer"]["status"] == "Accepted"


async def test_a_remote_steve_that_cannot_be_reached() -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("connection refused")

    access = SteveAccess(url="http://steve/steve", user="admin", password="1234")
    async with (
        SteveClient(access, httpx.MockTransport(refuse)) as remote,
        client(Remote(remote)) as http,
    ):
        assert await get(http, "cmd=Reset&ChargeBoxID=001;002") == "\n".join(
            ["SteveUnreachable"] * 2
        )
        (entry,) = await full(http, "cmd=getConnectorState&ConnectorID=1&ChargeBoxID=001")
        assert entry["error"] == "http://steve/steve: connection refused"
