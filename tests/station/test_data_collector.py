"""The data collectors of 2.1 (N01.FR.24)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chargeplane.station import data_collector
from tests.net.file_servers import http_files
from tests.station.desk import Place, place
from tests.station.test_diagnostics import ask, hears


def put(there: Place, variable: str, value: str, number: int = 1) -> None:
    there.station.model.put(f"DataCollector@{number}/{variable}", value)


def lines(there: Place) -> list[str]:
    return (data_collector.read(there.station, None, None) or b"").decode().splitlines()


async def test_it_collects_while_it_is_to() -> None:
    async with place("2.1", evses=2) as there:
        put(there, "SamplingInterval", "0.01")
        put(there, "SampledMeasurands", "Power.Active.Import,Voltage")
        put(there, "DateTime[Start]", datetime.now(UTC).isoformat())
        assert lines(there) == []
        put(there, "Enabled", "true")
        await there.until(lambda: len(lines(there)) >= 3)
        first = lines(there)[0]
        assert " EVSE 1 Power.Active.Import = 0.0 W; Voltage L1-N = 230.0 V" in first
        put(there, "Enabled", "false")
        assert not there.station.has_alarm("collector 1")
        assert not there.station.has_alarm("collector 2")


@pytest.mark.parametrize(
    ("start", "end", "waits"), [(60, None, True), (-60, -1, False), (-60, 60, True)]
)
async def test_it_keeps_to_its_time(start: int, end: int | None, *, waits: bool) -> None:
    def moment(seconds: int) -> str:
        return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()

    async with place("2.1") as there:
        put(there, "SamplingInterval", "60")
        put(there, "DateTime[Start]", moment(start))
        if end is not None:
            put(there, "DateTime[End]", moment(end))
        put(there, "Enabled", "true")
        assert there.station.has_alarm("collector 1") == waits
        assert bool(lines(there)) == (start < 0 < (end or 0))


async def test_the_log_is_uploaded() -> None:
    async with http_files() as files, place("2.1") as there:
        put(there, "DateTime[Start]", datetime.now(UTC).isoformat())
        put(there, "Enabled", "true")
        await there.until(lambda: lines(there))
        put(there, "Enabled", "false")
        answer = await ask(there, files.url("x"), log_type="DataCollectorLog")
        assert answer.status == "Accepted"
        await hears(there, "Uploaded")
        assert files.files["/x"].decode().splitlines() == lines(there)
