"""Logs that are uploaded to a real file server (TC_N_25, 26, 34 to 36; 1.6 GetDiagnostics)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chargeplane.domain.diagnostics import (
    GetLog,
    GetLogAnswer,
    LogParameters,
    LogStatusNotification,
)
from chargeplane.domain.station import Heartbeat, MessageTrigger, TriggerMessage
from chargeplane.domain.variables import Component, SetVariables, Variable, VariableSetting
from chargeplane.station import diagnostics, security_events
from chargeplane.station.diagnostics import JOB
from chargeplane.storage.documents import Documents
from tests.net.file_servers import HttpFiles, ftp_files, http_files
from tests.station.desk import VERSIONS, Place, place

MODERN = ("2.0.1", "2.1")


@pytest.fixture
async def files() -> AsyncIterator[HttpFiles]:
    async with http_files() as found:
        yield found


async def ask(there: Place, url: str, **members: Any) -> GetLogAnswer:
    span = {name: members.pop(name) for name in tuple(members) if name.endswith("timestamp")}
    request = GetLog(
        log=LogParameters(remote_location=url, **span),
        **({"request_id": 7, "retries": 0} | members),
    )
    answer = await there.desk.ask(request)
    assert isinstance(answer, GetLogAnswer)
    return answer


def told(there: Place) -> list[tuple[str, int | None]]:
    found = there.desk.all(LogStatusNotification)
    return [(each.status, each.request_id) for each in found]


async def hears(there: Place, status: str, count: int = 1) -> LogStatusNotification:
    return await there.desk.hears(LogStatusNotification, lambda s: s.status == status, count)


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_N_25_CS_the_diagnostics_are_uploaded(files: HttpFiles, version: str) -> None:
    async with place(version) as there:
        there.station.process_log = lambda: ['{"event":"from the process"}']
        answer = await ask(there, files.url("logs/"))
        assert (answer.status, bool(answer.filename)) == ("Accepted", True)
        await hears(there, "Uploaded")
        assert told(there) == [("Uploading", 7), ("Uploaded", 7)]
        content = files.files[f"/logs/{answer.filename}"].decode()
        for expected in (
            "station CS-1: Vendor Model 1",
            "EVSE 1: Available",
            "OCPPCommCtrlr/HeartbeatInterval = 300",
            "BootNotification",
            "connected to ws://desk/ocpp",
            "from the process",
        ):
            assert expected in content


async def test_TC_045_1_the_diagnostics_of_1_6(files: HttpFiles) -> None:
    async with place("1.6") as there:
        answer = await ask(there, files.url("logs/"), request_id=None)
        assert answer.filename
        await hears(there, "Uploaded")
        assert told(there) == [("Uploading", None), ("Uploaded", None)]


async def test_over_ftp(tmp_path: Path) -> None:
    with ftp_files(tmp_path) as url:
        async with place() as there:
            answer = await ask(there, f"{url}/")
            await hears(there, "Uploaded")
            assert (tmp_path / str(answer.filename)).stat().st_size > 100


async def test_it_holds_no_secrets(files: HttpFiles) -> None:
    secret = "correct horse battery"
    async with place() as there:
        setting = VariableSetting(
            component=Component("SecurityCtrlr"),
            variable=Variable("BasicAuthPassword"),
            attribute_value=secret,
        )
        await there.desk.ask(SetVariables(settings=(setting,)))
        there.station.silence("reconnect")
        await ask(there, files.url("x").replace("//", "//user:hunter2@"))
        await hears(there, "Uploaded")
        content = files.files["/x"].decode()
        assert secret not in content
        assert "hunter2" not in content
        assert "BasicAuthPassword" in content


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("status", "said"),
    [
        (500, "UploadFailure"),
        (400, "BadMessage"),
        (403, "PermissionDenied"),
        (501, "NotSupportedOperation"),
    ],
)
async def test_TC_N_26_CS_the_upload_fails(
    files: HttpFiles, version: str, status: int, said: str
) -> None:
    files.statuses = {"PUT": status, "POST": status}
    async with place(version) as there:
        answer = await ask(there, files.url("x"), retries=3, retry_interval=0)
        assert answer.status == "Accepted"
        await hears(there, said)
        assert told(there) == [("Uploading", 7), (said, 7)]
        assert len([each for each in files.asked if each.startswith("PUT")]) == 4


async def test_retries_wait_as_long_as_they_are_to(
    files: HttpFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.statuses = {"PUT": 500}
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(diagnostics, "sleep", sleep)
    async with place() as there:
        await ask(there, files.url("x"), retries=3, retry_interval=17)
        await hears(there, "UploadFailure")
        assert waits == [17, 17, 17]


@pytest.mark.parametrize("version", ["2.1"])
async def test_redirections_are_not_followed(files: HttpFiles, version: str) -> None:
    files.statuses = {"PUT": 302}
    async with place(version) as there:
        await ask(there, files.url("x"))
        said = await hears(there, "UploadFailure")
        assert said.status_info is not None
        assert said.status_info.reason_code == "RedirectNotAllowed"


async def test_an_upload_that_works_in_the_end(files: HttpFiles) -> None:
    files.statuses = {"PUT": 500}
    async with place() as there:
        await ask(there, files.url("x"), retries=100, retry_interval=0)
        await there.until(lambda: len(files.asked) >= 2)
        files.statuses = {}
        await hears(there, "Uploaded")


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_N_34_CS_there_is_no_such_log(files: HttpFiles, version: str) -> None:
    future = datetime.now(UTC) + timedelta(days=1)
    async with place(version) as there:
        for log_type in ("DiagnosticsLog", "SecurityLog"):
            answer = await ask(there, files.url("x"), log_type=log_type, oldest_timestamp=future)
            assert answer.status == "Rejected"
        if version == "2.1":
            answer = await ask(there, files.url("x"), log_type="DataCollectorLog")
            assert answer.status == "Rejected"
        assert told(there) == []


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_N_35_CS_the_security_log(files: HttpFiles, version: str) -> None:
    async with place(version) as there:
        security_events.raise_(there.station, "InvalidMessages", "first")
        await ask(there, files.url("x"), log_type="SecurityLog")
        await hears(there, "Uploaded")
        lines = files.files["/x"].decode().splitlines()
        assert [line.partition(" ")[2] for line in lines] == [
            "StartupOfTheDevice PowerUp",
            "InvalidMessages first",
        ]


async def test_only_a_span_of_the_security_log(files: HttpFiles) -> None:
    async with place() as there:
        security_events.raise_(there.station, "InvalidMessages", "now")
        there.station.clock_offset = timedelta(hours=1)
        security_events.raise_(there.station, "InvalidMessages", "later")
        half = datetime.now(UTC) + timedelta(minutes=30)
        for span, name in (
            ({"oldest_timestamp": half}, "late"),
            ({"latest_timestamp": half}, "early"),
        ):
            await ask(there, files.url(name), log_type="SecurityLog", **span)
            await hears(there, "Uploaded", count=len(files.files) + 1)
        assert b"later" in files.files["/late"]
        assert b"now" not in files.files["/late"]
        assert b"later" not in files.files["/early"]


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_N_36_CS_a_second_request_takes_the_place_of_the_first(
    files: HttpFiles, version: str
) -> None:
    files.hold = asyncio.Event()
    async with place(version) as there:
        await ask(there, files.url("x"))
        await hears(there, "Uploading")
        assert (await ask(there, files.url("y"), request_id=8)).status == "AcceptedCanceled"
        files.hold.set()
        await hears(there, "Uploaded")
        expected: list[tuple[str, int | None]] = [
            ("Uploading", 7),
            ("AcceptedCanceled", 7),
            ("Uploading", 8),
            ("Uploaded", 8),
        ]
        if version == "1.6":
            expected.pop(1)  # has no word for it
        assert told(there) == expected


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_F_15_CS_TC_F_16_CS_the_status_when_it_is_asked_for(
    files: HttpFiles, version: str
) -> None:
    async def trigger(message: MessageTrigger) -> tuple[str, int | None]:
        there.desk.forget()
        asked = TriggerMessage(requested_message=message)
        assert (await there.desk.ask(asked)).status == "Accepted"
        await there.desk.hears(LogStatusNotification)
        return told(there)[-1]

    files.hold = asyncio.Event()
    async with place(version) as there:
        assert await trigger("LogStatusNotification") == ("Idle", None)
        await ask(there, files.url("x"))
        await hears(there, "Uploading")
        assert await trigger("LogStatusNotification") == ("Uploading", 7)
        if version == "1.6":
            assert (await trigger("DiagnosticsStatusNotification"))[0] == "Uploading"
        files.hold.set()


async def test_an_upload_that_the_power_cut_off_has_failed(
    files: HttpFiles, tmp_path: Path
) -> None:
    files.hold = asyncio.Event()
    documents = Documents(tmp_path / "station.db")
    async with place(documents=documents) as there:
        await ask(there, files.url("x"))
        await hears(there, "Uploading")
    documents.close()
    files.hold.set()
    again = Documents(tmp_path / "station.db")
    async with place(documents=again) as there:
        said = await hears(there, "UploadFailure")
        assert said.request_id == 7
        assert not there.station.has_job(JOB)
        await ask(there, files.url("y"), request_id=8)
        await hears(there, "Uploaded")
        content = files.files["/y"]
        assert content.count(b'"BootNotification"') == 2  # that of the time before, too
        assert not there.desk.all(Heartbeat)
    again.close()
