"""Messages as stations and central systems send them, one exchange of every shared action.

The 1.6 messages follow what chargers in the field send (KEBA and ABB for
meter values); those of 2.x are valid in 2.0.1 and in 2.1.
"""

from __future__ import annotations

from typing import Any, NamedTuple

Json = dict[str, Any]

AT = "2026-03-01T12:30:00.250Z"
LATER = "2026-03-01T13:45:00Z"
PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
HASH = {
    "hashAlgorithm": "SHA256",
    "issuerNameHash": "d2a0f6",
    "issuerKeyHash": "77b9c1",
    "serialNumber": "1a2b",
}


class Exchange(NamedTuple):
    """A call and its answer; `said` is the request as we write it, where that differs."""

    request: Json
    answer: Json
    said: Json | None = None


def sample(value: str, **members: str) -> Json:
    """A 1.6 sample with everything said."""
    usual = {
        "context": "Sample.Periodic",
        "format": "Raw",
        "measurand": "Energy.Active.Import.Register",
        "location": "Outlet",
        "unit": "Wh",
    }
    return {"value": value, **usual, **members}


SCHEDULE_1 = {
    "duration": 3600,
    "startSchedule": LATER,
    "chargingRateUnit": "A",
    "chargingSchedulePeriod": [
        {"startPeriod": 0, "limit": 16.0, "numberPhases": 3},
        {"startPeriod": 1800, "limit": 8.5},
    ],
    "minChargingRate": 6.0,
}
PROFILE_1 = {
    "chargingProfileId": 7,
    "transactionId": 4711,
    "stackLevel": 2,
    "chargingProfilePurpose": "TxProfile",
    "chargingProfileKind": "Absolute",
    "chargingSchedule": SCHEDULE_1,
}

V1: dict[str, Exchange] = {
    "BootNotification": Exchange(
        {
            "chargePointVendor": "Keba AG",
            "chargePointModel": "KC-P30-ES240022-E0R",
            "chargePointSerialNumber": "17619300",
            "chargeBoxSerialNumber": "17619300",
            "firmwareVersion": "P30 v 3.10.57",
            "iccid": "8943100000000000000",
            "imsi": "232010000000000",
            "meterType": "internal",
            "meterSerialNumber": "0000",
        },
        {"status": "Accepted", "currentTime": AT, "interval": 300},
    ),
    "Heartbeat": Exchange({}, {"currentTime": AT}),
    "StatusNotification": Exchange(
        {
            "connectorId": 1,
            "errorCode": "GroundFailure",
            "info": "RCD tripped",
            "status": "Faulted",
            "timestamp": AT,
            "vendorId": "ABB",
            "vendorErrorCode": "0x0104",
        },
        {},
    ),
    "ChangeAvailability": Exchange(
        {"connectorId": 2, "type": "Inoperative"}, {"status": "Scheduled"}
    ),
    "Reset": Exchange({"type": "Soft"}, {"status": "Accepted"}),
    "UnlockConnector": Exchange({"connectorId": 1}, {"status": "Unlocked"}),
    "TriggerMessage": Exchange(
        {"requestedMessage": "StatusNotification", "connectorId": 1}, {"status": "Accepted"}
    ),
    "ExtendedTriggerMessage": Exchange(
        {"requestedMessage": "SignChargePointCertificate"}, {"status": "NotImplemented"}
    ),
    "ReserveNow": Exchange(
        {
            "connectorId": 1,
            "expiryDate": LATER,
            "idTag": "04E91C5A2B6480",
            "parentIdTag": "FLEET",
            "reservationId": 42,
        },
        {"status": "Occupied"},
    ),
    "CancelReservation": Exchange({"reservationId": 42}, {"status": "Rejected"}),
    "Authorize": Exchange(
        {"idTag": "04E91C5A2B6480"},
        {"idTagInfo": {"status": "ConcurrentTx", "expiryDate": LATER, "parentIdTag": "FLEET"}},
    ),
    "ClearCache": Exchange({}, {"status": "Accepted"}),
    "SendLocalList": Exchange(
        {
            "listVersion": 12,
            "localAuthorizationList": [
                {"idTag": "04E91C5A2B6480", "idTagInfo": {"status": "Accepted"}},
                {"idTag": "GONE"},
            ],
            "updateType": "Differential",
        },
        {"status": "VersionMismatch"},
    ),
    "GetLocalListVersion": Exchange({}, {"listVersion": -1}),
    "StartTransaction": Exchange(
        {
            "connectorId": 1,
            "idTag": "04E91C5A2B6480",
            "meterStart": 1234567,
            "reservationId": 42,
            "timestamp": AT,
        },
        {"idTagInfo": {"status": "Accepted"}, "transactionId": 4711},
    ),
    "StopTransaction": Exchange(
        {
            "idTag": "04E91C5A2B6480",
            "meterStop": 1245678,
            "timestamp": LATER,
            "transactionId": 4711,
            "reason": "EVDisconnected",
            "transactionData": [
                {
                    "timestamp": LATER,
                    "sampledValue": [sample("1245678", context="Transaction.End")],
                }
            ],
        },
        {"idTagInfo": {"status": "Accepted"}},
        # The register alone is said by meterStop.
        {
            "idTag": "04E91C5A2B6480",
            "meterStop": 1245678,
            "timestamp": LATER,
            "transactionId": 4711,
            "reason": "EVDisconnected",
        },
    ),
    "RemoteStartTransaction": Exchange(
        {"connectorId": 1, "idTag": "04E91C5A2B6480", "chargingProfile": PROFILE_1},
        {"status": "Accepted"},
    ),
    "RemoteStopTransaction": Exchange({"transactionId": 4711}, {"status": "Rejected"}),
    "MeterValues": Exchange(
        {
            "connectorId": 1,
            "transactionId": 4711,
            "meterValue": [
                {
                    "timestamp": AT,
                    "sampledValue": [
                        sample("1234567"),
                        sample("16.02", measurand="Current.Import", unit="A", phase="L1"),
                        sample("231.4", measurand="Voltage", unit="V", phase="L1-N"),
                        sample("36", measurand="Temperature", unit="Celcius", location="Body"),
                        sample("54", measurand="SoC", unit="Percent", location="EV"),
                    ],
                }
            ],
        },
        {},
    ),
    "GetConfiguration": Exchange(
        {"key": ["HeartbeatInterval", "MeterValuesSampledDataMaxLength", "x-Display"]},
        {
            "configurationKey": [
                {"key": "HeartbeatInterval", "readonly": False, "value": "300"},
                {"key": "MeterValuesSampledDataMaxLength", "readonly": True, "value": "8"},
            ],
            "unknownKey": ["x-Display"],
        },
    ),
    "ChangeConfiguration": Exchange(
        {"key": "HeartbeatInterval", "value": "600"}, {"status": "RebootRequired"}
    ),
    "SetChargingProfile": Exchange(
        {"connectorId": 1, "csChargingProfiles": PROFILE_1}, {"status": "NotSupported"}
    ),
    "ClearChargingProfile": Exchange(
        {
            "connectorId": 0,
            "chargingProfilePurpose": "ChargePointMaxProfile",
            "stackLevel": 0,
        },
        {"status": "Unknown"},
    ),
    "GetCompositeSchedule": Exchange(
        {"connectorId": 1, "duration": 3600, "chargingRateUnit": "W"},
        {
            "status": "Accepted",
            "connectorId": 1,
            "scheduleStart": AT,
            "chargingSchedule": {
                "duration": 3600,
                "chargingRateUnit": "W",
                "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 11000.0}],
            },
        },
    ),
    "UpdateFirmware": Exchange(
        {
            "location": "ftp://example.org/p30.bin",
            "retries": 3,
            "retrieveDate": LATER,
            "retryInterval": 60,
        },
        {},
    ),
    "SignedUpdateFirmware": Exchange(
        {
            "retries": 3,
            "retryInterval": 60,
            "requestId": 5,
            "firmware": {
                "location": "https://example.org/p30.bin",
                "retrieveDateTime": AT,
                "installDateTime": LATER,
                "signingCertificate": PEM,
                "signature": "MEUCIQ==",
            },
        },
        {"status": "InvalidCertificate"},
    ),
    "FirmwareStatusNotification": Exchange({"status": "Installing"}, {}),
    "SignedFirmwareStatusNotification": Exchange(
        {"status": "SignatureVerified", "requestId": 5}, {}
    ),
    "GetDiagnostics": Exchange(
        {
            "location": "ftp://example.org/logs",
            "retries": 1,
            "retryInterval": 30,
            "startTime": AT,
            "stopTime": LATER,
        },
        {"fileName": "diagnostics.zip"},
    ),
    "GetLog": Exchange(
        {
            "log": {"remoteLocation": "https://example.org/logs", "oldestTimestamp": AT},
            "logType": "SecurityLog",
            "requestId": 6,
        },
        {"status": "AcceptedCanceled", "filename": "security.log"},
    ),
    "DiagnosticsStatusNotification": Exchange({"status": "UploadFailed"}, {}),
    "LogStatusNotification": Exchange({"status": "PermissionDenied", "requestId": 6}, {}),
    "SecurityEventNotification": Exchange(
        {"type": "SettingSystemTime", "timestamp": AT, "techInfo": "from heartbeat"}, {}
    ),
    "SignCertificate": Exchange({"csr": PEM}, {"status": "Accepted"}),
    "CertificateSigned": Exchange({"certificateChain": PEM}, {"status": "Rejected"}),
    "InstallCertificate": Exchange(
        {"certificateType": "CentralSystemRootCertificate", "certificate": PEM},
        {"status": "Failed"},
    ),
    "DeleteCertificate": Exchange({"certificateHashData": HASH}, {"status": "NotFound"}),
    "GetInstalledCertificateIds": Exchange(
        {"certificateType": "ManufacturerRootCertificate"},
        {"status": "Accepted", "certificateHashData": [HASH]},
    ),
    "DataTransfer": Exchange(
        {"vendorId": "com.abb", "messageId": "ScreenText", "data": '{"text":"Hello"}'},
        {"status": "UnknownMessageId", "data": "?"},
    ),
}


def meter_values(*samples: Json) -> Json:
    return {"connectorId": 1, "meterValue": [{"timestamp": AT, "sampledValue": list(samples)}]}


METER_VALUES: list[tuple[str, Json, Json]] = [
    # What is sent, what a sample of it says and how we say it again.
    ("bare", {"value": "1234"}, sample("1234")),
    ("kWh", sample("12.345", unit="kWh"), sample("12345")),
    ("comma", sample("12,5", unit="kWh"), sample("12500")),
    ("kW", sample("11.04", measurand="Power.Active.Import", unit="kW"),
     sample("11040", measurand="Power.Active.Import", unit="W")),
    ("kvarh", sample("0.5", measurand="Energy.Reactive.Import.Register", unit="kvarh"),
     sample("500", measurand="Energy.Reactive.Import.Register", unit="varh")),
    ("default unit", {"value": "16", "measurand": "Current.Import", "phase": "L2"},
     sample("16", measurand="Current.Import", unit="A", phase="L2")),
    ("Celcius", sample("36.5", measurand="Temperature", unit="Celcius"),
     sample("36.5", measurand="Temperature", unit="Celcius")),
    ("Celsius", sample("36.5", measurand="Temperature", unit="Celsius"),
     sample("36.5", measurand="Temperature", unit="Celcius")),
    ("Kelvin", sample("300", measurand="Temperature", unit="K"),
     sample("26.85", measurand="Temperature", unit="Celcius")),
    ("Fahrenheit", sample("212", measurand="Temperature", unit="Fahrenheit"),
     sample("100", measurand="Temperature", unit="Celcius")),
    ("signed", sample("AP;0;3;ALCV3", format="SignedData"),
     sample("AP;0;3;ALCV3", format="SignedData")),
    ("no number", sample("n/a"), sample("n/a")),
    ("trailing zeros", sample("1234.000"), sample("1234")),
    ("negative", sample("-3.5", measurand="Current.Export", unit="A", phase="N"),
     sample("-3.5", measurand="Current.Export", unit="A", phase="N")),
]  # fmt: skip

INFO = {"reasonCode": "NoError", "additionalInfo": "all is well"}
TOKEN = {"idToken": "04E91C5A2B6480", "type": "ISO14443"}
PROFILE_2 = {
    "id": 7,
    "stackLevel": 2,
    "chargingProfilePurpose": "TxProfile",
    "chargingProfileKind": "Absolute",
    "transactionId": "6f1c-11",
    "validFrom": AT,
    "chargingSchedule": [
        {
            "id": 1,
            "chargingRateUnit": "A",
            "startSchedule": LATER,
            "duration": 3600,
            "minChargingRate": 6.0,
            "chargingSchedulePeriod": [
                {"startPeriod": 0, "limit": 16.0, "numberPhases": 1, "phaseToUse": 2}
            ],
        }
    ],
}
METER_VALUE_2 = {
    "timestamp": AT,
    "sampledValue": [
        {
            "value": 1234567.0,
            "context": "Transaction.Begin",
            "signedMeterValue": {
                "signedMeterData": "T0NNRg==",
                "signingMethod": "ECDSA-secp256r1-SHA256",
                "encodingMethod": "OCMF",
                "publicKey": "",
            },
        },
        {
            "value": 16.5,
            "measurand": "Current.Import",
            "phase": "L1",
            "unitOfMeasure": {"unit": "A"},
        },
    ],
}
HEARTBEAT = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}
TARGET = {
    "component": {"name": "EVSE", "evse": {"id": 1, "connectorId": 1}},
    "variable": {"name": "Power", "instance": "x"},
    "attributeType": "Target",
}

V2: dict[str, Exchange] = {
    "BootNotification": Exchange(
        {
            "chargingStation": {
                "model": "Terra AC",
                "vendorName": "ABB",
                "serialNumber": "TACW22",
                "firmwareVersion": "1.8.32",
                "modem": {"iccid": "8943100000000000000", "imsi": "232010000000000"},
            },
            "reason": "PowerUp",
            "customData": {"vendorId": "com.abb", "site": {"floor": 2}},
        },
        {"status": "Pending", "currentTime": AT, "interval": 30, "statusInfo": INFO},
    ),
    "Heartbeat": Exchange({}, {"currentTime": AT}),
    "StatusNotification": Exchange(
        {"timestamp": AT, "connectorStatus": "Occupied", "evseId": 1, "connectorId": 2}, {}
    ),
    "ChangeAvailability": Exchange(
        {"operationalStatus": "Inoperative", "evse": {"id": 1, "connectorId": 2}},
        {"status": "Scheduled", "statusInfo": INFO},
    ),
    "Reset": Exchange({"type": "OnIdle", "evseId": 1}, {"status": "Scheduled"}),
    "UnlockConnector": Exchange(
        {"evseId": 1, "connectorId": 1}, {"status": "OngoingAuthorizedTransaction"}
    ),
    "TriggerMessage": Exchange(
        {"requestedMessage": "TransactionEvent", "evse": {"id": 1}}, {"status": "Accepted"}
    ),
    "ReserveNow": Exchange(
        {
            "id": 42,
            "expiryDateTime": LATER,
            "idToken": TOKEN,
            "connectorType": "cType2",
            "evseId": 1,
            "groupIdToken": {"idToken": "FLEET", "type": "Central"},
        },
        {"status": "Faulted"},
    ),
    "CancelReservation": Exchange({"reservationId": 42}, {"status": "Accepted"}),
    "Authorize": Exchange(
        {
            "idToken": {
                "idToken": "DE-8AA-1234567",
                "type": "eMAID",
                "additionalInfo": [{"additionalIdToken": "9", "type": "pin"}],
            },
            "iso15118CertificateHashData": [{**HASH, "responderURL": "http://ocsp.example.org"}],
        },
        {
            "idTokenInfo": {
                "status": "Accepted",
                "cacheExpiryDateTime": LATER,
                "chargingPriority": -1,
                "language1": "de",
                "evseId": [1, 2],
                "groupIdToken": {"idToken": "FLEET", "type": "Central"},
                "personalMessage": {"format": "UTF8", "content": "Grüß Gott", "language": "de"},
            },
            "certificateStatus": "Accepted",
        },
    ),
    "ClearCache": Exchange({}, {"status": "Rejected", "statusInfo": INFO}),
    "SendLocalList": Exchange(
        {
            "versionNumber": 12,
            "updateType": "Full",
            "localAuthorizationList": [{"idToken": TOKEN, "idTokenInfo": {"status": "Blocked"}}],
        },
        {"status": "Failed"},
    ),
    "GetLocalListVersion": Exchange({}, {"versionNumber": 12}),
    "TransactionEvent": Exchange(
        {
            "eventType": "Started",
            "timestamp": AT,
            "triggerReason": "Authorized",
            "seqNo": 0,
            "offline": True,
            "numberOfPhasesUsed": 3,
            "cableMaxCurrent": 32,
            "reservationId": 42,
            "transactionInfo": {
                "transactionId": "6f1c-11",
                "chargingState": "EVConnected",
                "remoteStartId": 3,
            },
            "evse": {"id": 1, "connectorId": 1},
            "idToken": TOKEN,
            "meterValue": [METER_VALUE_2],
        },
        {
            "totalCost": 1.25,
            "chargingPriority": 1,
            "idTokenInfo": {"status": "Accepted"},
            "updatedPersonalMessage": {"format": "ASCII", "content": "1.25 EUR"},
        },
    ),
    "RequestStartTransaction": Exchange(
        {
            "idToken": TOKEN,
            "remoteStartId": 3,
            "evseId": 1,
            "groupIdToken": {"idToken": "FLEET", "type": "Central"},
            "chargingProfile": PROFILE_2,
        },
        {"status": "Accepted", "transactionId": "6f1c-11"},
    ),
    "RequestStopTransaction": Exchange({"transactionId": "6f1c-11"}, {"status": "Rejected"}),
    "MeterValues": Exchange({"evseId": 1, "meterValue": [METER_VALUE_2]}, {}),
    "GetVariables": Exchange(
        {"getVariableData": [HEARTBEAT, TARGET]},
        {
            "getVariableResult": [
                {**HEARTBEAT, "attributeStatus": "Accepted", "attributeValue": "300"},
                {**TARGET, "attributeStatus": "UnknownVariable"},
            ]
        },
    ),
    "SetVariables": Exchange(
        {"setVariableData": [{**HEARTBEAT, "attributeValue": "600"}]},
        {
            "setVariableResult": [
                {**HEARTBEAT, "attributeStatus": "Rejected", "attributeStatusInfo": INFO}
            ]
        },
    ),
    "GetBaseReport": Exchange(
        {"requestId": 9, "reportBase": "SummaryInventory"}, {"status": "EmptyResultSet"}
    ),
    "SetChargingProfile": Exchange(
        {"evseId": 1, "chargingProfile": PROFILE_2}, {"status": "Rejected", "statusInfo": INFO}
    ),
    "ClearChargingProfile": Exchange(
        {
            "chargingProfileCriteria": {
                "evseId": 0,
                "chargingProfilePurpose": "ChargingStationMaxProfile",
                "stackLevel": 1,
            }
        },
        {"status": "Unknown"},
    ),
    "GetCompositeSchedule": Exchange(
        {"duration": 3600, "evseId": 1, "chargingRateUnit": "W"},
        {
            "status": "Accepted",
            "schedule": {
                "evseId": 1,
                "duration": 3600,
                "scheduleStart": AT,
                "chargingRateUnit": "W",
                "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 11000.0}],
            },
        },
    ),
    "CostUpdated": Exchange({"totalCost": 3.5, "transactionId": "6f1c-11"}, {}),
    "UpdateFirmware": Exchange(
        {
            "requestId": 5,
            "retries": 3,
            "retryInterval": 60,
            "firmware": {
                "location": "https://example.org/terra.bin",
                "retrieveDateTime": AT,
                "installDateTime": LATER,
                "signingCertificate": PEM,
                "signature": "MEUCIQ==",
            },
        },
        {"status": "AcceptedCanceled"},
    ),
    "FirmwareStatusNotification": Exchange({"status": "Downloading", "requestId": 5}, {}),
    "GetLog": Exchange(
        {
            "logType": "DiagnosticsLog",
            "requestId": 6,
            "log": {"remoteLocation": "https://example.org/logs", "latestTimestamp": LATER},
        },
        {"status": "Accepted", "filename": "diagnostics.zip"},
    ),
    "LogStatusNotification": Exchange({"status": "Uploading", "requestId": 6}, {}),
    "SecurityEventNotification": Exchange({"type": "TamperDetected", "timestamp": AT}, {}),
    "SignCertificate": Exchange(
        {"csr": PEM, "certificateType": "V2GCertificate"}, {"status": "Accepted"}
    ),
    "CertificateSigned": Exchange(
        {"certificateChain": PEM, "certificateType": "ChargingStationCertificate"},
        {"status": "Accepted"},
    ),
    "InstallCertificate": Exchange(
        {"certificateType": "MORootCertificate", "certificate": PEM}, {"status": "Rejected"}
    ),
    "DeleteCertificate": Exchange({"certificateHashData": HASH}, {"status": "Accepted"}),
    "GetInstalledCertificateIds": Exchange(
        {"certificateType": ["V2GRootCertificate", "V2GCertificateChain"]},
        {
            "status": "Accepted",
            "certificateHashDataChain": [
                {
                    "certificateType": "V2GCertificateChain",
                    "certificateHashData": HASH,
                    "childCertificateHashData": [HASH],
                }
            ],
        },
    ),
    "Get15118EVCertificate": Exchange(
        {
            "iso15118SchemaVersion": "urn:iso:15118:2:2013:MsgDef",
            "action": "Install",
            "exiRequest": "gJgC",
        },
        {"status": "Accepted", "exiResponse": "gJgD"},
    ),
    "GetCertificateStatus": Exchange(
        {"ocspRequestData": {**HASH, "responderURL": "http://ocsp.example.org"}},
        {"status": "Accepted", "ocspResult": "MIIB"},
    ),
    "DataTransfer": Exchange(
        {"vendorId": "com.abb", "messageId": "lights", "data": {"on": [1, 2], "deep": {"x": ""}}},
        {"status": "Accepted", "data": "done"},
    ),
}
