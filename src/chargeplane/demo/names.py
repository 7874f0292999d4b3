"""What the demonstration calls things, and how one gets in."""

from __future__ import annotations

from typing import Final

DEVICE: Final = "demo-evse"  # an EVSE controller beside them
KEY: Final = "demo"
GOOD: Final = "DEMO0001"
USER: Final = "demo"
PASSWORD: Final = "demo-demo-demo"  # noqa: S105 of a database that goes with the demonstration
