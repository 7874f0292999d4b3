"""The composite schedule: which limit follows from all charging profiles of a station.

Pure functions of what is installed and what happens: 1.6 §3.13 and §5.7; 2.x
part 2 blocks K (K01, K08) and Q.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from chargeplane.domain.profiles import Purpose, RateUnit
from chargeplane.energy.composite_caps import AnyDemand, answer, lowest, reader, total
from chargeplane.energy.composite_values import (
    Circumstances,
    Composite,
    CompositePeriod,
    Installed,
    Running,
    Window,
    seconds,
)
from chargeplane.energy.composite_windows import Gap, Session, Span, joined, layered, spans

STATION: Final = 0

Line = list[Span[AnyDemand]]


def composite(  # noqa: PLR0913 the question has as many parts
    installed: Iterable[Installed],
    circumstances: Circumstances,
    window: Window,
    unit: RateUnit,
    evse_id: int,
    *,
    assume_transaction: bool = True,
    schedule_index: int = 0,
) -> Composite:
    """What an EVSE may draw in the window, or with EVSE 0 the whole station, in `unit`.

    Without a transaction TxDefaultProfiles count as if there were one
    (K08.FR.06), unless `assume_transaction` is false. Of profiles with several
    schedules the one at `schedule_index` counts, if there is one (K15.FR.22).
    """
    start, end = window.seconds()
    view = _View(
        installed=tuple(_usable(installed, circumstances))[::-1],
        circumstances=circumstances,
        window=(start, max(end, start + 1)),  # a moment is asked for like the second after it
        assume_transaction=assume_transaction,
        schedule_index=schedule_index,
    )
    return Composite(
        evse_id=evse_id,
        start=datetime.fromtimestamp(start, UTC),
        duration_s=end - start,
        unit=unit,
        periods=tuple(view.periods(evse_id, unit)),
    )


def limit_at(
    installed: Iterable[Installed],
    circumstances: Circumstances,
    moment: datetime,
    evse_id: int,
    unit: RateUnit = "A",
) -> CompositePeriod:
    """What an EVSE may draw at a moment; TxDefaultProfiles count only during a transaction."""
    window = Window(moment, moment)
    found = composite(installed, circumstances, window, unit, evse_id, assume_transaction=False)
    return found.periods[0]


def lapsed(installed: Iterable[Installed], offline_s: float) -> list[Installed]:
    """The profiles that are invalid for good after so long offline (K01.FR.102)."""
    return [
        each
        for each in installed
        if each.profile.invalid_after_offline_duration and _is_too_long(each, offline_s)
    ]


def _usable(installed: Iterable[Installed], circumstances: Circumstances) -> Iterator[Installed]:
    """What counts while the station is offline for as long as it is (K01.FR.101-103)."""
    offline_s = circumstances.offline_s
    if offline_s is None:
        yield from installed
        return
    for each in installed:
        ignored = each.profile.charging_profile_purpose in circumstances.facts.ignored_offline
        if not ignored and not _is_too_long(each, offline_s):
            yield each


def _is_too_long(each: Installed, offline_s: float) -> bool:
    most = each.profile.max_offline_duration
    return most is not None and offline_s > most


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """What is looked at: the usable profiles, newest first, and when."""

    installed: tuple[Installed, ...]
    circumstances: Circumstances
    window: Gap
    assume_transaction: bool
    schedule_index: int

    def periods(self, evse_id: int, unit: RateUnit) -> Iterator[CompositePeriod]:
        """What holds from each moment on at which something changes."""
        facts = self.circumstances.facts
        whole = evse_id == STATION
        parts = self.station() if whole else self.evse(evse_id)
        parts.append(self.line(evse_id, self.of("ChargingStationMaxProfile", STATION)))
        asked = joined(parts, self.window, lambda held: lowest(held, facts, split=whole))
        last = None
        for start, one, more in self.with_generated(asked, evse_id):
            found = answer(one, more, unit, facts)
            if found != last:
                yield found.at(start - self.window[0])
            last = found

    def station(self) -> list[Line]:
        """What all EVSEs may draw together, and what the station may (K12.FR.01)."""
        facts = self.circumstances.facts
        evses = [
            joined(self.evse(evse_id), self.window, lambda held: lowest(held, facts))
            for evse_id in facts.evse_ids
        ]
        sum_ = joined(evses, self.window, lambda held: total(held, facts))
        return [sum_, *self.external(STATION, STATION)]

    def evse(self, evse_id: int) -> list[Line]:
        """What binds an EVSE alone: external constraints, and the profiles of its transaction."""
        external = self.external(evse_id, STATION, evse_id)
        own = [self.line(evse_id, *self.transaction(evse_id))]
        running = self.circumstances.transactions.get(evse_id)
        if running is not None and running.own is not None:
            own.append(self.line(evse_id, [running.own]))
        by_csms = self.circumstances.facts.setpoint_priority == "CSMS"  # Q06.FR.22
        return [*own, *external] if by_csms else [*external, *own]

    def external(self, evse_id: int, *places: int) -> list[Line]:
        """What each external system demands: none overrules another."""
        held = self.of("ChargingStationExternalConstraints", *places)
        sources = dict.fromkeys(each.source for each in held)
        return [
            self.line(evse_id, [each for each in held if each.source == source])
            for source in sources
        ]

    def transaction(self, evse_id: int) -> list[list[Installed]]:
        """The profiles of a transaction: those of a purpose overrule all that follow."""
        running = self.circumstances.transactions.get(evse_id)
        if running is None and not self.assume_transaction:
            return []
        default = _not_replaced(self.of("TxDefaultProfile", STATION, evse_id))
        own = [each for each in self.of("TxProfile", evse_id) if _is_meant(each, running)]
        if running is None or not running.priority_charging:
            return [own, default]
        return [self.of("PriorityCharging", STATION, evse_id), own, default]

    def with_generated(
        self, asked: Line, evse_id: int
    ) -> Iterator[tuple[int, AnyDemand, list[AnyDemand]]]:
        """The same with what is generated on the spot: for the EVSE, or for the station and all."""
        places: list[tuple[int, ...]] = [(STATION, evse_id)]
        if evse_id == STATION:
            places = [(place,) for place in (STATION, *self.circumstances.facts.evse_ids)]
        lines = [self.line(at[-1], self.of("LocalGeneration", *at)) for at in places]
        if not any(lines):
            yield from ((start, one, []) for start, _, one in asked)
            return
        for start, _, (one, *more) in joined([asked, *lines], self.window, tuple):
            yield start, one, more

    def of(self, purpose: Purpose, *places: int) -> list[Installed]:
        """The profiles of a purpose at any of these EVSEs."""
        return [
            each
            for each in self.installed
            if each.evse_id in places and each.profile.charging_profile_purpose == purpose
        ]

    def line(self, evse_id: int, *purposes: list[Installed]) -> Line:
        """What the profiles demand, higher stack levels before lower ones (K01.FR.17)."""
        levels = (each for purpose in purposes for each in sorted(purpose, key=_by_level))
        return layered((self.demands(each, evse_id) for each in levels), self.window)

    def demands(self, each: Installed, evse_id: int) -> Line:
        """What one profile demands of an EVSE or of the station."""
        facts = self.circumstances.facts
        schedules = each.profile.charging_schedule
        schedule = schedules[min(self.schedule_index, len(schedules) - 1)]
        running = self.circumstances.transactions.get(evse_id)
        session = self.session(running, each.installed_at if evse_id == STATION else None)
        soc_percent = None if running is None else running.soc_percent
        read = reader(schedule, each.profile.stack_level, soc_percent, facts)
        return [
            (start, end, found)
            for start, end, period in spans(each.profile, schedule, self.window, session)
            if (found := read(period)) is not None
        ]

    def session(self, running: Running | None, installed_at: datetime | None) -> Session:
        """What relative schedules count from: the transaction, else now.

        On the station, which has none, they count from when they were installed.
        """
        start = installed_at if running is None else running.start
        return Session(
            start=self.window[0] if start is None else seconds(start),
            time_zone=self.circumstances.facts.time_zone,
            delay_seed=None if running is None else running.delay_seed,
        )


def _by_level(each: Installed) -> int:
    return -each.profile.stack_level


def _is_meant(each: Installed, running: Running | None) -> bool:
    """Whether a TxProfile is for what runs; one without an id is for whatever does (K01.FR.04)."""
    id_ = each.profile.transaction_id
    return id_ is None or (running is not None and running.id == id_)


def _not_replaced(defaults: list[Installed]) -> list[Installed]:
    """Without those whose level was set later for the station or its EVSE (1.6 §3.13.1)."""
    latest = {each.profile.stack_level: each.evse_id for each in reversed(defaults)}
    return [each for each in defaults if latest[each.profile.stack_level] == each.evse_id]
