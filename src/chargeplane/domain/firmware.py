"""Firmware updates."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from chargeplane.domain.messages import Empty, Message, Request, StatusInfo, Value

FirmwareStatus = Literal[
    "Downloaded",
    "DownloadFailed",
    "Downloading",
    "DownloadScheduled",
    "DownloadPaused",
    "Idle",
    "InstallationFailed",
    "Installing",
    "Installed",
    "InstallRebooting",
    "InstallScheduled",
    "InstallVerificationFailed",
    "InvalidSignature",
    "SignatureVerified",
]


class Firmware(Value, frozen=True, kw_only=True):
    """Where a firmware lies, when to fetch and install it, and who signed it."""

    location: str
    retrieve_date_time: datetime
    install_date_time: datetime | None = None
    signing_certificate: str | None = None
    signature: str | None = None


class UpdateFirmwareAnswer(Message, frozen=True, kw_only=True):
    """Whether the station will update; plain 1.6 always accepts."""

    status: Literal[
        "Accepted", "Rejected", "AcceptedCanceled", "InvalidCertificate", "RevokedCertificate"
    ]
    status_info: StatusInfo | None = None


class UpdateFirmware(Message, Request[UpdateFirmwareAnswer], frozen=True, kw_only=True):
    """Update the firmware; `retry_interval` in s (2.x L01, L02; 1.6 §5.19).

    1.6 says it with UpdateFirmware if there is no `request_id`, and with
    SignedUpdateFirmware of the security extension if there is one.
    """

    firmware: Firmware
    request_id: int | None = None  # 2.x needs one
    retries: int | None = None
    retry_interval: int | None = None


class FirmwareStatusNotification(Message, Request[Empty], frozen=True, kw_only=True):
    """How an update goes (2.x L01; 1.6 §4.5, with a `request_id` the signed one)."""

    status: FirmwareStatus
    request_id: int | None = None
    status_info: StatusInfo | None = None
