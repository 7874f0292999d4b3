"""What was charged in a period: energy, charges and cost, by day, week, month or by whose."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final, cast

from babel.dates import format_date
from msgspec.structs import replace
from nicegui import ui
from sqlalchemy import Connection

from chargeplane.storage.repositories import reports
from chargeplane.storage.repositories.reports import Subject, Sum
from chargeplane.storage.repositories.transactions import TransactionFilter
from chargeplane.web.csms import charts, periods
from chargeplane.web.csms.periods import Unit
from chargeplane.web.csms.tables import Asked, Column, Filter, Found, Listing
from chargeplane.web.csms.transactions import PERIOD, kwh, narrowed
from chargeplane.web.csms.visit import Visit
from chargeplane.web.texts import MWH_PER_KWH, major, mark

UNITS: Final = {"day": mark("Day"), "week": mark("Week"), "month": mark("Month")}
SUBJECTS: Final = {"station": mark("Station"), "token": mark("Tag"), "group": mark("Group")}
FILTERS: Final = (
    Filter("by", mark("Grouped by"), UNITS | SUBJECTS, usual="day"),
    *PERIOD,
    Filter("station", mark("Station"), kind="text"),
    Filter("tag", mark("Tag"), kind="text"),
    Filter("group", mark("Group"), kind="text"),
)
SHAPES: Final = {"day": "short", "week": "short", "month": "MMM yyyy"}
MOST_BARS: Final = 60
SORTS: Final[dict[str, Any]] = {
    "energy": lambda each: each.energy_mwh,
    "transactions": lambda each: each.transactions,
}


async def build(visit: Visit) -> None:
    """The report of this month by day, until something else is chosen."""
    page = _Report(visit)
    await page.refresh()


class _Report:
    """One open report."""

    def __init__(self, visit: Visit) -> None:
        self._visit, t = visit, visit.t
        self._by, self._sums = "day", tuple[Sum, ...]()
        with ui.card().classes("w-full mb-3"):
            self._total = ui.label().classes("font-medium").props("aria-live=polite")
            self._chart = charts.bars(visit, t("Energy"), "kWh")
        self.listing: Listing[Sum] = Listing(
            visit,
            "report",
            self._columns(),
            self._read,
            key=lambda each: each.key or "",
            filters=FILTERS,
            is_searched=False,
            on_found=self._draw,
        )

    async def refresh(self) -> None:
        """Read the report."""
        await self.listing.refresh()

    def _columns(self) -> list[Column[Sum]]:
        t = self._visit.t
        return [
            Column(name="key", title=mark("Period or whose"), show=self._named),
            Column(
                name="transactions",
                title=mark("Charges"),
                show=lambda each: t.number(each.transactions),
                export=lambda each: each.transactions,
                sortable=True,
                is_number=True,
            ),
            Column(
                name="energy",
                title=mark("Energy"),
                show=lambda each: t.energy(each.energy_mwh),
                export=lambda each: kwh(each.energy_mwh),
                sortable=True,
                is_number=True,
            ),
            Column(
                name="cost",
                title=mark("Cost"),
                show=self._cost,
                export=self._exported_cost,
                is_number=True,
            ),
            Column(
                name="currency",
                title=mark("Currency"),
                show=lambda each: " ".join(currency for currency, _ in each.costs),
            ),
        ]

    def _named(self, each: Sum) -> str:
        t = self._visit.t
        if each.key is None:
            return t("(none)")
        if self._by in SUBJECTS:
            name = each.name or each.key
            return name if name.lower() == each.key.lower() else f"{name} ({each.key})"
        day = datetime.fromisoformat(each.key).date()
        return str(format_date(day, SHAPES[self._by], locale=t.locale))

    def _cost(self, each: Sum) -> str:
        return ", ".join(self._visit.t.money(minor, currency) for currency, minor in each.costs)

    def _exported_cost(self, each: Sum) -> Any:
        """A number where there is one currency."""
        if len(each.costs) != 1:
            return self._cost(each)
        currency, minor = each.costs[0]
        return major(minor, currency)

    def _read(self, connection: Connection, asked: Asked) -> Found[Sum]:
        """Sum up; all sums are kept for the chart and the total."""
        by = asked.filters.get("by") or "day"
        what = narrowed(TransactionFilter(among=self._visit.among), asked.filters, self._visit.t)
        first, last = self._period(asked)
        zone = self._visit.t.zone
        if by in SUBJECTS:
            since = periods.since(first.isoformat(), zone)
            what = replace(what, since=since, until=periods.until(last.isoformat(), zone))
            sums = reports.by_subject(connection, what, cast("Subject", by))
        else:
            starts = periods.starts(first, last, cast("Unit", by), zone)
            sums = reports.by_span(connection, what, starts)
        self._by, self._sums = by, sums
        if asked.sort in SORTS:
            sums = tuple(sorted(sums, key=SORTS[asked.sort], reverse=asked.descending))
        return Found(sums[asked.offset : asked.offset + asked.limit], len(sums))

    def _period(self, asked: Asked) -> tuple[date, date]:
        """The days that were chosen; the month of the last of them, and today, unless they were."""
        until, since = asked.filters.get("until"), asked.filters.get("since")
        today = self._visit.central.now().astimezone(self._visit.t.zone).date()
        last = date.fromisoformat(until) if until else today
        return (date.fromisoformat(since) if since else last.replace(day=1)), last

    def _draw(self) -> None:
        t, sums = self._visit.t, self._sums
        energy, count = sum(s.energy_mwh for s in sums), sum(s.transactions for s in sums)
        costs: dict[str, int] = {}
        for each in sums:
            for currency, minor in each.costs:
                costs[currency] = costs.get(currency, 0) + minor
        money = [t.money(minor, currency) for currency, minor in sorted(costs.items())]
        said = t("{count} charges, {energy}", count=t.number(count), energy=t.energy(energy))
        self._total.set_text(", ".join([said, *money]))
        shown = sums[-MOST_BARS:] if self._by in UNITS else sums[:MOST_BARS]
        self._chart([(self._named(each), each.energy_mwh / MWH_PER_KWH) for each in shown])
