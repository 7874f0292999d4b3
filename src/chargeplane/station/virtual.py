"""The hands of the drivers at a station of virtual EVSEs.

`Hands.do` takes one command as JSON and answers it; the commands are the last statement.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final

import msgspec

from chargeplane.domain.profiles import RateUnit
from chargeplane.domain.tariff_cost import TransactionLimit
from chargeplane.domain.tokens import Token
from chargeplane.errors import ChargeplaneError
from chargeplane.evse.hardware import Battery, Deviation
from chargeplane.evse.virtual import Car, VirtualGrid
from chargeplane.evse.virtual_display import VirtualDisplay
from chargeplane.evse.virtual_inverter import VirtualInverter
from chargeplane.evse.virtual_slot import VirtualSlot
from chargeplane.station import (
    authorization,
    battery_swap,
    charging_limits,
    connection,
    contracts,
    events,
    limits,
    priority_charging,
    tariffs,
    virtual_car,
)
from chargeplane.station.station import Station
from chargeplane.station.unit import EvseUnit
from chargeplane.station.virtual_world import hardware, keep

LINE: Final = 1 << 16  # bytes of a command, at most
PILOT_FAULT: Final = "CX014"  # MREC 14: the pilot is faulty, as a car without a diode makes it


class Command(msgspec.Struct):
    """What the driver does."""

    cmd: str
    connector_id: int | None = None
    evse_id: int | None = None
    token: str | None = None
    type: str = "ISO14443"
    connectors: tuple[int, ...] = ()
    error: str | None = None
    info: str | None = None
    transaction_limit: TransactionLimit | None = None
    chain: str | None = None  # PEM
    battery: Battery | None = None
    deviation: Deviation | None = None
    soc_percent: float = 40.0
    capacity_wh: float = 60_000.0
    discharge_maximum_w: float = 0.0
    energy_wh: float = 20_000.0  # that the car needs
    departure_s: float | None = None  # from now
    frequency_hz: float | None = None
    load_w: float | None = None  # of the building, without its cars
    activate: bool = True
    limit: float | None = None  # of an external system, in `unit`
    unit: RateUnit = "A"
    source: str = "EMS"
    duration_s: int | None = None
    is_generation: bool = False


class Hands:
    """Does what drivers do, one command a line of JSON."""

    def __init__(self, station: Station) -> None:
        self._station = station

    async def do(self, line: bytes) -> bytes:
        """Carry one command out; the answer says whether it could be, and what came of it."""
        try:
            command = msgspec.json.decode(line, type=Command)
            work = COMMANDS.get(command.cmd)
            if work is None:
                raise ValueError(f"unknown command {command.cmd}: one of {', '.join(COMMANDS)}")
            said = await work(self._station, command)
        except (ValueError, ChargeplaneError) as error:
            return msgspec.json.encode({"ok": False, "error": str(error)})
        return msgspec.json.encode({"ok": True, **(said or {})})

    async def follow(self, lines: AsyncIterator[bytes], answer: Callable[[bytes], None]) -> None:
        """Carry out commands as they come, in their order."""
        async for line in lines:
            if line.strip():
                answer(await self.do(line))


async def standard_input() -> AsyncIterator[bytes]:
    """The lines of standard input."""
    reader = asyncio.StreamReader(limit=LINE)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while True:
        try:
            line = await reader.readline()
        except ValueError:
            yield b'"too long"'
            continue
        if not line:
            return
        yield line


def write_line(line: bytes) -> None:
    """One line on standard output, at once."""
    sys.stdout.write(line.decode() + "\n")
    sys.stdout.flush()


# The commands


def _evse(station: Station, command: Command) -> EvseUnit:
    """The EVSE of a command; connector n alone is that of EVSE n, as 1.x counts."""
    number = command.evse_id if command.evse_id is not None else command.connector_id or 1
    evse = station.evse(number)
    if evse is None:
        raise ValueError(f"there is no EVSE {number}")
    return evse


async def _plug_in(station: Station, command: Command) -> None:
    evse = _evse(station, command)
    connector = command.connector_id or 1 if command.evse_id is not None else 1
    if not 1 <= connector <= len(evse.connectors):
        raise ValueError(f"EVSE {evse.id} has no connector {connector}")
    if evse.hardware.is_plugged_in():
        raise ValueError(f"a car is plugged in at EVSE {evse.id} already")
    car = Car(
        soc_percent=command.soc_percent,
        capacity_wh=command.capacity_wh,
        discharge_maximum_w=command.discharge_maximum_w,
    )
    hardware(evse).plug_in(car, connector)
    keep(station, evse)


async def _plug_out(station: Station, command: Command) -> None:
    evse = _evse(station, command)
    hardware(evse).plug_out()
    events.clear_error(station, evse, PILOT_FAULT)
    keep(station, evse)


async def _park(station: Station, command: Command) -> None:
    evse = _evse(station, command)
    hardware(evse).park()
    keep(station, evse)


async def _leave(station: Station, command: Command) -> None:
    evse = _evse(station, command)
    if evse.hardware.is_plugged_in():
        raise ValueError(f"the car at EVSE {evse.id} is plugged in")
    hardware(evse).park(parked=False)
    keep(station, evse)


async def _terminate(station: Station, command: Command) -> None:
    if not contracts.terminate(station, _evse(station, command)):
        raise ValueError("nobody may charge there")


async def _swipe(station: Station, command: Command) -> dict[str, Any]:
    if not command.token:
        raise ValueError("swipe needs a token")
    token = Token(command.token, command.type)
    if battery_swap.slots(station):
        info = await battery_swap.swipe(station, token)
    else:
        info = await authorization.swipe(station, token, command.connectors)
    return {"status": info.status}


async def _show_contract(station: Station, command: Command) -> dict[str, Any]:
    if not command.token or not command.chain:
        raise ValueError("show_contract needs a token and a chain")
    evse = _evse(station, command)
    verdict = await contracts.present(station, evse, command.token, chain=command.chain)
    return {"status": verdict.info.status, "certificate_status": verdict.certificate_status}


def _slot(evse: EvseUnit) -> VirtualSlot:
    if not isinstance(evse.slot, VirtualSlot):
        raise ValueError(f"EVSE {evse.id} has no slot")  # noqa: TRY004 told to the driver
    return evse.slot


async def _insert(station: Station, command: Command) -> None:
    if command.battery is None:
        raise ValueError("insert needs a battery")
    evse = _evse(station, command)
    _slot(evse).insert(command.battery)
    keep(station, evse)


async def _take(station: Station, command: Command) -> dict[str, Any]:
    evse = _evse(station, command)
    battery = _slot(evse).take()
    keep(station, evse)
    return {"battery": battery}


async def _deviate(station: Station, command: Command) -> None:
    evse = _evse(station, command)
    if not isinstance(evse.inverter, VirtualInverter):
        raise ValueError(f"EVSE {evse.id} has no inverter")  # noqa: TRY004 told to the driver
    evse.inverter.deviate(command.deviation)


async def _press(station: Station, command: Command) -> dict[str, Any]:
    info = await authorization.press(station, _evse(station, command).id)
    return {"status": info.status}


async def _limit_charge(station: Station, command: Command) -> None:
    evse = _evse(station, command)
    if command.transaction_limit is None:
        raise ValueError("limit_charge needs a transaction_limit")
    if not limits.set_limit(station, evse, command.transaction_limit):
        raise ValueError(f"nobody charges at EVSE {evse.id}")


async def _reject_tariff(station: Station, command: Command) -> None:
    tariffs.reject(station, _evse(station, command))


async def _pause(station: Station, command: Command) -> None:
    hardware(_evse(station, command)).pause()


async def _resume(station: Station, command: Command) -> None:
    hardware(_evse(station, command)).pause(paused=False)


async def _connect(station: Station, command: Command) -> None:
    del command
    connection.plug_network(station)


async def _disconnect(station: Station, command: Command) -> None:
    del command
    connection.unplug_network(station)


async def _diode_fail(station: Station, command: Command) -> None:
    events.raise_error(station, _evse(station, command), PILOT_FAULT, "the car has no diode")


async def _raise_error(station: Station, command: Command) -> None:
    if not command.error:
        raise ValueError("raise_error needs an error")
    events.raise_error(station, _evse(station, command), command.error, command.info)


async def _clear_error(station: Station, command: Command) -> None:
    evse = _evse(station, command)
    for code in [command.error] if command.error else list(evse.faults):
        events.clear_error(station, evse, code)


async def _negotiate(station: Station, command: Command) -> dict[str, Any]:
    evse = _evse(station, command)
    if evse.transaction is None:
        raise ValueError(f"nobody charges at EVSE {evse.id}")
    found = await virtual_car.negotiate(station, evse, command.energy_wh, command.departure_s)
    return {"schedule": found}


async def _grid(station: Station, command: Command) -> None:
    if command.frequency_hz is not None:
        for evse in station.evses:
            hardware(evse).frequency_hz = command.frequency_hz
    if command.load_w is not None:
        if not isinstance(station.grid, VirtualGrid):
            raise ValueError("the building has no virtual meter")
        station.grid.load_w = command.load_w


async def _priority(station: Station, command: Command) -> None:
    if not priority_charging.use(station, _evse(station, command), activate=command.activate):
        raise ValueError("there is no profile for priority charging, or no transaction")


async def _limit(station: Station, command: Command) -> None:
    if command.limit is None:
        raise ValueError("limit needs a limit")
    reason = charging_limits.set_limit(
        station,
        charging_limits.constant(command.unit, command.duration_s, limit=command.limit),
        source=command.source,
        evse_id=command.evse_id or 0,
        is_generation=command.is_generation,
    )
    if reason is not None:
        raise ValueError(f"refused: {reason.reason_code} {reason.additional_info or ''}".strip())


async def _clear_limit(station: Station, command: Command) -> None:
    found = charging_limits.clear_limit(
        station,
        source=command.source,
        evse_id=command.evse_id or 0,
        is_generation=command.is_generation,
    )
    if not found:
        raise ValueError("there is no such limit")


async def _state(station: Station, command: Command) -> dict[str, Any]:
    del command
    return {"state": state(station)}


def state(station: Station) -> dict[str, Any]:
    """What there is to see of a station."""
    return {
        "id": station.id,
        "connected": station.peer is not None,
        "accepted": station.accepted.is_set(),
        "version": None if station.peer is None else station.peer.dialect.version,
        "waiting_messages": len(station.outbox),
        "displays": {
            number: display.lines
            for number, display in station.displays.items()
            if isinstance(display, VirtualDisplay)
        },
        "evses": [_state_of(station, evse) for evse in station.evses],
    }


def _state_of(station: Station, evse: EvseUnit) -> dict[str, Any]:
    shown, transaction = evse.hardware.measure(), evse.transaction
    return {
        "id": evse.id,
        "connectors": [evse.state(each) for each in evse.connectors],
        "plugged_in": evse.hardware.is_plugged_in(),
        "open": evse.slot is not None and evse.slot.is_open(),
        "battery": None if evse.slot is None else evse.slot.battery(),
        "token": evse.authorization.token.id_token if evse.authorization else None,
        "limit_a": evse.limit_a,
        "power_w": shown.power_w,
        "energy_wh": shown.energy_wh,
        "errors": sorted(evse.faults),
        "transaction": transaction
        and {
            "id": transaction.id,
            "name": station.names.get(transaction.id),
            "charging_state": transaction.charging_state,
            "seq_no": transaction.seq_no,
        },
    }


COMMANDS: Final[dict[str, Callable[[Station, Command], Awaitable[dict[str, Any] | None]]]] = {
    "park": _park,
    "leave": _leave,
    "plug_in": _plug_in,
    "plug_out": _plug_out,
    "swipe": _swipe,
    "press": _press,
    "show_contract": _show_contract,
    "terminate": _terminate,
    "insert": _insert,
    "take": _take,
    "deviate": _deviate,
    "limit_charge": _limit_charge,
    "reject_tariff": _reject_tariff,
    "pause": _pause,
    "resume": _resume,
    "connect": _connect,
    "disconnect": _disconnect,
    "diode_fail": _diode_fail,
    "raise_error": _raise_error,
    "clear_error": _clear_error,
    "negotiate": _negotiate,
    "grid": _grid,
    "priority": _priority,
    "limit": _limit,
    "clear_limit": _clear_limit,
    "state": _state,
}
