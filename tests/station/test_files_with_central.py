"""Firmware, logs, certificates and monitors between our station and our central system."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chargeplane.csms import diagnostics, firmware, monitoring, security
from chargeplane.domain.certificates import (
    DeleteCertificate,
    GetInstalledCertificateIds,
    InstallCertificate,
)
from chargeplane.domain.diagnostics import GetLog, LogParameters
from chargeplane.domain.firmware import Firmware, UpdateFirmware
from chargeplane.evse.installers import VirtualInstaller
from chargeplane.ocpp.v2 import wire
from chargeplane.storage.records import JobRecord
from chargeplane.storage.repositories import jobs
from chargeplane.storage.repositories.jobs import JobFilter
from tests.e2e.harness import EVERYTHING, VERSIONS, World, listening, published, until
from tests.net.certificates import Authority
from tests.net.file_servers import HttpFiles, http_files
from tests.station.fleet import Site, site

PAST = datetime(2026, 1, 1, tzinfo=UTC)
MODERN = ("2.0.1", "2.1")


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with listening(tmp_path) as here:
        yield here


@pytest.fixture
async def files() -> AsyncIterator[HttpFiles]:
    async with http_files() as found:
        found.files["/image.bin"] = b"2.0.0"
        yield found


async def job(here: World) -> JobRecord:
    what = JobFilter(station_id="CS-1")
    page = await here.read(lambda sql: jobs.page(sql, what, EVERYTHING))
    (found,) = page.items
    return found


async def becomes(here: World, status: str) -> None:
    async def is_so() -> bool:
        return (await job(here)).status == status

    await until(is_so)


async def booted(there: Site) -> str | None:
    return (await there.here.station()).firmware_version


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_firmware_update_is_a_job_that_succeeds(
    here: World, files: HttpFiles, version: str
) -> None:
    async with site(here, (version,)) as there:
        there.station.installer = VirtualInstaller()
        image = Firmware(location=files.url("image.bin"), retrieve_date_time=PAST)
        answer = await firmware.update_firmware(
            here.central, "CS-1", UpdateFirmware(firmware=image, retries=1)
        )
        assert answer.status == "Accepted"
        await becomes(here, "Installed")

        async def is_new() -> bool:
            return await booted(there) == "2.0.0"

        await until(is_new)


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_firmware_update_is_a_job_that_fails(
    here: World, files: HttpFiles, version: str
) -> None:
    async with site(here, (version,)) as there:
        there.station.installer = VirtualInstaller()
        image = Firmware(location=files.url("missing"), retrieve_date_time=PAST)
        await firmware.update_firmware(
            here.central, "CS-1", UpdateFirmware(firmware=image, retries=0)
        )
        await becomes(here, "DownloadFailed")
        assert await booted(there) == "1"


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_log_is_a_job_that_succeeds(here: World, files: HttpFiles, version: str) -> None:
    async with site(here, (version,)):
        wanted = GetLog(log=LogParameters(remote_location=files.url("logs/")))
        answer = await diagnostics.get_log(here.central, "CS-1", wanted)
        assert answer.filename is not None
        await becomes(here, "Uploaded")
        assert b"BootNotification" in files.files[f"/logs/{answer.filename}"]


@pytest.mark.parametrize("version", VERSIONS)
async def test_certificates_are_installed_listed_and_deleted(
    here: World, tmp_path: Path, version: str
) -> None:
    root = Authority(tmp_path / "root")
    async with site(here, (version,)) as there:
        ask = there.there.ask
        install = InstallCertificate(certificate_type="CSMSRootCertificate", certificate=root.pem)
        assert (await ask(install)).status == "Accepted"
        everything = GetInstalledCertificateIds()
        listed = await security.list_certificates(here.central, "CS-1", everything)
        (found,) = listed.certificate_hash_data_chain or ()
        delete = DeleteCertificate(certificate_hash_data=found.certificate_hash_data)
        assert (await ask(delete)).status == "Accepted"
        listed = await security.list_certificates(here.central, "CS-1", everything)
        assert listed.status == "NotFound"


def monitor(**members: Any) -> wire.SetVariableMonitoring:
    usual: dict[str, Any] = {
        "component": wire.Component(name="EVSE", evse=wire.EVSE(id=1)),
        "variable": wire.Variable(name="AvailabilityState"),
        "type": "Delta",
        "value": 1,
        "severity": 4,
    }
    return wire.SetVariableMonitoring(
        set_monitoring_data=[wire.SetMonitoringData(**(usual | members))]
    )


async def set_one(here: World, request: wire.SetVariableMonitoring) -> wire.SetMonitoringResult:
    answer = await monitoring.set_variable_monitoring(here.central, "CS-1", request)
    (result,) = answer.set_monitoring_result
    assert result.status == "Accepted"
    return result


@pytest.mark.parametrize("version", MODERN)
async def test_monitors_are_set_reported_and_heard(here: World, version: str) -> None:
    async with site(here, (version,)) as there:
        number = (await set_one(here, monitor())).id
        report = await monitoring.get_monitoring_report(
            here.central, "CS-1", wire.GetMonitoringReport(request_id=0)
        )
        reported = [each.id for data in report.monitors for each in data.variable_monitoring]
        assert number in reported
        there.hardware().plug_in()

        async def is_heard() -> bool:
            found = [each.data for each in await here.events("monitor.event")]
            return any(
                each.get("variableMonitoringId") == number and each["actualValue"] == "Occupied"
                for each in found
            )

        await until(is_heard)


async def test_values_are_streamed(here: World) -> None:
    params = wire.PeriodicEventStreamParams(values=2)
    with here.central.bus.subscribe() as heard:
        async with site(here, ("2.1",)):
            request = monitor(type="Periodic", value=0.05, periodic_event_stream=params)
            number = (await set_one(here, request)).id
            told = await published(heard, "stream.values")
            assert told.data["stream"] == number
            assert [each["v"] for each in told.data["values"]] == ["Available"] * 2
