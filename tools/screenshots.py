"""`make screenshots`: pictures of every page, on a desk and on a phone, into docs/screenshots."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGES = ("tests/web/csms", "tests/web/pay")
FOLDER = ROOT / "docs" / "screenshots"


def main() -> int:
    """Let the tests of the pages take pictures as they go; their exit code."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.png"):
        old.unlink()
    environment = {**os.environ, "CHARGEPLANE_SHOTS": str(FOLDER)}
    tests = [sys.executable, "-m", "pytest", "-q", "-n2", *PAGES]
    return subprocess.run(tests, cwd=ROOT, env=environment, check=False).returncode  # noqa: S603 our own words


if __name__ == "__main__":
    sys.exit(main())
