"""Logs that the central system wants to have: assembled, uploaded, told of (2.x N01; 1.6 §5.9)."""

from __future__ import annotations

import re
from asyncio import sleep
from datetime import datetime
from typing import Any, Final

import msgspec
import structlog

from chargeplane.domain.diagnostics import GetLog, GetLogAnswer, LogStatusNotification
from chargeplane.domain.messages import StatusInfo
from chargeplane.net.transfer import Reason, TransferFailed, upload
from chargeplane.station import certificates, data_collector, security_events
from chargeplane.station.definition import name_of
from chargeplane.station.logbook import moment
from chargeplane.station.signals import Link
from chargeplane.station.station import Station

RETRIES: Final = 3  # after the first attempt, where the central system does not say
RETRY_S: Final = 60  # between attempts, likewise
JOB: Final = "log"
STATUSES: Final[dict[Reason, Any]] = {
    "failed": "UploadFailure",
    "redirected": "UploadFailure",  # N01.FR.30
    "bad_message": "BadMessage",
    "permission_denied": "PermissionDenied",
    "not_supported": "NotSupportedOperation",
}
UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]")

logger = structlog.get_logger()


# Keeping


def listen(station: Station) -> None:
    """Note in the logbook what a station says, hears and notices."""
    note, now, signals = station.logbook.note, station.now, station.signals
    signals.frame.listen(lambda told: note(now(), told[0], told[1].decode("utf-8", "replace")))
    signals.link.listen(lambda link: note(now(), "link", _link(link)))
    signals.security.listen(lambda event: note(event.timestamp, "security", event.type))


def _link(link: Link) -> str:
    return f"{'connected to' if link.connected else 'lost'} {link.url} slot {link.slot}"


# Being asked


class Upload(msgspec.Struct, frozen=True):
    """An upload that goes on."""

    request_id: int | None


def kept(station: Station) -> Any:
    """The upload that goes on, or that the power cut off."""
    return station.documents.collection("upload", Upload)


async def on_get(station: Station, request: GetLog) -> GetLogAnswer:
    """Upload a log in place of one that is being uploaded (N01.FR.12)."""
    content = CONTENTS[request.log_type](
        station, request.log.oldest_timestamp, request.log.latest_timestamp
    )
    if content is None:
        info = StatusInfo(reason_code="NotFound", additional_info="there is no such log")
        return GetLogAnswer(status="Rejected", status_info=info)  # N01.FR.05
    before: Upload | None = kept(station).get(JOB)
    if before is not None:
        station.cancel_job(JOB)
        if before.request_id is not None:  # the core of 1.6 has no word for it
            _say(station, "AcceptedCanceled", before.request_id)  # N01.FR.20
    kept(station)[JOB] = Upload(request.request_id)
    name = f"{station.id}_{request.log_type}_{moment(station.now())}.log"
    name = UNSAFE.sub("-", name)
    station.job(JOB, _run(station, request, content, name))
    return GetLogAnswer(status="AcceptedCanceled" if before else "Accepted", filename=name)


async def _run(station: Station, request: GetLog, content: bytes, name: str) -> None:
    _say(station, "Uploading", request.request_id)
    retries = RETRIES if request.retries is None else request.retries
    interval = RETRY_S if request.retry_interval is None else request.retry_interval
    trust = certificates.file_trust(station)
    status, info = "Uploaded", None
    for attempt in range(retries + 1):
        if attempt:
            await sleep(interval)
        try:
            await upload(request.log.remote_location, content, name, trust)
        except TransferFailed as error:
            logger.warning("log not uploaded", station=station.id, reason=str(error))
            status, info = STATUSES[error.reason], _info(error)
        else:
            status, info = "Uploaded", None
            break
    del kept(station)[JOB]
    _say(station, status, request.request_id, info)


def _info(error: TransferFailed) -> StatusInfo | None:
    """N01.FR.30: only of redirections there is a word."""
    return StatusInfo(reason_code="RedirectNotAllowed") if error.reason == "redirected" else None


def _say(
    station: Station, status: Any, request_id: int | None, info: StatusInfo | None = None
) -> None:
    station.tell(LogStatusNotification(status=status, request_id=request_id, status_info=info))


async def tell_again(station: Station, _evses: Any) -> None:
    """Say whether a log is being uploaded, because that was asked for (N01.FR.13; 1.6 §5.17)."""
    going = kept(station).get(JOB)
    if going is None:
        _say(station, "Idle", None)
    else:
        _say(station, "Uploading", going.request_id)


def on_accepted(station: Station) -> None:
    """An upload that the power cut off has failed."""
    going = kept(station).get(JOB)
    if going is not None and not station.has_job(JOB):
        del kept(station)[JOB]
        _say(station, "UploadFailure", going.request_id)


# What is in them


def _diagnostics(
    station: Station, oldest: datetime | None, latest: datetime | None
) -> bytes | None:
    """How the station is, what it said and heard, and what its process logged."""
    lines = station.logbook.read(oldest, latest)
    if not lines:
        return None
    process = [f"{line}\n".encode() for line in station.process_log()]
    return b"".join([*_state(station), b"\n", *lines, b"\n", *process])


def _state(station: Station) -> list[bytes]:
    """Facts and variables, but no secrets."""
    about = station.about
    said = [
        f"station {station.id}: {about.vendor_name} {about.model} {about.firmware_version or ''}",
        f"at {moment(station.now())}, {len(station.outbox)} messages wait",
    ]
    for evse in station.evses:
        state, charge = evse.state(evse.connector), evse.transaction
        said.append(f"EVSE {evse.id}: {state}, transaction {charge.id if charge else 'none'}")
    for component, variable, _ in station.model.report():
        value = station.model.attribute(component, variable, "Actual")
        if value is not None:
            said.append(f"{name_of(component, variable)} = {value}")
    return [f"{line}\n".encode() for line in said]


def _security(station: Station, oldest: datetime | None, latest: datetime | None) -> bytes | None:
    lines = [
        f"{moment(event.timestamp)} {event.type} {event.tech_info or ''}".rstrip() + "\n"
        for event in security_events.log(station).values()
        if (oldest is None or event.timestamp >= oldest)
        and (latest is None or event.timestamp <= latest)
    ]
    return "".join(lines).encode() or None


CONTENTS: Final[dict[str, Any]] = {
    "DiagnosticsLog": _diagnostics,
    "SecurityLog": _security,
    "DataCollectorLog": data_collector.read,
}
HANDLERS: dict[type, Any] = {GetLog: on_get}
TRIGGERS: dict[str, Any] = {
    "LogStatusNotification": tell_again,
    "DiagnosticsStatusNotification": tell_again,
}
ON_ACCEPTED = (on_accepted,)
