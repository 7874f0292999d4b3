"""What a station keeps for its diagnostics: frames and news of late, within bounds.

With a data folder it is a file that is begun anew when it is full, beside the one before it;
without one it is as little as memory allows.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final

import structlog

from chargeplane import logs

ON_DISK: Final = 1 << 20  # bytes of each of two files
IN_MEMORY: Final = 16 << 10  # bytes
MOMENT: Final = "2026-01-01T00:00:00.000Z"  # how lines begin
LINE: Final = 64 << 10  # bytes; as a report in one part is long

logger = structlog.get_logger()


class Logbook:
    """Lines with a moment each, the oldest first."""

    __slots__ = ("_file", "_lines", "_path", "_size")

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._file: IO[bytes] | None = None
        self._lines: deque[bytes] = deque()
        self._size = 0

    def note(self, when: datetime, kind: str, text: str) -> None:
        """Add a line without secrets; a disk that fails costs the line, no more."""
        said = logs.mask_frame(text[:LINE]).replace("\n", " ")
        line = f"{moment(when)} {kind} {said}\n".encode()
        if self._path is None:
            self._remember(line)
            return
        try:
            self._write(self._path, line)
        except OSError as error:
            logger.warning("logbook not written", path=str(self._path), error=str(error))

    def _remember(self, line: bytes) -> None:
        self._lines.append(line)
        self._size += len(line)
        while self._size > IN_MEMORY:
            self._size -= len(self._lines.popleft())

    def _write(self, path: Path, line: bytes) -> None:
        if self._file is None:
            self._file = path.open("ab")
            self._size = self._file.tell()
        if self._size + len(line) > ON_DISK:
            self._file.close()
            path.replace(_before(path))
            self._file, self._size = path.open("ab"), 0
        self._file.write(line)
        self._size += len(line)

    def read(self, oldest: datetime | None = None, latest: datetime | None = None) -> list[bytes]:
        """The lines of a span of time."""
        first = moment(oldest).encode() if oldest else b""
        last = moment(latest).encode() if latest else b"~"
        return [line for line in self._all() if first <= line[: len(MOMENT)] <= last]

    def _all(self) -> Iterator[bytes]:
        yield from self._lines
        if self._path is None:
            return
        if self._file is not None:
            self._file.flush()
        for path in (_before(self._path), self._path):
            if path.exists():
                yield from path.read_bytes().splitlines(keepends=True)

    def close(self) -> None:
        """Write what waits to be written."""
        if self._file is not None:
            self._file.close()
            self._file = None


def moment(when: datetime) -> str:
    """A moment, as lines begin; they compare as the moments do."""
    return when.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _before(path: Path) -> Path:
    return path.with_suffix(".1" + path.suffix)
