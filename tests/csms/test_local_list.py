from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from chargeplane.csms.central import Central
from chargeplane.csms.local_list import (
    UpdateLocalList,
    get_local_list_version,
    send_local_list,
    update_local_list,
)
from chargeplane.domain.tokens import (
    AuthorizationData,
    GetLocalListVersion,
    LocalListVersion,
    SendLocalList,
    SendLocalListAnswer,
    Token,
    TokenInfo,
)
from chargeplane.domain.variables import Component, Variable
from chargeplane.storage.records import LocalListRecord, TokenRecord
from chargeplane.storage.repositories import local_lists, tokens, variables
from chargeplane.storage.repositories.variables import Attribute
from tests.csms.conftest import ConnectStation

ALL = pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
V2 = pytest.mark.parametrize("version", ["2.0.1", "2.1"])

LATER = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
ACCEPTED = SendLocalListAnswer(status="Accepted")
FULL = UpdateLocalList(update_type="Full")
CHANGES = UpdateLocalList()


def token(id_token: str, **changes: Any) -> TokenRecord:
    record = TokenRecord(
        key=id_token.lower(),
        id_token=id_token,
        type="ISO14443",
        group_key=None,
        group_id=None,
        blocked=False,
        valid_from=None,
        expires_at=None,
        max_active_transactions=1,
        name=None,
        comment=None,
        personal_message=None,
        language=None,
        charging_priority=None,
        stations=None,
        created_at=datetime.now(UTC),
    )
    return msgspec.structs.replace(record, **changes)


async def know(central: Central, *records: TokenRecord) -> None:
    await central.commit(lambda unit: tokens.save(unit.connection, records))


async def told(central: Central, name: str, value: str, kind: Any = "Actual", **more: Any) -> None:
    attribute = Attribute(
        component=Component("LocalAuthListCtrlr"),
        variable=Variable(name),
        type=kind,
        value=value,
        **more,
    )
    await central.commit(lambda unit: variables.save(unit.connection, "CP1", [attribute], unit.now))


async def held(central: Central) -> LocalListRecord | None:
    return await central.database.read(local_lists.get, "CP1")


def said(request: SendLocalList) -> tuple[str, int, dict[str, Any]]:
    """What a message says: its kind, version, and the state of each token."""
    entries = request.local_authorization_list or ()
    states = {e.id_token.id_token: e.id_token_info and e.id_token_info.status for e in entries}
    return request.update_type, request.version_number, states


@ALL
async def test_TC_D_01_CSMS_send_the_full_list(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(SendLocalList, ACCEPTED)
    await know(
        central,
        token("GOOD", expires_at=LATER, group_id="FAMILY", group_key="family"),
        token("STOLEN", blocked=True),
        token("OLD", expires_at=LATER - timedelta(days=9)),
        token("ELSEWHERE", stations=("CP9",)),
    )
    assert await update_local_list(central, "CP1", FULL) == ACCEPTED
    (request,) = station.asked
    assert said(request) == ("Full", 1, {"GOOD": "Accepted", "STOLEN": "Blocked", "OLD": "Expired"})
    info = request.local_authorization_list[0].id_token_info
    assert info.cache_expiry_date_time == LATER
    assert info.group_id_token.id_token == "FAMILY"
    record = await held(central)
    assert record is not None
    assert (record.version, len(record.entries)) == (1, 3)


@ALL
async def test_TC_D_02_CSMS_TC_D_03_CSMS_send_the_differences(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(SendLocalList, ACCEPTED)
    await know(central, token("STAYS"), token("CHANGES"), token("GOES"))
    await update_local_list(central, "CP1", FULL)
    await know(central, token("CHANGES", blocked=True), token("COMES"))
    await central.commit(lambda unit: tokens.remove(unit.connection, "goes"))
    station.on(GetLocalListVersion, LocalListVersion(version_number=1))
    assert await update_local_list(central, "CP1", CHANGES) == ACCEPTED
    changes = {"CHANGES": "Blocked", "COMES": "Accepted", "GOES": None}
    assert said(station.asked[-1]) == ("Differential", 2, changes)
    record = await held(central)
    assert record is not None
    assert record.version == 2
    assert sorted(e.id_token.id_token for e in record.entries) == ["CHANGES", "COMES", "STAYS"]


@ALL
async def test_nothing_is_sent_when_nothing_differs(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(SendLocalList, ACCEPTED)
    station.on(GetLocalListVersion, LocalListVersion(version_number=1))
    await know(central, token("A"))
    await update_local_list(central, "CP1", CHANGES)
    assert await update_local_list(central, "CP1", CHANGES) == ACCEPTED
    assert [type(request) for request in station.asked] == [SendLocalList, GetLocalListVersion]


@ALL
async def test_TC_D_04_CSMS_send_an_empty_list(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(SendLocalList, ACCEPTED)
    await update_local_list(central, "CP1", FULL)
    assert station.asked == [SendLocalList(version_number=1, update_type="Full")]
    record = await held(central)
    assert record is not None
    assert record.entries == ()


@ALL
async def test_a_list_that_is_too_long_goes_on_by_differences(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(SendLocalList, ACCEPTED)
    await told(central, "ItemsPerMessage", "2")
    await know(central, *(token(f"T{number}") for number in range(5)))
    await update_local_list(central, "CP1", FULL)
    parts = [said(request) for request in station.asked]
    assert [(kind, number, len(states)) for kind, number, states in parts] == [
        ("Full", 1, 2),
        ("Differential", 2, 2),
        ("Differential", 3, 1),
    ]
    record = await held(central)
    assert record is not None
    assert (record.version, len(record.entries)) == (3, 5)


@ALL
@pytest.mark.parametrize("there", [0, 7])
async def test_a_station_with_another_list_gets_the_whole(
    central: Central, connect_station: ConnectStation, version: str, there: int
) -> None:
    station = await connect_station(version)
    station.on(SendLocalList, ACCEPTED)
    station.on(GetLocalListVersion, LocalListVersion(version_number=there))
    await know(central, token("A"))
    await update_local_list(central, "CP1", CHANGES)
    await know(central, token("B"))
    assert await update_local_list(central, "CP1", CHANGES) == ACCEPTED
    assert said(station.asked[-1]) == ("Full", 2, {"A": "Accepted", "B": "Accepted"})


@ALL
@pytest.mark.parametrize("status", ["VersionMismatch", "Failed"])
async def test_differences_that_fail_are_sent_as_a_whole(
    central: Central, connect_station: ConnectStation, version: str, status: Any
) -> None:
    station = await connect_station(version)
    station.on(SendLocalList, ACCEPTED, SendLocalListAnswer(status=status), ACCEPTED)
    station.on(GetLocalListVersion, LocalListVersion(version_number=1))
    await know(central, token("A"))
    await update_local_list(central, "CP1", CHANGES)
    await know(central, token("B"))
    assert await update_local_list(central, "CP1", CHANGES) == ACCEPTED
    kinds = [r.update_type for r in station.asked if isinstance(r, SendLocalList)]
    assert kinds == ["Full", "Differential", "Full"]


async def test_a_list_that_is_refused_is_not_taken_for_the_stations(
    central: Central, connect_station: ConnectStation
) -> None:
    station = await connect_station("1.6")
    station.on(SendLocalList, SendLocalListAnswer(status="NotSupported"))
    await know(central, token("A"))
    assert (await update_local_list(central, "CP1", CHANGES)).status == "NotSupported"
    assert await held(central) is None


async def test_tokens_that_a_version_cannot_say_are_left_out(
    central: Central, connect_station: ConnectStation
) -> None:
    long = "X" * 30
    await know(central, token("A"), token(long))
    for version, name in (("1.6", "CP1"), ("2.0.1", "CP2")):
        station = await connect_station(version, name)
        station.on(SendLocalList, ACCEPTED)
        await update_local_list(central, name, FULL)
        assert (long in said(station.asked[0])[2]) == (name == "CP2")


@ALL
async def test_a_station_that_holds_few_gets_those_that_may_charge(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(SendLocalList, ACCEPTED)
    if version == "1.6":
        await told(central, "Entries", "2", "MaxLimit")
    else:
        await told(central, "Entries", "0", characteristics={"maxLimit": 2.0})
    await know(central, token("A", blocked=True), token("B"), token("C"))
    await update_local_list(central, "CP1", FULL)
    assert said(station.asked[0])[2] == {"B": "Accepted", "C": "Accepted"}


@ALL
async def test_a_list_of_the_callers_own(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(SendLocalList, ACCEPTED)
    entry = AuthorizationData(id_token=Token("A"), id_token_info=TokenInfo(status="Accepted"))
    request = SendLocalList(
        version_number=12, update_type="Full", local_authorization_list=(entry,)
    )
    assert await send_local_list(central, "CP1", request) == ACCEPTED
    assert station.asked == [request]
    record = await held(central)
    assert record is not None
    assert (record.version, record.entries) == (12, (entry,))


@ALL
async def test_TC_D_08_CSMS_TC_D_09_CSMS_local_list_version(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(SendLocalList, ACCEPTED)
    await update_local_list(central, "CP1", FULL)
    answers = (LocalListVersion(version_number=1), LocalListVersion(version_number=0))
    station.on(GetLocalListVersion, *answers)
    assert await get_local_list_version(central, "CP1", GetLocalListVersion()) == answers[0]
    assert await held(central) is not None
    assert await get_local_list_version(central, "CP1", GetLocalListVersion()) == answers[1]
    assert await held(central) is None
