"""Who installs firmware: a command of the machine, or nobody but in appearance."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import structlog

from chargeplane.evse.hardware import Installation

# What a command says by its exit code (sysexits.h); any other code is a failure.
CODES: Final[dict[int, Any]] = {
    0: "Installed",
    75: "InstallRebooting",  # EX_TEMPFAIL: restart to have it
    65: "InstallVerificationFailed",  # EX_DATAERR: not for this device
}
PATIENCE: Final = 3600.0  # s
SHOWN: Final = 2000  # bytes of what a command says, for the log
VERSION: Final = re.compile(r"[0-9][\w.+-]{0,49}")

logger = structlog.get_logger()


class CommandInstaller:
    """Runs a command with the path of the image behind its arguments."""

    def __init__(self, command: Sequence[str], *, works_while_charging: bool = False) -> None:
        self._command = tuple(command)
        self.works_while_charging = works_while_charging

    async def install(self, image: Path) -> Installation:
        """Run it; what cannot be run, or takes longer than an hour, has failed."""
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                str(image),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
        except OSError as error:
            logger.error("installer cannot be run", command=self._command, error=str(error))
            return Installation(status="InstallationFailed")
        try:
            async with asyncio.timeout(PATIENCE):
                said, _ = await process.communicate()
        except TimeoutError:
            process.kill()
            await process.wait()
            said = b"it takes too long"
        text = said[-SHOWN:].decode("utf-8", "replace").strip()
        logger.info("installer ended", command=self._command, code=process.returncode, said=text)
        return Installation(status=CODES.get(process.returncode or 0, "InstallationFailed"))


class VirtualInstaller:
    """Takes any file that is not empty; one that is a version number gives the version."""

    works_while_charging = False

    async def install(self, image: Path) -> Installation:
        """Look at the file, and ask for a restart."""
        with image.open("rb") as file:
            head = file.read(51)
        if not head:
            return Installation(status="InstallVerificationFailed")
        found = VERSION.fullmatch(head.decode("ascii", "replace").strip())
        return Installation(status="InstallRebooting", version=found[0] if found else None)
