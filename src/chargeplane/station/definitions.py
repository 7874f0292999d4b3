"""The variables of a station, as a table: type, default, who may write, bounds.

Names, types and units are those of the standardised components of OCPP 2.0.1 and 2.1 (part 2
appendices, `dm_components_vars.csv`); an instance stands in brackets behind a name. What neither
defines is said to be ours by a comment. A variable stands here only if the station acts on it or
tells the truth by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from chargeplane.domain.station import Evse
from chargeplane.domain.variables import Component
from chargeplane.station.definition import (
    RO,
    WO,
    Address,
    Definition,
    decimal,
    flag,
    members,
    moment,
    number,
    option,
    sequence,
    text,
    variable,
)

SLOTS: Final = 3  # network profiles that fit

MEASURANDS: Final = (
    "Current.Export,Current.Import,Current.Offered,Energy.Active.Export.Register,"
    "Energy.Active.Import.Register,Frequency,Power.Active.Export,Power.Active.Import,"
    "Power.Active.Residual,Power.Active.Setpoint,Power.Factor,Power.Offered,SoC,Temperature,Voltage"
)
REGISTER: Final = "Energy.Active.Import.Register"
POINTS: Final = (
    "ParkingBayOccupancy,EVConnected,Authorized,DataSigned,PowerPathClosed,EnergyTransfer"
)
ADDED: Final = "PriorityCharging,LocalGeneration"
SHOWN: Final = "AlwaysFront,InFront,NormalCycle"
SHOWN_IN: Final = "Charging,Faulted,Idle,Suspended,Unavailable"
ENDS: Final = "maxCost,maxEnergy,maxTime,maxSoC"
STATES: Final = "Available,Occupied,Reserved,Unavailable,Faulted"
PURPOSES: Final = (
    "ChargingStationExternalConstraints,ChargingStationMaxProfile,TxDefaultProfile,TxProfile,"
    "PriorityCharging,LocalGeneration"
)


def state(name: str) -> Definition:
    """The state of a part, which a summary tells."""
    return Definition(
        name=name,
        data_type="OptionList",
        mutability=RO,
        values=tuple(STATES.split(",")),
        is_summary=True,
    )


CONTROLLERS: Final[dict[str, tuple[Definition, ...]]] = {
    "AlignedDataCtrlr": (
        flag("Enabled", default=True),
        flag("Available", default=True, mutability=RO),
        number("Interval", 0, "s"),
        members("Measurands", MEASURANDS, f"{REGISTER},Voltage", high=500),
        flag("SendDuringIdle", default=False),
        flag("SignReadings", default=False),
        number("TxEndedInterval", 0, "s"),
        members("TxEndedMeasurands", MEASURANDS, REGISTER, high=500),
    ),
    "AuthCacheCtrlr": (
        flag("Available", default=True, mutability=RO),
        flag("Enabled", default=True),
        number("LifeTime", 864000, "s"),
        option("Policy", "LRU,LFU,FIFO", "LRU"),
        number("Storage", None, "B", RO),
        flag("DisablePostAuthorize", default=False),
    ),
    "AuthCtrlr": (
        flag("Enabled", default=True),
        flag("AuthorizeRemoteStart", default=False),
        flag("LocalAuthorizeOffline", default=True),
        flag("LocalPreAuthorize", default=False),
        text("MasterPassGroupId", "", high=36),
        flag("OfflineTxForUnknownIdEnabled", default=False),
        flag("DisableRemoteAuthorization", default=False),
        members(
            "SupportedIdTokenType",
            "",
            "Central,eMAID,ISO14443,ISO15693,KeyCode,Local,MacAddress,NoAuthorization",
            RO,
        ),
    ),
    "ChargingStation": (
        flag("AllowNewSessionsPendingFirmwareUpdate", default=False),
        state("AvailabilityState"),
        flag("Available", default=True, mutability=RO, is_summary=True),
        flag("Enabled", default=True, mutability=RO),
        text("Model", mutability=RO),
        flag("Problem", mutability=RO, is_summary=True),
        text("PhaseRotation", "RST"),
        number("SupplyPhases", 3, None, RO),
        text("SerialNumber", mutability=RO),
        text("FirmwareVersion", mutability=RO),
        text("VendorName", mutability=RO),
    ),
    "ClockCtrlr": (
        flag("Enabled", default=True, mutability=RO),
        moment("DateTime", RO),
        sequence(
            "TimeSource",
            "Heartbeat,NTP,GPS,RealTimeClock,MobileNetwork,RadioTimeTransmitter",
            "Heartbeat",
        ),
        number("TimeAdjustmentReportingThreshold", 20, "s"),
        text("TimeOffset", ""),
        text("TimeOffset[NextTransition]", ""),
        moment("NextTimeOffsetTransitionDateTime"),
        text("TimeZone", ""),
    ),
    "CustomizationCtrlr": (
        flag("Enabled", default=True),
        flag("CustomImplementationEnabled[org.openchargealliance.costmsg]", default=False),
        flag("CustomImplementationEnabled[org.openchargealliance.multilanguage]", default=False),
        members("CustomTriggers", "", "", RO),
    ),
    "DeviceDataCtrlr": (
        flag("Enabled", default=True, mutability=RO),
        number("BytesPerMessage[GetReport]", 32000, None, RO),
        number("BytesPerMessage[GetVariables]", 32000, None, RO),
        number("BytesPerMessage[SetVariables]", 32000, None, RO),
        number("ItemsPerMessage[GetReport]", 100, None, RO),
        number("ItemsPerMessage[GetVariables]", 100, None, RO),
        number("ItemsPerMessage[SetVariables]", 100, None, RO),
        number("ConfigurationValueSize", 1000, None, RO),
        number("ReportingValueSize", 2500, None, RO),
        number("ValueSize", 2500, None, RO),
    ),
    "DisplayMessageCtrlr": (
        flag("Available", mutability=RO),
        flag("Enabled", default=True),
        number("DisplayMessages", None, None, RO, high=50),
        members("SupportedFormats", "ASCII,HTML,URI,UTF8,QRCODE", "", RO),
        members("SupportedPriorities", SHOWN, SHOWN, RO),
        members("SupportedStates", SHOWN_IN, SHOWN_IN, RO),
    ),
    "InternalCtrlr": (  # ours: what 1.6 asks for by key, and bounds of the queue
        text("ChargeBoxSerialNumber", mutability=RO),
        text("ChargePointModel", mutability=RO),
        text("ChargePointSerialNumber", mutability=RO),
        text("ChargePointVendor", mutability=RO),
        text("FirmwareVersion", mutability=RO),
        text("ICCID", mutability=RO),
        text("IMSI", mutability=RO),
        text("MeterSerialNumber", mutability=RO),
        text("MeterType", mutability=RO),
        members("SupportedChargingProfilePurposeTypes", PURPOSES, PURPOSES, RO),
        number("MaxCompositeScheduleDuration", 604800, "s", RO),
        number("CompositeScheduleIntervalS", 30, "s"),
        number("RequestCompositeScheduleDurationS", 600, "s", low=1),
        option("RequestCompositeScheduleUnit", "A,W", "A"),
        number("MessageQueueSizeThreshold", 500, None, low=1),
        number("OcspRequestInterval", 604800, "s", low=86400),
        flag("ResumeTransactionsOnBoot", default=False),
        flag("UseSslDefaultVerifyPaths", default=True),
        flag("VerifyCsmsAllowWildcards", default=False),
        flag("VerifyCsmsCommonName", default=True),
        sequence(
            "SupportedOcppVersions",
            "ocpp1.2,ocpp1.5,ocpp1.6,ocpp2.0.1,ocpp2.1",
            "ocpp2.1,ocpp2.0.1,ocpp1.6",
        ),
    ),
    "ISO15118Ctrlr": (
        flag("PnCEnabled", default=False),
        flag("CentralContractValidationAllowed", default=False),
        flag("ContractValidationOffline", default=False),
        flag("V2GCertificateInstallationEnabled", default=True),
        flag("ContractCertificateInstallationEnabled", default=True),
        text("SeccId", "", high=255),
        text("CountryName", "", high=2),
        text("OrganizationName", ""),
    ),
    "LocalAuthListCtrlr": (
        flag("Available", default=True, mutability=RO),
        flag("Enabled", default=True),
        number("BytesPerMessage", 65536, None, RO),
        number("Entries", 0, None, RO, high=10000),
        number("ItemsPerMessage", 250, None, RO),
        number("Storage", None, "B", RO),
        flag("DisablePostAuthorize", default=False),
        flag("SupportsExpiryDateTime", default=True, mutability=RO),
    ),
    "MonitoringCtrlr": (
        flag("Enabled", default=True),
        flag("Available", default=True, mutability=RO),
        number("BytesPerMessage[SetVariableMonitoring]", 32000, None, RO),
        number("BytesPerMessage[ClearVariableMonitoring]", 32000, None, RO),
        number("ItemsPerMessage[SetVariableMonitoring]", 50, None, RO),
        number("ItemsPerMessage[ClearVariableMonitoring]", 50, None, RO),
        number("OfflineQueuingSeverity", 4, None, high=9),
        option("ActiveMonitoringBase", "All,FactoryDefault,HardWiredOnly", "All", RO),
        number("ActiveMonitoringLevel", 9, None, RO, high=9),
        number("MaxPeriodicEventStreams", 10, None, RO),
    ),
    "OCPP16LegacyCtrlr": (  # EVerest's home of the keys that 2.x has no variable for
        number("GetConfigurationMaxKeys", 500, None, RO),
        text(
            "SupportedFeatureProfiles",
            "Core,FirmwareManagement,LocalAuthListManagement,Reservation,SmartCharging,RemoteTrigger",
            RO,
        ),
        flag("ReserveConnectorZeroSupported", default=True, mutability=RO),
        flag("DisableSecurityEventNotifications", default=False),
        number("NumberOfConnectors", None, None, RO),
        text("PhaseRotation", "Unknown"),
        number("MinimumStatusDuration", 0, "s"),
        flag("CustomDisplayCostAndPrice", default=False, mutability=RO),
        flag("CustomIdleFeeAfterStop", default=False),
        flag("CustomMultiLanguageMessages", mutability=RO),
        text("DefaultPrice", high=2500),
        text("DefaultPriceText", high=2500),
        text("SupportedLanguages", mutability=RO),
        number("WaitForSetUserPriceTimeout", 0, "ms", high=30000),
    ),
    "OCPPCommCtrlr": (
        flag("Enabled", default=True, mutability=RO),
        number("ActiveNetworkProfile", 1, None, RO),
        members("FileTransferProtocols", "", "FTP,FTPS,HTTP,HTTPS", RO),
        number("HeartbeatInterval", 300, "s"),
        number("MessageTimeout[Default]", 30, "s", low=1),
        number("MessageAttemptInterval[TransactionEvent]", 10, "s"),
        number("MessageAttempts[TransactionEvent]", 5, None, low=1),
        replace(sequence("NetworkConfigurationPriority", "1,2,3", "1"), needs_reboot=True),
        number("NetworkProfileConnectionAttempts", 3, None, low=1),
        number("OfflineThreshold", 60, "s"),
        option(
            "PublicKeyWithSignedMeterValue", "Never,OncePerTransaction,EveryMeterValue", "Never"
        ),
        flag("QueueAllMessages", default=False),
        text("MessageTypesDiscardForQueueing", ""),
        number("ResetRetries", 3),
        number("RetryBackOffRandomRange", 10, "s"),
        number("RetryBackOffRepeatTimes", 5),
        number("RetryBackOffWaitMinimum", 5, "s"),
        flag("UnlockOnEVSideDisconnect", default=True),
        number("WebSocketPingInterval", 60, "s"),
    ),
    "ReservationCtrlr": (
        flag("Available", default=True, mutability=RO),
        flag("Enabled", default=True),
        flag("NonEvseSpecific", default=True, mutability=RO),
    ),
    "SampledDataCtrlr": (
        flag("Available", default=True, mutability=RO),
        flag("Enabled", default=True),
        flag("SignReadings", default=False),
        flag("RegisterValuesWithoutPhases", default=True, mutability=RO),
        members("TxStartedMeasurands", MEASURANDS, REGISTER, high=500),
        number("TxUpdatedInterval", 60, "s"),
        members(
            "TxUpdatedMeasurands",
            MEASURANDS,
            f"{REGISTER},Power.Active.Import,Current.Import,Voltage,SoC",
            high=500,
        ),
        number("TxEndedInterval", 0, "s"),
        members("TxEndedMeasurands", MEASURANDS, REGISTER, high=500),
    ),
    "SecurityCtrlr": (
        flag("Enabled", default=True, mutability=RO),
        flag("AdditionalRootCertificateCheck", default=False, mutability=RO),
        flag("AllowSecurityProfileDowngrade", default=False),
        text("BasicAuthPassword", mutability=WO, low=16, high=64),
        number("CertificateEntries", 0, None, RO, high=100),
        number("CertSigningRepeatTimes", 3),
        number("CertSigningWaitMinimum", 30, "s"),
        text("Identity", mutability=RO, high=48),
        number("MaxCertificateChainSize", 10000, None, RO, high=10000),
        text("OrganizationName", "Chargeplane"),
        number("SecurityProfile", 0, None, RO, high=3),
    ),
    "SmartChargingCtrlr": (
        flag("Available", default=True, mutability=RO),
        flag("Enabled", default=True),
        flag("ACPhaseSwitchingSupported", mutability=RO),
        number("Entries[ChargingProfiles]", 0, None, RO, high=100),
        flag("ExternalConstraintsProfileDisallowed", default=False),
        flag("ExternalControlSignalsEnabled", default=True),
        decimal("LimitChangeSignificance", 1, "Percent"),
        number("MaxExternalConstraintsId", low=-(2**31)),
        flag("NotifyChargingLimitWithSchedules", default=False),
        number("PeriodsPerSchedule", 1024, None, RO),
        flag("Phases3to1", mutability=RO),
        number("ProfileStackLevel", 100, None, RO),
        members("RateUnit", "A,W", "A,W", RO),
        option("SetpointPriority", "ExternalSystem,CSMS", "ExternalSystem"),
        members("SupportedAdditionalPurposes", ADDED, ADDED, RO),
        flag("ChargingProfilePersistence[TxProfile]", default=True, mutability=RO),
        flag("ChargingProfilePersistence[LocalGeneration]", default=True, mutability=RO),
        flag(
            "ChargingProfilePersistence[ChargingStationExternalConstraints]",
            default=True,
            mutability=RO,
        ),
        flag("SupportsFeature[DynamicProfiles]", default=True, mutability=RO),
        flag("SupportsFeature[MaxOfflineDuration]", default=True, mutability=RO),
        flag("SupportsFeature[UseLocalTime]", default=True, mutability=RO),
        flag("SupportsFeature[RandomizedDelay]", default=True, mutability=RO),
        flag("SupportsFeature[LimitAtSoC]", default=True, mutability=RO),
        flag("SupportsFeature[EvseSleep]", default=False, mutability=RO),
        # EVerest's: what holds without any profile, and how A and W convert
        number("CompositeScheduleDefaultLimitAmps", 32, "A"),
        number("CompositeScheduleDefaultLimitWatts", 22080, "W"),
        number("CompositeScheduleDefaultNumberPhases", 3, None, low=1, high=3),
        number("SupplyVoltage", 230, "V", low=1),
        members("IgnoredProfilePurposesOffline", PURPOSES),
    ),
    "TariffCostCtrlr": (
        flag("Available[Tariff]", default=True, mutability=RO),
        flag("Available[Cost]", default=True, mutability=RO),
        flag("Enabled[Tariff]", default=True),
        flag("Enabled[Cost]", default=True),
        flag("Enabled[RunningCost]", default=False),
        text("Currency", "EUR", high=3),
        text("TariffFallbackMessage", "", high=512),
        text("OfflineTariffFallbackMessage", "", high=512),
        text("TotalCostFallbackMessage", "", high=512),
        number("Interval[Tariff]", 30, "s"),
        number("Interval[Cost]", 60, "s", low=1),
        number("MaxElements[Tariff]", 100, None, RO),
        flag("ConditionsSupported[Tariff]", default=True, mutability=RO),
        option(
            "HandleFailedTariff[Tariff]",
            "Deauthorize,UseDefaultTariff,CentralCost",
            "UseDefaultTariff",
        ),
        flag("Problem", default=False, mutability=RO),
        number("NumberOfDecimalsForCostValues", 2, None, high=6),  # California pricing
    ),
    "TxCtrlr": (
        flag("Enabled", default=True, mutability=RO),
        number("EVConnectionTimeOut", 60, "s"),
        number("MaxEnergyOnInvalidId", 0, "Wh"),
        flag("StopTxOnEVSideDisconnect", default=True),
        flag("StopTxOnInvalidId", default=True),
        flag("TxBeforeAcceptedEnabled", default=True),
        members("TxStartPoint", POINTS, "PowerPathClosed"),
        members("TxStopPoint", POINTS, "EVConnected,Authorized"),
        number("ResumptionTimeout", 0, "s"),
        members("SupportedLimits", ENDS, ENDS, RO),
    ),
}
"""Of the whole station, by the name of the component."""

INTERFACES: Final = "Any,Wired0,Wired1,Wired2,Wired3,Wireless0,Wireless1,Wireless2,Wireless3"
NETWORK: Final = (
    text("OcppCsmsUrl", "", high=2000),
    option("OcppInterface", INTERFACES, "Any"),
    option("OcppTransport", "JSON,SOAP", "JSON"),
    option("OcppVersion", "OCPP12,OCPP15,OCPP16,OCPP20,OCPP201,OCPP21"),
    number("MessageTimeout", 30, "s", low=1),
    number("SecurityProfile", 0, None, high=3),
    text("Identity", "", high=48),
    text("BasicAuthPassword", mutability=WO, low=16, high=64),
    flag("VpnEnabled", default=False, mutability=RO),
    flag("ApnEnabled", default=False, mutability=RO),
)
"""Of each slot for a network profile (2.1 part 2 §B, component NetworkConfiguration)."""

EVSE: Final = (
    flag("AllowReset", default=True, mutability=RO),
    state("AvailabilityState"),
    flag("Available", default=True, mutability=RO, is_summary=True),
    flag("Problem", mutability=RO, is_summary=True),
    decimal("Power", None, "W", RO, ("Actual", "MaxSet")),
    number("SupplyPhases", 3, None, RO),
    text("ActiveTransactionId", mutability=RO),
    option("ChargingState", "Charging,EVConnected,SuspendedEV,SuspendedEVSE,Idle", None, RO),
)
COLLECTOR: Final = (
    flag("Enabled", default=False),
    moment("DateTime[Start]"),
    moment("DateTime[End]"),
    replace(decimal("SamplingInterval", 1, "s"), minimum=0.1),
    members("SampledMeasurands", MEASURANDS, "Power.Active.Import", high=500),
)
TRANSFERS: Final = (
    "AC_single_phase,AC_two_phase,AC_three_phase,DC,AC_BPT,AC_BPT_DER,AC_DER,DC_BPT,DC_ACDP,"
    "DC_ACDP_BPT,WPT"
)
MODES: Final = (
    "Idle,ChargingOnly,CentralSetpoint,ExternalSetpoint,ExternalLimits,CentralFrequency,"
    "LocalFrequency,LocalLoadBalancing"
)
BIDIRECTIONAL: Final = (
    flag("Available", mutability=RO),
    flag("Enabled", default=True),
    members("SupportedEnergyTransferModes", TRANSFERS, "", RO),
    members("SupportedOperationModes", MODES, "", RO),
    number("LocalFrequencyUpdateThreshold", 10),  # mHz
    decimal("LocalLoadBalancing[UpperThreshold]", None, "W"),
    decimal("LocalLoadBalancing[LowerThreshold]", None, "W"),
    decimal("LocalLoadBalancing[UpperOffset]", None, "W"),
    decimal("LocalLoadBalancing[LowerOffset]", None, "W"),
)
"""Of V2XChargingCtrlr at each EVSE (2.1 part 2 §2.18)."""

CERTIFICATES: Final = ("Leaf", "SubCA1", "SubCA2", "Root")
CONNECTED_EV: Final = (
    flag("Available", mutability=RO),
    text("VehicleID", mutability=RO),
    text("ProtocolAgreed", mutability=RO),
    *(text(f"ProtocolSupportedByEV[{priority}]", mutability=RO) for priority in (1, 2, 3)),
    *(text(f"VehicleCertificate[{name}]", mutability=RO) for name in CERTIFICATES),
)
"""What a car says of itself at each EVSE (2.1 part 2 §2.17)."""

CONNECTOR: Final = (
    state("AvailabilityState"),
    flag("Available", default=True, mutability=RO, is_summary=True),
    text("ConnectorType", "sType2", RO),
    number("SupplyPhases", 3, None, RO),
)
LOCK: Final = (flag("Problem", mutability=RO, is_summary=True),)


@lru_cache(maxsize=64)
def layout(connectors: tuple[int, ...]) -> Mapping[Address, Definition]:
    """All variables of a station whose EVSEs have so many connectors; shared by those alike."""
    found: dict[Address, Definition] = {}
    for name, rows in CONTROLLERS.items():
        found |= _rows(Component(name), rows)
    for slot in range(1, SLOTS + 1):
        found |= _rows(Component("NetworkConfiguration", str(slot)), NETWORK)
    for number_, count in enumerate(connectors, start=1):
        found |= _rows(Component("EVSE", None, Evse(number_)), EVSE)
        found |= _rows(Component("ConnectedEV", None, Evse(number_)), CONNECTED_EV)
        found |= _rows(Component("V2XChargingCtrlr", None, Evse(number_)), BIDIRECTIONAL)
        found |= _rows(Component("DataCollector", None, Evse(number_)), COLLECTOR)
        for connector in range(1, count + 1):
            place = Evse(number_, connector)
            found |= _rows(Component("Connector", None, place), CONNECTOR)
            found |= _rows(Component("ConnectorPlugRetentionLock", None, place), LOCK)
    return MappingProxyType(found)


def _rows(component: Component, rows: tuple[Definition, ...]) -> dict[Address, Definition]:
    return {(component, variable(row.name)): row for row in rows}
