"""Things that happen and matter for security: a log of all, a message for the critical ones."""

from __future__ import annotations

from typing import Any, Final

import structlog

from chargeplane.domain.certificates import SecurityEventNotification
from chargeplane.net.tls import Fault
from chargeplane.station.device_model import Change
from chargeplane.station.station import Station

# 2.x part 2 appendices, security_events.csv, column Critical.
CRITICAL: Final = frozenset(
    (
        "FirmwareUpdated SettingSystemTime StartupOfTheDevice ResetOrReboot "
        "SecurityLogWasCleared MemoryExhaustion TamperDetectionActivated InvalidFirmwareSignature "
        "InvalidFirmwareSigningCertificate InvalidCsmsCertificate "
        "InvalidChargingStationCertificate DiscardedRenewedClientCertificate InvalidTLSVersion "
        "InvalidTLSCipherSuite MaintenanceLoginAccepted MaintenanceLoginFailed"
    ).split()
)
LOGGED: Final = 1000  # the latest, in the security log
FAULTS: Final[dict[Fault, str]] = {
    "certificate": "InvalidCsmsCertificate",  # A00.FR.310
    "version": "InvalidTLSVersion",  # A00.FR.316
    "cipher": "InvalidTLSCipherSuite",  # A00.FR.323
    "credentials": "FailedToAuthenticateAtCsms",
}
SECRETS: Final = ("BasicAuthPassword", "SecurityProfile")

logger = structlog.get_logger()


def log(station: Station) -> Any:
    """The security log (2.x A04.FR.04), the latest last."""
    return station.documents.collection("security_log", SecurityEventNotification)


def raise_(
    station: Station, kind: str, info: str | None = None, *, critical: bool | None = None
) -> None:
    """Log an event, and tell the central system of a critical one (2.x A04; 1.6 white paper)."""
    event = SecurityEventNotification(
        type=kind[:50], timestamp=station.now(), tech_info=info[:255] if info else None
    )
    _log(station, event, critical=kind in CRITICAL if critical is None else critical)
    station.signals.security.emit(event)


def report(
    station: Station, event: SecurityEventNotification, *, critical: bool | None = None
) -> None:
    """Take an event that somebody outside noticed, who may say whether it is critical.

    If he does not, `Conduct.critical_events` decides (EVerest's `security_event`).
    """
    known = event.type in station.conduct.critical_events
    _log(station, event, critical=known if critical is None else critical)


def _log(station: Station, event: SecurityEventNotification, *, critical: bool) -> None:
    logger.info("security event", station=station.id, type=event.type, info=event.tech_info)
    kept = log(station)
    number = int(max(kept, default="0")) + 1
    with station.documents.together():
        kept[f"{number:012}"] = event
        kept.pop(f"{number - LOGGED:012}", None)
        silent = station.model.flag("OCPP16LegacyCtrlr/DisableSecurityEventNotifications")
        if critical and not silent:
            station.tell(event)


def on_unreachable(station: Station, fault: Fault | None, reason: str) -> None:
    """Raise what kept a connection from coming about, once until one does (A00.FR.316)."""
    if fault is not None and fault not in station.faults:
        station.faults |= {fault}
        raise_(station, FAULTS[fault], reason)


def on_change(station: Station, change: Change) -> None:
    """Log that a secret was changed, but not to what (A01.FR.11, FR.12)."""
    if change.variable.name in SECRETS and station.has_started:
        raise_(station, "ReconfigurationOfSecurityParameters", f"{change.name} changed")


def on_start(station: Station) -> None:
    """Tell that the station has started."""
    raise_(station, "StartupOfTheDevice", station.boot_reason)


ON_CHANGE = (on_change,)
ON_START = (on_start,)
