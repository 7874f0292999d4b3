"""One connector of a station: how it is, the charge that runs there, and its buttons."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from nicegui import background_tasks, ui
from sqlalchemy import Connection

from chargeplane.domain.station import ChangeAvailability, Evse, UnlockConnector
from chargeplane.domain.tokens import Token
from chargeplane.domain.transactions import RequestStartTransaction, RequestStopTransaction
from chargeplane.storage.paging import Window
from chargeplane.storage.repositories import meter_values, tokens, transactions
from chargeplane.storage.repositories.meter_values import Bucket, MeterValueFilter
from chargeplane.storage.repositories.overview import Tile
from chargeplane.storage.repositories.tokens import TokenFilter
from chargeplane.web.csms import charts, states
from chargeplane.web.csms.charts import Points, Series
from chargeplane.web.csms.dialogs import ask, buttons, titled
from chargeplane.web.csms.payments import qr
from chargeplane.web.csms.visit import Visit
from chargeplane.web.texts import W_PER_KW, Texts

TAGS: Final = 50  # that are offered for a start
POINTS: Final = 300  # of a chart, about
FINE: Final = {None, "NoError"}


class Card:
    """A connector on an open page."""

    def __init__(self, visit: Visit, tile: Tile) -> None:
        self._visit, self._tile = visit, tile
        with ui.card().classes("w-full gap-2") as card:
            card.props["data-place"] = f"{tile.evse_id}/{tile.connector_id}"
            with ui.row().classes("w-full items-center gap-2"):
                ui.label(_name(visit.t, tile)).classes("text-lg font-medium")
                ui.space()
                self._badge = ui.badge().classes("text-sm px-2 py-1")
            self._error = ui.label().classes("text-negative")
            self._figures = ui.row().classes("w-full gap-x-6 gap-y-1")
            self._chart = ChargeChart(visit)
            if visit.may("operator"):
                with ui.row().classes("w-full gap-2"):
                    self._make_buttons()
            if visit.site.payments is not None:
                with ui.row().classes("w-full gap-2"):
                    qr.buttons(visit.site.payments, tile.station_id, tile.evse_id)

    def _make_buttons(self) -> None:
        t = self._visit.t
        self._start = _button(t("Start"), "bolt", self._on_start).props("unelevated")
        self._stop = _button(t("Stop"), "stop", self._on_stop).props("unelevated")
        self._unlock = _button(t("Unlock"), "lock_open", self._on_unlock).props("outline")
        self._service = _button("", "power_settings_new", self._on_service).props("outline")

    def show(self, tile: Tile) -> None:
        """Show how the connector is."""
        self._tile = tile
        self._badge.set_text(self._visit.t(states.TITLES[tile.state]))
        self._badge.style(f"background: {states.COLORS[tile.state]} !important; color: #fff")
        self._error.set_text(tile.error_code or "")
        self._error.set_visibility(tile.error_code not in FINE)
        self._show_figures(tile)
        if self._visit.may("operator"):
            self._show_buttons(tile)
        self._chart.show(tile)

    def _show_buttons(self, tile: Tile) -> None:
        t, charges = self._visit.t, tile.transaction_id is not None
        self._start.set_visibility(not charges)
        self._stop.set_visibility(charges)
        is_out = tile.state == "Unavailable"
        self._service.set_text(t("Put in service") if is_out else t("Put out of service"))
        for each in (self._start, self._stop, self._unlock, self._service):
            each.set_enabled(tile.state != "Offline")

    def _show_figures(self, tile: Tile) -> None:
        t = self._visit.t
        figures = (
            (t("Power"), t.power(tile.power_w)),
            (t("Energy"), t.energy(tile.energy_mwh)),
            (t("State of charge"), t.percent(tile.soc_percent)),
            (t("Tag"), tile.id_token or ""),
            (t("Since"), t.moment(tile.started_at)),
        )
        self._figures.clear()
        with self._figures:
            for title, value in figures if tile.transaction_id is not None else ():
                if value:
                    with ui.column().classes("gap-0"):
                        ui.label(value).classes("font-medium")
                        ui.label(title).classes("quiet text-xs")

    async def _on_start(self) -> None:
        t, tile = self._visit.t, self._tile
        known = await self._visit.read(tokens.page, TokenFilter(blocked=False), Window(TAGS))
        with titled(t("Start a charge")) as dialog:
            tag = ui.input(t("Tag"), autocomplete=[each.id_token for each in known.items])
            tag.props("outlined dense autofocus").classes("w-full")
            buttons(self._visit, dialog, t("Start"))
        said = (tag.value or "").strip() if await dialog else ""
        dialog.delete()
        if said:
            request = RequestStartTransaction(id_token=Token(said), evse_id=tile.evse_id)
            await ask(self._visit, tile.station_id, "request_start_transaction", request)

    async def _on_stop(self) -> None:
        found = await self._visit.read(transactions.get, self._tile.transaction_id)
        if found is not None:
            request = RequestStopTransaction(transaction_id=found.name)
            await ask(self._visit, found.station_id, "request_stop_transaction", request)

    async def _on_unlock(self) -> None:
        tile = self._tile
        request = UnlockConnector(evse_id=tile.evse_id, connector_id=tile.connector_id)
        await ask(self._visit, tile.station_id, "unlock_connector", request)

    async def _on_service(self) -> None:
        tile = self._tile
        request = ChangeAvailability(
            operational_status="Operative" if tile.state == "Unavailable" else "Inoperative",
            evse=Evse(tile.evse_id, tile.connector_id),
        )
        await ask(self._visit, tile.station_id, "change_availability", request)


def _name(t: Texts, tile: Tile) -> str:
    if tile.connector_name:
        return tile.connector_name
    if tile.connector_id > 1:
        return t(
            "EVSE {evse}, connector {connector}", evse=tile.evse_id, connector=tile.connector_id
        )
    return t("EVSE {evse}", evse=tile.evse_id)


def _button(title: str, icon: str, run: Callable[[], Any]) -> ui.button:
    return ui.button(title, icon=icon, on_click=run).props("dense no-caps").classes("px-2")


class ChargeChart:
    """Power and state of charge of the charge that runs; it grows while it is looked at."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._client = ui.context.client
        self._box = ui.element("div").classes("w-full")
        self._number: int | None = None  # the transaction
        self._points: tuple[list[tuple[datetime, float | None]], ...] = ([], [])
        self._draw: Callable[[Sequence[Points]], None] | None = None

    def show(self, tile: Tile) -> None:
        """Show the charge of a connector as it is now."""
        if tile.transaction_id != self._number:
            self._number, self._draw = tile.transaction_id, None
            self._box.clear()
            if tile.transaction_id is not None:
                background_tasks.create(self._begin(tile.transaction_id))
        elif self._draw is not None:
            self._add(_kw(tile.power_w), tile.soc_percent)
            self._draw(self._points)

    async def _begin(self, number: int) -> None:
        buckets = await self._visit.read(_history, number)
        if self._number != number or self._box.is_deleted:
            return
        self._points = (
            [(each.began_at, _kw(each.power_w)) for each in buckets if each.power_w is not None],
            [(each.began_at, each.soc_percent) for each in buckets if each.soc_percent is not None],
        )
        t = self._visit.t
        power = Series(t("Power"), "kW", is_filled=True)
        charge = Series(t("State of charge"), "%", digits=0)
        with self._client, self._box:
            self._draw = charts.lines(
                self._visit, t("Power of the charge"), [power, charge], "h-48"
            )
            self._draw(self._points)

    def _add(self, *values: float | None) -> None:
        now = self._visit.central.now()
        for points, value in zip(self._points, values, strict=True):
            if value is not None:
                points.append((now, value))
                del points[: -2 * POINTS]


def _kw(watts: float | None) -> float | None:
    return None if watts is None else watts / W_PER_KW


def _history(connection: Connection, number: int) -> tuple[Bucket, ...]:
    """The readings of a transaction in spans that a chart can show."""
    found = transactions.get(connection, number)
    if found is None:
        return ()
    end = found.last_measured_at or found.started_at
    span = max(1, int((end - found.started_at).total_seconds()) // POINTS)
    return meter_values.series(connection, MeterValueFilter(transaction_id=number), span)
