"""Boot, clock, variables, reports, resets and network profiles (2.x block B; 1.6 §4.2, §5)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chargeplane.domain.certificates import SecurityEventNotification
from chargeplane.domain.reservations import ReserveNow
from chargeplane.domain.station import (
    BootAnswer,
    BootNotification,
    ChangeAvailability,
    Evse,
    Heartbeat,
    Reset,
    StatusNotification,
    TriggerMessage,
)
from chargeplane.domain.tokens import Token
from chargeplane.domain.transactions import (
    RequestStartTransaction,
    TransactionEnded,
    TransactionStarted,
)
from chargeplane.domain.variables import GetBaseReport, GetVariables, SetVariables
from chargeplane.ocpp.errors import OcppError
from chargeplane.ocpp.v2 import wire
from chargeplane.station import authorization, network
from chargeplane.storage.documents import Documents
from tests.station.desk import VERSIONS, Desk, Place, place, quietly
from tests.station.test_device_model import query, setting

TAG = Token("TAG")
HEARTBEAT = "OCPPCommCtrlr/HeartbeatInterval"
V2 = ("2.0.1", "2.1")


def answers(*statuses: str, interval: int = 1) -> Any:
    """A boot answer after the other; the last one stays."""
    left = list(statuses)

    def answer(_request: Any) -> BootAnswer:
        status: Any = left.pop(0) if len(left) > 1 else left[0]
        return BootAnswer(status=status, current_time=datetime.now(UTC), interval=interval)

    return answer


async def charge(there: Place, number: int = 1) -> TransactionStarted:
    there.hardware(number).plug_in()
    await authorization.swipe(there.station, TAG, (number,))
    return await there.desk.hears(TransactionStarted, count=1)


# Boot


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_B_01_CS_cold_boot(version: str) -> None:
    async with place(version, evses=2) as there:
        boot = await there.desk.hears(BootNotification)
        assert boot.charging_station.vendor_name == "Vendor"
        if version != "1.6":
            assert boot.reason == "PowerUp"
        await there.desk.hears(StatusNotification, count=2)
        assert there.station.model.number(HEARTBEAT) == 300
        assert isinstance(there.desk.said[0], BootNotification)


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_B_02_CS_pending(version: str) -> None:
    desk = Desk(version)
    desk.answers[BootNotification] = answers("Pending", interval=3600)
    async with place(version, desk=desk, run=True, accept=False) as there:
        await desk.hears(BootNotification)
        await there.until(lambda: there.station.signals.boot.latest)
        # While it is pending it can be asked and configured, and sends what is triggered.
        results = await desk.ask(GetVariables(queries=(query(HEARTBEAT),)))
        assert results.results[0].attribute_value == "300"
        await desk.ask(SetVariables(settings=(setting(HEARTBEAT, "99"),)))
        assert there.station.model.number(HEARTBEAT) == 99
        start = RequestStartTransaction(id_token=TAG, evse_id=1, remote_start_id=1)
        assert (await desk.ask(start)).status == "Rejected"  # B02.FR.05
        assert {type(each) for each in desk.said} == {BootNotification}
        trigger = TriggerMessage(requested_message="StatusNotification", evse=Evse(1, 1))
        assert (await desk.ask(trigger)).status == "Accepted"
        await desk.hears(StatusNotification)
        desk.answers[BootNotification] = answers("Accepted", interval=300)
        again = TriggerMessage(requested_message="BootNotification")
        assert (await desk.ask(again)).status == "Accepted"
        await there.accepted()


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_B_03_CS_rejected_then_accepted(version: str) -> None:
    desk = Desk(version)
    desk.answers[BootNotification] = answers("Rejected", "Accepted")
    async with place(version, desk=desk) as there:
        assert len(desk.all(BootNotification)) == 2
        await desk.hears(StatusNotification)
        assert there.station.is_online


async def test_TC_B_30_CS_a_boot_that_is_refused_with_an_error_is_tried_again() -> None:
    desk = Desk("2.0.1")
    desk.answers[BootNotification] = quietly(OcppError("SecurityError", "no"))
    async with place("2.0.1", desk=desk, accept=False) as there:
        await desk.hears(BootNotification)
        desk.answers[BootNotification] = answers("Accepted")
        there.station.boot_wanted.set()
        await there.accepted()


async def test_charging_goes_on_before_the_station_is_accepted() -> None:
    desk = Desk("2.0.1")
    desk.answers[BootNotification] = answers("Pending", interval=3600)
    values = {"AuthCtrlr/OfflineTxForUnknownIdEnabled": "true"}
    async with place("2.0.1", desk=desk, values=values, accept=False) as there:
        there.hardware().plug_in()
        await authorization.swipe(there.station, TAG)
        await authorization.swipe(there.station, TAG)
        desk.answers[BootNotification] = answers("Accepted")
        there.station.boot_wanted.set()
        ended = await desk.hears(TransactionEnded)
        assert ended.offline


# Heartbeat and clock


@pytest.mark.parametrize("version", VERSIONS)
async def test_heartbeats_keep_the_interval_of_the_boot_answer(version: str) -> None:
    desk = Desk(version)
    desk.answers[BootNotification] = answers("Accepted", interval=1)
    async with place(version, desk=desk, hurry=20) as there:
        await desk.hears(Heartbeat, count=2)
        there.station.model.put(HEARTBEAT, "3600")
        desk.forget()
        await asyncio.sleep(0.2)
        assert not desk.all(Heartbeat)


async def test_the_clock_follows_the_central_system() -> None:
    ahead = timedelta(hours=5)
    desk = Desk("2.0.1")
    desk.answers[BootNotification] = lambda _request: BootAnswer(
        status="Accepted", current_time=datetime.now(UTC) + ahead, interval=300
    )
    async with place("2.0.1", desk=desk) as there:
        difference = there.station.now() - datetime.now(UTC)
        assert abs(difference - ahead) < timedelta(seconds=2)
        event = await desk.hears(
            SecurityEventNotification, lambda each: each.type == "SettingSystemTime"
        )
        assert event.timestamp - datetime.now(UTC) > timedelta(hours=4)


async def test_the_clock_is_left_alone_where_heartbeats_are_no_source_of_it() -> None:
    desk = Desk("2.0.1")
    desk.answers[BootNotification] = lambda _request: BootAnswer(
        status="Accepted", current_time=datetime.now(UTC) + timedelta(hours=5), interval=300
    )
    async with place("2.0.1", desk=desk, values={"ClockCtrlr/TimeSource": "NTP"}) as there:
        assert abs(there.station.now() - datetime.now(UTC)) < timedelta(seconds=2)


# Variables


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_B_06_CS_TC_B_09_CS_one_variable(version: str) -> None:
    async with place(version) as there:
        (written,) = (
            await there.desk.ask(SetVariables(settings=(setting(HEARTBEAT, "77"),)))
        ).results
        assert written.attribute_status == "Accepted"
        (read,) = (await there.desk.ask(GetVariables(queries=(query(HEARTBEAT),)))).results
        assert read.attribute_value == "77"


@pytest.mark.parametrize("version", V2)
async def test_TC_B_07_CS_TC_B_10_CS_several_variables(version: str) -> None:
    names = [HEARTBEAT, "TxCtrlr/EVConnectionTimeOut", "OCPPCommCtrlr/OfflineThreshold"]
    async with place(version) as there:
        written = await there.desk.ask(
            SetVariables(settings=tuple(setting(name, "42") for name in names))
        )
        assert [each.attribute_status for each in written.results] == ["Accepted"] * 3
        read = await there.desk.ask(GetVariables(queries=tuple(map(query, names))))
        assert [each.attribute_value for each in read.results] == ["42"] * 3


@pytest.mark.parametrize("version", V2)
@pytest.mark.parametrize(
    ("name", "attribute", "status"),
    [
        ("Nonsense/A", "Actual", "UnknownComponent"),
        ("TxCtrlr/A", "Actual", "UnknownVariable"),
        (HEARTBEAT, "Target", "NotSupportedAttributeType"),
    ],
)
async def test_TC_B_32_CS_TC_B_33_CS_TC_B_34_CS_TC_B_35_CS_TC_B_36_CS_TC_B_37_CS_unknown(
    version: str, name: str, attribute: str, status: str
) -> None:
    async with place(version) as there:
        read = await there.desk.ask(GetVariables(queries=(query(name, attribute),)))
        assert read.results[0].attribute_status == status
        ask = SetVariables(settings=(setting(name, "1", attribute),))
        assert (await there.desk.ask(ask)).results[0].attribute_status == status


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("name", "value"),
    [("OCPP16LegacyCtrlr/NumberOfConnectors", "9"), (HEARTBEAT, "soon")],
    ids=["read-only", "invalid"],
)
async def test_TC_B_39_CS_TC_B_11_CS_refused(version: str, name: str, value: str) -> None:
    async with place(version) as there:
        ask = SetVariables(settings=(setting(name, value),))
        assert (await there.desk.ask(ask)).results[0].attribute_status == "Rejected"


async def test_too_many_items_are_an_error() -> None:
    async with place("2.0.1") as there:
        queries = (query(HEARTBEAT),) * 101
        with pytest.raises(OcppError, match="at most 100"):
            await there.desk.ask(GetVariables(queries=queries))


async def test_TC_019_1_TC_019_2_TC_021_TC_040_1_TC_040_2_configuration_of_1_6() -> None:
    async with place("1.6") as there:
        answer = await there.desk.call("GetConfiguration", {})
        keys = {each["key"]: each for each in answer["configurationKey"]}
        assert len(keys) > 40
        assert keys["NumberOfConnectors"] == {
            "key": "NumberOfConnectors",
            "readonly": True,
            "value": "1",
        }
        assert "AuthorizationKey" not in keys
        wanted = {"key": ["HeartbeatInterval", "Nonsense", "AuthorizationKey"]}
        answer = await there.desk.call("GetConfiguration", wanted)
        assert [each["key"] for each in answer["configurationKey"]] == ["HeartbeatInterval"]
        assert answer["unknownKey"] == ["Nonsense", "AuthorizationKey"]
        for key, value, status in (
            ("HeartbeatInterval", "60", "Accepted"),
            ("HeartbeatInterval", "-5", "Rejected"),
            ("NumberOfConnectors", "5", "Rejected"),
            ("Nonsense", "5", "NotSupported"),
        ):
            said = await there.desk.call("ChangeConfiguration", {"key": key, "value": value})
            assert said == {"status": status}, key


# Reports


async def report(there: Place, request: Any) -> tuple[str, list[wire.ReportData]]:
    answer = await there.desk.ask(request)
    if answer.status != "Accepted":
        return answer.status, []
    last = await there.desk.hears(wire.NotifyReport, lambda each: not each.tbc)
    parts = there.desk.all(wire.NotifyReport)
    assert [part.seq_no for part in parts] == list(range(len(parts)))
    assert {part.request_id for part in parts} == {last.request_id}
    return "Accepted", [row for part in parts for row in part.report_data or ()]


@pytest.mark.parametrize("version", V2)
@pytest.mark.parametrize("base", ["ConfigurationInventory", "FullInventory", "SummaryInventory"])
async def test_TC_B_12_CS_TC_B_13_CS_TC_B_14_CS_TC_B_53_CS_base_reports(
    version: str, base: Any
) -> None:
    async with place(version) as there:
        status, rows = await report(there, GetBaseReport(request_id=7, report_base=base))
        assert status == "Accepted"
        assert all(row.variable_characteristics for row in rows)
        if base == "ConfigurationInventory":
            mutable = {row.variable_attribute[0].mutability for row in rows}
            assert mutable == {"ReadWrite", "WriteOnly"}
        passwords = [row for row in rows if row.variable.name == "BasicAuthPassword"]
        assert all(row.variable_attribute[0].value is None for row in passwords)


def custom(**members: Any) -> wire.GetReport:
    return wire.GetReport(request_id=9, **members)


def part(name: str, variable: str | None = None, **members: Any) -> wire.ComponentVariable:
    return wire.ComponentVariable(
        component=wire.Component(name=name, **members),
        variable=wire.Variable(name=variable) if variable else None,
    )


@pytest.mark.parametrize(
    ("request_", "names"),
    [
        (custom(component_variable=[part("TxCtrlr", "TxStartPoint")]), {"TxStartPoint"}),
        (
            custom(component_variable=[part("EVSE", "SupplyPhases", evse=wire.EVSE(id=2))]),
            {"SupplyPhases"},
        ),
        (custom(component_criteria=["Problem"]), set()),
        (custom(component_variable=[part("Nonsense")]), set()),
        (
            custom(
                component_criteria=["Available"],
                component_variable=[part("ReservationCtrlr", "Enabled")],
            ),
            {"Enabled"},
        ),
    ],
)
async def test_TC_B_16_CS_TC_B_17_CS_TC_B_18_CS_TC_B_19_CS_custom_reports(
    request_: Any, names: set[str]
) -> None:
    async with place("2.0.1", evses=2) as there:
        status, rows = await report(there, request_)
        assert status == ("Accepted" if names else "EmptyResultSet")
        assert {row.variable.name for row in rows} == names


async def test_TC_B_54_CS_TC_B_55_CS_TC_B_56_CS_instances_and_places() -> None:
    async with place("2.0.1", evses=2) as there:
        _, rows = await report(
            there, custom(component_variable=[part("DeviceDataCtrlr", "ItemsPerMessage")])
        )
        assert len(rows) == 3
        there.desk.forget()
        one = wire.ComponentVariable(
            component=wire.Component(name="DeviceDataCtrlr"),
            variable=wire.Variable(name="ItemsPerMessage", instance="GetReport"),
        )
        _, rows = await report(there, custom(component_variable=[one]))
        assert len(rows) == 1
        there.desk.forget()
        _, rows = await report(there, custom(component_variable=[part("EVSE", "Power")]))
        assert sorted(row.component.evse.id for row in rows if row.component.evse) == [1, 2]


# Reset


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", ["OnIdle", "Immediate"])
async def test_TC_B_20_CS_reset_of_an_idle_station(version: str, kind: Any) -> None:
    async with place(version) as there:
        assert (await there.desk.ask(Reset(type=kind))).status == "Accepted"
        boot = await there.desk.hears(BootNotification, count=2)
        if version != "1.6":
            assert boot.reason == "RemoteReset"


@pytest.mark.parametrize("version", V2)
async def test_TC_B_21_CS_TC_B_41_CS_reset_waits_for_the_charges(version: str) -> None:
    async with place(version, evses=2) as there:
        await charge(there, 1)
        await charge(there, 2)
        assert (await there.desk.ask(Reset(type="OnIdle"))).status == "Scheduled"
        await authorization.swipe(there.station, TAG, (1,))
        await there.desk.hears(TransactionEnded)
        assert len(there.desk.all(BootNotification)) == 1
        await authorization.swipe(there.station, TAG, (2,))
        boot = await there.desk.hears(BootNotification, count=2)
        assert boot.reason == "ScheduledReset"
        reasons = [each.stopped_reason for each in there.desk.all(TransactionEnded)]
        assert reasons == ["Local", "Local"]


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_B_22_CS_reset_at_once_ends_the_charges(version: str) -> None:
    async with place(version) as there:
        await charge(there)
        assert (await there.desk.ask(Reset(type="Immediate"))).status == "Accepted"
        ended = await there.desk.hears(TransactionEnded)
        assert ended.stopped_reason == "ImmediateReset"
        await there.desk.hears(BootNotification, count=2)
        kinds = [type(each) for each in there.desk.said]
        assert kinds.index(TransactionEnded) < len(kinds) - 1 - kinds[::-1].index(BootNotification)


async def test_TC_016_a_soft_reset_of_1_6_ends_the_charges() -> None:
    async with place("1.6") as there:
        await charge(there)
        assert await there.desk.call("Reset", {"type": "Soft"}) == {"status": "Accepted"}
        assert (await there.desk.hears(TransactionEnded)).stopped_reason == "SoftReset"
        await there.desk.hears(BootNotification, count=2)


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_B_23_CS_unavailable_persists(tmp_path: Path, version: str) -> None:
    documents = Documents(tmp_path / "station.db")
    async with place(version, documents=documents) as there:
        out = ChangeAvailability(operational_status="Inoperative", evse=Evse(1))
        await there.desk.ask(out)
        await there.desk.ask(Reset(type="Immediate"))
        await there.desk.hears(BootNotification, count=2)
        there.desk.forget()
        status = await there.desk.hears(StatusNotification)
        assert status.connector_status == "Unavailable"


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_B_24_CS_reserved_persists(tmp_path: Path, version: str) -> None:
    documents = Documents(tmp_path / "station.db")
    expiry = datetime.now(UTC) + timedelta(hours=1)
    async with place(version, documents=documents) as there:
        await there.desk.ask(ReserveNow(id=3, expiry_date_time=expiry, id_token=TAG, evse_id=1))
        await there.desk.ask(Reset(type="Immediate"))
        await there.desk.hears(BootNotification, count=2)
        there.desk.forget()
        status = await there.desk.hears(StatusNotification)
        assert status.connector_status == "Reserved"


@pytest.mark.parametrize("version", V2)
async def test_TC_B_25_CS_TC_B_26_CS_TC_B_27_CS_reset_of_an_evse(version: str) -> None:
    async with place(version, evses=2) as there:
        assert (await there.desk.ask(Reset(type="OnIdle", evse_id=1))).status == "Accepted"
        await charge(there)
        assert (await there.desk.ask(Reset(type="OnIdle", evse_id=1))).status == "Scheduled"
        await authorization.swipe(there.station, TAG, (1,))
        await there.until(lambda: not there.station.pending_resets)
        await charge(there)
        assert (await there.desk.ask(Reset(type="Immediate", evse_id=1))).status == "Accepted"
        ended = await there.desk.hears(TransactionEnded, count=2)
        assert ended.stopped_reason == "ImmediateReset"
        assert (await there.desk.ask(Reset(type="Immediate", evse_id=7))).status == "Rejected"
        assert len(there.desk.all(BootNotification)) == 1


# Network profiles


def network_profile(**members: Any) -> wire.SetNetworkProfile:
    usual: dict[str, Any] = {
        "ocpp_version": "OCPP20",
        "ocpp_interface": "Wired0",
        "ocpp_transport": "JSON",
        "message_timeout": 30,
        "ocpp_csms_url": "ws://other/ocpp",
        "security_profile": 0,
    }
    data = wire.NetworkConnectionProfile(**(usual | members))
    return wire.SetNetworkProfile(configuration_slot=2, connection_data=data)


async def test_TC_B_43_CS_profiles_that_cannot_be_used() -> None:
    async with place("2.0.1", values={"NetworkConfiguration[1]/SecurityProfile": "1"}) as there:
        for members in (
            {"security_profile": 0},
            {"security_profile": 2},
            {"ocpp_transport": "SOAP", "security_profile": 1},
        ):
            answer = await there.desk.ask(network_profile(**members))
            assert answer.status == "Rejected", members
        slot = wire.SetNetworkProfile(
            configuration_slot=99,
            connection_data=network_profile(security_profile=1).connection_data,
        )
        assert (await there.desk.ask(slot)).status in ("Rejected", "Failed")


@pytest.mark.parametrize("version", V2)
async def test_TC_B_45_CS_move_to_another_profile(version: str) -> None:
    ours = {"2.0.1": "OCPP20", "2.1": "OCPP21"}[version]
    async with place(version) as there:
        assert (await there.desk.ask(network_profile(ocpp_version=ours))).status == "Accepted"
        ask = SetVariables(settings=(setting(network.PRIORITY, "2,1"),))
        assert (await there.desk.ask(ask)).results[0].attribute_status == "RebootRequired"
        await there.desk.ask(Reset(type="Immediate"))
        await there.desk.hears(BootNotification, count=2)
        assert there.desk.dialled[-1]["url"] == "ws://other/ocpp/CS-1"
        assert there.station.model.text("OCPPCommCtrlr/ActiveNetworkProfile") == "2"


async def test_TC_B_46_CS_TC_B_49_CS_fall_back_when_the_first_profile_fails() -> None:
    async with place("2.0.1") as there:
        await there.desk.ask(network_profile())
        await there.desk.ask(SetVariables(settings=(setting(network.PRIORITY, "2,1"),)))
        there.desk.unreachable = {"ws://other/ocpp/CS-1"}
        await there.desk.ask(Reset(type="Immediate"))
        await there.desk.hears(BootNotification, count=2)
        urls = [each["url"] for each in there.desk.dialled]
        assert urls == ["ws://desk/ocpp/CS-1", *["ws://other/ocpp/CS-1"] * 3, "ws://desk/ocpp/CS-1"]


async def test_a_priority_that_leads_nowhere_is_refused() -> None:
    async with place("2.0.1") as there:
        for value in ("3", "9", "", "x"):
            ask = SetVariables(settings=(setting(network.PRIORITY, value),))
            assert (await there.desk.ask(ask)).results[0].attribute_status == "Rejected"


# Offline


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_B_57_CS_reconnects(version: str) -> None:
    async with place(version) as there:
        await there.desk.hears(StatusNotification)
        there.desk.forget()
        await there.desk.hang_up()
        await there.until(lambda: len(there.desk.dialled) == 2 and there.station.is_online)
        assert not there.desk.all(BootNotification)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("threshold", "told"), [("0", 2), ("3600", 1)])
async def test_TC_B_51_CS_TC_B_52_CS_what_changed_offline(
    version: str, threshold: str, told: int
) -> None:
    values = {"OCPPCommCtrlr/OfflineThreshold": threshold}
    async with place(version, evses=2, values=values) as there:
        await there.desk.hears(StatusNotification, count=2)
        await there.desk.hang_up(reachable=False)
        await there.until(lambda: there.station.peer is None)
        there.desk.forget()
        there.hardware().plug_in()
        there.desk.is_reachable = True
        changed = await there.desk.hears(StatusNotification, lambda each: each.evse.id == 1)
        assert changed.connector_status == "Occupied"
        await there.until(lambda: not len(there.station.outbox))
        assert len(there.desk.all(StatusNotification)) == told


def test_the_waits_between_attempts_grow_and_then_stay() -> None:
    async def waits() -> list[float]:
        values = {
            "OCPPCommCtrlr/RetryBackOffWaitMinimum": "3",
            "OCPPCommCtrlr/RetryBackOffRepeatTimes": "2",
        }
        async with place("2.0.1", values=values, run=False) as there:
            return [network.wait_s(there.station, failures) for failures in range(5)]

    assert asyncio.run(waits()) == [3, 6, 12, 12, 12]
