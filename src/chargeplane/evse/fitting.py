"""Opening what a device is configured to have: its board, its meters, its Modbus line."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from chargeplane.config import Evse
from chargeplane.errors import ConfigurationError
from chargeplane.evse import meter_types, pace
from chargeplane.evse.controller import Controller
from chargeplane.evse.controller import Meter as Described
from chargeplane.evse.drivers.gpio import GpioBoard, GpioConfig
from chargeplane.evse.drivers.smartevse import SmartEvseConfig, SmartEvseWallbox
from chargeplane.evse.drivers.virtual import VirtualBoard
from chargeplane.evse.drivers.wallbox import ModbusWallbox, WallboxConfig
from chargeplane.evse.drivers.wallbox_board import WallboxBoard
from chargeplane.evse.hardware import Board, RfidReader
from chargeplane.evse.house import HomeBattery, House, VirtualHouse
from chargeplane.evse.ledger import Place
from chargeplane.evse.meters import (
    HomeWizardMeter,
    Meter,
    MeterConfig,
    OverheardMeter,
    PushedMeter,
    open_meter,
    type_of,
)
from chargeplane.evse.pace import StepClock
from chargeplane.evse.readings import MeterReading
from chargeplane.evse.registers import DataType, Endianness
from chargeplane.net.card_reader import SerialCardReader
from chargeplane.net.modbus import Line, ModbusBus, Serial, Tcp

VOLTAGE_V: Final = 230
DA_PER_A: Final = 10

T = TypeVar("T")
Clock = Callable[[], float]
Job = Callable[[Controller], Coroutine[Any, Any, None]]


@dataclass(slots=True, kw_only=True)
class Fitted:
    """What was opened, and what has to run for it."""

    board: Board
    jobs: list[Job] = field(default_factory=list)
    own: dict[Place, Meter] = field(default_factory=dict)  # meters that come with the hardware
    meters: dict[Place, Meter] = field(default_factory=dict)
    described: dict[Place, Described] = field(default_factory=dict)
    bus: ModbusBus | None = None
    overheard: list[OverheardMeter] = field(default_factory=list)  # that a master asks
    reader: RfidReader | None = None
    virtual: Virtual | None = None


@dataclass(frozen=True, slots=True)
class Virtual:
    """A virtual world, for those who play in it."""

    board: VirtualBoard
    house: VirtualHouse
    clock: StepClock


async def fit(
    settings: Evse, clock: Clock, stack: AsyncExitStack, *, is_node: bool = False
) -> Fitted:
    """Open everything; what is open is closed with the stack. Raises `ConfigurationError`.

    On a serial line only the master asks: a node listens to what its meters answer.
    """
    bus = None
    listens = is_node and "port" in settings.modbus and "host" not in settings.modbus
    if settings.modbus and not listens:
        bus = ModbusBus(read_line(settings.modbus))
        stack.push_async_callback(bus.close)
    reader: SerialCardReader | None = None
    if settings.card_reader:
        reader = SerialCardReader(settings.card_reader)
        stack.callback(reader.close)
    fitted = KINDS[settings.hardware](settings, clock, bus, stack)
    fitted.bus = bus
    fitted.reader = reader or fitted.board.rfid
    _fit_meters(fitted, settings, clock, listens=listens)
    return fitted


def read_line(values: Mapping[str, Any]) -> Line:
    """A Modbus line by its settings; raises `ConfigurationError`."""
    if "host" in values:
        return read("evse.modbus", values, Tcp)
    return read("evse.modbus", values, Serial)


def read(name: str, values: Mapping[str, Any], kind: type[T]) -> T:
    """Settings as a value of that dataclass; raises `ConfigurationError`."""
    known = {each.name for each in fields(kind)}  # type: ignore[arg-type]
    unknown = ", ".join(sorted(values.keys() - known))
    if unknown:
        raise ConfigurationError(f"{name}: unknown setting {unknown}")
    try:
        return msgspec.convert(values, kind, dec_hook=_path)
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"{name}: {error}") from error


def _path(kind: type, value: Any) -> Any:
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise NotImplementedError(f"{kind} cannot be configured")


# Hardware


def _virtual(settings: Evse, clock: Clock, _bus: ModbusBus | None, _: AsyncExitStack) -> Fitted:
    assert isinstance(clock, StepClock)  # noqa: S101 as `evse_app` made it
    board = VirtualBoard(clock)
    wanted = dict(settings.house)
    battery = wanted.pop("battery", None)
    house = VirtualHouse(
        read("evse.house", wanted, House),
        clock,
        battery=None if battery is None else read("evse.house.battery", battery, HomeBattery),
        car_a=board.currents_a,
    )
    fitted = Fitted(
        board=board.board,
        own={"mains": house, "ev": board, "solar": _Sun(house.house, clock)},
        virtual=Virtual(board, house, clock),
    )

    async def run(controller: Controller) -> None:
        async def second() -> None:
            await pace.virtual_second(controller, clock, fitted.meters)
            if house.battery is not None:
                controller.measure_battery(house.battery_da)

        await pace.repeat(second, 1 / settings.speed)

    fitted.jobs.append(run)
    return fitted


def _gpio(settings: Evse, _clock: Clock, _bus: ModbusBus | None, stack: AsyncExitStack) -> Fitted:
    board = GpioBoard(read("evse.gpio", settings.gpio, GpioConfig))
    stack.callback(board.close)
    return Fitted(board=board.board, jobs=[pace.run_ticks])


def _wallbox(settings: Evse, clock: Clock, bus: ModbusBus | None, stack: AsyncExitStack) -> Fitted:
    if bus is None:
        raise ConfigurationError("evse.wallbox: it needs evse.modbus")
    wallbox = ModbusWallbox(read("evse.wallbox", settings.wallbox, WallboxConfig), bus)
    can_switch = wallbox.registers.phases is not None
    return _driven(WallboxBoard(wallbox, clock, can_switch_phases=can_switch), stack)


def _smartevse(
    settings: Evse, clock: Clock, _bus: ModbusBus | None, stack: AsyncExitStack
) -> Fitted:
    wallbox = SmartEvseWallbox(read("evse.smartevse", settings.smartevse, SmartEvseConfig))
    stack.push_async_callback(wallbox.close)
    return _driven(WallboxBoard(wallbox, clock), stack)


def _driven(board: WallboxBoard, stack: AsyncExitStack) -> Fitted:
    stack.push_async_callback(board.stop)

    async def exchange(_controller: Controller) -> None:
        await board.run()

    return Fitted(board=board.board, jobs=[exchange, pace.run_seconds], own={"ev": board})


@dataclass(frozen=True, slots=True)
class _Sun:
    """The panels of a virtual house, as a meter."""

    house: House
    clock: Clock

    async def read(self, *, full: bool = True) -> MeterReading:  # noqa: ARG002 as every meter
        """What the sun gives."""
        watts = self.house.sun_w(self.clock())
        each_da = round(watts / 3 / VOLTAGE_V * DA_PER_A)
        return MeterReading(at=self.clock(), currents_da=(each_da,) * 3, power_w=round(watts))


# Meters


def _fit_meters(fitted: Fitted, settings: Evse, clock: Clock, *, listens: bool) -> None:
    """Those that are configured, and at other places those that come with the hardware."""
    for place, values in _configured(settings).items():
        config = _meter_config(place, values)
        try:
            meter = _overhear(fitted, config, clock) if listens else None
            meter = meter or open_meter(config, fitted.bus, clock=clock)
        except ConfigurationError as error:
            raise ConfigurationError(f"evse.{place}_{error}") from error
        if meter is not None:
            pushed = meter if isinstance(meter, PushedMeter) else None
            name = meter_types.find(config.type).name
            _add(fitted, place, meter, Described(name, config.unit, config.host, pushed))
    for place, meter in fitted.own.items():
        if place not in _configured(settings):
            _add(fitted, place, meter, Described(settings.hardware.capitalize()))


def _overhear(fitted: Fitted, config: MeterConfig, clock: Clock) -> Meter | None:
    """A meter on the line of the master; None if it is of another kind."""
    row = type_of(config)
    if row.source not in ("modbus", "sensorbox"):
        return None
    fitted.overheard.append(OverheardMeter(row, config.unit, clock))
    return fitted.overheard[-1]


def _add(fitted: Fitted, place: Place, meter: Meter, described: Described) -> None:
    fitted.meters[place], fitted.described[place] = meter, described
    if fitted.virtual is None and described.pushed is None:
        is_slow = isinstance(meter, HomeWizardMeter)
        every_s = pace.SLOW_METER_S if is_slow else pace.METER_S

        async def poll(controller: Controller) -> None:
            await pace.poll(controller, place, meter, every_s)

        fitted.jobs.append(poll)


def _configured(settings: Evse) -> dict[Place, dict[str, Any]]:
    wanted: dict[Place, dict[str, Any]] = {
        "mains": settings.mains_meter,
        "ev": settings.ev_meter,
        "circuit": settings.circuit_meter,
        "solar": settings.solar_meter,
    }
    return {place: values for place, values in wanted.items() if values}


def _meter_config(place: Place, values: Mapping[str, Any]) -> MeterConfig:
    """The settings of a meter; `custom` has the members of `MeterType`, enums by name too."""
    given = {**values}
    registers = given.pop("custom", None)
    config = read(f"evse.{place}_meter", given, MeterConfig)
    if registers is None:
        return config
    whole = {"id": meter_types.CUSTOM, "name": "Custom", **registers}
    try:
        for key in ENUMS.keys() & registers.keys():
            if isinstance(registers[key], str):
                whole[key] = ENUMS[key][registers[key].upper()]
        custom = msgspec.convert(whole, meter_types.MeterType)
    except (KeyError, msgspec.ValidationError) as error:
        raise ConfigurationError(f"evse.{place}_meter.custom: {error}") from error
    return replace(config, custom=custom)


ENUMS: Final[dict[str, type[DataType | Endianness]]] = {
    "data_type": DataType,
    "energy_type": DataType,
    "endianness": Endianness,
}
KINDS: Final[dict[str, Callable[[Evse, Clock, ModbusBus | None, AsyncExitStack], Fitted]]] = {
    "virtual": _virtual,
    "gpio": _gpio,
    "wallbox": _wallbox,
    "smartevse": _smartevse,
}
