"""What cars and the central system agree upon by way of ISO 15118 (2.x K15-K20, Q01, Q02).

Whatever talks to the car calls `connect` when it knows who it is, `offer` when the car tells its
needs, `choose` when the car has decided, and `renew` after `signals.renegotiation` has named its
EVSE. `signals.energy_transfers` says that other services may be used.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from msgspec.structs import replace

from chargeplane.domain.messages import Json, Value
from chargeplane.domain.profiles import (
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
    CompositeSchedule,
    ProfileCriteria,
)
from chargeplane.domain.transactions import TransactionEnded, TransactionEvent
from chargeplane.energy.composite import composite
from chargeplane.energy.composite_criteria import matching
from chargeplane.energy.composite_values import Installed, Window
from chargeplane.errors import NoAnswer, Untranslatable
from chargeplane.ocpp.errors import OcppError
from chargeplane.ocpp.v2 import wire
from chargeplane.ocpp.v2.translate.rows import to_wire
from chargeplane.station import profile_store, smart_charging, transactions
from chargeplane.station.station import Station
from chargeplane.station.unit import Ending, EvseUnit, Vehicle

PATIENCE_S: Final = 55.0  # of a car that waits for schedules: 60 s by ISO 15118
MOST: Final = 3  # schedules from which a car chooses
AHEAD: Final = timedelta(days=1)
REJECTED_TRANSFER: Final = Ending("AbnormalCondition", "ReqEnergyTransferRejected")

to_wire_schedule = to_wire(wire.ChargingSchedule)


class Offer(Value, frozen=True, kw_only=True):
    """A schedule that a car may choose, in W, with prices as the central system gave them.

    `id` is that of the schedule of the central system, None where it has given none.
    """

    id: int | None
    schedule: CompositeSchedule
    sales_tariff: Json | None = None
    absolute_price_schedule: Json | None = None
    price_level_schedule: Json | None = None


@dataclass(slots=True)
class Negotiation:
    """What is agreed upon with the car at an EVSE."""

    needs: wire.ChargingNeeds
    since: datetime  # when the car told them
    most_periods: int | None = None  # in a schedule, that the car can take
    is_told: bool = False  # whether the central system knows
    came: asyncio.Event = field(default_factory=asyncio.Event)  # a profile for the transaction
    offers: tuple[Offer, ...] = ()
    untold: wire.NotifyEVChargingSchedule | None = None


# For whatever talks to the car


def connect(evse: EvseUnit, vehicle: Vehicle) -> None:
    """Know what a car says of itself, until it leaves (Q01.FR.36)."""
    evse.vehicle = vehicle


async def offer(
    station: Station,
    evse: EvseUnit,
    needs: wire.ChargingNeeds,
    *,
    most_periods: int | None = None,
    patience_s: float = PATIENCE_S,
) -> tuple[Offer, ...]:
    """The schedules to offer to a car that has told its needs; none: the charge is over.

    The central system is told and may send some within `patience_s`; else what is installed
    counts (K15.FR.15, K17.FR.15). What comes later makes a renegotiation (K16).
    """
    held = Negotiation(needs=needs, since=station.now(), most_periods=most_periods)
    if evse.negotiation is not None:
        held.is_told = evse.negotiation.is_told
    evse.negotiation = held
    status = await _tell_needs(station, evse, held)
    if status == "Rejected" and needs.control_mode is not None:
        transactions.finish(station, evse, REJECTED_TRANSFER)  # K18.FR.23, K19.FR.16, Q01.FR.06
        return ()
    if status == "Accepted":
        try:
            async with asyncio.timeout(patience_s):
                await held.came.wait()
        except TimeoutError:
            pass  # K15 error handling: what is installed counts
    return renew(station, evse)


def renew(station: Station, evse: EvseUnit) -> tuple[Offer, ...]:
    """The schedules to offer now, without asking anybody (K16.FR.09)."""
    held: Negotiation | None = evse.negotiation
    if held is None:
        return ()
    window = Window(station.now(), held.needs.departure_time or station.now() + AHEAD)
    held.offers = _offers(station, evse, held, window)
    return held.offers


async def choose(
    station: Station,
    evse: EvseUnit,
    *,
    schedule_id: int | None = None,
    schedule: ChargingSchedule | None = None,
    tolerates: bool | None = None,
) -> bool:
    """The car has chosen a schedule, and maybe said what it will draw, in W from now on.

    Returns whether that is within what was offered (K15.FR.09, K16.FR.04, K18.FR.09); the central
    system is told in any case. A car in dynamic control mode does as it is told (K19.FR.10).
    """
    held: Negotiation | None = evse.negotiation
    if held is None or not held.offers:
        return False
    offered = next((each for each in held.offers if each.id == schedule_id), held.offers[0])
    base = station.now()
    if schedule is None or held.needs.control_mode == "DynamicControl":
        schedule, base = _as_offered(offered), offered.schedule.schedule_start  # K15.FR.19
    is_within = not _exceeds(schedule, base, offered.schedule)
    held.untold = wire.NotifyEVChargingSchedule(
        time_base=base,
        evse_id=evse.id,
        charging_schedule=to_wire_schedule(schedule),
        selected_charging_schedule_id=offered.id,
        power_tolerance_acceptance=tolerates,
    )
    evse.expected = _installed(evse, replace(schedule, start_schedule=base)) if is_within else None
    await _tell_choice(station, evse, held)
    return is_within


# Telling the central system


async def _tell_needs(station: Station, evse: EvseUnit, held: Negotiation) -> str:
    """Tell what a car needs, and since when if that was not at once (K15.FR.01, FR.20)."""
    is_late = station.now() - held.since > timedelta(seconds=1)
    request = wire.NotifyEVChargingNeeds(
        evse_id=evse.id,
        max_schedule_tuples=held.most_periods,
        charging_needs=held.needs,
        timestamp=held.since if is_late else None,
    )
    had_told, held.is_told = held.is_told, True  # its profile may come before the answer
    try:
        answer = await station.ask(request)
    except NoAnswer:
        held.is_told = had_told
        return "Offline"
    except (OcppError, Untranslatable):
        return "NoChargingProfile"
    return str(answer.status)


async def _tell_choice(station: Station, evse: EvseUnit, held: Negotiation) -> None:
    """Tell what a car will draw; what is not accepted will be negotiated anew (K15.FR.11-13)."""
    request = held.untold
    if request is None:
        return
    try:
        answer = await station.ask(request)
    except NoAnswer:
        return
    except (OcppError, Untranslatable):
        held.untold = None
        return
    held.untold = None
    if answer.status == "Rejected":
        evse.expected = None


def catch_up(station: Station) -> None:
    """Tell what could not be told without a connection (K15.FR.20, K17.FR.17)."""
    for evse in station.evses:
        held: Negotiation | None = evse.negotiation
        if held is not None and not held.is_told:
            station.spawn(_tell_needs(station, evse, held), "needs")
        if held is not None and held.untold is not None:
            station.spawn(_tell_choice(station, evse, held), "choice")


# Schedules


def _offers(
    station: Station, evse: EvseUnit, held: Negotiation, window: Window
) -> tuple[Offer, ...]:
    """Up to three schedules, by the first, second and third ones of the profiles (K15.FR.22)."""
    profiles = _profiles(station, evse)
    count = max((len(each.profile.charging_schedule) for each in profiles), default=1)
    sources = _schedules(profiles)
    found = []
    for index in range(min(count, MOST)):
        schedule = _composite(station, evse, window, index)
        source = sources[index] if index < len(sources) else None
        found.append(
            Offer(
                id=None if source is None else source.id,
                schedule=_bounded(schedule, held.most_periods),
                sales_tariff=getattr(source, "sales_tariff", None),
                absolute_price_schedule=getattr(source, "absolute_price_schedule", None),
                price_level_schedule=getattr(source, "price_level_schedule", None),
            )
        )
    return tuple(found)


def _profiles(station: Station, evse: EvseUnit) -> list[Installed]:
    """The profiles of the transaction at an EVSE."""
    criteria = ProfileCriteria(evse_id=evse.id, charging_profile_purpose="TxProfile")
    return matching(profile_store.installed(station), criteria)


def _schedules(profiles: list[Installed]) -> tuple[ChargingSchedule, ...]:
    """The schedules of the profile that counts most."""
    highest = max(profiles, key=lambda each: each.profile.stack_level, default=None)
    return () if highest is None else highest.profile.charging_schedule


def _composite(station: Station, evse: EvseUnit, window: Window, index: int) -> CompositeSchedule:
    held, here = smart_charging.counting(station), smart_charging.circumstances(station)
    return composite(held, here, window, "W", evse.id, schedule_index=index).schedule()


def _bounded(schedule: CompositeSchedule, most: int | None) -> CompositeSchedule:
    periods = schedule.charging_schedule_period
    if not most or len(periods) <= most:
        return schedule
    return replace(
        schedule, charging_schedule_period=periods[:most], duration=periods[most].start_period
    )


def _as_offered(offered: Offer) -> ChargingSchedule:
    schedule = offered.schedule
    return ChargingSchedule(
        id=offered.id or 0,
        charging_rate_unit=schedule.charging_rate_unit,
        duration=schedule.duration,
        charging_schedule_period=schedule.charging_schedule_period,
    )


def _exceeds(schedule: ChargingSchedule, base: datetime, offered: CompositeSchedule) -> bool:
    """Whether a car wants to draw more than it was offered, at any time of the offer."""
    wanted, given = schedule.charging_schedule_period, offered.charging_schedule_period
    shift_s = int((base - offered.schedule_start).total_seconds())
    starts = {each.start_period for each in wanted} | {
        each.start_period - shift_s for each in given
    }
    return any(
        (_limit(wanted, start) or 0.0) > (_limit(given, start + shift_s) or 0.0)
        for start in starts
        if 0 <= start < offered.duration - shift_s
    )


def _limit(periods: tuple[ChargingSchedulePeriod, ...], at: int) -> float | None:
    begun = [each for each in periods if each.start_period <= at]
    return begun[-1].limit if begun else None


def _installed(evse: EvseUnit, schedule: ChargingSchedule) -> Installed:
    profile = ChargingProfile(
        id=0,
        stack_level=0,
        charging_profile_purpose="TxProfile",
        charging_profile_kind="Absolute",
        charging_schedule=(schedule,),
    )
    return Installed(evse_id=evse.id, profile=profile, source="EV")


# What changes


def on_limits(station: Station, _none: None) -> None:
    """Let waiting cars go on, and ask others anew whose schedules have changed (K16.FR.02)."""
    for evse in station.evses:
        held: Negotiation | None = evse.negotiation
        if held is None:
            continue
        if any(_is_newer(each, held) for each in _profiles(station, evse)):
            held.came.set()
        if held.offers and _has_changed(station, evse, held):
            held.offers = ()
            station.signals.renegotiation.emit(evse.id)


def _is_newer(each: Installed, held: Negotiation) -> bool:
    return each.installed_at is not None and each.installed_at >= held.since


def _has_changed(station: Station, evse: EvseUnit, held: Negotiation) -> bool:
    """Whether what was offered would be another offer now."""
    first = held.offers[0].schedule
    window = Window(first.schedule_start, first.schedule_start + timedelta(seconds=first.duration))
    return _offers(station, evse, held, window) != held.offers


def on_event(station: Station, event: TransactionEvent) -> None:
    """Forget what was agreed upon with the transaction."""
    evse = station.evse(event.evse.id) if event.evse else None
    if evse is not None and isinstance(event, TransactionEnded):
        evse.negotiation = evse.expected = None
    if evse is not None and not evse.hardware.is_plugged_in():
        evse.vehicle = None


async def on_transfers(
    station: Station, request: wire.NotifyAllowedEnergyTransfer
) -> wire.NotifyAllowedEnergyTransferResponse:
    """Let the services be negotiated anew that a car may use (Q02.FR.06)."""
    evse = station.running(request.transaction_id)
    if evse is None or evse.negotiation is None:
        reason = "TxNotFound" if evse is None else "NotEnabled"
        info = wire.StatusInfo(reason_code=reason)
        return wire.NotifyAllowedEnergyTransferResponse(status="Rejected", status_info=info)
    station.signals.energy_transfers.emit((evse.id, tuple(request.allowed_energy_transfer)))
    return wire.NotifyAllowedEnergyTransferResponse(status="Accepted")


# What a car says of itself


def _said(station: Station, component: Any, variable: Any, _attribute: Any) -> str:
    vehicle: Vehicle | None = station.evses[component.evse.id - 1].vehicle
    if variable.name == "Available":
        return str(vehicle is not None).lower()
    if vehicle is None:
        return ""
    if variable.name == "ProtocolSupportedByEV":
        return dict(enumerate(vehicle.protocols, start=1)).get(int(variable.instance), "")
    if variable.name == "VehicleCertificate":
        return vehicle.certificates.get(variable.instance, "")
    return vehicle.id if variable.name == "VehicleID" else vehicle.protocol


HANDLERS: dict[type, Any] = {wire.NotifyAllowedEnergyTransfer: on_transfers}
LIVE: dict[str, Any] = {
    f"ConnectedEV/{name}": _said
    for name in (
        "Available",
        "VehicleID",
        "ProtocolAgreed",
        "ProtocolSupportedByEV",
        "VehicleCertificate",
    )
}
ON_EVENT = (on_event,)
ON_LIMITS = (on_limits,)
ON_ACCEPTED = (catch_up,)
