"""Tables as files: CSV for programs, XLSX for people."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime
from io import BytesIO, StringIO
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
WIDTH: Final = 18


def as_csv(titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A table as CSV in UTF-8 with its mark, which spreadsheets need to know it."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(titles)
    writer.writerows([_plain(each) for each in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A table as a workbook of Excel; numbers stay numbers, times are in UTC."""
    book = Workbook()
    sheet = book.active
    sheet.append(list(titles))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row in rows:
        sheet.append([_cell(each) for each in row])
    for number in range(1, len(titles) + 1):
        sheet.column_dimensions[get_column_letter(number)].width = WIDTH
    sheet.freeze_panes = "A2"
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return _harmless(value)


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)  # Excel knows no zones
    return _harmless(value)


def _harmless(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula, made a text."""
    is_formula = isinstance(value, str) and value.startswith(FORMULA)
    return f"'{value}" if is_formula else value
