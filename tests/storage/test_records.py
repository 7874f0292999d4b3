from __future__ import annotations

from typing import Any, get_args, get_type_hints

import pytest

from chargeplane.storage import access_records, payment_records, records
from chargeplane.storage.tables import metadata

RECORDS = {
    "".join(f"_{c.lower()}" if c.isupper() else c for c in name.removesuffix("Record"))[1:]: record
    for module in (records, access_records, payment_records)
    for name, record in vars(module).items()
    if name.endswith("Record") and record is not records.Record
}


def plural(noun: str) -> str:
    return f"{noun}s"


def optional(annotation: Any) -> bool:
    return annotation is Any or type(None) in get_args(annotation)


def test_every_table_has_a_record() -> None:
    assert {plural(noun) for noun in RECORDS} == set(metadata.tables)


@pytest.mark.parametrize("noun", RECORDS)
def test_a_record_has_the_columns_of_its_table(noun: str) -> None:
    record, table = RECORDS[noun], metadata.tables[plural(noun)]
    hints = get_type_hints(record)
    assert record.__struct_fields__ == tuple(table.columns.keys())
    for column in table.columns:
        assert optional(hints[column.name]) or not column.nullable, column.name
