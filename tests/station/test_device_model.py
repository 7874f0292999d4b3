from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargeplane.domain.variables import (
    Component,
    Variable,
    VariableQuery,
    VariableSetting,
)
from chargeplane.ocpp.keys import PLACES
from chargeplane.station.definition import address, name_of
from chargeplane.station.definitions import CONTROLLERS, layout
from chargeplane.station.device_model import Change, DeviceModel, flaw, normal
from tests.conftest import Shared

HEARTBEAT = "OCPPCommCtrlr/HeartbeatInterval"


def model(**settings: Any) -> DeviceModel:
    return DeviceModel((1, 2), {}, **settings)


def query(name: str, attribute: Any = "Actual") -> VariableQuery:
    component, variable = address(name)
    return VariableQuery(component=component, variable=variable, attribute_type=attribute)


def setting(name: str, value: str, attribute: Any = "Actual") -> VariableSetting:
    component, variable = address(name)
    return VariableSetting(
        component=component, variable=variable, attribute_value=value, attribute_type=attribute
    )


@pytest.mark.parametrize(
    "name",
    [
        "OCPPCommCtrlr/HeartbeatInterval",
        "OCPPCommCtrlr/MessageTimeout[Default]",
        "NetworkConfiguration[2]/OcppCsmsUrl",
        "EVSE@1/Power",
        "Connector@1.2/Available",
    ],
)
def test_names_read_back_as_themselves(name: str) -> None:
    assert name_of(*address(name)) == name


def test_every_default_is_right() -> None:
    for definition in layout((1,)).values():
        if definition.default is not None:
            assert normal(definition, definition.default) == definition.default, definition.name
            assert flaw(definition, definition.default) is None, definition.name


def test_the_required_variables_are_there(shared: Shared) -> None:
    page = shared("spec/ocpp2/Appendices_CSV_v1.4/dm_components_vars.csv")
    rows = [line.split(";") for line in page.read_text("latin-1").splitlines()[1:]]
    required = {
        (row[0].strip(), row[1].strip(), row[2].strip() or None)
        for row in rows
        if len(row) > 3 and row[3].strip() == "yes"
    }
    known = {(c.name, v.name, v.instance) for c, v in layout((1,))}
    components = {name for name, _, _ in known}
    assert {each for each in required if each[0] in components} <= known


def test_values_are_read_and_written() -> None:
    device = model()
    assert device.number(HEARTBEAT) == 300
    assert device.set(setting(HEARTBEAT, "77")).attribute_status == "Accepted"
    assert device.get(query(HEARTBEAT)).attribute_value == "77"
    assert device.flag("TxCtrlr/StopTxOnInvalidId")
    device.set(setting("TxCtrlr/StopTxOnInvalidId", " False "))
    assert device.text("TxCtrlr/StopTxOnInvalidId") == "false"
    device.set(setting("TxCtrlr/TxStopPoint", "Authorized, EVConnected"))
    assert device.words("TxCtrlr/TxStopPoint") == ("Authorized", "EVConnected")
    with pytest.raises(KeyError):
        device.text("TxCtrlr/Nonsense")
    with pytest.raises(KeyError):
        device.put("Nonsense/Nonsense", "1")


@pytest.mark.parametrize(
    ("name", "attribute", "status"),
    [
        ("Nonsense/HeartbeatInterval", "Actual", "UnknownComponent"),
        ("OCPPCommCtrlr/Nonsense", "Actual", "UnknownVariable"),
        ("OCPPCommCtrlr/HeartbeatInterval", "Target", "NotSupportedAttributeType"),
        ("EVSE@9/Power", "Actual", "UnknownComponent"),
        ("SecurityCtrlr/BasicAuthPassword", "Actual", "Rejected"),
    ],
)
def test_what_cannot_be_read(name: str, attribute: Any, status: str) -> None:
    assert model().get(query(name, attribute)).attribute_status == status


@pytest.mark.parametrize(
    ("name", "value", "status", "reason"),
    [
        (HEARTBEAT, "soon", "Rejected", "InvalidValue"),
        (HEARTBEAT, "-1", "Rejected", "ValueTooLow"),
        (HEARTBEAT, "1.5", "Rejected", "InvalidValue"),
        ("OCPPCommCtrlr/MessageAttempts[TransactionEvent]", "0", "Rejected", "ValueTooLow"),
        ("TxCtrlr/StopTxOnInvalidId", "maybe", "Rejected", "InvalidValue"),
        ("TxCtrlr/TxStartPoint", "Authorized,Dream", "Rejected", "InvalidValue"),
        ("TxCtrlr/TxStartPoint", "Authorized,Authorized", "Rejected", "InvalidValue"),
        ("AuthCacheCtrlr/Policy", "ABC", "Rejected", "InvalidValue"),
        ("ClockCtrlr/NextTimeOffsetTransitionDateTime", "tomorrow", "Rejected", "InvalidValue"),
        ("ClockCtrlr/NextTimeOffsetTransitionDateTime", "2026-01-01T00:00:00Z", "Accepted", None),
        ("AuthCtrlr/MasterPassGroupId", "x" * 37, "Rejected", "TooLargeElement"),
        ("ChargingStation/Model", "Other", "Rejected", "ReadOnly"),
        ("Nonsense/A", "1", "UnknownComponent", "NotFound"),
        ("TxCtrlr/A", "1", "UnknownVariable", "NotFound"),
    ],
)
def test_what_can_be_written(name: str, value: str, status: str, reason: str | None) -> None:
    result = model().set(setting(name, value))
    assert result.attribute_status == status
    info = result.attribute_status_info
    assert (info.reason_code if info else None) == reason


def test_an_integrator_may_write_what_the_central_system_may_not() -> None:
    device = model()
    written = device.set(setting("ChargingStation/Model", "Other"), "box", allow_read_only=True)
    assert written.attribute_status == "Accepted"
    assert device.text("ChargingStation/Model") == "Other"


def test_what_somebody_has_set_outlives_the_shipped_configuration() -> None:
    device = model()
    device.start(HEARTBEAT, "10")
    device.start(HEARTBEAT, "20")
    assert device.number(HEARTBEAT) == 20
    device.set(setting(HEARTBEAT, "30"), "csms")
    device.start(HEARTBEAT, "40")
    assert device.number(HEARTBEAT) == 30


def test_watchers_are_told_of_changes_only() -> None:
    device = model()
    seen: list[Change] = []
    device.watch(seen.append)
    device.set(setting(HEARTBEAT, "300"))
    device.set(setting(HEARTBEAT, "301"), "csms")
    assert seen == [
        Change(*address(HEARTBEAT), "Actual", "301", "300", "csms"),
    ]
    assert seen[0].name == HEARTBEAT


def test_live_values_come_first() -> None:
    device = model(live=lambda component, _v, _a: "7" if component.name == "EVSE" else None)
    assert device.text("EVSE@1/Power") == "7"
    assert device.text("TxCtrlr/TxStartPoint") == "PowerPathClosed"


def test_the_checks_of_blocks_are_asked() -> None:
    device = model(check=lambda _name, value: "ValueTooHigh" if value == "9" else None)
    result = device.set(setting(HEARTBEAT, "9"))
    assert result.attribute_status_info is not None
    assert result.attribute_status_info.reason_code == "ValueTooHigh"


# The keys of 1.6


def keys(device: DeviceModel) -> dict[str, Any]:
    names = {place: key for key, place in PLACES.items()}
    return {
        names.get((each.component, each.variable, each.attribute_type), each.variable.name): each
        for each in device.configuration_keys()
    }


def test_1_6_lists_its_keys_and_the_vendors() -> None:
    device = model()
    device.define_key("VendorKey", "x")
    device.define_key("VendorFact", "y", readonly=True)
    found = keys(device)
    required = """
        AuthorizeRemoteTxRequests ClockAlignedDataInterval ConnectionTimeOut
        GetConfigurationMaxKeys HeartbeatInterval LocalAuthorizeOffline LocalPreAuthorize
        MeterValuesAlignedData MeterValuesSampledData MeterValueSampleInterval ResetRetries
        ConnectorPhaseRotation StopTransactionOnEVSideDisconnect StopTransactionOnInvalidId
        StopTxnAlignedData StopTxnSampledData SupportedFeatureProfiles TransactionMessageAttempts
        TransactionMessageRetryInterval UnlockConnectorOnEVSideDisconnect LocalAuthListEnabled
        LocalAuthListMaxLength SendLocalListMaxLength
    """.split()
    assert set(required) <= found.keys()
    assert found["VendorKey"].readonly is False
    assert found["VendorFact"].readonly is True
    assert found["LocalAuthListMaxLength"].attribute_value == "10000"
    assert "AuthorizationKey" not in found  # it may not be read


def test_a_key_and_its_variable_are_one() -> None:
    device = model()
    component, variable, _ = PLACES["StopTransactionOnEVSideDisconnect"]
    device.set(VariableSetting(component=component, variable=variable, attribute_value="false"))
    assert not device.flag("TxCtrlr/StopTxOnEVSideDisconnect")


def test_a_vendors_key_can_be_set() -> None:
    device = model()
    device.define_key("VendorKey", "x")
    written = VariableSetting(
        component=Component(""), variable=Variable("VendorKey"), attribute_value="z"
    )
    assert device.set(written).attribute_status == "Accepted"
    assert keys(device)["VendorKey"].attribute_value == "z"


# Inventories


def test_inventories_nest() -> None:
    device = model()
    full = {(c, v) for c, v, _ in device.report()}
    for base in ("ConfigurationInventory", "SummaryInventory"):
        part = {(c, v) for c, v, _ in device.report(base)}
        assert part < full
        assert part
    assert len({c for c, _ in full if c.name == "Connector"}) == 3


def test_every_component_has_a_name_of_the_standard_or_is_ours() -> None:
    ours = {"InternalCtrlr", "OCPP16LegacyCtrlr"}
    assert all(name.endswith(("Ctrlr", "ChargingStation")) for name in CONTROLLERS.keys() - ours)


@given(st.text(max_size=20))
def test_no_text_breaks_a_check(value: str) -> None:
    for definition in layout((1,)).values():
        flaw(definition, normal(definition, value))
