"""Tokens as CSV files, which people keep in spreadsheets.

The first line names the columns, which are the fields of `TokenRow`; only `id_token` is needed.
What a file has no column for stays as it is. Columns are parted by commas or semicolons.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from io import StringIO
from typing import Annotated, Any, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType

from chargeplane.csms import tokens
from chargeplane.csms.central import Unit
from chargeplane.errors import Exists, Invalid
from chargeplane.storage.records import TokenRecord
from chargeplane.storage.repositories import tokens as stored

Text = Annotated[str, Meta(max_length=255)]
Moment = Annotated[datetime, Meta(tz=True)]

DAY: Final = len("2026-01-01")
MOST: Final = 100_000  # tokens of a file
# A cell that begins so is a formula to a spreadsheet; an apostrophe before it makes it a text.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "'")


class TokenRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A token as a line of a file says it."""

    id_token: Annotated[str, Meta(min_length=1, max_length=255)]
    type: Text | UnsetType = UNSET
    name: Text | UnsetType | None = UNSET
    group_id: Text | UnsetType | None = UNSET
    blocked: bool | UnsetType = UNSET
    valid_from: Moment | UnsetType | None = UNSET
    expires_at: Moment | UnsetType | None = UNSET
    max_active_transactions: Annotated[int, Meta(ge=-1, le=1_000_000)] | UnsetType = UNSET
    comment: Annotated[str, Meta(max_length=2000)] | UnsetType | None = UNSET
    personal_message: Text | UnsetType | None = UNSET
    language: Text | UnsetType | None = UNSET
    charging_priority: Annotated[int, Meta(ge=-9, le=9)] | UnsetType | None = UNSET
    stations: tuple[str, ...] | UnsetType | None = UNSET


COLUMNS: Final = TokenRow.__struct_fields__
USUAL: Final[Mapping[str, Any]] = {
    "type": "ISO14443",
    "blocked": False,
    "max_active_transactions": 1,
}


class TokenFileError(Invalid):
    """A file of tokens cannot be read; the message names the line and the column."""


def write(records: Iterable[TokenRecord]) -> bytes:
    """Tokens as a file in UTF-8, with the mark that spreadsheets need to know it."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([_cell(getattr(each, name)) for name in COLUMNS] for each in records)
    return text.getvalue().encode("utf-8-sig")


def read(file: bytes) -> list[TokenRow]:
    """The lines of a file; raises `TokenFileError`."""
    try:
        text = file.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise TokenFileError("This is not a text in UTF-8.") from None
    first = text.partition("\n")[0]
    separator = ";" if first.count(";") > first.count(",") else ","
    try:
        return list(_rows(csv.reader(StringIO(text, newline=""), delimiter=separator)))
    except csv.Error as error:
        raise TokenFileError(str(error)) from None


def save(unit: Unit, rows: Iterable[TokenRow]) -> int:
    """Add the tokens of a file or change them; how many there were."""
    records = {row.id_token.lower(): row for row in rows}
    tokens.save(unit, [_record(unit, row) for row in records.values()])
    return len(records)


def add(unit: Unit, row: TokenRow) -> None:
    """Add a token; raises `Exists` if it is known."""
    if stored.get(unit.connection, row.id_token.lower()) is not None:
        raise Exists(f"{row.id_token} is known already.")
    save(unit, [row])


def _rows(lines: Any) -> Iterator[TokenRow]:
    names = [name.strip().lower() for name in next(lines, ())]
    if "id_token" not in names:
        raise TokenFileError("Line 1: a column id_token is needed.")
    if strangers := [name for name in names if name not in COLUMNS]:
        raise TokenFileError(f"Line 1: unknown column {strangers[0]}.")
    if len(set(names)) < len(names):
        raise TokenFileError("Line 1: a column is there twice.")
    for number, cells in enumerate(lines):
        if number == MOST:
            raise TokenFileError(f"There are more than {MOST} tokens.")
        if any(cells):
            yield _row(lines.line_num, names, cells)


def _row(line: int, names: list[str], cells: list[str]) -> TokenRow:
    if len(cells) != len(names):
        raise TokenFileError(f"Line {line}: {len(cells)} cells for {len(names)} columns.")
    values = {name: _value(name, cell) for name, cell in zip(names, cells, strict=True)}
    try:
        return msgspec.convert(values, TokenRow, strict=False)
    except msgspec.ValidationError as error:
        raise TokenFileError(f"Line {line}: {error}") from None


def _cell(value: Any) -> str:
    """A value as a text that `_value` reads back."""
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA) else value
    if isinstance(value, tuple):
        return " ".join(value)
    return value.isoformat() if isinstance(value, datetime) else str(value).lower()


def _value(name: str, cell: str) -> Any:
    cell = cell.removeprefix("'")
    if not cell:
        return USUAL.get(name)
    if name == "stations":
        return cell.split()
    is_day = name in {"valid_from", "expires_at"} and len(cell) == DAY
    return f"{cell}T00:00:00Z" if is_day else cell


def _record(unit: Unit, row: TokenRow) -> TokenRecord:
    """The token of a line: as it is known, with what the line says."""
    key = row.id_token.lower()
    known = stored.get(unit.connection, key)
    values: dict[str, Any] = dict.fromkeys(TokenRecord.__struct_fields__) | dict(USUAL)
    values |= {"created_at": unit.now} if known is None else msgspec.structs.asdict(known)
    said = {name: getattr(row, name) for name in COLUMNS}
    values |= {name: value for name, value in said.items() if value is not UNSET}
    group = values["group_id"]
    return TokenRecord(**values | {"key": key, "group_key": group.lower() if group else None})
