"""Firmware updates: fetched, checked, installed, told of at every step (2.x L01, L02; 1.6 §5.19).

An update is a job that goes through its steps; how far it has come is on disk, so that it goes on
after a power cut.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
from asyncio import sleep
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import structlog
from msgspec.structs import replace

from chargeplane.domain.firmware import (
    Firmware,
    FirmwareStatus,
    FirmwareStatusNotification,
    UpdateFirmware,
    UpdateFirmwareAnswer,
)
from chargeplane.domain.messages import StatusInfo
from chargeplane.net.transfer import Download, TransferFailed
from chargeplane.ocpp.errors import OcppError
from chargeplane.station import availability, certificates, pki, provisioning, security_events
from chargeplane.station.pki import Unusable
from chargeplane.station.station import Station

RETRIES: Final = 3  # after the first attempt, where the central system does not say
RETRY_S: Final = 60  # between attempts, likewise
JOB: Final = "firmware"
ROOT: Final = "ManufacturerRootCertificate"

ENDS: Final[frozenset[FirmwareStatus]] = frozenset(
    {
        "Installed",
        "DownloadFailed",
        "InvalidSignature",
        "InstallVerificationFailed",
        "InstallationFailed",
    }
)
# What the core of 1.6, which is asked without an id, cannot tell from what came before.
FINER: Final[frozenset[FirmwareStatus]] = frozenset(
    {
        "DownloadScheduled",
        "InstallScheduled",
        "InstallRebooting",
        "SignatureVerified",
    }
)

logger = structlog.get_logger()


class Update(msgspec.Struct, frozen=True, kw_only=True):
    """An update, how far it has come, and whether the central system could be told so."""

    request: UpdateFirmware
    status: FirmwareStatus = "Idle"
    is_told: bool = True
    has_image: bool = False  # it was fetched and found to be good

    @property
    def image(self) -> Firmware:
        """What is to be installed."""
        return self.request.firmware


def kept(station: Station) -> Any:
    """The latest update."""
    return station.documents.collection("firmware", Update)


def latest(station: Station) -> Update | None:
    """The update that goes on, or the last one."""
    found: Update | None = kept(station).get("update")
    return found


def file(station: Station) -> Path:
    """Where the image lies."""
    return station.documents.folder / "firmware.image"


# Being asked


async def on_update(station: Station, request: UpdateFirmware) -> UpdateFirmwareAnswer:
    """Take an update in place of one that goes on, unless that is being installed (L01.FR.24)."""
    if station.installer is None:
        raise OcppError("NotSupported", "this station has no installer")
    if _lacks_signature(station, request):
        return _answer("Rejected", "MissingParam", "firmware must be signed")
    try:
        _check_signer(station, request.firmware)
    except Unusable as error:
        security_events.raise_(station, "InvalidFirmwareSigningCertificate", str(error))
        return _answer("InvalidCertificate", "InvalidCertificate", str(error))  # L01.FR.22
    running, before = station.has_job(JOB), latest(station)
    if running and before is not None and before.status == "Installing":
        return _answer("Rejected", "FwUpdateInProgress", "it is being installed")  # L01.FR.27
    kept(station)["update"] = Update(request=request)
    _release(station)
    station.job(JOB, _run(station))
    return UpdateFirmwareAnswer(status="AcceptedCanceled" if running else "Accepted")


def _answer(status: Any, reason: str, what: str) -> UpdateFirmwareAnswer:
    info = StatusInfo(reason_code=reason, additional_info=what[:1024])
    return UpdateFirmwareAnswer(status=status, status_info=info)


def _lacks_signature(station: Station, request: UpdateFirmware) -> bool:
    """Whether it is not signed although signatures could be checked (TC_L_18_CS).

    The core of 1.6 has no answer for it but an error (white paper L01.FR.20).
    """
    if request.firmware.signing_certificate or not certificates.of(station, ROOT):
        return False
    if request.request_id is None:
        raise OcppError("NotSupported", "firmware must be signed")
    return True


def _check_signer(station: Station, image: Firmware) -> None:
    """L01.FR.21: the certificate is good and one of the manufacturer's, without any between."""
    trusted = certificates.roots(station, ROOT)
    if image.signing_certificate is None:
        if image.signature is not None:
            raise Unusable("there is a signature, but no certificate")
        return
    signer = pki.load(image.signing_certificate)[0]
    pki.check(signer, station.now())
    root = pki.issuer_of(signer, trusted)
    if root is None:
        raise Unusable("it is not one of the manufacturer's")
    pki.check_authority(root, station.now())


# The steps


async def _run(station: Station) -> None:
    """Go through the steps that are left."""
    update = latest(station)
    assert update is not None  # noqa: S101 as the callers saw
    if not update.has_image and not await _fetch(station, update):
        return
    await _await_time(station, update.image.install_date_time, "InstallScheduled")
    await _install(station)


async def _await_time(station: Station, when: datetime | None, status: FirmwareStatus) -> None:
    """L01.FR.13, FR.16: wait until then, if it is not past."""
    if when is not None and when > station.now():
        _say(station, status)
        await sleep((when - station.now()).total_seconds())


async def _fetch(station: Station, update: Update) -> bool:
    """Download the image and check its signature; whether it can be installed."""
    await _await_time(station, update.image.retrieve_date_time, "DownloadScheduled")
    _say(station, "Downloading")
    if not await _download(station, update.request):
        _end(station, "DownloadFailed")
        return False
    _say(station, "Downloaded")
    if update.image.signing_certificate is not None:
        try:
            await asyncio.to_thread(_check_signature, update.image, file(station))
        except Unusable as error:
            security_events.raise_(station, "InvalidFirmwareSignature", str(error))
            _end(station, "InvalidSignature")
            return False
        _say(station, "SignatureVerified")
    kept(station)["update"] = replace(kept(station)["update"], has_image=True)
    return True


async def _download(station: Station, request: UpdateFirmware) -> bool:
    trust = certificates.file_trust(station)
    download = Download(request.firmware.location, file(station), trust)
    retries = RETRIES if request.retries is None else request.retries
    for attempt in range(retries + 1):
        if attempt:
            await sleep(RETRY_S if request.retry_interval is None else request.retry_interval)
        try:
            await download.attempt()
        except TransferFailed as error:
            logger.warning("firmware not fetched", station=station.id, reason=str(error))
        else:
            return True
    return False


def _check_signature(image: Firmware, content: Path) -> None:
    """L01.FR.04, FR.12."""
    if image.signature is None or image.signing_certificate is None:
        raise Unusable("there is no signature")
    try:
        signature = base64.b64decode(image.signature, validate=False)
    except ValueError as error:
        raise Unusable(f"the signature is not base64: {error}") from error
    with content.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").digest()
    pki.check_signature(pki.load(image.signing_certificate)[0], digest, signature)


async def _install(station: Station) -> None:
    installer = station.installer
    assert installer is not None  # noqa: S101 asked for before
    if not installer.works_while_charging:
        await _idle(station)
    _say(station, "Installing")
    _hold(station)
    station.may_reset = False
    try:
        done = await installer.install(file(station))
    except Exception as error:  # noqa: BLE001 an installer may raise anything
        logger.error("installer failed", station=station.id, error=repr(error))
        _end(station, "InstallationFailed")
        return
    finally:
        station.may_reset = True
    if done.version is not None:
        kept_version(station)["version"] = done.version
    if done.status != "InstallRebooting":
        _end(station, done.status)
        return
    if installer.works_while_charging:
        await _idle(station)  # L01.FR.33
    _say(station, "InstallRebooting")
    await provisioning.restart(station, "FirmwareUpdate", patience=provisioning.DRAIN_S)


async def _idle(station: Station) -> None:
    """Wait until no charge runs; nobody begins one meanwhile unless that is allowed (L01.FR.07)."""
    if station.is_idle():
        return
    _say(station, "InstallScheduled")  # L01.FR.34
    if not station.model.flag("ChargingStation/AllowNewSessionsPendingFirmwareUpdate"):
        _hold(station)
    changed = asyncio.Event()
    stop = station.signals.transaction.listen(lambda _event: changed.set())
    try:
        while not station.is_idle():
            changed.clear()
            await changed.wait()
    finally:
        stop()


def _hold(station: Station) -> None:
    for evse in station.evses:
        evse.is_held = True
    availability.report_all(station)


def _release(station: Station) -> None:
    if any(evse.is_held for evse in station.evses):
        for evse in station.evses:
            evse.is_held = False
        availability.report_all(station)


def _end(station: Station, status: FirmwareStatus) -> None:
    """It is over, for good or ill."""
    file(station).unlink(missing_ok=True)
    _release(station)
    _say(station, status)
    if status == "Installed":
        security_events.raise_(station, "FirmwareUpdated")  # L01.FR.31
        # What was installed may speak another version (TC_L_16_CS).
        station.alarm("reconnect", 1.0, lambda _station: station.reconnect_wanted.set())


# Telling


def _say(station: Station, status: FirmwareStatus) -> None:
    """Keep and tell how far it is (L01.FR.01), once; later if there is no connection."""
    update = latest(station)
    if update is None or update.status == status:
        return
    is_told = station.can_tell or (update.request.request_id is None and status in FINER)
    kept(station)["update"] = update = replace(update, status=status, is_told=is_told)
    logger.info("firmware update", station=station.id, status=status)
    if station.can_tell:
        _tell(station, update)


def _tell(station: Station, update: Update) -> None:
    request_id = update.request.request_id
    if request_id is not None or update.status not in FINER:
        station.tell(FirmwareStatusNotification(status=update.status, request_id=request_id))


async def tell_again(station: Station, _evses: Any) -> None:
    """Say how it goes because that was asked for (L01.FR.25, FR.26; 1.6 §5.17)."""
    update = latest(station)
    if update is None or _is_past(update):
        station.tell(FirmwareStatusNotification(status="Idle"))
    else:
        request_id = update.request.request_id
        station.tell(FirmwareStatusNotification(status=update.status, request_id=request_id))


def _is_past(update: Update) -> bool:
    """Whether there is nothing to say of it; the core of 1.6 tells no failure twice."""
    ends = ENDS if update.request.request_id is None else ("Installed",)
    return update.status == "Idle" or update.status in ends


# After a restart


def kept_version(station: Station) -> Any:
    """The version that was installed, where the installer knew it."""
    return station.documents.collection("firmware_version", str)


def on_start(station: Station) -> None:
    """Go on with an update, or be what it has made (L01.FR.32)."""
    version = kept_version(station).get("version")
    if version is not None:
        station.about = replace(station.about, firmware_version=version)
    update = latest(station)
    if update is None or update.status in ENDS:
        return
    if update.status == "InstallRebooting":
        _end(station, "Installed")
        station.silence("reconnect")
    elif station.installer is not None:
        station.job(JOB, _run(station))


def on_accepted(station: Station) -> None:
    """Tell what could not be told (L01.FR.01)."""
    update = latest(station)
    if update is not None and not update.is_told:
        kept(station)["update"] = replace(update, is_told=True)
        _tell(station, update)


HANDLERS: dict[type, Any] = {UpdateFirmware: on_update}
TRIGGERS: dict[str, Any] = {"FirmwareStatusNotification": tell_again}
ON_START = (on_start,)
ON_ACCEPTED = (on_accepted,)
