from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from chargeplane.csms import firmware
from chargeplane.csms.central import Central
from chargeplane.domain.certificates import SecurityEventNotification
from chargeplane.domain.firmware import (
    Firmware,
    FirmwareStatus,
    FirmwareStatusNotification,
    UpdateFirmware,
    UpdateFirmwareAnswer,
)
from chargeplane.domain.station import BootNotification, ChargingStation, Evse, StatusNotification
from chargeplane.errors import NotConnected
from chargeplane.ocpp.errors import OcppError
from chargeplane.ocpp.v2 import wire
from chargeplane.storage.records import JobRecord
from chargeplane.storage.repositories import jobs, security_events
from chargeplane.storage.repositories.jobs import JobFilter
from tests.csms.conftest import ConnectStation, ScriptedStation, everything
from tests.csms.stored import ID, everywhere, happened, in_2x, noted

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
PLAIN = UpdateFirmware(firmware=Firmware(location="https://f/1.bin", retrieve_date_time=AT))
SIGNED = UpdateFirmware(
    firmware=Firmware(
        location="https://f/1.bin",
        retrieve_date_time=AT,
        install_date_time=AT,
        signing_certificate="-----BEGIN CERTIFICATE-----",
        signature="c2lnbmF0dXJl",
    ),
    retries=3,
)
ACCEPTED = UpdateFirmwareAnswer(status="Accepted")
IMAGE = firmware.Publication(location="https://f/1.bin", checksum="0" * 32)


async def the_job(central: Central) -> JobRecord:
    (job,) = await all_jobs(central)
    return job


async def all_jobs(central: Central) -> list[JobRecord]:
    return await everything(central, jobs.page, JobFilter(station_id=ID))


async def tell(station: ScriptedStation, job: JobRecord, *statuses: FirmwareStatus) -> None:
    for status in statuses:
        await station.say(FirmwareStatusNotification(status=status, request_id=job.id))


async def run(
    central: Central,
    connect_station: ConnectStation,
    version: str,
    *statuses: FirmwareStatus,
    answer: Any = ACCEPTED,
) -> JobRecord:
    """An update that a station tells of; the job in the end."""
    station = await connect_station(version)
    station.on(UpdateFirmware, answer)
    await firmware.update_firmware(central, ID, SIGNED)
    await tell(station, await the_job(central), *statuses)
    return await the_job(central)


@everywhere
async def test_TC_L_01_CSMS_installation_successful(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(UpdateFirmware, ACCEPTED)
    assert await firmware.update_firmware(central, ID, SIGNED) == ACCEPTED
    job = await the_job(central)
    (asked,) = station.asked
    assert asked.firmware == SIGNED.firmware
    assert asked.request_id == job.id
    await tell(station, job, "Downloading", "Downloaded", "SignatureVerified", "Installing")
    await tell(station, job, "InstallRebooting")
    about = ChargingStation(vendor_name="V", model="M", firmware_version="2")
    boot = BootNotification(charging_station=about, reason="FirmwareUpdate")
    assert (await station.say(boot)).status == "Accepted"
    await tell(station, job, "Installed")
    assert (await the_job(central)).status == "Installed"
    told = [event.data["status"] for event in await happened(central, "firmware.status")]
    assert told[0] == "Accepted"
    assert told[-1] == "Installed"
    assert len(told) == 7


@everywhere
async def test_TC_L_02_CSMS_install_scheduled(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    job = await run(
        central,
        connect_station,
        version,
        "Downloaded",
        "SignatureVerified",
        "InstallScheduled",
        "Installed",
    )
    assert job.status == "Installed"


@everywhere
async def test_TC_L_03_CSMS_download_scheduled(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    assert (
        await run(central, connect_station, version, "DownloadScheduled")
    ).status == "DownloadScheduled"


@everywhere
async def test_TC_L_04_CSMS_revoked_certificate(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    job = await run(
        central, connect_station, version, answer=UpdateFirmwareAnswer(status="RevokedCertificate")
    )
    assert job.status == "RevokedCertificate"


@everywhere
async def test_TC_L_05_CSMS_invalid_certificate(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    event = SecurityEventNotification(type="InvalidFirmwareSigningCertificate", timestamp=AT)
    station = await connect_station(version)
    station.on(UpdateFirmware, UpdateFirmwareAnswer(status="InvalidCertificate"))
    await firmware.update_firmware(central, ID, SIGNED)
    await station.say(event)
    assert (await the_job(central)).status == "InvalidCertificate"
    (stored,) = await everything(central, security_events.page, ID)
    assert stored.type == event.type


@everywhere
async def test_TC_L_06_CSMS_invalid_signature(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    job = await run(
        central, connect_station, version, "Downloading", "Downloaded", "InvalidSignature"
    )
    assert job.status == "InvalidSignature"


@everywhere
async def test_TC_L_07_CSMS_download_failed(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    assert (
        await run(central, connect_station, version, "DownloadFailed")
    ).status == "DownloadFailed"


@everywhere
async def test_TC_L_08_CSMS_install_verification_failed(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    job = await run(central, connect_station, version, "Installing", "InstallVerificationFailed")
    assert job.status == "InstallVerificationFailed"


@everywhere
async def test_TC_L_09_CSMS_installation_failed(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    assert (
        await run(central, connect_station, version, "InstallationFailed")
    ).status == "InstallationFailed"


@everywhere
async def test_TC_L_10_CSMS_second_update_cancels_the_first(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(UpdateFirmware, ACCEPTED)
    await firmware.update_firmware(central, ID, SIGNED)
    first = await the_job(central)
    await tell(station, first, "Downloading")
    station.on(UpdateFirmware, UpdateFirmwareAnswer(status="AcceptedCanceled"))
    await firmware.update_firmware(central, ID, SIGNED)
    second, _ = await all_jobs(central)
    await tell(station, second, "Downloading", "Installed")
    assert [job.status for job in await all_jobs(central)] == ["Installed", "Downloading"]


@everywhere
async def test_TC_L_11_CSMS_unable_to_cancel(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(UpdateFirmware, ACCEPTED)
    await firmware.update_firmware(central, ID, SIGNED)
    first = await the_job(central)
    await tell(station, first, "Downloading")
    station.on(UpdateFirmware, UpdateFirmwareAnswer(status="Rejected"))
    await firmware.update_firmware(central, ID, SIGNED)
    await tell(station, first, "Downloaded", "Installed")
    assert [job.status for job in await all_jobs(central)] == ["Rejected", "Installed"]


@everywhere
async def test_TC_L_13_CSMS_after_the_transaction(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(UpdateFirmware, ACCEPTED)
    await firmware.update_firmware(central, ID, SIGNED)
    job = await the_job(central)
    await tell(station, job, "DownloadScheduled")
    status = StatusNotification(evse=Evse(2, 1), connector_status="Unavailable", timestamp=AT)
    await station.say(status)
    await tell(station, job, "Downloading", "Downloaded", "SignatureVerified", "Installing")
    await tell(station, job, "Installed")
    assert (await the_job(central)).status == "Installed"


async def publish(
    central: Central, connect_station: ConnectStation, version: str, *statuses: Any
) -> JobRecord:
    station = await connect_station(version)
    station.on(wire.PublishFirmware, wire.PublishFirmwareResponse(status="Accepted"))
    await firmware.publish_firmware(central, ID, IMAGE)
    (asked,) = station.asked
    assert asked.location == IMAGE.location
    for status in statuses:
        places = ["https://lc/1.bin"] if status == "Published" else None
        await station.say(
            wire.PublishFirmwareStatusNotification(
                status=status, location=places, request_id=asked.request_id
            )
        )
    return await the_job(central)


@in_2x
async def test_TC_L_17_CSMS_published(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    job = await publish(
        central, connect_station, version, "Downloading", "ChecksumVerified", "Published"
    )
    assert job.status == "Published"
    assert job.details["locations"] == ["https://lc/1.bin"]


@in_2x
async def test_TC_L_24_CSMS_publish_download_failed(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    assert (
        await publish(central, connect_station, version, "DownloadFailed")
    ).status == "DownloadFailed"


@in_2x
async def test_TC_L_19_CSMS_publish_invalid_checksum(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    assert (
        await publish(central, connect_station, version, "InvalidChecksum")
    ).status == "InvalidChecksum"


@in_2x
async def test_TC_L_20_CSMS_publish_failed(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    assert (
        await publish(central, connect_station, version, "PublishFailed")
    ).status == "PublishFailed"


@pytest.mark.parametrize(
    "status", ["Unpublished", "NoFirmware", "DownloadOngoing"], ids=["L_21", "L_22", "L_23"]
)
@in_2x
async def test_TC_L_21_CSMS_TC_L_22_CSMS_TC_L_23_CSMS_unpublish(
    central: Central, connect_station: ConnectStation, version: str, status: Any
) -> None:
    _, unpublish = firmware.OPERATIONS["unpublish_firmware"]
    answer = wire.UnpublishFirmwareResponse(status=status)
    station = await connect_station(version)
    station.on(wire.UnpublishFirmware, answer)
    assert await unpublish(central, ID, wire.UnpublishFirmware(checksum="0" * 32)) == answer


async def test_a_1_6_station_without_the_extension_is_asked_plainly(
    central: Central, connect_station: ConnectStation
) -> None:
    def answer(request: UpdateFirmware) -> Any:
        return ACCEPTED if request.request_id is None else OcppError("NotImplemented")

    station = await connect_station("1.6")
    station.on(UpdateFirmware, answer)
    assert await firmware.update_firmware(central, ID, SIGNED) == ACCEPTED
    signed, plain = station.asked
    assert signed.firmware.signature
    assert plain.firmware.signature is None
    await station.say(FirmwareStatusNotification(status="Installed"))
    assert (await the_job(central)).status == "Installed"


async def test_what_is_not_signed_is_asked_plainly_in_1_6(
    central: Central, connect_station: ConnectStation
) -> None:
    station = await connect_station("1.6")
    station.on(UpdateFirmware, ACCEPTED)
    await firmware.update_firmware(central, ID, PLAIN)
    (asked,) = station.asked
    assert asked.request_id is None


@everywhere
async def test_a_refusal_of_another_kind_is_final(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(UpdateFirmware, OcppError("InternalError"))
    with pytest.raises(OcppError):
        await firmware.update_firmware(central, ID, SIGNED)
    assert len(station.asked) == 1
    assert (await the_job(central)).status == "Failed"


@in_2x
async def test_a_2x_station_without_updates_is_asked_once(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(UpdateFirmware, OcppError("NotImplemented"))
    with pytest.raises(OcppError, match="NotImplemented"):
        await firmware.update_firmware(central, ID, SIGNED)
    assert len(station.asked) == 1


async def test_an_update_of_an_absent_station_fails(central: Central) -> None:
    with pytest.raises(NotConnected):
        await firmware.update_firmware(central, ID, SIGNED)
    assert (await the_job(central)).status == "Failed"


@in_2x
async def test_a_status_of_an_unknown_update_is_kept(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    await station.say(FirmwareStatusNotification(status="Installed", request_id=99))
    (kept,) = await noted(central, "FirmwareStatusNotification")
    assert kept.payload["status"] == "Installed"


@everywhere
async def test_idle_says_nothing_about_the_last_update(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(UpdateFirmware, ACCEPTED)
    await firmware.update_firmware(central, ID, SIGNED)
    await tell(station, await the_job(central), "Installed")
    await station.say(FirmwareStatusNotification(status="Idle"))
    assert (await the_job(central)).status == "Installed"
    assert len(await noted(central, "FirmwareStatusNotification")) == 1
