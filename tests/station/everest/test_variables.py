"""Variables of EVerest's interface, with a scripted central system of each version."""

from __future__ import annotations

import pytest

from chargeplane.domain.variables import (
    SetVariables,
    VariableSetting,
)
from chargeplane.station import network
from chargeplane.station.definition import address
from chargeplane.station.everest.values import (
    AttributeEnum,
    ChangeAvailabilityRequest,
    EventData,
    GetVariableRequest,
    GetVariableResult,
    SetVariableRequest,
)
from chargeplane.storage.documents import Documents
from tests.station.desk import VERSIONS, Desk, Place
from tests.station.everest.talk import collect, everest, get, named, set_

MODERN = ("2.0.1", "2.1")
SLOT = "NetworkConfiguration[2]"


async def csms_sets(there: Place, name: str, value: str) -> None:
    component, variable = address(name)
    setting = VariableSetting(component=component, variable=variable, attribute_value=value)
    answer = await there.desk.ask(SetVariables(settings=(setting,)))
    assert answer.results[0].attribute_status == "Accepted"


# Reading


@pytest.mark.parametrize("version", VERSIONS)
async def test_variables_are_read_by_the_same_names_in_every_version(version: str) -> None:
    cases: list[tuple[str, AttributeEnum | None]] = [
        ("OCPPCommCtrlr/HeartbeatInterval", None),
        ("NoCtrlr/HeartbeatInterval", "Actual"),
        ("OCPPCommCtrlr/Nothing", None),
        ("OCPPCommCtrlr/HeartbeatInterval", "MaxSet"),
        ("OCPPCommCtrlr/OfflineThreshold", "Actual"),
        ("NetworkConfiguration[2]/BasicAuthPassword", None),
        ("EVSE@1/AvailabilityState", None),
    ]
    async with everest(version) as (_, api):
        requests = [
            GetVariableRequest(component_variable=named(name), attribute_type=attribute)
            for name, attribute in cases
        ]
        results = await api.get_variables(requests)
    assert [each.component_variable for each in results] == [
        each.component_variable for each in requests
    ]
    assert [(each.status, each.value) for each in results] == [
        ("Accepted", "300"),
        ("UnknownComponent", None),
        ("UnknownVariable", None),
        ("NotSupportedAttributeType", None),
        ("Accepted", "60"),
        ("Rejected", None),  # write-only
        ("Accepted", "Available"),
    ]
    assert results[0].attribute_type == "Actual"


async def test_keys_of_1_6_are_read_by_an_empty_component() -> None:
    async with everest("1.6") as (there, api):
        there.station.model.define_key("VendorKey", "7")
        there.station.model.put("SecurityCtrlr/OrganizationName", "Mine")
        found = {
            key: await get(api, f"/{key}")
            for key in (
                "HeartbeatInterval",
                "CpoName",
                "VendorKey",
                "MeterValuesSampledDataMaxLength",
                "AuthorizationKey",  # never read
                "ICCID",  # without a value
                "Nothing",
            )
        }
    assert {key: (each.status, each.value) for key, each in found.items()} == {
        "HeartbeatInterval": ("Accepted", "300"),
        "CpoName": ("Accepted", "Mine"),
        "VendorKey": ("Accepted", "7"),
        "MeterValuesSampledDataMaxLength": ("Accepted", "500"),
        "AuthorizationKey": ("UnknownVariable", None),
        "ICCID": ("UnknownVariable", None),
        "Nothing": ("UnknownVariable", None),
    }
    assert found["HeartbeatInterval"].component_variable == named("/HeartbeatInterval")
    assert found["HeartbeatInterval"].attribute_type == "Actual"


@pytest.mark.parametrize("version", MODERN)
async def test_keys_are_unknown_to_2_x(version: str) -> None:
    async with everest(version) as (_, api):
        assert (await get(api, "/HeartbeatInterval")).status == "UnknownComponent"
        assert await set_(api, "/HeartbeatInterval", "20") == "UnknownComponent"


async def test_the_older_module_takes_every_variable_for_a_key() -> None:
    async with everest("1.6", interface={"ignores_components": True}) as (_, api):
        found = await get(api, "Whatever/HeartbeatInterval")
        assert (found.status, found.value) == ("Accepted", "300")
        assert found.component_variable == named("/HeartbeatInterval")
        assert await set_(api, "Whatever/HeartbeatInterval", "20") == "Accepted"
        assert (await get(api, "OCPPCommCtrlr/Nothing")).status == "UnknownVariable"


@pytest.mark.parametrize("version", VERSIONS)
async def test_vendors_keys_have_a_canonical_name(version: str) -> None:
    keys = {
        "VendorKey": "VendorCtrlr/Setting",
        "Threshold": "OCPPCommCtrlr/OfflineThreshold",
    }
    async with everest(version, interface={"keys": keys}) as (there, api):
        there.station.model.define_key("VendorKey", "7")
        there.station.model.define_key("Other", "8")
        assert (await get(api, "VendorCtrlr/Setting")).value == "7"
        assert (await get(api, "OCPP16LegacyCtrlr/Other")).value == "8"
        assert await set_(api, "VendorCtrlr/Setting", "9") == "Accepted"
        assert there.station.model.text("/VendorKey") == "9"
        legacy = await get(api, "/Threshold")
        wanted = ("Accepted", "60") if version == "1.6" else ("UnknownComponent", None)
        assert (legacy.status, legacy.value) == wanted


async def test_a_variable_with_several_keys_is_none_of_them() -> None:
    keys = {
        "One": "VendorCtrlr/Setting",
        "Two": "VendorCtrlr/Setting",
        "Three": "OCPPCommCtrlr/HeartbeatInterval",
    }
    async with everest("1.6", interface={"keys": keys}) as (_, api):
        for name in ("VendorCtrlr/Setting", "OCPPCommCtrlr/HeartbeatInterval"):
            assert (await get(api, name)).status == "Rejected"
            assert await set_(api, name, "1") == "Rejected"
        assert (await get(api, "/HeartbeatInterval")).status == "Accepted"
    async with everest("2.1", interface={"keys": keys}) as (_, api):
        assert (await get(api, "OCPPCommCtrlr/HeartbeatInterval")).status == "Accepted"


# Writing


@pytest.mark.parametrize("version", VERSIONS)
async def test_what_is_written_is_kept_with_its_source(version: str) -> None:
    documents = Documents()
    async with everest(version, documents=documents) as (there, api):
        assert await set_(api, "OCPPCommCtrlr/OfflineThreshold", "61", "web") == "Accepted"
        assert await set_(api, "OCPPCommCtrlr/WebSocketPingInterval", "7", "tool") == "Accepted"
        assert await set_(api, "OCPPCommCtrlr/FileTransferProtocols", "HTTP") == "Accepted"
        held = there.station.documents.collection("variables", object)
        sources = {
            name: getattr(held[f"OCPPCommCtrlr/{name}"], "source", None)
            for name in ("OfflineThreshold", "WebSocketPingInterval")
        }
        assert sources == {"OfflineThreshold": "web", "WebSocketPingInterval": "tool"}
        there.station.model.start("OCPPCommCtrlr/OfflineThreshold", "99")  # a shipped value
        assert (await get(api, "OCPPCommCtrlr/OfflineThreshold")).value == "61"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("OCPPCommCtrlr/OfflineThreshold", "many", "Rejected"),
        ("OCPPCommCtrlr/HeartbeatInterval", "-1", "Rejected"),
        ("OCPPCommCtrlr/Nothing", "1", "UnknownVariable"),
        ("NoCtrlr/Nothing", "1", "UnknownComponent"),
        ("ChargingStation/Model", "Other", "Rejected"),  # what the station shows by itself
        ("SecurityCtrlr/MaxCertificateChainSize", "5000", "Accepted"),  # read-only to others
    ],
)
async def test_what_cannot_be_written_says_why(
    version: str, name: str, value: str, status: str
) -> None:
    async with everest(version) as (_, api):
        assert await set_(api, name, value) == status


@pytest.mark.parametrize(
    ("key", "value", "status"),
    [
        ("HeartbeatInterval", "20", "Accepted"),
        ("HeartbeatInterval", "often", "Rejected"),
        ("NumberOfConnectors", "5", "Rejected"),
        ("LocalAuthListMaxLength", "5", "Rejected"),
        ("AuthorizationKey", "0123456789abcdef", "Accepted"),
        ("Nothing", "1", "UnknownVariable"),
    ],
)
async def test_keys_are_written(key: str, value: str, status: str) -> None:
    async with everest("1.6") as (_, api):
        assert await set_(api, f"/{key}", value) == status


async def test_a_name_with_a_key_has_actual_values_only() -> None:
    async with everest("1.6") as (_, api):
        request = SetVariableRequest(
            component_variable=named("OCPPCommCtrlr/HeartbeatInterval"),
            value="1",
            attribute_type="Target",
        )
        (result,) = await api.set_variables([request], "web")
        assert (result.status, result.attribute_type) == ("NotSupportedAttributeType", "Target")


@pytest.mark.parametrize("version", VERSIONS)
async def test_before_the_station_starts_everything_is_rejected(version: str) -> None:
    async with everest(version, run=False) as (_, api):
        found = await get(api, "OCPPCommCtrlr/HeartbeatInterval", "Actual")
        assert found == GetVariableResult(
            status="Rejected",
            component_variable=named("OCPPCommCtrlr/HeartbeatInterval"),
            attribute_type="Actual",
        )
        assert await set_(api, "OCPPCommCtrlr/HeartbeatInterval", "20") == "Rejected"
        request = ChangeAvailabilityRequest(operational_status="Inoperative")
        assert (await api.change_availability(request)).status == "Rejected"
        assert not await api.stop()
        assert not await api.restart()


async def test_before_the_first_connection_the_version_that_is_offered_counts() -> None:
    desk = Desk("1.6")
    desk.is_reachable = False
    async with everest("1.6", desk=desk) as (there, api):
        await there.until(lambda: desk.dialled)
        assert (await get(api, "/HeartbeatInterval")).value == "300"


# Network profiles


@pytest.mark.parametrize(("version", "status"), [("1.6", "RebootRequired"), ("2.1", "Accepted")])
async def test_a_slot_is_prepared_and_then_used(version: str, status: str) -> None:
    async with everest(version) as (there, api):
        for variable, value in (
            ("OcppCsmsUrl", "ws://other/ocpp"),
            ("SecurityProfile", "0"),
            ("OcppInterface", "Wired0"),
            ("OcppTransport", "JSON"),
            ("MessageTimeout", "20"),
            ("BasicAuthPassword", "0123456789abcdef"),
            ("Identity", "CS-2"),
            ("OcppVersion", "OCPP16" if version == "1.6" else "OCPP21"),
        ):
            assert await set_(api, f"{SLOT}/{variable}", value) == status
        assert not there.station.has_alarm("reconnect")
        assert await set_(api, network.PRIORITY, "2,1") == status
        assert await set_(api, f"{SLOT}/Identity", "CS-3") == "Rejected"  # in use now
        await api.stop()
        await there.until(lambda: there.station.peer is None)
        await api.restart()
        await there.until(lambda: there.station.active_slot == 2)
        assert there.desk.dialled[-1]["url"] == "ws://other/ocpp/CS-2"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("NetworkConfiguration[1]/OcppCsmsUrl", "ws://other/ocpp", "Rejected"),  # in use
        (f"{SLOT}/OcppCsmsUrl", "http://other", "Rejected"),
        (f"{SLOT}/OcppTransport", "SOAP", "Rejected"),
        (f"{SLOT}/OcppVersion", "OCPP30", "Rejected"),
        (f"{SLOT}/SecurityProfile", "4", "Rejected"),
        (f"{SLOT}/BasicAuthPassword", "short", "Rejected"),
        (f"{SLOT}/VpnEnabled", "true", "Rejected"),
        (f"{SLOT}/Nothing", "1", "UnknownVariable"),
        ("NetworkConfiguration[9]/OcppCsmsUrl", "ws://other/ocpp", "UnknownComponent"),
        (network.PRIORITY, "3,1", "Rejected"),  # an empty slot
    ],
)
async def test_network_profiles_are_looked_at(
    version: str, name: str, value: str, status: str
) -> None:
    async with everest(version) as (there, api):
        assert await set_(api, name, value) == status
        assert there.station.model.words(network.PRIORITY) == ("1",)


async def test_a_security_profile_is_not_lowered_in_any_slot() -> None:
    values = {
        "NetworkConfiguration[1]/SecurityProfile": "1",
        "NetworkConfiguration[1]/BasicAuthPassword": "0123456789abcdef",
    }
    async with everest("2.1", values=values) as (_, api):
        assert await set_(api, f"{SLOT}/SecurityProfile", "0") == "Rejected"
        assert await set_(api, f"{SLOT}/SecurityProfile", "2") == "Accepted"


# Monitoring


async def test_monitors_of_1_6() -> None:
    async with everest("1.6") as (there, api):
        there.station.model.define_key("VendorKey", "1")
        events = collect(api.variables.event_data)
        forms = [named("/HeartbeatInterval"), named("OCPPCommCtrlr/HeartbeatInterval")]
        await api.monitor_variables(forms)
        await api.monitor_variables([named("/VendorKey"), forms[0]])
        await csms_sets(there, "OCPPCommCtrlr/HeartbeatInterval", "20")
        await csms_sets(there, "/VendorKey", "2")
        await csms_sets(there, "OCPPCommCtrlr/WebSocketPingInterval", "3")
        assert [(each.component_variable, each.actual_value) for each in events] == [
            (forms[0], "20"),
            (forms[1], "20"),
            (named("/VendorKey"), "2"),
        ]
        assert {each.trigger for each in events} == {"Alerting"}
        assert {each.event_id for each in events} == {0}
        assert {each.event_notification_type for each in events} == {"CustomMonitor"}


@pytest.mark.parametrize("version", MODERN)
async def test_monitors_of_2_x(version: str) -> None:
    async with everest(version) as (there, api):
        events = collect(api.variables.event_data)
        threshold, password = "OCPPCommCtrlr/OfflineThreshold", f"{SLOT}/BasicAuthPassword"
        await api.monitor_variables([named(threshold), named("/OfflineThreshold")])
        await api.monitor_variables([named(password), named("OCPPCommCtrlr/HeartbeatInterval")])
        await csms_sets(there, threshold, "50")
        await set_(api, threshold, "50")  # a write that changes nothing is told as well
        await set_(api, password, "0123456789abcdef")
        there.station.model.put("OCPPCommCtrlr/HeartbeatInterval", "70")  # the station itself
        assert [(each.component_variable, each.actual_value) for each in events] == [
            (named(threshold), "50"),
            (named(threshold), "50"),
            (named(password), ""),
        ]
        assert events[0] == EventData(
            component_variable=named(threshold),
            event_id=0,
            timestamp=events[0].timestamp,
            trigger="Delta",
            actual_value="50",
            event_notification_type="CustomMonitor",
        )


async def test_a_write_that_is_refused_is_not_told() -> None:
    async with everest("2.1") as (_, api):
        events = collect(api.variables.event_data)
        await api.monitor_variables([named("OCPPCommCtrlr/OfflineThreshold")])
        assert await set_(api, "OCPPCommCtrlr/OfflineThreshold", "x") == "Rejected"
        assert events == []
