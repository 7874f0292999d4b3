"""Asking stations: a form for every operation, and what one station or many said."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from time import monotonic
from typing import Any, Final

import msgspec
from nicegui import ui
from sqlalchemy import Connection

from chargeplane.csms.central import Central
from chargeplane.csms.commands import Asked, Task, send_many
from chargeplane.csms.operations import OPERATIONS, OperationEntry
from chargeplane.errors import ChargeplaneError, NotAllowed
from chargeplane.storage.repositories import connectors, transactions
from chargeplane.web.csms.dialogs import ANSWERED, GOOD, pretty, titled
from chargeplane.web.csms.fields import words
from chargeplane.web.csms.forms import Form
from chargeplane.web.csms.picking import StationPicker
from chargeplane.web.csms.visit import Visit
from chargeplane.web.texts import Texts

SHOWN_S: Final = 0.3  # between two looks at the answers that have come
SHOWN_ROWS: Final = 25
LONGEST: Final = 400  # characters of an answer in a table
Known = Mapping[str, Sequence[object]]

ANSWER: Final = """
<q-td :props="props"><q-badge :color="props.row.color" class="text-weight-medium">{{
  props.value }}</q-badge></q-td>
"""


async def open_dialog(
    visit: Visit,
    stations: Sequence[str] | None = None,
    operation: str | None = None,
    initial: Any = None,
) -> None:
    """Ask stations in a dialog; without `stations` they are chosen there, as is the operation."""
    t = visit.t
    title = words(operation) if operation else t("Command")
    with titled(title, is_wide=True) as dialog:
        close = ui.button(icon="close", on_click=dialog.close)
        close.props(f'flat round dense aria-label="{t("Close")}"').classes("absolute right-2 top-2")
        if stations is None:
            picker = StationPicker(visit)
            await picker.fill()
            Asking(visit, lambda: picker.chosen, {}, operation, initial)
        else:
            chosen = tuple(stations)
            ui.label(_said(t, chosen)).classes("quiet")
            Asking(visit, lambda: chosen, await known(visit, chosen), operation, initial)
    dialog.props(':maximized="Quasar.Screen.lt.sm"').on("hide", dialog.delete)
    dialog.open()


def _said(t: Texts, stations: Sequence[str]) -> str:
    if len(stations) == 1:
        return t("Station {name}", name=stations[0])
    return t("{count} stations", count=len(stations))


async def known(visit: Visit, stations: Sequence[str]) -> Known:
    """What the fields may offer for a single station: its EVSEs, connectors, transactions."""
    return await visit.read(_known, stations[0]) if len(stations) == 1 else {}


def _known(connection: Connection, station_id: str) -> Known:
    states = connectors.of_stations(connection, (station_id,))
    running = transactions.open_of(connection, station_id)
    return {
        "evse_id": sorted({each.evse_id for each in states}),
        "connector_id": sorted({each.connector_id for each in states if each.connector_id}),
        "transaction_id": [each.name for each in running],
    }


class Asking:
    """Chooses an operation, fills its form in, asks stations and shows what they say."""

    def __init__(
        self,
        visit: Visit,
        stations: Callable[[], Sequence[str]],
        offered: Known,
        operation: str | None = None,
        initial: Any = None,
    ) -> None:
        self._visit, self._stations, self._offered = visit, stations, offered
        self._entry: OperationEntry | None = None
        self._form: Form[Any] | None = None
        t = visit.t
        if operation is None:
            self._choice()
        self._about = ui.label().classes("quiet text-sm")
        self._place = ui.column().classes("w-full")
        self._button = ui.button(t("Send"), icon="send", on_click=self._send)
        self._button.props("no-caps")
        self._said = ui.column().classes("w-full").props("aria-live=polite")
        self._choose(operation, initial)

    def _choice(self) -> None:
        names = sorted((words(name), name) for name in OPERATIONS)
        field = ui.select(
            {name: said for said, name in names},
            label=self._visit.t("Command"),
            with_input=True,
            on_change=lambda event: self._choose(event.value, None),
        )
        field.props("dense outlined").classes("w-full")

    def _choose(self, operation: str | None, initial: Any) -> None:
        self._entry = OPERATIONS[operation] if operation else None
        self._button.visible = self._entry is not None
        self._said.clear()
        self._place.clear()
        self._about.text = _about(self._entry)
        if self._entry is not None:
            with self._place:
                self._form = Form(
                    self._visit.t, self._entry.request, initial=initial, known=self._offered
                )

    async def _send(self) -> None:
        stations = tuple(self._stations())
        if not stations:
            ui.notify(self._visit.t("Choose a station first."), type="warning")
            return
        wanted = self._form.value() if self._form else None
        if self._entry is None or wanted is None:
            return
        self._button.disable()
        self._said.clear()
        with self._said:
            answers = Answers(self._visit.t, stations)
        work = partial(self._ask, self._entry, stations, wanted, answers)
        name = f"command.{self._entry.name}"
        try:
            await self._visit.act(name, work, station=stations)
        finally:
            answers.finish()
            self._button.enable()

    async def _ask(
        self, entry: OperationEntry, stations: Sequence[str], wanted: Any, answers: Answers
    ) -> Task:
        """Ask all stations side by side; what each one says is noted as it comes."""

        async def one(central: Central, station_id: str, request: Any, asked: Asked) -> Any:
            began = monotonic()
            try:
                answer = await entry.run(central, station_id, request, asked)
            except ChargeplaneError as error:
                answers.note(station_id, error, monotonic() - began)
                raise
            except (ValueError, OverflowError) as error:  # such as a number that no column holds
                answers.note(station_id, error, monotonic() - began)
                raise NotAllowed(str(error)) from error
            answers.note(station_id, answer, monotonic() - began)
            return answer

        return await send_many(
            self._visit.central, stations, wanted, self._visit.asked(), operation=one
        )


def _about(entry: OperationEntry | None) -> str:
    """What an operation does, as its request says."""
    return (inspect.getdoc(entry.request) or "").partition("\n\n")[0] if entry else ""


class Answers:
    """What stations said, shown as they say it."""

    def __init__(self, t: Texts, stations: Sequence[str]) -> None:
        self._t = t
        self._rows = {name: _row(name, t("Asked …"), "grey-8", "", "") for name in stations}
        self._whole: Any = None
        self._is_new = False  # something that is not shown yet
        columns = (
            ("station", t("Station")),
            ("outcome", t("Answer")),
            ("seconds", t("Seconds")),
            ("details", t("Details")),
        )
        self._table = ui.table(
            columns=[
                {"name": name, "label": label, "field": name, "align": "left"}
                for name, label in columns[: 3 if len(stations) == 1 else 4]
            ],
            rows=list(self._rows.values()),
            row_key="station",
            pagination=SHOWN_ROWS,
        )
        self._table.props('flat bordered dense :grid="Quasar.Screen.lt.sm"')
        if len(stations) <= SHOWN_ROWS:
            self._table.props("hide-pagination")
        self._table.add_slot("body-cell-outcome", ANSWER)
        self._table.classes("w-full")
        self._timer = ui.timer(SHOWN_S, self._show)

    def note(self, station_id: str, said: Any, seconds: float) -> None:
        """Note what a station said, or why it did not."""
        took, t = self._t.number(seconds, 2), self._t
        self._is_new = True
        if isinstance(said, Exception):
            self._rows[station_id] = _row(station_id, str(said), "negative", took, "")
            return
        self._whole = said
        status = str(getattr(said, "status", ANSWERED))
        color = "positive" if status in GOOD else "deep-orange-10"
        outcome = t("Answered") if status == ANSWERED else status
        self._rows[station_id] = _row(station_id, outcome, color, took, _short(said))

    def finish(self) -> None:
        """Show all that was said; of a single station all of its answer."""
        self._timer.cancel()
        if self._table.is_deleted:
            return
        self._show()
        if len(self._rows) == 1 and self._whole is not None:
            with self._table.parent_slot.parent if self._table.parent_slot else self._table:
                show_json(self._whole)

    def _show(self) -> None:
        if self._is_new:
            self._is_new = False
            self._table.rows = list(self._rows.values())


def _row(station: str, outcome: str, color: str, seconds: str, details: str) -> dict[str, str]:
    return {
        "station": station,
        "outcome": outcome,
        "color": color,
        "seconds": seconds,
        "details": details,
    }


def _short(said: Any) -> str:
    text = msgspec.json.encode(said).decode()
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def show_json(value: Any) -> None:
    """Show a value as JSON."""
    shown = ui.element("pre").classes("w-full text-sm overflow-auto m-0").props("tabindex=0")
    with shown.style("max-height: 24rem; white-space: pre-wrap; overflow-wrap: anywhere"):
        ui.label(pretty(value)).classes("font-mono").style("white-space: pre-wrap")
