"""What the central system can make a station do: start, stop, unlock, tell, restart, reserve."""

from __future__ import annotations

from typing import Any

from chargeplane.domain.messages import Outcome
from chargeplane.domain.reservations import CancelReservation, ReserveNow, ReserveNowAnswer
from chargeplane.domain.station import (
    BootNotification,
    Heartbeat,
    Reset,
    ResetAnswer,
    TriggerAnswer,
    TriggerMessage,
    UnlockAnswer,
    UnlockConnector,
)
from chargeplane.domain.transactions import (
    RequestStartAnswer,
    RequestStartTransaction,
    RequestStopTransaction,
)
from chargeplane.station import availability, smart_charging, transactions
from chargeplane.station.station import Connector, Station


async def on_start(station: Station, request: RequestStartTransaction) -> RequestStartAnswer:
    """Begin a charge when the car is there, or as soon as it comes (F01, F02; 1.6 §5.11)."""
    connector = _free(station, request)
    if connector is None:
        return RequestStartAnswer(status="Rejected")
    connector.remote_start_id = request.remote_start_id
    if request.charging_profile is not None:
        installed = smart_charging.Installed(connector.evse.id, request.charging_profile)
        station.profiles.append(installed)
    station.spawn(transactions.present(station, connector, request.id_token), "remote start")
    return RequestStartAnswer(status="Accepted")


def _free(station: Station, request: RequestStartTransaction) -> Connector | None:
    """The connector that is meant, or the first that can; one with a car before one without."""
    ready = [
        connector
        for connector in station.connectors
        if connector.state in ("Available", "Preparing", "Finishing", "Reserved")
        and request.evse_id in (None, connector.evse.id)
        and not connector.is_kept_from(request.id_token)
    ]
    ready.sort(key=lambda connector: not connector.hardware.is_plugged_in())
    return ready[0] if ready else None


async def on_stop(station: Station, request: RequestStopTransaction) -> Outcome:
    """End a charge (F03; 1.6 §5.12)."""
    connector = station.transaction(request.transaction_id)
    if connector is None:
        return Outcome(status="Rejected")
    station.spawn(transactions.stop(station, connector, "Remote", "RemoteStop"), "remote stop")
    return Outcome(status="Accepted")


async def on_unlock(station: Station, request: UnlockConnector) -> UnlockAnswer:
    """Open a connector; 1.6 ends its charge first, 2.x refuses while one runs (F05; §5.18)."""
    connector = station.connector(request.evse_id)
    if connector is None:
        return UnlockAnswer(status="UnknownConnector")
    if connector.transaction is not None:
        # F05.FR.02 for 2.x; in 1.6 the words for it do not exist and read UnlockFailed.
        return UnlockAnswer(status="OngoingAuthorizedTransaction")
    return UnlockAnswer(status="Unlocked" if connector.hardware.unlock() else "UnlockFailed")


async def on_reset(station: Station, request: Reset) -> ResetAnswer:
    """Restart: at once, or when all charges have ended (B11, B12; 1.6 §5.14)."""
    if request.evse_id is not None:
        return ResetAnswer(status="Rejected")  # B11.FR.09: a single EVSE cannot be reset here
    running = [connector for connector in station.connectors if connector.transaction]
    station.spawn(_reset(station, running, at_once=request.type != "OnIdle"), "reset")
    if running and request.type == "OnIdle":
        return ResetAnswer(status="Scheduled")
    return ResetAnswer(status="Accepted")


async def _reset(station: Station, running: list[Connector], *, at_once: bool) -> None:
    for connector in running:
        reason: Any = "ImmediateReset" if at_once else "SoftReset"
        await transactions.stop(station, connector, reason, "ResetCommand")
    station.boot_reason = "RemoteReset"
    station.reset_wanted.set()


async def on_trigger(station: Station, request: TriggerMessage) -> TriggerAnswer:
    """Send a message now (F06; 1.6 §5.17)."""
    tell = TRIGGERS.get(request.requested_message)
    if tell is None:
        return TriggerAnswer(status="NotImplemented")
    connectors = station.connectors
    if request.evse is not None and request.evse.id:
        connector = station.connector(request.evse.id)
        if connector is None:
            return TriggerAnswer(status="Rejected")
        connectors = [connector]
    station.spawn(tell(station, connectors), "trigger")
    return TriggerAnswer(status="Accepted")


async def _tell_status(station: Station, connectors: list[Connector]) -> None:
    for connector in connectors:
        await availability.report(station, connector, again=True)


async def _tell_values(station: Station, connectors: list[Connector]) -> None:
    for connector in connectors:
        if connector.transaction is not None:
            transactions.update(station, connector, "Trigger")


async def _tell_boot(station: Station, connectors: list[Connector]) -> None:
    del connectors
    await station.ask(BootNotification(charging_station=station.about, reason="Triggered"))


async def _tell_heartbeat(station: Station, connectors: list[Connector]) -> None:
    del connectors
    await station.ask(Heartbeat())


async def on_reserve(station: Station, request: ReserveNow) -> ReserveNowAnswer:
    """Keep a connector free (H01; 1.6 §5.13)."""
    connector = station.connector(request.evse_id or 1)
    if connector is None:
        return ReserveNowAnswer(status="Rejected")
    refusals: dict[str, Any] = {"Faulted": "Faulted", "Unavailable": "Unavailable"}
    if connector.state != "Available":
        return ReserveNowAnswer(status=refusals.get(connector.state, "Occupied"))
    connector.reservation_id, connector.reserved_for = request.id, request.id_token
    station.spawn(availability.report(station, connector), "status")
    return ReserveNowAnswer(status="Accepted")


async def on_cancel(station: Station, request: CancelReservation) -> Outcome:
    """Give a reservation up (H02; 1.6 §5.1)."""
    for connector in station.connectors:
        if connector.reservation_id == request.reservation_id:
            connector.reservation_id = connector.reserved_for = None
            station.spawn(availability.report(station, connector), "status")
            return Outcome(status="Accepted")
    return Outcome(status="Rejected")


TRIGGERS: dict[str, Any] = {
    "BootNotification": _tell_boot,
    "Heartbeat": _tell_heartbeat,
    "StatusNotification": _tell_status,
    "MeterValues": _tell_values,
    "TransactionEvent": _tell_values,
}

HANDLERS: dict[type, Any] = {
    RequestStartTransaction: on_start,
    RequestStopTransaction: on_stop,
    UnlockConnector: on_unlock,
    Reset: on_reset,
    TriggerMessage: on_trigger,
    ReserveNow: on_reserve,
    CancelReservation: on_cancel,
}
