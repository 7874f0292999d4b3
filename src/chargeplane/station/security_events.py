"""Things that happen and matter for security: a log of all, a message for the critical ones."""

from __future__ import annotations

from typing import Any, Final

import structlog

from chargeplane.domain.certificates import SecurityEventNotification
from chargeplane.station.station import Station

# 2.x part 2 appendices, security_events.csv, column Critical.
CRITICAL: Final = frozenset(
    {
        "FirmwareUpdated",
        "SettingSystemTime",
        "StartupOfTheDevice",
        "ResetOrReboot",
        "SecurityLogWasCleared",
        "MemoryExhaustion",
        "TamperDetectionActivated",
        "InvalidFirmwareSignature",
        "InvalidFirmwareSigningCertificate",
        "InvalidCsmsCertificate",
        "InvalidChargingStationCertificate",
        "InvalidTLSVersion",
        "InvalidTLSCipherSuite",
        "MaintenanceLoginAccepted",
        "MaintenanceLoginFailed",
    }
)
LOGGED: Final = 1000  # the latest, in the security log

logger = structlog.get_logger()


def log(station: Station) -> Any:
    """The security log (2.x A04.FR.03)."""
    return station.documents.collection("security_log", SecurityEventNotification)


def raise_(
    station: Station, kind: str, info: str | None = None, *, critical: bool | None = None
) -> None:
    """Log an event, and tell the central system of a critical one (2.x A04; 1.6 white paper)."""
    event = SecurityEventNotification(
        type=kind[:50], timestamp=station.now(), tech_info=info[:255] if info else None
    )
    logger.info("security event", station=station.id, type=kind, info=info)
    kept = log(station)
    number = int(max(kept, default="0")) + 1
    with station.documents.together():
        kept[f"{number:012}"] = event
        kept.pop(f"{number - LOGGED:012}", None)
        silent = station.model.flag("OCPP16LegacyCtrlr/DisableSecurityEventNotifications")
        if (kind in CRITICAL if critical is None else critical) and not silent:
            station.tell(event)
    station.signals.security.emit(event)


def on_start(station: Station) -> None:
    """Tell that the station has started."""
    raise_(station, "StartupOfTheDevice", station.boot_reason)


ON_START = (on_start,)
