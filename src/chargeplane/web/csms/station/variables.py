"""The configuration or device model of a station: what it told, and how it is changed."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from nicegui import ui
from sqlalchemy import Connection

from chargeplane.domain.station import Evse
from chargeplane.domain.variables import (
    Component,
    GetBaseReport,
    GetVariables,
    SettingResult,
    SetVariables,
    Variable,
    VariableQuery,
    VariableSetting,
)
from chargeplane.storage.records import StationRecord, VariableRecord
from chargeplane.storage.repositories import variables
from chargeplane.storage.repositories.variables import VariableFilter
from chargeplane.web.csms.dialogs import ask, buttons, tell_status, titled
from chargeplane.web.csms.following import follow
from chargeplane.web.csms.tables import Asked, Column, Filter, Found, Listing, RowAction
from chargeplane.web.csms.visit import Visit
from chargeplane.web.texts import Texts, mark

CHANGES: Final = {
    "yes": mark("Can be changed"),
    "no": mark("Read only"),
    "reboot": mark("Wait for a restart"),
}
FILTERS: Final[dict[str, dict[str, Any]]] = {
    "yes": {"is_changeable": True},
    "no": {"is_changeable": False},
    "reboot": {"reboot_required": True},
}
MUTABILITIES: Final = {
    "ReadOnly": mark("Read only"),
    "ReadWrite": mark("Read and write"),
    "WriteOnly": mark("Write only"),
}


async def build(visit: Visit, station: StationRecord) -> None:
    """Put the list on the tab."""
    tab = _Variables(visit, station)
    await tab.listing.refresh()
    follow(visit, tab.listing.refresh, "variables.reported", station_id=station.id)


class _Variables:
    """The tab of one browser."""

    def __init__(self, visit: Visit, station: StationRecord) -> None:
        self._visit, self._id = visit, station.id
        if visit.may("operator"):
            read = ui.button(visit.t("Read from the station"), icon="sync", on_click=self._report)
            self._button = read.props("no-caps").classes("mb-2")
        actions = (
            RowAction(
                mark("Change"), "edit", self._edit, lambda each: each.mutability != "ReadOnly"
            ),
            RowAction(mark("Read again"), "refresh", self._read_again),
        )
        self.listing = Listing(
            visit,
            "variables",
            _columns(visit.t),
            partial(_read, station.id),
            key=_key,
            filters=(Filter("kind", mark("Kind"), CHANGES),),
            actions=actions if visit.may("operator") else (),
        )

    async def _report(self) -> None:
        self._button.props("loading")
        await ask(self._visit, self._id, "get_base_report", GetBaseReport())
        self._button.props(remove="loading")
        await self.listing.refresh()

    async def _read_again(self, record: VariableRecord) -> None:
        component, variable = _place(record)
        query = VariableQuery(
            component=component,
            variable=variable,
            attribute_type=record.attribute_type,  # type: ignore[arg-type]
        )
        answer = await ask(
            self._visit, self._id, "get_variables", GetVariables(queries=(query,)), is_told=False
        )
        for result in answer.results if answer is not None else ():
            tell_status(self._visit, result.attribute_status, result.attribute_status_info)
        await self.listing.refresh()

    async def _edit(self, record: VariableRecord) -> None:
        t = self._visit.t
        with titled(_title(record)) as dialog:
            field = _field(t, record)
            buttons(self._visit, dialog, t("Save"))
        if await dialog:
            await self._set(record, "" if field.value is None else str(field.value))
        dialog.delete()

    async def _set(self, record: VariableRecord, value: str) -> None:
        component, variable = _place(record)
        setting = VariableSetting(
            component=component,
            variable=variable,
            attribute_value=value,
            attribute_type=record.attribute_type,  # type: ignore[arg-type]
        )
        answer = await ask(
            self._visit, self._id, "set_variables", SetVariables(settings=(setting,)), is_told=False
        )
        results: tuple[SettingResult, ...] = answer.results if answer is not None else ()
        for result in results:
            tell_status(self._visit, result.attribute_status, result.attribute_status_info)
        await self.listing.refresh()


def _field(t: Texts, record: VariableRecord) -> Any:
    """A field that suits what the station says of the variable (2.x VariableCharacteristics)."""
    nature = record.characteristics or {}
    kind, choices = nature.get("dataType"), nature.get("valuesList") or ""
    value = record.value or ""
    if kind == "boolean" or (kind == "OptionList" and choices):
        options = ["true", "false"] if kind == "boolean" else choices.split(",")
        shown = options if value in options else [value, *options]
        field: Any = ui.select(shown, label=t("Value"), value=value)
    else:
        field = ui.input(t("Value"), value=value).props("autofocus")
    limits = (nature.get("unit"), _range(nature))
    field.props["hint"] = " · ".join(filter(None, limits)) or None
    return field.props("outlined dense").classes("w-full")


def _range(nature: dict[str, Any]) -> str:
    least, most = nature.get("minLimit"), nature.get("maxLimit")
    if least is None and most is None:
        return ""
    return f"{'' if least is None else least} … {'' if most is None else most}"


def _read(station_id: str, connection: Connection, asked: Asked) -> Found[VariableRecord]:
    what = VariableFilter(
        station_id=station_id,
        search=asked.search or None,
        **FILTERS.get(asked.filters.get("kind", ""), {}),
    )
    page = variables.page(connection, what, asked.window)
    return Found(page.items, variables.count(connection, what))


def _key(record: VariableRecord) -> str:
    place = (record.component, record.component_instance, record.evse_id, record.connector_id)
    return repr((*place, record.variable, record.variable_instance, record.attribute_type))


def _place(record: VariableRecord) -> tuple[Component, Variable]:
    """Where a variable is, as it is asked for."""
    evse = Evse(record.evse_id, record.connector_id or None) if record.evse_id else None
    return (
        Component(record.component, record.component_instance or None, evse),
        Variable(record.variable, record.variable_instance or None),
    )


def _component(record: VariableRecord) -> str:
    parts = [record.component]
    if record.component_instance:
        parts.append(f"[{record.component_instance}]")
    if record.evse_id:
        connector = f"/{record.connector_id}" if record.connector_id else ""
        parts.append(f"#{record.evse_id}{connector}")
    return " ".join(filter(None, parts))


def _variable(record: VariableRecord) -> str:
    instance = f" [{record.variable_instance}]" if record.variable_instance else ""
    kind = "" if record.attribute_type == "Actual" else f" ({record.attribute_type})"
    return f"{record.variable}{instance}{kind}"


def _title(record: VariableRecord) -> str:
    return f"{_component(record)} {_variable(record)}".strip()


def _value(record: VariableRecord) -> str:
    unit = (record.characteristics or {}).get("unit")
    return f"{record.value} {unit}" if record.value and unit else record.value or ""


def _columns(t: Texts) -> list[Column[VariableRecord]]:
    return [
        Column(name="component", title=mark("Component"), show=_component),
        Column(name="variable", title=mark("Variable"), show=_variable),
        Column(
            name="value",
            title=mark("Value"),
            show=_value,
            export=lambda each: each.value,
            is_long=True,
        ),
        Column(
            name="mutability",
            title=mark("Access"),
            show=lambda each: t(MUTABILITIES.get(each.mutability or "", each.mutability or "")),
        ),
        Column(
            name="reboot",
            title=mark("Restart"),
            show=lambda each: t("Needed") if each.reboot_required else "",
            color=lambda each: "orange-10" if each.reboot_required else None,
        ),
        Column(
            name="updated",
            title=mark("Read at"),
            show=lambda each: t.moment(each.updated_at),
            export=lambda each: each.updated_at,
        ),
    ]
