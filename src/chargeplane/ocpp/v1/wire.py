# GENERATED FROM the OCPP 1.6 JSON schemas by tools/generate_wire.py. DO NOT EDIT.
"""Wire types of OCPP 1.6 with the security extension: 39 actions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, field

from chargeplane.domain.messages import Request
from chargeplane.ocpp.action import Wire, utc

CustomData = dict[str, Any]

AuthorizationStatus = Literal["Accepted", "Blocked", "Expired", "Invalid", "ConcurrentTx"]
AvailabilityType = Literal["Inoperative", "Operative"]
CancelReservationStatus = Literal["Accepted", "Rejected"]
CertificateSignedStatusEnum = Literal["Accepted", "Rejected"]
CertificateUseEnum = Literal["CentralSystemRootCertificate", "ManufacturerRootCertificate"]
ChangeAvailabilityStatus = Literal["Accepted", "Rejected", "Scheduled"]
ChangeConfigurationStatus = Literal["Accepted", "Rejected", "RebootRequired", "NotSupported"]
ChargePointErrorCode = Literal["ConnectorLockFailure", "EVCommunicationError", "GroundFailure",
    "HighTemperature", "InternalError", "LocalListConflict", "NoError", "OtherError",
    "OverCurrentFailure", "PowerMeterFailure", "PowerSwitchFailure", "ReaderFailure",
    "ResetFailure", "UnderVoltage", "OverVoltage", "WeakSignal"]
ChargePointStatus = Literal["Available", "Preparing", "Charging", "SuspendedEVSE", "SuspendedEV",
    "Finishing", "Reserved", "Unavailable", "Faulted"]
ChargingProfileKindType = Literal["Absolute", "Recurring", "Relative"]
ChargingProfilePurposeType = Literal["ChargePointMaxProfile", "TxDefaultProfile", "TxProfile"]
ChargingRateUnitType = Literal["A", "W"]
ClearCacheStatus = Literal["Accepted", "Rejected"]
ClearChargingProfileStatus = Literal["Accepted", "Unknown"]
DataTransferStatus = Literal["Accepted", "Rejected", "UnknownMessageId", "UnknownVendorId"]
DeleteCertificateStatusEnum = Literal["Accepted", "Failed", "NotFound"]
DiagnosticsStatus = Literal["Idle", "Uploaded", "UploadFailed", "Uploading"]
FirmwareStatus = Literal["Downloaded", "DownloadFailed", "Downloading", "Idle",
    "InstallationFailed", "Installing", "Installed"]
FirmwareStatusEnum = Literal["Downloaded", "DownloadFailed", "Downloading", "DownloadScheduled",
    "DownloadPaused", "Idle", "InstallationFailed", "Installing", "Installed", "InstallRebooting",
    "InstallScheduled", "InstallVerificationFailed", "InvalidSignature", "SignatureVerified"]
GenericStatusEnum = Literal["Accepted", "Rejected"]
GetCompositeScheduleStatus = Literal["Accepted", "Rejected"]
GetInstalledCertificateStatusEnum = Literal["Accepted", "NotFound"]
HashAlgorithmEnum = Literal["SHA256", "SHA384", "SHA512"]
InstallCertificateStatusEnum = Literal["Accepted", "Failed", "Rejected"]
Location = Literal["Cable", "EV", "Inlet", "Outlet", "Body"]
LogEnum = Literal["DiagnosticsLog", "SecurityLog"]
LogStatusEnum = Literal["Accepted", "Rejected", "AcceptedCanceled"]
Measurand = Literal["Energy.Active.Export.Register", "Energy.Active.Import.Register",
    "Energy.Reactive.Export.Register", "Energy.Reactive.Import.Register",
    "Energy.Active.Export.Interval", "Energy.Active.Import.Interval",
    "Energy.Reactive.Export.Interval", "Energy.Reactive.Import.Interval", "Power.Active.Export",
    "Power.Active.Import", "Power.Offered", "Power.Reactive.Export", "Power.Reactive.Import",
    "Power.Factor", "Current.Import", "Current.Export", "Current.Offered", "Voltage", "Frequency",
    "Temperature", "SoC", "RPM"]
MessageTrigger = Literal["BootNotification", "DiagnosticsStatusNotification",
    "FirmwareStatusNotification", "Heartbeat", "MeterValues", "StatusNotification"]
MessageTriggerEnum = Literal["BootNotification", "LogStatusNotification",
    "FirmwareStatusNotification", "Heartbeat", "MeterValues", "SignChargePointCertificate",
    "StatusNotification"]
Phase = Literal["L1", "L2", "L3", "N", "L1-N", "L2-N", "L3-N", "L1-L2", "L2-L3", "L3-L1"]
ReadingContext = Literal["Interruption.Begin", "Interruption.End", "Sample.Clock",
    "Sample.Periodic", "Transaction.Begin", "Transaction.End", "Trigger", "Other"]
Reason = Literal["EmergencyStop", "EVDisconnected", "HardReset", "Local", "Other", "PowerLoss",
    "Reboot", "Remote", "SoftReset", "UnlockCommand", "DeAuthorized"]
RecurrencyKindType = Literal["Daily", "Weekly"]
RegistrationStatus = Literal["Accepted", "Pending", "Rejected"]
RemoteStartTransactionStatus = Literal["Accepted", "Rejected"]
RemoteStopTransactionStatus = Literal["Accepted", "Rejected"]
ReserveNowStatus = Literal["Accepted", "Faulted", "Occupied", "Rejected", "Unavailable"]
ResetStatus = Literal["Accepted", "Rejected"]
ResetType = Literal["Hard", "Soft"]
SendLocalListStatus = Literal["Accepted", "Failed", "NotSupported", "VersionMismatch"]
SetChargingProfileStatus = Literal["Accepted", "Rejected", "NotSupported"]
TriggerMessageStatus = Literal["Accepted", "Rejected", "NotImplemented"]
TriggerMessageStatusEnum = Literal["Accepted", "Rejected", "NotImplemented"]
UnitOfMeasure = Literal["Wh", "kWh", "varh", "kvarh", "W", "kW", "VA", "kVA", "var", "kvar", "A",
    "V", "K", "Celcius", "Celsius", "Fahrenheit", "Percent", "Hertz"]
UnlockConnectorStatus = Literal["Unlocked", "UnlockFailed", "NotSupported"]
UpdateFirmwareStatusEnum = Literal["Accepted", "Rejected", "AcceptedCanceled", "InvalidCertificate",
    "RevokedCertificate"]
UpdateType = Literal["Differential", "Full"]
UploadLogStatusEnum = Literal["BadMessage", "Idle", "NotSupportedOperation", "PermissionDenied",
    "Uploaded", "UploadFailure", "Uploading"]
ValueFormat = Literal["Raw", "SignedData"]

class IdTagInfo(Wire, kw_only=True):
    """OCPP type of Authorize, SendLocalList, StartTransaction and 1 more."""

    expiry_date: datetime | None = field(default=None, name="expiryDate")
    parent_id_tag: Annotated[str, Meta(max_length=20)] | None = field(default=None,
        name="parentIdTag")
    status: AuthorizationStatus

    def __post_init__(self) -> None:
        if self.expiry_date is not None and self.expiry_date.tzinfo is not UTC:
            self.expiry_date = utc(self.expiry_date)


class AuthorizationData(Wire, kw_only=True):
    """OCPP type of SendLocalList."""

    id_tag: Annotated[str, Meta(max_length=20)] = field(name="idTag")
    id_tag_info: IdTagInfo | None = field(default=None, name="idTagInfo")


class CertificateHashData(Wire, kw_only=True):
    """OCPP type of DeleteCertificate, GetInstalledCertificateIds."""

    hash_algorithm: HashAlgorithmEnum = field(name="hashAlgorithm")
    issuer_name_hash: Annotated[str, Meta(max_length=128)] = field(name="issuerNameHash")
    issuer_key_hash: Annotated[str, Meta(max_length=128)] = field(name="issuerKeyHash")
    serial_number: Annotated[str, Meta(max_length=40)] = field(name="serialNumber")


class ChargingSchedulePeriod(Wire, kw_only=True):
    """OCPP type of GetCompositeSchedule, RemoteStartTransaction, SetChargingProfile."""

    start_period: int = field(name="startPeriod")
    limit: float
    number_phases: int | None = field(default=None, name="numberPhases")


class ChargingSchedule(Wire, kw_only=True):
    """OCPP type of GetCompositeSchedule, RemoteStartTransaction, SetChargingProfile."""

    duration: int | None = None
    start_schedule: datetime | None = field(default=None, name="startSchedule")
    charging_rate_unit: ChargingRateUnitType = field(name="chargingRateUnit")
    charging_schedule_period: list[ChargingSchedulePeriod] = field(name="chargingSchedulePeriod")
    min_charging_rate: float | None = field(default=None, name="minChargingRate")

    def __post_init__(self) -> None:
        if self.start_schedule is not None and self.start_schedule.tzinfo is not UTC:
            self.start_schedule = utc(self.start_schedule)


class ChargingProfile(Wire, kw_only=True):
    """OCPP type of RemoteStartTransaction, SetChargingProfile."""

    charging_profile_id: int = field(name="chargingProfileId")
    transaction_id: int | None = field(default=None, name="transactionId")
    stack_level: int = field(name="stackLevel")
    charging_profile_purpose: ChargingProfilePurposeType = field(name="chargingProfilePurpose")
    charging_profile_kind: ChargingProfileKindType = field(name="chargingProfileKind")
    recurrency_kind: RecurrencyKindType | None = field(default=None, name="recurrencyKind")
    valid_from: datetime | None = field(default=None, name="validFrom")
    valid_to: datetime | None = field(default=None, name="validTo")
    charging_schedule: ChargingSchedule = field(name="chargingSchedule")

    def __post_init__(self) -> None:
        if self.valid_from is not None and self.valid_from.tzinfo is not UTC:
            self.valid_from = utc(self.valid_from)
        if self.valid_to is not None and self.valid_to.tzinfo is not UTC:
            self.valid_to = utc(self.valid_to)


class Firmware(Wire, kw_only=True):
    """OCPP type of SignedUpdateFirmware."""

    location: Annotated[str, Meta(max_length=512)]
    retrieve_date_time: datetime = field(name="retrieveDateTime")
    install_date_time: datetime | None = field(default=None, name="installDateTime")
    signing_certificate: Annotated[str, Meta(max_length=5500)] = field(name="signingCertificate")
    signature: Annotated[str, Meta(max_length=800)]

    def __post_init__(self) -> None:
        if self.retrieve_date_time.tzinfo is not UTC:
            self.retrieve_date_time = utc(self.retrieve_date_time)
        if self.install_date_time is not None and self.install_date_time.tzinfo is not UTC:
            self.install_date_time = utc(self.install_date_time)


class KeyValue(Wire, kw_only=True):
    """OCPP type of GetConfiguration."""

    key: Annotated[str, Meta(max_length=50)]
    readonly: bool
    value: Annotated[str, Meta(max_length=500)] | None = None


class LogParameters(Wire, kw_only=True):
    """OCPP type of GetLog."""

    remote_location: Annotated[str, Meta(max_length=512)] = field(name="remoteLocation")
    oldest_timestamp: datetime | None = field(default=None, name="oldestTimestamp")
    latest_timestamp: datetime | None = field(default=None, name="latestTimestamp")

    def __post_init__(self) -> None:
        if self.oldest_timestamp is not None and self.oldest_timestamp.tzinfo is not UTC:
            self.oldest_timestamp = utc(self.oldest_timestamp)
        if self.latest_timestamp is not None and self.latest_timestamp.tzinfo is not UTC:
            self.latest_timestamp = utc(self.latest_timestamp)


class SampledValue(Wire, kw_only=True):
    """OCPP type of MeterValues, StopTransaction."""

    value: str
    context: ReadingContext | None = None
    format: ValueFormat | None = None
    measurand: Measurand | None = None
    phase: Phase | None = None
    location: Location | None = None
    unit: UnitOfMeasure | None = None


class MeterValue(Wire, kw_only=True):
    """OCPP type of MeterValues, StopTransaction."""

    timestamp: datetime
    sampled_value: Annotated[list[SampledValue], Meta(min_length=1)] = field(name="sampledValue")

    def __post_init__(self) -> None:
        if self.timestamp.tzinfo is not UTC:
            self.timestamp = utc(self.timestamp)


class AuthorizeResponse(Wire, kw_only=True):
    """Authorize answer (OCPP 1.6)."""

    id_tag_info: IdTagInfo = field(name="idTagInfo")


class Authorize(Wire, Request[AuthorizeResponse], kw_only=True):
    """Authorize request (OCPP 1.6)."""

    id_tag: Annotated[str, Meta(max_length=20)] = field(name="idTag")


class BootNotificationResponse(Wire, kw_only=True):
    """BootNotification answer (OCPP 1.6)."""

    status: RegistrationStatus
    current_time: datetime = field(name="currentTime")
    interval: int

    def __post_init__(self) -> None:
        if self.current_time.tzinfo is not UTC:
            self.current_time = utc(self.current_time)


class BootNotification(Wire, Request[BootNotificationResponse], kw_only=True):
    """BootNotification request (OCPP 1.6)."""

    charge_point_vendor: Annotated[str, Meta(max_length=20)] = field(name="chargePointVendor")
    charge_point_model: Annotated[str, Meta(max_length=20)] = field(name="chargePointModel")
    charge_point_serial_number: Annotated[str, Meta(max_length=25)] | None = field(default=None,
        name="chargePointSerialNumber")
    charge_box_serial_number: Annotated[str, Meta(max_length=25)] | None = field(default=None,
        name="chargeBoxSerialNumber")
    firmware_version: Annotated[str, Meta(max_length=50)] | None = field(default=None,
        name="firmwareVersion")
    iccid: Annotated[str, Meta(max_length=20)] | None = None
    imsi: Annotated[str, Meta(max_length=20)] | None = None
    meter_type: Annotated[str, Meta(max_length=25)] | None = field(default=None, name="meterType")
    meter_serial_number: Annotated[str, Meta(max_length=25)] | None = field(default=None,
        name="meterSerialNumber")


class CancelReservationResponse(Wire, kw_only=True):
    """CancelReservation answer (OCPP 1.6)."""

    status: CancelReservationStatus


class CancelReservation(Wire, Request[CancelReservationResponse], kw_only=True):
    """CancelReservation request (OCPP 1.6)."""

    reservation_id: int = field(name="reservationId")


class CertificateSignedResponse(Wire, kw_only=True):
    """CertificateSigned answer (OCPP 1.6)."""

    status: CertificateSignedStatusEnum


class CertificateSigned(Wire, Request[CertificateSignedResponse], kw_only=True):
    """CertificateSigned request (OCPP 1.6)."""

    certificate_chain: Annotated[str, Meta(max_length=10000)] = field(name="certificateChain")


class ChangeAvailabilityResponse(Wire, kw_only=True):
    """ChangeAvailability answer (OCPP 1.6)."""

    status: ChangeAvailabilityStatus


class ChangeAvailability(Wire, Request[ChangeAvailabilityResponse], kw_only=True):
    """ChangeAvailability request (OCPP 1.6)."""

    connector_id: int = field(name="connectorId")
    type: AvailabilityType


class ChangeConfigurationResponse(Wire, kw_only=True):
    """ChangeConfiguration answer (OCPP 1.6)."""

    status: ChangeConfigurationStatus


class ChangeConfiguration(Wire, Request[ChangeConfigurationResponse], kw_only=True):
    """ChangeConfiguration request (OCPP 1.6)."""

    key: Annotated[str, Meta(max_length=50)]
    value: Annotated[str, Meta(max_length=500)]


class ClearCacheResponse(Wire, kw_only=True):
    """ClearCache answer (OCPP 1.6)."""

    status: ClearCacheStatus


class ClearCache(Wire, Request[ClearCacheResponse], kw_only=True):
    """ClearCache request (OCPP 1.6)."""


class ClearChargingProfileResponse(Wire, kw_only=True):
    """ClearChargingProfile answer (OCPP 1.6)."""

    status: ClearChargingProfileStatus


class ClearChargingProfile(Wire, Request[ClearChargingProfileResponse], kw_only=True):
    """ClearChargingProfile request (OCPP 1.6)."""

    id: int | None = None
    connector_id: int | None = field(default=None, name="connectorId")
    charging_profile_purpose: ChargingProfilePurposeType | None = field(default=None,
        name="chargingProfilePurpose")
    stack_level: int | None = field(default=None, name="stackLevel")


class DataTransferResponse(Wire, kw_only=True):
    """DataTransfer answer (OCPP 1.6)."""

    status: DataTransferStatus
    data: str | None = None


class DataTransfer(Wire, Request[DataTransferResponse], kw_only=True):
    """DataTransfer request (OCPP 1.6)."""

    vendor_id: Annotated[str, Meta(max_length=255)] = field(name="vendorId")
    message_id: Annotated[str, Meta(max_length=50)] | None = field(default=None, name="messageId")
    data: str | None = None


class DeleteCertificateResponse(Wire, kw_only=True):
    """DeleteCertificate answer (OCPP 1.6)."""

    status: DeleteCertificateStatusEnum


class DeleteCertificate(Wire, Request[DeleteCertificateResponse], kw_only=True):
    """DeleteCertificate request (OCPP 1.6)."""

    certificate_hash_data: CertificateHashData = field(name="certificateHashData")


class DiagnosticsStatusNotificationResponse(Wire, kw_only=True):
    """DiagnosticsStatusNotification answer (OCPP 1.6)."""


class DiagnosticsStatusNotification(Wire, Request[DiagnosticsStatusNotificationResponse], kw_only=True):
    """DiagnosticsStatusNotification request (OCPP 1.6)."""

    status: DiagnosticsStatus


class ExtendedTriggerMessageResponse(Wire, kw_only=True):
    """ExtendedTriggerMessage answer (OCPP 1.6)."""

    status: TriggerMessageStatusEnum


class ExtendedTriggerMessage(Wire, Request[ExtendedTriggerMessageResponse], kw_only=True):
    """ExtendedTriggerMessage request (OCPP 1.6)."""

    requested_message: MessageTriggerEnum = field(name="requestedMessage")
    connector_id: int | None = field(default=None, name="connectorId")


class FirmwareStatusNotificationResponse(Wire, kw_only=True):
    """FirmwareStatusNotification answer (OCPP 1.6)."""


class FirmwareStatusNotification(Wire, Request[FirmwareStatusNotificationResponse], kw_only=True):
    """FirmwareStatusNotification request (OCPP 1.6)."""

    status: FirmwareStatus


class GetCompositeScheduleResponse(Wire, kw_only=True):
    """GetCompositeSchedule answer (OCPP 1.6)."""

    status: GetCompositeScheduleStatus
    connector_id: int | None = field(default=None, name="connectorId")
    schedule_start: datetime | None = field(default=None, name="scheduleStart")
    charging_schedule: ChargingSchedule | None = field(default=None, name="chargingSchedule")

    def __post_init__(self) -> None:
        if self.schedule_start is not None and self.schedule_start.tzinfo is not UTC:
            self.schedule_start = utc(self.schedule_start)


class GetCompositeSchedule(Wire, Request[GetCompositeScheduleResponse], kw_only=True):
    """GetCompositeSchedule request (OCPP 1.6)."""

    connector_id: int = field(name="connectorId")
    duration: int
    charging_rate_unit: ChargingRateUnitType | None = field(default=None, name="chargingRateUnit")


class GetConfigurationResponse(Wire, kw_only=True):
    """GetConfiguration answer (OCPP 1.6)."""

    configuration_key: list[KeyValue] | None = field(default=None, name="configurationKey")
    unknown_key: list[Annotated[str, Meta(max_length=50)]] | None = field(default=None,
        name="unknownKey")


class GetConfiguration(Wire, Request[GetConfigurationResponse], kw_only=True):
    """GetConfiguration request (OCPP 1.6)."""

    key: list[Annotated[str, Meta(max_length=50)]] | None = None


class GetDiagnosticsResponse(Wire, kw_only=True):
    """GetDiagnostics answer (OCPP 1.6)."""

    file_name: Annotated[str, Meta(max_length=255)] | None = field(default=None, name="fileName")


class GetDiagnostics(Wire, Request[GetDiagnosticsResponse], kw_only=True):
    """GetDiagnostics request (OCPP 1.6)."""

    location: str
    retries: int | None = None
    retry_interval: int | None = field(default=None, name="retryInterval")
    start_time: datetime | None = field(default=None, name="startTime")
    stop_time: datetime | None = field(default=None, name="stopTime")

    def __post_init__(self) -> None:
        if self.start_time is not None and self.start_time.tzinfo is not UTC:
            self.start_time = utc(self.start_time)
        if self.stop_time is not None and self.stop_time.tzinfo is not UTC:
            self.stop_time = utc(self.stop_time)


class GetInstalledCertificateIdsResponse(Wire, kw_only=True):
    """GetInstalledCertificateIds answer (OCPP 1.6)."""

    certificate_hash_data: Annotated[list[CertificateHashData],
        Meta(min_length=1)] | None = field(default=None, name="certificateHashData")
    status: GetInstalledCertificateStatusEnum


class GetInstalledCertificateIds(Wire, Request[GetInstalledCertificateIdsResponse], kw_only=True):
    """GetInstalledCertificateIds request (OCPP 1.6)."""

    certificate_type: CertificateUseEnum = field(name="certificateType")


class GetLocalListVersionResponse(Wire, kw_only=True):
    """GetLocalListVersion answer (OCPP 1.6)."""

    list_version: int = field(name="listVersion")


class GetLocalListVersion(Wire, Request[GetLocalListVersionResponse], kw_only=True):
    """GetLocalListVersion request (OCPP 1.6)."""


class GetLogResponse(Wire, kw_only=True):
    """GetLog answer (OCPP 1.6)."""

    status: LogStatusEnum
    filename: Annotated[str, Meta(max_length=255)] | None = None


class GetLog(Wire, Request[GetLogResponse], kw_only=True):
    """GetLog request (OCPP 1.6)."""

    log: LogParameters
    log_type: LogEnum = field(name="logType")
    request_id: int = field(name="requestId")
    retries: int | None = None
    retry_interval: int | None = field(default=None, name="retryInterval")


class HeartbeatResponse(Wire, kw_only=True):
    """Heartbeat answer (OCPP 1.6)."""

    current_time: datetime = field(name="currentTime")

    def __post_init__(self) -> None:
        if self.current_time.tzinfo is not UTC:
            self.current_time = utc(self.current_time)


class Heartbeat(Wire, Request[HeartbeatResponse], kw_only=True):
    """Heartbeat request (OCPP 1.6)."""


class InstallCertificateResponse(Wire, kw_only=True):
    """InstallCertificate answer (OCPP 1.6)."""

    status: InstallCertificateStatusEnum


class InstallCertificate(Wire, Request[InstallCertificateResponse], kw_only=True):
    """InstallCertificate request (OCPP 1.6)."""

    certificate_type: CertificateUseEnum = field(name="certificateType")
    certificate: Annotated[str, Meta(max_length=5500)]


class LogStatusNotificationResponse(Wire, kw_only=True):
    """LogStatusNotification answer (OCPP 1.6)."""


class LogStatusNotification(Wire, Request[LogStatusNotificationResponse], kw_only=True):
    """LogStatusNotification request (OCPP 1.6)."""

    status: UploadLogStatusEnum
    request_id: int | None = field(default=None, name="requestId")


class MeterValuesResponse(Wire, kw_only=True):
    """MeterValues answer (OCPP 1.6)."""


class MeterValues(Wire, Request[MeterValuesResponse], kw_only=True):
    """MeterValues request (OCPP 1.6)."""

    connector_id: int = field(name="connectorId")
    transaction_id: int | None = field(default=None, name="transactionId")
    meter_value: Annotated[list[MeterValue], Meta(min_length=1)] = field(name="meterValue")


class RemoteStartTransactionResponse(Wire, kw_only=True):
    """RemoteStartTransaction answer (OCPP 1.6)."""

    status: RemoteStartTransactionStatus


class RemoteStartTransaction(Wire, Request[RemoteStartTransactionResponse], kw_only=True):
    """RemoteStartTransaction request (OCPP 1.6)."""

    connector_id: int | None = field(default=None, name="connectorId")
    id_tag: Annotated[str, Meta(max_length=20)] = field(name="idTag")
    charging_profile: ChargingProfile | None = field(default=None, name="chargingProfile")


class RemoteStopTransactionResponse(Wire, kw_only=True):
    """RemoteStopTransaction answer (OCPP 1.6)."""

    status: RemoteStopTransactionStatus


class RemoteStopTransaction(Wire, Request[RemoteStopTransactionResponse], kw_only=True):
    """RemoteStopTransaction request (OCPP 1.6)."""

    transaction_id: int = field(name="transactionId")


class ReserveNowResponse(Wire, kw_only=True):
    """ReserveNow answer (OCPP 1.6)."""

    status: ReserveNowStatus


class ReserveNow(Wire, Request[ReserveNowResponse], kw_only=True):
    """ReserveNow request (OCPP 1.6)."""

    connector_id: int = field(name="connectorId")
    expiry_date: datetime = field(name="expiryDate")
    id_tag: Annotated[str, Meta(max_length=20)] = field(name="idTag")
    parent_id_tag: Annotated[str, Meta(max_length=20)] | None = field(default=None,
        name="parentIdTag")
    reservation_id: int = field(name="reservationId")

    def __post_init__(self) -> None:
        if self.expiry_date.tzinfo is not UTC:
            self.expiry_date = utc(self.expiry_date)


class ResetResponse(Wire, kw_only=True):
    """Reset answer (OCPP 1.6)."""

    status: ResetStatus


class Reset(Wire, Request[ResetResponse], kw_only=True):
    """Reset request (OCPP 1.6)."""

    type: ResetType


class SecurityEventNotificationResponse(Wire, kw_only=True):
    """SecurityEventNotification answer (OCPP 1.6)."""


class SecurityEventNotification(Wire, Request[SecurityEventNotificationResponse], kw_only=True):
    """SecurityEventNotification request (OCPP 1.6)."""

    type: Annotated[str, Meta(max_length=50)]
    timestamp: datetime
    tech_info: Annotated[str, Meta(max_length=255)] | None = field(default=None, name="techInfo")

    def __post_init__(self) -> None:
        if self.timestamp.tzinfo is not UTC:
            self.timestamp = utc(self.timestamp)


class SendLocalListResponse(Wire, kw_only=True):
    """SendLocalList answer (OCPP 1.6)."""

    status: SendLocalListStatus


class SendLocalList(Wire, Request[SendLocalListResponse], kw_only=True):
    """SendLocalList request (OCPP 1.6)."""

    list_version: int = field(name="listVersion")
    local_authorization_list: list[AuthorizationData] | None = field(default=None,
        name="localAuthorizationList")
    update_type: UpdateType = field(name="updateType")


class SetChargingProfileResponse(Wire, kw_only=True):
    """SetChargingProfile answer (OCPP 1.6)."""

    status: SetChargingProfileStatus


class SetChargingProfile(Wire, Request[SetChargingProfileResponse], kw_only=True):
    """SetChargingProfile request (OCPP 1.6)."""

    connector_id: int = field(name="connectorId")
    cs_charging_profiles: ChargingProfile = field(name="csChargingProfiles")


class SignCertificateResponse(Wire, kw_only=True):
    """SignCertificate answer (OCPP 1.6)."""

    status: GenericStatusEnum


class SignCertificate(Wire, Request[SignCertificateResponse], kw_only=True):
    """SignCertificate request (OCPP 1.6)."""

    csr: Annotated[str, Meta(max_length=5500)]


class SignedFirmwareStatusNotificationResponse(Wire, kw_only=True):
    """SignedFirmwareStatusNotification answer (OCPP 1.6)."""


class SignedFirmwareStatusNotification(Wire, Request[SignedFirmwareStatusNotificationResponse], kw_only=True):
    """SignedFirmwareStatusNotification request (OCPP 1.6)."""

    status: FirmwareStatusEnum
    request_id: int | None = field(default=None, name="requestId")


class SignedUpdateFirmwareResponse(Wire, kw_only=True):
    """SignedUpdateFirmware answer (OCPP 1.6)."""

    status: UpdateFirmwareStatusEnum


class SignedUpdateFirmware(Wire, Request[SignedUpdateFirmwareResponse], kw_only=True):
    """SignedUpdateFirmware request (OCPP 1.6)."""

    retries: int | None = None
    retry_interval: int | None = field(default=None, name="retryInterval")
    request_id: int = field(name="requestId")
    firmware: Firmware


class StartTransactionResponse(Wire, kw_only=True):
    """StartTransaction answer (OCPP 1.6)."""

    id_tag_info: IdTagInfo = field(name="idTagInfo")
    transaction_id: int = field(name="transactionId")


class StartTransaction(Wire, Request[StartTransactionResponse], kw_only=True):
    """StartTransaction request (OCPP 1.6)."""

    connector_id: int = field(name="connectorId")
    id_tag: Annotated[str, Meta(max_length=20)] = field(name="idTag")
    meter_start: int = field(name="meterStart")
    reservation_id: int | None = field(default=None, name="reservationId")
    timestamp: datetime

    def __post_init__(self) -> None:
        if self.timestamp.tzinfo is not UTC:
            self.timestamp = utc(self.timestamp)


class StatusNotificationResponse(Wire, kw_only=True):
    """StatusNotification answer (OCPP 1.6)."""


class StatusNotification(Wire, Request[StatusNotificationResponse], kw_only=True):
    """StatusNotification request (OCPP 1.6)."""

    connector_id: int = field(name="connectorId")
    error_code: ChargePointErrorCode = field(name="errorCode")
    info: Annotated[str, Meta(max_length=50)] | None = None
    status: ChargePointStatus
    timestamp: datetime | None = None
    vendor_id: Annotated[str, Meta(max_length=255)] | None = field(default=None, name="vendorId")
    vendor_error_code: Annotated[str, Meta(max_length=50)] | None = field(default=None,
        name="vendorErrorCode")

    def __post_init__(self) -> None:
        if self.timestamp is not None and self.timestamp.tzinfo is not UTC:
            self.timestamp = utc(self.timestamp)


class StopTransactionResponse(Wire, kw_only=True):
    """StopTransaction answer (OCPP 1.6)."""

    id_tag_info: IdTagInfo | None = field(default=None, name="idTagInfo")


class StopTransaction(Wire, Request[StopTransactionResponse], kw_only=True):
    """StopTransaction request (OCPP 1.6)."""

    id_tag: Annotated[str, Meta(max_length=20)] | None = field(default=None, name="idTag")
    meter_stop: int = field(name="meterStop")
    timestamp: datetime
    transaction_id: int = field(name="transactionId")
    reason: Reason | None = None
    transaction_data: list[MeterValue] | None = field(default=None, name="transactionData")

    def __post_init__(self) -> None:
        if self.timestamp.tzinfo is not UTC:
            self.timestamp = utc(self.timestamp)


class TriggerMessageResponse(Wire, kw_only=True):
    """TriggerMessage answer (OCPP 1.6)."""

    status: TriggerMessageStatus


class TriggerMessage(Wire, Request[TriggerMessageResponse], kw_only=True):
    """TriggerMessage request (OCPP 1.6)."""

    requested_message: MessageTrigger = field(name="requestedMessage")
    connector_id: int | None = field(default=None, name="connectorId")


class UnlockConnectorResponse(Wire, kw_only=True):
    """UnlockConnector answer (OCPP 1.6)."""

    status: UnlockConnectorStatus


class UnlockConnector(Wire, Request[UnlockConnectorResponse], kw_only=True):
    """UnlockConnector request (OCPP 1.6)."""

    connector_id: int = field(name="connectorId")


class UpdateFirmwareResponse(Wire, kw_only=True):
    """UpdateFirmware answer (OCPP 1.6)."""


class UpdateFirmware(Wire, Request[UpdateFirmwareResponse], kw_only=True):
    """UpdateFirmware request (OCPP 1.6)."""

    location: str
    retries: int | None = None
    retrieve_date: datetime = field(name="retrieveDate")
    retry_interval: int | None = field(default=None, name="retryInterval")

    def __post_init__(self) -> None:
        if self.retrieve_date.tzinfo is not UTC:
            self.retrieve_date = utc(self.retrieve_date)


MESSAGES: dict[str, tuple[type[Wire], type[Wire] | None, str]] = {
    "Authorize": (Authorize, AuthorizeResponse, ""),
    "BootNotification": (BootNotification, BootNotificationResponse, ""),
    "CancelReservation": (CancelReservation, CancelReservationResponse, ""),
    "CertificateSigned": (CertificateSigned, CertificateSignedResponse, ""),
    "ChangeAvailability": (ChangeAvailability, ChangeAvailabilityResponse, ""),
    "ChangeConfiguration": (ChangeConfiguration, ChangeConfigurationResponse, ""),
    "ClearCache": (ClearCache, ClearCacheResponse, ""),
    "ClearChargingProfile": (ClearChargingProfile, ClearChargingProfileResponse, ""),
    "DataTransfer": (DataTransfer, DataTransferResponse, ""),
    "DeleteCertificate": (DeleteCertificate, DeleteCertificateResponse, ""),
    "DiagnosticsStatusNotification": (DiagnosticsStatusNotification, DiagnosticsStatusNotificationResponse, ""),
    "ExtendedTriggerMessage": (ExtendedTriggerMessage, ExtendedTriggerMessageResponse, ""),
    "FirmwareStatusNotification": (FirmwareStatusNotification, FirmwareStatusNotificationResponse, ""),
    "GetCompositeSchedule": (GetCompositeSchedule, GetCompositeScheduleResponse, ""),
    "GetConfiguration": (GetConfiguration, GetConfigurationResponse, ""),
    "GetDiagnostics": (GetDiagnostics, GetDiagnosticsResponse, ""),
    "GetInstalledCertificateIds": (GetInstalledCertificateIds, GetInstalledCertificateIdsResponse, ""),
    "GetLocalListVersion": (GetLocalListVersion, GetLocalListVersionResponse, ""),
    "GetLog": (GetLog, GetLogResponse, ""),
    "Heartbeat": (Heartbeat, HeartbeatResponse, ""),
    "InstallCertificate": (InstallCertificate, InstallCertificateResponse, ""),
    "LogStatusNotification": (LogStatusNotification, LogStatusNotificationResponse, ""),
    "MeterValues": (MeterValues, MeterValuesResponse, ""),
    "RemoteStartTransaction": (RemoteStartTransaction, RemoteStartTransactionResponse, ""),
    "RemoteStopTransaction": (RemoteStopTransaction, RemoteStopTransactionResponse, ""),
    "ReserveNow": (ReserveNow, ReserveNowResponse, ""),
    "Reset": (Reset, ResetResponse, ""),
    "SecurityEventNotification": (SecurityEventNotification, SecurityEventNotificationResponse, ""),
    "SendLocalList": (SendLocalList, SendLocalListResponse, ""),
    "SetChargingProfile": (SetChargingProfile, SetChargingProfileResponse, ""),
    "SignCertificate": (SignCertificate, SignCertificateResponse, ""),
    "SignedFirmwareStatusNotification": (SignedFirmwareStatusNotification, SignedFirmwareStatusNotificationResponse, ""),
    "SignedUpdateFirmware": (SignedUpdateFirmware, SignedUpdateFirmwareResponse, ""),
    "StartTransaction": (StartTransaction, StartTransactionResponse, ""),
    "StatusNotification": (StatusNotification, StatusNotificationResponse, ""),
    "StopTransaction": (StopTransaction, StopTransactionResponse, ""),
    "TriggerMessage": (TriggerMessage, TriggerMessageResponse, ""),
    "UnlockConnector": (UnlockConnector, UnlockConnectorResponse, ""),
    "UpdateFirmware": (UpdateFirmware, UpdateFirmwareResponse, ""),
}
"""Request, answer (None: a SEND) and, if not the first, the version of each action."""
