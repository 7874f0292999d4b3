"""The API of OCPP.Core as its clients know it, over stations of every version."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec
import pytest
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request

from chargeplane.api import ocpp_core
from chargeplane.api.ocpp_core import Rules, route
from chargeplane.csms.central import Central
from chargeplane.domain.messages import Outcome
from chargeplane.domain.profiles import (
    ClearChargingProfile,
    ClearChargingProfileAnswer,
    SetChargingProfile,
    SetChargingProfileAnswer,
)
from chargeplane.domain.readings import Reading, Sample
from chargeplane.domain.station import (
    BootNotification,
    ChargingStation,
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
from chargeplane.domain.variables import (
    Component,
    GetBaseReport,
    GetVariables,
    ReportAnswer,
    SettingResult,
    SettingResults,
    SetVariables,
    Variable,
    VariableResult,
    VariableResults,
)
from chargeplane.errors import StorageError
from chargeplane.ocpp.errors import OcppError
from chargeplane.ocpp.v2 import wire
from chargeplane.storage.measured import measure
from chargeplane.storage.records import TokenRecord
from chargeplane.storage.repositories import commands, connectors, tokens, transactions
from chargeplane.storage.repositories.commands import CommandFilter
from chargeplane.storage.repositories.transactions import TransactionStart, TransactionStop
from tests.csms.conftest import ConnectStation, ScriptedStation, everything

ALL = pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
V2 = pytest.mark.parametrize("version", ["2.0.1", "2.1"])
KEY = {"X-API-Key": "secret"}
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Caller:
    name: str
    scopes: tuple[str, ...] = ("read", "operate")
    stations: tuple[str, ...] | None = None

    def may(self, scope: str) -> bool:
        return scope in self.scopes

    def sees(self, station_id: str) -> bool:
        return self.stations is None or station_id in self.stations


CALLERS = {
    "secret": Caller("home"),
    "reader": Caller("reader", ("read",)),
    "other": Caller("other", stations=("CP2",)),
}


async def check(request: Request) -> Caller:
    caller = CALLERS.get(request.headers.get("X-API-Key", ""))
    if caller is None:
        raise HTTPException(401)
    return caller


def client_of(central: Central, rules: Rules | None = None) -> httpx.AsyncClient:
    app = FastAPI()
    app.router.routes.append(route(central, check, rules))
    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(transport=transport, base_url="http://test", headers=KEY)


@pytest.fixture
async def client(central: Central) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(central) as made:
        yield made


def patience(central: Central, seconds: float) -> None:
    central.settings = central.settings.model_copy(update={"answer_timeout": seconds})


def willing(station: ScriptedStation) -> None:
    """Let a station accept everything."""
    station.on(Reset, ResetAnswer(status="Accepted"))
    station.on(UnlockConnector, UnlockAnswer(status="Unlocked"))
    station.on(SetChargingProfile, SetChargingProfileAnswer(status="Accepted"))
    station.on(ClearChargingProfile, ClearChargingProfileAnswer(status="Accepted"))
    station.on(RequestStartTransaction, RequestStartAnswer(status="Accepted"))
    station.on(RequestStopTransaction, Outcome(status="Accepted"))
    station.on(GetVariables, values)
    station.on(SetVariables, taking("Accepted"))


def values(asked: GetVariables) -> VariableResults:
    """A station that has 90 everywhere."""
    return VariableResults(
        results=tuple(
            VariableResult(component=q.component, variable=q.variable, attribute_value="90")
            for q in asked.queries
        )
    )


def taking(status: Any) -> Callable[[SetVariables], SettingResults]:
    def answer(asked: SetVariables) -> SettingResults:
        return SettingResults(
            results=tuple(
                SettingResult(component=s.component, variable=s.variable, attribute_status=status)
                for s in asked.settings
            )
        )

    return answer


def token(name: str, **changes: Any) -> TokenRecord:
    record = TokenRecord(
        key=name.lower(),
        id_token=name,
        type="ISO14443",
        group_key=None,
        group_id=None,
        blocked=False,
        valid_from=None,
        expires_at=None,
        max_active_transactions=-1,
        name=None,
        comment=None,
        personal_message=None,
        language=None,
        charging_priority=None,
        stations=None,
        created_at=NOW,
    )
    return msgspec.structs.replace(record, **changes)


async def know(central: Central, *records: TokenRecord) -> None:
    await central.commit(lambda unit: tokens.save(unit.connection, records))


async def charge(
    central: Central, version: str, *, evse_id: int = 1, tag: str = "TAG1", minutes: int = 0
) -> str:
    """Let a transaction run; what its station calls it."""
    name = f"tx-{evse_id}-{minutes}"
    begun = TransactionStart(
        station_id="CP1",
        evse_id=evse_id,
        started_at=NOW + timedelta(minutes=minutes),
        token=Token(tag),
        start_key=name if version == "1.6" else None,
        uid=None if version == "1.6" else name,
    )
    record, _ = await central.commit(
        lambda unit: transactions.start(unit.connection, begun, unit.now)
    )
    return record.name


async def finish(central: Central, name: str) -> None:
    def work(unit: Any) -> None:
        record = transactions.by_name(unit.connection, "CP1", name)
        assert record is not None
        end = TransactionStop(stopped_at=NOW, closed_by="station")
        transactions.stop(unit.connection, record.id, end)

    await central.commit(work)


# The case table: what is answered without a station


REFUSALS = [
    ("Nonsense", 404),
    ("status", 404),
    ("", 404),
    ("Reset", 400),
    ("Reset/", 400),
    ("Reset/OFF", 404),
    ("Reset/OFF/Hard", 404),
    ("UnlockConnector", 400),
    ("UnlockConnector/OFF", 404),
    ("SetChargingLimit", 400),
    ("SetChargingLimit/CP1", 400),
    ("SetChargingLimit/CP1/1", 400),
    ("SetChargingLimit/CP1/1/", 400),
    ("SetChargingLimit/OFF/1/16A", 404),
    ("SetChargingLimit/OFF/1/bad", 400),
    ("SetChargingLimit/CP1/1/16", 400),
    ("SetChargingLimit/CP1/1/16.5A", 400),
    ("SetChargingLimit/CP1/1/-5A", 400),
    ("SetChargingLimit/CP1/1/2kW", 400),
    ("SetChargingLimit/CP1/1/16%20A", 400),
    ("SetChargingLimit/CP1/1/2147483648A", 400),
    ("SetChargingLimit/CP1/1/99999999999A", 400),
    ("SetChargingLimit/CP1/1/16A%0A", 400),
    ("SetChargingProfile/CP1/1", 400),
    ("ClearChargingLimit", 400),
    ("ClearChargingLimit/OFF/1", 404),
    ("ClearChargingProfile/OFF/1", 404),
    ("GetConfiguration", 400),
    ("GetConfiguration/OFF", 404),
    ("ChangeConfiguration", 400),
    ("ChangeConfiguration/CP1", 400),
    ("ChangeConfiguration/CP1//1", 400),
    ("ChangeConfiguration/CP1/HeartbeatInterval", 400),
    ("ChangeConfiguration/OFF/HeartbeatInterval", 400),
    ("ChangeConfiguration/OFF/HeartbeatInterval/90", 404),
    ("StartTransaction", 400),
    ("StartTransaction/CP1", 400),
    ("StartTransaction/CP1/1", 400),
    ("StartTransaction/CP1/1/", 400),
    ("StartTransaction/CP1/abc/TAG1", 400),
    ("StartTransaction/OFF/abc/TAG1", 400),
    ("StartTransaction/OFF/1/TAG1", 404),
    ("RemoteStartTransaction/OFF/1/TAG1", 404),
    ("StopTransaction", 400),
    ("StopTransaction/OFF", 404),
    ("StopTransaction/OFF/abc", 404),
    ("StopTransaction/CP1", 400),
    ("StopTransaction/CP1/abc", 400),
    ("StopTransaction/CP1/1", 424),
    ("RemoteStopTransaction/CP1/1", 424),
]


@ALL
async def test_refusals(
    client: httpx.AsyncClient, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    willing(station)
    answers = [(path, await client.get(f"/API/{path}")) for path, _ in REFUSALS]
    assert [(path, answer.status_code) for path, answer in answers] == REFUSALS
    assert all(answer.json()["status"] for _, answer in answers)
    assert station.asked == []


@ALL
@pytest.mark.parametrize("path", ["Reset/CP1/foo", "Reset/OFF/foo", "Reset/CP1/1"])
async def test_an_unknown_way_to_reset(
    client: httpx.AsyncClient, connect_station: ConnectStation, version: str, path: str
) -> None:
    station = await connect_station(version)
    answer = await client.get(f"/API/{path}")
    assert (answer.status_code, answer.json()) == (400, {"status": "InvalidResetMode"})
    assert station.asked == []


# The case table: what stations answer


COMMANDS: list[tuple[str, Any, list[Any]]] = [
    ("Reset/CP1", ResetAnswer, ["Accepted", "Rejected"]),
    ("UnlockConnector/CP1/1", UnlockAnswer, ["Unlocked", "UnlockFailed"]),
    ("SetChargingLimit/CP1/1/16A", SetChargingProfileAnswer, ["Accepted", "Rejected"]),
    ("ClearChargingLimit/CP1/1", ClearChargingProfileAnswer, ["Accepted", "Unknown"]),
    ("StartTransaction/CP1/1/TAG1", RequestStartAnswer, ["Accepted", "Rejected"]),
    ("RemoteStartTransaction/CP1/1/TAG1", RequestStartAnswer, ["Accepted", "Rejected"]),
    ("StopTransaction/CP1/1", Outcome, ["Accepted", "Rejected"]),
    ("RemoteStopTransaction/CP1/1", Outcome, ["Accepted", "Rejected"]),
]
ONLY_1X: list[tuple[str, Any, list[Any]]] = [
    ("UnlockConnector/CP1/1", UnlockAnswer, ["NotSupported"]),
    ("SetChargingProfile/CP1/1/2000W", SetChargingProfileAnswer, ["NotSupported"]),
]
ONLY_2X: list[tuple[str, Any, list[Any]]] = [
    ("Reset/CP1/Soft", ResetAnswer, ["Scheduled"]),
    ("UnlockConnector/CP1/1", UnlockAnswer, ["OngoingAuthorizedTransaction", "UnknownConnector"]),
]
REQUESTS = {
    ResetAnswer: Reset,
    UnlockAnswer: UnlockConnector,
    SetChargingProfileAnswer: SetChargingProfile,
    ClearChargingProfileAnswer: ClearChargingProfile,
    RequestStartAnswer: RequestStartTransaction,
    Outcome: RequestStopTransaction,
}


@ALL
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
async def test_what_the_station_answers(
    central: Central,
    client: httpx.AsyncClient,
    connect_station: ConnectStation,
    version: str,
    method: str,
) -> None:
    station = await connect_station(version)
    await know(central, token("TAG1"))
    await charge(central, version)
    for path, kind, statuses in COMMANDS + (ONLY_1X if version == "1.6" else ONLY_2X):
        station.on(REQUESTS[kind], *(kind(status=status) for status in statuses))
        for status in statuses:
            answer = await client.request(method, f"/API/{path}")
            assert (answer.status_code, answer.text) == (200, f'{{"status": "{status}"}}')
            assert answer.headers["content-type"] == "application/json"
    asked_by = {one.asked_by for one in await everything(central, commands.page, CommandFilter())}
    assert asked_by == {"home"}


@ALL
@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("Reset/CP1", "OnIdle"),
        ("Reset/CP1/", "OnIdle"),
        ("Reset/CP1/soft", "OnIdle"),
        ("Reset/CP1/Hard", "Immediate"),
        ("Reset/CP1/%20HARD%20", "Immediate"),
        ("Reset/cp1/Hard", "Immediate"),
        ("Reset/CP1/Hard/and/more?and=more", "Immediate"),
    ],
)
async def test_ways_to_reset(
    client: httpx.AsyncClient, connect_station: ConnectStation, version: str, path: str, kind: Any
) -> None:
    station = await connect_station(version)
    willing(station)
    assert (await client.get(f"/API/{path}")).json() == {"status": "Accepted"}
    assert station.asked == [Reset(type=kind)]


@ALL
@pytest.mark.parametrize(
    ("path", "evse_id"),
    [("CP1", 0), ("CP1/abc", 0), ("CP1/-1", 0), ("CP1/99999999999", 0), ("CP1/2", 2)],
)
async def test_unlock_names_the_connector(
    client: httpx.AsyncClient,
    connect_station: ConnectStation,
    version: str,
    path: str,
    evse_id: int,
) -> None:
    station = await connect_station(version)
    willing(station)
    answer = await client.get(f"/API/UnlockConnector/{path}")
    assert answer.json() == {"status": "Unlocked"}
    assert station.asked == [UnlockConnector(evse_id=evse_id, connector_id=1)]


@V2
async def test_unlock_opens_the_connector_that_is_in_use(
    client: httpx.AsyncClient, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    willing(station)
    for connector, said in ((1, "Available"), (2, "Occupied")):
        await tell(station, Evse(1, connector), said)
    await client.get("/API/UnlockConnector/CP1/1")
    assert station.asked == [UnlockConnector(evse_id=1, connector_id=2)]


@ALL
@pytest.mark.parametrize(
    ("path", "evse_id", "limit", "unit"),
    [
        ("SetChargingLimit/CP1/1/16A", 1, 16, "A"),
        ("SetChargingLimit/CP1/1/16a", 1, 16, "A"),
        ("SetChargingLimit/CP1/2/2000W", 2, 2000, "W"),
        ("SetChargingLimit/CP1/0/0w", 0, 0, "W"),
        ("SetChargingLimit/CP1/abc/16A", 0, 16, "A"),
        ("SetChargingLimit/CP1//16A", 0, 16, "A"),
        ("SetChargingProfile/CP1/1/2147483647W", 1, 2147483647, "W"),
    ],
)
async def test_a_limit_is_a_constant_profile(
    *,
    client: httpx.AsyncClient,
    connect_station: ConnectStation,
    version: str,
    path: str,
    evse_id: int,
    limit: int,
    unit: str,
) -> None:
    station = await connect_station(version)
    willing(station)
    assert (await client.get(f"/API/{path}")).json() == {"status": "Accepted"}
    (asked,) = station.asked
    profile = asked.charging_profile
    (schedule,) = profile.charging_schedule
    (period,) = schedule.charging_schedule_period
    assert (asked.evse_id, profile.id, profile.stack_level) == (evse_id, 100, 1)
    assert profile.charging_profile_purpose == "TxDefaultProfile"
    assert profile.charging_profile_kind == "Absolute"
    assert profile.valid_to - profile.valid_from == timedelta(days=365)
    assert (schedule.charging_rate_unit, period.start_period, period.limit) == (unit, 0, limit)


@ALL
@pytest.mark.parametrize(("path", "evse_id"), [("CP1", 0), ("CP1/abc", 0), ("CP1/2", 2)])
@pytest.mark.parametrize("command", ["ClearChargingLimit", "ClearChargingProfile"])
async def test_a_limit_is_taken_back(
    client: httpx.AsyncClient,
    connect_station: ConnectStation,
    version: str,
    command: str,
    path: str,
    evse_id: int,
) -> None:
    station = await connect_station(version)
    willing(station)
    assert (await client.get(f"/API/{command}/{path}")).json() == {"status": "Accepted"}
    (asked,) = station.asked
    criteria = asked.charging_profile_criteria
    assert (asked.charging_profile_id, criteria.evse_id, criteria.stack_level) == (100, evse_id, 1)
    assert criteria.charging_profile_purpose == "TxDefaultProfile"


@ALL
async def test_stations_that_refuse_limits_of_connectors_get_them_as_a_whole(
    client: httpx.AsyncClient, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    willing(station)
    about = ChargingStation(vendor_name="Keba AG", model="KC-P30")
    await station.say(BootNotification(charging_station=about))
    await client.get("/API/SetChargingLimit/CP1/1/16A")
    await client.get("/API/ClearChargingLimit/CP1/1")
    set_, cleared = station.asked
    assert (set_.evse_id, cleared.charging_profile_criteria.evse_id) == (0, 0)


# Configuration


@ALL
@pytest.mark.parametrize("key", ["HeartbeatInterval", "heartbeatinterval"])
async def test_a_key_is_read(
    client: httpx.AsyncClient, connect_station: ConnectStation, version: str, key: str
) -> None:
    station = await connect_station(version)
    willing(station)
    answer = await client.get(f"/API/GetConfiguration/CP1/{key}")
    known = [{"key": key, "readonly": False, "value": "90"}]
    assert (answer.status_code, answer.json()) == (200, {"configurationKey": known})
    assert len(station.asked) == 1


async def test_whether_a_key_is_readonly_is_told(
    client: httpx.AsyncClient, connect_station: ConnectStation
) -> None:
    station = await connect_station("1.6")
    result = VariableResult(component=Component(""), variable=Variable("X"), readonly=True)
    station.on(GetVariables, VariableResults(results=(result,)))
    answer = await client.get("/API/GetConfiguration/CP1/X")
    assert answer.json() == {"configurationKey": [{"key": "X", "readonly": True}]}


@ALL
async def test_a_key_that_the_station_does_not_know(
    client: httpx.AsyncClient, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)

    def unknown(asked: GetVariables) -> VariableResults:
        (query,) = asked.queries
        result = VariableResult(
            component=query.component,
            variable=query.variable,
            attribute_status="UnknownVariable",
        )
        return VariableResults(results=(result,))

    station.on(GetVariables, unknown)
    answer = await client.get("/API/GetConfiguration/CP1/HeartbeatInterval")
    assert (answer.status_code, answer.json()) == (200, {"unknownKey": ["HeartbeatInterval"]})


@V2
@pytest.mark.parametrize(
    ("key", "component", "variable"),
    [
        ("ConnectionTimeOut", Component("TxCtrlr"), Variable("EVConnectionTimeOut")),
        ("EVConnectionTimeOut", Component("TxCtrlr"), Variable("EVConnectionTimeOut")),
        ("ClockCtrlr.DateTime", Component("ClockCtrlr"), Variable("DateTime")),
        ("A[b].C[d]", Component("A", "b"), Variable("C", "d")),
        ("EVSE@1.Power", Component("EVSE", None, Evse(1)), Variable("Power")),
        ("Connector@1:2.X", Component("Connector", None, Evse(1, 2)), Variable("X")),
    ],
)
async def test_keys_name_variables(
    client: httpx.AsyncClient,
    connect_station: ConnectStation,
    version: str,
    key: str,
    component: Component,
    variable: Variable,
) -> None:
    station = await connect_station(version)
    willing(station)
    read = await client.get(f"/API/GetConfiguration/CP1/{key}")
    assert read.json()["configurationKey"][0]["key"] == key
    changed = await client.get(f"/API/ChangeConfiguration/CP1/{key}/5")
    assert changed.json() == {"status": "Accepted"}
    parts = (*station.asked[0].queries, *station.asked[1].settings)
    places = [(part.component, part.variable) for part in parts]
    assert places == [(component, variable)] * 2


@V2
@pytest.mark.parametrize("key", ["Nonsense", "Enabled", "A.B.C]"])
async def test_keys_that_name_no_variable(
    client: httpx.AsyncClient, connect_station: ConnectStation, version: str, key: str
) -> None:
    station = await connect_station(version)
    read = await client.get(f"/API/GetConfiguration/CP1/{key}")
    assert read.json() == {"unknownKey": [key]}
    changed = await client.get(f"/API/ChangeConfiguration/CP1/{key}/1")
    assert changed.json() == {"status": "NotSupported"}
    assert station.asked == []


async def test_all_keys(client: httpx.AsyncClient, connect_station: ConnectStation) -> None:
    station = await connect_station("1.6")
    report = tuple(
        VariableResult(component=Component(""), variable=Variable(name), attribute_value="1")
        for name in ("A", "B.c")
    )
    station.on(GetBaseReport, ReportAnswer(status="Accepted", report=report))
    answer = await client.get("/API/GetConfiguration/CP1")
    assert [each["key"] for each in answer.json()["configurationKey"]] == ["A", "B.c"]


@V2
async def test_all_variables(
    client: httpx.AsyncClient, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)

    async def report(request_id: int) -> None:
        data = [
            datum("OCPPCommCtrlr", "HeartbeatInterval", "300", "ReadWrite"),
            datum("OCPPCommCtrlr", "HeartbeatInterval", "10", type="MinSet"),
            datum("Connector", "Available", "true", evse=wire.EVSE(id=1, connector_id=2)),
            datum("NetworkConfiguration", "X", None, instance="2", variable_instance="Y"),
        ]
        await station.say(
            wire.NotifyReport(
                request_id=request_id, seq_no=0, tbc=False, generated_at=NOW, report_data=data
            )
        )

    def answer(asked: GetBaseReport) -> ReportAnswer:
        station.later(report, asked.request_id)
        return ReportAnswer(status="Accepted")

    station.on(GetBaseReport, answer)
    found = await client.get("/API/GetConfiguration/CP1/")
    assert found.json() == {
        "configurationKey": [
            {"key": "HeartbeatInterval", "readonly": False, "value": "300"},
            {"key": "Connector@1:2.Available", "readonly": True, "value": "true"},
            {"key": "NetworkConfiguration[2].X[Y]", "readonly": True},
        ]
    }


def datum(
    component: str,
    variable: str,
    value: str | None,
    mutability: Any = "ReadOnly",
    **more: Any,
) -> wire.ReportData:
    kind = more.pop("type", None)
    named = wire.Variable(name=variable, instance=more.pop("variable_instance", None))
    return wire.ReportData(
        component=wire.Component(name=component, **more),
        variable=named,
        variable_attribute=[wire.VariableAttribute(type=kind, value=value, mutability=mutability)],
    )


@V2
@pytest.mark.parametrize(
    ("status", "body"),
    [
        ("NotSupported", {"status": "NotSupported"}),
        ("Rejected", {"status": "Rejected"}),
        ("EmptyResultSet", {"configurationKey": []}),
    ],
)
async def test_a_report_that_is_refused(
    client: httpx.AsyncClient,
    connect_station: ConnectStation,
    version: str,
    status: Any,
    body: Any,
) -> None:
    station = await connect_station(version)
    station.on(GetBaseReport, ReportAnswer(status=status))
    answer = await client.get("/API/GetConfiguration/CP1")
    assert (answer.status_code, answer.json()) == (200, body)


@ALL
@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("Accepted", "Accepted"),
        ("Rejected", "Rejected"),
        ("RebootRequired", "RebootRequired"),
        ("UnknownVariable", "NotSupported"),
    ],
)
@pytest.mark.parametrize(("path", "value"), [("90", "90"), ("", ""), ("a%2Fb", "a/b")])
async def test_a_key_is_changed(
    *,
    client: httpx.AsyncClient,
    connect_station: ConnectStation,
    version: str,
    said: str,
    status: str,
    path: str,
    value: str,
) -> None:
    station = await connect_station(version)
    station.on(SetVariables, taking(said))
    answer = await client.get(f"/API/ChangeConfiguration/CP1/HeartbeatInterval/{path}")
    assert (answer.status_code, answer.json()) == (200, {"status": status})
    assert station.asked[0].settings[0].attribute_value == value


# Starting and stopping


@ALL
@pytest.mark.parametrize(
    "changes",
    [
        {"key": "other"},
        {"blocked": True},
        {"expires_at": NOW},
        {"max_active_transactions": 1},
    ],
)
async def test_a_tag_that_may_not_charge_is_rejected_at_once(
    central: Central,
    client: httpx.AsyncClient,
    connect_station: ConnectStation,
    version: str,
    changes: dict[str, Any],
) -> None:
    station = await connect_station(version)
    willing(station)
    await know(central, token("TAG1", **changes))
    await charge(central, version, evse_id=2)
    answer = await client.get("/API/StartTransaction/CP1/1/TAG1")
    assert (answer.status_code, answer.text) == (200, '{"status": "Rejected"}')
    assert station.asked == []


@ALL
@pytest.mark.parametrize(("connector", "evse_id"), [("2", 2), ("0", None)])
async def test_a_start_is_asked_for(
    central: Central,
    client: httpx.AsyncClient,
    connect_station: ConnectStation,
    version: str,
    connector: str,
    evse_id: int | None,
) -> None:
    station = await connect_station(version)
    willing(station)
    await know(central, token("TAG1"))
    await client.get(f"/API/RemoteStartTransaction/CP1/{connector}/tag1")
    (asked,) = station.asked
    assert (asked.id_token, asked.evse_id) == (Token("tag1"), evse_id)


@V2
async def test_a_start_says_what_is_known_of_the_tag(
    central: Central, client: httpx.AsyncClient, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    willing(station)
    await know(central, token("TAG1", type="eMAID", group_id="G", group_key="g"))
    await client.get("/API/StartTransaction/CP1/1/TAG1")
    (asked,) = station.asked
    assert asked.id_token == Token("TAG1", "eMAID")
    assert asked.group_id_token == Token("G", "Central")
    assert asked.remote_start_id > 0


@ALL
async def test_the_newest_transaction_of_the_connector_is_stopped(
    central: Central, client: httpx.AsyncClient, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    willing(station)
    await charge(central, version, evse_id=2, minutes=5)
    older = await charge(central, version)
    newer = await charge(central, version, minutes=1)
    answer = await client.get("/API/StopTransaction/CP1/1")
    assert answer.json() == {"status": "Accepted"}
    assert station.asked == [RequestStopTransaction(transaction_id=newer)]
    await finish(central, newer)
    answer = await client.get("/API/StopTransaction/CP1/1")
    assert (answer.status_code, answer.json()["status"]) == (424, "NoOpenTransaction")
    assert older != newer


# What goes wrong


@ALL
async def test_a_station_that_does_not_answer(
    central: Central, client: httpx.AsyncClient, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    silence = asyncio.Event()
    station.on(Reset, lambda _: silence.wait())
    patience(central, 0.05)
    answer = await client.get("/API/Reset/CP1")
    assert (answer.status_code, answer.text) == (200, '{"status": "Timeout"}')
    silence.set()


async def test_waiting_for_other_calls_counts(
    central: Central,
    client: httpx.AsyncClient,
    connect_station: ConnectStation,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    station = await connect_station("1.6")
    willing(station)
    silence = asyncio.Event()
    station.on(UnlockConnector, lambda _: silence.wait())
    first = asyncio.create_task(client.get("/API/UnlockConnector/CP1/1"))
    await station.was_asked()
    patience(central, 0.1)
    monkeypatch.setattr(ocpp_core, "GRACE", 0.0)
    answer = await client.get("/API/Reset/CP1")
    assert answer.json() == {"status": "Timeout"}
    silence.set()
    await first


@ALL
async def test_an_error_of_the_station_is_told_at_once(
    client: httpx.AsyncClient, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(Reset, OcppError("NotSupported", "no buttons"))
    station.on(SetVariables, OcppError("FormatViolation", "bad"))
    answer = await client.get("/API/Reset/CP1")
    said = {"status": "Error", "errorCode": "NotSupported", "errorDescription": "no buttons"}
    assert (answer.status_code, answer.json()) == (200, said)
    answer = await client.get("/API/ChangeConfiguration/CP1/HeartbeatInterval/1")
    code = "FormationViolation" if version == "1.6" else "FormatViolation"
    assert answer.json() == {"status": "Error", "errorCode": code, "errorDescription": "bad"}


@ALL
async def test_a_station_that_hangs_up(
    client: httpx.AsyncClient, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(Reset, lambda _: station.connection.close())
    answer = await client.get("/API/Reset/CP1")
    assert (answer.status_code, answer.json()["status"]) == (404, "ChargerOffline")


async def test_what_a_version_cannot_say(
    central: Central, client: httpx.AsyncClient, connect_station: ConnectStation
) -> None:
    await connect_station("1.6")
    tag = "TAG" * 10  # 1.6 has 20 characters
    await know(central, token(tag))
    answer = await client.get(f"/API/StartTransaction/CP1/1/{tag}")
    assert (answer.status_code, answer.json()["status"]) == (501, "NotSupported")


@pytest.mark.parametrize("error", [StorageError("disk"), RuntimeError("bug")])
async def test_what_fails_here(
    central: Central,
    client: httpx.AsyncClient,
    connect_station: ConnectStation,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    await connect_station("1.6")

    async def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(type(central), "commit", fail)
    answer = await client.get("/API/Reset/CP1")
    assert (answer.status_code, answer.json()) == (500, {"status": "Error"})
    monkeypatch.undo()


# Status


async def tell(station: ScriptedStation, evse: Evse, status: Any, state: Any = None) -> None:
    await station.say(
        StatusNotification(evse=evse, connector_status=status, timestamp=NOW, charging_state=state)
    )


@pytest.mark.parametrize("path", ["/API/Status", "/api/Status", "/Api/Status/foo/bar?x=1"])
async def test_nobody_is_connected(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.text) == (200, "[]")
    assert answer.headers["content-type"] == "application/json"


@ALL
async def test_status(
    central: Central, client: httpx.AsyncClient, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    await tell(station, Evse(1, 1), "Available")
    await tell(station, Evse(2, 1), "Faulted")
    samples = (
        Sample(12345.0),
        Sample(7400.0, "Power.Active.Import", "W"),
        Sample(32.0, "Current.Import", "A", phase="L1"),
        Sample(55.0, "SoC", "Percent"),
    )
    measured = measure(Reading(NOW, samples))
    await central.commit(lambda unit: connectors.set_measured(unit.connection, "CP1", 1, measured))
    away = await connect_station(version, "AWAY")
    await tell(away, Evse(1, 1), "Available")
    await away.leave()
    answer = await client.get("/API/Status")
    nothing = {"ChargeRateKW": None, "MeterKWH": None, "SoC": None, "CurrentImportA": None}
    assert answer.json() == [
        {
            "id": "CP1",
            "name": "CP1",
            "protocol": f"ocpp{version}",
            "SupportsReservationProfile": None,
            "OnlineConnectors": {
                "1": {
                    "Status": 1,
                    "ChargeRateKW": 7.4,
                    "MeterKWH": 12.345,
                    "MeterValueDate": "2026-03-01T12:00:00+00:00",
                    "SoC": 55.0,
                    "OcppStatus": "Available",
                    "OcppStatusAtUtc": "2026-03-01T12:00:00Z",
                    "CurrentImportA": 32.0,
                },
                "2": nothing
                | {
                    "Status": 4,
                    "MeterValueDate": "0001-01-01T00:00:00+00:00",
                    "OcppStatus": "Faulted",
                    "OcppStatusAtUtc": "2026-03-01T12:00:00Z",
                },
            },
        }
    ]
    (first, *_) = answer.json()
    assert list(first) == [
        "id",
        "name",
        "protocol",
        "SupportsReservationProfile",
        "OnlineConnectors",
    ]


@pytest.mark.parametrize(
    ("status", "state", "number", "word"),
    [
        ("Available", None, 1, "Available"),
        ("Occupied", "EVConnected", 2, "Preparing"),
        ("Occupied", "Charging", 2, "Charging"),
        ("Occupied", "SuspendedEV", 2, "SuspendedEV"),
        ("Occupied", "SuspendedEVSE", 2, "SuspendedEVSE"),
        ("Occupied", "Idle", 2, "Finishing"),
        ("Reserved", None, 2, "Reserved"),
        ("Unavailable", None, 3, "Unavailable"),
        ("Faulted", None, 4, "Faulted"),
    ],
)
async def test_status_in_numbers_and_words(
    client: httpx.AsyncClient,
    connect_station: ConnectStation,
    status: str,
    state: str | None,
    number: int,
    word: str,
) -> None:
    station = await connect_station("1.6")
    await tell(station, Evse(1, 1), status, state)
    (found,) = (await client.get("/API/Status")).json()
    connector = found["OnlineConnectors"]["1"]
    assert (connector["Status"], connector["OcppStatus"]) == (number, word)


@V2
async def test_the_connector_that_is_in_use_stands_for_its_evse(
    client: httpx.AsyncClient, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    for connector, said in ((1, "Unavailable"), (2, "Occupied"), (3, "Available")):
        await tell(station, Evse(1, connector), said)
    (found,) = (await client.get("/API/Status")).json()
    (connector,) = found["OnlineConnectors"].values()
    assert (connector["Status"], connector["OcppStatus"]) == (2, "Occupied")


async def test_a_station_as_a_whole_is_no_connector(
    client: httpx.AsyncClient, connect_station: ConnectStation
) -> None:
    station = await connect_station("1.6")
    await tell(station, Evse(0), "Available")
    (found,) = (await client.get("/API/Status")).json()
    assert found["OnlineConnectors"] == {}


# Keys and methods


@pytest.mark.parametrize("path", ["/API", "/API/", "/API/Status", "/API/Reset", "/API/Nonsense"])
@pytest.mark.parametrize("key", ["", "wrong", "SECRET"])
async def test_without_the_key_nothing_is_told(
    client: httpx.AsyncClient, path: str, key: str
) -> None:
    answer = await client.get(path, headers={"X-API-Key": key})
    assert (answer.status_code, answer.json()) == (401, {"status": "Unauthorized"})
    assert "www-authenticate" not in answer.headers


async def test_the_prefix_alone_does_nothing(client: httpx.AsyncClient) -> None:
    answer = await client.get("/API")
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("path", ["/", "/APIS/Status", "/v1/API/Status", "//API/Status"])
async def test_other_paths_are_left_to_others(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).json() == {"detail": "Not Found"}


async def test_keys_may_be_for_reading_only(
    client: httpx.AsyncClient, connect_station: ConnectStation
) -> None:
    station = await connect_station("1.6")
    willing(station)
    await tell(station, Evse(1, 1), "Available")
    headers = {"X-API-Key": "reader"}
    for path in ("Reset/CP1", "GetConfiguration/CP1", "StartTransaction"):
        assert (await client.get(f"/API/{path}", headers=headers)).status_code == 403
    assert len((await client.get("/API/Status", headers=headers)).json()) == 1
    assert station.asked == []


async def test_keys_may_be_for_some_stations_only(
    client: httpx.AsyncClient, connect_station: ConnectStation
) -> None:
    one, two = await connect_station("1.6"), await connect_station("2.1", "CP2")
    willing(one)
    willing(two)
    headers = {"X-API-Key": "other"}
    assert (await client.get("/API/Reset/CP1", headers=headers)).status_code == 404
    assert (await client.get("/API/Reset/CP2", headers=headers)).status_code == 200
    found = (await client.get("/API/Status", headers=headers)).json()
    assert [each["id"] for each in found] == ["CP2"]
    assert (one.asked, two.asked) == ([], [Reset(type="OnIdle")])


async def test_acting_may_need_post(central: Central, connect_station: ConnectStation) -> None:
    station = await connect_station("1.6")
    willing(station)
    async with client_of(central, Rules(acting_by_get=False)) as client:
        for method in ("GET", "HEAD", "OPTIONS"):
            refused = await client.request(method, "/API/Reset/CP1")
            assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
        assert (await client.get("/API/Status")).status_code == 200
        assert (await client.get("/API/GetConfiguration/CP1/X")).status_code == 200
        assert (await client.post("/API/Reset/CP1")).json() == {"status": "Accepted"}


async def test_names_may_hold_what_paths_do_not(
    client: httpx.AsyncClient, connect_station: ConnectStation
) -> None:
    station = await connect_station("1.6", "my/box ä")
    willing(station)
    answer = await client.get("/API/Reset/my%2Fbox%20%C3%A4/Hard")
    assert answer.json() == {"status": "Accepted"}


async def test_the_very_name_comes_first(
    client: httpx.AsyncClient, connect_station: ConnectStation
) -> None:
    upper, lower = await connect_station("1.6", "CP1"), await connect_station("1.6", "cp1")
    willing(upper)
    willing(lower)
    await client.get("/API/Reset/cp1")
    assert (len(upper.asked), len(lower.asked)) == (0, 1)


# Payments


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "path", ["Payments", "Payments/Create", "payments/confirm", "PAYMENTS/Cancel", "Payments/Foo"]
)
async def test_there_are_no_payments(client: httpx.AsyncClient, method: str, path: str) -> None:
    answer = await client.request(method, f"/API/{path}")
    assert (answer.status_code, answer.json()) == (400, {"status": "Disabled"})
    refused = await client.request(method, f"/API/{path}", headers={"X-API-Key": ""})
    assert refused.status_code == 401


@pytest.mark.parametrize("path", ["Payments/Webhook", "payments/webhook/"])
async def test_the_webhook_needs_no_key(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.post(f"/API/{path}", headers={"X-API-Key": ""})
    assert (answer.status_code, answer.json()) == (400, {"status": "Disabled"})
