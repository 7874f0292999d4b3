"""What 1.x cannot say is refused, and what it loses is what the docstrings list."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from chargeplane.domain import (
    certificates,
    diagnostics,
    firmware,
    messages,
    profiles,
    readings,
    reservations,
    station,
    tariff_cost,
    tokens,
    transactions,
    variables,
)
from chargeplane.domain.readings import Reading, Sample, SignedMeterValue
from chargeplane.domain.station import Evse
from chargeplane.domain.tokens import Token
from chargeplane.errors import Untranslatable
from chargeplane.ocpp.dialects import DIALECTS
from chargeplane.ocpp.errors import OcppError
from chargeplane.ocpp.v1 import wire

AT = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
ROWS = DIALECTS["1.6"].by_name
TOKEN = Token("04E9")
LONG = Token("x" * 21)


def said(request: Any) -> tuple[str, Any]:
    """The action that says a request, and how; raises the first refusal."""
    refusal = None
    for action in DIALECTS["1.6"].by_request[type(request)]:
        try:
            return action.name, action.write(request)
        except Untranslatable as error:
            refusal = refusal or error
    raise refusal or AssertionError(request)


def register(value: float | None, context: str = "Sample.Periodic") -> tuple[Reading, ...]:
    return (Reading(AT, (Sample(value, context=context),)),)


def sampled(**members: Any) -> readings.MeterValues:
    sample = Sample(**{"value": 1.0, **members})
    return readings.MeterValues(evse_id=1, readings=(Reading(AT, (sample,)),))


def started(**members: Any) -> transactions.TransactionStarted:
    usual = {
        "timestamp": AT,
        "transaction_id": None,
        "trigger_reason": "Authorized",
        "evse": Evse(1, 1),
        "id_token": TOKEN,
        "readings": register(1, "Transaction.Begin"),
    }
    return transactions.TransactionStarted(**{**usual, **members})


def ended(**members: Any) -> transactions.TransactionEnded:
    usual = {
        "timestamp": AT,
        "transaction_id": "4711",
        "trigger_reason": "StopAuthorized",
        "readings": register(9, "Transaction.End"),
    }
    return transactions.TransactionEnded(**{**usual, **members})


def profile(**members: Any) -> profiles.SetChargingProfile:
    period = profiles.ChargingSchedulePeriod(start_period=0, limit=16.0)
    schedule = profiles.ChargingSchedule(charging_rate_unit="A", charging_schedule_period=(period,))
    usual = {
        "id": 1,
        "stack_level": 0,
        "charging_profile_purpose": "TxProfile",
        "charging_profile_kind": "Relative",
        "charging_schedule": (schedule,),
    }
    return profiles.SetChargingProfile(
        evse_id=1, charging_profile=profiles.ChargingProfile(**{**usual, **members})
    )


def scheduled(**members: Any) -> profiles.SetChargingProfile:
    period = profiles.ChargingSchedulePeriod(start_period=0, **members)
    schedule = profiles.ChargingSchedule(charging_rate_unit="A", charging_schedule_period=(period,))
    return profile(charging_schedule=(schedule,))


def variable(component: str, name: str, attribute: Any = "Actual") -> variables.VariableQuery:
    return variables.VariableQuery(
        component=variables.Component(component),
        variable=variables.Variable(name),
        attribute_type=attribute,
    )


SETTING = variables.VariableSetting(
    component=variables.Component(""), variable=variables.Variable("k"), attribute_value="v"
)
IMAGE = firmware.Firmware(location="ftp://example.org", retrieve_date_time=AT)

UNTRANSLATABLE = [
    station.Reset(type="OnIdle", evse_id=1),
    station.Reset(type="ImmediateAndResume"),
    station.UnlockConnector(evse_id=1, connector_id=2),
    station.ChangeAvailability(operational_status="Operative", evse=Evse(1, 2)),
    station.TriggerMessage(requested_message="TransactionEvent"),
    station.TriggerMessage(requested_message="CustomTrigger", custom_trigger="x"),
    reservations.ReserveNow(id=1, expiry_date_time=AT, id_token=LONG),
    transactions.RequestStartTransaction(id_token=LONG),
    transactions.RequestStopTransaction(transaction_id="6f1c-11"),
    started(id_token=None),
    started(evse=None),
    started(readings=()),
    started(readings=(Reading(AT, (Sample(1.0, phase="L1"),)),)),
    ended(transaction_id="6f1c-11"),
    ended(readings=()),
    ended(readings=(*register(9), Reading(AT, ()))),
    transactions.TransactionUpdated(
        timestamp=AT, transaction_id="1", trigger_reason="ChargingStateChanged"
    ),
    sampled(measurand="Display.PresentSOC"),
    sampled(location="Upstream"),
    sampled(context="Whenever"),
    sampled(phase="L4"),
    sampled(value=None),
    readings.MeterValues(evse_id=1, readings=(Reading(AT, ()),)),
    readings.MeterValues(evse_id=1, readings=()),
    variables.GetVariables(queries=(variable("EVSE", "Power"),)),
    variables.GetVariables(queries=(variable("", "x" * 51),)),
    variables.SetVariables(settings=(SETTING, SETTING)),
    variables.SetVariables(settings=()),
    profile(charging_schedule=()),
    profile(charging_profile_purpose="PriorityCharging"),
    profile(charging_profile_kind="Dynamic"),
    profile(transaction_id="6f1c-11"),
    profile(dyn_update_interval=5),
    scheduled(limit=1.0, setpoint=2.0),
    scheduled(),
    firmware.UpdateFirmware(firmware=IMAGE, request_id=1),
    diagnostics.GetLog(
        log=diagnostics.LogParameters(remote_location="ftp://example.org"), log_type="SecurityLog"
    ),
    tariff_cost.CostUpdated(total_cost=1.0, transaction_id="6f1c-11"),
    tariff_cost.FinalCost(transaction_id="6f1c-11", cost=1.0),
]


@pytest.mark.parametrize("request_", UNTRANSLATABLE, ids=lambda r: type(r).__name__)
def test_what_1_6_cannot_say_is_refused_with_a_reason(request_: Any) -> None:
    with pytest.raises(Untranslatable, match=r"OCPP|extension|sample"):
        said(request_)


ANSWERS = [
    ("StartTransaction", transactions.TransactionAnswer(transaction_id="1")),
    (
        "StartTransaction",
        transactions.TransactionAnswer(id_token_info=tokens.TokenInfo(status="Accepted")),
    ),
    (
        "GetConfiguration",
        variables.VariableResults(
            results=(
                variables.VariableResult(
                    component=variables.Component(""),
                    variable=variables.Variable("x" * 51),
                    attribute_status="UnknownVariable",
                ),
            )
        ),
    ),
    ("GetLog", diagnostics.GetLogAnswer(status="Accepted", filename="x" * 256)),
]


@pytest.mark.parametrize(("action", "answer"), ANSWERS)
def test_answers_that_break_the_bounds_are_refused(action: str, answer: Any) -> None:
    with pytest.raises(Untranslatable):
        ROWS[action].write_answer(answer)


LOST = [
    # Finer words become the nearest of 1.6.
    ("UnlockConnector", station.UnlockAnswer(status="UnknownConnector"), "NotSupported"),
    (
        "UnlockConnector",
        station.UnlockAnswer(status="OngoingAuthorizedTransaction"),
        "UnlockFailed",
    ),
    ("Reset", station.ResetAnswer(status="Scheduled"), "Accepted"),
    (
        "ChangeConfiguration",
        variables.SettingResults(
            results=(
                variables.SettingResult(
                    component=variables.Component(""),
                    variable=variables.Variable("k"),
                    attribute_status="UnknownComponent",
                ),
            )
        ),
        "NotSupported",
    ),
]


@pytest.mark.parametrize(("action", "answer", "status"), LOST)
def test_answers_in_the_nearest_word(action: str, answer: Any, status: str) -> None:
    assert ROWS[action].write_answer(answer).status == status


@pytest.mark.parametrize(
    ("status", "word"),
    [("NoCredit", "Blocked"), ("NotAtThisTime", "Blocked"), ("Unknown", "Invalid")],
)
def test_refused_tokens_in_the_nearest_word(status: Any, word: str) -> None:
    answer = tokens.AuthorizeAnswer(id_token_info=tokens.TokenInfo(status=status))
    assert ROWS["Authorize"].write_answer(answer).id_tag_info.status == word


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        ("ImmediateReset", "HardReset"),
        ("SoftReset", "SoftReset"),
        ("TimeLimitReached", "Local"),
        ("GroundFault", "Other"),
        (None, None),
    ],
)
def test_reasons_of_a_stop(reason: Any, word: str | None) -> None:
    assert ROWS["StopTransaction"].write(ended(stopped_reason=reason)).reason == word


@pytest.mark.parametrize(
    ("availability", "charging", "word"),
    [
        ("Occupied", None, "Preparing"),
        ("Occupied", "EVConnected", "Preparing"),
        ("Occupied", "Idle", "Finishing"),
        ("Available", "Charging", "Available"),  # what is not occupied does not charge
        ("Faulted", None, "Faulted"),
    ],
)
def test_status_words(availability: Any, charging: Any, word: str) -> None:
    status = station.StatusNotification(
        evse=Evse(1, 1), connector_status=availability, charging_state=charging
    )
    assert ROWS["StatusNotification"].write(status).status == word


CHOICES = [
    (station.TriggerMessage(requested_message="Heartbeat"), "TriggerMessage"),
    (station.TriggerMessage(requested_message="LogStatusNotification"), "ExtendedTriggerMessage"),
    (station.TriggerMessage(requested_message="SignV2GCertificate"), "DataTransfer"),
    (firmware.UpdateFirmware(firmware=IMAGE), "UpdateFirmware"),
    (
        firmware.UpdateFirmware(
            firmware=msgspec.structs.replace(IMAGE, signing_certificate="c", signature="s"),
            request_id=1,
        ),
        "SignedUpdateFirmware",
    ),
    (firmware.FirmwareStatusNotification(status="Idle"), "FirmwareStatusNotification"),
    (
        firmware.FirmwareStatusNotification(status="Idle", request_id=1),
        "SignedFirmwareStatusNotification",
    ),
    (tokens.Authorize(id_token=TOKEN), "Authorize"),
    (tokens.Authorize(id_token=TOKEN, certificate="PEM"), "DataTransfer"),
    (certificates.SignCertificate(csr="c"), "SignCertificate"),
    (certificates.SignCertificate(csr="c", certificate_type="V2GCertificate"), "DataTransfer"),
]


@pytest.mark.parametrize(("request_", "action"), CHOICES)
def test_the_action_that_can_say_it(request_: Any, action: str) -> None:
    assert said(request_)[0] == action


def test_readings_keep_signed_data_and_odd_text() -> None:
    row = ROWS["MeterValues"]
    samples = [
        wire.SampledValue(value="OCMF|{}", format="SignedData"),
        wire.SampledValue(value="n/a"),
        wire.SampledValue(value="1,5", unit="kWh"),
    ]
    request: Any = row.read(
        wire.MeterValues(
            connector_id=1, meter_value=[wire.MeterValue(timestamp=AT, sampled_value=samples)]
        )
    )
    signed, text, energy = request.readings[0].samples
    assert (signed.value, signed.signed) == (None, SignedMeterValue(signed_meter_data="OCMF|{}"))
    assert (text.value, text.original.value) == (None, "n/a")
    assert (energy.value, energy.unit) == (1500.0, "Wh")
    assert (energy.original.value, energy.original.unit) == ("1,5", "kWh")


def test_a_stop_says_its_register_once() -> None:
    row = ROWS["StopTransaction"]
    assert row.write(ended()).transaction_data is None
    both = (*register(8, "Sample.Clock"), *register(9, "Transaction.End"))
    written = row.write(ended(readings=both))
    assert written.meter_stop == 9
    assert len(written.transaction_data or ()) == 1
    read: Any = row.read(written)
    assert read.readings == both


# DataTransfer


BROKEN = [
    ("org.openchargealliance.costmsg", "RunningCost", "{}"),
    ("org.openchargealliance.costmsg", "FinalCost", "not JSON"),
    ("org.openchargealliance.costmsg", "SetUserPrice", None),
    ("org.openchargealliance.costmsg", "RunningCost", '{"transactionId":1,"cost":"much"}'),
    ("org.openchargealliance.iso15118pnc", "SignCertificate", '{"csr":5}'),
    ("org.openchargealliance.iso15118pnc", "Authorize", None),
]


@pytest.mark.parametrize(("vendor", "message", "data"), BROKEN)
def test_broken_data_is_a_format_violation(vendor: str, message: str, data: str | None) -> None:
    request = wire.DataTransfer(vendor_id=vendor, message_id=message, data=data)
    with pytest.raises(OcppError) as caught:
        ROWS["DataTransfer"].read(request)
    assert caught.value.code == "FormatViolation"


@pytest.mark.parametrize(
    ("vendor", "message"),
    [("org.openchargealliance.costmsg", "Unheard"), ("com.example", "RunningCost"), ("x", None)],
)
def test_what_is_not_known_stays_a_data_transfer(vendor: str, message: str | None) -> None:
    request = wire.DataTransfer(vendor_id=vendor, message_id=message, data="{}")
    assert ROWS["DataTransfer"].read(request) == station.DataTransfer(
        vendor_id=vendor, message_id=message, data="{}"
    )


def test_what_is_carried_is_of_2_0_1_with_milliseconds() -> None:
    at = AT.replace(microsecond=123_456)
    unplugged = ROWS["DataTransfer"].write(
        tariff_cost.ConnectorUnplugged(transaction_id="7", timestamp=at)
    )
    assert unplugged.data == '{"transactionId":7,"timestamp":"2026-03-01T12:30:00.123Z"}'
    signing = certificates.SignCertificate(csr="c", certificate_type="V2GCertificate", request_id=5)
    carried = ROWS["DataTransfer"].write(signing)
    assert msgspec.json.decode(carried.data) == {"csr": "c", "certificateType": "V2GCertificate"}
    with pytest.raises(Untranslatable, match=r"2\.0\.1"):
        ROWS["DataTransfer"].write(
            msgspec.structs.replace(signing, certificate_type="V2G20Certificate")
        )


def test_a_refused_data_transfer_is_an_error_for_what_it_carried() -> None:
    row = ROWS["DataTransfer"]
    refusal = wire.DataTransferResponse(status="UnknownVendorId")
    with pytest.raises(OcppError, match="UnknownVendorId"):
        row.read_answer(refusal, tariff_cost.CostUpdated(total_cost=1.0, transaction_id="1"))
    plain = station.DataTransfer(vendor_id="x")
    assert row.read_answer(refusal, plain).status == "UnknownVendorId"


def test_data_that_is_no_text_is_sent_as_json() -> None:
    written = ROWS["DataTransfer"].write(station.DataTransfer(vendor_id="x", data={"a": [1]}))
    assert written.data == '{"a":[1]}'


def test_custom_data_and_status_info_are_lost() -> None:
    info = messages.StatusInfo(reason_code="Why")
    answer = messages.Outcome(status="Accepted", status_info=info, custom_data={"vendorId": "x"})
    written = ROWS["ClearCache"].write_answer(answer)
    assert msgspec.to_builtins(written) == {"status": "Accepted"}
