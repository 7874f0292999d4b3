"""Firmware updates with a real file server (TC_L)."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from msgspec.structs import replace

from chargeplane.domain.certificates import SecurityEventNotification
from chargeplane.domain.firmware import (
    Firmware,
    FirmwareStatusNotification,
    UpdateFirmware,
    UpdateFirmwareAnswer,
)
from chargeplane.domain.station import (
    BootNotification,
    Evse,
    Reset,
    StatusNotification,
    TriggerMessage,
)
from chargeplane.domain.tokens import Token
from chargeplane.evse.hardware import Installation
from chargeplane.evse.installers import VirtualInstaller
from chargeplane.ocpp.errors import OcppError
from chargeplane.station import authorization, certificates, firmware
from chargeplane.station.certificates import Installed
from chargeplane.storage.documents import Documents
from tests.net.certificates import PLAIN, Authority, Wish
from tests.net.file_servers import HttpFiles, http_files
from tests.station.desk import VERSIONS, Place, place

PAST = datetime(2026, 1, 1, tzinfo=UTC)
IMAGE = b"2.0.0"
MODERN = ("2.0.1", "2.1")


@pytest.fixture
async def files() -> AsyncIterator[HttpFiles]:
    async with http_files() as found:
        found.files["/image.bin"] = IMAGE
        yield found


class Tool:
    """An installer that does as it is told."""

    def __init__(self, status: Any = "InstallRebooting", *, meanwhile: bool = False) -> None:
        self.status = status
        self.works_while_charging = meanwhile
        self.seen: list[bytes] = []
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def install(self, image: Path) -> Installation:
        self.seen.append(image.read_bytes())  # noqa: ASYNC240 a few bytes
        await self.go_on.wait()
        return Installation(status=self.status)


@dataclass
class Signer:
    """A manufacturer that signs firmware."""

    root: Authority
    certificate: str
    key: ec.EllipticCurvePrivateKey

    def sign(self, content: bytes) -> str:
        return base64.b64encode(self.key.sign(content, ec.ECDSA(hashes.SHA256()))).decode()


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return made_by(Authority(tmp_path / "manufacturer", "Manufacturer"))


def made_by(root: Authority, wish: Wish = PLAIN) -> Signer:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate, _ = root.issue("Firmware", wish, key=key)
    return Signer(root, certificate.read_text(), key)


def trust(there: Place, signer: Signer) -> None:
    root = Installed(
        use="ManufacturerRootCertificate", chain=signer.root.pem, since=there.station.now()
    )
    certificates.keep(there.station, root)


def asking(
    files: HttpFiles, signer: Signer | None = None, content: bytes = IMAGE, **members: Any
) -> UpdateFirmware:
    image = Firmware(
        location=files.url(members.pop("name", "image.bin")),
        retrieve_date_time=members.pop("retrieve", PAST),
        install_date_time=members.pop("install", None),
        signing_certificate=signer.certificate if signer else None,
        signature=signer.sign(content) if signer else None,
    )
    return UpdateFirmware(firmware=image, **({"request_id": 7, "retries": 0} | members))


async def ask(there: Place, request: UpdateFirmware) -> UpdateFirmwareAnswer:
    answer = await there.desk.ask(request)
    assert isinstance(answer, UpdateFirmwareAnswer)
    return answer


def told(there: Place) -> list[str]:
    return [each.status for each in there.desk.all(FirmwareStatusNotification)]


async def hears(there: Place, status: str, count: int = 1) -> FirmwareStatusNotification:
    return await there.desk.hears(
        FirmwareStatusNotification, lambda each: each.status == status, count
    )


async def hears_event(there: Place, kind: str) -> None:
    await there.desk.hears(SecurityEventNotification, lambda each: each.type == kind)


async def charge(there: Place, number: int = 1) -> None:
    there.hardware(number).plug_in()
    await authorization.swipe(there.station, Token(f"TAG{number}"), (number,))
    await there.until(lambda: there.evse(number).transaction is not None)


def states(there: Place) -> list[str]:
    return [each.state(each.connector) for each in there.station.evses]


# The usual way


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_L_01_CS_signed_firmware_is_installed(
    files: HttpFiles, signer: Signer, version: str
) -> None:
    tool = Tool()
    async with place(version, installer=tool) as there:
        trust(there, signer)
        assert (await ask(there, asking(files, signer, install=PAST))).status == "Accepted"
        await hears(there, "Installed")
        assert told(there) == [
            "Downloading",
            "Downloaded",
            "SignatureVerified",
            "Installing",
            "InstallRebooting",
            "Installed",
        ]
        assert {each.request_id for each in there.desk.all(FirmwareStatusNotification)} == {7}
        await hears_event(there, "FirmwareUpdated")
        boot = await there.desk.hears(BootNotification, count=2)
        assert boot.reason == ("Unknown" if version == "1.6" else "FirmwareUpdate")
        assert tool.seen == [IMAGE]
        assert not firmware.file(there.station).exists()


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_044_1_firmware_that_is_not_signed(files: HttpFiles, version: str) -> None:
    numbered = None if version == "1.6" else 7
    async with place(version, installer=Tool()) as there:
        assert (await ask(there, asking(files, request_id=numbered))).status == "Accepted"
        await hears(there, "Installed")
        expected = ["Downloading", "Downloaded", "Installing", "Installed"]
        if version != "1.6":
            expected.insert(3, "InstallRebooting")
        assert told(there) == expected


async def test_the_new_version_is_told_at_boot(files: HttpFiles) -> None:
    async with place(installer=VirtualInstaller()) as there:
        await ask(there, asking(files))
        boot = await there.desk.hears(BootNotification, count=2)
        assert boot.charging_station.firmware_version == "2.0.0"
        assert there.station.model.text("ChargingStation/FirmwareVersion") == "2.0.0"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Lets time pass when it is set, whatever is waited for."""
    passes = asyncio.Event()

    async def sleep(_seconds: float) -> None:
        await passes.wait()

    monkeypatch.setattr(firmware, "sleep", sleep)
    return passes


def tomorrow() -> datetime:
    return datetime.now(UTC) + timedelta(days=1)


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_L_02_CS_it_is_installed_later(
    files: HttpFiles, signer: Signer, version: str, clock: asyncio.Event
) -> None:
    tool = Tool()
    async with place(version, installer=tool) as there:
        trust(there, signer)
        await ask(there, asking(files, signer, install=tomorrow()))
        await hears(there, "InstallScheduled")
        assert tool.seen == []
        clock.set()
        await hears(there, "Installed")
        assert told(there)[2:5] == ["SignatureVerified", "InstallScheduled", "Installing"]


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_L_03_CS_it_is_fetched_later(
    files: HttpFiles, signer: Signer, version: str, clock: asyncio.Event
) -> None:
    async with place(version, installer=Tool()) as there:
        trust(there, signer)
        await ask(there, asking(files, signer, retrieve=tomorrow(), install=PAST))
        await hears(there, "DownloadScheduled")
        assert files.asked == []
        clock.set()
        await hears(there, "Installed")
        assert told(there)[:2] == ["DownloadScheduled", "Downloading"]


# What is refused


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("case", ["stranger", "expired", "nonsense", "below another"])
async def test_TC_L_05_CS_an_invalid_certificate(
    files: HttpFiles, signer: Signer, tmp_path: Path, version: str, case: str
) -> None:
    other = {
        "stranger": lambda: made_by(Authority(tmp_path / "stranger", "Stranger")),
        "expired": lambda: made_by(signer.root, Wish(days=(-2, -1))),
        "nonsense": lambda: Signer(signer.root, "nonsense", signer.key),
        "below another": lambda: made_by(signer.root.below("Sub")),
    }[case]()
    async with place(version, installer=Tool()) as there:
        trust(there, signer)
        assert (await ask(there, asking(files, other))).status == "InvalidCertificate"
        await hears_event(there, "InvalidFirmwareSigningCertificate")
        assert files.asked == []


@pytest.mark.parametrize("version", VERSIONS)
async def test_without_a_root_no_certificate_is_good(
    files: HttpFiles, signer: Signer, version: str
) -> None:
    async with place(version, installer=Tool()) as there:
        assert (await ask(there, asking(files, signer))).status == "InvalidCertificate"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("content", [b"other firmware", None])
async def test_TC_L_06_CS_an_invalid_signature(
    files: HttpFiles, signer: Signer, version: str, content: bytes | None
) -> None:
    request = asking(files, signer, content or b"")
    if content is None:
        image = replace(request.firmware, signature="no base64!")
        request = replace(request, firmware=image)
    tool = Tool()
    async with place(version, installer=tool) as there:
        trust(there, signer)
        assert (await ask(there, request)).status == "Accepted"
        await hears(there, "InvalidSignature")
        assert told(there) == ["Downloading", "Downloaded", "InvalidSignature"]
        await hears_event(there, "InvalidFirmwareSignature")
        assert tool.seen == []


@pytest.mark.parametrize("version", MODERN)
async def test_TC_L_18_CS_unsigned_where_signatures_can_be_checked(
    files: HttpFiles, signer: Signer, version: str
) -> None:
    async with place(version, installer=Tool()) as there:
        trust(there, signer)
        assert (await ask(there, asking(files))).status == "Rejected"
    async with place("1.6", installer=Tool()) as there:
        trust(there, signer)
        with pytest.raises(OcppError) as refused:
            await ask(there, asking(files, request_id=None))
        assert refused.value.code == "NotSupported"
        assert files.asked == []


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_station_without_an_installer(files: HttpFiles, version: str) -> None:
    async with place(version) as there:
        request = asking(files, request_id=None if version == "1.6" else 7)
        with pytest.raises(OcppError) as refused:
            await ask(there, request)
        assert refused.value.code == "NotSupported"


# What fails


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_L_07_CS_the_file_cannot_be_fetched(
    files: HttpFiles, signer: Signer, version: str
) -> None:
    async with place(version, installer=Tool()) as there:
        trust(there, signer)
        request = asking(files, signer, name="missing", retries=2, retry_interval=0)
        assert (await ask(there, request)).status == "Accepted"
        await hears(there, "DownloadFailed")
        assert told(there) == ["Downloading", "DownloadFailed"]
        assert len(files.asked) == 3


async def test_a_transfer_that_breaks_off_is_gone_on_with(files: HttpFiles, signer: Signer) -> None:
    files.cuts = [2]
    tool = Tool()
    async with place(installer=tool) as there:
        trust(there, signer)
        await ask(there, asking(files, signer, retries=1, retry_interval=0))
        await hears(there, "Installed")
        assert tool.seen == [IMAGE]
        assert files.asked == ["GET /image.bin", "GET /image.bin bytes=2-"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("status", ["InstallVerificationFailed", "InstallationFailed"])
async def test_TC_L_08_CS_the_installation_fails(
    files: HttpFiles, signer: Signer, version: str, status: str
) -> None:
    async with place(version, installer=Tool(status)) as there:
        trust(there, signer)
        await ask(there, asking(files, signer))
        await hears(there, status)
        assert told(there)[-2:] == ["Installing", status]
        assert states(there) == ["Available"]
        assert there.station.may_reset


async def test_an_installer_that_breaks(files: HttpFiles) -> None:
    class Broken(Tool):
        async def install(self, image: Path) -> Installation:
            raise RuntimeError(str(image))

    async with place(installer=Broken()) as there:
        await ask(there, asking(files))
        await hears(there, "InstallationFailed")
        assert states(there) == ["Available"]


# One after the other


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_L_10_CS_a_second_update_takes_the_place_of_the_first(
    files: HttpFiles, signer: Signer, version: str
) -> None:
    files.hold = asyncio.Event()
    tool = Tool()
    async with place(version, installer=tool) as there:
        trust(there, signer)
        await ask(there, asking(files, signer))
        await hears(there, "Downloading")
        again = await ask(there, asking(files, signer, request_id=8))
        assert again.status == "AcceptedCanceled"
        files.hold.set()
        done = await hears(there, "Installed")
        assert done.request_id == 8
        assert told(there)[:3] == ["Downloading", "Downloading", "Downloaded"]
        assert len(tool.seen) == 1


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_L_11_CS_what_is_being_installed_cannot_be_cancelled(
    files: HttpFiles, signer: Signer, version: str
) -> None:
    tool = Tool()
    async with place(version, installer=tool) as there:
        tool.go_on.clear()
        trust(there, signer)
        await ask(there, asking(files, signer))
        await hears(there, "Installing")
        assert (await ask(there, asking(files, signer, request_id=8))).status == "Rejected"
        assert (await there.desk.ask(Reset(type="Immediate"))).status == "Rejected"
        tool.go_on.set()
        assert (await hears(there, "Installed")).request_id == 7


# While cars charge


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_L_14_CS_new_charges_may_begin_while_it_waits(
    files: HttpFiles, signer: Signer, version: str
) -> None:
    allowed = {"ChargingStation/AllowNewSessionsPendingFirmwareUpdate": "true"}
    tool = Tool()
    async with place(version, evses=2, values=allowed, installer=tool) as there:
        trust(there, signer)
        await charge(there, 1)
        await ask(there, asking(files, signer))
        await hears(there, "InstallScheduled")
        await charge(there, 2)
        for number in (1, 2):
            assert tool.seen == []
            there.hardware(number).plug_out()
        await hears(there, "Installed")
        assert told(there)[2:5] == ["SignatureVerified", "InstallScheduled", "Installing"]


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_L_15_CS_no_new_charges_while_it_waits(
    files: HttpFiles, signer: Signer, version: str
) -> None:
    tool = Tool()
    async with place(version, evses=2, installer=tool) as there:
        tool.go_on.clear()
        trust(there, signer)
        await charge(there, 1)
        await ask(there, asking(files, signer))
        await there.desk.hears(
            StatusNotification,
            lambda s: s.evse.id == 2 and s.connector_status == "Unavailable",
        )
        assert tool.seen == []
        there.hardware(1).plug_out()
        await hears(there, "Installing")
        assert states(there) == ["Unavailable", "Unavailable"]
        tool.go_on.set()
        await hears(there, "Installed")
        await there.until(lambda: states(there) == ["Available", "Available"])


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_L_16_CS_an_installer_that_works_while_cars_charge(
    files: HttpFiles, signer: Signer, version: str
) -> None:
    async with place(version, installer=Tool("Installed", meanwhile=True)) as there:
        trust(there, signer)
        await charge(there)
        await ask(there, asking(files, signer))
        await hears(there, "Installed")
        assert there.evse().transaction is not None
        assert told(there)[-2:] == ["Installing", "Installed"]
        await there.until(lambda: len(there.desk.dialled) == 2)


async def test_what_is_installed_while_cars_charge_is_activated_afterwards(
    files: HttpFiles,
) -> None:
    async with place(installer=Tool(meanwhile=True)) as there:
        await charge(there)
        await ask(there, asking(files))
        await hears(there, "InstallScheduled")
        assert told(there)[-2:] == ["Installing", "InstallScheduled"]
        there.hardware().plug_out()
        await hears(there, "Installed")


# Power cuts


@pytest.mark.parametrize("when", ["Downloading", "InstallScheduled", "Installing"])
async def test_an_update_goes_on_after_a_power_cut(
    files: HttpFiles, signer: Signer, tmp_path: Path, when: str, clock: asyncio.Event
) -> None:
    documents, tool = Documents(tmp_path / "station.db"), Tool()
    if when == "Downloading":
        files.hold = asyncio.Event()
    if when == "Installing":
        tool.go_on.clear()
    async with place(documents=documents, installer=tool) as there:
        trust(there, signer)
        later = tomorrow() if when == "InstallScheduled" else None
        await ask(there, asking(files, signer, install=later))
        await hears(there, when)
    documents.close()
    if files.hold is not None:
        files.hold.set()
    clock.set()
    again, tool = Documents(tmp_path / "station.db"), Tool()
    async with place(documents=again, installer=tool) as there:
        assert (await hears(there, "Installed")).request_id == 7
        assert tool.seen == [IMAGE]
        assert when not in told(there)
    again.close()


async def test_what_happens_offline_is_told_later(files: HttpFiles) -> None:
    tool = Tool("Installed")
    async with place(installer=tool) as there:
        tool.go_on.clear()
        await ask(there, asking(files))
        await hears(there, "Installing")
        await there.desk.hang_up(reachable=False)
        await there.until(lambda: there.station.peer is None)
        tool.go_on.set()
        await there.until(lambda: not there.station.has_job(firmware.JOB))
        there.desk.is_reachable = True
        await hears(there, "Installed")
        await hears_event(there, "FirmwareUpdated")


# Being asked how it goes


async def trigger(there: Place, evse: Evse | None = None) -> FirmwareStatusNotification:
    there.desk.forget()
    asked = TriggerMessage(requested_message="FirmwareStatusNotification", evse=evse)
    assert (await there.desk.ask(asked)).status == "Accepted"
    return await there.desk.hears(FirmwareStatusNotification)


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_F_17_CS_TC_F_18_CS_TC_F_19_CS_the_status_when_it_is_asked_for(
    files: HttpFiles, version: str
) -> None:
    numbered = None if version == "1.6" else 7
    tool = Tool("Installed")
    files.hold = asyncio.Event()
    async with place(version, installer=tool) as there:
        for evse in (None, Evse(1)):
            said = await trigger(there, evse)
            assert (said.status, said.request_id) == ("Idle", None)
        tool.go_on.clear()
        await ask(there, asking(files, request_id=numbered))
        await hears(there, "Downloading")
        said = await trigger(there)
        assert (said.status, said.request_id) == ("Downloading", numbered)
        files.hold.set()
        await hears(there, "Installing")
        said = await trigger(there)
        assert (said.status, said.request_id) == ("Installing", numbered)
        tool.go_on.set()
        await hears(there, "Installed")
        assert (await trigger(there)).status == "Idle"
        await ask(there, asking(files, request_id=numbered, name="missing"))
        await hears(there, "DownloadFailed")
        said = await trigger(there)
        assert said.status == ("Idle" if version == "1.6" else "DownloadFailed")
