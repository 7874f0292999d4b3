"""Reading meters of every kind.

A reading says when it was taken; how old it may be is for whoever uses it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Final, Protocol

import msgspec

from chargeplane.errors import ConfigurationError, NoMeasurement
from chargeplane.evse import sensorbox
from chargeplane.evse.meter_decoding import decode, decode_homewizard, spans
from chargeplane.evse.meter_types import MeterType, find
from chargeplane.evse.readings import NEVER, MeterReading, Push
from chargeplane.evse.registers import Bus, fetched
from chargeplane.net.device_http import DeviceHttp

Clock = Callable[[], float]

HOMEWIZARD_DATA: Final = "/api/v1/data"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterConfig:
    """Which meter it is, and where."""

    type: int | str = "Disabled"  # number or name of `meter_types.METERS`
    unit: int = 10  # Modbus address
    host: str = ""  # of a HomeWizard meter
    double_clamps: bool = False  # a Sensorbox with clamps of 200 A
    three_wires: bool | None = None  # which a Sensorbox 2 is told of the mains; None: nothing
    anticlockwise: bool = False  # the order of the phases, told along with the wires
    custom: MeterType | None = None  # for type "Custom": see `meter_types.custom`


class Meter(Protocol):
    """Something that can be read."""

    async def read(self, *, full: bool = True) -> MeterReading:
        """Measure; without `full` at least the currents.

        Raises `NoAnswer` or `DeviceError`.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ModbusMeter:
    """A meter on a bus, which others may use too."""

    type: MeterType
    bus: Bus
    unit: int
    double_clamps: bool = False
    clock: Clock = monotonic

    async def read(self, *, full: bool = True) -> MeterReading:
        """Read its registers; without `full` neither energies nor voltages."""
        wanted = spans(self.type, full=full)
        image = await fetched(self.bus, self.unit, self.type.function, wanted)
        return decode(self.type, image, self.clock(), double_clamps=self.double_clamps)


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeWizardMeter:
    """A HomeWizard P1 or kWh meter, by its local API."""

    http: DeviceHttp
    clock: Clock = monotonic

    async def read(self, *, full: bool = True) -> MeterReading:  # noqa: ARG002 it always tells all
        """Ask for its data."""
        return decode_homewizard(await self.http.get(HOMEWIZARD_DATA), self.clock())


class WiredSensorbox:
    """A Sensorbox that is told how the mains is wired, and again when it was silent."""

    def __init__(self, meter: ModbusMeter, *, three_wires: bool, anticlockwise: bool) -> None:
        self._meter = meter
        self._three_wires = three_wires
        self._anticlockwise = anticlockwise
        self._knows = False

    async def read(self, *, full: bool = True) -> MeterReading:
        """Read it, once it knows."""
        was_told, self._knows = self._knows, False
        if not was_told:
            await sensorbox.ensure_wired(
                self._meter.bus,
                three_wires=self._three_wires,
                anticlockwise=self._anticlockwise,
                unit=self._meter.unit,
            )
        reading = await self._meter.read(full=full)
        self._knows = True
        return reading


class PushedMeter:
    """A meter that somebody else reads and tells us of, over the REST API or MQTT."""

    def __init__(self, clock: Clock = monotonic) -> None:
        self._clock = clock
        self._reading = MeterReading(at=NEVER)

    def push(self, push: Push) -> None:
        """Take what was measured just now."""
        now, energies = self._clock(), (push.import_wh, push.export_wh)
        news = MeterReading(
            at=self._reading.at if push.currents_da is None else now,
            currents_da=push.currents_da or self._reading.currents_da,
            power_w=push.power_w,
            import_wh=push.import_wh,
            export_wh=push.export_wh,
            energy_at=None if energies == (None, None) else now,
        )
        self._reading = news.completed(self._reading)

    @property
    def reading(self) -> MeterReading:
        """The latest; its age is infinite until the first currents come."""
        return self._reading

    async def read(self, *, full: bool = True) -> MeterReading:  # noqa: ARG002 it is all there is
        """The same, as every meter is read."""
        return self._reading


class OverheardMeter:
    """A Modbus meter that a master on the line asks; its answers are listened to."""

    def __init__(self, meter: MeterType, unit: int, clock: Clock = monotonic) -> None:
        self._type = meter
        self._unit = unit
        self._clock = clock
        self._image: dict[int, int] = {}
        self._reading = MeterReading(at=NEVER)

    def hear(self, unit: int, function: int, address: int, registers: Sequence[int]) -> None:
        """Take what somebody answered; what is not this meter's is left alone."""
        if (unit, function) != (self._unit, self._type.function) or self._type.currents is None:
            return
        heard = dict(enumerate(registers, address))
        self._image |= heard
        if self._type.currents.address not in self._image:
            return
        with suppress(NoMeasurement):
            reading = decode(self._type, self._image, self._clock())
            self._reading = msgspec.structs.replace(
                reading,
                at=reading.at if self._type.currents.address in heard else self._reading.at,
                energy_at=reading.energy_at if self._has_energy(heard) else self._reading.energy_at,
            )

    async def read(self, *, full: bool = True) -> MeterReading:  # noqa: ARG002 it is all there is
        """The latest; its age is infinite until currents were heard."""
        return self._reading

    def _has_energy(self, heard: Mapping[int, int]) -> bool:
        energies = (self._type.import_energy, self._type.export_energy)
        return any(each is not None and each.address in heard for each in energies)


def open_meter(
    config: MeterConfig, bus: Bus | None = None, *, clock: Clock = monotonic
) -> Meter | None:
    """The meter of a configuration, None if it is disabled; Modbus meters need a bus.

    Raises `ConfigurationError` for a type that does not exist or lacks what it needs.
    """
    row = type_of(config)
    match row.source:
        case "none":
            return None
        case "pushed":
            return PushedMeter(clock)
        case "homewizard":
            if not config.host:
                raise ConfigurationError(f"meter.host: {row.name} needs one")
            return HomeWizardMeter(http=DeviceHttp(config.host), clock=clock)
    if bus is None:
        raise ConfigurationError(f"meter.type: {row.name} needs a Modbus line")
    meter = ModbusMeter(
        type=row, bus=bus, unit=config.unit, double_clamps=config.double_clamps, clock=clock
    )
    if row.source != "sensorbox" or config.three_wires is None:
        return meter
    return WiredSensorbox(meter, three_wires=config.three_wires, anticlockwise=config.anticlockwise)


def type_of(config: MeterConfig) -> MeterType:
    """The type of a meter; raises `ConfigurationError` if there is none such."""
    try:
        row = find(config.type)
    except KeyError:
        raise ConfigurationError(f"meter.type: there is no {config.type!r}") from None
    return config.custom if config.custom and row.id == config.custom.id else row
