"""The messages of OCPP over SOAP: what each of 1.2, 1.5 and 1.6 has, member by member in order.

A structure is written as one line of its members: `name:kind`, the kind being
`string` where it is left out; `?` marks what may be missing, `*` a list, `+`
a list of at least one, `@` an attribute, `$` the text of the element itself.
Kinds are those of XML Schema (`decimal1` has one digit after the point,
`string20` at most 20 characters), enumerations and structures. Each version
says only what it has new or changed. A test compares all of it with the
official WSDL files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Side = Literal["Cs", "Cp"]
"""Who takes a message: the central system or the charge point."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """All that one version can say over SOAP."""

    version: str
    date: str  # of the version, in its namespaces
    central: frozenset[str]  # actions that the central system takes
    station: frozenset[str]  # actions that the charge point takes
    enums: dict[str, str]
    structures: dict[str, str]

    def namespace(self, side: Side) -> str:
        """The XML namespace of the service of a side."""
        return f"urn://Ocpp/{side}/{self.date}/"

    def actions(self, side: Side) -> frozenset[str]:
        """The actions that a side takes."""
        return self.central if side == "Cs" else self.station


# OCPP 1.2

CENTRAL_12: Final = frozenset(
    """Authorize BootNotification DiagnosticsStatusNotification FirmwareStatusNotification
    Heartbeat MeterValues StartTransaction StatusNotification StopTransaction""".split()
)
STATION_12: Final = frozenset(
    """ChangeAvailability ChangeConfiguration ClearCache GetDiagnostics RemoteStartTransaction
    RemoteStopTransaction Reset UnlockConnector UpdateFirmware""".split()
)
ENUMS_12: Final = {
    "AuthorizationStatus": "Accepted Blocked Expired Invalid ConcurrentTx",
    "AvailabilityStatus": "Accepted Rejected Scheduled",
    "AvailabilityType": "Inoperative Operative",
    "ChargePointErrorCode": "ConnectorLockFailure HighTemperature Mode3Error NoError"
    " PowerMeterFailure PowerSwitchFailure ReaderFailure ResetFailure",
    "ChargePointStatus": "Available Occupied Faulted Unavailable",
    "ClearCacheStatus": "Accepted Rejected",
    "ConfigurationStatus": "Accepted Rejected NotSupported",
    "DiagnosticsStatus": "Uploaded UploadFailed",
    "FirmwareStatus": "Downloaded DownloadFailed InstallationFailed Installed",
    "RegistrationStatus": "Accepted Rejected",
    "RemoteStartStopStatus": "Accepted Rejected",
    "ResetStatus": "Accepted Rejected",
    "ResetType": "Hard Soft",
    "UnlockStatus": "Accepted Rejected",
}
STRUCTURES_12: Final = {
    "IdTagInfo": "status:AuthorizationStatus expiryDate:dateTime? parentIdTag?",
    "MeterValue": "timestamp:dateTime value:int",
    "AuthorizeRequest": "idTag",
    "AuthorizeResponse": "idTagInfo:IdTagInfo",
    "BootNotificationRequest": "chargePointVendor chargePointModel chargePointSerialNumber?"
    " chargeBoxSerialNumber? firmwareVersion? iccid? imsi? meterType? meterSerialNumber?",
    "BootNotificationResponse": "status:RegistrationStatus currentTime:dateTime?"
    " heartbeatInterval:int?",
    "ChangeAvailabilityRequest": "connectorId:int type:AvailabilityType",
    "ChangeAvailabilityResponse": "status:AvailabilityStatus",
    "ChangeConfigurationRequest": "key value",
    "ChangeConfigurationResponse": "status:ConfigurationStatus",
    "ClearCacheRequest": "",
    "ClearCacheResponse": "status:ClearCacheStatus",
    "DiagnosticsStatusNotificationRequest": "status:DiagnosticsStatus",
    "DiagnosticsStatusNotificationResponse": "",
    "FirmwareStatusNotificationRequest": "status:FirmwareStatus",
    "FirmwareStatusNotificationResponse": "",
    "GetDiagnosticsRequest": "location:anyURI startTime:dateTime? stopTime:dateTime? retries:int?"
    " retryInterval:int?",
    "GetDiagnosticsResponse": "fileName?",
    "HeartbeatRequest": "",
    "HeartbeatResponse": "currentTime:dateTime",
    "MeterValuesRequest": "connectorId:int values:MeterValue*",
    "MeterValuesResponse": "",
    "RemoteStartTransactionRequest": "idTag connectorId:int?",
    "RemoteStartTransactionResponse": "status:RemoteStartStopStatus",
    "RemoteStopTransactionRequest": "transactionId:int",
    "RemoteStopTransactionResponse": "status:RemoteStartStopStatus",
    "ResetRequest": "type:ResetType",
    "ResetResponse": "status:ResetStatus",
    "StartTransactionRequest": "connectorId:int idTag timestamp:dateTime meterStart:int",
    "StartTransactionResponse": "transactionId:int idTagInfo:IdTagInfo",
    "StatusNotificationRequest": "connectorId:int status:ChargePointStatus"
    " errorCode:ChargePointErrorCode",
    "StatusNotificationResponse": "",
    "StopTransactionRequest": "transactionId:int idTag? timestamp:dateTime meterStop:int",
    "StopTransactionResponse": "idTagInfo:IdTagInfo?",
    "UnlockConnectorRequest": "connectorId:int",
    "UnlockConnectorResponse": "status:UnlockStatus",
    "UpdateFirmwareRequest": "retrieveDate:dateTime location:anyURI retries:int?"
    " retryInterval:int?",
    "UpdateFirmwareResponse": "",
}

# OCPP 1.5

CENTRAL_15: Final = CENTRAL_12 | {"DataTransfer"}
STATION_15: Final = STATION_12 | frozenset(
    """CancelReservation DataTransfer GetConfiguration GetLocalListVersion ReserveNow
    SendLocalList""".split()
)
ENUMS_15: Final = ENUMS_12 | {
    "CancelReservationStatus": "Accepted Rejected",
    "ChargePointErrorCode": "ConnectorLockFailure HighTemperature Mode3Error NoError"
    " PowerMeterFailure PowerSwitchFailure ReaderFailure ResetFailure GroundFailure"
    " OverCurrentFailure UnderVoltage WeakSignal OtherError",
    "ChargePointStatus": "Available Occupied Faulted Unavailable Reserved",
    "DataTransferStatus": "Accepted Rejected UnknownMessageId UnknownVendorId",
    "Location": "Inlet Outlet Body",
    "Measurand": "Energy.Active.Export.Register Energy.Active.Import.Register"
    " Energy.Reactive.Export.Register Energy.Reactive.Import.Register"
    " Energy.Active.Export.Interval Energy.Active.Import.Interval"
    " Energy.Reactive.Export.Interval Energy.Reactive.Import.Interval Power.Active.Export"
    " Power.Active.Import Power.Reactive.Export Power.Reactive.Import Current.Export"
    " Current.Import Voltage Temperature",
    "ReadingContext": "Interruption.Begin Interruption.End Sample.Clock Sample.Periodic"
    " Transaction.Begin Transaction.End",
    "ReservationStatus": "Accepted Faulted Occupied Rejected Unavailable",
    "UnitOfMeasure": "Wh kWh varh kvarh W kW var kvar Amp Volt Celsius",
    "UpdateStatus": "Accepted Failed HashError NotSupported VersionMismatch",
    "UpdateType": "Differential Full",
    "ValueFormat": "Raw SignedData",
}
STRUCTURES_15: Final = STRUCTURES_12 | {
    "AuthorisationData": "idTag:string20 idTagInfo:IdTagInfo?",
    "IdTagInfo": "status:AuthorizationStatus expiryDate:dateTime? parentIdTag:string20?",
    "KeyValue": "key readonly:boolean value?",
    "MeterValue": "timestamp:dateTime value:Sample+",
    "Sample": "$value @context:ReadingContext? @format:ValueFormat? @measurand:Measurand?"
    " @location:Location? @unit:UnitOfMeasure?",
    "TransactionData": "values:MeterValue*",
    "AuthorizeRequest": "idTag:string20",
    "BootNotificationRequest": "chargePointVendor:string20 chargePointModel:string20"
    " chargePointSerialNumber:string25? chargeBoxSerialNumber:string25? firmwareVersion:string50?"
    " iccid:string20? imsi:string20? meterType:string25? meterSerialNumber:string25?",
    "BootNotificationResponse": "status:RegistrationStatus currentTime:dateTime"
    " heartbeatInterval:int",
    "CancelReservationRequest": "reservationId:int",
    "CancelReservationResponse": "status:CancelReservationStatus",
    "DataTransferRequest": "vendorId messageId? data?",
    "DataTransferResponse": "status:DataTransferStatus data?",
    "GetConfigurationRequest": "key*",
    "GetConfigurationResponse": "configurationKey:KeyValue* unknownKey*",
    "GetLocalListVersionRequest": "",
    "GetLocalListVersionResponse": "listVersion:int",
    "MeterValuesRequest": "connectorId:int transactionId:int? values:MeterValue*",
    "RemoteStartTransactionRequest": "idTag:string20 connectorId:int?",
    "ReserveNowRequest": "connectorId:int expiryDate:dateTime idTag:string20"
    " parentIdTag:string20? reservationId:int",
    "ReserveNowResponse": "status:ReservationStatus",
    "SendLocalListRequest": "updateType:UpdateType listVersion:int"
    " localAuthorisationList:AuthorisationData* hash?",
    "SendLocalListResponse": "status:UpdateStatus hash?",
    "StartTransactionRequest": "connectorId:int idTag:string20 timestamp:dateTime meterStart:int"
    " reservationId:int?",
    "StatusNotificationRequest": "connectorId:int status:ChargePointStatus"
    " errorCode:ChargePointErrorCode info? timestamp:dateTime? vendorId? vendorErrorCode?",
    "StopTransactionRequest": "transactionId:int idTag:string20? timestamp:dateTime meterStop:int"
    " transactionData:TransactionData*",
}

# OCPP 1.6

STATION_16: Final = STATION_15 | frozenset(
    "ClearChargingProfile GetCompositeSchedule SetChargingProfile TriggerMessage".split()
)
ENUMS_16: Final = ENUMS_15 | {
    "ChargePointErrorCode": "ConnectorLockFailure EVCommunicationError GroundFailure"
    " HighTemperature InternalError LocalListConflict NoError OtherError OverCurrentFailure"
    " OverVoltage PowerMeterFailure PowerSwitchFailure ReaderFailure ResetFailure UnderVoltage"
    " WeakSignal",
    "ChargePointStatus": "Available Preparing Charging SuspendedEV SuspendedEVSE Finishing"
    " Reserved Faulted Unavailable",
    "ChargingProfileKindType": "Absolute Recurring Relative",
    "ChargingProfilePurposeType": "ChargePointMaxProfile TxDefaultProfile TxProfile",
    "ChargingProfileStatus": "Accepted Rejected NotSupported",
    "ChargingRateUnitType": "W A",
    "ClearChargingProfileStatus": "Accepted Unknown",
    "ConfigurationStatus": "Accepted NotSupported RebootRequired Rejected",
    "DiagnosticsStatus": "Idle Uploaded UploadFailed Uploading",
    "FirmwareStatus": "Downloaded DownloadFailed Downloading Idle InstallationFailed Installed"
    " Installing",
    "GetCompositeScheduleStatus": "Accepted Rejected",
    "Location": "Body Cable EV Inlet Outlet",
    "Measurand": "Current.Export Current.Import Current.Offered Energy.Active.Export.Register"
    " Energy.Active.Import.Register Energy.Reactive.Export.Register"
    " Energy.Reactive.Import.Register Energy.Active.Export.Interval Energy.Active.Import.Interval"
    " Energy.Reactive.Export.Interval Energy.Reactive.Import.Interval Frequency"
    " Power.Active.Export Power.Active.Import Power.Factor Power.Offered Power.Reactive.Export"
    " Power.Reactive.Import RPM SoC Temperature Voltage",
    "MessageTrigger": "BootNotification DiagnosticsStatusNotification FirmwareStatusNotification"
    " Heartbeat MeterValues StatusNotification",
    "Phase": "L1 L2 L3 N L1-N L2-N L3-N L1-L2 L2-L3 L3-L1",
    "ReadingContext": "Interruption.Begin Interruption.End Other Sample.Clock Sample.Periodic"
    " Transaction.Begin Transaction.End Trigger",
    "Reason": "EmergencyStop EVDisconnected HardReset Local Other PowerLoss Reboot Remote"
    " SoftReset UnlockCommand DeAuthorized",
    "RecurrencyKindType": "Daily Weekly",
    "RegistrationStatus": "Accepted Pending Rejected",
    "TriggerMessageStatus": "Accepted Rejected NotImplemented",
    "UnitOfMeasure": "Celsius Fahrenheit Wh kWh varh kvarh W kW VA kVA var kvar A V K Percent",
    "UnlockStatus": "Unlocked UnlockFailed NotSupported",
    "UpdateStatus": "Accepted Failed NotSupported VersionMismatch",
}
STRUCTURES_16: Final = STRUCTURES_15 | {
    "AuthorizationData": "idTag:string20 idTagInfo:IdTagInfo?",
    "ChargingProfile": "chargingProfileId:int transactionId:int? stackLevel:int"
    " chargingProfilePurpose:ChargingProfilePurposeType"
    " chargingProfileKind:ChargingProfileKindType recurrencyKind:RecurrencyKindType?"
    " validFrom:dateTime? validTo:dateTime? chargingSchedule:ChargingSchedule",
    "ChargingSchedule": "duration:int? startSchedule:dateTime?"
    " chargingRateUnit:ChargingRateUnitType chargingSchedulePeriod:ChargingSchedulePeriod+"
    " minChargingRate:decimal1?",
    "ChargingSchedulePeriod": "startPeriod:int limit:decimal1 numberPhases:int?",
    "KeyValue": "key:string50 readonly:boolean value:string500?",
    "MeterValue": "timestamp:dateTime sampledValue:SampledValue+",
    "SampledValue": "value context:ReadingContext? format:ValueFormat? measurand:Measurand?"
    " phase:Phase? location:Location? unit:UnitOfMeasure?",
    "BootNotificationResponse": "status:RegistrationStatus currentTime:dateTime interval:int",
    "ChangeConfigurationRequest": "key:string50 value:string500",
    "ClearChargingProfileRequest": "id:int? connectorId:int?"
    " chargingProfilePurpose:ChargingProfilePurposeType? stackLevel:int?",
    "ClearChargingProfileResponse": "status:ClearChargingProfileStatus",
    "DataTransferRequest": "vendorId:string255 messageId:string50? data?",
    "GetCompositeScheduleRequest": "connectorId:int duration:int"
    " chargingRateUnit:ChargingRateUnitType?",
    "GetCompositeScheduleResponse": "status:GetCompositeScheduleStatus connectorId:int?"
    " scheduleStart:dateTime? chargingSchedule:ChargingSchedule?",
    "GetConfigurationRequest": "key:string50*",
    "GetConfigurationResponse": "configurationKey:KeyValue* unknownKey:string50*",
    "GetDiagnosticsResponse": "fileName:string255?",
    "MeterValuesRequest": "connectorId:int transactionId:int? meterValue:MeterValue*",
    "RemoteStartTransactionRequest": "connectorId:int? idTag:string20"
    " chargingProfile:ChargingProfile?",
    "SendLocalListRequest": "listVersion:int localAuthorizationList:AuthorizationData*"
    " updateType:UpdateType",
    "SendLocalListResponse": "status:UpdateStatus",
    "SetChargingProfileRequest": "connectorId:int csChargingProfiles:ChargingProfile",
    "SetChargingProfileResponse": "status:ChargingProfileStatus",
    "StatusNotificationRequest": "connectorId:int status:ChargePointStatus"
    " errorCode:ChargePointErrorCode info:string50? timestamp:dateTime? vendorId:string255?"
    " vendorErrorCode:string50?",
    "StopTransactionRequest": "transactionId:int idTag:string20? timestamp:dateTime meterStop:int"
    " reason:Reason? transactionData:MeterValue*",
    "TriggerMessageRequest": "requestedMessage:MessageTrigger connectorId:int?",
    "TriggerMessageResponse": "status:TriggerMessageStatus",
}

# 1.6J errata §2.1: JSON has a misspelt unit that XML never had; and XML has no unit of frequency,
# where the measurand says it alone.
UNITS_OF_JSON: Final = {"Celcius": "Celsius", "Hertz": ""}

MESSAGES: Final = {
    "1.2": Messages(
        version="1.2",
        date="2010/08",
        central=CENTRAL_12,
        station=STATION_12,
        enums=ENUMS_12,
        structures=STRUCTURES_12,
    ),
    "1.5": Messages(
        version="1.5",
        date="2012/06",
        central=CENTRAL_15,
        station=STATION_15,
        enums=ENUMS_15,
        structures=STRUCTURES_15,
    ),
    "1.6": Messages(
        version="1.6",
        date="2015/10",
        central=CENTRAL_15,
        station=STATION_16,
        enums=ENUMS_16,
        structures=STRUCTURES_16,
    ),
}
"""By version, oldest first."""
