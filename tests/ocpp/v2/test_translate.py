"""What 2.x cannot say is refused, and what it loses is what the docstrings list."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from chargeplane.domain import (
    diagnostics,
    profiles,
    readings,
    station,
    tokens,
    transactions,
    variables,
)
from chargeplane.domain.readings import Original, Reading, Sample
from chargeplane.domain.station import Evse
from chargeplane.domain.tokens import Token
from chargeplane.errors import Untranslatable
from chargeplane.ocpp.dialects import DIALECTS
from chargeplane.ocpp.v2 import wire

AT = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
DIALECT = DIALECTS["2.1"]
ROWS = DIALECT.by_name


def status(**members: Any) -> station.StatusNotification:
    usual = {"evse": Evse(1, 1), "connector_status": "Available", "timestamp": AT}
    return station.StatusNotification(**{**usual, **members})


def event(**members: Any) -> transactions.TransactionUpdated:
    usual = {"timestamp": AT, "transaction_id": "1", "trigger_reason": "Trigger", "seq_no": 1}
    return transactions.TransactionUpdated(**{**usual, **members})


def sampled(**members: Any) -> readings.MeterValues:
    sample = Sample(**{"value": 1.0, **members})
    return readings.MeterValues(evse_id=1, readings=(Reading(AT, (sample,)),))


def query(component: str, name: str, attribute: Any = "Actual") -> variables.GetVariables:
    one = variables.VariableQuery(
        component=variables.Component(component),
        variable=variables.Variable(name),
        attribute_type=attribute,
    )
    return variables.GetVariables(queries=(one,))


UNTRANSLATABLE = [
    status(timestamp=None),
    status(evse=Evse(0)),
    status(evse=Evse(-1, 1)),
    event(seq_no=None),
    event(transaction_id=None),
    event(transaction_id="x" * 37),
    event(readings=(Reading(AT, ()),)),
    event(readings=(Reading(AT, (Sample(None, original=Original("n/a")),)),)),
    sampled(value=None),
    sampled(measurand="RPM"),
    sampled(context="Whenever"),
    sampled(phase="L4"),
    sampled(location="Roof"),
    sampled(unit="x" * 21),
    readings.MeterValues(evse_id=-1, readings=(Reading(AT, (Sample(1.0),)),)),
    readings.MeterValues(evse_id=1, readings=()),
    query("", "x-Display"),
    query("SampledDataCtrlr", "TxUpdatedMeasurands", "MaxLimit"),
    query("x" * 51, "Power"),
    variables.GetVariables(queries=()),
    variables.SetVariables(settings=()),
    variables.GetBaseReport(),
    tokens.Authorize(id_token=Token("x" * 256)),
    diagnostics.GetLog(log=diagnostics.LogParameters(remote_location="ftp://example.org")),
    profiles.GetCompositeSchedule(duration=60, evse_id=-1),
]


@pytest.mark.parametrize("request_", UNTRANSLATABLE, ids=lambda r: type(r).__name__)
def test_what_2_x_cannot_say_is_refused_with_a_reason(request_: Any) -> None:
    (row,) = DIALECT.by_request[type(request_)]
    with pytest.raises(Untranslatable, match=r"OCPP 2\.x"):
        row.write(request_)


@pytest.mark.parametrize("empty", [variables.VariableResults, variables.SettingResults])
def test_answers_need_a_result(empty: type[Any]) -> None:
    row = ROWS["GetVariables" if empty is variables.VariableResults else "SetVariables"]
    with pytest.raises(Untranslatable, match="length"):
        row.write_answer(empty(results=()))


REFUSALS = [
    ("UnlockConnector", station.UnlockAnswer(status="NotSupported"), "UnknownConnector"),
    ("SendLocalList", tokens.SendLocalListAnswer(status="NotSupported"), "Failed"),
    ("SetChargingProfile", profiles.SetChargingProfileAnswer(status="NotSupported"), "Rejected"),
]


@pytest.mark.parametrize(("action", "answer", "word"), REFUSALS)
def test_not_supported_becomes_a_refusal_with_a_reason(action: str, answer: Any, word: str) -> None:
    written = ROWS[action].write_answer(answer)
    assert written.status == word
    assert written.status_info.reason_code == "UnsupportedRequest"


@pytest.mark.parametrize(
    ("reason", "word"),
    [("SoftReset", "ImmediateReset"), ("UnlockCommand", "Other"), ("Local", "Local")],
)
def test_reasons_of_1_x(reason: Any, word: str) -> None:
    ended = transactions.TransactionEnded(
        timestamp=AT,
        transaction_id="1",
        trigger_reason="ResetCommand",
        seq_no=3,
        stopped_reason=reason,
    )
    assert ROWS["TransactionEvent"].write(ended).transaction_info.stopped_reason == word


def test_bare_keys_of_1_x_become_variables() -> None:
    data = ROWS["GetVariables"].write(query("", "HeartbeatInterval")).get_variable_data[0]
    assert (data.component.name, data.variable.name) == ("OCPPCommCtrlr", "HeartbeatInterval")


def test_logs_of_both_kinds_are_triggered_alike() -> None:
    trigger = station.TriggerMessage(requested_message="DiagnosticsStatusNotification")
    assert ROWS["TriggerMessage"].write(trigger).requested_message == "LogStatusNotification"


SAMPLES = [
    (wire.SampledValue(value=5.0), Sample(5.0)),
    (
        wire.SampledValue(value=12.5, unit_of_measure=wire.UnitOfMeasure(unit="kWh")),
        Sample(12500.0, original=Original("12.5", "kWh")),
    ),
    (
        wire.SampledValue(value=5.0, unit_of_measure=wire.UnitOfMeasure(multiplier=3)),
        Sample(5000.0, original=Original("5", "Wh", 3)),
    ),
    (
        wire.SampledValue(value=231.4, measurand="Voltage"),
        Sample(231.4, measurand="Voltage", unit="V"),
    ),
    (
        wire.SampledValue(
            value=-3.0, measurand="Current.Export", unit_of_measure=wire.UnitOfMeasure(unit="A")
        ),
        Sample(-3.0, measurand="Current.Export", unit="A"),
    ),
]


@pytest.mark.parametrize(("sent", "sample"), SAMPLES)
def test_samples_are_read_in_their_normal_unit(sent: wire.SampledValue, sample: Sample) -> None:
    values = wire.MeterValues(
        evse_id=1, meter_value=[wire.MeterValue(timestamp=AT, sampled_value=[sent])]
    )
    read: Any = ROWS["MeterValues"].read(values)
    assert read.readings == (Reading(AT, (sample,)),)


@pytest.mark.parametrize(
    ("sample", "unit"),
    [
        (Sample(1.0), None),
        (Sample(1.0, measurand="Voltage", unit="V"), "V"),
        (Sample(1.0, measurand="Power.Factor", unit=None), None),
        (Sample(1.0, measurand="Current.Import", unit="Wh"), "Wh"),
    ],
)
def test_units_are_said_unless_they_are_the_default(sample: Sample, unit: str | None) -> None:
    written = ROWS["MeterValues"].write(
        readings.MeterValues(evse_id=1, readings=(Reading(AT, (sample,)),))
    )
    measure = written.meter_value[0].sampled_value[0].unit_of_measure
    assert (measure and measure.unit) == unit
