"""What a program needs of SteVe's web pages: tables, hidden fields, choices and errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass(slots=True)
class Table:
    """A table by the names of its columns."""

    columns: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)


class Page(HTMLParser):
    """A page that was read."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.hidden: dict[str, str] = {}
        self.choices: list[str] = []
        self.errors: list[str] = []
        self._tables: list[Table] = []
        self._open: list[Table] = []  # tables may stand in tables
        self._cell: list[str] = []
        self._in_error = False
        self.feed(text)
        self.close()

    def records(self, *columns: str) -> Iterator[Mapping[str, str]]:
        """The rows of the tables that have all these columns."""
        for table in self._tables:
            if set(columns) <= set(table.columns):
                # A heading may span rows that have fewer cells.
                yield from (
                    dict(zip(table.columns, row, strict=False)) for row in table.rows if row
                )

    def choice_of(self, box: str) -> str | None:
        """The choice that stands for a charge box, as `JSON;001;-` or `V_16_JSON;001;-`."""
        return next((one for one in self.choices if one.split(";")[1:2] == [box]), None)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what begins."""
        given = {name: value or "" for name, value in attrs}
        match tag:
            case "table":
                self._open.append(Table())
                self._tables.append(self._open[-1])
            case "tr" if self._open:
                self._open[-1].rows.append([])
            case "td" | "th" | "li":
                self._cell = []
            case "input" if given.get("type") == "hidden":
                self.hidden[given.get("name", "")] = given.get("value", "")
            case "option":
                self.choices.append(given.get("value", ""))
            case "div":
                self._in_error = "error" in given.get("class", "").split()

    def handle_data(self, data: str) -> None:
        """Collect the text of a cell."""
        self._cell.append(data)

    def handle_endtag(self, tag: str) -> None:
        """Put what ends where it belongs."""
        match tag:
            case "table" if self._open:
                self._open.pop()
            case "th" if self._open:
                self._open[-1].columns.append(self._said())
            case "td" if self._open and self._open[-1].rows:
                self._open[-1].rows[-1].append(self._said())
            case "li" if self._in_error:
                self.errors.append(self._said())
            case "div":
                self._in_error = False

    def _said(self) -> str:
        return " ".join("".join(self._cell).split())
