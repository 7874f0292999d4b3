"""Configuration keys of OCPP 1.6 and the variables of 2.x that mean the same.

One table for both directions. Keys that are not in it pass as they are: they
read as a variable of the component with the empty name. Sources: 1.6 §9, the
security extension, and the mapping that EVerest's libocpp documents.
"""

from __future__ import annotations

from chargeplane.domain.variables import AttributeType, Component, Variable
from chargeplane.errors import Untranslatable

# Component (instance in brackets): key of 1.6 -> variable; `.maxLimit` names its characteristic.
KEYS: dict[str, dict[str, str]] = {
    "AuthCtrlr": {
        "AllowOfflineTxForUnknownId": "OfflineTxForUnknownIdEnabled",
        "AuthorizeRemoteTxRequests": "AuthorizeRemoteStart",
        "LocalAuthorizeOffline": "LocalAuthorizeOffline",
        "LocalPreAuthorize": "LocalPreAuthorize",
    },
    "AuthCacheCtrlr": {
        "AuthorizationCacheEnabled": "Enabled",
    },
    "AlignedDataCtrlr": {
        "ClockAlignedDataInterval": "Interval",
        "MeterValuesAlignedData": "Measurands",
        "MeterValuesAlignedDataMaxLength": "Measurands.maxLimit",
        "StopTxnAlignedData": "TxEndedMeasurands",
        "StopTxnAlignedDataMaxLength": "TxEndedMeasurands.maxLimit",
    },
    "TxCtrlr": {
        "ConnectionTimeOut": "EVConnectionTimeOut",
        "MaxEnergyOnInvalidId": "MaxEnergyOnInvalidId",
        "StopTransactionOnInvalidId": "StopTxOnInvalidId",
    },
    "OCPPCommCtrlr": {
        "HeartbeatInterval": "HeartbeatInterval",
        "ResetRetries": "ResetRetries",
        "TransactionMessageAttempts": "MessageAttempts",
        "TransactionMessageRetryInterval": "MessageAttemptInterval",
        "WebSocketPingInterval": "WebSocketPingInterval",
        "SupportedFileTransferProtocols": "FileTransferProtocols",
        "RetryBackoffRandomRange": "RetryBackOffRandomRange",
        "RetryBackoffRepeatTimes": "RetryBackOffRepeatTimes",
        "QueueAllMessages": "QueueAllMessages",
        "MessageTypesDiscardForQueueing": "MessageTypesDiscardForQueueing",
        "RetryBackoffWaitMinimum": "RetryBackOffWaitMinimum",
    },
    "SampledDataCtrlr": {
        "MeterValuesSampledData": "TxUpdatedMeasurands",
        "MeterValuesSampledDataMaxLength": "TxUpdatedMeasurands.maxLimit",
        "MeterValueSampleInterval": "TxUpdatedInterval",
        "StopTxnSampledData": "TxEndedMeasurands",
        "StopTxnSampledDataMaxLength": "TxEndedMeasurands.maxLimit",
    },
    "LocalAuthListCtrlr": {
        "LocalAuthListEnabled": "Enabled",
        "LocalAuthListMaxLength": "Entries.maxLimit",
        "SendLocalListMaxLength": "ItemsPerMessage",
    },
    "SmartChargingCtrlr": {
        "ChargeProfileMaxStackLevel": "ProfileStackLevel",
        "ChargingScheduleAllowedChargingRateUnit": "RateUnit",
        "ChargingScheduleMaxPeriods": "PeriodsPerSchedule",
        "ConnectorSwitch3to1PhaseSupported": "Phases3to1",
        "IgnoredProfilePurposesOffline": "IgnoredProfilePurposesOffline",
        "CompositeScheduleDefaultLimitAmps": "CompositeScheduleDefaultLimitAmps",
        "CompositeScheduleDefaultLimitWatts": "CompositeScheduleDefaultLimitWatts",
        "CompositeScheduleDefaultNumberPhases": "CompositeScheduleDefaultNumberPhases",
        "SupplyVoltage": "SupplyVoltage",
        "MaxChargingProfilesInstalled": "Entries.maxLimit",
    },
    "InternalCtrlr": {
        "ChargeBoxSerialNumber": "ChargeBoxSerialNumber",
        "ChargePointModel": "ChargePointModel",
        "ChargePointSerialNumber": "ChargePointSerialNumber",
        "ChargePointVendor": "ChargePointVendor",
        "FirmwareVersion": "FirmwareVersion",
        "ICCID": "ICCID",
        "IFace": "IFace",
        "IMSI": "IMSI",
        "MeterSerialNumber": "MeterSerialNumber",
        "MeterType": "MeterType",
        "SupportedCiphers12": "SupportedCiphers12",
        "SupportedCiphers13": "SupportedCiphers13",
        "UseTPM": "UseTPM",
        "UseTPMSeccLeafCertificate": "UseTPMSeccLeafCertificate",
        "AuthorizeConnectorZeroOnConnectorOne": "AuthorizeConnectorZeroOnConnectorOne",
        "LogMessages": "LogMessages",
        "LogMessagesRaw": "LogMessagesRaw",
        "LogMessagesFormat": "LogMessagesFormat",
        "LogRotation": "LogRotation",
        "LogRotationDateSuffix": "LogRotationDateSuffix",
        "LogRotationMaximumFileSize": "LogRotationMaximumFileSize",
        "LogRotationMaximumFileCount": "LogRotationMaximumFileCount",
        "SupportedChargingProfilePurposeTypes": "SupportedChargingProfilePurposeTypes",
        "MaxCompositeScheduleDuration": "MaxCompositeScheduleDuration",
        "WebsocketPingPayload": "WebsocketPingPayload",
        "WebsocketPongTimeout": "WebsocketPongTimeout",
        "UseSslDefaultVerifyPaths": "UseSslDefaultVerifyPaths",
        "VerifyCsmsCommonName": "VerifyCsmsCommonName",
        "VerifyCsmsAllowWildcards": "VerifyCsmsAllowWildcards",
        "OcspRequestInterval": "OcspRequestInterval",
        "MessageQueueSizeThreshold": "MessageQueueSizeThreshold",
        "MaxMessageSize": "MaxMessageSize",
        "TLSKeylogFile": "TLSKeylogFile",
        "EnableTLSKeylog": "EnableTLSKeylog",
    },
    "ISO15118Ctrlr": {
        "SeccLeafSubjectCommonName": "SeccId",
        "SeccLeafSubjectCountry": "CountryName",
        "SeccLeafSubjectOrganization": "OrganizationName",
        "ISO15118PnCEnabled": "PnCEnabled",
        "CentralContractValidationAllowed": "CentralContractValidationAllowed",
        "ContractValidationOffline": "ContractValidationOffline",
    },
    "SecurityCtrlr": {
        "AdditionalRootCertificateCheck": "AdditionalRootCertificateCheck",
        "CertificateSignedMaxChainSize": "MaxCertificateChainSize",
        "CpoName": "OrganizationName",
        "CertSigningWaitMinimum": "CertSigningWaitMinimum",
        "CertSigningRepeatTimes": "CertSigningRepeatTimes",
        "CertificateStoreMaxLength": "CertificateEntries",
    },
    "TariffCostCtrlr": {
        "NumberOfDecimalsForCostValues": "NumberOfDecimalsForCostValues",
    },
    "ClockCtrlr": {
        "TimeOffset": "TimeOffset",
        "NextTimeOffsetTransitionDateTime": "NextTimeOffsetTransitionDateTime",
        "TimeOffsetNextTransition": "NextTransition",
    },
    "OCPP16LegacyCtrlr": {
        "BlinkRepeat": "BlinkRepeat",
        "ConnectorPhaseRotation": "PhaseRotation",
        "ConnectorPhaseRotationMaxLength": "ConnectorPhaseRotationMaxLength",
        "GetConfigurationMaxKeys": "GetConfigurationMaxKeys",
        "LightIntensity": "LightIntensity",
        "MinimumStatusDuration": "MinimumStatusDuration",
        "StopTransactionOnEVSideDisconnect": "StopTransactionOnEVSideDisconnect",
        "SupportedFeatureProfiles": "SupportedFeatureProfiles",
        "SupportedFeatureProfilesMaxLength": "SupportedFeatureProfilesMaxLength",
        "UnlockConnectorOnEVSideDisconnect": "UnlockConnectorOnEVSideDisconnect",
        "ReserveConnectorZeroSupported": "ReserveConnectorZeroSupported",
        "AllowChargingProfileWithoutStartSchedule": "AllowChargingProfileWithoutStartSchedule",
        "WaitForStopTransactionsOnResetTimeout": "WaitForStopTransactionsOnResetTimeout",
        "StopTransactionIfUnlockNotSupported": "StopTransactionIfUnlockNotSupported",
        "MeterPublicKeys": "MeterPublicKeys",
        "DisableSecurityEventNotifications": "DisableSecurityEventNotifications",
        "ISO15118CertificateManagementEnabled": "ISO15118CertificateManagementEnabled",
        "CustomDisplayCostAndPrice": "CustomDisplayCostAndPrice",
        "DefaultPrice": "DefaultPrice",
        "DefaultPriceText": "DefaultPriceText",
        "CustomIdleFeeAfterStop": "CustomIdleFeeAfterStop",
        "SupportedLanguages": "SupportedLanguages",
        "CustomMultiLanguageMessages": "CustomMultiLanguageMessages",
        "Language": "Language",
        "WaitForSetUserPriceTimeout": "WaitForSetUserPriceTimeout",
        "NumberOfConnectors": "NumberOfConnectors",
        "ConnectorEvseIds": "ConnectorEvseIds",
        "RejectRemoteStartTransactionWithoutConnectorId": "RejectRemoteStartTransactionWithoutConnectorId",  # noqa: E501
        "RemoteStartTransactionWithoutConnectorIdFindFirst": "RemoteStartTransactionWithoutConnectorIdFindFirst",  # noqa: E501
        "ReportClearedErrors": "ReportClearedErrors",
    },
    "NetworkConfiguration[1]": {
        "HostName": "HostName",
        "CentralSystemURI": "OcppCsmsUrl",
        "SecurityProfile": "SecurityProfile",
        "AuthorizationKey": "BasicAuthPassword",
        "ChargePointId": "Identity",
    },
}


Place = tuple[Component, Variable, AttributeType]


def _place(component: str, variable: str) -> Place:
    name, _, instance = component.rstrip("]").partition("[")
    variable, _, limit = variable.partition(".")
    return Component(name, instance or None), Variable(variable), "MaxLimit" if limit else "Actual"


PLACES = {
    key: _place(component, variable)
    for component, keys in KEYS.items()
    for key, variable in keys.items()
}
NAMES = {place: key for key, place in PLACES.items()}
_BY_LOWER = {key.lower(): key for key in PLACES}


def read_key(key: str) -> Place:
    """Where a 1.6 key lives in the device model; keys compare without case (1.6 §9)."""
    known = PLACES.get(key) or PLACES.get(_BY_LOWER.get(key.lower(), ""))
    return known or (Component(""), Variable(key), "Actual")


def write_key(component: Component, variable: Variable, attribute: AttributeType) -> str:
    """The 1.6 key of a variable."""
    if not component.name:
        return variable.name
    key = NAMES.get((component, variable, attribute))
    if key is None:
        raise Untranslatable(
            f"OCPP 1.x has no configuration key for {component.name}.{variable.name} ({attribute})"
        )
    return key


def variable_of(key: str) -> Place:
    """The 2.x variable of a bare 1.6 key."""
    place = read_key(key)
    if not place[0].name:
        raise Untranslatable(f"OCPP 2.x has no variable for the configuration key {key}")
    return place
