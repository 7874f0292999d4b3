"""The periods of a schedule as rows: from when on, which limit, how many phases."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from msgspec import UNSET
from msgspec.structs import replace
from nicegui import ui

from chargeplane.domain.profiles import ChargingSchedulePeriod
from chargeplane.web.csms.fields import NO_NUMBER, Leaf, Reading, Wrong, write_number
from chargeplane.web.texts import Texts, mark

CLOCK: Final = re.compile(r"(\d{1,3}):([0-5]\d)(?::([0-5]\d))?")
NO_TIME: Final = mark("This is no time such as 7:30.")
NO_START: Final = mark("The first period begins at 0:00.")
TWICE: Final = mark("Another period begins then.")
NEGATIVE: Final = mark("A limit is not below 0.")
FIRST: Final = ChargingSchedulePeriod(start_period=0, limit=16.0)
HOUR_S: Final = 3600
MINUTE_S: Final = 60


def read_clock(text: Any) -> int:
    """The seconds of a time after the start; raises `Wrong`."""
    found = CLOCK.fullmatch(str(text).strip())
    if found is None:
        raise Wrong(NO_TIME)
    hours, minutes, rest = (int(each or 0) for each in found.groups())
    return hours * HOUR_S + minutes * MINUTE_S + rest


def write_clock(seconds: Any) -> str:
    """Seconds after the start as a time."""
    minutes, rest = divmod(int(seconds), MINUTE_S)
    said = f"{minutes // MINUTE_S}:{minutes % MINUTE_S:02}"
    return f"{said}:{rest:02}" if rest else said


def _limit(text: Any) -> float:
    try:
        value = float(str(text))
    except ValueError:
        raise Wrong(NO_NUMBER) from None
    if value < 0:
        raise Wrong(NEGATIVE)
    return value


@dataclass(slots=True)
class Row:
    """A period; what has no field of its own here stays as it was."""

    element: ui.element
    start: Leaf
    limit: Leaf
    phases: ui.select
    period: ChargingSchedulePeriod

    def read(self, reading: Reading) -> ChargingSchedulePeriod:
        """The period as it was entered; faults are told and counted."""
        start, limit = self.start.read(reading), self.limit.read(reading)
        return replace(
            self.period,
            start_period=0 if start is UNSET else start,
            limit=None if limit is UNSET else limit,
            number_phases=self.phases.value or None,
        )


class Periods:
    """The rows of all periods."""

    def __init__(self, t: Texts, on_change: Callable[[], object]) -> None:
        self._t, self._on_change = t, on_change
        self._rows: list[Row] = []
        self._place = ui.column().classes("w-full gap-2")
        add = ui.button(t("Add a period"), icon="add", on_click=self._add_next)
        add.props("flat dense no-caps")

    def show(self, periods: tuple[ChargingSchedulePeriod, ...]) -> None:
        """Show the periods of a schedule."""
        self._place.clear()
        self._rows = []
        for each in periods or (FIRST,):
            self._add(each)

    def read(self, reading: Reading) -> tuple[ChargingSchedulePeriod, ...]:
        """The periods in their order; faults are told and counted."""
        found = sorted(
            ((row.read(reading), row) for row in self._rows), key=lambda each: each[0].start_period
        )
        if reading.faults:
            return ()
        if found[0][0].start_period != 0:
            self._refuse(found[0][1], NO_START, reading)
        for (one, _), (other, row) in pairwise(found):
            if one.start_period == other.start_period:
                self._refuse(row, TWICE, reading)
        return tuple(period for period, _ in found)

    def _refuse(self, row: Row, reason: str, reading: Reading) -> None:
        reading.faults += 1
        if reading.is_told:
            row.start.complain((), self._t(reason))

    def _add_next(self) -> None:
        last = max((row.read(Reading(is_told=False)) for row in self._rows), key=_start)
        self._add(replace(last, start_period=last.start_period + HOUR_S))
        self._on_change()

    def _add(self, period: ChargingSchedulePeriod) -> None:
        t = self._t
        with self._place, ui.row().classes("w-full items-start no-wrap gap-2") as element:
            start = self._field(t("From"), read_clock, write_clock)
            limit = self._field(t("Limit"), _limit, write_number)
            phases = ui.select({0: "–", 1: "1", 2: "2", 3: "3"}, label=t("Phases"))  # noqa: RUF001
            phases.props("dense outlined").classes("w-24 shrink-0")
            remove = ui.button(icon="delete")
            remove.props(f'flat round dense color=negative aria-label="{t("Remove period")}"')
        start.show(period.start_period)
        limit.show(0.0 if period.limit is None else period.limit)
        phases.value = period.number_phases or 0
        row = Row(element, start, limit, phases, period)
        remove.on_click(lambda: self._remove(row))
        for each in (start.element, limit.element, phases):
            each.on_value_change(self._on_change)
        self._rows.append(row)

    def _field(self, label: str, parse: Callable[[Any], Any], write: Callable[[Any], str]) -> Leaf:
        element = ui.input(label).props("dense outlined autocomplete=off").classes("grow min-w-0")
        return Leaf(self._t, element, is_needed=True, parse=parse, write=write)

    def _remove(self, row: Row) -> None:
        if len(self._rows) > 1:
            self._rows.remove(row)
            row.element.delete()
            self._on_change()


def _start(period: ChargingSchedulePeriod) -> int:
    return period.start_period
