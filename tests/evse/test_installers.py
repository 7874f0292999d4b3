from __future__ import annotations

import sys
from pathlib import Path

import pytest

from chargeplane.evse import installers
from chargeplane.evse.installers import CommandInstaller, VirtualInstaller


@pytest.fixture
def image(tmp_path: Path) -> Path:
    file = tmp_path / "image"
    file.write_bytes(b"firmware")
    return file


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (0, "Installed"),
        (75, "InstallRebooting"),
        (65, "InstallVerificationFailed"),
        (1, "InstallationFailed"),
    ],
)
async def test_a_command_says_by_its_exit_code(image: Path, code: int, status: str) -> None:
    program = f"import sys; assert open(sys.argv[1]).read() == 'firmware'; sys.exit({code})"
    installer = CommandInstaller([sys.executable, "-c", program])
    assert (await installer.install(image)).status == status


async def test_a_command_that_cannot_be_run(image: Path) -> None:
    done = await CommandInstaller([str(image.parent / "missing")]).install(image)
    assert done.status == "InstallationFailed"


async def test_a_command_that_takes_too_long(image: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installers, "PATIENCE", 0.05)
    installer = CommandInstaller([sys.executable, "-c", "import time; time.sleep(60)"])
    assert (await installer.install(image)).status == "InstallationFailed"


@pytest.mark.parametrize(
    ("content", "status", "known"),
    [
        (b"2.0.1-rc1\n", "InstallRebooting", "2.0.1-rc1"),
        (b"\x7fELF", "InstallRebooting", None),
        (b"x" * 100, "InstallRebooting", None),
        (b"1" * 100, "InstallRebooting", None),
        (b"", "InstallVerificationFailed", None),
    ],
)
async def test_the_virtual_installer(
    image: Path, content: bytes, status: str, known: str | None
) -> None:
    image.write_bytes(content)  # noqa: ASYNC240 a few bytes
    done = await VirtualInstaller().install(image)
    assert (done.status, done.version) == (status, known)
