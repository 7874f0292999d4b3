"""From the registers of a meter to its reading, rounded as a SmartEVSE rounds.

Its arithmetic is that of the device: floats in single precision, divisions cut towards zero,
currents in mA before they are 0.1 A. So both see the same current on the same meter.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from chargeplane.errors import NoMeasurement
from chargeplane.evse.meter_types import MeterType, Register
from chargeplane.evse.readings import NO_CURRENT, MeterReading, Phases
from chargeplane.evse.registers import DataType, Endianness, Image, Number, Span, grouped, taken

MILLI: Final = -3  # the exponent that makes mA of A, and Wh of kWh
DECI: Final = -1
MA_PER_DA: Final = 100
MOST_DA: Final = 32767  # more is no current, and does not fit where it goes
MOST_SCALE: Final = 10  # of SunSpec's exponents
ABSENT: Final = -0x8000  # what SunSpec says of a phase that is not there

# Which registers to read


@lru_cache(maxsize=64)
def spans(meter: MeterType, *, full: bool = True) -> tuple[Span, ...]:
    """The fewest requests for a meter; without `full` only those for its currents and power."""
    if meter.source == "sensorbox":
        return (SENSORBOX,)
    return tuple(grouped(_wanted(meter, full=full), most=meter.most, gap=meter.gap))


def _wanted(meter: MeterType, *, full: bool) -> Iterator[Span]:
    size, of_energy = meter.data_type.size, meter.of_energy.size
    often = [
        (meter.currents, size * meter.phases),
        (meter.phase_powers, size * meter.phases),
        (meter.power, size),
    ]
    seldom = [
        (meter.voltages, size * meter.phases),
        (meter.import_energy, of_energy),
        (meter.export_energy, of_energy),
    ]
    for register, count in often + (seldom if full else []):
        if register is not None:
            yield Span(register.address, count)
            if register.scale is not None:
                yield Span(register.scale, 1)


# What they hold


def decode(
    meter: MeterType, image: Image, at: float, *, double_clamps: bool = False
) -> MeterReading:
    """The reading of a meter at a time, from all registers that were read.

    `double_clamps` is for a Sensorbox with clamps of 200 A, which a SmartEVSE assumes above 100 A
    of mains. Raises `NoMeasurement` if the registers hold none.
    """
    if meter.source == "sensorbox":
        return _sensorbox(image, at, double_clamps=double_clamps)
    powers_w = _powers(meter, image)
    imported = _energy(meter, image, meter.import_energy)
    exported = _energy(meter, image, meter.export_energy)
    if meter.is_inverted:
        imported, exported = exported, imported
    return MeterReading(
        at=at,
        currents_da=_currents(meter, image, powers_w),
        power_w=sum(powers_w) if powers_w else _power(meter, image),
        powers_w=powers_w,
        import_wh=imported,
        export_wh=exported,
        energy_at=None if imported is None and exported is None else at,
        voltages_v=_voltages(meter, image),
    )


def _currents(meter: MeterType, image: Image, powers_w: Phases | None) -> Phases:
    if meter.currents is None:
        return NO_CURRENT
    currents_ma = _phases(meter, image, meter.currents, MILLI)
    if powers_w is not None and not meter.is_signed:
        currents_ma = _three(
            -ma if power < 0 else ma for ma, power in zip(currents_ma, powers_w, strict=True)
        )
    return _deci(currents_ma)


def _powers(meter: MeterType, image: Image) -> Phases | None:
    if meter.phase_powers is None:
        return None
    powers_w = _phases(meter, image, meter.phase_powers, 0)
    return _three(-power for power in powers_w) if meter.is_inverted else powers_w


def _power(meter: MeterType, image: Image) -> int | None:
    if meter.power is None or meter.power.address not in image:
        return None
    power_w = _quantity(meter, image, meter.power, 0)
    return -power_w if meter.is_inverted else power_w


def _energy(meter: MeterType, image: Image, register: Register | None) -> int | None:
    if register is None or register.address not in image:
        return None
    number = taken(image, register.address, meter.of_energy, meter.endianness)
    return scaled(number, _exponent(meter, image, register) + MILLI)


def _voltages(meter: MeterType, image: Image) -> tuple[float, ...] | None:
    register = meter.voltages
    if register is None or register.address not in image:
        return None
    factor = 10.0 ** -_exponent(meter, image, register)
    numbers = [_number(meter, image, each.address) for each in _per_phase(meter, register)]
    return tuple(round(number * factor, 1) for number in numbers)


def _phases(meter: MeterType, image: Image, register: Register, unit: int) -> Phases:
    found = [_quantity(meter, image, each, unit) for each in _per_phase(meter, register)]
    return _three([*found, 0, 0][:3])


def _per_phase(meter: MeterType, register: Register) -> Iterator[Register]:
    for phase in range(meter.phases):
        yield register._replace(address=register.address + phase * meter.data_type.size)


def _quantity(meter: MeterType, image: Image, register: Register, unit: int) -> int:
    number = _number(meter, image, register.address)
    if register.scale is not None and number == ABSENT:
        return 0
    return scaled(number, _exponent(meter, image, register) + unit)


def _exponent(meter: MeterType, image: Image, register: Register) -> int:
    if register.scale is None:
        return register.exponent
    factor = int(taken(image, register.scale, DataType.INT16, meter.endianness))
    if factor == ABSENT:
        return register.exponent
    if abs(factor) > MOST_SCALE:
        raise NoMeasurement(f"10**{factor} is no scale")
    return register.exponent - factor


def _number(meter: MeterType, image: Image, address: int) -> Number:
    return taken(image, address, meter.data_type, meter.endianness)


# Rounding


def scaled(number: Number, exponent: int) -> int:
    """The number divided by 10**`exponent`, cut to an integer."""
    power: int = 10 ** abs(exponent)
    if isinstance(number, int):
        return _cut(number, power) if exponent >= 0 else number * power
    return math.trunc(_single(number / power if exponent >= 0 else number * power))


def _single(number: float) -> float:
    """The nearest float of single precision."""
    try:
        (rounded,) = struct.unpack(">f", struct.pack(">f", number))
    except OverflowError as error:
        raise NoMeasurement(f"{number} is no measurement") from error
    return float(rounded)


def _cut(number: int, divisor: int) -> int:
    return number // divisor if number >= 0 else -(-number // divisor)


def _deci(currents_ma: Iterable[int]) -> Phases:
    currents_da = _three(_cut(current, MA_PER_DA) for current in currents_ma)
    if max(map(abs, currents_da)) > MOST_DA:
        raise NoMeasurement(f"{currents_da} in 0.1 A is no current")
    return currents_da


def _three(numbers: Iterable[int]) -> Phases:
    one, two, three = numbers
    return one, two, three


# Meters with a way of their own

# Register 1 of a Sensorbox: whether anything was measured, and whether by the P1 port of a smart
# meter, whose voltages and currents lie before those of its own clamps.
SENSORBOX: Final = Span(0, 20)
MEASURED, BY_P1 = 0xFF, 0x80
P1_VOLTAGES, P1_CURRENTS, CLAMP_CURRENTS = 2, 8, 14


def _sensorbox(image: Image, at: float, *, double_clamps: bool) -> MeterReading:
    said = image.get(1, 0)
    if not said & MEASURED:
        raise NoMeasurement("the Sensorbox measures nothing")
    is_p1 = bool(said & BY_P1)
    factor = 1 if is_p1 or not double_clamps else 2
    amperes = _floats(image, P1_CURRENTS if is_p1 else CLAMP_CURRENTS)
    volts = _floats(image, P1_VOLTAGES) if is_p1 else None
    return MeterReading(
        at=at,
        currents_da=_deci(scaled(each, MILLI) * factor for each in amperes),
        voltages_v=None if volts is None else tuple(round(each, 1) for each in volts),
    )


def _floats(image: Image, address: int) -> list[Number]:
    size, order = DataType.FLOAT32.size, Endianness.HIGH_BYTE_HIGH_WORD
    return [taken(image, address + size * n, DataType.FLOAT32, order) for n in range(3)]


def decode_homewizard(data: Mapping[str, Any], at: float) -> MeterReading:
    """What a HomeWizard P1 or kWh meter says at `/api/v1/data`.

    Raises `NoMeasurement` if it names no current of L1, or anything but numbers.
    """
    if data.get("active_current_l1_a") is None:
        raise NoMeasurement("active_current_l1_a is missing")
    try:
        powers_w = _three(int(_told(data, f"active_power_l{n}_w") or 0) for n in (1, 2, 3))
        imported, exported = (_kwh(data, f"total_power_{way}_kwh") for way in ("import", "export"))
        power, volts = _told(data, "active_power_w"), _volts(data)
        amperes = [_told(data, f"active_current_l{n}_a") or 0.0 for n in (1, 2, 3)]
    except (TypeError, ValueError, OverflowError) as error:
        raise NoMeasurement(f"{error}") from error
    currents_da = [abs(scaled(each, DECI)) for each in amperes]
    return MeterReading(
        at=at,
        currents_da=_three(
            -da if power < 0 else da for da, power in zip(currents_da, powers_w, strict=True)
        ),
        power_w=sum(powers_w) if power is None else int(power),
        powers_w=powers_w,
        import_wh=imported,
        export_wh=exported,
        energy_at=None if imported is None and exported is None else at,
        voltages_v=volts or None,
    )


def _told(data: Mapping[str, Any], key: str) -> float | None:
    value = data.get(key)
    return None if value is None else float(value)


def _kwh(data: Mapping[str, Any], key: str) -> int | None:
    value = _told(data, key)
    return None if value is None else round(value * 1000)


def _volts(data: Mapping[str, Any]) -> tuple[float, ...]:
    found = (_told(data, f"active_voltage_l{n}_v") for n in (1, 2, 3))
    return tuple(each for each in found if each is not None)
