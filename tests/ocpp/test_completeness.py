"""Every action of every version has a row, from the right sender; there is no third case."""

from __future__ import annotations

import re

import pytest

from chargeplane.domain.messages import Request
from chargeplane.ocpp.action import Wire
from chargeplane.ocpp.dialects import BY_SUBPROTOCOL, DIALECTS, KNOWN
from chargeplane.ocpp.v2.translate import ONLY_CSMS, ONLY_STATION
from tests.conftest import Shared
from tests.ocpp import schemas

COUNTS = {"1.2": 18, "1.5": 24, "1.6": 39, "2.0.1": 64, "2.1": 91}
SPECIFICATIONS = {
    "2.0.1": "spec/ocpp2/OCPP-2.0.1_edition3_part2_specification.md",
    "2.1": "spec/ocpp21/OCPP-2.1_edition1_part2_specification.md",
}
SAID_BY = re.compile(
    r"field definition of the\s*(\w+?)(?:Request)? ?(?:PDU|message),? sent by the "
    r"(Charging Station|CSMS) to"
)


@pytest.mark.parametrize("version", list(COUNTS))
def test_the_number_of_actions(version: str) -> None:
    assert len(DIALECTS[version].actions) == len(DIALECTS[version].by_name) == COUNTS[version]


@pytest.mark.parametrize("version", list(schemas.FOLDERS))
def test_the_rows_are_those_of_the_schemas(version: str) -> None:
    rows = DIALECTS[version].actions
    said = {schemas.file_name(version, row.name, answer=False) for row in rows}
    said |= {f"{row.name}Response" for row in rows if row.wire_answer is not None}
    assert said == schemas.names(version)


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
def test_an_action_is_shared_or_in_the_list_of_those_that_only_2_x_has(version: str) -> None:
    only = {*ONLY_STATION, *ONLY_CSMS}
    assert len(only) == len(ONLY_STATION) + len(ONLY_CSMS)
    for row in DIALECTS[version].actions:
        assert row.shared == (row.name not in only), row.name
        assert row.requests == ((row.wire,) if row.name in only else row.requests)
    assert {row.name for row in DIALECTS["2.1"].actions} > only


@pytest.mark.parametrize("version", list(COUNTS))
def test_every_row_is_whole(version: str) -> None:
    for row in DIALECTS[version].actions:
        assert row.sender in ("station", "csms", "both"), row.name
        assert issubclass(row.wire, Wire), row.name
        assert row.wire.__name__ == row.name
        assert row.requests, row.name
        assert all(issubclass(request, Request) for request in row.requests), row.name
        assert (row.wire_answer is None) == (row.name == "NotifyPeriodicEventStream")


def test_only_data_transfer_goes_both_ways() -> None:
    for dialect in DIALECTS.values():
        both = {row.name for row in dialect.actions if row.sender == "both"}
        assert both == ({"DataTransfer"} if dialect.version != "1.2" else set())


@pytest.mark.parametrize("version", list(SPECIFICATIONS))
def test_senders_agree_with_the_specification(version: str, shared: Shared) -> None:
    text = shared(SPECIFICATIONS[version]).read_text("utf-8")
    senders = {"Charging Station": "station", "CSMS": "csms"}
    rows = {name.lower(): row for name, row in DIALECTS[version].by_name.items()}
    said = {
        name.lower(): senders[sender]
        for name, sender in SAID_BY.findall(text)
        if name.lower() in rows
    }
    assert len(said) > 40  # the rest is worded in other ways; see STATION_2
    for name, sender in said.items():
        assert rows[name].sender in (sender, "both"), name


STATION_1 = set(
    """Authorize BootNotification DiagnosticsStatusNotification FirmwareStatusNotification Heartbeat
    LogStatusNotification MeterValues SecurityEventNotification SignCertificate
    SignedFirmwareStatusNotification StartTransaction StatusNotification StopTransaction""".split()
)


STATION_2 = set(
    """Authorize BatterySwap BootNotification ClearedChargingLimit ClosePeriodicEventStream
    FirmwareStatusNotification Get15118EVCertificate GetCertificateChainStatus GetCertificateStatus
    Heartbeat LogStatusNotification MeterValues NotifyChargingLimit NotifyCustomerInformation
    NotifyDERAlarm NotifyDERStartStop NotifyDisplayMessages NotifyEVChargingNeeds
    NotifyEVChargingSchedule NotifyEvent NotifyMonitoringReport NotifyPeriodicEventStream
    NotifyPriorityCharging NotifyReport NotifySettlement OpenPeriodicEventStream
    PublishFirmwareStatusNotification PullDynamicScheduleUpdate ReportChargingProfiles
    ReportDERControl ReservationStatusUpdate SecurityEventNotification SignCertificate
    StatusNotification TransactionEvent VatNumberValidation""".split()
)


@pytest.mark.parametrize("version", list(COUNTS))
def test_what_stations_send(version: str) -> None:
    rows = DIALECTS[version].actions
    expected = STATION_1 if version.startswith("1") else STATION_2
    found = {row.name for row in rows if row.sender == "station"}
    assert found == expected & {row.name for row in rows}


def test_dialects_are_found_by_subprotocol() -> None:
    assert list(BY_SUBPROTOCOL) == ["ocpp1.2", "ocpp1.5", "ocpp1.6", "ocpp2.0.1", "ocpp2.1"]
    for dialect in DIALECTS.values():
        assert dialect.known is KNOWN
        assert dialect.by_name.keys() <= KNOWN
