"""One charge: its facts, its power, energy and state of charge over time, and how it ends."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from nicegui import ui

from chargeplane.csms.operations import OPERATIONS
from chargeplane.csms.transactions import close_by_operator
from chargeplane.domain.events import Event
from chargeplane.domain.transactions import RequestStopTransaction
from chargeplane.storage.paging import every
from chargeplane.storage.records import TransactionRecord
from chargeplane.storage.repositories import meter_values, transaction_events
from chargeplane.storage.repositories import transactions as stored
from chargeplane.storage.repositories.meter_values import Bucket, MeterValueFilter
from chargeplane.web.csms import charts
from chargeplane.web.csms.charts import Series
from chargeplane.web.csms.dialogs import confirmed
from chargeplane.web.csms.exports import as_csv
from chargeplane.web.csms.following import follow_events
from chargeplane.web.csms.paths import station_path
from chargeplane.web.csms.tags import path_of as path_of_tag
from chargeplane.web.csms.transactions import CLOSED_BY, cost, state
from chargeplane.web.csms.visit import Visit
from chargeplane.web.texts import MWH_PER_KWH, W_PER_KW, mark

POINTS: Final = 600  # of a chart at most
TOLD: Final = 20  # events
PAUSE_S: Final = 3.0  # between two readings of everything
LARGEST: Final = 2**63 - 1
READINGS: Final = ("measured_at", "context", "measurand", "phase", "location", "value", "unit")
EVENTS: Final = {
    "Started": mark("Started"),
    "Updated": mark("Updated"),
    "Ended": mark("Ended"),
}


async def build(visit: Visit) -> None:
    """The charge of the number in the path, if the user may see it."""
    number = visit.path["number"]
    found = number.isdecimal() and int(number) <= LARGEST
    record = await visit.read(stored.get, int(number)) if found else None
    if record is None or not visit.user.sees(record.station_id):
        ui.label(visit.t("There is no such charge.")).props("role=alert")
        return
    page = _Charge(visit, record)
    await page.read()
    follow_events(visit, page.is_concerned, page.read, PAUSE_S)


class _Charge:
    """The page of one charge."""

    def __init__(self, visit: Visit, record: TransactionRecord) -> None:
        self._visit, self._record, t = visit, record, visit.t
        self._is_open: bool | None = None  # as the buttons say
        self._values: dict[str, ui.link | ui.label] = {}
        self._what = MeterValueFilter(transaction_id=record.id)
        self._buttons = ui.row().classes("w-full gap-2 mb-2")
        self._facts = ui.element("dl").classes(
            "w-full grid grid-cols-2 sm:grid-cols-3 lg:grid-cols-4 gap-3 mb-3"
        )
        with ui.element("div").classes("w-full grid grid-cols-1 lg:grid-cols-2 gap-3"):
            with ui.card().classes("w-full"):
                ui.label(t("Power and state of charge")).classes("font-medium")
                power = Series(t("Power"), "kW", is_filled=True)
                soc = Series(t("State of charge"), "%", digits=0)
                self._power = charts.lines(visit, t("Power and state of charge"), [power, soc])
            with ui.card().classes("w-full"):
                ui.label(t("Energy")).classes("font-medium")
                energy = Series(t("Energy"), "kWh", is_filled=True)
                self._energy = charts.lines(visit, t("Energy"), [energy])
        self._story = ui.card().classes("w-full mt-3")
        with self._story:
            ui.label(t("What the station told")).classes("font-medium")
            self._told = ui.column().classes("w-full gap-1")

    def is_concerned(self, event: Event) -> bool:
        """Whether an event is about this charge."""
        is_reading = event.kind == "meter.values" and event.evse_id == self._record.evse_id
        is_here = event.station_id == self._record.station_id
        return event.transaction_id == self._record.id or (is_here and is_reading)

    async def read(self) -> None:
        """Read everything again and show it."""
        visit = self._visit
        record = await visit.read(stored.get, self._record.id)
        self._record = record or self._record
        self._show_buttons()
        self._show_facts()
        buckets = await visit.read(meter_values.series, self._what, self._bucket_s(), POINTS * 2)
        self._draw(buckets)
        await self._tell()

    def _bucket_s(self) -> int:
        end = self._record.stopped_at or self._visit.central.now()
        return max(1, round((end - self._record.started_at).total_seconds() / POINTS))

    def _draw(self, buckets: tuple[Bucket, ...]) -> None:
        begin = self._record.start_energy_mwh or 0
        self._power(
            [
                [(e.began_at, e.power_w / W_PER_KW) for e in buckets if e.power_w is not None],
                [(e.began_at, e.soc_percent) for e in buckets if e.soc_percent is not None],
            ]
        )
        self._energy(
            [
                [
                    (e.began_at, (e.import_mwh - begin) / MWH_PER_KWH)
                    for e in buckets
                    if e.import_mwh is not None
                ]
            ]
        )

    def _show_facts(self) -> None:
        """Change the texts; the elements are made anew only if there are others."""
        rows = [row for row in self._rows() if row[1]]
        titles = tuple(title for title, _, _ in rows)
        if titles != tuple(self._values):
            self._facts.clear()
            with self._facts:
                self._values = {title: _fact(title, value, link) for title, value, link in rows}
        for title, value, _ in rows:
            self._values[title].set_text(value)

    def _rows(self) -> list[tuple[str, str, str | None]]:
        t, record = self._visit.t, self._record
        tag = path_of_tag(record.token_key) if record.token_key and self._visit.sees_all else None
        return [
            (t("Station"), record.station_id, station_path(record.station_id)),
            (t("EVSE"), str(record.evse_id), None),
            (t("Tag"), record.id_token or "", tag),
            (t("State"), state(t, record), None),
            (t("Began"), t.moment(record.started_at), None),
            (t("Ended at"), t.moment(record.stopped_at), None),
            (t("Duration"), self._duration(record.stopped_at), None),
            (t("Energy"), t.energy(record.energy_mwh), None),
            (t("Power"), t.power(record.last_power_w), None),
            (t("State of charge"), t.percent(record.last_soc_percent), None),
            (t("Cost"), cost(t, record), None),
            (t("Reason"), record.stop_reason or "", None),
            (t("Ended by"), t(CLOSED_BY[record.closed_by]) if record.closed_by else "", None),
            (t("Answer to the tag"), record.start_status or "", None),
            (t("Id of the station"), record.uid or "", None),
        ]

    def _duration(self, stopped_at: datetime | None) -> str:
        lasted = (stopped_at or self._visit.central.now()) - self._record.started_at
        minutes, seconds = divmod(int(lasted.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"

    async def _tell(self) -> None:
        t = self._visit.t
        events = await self._visit.read(
            transaction_events.latest_of_transaction, self._record.id, TOLD
        )
        self._story.set_visibility(bool(events))
        self._told.clear()
        with self._told:
            for each in events:
                what = [t(EVENTS[each.kind]), str(each.event.get("trigger_reason", ""))]
                what.append(str(each.event.get("charging_state") or ""))
                ui.label(" · ".join(filter(None, [t.moment(each.at), *what])))

    # What can be done

    def _show_buttons(self) -> None:
        t, is_open = self._visit.t, self._record.state == "open"
        if is_open == self._is_open:
            return  # a button that is just pressed must not go
        self._is_open = is_open
        self._buttons.clear()
        with self._buttons:
            if is_open and self._visit.may("operator"):
                stop = ui.button(t("Stop"), icon="stop_circle", on_click=self._stop)
                stop.props("no-caps")
                close = ui.button(t("Close here"), icon="lock", on_click=self._close)
                close.props("flat no-caps")
            save = ui.button(t("Readings"), icon="download", on_click=self._save)
            save.props("flat no-caps")

    async def _stop(self) -> None:
        visit, record = self._visit, self._record
        request = RequestStopTransaction(transaction_id=record.name)
        run = OPERATIONS["request_stop_transaction"].run
        answer = await visit.act(
            "request_stop_transaction",
            lambda: run(visit.central, record.station_id, request, visit.asked()),
            station=record.station_id,
            about={"transaction": record.id},
        )
        if answer is not None:
            ui.notify(visit.t("The station says: {answer}", answer=answer.status))

    async def _close(self) -> None:
        visit, record, t = self._visit, self._record, self._visit.t
        question = t("Close this charge at its last reading? The station is not asked.")
        if not await confirmed(visit, question, t("Close here")):
            return

        async def work() -> None:
            await visit.central.commit(
                lambda unit: close_by_operator(unit, record.id, visit.user.name)
            )

        await visit.act(
            "close charge",
            work,
            station=record.station_id,
            about={"transaction": record.id},
            said=t("Saved."),
        )
        await self.read()

    async def _save(self) -> None:
        rows = [
            [each.measured_at, each.context] + [getattr(sample, name) for name in READINGS[2:]]
            async for each in every(self._visit.central.database, meter_values.page, self._what)
            for sample in each.samples
        ]
        ui.download(as_csv(READINGS, rows), f"charge-{self._record.id}.csv", "text/csv")


def _fact(title: str, value: str, link: str | None) -> ui.link | ui.label:
    """A fact with its title; its value, to be changed."""
    with ui.element("div"):
        with ui.element("dt").classes("quiet text-sm"):
            ui.label(title)
        with ui.element("dd").classes("font-medium"):
            if link:
                return ui.link(value, link).classes("plain")
            return ui.label(value).style("overflow-wrap: anywhere")
