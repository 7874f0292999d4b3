from __future__ import annotations

import pytest

from chargeplane.access.keys import Caller


@pytest.mark.parametrize(
    ("stations", "seen"),
    [
        (None, ["north-1", "N", "DE*A*1"]),
        (("north-*",), ["north-1"]),
        (("DE*A*1", "N"), ["N", "DE*A*1"]),
        (("n",), []),
        ((), []),
    ],
)
def test_a_key_sees_its_stations(stations: tuple[str, ...] | None, seen: list[str]) -> None:
    caller = Caller("home", "read", stations)
    assert [name for name in ("north-1", "N", "DE*A*1") if caller.sees(name)] == seen
