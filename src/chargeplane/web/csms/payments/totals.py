"""What was taken and given back, by day and station, for the books."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from nicegui import ui

from chargeplane.payments.service import Payments
from chargeplane.storage.repositories.payments import DailyTotal
from chargeplane.web.csms.exports import as_csv, as_xlsx
from chargeplane.web.csms.tables import XLSX
from chargeplane.web.csms.visit import Visit
from chargeplane.web.texts import mark

DAYS: Final = 31
TITLES: Final = (
    mark("Day"),
    mark("Station"),
    mark("Currency"),
    mark("Payments"),
    mark("Taken"),
    mark("Given back"),
    mark("Energy"),
)


async def build(visit: Visit, payments: Payments) -> None:
    """A table for a period that can be chosen; days are those of UTC."""
    t, today = visit.t, visit.central.now().date()
    found: list[DailyTotal] = []
    with ui.row().classes("w-full items-center gap-2"):
        since = _day(t("From"), today - timedelta(days=DAYS - 1))
        until = _day(t("To"), today)
        ui.space()
        ui.button("CSV", icon="download", on_click=lambda: _save(visit, found, "csv")).props(
            "flat dense no-caps"
        )
        ui.button("XLSX", icon="download", on_click=lambda: _save(visit, found, "xlsx")).props(
            "flat dense no-caps"
        )
    ui.label(t("Days are those of UTC.")).classes("quiet text-sm")
    columns = [
        {"name": str(n), "label": t(title), "field": str(n), "align": "right" if n > 2 else "left"}  # noqa: PLR2004 the first three are no amounts
        for n, title in enumerate(TITLES)
    ]
    table = ui.table(columns=columns, rows=[], row_key="key", pagination=25).classes("w-full")
    table.props(f':grid="Quasar.Screen.lt.sm" flat bordered no-data-label="{t("Nothing here.")}"')

    async def read() -> None:
        begin, end = _date(since.value), _date(until.value)
        if begin is None or end is None:
            return
        found[:] = await payments.daily_totals(
            datetime.combine(begin, time(), UTC),
            datetime.combine(end + timedelta(days=1), time(), UTC),
            visit.among,
        )
        table.rows = [_row(visit, each) for each in found]

    since.on_value_change(read)
    until.on_value_change(read)
    await read()


def _day(label: str, value: date) -> ui.input:
    return ui.input(label, value=value.isoformat()).props("type=date dense outlined stack-label")


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _row(visit: Visit, each: DailyTotal) -> dict[str, str]:
    t = visit.t
    shown = (
        each.day,
        each.station_id,
        each.currency.upper(),
        t.number(each.payments),
        t.money(each.captured_minor, each.currency),
        t.money(each.refunded_minor, each.currency),
        t.energy(each.energy_mwh),
    )
    key = f"{each.day} {each.station_id} {each.currency}"
    return {"key": key, **{str(n): value for n, value in enumerate(shown)}}


def _save(visit: Visit, found: list[DailyTotal], kind: str) -> None:
    """A file with amounts in minor units and energy in mWh, which programs add up exactly."""
    titles = [visit.t(title) for title in TITLES]
    rows = [
        (
            each.day,
            each.station_id,
            each.currency.upper(),
            each.payments,
            each.captured_minor,
            each.refunded_minor,
            each.energy_mwh,
        )
        for each in found
    ]
    if kind == "csv":
        ui.download(as_csv(titles, rows), "totals.csv", "text/csv")
    else:
        ui.download(as_xlsx(titles, rows), "totals.xlsx", XLSX)
