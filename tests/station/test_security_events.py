"""Security events: what is logged, and what is told (A04; 1.6 white paper)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from chargeplane.domain.certificates import SecurityEventNotification
from chargeplane.station import security_events
from chargeplane.storage.documents import Documents
from tests.conftest import shared
from tests.station.desk import VERSIONS, Desk, Place, place

SILENT = {"OCPP16LegacyCtrlr/DisableSecurityEventNotifications": "true"}


def kinds(there: Place) -> list[str]:
    return [each.type for each in security_events.log(there.station).values()]


async def told(there: Place) -> list[str]:
    await there.until(lambda: not len(there.station.outbox))
    return [each.type for each in there.desk.all(SecurityEventNotification)]


def test_critical_is_what_the_specification_says() -> None:
    folder = shared("spec/ocpp21/Appendices_CSV_v2.0")
    rows = (folder / "security_events.csv").read_text("utf-8").splitlines()[1:]
    critical = {row.split(";")[0] for row in rows if row.strip().endswith(";Yes")}
    assert critical == security_events.CRITICAL


@pytest.mark.parametrize("version", VERSIONS)
async def test_critical_events_are_told_and_all_are_logged(version: str) -> None:
    async with place(version) as there:
        security_events.raise_(there.station, "TamperDetectionActivated", "lid")
        security_events.raise_(there.station, "InvalidMessages")
        said = await there.desk.hears(
            SecurityEventNotification, lambda e: e.type == "TamperDetectionActivated"
        )
        assert said.tech_info == "lid"
        assert kinds(there)[-2:] == ["TamperDetectionActivated", "InvalidMessages"]
        assert "InvalidMessages" not in await told(there)


@pytest.mark.parametrize("version", VERSIONS)
async def test_the_start_is_told(version: str) -> None:
    async with place(version) as there:
        said = await there.desk.hears(SecurityEventNotification)
        assert (said.type, said.tech_info) == ("StartupOfTheDevice", "PowerUp")


@pytest.mark.parametrize("version", VERSIONS)
async def test_what_happens_offline_is_told_later_even_after_a_power_cut(
    version: str, tmp_path: Path
) -> None:
    documents, desk = Documents(tmp_path / "station.db"), Desk(version)
    desk.is_reachable = False
    async with place(version, documents=documents, desk=desk) as there:
        await there.until(lambda: desk.dialled)
        security_events.raise_(there.station, "MemoryExhaustion")
    documents.close()
    again = Documents(tmp_path / "station.db")
    async with place(version, documents=again) as there:
        await there.desk.hears(SecurityEventNotification, lambda e: e.type == "MemoryExhaustion")
    again.close()


async def test_they_can_be_silenced() -> None:
    async with place("1.6", values=SILENT) as there:
        security_events.raise_(there.station, "TamperDetectionActivated")
        assert await told(there) == []
        assert kinds(there)[-1] == "TamperDetectionActivated"


@pytest.mark.parametrize(
    ("version", "kind", "critical", "is_told"),
    [
        ("1.6", "MaintenanceLoginFailed", None, True),
        ("2.0.1", "MaintenanceLoginFailed", None, False),
        ("2.0.1", "MaintenanceLoginFailed", True, True),
        ("2.0.1", "TamperDetectionActivated", None, True),
        ("2.0.1", "TamperDetectionActivated", False, False),
        ("1.6", "OwnEvent", None, False),
        ("1.6", "OwnEvent", True, True),
    ],
)
async def test_what_others_report(
    version: str, kind: str, *, critical: bool | None, is_told: bool
) -> None:
    async with place(version) as there:
        heard: list[str] = []
        there.station.signals.security.listen(lambda event: heard.append(event.type))
        event = SecurityEventNotification(type=kind, timestamp=datetime(2026, 1, 1, tzinfo=UTC))
        security_events.report(there.station, event, critical=critical)
        assert (kind in await told(there)) == is_told
        assert kinds(there)[-1] == kind
        assert heard == []  # only what the station itself has noticed


async def test_the_log_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security_events, "LOGGED", 5)
    async with place() as there:
        for number in range(12):
            security_events.raise_(there.station, "InvalidMessages", str(number))
        kept = [each.tech_info for each in security_events.log(there.station).values()]
        assert kept == ["7", "8", "9", "10", "11"]
