"""What the registers of meters hold, written down from their manuals, and what it means."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass

from chargeplane.evse.readings import Phases

Image = dict[int, int]


@dataclass(frozen=True, kw_only=True)
class Case:
    name: str
    function: int
    image: Image
    currents_da: Phases
    power_w: int | None
    import_wh: int | None = None
    export_wh: int | None = None
    voltages_v: tuple[float, ...] | None = None
    quick: list[tuple[int, int]]  # requests for currents and power: address and count
    requests: int = 1  # for everything


def _words(data: bytes) -> list[int]:
    return [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2)]


def _place(letter: str, address: int, numbers: Iterable[float], *, low_first: bool) -> Image:
    found: Image = {}
    for number in numbers:
        words = _words(struct.pack(f">{letter}", number))
        found |= dict(enumerate(words[::-1] if low_first else words, address))
        address += len(words)
    return found


def floats(address: int, *numbers: float) -> Image:
    return _place("f", address, numbers, low_first=False)


def longs(address: int, *numbers: int) -> Image:
    return _place("i", address, numbers, low_first=False)


def low_first(address: int, *numbers: int) -> Image:
    return _place("i", address, numbers, low_first=True)


def shorts(address: int, *numbers: int) -> Image:
    return _place("h", address, numbers, low_first=False)


def wides(address: int, *numbers: int) -> Image:
    return _place("q", address, numbers, low_first=False)


def fill(address: int, count: int) -> Image:
    """Registers that hold something else, which no reading may show."""
    return dict.fromkeys(range(address, address + count), 0x7777)


# The answer that the documentation of the Sensorbox 2 gives as its example.
SENSORBOX_P1 = _words(
    bytes.fromhex(
        "0014 3283 43668000 43664ccd 4369199a 3e129a61 3f9f8380 be414a5a 3bea003b bb6ff36b 3a458de3"
    )
)

CASES = [
    Case(
        name="Sensorbox",
        function=4,
        image=dict(enumerate(SENSORBOX_P1)),
        currents_da=(1, 12, -1),
        power_w=None,
        voltages_v=(230.5, 230.3, 233.1),
        quick=[(0, 20)],
    ),
    Case(
        name="Phoenix C",
        function=4,
        image=low_first(0x00, 2301, 2295, 2310)
        | low_first(0x0C, 16_020, -6_990, 99)
        | low_first(0x28, 21_507)
        | low_first(0x3E, 123_456),
        currents_da=(160, -69, 0),
        power_w=2150,
        import_wh=12_345_600,
        voltages_v=(230.1, 229.5, 231.0),
        quick=[(0x0C, 6), (0x28, 2)],
        requests=4,
    ),
    Case(
        name="Finder 7E",
        function=4,
        image=floats(0x1000, 230.1, 229.5, 231.0)
        | floats(0x100E, 16.02, -6.99, 0.1)
        | floats(0x1026, -2150.7)
        | floats(0x1106, 1_234_567.0)
        | floats(0x110E, 7_654_321.0),
        currents_da=(160, -69, 1),
        power_w=-2150,
        import_wh=1_234_567,
        export_wh=7_654_321,
        voltages_v=(230.1, 229.5, 231.0),
        quick=[(0x100E, 6), (0x1026, 2)],
        requests=5,
    ),
    Case(
        name="Eastron3P",
        function=4,
        image=floats(0x00, 230.1, 229.5, 231.0)
        | floats(0x06, 16.02, 6.99, 0.7)
        | floats(0x0C, 3684.6, -1604.2, 161.9)
        | floats(0x48, 1234.567, 0.5),
        currents_da=(160, -69, 7),
        power_w=3684 - 1604 + 161,
        import_wh=1_234_567,
        export_wh=500,
        voltages_v=(230.1, 229.5, 231.0),
        quick=[(0x06, 12)],
        requests=2,
    ),
    Case(
        name="InvEastrn",
        function=4,
        image=floats(0x00, 230.1, 229.5, 231.0)
        | floats(0x06, 16.02, 6.99, 0.7)
        | floats(0x0C, 3684.6, -1604.2, 161.9)
        | floats(0x48, 1234.567, 0.5),
        currents_da=(-160, 69, -7),
        power_w=-3684 + 1604 - 161,
        import_wh=500,
        export_wh=1_234_567,
        voltages_v=(230.1, 229.5, 231.0),
        quick=[(0x06, 12)],
        requests=2,
    ),
    Case(
        name="ABB",
        function=3,
        image=longs(0x5B00, 2301, 2295, 2310)
        | longs(0x5B0C, 1602, 699, 70)
        | fill(0x5B12, 4)
        | longs(0x5B16, 368_460, -160_420, 16_190)
        | wides(0x5000, 123_456, 4_294_967_296),
        currents_da=(160, -69, 7),
        power_w=3684 - 1604 + 161,
        import_wh=1_234_560,
        export_wh=42_949_672_960,
        voltages_v=(230.1, 229.5, 231.0),
        quick=[(0x5B0C, 16)],
        requests=3,
    ),
    Case(
        name="SolarEdge",
        function=3,
        image=fill(40190, 60)
        | shorts(40191, 1602, -699, -0x8000, -2)
        | shorts(40196, 2301, 2295, 2310)
        | shorts(40203, -1)
        | shorts(40206, 215)
        | shorts(40210, 1)
        | longs(40226, 7_654_321)
        | longs(40234, 1_234_567)
        | shorts(40242, 0),
        currents_da=(160, -69, 0),
        power_w=2150,
        import_wh=1_234_567,
        export_wh=7_654_321,
        voltages_v=(230.1, 229.5, 231.0),
        quick=[(40191, 20)],
    ),
    Case(
        name="WAGO",
        function=3,
        image=floats(0x5002, 230.1, 229.5, 231.0)
        | floats(0x500C, 16.02, -6.99, 0.7)
        | floats(0x5012, -2.1507)
        | floats(0x600C, 1234.567)
        | floats(0x6018, 0.5),
        currents_da=(160, -69, 7),
        power_w=-2150,
        import_wh=1_234_567,
        export_wh=500,
        voltages_v=(230.1, 229.5, 231.0),
        quick=[(0x500C, 8)],
        requests=4,
    ),
    Case(
        name="Eastron1P",
        function=4,
        image=floats(0x00, 230.1, 0, 0)
        | floats(0x06, 16.02, 0, 0)
        | floats(0x0C, -3684.6, 0, 0)
        | floats(0x48, 1234.567, 0.5),
        currents_da=(-160, 0, 0),
        power_w=-3684,
        import_wh=1_234_567,
        export_wh=500,
        voltages_v=(230.1, 0.0, 0.0),
        quick=[(0x06, 12)],
        requests=2,
    ),
    Case(
        name="Finder 7M",
        function=4,
        image=floats(2500, 230.1, 229.5, 231.0)
        | floats(2516, 16.02, 6.99, 0.7)
        | fill(2522, 8)
        | floats(2530, 3684.6, -1604.2, 161.9)
        | floats(2638, 1_234_567.0),
        currents_da=(160, -69, 7),
        power_w=3684 - 1604 + 161,
        import_wh=1_234_567,
        voltages_v=(230.1, 229.5, 231.0),
        quick=[(2516, 20)],
        requests=3,
    ),
    Case(
        name="Sinotimer",
        function=4,
        image=shorts(0x00, 2301, 2295, 2310)
        | shorts(0x03, 1602, -699, 70)
        | shorts(0x08, 3684, -1604, 161)
        | longs(0x27, 123_456)
        | longs(0x31, 50),
        currents_da=(160, -69, 7),
        power_w=3684 - 1604 + 161,
        import_wh=1_234_560,
        export_wh=500,
        voltages_v=(230.1, 229.5, 231.0),
        quick=[(0x03, 3), (0x08, 3)],
        requests=4,
    ),
    Case(
        name="Schneider",
        function=3,
        image=fill(0x0BB7, 60)
        | floats(0x0BB7, 16.02, 6.99, 0.7)
        | floats(0x0BD3, 230.1, 229.5, 231.0)
        | floats(0x0BED, 3.6846, -1.6042, 0.1619)
        | floats(0xB02B, 1234.567, 0.5),
        currents_da=(160, -69, 7),
        power_w=3684 - 1604 + 161,
        import_wh=1_234_567,
        export_wh=500,
        voltages_v=(230.1, 229.5, 231.0),
        quick=[(0x0BB7, 60)],
        requests=2,
    ),
    Case(
        name="Chint 3P",
        function=3,
        image=floats(0x2000, 3986.0, 3975.0, 4001.0)
        | floats(0x2006, 2301.0, 2295.0, 2310.0)
        | floats(0x200C, 16_020.0, 6_990.0, 700.0)
        | fill(0x2012, 2)
        | floats(0x2014, 36_846.0, -16_042.0, 1_619.0)
        | floats(0x101E, 1234.567)
        | floats(0x1028, 0.5),
        currents_da=(160, -69, 7),
        power_w=3684 - 1604 + 161,
        import_wh=1_234_567,
        export_wh=500,
        voltages_v=(230.1, 229.5, 231.0),
        quick=[(0x200C, 14)],
        requests=3,
    ),
    Case(
        name="C.Gavazzi",
        function=4,
        image=low_first(0x00, 2301, 2295, 2310)
        | low_first(0x0C, 16_020, -6_990, 99)
        | low_first(0x28, -21_507)
        | low_first(0x34, 123_456)
        | low_first(0x4E, 5),
        currents_da=(160, -69, 0),
        power_w=-2150,
        import_wh=12_345_600,
        export_wh=500,
        voltages_v=(230.1, 229.5, 231.0),
        quick=[(0x0C, 6), (0x28, 2)],
        requests=5,
    ),
    Case(
        name="Chint 1P",
        function=3,
        image=floats(0x2000, 230.1, 16.02, -3.6846)
        | floats(0x4000, 1234.567)
        | floats(0x400A, 0.5),
        currents_da=(-160, 0, 0),
        power_w=-3684,
        import_wh=1_234_567,
        export_wh=500,
        voltages_v=(230.1,),
        quick=[(0x2002, 4)],
        requests=3,
    ),
]
