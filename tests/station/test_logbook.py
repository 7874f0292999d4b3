from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargeplane.station import logbook
from chargeplane.station.logbook import Logbook

START = datetime(2026, 1, 1, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


@pytest.fixture(params=[False, True])
def book(request: pytest.FixtureRequest, tmp_path: Path) -> Logbook:
    return Logbook(tmp_path / "station.log" if request.param else None)


def test_lines_of_a_span(book: Logbook) -> None:
    for number in range(5):
        book.note(at(number), "said", f"line {number}")
    assert book.read() == book.read(at(0), at(4))
    found = book.read(at(1), at(3))
    assert found[0] == b"2026-01-01T00:00:01.000Z said line 1\n"
    assert len(found) == 3
    assert book.read(at(9)) == book.read(None, at(-1)) == []
    book.close()


def test_it_is_bounded(book: Logbook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logbook, "IN_MEMORY", 1000)
    monkeypatch.setattr(logbook, "ON_DISK", 500)
    for number in range(200):
        book.note(at(number), "said", "x" * 20)
    found = book.read()
    assert 5 < len(found) <= 20
    assert found[-1].startswith(b"2026-01-01T00:03:19")
    assert sum(map(len, found)) <= 1000
    book.close()


def test_a_file_is_gone_on_with(tmp_path: Path) -> None:
    for number in range(2):
        book = Logbook(tmp_path / "station.log")
        book.note(at(number), "said", str(number))
        book.close()
    assert len(Logbook(tmp_path / "station.log").read()) == 2


def test_a_disk_that_fails_costs_lines_only(tmp_path: Path) -> None:
    book = Logbook(tmp_path / "missing" / "station.log")
    book.note(at(0), "said", "lost")
    assert book.read() == []


@given(text=st.text(st.characters(codec="utf-8"), max_size=50))
def test_every_text_is_one_line(text: str) -> None:
    book = Logbook()
    book.note(at(0), "said", text)
    (line,) = book.read()
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")


def test_secrets_are_masked(book: Logbook) -> None:
    frame = '[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"hunter2"}]'
    book.note(at(0), "received", frame)
    (line,) = book.read()
    assert b"hunter2" not in line
    book.close()
