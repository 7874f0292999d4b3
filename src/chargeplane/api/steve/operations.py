"""SteVe's 25 operations as operations of the central system.

The last statement of this file is their table.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from msgspec.structs import replace
from pydantic.alias_generators import to_camel
from sqlalchemy import Connection

from chargeplane.api.steve import forms
from chargeplane.api.steve.backends import token_of
from chargeplane.api.steve.shared import number_of
from chargeplane.csms.authorization import decide, describe
from chargeplane.csms.central import Central
from chargeplane.csms.commands import Asked
from chargeplane.csms.local_list import UpdateLocalList
from chargeplane.csms.operations import OPERATIONS
from chargeplane.csms.reservation import Reservation
from chargeplane.domain.certificates import (
    CertificateHashData,
    DeleteCertificate,
    GetInstalledCertificateIds,
    InstallCertificate,
)
from chargeplane.domain.diagnostics import GetLog, LogParameters
from chargeplane.domain.firmware import Firmware, UpdateFirmware
from chargeplane.domain.messages import Json
from chargeplane.domain.profiles import (
    ChargingProfile,
    ClearChargingProfile,
    GetCompositeSchedule,
    ProfileCriteria,
    SetChargingProfile,
)
from chargeplane.domain.reservations import CancelReservation
from chargeplane.domain.station import (
    ChangeAvailability,
    DataTransfer,
    Evse,
    Reset,
    TriggerMessage,
    UnlockConnector,
)
from chargeplane.domain.tokens import (
    AuthorizationData,
    ClearCache,
    GetLocalListVersion,
    SendLocalList,
    Token,
)
from chargeplane.domain.transactions import RequestStartTransaction, RequestStopTransaction
from chargeplane.domain.variables import (
    GetBaseReport,
    GetVariables,
    SetVariables,
    VariableQuery,
    VariableResult,
    VariableSetting,
)
from chargeplane.errors import Untranslatable
from chargeplane.ocpp.keys import read_key, write_key
from chargeplane.ocpp.v1.translate.variables import REFUSALS
from chargeplane.storage.repositories import profile_templates, stations, tokens, transactions
from chargeplane.storage.repositories.tokens import Standing


class BadInput(ValueError):
    """A request that SteVe refuses before any station is asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a form is read with: for a station, on whose behalf."""

    central: Central
    station_id: str
    asked: Asked


Ask = tuple[str, Any]  # an operation of the central system, and what it is given
Make = Callable[[Context, Any], Awaitable[Ask]]
Show = Callable[[Json], Any]


@dataclass(frozen=True, slots=True)
class SteveOperation:
    """An operation: its form, the request that it means, and how the answer is shown."""

    form: type[forms.Form]
    make: Make
    show: Show


# Requests


def _plain(operation: str, make: Callable[[Any], Any]) -> Make:
    """An operation whose request the form alone says."""

    async def ask(_context: Context, form: Any) -> Ask:
        return operation, make(form)

    return ask


def _configuration(form: forms.ConfigurationForm) -> Ask:
    own = (key.strip() for key in form.comma_separated_custom_conf_keys.split(","))
    keys = [*form.conf_key_list, *filter(None, own)]
    if not keys:
        return "get_base_report", GetBaseReport()
    return "get_variables", GetVariables(queries=tuple(_query(key) for key in keys))


async def _get_configuration(_context: Context, form: forms.ConfigurationForm) -> Ask:
    return _configuration(form)


def _query(key: str) -> VariableQuery:
    component, variable, attribute = read_key(key)
    return VariableQuery(component=component, variable=variable, attribute_type=attribute)


def _change_configuration(form: forms.ChangeConfigurationForm) -> SetVariables:
    key = form.conf_key if form.key_type == "PREDEFINED" else form.custom_conf_key
    if not key:
        raise BadInput("Configuration key is required")
    component, variable, attribute = read_key(key)
    setting = VariableSetting(
        component=component,
        variable=variable,
        attribute_value=form.value,
        attribute_type=attribute,
    )
    return SetVariables(settings=(setting,))


def _log(form: forms.DiagnosticsForm) -> GetLog:
    span = LogParameters(
        remote_location=form.location, oldest_timestamp=form.start, latest_timestamp=form.stop
    )
    kind = form.log_type if isinstance(form, forms.LogForm) else "DiagnosticsLog"
    return GetLog(log=span, log_type=kind, retries=form.retries, retry_interval=form.retry_interval)


def _firmware(form: forms.FirmwareForm) -> UpdateFirmware:
    image = Firmware(location=form.location, retrieve_date_time=form.retrieve_date_time)
    if isinstance(form, forms.SignedFirmwareForm):
        image = replace(
            image,
            install_date_time=form.install_date_time,
            signing_certificate=form.signing_certificate,
            signature=form.signature,
        )
    return UpdateFirmware(firmware=image, retries=form.retries, retry_interval=form.retry_interval)


def _trigger(form: Any) -> TriggerMessage:
    said = form.trigger_message
    wanted: Any = "SignChargingStationCertificate" if said.startswith("Sign") else said
    if form.connector_id is None:
        return TriggerMessage(requested_message=wanted)
    # 2.x F06.FR.12: a status is that of a connector.
    connector = 1 if wanted == "StatusNotification" else None
    return TriggerMessage(requested_message=wanted, evse=Evse(form.connector_id, connector))


async def _start(context: Context, form: forms.StartForm) -> Ask:
    token = await _eligible(context, form.id_tag)
    number = form.charging_profile_pk
    profile = None if number is None else await _profile(context, number)
    return "request_start_transaction", RequestStartTransaction(
        id_token=token, evse_id=form.connector_id or None, charging_profile=profile
    )


async def _reserve(context: Context, form: forms.ReserveForm) -> Ask:
    token = await _eligible(context, form.id_tag)
    return "reserve_now", Reservation(
        expiry_date_time=form.expiry, id_token=token, evse_id=form.connector_id or None
    )


async def _stop(context: Context, form: forms.StopForm) -> Ask:
    name = await _transaction(context, form.transaction_id)
    return "request_stop_transaction", RequestStopTransaction(transaction_id=name)


async def _set_profile(context: Context, form: forms.SetProfileForm) -> Ask:
    profile = await _profile(context, form.charging_profile_pk)
    if form.transaction_id is not None:
        name = await _transaction(context, form.transaction_id)
        profile = replace(profile, transaction_id=name)
    return "set_charging_profile", SetChargingProfile(
        evse_id=form.connector_id, charging_profile=profile
    )


async def _clear_profile(context: Context, form: forms.ClearProfileForm) -> Ask:
    if form.filter_type == "ChargingProfileId":
        if form.charging_profile_pk is None:
            raise BadInput("Charging profile is required")
        profile = await _profile(context, form.charging_profile_pk)
        return "clear_charging_profile", ClearChargingProfile(charging_profile_id=profile.id)
    said = form.charging_profile_purpose
    purpose: Any = "ChargingStationMaxProfile" if said == "ChargePointMaxProfile" else said
    criteria = ProfileCriteria(
        evse_id=form.connector_id, charging_profile_purpose=purpose, stack_level=form.stack_level
    )
    return "clear_charging_profile", ClearChargingProfile(charging_profile_criteria=criteria)


async def _send_list(context: Context, form: forms.LocalListForm) -> Ask:
    if form.update_type == "Full":
        if not form.send_empty_list_when_full:
            return "update_local_list", UpdateLocalList(update_type="Full")
        return "send_local_list", SendLocalList(
            version_number=form.list_version, update_type="Full"
        )
    if not (form.add_update_list or form.delete_list):
        raise BadInput("At least one OCPP Tag must be selected")
    entries = await context.central.database.read(_entries, context, form)
    return "send_local_list", SendLocalList(
        version_number=form.list_version,
        update_type="Differential",
        local_authorization_list=tuple(entries),
    )


def _entries(
    connection: Connection, context: Context, form: forms.LocalListForm
) -> list[AuthorizationData]:
    def added(id_tag: str) -> AuthorizationData:
        record = tokens.get(connection, Token(id_tag).key)
        if record is None:
            raise BadInput(f"OCPP Tag {id_tag} is not known")
        station, now = stations.get(connection, context.station_id), context.central.now()
        status = decide(Standing(record, 0, 0), station, context.station_id, now, starting=False)
        token = Token(record.id_token, record.type)
        return AuthorizationData(id_token=token, id_token_info=describe(record, status))

    gone = [AuthorizationData(id_token=token_of(connection, each)) for each in form.delete_list]
    return [*map(added, form.add_update_list), *gone]


async def _delete_certificate(context: Context, form: forms.DeleteForm) -> Ask:
    answer = await OPERATIONS["list_certificates"].run(
        context.central, context.station_id, GetInstalledCertificateIds(), context.asked
    )
    for chain in answer.certificate_hash_data_chain or ():
        if _certificate_number(chain.certificate_hash_data) == form.installed_certificate_id:
            wanted = DeleteCertificate(certificate_hash_data=chain.certificate_hash_data)
            return "delete_certificate", wanted
    raise BadInput(f"{context.station_id} has no certificate {form.installed_certificate_id}")


async def _eligible(context: Context, id_tag: str) -> Token:
    """The token of an idTag that may charge at the station; raises `BadInput`."""
    token = await context.central.database.read(_eligible_token, context, id_tag)
    if token is None:
        raise BadInput("Requested OCPP Tag is not eligible for this operation")
    return token


def _eligible_token(connection: Connection, context: Context, id_tag: str) -> Token | None:
    station = stations.get(connection, context.station_id)
    if station is not None and station.free_vend:
        return token_of(connection, id_tag)
    standing = tokens.standing(connection, Token(id_tag).key)
    if standing is None:
        return None
    now = context.central.now()
    status = decide(standing, station, context.station_id, now, starting=True)
    return Token(standing.token.id_token, standing.token.type) if status == "Accepted" else None


async def _transaction(context: Context, number: int) -> str:
    """What the station calls a transaction that runs there; raises `BadInput`."""
    found = await context.central.database.read(transactions.get, number)
    if found is None or found.station_id != context.station_id or found.state != "open":
        raise BadInput(f"{context.station_id} has no active transaction {number}")
    return found.name


async def _profile(context: Context, number: int) -> ChargingProfile:
    kept = await context.central.database.read(profile_templates.get, number)
    if kept is None:
        raise BadInput(f"There is no charging profile {number}")
    return kept.profile


# Answers, as plain JSON of the vocabulary


def _status(answer: Json) -> Any:
    return answer.get("status", "Accepted")


def _changed(answer: Json) -> str:
    (result,) = answer["results"]
    status: str = result["attribute_status"]
    return REFUSALS.get(status, status)


def _configured(answer: Json) -> Json:
    found = answer.get("results") or answer.get("report") or ()
    results = [msgspec.convert(each, VariableResult) for each in found]
    return {
        "configurationKeys": [
            {"key": _key(one), "value": one.attribute_value, "readonly": bool(one.readonly)}
            for one in results
            if one.attribute_status == "Accepted"
        ],
        "unknownKeys": [_key(one) for one in results if one.attribute_status != "Accepted"],
    }


def _key(result: VariableResult) -> str:
    """The key of OCPP 1.6, else the name in the device model."""
    try:
        return write_key(result.component, result.variable, result.attribute_type)
    except Untranslatable:
        return f"{result.component.name}.{result.variable.name}"


def _camel(value: Any) -> Any:
    """JSON with its members in camel case."""
    match value:
        case dict():
            return {to_camel(name): _camel(each) for name, each in value.items()}
        case list() | tuple():
            return [_camel(each) for each in value]
        case _:
            return value


def _composite(answer: Json) -> Json:
    schedule = dict(answer.get("schedule") or {})
    if not schedule:
        return {"status": answer["status"]}
    start, connector = schedule.pop("schedule_start"), schedule.pop("evse_id")
    return {
        "status": answer["status"],
        "connectorId": connector,
        "scheduleStart": start,
        "chargingSchedule": _camel({**schedule, "start_schedule": start}),
    }


def _installed(answer: Json) -> Json:
    return {
        "status": answer["status"],
        "certificateHashData": [
            {
                "installedCertificateId": _certificate_number(
                    msgspec.convert(chain["certificate_hash_data"], CertificateHashData)
                ),
                **_camel(chain["certificate_hash_data"]),
            }
            for chain in answer.get("certificate_hash_data_chain") or ()
        ],
    }


def _certificate_number(data: CertificateHashData) -> int:
    return number_of(f"{data.issuer_key_hash}:{data.serial_number}")


def _names(*names: str) -> Show:
    """Show these members of an answer."""

    def show(answer: Json) -> Json:
        return {name: answer[name] for name in names if name in answer}

    return show


def _file(answer: Json) -> Json:
    return {"fileName": answer.get("filename")}


ROOTS: Final[dict[str, Any]] = {
    "CentralSystemRootCertificate": "CSMSRootCertificate",
    "ManufacturerRootCertificate": "ManufacturerRootCertificate",
}
RESETS: Final[dict[str, Any]] = {"Hard": "Immediate", "Soft": "OnIdle"}


def _operations() -> Iterator[tuple[str, SteveOperation]]:
    for name, form, make, show in (*_OF_1_2, *_OF_1_5, *_OF_1_6, *_OF_SECURITY):
        yield name, SteveOperation(form, make, show)


Row = tuple[str, type[forms.Form], Make, Show]

_OF_1_2: Final[tuple[Row, ...]] = (
    (
        "ChangeAvailability",
        forms.ChangeAvailabilityForm,
        _plain(
            "change_availability",
            lambda f: ChangeAvailability(
                operational_status=f.avail_type,
                evse=Evse(f.connector_id) if f.connector_id else None,
            ),
        ),
        _status,
    ),
    (
        "ChangeConfiguration",
        forms.ChangeConfigurationForm,
        _plain("set_variables", _change_configuration),
        _changed,
    ),
    ("ClearCache", forms.Form, _plain("clear_cache", lambda _: ClearCache()), _status),
    ("GetDiagnostics", forms.DiagnosticsForm, _plain("get_log", _log), _file),
    ("RemoteStartTransaction", forms.StartForm, _start, _status),
    ("RemoteStopTransaction", forms.StopForm, _stop, _status),
    (
        "Reset",
        forms.ResetForm,
        _plain("reset", lambda f: Reset(type=RESETS[f.reset_type])),
        _status,
    ),
    (
        "UnlockConnector",
        forms.UnlockForm,
        _plain("unlock_connector", lambda f: UnlockConnector(evse_id=f.connector_id)),
        _status,
    ),
    ("UpdateFirmware", forms.FirmwareForm, _plain("update_firmware", _firmware), _status),
)
_OF_1_5: Final[tuple[Row, ...]] = (
    ("ReserveNow", forms.ReserveForm, _reserve, _status),
    (
        "CancelReservation",
        forms.CancelForm,
        _plain("cancel_reservation", lambda f: CancelReservation(reservation_id=f.reservation_id)),
        _status,
    ),
    (
        "DataTransfer",
        forms.TransferForm,
        _plain(
            "data_transfer",
            lambda f: DataTransfer(vendor_id=f.vendor_id, message_id=f.message_id, data=f.data),
        ),
        _names("status", "data"),
    ),
    ("GetConfiguration", forms.ConfigurationForm, _get_configuration, _configured),
    (
        "GetLocalListVersion",
        forms.Form,
        _plain("get_local_list_version", lambda _: GetLocalListVersion()),
        lambda answer: answer["version_number"],
    ),
    ("SendLocalList", forms.LocalListForm, _send_list, _status),
)
_OF_1_6: Final[tuple[Row, ...]] = (
    ("TriggerMessage", forms.TriggerForm, _plain("trigger_message", _trigger), _status),
    (
        "GetCompositeSchedule",
        forms.CompositeForm,
        _plain(
            "get_composite_schedule",
            lambda f: GetCompositeSchedule(
                duration=f.duration_in_seconds,
                evse_id=f.connector_id,
                charging_rate_unit=f.charging_rate_unit,
            ),
        ),
        _composite,
    ),
    ("ClearChargingProfile", forms.ClearProfileForm, _clear_profile, _status),
    ("SetChargingProfile", forms.SetProfileForm, _set_profile, _status),
)
_OF_SECURITY: Final[tuple[Row, ...]] = (
    (
        "ExtendedTriggerMessage",
        forms.ExtendedTriggerForm,
        _plain("trigger_message", _trigger),
        _status,
    ),
    ("GetLog", forms.LogForm, _plain("get_log", _log), _names("status", "filename")),
    (
        "SignedUpdateFirmware",
        forms.SignedFirmwareForm,
        _plain("update_firmware", _firmware),
        _status,
    ),
    (
        "InstallCertificate",
        forms.InstallForm,
        _plain(
            "install_certificate",
            lambda f: InstallCertificate(
                certificate_type=ROOTS[f.certificate_type], certificate=f.certificate
            ),
        ),
        _status,
    ),
    ("DeleteCertificate", forms.DeleteForm, _delete_certificate, _status),
    (
        "GetInstalledCertificateIds",
        forms.InstalledForm,
        _plain(
            "list_certificates",
            lambda f: GetInstalledCertificateIds(certificate_type=(ROOTS[f.certificate_type],)),
        ),
        _installed,
    ),
)

STEVE_OPERATIONS: Final[Mapping[str, SteveOperation]] = dict(_operations())
