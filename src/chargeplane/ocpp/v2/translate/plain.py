"""The actions that need no more than conversion by name."""

from __future__ import annotations

from chargeplane.domain import (
    certificates,
    diagnostics,
    firmware,
    messages,
    profiles,
    reservations,
    station,
    tariff_cost,
    tokens,
    transactions,
)
from chargeplane.ocpp.v2.translate.rows import row

# fmt: off
ROWS = (
    row("station", "BootNotification", station.BootNotification, answer=station.BootAnswer),
    row("station", "Heartbeat", station.Heartbeat, answer=station.HeartbeatAnswer),
    row("csms", "ChangeAvailability", station.ChangeAvailability, answer=station.ChangeAvailabilityAnswer),
    row("csms", "Reset", station.Reset, answer=station.ResetAnswer),
    row("both", "DataTransfer", station.DataTransfer, answer=station.DataTransferAnswer),
    row("csms", "ClearCache", tokens.ClearCache, answer=messages.Outcome),
    row("csms", "GetLocalListVersion", tokens.GetLocalListVersion, answer=tokens.LocalListVersion),
    row("csms", "RequestStopTransaction", transactions.RequestStopTransaction, answer=messages.Outcome),
    row("csms", "CostUpdated", tariff_cost.CostUpdated, answer=messages.Empty),
    row("csms", "ClearChargingProfile", profiles.ClearChargingProfile, answer=profiles.ClearChargingProfileAnswer),
    row("csms", "GetCompositeSchedule", profiles.GetCompositeSchedule, answer=profiles.CompositeScheduleAnswer),
    row("csms", "ReserveNow", reservations.ReserveNow, answer=reservations.ReserveNowAnswer),
    row("csms", "CancelReservation", reservations.CancelReservation, answer=messages.Outcome),
    row("csms", "UpdateFirmware", firmware.UpdateFirmware, answer=firmware.UpdateFirmwareAnswer),
    row("station", "FirmwareStatusNotification", firmware.FirmwareStatusNotification, answer=messages.Empty),
    row("csms", "GetLog", diagnostics.GetLog, answer=diagnostics.GetLogAnswer),
    row("station", "LogStatusNotification", diagnostics.LogStatusNotification, answer=messages.Empty),
    row("station", "SecurityEventNotification", certificates.SecurityEventNotification, answer=messages.Empty),
    row("station", "SignCertificate", certificates.SignCertificate, answer=messages.Outcome),
    row("csms", "CertificateSigned", certificates.CertificateSigned, answer=messages.Outcome),
    row("csms", "InstallCertificate", certificates.InstallCertificate, answer=certificates.InstallCertificateAnswer),
    row("csms", "DeleteCertificate", certificates.DeleteCertificate, answer=certificates.DeleteCertificateAnswer),
    row("csms", "GetInstalledCertificateIds", certificates.GetInstalledCertificateIds, answer=certificates.InstalledCertificates),
    row("station", "Get15118EVCertificate", certificates.Get15118EVCertificate, answer=certificates.EvCertificateAnswer),
    row("station", "GetCertificateStatus", certificates.GetCertificateStatus, answer=certificates.CertificateStatusAnswer),
)
# fmt: on
