"""SteVe's REST interface, as its clients use it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import httpx
import pytest
from fastapi import FastAPI

from chargeplane.api.steve.operations import STEVE_OPERATIONS
from chargeplane.api.steve.rest import create
from chargeplane.api.steve.shared import RestSettings, fixed_key, number_of
from chargeplane.csms.central import Central
from chargeplane.domain.certificates import (
    CertificateHashData,
    CertificateHashDataChain,
    DeleteCertificate,
    DeleteCertificateAnswer,
    GetInstalledCertificateIds,
    InstallCertificate,
    InstallCertificateAnswer,
    InstalledCertificates,
)
from chargeplane.domain.diagnostics import GetLog, GetLogAnswer
from chargeplane.domain.firmware import UpdateFirmware, UpdateFirmwareAnswer
from chargeplane.domain.messages import Outcome
from chargeplane.domain.profiles import (
    ChargingSchedulePeriod,
    ClearChargingProfile,
    ClearChargingProfileAnswer,
    CompositeSchedule,
    CompositeScheduleAnswer,
    GetCompositeSchedule,
    SetChargingProfile,
    SetChargingProfileAnswer,
)
from chargeplane.domain.readings import Reading, Sample
from chargeplane.domain.reservations import CancelReservation, ReserveNow, ReserveNowAnswer
from chargeplane.domain.station import (
    ChangeAvailability,
    ChangeAvailabilityAnswer,
    DataTransfer,
    DataTransferAnswer,
    Evse,
    Reset,
    ResetAnswer,
    StatusNotification,
    TriggerAnswer,
    TriggerMessage,
    UnlockAnswer,
    UnlockConnector,
)
from chargeplane.domain.tokens import (
    ClearCache,
    GetLocalListVersion,
    LocalListVersion,
    SendLocalList,
    SendLocalListAnswer,
    Token,
)
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
from chargeplane.ocpp.errors import OcppError
from chargeplane.storage.repositories import commands, meter_values, transactions
from chargeplane.storage.repositories.commands import CommandFilter
from chargeplane.storage.repositories.transactions import TransactionStart, TransactionStop
from tests.api.test_steve import PROFILE, keep
from tests.csms.conftest import ConnectStation, everything

ALL = pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
NOW = datetime(2026, 3, 1, tzinfo=UTC)
FUTURE = (datetime.now(UTC) + timedelta(days=1)).isoformat()


class Api(Protocol):
    """Makes clients of the face."""

    def __call__(self, **settings: Any) -> httpx.AsyncClient: ...


@pytest.fixture
async def central(central: Central) -> Central:
    """With a charging profile that is kept as number 1."""
    await central.commit(lambda unit: keep(unit, PROFILE))
    return central


@pytest.fixture
async def api(central: Central) -> AsyncIterator[Api]:
    clients: list[httpx.AsyncClient] = []

    def make(**settings: Any) -> httpx.AsyncClient:
        given = {"user": "admin", **settings}
        app = FastAPI()
        app.mount("/steve", create(central, fixed_key("evan", "secret"), RestSettings(**given)))
        transport = httpx.ASGITransport(app)
        clients.append(
            httpx.AsyncClient(
                transport=transport,
                base_url="http://youraddress/steve/api/v1",
                auth=("admin", "secret"),
            )
        )
        return clients[-1]

    yield make
    for client in clients:
        await client.aclose()


async def tag(http: httpx.AsyncClient, id_tag: str = "ABCDE", **form: Any) -> Any:
    response = await http.post("/ocppTags", json={"idTag": id_tag, **form})
    assert response.status_code == 201
    return response.json()


async def begin(
    central: Central, number: int, id_tag: str = "ABCDE", station_id: str = "001"
) -> int:
    start = TransactionStart(
        station_id=station_id,
        evse_id=number,
        started_at=NOW + timedelta(hours=number),
        start_key=f"{station_id}{number}",
        token=Token(id_tag),
        start_energy_mwh=1_000_000 + number,
    )
    record, _ = await central.commit(lambda unit: transactions.start(unit.connection, start, NOW))
    return record.id


async def end(central: Central, number: int, at: datetime) -> None:
    stop = TransactionStop(stopped_at=at, closed_by="station", energy_mwh=9_000_000)
    await central.commit(lambda unit: transactions.stop(unit.connection, number, stop))


# Who asks


@pytest.mark.parametrize(
    ("auth", "headers", "status"),
    [
        (("admin", "secret"), {}, 200),
        (None, {"STEVE-API-KEY": "secret"}, 200),
        (None, {}, 401),
        (("admin", "wrong"), {}, 401),
        (("root", "secret"), {}, 401),
        (None, {"STEVE-API-KEY": "wrong"}, 401),
        (None, {"Authorization": "Basic &&&"}, 401),
        (None, {"Authorization": "Bearer YWRtaW46c2VjcmV0"}, 401),
    ],
)
async def test_who_is_let_in(
    api: Api, auth: tuple[str, str] | None, headers: dict[str, str], status: int
) -> None:
    response = await api().get("/ocppTags", headers=headers, auth=auth)
    assert response.status_code == status
    if status == 401:
        body = response.json()
        assert sorted(body) == ["error", "message", "path", "status", "timestamp"]
        assert (body["status"], body["error"]) == (401, "Unauthorized")
        assert body["path"] == "/steve/api/v1/ocppTags"
        assert response.headers["www-authenticate"].startswith("Basic")


async def test_without_a_key_there_is_no_face(central: Central) -> None:
    transport = httpx.ASGITransport(create(central, None, RestSettings()))
    async with httpx.AsyncClient(transport=transport, base_url="http://steve") as http:
        assert (await http.get("/api/v1/ocppTags")).status_code == 404


# Tags


async def test_the_life_of_a_tag(central: Central, api: Api) -> None:
    http = api()
    form = {"parentIdTag": "FAMILY", "expiryDate": "2030-01-01T00:00:00Z", "note": "car"}
    made = await tag(http, **form, maxActiveTransactionCount=2)
    await begin(central, 1)
    pk = made["ocppTagPk"]
    shown = (await http.get(f"/ocppTags/{pk}")).json()
    assert shown == {
        "ocppTagPk": number_of("abcde"),
        "idTag": "ABCDE",
        "parentOcppTagPk": number_of("family"),
        "parentIdTag": "FAMILY",
        "userPk": None,
        "inTransaction": True,
        "blocked": False,
        "expiryDate": "2030-01-01T00:00:00Z",
        "maxActiveTransactionCount": 2,
        "activeTransactionCount": 1,
        "note": "car",
    }
    change = {"idTag": "ABCDE", "maxActiveTransactionCount": 0}
    changed = (await http.put(f"/ocppTags/{pk}", json=change)).json()
    assert (changed["blocked"], changed["parentIdTag"]) == (True, None)
    expired = (await http.patch(f"/ocppTags/{pk}/expire")).json()
    assert expired["expiryDate"] <= central.now().isoformat()
    assert (await http.delete(f"/ocppTags/{pk}")).json()["idTag"] == "ABCDE"
    assert (await http.get("/ocppTags")).json() == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/ocppTags", {"idTag": "abcde"}, 422),
        ("POST", "/ocppTags", {}, 400),
        ("POST", "/ocppTags", {"idTag": "X", "expiryDate": "soon"}, 400),
        ("GET", "/ocppTags/7", None, 404),
        ("GET", "/ocppTags/seven", None, 400),
        ("PUT", "/ocppTags/7", {"idTag": "X"}, 404),
        ("PUT", f"/ocppTags/{number_of('abcde')}", {"idTag": "X"}, 400),
        ("DELETE", "/ocppTags/7", None, 404),
        ("GET", "/ocppTags?blocked=MAYBE", None, 400),
        ("GET", "/transactions/7", None, 404),
        ("PATCH", "/transactions/7/stop", None, 404),
        ("GET", "/transactions?periodType=FROM_TO&from=2026-01-01", None, 400),
        ("GET", f"/transactions/{10**20}", None, 400),
        ("GET", f"/transactions?connectorId={10**20}", None, 400),
        ("GET", f"/tasks/{10**20}", None, 400),
        ("POST", "/operations/Reset", "no form", 400),
        ("GET", "/nothing", None, 404),
        ("POST", "/operations/Fly", {"chargeBoxIdList": ["001"]}, 404),
        ("POST", "/operations/Reset", {"chargeBoxIdList": []}, 400),
        ("POST", "/operations/Reset", {"chargeBoxIdList": ["001"], "resetType": "HARD"}, 400),
        ("GET", "/tasks/7", None, 404),
        ("GET", "/chargeBoxes/007", None, 404),
    ],
)
async def test_errors(api: Api, method: str, path: str, body: Any, status: int) -> None:
    http = api()
    await tag(http)
    response = await http.request(method, path, json=body)
    assert response.status_code == status
    assert response.json()["status"] == status
    assert response.json()["message"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["A", "B", "C"]),
        ("idTag=a", ["A"]),
        (f"ocppTagPk={number_of('b')}", ["B"]),
        ("parentIdTag=FAMILY", ["B"]),
        ("expired=TRUE", ["B"]),
        ("expired=FALSE", ["A", "C"]),
        ("blocked=TRUE", ["C"]),
        ("inTransaction=TRUE", ["A"]),
        ("note=BIKE", ["C"]),
        ("userFilter=OnlyTagsWithUser", []),
        ("userId=1", []),
    ],
)
async def test_tags_are_found(central: Central, api: Api, query: str, found: list[str]) -> None:
    http = api()
    await tag(http, "A")
    await tag(http, "B", parentIdTag="Family", expiryDate="2020-01-01T00:00:00")
    await tag(http, "C", maxActiveTransactionCount=0, note="my bike")
    await begin(central, 1, "A")
    assert [each["idTag"] for each in (await http.get(f"/ocppTags?{query}")).json()] == found


# Transactions


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [3, 2, 1]),
        ("type=ACTIVE", [3, 2]),
        ("type=STOPPED", [1]),
        ("chargeBoxId=001", [2, 1]),
        ("chargeBoxId=001&chargeBoxId=002", [3, 2, 1]),
        ("ocppIdTag=abcde&ocppIdTag=X", [3, 2, 1]),
        ("ocppIdTag=X", []),
        ("connectorId=2", [2]),
        ("transactionPk=1&transactionPk=3", [3, 1]),
        ("userId=1", []),
        ("periodType=TODAY", []),
        ("periodType=LAST_90", []),
        ("periodType=FROM_TO&from=2026-03-01&to=2026-03-01", [3, 2, 1]),
        ("periodType=FROM_TO&from=2026-03-01T02:00&to=2026-03-01T02:30", [2]),
    ],
)
async def test_transactions_are_found(
    central: Central, api: Api, query: str, found: list[int]
) -> None:
    central.now = lambda: NOW + timedelta(days=200)
    for number, box in ((1, "001"), (2, "001"), (3, "002")):
        await begin(central, number, station_id=box)
    await end(central, 1, NOW + timedelta(hours=5))
    response = await api().get(f"/transactions?{query}")
    assert [each["id"] for each in response.json()] == found


async def test_a_transaction_with_its_readings(central: Central, api: Api) -> None:
    number = await begin(central, 1)
    samples = (Sample(1500.0), Sample(16.0, measurand="Current.Import", unit="A", phase="L1"))
    readings = (Reading(NOW, samples),)
    await central.commit(
        lambda unit: meter_values.append(unit.connection, "001", 1, readings, number)
    )
    http = api()
    shown = (await http.get(f"/transactions/{number}")).json()
    assert shown["transaction"] == {
        "id": number,
        "connectorId": 1,
        "chargeBoxPk": number_of("001"),
        "ocppTagPk": number_of("abcde"),
        "chargeBoxId": "001",
        "ocppIdTag": "ABCDE",
        "userId": None,
        "startTimestamp": "2026-03-01T01:00:00Z",
        "startValue": "1000.001",
        "stopTimestamp": None,
        "stopValue": None,
        "stopReason": None,
        "stopEventActor": None,
    }
    assert [value["value"] for value in shown["values"]] == ["1500", "16"]
    assert shown["values"][0] == {
        "valueTimestamp": "2026-03-01T00:00:00Z",
        "value": "1500",
        "readingContext": "Sample.Periodic",
        "format": "Raw",
        "measurand": "Energy.Active.Import.Register",
        "location": "Outlet",
        "unit": "Wh",
        "phase": None,
    }
    only = (await http.get(f"/transactions/{number}?energyValuesOnly=true")).json()
    assert [value["value"] for value in only["values"]] == ["1500"]


async def test_a_transaction_is_closed_in_the_database(central: Central, api: Api) -> None:
    number = await begin(central, 1)
    http = api()
    for _ in range(2):
        closed = (await http.patch(f"/transactions/{number}/stop")).json()
        assert (closed["stopEventActor"], closed["stopReason"]) == ("manual", "Other")


@pytest.mark.parametrize("path", ["/transactions/reports/csv", "/reports/csv"])
async def test_the_report_holds_what_stopped_in_the_span(
    central: Central, api: Api, path: str
) -> None:
    for number in (1, 2, 3):
        await begin(central, number)
    await end(central, 1, NOW + timedelta(hours=5))
    await end(central, 2, NOW + timedelta(days=3))
    response = await api().get(f"{path}?from=2026-03-01&to=2026-03-01")
    assert response.headers["content-type"].startswith("text/csv")
    heading, row = response.text.splitlines()
    assert heading.startswith("id,chargeBoxId,connectorId,ocppIdTag")
    assert row == (
        "1,001,1,ABCDE,2026-03-01T01:00:00+00:00,1000.001,2026-03-01T05:00:00+00:00,9000,,station"
    )


# Operations

HASHES = CertificateHashData(
    hash_algorithm="SHA256", issuer_name_hash="aa", issuer_key_hash="bb", serial_number="01"
)
CHAIN = CertificateHashDataChain(
    certificate_type="CSMSRootCertificate", certificate_hash_data=HASHES
)
CERTIFICATE = number_of("bb:01")


def read_variables(request: GetVariables) -> VariableResults:
    return VariableResults(
        results=tuple(
            VariableResult(
                component=query.component,
                variable=query.variable,
                attribute_value="300",
                readonly=False,
            )
            for query in request.queries
        )
    )


def set_variables(request: SetVariables) -> SettingResults:
    (setting,) = request.settings
    return SettingResults(
        results=(
            SettingResult(
                component=setting.component,
                variable=setting.variable,
                attribute_status="RebootRequired",
            ),
        )
    )


COMPOSITE = CompositeScheduleAnswer(
    status="Accepted",
    schedule=CompositeSchedule(
        evse_id=1,
        duration=60,
        schedule_start=NOW,
        charging_rate_unit="A",
        charging_schedule_period=(ChargingSchedulePeriod(start_period=0, limit=16),),
    ),
)
COMPOSITE_SHOWN = {
    "status": "Accepted",
    "connectorId": 1,
    "scheduleStart": "2026-03-01T00:00:00Z",
    "chargingSchedule": {
        "duration": 60,
        "startSchedule": "2026-03-01T00:00:00Z",
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16}],
    },
}
FIRMWARE = {"location": "https://x/y", "retrieveDateTime": FUTURE, "retries": 2}
LOG = {"location": "https://x/y", "start": "2026-01-01T00:00:00Z"}
ROOT = {"certificateType": "CentralSystemRootCertificate"}

# What is sent to an operation, what the station is asked and answers, how that is shown.
OPERATIONS: dict[str, tuple[dict[str, Any], type, Any, Any]] = {
    "ChangeAvailability": (
        {"connectorId": 1, "availType": "Inoperative"},
        ChangeAvailability,
        ChangeAvailabilityAnswer(status="Scheduled"),
        "Scheduled",
    ),
    "ChangeConfiguration": (
        {"keyType": "PREDEFINED", "confKey": "HeartbeatInterval", "value": "300"},
        SetVariables,
        set_variables,
        "RebootRequired",
    ),
    "ClearCache": ({}, ClearCache, Outcome(status="Accepted"), "Accepted"),
    "GetDiagnostics": (
        LOG,
        GetLog,
        GetLogAnswer(status="Accepted", filename="f.zip"),
        {"fileName": "f.zip"},
    ),
    "RemoteStartTransaction": (
        {"connectorId": 1, "idTag": "ABCDE"},
        RequestStartTransaction,
        RequestStartAnswer(status="Rejected"),
        "Rejected",
    ),
    "RemoteStopTransaction": (
        {"transactionId": 1},
        RequestStopTransaction,
        Outcome(status="Accepted"),
        "Accepted",
    ),
    "Reset": ({"resetType": "Soft"}, Reset, ResetAnswer(status="Accepted"), "Accepted"),
    "UnlockConnector": (
        {"connectorId": 1},
        UnlockConnector,
        UnlockAnswer(status="Unlocked"),
        "Unlocked",
    ),
    "UpdateFirmware": (
        FIRMWARE,
        UpdateFirmware,
        UpdateFirmwareAnswer(status="Accepted"),
        "Accepted",
    ),
    "ReserveNow": (
        {"connectorId": 1, "expiry": FUTURE, "idTag": "ABCDE"},
        ReserveNow,
        ReserveNowAnswer(status="Occupied"),
        "Occupied",
    ),
    "CancelReservation": (
        {"reservationId": 1},
        CancelReservation,
        Outcome(status="Accepted"),
        "Accepted",
    ),
    "DataTransfer": (
        {"vendorId": "V", "messageId": "M", "data": "x"},
        DataTransfer,
        DataTransferAnswer(status="Accepted", data="hi"),
        {"status": "Accepted", "data": "hi"},
    ),
    "GetConfiguration": (
        {"confKeyList": ["HeartbeatInterval"]},
        GetVariables,
        read_variables,
        {
            "configurationKeys": [{"key": "HeartbeatInterval", "value": "300", "readonly": False}],
            "unknownKeys": [],
        },
    ),
    "GetLocalListVersion": ({}, GetLocalListVersion, LocalListVersion(version_number=7), 7),
    "SendLocalList": (
        {"listVersion": 3, "updateType": "Differential", "addUpdateList": ["ABCDE"]},
        SendLocalList,
        SendLocalListAnswer(status="Accepted"),
        "Accepted",
    ),
    "TriggerMessage": (
        {"triggerMessage": "StatusNotification", "connectorId": 1},
        TriggerMessage,
        TriggerAnswer(status="Accepted"),
        "Accepted",
    ),
    "GetCompositeSchedule": (
        {"connectorId": 1, "durationInSeconds": 60, "chargingRateUnit": "A"},
        GetCompositeSchedule,
        COMPOSITE,
        COMPOSITE_SHOWN,
    ),
    "ClearChargingProfile": (
        {"filterType": "ChargingProfileId", "chargingProfilePk": 1},
        ClearChargingProfile,
        ClearChargingProfileAnswer(status="Unknown"),
        "Unknown",
    ),
    "SetChargingProfile": (
        {"chargingProfilePk": 1, "connectorId": 0},
        SetChargingProfile,
        SetChargingProfileAnswer(status="Accepted"),
        "Accepted",
    ),
    "ExtendedTriggerMessage": (
        {"triggerMessage": "SignChargePointCertificate"},
        TriggerMessage,
        TriggerAnswer(status="Accepted"),
        "Accepted",
    ),
    "GetLog": (
        {**LOG, "logType": "SecurityLog"},
        GetLog,
        GetLogAnswer(status="Accepted", filename="f.zip"),
        {"status": "Accepted", "filename": "f.zip"},
    ),
    "SignedUpdateFirmware": (
        {**FIRMWARE, "signature": "s", "signingCertificate": "c"},
        UpdateFirmware,
        UpdateFirmwareAnswer(status="InvalidCertificate"),
        "InvalidCertificate",
    ),
    "InstallCertificate": (
        {**ROOT, "certificate": "pem"},
        InstallCertificate,
        InstallCertificateAnswer(status="Accepted"),
        "Accepted",
    ),
    "DeleteCertificate": (
        {"installedCertificateId": CERTIFICATE},
        DeleteCertificate,
        DeleteCertificateAnswer(status="Accepted"),
        "Accepted",
    ),
    "GetInstalledCertificateIds": (
        ROOT,
        GetInstalledCertificateIds,
        InstalledCertificates(status="Accepted", certificate_hash_data_chain=(CHAIN,)),
        {
            "status": "Accepted",
            "certificateHashData": [
                {
                    "installedCertificateId": CERTIFICATE,
                    "hashAlgorithm": "SHA256",
                    "issuerNameHash": "aa",
                    "issuerKeyHash": "bb",
                    "serialNumber": "01",
                }
            ],
        },
    ),
}


def test_all_operations_are_tried() -> None:
    assert len(STEVE_OPERATIONS) == 25
    assert OPERATIONS.keys() == STEVE_OPERATIONS.keys()


@ALL
@pytest.mark.parametrize("name", OPERATIONS)
async def test_an_operation(
    central: Central, connect_station: ConnectStation, api: Api, version: str, name: str
) -> None:
    body, request, answer, shown = OPERATIONS[name]
    station = await connect_station(version, "001")
    station.on(
        GetInstalledCertificateIds,
        InstalledCertificates(status="Accepted", certificate_hash_data_chain=(CHAIN,)),
    )
    station.on(request, answer)
    http = api()
    await tag(http, maxActiveTransactionCount=-1)
    await begin(central, 1)
    response = await http.post(f"/operations/{name}", json={"chargeBoxIdList": ["001"], **body})
    assert response.status_code == 200, response.text
    result = response.json()
    assert result == {
        "taskId": result["taskId"],
        "taskFinished": True,
        "successResponses": [{"chargeBoxId": "001", "response": shown}],
        "errorResponses": [],
        "exceptions": [],
    }
    assert type(station.asked[-1]) is request
    records = await everything(central, commands.page, CommandFilter())
    assert {record.asked_by for record in records} == {"evan"}
    again = (await http.get(f"/tasks/{result['taskId']}")).json()
    if name != "GetDiagnostics":  # a log like others, once it is recorded
        assert again == result


async def test_what_stations_are_asked(
    central: Central, connect_station: ConnectStation, api: Api
) -> None:
    station = await connect_station("2.1", "001")
    http = api()
    await tag(http, maxActiveTransactionCount=-1, parentIdTag="FAMILY")
    await begin(central, 1)
    for _, request, answer, _ in OPERATIONS.values():
        station.on(request, answer)
    asked = {}
    for name, (body, *_) in OPERATIONS.items():
        await http.post(f"/operations/{name}", json={"chargeBoxIdList": ["001"], **body})
        asked[name] = station.asked[-1]
    assert asked["ChangeAvailability"].evse == Evse(1)
    assert asked["RemoteStopTransaction"].transaction_id == "1"
    assert asked["Reset"].type == "OnIdle"
    assert asked["GetDiagnostics"].log.oldest_timestamp == datetime(2026, 1, 1, tzinfo=UTC)
    assert asked["GetLog"].log_type == "SecurityLog"
    (entry,) = asked["SendLocalList"].local_authorization_list
    assert entry.id_token_info.group_id_token.id_token == "FAMILY"
    assert asked["TriggerMessage"].evse == Evse(1, 1)
    triggered = asked["ExtendedTriggerMessage"].requested_message
    assert triggered == "SignChargingStationCertificate"
    assert asked["SetChargingProfile"].charging_profile.id == 1
    assert asked["InstallCertificate"].certificate_type == "CSMSRootCertificate"
    assert asked["DeleteCertificate"].certificate_hash_data == HASHES


@pytest.mark.parametrize(
    ("name", "body", "reason"),
    [
        ("RemoteStartTransaction", {"idTag": "STRANGER"}, "Requested OCPP Tag is not eligible"),
        ("RemoteStartTransaction", {"idTag": "BLOCKED"}, "Requested OCPP Tag is not eligible"),
        ("RemoteStartTransaction", {"idTag": "a b"}, "idTag: String should match"),
        ("RemoteStartTransaction", {"idTag": "ABCDE", "chargingProfilePk": 9}, "profile 9"),
        ("RemoteStopTransaction", {"transactionId": 9}, "no active transaction 9"),
        ("RemoteStopTransaction", {"transactionId": 2}, "no active transaction 2"),
        ("SetChargingProfile", {"chargingProfilePk": 9, "connectorId": 1}, "profile 9"),
        ("ClearChargingProfile", {}, "Charging profile is required"),
        ("ChangeConfiguration", {"keyType": "CUSTOM", "confKey": "X"}, "key is required"),
        ("UnlockConnector", {"connectorId": 0}, "connectorId"),
        (
            "ReserveNow",
            {"connectorId": 1, "idTag": "ABCDE", "expiry": "2020-01-01T00:00"},
            "future",
        ),
        ("GetDiagnostics", {"location": "x", "start": "2099-01-01T00:00:00Z"}, "past"),
        ("SendLocalList", {"listVersion": 1, "updateType": "Differential"}, "At least one"),
        (
            "SendLocalList",
            {"listVersion": 1, "updateType": "Differential", "addUpdateList": ["STRANGER"]},
            "not known",
        ),
        ("DeleteCertificate", {"installedCertificateId": 9}, "no certificate 9"),
    ],
)
async def test_what_is_refused_before_a_station_is_asked(
    central: Central,
    connect_station: ConnectStation,
    api: Api,
    name: str,
    body: dict[str, Any],
    reason: str,
) -> None:
    station = await connect_station("1.6", "001")
    station.on(GetInstalledCertificateIds, InstalledCertificates(status="NotFound"))
    http = api()
    await tag(http, maxActiveTransactionCount=-1)
    await tag(http, "BLOCKED", maxActiveTransactionCount=0)
    await begin(central, 1, station_id="001")
    await begin(central, 2, station_id="002")
    response = await http.post(f"/operations/{name}", json={"chargeBoxIdList": ["001"], **body})
    assert response.status_code == 400
    assert reason in response.json()["message"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"listVersion": 1, "updateType": "Full"}, "Full"),
        ({"listVersion": 5, "updateType": "Full", "sendEmptyListWhenFull": True}, "Full"),
        ({"listVersion": 5, "updateType": "Differential", "deleteList": ["X"]}, "Differential"),
    ],
)
async def test_local_lists(
    connect_station: ConnectStation, api: Api, body: dict[str, Any], kind: str
) -> None:
    station = await connect_station("2.0.1", "001")
    station.on(SendLocalList, SendLocalListAnswer(status="Accepted"))
    http = api()
    await tag(http)
    await http.post("/operations/SendLocalList", json={"chargeBoxIdList": ["001"], **body})
    (sent,) = station.asked
    assert (sent.update_type, sent.version_number) == (kind, body["listVersion"])
    entries = sent.local_authorization_list or ()
    known = [entry.id_token.id_token for entry in entries if entry.id_token_info is not None]
    assert known == (["ABCDE"] if body["listVersion"] == 1 else [])


async def test_all_configuration_keys(connect_station: ConnectStation, api: Api) -> None:
    station = await connect_station("1.6", "001")
    result = VariableResult(
        component=Component(""), variable=Variable("Own"), attribute_value="x", readonly=True
    )
    station.on(GetBaseReport, ReportAnswer(status="Accepted", report=(result,)))
    body = {"chargeBoxIdList": ["001"]}
    answer = (await api().post("/operations/GetConfiguration", json=body)).json()
    assert answer["successResponses"][0]["response"] == {
        "configurationKeys": [{"key": "Own", "value": "x", "readonly": True}],
        "unknownKeys": [],
    }


async def test_configuration_keys_that_are_not_known(
    connect_station: ConnectStation, api: Api
) -> None:
    station = await connect_station("1.6", "001")
    result = VariableResult(
        component=Component(""), variable=Variable("Own"), attribute_status="UnknownVariable"
    )
    station.on(GetVariables, VariableResults(results=(result,)))
    body = {"chargeBoxIdList": ["001"], "commaSeparatedCustomConfKeys": "Own, "}
    answer = (await api().post("/operations/GetConfiguration", json=body)).json()
    assert answer["successResponses"][0]["response"] == {
        "configurationKeys": [],
        "unknownKeys": ["Own"],
    }


async def test_profiles_are_cleared_by_what_they_are(
    connect_station: ConnectStation, api: Api
) -> None:
    station = await connect_station("1.6", "001")
    station.on(ClearChargingProfile, ClearChargingProfileAnswer(status="Accepted"))
    body = {"filterType": "OtherParameters"}
    body |= {"chargingProfilePurpose": "ChargePointMaxProfile", "stackLevel": "2"}
    await api().post("/operations/ClearChargingProfile", json={"chargeBoxIdList": ["001"], **body})
    criteria = station.asked[0].charging_profile_criteria
    purpose = criteria.charging_profile_purpose
    assert (purpose, criteria.stack_level) == ("ChargingStationMaxProfile", 2)


async def test_a_profile_for_a_transaction(
    central: Central, connect_station: ConnectStation, api: Api
) -> None:
    station = await connect_station("2.1", "001")
    station.on(SetChargingProfile, SetChargingProfileAnswer(status="Accepted"))
    number = await begin(central, 1)
    body = {"chargingProfilePk": 1, "connectorId": 1, "transactionId": number}
    await api().post("/operations/SetChargingProfile", json={"chargeBoxIdList": ["001"], **body})
    assert station.asked[0].charging_profile.transaction_id == str(number)


async def test_stations_that_fail_do_not_disturb_others(
    connect_station: ConnectStation, api: Api
) -> None:
    good, bad = await connect_station("1.6", "001"), await connect_station("2.1", "002")
    good.on(Reset, ResetAnswer(status="Accepted"))
    bad.on(Reset, OcppError("InternalError", "broken"))
    http = api()
    body = {"chargeBoxIdList": ["001", "002", "003"], "resetType": "Hard"}
    result = (await http.post("/operations/Reset", json=body)).json()
    assert result["successResponses"] == [{"chargeBoxId": "001", "response": "Accepted"}]
    assert result["errorResponses"] == [
        {
            "chargeBoxId": "002",
            "errorCode": "InternalError",
            "errorDescription": "broken",
            "errorDetails": None,
        }
    ]
    assert result["exceptions"] == [
        {"chargeBoxId": "003", "exceptionMessage": "NotConnected: 003 is not connected"}
    ]
    assert (await http.get(f"/tasks/{result['taskId']}")).json() == result


async def test_all_stations_are_offline(api: Api) -> None:
    body = {"chargeBoxIdList": ["001"], "resetType": "Hard"}
    response = await api().post("/operations/Reset", json=body)
    assert response.status_code == 400
    assert response.json()["message"].startswith("No stations are eligible for communication")


async def test_a_slow_station_is_told_of_later(connect_station: ConnectStation, api: Api) -> None:
    station = await connect_station("1.6", "001")
    answer = asyncio.get_running_loop().create_future()
    station.on(Reset, lambda _: answer)
    http = api(patience=0.05)
    body = {"chargeBoxIdList": ["001"], "resetType": "Hard"}
    result = (await http.post("/operations/Reset", json=body)).json()
    assert (result["taskFinished"], result["successResponses"]) == (False, [])
    answer.set_result(ResetAnswer(status="Accepted"))
    async with asyncio.timeout(30):
        while not result["taskFinished"]:
            result = (await http.get(f"/tasks/{result['taskId']}")).json()
    assert result["successResponses"] == [{"chargeBoxId": "001", "response": "Accepted"}]


# Charge boxes


async def test_charge_boxes_and_their_connectors(connect_station: ConnectStation, api: Api) -> None:
    first, _ = await connect_station("1.6", "001"), await connect_station("2.1", "002")
    said = StatusNotification(
        evse=Evse(2, 1), connector_status="Occupied", charging_state="Charging", timestamp=NOW
    )
    await first.say(said)
    http = api()
    boxes = (await http.get("/chargeBoxes")).json()
    assert [(box["chargeBoxId"], box["online"], box["ocppProtocol"]) for box in boxes] == [
        ("001", True, "ocpp1.6"),
        ("002", True, "ocpp2.1"),
    ]
    assert (await http.get("/chargeBoxes?online=false")).json() == []
    state = {
        "chargeBoxId": "001",
        "connectorId": 2,
        "status": "Charging",
        "errorCode": "NoError",
        "errorInfo": None,
        "timeStamp": "2026-03-01T00:00:00Z",
    }
    assert (await http.get("/chargeBoxes/001")).json()["connectors"] == [state]
    for query, found in (
        ("", [state]),
        ("?status=Charging", [state]),
        ("?status=Faulted", []),
        ("?chargeBoxId=001", [state]),
        ("?chargeBoxId=002", []),
    ):
        assert (await http.get(f"/connectorStatus{query}")).json() == found


async def test_two_tags_with_the_same_number_are_not_mixed_up(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chargeplane.api.steve.tags.number_of", lambda _: 7)
    http = api()
    await tag(http, "A")
    await tag(http, "B")
    response = await http.delete("/ocppTags/7")
    assert (response.status_code, response.json()["message"]) == (
        400,
        "ocppTagPk 7 is that of 2 tags",
    )
