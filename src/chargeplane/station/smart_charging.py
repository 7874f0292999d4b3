"""What an EVSE may draw now, from all charging profiles (2.x K, Q; 1.6 §3.13).

What holds is computed for a day at once, and anew only when something changed: profiles,
transactions, the connection, variables. An alarm wakes the station when it changes by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from chargeplane.domain.profiles import Purpose, RateUnit
from chargeplane.domain.transactions import TransactionEnded, TransactionEvent
from chargeplane.energy.composite import composite, lapsed
from chargeplane.energy.composite_values import (
    Circumstances,
    Composite,
    CompositePeriod,
    Installed,
    Running,
    StationFacts,
    Window,
)
from chargeplane.energy.settings import Settings
from chargeplane.energy.sharing import Claim, fill
from chargeplane.evse.hardware import PhaseChoice, PhaseControl
from chargeplane.station import local_time, profile_store
from chargeplane.station.signals import Link
from chargeplane.station.station import Station
from chargeplane.station.unit import EvseUnit

HORIZON: Final = timedelta(days=1)
MINIMUM_A: Final = 6.0  # IEC 61851-1: a car cannot be offered less
SOC_LOOK_S: Final = 10.0  # between looks at the state of charge, where a limit depends on it
TURN_S: Final = 900.0  # for which some charge where there is not enough for all
ALL: Final = 0  # the EVSEs together
BINDING_ALL: Final[frozenset[Purpose]] = frozenset(
    {"ChargingStationMaxProfile", "ChargingStationExternalConstraints"}
)
SHARING: Final = Settings()  # all the same, of one circuit


# What the limits are computed from


def is_enabled(station: Station) -> bool:
    """Whether charging profiles count at all."""
    return station.model.flag("SmartChargingCtrlr/Enabled")


def significance_percent(station: Station) -> float:
    """By how much a limit has to change to be told of (SC.03)."""
    return float(station.model.text("SmartChargingCtrlr/LimitChangeSignificance") or 0)


def facts(station: Station) -> StationFacts:
    """What is always so here."""
    model = station.model
    return StationFacts(
        evse_ids=tuple(evse.id for evse in station.evses),
        voltage_v=model.number("SmartChargingCtrlr/SupplyVoltage"),
        default_limit_a=model.number("SmartChargingCtrlr/CompositeScheduleDefaultLimitAmps"),
        default_limit_w=model.number("SmartChargingCtrlr/CompositeScheduleDefaultLimitWatts"),
        assumed_phases=station.conduct.assumed_phases,
        default_phases=model.number("SmartChargingCtrlr/CompositeScheduleDefaultNumberPhases"),
        per_phase=station.conduct.limits_by_phase,
        time_zone=local_time.LocalTime(station),
        setpoint_priority=model.text("SmartChargingCtrlr/SetpointPriority"),  # type: ignore[arg-type]
        ignored_offline=frozenset(
            model.words("SmartChargingCtrlr/IgnoredProfilePurposesOffline")  # type: ignore[arg-type]
        ),
    )


def circumstances(station: Station, *, expected: bool = False) -> Circumstances:
    """The station, and what happens at it now; `expected`: with what cars said they will draw."""
    return Circumstances(
        facts=facts(station),
        transactions={
            evse.id: _running(station, evse, expected=expected)
            for evse in station.evses
            if evse.transaction is not None
        },
        offline_s=offline_s(station),
    )


def _running(station: Station, evse: EvseUnit, *, expected: bool) -> Running:
    transaction = evse.transaction
    assert transaction is not None  # noqa: S101 as `circumstances` saw
    return Running(
        id=name_of(station, evse),
        start=transaction.ready_at,
        soc_percent=evse.hardware.measure().soc_percent,
        priority_charging=transaction.has_priority,
        delay_seed=transaction.delay_seed,
        own=evse.expected if expected else None,
    )


def name_of(station: Station, evse: EvseUnit) -> str | None:
    """What the central system calls the transaction of an EVSE."""
    transaction = evse.transaction
    return None if transaction is None else station.names.get(transaction.id, transaction.id)


def offline_s(station: Station) -> float | None:
    """For how long the station has been offline; None if it is not."""
    if station.peer is not None:
        return None
    since = station.offline_since or station.now()
    return (station.now() - since).total_seconds()


def counting(station: Station) -> list[Installed]:
    """The profiles that count, unless smart charging is switched off."""
    return profile_store.installed(station) if is_enabled(station) else []


def schedule(station: Station, evse_id: int, window: Window, unit: RateUnit) -> Composite:
    """What an EVSE is expected to draw in the window, or with EVSE 0 all of them (SC.04)."""
    here = circumstances(station, expected=True)
    return composite(counting(station), here, window, unit, evse_id)


# What holds now


@dataclass(frozen=True, slots=True)
class Plan:
    """What an EVSE may draw in the hours to come, as it followed from what was so then."""

    epoch: int
    schedule: Composite
    binds_all: bool  # whether a profile binds the EVSEs together
    socs: tuple[int, ...]  # percent of charge from which other limits hold
    passed: int  # how many of them the car had reached

    def covers(self, station: Station, now: datetime) -> bool:
        """Whether it still stands."""
        begins = self.schedule.start
        return self.epoch == station.limits_epoch and begins <= now < begins + HORIZON


def plan(station: Station, evse_id: int, unit: RateUnit = "A") -> Plan:
    """The plan of an EVSE, or with 0 of all together."""
    now, found = station.now(), station.plans.get((evse_id, unit))
    if found is None or not found.covers(station, now) or _has_passed(station, found):
        found = station.plans[evse_id, unit] = _planned(station, evse_id, now, unit)
    return found


def _planned(station: Station, evse_id: int, now: datetime, unit: RateUnit) -> Plan:
    held = counting(station)
    socs = {
        schedule.limit_at_soc.soc
        for each in held
        for schedule in each.profile.charging_schedule
        if schedule.limit_at_soc is not None
    }
    window = Window(now, now + HORIZON)
    return Plan(
        epoch=station.limits_epoch,
        schedule=composite(held, circumstances(station), window, unit, evse_id),
        binds_all=any(_binds_all(each) for each in held),
        socs=tuple(sorted(socs)),
        passed=_passed(station, evse_id, tuple(socs)),
    )


def _binds_all(each: Installed) -> bool:
    return each.evse_id == ALL and each.profile.charging_profile_purpose in BINDING_ALL


def _has_passed(station: Station, found: Plan) -> bool:
    passed = _passed(station, found.schedule.evse_id, found.socs)
    if passed != found.passed:
        station.limits_epoch += 1  # what all may draw follows as well
    return passed != found.passed


def _passed(station: Station, evse_id: int, socs: tuple[int, ...]) -> int:
    evse = station.evse(evse_id)
    if evse is None or not socs:
        return 0
    soc_percent = evse.hardware.measure().soc_percent
    return 0 if soc_percent is None else sum(soc_percent >= each for each in socs)


def period(station: Station, evse_id: int, unit: RateUnit = "A") -> CompositePeriod:
    """What holds now for an EVSE, or with 0 for all together."""
    return plan(station, evse_id, unit).schedule.at(station.now())


def limit_a(station: Station, evse: EvseUnit) -> float:
    """The limit in A per phase for an EVSE at which energy can flow; 0 if that is too little."""
    _note_ready(station, evse)
    found = plan(station, evse.id)
    _wake(station, evse, found)
    limit = own_limit_a(station, evse)
    if found.binds_all:
        limit = min(limit, shares_a(station).get(evse.id, 0.0))
    return limit if limit >= MINIMUM_A else 0.0


def _note_ready(station: Station, evse: EvseUnit) -> None:
    """Relative profiles count from now on, if they did not already (K01.FR.42)."""
    transaction = evse.transaction
    if transaction is not None and transaction.ready_at is None:
        transaction.ready_at = station.now()
        station.transactions[transaction.id] = transaction
        station.limits_epoch += 1


def _wake(station: Station, evse: EvseUnit, found: Plan) -> None:
    """Look again when something else begins to hold."""
    now = station.now()
    seconds = (found.schedule.holds_until(now) - now).total_seconds()
    if found.passed < len(found.socs):
        seconds = min(seconds, SOC_LOOK_S)
    station.alarm(f"limit {evse.id}", seconds, profile_store.follow)


def own_limit_a(station: Station, evse: EvseUnit) -> float:
    """The limit of an EVSE, whatever the others draw."""
    held = period(station, evse.id)
    values = held.values
    limits = (values.limit, values.limit_l2, values.limit_l3)
    limit = min((each for each in limits if each is not None), default=0.0)  # K01.FR.147
    if held.converted and not isinstance(evse.hardware, PhaseControl):
        limit *= _part_of_phases(station, values.number_phases)
    return limit


def _part_of_phases(station: Station, number: int | None) -> float:
    """What part of its phases the car would be limited to, if the EVSE could switch some off."""
    supplied = station.model.number("ChargingStation/SupplyPhases")
    return min(1.0, number / supplied) if number and supplied else 1.0


# Sharing what binds all (K04, K12.FR.01; 1.6 §3.13.3)


def shares_a(station: Station) -> dict[int, float]:
    """What each EVSE that charges gets, so that together they stay within the limit of all.

    Each gets its minimum in its turn as far as that goes, and all share the rest. One whose car
    does not want any keeps the minimum, as the car can go on at any time.
    """
    total = period(station, ALL).values.limit or 0.0
    claims = [
        Claim(evse.id, int(MINIMUM_A * 10), int(_claimed_a(station, evse) * 10))
        for evse in sorted(_active(station), key=lambda evse: _order(station, evse))
        if own_limit_a(station, evse) >= MINIMUM_A
    ]
    given = fill(int(total * 10), claims, SHARING, in_turn=False)
    found = {evse_id: share / 10 for evse_id, share in given.items()}
    if len(found) < len(claims):
        _take_turns(station, set(found))
    if found != station.shares_a:
        station.shares_a = found
        profile_store.follow(station)  # the others' shares count too
    return found


def _active(station: Station) -> list[EvseUnit]:
    return [
        evse
        for evse in station.evses
        if evse.authorization is not None
        and not evse.is_paused
        and not evse.faults
        and evse.hardware.is_plugged_in()
    ]


def _order(station: Station, evse: EvseUnit) -> tuple[int, datetime]:
    """Who is served first: those who have had less turns, and of these the first."""
    return evse.turn, station.now() if evse.transaction is None else evse.transaction.began


def _claimed_a(station: Station, evse: EvseUnit) -> float:
    wants = evse.limit_a <= 0 or evse.hardware.wants_energy()  # without an offer none can want
    return own_limit_a(station, evse) if wants else MINIMUM_A


def _take_turns(station: Station, served: set[int]) -> None:
    """Let others be served first in a while."""
    if station.has_alarm("turns"):
        return

    def turn(_station: Station) -> None:
        last = max(evse.turn for evse in station.evses) + 1
        for evse in station.evses:
            if evse.id in served:
                evse.turn = last
        profile_store.follow(station)

    station.alarm("turns", TURN_S, turn)


# What changes limits


def on_event(station: Station, event: TransactionEvent) -> None:
    """Plan anew with the transactions that there are."""
    if event.seq_no == 0 or isinstance(event, TransactionEnded):
        station.limits_epoch += 1
        if any(_binds_all(each) for each in profile_store.installed(station)):
            profile_store.follow(station)


def on_link(station: Station, link: Link) -> None:
    """Let profiles count that may while the station is offline, or online again (K01.FR.101)."""
    held = profile_store.installed(station)
    if not held:
        return
    if link.connected and station.offline_since is not None:
        away_s = (station.now() - station.offline_since).total_seconds()
        profile_store.change(station, gone=lapsed(held, away_s))
    else:
        profile_store.refresh(station)
    watch_offline(station)


def watch_offline(station: Station) -> None:
    """Look again when the next profile has been offline for too long (K01.FR.101)."""
    away_s = offline_s(station)
    bounds = [each.profile.max_offline_duration for each in profile_store.installed(station)]
    left = [bound - away_s for bound in bounds if away_s is not None and bound is not None]
    later = min((seconds for seconds in left if seconds >= 0), default=None)
    if later is None:
        station.silence("offline")
        return

    def look(_station: Station) -> None:
        profile_store.refresh(station)
        watch_offline(station)

    station.alarm("offline", later + 0.01, look)


def on_variable(station: Station, _value: str) -> None:
    """Plan anew with what the central system has set."""
    profile_store.refresh(station)


def start(station: Station) -> None:
    """Begin to count the time without a connection."""
    station.offline_since = station.offline_since or station.now()
    watch_offline(station)


def _all_are(kind: type) -> Any:
    """Whether the hardware of all EVSEs is of a kind."""
    return lambda station, *_: str(
        all(isinstance(evse.hardware, kind) for evse in station.evses)
    ).lower()


LIVE: dict[str, Any] = {
    "SmartChargingCtrlr/Phases3to1": _all_are(PhaseControl),
    "SmartChargingCtrlr/ACPhaseSwitchingSupported": _all_are(PhaseChoice),
}
PLANNED_BY: Final = (
    "ClockCtrlr/NextTimeOffsetTransitionDateTime",
    "ClockCtrlr/TimeOffset",
    "ClockCtrlr/TimeZone",
    "SmartChargingCtrlr/CompositeScheduleDefaultLimitAmps",
    "SmartChargingCtrlr/CompositeScheduleDefaultLimitWatts",
    "SmartChargingCtrlr/CompositeScheduleDefaultNumberPhases",
    "SmartChargingCtrlr/Enabled",
    "SmartChargingCtrlr/IgnoredProfilePurposesOffline",
    "SmartChargingCtrlr/SetpointPriority",
    "SmartChargingCtrlr/SupplyVoltage",
)
EFFECTS: dict[str, Any] = dict.fromkeys(PLANNED_BY, on_variable)
ON_START = (start,)
ON_EVENT = (on_event,)
ON_LINK = (on_link,)
