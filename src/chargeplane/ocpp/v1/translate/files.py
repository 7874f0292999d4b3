"""Firmware and logs, in the words of the core or, with a request id, of the security extension.

Lost on the way to 1.x: nothing but status infos with a request id. Without
one, when to install, the finer states of an update or upload (see
`DOWNLOADS`, `UPLOADS`), the answer to UpdateFirmware, which has none, and of
the answer to GetDiagnostics all but the file's name, without which it reads
as a refusal.
"""

from __future__ import annotations

from typing import Any

from chargeplane.domain import diagnostics, firmware
from chargeplane.domain.diagnostics import LogParameters
from chargeplane.domain.firmware import Firmware
from chargeplane.errors import Untranslatable
from chargeplane.ocpp.v1 import wire
from chargeplane.ocpp.v1.translate.rows import empty, read_empty, row, say, status_of, status_to

DOWNLOADS = {
    "DownloadScheduled": "Idle",
    "DownloadPaused": "Downloading",
    "InstallRebooting": "Installing",
    "InstallScheduled": "Downloaded",
    "InstallVerificationFailed": "InstallationFailed",
    "InvalidSignature": "InstallationFailed",
    "SignatureVerified": "Downloaded",
}
UPLOADS = {
    "BadMessage": "UploadFailed",
    "NotSupportedOperation": "UploadFailed",
    "PermissionDenied": "UploadFailed",
    "UploadFailure": "UploadFailed",
    "AcceptedCanceled": "Idle",
}
UPLOADS_2X: dict[str, Any] = {"UploadFailed": "UploadFailure"}


def core(request: Any) -> None:
    """Refuse a request with an id: the security extension says it."""
    if request.request_id is not None:
        raise Untranslatable("OCPP 1.6 core has no request ids; the security extension has")


def extension(request: Any) -> int:
    """The id of a request; one without is said by the core."""
    if request.request_id is None:
        raise Untranslatable("the security extension of OCPP 1.6 needs a request id")
    return int(request.request_id)


def read_update(request: wire.UpdateFirmware) -> firmware.UpdateFirmware:
    """A plain update."""
    return firmware.UpdateFirmware(
        firmware=Firmware(location=request.location, retrieve_date_time=request.retrieve_date),
        retries=request.retries,
        retry_interval=request.retry_interval,
    )


def write_update(request: firmware.UpdateFirmware) -> wire.UpdateFirmware:
    """A plain update."""
    core(request)
    if request.firmware.signing_certificate or request.firmware.signature:
        raise Untranslatable("OCPP 1.6 core firmware is not signed")
    return say(
        wire.UpdateFirmware,
        location=request.firmware.location,
        retries=request.retries,
        retrieve_date=request.firmware.retrieve_date_time,
        retry_interval=request.retry_interval,
    )


def read_signed_update(request: wire.SignedUpdateFirmware) -> firmware.UpdateFirmware:
    """A signed update."""
    image = request.firmware
    return firmware.UpdateFirmware(
        firmware=Firmware(
            location=image.location,
            retrieve_date_time=image.retrieve_date_time,
            install_date_time=image.install_date_time,
            signing_certificate=image.signing_certificate,
            signature=image.signature,
        ),
        request_id=request.request_id,
        retries=request.retries,
        retry_interval=request.retry_interval,
    )


def write_signed_update(request: firmware.UpdateFirmware) -> wire.SignedUpdateFirmware:
    """A signed update; unsigned firmware breaks its bounds."""
    return say(
        wire.SignedUpdateFirmware,
        retries=request.retries,
        retry_interval=request.retry_interval,
        request_id=extension(request),
        firmware=request.firmware,
    )


def write_firmware_status(
    request: firmware.FirmwareStatusNotification,
) -> wire.FirmwareStatusNotification:
    """How a plain update goes."""
    core(request)
    status = DOWNLOADS.get(request.status, request.status)
    return say(wire.FirmwareStatusNotification, status=status)


def write_signed_status(
    request: firmware.FirmwareStatusNotification,
) -> wire.SignedFirmwareStatusNotification:
    """How a signed update goes."""
    return say(
        wire.SignedFirmwareStatusNotification,
        status=request.status,
        request_id=extension(request),
    )


def read_diagnostics(request: wire.GetDiagnostics) -> diagnostics.GetLog:
    """Diagnostics to be uploaded."""
    return diagnostics.GetLog(
        log=LogParameters(
            remote_location=request.location,
            oldest_timestamp=request.start_time,
            latest_timestamp=request.stop_time,
        ),
        retries=request.retries,
        retry_interval=request.retry_interval,
    )


def write_diagnostics(request: diagnostics.GetLog) -> wire.GetDiagnostics:
    """Diagnostics to be uploaded."""
    core(request)
    if request.log_type != "DiagnosticsLog":
        raise Untranslatable(f"OCPP 1.6 core has no {request.log_type}")
    return say(
        wire.GetDiagnostics,
        location=request.log.remote_location,
        retries=request.retries,
        retry_interval=request.retry_interval,
        start_time=request.log.oldest_timestamp,
        stop_time=request.log.latest_timestamp,
    )


def read_diagnostics_answer(
    answer: wire.GetDiagnosticsResponse, _asked: Any
) -> diagnostics.GetLogAnswer:
    """The file's name; without one there is nothing to upload (1.6 §5.9)."""
    name = answer.file_name
    return diagnostics.GetLogAnswer(status="Accepted" if name else "Rejected", filename=name)


def write_diagnostics_answer(answer: diagnostics.GetLogAnswer) -> wire.GetDiagnosticsResponse:
    """The file's name; a refusal is to have none."""
    name = None if answer.status == "Rejected" else answer.filename
    return say(wire.GetDiagnosticsResponse, file_name=name)


def read_log(request: wire.GetLog) -> diagnostics.GetLog:
    """A log to be uploaded."""
    return diagnostics.GetLog(
        log=LogParameters(
            remote_location=request.log.remote_location,
            oldest_timestamp=request.log.oldest_timestamp,
            latest_timestamp=request.log.latest_timestamp,
        ),
        log_type=request.log_type,
        request_id=request.request_id,
        retries=request.retries,
        retry_interval=request.retry_interval,
    )


def write_log(request: diagnostics.GetLog) -> wire.GetLog:
    """A log to be uploaded."""
    return say(
        wire.GetLog,
        log=request.log,
        log_type=request.log_type,
        request_id=extension(request),
        retries=request.retries,
        retry_interval=request.retry_interval,
    )


def write_diagnostics_status(
    request: diagnostics.LogStatusNotification,
) -> wire.DiagnosticsStatusNotification:
    """How an upload of diagnostics goes."""
    core(request)
    status = UPLOADS.get(request.status, request.status)
    return say(wire.DiagnosticsStatusNotification, status=status)


def write_log_status(request: diagnostics.LogStatusNotification) -> wire.LogStatusNotification:
    """How an upload of a log goes."""
    return say(wire.LogStatusNotification, status=request.status, request_id=extension(request))


ROWS = (
    row(
        "csms",
        "UpdateFirmware",
        firmware.UpdateFirmware,
        read=read_update,
        write=write_update,
        read_answer=lambda _answer, _asked: firmware.UpdateFirmwareAnswer(status="Accepted"),
        write_answer=empty(wire.UpdateFirmwareResponse),
    ),
    row(
        "csms",
        "SignedUpdateFirmware",
        firmware.UpdateFirmware,
        read=read_signed_update,
        write=write_signed_update,
        read_answer=status_to(firmware.UpdateFirmwareAnswer),
        write_answer=status_of(wire.SignedUpdateFirmwareResponse),
    ),
    row(
        "station",
        "FirmwareStatusNotification",
        firmware.FirmwareStatusNotification,
        read=lambda request: firmware.FirmwareStatusNotification(status=request.status),
        write=write_firmware_status,
        read_answer=read_empty,
        write_answer=empty(wire.FirmwareStatusNotificationResponse),
    ),
    row(
        "station",
        "SignedFirmwareStatusNotification",
        firmware.FirmwareStatusNotification,
        read=lambda request: firmware.FirmwareStatusNotification(
            status=request.status, request_id=request.request_id
        ),
        write=write_signed_status,
        read_answer=read_empty,
        write_answer=empty(wire.SignedFirmwareStatusNotificationResponse),
    ),
    row(
        "csms",
        "GetDiagnostics",
        diagnostics.GetLog,
        read=read_diagnostics,
        write=write_diagnostics,
        read_answer=read_diagnostics_answer,
        write_answer=write_diagnostics_answer,
    ),
    row(
        "csms",
        "GetLog",
        diagnostics.GetLog,
        read=read_log,
        write=write_log,
        read_answer=lambda answer, _asked: diagnostics.GetLogAnswer(
            status=answer.status, filename=answer.filename
        ),
        write_answer=lambda answer: say(
            wire.GetLogResponse, status=answer.status, filename=answer.filename
        ),
    ),
    row(
        "station",
        "DiagnosticsStatusNotification",
        diagnostics.LogStatusNotification,
        read=lambda request: diagnostics.LogStatusNotification(
            status=UPLOADS_2X.get(request.status, request.status)
        ),
        write=write_diagnostics_status,
        read_answer=read_empty,
        write_answer=empty(wire.DiagnosticsStatusNotificationResponse),
    ),
    row(
        "station",
        "LogStatusNotification",
        diagnostics.LogStatusNotification,
        read=lambda request: diagnostics.LogStatusNotification(
            status=request.status, request_id=request.request_id
        ),
        write=write_log_status,
        read_answer=read_empty,
        write_answer=empty(wire.LogStatusNotificationResponse),
    ),
)
