"""Which controls of an inverter that supports the grid count when (2.1 part 2 §R 2.9 and R04)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec
from msgspec.structs import replace

from chargeplane.domain.messages import Json


class Control(msgspec.Struct, frozen=True, kw_only=True):
    """A curve or setting; a default counts where no scheduled one of its kind does."""

    id: str
    kind: str  # 2.1 DERControlEnumType
    priority: int  # the lower, the more it counts
    is_default: bool
    start: datetime | None = None  # of a scheduled one
    end: datetime | None = None  # None: never
    is_superseded: bool = False
    has_started: bool = False  # a scheduled one
    content: Json

    def is_due(self, now: datetime) -> bool:
        """Whether a scheduled one is between its start and its end."""
        return self.start is not None and self.start <= now and not self.is_over(now)

    def is_over(self, now: datetime) -> bool:
        """Whether its time has passed."""
        return self.end is not None and self.end <= now


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A scheduled control that began, or else ended, and which ones it took the place of."""

    control: Control
    has_started: bool
    superseded: tuple[str, ...] = ()


def add(
    controls: Iterable[Control], new: Control, now: datetime
) -> tuple[list[Control], tuple[str, ...]]:
    """All controls with a new one, and the ids of those that are superseded by that at once.

    It may be the new one itself. The same id takes the place of what was there.
    """
    kept = [each for each in controls if each.id != new.id]
    rivals = [each for each in kept if _are_rivals(each, new)]
    if any(_yields(new, each, now) for each in rivals):
        return [*kept, replace(new, is_superseded=True)], (new.id,)
    lost = {each.id for each in rivals if _yields_at_once(each, new, now)}
    changed = [replace(each, is_superseded=True) if each.id in lost else each for each in kept]
    return [*changed, new], tuple(each.id for each in kept if each.id in lost)


def _are_rivals(one: Control, other: Control) -> bool:
    """Whether only one of them can count."""
    return (
        one.id != other.id
        and (one.kind, one.is_default) == (other.kind, other.is_default)
        and not one.is_superseded
        and not other.is_superseded
    )


def _yields(new: Control, present: Control, now: datetime) -> bool:
    """Whether a new one will not count because of one that is there (R04.FR.08)."""
    return new.priority > present.priority and (
        new.is_default or present.is_due(now) or _overlap(new, present)
    )


def _yields_at_once(present: Control, new: Control, now: datetime) -> bool:
    """Whether one that is there will not count any more (R04.FR.03, FR.06).

    One that is in force stays so until the new one starts (R04.FR.07).
    """
    if present.is_default:
        return present.priority >= new.priority
    return present.priority > new.priority and not present.is_due(now)


def _overlap(one: Control, other: Control) -> bool:
    return all(
        a.end is None or b.start is None or b.start < a.end for a, b in ((one, other), (other, one))
    )


def advance(controls: Iterable[Control], now: datetime) -> tuple[list[Control], list[Change]]:
    """The controls that are left by now, and what began or ended since (FR.10, FR.20 to FR.22)."""
    before = list(controls)
    kept = {each.id: each for each in before if each.is_default or not each.is_over(now)}
    changes = [
        Change(control=each, has_started=False)
        for each in before
        if each.id not in kept and each.has_started and not each.is_superseded
    ]
    waiting = [each for each in kept.values() if each.is_due(now) and not each.has_started]
    for each in sorted(waiting, key=lambda each: each.start or now):
        if not kept[each.id].is_superseded:
            changes += _start(kept, each)
    return list(kept.values()), changes


def _start(kept: dict[str, Control], one: Control) -> list[Change]:
    """Let a control begin, unless one that counts more is in force (FR.21)."""
    rivals = [each for each in kept.values() if each.has_started and _are_rivals(each, one)]
    if any(each.priority < one.priority for each in rivals):
        kept[one.id] = replace(one, is_superseded=True)
        return []
    for each in rivals:
        kept[each.id] = replace(each, is_superseded=True)
    kept[one.id] = started = replace(one, has_started=True)
    superseded = tuple(each.id for each in rivals)
    return [Change(control=started, has_started=True, superseded=superseded)]


def active(controls: Iterable[Control]) -> dict[str, Control]:
    """The control that counts now, by its kind, after `advance` (FR.09, FR.11)."""
    usable = [each for each in controls if not each.is_superseded]
    found = {each.kind: each for each in usable if each.is_default}
    return found | {each.kind: each for each in usable if each.has_started}


def next_change(controls: Iterable[Control], now: datetime) -> datetime | None:
    """When a control starts or ends next."""
    moments = [moment for each in controls for moment in (each.start, each.end)]
    return min((moment for moment in moments if moment is not None and moment > now), default=None)
