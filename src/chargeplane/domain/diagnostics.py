"""Logs and diagnostics files that a station uploads."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from chargeplane.domain.messages import Empty, Message, Request, StatusInfo, Value


class LogParameters(Value, frozen=True, kw_only=True):
    """Where to upload to, and which span of time."""

    remote_location: str
    oldest_timestamp: datetime | None = None
    latest_timestamp: datetime | None = None


class GetLogAnswer(Message, frozen=True, kw_only=True):
    """The name of the file that will be uploaded."""

    status: Literal["Accepted", "Rejected", "AcceptedCanceled"]
    filename: str | None = None
    status_info: StatusInfo | None = None


class GetLog(Message, Request[GetLogAnswer], frozen=True, kw_only=True):
    """Upload a log; `retry_interval` in s (2.x N01; 1.6 §5.9).

    1.6 says it with GetDiagnostics if there is no `request_id`, and with
    GetLog of the security extension if there is one.
    """

    log: LogParameters
    log_type: Literal["DiagnosticsLog", "SecurityLog", "DataCollectorLog"] = "DiagnosticsLog"
    request_id: int | None = None  # 2.x needs one
    retries: int | None = None
    retry_interval: int | None = None


class LogStatusNotification(Message, Request[Empty], frozen=True, kw_only=True):
    """How an upload goes (2.x N01; 1.6 §4.4, with a `request_id` the extension's)."""

    status: Literal[
        "BadMessage",
        "Idle",
        "NotSupportedOperation",
        "PermissionDenied",
        "Uploaded",
        "UploadFailure",
        "Uploading",
        "AcceptedCanceled",
    ]
    request_id: int | None = None
    status_info: StatusInfo | None = None
