"""What a charging station is, and its provisioning, availability and remote control."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from chargeplane.domain.messages import Empty, Message, Request, StatusInfo, Value

ConnectorStatus = Literal["Available", "Occupied", "Reserved", "Unavailable", "Faulted"]
ChargingState = Literal["EVConnected", "Charging", "SuspendedEV", "SuspendedEVSE", "Idle"]
BootReason = Literal[
    "ApplicationReset",
    "FirmwareUpdate",
    "LocalReset",
    "PowerUp",
    "RemoteReset",
    "ScheduledReset",
    "Triggered",
    "Unknown",
    "Watchdog",
]
MessageTrigger = Literal[
    "BootNotification",
    "LogStatusNotification",
    "DiagnosticsStatusNotification",  # 1.6 only; 2.x says LogStatusNotification
    "FirmwareStatusNotification",
    "Heartbeat",
    "MeterValues",
    "SignChargingStationCertificate",
    "SignV2GCertificate",
    "SignV2G20Certificate",
    "StatusNotification",
    "TransactionEvent",
    "SignCombinedCertificate",
    "PublishFirmwareStatusNotification",
    "CustomTrigger",
]


class Evse(Value, frozen=True):
    """An EVSE, or one connector of it. Connector n of 1.x is connector 1 of EVSE n."""

    id: int
    connector_id: int | None = None


class Modem(Value, frozen=True, kw_only=True):
    """The SIM card of a station's modem."""

    iccid: str | None = None
    imsi: str | None = None


class ChargingStation(Value, frozen=True, kw_only=True):
    """Who made a station. The last three are 1.x only."""

    vendor_name: str
    model: str
    serial_number: str | None = None
    firmware_version: str | None = None
    modem: Modem | None = None
    charge_box_serial_number: str | None = None
    meter_type: str | None = None
    meter_serial_number: str | None = None


class BootAnswer(Message, frozen=True, kw_only=True):
    """Whether the central system takes the station, its time and the heartbeat interval in s."""

    status: Literal["Accepted", "Pending", "Rejected"]
    current_time: datetime
    interval: int
    status_info: StatusInfo | None = None


class BootNotification(Message, Request[BootAnswer], frozen=True, kw_only=True):
    """A station has started (2.x B01; 1.6 §4.2)."""

    charging_station: ChargingStation
    reason: BootReason = "Unknown"


class HeartbeatAnswer(Message, frozen=True, kw_only=True):
    """The central system's time."""

    current_time: datetime


class Heartbeat(Message, Request[HeartbeatAnswer], frozen=True):
    """A station is alive (2.x G02; 1.6 §4.6)."""


class ErrorInfo(Value, frozen=True, kw_only=True):
    """What 1.x says of a connector's error; 2.x reports it by NotifyEvent instead."""

    code: str = "NoError"
    info: str | None = None
    vendor_id: str | None = None
    vendor_error_code: str | None = None


class StatusNotification(Message, Request[Empty], frozen=True, kw_only=True):
    """The state of a connector; EVSE 0 is the station itself (2.x G01; 1.6 §4.9).

    1.x merges availability and charging state into one word; 2.x tells the
    charging state in transaction events, so `charging_state` is lost there.
    """

    evse: Evse
    connector_status: ConnectorStatus
    timestamp: datetime | None = None  # 1.x may leave it out
    charging_state: ChargingState | None = None
    error: ErrorInfo | None = None


class ChangeAvailabilityAnswer(Message, frozen=True, kw_only=True):
    """Done, refused, or to be done once the transaction has ended."""

    status: Literal["Accepted", "Rejected", "Scheduled"]
    status_info: StatusInfo | None = None


class ChangeAvailability(Message, Request[ChangeAvailabilityAnswer], frozen=True, kw_only=True):
    """Put the station (no EVSE), an EVSE or a connector in or out of service (G03, G04; §5.2)."""

    operational_status: Literal["Inoperative", "Operative"]
    evse: Evse | None = None


class ResetAnswer(Message, frozen=True, kw_only=True):
    """Done, refused, or to be done when idle."""

    status: Literal["Accepted", "Rejected", "Scheduled"]
    status_info: StatusInfo | None = None


class Reset(Message, Request[ResetAnswer], frozen=True, kw_only=True):
    """Restart the station or one EVSE (2.x B11, B12; 1.6 §5.14: Hard is Immediate, Soft OnIdle)."""

    type: Literal["Immediate", "OnIdle", "ImmediateAndResume"]
    evse_id: int | None = None


class UnlockAnswer(Message, frozen=True, kw_only=True):
    """Whether the connector is open now. NotSupported is 1.x only."""

    status: Literal[
        "Unlocked",
        "UnlockFailed",
        "OngoingAuthorizedTransaction",
        "UnknownConnector",
        "NotSupported",
    ]
    status_info: StatusInfo | None = None


class UnlockConnector(Message, Request[UnlockAnswer], frozen=True, kw_only=True):
    """Open the lock of a connector (2.x F05; 1.6 §5.18)."""

    evse_id: int
    connector_id: int = 1


class TriggerAnswer(Message, frozen=True, kw_only=True):
    """Whether the station will send what it was asked for."""

    status: Literal["Accepted", "Rejected", "NotImplemented"]
    status_info: StatusInfo | None = None


class TriggerMessage(Message, Request[TriggerAnswer], frozen=True, kw_only=True):
    """Ask the station to send a message now (2.x F06; 1.6 §5.17 and security extension)."""

    requested_message: MessageTrigger
    evse: Evse | None = None
    custom_trigger: str | None = None  # 2.1


class DataTransferAnswer(Message, frozen=True, kw_only=True):
    """The vendor's answer."""

    status: Literal["Accepted", "Rejected", "UnknownMessageId", "UnknownVendorId"]
    data: Any = None
    status_info: StatusInfo | None = None


class DataTransfer(Message, Request[DataTransferAnswer], frozen=True, kw_only=True):
    """A vendor's message, in either direction (2.x P01, P02; 1.6 §4.3, §5.6). 1.x data is text."""

    vendor_id: str
    message_id: str | None = None
    data: Any = None
