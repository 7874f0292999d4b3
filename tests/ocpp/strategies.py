"""Domain values as each family can say them: requests, each with an answer to it.

`Maker` builds any domain type from its annotations. Its table says what a
family restricts: a member that is lost there keeps its default, a number
stays within the bounds of the wire. What is listed here is therefore what
the docstrings of the translations list as lost.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from hypothesis import strategies as st

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
from chargeplane.domain.messages import Empty
from chargeplane.domain.readings import Original, Reading, Sample, SignedMeterValue
from chargeplane.domain.station import Evse
from chargeplane.domain.tokens import Token, TokenInfo
from chargeplane.ocpp.keys import NAMES
from chargeplane.ocpp.narrow import to_milliseconds
from chargeplane.ocpp.units import default_unit
from chargeplane.ocpp.v1 import wire as wire_1
from chargeplane.ocpp.v1.translate import station as station_1
from chargeplane.ocpp.v1.translate import transactions as transactions_1
from chargeplane.ocpp.v2 import wire as wire_2
from chargeplane.ocpp.v2.translate import ROWS as ROWS_2
from tests.ocpp.schemas import ADDRESSES, ANY_JSON, from_node, schema, texts

Strategy = st.SearchStrategy[Any]
Table = Mapping[str, Strategy | None]
Pairs = list[Strategy]
"""Each a strategy of (request, answer)."""

LOST = None
NEVER = st.none()

words = texts(8).filter(lambda text: len(text) <= 8)
numbers = st.integers(0, 2**31 - 1)
few = st.integers(0, 3)
tenths = st.integers(-99_999, 99_999).map(lambda n: n / 10)
addresses = st.sampled_from(ADDRESSES)
floats = st.one_of(tenths, st.floats(-1e7, 1e7))
times = st.datetimes(datetime(2001, 1, 1), datetime(2037, 1, 1)).map(  # noqa: DTZ001 made aware here
    lambda at: at.replace(tzinfo=UTC, microsecond=at.microsecond // 1000 * 1000)
)
numeric_names = st.integers(-(2**31), 2**31 - 1).map(str)
custom_data = st.builds(
    lambda vendor, more: {**more, "vendorId": vendor}, words, st.dictionaries(words, ANY_JSON)
)


def maybe(strategy: Strategy) -> Strategy:
    return st.one_of(st.none(), strategy)


def some(strategy: Strategy) -> Strategy:
    return st.lists(strategy, min_size=1, max_size=2).map(tuple)


def one_of(*values: Any) -> Strategy:
    return st.sampled_from(values)


def words_of(enum: Any) -> Strategy:
    """The values of a wire enum, which the domain carries as text."""
    while get_origin(enum) is not Literal:
        enum = get_args(enum)[0]
    return st.sampled_from(get_args(enum))


class Maker:
    """Makes strategies from annotations."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def __call__(self, kind: type[Any], **members: Strategy) -> Strategy:
        """Values of a domain type, with the given members instead of those of the table."""
        known = self._table.get(kind.__name__)
        if known is not None and not members:
            return known
        hints = get_type_hints(kind)
        made = {
            field.name: members[field.name]
            if field.name in members
            else self._member(kind, field.name, hints[field.name])
            for field in msgspec.structs.fields(kind)
        }
        return st.builds(kind, **made)

    def _member(self, kind: type[Any], name: str, hint: Any) -> Strategy:
        for owner in kind.__mro__:
            known = self._table.get(f"{owner.__name__}.{name}", ...)
            if known is not ...:
                return NEVER if known is LOST else known
        return self._of(hint)

    def _of(self, hint: Any) -> Strategy:
        origin, parts = get_origin(hint), get_args(hint)
        if origin in (Union, types.UnionType):
            (kept,) = [part for part in parts if part is not type(None)]
            is_lost = self._table.get(getattr(kept, "__name__", ""), ...) is LOST
            return NEVER if is_lost else maybe(self._of(kept))
        if origin is tuple:
            return some(self._of(parts[0]))
        if origin is Literal:
            return st.sampled_from(parts)
        if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
            return st.deferred(lambda: self(hint))
        return PLAIN[hint]


PLAIN: dict[Any, Strategy] = {
    str: words,
    int: numbers,
    float: floats,
    bool: st.booleans(),
    datetime: times,
    Any: words,
}

tokens_1 = st.builds(Token, words)
infos_1 = st.builds(
    TokenInfo,
    status=words_of(wire_1.AuthorizationStatus),
    cache_expiry_date_time=maybe(times),
    group_id_token=maybe(tokens_1),
)

# What 1.x restricts.

sample_places_1 = {
    "context": words_of(wire_1.ReadingContext),
    "phase": maybe(words_of(wire_1.Phase)),
    "location": words_of(wire_1.Location),
}


def _with_unit(kind: str, sample: Any) -> Any:
    return msgspec.structs.replace(sample, measurand=kind, unit=default_unit(kind))


not_numbers = one_of("", "abc", "1.2.3", "nan", "12 Wh")
samples_1 = st.builds(
    _with_unit,
    words_of(wire_1.Measurand),
    st.one_of(
        st.builds(Sample, floats, **sample_places_1),
        st.builds(
            Sample,
            NEVER,
            signed=st.builds(SignedMeterValue, signed_meter_data=words),
            **sample_places_1,
        ),
        st.builds(Sample, NEVER, original=st.builds(Original, not_numbers), **sample_places_1),
    ),
)
readings_1 = some(st.builds(Reading, times, some(samples_1)))

TABLE_1: Table = {
    "Message.custom_data": LOST,
    "StatusInfo": LOST,
    "Token": tokens_1,
    "TokenInfo": infos_1,
    "Modem": st.one_of(st.builds(station.Modem, iccid=words), st.builds(station.Modem, imsi=words)),
    "BootNotification.reason": st.just("Unknown"),
    "ResetAnswer.status": one_of("Accepted", "Rejected"),
    "Reset.type": one_of("Immediate", "OnIdle"),
    "Reset.evse_id": LOST,
    "UnlockConnector.connector_id": st.just(1),
    "UnlockConnector.evse_id": st.integers(1, 9),
    "UnlockAnswer.status": words_of(wire_1.UnlockConnectorStatus),
    "Evse": st.builds(Evse, st.integers(1, 9)),
    "TriggerMessage.custom_trigger": LOST,
    "ReserveNow.connector_type": LOST,
    "ReserveNow.evse_id": maybe(st.integers(1, 9)),
    "Authorize.certificate": LOST,
    "Authorize.iso15118_certificate_hash_data": LOST,
    "AuthorizeAnswer.certificate_status": LOST,
    "AuthorizeAnswer.allowed_energy_transfer": LOST,
    "AuthorizeAnswer.tariff": LOST,
    "RequestStopTransaction.transaction_id": numeric_names,
    "RequestStartTransaction.remote_start_id": LOST,
    "RequestStartTransaction.group_id_token": LOST,
    "RequestStartAnswer.transaction_id": LOST,
    "ChargingSchedulePeriod": st.builds(
        profiles.ChargingSchedulePeriod,
        start_period=numbers,
        limit=tenths,
        number_phases=maybe(few),
    ),
    "ChargingSchedule": st.builds(
        profiles.ChargingSchedule,
        charging_rate_unit=one_of("A", "W"),
        charging_schedule_period=some(st.deferred(lambda: make_1(profiles.ChargingSchedulePeriod))),
        start_schedule=maybe(times),
        duration=maybe(numbers),
        min_charging_rate=maybe(tenths),
    ),
    "ChargingProfile": st.builds(
        profiles.ChargingProfile,
        id=numbers,
        stack_level=numbers,
        charging_profile_purpose=one_of(
            "ChargingStationMaxProfile", "TxDefaultProfile", "TxProfile"
        ),
        charging_profile_kind=words_of(wire_1.ChargingProfileKindType),
        charging_schedule=st.tuples(st.deferred(lambda: make_1(profiles.ChargingSchedule))),
        recurrency_kind=maybe(words_of(wire_1.RecurrencyKindType)),
        valid_from=maybe(times),
        valid_to=maybe(times),
        transaction_id=maybe(numeric_names),
    ),
    "ProfileCriteria": st.builds(
        profiles.ProfileCriteria,
        evse_id=maybe(few),
        charging_profile_purpose=one_of("ChargingStationMaxProfile", "TxProfile"),
        stack_level=maybe(few),
    ),
    "MeterValues.readings": readings_1,
    "Firmware.location": addresses,
    "LogParameters.remote_location": addresses,
    "Firmware.install_date_time": LOST,
    "Firmware.signing_certificate": LOST,
    "Firmware.signature": LOST,
    "UpdateFirmware.request_id": LOST,
    "UpdateFirmwareAnswer.status": st.just("Accepted"),
    "FirmwareStatusNotification.request_id": LOST,
    "FirmwareStatusNotification.status": words_of(wire_1.FirmwareStatus),
    "GetLog.request_id": LOST,
    "GetLog.log_type": st.just("DiagnosticsLog"),
    "LogStatusNotification.request_id": LOST,
    "LogStatusNotification.status": one_of("Idle", "Uploaded", "UploadFailure", "Uploading"),
    "SignCertificate.certificate_type": LOST,
    "SignCertificate.hash_root_certificate": LOST,
    "SignCertificate.request_id": LOST,
    "CertificateSigned.certificate_type": LOST,
    "CertificateSigned.request_id": LOST,
    "InstallCertificate.certificate_type": one_of(
        "CSMSRootCertificate", "ManufacturerRootCertificate"
    ),
    "DataTransfer.data": maybe(words),
    "DataTransferAnswer.data": maybe(words),
    "CostUpdated.transaction_id": numeric_names,
    "CostUpdated.running": maybe(st.fixed_dictionaries({"state": one_of("Charging", "Idle")})),
    "FinalCost.transaction_id": numeric_names,
    "ConnectorUnplugged.transaction_id": numeric_names,
    "Json": custom_data,
}

make_1: Maker = Maker(TABLE_1)


def pair(make: Maker, request: type[Any], answer: type[Any], **members: Strategy) -> Strategy:
    return st.tuples(make(request, **members), make(answer))


@st.composite
def status_1(draw: st.DrawFn) -> Any:
    availability, charging = draw(st.sampled_from(list(station_1.STATUSES.values())))
    code = draw(words_of(wire_1.ChargePointErrorCode).filter(lambda code: code != "NoError"))
    error = draw(maybe(make_1(station.ErrorInfo, code=st.just(code))))
    place = draw(one_of(Evse(0), Evse(1, 1), Evse(7, 1)))
    return station.StatusNotification(
        evse=place,
        connector_status=availability,
        charging_state=charging,
        timestamp=draw(maybe(times)),
        error=error,
    )


def _register(at: datetime, total: int, context: str) -> Reading:
    return Reading(at, (Sample(float(total), context=context),))


@st.composite
def start_1(draw: st.DrawFn) -> Any:
    at, total = draw(times), draw(numbers)
    return transactions.TransactionStarted(
        timestamp=at,
        transaction_id=None,
        trigger_reason="Authorized",
        evse=Evse(draw(st.integers(1, 9)), 1),
        id_token=draw(tokens_1),
        readings=(_register(at, total, "Transaction.Begin"),),
        reservation_id=draw(maybe(numbers)),
    )


REASONS_1 = [*(set(get_args(wire_1.Reason)) - {"HardReset"}), "ImmediateReset", None]


@st.composite
def stop_1(draw: st.DrawFn) -> Any:
    at, total = draw(times), draw(numbers)
    reason = draw(st.sampled_from(sorted(REASONS_1, key=str)))
    said = "HardReset" if reason == "ImmediateReset" else reason
    trigger: Any = transactions_1.TRIGGERS.get(said or "Local", "StopAuthorized")
    return transactions.TransactionEnded(
        timestamp=at,
        transaction_id=draw(numeric_names),
        trigger_reason=trigger,
        id_token=draw(maybe(tokens_1)),
        readings=(
            *draw(st.one_of(st.just(()), readings_1)),
            _register(at, total, "Transaction.End"),
        ),
        stopped_reason=reason,
    )


@st.composite
def update_1(draw: st.DrawFn) -> Any:
    context = draw(words_of(wire_1.ReadingContext))
    said = tuple(
        Reading(
            reading.timestamp,
            tuple(msgspec.structs.replace(sample, context=context) for sample in reading.samples),
        )
        for reading in draw(readings_1)
    )
    triggers: dict[str, Any] = {"Sample.Clock": "MeterValueClock", "Trigger": "Trigger"}
    return transactions.TransactionUpdated(
        timestamp=said[-1].timestamp,
        transaction_id=draw(numeric_names),
        trigger_reason=triggers.get(context, "MeterValuePeriodic"),
        evse=Evse(draw(st.integers(0, 9)), 1),
        readings=said,
    )


places_1 = st.one_of(
    st.sampled_from(list(NAMES)),
    words.map(lambda name: (variables.Component(""), variables.Variable(f"x-{name}"), "Actual")),
)


def at_place(kind: type[Any], place: Any, **members: Any) -> Any:
    component, variable, attribute = place
    return kind(component=component, variable=variable, attribute_type=attribute, **members)


known_1 = st.builds(
    lambda place, value, readonly: at_place(
        variables.VariableResult, place, attribute_value=value, readonly=readonly
    ),
    places_1,
    maybe(words),
    st.booleans(),
)
unknown_1 = places_1.map(
    lambda place: at_place(variables.VariableResult, place, attribute_status="UnknownVariable")
)
get_1 = st.tuples(
    some(places_1.map(lambda place: at_place(variables.VariableQuery, place))).map(
        lambda queries: variables.GetVariables(queries=queries)
    ),
    st.tuples(some(known_1), some(unknown_1)).map(
        lambda parts: variables.VariableResults(results=parts[0] + parts[1])
    ),
)
report_1 = st.tuples(
    st.just(variables.GetBaseReport()),
    some(known_1).map(lambda known: variables.ReportAnswer(status="Accepted", report=known)),
)


@st.composite
def change_1(draw: st.DrawFn) -> Any:
    place, value = draw(places_1), draw(words)
    status = draw(one_of("Accepted", "Rejected", "RebootRequired", "UnknownVariable"))
    setting = at_place(variables.VariableSetting, place, attribute_value=value)
    result = at_place(variables.SettingResult, place, attribute_status=status)
    return (
        variables.SetVariables(settings=(setting,)),
        variables.SettingResults(results=(result,)),
    )


@st.composite
def installed_1(draw: st.DrawFn) -> Any:
    kind = draw(one_of("CSMSRootCertificate", "ManufacturerRootCertificate"))
    hashes = draw(maybe(some(make_1(certificates.CertificateHashData))))
    status = draw(one_of("Accepted", "NotFound"))
    return (
        certificates.GetInstalledCertificateIds(certificate_type=(kind,)),
        certificates.InstalledCertificates(
            status=status,
            certificate_hash_data_chain=hashes
            and tuple(
                certificates.CertificateHashDataChain(
                    certificate_type=kind, certificate_hash_data=data
                )
                for data in hashes
            ),
        ),
    )


nothing = st.just(Empty())
logs_1 = st.one_of(
    st.builds(diagnostics.GetLogAnswer, status=st.just("Accepted"), filename=words.filter(bool)),
    st.just(diagnostics.GetLogAnswer(status="Rejected")),
)
composite_1 = st.one_of(
    st.builds(profiles.CompositeScheduleAnswer, status=one_of("Accepted", "Rejected")),
    st.builds(
        profiles.CompositeScheduleAnswer,
        status=st.just("Accepted"),
        schedule=make_1(profiles.CompositeSchedule),
    ),
)

# Plug & Charge carries messages of 2.0.1, so those of 2.1 are left out.

carried_tokens = st.builds(Token, words, one_of("eMAID", "Central"))


def plug_and_charge() -> Pairs:
    make = Maker(TABLE_PNC)
    return [
        pair(make, tokens.Authorize, tokens.AuthorizeAnswer, certificate=words),
        pair(make, certificates.Get15118EVCertificate, certificates.EvCertificateAnswer),
        pair(make, certificates.GetCertificateStatus, certificates.CertificateStatusAnswer),
        pair(
            make,
            certificates.SignCertificate,
            messages.Outcome,
            certificate_type=st.just("V2GCertificate"),
        ),
        pair(
            make,
            certificates.CertificateSigned,
            messages.Outcome,
            certificate_type=st.just("V2GCertificate"),
        ),
        pair(
            make,
            certificates.InstallCertificate,
            certificates.InstallCertificateAnswer,
            certificate_type=one_of("V2GRootCertificate", "MORootCertificate"),
        ),
        pair(make, certificates.DeleteCertificate, certificates.DeleteCertificateAnswer),
        pair(make, certificates.GetInstalledCertificateIds, certificates.InstalledCertificates),
        pair(
            make,
            station.TriggerMessage,
            station.TriggerAnswer,
            requested_message=st.just("SignV2GCertificate"),
        ),
    ]


def pairs_1() -> dict[str, Pairs]:
    """By action of 1.6."""
    make = make_1
    return {
        "BootNotification": [pair(make, station.BootNotification, station.BootAnswer)],
        "Heartbeat": [pair(make, station.Heartbeat, station.HeartbeatAnswer)],
        "StatusNotification": [st.tuples(status_1(), nothing)],
        "ChangeAvailability": [
            pair(make, station.ChangeAvailability, station.ChangeAvailabilityAnswer)
        ],
        "Reset": [pair(make, station.Reset, station.ResetAnswer)],
        "UnlockConnector": [pair(make, station.UnlockConnector, station.UnlockAnswer)],
        "TriggerMessage": [
            pair(
                make,
                station.TriggerMessage,
                station.TriggerAnswer,
                requested_message=words_of(wire_1.MessageTrigger),
            )
        ],
        "ExtendedTriggerMessage": [
            pair(
                make,
                station.TriggerMessage,
                station.TriggerAnswer,
                requested_message=one_of("LogStatusNotification", "SignChargingStationCertificate"),
            )
        ],
        "ReserveNow": [pair(make, reservations.ReserveNow, reservations.ReserveNowAnswer)],
        "CancelReservation": [pair(make, reservations.CancelReservation, messages.Outcome)],
        "Authorize": [pair(make, tokens.Authorize, tokens.AuthorizeAnswer)],
        "ClearCache": [pair(make, tokens.ClearCache, messages.Outcome)],
        "SendLocalList": [pair(make, tokens.SendLocalList, tokens.SendLocalListAnswer)],
        "GetLocalListVersion": [pair(make, tokens.GetLocalListVersion, tokens.LocalListVersion)],
        "StartTransaction": [
            st.tuples(
                start_1(),
                st.builds(
                    transactions.TransactionAnswer,
                    id_token_info=infos_1,
                    transaction_id=numeric_names,
                ),
            )
        ],
        "StopTransaction": [
            st.tuples(
                stop_1(), st.builds(transactions.TransactionAnswer, id_token_info=maybe(infos_1))
            )
        ],
        "RemoteStartTransaction": [
            pair(make, transactions.RequestStartTransaction, transactions.RequestStartAnswer)
        ],
        "RemoteStopTransaction": [
            pair(make, transactions.RequestStopTransaction, messages.Outcome)
        ],
        "MeterValues": [
            pair(make, readings.MeterValues, Empty),
            st.tuples(update_1(), st.just(transactions.TransactionAnswer())),
        ],
        "GetConfiguration": [get_1, report_1],
        "ChangeConfiguration": [change_1()],
        "SetChargingProfile": [
            pair(make, profiles.SetChargingProfile, profiles.SetChargingProfileAnswer)
        ],
        "ClearChargingProfile": [
            pair(make, profiles.ClearChargingProfile, profiles.ClearChargingProfileAnswer)
        ],
        "GetCompositeSchedule": [st.tuples(make(profiles.GetCompositeSchedule), composite_1)],
        "UpdateFirmware": [pair(make, firmware.UpdateFirmware, firmware.UpdateFirmwareAnswer)],
        "SignedUpdateFirmware": [
            st.tuples(
                make(
                    firmware.UpdateFirmware,
                    request_id=numbers,
                    firmware=st.builds(
                        firmware.Firmware,
                        location=addresses,
                        retrieve_date_time=times,
                        install_date_time=maybe(times),
                        signing_certificate=words,
                        signature=words,
                    ),
                ),
                make(
                    firmware.UpdateFirmwareAnswer,
                    status=words_of(wire_1.UpdateFirmwareStatusEnum),
                ),
            )
        ],
        "FirmwareStatusNotification": [pair(make, firmware.FirmwareStatusNotification, Empty)],
        "SignedFirmwareStatusNotification": [
            pair(
                make,
                firmware.FirmwareStatusNotification,
                Empty,
                status=words_of(wire_1.FirmwareStatusEnum),
                request_id=numbers,
            )
        ],
        "GetDiagnostics": [st.tuples(make(diagnostics.GetLog), logs_1)],
        "GetLog": [
            pair(
                make,
                diagnostics.GetLog,
                diagnostics.GetLogAnswer,
                request_id=numbers,
                log_type=words_of(wire_1.LogEnum),
            )
        ],
        "DiagnosticsStatusNotification": [pair(make, diagnostics.LogStatusNotification, Empty)],
        "LogStatusNotification": [
            pair(
                make,
                diagnostics.LogStatusNotification,
                Empty,
                status=words_of(wire_1.UploadLogStatusEnum),
                request_id=numbers,
            )
        ],
        "SecurityEventNotification": [pair(make, certificates.SecurityEventNotification, Empty)],
        "SignCertificate": [pair(make, certificates.SignCertificate, messages.Outcome)],
        "CertificateSigned": [pair(make, certificates.CertificateSigned, messages.Outcome)],
        "InstallCertificate": [
            pair(make, certificates.InstallCertificate, certificates.InstallCertificateAnswer)
        ],
        "DeleteCertificate": [
            pair(make, certificates.DeleteCertificate, certificates.DeleteCertificateAnswer)
        ],
        "GetInstalledCertificateIds": [installed_1()],
        "DataTransfer": [
            pair(make, station.DataTransfer, station.DataTransferAnswer),
            pair(make, tokens.SetUserPrice, Empty),
            pair(make, tariff_cost.CostUpdated, Empty),
            pair(make, tariff_cost.FinalCost, Empty),
            pair(make, tariff_cost.ConnectorUnplugged, Empty),
            *plug_and_charge(),
        ],
    }


# What 2.x restricts.


def plain_json(message: str, definition: str, kind: type[Any]) -> Strategy:
    """A type of 2.1 as the JSON that the domain carries."""
    root = schema("2.1", message)
    made = from_node(root["definitions"][definition], root)

    def as_read(value: Any) -> Any:
        sent = to_milliseconds(msgspec.json.encode(msgspec.convert(value, kind)))
        return msgspec.to_builtins(msgspec.json.decode(sent, type=kind))

    return made.map(as_read)


def unit_2(sample: Sample) -> Sample:
    default = default_unit(sample.measurand)
    return msgspec.structs.replace(sample, unit=sample.unit or default)


samples_2 = st.builds(
    Sample,
    floats,
    measurand=words_of(wire_2.MeasurandEnum),
    unit=one_of(None, "Percent", "Wh", "W", "Celsius", "A"),
    context=words_of(wire_2.ReadingContextEnum),
    phase=maybe(words_of(wire_2.PhaseEnum)),
    location=words_of(wire_2.LocationEnum),
    signed=maybe(
        st.builds(
            SignedMeterValue,
            signed_meter_data=words,
            encoding_method=words,
            signing_method=maybe(words),
            public_key=maybe(words),
        )
    ),
).map(unit_2)
readings_2 = some(st.builds(Reading, times, some(samples_2)))
attributes_2 = one_of("Actual", "Target", "MinSet", "MaxSet")
components_2 = st.builds(
    variables.Component,
    words.filter(bool),
    maybe(words),
    maybe(st.builds(Evse, numbers, maybe(numbers))),
)
price_2 = "SetChargingProfileRequest"

TABLE_2: Table = {
    "Message.custom_data": maybe(custom_data),
    "ChargingStation.charge_box_serial_number": LOST,
    "ChargingStation.meter_type": LOST,
    "ChargingStation.meter_serial_number": LOST,
    "StatusNotification.charging_state": LOST,
    "StatusNotification.error": LOST,
    "StatusNotification.timestamp": times,
    "StatusNotification.evse": st.builds(Evse, st.integers(1, 9), st.integers(1, 9)),
    "UnlockAnswer.status": words_of(wire_2.UnlockStatusEnum),
    "SendLocalListAnswer.status": words_of(wire_2.SendLocalListStatusEnum),
    "SetChargingProfileAnswer.status": words_of(wire_2.ChargingProfileStatusEnum),
    "TriggerMessage.requested_message": words_of(wire_2.MessageTriggerEnum),
    "TransactionAnswer.transaction_id": LOST,
    "TransactionEvent.transaction_id": words,
    "TransactionEvent.seq_no": numbers,
    "TransactionEvent.readings": st.one_of(st.just(()), readings_2),
    "TransactionEvent.number_of_phases_used": maybe(few),
    "TransactionEvent.operation_mode": maybe(words_of(wire_2.OperationModeEnum)),
    "TransactionEvent.preconditioning_status": maybe(words_of(wire_2.PreconditioningStatusEnum)),
    "TransactionEvent.cost_details": maybe(
        plain_json("TransactionEventRequest", "CostDetailsType", wire_2.CostDetails)
    ),
    "TransactionEnded.stopped_reason": maybe(words_of(wire_2.ReasonEnum)),
    "AuthorizeAnswer.allowed_energy_transfer": maybe(some(words_of(wire_2.EnergyTransferModeEnum))),
    "AuthorizeAnswer.tariff": maybe(plain_json("AuthorizeResponse", "TariffType", wire_2.Tariff)),
    "TransactionLimit.max_soc": maybe(st.integers(0, 100)),
    "MeterValues.readings": readings_2,
    "Component": components_2,
    "VariableQuery.attribute_type": attributes_2,
    "VariableResult.attribute_type": attributes_2,
    "VariableResult.readonly": LOST,
    "VariableSetting.attribute_type": attributes_2,
    "SettingResult.attribute_type": attributes_2,
    "RequestStartTransaction.remote_start_id": numbers,
    "RequestStartTransaction.evse_id": maybe(st.integers(1, 9)),
    "GetBaseReport.request_id": numbers,
    "ReportAnswer.report": LOST,
    "CostUpdated.running": LOST,
    "UpdateFirmware.request_id": numbers,
    "GetLog.request_id": numbers,
    "ChargingSchedulePeriod.number_phases": maybe(few),
    "ChargingSchedulePeriod.phase_to_use": maybe(few),
    "ChargingSchedulePeriod.operation_mode": maybe(words_of(wire_2.OperationModeEnum)),
    "ChargingSchedulePeriod.discharge_limit": maybe(tenths.map(lambda n: -abs(n))),
    "ChargingSchedulePeriod.discharge_limit_l2": maybe(tenths.map(lambda n: -abs(n))),
    "ChargingSchedulePeriod.discharge_limit_l3": maybe(tenths.map(lambda n: -abs(n))),
    "ChargingSchedule.sales_tariff": maybe(
        plain_json(price_2, "SalesTariffType", wire_2.SalesTariff)
    ),
    "ChargingSchedule.absolute_price_schedule": maybe(
        plain_json(price_2, "AbsolutePriceScheduleType", wire_2.AbsolutePriceSchedule)
    ),
    "ChargingSchedule.price_level_schedule": maybe(
        plain_json(price_2, "PriceLevelScheduleType", wire_2.PriceLevelSchedule)
    ),
    "LimitAtSoc.soc": st.integers(0, 100),
}

make_2 = Maker(TABLE_2)

TABLE_PNC: Table = {
    **TABLE_2,
    "Message.custom_data": LOST,
    "Token": carried_tokens,
    "MessageContent.format": one_of("ASCII", "HTML", "URI", "UTF8"),
    "AuthorizeAnswer.allowed_energy_transfer": LOST,
    "AuthorizeAnswer.tariff": LOST,
    "SignCertificate.hash_root_certificate": LOST,
    "SignCertificate.request_id": LOST,
    "CertificateSigned.request_id": LOST,
    "EvCertificateAnswer.remaining_contracts": LOST,
    "Get15118EVCertificate.maximum_contract_certificate_chains": LOST,
    "Get15118EVCertificate.prioritized_emaids": LOST,
    "GetInstalledCertificateIds.certificate_type": maybe(
        some(one_of("V2GRootCertificate", "MORootCertificate"))
    ),
    "CertificateHashDataChain.certificate_type": one_of("V2GRootCertificate", "MORootCertificate"),
    "TriggerMessage.custom_trigger": LOST,
}


def pairs_2() -> dict[str, Pairs]:
    """By action that 2.x shares with 1.x."""
    return {
        row.name: [
            st.tuples(make_2(request), make_2(answer_of(request))) for request in row.requests
        ]
        for row in ROWS_2
        if row.shared
    }


def answer_of(request: type[Any]) -> type[Any]:
    """The `R` of a `Request[R]`."""
    for owner in request.__mro__:
        for base in getattr(owner, "__orig_bases__", ()):
            if get_origin(base) is messages.Request:
                answer: type[Any] = get_args(base)[0]
                return answer
    raise TypeError(request)
