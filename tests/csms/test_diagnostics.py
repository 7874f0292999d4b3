from __future__ import annotations

from typing import Any, Literal

import pytest

from chargeplane.csms import diagnostics
from chargeplane.csms.central import Central
from chargeplane.domain.diagnostics import (
    GetLog,
    GetLogAnswer,
    LogParameters,
    LogStatusNotification,
)
from chargeplane.errors import Untranslatable
from chargeplane.ocpp.errors import OcppError
from chargeplane.storage.records import JobRecord
from chargeplane.storage.repositories import jobs
from chargeplane.storage.repositories.jobs import JobFilter
from tests.csms.conftest import ConnectStation, everything
from tests.csms.stored import ID, everywhere, happened, in_2x, noted

PLACE = LogParameters(remote_location="https://logs/")
LOG = GetLog(log=PLACE)
ACCEPTED = GetLogAnswer(status="Accepted", filename="log.zip")


async def all_jobs(central: Central) -> list[JobRecord]:
    return await everything(central, jobs.page, JobFilter(station_id=ID, kind="log"))


async def fetch(
    central: Central, connect_station: ConnectStation, version: str, wanted: GetLog
) -> None:
    """Have a log uploaded, and the upload told of."""
    station = await connect_station(version)
    station.on(GetLog, ACCEPTED)
    assert await diagnostics.get_log(central, ID, wanted) == ACCEPTED
    (asked,) = station.asked
    assert asked.log_type == wanted.log_type
    for status in ("Uploading", "Uploaded"):
        await station.say(LogStatusNotification(status=status, request_id=asked.request_id))
    (job,) = await all_jobs(central)
    assert (job.status, asked.request_id) == ("Uploaded", job.id)
    assert job.details["answer"]["filename"] == "log.zip"
    told = [event.data["status"] for event in await happened(central, "log.status")]
    assert told == ["Accepted", "Uploading", "Uploaded"]


@everywhere
async def test_TC_N_25_CSMS_diagnostics_log(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    await fetch(central, connect_station, version, LOG)


@everywhere
async def test_TC_N_35_CSMS_security_log(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    await fetch(central, connect_station, version, GetLog(log=PLACE, log_type="SecurityLog"))


@everywhere
async def test_TC_N_34_CSMS_rejected(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(GetLog, GetLogAnswer(status="Rejected"))
    assert (await diagnostics.get_log(central, ID, LOG)).status == "Rejected"
    (job,) = await all_jobs(central)
    assert job.status == "Rejected"


@in_2x
async def test_TC_N_36_CSMS_second_request(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(GetLog, ACCEPTED, GetLogAnswer(status="AcceptedCanceled", filename="2.zip"))
    await diagnostics.get_log(central, ID, LOG)
    await diagnostics.get_log(central, ID, LOG)
    first, second = (asked.request_id for asked in station.asked)
    said: tuple[tuple[int, Literal["AcceptedCanceled", "Uploading", "Uploaded"]], ...] = (
        (first, "AcceptedCanceled"),
        (second, "Uploading"),
        (second, "Uploaded"),
    )
    for number, status in said:
        await station.say(LogStatusNotification(status=status, request_id=number))
    assert [job.status for job in await all_jobs(central)] == ["Uploaded", "AcceptedCanceled"]


async def test_a_1_6_station_without_the_extension_uploads_its_diagnostics(
    central: Central, connect_station: ConnectStation
) -> None:
    def answer(request: GetLog) -> Any:
        return ACCEPTED if request.request_id is None else OcppError("NotImplemented")

    station = await connect_station("1.6")
    station.on(GetLog, answer)
    assert await diagnostics.get_log(central, ID, LOG) == ACCEPTED
    await station.say(LogStatusNotification(status="Uploaded"))
    (job,) = await all_jobs(central)
    assert job.status == "Uploaded"


async def test_the_core_of_1_6_has_no_security_log(
    central: Central, connect_station: ConnectStation
) -> None:
    station = await connect_station("1.6")
    station.on(GetLog, OcppError("NotImplemented"))
    with pytest.raises(OcppError, match="NotImplemented"):
        await diagnostics.get_log(central, ID, GetLog(log=PLACE, log_type="SecurityLog"))
    assert len(station.asked) == 1


async def test_1_5_has_diagnostics_only(central: Central, connect_station: ConnectStation) -> None:
    station = await connect_station("1.5")
    station.on(GetLog, ACCEPTED)
    assert await diagnostics.get_log(central, ID, LOG) == ACCEPTED
    with pytest.raises(Untranslatable):
        await diagnostics.get_log(central, ID, GetLog(log=PLACE, log_type="SecurityLog"))


@everywhere
async def test_a_status_of_an_unknown_upload_is_kept(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    await station.say(LogStatusNotification(status="Uploaded", request_id=99))
    (kept,) = await noted(central, "LogStatusNotification")
    assert kept.payload["request_id"] == 99
