"""The forms of SteVe's operations."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


def aware(moment: datetime) -> datetime:
    """A moment without a time zone is in UTC, as in SteVe."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _future(moment: datetime) -> datetime:
    if aware(moment) <= datetime.now(UTC):
        raise ValueError("must be in the future")
    return aware(moment)


def _past(moment: datetime) -> datetime:
    if aware(moment) >= datetime.now(UTC):
        raise ValueError("must be in the past")
    return aware(moment)


Moment = Annotated[datetime, AfterValidator(aware)]
Future = Annotated[datetime, AfterValidator(_future)]
Past = Annotated[datetime, AfterValidator(_past)]
IdTag = Annotated[str, Field(pattern=r"^[a-zA-Z0-9.:_#-]+$", max_length=40)]
Location = Annotated[str, Field(pattern=r"^\S+$")]
Pem = Annotated[str, Field(min_length=1, max_length=5500)]
MAX_INTEGER: Final = 2**31 - 1  # SteVe's numbers, and those of OCPP, have 32 bits
MAX_NUMBER: Final = 2**53  # ours are exact in JSON
AtLeastZero = Annotated[int, Field(ge=0, le=MAX_INTEGER)]
AtLeastOne = Annotated[int, Field(ge=1, le=MAX_INTEGER)]
Number = Annotated[int, Field(ge=0, le=MAX_NUMBER)]


class SteveModel(BaseModel):
    """Base of what SteVe's clients send: members in camel case, the unknown ones ignored."""

    model_config = ConfigDict(alias_generator=to_camel, frozen=True)


class Form(SteveModel):
    """What every operation is given."""

    charge_box_id_list: Annotated[tuple[str, ...], Field(min_length=1)]


class ChangeAvailabilityForm(Form):
    """The station without a connector."""

    connector_id: AtLeastZero | None = None
    avail_type: Literal["Operative", "Inoperative"]


class ChangeConfigurationForm(Form):
    """One key; a known or an own one."""

    key_type: Literal["PREDEFINED", "CUSTOM"] = "PREDEFINED"
    conf_key: str | None = None
    custom_conf_key: str | None = None
    value: str = ""


class DiagnosticsForm(Form):
    """Where to upload to, and which span."""

    location: Location
    retries: AtLeastOne | None = None
    retry_interval: AtLeastOne | None = None
    start: Past | None = None
    stop: Past | None = None


class LogForm(DiagnosticsForm):
    """Which log."""

    log_type: Literal["DiagnosticsLog", "SecurityLog"]


class StartForm(Form):
    """Connector 0 or none: any."""

    connector_id: AtLeastZero | None = None
    id_tag: IdTag
    charging_profile_pk: Number | None = None


class StopForm(Form):
    """By our number."""

    transaction_id: Number


class ResetForm(Form):
    """How."""

    reset_type: Literal["Hard", "Soft"]


class UnlockForm(Form):
    """Where."""

    connector_id: AtLeastOne


class FirmwareForm(Form):
    """What and when to fetch."""

    location: Location
    retries: AtLeastOne | None = None
    retry_interval: AtLeastOne | None = None
    retrieve_date_time: Future


class SignedFirmwareForm(FirmwareForm):
    """Who signed it."""

    install_date_time: Future | None = None
    signature: Annotated[str, Field(min_length=1, max_length=800)]
    signing_certificate: Pem


class ReserveForm(Form):
    """Connector 0: any."""

    connector_id: AtLeastZero
    expiry: Future
    id_tag: IdTag


class CancelForm(Form):
    """By our number."""

    reservation_id: Number


class TransferForm(Form):
    """A vendor's message."""

    vendor_id: Annotated[str, Field(min_length=1)]
    message_id: str | None = None
    data: str | None = None


class ConfigurationForm(Form):
    """Without keys: all."""

    conf_key_list: tuple[str, ...] = ()
    comma_separated_custom_conf_keys: str = ""


class LocalListForm(Form):
    """A full list holds all tags, or none; differences are named."""

    list_version: AtLeastZero
    update_type: Literal["Full", "Differential"]
    add_update_list: tuple[str, ...] = ()
    delete_list: tuple[str, ...] = ()
    send_empty_list_when_full: bool = False


class TriggerForm(Form):
    """Which message, of which connector."""

    trigger_message: Literal[
        "BootNotification",
        "DiagnosticsStatusNotification",
        "FirmwareStatusNotification",
        "Heartbeat",
        "MeterValues",
        "StatusNotification",
    ]
    connector_id: AtLeastOne | None = None


class ExtendedTriggerForm(Form):
    """Which message, of which connector."""

    trigger_message: Literal[
        "BootNotification",
        "LogStatusNotification",
        "FirmwareStatusNotification",
        "Heartbeat",
        "MeterValues",
        "SignChargePointCertificate",
        "StatusNotification",
    ]
    connector_id: AtLeastOne | None = None


class CompositeForm(Form):
    """Connector 0: the station."""

    connector_id: AtLeastZero
    duration_in_seconds: AtLeastOne
    charging_rate_unit: Literal["A", "W"] | None = None


class ClearProfileForm(Form):
    """By number, or by what it is."""

    filter_type: Literal["ChargingProfileId", "OtherParameters"] = "ChargingProfileId"
    charging_profile_pk: Number | None = None
    connector_id: AtLeastZero | None = None
    charging_profile_purpose: str | None = None
    stack_level: AtLeastZero | None = None


class SetProfileForm(Form):
    """A kept profile, for a connector or a transaction on it."""

    charging_profile_pk: Number
    connector_id: AtLeastZero
    transaction_id: Number | None = None


class InstallForm(Form):
    """A root certificate."""

    certificate_type: Literal["CentralSystemRootCertificate", "ManufacturerRootCertificate"]
    certificate: Pem


class DeleteForm(Form):
    """By the number that the list of installed certificates shows."""

    installed_certificate_id: Number


class InstalledForm(Form):
    """Which kind."""

    certificate_type: Literal["CentralSystemRootCertificate", "ManufacturerRootCertificate"]
