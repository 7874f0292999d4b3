# GENERATED FROM the OCPP 2.1 JSON schemas by tools/generate_wire.py. DO NOT EDIT.
"""Wire types of OCPP 2.0.1 and 2.1: 91 actions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, field

from chargeplane.domain.messages import Request
from chargeplane.ocpp.action import Wire, utc

CustomData = dict[str, Any]

APNAuthenticationEnum = Literal["PAP", "CHAP", "NONE", "AUTO"]
AttributeEnum = Literal["Actual", "Target", "MinSet", "MaxSet"]
AuthorizationStatusEnum = Literal["Accepted", "Blocked", "ConcurrentTx", "Expired", "Invalid",
    "NoCredit", "NotAllowedTypeEVSE", "NotAtThisLocation", "NotAtThisTime", "Unknown"]
AuthorizeCertificateStatusEnum = Literal["Accepted", "SignatureError", "CertificateExpired",
    "CertificateRevoked", "NoCertificateAvailable", "CertChainError", "ContractCancelled"]
BatterySwapEventEnum = Literal["BatteryIn", "BatteryOut", "BatteryOutTimeout"]
BootReasonEnum = Literal["ApplicationReset", "FirmwareUpdate", "LocalReset", "PowerUp",
    "RemoteReset", "ScheduledReset", "Triggered", "Unknown", "Watchdog"]
CancelReservationStatusEnum = Literal["Accepted", "Rejected"]
CertificateActionEnum = Literal["Install", "Update"]
CertificateSignedStatusEnum = Literal["Accepted", "Rejected"]
CertificateSigningUseEnum = Annotated[Literal["ChargingStationCertificate", "V2GCertificate",
    "V2G20Certificate"], Meta(extra={"since": {"2.1": ("V2G20Certificate",)}})]
CertificateStatusEnum = Literal["Good", "Revoked", "Unknown", "Failed"]
CertificateStatusSourceEnum = Literal["CRL", "OCSP"]
ChangeAvailabilityStatusEnum = Literal["Accepted", "Rejected", "Scheduled"]
ChargingProfileKindEnum = Annotated[Literal["Absolute", "Recurring", "Relative", "Dynamic"],
    Meta(extra={"since": {"2.1": ("Dynamic",)}})]
ChargingProfilePurposeEnum = Annotated[Literal["ChargingStationExternalConstraints",
    "ChargingStationMaxProfile", "TxDefaultProfile", "TxProfile", "PriorityCharging",
    "LocalGeneration"], Meta(extra={"since": {"2.1": ("PriorityCharging", "LocalGeneration",)}})]
ChargingProfileStatusEnum = Literal["Accepted", "Rejected"]
ChargingRateUnitEnum = Literal["W", "A"]
ChargingStateEnum = Literal["EVConnected", "Charging", "SuspendedEV", "SuspendedEVSE", "Idle"]
ClearCacheStatusEnum = Literal["Accepted", "Rejected"]
ClearChargingProfileStatusEnum = Literal["Accepted", "Unknown"]
ClearMessageStatusEnum = Annotated[Literal["Accepted", "Unknown", "Rejected"],
    Meta(extra={"since": {"2.1": ("Rejected",)}})]
ClearMonitoringStatusEnum = Literal["Accepted", "Rejected", "NotFound"]
ComponentCriterionEnum = Literal["Active", "Available", "Enabled", "Problem"]
ConnectorStatusEnum = Literal["Available", "Occupied", "Reserved", "Unavailable", "Faulted"]
ControlModeEnum = Literal["ScheduledControl", "DynamicControl"]
CostDimensionEnum = Literal["Energy", "MaxCurrent", "MinCurrent", "MaxPower", "MinPower",
    "IdleTIme", "ChargingTime"]
CostKindEnum = Literal["CarbonDioxideEmission", "RelativePricePercentage",
    "RenewableGenerationPercentage"]
CustomerInformationStatusEnum = Literal["Accepted", "Rejected", "Invalid"]
DERControlEnum = Literal["EnterService", "FreqDroop", "FreqWatt", "FixedPFAbsorb", "FixedPFInject",
    "FixedVar", "Gradients", "HFMustTrip", "HFMayTrip", "HVMustTrip", "HVMomCess", "HVMayTrip",
    "LimitMaxDischarge", "LFMustTrip", "LVMustTrip", "LVMomCess", "LVMayTrip",
    "PowerMonitoringMustTrip", "VoltVar", "VoltWatt", "WattPF", "WattVar"]
DERControlStatusEnum = Literal["Accepted", "Rejected", "NotSupported", "NotFound"]
DERUnitEnum = Literal["Not_Applicable", "PctMaxW", "PctMaxVar", "PctWAvail", "PctVarAvail",
    "PctEffectiveV"]
DataEnum = Literal["string", "decimal", "integer", "dateTime", "boolean", "OptionList",
    "SequenceList", "MemberList"]
DataTransferStatusEnum = Literal["Accepted", "Rejected", "UnknownMessageId", "UnknownVendorId"]
DayOfWeekEnum = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
    "Sunday"]
DeleteCertificateStatusEnum = Literal["Accepted", "Failed", "NotFound"]
DisplayMessageStatusEnum = Annotated[Literal["Accepted", "NotSupportedMessageFormat", "Rejected",
    "NotSupportedPriority", "NotSupportedState", "UnknownTransaction", "LanguageNotSupported"],
    Meta(extra={"since": {"2.1": ("LanguageNotSupported",)}})]
EnergyTransferModeEnum = Annotated[Literal["AC_single_phase", "AC_two_phase", "AC_three_phase",
    "DC", "AC_BPT", "AC_BPT_DER", "AC_DER", "DC_BPT", "DC_ACDP", "DC_ACDP_BPT", "WPT"],
    Meta(extra={"since": {"2.1": ("AC_BPT", "AC_BPT_DER", "AC_DER", "DC_BPT", "DC_ACDP",
    "DC_ACDP_BPT", "WPT",)}})]
EventNotificationEnum = Literal["HardWiredNotification", "HardWiredMonitor", "PreconfiguredMonitor",
    "CustomMonitor"]
EventTriggerEnum = Literal["Alerting", "Delta", "Periodic"]
EvseKindEnum = Literal["AC", "DC"]
FirmwareStatusEnum = Literal["Downloaded", "DownloadFailed", "Downloading", "DownloadScheduled",
    "DownloadPaused", "Idle", "InstallationFailed", "Installing", "Installed", "InstallRebooting",
    "InstallScheduled", "InstallVerificationFailed", "InvalidSignature", "SignatureVerified"]
GenericDeviceModelStatusEnum = Literal["Accepted", "Rejected", "NotSupported", "EmptyResultSet"]
GenericStatusEnum = Literal["Accepted", "Rejected"]
GetCertificateIdUseEnum = Annotated[Literal["V2GRootCertificate", "MORootCertificate",
    "CSMSRootCertificate", "V2GCertificateChain", "ManufacturerRootCertificate",
    "OEMRootCertificate"], Meta(extra={"since": {"2.1": ("OEMRootCertificate",)}})]
GetCertificateStatusEnum = Literal["Accepted", "Failed"]
GetChargingProfileStatusEnum = Literal["Accepted", "NoProfiles"]
GetDisplayMessagesStatusEnum = Literal["Accepted", "Unknown"]
GetInstalledCertificateStatusEnum = Literal["Accepted", "NotFound"]
GetVariableStatusEnum = Literal["Accepted", "Rejected", "UnknownComponent", "UnknownVariable",
    "NotSupportedAttributeType"]
GridEventFaultEnum = Literal["CurrentImbalance", "LocalEmergency", "LowInputPower", "OverCurrent",
    "OverFrequency", "OverVoltage", "PhaseRotation", "RemoteEmergency", "UnderFrequency",
    "UnderVoltage", "VoltageImbalance"]
HashAlgorithmEnum = Literal["SHA256", "SHA384", "SHA512"]
InstallCertificateStatusEnum = Literal["Accepted", "Rejected", "Failed"]
InstallCertificateUseEnum = Annotated[Literal["V2GRootCertificate", "MORootCertificate",
    "ManufacturerRootCertificate", "CSMSRootCertificate", "OEMRootCertificate"],
    Meta(extra={"since": {"2.1": ("OEMRootCertificate",)}})]
IslandingDetectionEnum = Literal["NoAntiIslandingSupport", "RoCoF", "UVP_OVP", "UFP_OFP",
    "VoltageVectorShift", "ZeroCrossingDetection", "OtherPassive", "ImpedanceMeasurement",
    "ImpedanceAtFrequency", "SlipModeFrequencyShift", "SandiaFrequencyShift", "SandiaVoltageShift",
    "FrequencyJump", "RCLQFactor", "OtherActive"]
Iso15118EVCertificateStatusEnum = Literal["Accepted", "Failed"]
LocationEnum = Annotated[Literal["Body", "Cable", "EV", "Inlet", "Outlet", "Upstream"],
    Meta(extra={"since": {"2.1": ("Upstream",)}})]
LogEnum = Annotated[Literal["DiagnosticsLog", "SecurityLog", "DataCollectorLog"],
    Meta(extra={"since": {"2.1": ("DataCollectorLog",)}})]
LogStatusEnum = Literal["Accepted", "Rejected", "AcceptedCanceled"]
MeasurandEnum = Annotated[Literal["Current.Export", "Current.Export.Offered",
    "Current.Export.Minimum", "Current.Import", "Current.Import.Offered", "Current.Import.Minimum",
    "Current.Offered", "Display.PresentSOC", "Display.MinimumSOC", "Display.TargetSOC",
    "Display.MaximumSOC", "Display.RemainingTimeToMinimumSOC", "Display.RemainingTimeToTargetSOC",
    "Display.RemainingTimeToMaximumSOC", "Display.ChargingComplete",
    "Display.BatteryEnergyCapacity", "Display.InletHot", "Energy.Active.Export.Interval",
    "Energy.Active.Export.Register", "Energy.Active.Import.Interval",
    "Energy.Active.Import.Register", "Energy.Active.Import.CableLoss",
    "Energy.Active.Import.LocalGeneration.Register", "Energy.Active.Net",
    "Energy.Active.Setpoint.Interval", "Energy.Apparent.Export", "Energy.Apparent.Import",
    "Energy.Apparent.Net", "Energy.Reactive.Export.Interval", "Energy.Reactive.Export.Register",
    "Energy.Reactive.Import.Interval", "Energy.Reactive.Import.Register", "Energy.Reactive.Net",
    "EnergyRequest.Target", "EnergyRequest.Minimum", "EnergyRequest.Maximum",
    "EnergyRequest.Minimum.V2X", "EnergyRequest.Maximum.V2X", "EnergyRequest.Bulk", "Frequency",
    "Power.Active.Export", "Power.Active.Import", "Power.Active.Setpoint", "Power.Active.Residual",
    "Power.Export.Minimum", "Power.Export.Offered", "Power.Factor", "Power.Import.Offered",
    "Power.Import.Minimum", "Power.Offered", "Power.Reactive.Export", "Power.Reactive.Import",
    "SoC", "Voltage", "Voltage.Minimum", "Voltage.Maximum"],
    Meta(extra={"since": {"2.1": ("Current.Export.Offered", "Current.Export.Minimum",
    "Current.Import.Offered", "Current.Import.Minimum", "Display.PresentSOC", "Display.MinimumSOC",
    "Display.TargetSOC", "Display.MaximumSOC", "Display.RemainingTimeToMinimumSOC",
    "Display.RemainingTimeToTargetSOC", "Display.RemainingTimeToMaximumSOC",
    "Display.ChargingComplete", "Display.BatteryEnergyCapacity", "Display.InletHot",
    "Energy.Active.Import.CableLoss", "Energy.Active.Import.LocalGeneration.Register",
    "Energy.Active.Setpoint.Interval", "EnergyRequest.Target", "EnergyRequest.Minimum",
    "EnergyRequest.Maximum", "EnergyRequest.Minimum.V2X", "EnergyRequest.Maximum.V2X",
    "EnergyRequest.Bulk", "Power.Active.Setpoint", "Power.Active.Residual", "Power.Export.Minimum",
    "Power.Export.Offered", "Power.Import.Offered", "Power.Import.Minimum", "Voltage.Minimum",
    "Voltage.Maximum",)}})]
MessageFormatEnum = Annotated[Literal["ASCII", "HTML", "URI", "UTF8", "QRCODE"],
    Meta(extra={"since": {"2.1": ("QRCODE",)}})]
MessagePriorityEnum = Literal["AlwaysFront", "InFront", "NormalCycle"]
MessageStateEnum = Annotated[Literal["Charging", "Faulted", "Idle", "Unavailable", "Suspended",
    "Discharging"], Meta(extra={"since": {"2.1": ("Suspended", "Discharging",)}})]
MessageTriggerEnum = Annotated[Literal["BootNotification", "LogStatusNotification",
    "FirmwareStatusNotification", "Heartbeat", "MeterValues", "SignChargingStationCertificate",
    "SignV2GCertificate", "SignV2G20Certificate", "StatusNotification", "TransactionEvent",
    "SignCombinedCertificate", "PublishFirmwareStatusNotification", "CustomTrigger"],
    Meta(extra={"since": {"2.1": ("SignV2G20Certificate", "CustomTrigger",)}})]
MobilityNeedsModeEnum = Literal["EVCC", "EVCC_SECC"]
MonitorEnum = Annotated[Literal["UpperThreshold", "LowerThreshold", "Delta", "Periodic",
    "PeriodicClockAligned", "TargetDelta", "TargetDeltaRelative"],
    Meta(extra={"since": {"2.1": ("TargetDelta", "TargetDeltaRelative",)}})]
MonitoringBaseEnum = Literal["All", "FactoryDefault", "HardWiredOnly"]
MonitoringCriterionEnum = Literal["ThresholdMonitoring", "DeltaMonitoring", "PeriodicMonitoring"]
MutabilityEnum = Literal["ReadOnly", "WriteOnly", "ReadWrite"]
NotifyAllowedEnergyTransferStatusEnum = Literal["Accepted", "Rejected"]
NotifyEVChargingNeedsStatusEnum = Annotated[Literal["Accepted", "Rejected", "Processing",
    "NoChargingProfile"], Meta(extra={"since": {"2.1": ("NoChargingProfile",)}})]
OCPPInterfaceEnum = Annotated[Literal["Wired0", "Wired1", "Wired2", "Wired3", "Wireless0",
    "Wireless1", "Wireless2", "Wireless3", "Any"], Meta(extra={"since": {"2.1": ("Any",)}})]
OCPPTransportEnum = Literal["SOAP", "JSON"]
OCPPVersionEnum = Annotated[Literal["OCPP12", "OCPP15", "OCPP16", "OCPP20", "OCPP201", "OCPP21"],
    Meta(extra={"since": {"2.1": ("OCPP201", "OCPP21",)}})]
OperationModeEnum = Literal["Idle", "ChargingOnly", "CentralSetpoint", "ExternalSetpoint",
    "ExternalLimits", "CentralFrequency", "LocalFrequency", "LocalLoadBalancing"]
OperationalStatusEnum = Literal["Inoperative", "Operative"]
PaymentStatusEnum = Literal["Settled", "Canceled", "Rejected", "Failed"]
PhaseEnum = Literal["L1", "L2", "L3", "N", "L1-N", "L2-N", "L3-N", "L1-L2", "L2-L3", "L3-L1"]
PowerDuringCessationEnum = Literal["Active", "Reactive"]
PreconditioningStatusEnum = Literal["Unknown", "Ready", "NotReady", "Preconditioning"]
PriorityChargingStatusEnum = Literal["Accepted", "Rejected", "NoProfile"]
PublishFirmwareStatusEnum = Literal["Idle", "DownloadScheduled", "Downloading", "Downloaded",
    "Published", "DownloadFailed", "DownloadPaused", "InvalidChecksum", "ChecksumVerified",
    "PublishFailed"]
ReadingContextEnum = Literal["Interruption.Begin", "Interruption.End", "Other", "Sample.Clock",
    "Sample.Periodic", "Transaction.Begin", "Transaction.End", "Trigger"]
ReasonEnum = Annotated[Literal["DeAuthorized", "EmergencyStop", "EnergyLimitReached",
    "EVDisconnected", "GroundFault", "ImmediateReset", "MasterPass", "Local", "LocalOutOfCredit",
    "Other", "OvercurrentFault", "PowerLoss", "PowerQuality", "Reboot", "Remote", "SOCLimitReached",
    "StoppedByEV", "TimeLimitReached", "Timeout", "ReqEnergyTransferRejected"],
    Meta(extra={"since": {"2.1": ("ReqEnergyTransferRejected",)}})]
RecurrencyKindEnum = Literal["Daily", "Weekly"]
RegistrationStatusEnum = Literal["Accepted", "Pending", "Rejected"]
ReportBaseEnum = Literal["ConfigurationInventory", "FullInventory", "SummaryInventory"]
RequestStartStopStatusEnum = Literal["Accepted", "Rejected"]
ReservationUpdateStatusEnum = Annotated[Literal["Expired", "Removed", "NoTransaction"],
    Meta(extra={"since": {"2.1": ("NoTransaction",)}})]
ReserveNowStatusEnum = Literal["Accepted", "Faulted", "Occupied", "Rejected", "Unavailable"]
ResetEnum = Annotated[Literal["Immediate", "OnIdle", "ImmediateAndResume"],
    Meta(extra={"since": {"2.1": ("ImmediateAndResume",)}})]
ResetStatusEnum = Literal["Accepted", "Rejected", "Scheduled"]
SendLocalListStatusEnum = Literal["Accepted", "Failed", "VersionMismatch"]
SetMonitoringStatusEnum = Literal["Accepted", "UnknownComponent", "UnknownVariable",
    "UnsupportedMonitorType", "Rejected", "Duplicate"]
SetNetworkProfileStatusEnum = Literal["Accepted", "Rejected", "Failed"]
SetVariableStatusEnum = Literal["Accepted", "Rejected", "UnknownComponent", "UnknownVariable",
    "NotSupportedAttributeType", "RebootRequired"]
TariffChangeStatusEnum = Literal["Accepted", "Rejected", "TooManyElements", "ConditionNotSupported",
    "TxNotFound", "NoCurrencyChange"]
TariffClearStatusEnum = Literal["Accepted", "Rejected", "NoTariff"]
TariffCostEnum = Literal["NormalCost", "MinCost", "MaxCost"]
TariffGetStatusEnum = Literal["Accepted", "Rejected", "NoTariff"]
TariffKindEnum = Literal["DefaultTariff", "DriverTariff"]
TariffSetStatusEnum = Literal["Accepted", "Rejected", "TooManyElements", "ConditionNotSupported",
    "DuplicateTariffId"]
TransactionEventEnum = Literal["Ended", "Started", "Updated"]
TriggerMessageStatusEnum = Literal["Accepted", "Rejected", "NotImplemented"]
TriggerReasonEnum = Annotated[Literal["AbnormalCondition", "Authorized", "CablePluggedIn",
    "ChargingRateChanged", "ChargingStateChanged", "CostLimitReached", "Deauthorized",
    "EnergyLimitReached", "EVCommunicationLost", "EVConnectTimeout", "EVDeparted", "EVDetected",
    "LimitSet", "MeterValueClock", "MeterValuePeriodic", "OperationModeChanged", "RemoteStart",
    "RemoteStop", "ResetCommand", "RunningCost", "SignedDataReceived", "SoCLimitReached",
    "StopAuthorized", "TariffChanged", "TariffNotAccepted", "TimeLimitReached", "Trigger",
    "TxResumed", "UnlockCommand"], Meta(extra={"since": {"2.1": ("CostLimitReached", "LimitSet",
    "OperationModeChanged", "RunningCost", "SoCLimitReached", "TariffChanged", "TariffNotAccepted",
    "TxResumed",)}})]
UnlockStatusEnum = Literal["Unlocked", "UnlockFailed", "OngoingAuthorizedTransaction",
    "UnknownConnector"]
UnpublishFirmwareStatusEnum = Literal["DownloadOngoing", "NoFirmware", "Unpublished"]
UpdateEnum = Literal["Differential", "Full"]
UpdateFirmwareStatusEnum = Literal["Accepted", "Rejected", "AcceptedCanceled", "InvalidCertificate",
    "RevokedCertificate"]
UploadLogStatusEnum = Literal["BadMessage", "Idle", "NotSupportedOperation", "PermissionDenied",
    "Uploaded", "UploadFailure", "Uploading", "AcceptedCanceled"]
VPNEnum = Literal["IKEv2", "IPSec", "L2TP", "PPTP"]

class ACChargingParameters(Wire, kw_only=True):
    """OCPP type of NotifyEVChargingNeeds."""

    energy_amount: Annotated[float,
        Meta(extra={"2.0.1": {"integer": True}})] = field(name="energyAmount")
    ev_min_current: Annotated[float,
        Meta(extra={"2.0.1": {"integer": True}})] = field(name="evMinCurrent")
    ev_max_current: Annotated[float,
        Meta(extra={"2.0.1": {"integer": True}})] = field(name="evMaxCurrent")
    ev_max_voltage: Annotated[float,
        Meta(extra={"2.0.1": {"integer": True}})] = field(name="evMaxVoltage")
    custom_data: CustomData | None = field(default=None, name="customData")


class APN(Wire, kw_only=True):
    """OCPP type of SetNetworkProfile."""

    apn: Annotated[str, Meta(max_length=2000, extra={"2.0.1": {"max_length": 512}})]
    apn_user_name: Annotated[str, Meta(max_length=50,
        extra={"2.0.1": {"max_length": 20}})] | None = field(default=None, name="apnUserName")
    apn_password: Annotated[str, Meta(max_length=64,
        extra={"2.0.1": {"max_length": 20}})] | None = field(default=None, name="apnPassword")
    sim_pin: int | None = field(default=None, name="simPin")
    preferred_network: Annotated[str, Meta(max_length=6)] | None = field(default=None,
        name="preferredNetwork")
    use_only_preferred_network: bool = field(default=False, name="useOnlyPreferredNetwork")
    apn_authentication: APNAuthenticationEnum = field(name="apnAuthentication")
    custom_data: CustomData | None = field(default=None, name="customData")


class RationalNumber(Wire, kw_only=True):
    """OCPP 2.1 type of NotifyChargingLimit, NotifyEVChargingSchedule, ReportChargingProfiles and 2 more."""

    exponent: int
    value: int
    custom_data: CustomData | None = field(default=None, name="customData")


class PriceRule(Wire, kw_only=True):
    """OCPP 2.1 type of NotifyChargingLimit, NotifyEVChargingSchedule, ReportChargingProfiles and 2 more."""

    parking_fee_period: int | None = field(default=None, name="parkingFeePeriod")
    carbon_dioxide_emission: Annotated[int, Meta(ge=0)] | None = field(default=None,
        name="carbonDioxideEmission")
    renewable_generation_percentage: Annotated[int, Meta(ge=0, le=100)] | None = field(default=None,
        name="renewableGenerationPercentage")
    energy_fee: RationalNumber = field(name="energyFee")
    parking_fee: RationalNumber | None = field(default=None, name="parkingFee")
    power_range_start: RationalNumber = field(name="powerRangeStart")
    custom_data: CustomData | None = field(default=None, name="customData")


class PriceRuleStack(Wire, kw_only=True):
    """OCPP 2.1 type of NotifyChargingLimit, NotifyEVChargingSchedule, ReportChargingProfiles and 2 more."""

    duration: int
    price_rule: Annotated[list[PriceRule], Meta(min_length=1,
        max_length=8)] = field(name="priceRule")
    custom_data: CustomData | None = field(default=None, name="customData")


class TaxRule(Wire, kw_only=True):
    """OCPP 2.1 type of NotifyChargingLimit, NotifyEVChargingSchedule, ReportChargingProfiles and 2 more."""

    tax_rule_id: Annotated[int, Meta(ge=0)] = field(name="taxRuleID")
    tax_rule_name: Annotated[str, Meta(max_length=100)] | None = field(default=None,
        name="taxRuleName")
    tax_included_in_price: bool | None = field(default=None, name="taxIncludedInPrice")
    applies_to_energy_fee: bool = field(name="appliesToEnergyFee")
    applies_to_parking_fee: bool = field(name="appliesToParkingFee")
    applies_to_overstay_fee: bool = field(name="appliesToOverstayFee")
    applies_to_minimum_maximum_cost: bool = field(name="appliesToMinimumMaximumCost")
    tax_rate: RationalNumber = field(name="taxRate")
    custom_data: CustomData | None = field(default=None, name="customData")


class OverstayRule(Wire, kw_only=True):
    """OCPP 2.1 type of NotifyChargingLimit, NotifyEVChargingSchedule, ReportChargingProfiles and 2 more."""

    overstay_fee: RationalNumber = field(name="overstayFee")
    overstay_rule_description: Annotated[str, Meta(max_length=32)] | None = field(default=None,
        name="overstayRuleDescription")
    start_time: int = field(name="startTime")
    overstay_fee_period: int = field(name="overstayFeePeriod")
    custom_data: CustomData | None = field(default=None, name="customData")


class OverstayRuleList(Wire, kw_only=True):
    """OCPP 2.1 type of NotifyChargingLimit, NotifyEVChargingSchedule, ReportChargingProfiles and 2 more."""

    overstay_power_threshold: RationalNumber | None = field(default=None,
        name="overstayPowerThreshold")
    overstay_rule: Annotated[list[OverstayRule], Meta(min_length=1,
        max_length=5)] = field(name="overstayRule")
    overstay_time_threshold: int | None = field(default=None, name="overstayTimeThreshold")
    custom_data: CustomData | None = field(default=None, name="customData")


class AdditionalSelectedServices(Wire, kw_only=True):
    """OCPP 2.1 type of NotifyChargingLimit, NotifyEVChargingSchedule, ReportChargingProfiles and 2 more."""

    service_fee: RationalNumber = field(name="serviceFee")
    service_name: Annotated[str, Meta(max_length=80)] = field(name="serviceName")
    custom_data: CustomData | None = field(default=None, name="customData")


class AbsolutePriceSchedule(Wire, kw_only=True):
    """OCPP 2.1 type of NotifyChargingLimit, NotifyEVChargingSchedule, ReportChargingProfiles and 2 more."""

    time_anchor: datetime = field(name="timeAnchor")
    price_schedule_id: Annotated[int, Meta(ge=0)] = field(name="priceScheduleID")
    price_schedule_description: Annotated[str, Meta(max_length=160)] | None = field(default=None,
        name="priceScheduleDescription")
    currency: Annotated[str, Meta(max_length=3)]
    language: Annotated[str, Meta(max_length=8)]
    price_algorithm: Annotated[str, Meta(max_length=2000)] = field(name="priceAlgorithm")
    minimum_cost: RationalNumber | None = field(default=None, name="minimumCost")
    maximum_cost: RationalNumber | None = field(default=None, name="maximumCost")
    price_rule_stacks: Annotated[list[PriceRuleStack], Meta(min_length=1,
        max_length=1024)] = field(name="priceRuleStacks")
    tax_rules: Annotated[list[TaxRule], Meta(min_length=1,
        max_length=10)] | None = field(default=None, name="taxRules")
    overstay_rule_list: OverstayRuleList | None = field(default=None, name="overstayRuleList")
    additional_selected_services: Annotated[list[AdditionalSelectedServices], Meta(min_length=1,
        max_length=5)] | None = field(default=None, name="additionalSelectedServices")
    custom_data: CustomData | None = field(default=None, name="customData")

    def __post_init__(self) -> None:
        if self.time_anchor.tzinfo is not UTC:
            self.time_anchor = utc(self.time_anchor)


class AdditionalInfo(Wire, kw_only=True):
    """OCPP type of Authorize, BatterySwap, CustomerInformation and 5 more."""

    additional_id_token: Annotated[str, Meta(max_length=255,
        extra={"2.0.1": {"max_length": 36}})] = field(name="additionalIdToken")
    type: Annotated[str, Meta(max_length=50)]
    custom_data: CustomData | None = field(default=None, name="customData")


class Address(Wire, kw_only=True):
    """OCPP 2.1 type of NotifySettlement, VatNumberValidation."""

    name: Annotated[str, Meta(max_length=50)]
    address1: Annotated[str, Meta(max_length=100)]
    address2: Annotated[str, Meta(max_length=100)] | None = None
    city: Annotated[str, Meta(max_length=100)]
    postal_code: Annotated[str, Meta(max_length=20)] | None = field(default=None, name="postalCode")
    country: Annotated[str, Meta(max_length=50)]
    custom_data: CustomData | None = field(default=None, name="customData")


class IdToken(Wire, kw_only=True):
    """OCPP type of Authorize, BatterySwap, CustomerInformation and 5 more."""

    additional_info: Annotated[list[AdditionalInfo],
        Meta(min_length=1)] | None = field(default=None, name="additionalInfo")
    id_token: Annotated[str, Meta(max_length=255,
        extra={"2.0.1": {"max_length": 36}})] = field(name="idToken")
    type: Annotated[str, Meta(max_length=20, extra={"2.0.1": {"enum": ("Central", "eMAID",
        "ISO14443", "ISO15693", "KeyCode", "Local", "MacAddress", "NoAuthorization",)}})]
    custom_data: CustomData | None = field(default=None, name="customData")


class MessageContent(Wire, kw_only=True):
    """OCPP type of Authorize, ChangeTransactionTariff, NotifyDisplayMessages and 4 more."""

    format: MessageFormatEnum
    language: Annotated[str, Meta(max_length=8)] | None = None
    content: Annotated[str, Meta(max_length=1024, extra={"2.0.1": {"max_length": 512}})]
    custom_data: CustomData | None = field(default=None, name="customData")


class IdTokenInfo(Wire, kw_only=True):
    """OCPP type of Authorize, SendLocalList, TransactionEvent."""

    status: AuthorizationStatusEnum
    cache_expiry_date_time: datetime | None = field(default=None, name="cacheExpiryDateTime")
    charging_priority: int | None = field(default=None, name="chargingPriority")
    group_id_token: IdToken | None = field(default=None, name="groupIdToken")
    language1: Annotated[str, Meta(max_length=8)] | None = None
    language2: Annotated[str, Meta(max_length=8)] | None = None
    evse_id: Annotated[list[Annotated[int, Meta(ge=0, extra={"2.0.1": {"ge": None}})]],
        Meta(min_length=1)] | None = field(default=None, name="evseId")
    personal_message: MessageContent | None = field(default=None, name="personalMessage")
    custom_data: CustomData | None = field(default=None, name="customData")

    def __post_init__(self) -> None:
        if self.cache_expiry_date_time is not None and self.cache_expiry_date_time.tzinfo is not UTC:
            self.cache_expiry_date_time = utc(self.cache_expiry_date_time)


class AuthorizationData(Wire, kw_only=True):
    """OCPP type of SendLocalList."""

    id_token: IdToken = field(name="idToken")
    id_token_info: IdTokenInfo | None = field(default=None, name="idTokenInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class BatteryData(Wire, kw_only=True):
    """OCPP 2.1 type of BatterySwap."""

    evse_id: Annotated[int, Meta(ge=0)] = field(name="evseId")
    serial_number: Annotated[str, Meta(max_length=50)] = field(name="serialNumber")
    soc: Annotated[float, Meta(ge=0, le=100)] = field(name="soC")
    soh: Annotated[float, Meta(ge=0, le=100)] = field(name="soH")
    production_date: datetime | None = field(default=None, name="productionDate")
    vendor_info: Annotated[str, Meta(max_length=500)] | None = field(default=None,
        name="vendorInfo")
    custom_data: CustomData | None = field(default=None, name="customData")

    def __post_init__(self) -> None:
        if self.production_date is not None and self.production_date.tzinfo is not UTC:
            self.production_date = utc(self.production_date)


class CertificateHashData(Wire, kw_only=True):
    """OCPP type of CustomerInformation, DeleteCertificate, GetCertificateChainStatus and 2 more."""

    hash_algorithm: HashAlgorithmEnum = field(name="hashAlgorithm")
    issuer_name_hash: Annotated[str, Meta(max_length=128)] = field(name="issuerNameHash")
    issuer_key_hash: Annotated[str, Meta(max_length=128)] = field(name="issuerKeyHash")
    serial_number: Annotated[str, Meta(max_length=40)] = field(name="serialNumber")
    custom_data: CustomData | None = field(default=None, name="customData")


class CertificateHashDataChain(Wire, kw_only=True):
    """OCPP type of GetInstalledCertificateIds."""

    certificate_hash_data: CertificateHashData = field(name="certificateHashData")
    certificate_type: GetCertificateIdUseEnum = field(name="certificateType")
    child_certificate_hash_data: Annotated[list[CertificateHashData], Meta(min_length=1,
        max_length=4)] | None = field(default=None, name="childCertificateHashData")
    custom_data: CustomData | None = field(default=None, name="customData")


class CertificateStatus(Wire, kw_only=True):
    """OCPP 2.1 type of GetCertificateChainStatus."""

    certificate_hash_data: CertificateHashData = field(name="certificateHashData")
    source: CertificateStatusSourceEnum
    status: CertificateStatusEnum
    next_update: datetime = field(name="nextUpdate")
    custom_data: CustomData | None = field(default=None, name="customData")

    def __post_init__(self) -> None:
        if self.next_update.tzinfo is not UTC:
            self.next_update = utc(self.next_update)


class CertificateStatusRequestInfo(Wire, kw_only=True):
    """OCPP 2.1 type of GetCertificateChainStatus."""

    certificate_hash_data: CertificateHashData = field(name="certificateHashData")
    source: CertificateStatusSourceEnum
    urls: Annotated[list[Annotated[str, Meta(max_length=2000)]], Meta(min_length=1, max_length=5)]
    custom_data: CustomData | None = field(default=None, name="customData")


class ChargingLimit(Wire, kw_only=True):
    """OCPP type of NotifyChargingLimit."""

    charging_limit_source: Annotated[str, Meta(max_length=20, extra={"2.0.1": {"enum": ("EMS",
        "Other", "SO", "CSO",)}})] = field(name="chargingLimitSource")
    is_local_generation: Annotated[bool | None, Meta(extra={"since": "2.1"})] = field(default=None,
        name="isLocalGeneration")
    is_grid_critical: bool | None = field(default=None, name="isGridCritical")
    custom_data: CustomData | None = field(default=None, name="customData")


class DERChargingParameters(Wire, kw_only=True):
    """OCPP 2.1 type of NotifyEVChargingNeeds."""

    ev_supported_der_control: Annotated[list[DERControlEnum],
        Meta(min_length=1)] | None = field(default=None, name="evSupportedDERControl")
    ev_over_excited_max_discharge_power: float | None = field(default=None,
        name="evOverExcitedMaxDischargePower")
    ev_over_excited_power_factor: float | None = field(default=None,
        name="evOverExcitedPowerFactor")
    ev_under_excited_max_discharge_power: float | None = field(default=None,
        name="evUnderExcitedMaxDischargePower")
    ev_under_excited_power_factor: float | None = field(default=None,
        name="evUnderExcitedPowerFactor")
    max_apparent_power: float | None = field(default=None, name="maxApparentPower")
    max_charge_apparent_power: float | None = field(default=None, name="maxChargeApparentPower")
    max_charge_apparent_power_l2: float | None = field(default=None,
        name="maxChargeApparentPower_L2")
    max_charge_apparent_power_l3: float | None = field(default=None,
        name="maxChargeApparentPower_L3")
    max_discharge_apparent_power: float | None = field(default=None,
        name="maxDischargeApparentPower")
    max_discharge_apparent_power_l2: float | None = field(default=None,
        name="maxDischargeApparentPower_L2")
    max_discharge_apparent_power_l3: float | None = field(default=None,
        name="maxDischargeApparentPower_L3")
    max_charge_reactive_power: float | None = field(default=None, name="maxChargeReactivePower")
    max_charge_reactive_power_l2: float | None = field(default=None,
        name="maxChargeReactivePower_L2")
    max_charge_reactive_power_l3: float | None = field(default=None,
        name="maxChargeReactivePower_L3")
    min_charge_reactive_power: float | None = field(default=None, name="minChargeReactivePower")
    min_charge_reactive_power_l2: float | None = field(default=None,
        name="minChargeReactivePower_L2")
    min_charge_reactive_power_l3: float | None = field(default=None,
        name="minChargeReactivePower_L3")
    max_discharge_reactive_power: float | None = field(default=None,
        name="maxDischargeReactivePower")
    max_discharge_reactive_power_l2: float | None = field(default=None,
        name="maxDischargeReactivePower_L2")
    max_discharge_reactive_power_l3: float | None = field(default=None,
        name="maxDischargeReactivePower_L3")
    min_discharge_reactive_power: float | None = field(default=None,
        name="minDischargeReactivePower")
    min_discharge_reactive_power_l2: float | None = field(default=None,
        name="minDischargeReactivePower_L2")
    min_discharge_reactive_power_l3: float | None = field(default=None,
        name="minDischargeReactivePower_L3")
    nominal_voltage: float | None = field(default=None, name="nominalVoltage")
    nominal_voltage_offset: float | None = field(default=None, name="nominalVoltageOffset")
    max_nominal_voltage: float | None = field(default=None, name="maxNominalVoltage")
    min_nominal_voltage: float | None = field(default=None, name="minNominalVoltage")
    ev_inverter_manufacturer: Annotated[str, Meta(max_length=50)] | None = field(default=None,
        name="evInverterManufacturer")
    ev_inverter_model: Annotated[str, Meta(max_length=50)] | None = field(default=None,
        name="evInverterModel")
    ev_inverter_serial_number: Annotated[str, Meta(max_length=50)] | None = field(default=None,
        name="evInverterSerialNumber")
    ev_inverter_sw_version: Annotated[str, Meta(max_length=50)] | None = field(default=None,
        name="evInverterSwVersion")
    ev_inverter_hw_version: Annotated[str, Meta(max_length=50)] | None = field(default=None,
        name="evInverterHwVersion")
    ev_islanding_detection_method: Annotated[list[IslandingDetectionEnum],
        Meta(min_length=1)] | None = field(default=None, name="evIslandingDetectionMethod")
    ev_islanding_trip_time: float | None = field(default=None, name="evIslandingTripTime")
    ev_maximum_level1_dc_injection: float | None = field(default=None,
        name="evMaximumLevel1DCInjection")
    ev_duration_level1_dc_injection: float | None = field(default=None,
        name="evDurationLevel1DCInjection")
    ev_maximum_level2_dc_injection: float | None = field(default=None,
        name="evMaximumLevel2DCInjection")
    ev_duration_level2_dc_injection: float | None = field(default=None,
        name="evDurationLevel2DCInjection")
    ev_reactive_susceptance: float | None = field(default=None, name="evReactiveSusceptance")
    ev_session_total_discharge_energy_available: float | None = field(default=None,
        name="evSessionTotalDischargeEnergyAvailable")
    custom_data: CustomData | None = field(default=None, name="customData")


class EVPriceRule(Wire, kw_only=True):
    """OCPP 2.1 type of NotifyEVChargingNeeds."""

    energy_fee: float = field(name="energyFee")
    power_range_start: float = field(name="powerRangeStart")
    custom_data: CustomData | None = field(default=None, name="customData")


class EVAbsolutePriceScheduleEntry(Wire, kw_only=True):
    """OCPP 2.1 type of NotifyEVChargingNeeds."""

    duration: int
    ev_price_rule: Annotated[list[EVPriceRule], Meta(min_length=1,
        max_length=8)] = field(name="evPriceRule")
    custom_data: CustomData | None = field(default=None, name="customData")


class EVAbsolutePriceSchedule(Wire, kw_only=True):
    """OCPP 2.1 type of NotifyEVChargingNeeds."""

    time_anchor: datetime = field(name="timeAnchor")
    currency: Annotated[str, Meta(max_length=3)]
    ev_absolute_price_schedule_entries: Annotated[list[EVAbsolutePriceScheduleEntry],
        Meta(min_length=1, max_length=1024)] = field(name="evAbsolutePriceScheduleEntries")
    price_algorithm: Annotated[str, Meta(max_length=2000)] = field(name="priceAlgorithm")
    custom_data: CustomData | None = field(default=None, name="customData")

    def __post_init__(self) -> None:
        if self.time_anchor.tzinfo is not UTC:
            self.time_anchor = utc(self.time_anchor)


class EVPowerScheduleEntry(Wire, kw_only=True):
    """OCPP 2.1 type of NotifyEVChargingNeeds."""

    duration: int
    power: float
    custom_data: CustomData | None = field(default=None, name="customData")


class EVPowerSchedule(Wire, kw_only=True):
    """OCPP 2.1 type of NotifyEVChargingNeeds."""

    ev_power_schedule_entries: Annotated[list[EVPowerScheduleEntry], Meta(min_length=1,
        max_length=1024)] = field(name="evPowerScheduleEntries")
    time_anchor: datetime = field(name="timeAnchor")
    custom_data: CustomData | None = field(default=None, name="customData")

    def __post_init__(self) -> None:
        if self.time_anchor.tzinfo is not UTC:
            self.time_anchor = utc(self.time_anchor)


class EVEnergyOffer(Wire, kw_only=True):
    """OCPP 2.1 type of NotifyEVChargingNeeds."""

    ev_absolute_price_schedule: EVAbsolutePriceSchedule | None = field(default=None,
        name="evAbsolutePriceSchedule")
    ev_power_schedule: EVPowerSchedule = field(name="evPowerSchedule")
    custom_data: CustomData | None = field(default=None, name="customData")


class DCChargingParameters(Wire, kw_only=True):
    """OCPP type of NotifyEVChargingNeeds."""

    ev_max_current: Annotated[float,
        Meta(extra={"2.0.1": {"integer": True}})] = field(name="evMaxCurrent")
    ev_max_voltage: Annotated[float,
        Meta(extra={"2.0.1": {"integer": True}})] = field(name="evMaxVoltage")
    ev_max_power: Annotated[float,
        Meta(extra={"2.0.1": {"integer": True}})] | None = field(default=None, name="evMaxPower")
    ev_energy_capacity: Annotated[float,
        Meta(extra={"2.0.1": {"integer": True}})] | None = field(default=None,
        name="evEnergyCapacity")
    energy_amount: Annotated[float,
        Meta(extra={"2.0.1": {"integer": True}})] | None = field(default=None, name="energyAmount")
    state_of_charge: Annotated[int, Meta(ge=0, le=100)] | None = field(default=None,
        name="stateOfCharge")
    full_soc: Annotated[int, Meta(ge=0, le=100)] | None = field(default=None, name="fullSoC")
    bulk_soc: Annotated[int, Meta(ge=0, le=100)] | None = field(default=None, name="bulkSoC")
    custom_data: CustomData | None = field(default=None, name="customData")


class V2XChargingParameters(Wire, kw_only=True):
    """OCPP 2.1 type of NotifyEVChargingNeeds."""

    min_charge_power: float | None = field(default=None, name="minChargePower")
    min_charge_power_l2: float | None = field(default=None, name="minChargePower_L2")
    min_charge_power_l3: float | None = field(default=None, name="minChargePower_L3")
    max_charge_power: float | None = field(default=None, name="maxChargePower")
    max_charge_power_l2: float | None = field(default=None, name="maxChargePower_L2")
    max_charge_power_l3: float | None = field(default=None, name="maxChargePower_L3")
    min_discharge_power: float | None = field(default=None, name="minDischargePower")
    min_discharge_power_l2: float | None = field(default=None, name="minDischargePower_L2")
    min_discharge_power_l3: float | None = field(default=None, name="minDischargePower_L3")
    max_discharge_power: float | None = field(default=None, name="maxDischargePower")
    max_discharge_power_l2: float | None = field(default=None, name="maxDischargePower_L2")
    max_discharge_power_l3: float | None = field(default=None, name="maxDischargePower_L3")
    min_charge_current: float | None = field(default=None, name="minChargeCurrent")
    max_charge_current: float | None = field(default=None, name="maxChargeCurrent")
    min_discharge_current: float | None = field(default=None, name="minDischargeCurrent")
    max_discharge_current: float | None = field(default=None, name="maxDischargeCurrent")
    min_voltage: float | None = field(default=None, name="minVoltage")
    max_voltage: float | None = field(default=None, name="maxVoltage")
    ev_target_energy_request: float | None = field(default=None, name="evTargetEnergyRequest")
    ev_min_energy_request: float | None = field(default=None, name="evMinEnergyRequest")
    ev_max_energy_request: float | None = field(default=None, name="evMaxEnergyRequest")
    ev_min_v2x_energy_request: float | None = field(default=None, name="evMinV2XEnergyRequest")
    ev_max_v2x_energy_request: float | None = field(default=None, name="evMaxV2XEnergyRequest")
    target_soc: Annotated[int, Meta(ge=0, le=100)] | None = field(default=None, name="targetSoC")
    custom_data: CustomData | None = field(default=None, name="customData")


class ChargingNeeds(Wire, kw_only=True):
    """OCPP type of NotifyEVChargingNeeds."""

    ac_charging_parameters: ACChargingParameters | None = field(default=None,
        name="acChargingParameters")
    der_charging_parameters: Annotated[DERChargingParameters | None,
        Meta(extra={"since": "2.1"})] = field(default=None, name="derChargingParameters")
    ev_energy_offer: Annotated[EVEnergyOffer | None,
        Meta(extra={"since": "2.1"})] = field(default=None, name="evEnergyOffer")
    requested_energy_transfer: EnergyTransferModeEnum = field(name="requestedEnergyTransfer")
    dc_charging_parameters: DCChargingParameters | None = field(default=None,
        name="dcChargingParameters")
    v2x_charging_parameters: Annotated[V2XChargingParameters | None,
        Meta(extra={"since": "2.1"})] = field(default=None, name="v2xChargingParameters")
    available_energy_transfer: Annotated[Annotated[list[EnergyTransferModeEnum],
        Meta(min_length=1)] | None, Meta(extra={"since": "2.1"})] = field(default=None,
        name="availableEnergyTransfer")
    control_mode: Annotated[ControlModeEnum | None,
        Meta(extra={"since": "2.1"})] = field(default=None, name="controlMode")
    mobility_needs_mode: Annotated[MobilityNeedsModeEnum | None,
        Meta(extra={"since": "2.1"})] = field(default=None, name="mobilityNeedsMode")
    departure_time: datetime | None = field(default=None, name="departureTime")
    custom_data: CustomData | None = field(default=None, name="customData")

    def __post_init__(self) -> None:
        if self.departure_time is not None and self.departure_time.tzinfo is not UTC:
            self.departure_time = utc(self.departure_time)


class CostDimension(Wire, kw_only=True):
    """OCPP 2.1 type of TransactionEvent."""

    type: CostDimensionEnum
    volume: float
    custom_data: CustomData | None = field(default=None, name="customData")


class ChargingPeriod(Wire, kw_only=True):
    """OCPP 2.1 type of TransactionEvent."""

    dimensions: Annotated[list[CostDimension], Meta(min_length=1)] | None = None
    tariff_id: Annotated[str, Meta(max_length=60)] | None = field(default=None, name="tariffId")
    start_period: datetime = field(name="startPeriod")
    custom_data: CustomData | None = field(default=None, name="customData")

    def __post_init__(self) -> None:
        if self.start_period.tzinfo is not UTC:
            self.start_period = utc(self.start_period)


class LimitAtSoC(Wire, kw_only=True):
    """OCPP 2.1 type of NotifyChargingLimit, NotifyEVChargingSchedule, ReportChargingProfiles and 2 more."""

    soc: Annotated[int, Meta(ge=0, le=100)]
    limit: float
    custom_data: CustomData | None = field(default=None, name="customData")


class V2XFreqWattPoint(Wire, kw_only=True):
    """OCPP 2.1 type of GetCompositeSchedule, NotifyChargingLimit, NotifyEVChargingSchedule and 3 more."""

    frequency: float
    power: float
    custom_data: CustomData | None = field(default=None, name="customData")


class V2XSignalWattPoint(Wire, kw_only=True):
    """OCPP 2.1 type of GetCompositeSchedule, NotifyChargingLimit, NotifyEVChargingSchedule and 3 more."""

    signal: int
    power: float
    custom_data: CustomData | None = field(default=None, name="customData")


class ChargingSchedulePeriod(Wire, kw_only=True):
    """OCPP type of GetCompositeSchedule, NotifyChargingLimit, NotifyEVChargingSchedule and 3 more."""

    start_period: int = field(name="startPeriod")
    limit: Annotated[float | None, Meta(extra={"2.0.1": {"required": True}})] = None
    limit_l2: Annotated[float | None, Meta(extra={"since": "2.1"})] = field(default=None,
        name="limit_L2")
    limit_l3: Annotated[float | None, Meta(extra={"since": "2.1"})] = field(default=None,
        name="limit_L3")
    number_phases: Annotated[int, Meta(ge=0, le=3, extra={"2.0.1": {"ge": None,
        "le": None}})] | None = field(default=None, name="numberPhases")
    phase_to_use: Annotated[int, Meta(ge=0, le=3, extra={"2.0.1": {"ge": None,
        "le": None}})] | None = field(default=None, name="phaseToUse")
    discharge_limit: Annotated[Annotated[float, Meta(le=0)] | None,
        Meta(extra={"since": "2.1"})] = field(default=None, name="dischargeLimit")
    discharge_limit_l2: Annotated[Annotated[float, Meta(le=0)] | None,
        Meta(extra={"since": "2.1"})] = field(default=None, name="dischargeLimit_L2")
    discharge_limit_l3: Annotated[Annotated[float, Meta(le=0)] | None,
        Meta(extra={"since": "2.1"})] = field(default=None, name="dischargeLimit_L3")
    setpoint: Annotated[float | None, Meta(extra={"since": "2.1"})] = None
    setpoint_l2: Annotated[float | None, Meta(extra={"since": "2.1"})] = field(default=None,
        name="setpoint_L2")
    setpoint_l3: Annotated[float | None, Meta(extra={"since": "2.1"})] = field(default=None,
        name="setpoint_L3")
    setpoint_reactive: Annotated[float | None, Meta(extra={"since": "2.1"})] = field(default=None,
        name="setpointReactive")
    setpoint_reactive_l2: Annotated[float | None,
        Meta(extra={"since": "2.1"})] = field(default=None, name="setpointReactive_L2")
    setpoint_reactive_l3: Annotated[float | None,
        Meta(extra={"since": "2.1"})] = field(default=None, name="setpointReactive_L3")
    preconditioning_request: Annotated[bool | None,
        Meta(extra={"since": "2.1"})] = field(default=None, name="preconditioningRequest")
    evse_sleep: Annotated[bool | None, Meta(extra={"since": "2.1"})] = field(default=None,
        name="evseSleep")
    v2x_baseline: Annotated[float | None, Meta(extra={"since": "2.1"})] = field(default=None,
        name="v2xBaseline")
    operation_mode: Annotated[OperationModeEnum | None,
        Meta(extra={"since": "2.1"})] = field(default=None, name="operationMode")
    v2x_freq_watt_curve: Annotated[Annotated[list[V2XFreqWattPoint], Meta(min_length=1,
        max_length=20)] | None, Meta(extra={"since": "2.1"})] = field(default=None,
        name="v2xFreqWattCurve")
    v2x_signal_watt_curve: Annotated[Annotated[list[V2XSignalWattPoint], Meta(min_length=1,
        max_length=20)] | None, Meta(extra={"since": "2.1"})] = field(default=None,
        name="v2xSignalWattCurve")
    custom_data: CustomData | None = field(default=None, name="customData")


class RelativeTimeInterval(Wire, kw_only=True):
    """OCPP type of NotifyChargingLimit, NotifyEVChargingSchedule, ReportChargingProfiles and 2 more."""

    start: int
    duration: int | None = None
    custom_data: CustomData | None = field(default=None, name="customData")


class Cost(Wire, kw_only=True):
    """OCPP type of NotifyChargingLimit, NotifyEVChargingSchedule, ReportChargingProfiles and 2 more."""

    cost_kind: CostKindEnum = field(name="costKind")
    amount: int
    amount_multiplier: int | None = field(default=None, name="amountMultiplier")
    custom_data: CustomData | None = field(default=None, name="customData")


class ConsumptionCost(Wire, kw_only=True):
    """OCPP type of NotifyChargingLimit, NotifyEVChargingSchedule, ReportChargingProfiles and 2 more."""

    start_value: float = field(name="startValue")
    cost: Annotated[list[Cost], Meta(min_length=1, max_length=3)]
    custom_data: CustomData | None = field(default=None, name="customData")


class SalesTariffEntry(Wire, kw_only=True):
    """OCPP type of NotifyChargingLimit, NotifyEVChargingSchedule, ReportChargingProfiles and 2 more."""

    relative_time_interval: RelativeTimeInterval = field(name="relativeTimeInterval")
    e_price_level: Annotated[int, Meta(ge=0)] | None = field(default=None, name="ePriceLevel")
    consumption_cost: Annotated[list[ConsumptionCost], Meta(min_length=1,
        max_length=3)] | None = field(default=None, name="consumptionCost")
    custom_data: CustomData | None = field(default=None, name="customData")


class SalesTariff(Wire, kw_only=True):
    """OCPP type of NotifyChargingLimit, NotifyEVChargingSchedule, ReportChargingProfiles and 2 more."""

    id: Annotated[int, Meta(ge=0, extra={"2.0.1": {"ge": None}})]
    sales_tariff_description: Annotated[str, Meta(max_length=32)] | None = field(default=None,
        name="salesTariffDescription")
    num_e_price_levels: Annotated[int, Meta(ge=0,
        extra={"2.0.1": {"ge": None}})] | None = field(default=None, name="numEPriceLevels")
    sales_tariff_entry: Annotated[list[SalesTariffEntry], Meta(min_length=1,
        max_length=1024)] = field(name="salesTariffEntry")
    custom_data: CustomData | None = field(default=None, name="customData")


class PriceLevelScheduleEntry(Wire, kw_only=True):
    """OCPP 2.1 type of NotifyChargingLimit, NotifyEVChargingSchedule, ReportChargingProfiles and 2 more."""

    duration: int
    price_level: Annotated[int, Meta(ge=0)] = field(name="priceLevel")
    custom_data: CustomData | None = field(default=None, name="customData")


class PriceLevelSchedule(Wire, kw_only=True):
    """OCPP 2.1 type of NotifyChargingLimit, NotifyEVChargingSchedule, ReportChargingProfiles and 2 more."""

    price_level_schedule_entries: Annotated[list[PriceLevelScheduleEntry], Meta(min_length=1,
        max_length=100)] = field(name="priceLevelScheduleEntries")
    time_anchor: datetime = field(name="timeAnchor")
    price_schedule_id: Annotated[int, Meta(ge=0)] = field(name="priceScheduleId")
    price_schedule_description: Annotated[str, Meta(max_length=32)] | None = field(default=None,
        name="priceScheduleDescription")
    number_of_price_levels: Annotated[int, Meta(ge=0)] = field(name="numberOfPriceLevels")
    custom_data: CustomData | None = field(default=None, name="customData")

    def __post_init__(self) -> None:
        if self.time_anchor.tzinfo is not UTC:
            self.time_anchor = utc(self.time_anchor)


class ChargingSchedule(Wire, kw_only=True):
    """OCPP type of NotifyChargingLimit, NotifyEVChargingSchedule, ReportChargingProfiles and 2 more."""

    id: int
    limit_at_soc: Annotated[LimitAtSoC | None, Meta(extra={"since": "2.1"})] = field(default=None,
        name="limitAtSoC")
    start_schedule: datetime | None = field(default=None, name="startSchedule")
    duration: int | None = None
    charging_rate_unit: ChargingRateUnitEnum = field(name="chargingRateUnit")
    min_charging_rate: float | None = field(default=None, name="minChargingRate")
    power_tolerance: Annotated[float | None, Meta(extra={"since": "2.1"})] = field(default=None,
        name="powerTolerance")
    signature_id: Annotated[Annotated[int, Meta(ge=0)] | None,
        Meta(extra={"since": "2.1"})] = field(default=None, name="signatureId")
    digest_value: Annotated[Annotated[str, Meta(max_length=88)] | None,
        Meta(extra={"since": "2.1"})] = field(default=None, name="digestValue")
    use_local_time: Annotated[bool | None, Meta(extra={"since": "2.1"})] = field(default=None,
        name="useLocalTime")
    charging_schedule_period: Annotated[list[ChargingSchedulePeriod], Meta(min_length=1,
        max_length=1024)] = field(name="chargingSchedulePeriod")
    randomized_delay: Annotated[Annotated[int, Meta(ge=0)] | None,
        Meta(extra={"since": "2.1"})] = field(default=None, name="randomizedDelay")
    sales_tariff: SalesTariff | None = field(default=None, name="salesTariff")
    absolute_price_schedule: Annotated[AbsolutePriceSchedule | None,
        Meta(extra={"since": "2.1"})] = field(default=None, name="absolutePriceSchedule")
    price_level_schedule: Annotated[PriceLevelSchedule | None,
        Meta(extra={"since": "2.1"})] = field(default=None, name="priceLevelSchedule")
    custom_data: CustomData | None = field(default=None, name="customData")

    def __post_init__(self) -> None:
        if self.start_schedule is not None and self.start_schedule.tzinfo is not UTC:
            self.start_schedule = utc(self.start_schedule, is_local=bool(self.use_local_time))


class ChargingProfile(Wire, kw_only=True):
    """OCPP type of ReportChargingProfiles, RequestStartTransaction, SetChargingProfile."""

    id: int
    stack_level: Annotated[int, Meta(ge=0,
        extra={"2.0.1": {"ge": None}})] = field(name="stackLevel")
    charging_profile_purpose: ChargingProfilePurposeEnum = field(name="chargingProfilePurpose")
    charging_profile_kind: ChargingProfileKindEnum = field(name="chargingProfileKind")
    recurrency_kind: RecurrencyKindEnum | None = field(default=None, name="recurrencyKind")
    valid_from: datetime | None = field(default=None, name="validFrom")
    valid_to: datetime | None = field(default=None, name="validTo")
    transaction_id: Annotated[str, Meta(max_length=36)] | None = field(default=None,
        name="transactionId")
    max_offline_duration: Annotated[int | None, Meta(extra={"since": "2.1"})] = field(default=None,
        name="maxOfflineDuration")
    charging_schedule: Annotated[list[ChargingSchedule], Meta(min_length=1,
        max_length=3)] = field(name="chargingSchedule")
    invalid_after_offline_duration: Annotated[bool | None,
        Meta(extra={"since": "2.1"})] = field(default=None, name="invalidAfterOfflineDuration")
    dyn_update_interval: Annotated[int | None, Meta(extra={"since": "2.1"})] = field(default=None,
        name="dynUpdateInterval")
    dyn_update_time: Annotated[datetime | None, Meta(extra={"since": "2.1"})] = field(default=None,
        name="dynUpdateTime")
    price_schedule_signature: Annotated[Annotated[str, Meta(max_length=256)] | None,
        Meta(extra={"since": "2.1"})] = field(default=None, name="priceScheduleSignature")
    custom_data: CustomData | None = field(default=None, name="customData")

    def __post_init__(self) -> None:
        if self.valid_from is not None and self.valid_from.tzinfo is not UTC:
            self.valid_from = utc(self.valid_from)
        if self.valid_to is not None and self.valid_to.tzinfo is not UTC:
            self.valid_to = utc(self.valid_to)
        if self.dyn_update_time is not None and self.dyn_update_time.tzinfo is not UTC:
            self.dyn_update_time = utc(self.dyn_update_time)


class ChargingProfileCriterion(Wire, kw_only=True):
    """OCPP type of GetChargingProfiles."""

    charging_profile_purpose: ChargingProfilePurposeEnum | None = field(default=None,
        name="chargingProfilePurpose")
    stack_level: Annotated[int, Meta(ge=0,
        extra={"2.0.1": {"ge": None}})] | None = field(default=None, name="stackLevel")
    charging_profile_id: Annotated[list[int], Meta(min_length=1)] | None = field(default=None,
        name="chargingProfileId")
    charging_limit_source: Annotated[list[Annotated[str, Meta(max_length=20,
        extra={"2.0.1": {"enum": ("EMS", "Other", "SO", "CSO",)}})]], Meta(min_length=1,
        max_length=4)] | None = field(default=None, name="chargingLimitSource")
    custom_data: CustomData | None = field(default=None, name="customData")


class ChargingScheduleUpdate(Wire, kw_only=True):
    """OCPP 2.1 type of PullDynamicScheduleUpdate, UpdateDynamicSchedule."""

    limit: float | None = None
    limit_l2: float | None = field(default=None, name="limit_L2")
    limit_l3: float | None = field(default=None, name="limit_L3")
    discharge_limit: Annotated[float, Meta(le=0)] | None = field(default=None,
        name="dischargeLimit")
    discharge_limit_l2: Annotated[float, Meta(le=0)] | None = field(default=None,
        name="dischargeLimit_L2")
    discharge_limit_l3: Annotated[float, Meta(le=0)] | None = field(default=None,
        name="dischargeLimit_L3")
    setpoint: float | None = None
    setpoint_l2: float | None = field(default=None, name="setpoint_L2")
    setpoint_l3: float | None = field(default=None, name="setpoint_L3")
    setpoint_reactive: float | None = field(default=None, name="setpointReactive")
    setpoint_reactive_l2: float | None = field(default=None, name="setpointReactive_L2")
    setpoint_reactive_l3: float | None = field(default=None, name="setpointReactive_L3")
    custom_data: CustomData | None = field(default=None, name="customData")


class Modem(Wire, kw_only=True):
    """OCPP type of BootNotification."""

    iccid: Annotated[str, Meta(max_length=20)] | None = None
    imsi: Annotated[str, Meta(max_length=20)] | None = None
    custom_data: CustomData | None = field(default=None, name="customData")


class ChargingStation(Wire, kw_only=True):
    """OCPP type of BootNotification."""

    serial_number: Annotated[str, Meta(max_length=25)] | None = field(default=None,
        name="serialNumber")
    model: Annotated[str, Meta(max_length=20)]
    modem: Modem | None = None
    vendor_name: Annotated[str, Meta(max_length=50)] = field(name="vendorName")
    firmware_version: Annotated[str, Meta(max_length=50)] | None = field(default=None,
        name="firmwareVersion")
    custom_data: CustomData | None = field(default=None, name="customData")


class ClearChargingProfileType(Wire, kw_only=True):
    """OCPP type of ClearChargingProfile."""

    evse_id: Annotated[int, Meta(ge=0, extra={"2.0.1": {"ge": None}})] | None = field(default=None,
        name="evseId")
    charging_profile_purpose: ChargingProfilePurposeEnum | None = field(default=None,
        name="chargingProfilePurpose")
    stack_level: Annotated[int, Meta(ge=0,
        extra={"2.0.1": {"ge": None}})] | None = field(default=None, name="stackLevel")
    custom_data: CustomData | None = field(default=None, name="customData")


class StatusInfo(Wire, kw_only=True):
    """OCPP type of AFRRSignal, AdjustPeriodicEventStream, BootNotification and 58 more."""

    reason_code: Annotated[str, Meta(max_length=20)] = field(name="reasonCode")
    additional_info: Annotated[str, Meta(max_length=1024,
        extra={"2.0.1": {"max_length": 512}})] | None = field(default=None, name="additionalInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class ClearMonitoringResult(Wire, kw_only=True):
    """OCPP type of ClearVariableMonitoring."""

    status: ClearMonitoringStatusEnum
    id: Annotated[int, Meta(ge=0, extra={"2.0.1": {"ge": None}})]
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class ClearTariffsResult(Wire, kw_only=True):
    """OCPP 2.1 type of ClearTariffs."""

    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    tariff_id: Annotated[str, Meta(max_length=60)] | None = field(default=None, name="tariffId")
    status: TariffClearStatusEnum
    custom_data: CustomData | None = field(default=None, name="customData")


class EVSE(Wire, kw_only=True):
    """OCPP type of ChangeAvailability, GetMonitoringReport, GetReport and 10 more."""

    id: Annotated[int, Meta(ge=0, extra={"2.0.1": {"ge": None}})]
    connector_id: Annotated[int, Meta(ge=0,
        extra={"2.0.1": {"ge": None}})] | None = field(default=None, name="connectorId")
    custom_data: CustomData | None = field(default=None, name="customData")


class Component(Wire, kw_only=True):
    """OCPP type of GetMonitoringReport, GetReport, GetVariables and 7 more."""

    evse: EVSE | None = None
    name: Annotated[str, Meta(max_length=50)]
    instance: Annotated[str, Meta(max_length=50)] | None = None
    custom_data: CustomData | None = field(default=None, name="customData")


class Variable(Wire, kw_only=True):
    """OCPP type of GetMonitoringReport, GetReport, GetVariables and 5 more."""

    name: Annotated[str, Meta(max_length=50)]
    instance: Annotated[str, Meta(max_length=50)] | None = None
    custom_data: CustomData | None = field(default=None, name="customData")


class ComponentVariable(Wire, kw_only=True):
    """OCPP type of GetMonitoringReport, GetReport."""

    component: Component
    variable: Variable | None = None
    custom_data: CustomData | None = field(default=None, name="customData")


class CompositeSchedule(Wire, kw_only=True):
    """OCPP type of GetCompositeSchedule."""

    evse_id: Annotated[int, Meta(ge=0, extra={"2.0.1": {"ge": None}})] = field(name="evseId")
    duration: int
    schedule_start: datetime = field(name="scheduleStart")
    charging_rate_unit: ChargingRateUnitEnum = field(name="chargingRateUnit")
    charging_schedule_period: Annotated[list[ChargingSchedulePeriod],
        Meta(min_length=1)] = field(name="chargingSchedulePeriod")
    custom_data: CustomData | None = field(default=None, name="customData")

    def __post_init__(self) -> None:
        if self.schedule_start.tzinfo is not UTC:
            self.schedule_start = utc(self.schedule_start)


class PeriodicEventStreamParams(Wire, kw_only=True):
    """OCPP 2.1 type of AdjustPeriodicEventStream, GetPeriodicEventStream, OpenPeriodicEventStream and 1 more."""

    interval: Annotated[int, Meta(ge=0)] | None = None
    values: Annotated[int, Meta(ge=0)] | None = None
    custom_data: CustomData | None = field(default=None, name="customData")


class ConstantStreamData(Wire, kw_only=True):
    """OCPP 2.1 type of GetPeriodicEventStream, OpenPeriodicEventStream."""

    id: Annotated[int, Meta(ge=0)]
    params: PeriodicEventStreamParams
    variable_monitoring_id: Annotated[int, Meta(ge=0)] = field(name="variableMonitoringId")
    custom_data: CustomData | None = field(default=None, name="customData")


class TaxRate(Wire, kw_only=True):
    """OCPP 2.1 type of Authorize, ChangeTransactionTariff, SetDefaultTariff and 1 more."""

    type: Annotated[str, Meta(max_length=20)]
    tax: float
    stack: Annotated[int, Meta(ge=0)] | None = None
    custom_data: CustomData | None = field(default=None, name="customData")


class Price(Wire, kw_only=True):
    """OCPP 2.1 type of Authorize, ChangeTransactionTariff, SetDefaultTariff and 1 more."""

    excl_tax: float | None = field(default=None, name="exclTax")
    incl_tax: float | None = field(default=None, name="inclTax")
    tax_rates: Annotated[list[TaxRate], Meta(min_length=1,
        max_length=5)] | None = field(default=None, name="taxRates")
    custom_data: CustomData | None = field(default=None, name="customData")


class TotalPrice(Wire, kw_only=True):
    """OCPP 2.1 type of TransactionEvent."""

    excl_tax: float | None = field(default=None, name="exclTax")
    incl_tax: float | None = field(default=None, name="inclTax")
    custom_data: CustomData | None = field(default=None, name="customData")


class TotalCost(Wire, kw_only=True):
    """OCPP 2.1 type of TransactionEvent."""

    currency: Annotated[str, Meta(max_length=3)]
    type_of_cost: TariffCostEnum = field(name="typeOfCost")
    fixed: Price | None = None
    energy: Price | None = None
    charging_time: Price | None = field(default=None, name="chargingTime")
    idle_time: Price | None = field(default=None, name="idleTime")
    reservation_time: Price | None = field(default=None, name="reservationTime")
    reservation_fixed: Price | None = field(default=None, name="reservationFixed")
    total: TotalPrice
    custom_data: CustomData | None = field(default=None, name="customData")


class TotalUsage(Wire, kw_only=True):
    """OCPP 2.1 type of TransactionEvent."""

    energy: float
    charging_time: int = field(name="chargingTime")
    idle_time: int = field(name="idleTime")
    reservation_time: int | None = field(default=None, name="reservationTime")
    custom_data: CustomData | None = field(default=None, name="customData")


class CostDetails(Wire, kw_only=True):
    """OCPP 2.1 type of TransactionEvent."""

    charging_periods: Annotated[list[ChargingPeriod],
        Meta(min_length=1)] | None = field(default=None, name="chargingPeriods")
    total_cost: TotalCost = field(name="totalCost")
    total_usage: TotalUsage = field(name="totalUsage")
    failure_to_calculate: bool | None = field(default=None, name="failureToCalculate")
    failure_reason: Annotated[str, Meta(max_length=500)] | None = field(default=None,
        name="failureReason")
    custom_data: CustomData | None = field(default=None, name="customData")


class DERCurvePoints(Wire, kw_only=True):
    """OCPP 2.1 type of ReportDERControl, SetDERControl."""

    x: float
    y: float
    custom_data: CustomData | None = field(default=None, name="customData")


class Hysteresis(Wire, kw_only=True):
    """OCPP 2.1 type of ReportDERControl, SetDERControl."""

    hysteresis_high: float | None = field(default=None, name="hysteresisHigh")
    hysteresis_low: float | None = field(default=None, name="hysteresisLow")
    hysteresis_delay: float | None = field(default=None, name="hysteresisDelay")
    hysteresis_gradient: float | None = field(default=None, name="hysteresisGradient")
    custom_data: CustomData | None = field(default=None, name="customData")


class ReactivePowerParams(Wire, kw_only=True):
    """OCPP 2.1 type of ReportDERControl, SetDERControl."""

    v_ref: float | None = field(default=None, name="vRef")
    autonomous_v_ref_enable: bool | None = field(default=None, name="autonomousVRefEnable")
    autonomous_v_ref_time_constant: float | None = field(default=None,
        name="autonomousVRefTimeConstant")
    custom_data: CustomData | None = field(default=None, name="customData")


class VoltageParams(Wire, kw_only=True):
    """OCPP 2.1 type of ReportDERControl, SetDERControl."""

    hv10_min_mean_value: float | None = field(default=None, name="hv10MinMeanValue")
    hv10_min_mean_trip_delay: float | None = field(default=None, name="hv10MinMeanTripDelay")
    power_during_cessation: PowerDuringCessationEnum | None = field(default=None,
        name="powerDuringCessation")
    custom_data: CustomData | None = field(default=None, name="customData")


class DERCurve(Wire, kw_only=True):
    """OCPP 2.1 type of ReportDERControl, SetDERControl."""

    curve_data: Annotated[list[DERCurvePoints], Meta(min_length=1,
        max_length=10)] = field(name="curveData")
    hysteresis: Hysteresis | None = None
    priority: Annotated[int, Meta(ge=0)]
    reactive_power_params: ReactivePowerParams | None = field(default=None,
        name="reactivePowerParams")
    voltage_params: VoltageParams | None = field(default=None, name="voltageParams")
    y_unit: DERUnitEnum = field(name="yUnit")
    response_time: float | None = field(default=None, name="responseTime")
    start_time: datetime | None = field(default=None, name="startTime")
    duration: float | None = None
    custom_data: CustomData | None = field(default=None, name="customData")

    def __post_init__(self) -> None:
        if self.start_time is not None and self.start_time.tzinfo is not UTC:
            self.start_time = utc(self.start_time)


class DERCurveGet(Wire, kw_only=True):
    """OCPP 2.1 type of ReportDERControl."""

    curve: DERCurve
    id: Annotated[str, Meta(max_length=36)]
    curve_type: DERControlEnum = field(name="curveType")
    is_default: bool = field(name="isDefault")
    is_superseded: bool = field(name="isSuperseded")
    custom_data: CustomData | None = field(default=None, name="customData")


class EnterService(Wire, kw_only=True):
    """OCPP 2.1 type of ReportDERControl, SetDERControl."""

    priority: Annotated[int, Meta(ge=0)]
    high_voltage: float = field(name="highVoltage")
    low_voltage: float = field(name="lowVoltage")
    high_freq: float = field(name="highFreq")
    low_freq: float = field(name="lowFreq")
    delay: float | None = None
    random_delay: float | None = field(default=None, name="randomDelay")
    ramp_rate: float | None = field(default=None, name="rampRate")
    custom_data: CustomData | None = field(default=None, name="customData")


class EnterServiceGet(Wire, kw_only=True):
    """OCPP 2.1 type of ReportDERControl."""

    enter_service: EnterService = field(name="enterService")
    id: Annotated[str, Meta(max_length=36)]
    custom_data: CustomData | None = field(default=None, name="customData")


class EventData(Wire, kw_only=True):
    """OCPP type of NotifyEvent."""

    event_id: Annotated[int, Meta(ge=0, extra={"2.0.1": {"ge": None}})] = field(name="eventId")
    timestamp: datetime
    trigger: EventTriggerEnum
    cause: Annotated[int, Meta(ge=0, extra={"2.0.1": {"ge": None}})] | None = None
    actual_value: Annotated[str, Meta(max_length=2500)] = field(name="actualValue")
    tech_code: Annotated[str, Meta(max_length=50)] | None = field(default=None, name="techCode")
    tech_info: Annotated[str, Meta(max_length=500)] | None = field(default=None, name="techInfo")
    cleared: bool | None = None
    transaction_id: Annotated[str, Meta(max_length=36)] | None = field(default=None,
        name="transactionId")
    component: Component
    variable_monitoring_id: Annotated[int, Meta(ge=0,
        extra={"2.0.1": {"ge": None}})] | None = field(default=None, name="variableMonitoringId")
    event_notification_type: EventNotificationEnum = field(name="eventNotificationType")
    variable: Variable
    severity: Annotated[Annotated[int, Meta(ge=0)] | None, Meta(extra={"since": "2.1"})] = None
    custom_data: CustomData | None = field(default=None, name="customData")

    def __post_init__(self) -> None:
        if self.timestamp.tzinfo is not UTC:
            self.timestamp = utc(self.timestamp)


class Firmware(Wire, kw_only=True):
    """OCPP type of UpdateFirmware."""

    location: Annotated[str, Meta(max_length=2000, extra={"2.0.1": {"max_length": 512}})]
    retrieve_date_time: datetime = field(name="retrieveDateTime")
    install_date_time: datetime | None = field(default=None, name="installDateTime")
    signing_certificate: Annotated[str, Meta(max_length=5500)] | None = field(default=None,
        name="signingCertificate")
    signature: Annotated[str, Meta(max_length=800)] | None = None
    custom_data: CustomData | None = field(default=None, name="customData")

    def __post_init__(self) -> None:
        if self.retrieve_date_time.tzinfo is not UTC:
            self.retrieve_date_time = utc(self.retrieve_date_time)
        if self.install_date_time is not None and self.install_date_time.tzinfo is not UTC:
            self.install_date_time = utc(self.install_date_time)


class FixedPF(Wire, kw_only=True):
    """OCPP 2.1 type of ReportDERControl, SetDERControl."""

    priority: Annotated[int, Meta(ge=0)]
    displacement: float
    excitation: bool
    start_time: datetime | None = field(default=None, name="startTime")
    duration: float | None = None
    custom_data: CustomData | None = field(default=None, name="customData")

    def __post_init__(self) -> None:
        if self.start_time is not None and self.start_time.tzinfo is not UTC:
            self.start_time = utc(self.start_time)


class FixedPFGet(Wire, kw_only=True):
    """OCPP 2.1 type of ReportDERControl."""

    fixed_pf: FixedPF = field(name="fixedPF")
    id: Annotated[str, Meta(max_length=36)]
    is_default: bool = field(name="isDefault")
    is_superseded: bool = field(name="isSuperseded")
    custom_data: CustomData | None = field(default=None, name="customData")


class FixedVar(Wire, kw_only=True):
    """OCPP 2.1 type of ReportDERControl, SetDERControl."""

    priority: Annotated[int, Meta(ge=0)]
    setpoint: float
    unit: DERUnitEnum
    start_time: datetime | None = field(default=None, name="startTime")
    duration: float | None = None
    custom_data: CustomData | None = field(default=None, name="customData")

    def __post_init__(self) -> None:
        if self.start_time is not None and self.start_time.tzinfo is not UTC:
            self.start_time = utc(self.start_time)


class FixedVarGet(Wire, kw_only=True):
    """OCPP 2.1 type of ReportDERControl."""

    fixed_var: FixedVar = field(name="fixedVar")
    id: Annotated[str, Meta(max_length=36)]
    is_default: bool = field(name="isDefault")
    is_superseded: bool = field(name="isSuperseded")
    custom_data: CustomData | None = field(default=None, name="customData")


class FreqDroop(Wire, kw_only=True):
    """OCPP 2.1 type of ReportDERControl, SetDERControl."""

    priority: Annotated[int, Meta(ge=0)]
    over_freq: float = field(name="overFreq")
    under_freq: float = field(name="underFreq")
    over_droop: float = field(name="overDroop")
    under_droop: float = field(name="underDroop")
    response_time: float = field(name="responseTime")
    start_time: datetime | None = field(default=None, name="startTime")
    duration: float | None = None
    custom_data: CustomData | None = field(default=None, name="customData")

    def __post_init__(self) -> None:
        if self.start_time is not None and self.start_time.tzinfo is not UTC:
            self.start_time = utc(self.start_time)


class FreqDroopGet(Wire, kw_only=True):
    """OCPP 2.1 type of ReportDERControl."""

    freq_droop: FreqDroop = field(name="freqDroop")
    id: Annotated[str, Meta(max_length=36)]
    is_default: bool = field(name="isDefault")
    is_superseded: bool = field(name="isSuperseded")
    custom_data: CustomData | None = field(default=None, name="customData")


class GetVariableData(Wire, kw_only=True):
    """OCPP type of GetVariables."""

    attribute_type: AttributeEnum | None = field(default=None, name="attributeType")
    component: Component
    variable: Variable
    custom_data: CustomData | None = field(default=None, name="customData")


class GetVariableResult(Wire, kw_only=True):
    """OCPP type of GetVariables."""

    attribute_status: GetVariableStatusEnum = field(name="attributeStatus")
    attribute_status_info: StatusInfo | None = field(default=None, name="attributeStatusInfo")
    attribute_type: AttributeEnum | None = field(default=None, name="attributeType")
    attribute_value: Annotated[str, Meta(max_length=2500)] | None = field(default=None,
        name="attributeValue")
    component: Component
    variable: Variable
    custom_data: CustomData | None = field(default=None, name="customData")


class Gradient(Wire, kw_only=True):
    """OCPP 2.1 type of ReportDERControl, SetDERControl."""

    priority: Annotated[int, Meta(ge=0)]
    gradient: float
    soft_gradient: float = field(name="softGradient")
    custom_data: CustomData | None = field(default=None, name="customData")


class GradientGet(Wire, kw_only=True):
    """OCPP 2.1 type of ReportDERControl."""

    gradient: Gradient
    id: Annotated[str, Meta(max_length=36)]
    custom_data: CustomData | None = field(default=None, name="customData")


class LimitMaxDischarge(Wire, kw_only=True):
    """OCPP 2.1 type of ReportDERControl, SetDERControl."""

    priority: Annotated[int, Meta(ge=0)]
    pct_max_discharge_power: float | None = field(default=None, name="pctMaxDischargePower")
    power_monitoring_must_trip: DERCurve | None = field(default=None,
        name="powerMonitoringMustTrip")
    start_time: datetime | None = field(default=None, name="startTime")
    duration: float | None = None
    custom_data: CustomData | None = field(default=None, name="customData")

    def __post_init__(self) -> None:
        if self.start_time is not None and self.start_time.tzinfo is not UTC:
            self.start_time = utc(self.start_time)


class LimitMaxDischargeGet(Wire, kw_only=True):
    """OCPP 2.1 type of ReportDERControl."""

    id: Annotated[str, Meta(max_length=36)]
    is_default: bool = field(name="isDefault")
    is_superseded: bool = field(name="isSuperseded")
    limit_max_discharge: LimitMaxDischarge = field(name="limitMaxDischarge")
    custom_data: CustomData | None = field(default=None, name="customData")


class LogParameters(Wire, kw_only=True):
    """OCPP type of GetLog."""

    remote_location: Annotated[str, Meta(max_length=2000,
        extra={"2.0.1": {"max_length": 512}})] = field(name="remoteLocation")
    oldest_timestamp: datetime | None = field(default=None, name="oldestTimestamp")
    latest_timestamp: datetime | None = field(default=None, name="latestTimestamp")
    custom_data: CustomData | None = field(default=None, name="customData")

    def __post_init__(self) -> None:
        if self.oldest_timestamp is not None and self.oldest_timestamp.tzinfo is not UTC:
            self.oldest_timestamp = utc(self.oldest_timestamp)
        if self.latest_timestamp is not None and self.latest_timestamp.tzinfo is not UTC:
            self.latest_timestamp = utc(self.latest_timestamp)


class MessageInfo(Wire, kw_only=True):
    """OCPP type of NotifyDisplayMessages, SetDisplayMessage."""

    display: Component | None = None
    id: Annotated[int, Meta(ge=0, extra={"2.0.1": {"ge": None}})]
    priority: MessagePriorityEnum
    state: MessageStateEnum | None = None
    start_date_time: datetime | None = field(default=None, name="startDateTime")
    end_date_time: datetime | None = field(default=None, name="endDateTime")
    transaction_id: Annotated[str, Meta(max_length=36)] | None = field(default=None,
        name="transactionId")
    message: MessageContent
    message_extra: Annotated[Annotated[list[MessageContent], Meta(min_length=1,
        max_length=4)] | None, Meta(extra={"since": "2.1"})] = field(default=None,
        name="messageExtra")
    custom_data: CustomData | None = field(default=None, name="customData")

    def __post_init__(self) -> None:
        if self.start_date_time is not None and self.start_date_time.tzinfo is not UTC:
            self.start_date_time = utc(self.start_date_time)
        if self.end_date_time is not None and self.end_date_time.tzinfo is not UTC:
            self.end_date_time = utc(self.end_date_time)


class SignedMeterValue(Wire, kw_only=True):
    """OCPP type of MeterValues, TransactionEvent."""

    signed_meter_data: Annotated[str, Meta(max_length=32768,
        extra={"2.0.1": {"max_length": 2500}})] = field(name="signedMeterData")
    signing_method: Annotated[Annotated[str, Meta(max_length=50)] | None,
        Meta(extra={"2.0.1": {"required": True}})] = field(default=None, name="signingMethod")
    encoding_method: Annotated[str, Meta(max_length=50)] = field(name="encodingMethod")
    public_key: Annotated[Annotated[str, Meta(max_length=2500)] | None,
        Meta(extra={"2.0.1": {"required": True}})] = field(default=None, name="publicKey")
    custom_data: CustomData | None = field(default=None, name="customData")


class UnitOfMeasure(Wire, kw_only=True):
    """OCPP type of MeterValues, TransactionEvent."""

    unit: Annotated[str, Meta(max_length=20)] = "Wh"
    multiplier: int = 0
    custom_data: CustomData | None = field(default=None, name="customData")


class SampledValue(Wire, kw_only=True):
    """OCPP type of MeterValues, TransactionEvent."""

    value: float
    measurand: MeasurandEnum | None = None
    context: ReadingContextEnum | None = None
    phase: PhaseEnum | None = None
    location: LocationEnum | None = None
    signed_meter_value: SignedMeterValue | None = field(default=None, name="signedMeterValue")
    unit_of_measure: UnitOfMeasure | None = field(default=None, name="unitOfMeasure")
    custom_data: CustomData | None = field(default=None, name="customData")


class MeterValue(Wire, kw_only=True):
    """OCPP type of MeterValues, TransactionEvent."""

    sampled_value: Annotated[list[SampledValue], Meta(min_length=1)] = field(name="sampledValue")
    timestamp: datetime
    custom_data: CustomData | None = field(default=None, name="customData")

    def __post_init__(self) -> None:
        if self.timestamp.tzinfo is not UTC:
            self.timestamp = utc(self.timestamp)


class VariableMonitoring(Wire, kw_only=True):
    """OCPP type of NotifyMonitoringReport."""

    id: Annotated[int, Meta(ge=0, extra={"2.0.1": {"ge": None}})]
    transaction: bool
    value: float
    type: MonitorEnum
    severity: Annotated[int, Meta(ge=0, extra={"2.0.1": {"ge": None}})]
    event_notification_type: Annotated[EventNotificationEnum | None, Meta(extra={"since": "2.1",
        "required": "2.1"})] = field(default=None, name="eventNotificationType")
    custom_data: CustomData | None = field(default=None, name="customData")


class MonitoringData(Wire, kw_only=True):
    """OCPP type of NotifyMonitoringReport."""

    component: Component
    variable: Variable
    variable_monitoring: Annotated[list[VariableMonitoring],
        Meta(min_length=1)] = field(name="variableMonitoring")
    custom_data: CustomData | None = field(default=None, name="customData")


class VPN(Wire, kw_only=True):
    """OCPP type of SetNetworkProfile."""

    server: Annotated[str, Meta(max_length=2000, extra={"2.0.1": {"max_length": 512}})]
    user: Annotated[str, Meta(max_length=50, extra={"2.0.1": {"max_length": 20}})]
    group: Annotated[str, Meta(max_length=50, extra={"2.0.1": {"max_length": 20}})] | None = None
    password: Annotated[str, Meta(max_length=64, extra={"2.0.1": {"max_length": 20}})]
    key: Annotated[str, Meta(max_length=255)]
    type: VPNEnum
    custom_data: CustomData | None = field(default=None, name="customData")


class NetworkConnectionProfile(Wire, kw_only=True):
    """OCPP type of SetNetworkProfile."""

    apn: APN | None = None
    ocpp_version: Annotated[OCPPVersionEnum | None,
        Meta(extra={"2.0.1": {"required": True}})] = field(default=None, name="ocppVersion")
    ocpp_interface: OCPPInterfaceEnum = field(name="ocppInterface")
    ocpp_transport: OCPPTransportEnum = field(name="ocppTransport")
    message_timeout: int = field(name="messageTimeout")
    ocpp_csms_url: Annotated[str, Meta(max_length=2000,
        extra={"2.0.1": {"max_length": 512}})] = field(name="ocppCsmsUrl")
    security_profile: Annotated[int, Meta(ge=0,
        extra={"2.0.1": {"ge": None}})] = field(name="securityProfile")
    identity: Annotated[Annotated[str, Meta(max_length=48)] | None,
        Meta(extra={"since": "2.1"})] = None
    basic_auth_password: Annotated[Annotated[str, Meta(max_length=64)] | None,
        Meta(extra={"since": "2.1"})] = field(default=None, name="basicAuthPassword")
    vpn: VPN | None = None
    custom_data: CustomData | None = field(default=None, name="customData")


class OCSPRequestData(Wire, kw_only=True):
    """OCPP type of Authorize, GetCertificateStatus."""

    hash_algorithm: HashAlgorithmEnum = field(name="hashAlgorithm")
    issuer_name_hash: Annotated[str, Meta(max_length=128)] = field(name="issuerNameHash")
    issuer_key_hash: Annotated[str, Meta(max_length=128)] = field(name="issuerKeyHash")
    serial_number: Annotated[str, Meta(max_length=40)] = field(name="serialNumber")
    responder_url: Annotated[str, Meta(max_length=2000,
        extra={"2.0.1": {"max_length": 512}})] = field(name="responderURL")
    custom_data: CustomData | None = field(default=None, name="customData")


class VariableAttribute(Wire, kw_only=True):
    """OCPP type of NotifyReport."""

    type: AttributeEnum | None = None
    value: Annotated[str, Meta(max_length=2500)] | None = None
    mutability: MutabilityEnum | None = None
    persistent: bool = False
    constant: bool = False
    custom_data: CustomData | None = field(default=None, name="customData")


class VariableCharacteristics(Wire, kw_only=True):
    """OCPP type of NotifyReport."""

    unit: Annotated[str, Meta(max_length=16)] | None = None
    data_type: DataEnum = field(name="dataType")
    min_limit: float | None = field(default=None, name="minLimit")
    max_limit: float | None = field(default=None, name="maxLimit")
    max_elements: Annotated[Annotated[int, Meta(ge=1)] | None,
        Meta(extra={"since": "2.1"})] = field(default=None, name="maxElements")
    values_list: Annotated[str, Meta(max_length=1000)] | None = field(default=None,
        name="valuesList")
    supports_monitoring: bool = field(name="supportsMonitoring")
    custom_data: CustomData | None = field(default=None, name="customData")


class ReportData(Wire, kw_only=True):
    """OCPP type of NotifyReport."""

    component: Component
    variable: Variable
    variable_attribute: Annotated[list[VariableAttribute], Meta(min_length=1,
        max_length=4)] = field(name="variableAttribute")
    variable_characteristics: VariableCharacteristics | None = field(default=None,
        name="variableCharacteristics")
    custom_data: CustomData | None = field(default=None, name="customData")


class SetMonitoringData(Wire, kw_only=True):
    """OCPP type of SetVariableMonitoring."""

    id: Annotated[int, Meta(ge=0, extra={"2.0.1": {"ge": None}})] | None = None
    periodic_event_stream: Annotated[PeriodicEventStreamParams | None,
        Meta(extra={"since": "2.1"})] = field(default=None, name="periodicEventStream")
    transaction: bool = False
    value: float
    type: MonitorEnum
    severity: Annotated[int, Meta(ge=0, extra={"2.0.1": {"ge": None}})]
    component: Component
    variable: Variable
    custom_data: CustomData | None = field(default=None, name="customData")


class SetMonitoringResult(Wire, kw_only=True):
    """OCPP type of SetVariableMonitoring."""

    id: Annotated[int, Meta(ge=0, extra={"2.0.1": {"ge": None}})] | None = None
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    status: SetMonitoringStatusEnum
    type: MonitorEnum
    component: Component
    variable: Variable
    severity: Annotated[int, Meta(ge=0, extra={"2.0.1": {"ge": None}})]
    custom_data: CustomData | None = field(default=None, name="customData")


class SetVariableData(Wire, kw_only=True):
    """OCPP type of SetVariables."""

    attribute_type: AttributeEnum | None = field(default=None, name="attributeType")
    attribute_value: Annotated[str, Meta(max_length=2500,
        extra={"2.0.1": {"max_length": 1000}})] = field(name="attributeValue")
    component: Component
    variable: Variable
    custom_data: CustomData | None = field(default=None, name="customData")


class SetVariableResult(Wire, kw_only=True):
    """OCPP type of SetVariables."""

    attribute_type: AttributeEnum | None = field(default=None, name="attributeType")
    attribute_status: SetVariableStatusEnum = field(name="attributeStatus")
    attribute_status_info: StatusInfo | None = field(default=None, name="attributeStatusInfo")
    component: Component
    variable: Variable
    custom_data: CustomData | None = field(default=None, name="customData")


class StreamDataElement(Wire, kw_only=True):
    """OCPP 2.1 type of NotifyPeriodicEventStream."""

    t: float
    v: Annotated[str, Meta(max_length=2500)]
    custom_data: CustomData | None = field(default=None, name="customData")


class TariffConditions(Wire, kw_only=True):
    """OCPP 2.1 type of Authorize, ChangeTransactionTariff, SetDefaultTariff."""

    start_time_of_day: str | None = field(default=None, name="startTimeOfDay")
    end_time_of_day: str | None = field(default=None, name="endTimeOfDay")
    day_of_week: Annotated[list[DayOfWeekEnum], Meta(min_length=1,
        max_length=7)] | None = field(default=None, name="dayOfWeek")
    valid_from_date: str | None = field(default=None, name="validFromDate")
    valid_to_date: str | None = field(default=None, name="validToDate")
    evse_kind: EvseKindEnum | None = field(default=None, name="evseKind")
    min_energy: float | None = field(default=None, name="minEnergy")
    max_energy: float | None = field(default=None, name="maxEnergy")
    min_current: float | None = field(default=None, name="minCurrent")
    max_current: float | None = field(default=None, name="maxCurrent")
    min_power: float | None = field(default=None, name="minPower")
    max_power: float | None = field(default=None, name="maxPower")
    min_time: int | None = field(default=None, name="minTime")
    max_time: int | None = field(default=None, name="maxTime")
    min_charging_time: int | None = field(default=None, name="minChargingTime")
    max_charging_time: int | None = field(default=None, name="maxChargingTime")
    min_idle_time: int | None = field(default=None, name="minIdleTime")
    max_idle_time: int | None = field(default=None, name="maxIdleTime")
    custom_data: CustomData | None = field(default=None, name="customData")


class TariffEnergyPrice(Wire, kw_only=True):
    """OCPP 2.1 type of Authorize, ChangeTransactionTariff, SetDefaultTariff."""

    price_kwh: float = field(name="priceKwh")
    conditions: TariffConditions | None = None
    custom_data: CustomData | None = field(default=None, name="customData")


class TariffEnergy(Wire, kw_only=True):
    """OCPP 2.1 type of Authorize, ChangeTransactionTariff, SetDefaultTariff."""

    prices: Annotated[list[TariffEnergyPrice], Meta(min_length=1)]
    tax_rates: Annotated[list[TaxRate], Meta(min_length=1,
        max_length=5)] | None = field(default=None, name="taxRates")
    custom_data: CustomData | None = field(default=None, name="customData")


class TariffTimePrice(Wire, kw_only=True):
    """OCPP 2.1 type of Authorize, ChangeTransactionTariff, SetDefaultTariff."""

    price_minute: float = field(name="priceMinute")
    conditions: TariffConditions | None = None
    custom_data: CustomData | None = field(default=None, name="customData")


class TariffTime(Wire, kw_only=True):
    """OCPP 2.1 type of Authorize, ChangeTransactionTariff, SetDefaultTariff."""

    prices: Annotated[list[TariffTimePrice], Meta(min_length=1)]
    tax_rates: Annotated[list[TaxRate], Meta(min_length=1,
        max_length=5)] | None = field(default=None, name="taxRates")
    custom_data: CustomData | None = field(default=None, name="customData")


class TariffConditionsFixed(Wire, kw_only=True):
    """OCPP 2.1 type of Authorize, ChangeTransactionTariff, SetDefaultTariff."""

    start_time_of_day: str | None = field(default=None, name="startTimeOfDay")
    end_time_of_day: str | None = field(default=None, name="endTimeOfDay")
    day_of_week: Annotated[list[DayOfWeekEnum], Meta(min_length=1,
        max_length=7)] | None = field(default=None, name="dayOfWeek")
    valid_from_date: str | None = field(default=None, name="validFromDate")
    valid_to_date: str | None = field(default=None, name="validToDate")
    evse_kind: EvseKindEnum | None = field(default=None, name="evseKind")
    payment_brand: Annotated[str, Meta(max_length=20)] | None = field(default=None,
        name="paymentBrand")
    payment_recognition: Annotated[str, Meta(max_length=20)] | None = field(default=None,
        name="paymentRecognition")
    custom_data: CustomData | None = field(default=None, name="customData")


class TariffFixedPrice(Wire, kw_only=True):
    """OCPP 2.1 type of Authorize, ChangeTransactionTariff, SetDefaultTariff."""

    conditions: TariffConditionsFixed | None = None
    price_fixed: float = field(name="priceFixed")
    custom_data: CustomData | None = field(default=None, name="customData")


class TariffFixed(Wire, kw_only=True):
    """OCPP 2.1 type of Authorize, ChangeTransactionTariff, SetDefaultTariff."""

    prices: Annotated[list[TariffFixedPrice], Meta(min_length=1)]
    tax_rates: Annotated[list[TaxRate], Meta(min_length=1,
        max_length=5)] | None = field(default=None, name="taxRates")
    custom_data: CustomData | None = field(default=None, name="customData")


class Tariff(Wire, kw_only=True):
    """OCPP 2.1 type of Authorize, ChangeTransactionTariff, SetDefaultTariff."""

    tariff_id: Annotated[str, Meta(max_length=60)] = field(name="tariffId")
    description: Annotated[list[MessageContent], Meta(min_length=1, max_length=10)] | None = None
    currency: Annotated[str, Meta(max_length=3)]
    energy: TariffEnergy | None = None
    valid_from: datetime | None = field(default=None, name="validFrom")
    charging_time: TariffTime | None = field(default=None, name="chargingTime")
    idle_time: TariffTime | None = field(default=None, name="idleTime")
    fixed_fee: TariffFixed | None = field(default=None, name="fixedFee")
    reservation_time: TariffTime | None = field(default=None, name="reservationTime")
    reservation_fixed: TariffFixed | None = field(default=None, name="reservationFixed")
    min_cost: Price | None = field(default=None, name="minCost")
    max_cost: Price | None = field(default=None, name="maxCost")
    custom_data: CustomData | None = field(default=None, name="customData")

    def __post_init__(self) -> None:
        if self.valid_from is not None and self.valid_from.tzinfo is not UTC:
            self.valid_from = utc(self.valid_from)


class TariffAssignment(Wire, kw_only=True):
    """OCPP 2.1 type of GetTariffs."""

    tariff_id: Annotated[str, Meta(max_length=60)] = field(name="tariffId")
    tariff_kind: TariffKindEnum = field(name="tariffKind")
    valid_from: datetime | None = field(default=None, name="validFrom")
    evse_ids: Annotated[list[Annotated[int, Meta(ge=0)]],
        Meta(min_length=1)] | None = field(default=None, name="evseIds")
    id_tokens: Annotated[list[Annotated[str, Meta(max_length=255)]],
        Meta(min_length=1)] | None = field(default=None, name="idTokens")
    custom_data: CustomData | None = field(default=None, name="customData")

    def __post_init__(self) -> None:
        if self.valid_from is not None and self.valid_from.tzinfo is not UTC:
            self.valid_from = utc(self.valid_from)


class TransactionLimit(Wire, kw_only=True):
    """OCPP 2.1 type of TransactionEvent."""

    max_cost: float | None = field(default=None, name="maxCost")
    max_energy: float | None = field(default=None, name="maxEnergy")
    max_time: int | None = field(default=None, name="maxTime")
    max_soc: Annotated[int, Meta(ge=0, le=100)] | None = field(default=None, name="maxSoC")
    custom_data: CustomData | None = field(default=None, name="customData")


class Transaction(Wire, kw_only=True):
    """OCPP type of TransactionEvent."""

    transaction_id: Annotated[str, Meta(max_length=36)] = field(name="transactionId")
    charging_state: ChargingStateEnum | None = field(default=None, name="chargingState")
    time_spent_charging: int | None = field(default=None, name="timeSpentCharging")
    stopped_reason: ReasonEnum | None = field(default=None, name="stoppedReason")
    remote_start_id: int | None = field(default=None, name="remoteStartId")
    operation_mode: Annotated[OperationModeEnum | None,
        Meta(extra={"since": "2.1"})] = field(default=None, name="operationMode")
    tariff_id: Annotated[Annotated[str, Meta(max_length=60)] | None,
        Meta(extra={"since": "2.1"})] = field(default=None, name="tariffId")
    transaction_limit: Annotated[TransactionLimit | None,
        Meta(extra={"since": "2.1"})] = field(default=None, name="transactionLimit")
    custom_data: CustomData | None = field(default=None, name="customData")


class AFRRSignalResponse(Wire, kw_only=True):
    """AFRRSignal answer (OCPP 2.1)."""

    status: GenericStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class AFRRSignal(Wire, Request[AFRRSignalResponse], kw_only=True):
    """AFRRSignal request (OCPP 2.1)."""

    timestamp: datetime
    signal: int
    custom_data: CustomData | None = field(default=None, name="customData")

    def __post_init__(self) -> None:
        if self.timestamp.tzinfo is not UTC:
            self.timestamp = utc(self.timestamp)


class AdjustPeriodicEventStreamResponse(Wire, kw_only=True):
    """AdjustPeriodicEventStream answer (OCPP 2.1)."""

    status: GenericStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class AdjustPeriodicEventStream(Wire, Request[AdjustPeriodicEventStreamResponse], kw_only=True):
    """AdjustPeriodicEventStream request (OCPP 2.1)."""

    id: Annotated[int, Meta(ge=0)]
    params: PeriodicEventStreamParams
    custom_data: CustomData | None = field(default=None, name="customData")


class AuthorizeResponse(Wire, kw_only=True):
    """Authorize answer (OCPP 2.x)."""

    id_token_info: IdTokenInfo = field(name="idTokenInfo")
    certificate_status: AuthorizeCertificateStatusEnum | None = field(default=None,
        name="certificateStatus")
    allowed_energy_transfer: Annotated[Annotated[list[EnergyTransferModeEnum],
        Meta(min_length=1)] | None, Meta(extra={"since": "2.1"})] = field(default=None,
        name="allowedEnergyTransfer")
    tariff: Annotated[Tariff | None, Meta(extra={"since": "2.1"})] = None
    custom_data: CustomData | None = field(default=None, name="customData")


class Authorize(Wire, Request[AuthorizeResponse], kw_only=True):
    """Authorize request (OCPP 2.x)."""

    id_token: IdToken = field(name="idToken")
    certificate: Annotated[str, Meta(max_length=10000,
        extra={"2.0.1": {"max_length": 5500}})] | None = None
    iso15118_certificate_hash_data: Annotated[list[OCSPRequestData], Meta(min_length=1,
        max_length=4)] | None = field(default=None, name="iso15118CertificateHashData")
    custom_data: CustomData | None = field(default=None, name="customData")


class BatterySwapResponse(Wire, kw_only=True):
    """BatterySwap answer (OCPP 2.1)."""

    custom_data: CustomData | None = field(default=None, name="customData")


class BatterySwap(Wire, Request[BatterySwapResponse], kw_only=True):
    """BatterySwap request (OCPP 2.1)."""

    battery_data: Annotated[list[BatteryData], Meta(min_length=1)] = field(name="batteryData")
    event_type: BatterySwapEventEnum = field(name="eventType")
    id_token: IdToken = field(name="idToken")
    request_id: int = field(name="requestId")
    custom_data: CustomData | None = field(default=None, name="customData")


class BootNotificationResponse(Wire, kw_only=True):
    """BootNotification answer (OCPP 2.x)."""

    current_time: datetime = field(name="currentTime")
    interval: int
    status: RegistrationStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")

    def __post_init__(self) -> None:
        if self.current_time.tzinfo is not UTC:
            self.current_time = utc(self.current_time)


class BootNotification(Wire, Request[BootNotificationResponse], kw_only=True):
    """BootNotification request (OCPP 2.x)."""

    charging_station: ChargingStation = field(name="chargingStation")
    reason: BootReasonEnum
    custom_data: CustomData | None = field(default=None, name="customData")


class CancelReservationResponse(Wire, kw_only=True):
    """CancelReservation answer (OCPP 2.x)."""

    status: CancelReservationStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class CancelReservation(Wire, Request[CancelReservationResponse], kw_only=True):
    """CancelReservation request (OCPP 2.x)."""

    reservation_id: Annotated[int, Meta(ge=0,
        extra={"2.0.1": {"ge": None}})] = field(name="reservationId")
    custom_data: CustomData | None = field(default=None, name="customData")


class CertificateSignedResponse(Wire, kw_only=True):
    """CertificateSigned answer (OCPP 2.x)."""

    status: CertificateSignedStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class CertificateSigned(Wire, Request[CertificateSignedResponse], kw_only=True):
    """CertificateSigned request (OCPP 2.x)."""

    certificate_chain: Annotated[str, Meta(max_length=10000)] = field(name="certificateChain")
    certificate_type: CertificateSigningUseEnum | None = field(default=None, name="certificateType")
    request_id: Annotated[int | None, Meta(extra={"since": "2.1"})] = field(default=None,
        name="requestId")
    custom_data: CustomData | None = field(default=None, name="customData")


class ChangeAvailabilityResponse(Wire, kw_only=True):
    """ChangeAvailability answer (OCPP 2.x)."""

    status: ChangeAvailabilityStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class ChangeAvailability(Wire, Request[ChangeAvailabilityResponse], kw_only=True):
    """ChangeAvailability request (OCPP 2.x)."""

    evse: EVSE | None = None
    operational_status: OperationalStatusEnum = field(name="operationalStatus")
    custom_data: CustomData | None = field(default=None, name="customData")


class ChangeTransactionTariffResponse(Wire, kw_only=True):
    """ChangeTransactionTariff answer (OCPP 2.1)."""

    status: TariffChangeStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class ChangeTransactionTariff(Wire, Request[ChangeTransactionTariffResponse], kw_only=True):
    """ChangeTransactionTariff request (OCPP 2.1)."""

    tariff: Tariff
    transaction_id: Annotated[str, Meta(max_length=36)] = field(name="transactionId")
    custom_data: CustomData | None = field(default=None, name="customData")


class ClearCacheResponse(Wire, kw_only=True):
    """ClearCache answer (OCPP 2.x)."""

    status: ClearCacheStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class ClearCache(Wire, Request[ClearCacheResponse], kw_only=True):
    """ClearCache request (OCPP 2.x)."""

    custom_data: CustomData | None = field(default=None, name="customData")


class ClearChargingProfileResponse(Wire, kw_only=True):
    """ClearChargingProfile answer (OCPP 2.x)."""

    status: ClearChargingProfileStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class ClearChargingProfile(Wire, Request[ClearChargingProfileResponse], kw_only=True):
    """ClearChargingProfile request (OCPP 2.x)."""

    charging_profile_id: int | None = field(default=None, name="chargingProfileId")
    charging_profile_criteria: ClearChargingProfileType | None = field(default=None,
        name="chargingProfileCriteria")
    custom_data: CustomData | None = field(default=None, name="customData")


class ClearDERControlResponse(Wire, kw_only=True):
    """ClearDERControl answer (OCPP 2.1)."""

    status: DERControlStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class ClearDERControl(Wire, Request[ClearDERControlResponse], kw_only=True):
    """ClearDERControl request (OCPP 2.1)."""

    is_default: bool = field(name="isDefault")
    control_type: DERControlEnum | None = field(default=None, name="controlType")
    control_id: Annotated[str, Meta(max_length=36)] | None = field(default=None, name="controlId")
    custom_data: CustomData | None = field(default=None, name="customData")


class ClearDisplayMessageResponse(Wire, kw_only=True):
    """ClearDisplayMessage answer (OCPP 2.x)."""

    status: ClearMessageStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class ClearDisplayMessage(Wire, Request[ClearDisplayMessageResponse], kw_only=True):
    """ClearDisplayMessage request (OCPP 2.x)."""

    id: Annotated[int, Meta(ge=0, extra={"2.0.1": {"ge": None}})]
    custom_data: CustomData | None = field(default=None, name="customData")


class ClearTariffsResponse(Wire, kw_only=True):
    """ClearTariffs answer (OCPP 2.1)."""

    clear_tariffs_result: Annotated[list[ClearTariffsResult],
        Meta(min_length=1)] = field(name="clearTariffsResult")
    custom_data: CustomData | None = field(default=None, name="customData")


class ClearTariffs(Wire, Request[ClearTariffsResponse], kw_only=True):
    """ClearTariffs request (OCPP 2.1)."""

    tariff_ids: Annotated[list[Annotated[str, Meta(max_length=60)]],
        Meta(min_length=1)] | None = field(default=None, name="tariffIds")
    evse_id: Annotated[int, Meta(ge=0)] | None = field(default=None, name="evseId")
    custom_data: CustomData | None = field(default=None, name="customData")


class ClearVariableMonitoringResponse(Wire, kw_only=True):
    """ClearVariableMonitoring answer (OCPP 2.x)."""

    clear_monitoring_result: Annotated[list[ClearMonitoringResult],
        Meta(min_length=1)] = field(name="clearMonitoringResult")
    custom_data: CustomData | None = field(default=None, name="customData")


class ClearVariableMonitoring(Wire, Request[ClearVariableMonitoringResponse], kw_only=True):
    """ClearVariableMonitoring request (OCPP 2.x)."""

    id: Annotated[list[Annotated[int, Meta(ge=0, extra={"2.0.1": {"ge": None}})]],
        Meta(min_length=1)]
    custom_data: CustomData | None = field(default=None, name="customData")


class ClearedChargingLimitResponse(Wire, kw_only=True):
    """ClearedChargingLimit answer (OCPP 2.x)."""

    custom_data: CustomData | None = field(default=None, name="customData")


class ClearedChargingLimit(Wire, Request[ClearedChargingLimitResponse], kw_only=True):
    """ClearedChargingLimit request (OCPP 2.x)."""

    charging_limit_source: Annotated[str, Meta(max_length=20, extra={"2.0.1": {"enum": ("EMS",
        "Other", "SO", "CSO",)}})] = field(name="chargingLimitSource")
    evse_id: Annotated[int, Meta(ge=0, extra={"2.0.1": {"ge": None}})] | None = field(default=None,
        name="evseId")
    custom_data: CustomData | None = field(default=None, name="customData")


class ClosePeriodicEventStreamResponse(Wire, kw_only=True):
    """ClosePeriodicEventStream answer (OCPP 2.1)."""

    custom_data: CustomData | None = field(default=None, name="customData")


class ClosePeriodicEventStream(Wire, Request[ClosePeriodicEventStreamResponse], kw_only=True):
    """ClosePeriodicEventStream request (OCPP 2.1)."""

    id: Annotated[int, Meta(ge=0)]
    custom_data: CustomData | None = field(default=None, name="customData")


class CostUpdatedResponse(Wire, kw_only=True):
    """CostUpdated answer (OCPP 2.x)."""

    custom_data: CustomData | None = field(default=None, name="customData")


class CostUpdated(Wire, Request[CostUpdatedResponse], kw_only=True):
    """CostUpdated request (OCPP 2.x)."""

    total_cost: float = field(name="totalCost")
    transaction_id: Annotated[str, Meta(max_length=36)] = field(name="transactionId")
    custom_data: CustomData | None = field(default=None, name="customData")


class CustomerInformationResponse(Wire, kw_only=True):
    """CustomerInformation answer (OCPP 2.x)."""

    status: CustomerInformationStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class CustomerInformation(Wire, Request[CustomerInformationResponse], kw_only=True):
    """CustomerInformation request (OCPP 2.x)."""

    customer_certificate: CertificateHashData | None = field(default=None,
        name="customerCertificate")
    id_token: IdToken | None = field(default=None, name="idToken")
    request_id: Annotated[int, Meta(ge=0, extra={"2.0.1": {"ge": None}})] = field(name="requestId")
    report: bool
    clear: bool
    customer_identifier: Annotated[str, Meta(max_length=64)] | None = field(default=None,
        name="customerIdentifier")
    custom_data: CustomData | None = field(default=None, name="customData")


class DataTransferResponse(Wire, kw_only=True):
    """DataTransfer answer (OCPP 2.x)."""

    status: DataTransferStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    data: Any | None = None
    custom_data: CustomData | None = field(default=None, name="customData")


class DataTransfer(Wire, Request[DataTransferResponse], kw_only=True):
    """DataTransfer request (OCPP 2.x)."""

    message_id: Annotated[str, Meta(max_length=50)] | None = field(default=None, name="messageId")
    data: Any | None = None
    vendor_id: Annotated[str, Meta(max_length=255)] = field(name="vendorId")
    custom_data: CustomData | None = field(default=None, name="customData")


class DeleteCertificateResponse(Wire, kw_only=True):
    """DeleteCertificate answer (OCPP 2.x)."""

    status: DeleteCertificateStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class DeleteCertificate(Wire, Request[DeleteCertificateResponse], kw_only=True):
    """DeleteCertificate request (OCPP 2.x)."""

    certificate_hash_data: CertificateHashData = field(name="certificateHashData")
    custom_data: CustomData | None = field(default=None, name="customData")


class FirmwareStatusNotificationResponse(Wire, kw_only=True):
    """FirmwareStatusNotification answer (OCPP 2.x)."""

    custom_data: CustomData | None = field(default=None, name="customData")


class FirmwareStatusNotification(Wire, Request[FirmwareStatusNotificationResponse], kw_only=True):
    """FirmwareStatusNotification request (OCPP 2.x)."""

    status: FirmwareStatusEnum
    request_id: int | None = field(default=None, name="requestId")
    status_info: Annotated[StatusInfo | None, Meta(extra={"since": "2.1"})] = field(default=None,
        name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class Get15118EVCertificateResponse(Wire, kw_only=True):
    """Get15118EVCertificate answer (OCPP 2.x)."""

    status: Iso15118EVCertificateStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    exi_response: Annotated[str, Meta(max_length=17000,
        extra={"2.0.1": {"max_length": 7500}})] = field(name="exiResponse")
    remaining_contracts: Annotated[Annotated[int, Meta(ge=0)] | None,
        Meta(extra={"since": "2.1"})] = field(default=None, name="remainingContracts")
    custom_data: CustomData | None = field(default=None, name="customData")


class Get15118EVCertificate(Wire, Request[Get15118EVCertificateResponse], kw_only=True):
    """Get15118EVCertificate request (OCPP 2.x)."""

    iso15118_schema_version: Annotated[str,
        Meta(max_length=50)] = field(name="iso15118SchemaVersion")
    action: CertificateActionEnum
    exi_request: Annotated[str, Meta(max_length=11000,
        extra={"2.0.1": {"max_length": 5600}})] = field(name="exiRequest")
    maximum_contract_certificate_chains: Annotated[Annotated[int, Meta(ge=0)] | None,
        Meta(extra={"since": "2.1"})] = field(default=None, name="maximumContractCertificateChains")
    prioritized_emaids: Annotated[Annotated[list[Annotated[str, Meta(max_length=255)]],
        Meta(min_length=1, max_length=8)] | None,
        Meta(extra={"since": "2.1"})] = field(default=None, name="prioritizedEMAIDs")
    custom_data: CustomData | None = field(default=None, name="customData")


class GetBaseReportResponse(Wire, kw_only=True):
    """GetBaseReport answer (OCPP 2.x)."""

    status: GenericDeviceModelStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class GetBaseReport(Wire, Request[GetBaseReportResponse], kw_only=True):
    """GetBaseReport request (OCPP 2.x)."""

    request_id: int = field(name="requestId")
    report_base: ReportBaseEnum = field(name="reportBase")
    custom_data: CustomData | None = field(default=None, name="customData")


class GetCertificateChainStatusResponse(Wire, kw_only=True):
    """GetCertificateChainStatus answer (OCPP 2.1)."""

    certificate_status: Annotated[list[CertificateStatus], Meta(min_length=1,
        max_length=4)] = field(name="certificateStatus")
    custom_data: CustomData | None = field(default=None, name="customData")


class GetCertificateChainStatus(Wire, Request[GetCertificateChainStatusResponse], kw_only=True):
    """GetCertificateChainStatus request (OCPP 2.1)."""

    certificate_status_requests: Annotated[list[CertificateStatusRequestInfo], Meta(min_length=1,
        max_length=4)] = field(name="certificateStatusRequests")
    custom_data: CustomData | None = field(default=None, name="customData")


class GetCertificateStatusResponse(Wire, kw_only=True):
    """GetCertificateStatus answer (OCPP 2.x)."""

    status: GetCertificateStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    ocsp_result: Annotated[str, Meta(max_length=18000,
        extra={"2.0.1": {"max_length": 5500}})] | None = field(default=None, name="ocspResult")
    custom_data: CustomData | None = field(default=None, name="customData")


class GetCertificateStatus(Wire, Request[GetCertificateStatusResponse], kw_only=True):
    """GetCertificateStatus request (OCPP 2.x)."""

    ocsp_request_data: OCSPRequestData = field(name="ocspRequestData")
    custom_data: CustomData | None = field(default=None, name="customData")


class GetChargingProfilesResponse(Wire, kw_only=True):
    """GetChargingProfiles answer (OCPP 2.x)."""

    status: GetChargingProfileStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class GetChargingProfiles(Wire, Request[GetChargingProfilesResponse], kw_only=True):
    """GetChargingProfiles request (OCPP 2.x)."""

    request_id: int = field(name="requestId")
    evse_id: Annotated[int, Meta(ge=0, extra={"2.0.1": {"ge": None}})] | None = field(default=None,
        name="evseId")
    charging_profile: ChargingProfileCriterion = field(name="chargingProfile")
    custom_data: CustomData | None = field(default=None, name="customData")


class GetCompositeScheduleResponse(Wire, kw_only=True):
    """GetCompositeSchedule answer (OCPP 2.x)."""

    status: GenericStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    schedule: CompositeSchedule | None = None
    custom_data: CustomData | None = field(default=None, name="customData")


class GetCompositeSchedule(Wire, Request[GetCompositeScheduleResponse], kw_only=True):
    """GetCompositeSchedule request (OCPP 2.x)."""

    duration: int
    charging_rate_unit: ChargingRateUnitEnum | None = field(default=None, name="chargingRateUnit")
    evse_id: Annotated[int, Meta(ge=0, extra={"2.0.1": {"ge": None}})] = field(name="evseId")
    custom_data: CustomData | None = field(default=None, name="customData")


class GetDERControlResponse(Wire, kw_only=True):
    """GetDERControl answer (OCPP 2.1)."""

    status: DERControlStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class GetDERControl(Wire, Request[GetDERControlResponse], kw_only=True):
    """GetDERControl request (OCPP 2.1)."""

    request_id: int = field(name="requestId")
    is_default: bool | None = field(default=None, name="isDefault")
    control_type: DERControlEnum | None = field(default=None, name="controlType")
    control_id: Annotated[str, Meta(max_length=36)] | None = field(default=None, name="controlId")
    custom_data: CustomData | None = field(default=None, name="customData")


class GetDisplayMessagesResponse(Wire, kw_only=True):
    """GetDisplayMessages answer (OCPP 2.x)."""

    status: GetDisplayMessagesStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class GetDisplayMessages(Wire, Request[GetDisplayMessagesResponse], kw_only=True):
    """GetDisplayMessages request (OCPP 2.x)."""

    id: Annotated[list[Annotated[int, Meta(ge=0, extra={"2.0.1": {"ge": None}})]],
        Meta(min_length=1)] | None = None
    request_id: int = field(name="requestId")
    priority: MessagePriorityEnum | None = None
    state: MessageStateEnum | None = None
    custom_data: CustomData | None = field(default=None, name="customData")


class GetInstalledCertificateIdsResponse(Wire, kw_only=True):
    """GetInstalledCertificateIds answer (OCPP 2.x)."""

    status: GetInstalledCertificateStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    certificate_hash_data_chain: Annotated[list[CertificateHashDataChain],
        Meta(min_length=1)] | None = field(default=None, name="certificateHashDataChain")
    custom_data: CustomData | None = field(default=None, name="customData")


class GetInstalledCertificateIds(Wire, Request[GetInstalledCertificateIdsResponse], kw_only=True):
    """GetInstalledCertificateIds request (OCPP 2.x)."""

    certificate_type: Annotated[list[GetCertificateIdUseEnum],
        Meta(min_length=1)] | None = field(default=None, name="certificateType")
    custom_data: CustomData | None = field(default=None, name="customData")


class GetLocalListVersionResponse(Wire, kw_only=True):
    """GetLocalListVersion answer (OCPP 2.x)."""

    version_number: int = field(name="versionNumber")
    custom_data: CustomData | None = field(default=None, name="customData")


class GetLocalListVersion(Wire, Request[GetLocalListVersionResponse], kw_only=True):
    """GetLocalListVersion request (OCPP 2.x)."""

    custom_data: CustomData | None = field(default=None, name="customData")


class GetLogResponse(Wire, kw_only=True):
    """GetLog answer (OCPP 2.x)."""

    status: LogStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    filename: Annotated[str, Meta(max_length=255)] | None = None
    custom_data: CustomData | None = field(default=None, name="customData")


class GetLog(Wire, Request[GetLogResponse], kw_only=True):
    """GetLog request (OCPP 2.x)."""

    log: LogParameters
    log_type: LogEnum = field(name="logType")
    request_id: int = field(name="requestId")
    retries: Annotated[int, Meta(ge=0, extra={"2.0.1": {"ge": None}})] | None = None
    retry_interval: int | None = field(default=None, name="retryInterval")
    custom_data: CustomData | None = field(default=None, name="customData")


class GetMonitoringReportResponse(Wire, kw_only=True):
    """GetMonitoringReport answer (OCPP 2.x)."""

    status: GenericDeviceModelStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class GetMonitoringReport(Wire, Request[GetMonitoringReportResponse], kw_only=True):
    """GetMonitoringReport request (OCPP 2.x)."""

    component_variable: Annotated[list[ComponentVariable],
        Meta(min_length=1)] | None = field(default=None, name="componentVariable")
    request_id: int = field(name="requestId")
    monitoring_criteria: Annotated[list[MonitoringCriterionEnum], Meta(min_length=1,
        max_length=3)] | None = field(default=None, name="monitoringCriteria")
    custom_data: CustomData | None = field(default=None, name="customData")


class GetPeriodicEventStreamResponse(Wire, kw_only=True):
    """GetPeriodicEventStream answer (OCPP 2.1)."""

    constant_stream_data: Annotated[list[ConstantStreamData],
        Meta(min_length=1)] | None = field(default=None, name="constantStreamData")
    custom_data: CustomData | None = field(default=None, name="customData")


class GetPeriodicEventStream(Wire, Request[GetPeriodicEventStreamResponse], kw_only=True):
    """GetPeriodicEventStream request (OCPP 2.1)."""

    custom_data: CustomData | None = field(default=None, name="customData")


class GetReportResponse(Wire, kw_only=True):
    """GetReport answer (OCPP 2.x)."""

    status: GenericDeviceModelStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class GetReport(Wire, Request[GetReportResponse], kw_only=True):
    """GetReport request (OCPP 2.x)."""

    component_variable: Annotated[list[ComponentVariable],
        Meta(min_length=1)] | None = field(default=None, name="componentVariable")
    request_id: int = field(name="requestId")
    component_criteria: Annotated[list[ComponentCriterionEnum], Meta(min_length=1,
        max_length=4)] | None = field(default=None, name="componentCriteria")
    custom_data: CustomData | None = field(default=None, name="customData")


class GetTariffsResponse(Wire, kw_only=True):
    """GetTariffs answer (OCPP 2.1)."""

    status: TariffGetStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    tariff_assignments: Annotated[list[TariffAssignment],
        Meta(min_length=1)] | None = field(default=None, name="tariffAssignments")
    custom_data: CustomData | None = field(default=None, name="customData")


class GetTariffs(Wire, Request[GetTariffsResponse], kw_only=True):
    """GetTariffs request (OCPP 2.1)."""

    evse_id: Annotated[int, Meta(ge=0)] = field(name="evseId")
    custom_data: CustomData | None = field(default=None, name="customData")


class GetTransactionStatusResponse(Wire, kw_only=True):
    """GetTransactionStatus answer (OCPP 2.x)."""

    ongoing_indicator: bool | None = field(default=None, name="ongoingIndicator")
    messages_in_queue: bool = field(name="messagesInQueue")
    custom_data: CustomData | None = field(default=None, name="customData")


class GetTransactionStatus(Wire, Request[GetTransactionStatusResponse], kw_only=True):
    """GetTransactionStatus request (OCPP 2.x)."""

    transaction_id: Annotated[str, Meta(max_length=36)] | None = field(default=None,
        name="transactionId")
    custom_data: CustomData | None = field(default=None, name="customData")


class GetVariablesResponse(Wire, kw_only=True):
    """GetVariables answer (OCPP 2.x)."""

    get_variable_result: Annotated[list[GetVariableResult],
        Meta(min_length=1)] = field(name="getVariableResult")
    custom_data: CustomData | None = field(default=None, name="customData")


class GetVariables(Wire, Request[GetVariablesResponse], kw_only=True):
    """GetVariables request (OCPP 2.x)."""

    get_variable_data: Annotated[list[GetVariableData],
        Meta(min_length=1)] = field(name="getVariableData")
    custom_data: CustomData | None = field(default=None, name="customData")


class HeartbeatResponse(Wire, kw_only=True):
    """Heartbeat answer (OCPP 2.x)."""

    current_time: datetime = field(name="currentTime")
    custom_data: CustomData | None = field(default=None, name="customData")

    def __post_init__(self) -> None:
        if self.current_time.tzinfo is not UTC:
            self.current_time = utc(self.current_time)


class Heartbeat(Wire, Request[HeartbeatResponse], kw_only=True):
    """Heartbeat request (OCPP 2.x)."""

    custom_data: CustomData | None = field(default=None, name="customData")


class InstallCertificateResponse(Wire, kw_only=True):
    """InstallCertificate answer (OCPP 2.x)."""

    status: InstallCertificateStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class InstallCertificate(Wire, Request[InstallCertificateResponse], kw_only=True):
    """InstallCertificate request (OCPP 2.x)."""

    certificate_type: InstallCertificateUseEnum = field(name="certificateType")
    certificate: Annotated[str, Meta(max_length=10000, extra={"2.0.1": {"max_length": 5500}})]
    custom_data: CustomData | None = field(default=None, name="customData")


class LogStatusNotificationResponse(Wire, kw_only=True):
    """LogStatusNotification answer (OCPP 2.x)."""

    custom_data: CustomData | None = field(default=None, name="customData")


class LogStatusNotification(Wire, Request[LogStatusNotificationResponse], kw_only=True):
    """LogStatusNotification request (OCPP 2.x)."""

    status: UploadLogStatusEnum
    request_id: int | None = field(default=None, name="requestId")
    status_info: Annotated[StatusInfo | None, Meta(extra={"since": "2.1"})] = field(default=None,
        name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class MeterValuesResponse(Wire, kw_only=True):
    """MeterValues answer (OCPP 2.x)."""

    custom_data: CustomData | None = field(default=None, name="customData")


class MeterValues(Wire, Request[MeterValuesResponse], kw_only=True):
    """MeterValues request (OCPP 2.x)."""

    evse_id: Annotated[int, Meta(ge=0, extra={"2.0.1": {"ge": None}})] = field(name="evseId")
    meter_value: Annotated[list[MeterValue], Meta(min_length=1)] = field(name="meterValue")
    custom_data: CustomData | None = field(default=None, name="customData")


class NotifyAllowedEnergyTransferResponse(Wire, kw_only=True):
    """NotifyAllowedEnergyTransfer answer (OCPP 2.1)."""

    status: NotifyAllowedEnergyTransferStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class NotifyAllowedEnergyTransfer(Wire, Request[NotifyAllowedEnergyTransferResponse], kw_only=True):
    """NotifyAllowedEnergyTransfer request (OCPP 2.1)."""

    transaction_id: Annotated[str, Meta(max_length=36)] = field(name="transactionId")
    allowed_energy_transfer: Annotated[list[EnergyTransferModeEnum],
        Meta(min_length=1)] = field(name="allowedEnergyTransfer")
    custom_data: CustomData | None = field(default=None, name="customData")


class NotifyChargingLimitResponse(Wire, kw_only=True):
    """NotifyChargingLimit answer (OCPP 2.x)."""

    custom_data: CustomData | None = field(default=None, name="customData")


class NotifyChargingLimit(Wire, Request[NotifyChargingLimitResponse], kw_only=True):
    """NotifyChargingLimit request (OCPP 2.x)."""

    charging_schedule: Annotated[list[ChargingSchedule],
        Meta(min_length=1)] | None = field(default=None, name="chargingSchedule")
    evse_id: Annotated[int, Meta(ge=0, extra={"2.0.1": {"ge": None}})] | None = field(default=None,
        name="evseId")
    charging_limit: ChargingLimit = field(name="chargingLimit")
    custom_data: CustomData | None = field(default=None, name="customData")


class NotifyCustomerInformationResponse(Wire, kw_only=True):
    """NotifyCustomerInformation answer (OCPP 2.x)."""

    custom_data: CustomData | None = field(default=None, name="customData")


class NotifyCustomerInformation(Wire, Request[NotifyCustomerInformationResponse], kw_only=True):
    """NotifyCustomerInformation request (OCPP 2.x)."""

    data: Annotated[str, Meta(max_length=512)]
    tbc: bool = False
    seq_no: Annotated[int, Meta(ge=0, extra={"2.0.1": {"ge": None}})] = field(name="seqNo")
    generated_at: datetime = field(name="generatedAt")
    request_id: Annotated[int, Meta(ge=0, extra={"2.0.1": {"ge": None}})] = field(name="requestId")
    custom_data: CustomData | None = field(default=None, name="customData")

    def __post_init__(self) -> None:
        if self.generated_at.tzinfo is not UTC:
            self.generated_at = utc(self.generated_at)


class NotifyDERAlarmResponse(Wire, kw_only=True):
    """NotifyDERAlarm answer (OCPP 2.1)."""

    custom_data: CustomData | None = field(default=None, name="customData")


class NotifyDERAlarm(Wire, Request[NotifyDERAlarmResponse], kw_only=True):
    """NotifyDERAlarm request (OCPP 2.1)."""

    control_type: DERControlEnum = field(name="controlType")
    grid_event_fault: GridEventFaultEnum | None = field(default=None, name="gridEventFault")
    alarm_ended: bool | None = field(default=None, name="alarmEnded")
    timestamp: datetime
    extra_info: Annotated[str, Meta(max_length=200)] | None = field(default=None, name="extraInfo")
    custom_data: CustomData | None = field(default=None, name="customData")

    def __post_init__(self) -> None:
        if self.timestamp.tzinfo is not UTC:
            self.timestamp = utc(self.timestamp)


class NotifyDERStartStopResponse(Wire, kw_only=True):
    """NotifyDERStartStop answer (OCPP 2.1)."""

    custom_data: CustomData | None = field(default=None, name="customData")


class NotifyDERStartStop(Wire, Request[NotifyDERStartStopResponse], kw_only=True):
    """NotifyDERStartStop request (OCPP 2.1)."""

    control_id: Annotated[str, Meta(max_length=36)] = field(name="controlId")
    started: bool
    timestamp: datetime
    superseded_ids: Annotated[list[Annotated[str, Meta(max_length=36)]], Meta(min_length=1,
        max_length=24)] | None = field(default=None, name="supersededIds")
    custom_data: CustomData | None = field(default=None, name="customData")

    def __post_init__(self) -> None:
        if self.timestamp.tzinfo is not UTC:
            self.timestamp = utc(self.timestamp)


class NotifyDisplayMessagesResponse(Wire, kw_only=True):
    """NotifyDisplayMessages answer (OCPP 2.x)."""

    custom_data: CustomData | None = field(default=None, name="customData")


class NotifyDisplayMessages(Wire, Request[NotifyDisplayMessagesResponse], kw_only=True):
    """NotifyDisplayMessages request (OCPP 2.x)."""

    message_info: Annotated[list[MessageInfo], Meta(min_length=1)] | None = field(default=None,
        name="messageInfo")
    request_id: int = field(name="requestId")
    tbc: bool = False
    custom_data: CustomData | None = field(default=None, name="customData")


class NotifyEVChargingNeedsResponse(Wire, kw_only=True):
    """NotifyEVChargingNeeds answer (OCPP 2.x)."""

    status: NotifyEVChargingNeedsStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class NotifyEVChargingNeeds(Wire, Request[NotifyEVChargingNeedsResponse], kw_only=True):
    """NotifyEVChargingNeeds request (OCPP 2.x)."""

    evse_id: Annotated[int, Meta(ge=1, extra={"2.0.1": {"ge": None}})] = field(name="evseId")
    max_schedule_tuples: Annotated[int, Meta(ge=0,
        extra={"2.0.1": {"ge": None}})] | None = field(default=None, name="maxScheduleTuples")
    charging_needs: ChargingNeeds = field(name="chargingNeeds")
    timestamp: Annotated[datetime | None, Meta(extra={"since": "2.1"})] = None
    custom_data: CustomData | None = field(default=None, name="customData")

    def __post_init__(self) -> None:
        if self.timestamp is not None and self.timestamp.tzinfo is not UTC:
            self.timestamp = utc(self.timestamp)


class NotifyEVChargingScheduleResponse(Wire, kw_only=True):
    """NotifyEVChargingSchedule answer (OCPP 2.x)."""

    status: GenericStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class NotifyEVChargingSchedule(Wire, Request[NotifyEVChargingScheduleResponse], kw_only=True):
    """NotifyEVChargingSchedule request (OCPP 2.x)."""

    time_base: datetime = field(name="timeBase")
    charging_schedule: ChargingSchedule = field(name="chargingSchedule")
    evse_id: Annotated[int, Meta(ge=1, extra={"2.0.1": {"ge": None}})] = field(name="evseId")
    selected_charging_schedule_id: Annotated[Annotated[int, Meta(ge=0)] | None,
        Meta(extra={"since": "2.1"})] = field(default=None, name="selectedChargingScheduleId")
    power_tolerance_acceptance: Annotated[bool | None,
        Meta(extra={"since": "2.1"})] = field(default=None, name="powerToleranceAcceptance")
    custom_data: CustomData | None = field(default=None, name="customData")

    def __post_init__(self) -> None:
        if self.time_base.tzinfo is not UTC:
            self.time_base = utc(self.time_base)


class NotifyEventResponse(Wire, kw_only=True):
    """NotifyEvent answer (OCPP 2.x)."""

    custom_data: CustomData | None = field(default=None, name="customData")


class NotifyEvent(Wire, Request[NotifyEventResponse], kw_only=True):
    """NotifyEvent request (OCPP 2.x)."""

    generated_at: datetime = field(name="generatedAt")
    tbc: bool = False
    seq_no: Annotated[int, Meta(ge=0, extra={"2.0.1": {"ge": None}})] = field(name="seqNo")
    event_data: Annotated[list[EventData], Meta(min_length=1)] = field(name="eventData")
    custom_data: CustomData | None = field(default=None, name="customData")

    def __post_init__(self) -> None:
        if self.generated_at.tzinfo is not UTC:
            self.generated_at = utc(self.generated_at)


class NotifyMonitoringReportResponse(Wire, kw_only=True):
    """NotifyMonitoringReport answer (OCPP 2.x)."""

    custom_data: CustomData | None = field(default=None, name="customData")


class NotifyMonitoringReport(Wire, Request[NotifyMonitoringReportResponse], kw_only=True):
    """NotifyMonitoringReport request (OCPP 2.x)."""

    monitor: Annotated[list[MonitoringData], Meta(min_length=1)] | None = None
    request_id: int = field(name="requestId")
    tbc: bool = False
    seq_no: Annotated[int, Meta(ge=0, extra={"2.0.1": {"ge": None}})] = field(name="seqNo")
    generated_at: datetime = field(name="generatedAt")
    custom_data: CustomData | None = field(default=None, name="customData")

    def __post_init__(self) -> None:
        if self.generated_at.tzinfo is not UTC:
            self.generated_at = utc(self.generated_at)


class NotifyPeriodicEventStream(Wire, Request[None], kw_only=True):
    """NotifyPeriodicEventStream request (OCPP 2.1)."""

    data: Annotated[list[StreamDataElement], Meta(min_length=1)]
    id: Annotated[int, Meta(ge=0)]
    pending: Annotated[int, Meta(ge=0)]
    basetime: datetime
    custom_data: CustomData | None = field(default=None, name="customData")

    def __post_init__(self) -> None:
        if self.basetime.tzinfo is not UTC:
            self.basetime = utc(self.basetime)


class NotifyPriorityChargingResponse(Wire, kw_only=True):
    """NotifyPriorityCharging answer (OCPP 2.1)."""

    custom_data: CustomData | None = field(default=None, name="customData")


class NotifyPriorityCharging(Wire, Request[NotifyPriorityChargingResponse], kw_only=True):
    """NotifyPriorityCharging request (OCPP 2.1)."""

    transaction_id: Annotated[str, Meta(max_length=36)] = field(name="transactionId")
    activated: bool
    custom_data: CustomData | None = field(default=None, name="customData")


class NotifyReportResponse(Wire, kw_only=True):
    """NotifyReport answer (OCPP 2.x)."""

    custom_data: CustomData | None = field(default=None, name="customData")


class NotifyReport(Wire, Request[NotifyReportResponse], kw_only=True):
    """NotifyReport request (OCPP 2.x)."""

    request_id: int = field(name="requestId")
    generated_at: datetime = field(name="generatedAt")
    report_data: Annotated[list[ReportData], Meta(min_length=1)] | None = field(default=None,
        name="reportData")
    tbc: bool = False
    seq_no: Annotated[int, Meta(ge=0, extra={"2.0.1": {"ge": None}})] = field(name="seqNo")
    custom_data: CustomData | None = field(default=None, name="customData")

    def __post_init__(self) -> None:
        if self.generated_at.tzinfo is not UTC:
            self.generated_at = utc(self.generated_at)


class NotifySettlementResponse(Wire, kw_only=True):
    """NotifySettlement answer (OCPP 2.1)."""

    receipt_url: Annotated[str, Meta(max_length=2000)] | None = field(default=None,
        name="receiptUrl")
    receipt_id: Annotated[str, Meta(max_length=50)] | None = field(default=None, name="receiptId")
    custom_data: CustomData | None = field(default=None, name="customData")


class NotifySettlement(Wire, Request[NotifySettlementResponse], kw_only=True):
    """NotifySettlement request (OCPP 2.1)."""

    transaction_id: Annotated[str, Meta(max_length=36)] | None = field(default=None,
        name="transactionId")
    psp_ref: Annotated[str, Meta(max_length=255)] = field(name="pspRef")
    status: PaymentStatusEnum
    status_info: Annotated[str, Meta(max_length=500)] | None = field(default=None,
        name="statusInfo")
    settlement_amount: float = field(name="settlementAmount")
    settlement_time: datetime = field(name="settlementTime")
    receipt_id: Annotated[str, Meta(max_length=50)] | None = field(default=None, name="receiptId")
    receipt_url: Annotated[str, Meta(max_length=2000)] | None = field(default=None,
        name="receiptUrl")
    vat_company: Address | None = field(default=None, name="vatCompany")
    vat_number: Annotated[str, Meta(max_length=20)] | None = field(default=None, name="vatNumber")
    custom_data: CustomData | None = field(default=None, name="customData")

    def __post_init__(self) -> None:
        if self.settlement_time.tzinfo is not UTC:
            self.settlement_time = utc(self.settlement_time)


class NotifyWebPaymentStartedResponse(Wire, kw_only=True):
    """NotifyWebPaymentStarted answer (OCPP 2.1)."""

    custom_data: CustomData | None = field(default=None, name="customData")


class NotifyWebPaymentStarted(Wire, Request[NotifyWebPaymentStartedResponse], kw_only=True):
    """NotifyWebPaymentStarted request (OCPP 2.1)."""

    evse_id: Annotated[int, Meta(ge=0)] = field(name="evseId")
    timeout: int
    custom_data: CustomData | None = field(default=None, name="customData")


class OpenPeriodicEventStreamResponse(Wire, kw_only=True):
    """OpenPeriodicEventStream answer (OCPP 2.1)."""

    status: GenericStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class OpenPeriodicEventStream(Wire, Request[OpenPeriodicEventStreamResponse], kw_only=True):
    """OpenPeriodicEventStream request (OCPP 2.1)."""

    constant_stream_data: ConstantStreamData = field(name="constantStreamData")
    custom_data: CustomData | None = field(default=None, name="customData")


class PublishFirmwareResponse(Wire, kw_only=True):
    """PublishFirmware answer (OCPP 2.x)."""

    status: GenericStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class PublishFirmware(Wire, Request[PublishFirmwareResponse], kw_only=True):
    """PublishFirmware request (OCPP 2.x)."""

    location: Annotated[str, Meta(max_length=2000, extra={"2.0.1": {"max_length": 512}})]
    retries: Annotated[int, Meta(ge=0, extra={"2.0.1": {"ge": None}})] | None = None
    checksum: Annotated[str, Meta(max_length=32)]
    request_id: Annotated[int, Meta(ge=0, extra={"2.0.1": {"ge": None}})] = field(name="requestId")
    retry_interval: Annotated[int, Meta(ge=0,
        extra={"2.0.1": {"ge": None}})] | None = field(default=None, name="retryInterval")
    custom_data: CustomData | None = field(default=None, name="customData")


class PublishFirmwareStatusNotificationResponse(Wire, kw_only=True):
    """PublishFirmwareStatusNotification answer (OCPP 2.x)."""

    custom_data: CustomData | None = field(default=None, name="customData")


class PublishFirmwareStatusNotification(Wire, Request[PublishFirmwareStatusNotificationResponse], kw_only=True):
    """PublishFirmwareStatusNotification request (OCPP 2.x)."""

    status: PublishFirmwareStatusEnum
    location: Annotated[list[Annotated[str, Meta(max_length=2000,
        extra={"2.0.1": {"max_length": 512}})]], Meta(min_length=1)] | None = None
    request_id: Annotated[int, Meta(ge=0,
        extra={"2.0.1": {"ge": None}})] | None = field(default=None, name="requestId")
    status_info: Annotated[StatusInfo | None, Meta(extra={"since": "2.1"})] = field(default=None,
        name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class PullDynamicScheduleUpdateResponse(Wire, kw_only=True):
    """PullDynamicScheduleUpdate answer (OCPP 2.1)."""

    schedule_update: ChargingScheduleUpdate | None = field(default=None, name="scheduleUpdate")
    status: ChargingProfileStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class PullDynamicScheduleUpdate(Wire, Request[PullDynamicScheduleUpdateResponse], kw_only=True):
    """PullDynamicScheduleUpdate request (OCPP 2.1)."""

    charging_profile_id: int = field(name="chargingProfileId")
    custom_data: CustomData | None = field(default=None, name="customData")


class ReportChargingProfilesResponse(Wire, kw_only=True):
    """ReportChargingProfiles answer (OCPP 2.x)."""

    custom_data: CustomData | None = field(default=None, name="customData")


class ReportChargingProfiles(Wire, Request[ReportChargingProfilesResponse], kw_only=True):
    """ReportChargingProfiles request (OCPP 2.x)."""

    request_id: int = field(name="requestId")
    charging_limit_source: Annotated[str, Meta(max_length=20, extra={"2.0.1": {"enum": ("EMS",
        "Other", "SO", "CSO",)}})] = field(name="chargingLimitSource")
    charging_profile: Annotated[list[ChargingProfile],
        Meta(min_length=1)] = field(name="chargingProfile")
    tbc: bool = False
    evse_id: Annotated[int, Meta(ge=0, extra={"2.0.1": {"ge": None}})] = field(name="evseId")
    custom_data: CustomData | None = field(default=None, name="customData")


class ReportDERControlResponse(Wire, kw_only=True):
    """ReportDERControl answer (OCPP 2.1)."""

    custom_data: CustomData | None = field(default=None, name="customData")


class ReportDERControl(Wire, Request[ReportDERControlResponse], kw_only=True):
    """ReportDERControl request (OCPP 2.1)."""

    curve: Annotated[list[DERCurveGet], Meta(min_length=1, max_length=24)] | None = None
    enter_service: Annotated[list[EnterServiceGet], Meta(min_length=1,
        max_length=24)] | None = field(default=None, name="enterService")
    fixed_pf_absorb: Annotated[list[FixedPFGet], Meta(min_length=1,
        max_length=24)] | None = field(default=None, name="fixedPFAbsorb")
    fixed_pf_inject: Annotated[list[FixedPFGet], Meta(min_length=1,
        max_length=24)] | None = field(default=None, name="fixedPFInject")
    fixed_var: Annotated[list[FixedVarGet], Meta(min_length=1,
        max_length=24)] | None = field(default=None, name="fixedVar")
    freq_droop: Annotated[list[FreqDroopGet], Meta(min_length=1,
        max_length=24)] | None = field(default=None, name="freqDroop")
    gradient: Annotated[list[GradientGet], Meta(min_length=1, max_length=24)] | None = None
    limit_max_discharge: Annotated[list[LimitMaxDischargeGet], Meta(min_length=1,
        max_length=24)] | None = field(default=None, name="limitMaxDischarge")
    request_id: int = field(name="requestId")
    tbc: bool | None = None
    custom_data: CustomData | None = field(default=None, name="customData")


class RequestBatterySwapResponse(Wire, kw_only=True):
    """RequestBatterySwap answer (OCPP 2.1)."""

    status: GenericStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class RequestBatterySwap(Wire, Request[RequestBatterySwapResponse], kw_only=True):
    """RequestBatterySwap request (OCPP 2.1)."""

    id_token: IdToken = field(name="idToken")
    request_id: int = field(name="requestId")
    custom_data: CustomData | None = field(default=None, name="customData")


class RequestStartTransactionResponse(Wire, kw_only=True):
    """RequestStartTransaction answer (OCPP 2.x)."""

    status: RequestStartStopStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    transaction_id: Annotated[str, Meta(max_length=36)] | None = field(default=None,
        name="transactionId")
    custom_data: CustomData | None = field(default=None, name="customData")


class RequestStartTransaction(Wire, Request[RequestStartTransactionResponse], kw_only=True):
    """RequestStartTransaction request (OCPP 2.x)."""

    evse_id: Annotated[int, Meta(ge=1, extra={"2.0.1": {"ge": None}})] | None = field(default=None,
        name="evseId")
    group_id_token: IdToken | None = field(default=None, name="groupIdToken")
    id_token: IdToken = field(name="idToken")
    remote_start_id: int = field(name="remoteStartId")
    charging_profile: ChargingProfile | None = field(default=None, name="chargingProfile")
    custom_data: CustomData | None = field(default=None, name="customData")


class RequestStopTransactionResponse(Wire, kw_only=True):
    """RequestStopTransaction answer (OCPP 2.x)."""

    status: RequestStartStopStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class RequestStopTransaction(Wire, Request[RequestStopTransactionResponse], kw_only=True):
    """RequestStopTransaction request (OCPP 2.x)."""

    transaction_id: Annotated[str, Meta(max_length=36)] = field(name="transactionId")
    custom_data: CustomData | None = field(default=None, name="customData")


class ReservationStatusUpdateResponse(Wire, kw_only=True):
    """ReservationStatusUpdate answer (OCPP 2.x)."""

    custom_data: CustomData | None = field(default=None, name="customData")


class ReservationStatusUpdate(Wire, Request[ReservationStatusUpdateResponse], kw_only=True):
    """ReservationStatusUpdate request (OCPP 2.x)."""

    reservation_id: Annotated[int, Meta(ge=0,
        extra={"2.0.1": {"ge": None}})] = field(name="reservationId")
    reservation_update_status: ReservationUpdateStatusEnum = field(name="reservationUpdateStatus")
    custom_data: CustomData | None = field(default=None, name="customData")


class ReserveNowResponse(Wire, kw_only=True):
    """ReserveNow answer (OCPP 2.x)."""

    status: ReserveNowStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class ReserveNow(Wire, Request[ReserveNowResponse], kw_only=True):
    """ReserveNow request (OCPP 2.x)."""

    id: Annotated[int, Meta(ge=0, extra={"2.0.1": {"ge": None}})]
    expiry_date_time: datetime = field(name="expiryDateTime")
    connector_type: Annotated[str, Meta(max_length=20, extra={"2.0.1": {"enum": ("cCCS1", "cCCS2",
        "cG105", "cTesla", "cType1", "cType2", "s309-1P-16A", "s309-1P-32A", "s309-3P-16A",
        "s309-3P-32A", "sBS1361", "sCEE-7-7", "sType2", "sType3", "Other1PhMax16A",
        "Other1PhOver16A", "Other3Ph", "Pan", "wInductive", "wResonant", "Undetermined",
        "Unknown",)}})] | None = field(default=None, name="connectorType")
    id_token: IdToken = field(name="idToken")
    evse_id: Annotated[int, Meta(ge=0, extra={"2.0.1": {"ge": None}})] | None = field(default=None,
        name="evseId")
    group_id_token: IdToken | None = field(default=None, name="groupIdToken")
    custom_data: CustomData | None = field(default=None, name="customData")

    def __post_init__(self) -> None:
        if self.expiry_date_time.tzinfo is not UTC:
            self.expiry_date_time = utc(self.expiry_date_time)


class ResetResponse(Wire, kw_only=True):
    """Reset answer (OCPP 2.x)."""

    status: ResetStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class Reset(Wire, Request[ResetResponse], kw_only=True):
    """Reset request (OCPP 2.x)."""

    type: ResetEnum
    evse_id: Annotated[int, Meta(ge=0, extra={"2.0.1": {"ge": None}})] | None = field(default=None,
        name="evseId")
    custom_data: CustomData | None = field(default=None, name="customData")


class SecurityEventNotificationResponse(Wire, kw_only=True):
    """SecurityEventNotification answer (OCPP 2.x)."""

    custom_data: CustomData | None = field(default=None, name="customData")


class SecurityEventNotification(Wire, Request[SecurityEventNotificationResponse], kw_only=True):
    """SecurityEventNotification request (OCPP 2.x)."""

    type: Annotated[str, Meta(max_length=50)]
    timestamp: datetime
    tech_info: Annotated[str, Meta(max_length=255)] | None = field(default=None, name="techInfo")
    custom_data: CustomData | None = field(default=None, name="customData")

    def __post_init__(self) -> None:
        if self.timestamp.tzinfo is not UTC:
            self.timestamp = utc(self.timestamp)


class SendLocalListResponse(Wire, kw_only=True):
    """SendLocalList answer (OCPP 2.x)."""

    status: SendLocalListStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class SendLocalList(Wire, Request[SendLocalListResponse], kw_only=True):
    """SendLocalList request (OCPP 2.x)."""

    local_authorization_list: Annotated[list[AuthorizationData],
        Meta(min_length=1)] | None = field(default=None, name="localAuthorizationList")
    version_number: int = field(name="versionNumber")
    update_type: UpdateEnum = field(name="updateType")
    custom_data: CustomData | None = field(default=None, name="customData")


class SetChargingProfileResponse(Wire, kw_only=True):
    """SetChargingProfile answer (OCPP 2.x)."""

    status: ChargingProfileStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class SetChargingProfile(Wire, Request[SetChargingProfileResponse], kw_only=True):
    """SetChargingProfile request (OCPP 2.x)."""

    evse_id: Annotated[int, Meta(ge=0, extra={"2.0.1": {"ge": None}})] = field(name="evseId")
    charging_profile: ChargingProfile = field(name="chargingProfile")
    custom_data: CustomData | None = field(default=None, name="customData")


class SetDERControlResponse(Wire, kw_only=True):
    """SetDERControl answer (OCPP 2.1)."""

    status: DERControlStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    superseded_ids: Annotated[list[Annotated[str, Meta(max_length=36)]], Meta(min_length=1,
        max_length=24)] | None = field(default=None, name="supersededIds")
    custom_data: CustomData | None = field(default=None, name="customData")


class SetDERControl(Wire, Request[SetDERControlResponse], kw_only=True):
    """SetDERControl request (OCPP 2.1)."""

    is_default: bool = field(name="isDefault")
    control_id: Annotated[str, Meta(max_length=36)] = field(name="controlId")
    control_type: DERControlEnum = field(name="controlType")
    curve: DERCurve | None = None
    enter_service: EnterService | None = field(default=None, name="enterService")
    fixed_pf_absorb: FixedPF | None = field(default=None, name="fixedPFAbsorb")
    fixed_pf_inject: FixedPF | None = field(default=None, name="fixedPFInject")
    fixed_var: FixedVar | None = field(default=None, name="fixedVar")
    freq_droop: FreqDroop | None = field(default=None, name="freqDroop")
    gradient: Gradient | None = None
    limit_max_discharge: LimitMaxDischarge | None = field(default=None, name="limitMaxDischarge")
    custom_data: CustomData | None = field(default=None, name="customData")


class SetDefaultTariffResponse(Wire, kw_only=True):
    """SetDefaultTariff answer (OCPP 2.1)."""

    status: TariffSetStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class SetDefaultTariff(Wire, Request[SetDefaultTariffResponse], kw_only=True):
    """SetDefaultTariff request (OCPP 2.1)."""

    evse_id: Annotated[int, Meta(ge=0)] = field(name="evseId")
    tariff: Tariff
    custom_data: CustomData | None = field(default=None, name="customData")


class SetDisplayMessageResponse(Wire, kw_only=True):
    """SetDisplayMessage answer (OCPP 2.x)."""

    status: DisplayMessageStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class SetDisplayMessage(Wire, Request[SetDisplayMessageResponse], kw_only=True):
    """SetDisplayMessage request (OCPP 2.x)."""

    message: MessageInfo
    custom_data: CustomData | None = field(default=None, name="customData")


class SetMonitoringBaseResponse(Wire, kw_only=True):
    """SetMonitoringBase answer (OCPP 2.x)."""

    status: GenericDeviceModelStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class SetMonitoringBase(Wire, Request[SetMonitoringBaseResponse], kw_only=True):
    """SetMonitoringBase request (OCPP 2.x)."""

    monitoring_base: MonitoringBaseEnum = field(name="monitoringBase")
    custom_data: CustomData | None = field(default=None, name="customData")


class SetMonitoringLevelResponse(Wire, kw_only=True):
    """SetMonitoringLevel answer (OCPP 2.x)."""

    status: GenericStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class SetMonitoringLevel(Wire, Request[SetMonitoringLevelResponse], kw_only=True):
    """SetMonitoringLevel request (OCPP 2.x)."""

    severity: Annotated[int, Meta(ge=0, extra={"2.0.1": {"ge": None}})]
    custom_data: CustomData | None = field(default=None, name="customData")


class SetNetworkProfileResponse(Wire, kw_only=True):
    """SetNetworkProfile answer (OCPP 2.x)."""

    status: SetNetworkProfileStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class SetNetworkProfile(Wire, Request[SetNetworkProfileResponse], kw_only=True):
    """SetNetworkProfile request (OCPP 2.x)."""

    configuration_slot: int = field(name="configurationSlot")
    connection_data: NetworkConnectionProfile = field(name="connectionData")
    custom_data: CustomData | None = field(default=None, name="customData")


class SetVariableMonitoringResponse(Wire, kw_only=True):
    """SetVariableMonitoring answer (OCPP 2.x)."""

    set_monitoring_result: Annotated[list[SetMonitoringResult],
        Meta(min_length=1)] = field(name="setMonitoringResult")
    custom_data: CustomData | None = field(default=None, name="customData")


class SetVariableMonitoring(Wire, Request[SetVariableMonitoringResponse], kw_only=True):
    """SetVariableMonitoring request (OCPP 2.x)."""

    set_monitoring_data: Annotated[list[SetMonitoringData],
        Meta(min_length=1)] = field(name="setMonitoringData")
    custom_data: CustomData | None = field(default=None, name="customData")


class SetVariablesResponse(Wire, kw_only=True):
    """SetVariables answer (OCPP 2.x)."""

    set_variable_result: Annotated[list[SetVariableResult],
        Meta(min_length=1)] = field(name="setVariableResult")
    custom_data: CustomData | None = field(default=None, name="customData")


class SetVariables(Wire, Request[SetVariablesResponse], kw_only=True):
    """SetVariables request (OCPP 2.x)."""

    set_variable_data: Annotated[list[SetVariableData],
        Meta(min_length=1)] = field(name="setVariableData")
    custom_data: CustomData | None = field(default=None, name="customData")


class SignCertificateResponse(Wire, kw_only=True):
    """SignCertificate answer (OCPP 2.x)."""

    status: GenericStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class SignCertificate(Wire, Request[SignCertificateResponse], kw_only=True):
    """SignCertificate request (OCPP 2.x)."""

    csr: Annotated[str, Meta(max_length=5500)]
    certificate_type: CertificateSigningUseEnum | None = field(default=None, name="certificateType")
    hash_root_certificate: Annotated[CertificateHashData | None,
        Meta(extra={"since": "2.1"})] = field(default=None, name="hashRootCertificate")
    request_id: Annotated[int | None, Meta(extra={"since": "2.1"})] = field(default=None,
        name="requestId")
    custom_data: CustomData | None = field(default=None, name="customData")


class StatusNotificationResponse(Wire, kw_only=True):
    """StatusNotification answer (OCPP 2.x)."""

    custom_data: CustomData | None = field(default=None, name="customData")


class StatusNotification(Wire, Request[StatusNotificationResponse], kw_only=True):
    """StatusNotification request (OCPP 2.x)."""

    timestamp: datetime
    connector_status: ConnectorStatusEnum = field(name="connectorStatus")
    evse_id: Annotated[int, Meta(ge=0, extra={"2.0.1": {"ge": None}})] = field(name="evseId")
    connector_id: Annotated[int, Meta(ge=0,
        extra={"2.0.1": {"ge": None}})] = field(name="connectorId")
    custom_data: CustomData | None = field(default=None, name="customData")

    def __post_init__(self) -> None:
        if self.timestamp.tzinfo is not UTC:
            self.timestamp = utc(self.timestamp)


class TransactionEventResponse(Wire, kw_only=True):
    """TransactionEvent answer (OCPP 2.x)."""

    total_cost: float | None = field(default=None, name="totalCost")
    charging_priority: int | None = field(default=None, name="chargingPriority")
    id_token_info: IdTokenInfo | None = field(default=None, name="idTokenInfo")
    transaction_limit: Annotated[TransactionLimit | None,
        Meta(extra={"since": "2.1"})] = field(default=None, name="transactionLimit")
    updated_personal_message: MessageContent | None = field(default=None,
        name="updatedPersonalMessage")
    updated_personal_message_extra: Annotated[Annotated[list[MessageContent], Meta(min_length=1,
        max_length=4)] | None, Meta(extra={"since": "2.1"})] = field(default=None,
        name="updatedPersonalMessageExtra")
    custom_data: CustomData | None = field(default=None, name="customData")


class TransactionEvent(Wire, Request[TransactionEventResponse], kw_only=True):
    """TransactionEvent request (OCPP 2.x)."""

    cost_details: Annotated[CostDetails | None, Meta(extra={"since": "2.1"})] = field(default=None,
        name="costDetails")
    event_type: TransactionEventEnum = field(name="eventType")
    meter_value: Annotated[list[MeterValue], Meta(min_length=1)] | None = field(default=None,
        name="meterValue")
    timestamp: datetime
    trigger_reason: TriggerReasonEnum = field(name="triggerReason")
    seq_no: Annotated[int, Meta(ge=0, extra={"2.0.1": {"ge": None}})] = field(name="seqNo")
    offline: bool = False
    number_of_phases_used: Annotated[int, Meta(ge=0, le=3, extra={"2.0.1": {"ge": None,
        "le": None}})] | None = field(default=None, name="numberOfPhasesUsed")
    cable_max_current: int | None = field(default=None, name="cableMaxCurrent")
    reservation_id: Annotated[int, Meta(ge=0,
        extra={"2.0.1": {"ge": None}})] | None = field(default=None, name="reservationId")
    preconditioning_status: Annotated[PreconditioningStatusEnum | None,
        Meta(extra={"since": "2.1"})] = field(default=None, name="preconditioningStatus")
    evse_sleep: Annotated[bool | None, Meta(extra={"since": "2.1"})] = field(default=None,
        name="evseSleep")
    transaction_info: Transaction = field(name="transactionInfo")
    evse: EVSE | None = None
    id_token: IdToken | None = field(default=None, name="idToken")
    custom_data: CustomData | None = field(default=None, name="customData")

    def __post_init__(self) -> None:
        if self.timestamp.tzinfo is not UTC:
            self.timestamp = utc(self.timestamp)


class TriggerMessageResponse(Wire, kw_only=True):
    """TriggerMessage answer (OCPP 2.x)."""

    status: TriggerMessageStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class TriggerMessage(Wire, Request[TriggerMessageResponse], kw_only=True):
    """TriggerMessage request (OCPP 2.x)."""

    evse: EVSE | None = None
    requested_message: MessageTriggerEnum = field(name="requestedMessage")
    custom_trigger: Annotated[Annotated[str, Meta(max_length=50)] | None,
        Meta(extra={"since": "2.1"})] = field(default=None, name="customTrigger")
    custom_data: CustomData | None = field(default=None, name="customData")


class UnlockConnectorResponse(Wire, kw_only=True):
    """UnlockConnector answer (OCPP 2.x)."""

    status: UnlockStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class UnlockConnector(Wire, Request[UnlockConnectorResponse], kw_only=True):
    """UnlockConnector request (OCPP 2.x)."""

    evse_id: Annotated[int, Meta(ge=0, extra={"2.0.1": {"ge": None}})] = field(name="evseId")
    connector_id: Annotated[int, Meta(ge=0,
        extra={"2.0.1": {"ge": None}})] = field(name="connectorId")
    custom_data: CustomData | None = field(default=None, name="customData")


class UnpublishFirmwareResponse(Wire, kw_only=True):
    """UnpublishFirmware answer (OCPP 2.x)."""

    status: UnpublishFirmwareStatusEnum
    custom_data: CustomData | None = field(default=None, name="customData")


class UnpublishFirmware(Wire, Request[UnpublishFirmwareResponse], kw_only=True):
    """UnpublishFirmware request (OCPP 2.x)."""

    checksum: Annotated[str, Meta(max_length=32)]
    custom_data: CustomData | None = field(default=None, name="customData")


class UpdateDynamicScheduleResponse(Wire, kw_only=True):
    """UpdateDynamicSchedule answer (OCPP 2.1)."""

    status: ChargingProfileStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class UpdateDynamicSchedule(Wire, Request[UpdateDynamicScheduleResponse], kw_only=True):
    """UpdateDynamicSchedule request (OCPP 2.1)."""

    charging_profile_id: int = field(name="chargingProfileId")
    schedule_update: ChargingScheduleUpdate = field(name="scheduleUpdate")
    custom_data: CustomData | None = field(default=None, name="customData")


class UpdateFirmwareResponse(Wire, kw_only=True):
    """UpdateFirmware answer (OCPP 2.x)."""

    status: UpdateFirmwareStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class UpdateFirmware(Wire, Request[UpdateFirmwareResponse], kw_only=True):
    """UpdateFirmware request (OCPP 2.x)."""

    retries: Annotated[int, Meta(ge=0, extra={"2.0.1": {"ge": None}})] | None = None
    retry_interval: int | None = field(default=None, name="retryInterval")
    request_id: int = field(name="requestId")
    firmware: Firmware
    custom_data: CustomData | None = field(default=None, name="customData")


class UsePriorityChargingResponse(Wire, kw_only=True):
    """UsePriorityCharging answer (OCPP 2.1)."""

    status: PriorityChargingStatusEnum
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    custom_data: CustomData | None = field(default=None, name="customData")


class UsePriorityCharging(Wire, Request[UsePriorityChargingResponse], kw_only=True):
    """UsePriorityCharging request (OCPP 2.1)."""

    transaction_id: Annotated[str, Meta(max_length=36)] = field(name="transactionId")
    activate: bool
    custom_data: CustomData | None = field(default=None, name="customData")


class VatNumberValidationResponse(Wire, kw_only=True):
    """VatNumberValidation answer (OCPP 2.1)."""

    company: Address | None = None
    status_info: StatusInfo | None = field(default=None, name="statusInfo")
    vat_number: Annotated[str, Meta(max_length=20)] = field(name="vatNumber")
    evse_id: Annotated[int, Meta(ge=0)] | None = field(default=None, name="evseId")
    status: GenericStatusEnum
    custom_data: CustomData | None = field(default=None, name="customData")


class VatNumberValidation(Wire, Request[VatNumberValidationResponse], kw_only=True):
    """VatNumberValidation request (OCPP 2.1)."""

    vat_number: Annotated[str, Meta(max_length=20)] = field(name="vatNumber")
    evse_id: Annotated[int, Meta(ge=0)] | None = field(default=None, name="evseId")
    custom_data: CustomData | None = field(default=None, name="customData")


MESSAGES: dict[str, tuple[type[Wire], type[Wire] | None, str]] = {
    "AFRRSignal": (AFRRSignal, AFRRSignalResponse, "2.1"),
    "AdjustPeriodicEventStream": (AdjustPeriodicEventStream, AdjustPeriodicEventStreamResponse, "2.1"),
    "Authorize": (Authorize, AuthorizeResponse, ""),
    "BatterySwap": (BatterySwap, BatterySwapResponse, "2.1"),
    "BootNotification": (BootNotification, BootNotificationResponse, ""),
    "CancelReservation": (CancelReservation, CancelReservationResponse, ""),
    "CertificateSigned": (CertificateSigned, CertificateSignedResponse, ""),
    "ChangeAvailability": (ChangeAvailability, ChangeAvailabilityResponse, ""),
    "ChangeTransactionTariff": (ChangeTransactionTariff, ChangeTransactionTariffResponse, "2.1"),
    "ClearCache": (ClearCache, ClearCacheResponse, ""),
    "ClearChargingProfile": (ClearChargingProfile, ClearChargingProfileResponse, ""),
    "ClearDERControl": (ClearDERControl, ClearDERControlResponse, "2.1"),
    "ClearDisplayMessage": (ClearDisplayMessage, ClearDisplayMessageResponse, ""),
    "ClearTariffs": (ClearTariffs, ClearTariffsResponse, "2.1"),
    "ClearVariableMonitoring": (ClearVariableMonitoring, ClearVariableMonitoringResponse, ""),
    "ClearedChargingLimit": (ClearedChargingLimit, ClearedChargingLimitResponse, ""),
    "ClosePeriodicEventStream": (ClosePeriodicEventStream, ClosePeriodicEventStreamResponse, "2.1"),
    "CostUpdated": (CostUpdated, CostUpdatedResponse, ""),
    "CustomerInformation": (CustomerInformation, CustomerInformationResponse, ""),
    "DataTransfer": (DataTransfer, DataTransferResponse, ""),
    "DeleteCertificate": (DeleteCertificate, DeleteCertificateResponse, ""),
    "FirmwareStatusNotification": (FirmwareStatusNotification, FirmwareStatusNotificationResponse, ""),
    "Get15118EVCertificate": (Get15118EVCertificate, Get15118EVCertificateResponse, ""),
    "GetBaseReport": (GetBaseReport, GetBaseReportResponse, ""),
    "GetCertificateChainStatus": (GetCertificateChainStatus, GetCertificateChainStatusResponse, "2.1"),
    "GetCertificateStatus": (GetCertificateStatus, GetCertificateStatusResponse, ""),
    "GetChargingProfiles": (GetChargingProfiles, GetChargingProfilesResponse, ""),
    "GetCompositeSchedule": (GetCompositeSchedule, GetCompositeScheduleResponse, ""),
    "GetDERControl": (GetDERControl, GetDERControlResponse, "2.1"),
    "GetDisplayMessages": (GetDisplayMessages, GetDisplayMessagesResponse, ""),
    "GetInstalledCertificateIds": (GetInstalledCertificateIds, GetInstalledCertificateIdsResponse, ""),
    "GetLocalListVersion": (GetLocalListVersion, GetLocalListVersionResponse, ""),
    "GetLog": (GetLog, GetLogResponse, ""),
    "GetMonitoringReport": (GetMonitoringReport, GetMonitoringReportResponse, ""),
    "GetPeriodicEventStream": (GetPeriodicEventStream, GetPeriodicEventStreamResponse, "2.1"),
    "GetReport": (GetReport, GetReportResponse, ""),
    "GetTariffs": (GetTariffs, GetTariffsResponse, "2.1"),
    "GetTransactionStatus": (GetTransactionStatus, GetTransactionStatusResponse, ""),
    "GetVariables": (GetVariables, GetVariablesResponse, ""),
    "Heartbeat": (Heartbeat, HeartbeatResponse, ""),
    "InstallCertificate": (InstallCertificate, InstallCertificateResponse, ""),
    "LogStatusNotification": (LogStatusNotification, LogStatusNotificationResponse, ""),
    "MeterValues": (MeterValues, MeterValuesResponse, ""),
    "NotifyAllowedEnergyTransfer": (NotifyAllowedEnergyTransfer, NotifyAllowedEnergyTransferResponse, "2.1"),
    "NotifyChargingLimit": (NotifyChargingLimit, NotifyChargingLimitResponse, ""),
    "NotifyCustomerInformation": (NotifyCustomerInformation, NotifyCustomerInformationResponse, ""),
    "NotifyDERAlarm": (NotifyDERAlarm, NotifyDERAlarmResponse, "2.1"),
    "NotifyDERStartStop": (NotifyDERStartStop, NotifyDERStartStopResponse, "2.1"),
    "NotifyDisplayMessages": (NotifyDisplayMessages, NotifyDisplayMessagesResponse, ""),
    "NotifyEVChargingNeeds": (NotifyEVChargingNeeds, NotifyEVChargingNeedsResponse, ""),
    "NotifyEVChargingSchedule": (NotifyEVChargingSchedule, NotifyEVChargingScheduleResponse, ""),
    "NotifyEvent": (NotifyEvent, NotifyEventResponse, ""),
    "NotifyMonitoringReport": (NotifyMonitoringReport, NotifyMonitoringReportResponse, ""),
    "NotifyPeriodicEventStream": (NotifyPeriodicEventStream, None, "2.1"),
    "NotifyPriorityCharging": (NotifyPriorityCharging, NotifyPriorityChargingResponse, "2.1"),
    "NotifyReport": (NotifyReport, NotifyReportResponse, ""),
    "NotifySettlement": (NotifySettlement, NotifySettlementResponse, "2.1"),
    "NotifyWebPaymentStarted": (NotifyWebPaymentStarted, NotifyWebPaymentStartedResponse, "2.1"),
    "OpenPeriodicEventStream": (OpenPeriodicEventStream, OpenPeriodicEventStreamResponse, "2.1"),
    "PublishFirmware": (PublishFirmware, PublishFirmwareResponse, ""),
    "PublishFirmwareStatusNotification": (PublishFirmwareStatusNotification, PublishFirmwareStatusNotificationResponse, ""),
    "PullDynamicScheduleUpdate": (PullDynamicScheduleUpdate, PullDynamicScheduleUpdateResponse, "2.1"),
    "ReportChargingProfiles": (ReportChargingProfiles, ReportChargingProfilesResponse, ""),
    "ReportDERControl": (ReportDERControl, ReportDERControlResponse, "2.1"),
    "RequestBatterySwap": (RequestBatterySwap, RequestBatterySwapResponse, "2.1"),
    "RequestStartTransaction": (RequestStartTransaction, RequestStartTransactionResponse, ""),
    "RequestStopTransaction": (RequestStopTransaction, RequestStopTransactionResponse, ""),
    "ReservationStatusUpdate": (ReservationStatusUpdate, ReservationStatusUpdateResponse, ""),
    "ReserveNow": (ReserveNow, ReserveNowResponse, ""),
    "Reset": (Reset, ResetResponse, ""),
    "SecurityEventNotification": (SecurityEventNotification, SecurityEventNotificationResponse, ""),
    "SendLocalList": (SendLocalList, SendLocalListResponse, ""),
    "SetChargingProfile": (SetChargingProfile, SetChargingProfileResponse, ""),
    "SetDERControl": (SetDERControl, SetDERControlResponse, "2.1"),
    "SetDefaultTariff": (SetDefaultTariff, SetDefaultTariffResponse, "2.1"),
    "SetDisplayMessage": (SetDisplayMessage, SetDisplayMessageResponse, ""),
    "SetMonitoringBase": (SetMonitoringBase, SetMonitoringBaseResponse, ""),
    "SetMonitoringLevel": (SetMonitoringLevel, SetMonitoringLevelResponse, ""),
    "SetNetworkProfile": (SetNetworkProfile, SetNetworkProfileResponse, ""),
    "SetVariableMonitoring": (SetVariableMonitoring, SetVariableMonitoringResponse, ""),
    "SetVariables": (SetVariables, SetVariablesResponse, ""),
    "SignCertificate": (SignCertificate, SignCertificateResponse, ""),
    "StatusNotification": (StatusNotification, StatusNotificationResponse, ""),
    "TransactionEvent": (TransactionEvent, TransactionEventResponse, ""),
    "TriggerMessage": (TriggerMessage, TriggerMessageResponse, ""),
    "UnlockConnector": (UnlockConnector, UnlockConnectorResponse, ""),
    "UnpublishFirmware": (UnpublishFirmware, UnpublishFirmwareResponse, ""),
    "UpdateDynamicSchedule": (UpdateDynamicSchedule, UpdateDynamicScheduleResponse, "2.1"),
    "UpdateFirmware": (UpdateFirmware, UpdateFirmwareResponse, ""),
    "UsePriorityCharging": (UsePriorityCharging, UsePriorityChargingResponse, "2.1"),
    "VatNumberValidation": (VatNumberValidation, VatNumberValidationResponse, "2.1"),
}
"""Request, answer (None: a SEND) and, if not the first, the version of each action."""
