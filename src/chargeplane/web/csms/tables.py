"""Lists that are searched, filtered, sorted and paged where the data is, and kept in the URL."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from datetime import date
from functools import partial
from typing import Any, Final, Generic, Literal, Self, TypeVar
from urllib.parse import urlencode

from nicegui import events, ui
from sqlalchemy import Connection

from chargeplane.storage.paging import Part, Sorting, Window
from chargeplane.web import host
from chargeplane.web.csms.exports import as_csv, as_xlsx
from chargeplane.web.csms.visit import Visit

R = TypeVar("R")

PAGE_SIZES: Final = [25, 50, 100]
LONGEST: Final = 255  # characters that are searched for
EXPORTED: Final = 100_000  # rows that a file holds at most
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_VALUE: Final = """
<a v-if="props.row._links[col.name]" class="plain" :href="props.row._links[col.name]">{{
  col.value }}</a>
<q-badge v-else-if="props.row._colors[col.name]" :color="props.row._colors[col.name]"
  class="text-weight-medium">{{ col.value }}</q-badge>
<template v-else-if="col.name === '_actions'"><q-btn v-for="act in props.row._actions"
  :key="act.name" flat dense round color="primary" class="act" :icon="act.icon"
  :aria-label="act.title" @click.stop="() => $parent.$emit('act', [props.key, act.name])">
  <q-tooltip>{{ act.title }}</q-tooltip></q-btn></template>
<template v-else>{{ col.value }}</template>
"""
_SELECT: Final = '<q-checkbox v-model="props.selected" aria-label="{label}"></q-checkbox>'
_SELECT_ROW: Final = (
    '<q-checkbox v-model="props.selected" :aria-label="String(props.key)"></q-checkbox>'
)
# On a desk a row is a row, on a phone it is a card.
_CELL: Final = (
    '<q-td :props="props"><template v-for="col in [{name: props.col.name, value: props.value}]" '
    f':key="col.name">{_VALUE}</template></q-td>'
)
_CARD: Final = f"""
<div class="col-12 q-py-xs"><q-card flat bordered class="q-pa-sm">
<q-checkbox v-if="props.row._selectable" v-model="props.selected" dense
  :aria-label="String(props.key)"></q-checkbox>
<div v-for="col in props.cols.filter(col => col.value || col.value === 0)" :key="col.name"
  class="row no-wrap justify-between items-start q-py-xs q-gutter-x-md">
<span class="quiet text-caption">{{{{ col.label }}}}</span>
<span class="text-right" style="overflow-wrap: anywhere">{_VALUE}</span></div></q-card></div>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which rows of a list are wanted."""

    search: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    sort: str = ""
    descending: bool = False
    limit: int = PAGE_SIZES[0]
    offset: int = 0

    @property
    def sorting(self) -> Sorting:
        """What queries call the order."""
        return Sorting(self.sort, self.descending)

    @property
    def window(self) -> Window:
        """What queries call the page."""
        return Window(self.limit, offset=self.offset)


@dataclass(frozen=True, slots=True)
class Found(Generic[R]):
    """Some rows, and how many there are in all."""

    rows: Sequence[R]
    total: int

    @classmethod
    def of(cls, part: Part[R]) -> Self:
        """What a query answered."""
        return cls(part.items, part.total)


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """A column; `title` is an English text of the catalogues, `export` what a file has of it."""

    name: str
    title: str
    show: Callable[[R], str]
    _: KW_ONLY
    link: Callable[[R], str | None] | None = None  # a path of ours
    color: Callable[[R], str | None] | None = None  # shown as a badge
    export: Callable[[R], Any] | None = None
    sortable: bool = False
    is_number: bool = False
    is_long: bool = False  # may be broken anywhere


@dataclass(frozen=True, slots=True)
class Filter:
    """A choice, else a text or a day; the values of `options` are English texts of catalogues."""

    name: str
    title: str
    options: Mapping[str, str] = field(default_factory=dict)
    kind: Literal["choice", "text", "day"] = "choice"
    usual: str = ""  # chosen if nothing else is; without one all is shown

    def takes(self, value: str) -> bool:
        """Whether a value makes sense."""
        if self.kind == "day":
            return is_day(value)
        return value in self.options if self.kind == "choice" else len(value) <= LONGEST


@dataclass(frozen=True, slots=True)
class RowAction(Generic[R]):
    """A button of every row; `title` is an English text of the catalogues."""

    title: str
    icon: str
    run: Callable[[R], Awaitable[None]]
    applies: Callable[[R], bool] = lambda _: True


class Listing(Generic[R]):
    """A list on a page; `read` is run in the database's thread and answers what is asked."""

    def __init__(  # noqa: PLR0913 a list has many sides
        self,
        visit: Visit,
        name: str,
        columns: Sequence[Column[R]],
        read: Callable[[Connection, Asked], Found[R]],
        *,
        key: Callable[[R], str],
        actions: Sequence[RowAction[R]] = (),
        filters: Sequence[Filter] = (),
        is_searched: bool = True,
        is_selectable: bool = False,
        sort: str = "",
        descending: bool = False,
        on_found: Callable[[], None] = lambda: None,
    ) -> None:
        self._visit, self._name, self._columns, self._read = visit, name, columns, read
        self._key, self._filters, self._is_selectable = key, filters, is_selectable
        self._actions = actions
        self._on_found = on_found
        self.items: dict[str, R] = {}
        self._total = 0
        self.asked = _from_url(visit.query, filters, Asked(sort=sort, descending=descending))
        self._head(is_searched=is_searched)
        self._table = self._make_table()

    async def refresh(self) -> None:
        """Read the rows that are shown again."""
        found = await self._visit.read(self._read, self.asked)
        self._show(found.rows, found.total)
        self._on_found()

    def show_new(self, items: Sequence[R]) -> None:
        """Show new items at the top, if the first page is looked at."""
        if self.asked.offset == 0:
            rows = [*items, *self.items.values()][: self.asked.limit]
            self._show(rows, self._total + len(items))

    def _show(self, items: Sequence[R], total: int) -> None:
        self.items, self._total = {self._key(each): each for each in items}, total
        self._table.rows = [self._row(key, each) for key, each in self.items.items()]
        self._table.selected = [e for e in self._table.selected if e["_key"] in self.items]
        self._table.pagination = {**self._pagination(), "rowsNumber": total}

    def replace(self, items: Mapping[str, R]) -> None:
        """Show rows anew that have changed; what is not shown stays away."""
        shown = {key: items[key] for key in items.keys() & self.items.keys()}
        if shown:
            self.items.update(shown)
            self._table.rows = [self._row(key, each) for key, each in self.items.items()]

    @property
    def selected(self) -> list[str]:
        """The keys of the rows that are chosen."""
        return [str(row["_key"]) for row in self._table.selected]

    def _head(self, *, is_searched: bool) -> None:
        t = self._visit.t
        with ui.row().classes("w-full items-center gap-2 mb-2"):
            if is_searched:
                field = ui.input(t("Search"), value=self.asked.search).props(
                    "dense outlined clearable debounce=300 type=search"
                )
                field.on_value_change(lambda event: self._ask(search=event.value or ""))
            for each in self._filters:
                self._filter(each)
            ui.space()
            for kind, save in (("CSV", self._save_csv), ("XLSX", self._save_xlsx)):
                ui.button(kind, icon="download", on_click=save).props("flat dense no-caps")

    def _filter(self, what: Filter) -> None:
        t, value = self._visit.t, self.asked.filters.get(what.name, what.usual)
        made: ui.select | ui.input
        if what.kind == "choice":
            options = {} if what.usual else {"": t("All")}
            options |= {key: t(name) for key, name in what.options.items()}
            made = ui.select(options, label=t(what.title), value=value)
        else:
            made = ui.input(t(what.title), value=value).props("clearable debounce=300")
            made.props("type=date stack-label" if what.kind == "day" else "type=search")
        made.props("dense outlined").classes("min-w-32" if what.kind == "choice" else "w-40")
        made.on_value_change(partial(self._choose, what))

    def _make_table(self) -> ui.table:
        t = self._visit.t
        columns = [
            {
                "name": each.name,
                "label": t(each.title),
                "field": each.name,
                "sortable": each.sortable,
                "align": "right" if each.is_number else "left",
                "classes": "long-text" if each.is_long else "",
            }
            for each in self._columns
        ]
        if self._actions:
            columns.append({"name": "_actions", "label": "", "field": "_shown_actions"})
        table = ui.table(
            columns=columns,
            rows=[],
            row_key="_key",
            pagination=self._pagination(),
            selection="multiple" if self._is_selectable else None,
        )
        table.props(':grid="Quasar.Screen.lt.sm" flat bordered wrap-cells binary-state-sort')
        table.props(f'rows-per-page-options="{PAGE_SIZES}" :rows-per-page-options="{PAGE_SIZES}"')
        table.props(f'no-data-label="{t("Nothing here.")}" rows-per-page-label="{t("Rows")}"')
        if self._is_selectable:
            table.add_slot("header-selection", _SELECT.replace("{label}", t("Select all")))
            table.add_slot("body-selection", _SELECT_ROW)
        table.add_slot("body-cell", _CELL)
        table.add_slot("item", _CARD)
        table.on("request", self._on_request)
        table.on("act", self._on_act)
        return table.classes("w-full")

    def _row(self, key: str, item: R) -> dict[str, Any]:
        links = {each.name: each.link(item) for each in self._columns if each.link}
        return {
            "_key": key,
            "_selectable": self._is_selectable,
            "_actions": [
                {"name": number, "title": self._visit.t(each.title), "icon": each.icon}
                for number, each in enumerate(self._actions)
                if each.applies(item)
            ],
            "_shown_actions": " ",  # so that a card has the line
            "_links": {name: host.PATH + link for name, link in links.items() if link},
            "_colors": {each.name: each.color(item) for each in self._columns if each.color},
            **{each.name: each.show(item) for each in self._columns},
        }

    def _pagination(self) -> dict[str, Any]:
        return {
            "page": self.asked.offset // self.asked.limit + 1,
            "rowsPerPage": self.asked.limit,
            "sortBy": self.asked.sort or None,
            "descending": self.asked.descending,
            "rowsNumber": 0,
        }

    async def _on_request(self, event: events.GenericEventArguments) -> None:
        wanted = event.args["pagination"]
        limit = wanted["rowsPerPage"] or PAGE_SIZES[-1]
        await self._ask(
            limit=limit,
            offset=(wanted["page"] - 1) * limit,
            sort=wanted["sortBy"] or "",
            descending=bool(wanted["descending"]),
        )

    async def _on_act(self, event: events.GenericEventArguments) -> None:
        key, number = event.args
        item = self.items.get(str(key))
        if item is not None:
            await self._actions[int(number)].run(item)

    async def _choose(
        self, what: Filter, event: events.ValueChangeEventArguments[str | None]
    ) -> None:
        value = event.value or ""
        if not value or what.takes(value):
            await self._ask(filters={**self.asked.filters, what.name: value})

    async def _ask(self, **changes: Any) -> None:
        now = {"offset": 0, **{name: getattr(self.asked, name) for name in _NAMES}, **changes}
        self.asked = Asked(**now)
        ui.run_javascript(f"history.replaceState(null, '', '?{_to_url(self.asked)}')")
        await self.refresh()

    async def _save_csv(self) -> None:
        ui.download(as_csv(*await self._all()), f"{self._name}.csv", "text/csv")

    async def _save_xlsx(self) -> None:
        ui.download(as_xlsx(*await self._all()), f"{self._name}.xlsx", XLSX)

    async def _all(self) -> tuple[list[str], list[list[Any]]]:
        """The titles and the rows of everything that was searched for."""
        now = {name: getattr(self.asked, name) for name in _NAMES}
        found = await self._visit.read(self._read, Asked(**{**now, "limit": EXPORTED}))
        titles = [self._visit.t(each.title) for each in self._columns]
        rows = [[(each.export or each.show)(item) for each in self._columns] for item in found.rows]
        return titles, rows


_NAMES: Final = ("search", "filters", "sort", "descending", "limit")


def _to_url(asked: Asked) -> str:
    values = {
        "search": asked.search,
        "sort": asked.sort,
        "descending": "1" if asked.descending else "",
        "limit": "" if asked.limit == PAGE_SIZES[0] else asked.limit,
        "offset": asked.offset or "",
        **asked.filters,
    }
    return urlencode({name: value for name, value in values.items() if value})


def _from_url(query: Mapping[str, str], filters: Sequence[Filter], usual: Asked) -> Asked:
    known = {each.name: query[each.name] for each in filters if each.name in query}
    limit = _number(query.get("limit"), PAGE_SIZES[0])
    return Asked(
        search=query.get("search", ""),
        filters={
            name: value
            for name, value in known.items()
            if any(each.name == name and each.takes(value) for each in filters)
        },
        sort=query.get("sort", usual.sort),
        descending="descending" in query if "sort" in query else usual.descending,
        limit=limit if limit in PAGE_SIZES else PAGE_SIZES[0],
        offset=_number(query.get("offset"), 0),
    )


def is_day(text: str) -> bool:
    """Whether a text is a day as browsers write it."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _number(text: str | None, usual: int) -> int:
    return (
        int(text)
        if text is not None and text.isdecimal() and len(text) < len("1000000000")
        else usual
    )
