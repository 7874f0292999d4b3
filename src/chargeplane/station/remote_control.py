"""What the central system can make a station do: start, stop, unlock, tell."""

from __future__ import annotations

from typing import Any

from chargeplane.domain.messages import Outcome, StatusInfo
from chargeplane.domain.profiles import ChargingProfile
from chargeplane.domain.station import (
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
from chargeplane.evse.hardware import SlowUnlock
from chargeplane.ocpp.v2 import wire
from chargeplane.station import (
    authorization,
    availability,
    charging_profiles,
    provisioning,
    sampling,
    smart_charging,
    transactions,
    web_payments,
)
from chargeplane.station.station import Station
from chargeplane.station.unit import Authorization, Ending, EvseUnit


async def on_start(station: Station, request: RequestStartTransaction) -> RequestStartAnswer:
    """Begin a charge when the car is there, or as soon as it comes (2.x F01, F02; 1.6 §5.11)."""
    reason = _flaw(station, request)
    web_payments.release(station, request.evse_id)  # 2.1 C25.FR.22
    evse = None if reason else _choose(station, request)
    if evse is None:
        info = StatusInfo(reason_code=reason) if reason else None
        return RequestStartAnswer(status="Rejected", status_info=info)
    profile = request.charging_profile if smart_charging.is_enabled(station) else None
    if profile is not None:  # without smart charging it is ignored (K05.FR.04)
        reason = charging_profiles.refuse_at_start(station, evse, profile)
        if reason is not None:
            info = StatusInfo(reason_code=reason)
            return RequestStartAnswer(status="Rejected", status_info=info)
    station.spawn(_start(station, evse, request, profile), "remote start")
    running = evse.transaction.id if evse.transaction else None
    return RequestStartAnswer(status="Accepted", transaction_id=running)  # F02.FR.01


def _flaw(station: Station, request: RequestStartTransaction) -> str | None:
    profile = request.charging_profile
    if not station.accepted.is_set():
        return "CSNotAccepted"
    if request.evse_id is not None and station.evse(request.evse_id) is None:
        return "UnknownEvse"
    if profile is not None and profile.charging_profile_purpose != "TxProfile":
        return "InvalidProfile"  # F01.FR.09; 1.6 §5.11
    return None


def _choose(station: Station, request: RequestStartTransaction) -> EvseUnit | None:
    """The EVSE that is meant, or the first that can; one with a car before one without."""
    ready = [
        evse
        for evse in station.evses
        if request.evse_id in (None, evse.id)
        and authorization.may_charge(station, evse, request.id_token, request.group_id_token)
    ]
    ready.sort(key=lambda evse: not evse.hardware.is_plugged_in())
    return ready[0] if ready else None


async def _start(
    station: Station,
    evse: EvseUnit,
    request: RequestStartTransaction,
    profile: ChargingProfile | None,
) -> None:
    group, verdict = request.group_id_token, None
    if station.model.flag("AuthCtrlr/AuthorizeRemoteStart"):
        verdict = await authorization.decide(station, request.id_token)
        if verdict.info.status != "Accepted":
            return
        group = verdict.info.group_id_token or group
    if not authorization.may_charge(station, evse, request.id_token, group):
        return
    authorization.authorize(
        station,
        evse,
        Authorization(
            token=request.id_token,
            group=group,
            is_remote=True,
            remote_start_id=request.remote_start_id,
            charging_profile=profile,
        ),
        verdict,
    )


async def on_stop(station: Station, request: RequestStopTransaction) -> Outcome:
    """End a charge (2.x F03; 1.6 §5.12)."""
    evse = station.running(request.transaction_id)
    if evse is None:
        info = StatusInfo(reason_code="TxNotFound")
        return Outcome(status="Rejected", status_info=info)
    _soon(station, lambda: transactions.end(station, evse, Ending("RemoteStop", "Remote")))
    return Outcome(status="Accepted")


def _soon(station: Station, work: Any) -> None:
    """Do something once the answer to what asked for it is on its way."""

    async def later() -> None:
        work()

    station.spawn(later(), "answered")


async def on_unlock(station: Station, request: UnlockConnector) -> UnlockAnswer:
    """Open a connector (2.x F05; 1.6 §5.18, which ends its charge first)."""
    evse = station.evse(request.evse_id)
    if evse is None or not 1 <= request.connector_id <= len(evse.connectors):
        return UnlockAnswer(status="UnknownConnector")
    if evse.transaction is not None and evse.authorization is not None:
        if not station.conduct.unlock_ends_charge:
            return UnlockAnswer(status="OngoingAuthorizedTransaction")
        transactions.finish(station, evse, Ending("UnlockCommand", "UnlockCommand"))
    lock = evse.hardware
    is_open = await lock.open_lock() if isinstance(lock, SlowUnlock) else lock.unlock()
    return UnlockAnswer(status="Unlocked" if is_open else "UnlockFailed")


async def on_status(
    station: Station, request: wire.GetTransactionStatus
) -> wire.GetTransactionStatusResponse:
    """Whether a transaction runs, and whether something of it is still to be told (2.x E14)."""
    name = request.transaction_id
    if name is None:
        return wire.GetTransactionStatusResponse(messages_in_queue=station.outbox.has_events())
    return wire.GetTransactionStatusResponse(
        ongoing_indicator=station.running(name) is not None,
        messages_in_queue=bool(station.outbox.events(name)),
    )


# Triggers


async def on_trigger(station: Station, request: TriggerMessage) -> TriggerAnswer:
    """Send a message now (2.x F06; 1.6 §5.17 and security extension)."""
    tell = station.tables.triggers.get(request.requested_message)
    if tell is None:
        return TriggerAnswer(status="NotImplemented")
    evses = _meant(station, request)
    refuses = station.tables.refusals.get(request.requested_message)
    if not evses or _is_boot_again(station, request) or (refuses and refuses(station)):
        return TriggerAnswer(status="Rejected")
    station.spawn(_tell(station, tell, evses), "trigger")
    return TriggerAnswer(status="Accepted")


def _meant(station: Station, request: TriggerMessage) -> list[EvseUnit]:
    """The EVSEs that a trigger is about; none if it cannot be done (F06.FR.07, FR.12)."""
    evses = station.evses
    if request.evse is not None and request.evse.id:
        evse = station.evse(request.evse.id)
        evses = [] if evse is None else [evse]
    if request.requested_message == "TransactionEvent":
        return [each for each in evses if each.transaction is not None]
    return evses


def _is_boot_again(station: Station, request: TriggerMessage) -> bool:
    """F06.FR.17: a station of 2.x that is accepted does not boot again; one of 1.6 does."""
    is_boot = request.requested_message == "BootNotification"
    return is_boot and station.accepted.is_set() and not station.conduct.boots_when_triggered


async def _tell(station: Station, tell: Any, evses: list[EvseUnit]) -> None:
    with station.as_accepted():  # B02.FR.02: what is triggered may be sent before
        await tell(station, evses)


async def _tell_status(station: Station, evses: list[EvseUnit]) -> None:
    for evse in evses:
        availability.report(station, evse, again=True)


async def _tell_values(station: Station, evses: list[EvseUnit]) -> None:
    for evse in evses:
        sampling.trigger(station, evse)


async def _tell_transactions(station: Station, evses: list[EvseUnit]) -> None:
    for evse in evses:
        sampling.trigger_event(station, evse)


async def _tell_boot(station: Station, evses: list[EvseUnit]) -> None:
    del evses
    await provisioning.announce_again(station)


async def _tell_heartbeat(station: Station, evses: list[EvseUnit]) -> None:
    del evses
    await provisioning.heartbeat(station)


TRIGGERS: dict[str, Any] = {
    "BootNotification": _tell_boot,
    "Heartbeat": _tell_heartbeat,
    "StatusNotification": _tell_status,
    "MeterValues": _tell_values,
    "TransactionEvent": _tell_transactions,
}
"""What can be triggered; other blocks add theirs (`TRIGGERS` in their files)."""

HANDLERS: dict[type, Any] = {
    RequestStartTransaction: on_start,
    RequestStopTransaction: on_stop,
    UnlockConnector: on_unlock,
    TriggerMessage: on_trigger,
    wire.GetTransactionStatus: on_status,
}
