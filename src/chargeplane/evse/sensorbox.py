"""What a Sensorbox knows besides currents, and what can be set in it.

Registers as its documentation numbers them (github.com/SmartEVSE/Sensorbox-2).
"""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Final, Literal

import msgspec

from chargeplane.evse.meter_types import INPUT
from chargeplane.evse.registers import Bus

UNIT: Final = 10  # its address cannot be changed
WIRING, WIFI_MODE = 0x800, 0x801  # what can be written
VERSION, DATA, WIFI, ADDRESS = 0x00, 0x01, 0x14, 0x18
WIFI_WORDS: Final = 6  # from the state of its WiFi to its address

WifiMode = Literal["off", "on", "portal"]
WIFI_MODES: Final[tuple[WifiMode, ...]] = ("off", "on", "portal")


class Sensorbox(msgspec.Struct, frozen=True, kw_only=True):
    """The state of a Sensorbox; what version 1 does not have is None."""

    version: int
    dsmr_version: int
    has_p1: bool
    has_clamps: bool
    three_wires: bool  # else four
    anticlockwise: bool
    wifi_mode: WifiMode | None = None
    wifi_connected: bool | None = None
    address: str | None = None


async def read(bus: Bus, unit: int = UNIT) -> Sensorbox:
    """Its state. Raises `NoAnswer` or `DeviceError`."""
    version, data = await bus.read(unit, INPUT, VERSION, 2)
    found = Sensorbox(
        version=version >> 8,
        dsmr_version=data >> 8,
        has_p1=bool(data & 0x80),
        has_clamps=bool(data & 0x03),
        three_wires=bool(version & 2),
        anticlockwise=bool(version & 1),
    )
    if not found.version:
        return found
    words = await bus.read(unit, INPUT, WIFI, WIFI_WORDS)
    high, low = words[ADDRESS - WIFI :]
    return msgspec.structs.replace(
        found,
        wifi_mode=WIFI_MODES[min(words[0] & 3, 2)],
        wifi_connected=bool(words[0] >> 8 & 2),
        address=str(IPv4Address(high << 16 | low)),
    )


async def ensure_wired(bus: Bus, *, three_wires: bool, anticlockwise: bool, unit: int) -> None:
    """Say it where it is not known yet; version 1 cannot be told. Raises as `wire` does."""
    found = await read(bus, unit)
    if found.version and (found.three_wires, found.anticlockwise) != (three_wires, anticlockwise):
        await wire(bus, three_wires=three_wires, anticlockwise=anticlockwise, unit=unit)


async def wire(bus: Bus, *, three_wires: bool, anticlockwise: bool, unit: int = UNIT) -> None:
    """Say how the mains is wired, which its clamps must know. Raises `NoAnswer`, `DeviceError`."""
    await bus.write(unit, WIRING, [three_wires << 1 | anticlockwise], function=6)


async def set_wifi(bus: Bus, mode: WifiMode, unit: int = UNIT) -> None:
    """Switch its WiFi, or open the portal where it is set up. Raises `NoAnswer`, `DeviceError`."""
    await bus.write(unit, WIFI_MODE, [WIFI_MODES.index(mode)], function=6)
