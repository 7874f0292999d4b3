"""Modbus over TCP and serial lines: the only place that opens them.

A `ModbusBus` asks, `serve` answers.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, Literal

from pymodbus import FramerType, ModbusException
from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient
from pymodbus.constants import ExcCodes
from pymodbus.exceptions import ConnectionException
from pymodbus.server import ModbusSerialServer, ModbusTcpServer
from pymodbus.server.requesthandler import ServerRequestHandler
from pymodbus.simulator import DataType, SimData, SimDevice

from chargeplane.errors import (
    AnswerTimeout,
    ConfigurationError,
    DeviceError,
    DeviceRefused,
    NotConnected,
)
from chargeplane.net.cancelling import heedful
from chargeplane.net.modbus_line import (
    READ_COILS,
    READ_HOLDING,
    READ_INPUTS,
    READ_REGISTERS,
    WRITE_COIL,
    WRITE_MANY,
    WRITE_ONE,
    Heard,
    Party,
    PartyLine,
    Registers,
)

TIMEOUT_S: Final = 1.0
PAUSE_S: Final = 0.02  # between messages on a serial line; 3.5 characters take 4 ms at 9600 baud
BITS: Final = 11  # of a character on a serial line, with start, parity and stop
OVERHEAD: Final = 9  # bytes of a message that writes registers, besides their values
ADDRESSES: Final = 0x10000


@dataclass(frozen=True, slots=True, kw_only=True)
class Tcp:
    """A device or a gateway; `framing` is "rtu" for a gateway that passes serial frames on."""

    host: str
    port: int = 502
    framing: Literal["socket", "rtu"] = "socket"


@dataclass(frozen=True, slots=True, kw_only=True)
class Serial:
    """A serial line; `echoes` if its adapter hears what it says."""

    port: str
    baudrate: int = 9600
    parity: Literal["N", "E", "O"] = "N"
    stopbits: Literal[1, 2] = 1
    echoes: bool = False


Line = Tcp | Serial
Client = AsyncModbusTcpClient | AsyncModbusSerialClient
Server = ModbusTcpServer | ModbusSerialServer


class ModbusBus:
    """A line on which one question at a time is under way; it connects when somebody asks.

    Every question raises `NotConnected`, `AnswerTimeout`, `DeviceRefused` with the exception that
    the device answered, or `DeviceError` for an answer that makes no sense.
    """

    def __init__(
        self, line: Line, *, timeout_s: float = TIMEOUT_S, pause_s: float | None = None
    ) -> None:
        _hush()
        self.line = line
        self._timeout_s = timeout_s
        self._pause_s = _pause_s(line) if pause_s is None else pause_s
        self._turn = asyncio.Lock()
        self._free_at = 0.0  # of the clock of the loop
        self._client: Client | None = None

    async def read(self, unit: int, function: int, address: int, count: int) -> tuple[int, ...]:
        """Registers (functions 3 and 4) or bits (1 and 2) from an address on."""

        async def ask(client: Any) -> Any:
            return await getattr(client, READERS[function])(address, count=count, device_id=unit)

        answer = await self._ask(ask, f"unit {unit}, function {function}, register {address}")
        found = answer.bits[:count] if function in (READ_COILS, READ_INPUTS) else answer.registers
        if len(found) != count:
            raise DeviceError(f"unit {unit} answered {len(found)} values instead of {count}")
        return tuple(int(each) for each in found)

    async def write(
        self, unit: int, address: int, values: Sequence[int], *, function: int = WRITE_MANY
    ) -> None:
        """Write registers (functions 6 and 16) or a coil (5) from an address on."""

        async def ask(client: Any) -> Any:
            sent = list(values) if function == WRITE_MANY else values[0]
            return await getattr(client, WRITERS[function])(address, sent, device_id=unit)

        await self._ask(ask, f"unit {unit}, function {function}, register {address}")

    async def tell(self, unit: int, address: int, values: Sequence[int]) -> None:
        """Write registers of everybody who listens to a unit, which nobody answers."""

        async def say(client: Any) -> None:
            await client.write_registers(
                address, list(values), device_id=unit, no_response_expected=True
            )

        await self._ask(say, f"unit {unit}, register {address}", OVERHEAD + 2 * len(values))

    async def close(self) -> None:
        """Leave the line; a later question connects again."""
        async with self._turn:
            self._disconnect()

    async def _ask(self, ask: Callable[[Any], Awaitable[Any]], where: str, unheard: int = 0) -> Any:
        """Ask when it is our turn; `unheard` bytes are still on the line when that is done."""
        async with self._turn:
            client = await self._connected()
            try:
                answer = await heedful(ask(client))
            except ConnectionException as error:
                raise NotConnected(where) from error
            except ModbusException as error:
                raise AnswerTimeout(where) from error
            except asyncio.CancelledError:
                self._disconnect()  # its answer must not be taken for that of the next question
                raise
            finally:
                busy_s = _seconds(self.line, unheard) + self._pause_s
                self._free_at = asyncio.get_running_loop().time() + busy_s
        if answer is not None and answer.isError():
            raise DeviceRefused(
                f"{where}: exception {answer.exception_code}", answer.exception_code
            )
        return answer

    async def _connected(self) -> Client:
        """The client, when the line is connected and free."""
        if self._client is None:
            self._client = _client(self.line, self._timeout_s)
        if not self._client.connected and not await self._client.connect():
            raise NotConnected(f"{self.line}")
        await asyncio.sleep(max(0.0, self._free_at - asyncio.get_running_loop().time()))
        return self._client

    def _disconnect(self) -> None:
        if self._client is not None:
            self._client.close()


def _client(line: Line, timeout_s: float) -> Client:
    if isinstance(line, Tcp):
        return AsyncModbusTcpClient(
            line.host,
            port=line.port,
            framer=FramerType(line.framing),
            timeout=timeout_s,
            retries=0,
            reconnect_delay=0,
        )
    return AsyncModbusSerialClient(
        line.port,
        baudrate=line.baudrate,
        parity=line.parity,
        stopbits=line.stopbits,
        handle_local_echo=line.echoes,
        timeout=timeout_s,
        retries=0,
        reconnect_delay=0,
    )


def _pause_s(line: Line) -> float:
    return PAUSE_S if isinstance(line, Serial) or line.framing == "rtu" else 0.0


def _seconds(line: Line, size: int) -> float:
    """How long so many bytes take."""
    return size * BITS / line.baudrate if isinstance(line, Serial) else 0.0


def _hush() -> None:
    """Keep the library from logging what is raised anyway."""
    logging.getLogger("pymodbus.logging").setLevel(logging.CRITICAL)


# Answering


@asynccontextmanager
async def serve(
    line: Line,
    units: Mapping[int, Registers],
    *,
    silent: Collection[int] = (),
    overhear: Callable[[Heard], None] | None = None,
) -> AsyncIterator[int]:
    """Answer for units; the TCP port listened on, 0 for a serial line.

    On a serial line `silent` units obey without an answer, as broadcasts want it, and `overhear`
    is told what other devices answer. Raises `ConfigurationError` if the line cannot be used.
    """
    _hush()
    devices = [_device(unit, registers) for unit, registers in units.items()]
    if isinstance(line, Tcp):
        server: Server = _tcp_server(line, devices)
    else:
        server = _serial_server(line, devices, Party(units, silent, overhear))
    try:
        await server.serve_forever(background=True)
    except RuntimeError as error:
        raise ConfigurationError(f"{line}: cannot be listened on") from error
    try:
        yield _port(server)
    finally:
        await server.shutdown()  # type: ignore[no-untyped-call]


class _Handler(ServerRequestHandler):
    """Answers every question, also those that come together, in their order."""

    def __init__(self, server: Server) -> None:
        super().__init__(  # type: ignore[no-untyped-call]
            server, server.trace_packet, server.trace_pdu, server.trace_connect
        )
        self._answers: set[asyncio.Task[None]] = set()

    def callback_data(self, data: bytes, addr: Any = None) -> int:
        """Take what came in; how much of it was complete."""
        used = 0
        while used < len(data) and (size := super().callback_data(data[used:], addr)):
            used += size
            if self.last_pdu is not None:
                task = asyncio.create_task(self._answer(self.last_pdu))
                self._answers.add(task)
                task.add_done_callback(self._answers.discard)
        return used

    def handle_later(self) -> None:
        """Do nothing: `callback_data` has seen to it."""

    def send(self, data: bytes, addr: Any = None) -> None:
        """Send an answer, and keep the part of the next question that is there already."""
        waiting = self.recv_buffer
        super().send(data, addr)
        self.recv_buffer = waiting

    async def _answer(self, question: Any) -> None:
        self.last_pdu = question
        await self.handle_request()  # type: ignore[no-untyped-call]


class _TcpServer(ModbusTcpServer):
    def callback_new_connection(self) -> _Handler:
        """Serve one more."""
        return _Handler(self)


class _SerialServer(ModbusSerialServer):
    def callback_new_connection(self) -> _Handler:
        """Serve the line."""
        return _Handler(self)


def _tcp_server(line: Tcp, devices: list[SimDevice]) -> ModbusTcpServer:
    others = [] if any(device.id == 0 for device in devices) else [_nobody()]
    framer = FramerType(line.framing)
    return _TcpServer(devices + others, framer=framer, address=(line.host, line.port))


def _serial_server(line: Serial, devices: list[SimDevice], party: Party) -> ModbusSerialServer:
    server = _SerialServer(
        devices,
        port=line.port,
        baudrate=line.baudrate,
        parity=line.parity,
        stopbits=line.stopbits,
        handle_local_echo=line.echoes,
    )
    server.framer = lambda decoder: PartyLine(decoder, party)  # type: ignore[assignment]
    return server


def _port(server: Server) -> int:
    sockets = getattr(server.transport, "sockets", ())
    return int(sockets[0].getsockname()[1]) if sockets else 0


def _device(unit: int, registers: Registers) -> SimDevice:
    async def act(
        function: int,
        start: int,
        address: int,
        count: int,
        current: list[int],
        values: Sequence[int] | None,
    ) -> ExcCodes | None:
        at = slice(address - start, address - start + count)
        try:
            if values is not None:
                registers.write(function, address, list(values))
            elif function in (READ_HOLDING, READ_REGISTERS):  # else the echo of what was written
                current[at] = registers.read(function, address, count)
        except DeviceRefused as error:
            return ExcCodes(error.code or ExcCodes.DEVICE_FAILURE)
        return None

    return SimDevice(unit, _everything(), action=act)


def _nobody() -> SimDevice:
    """The units that are not here."""

    async def refuse(*_request: object) -> ExcCodes:
        return ExcCodes.GATEWAY_NO_RESPONSE

    return SimDevice(0, _everything(), action=refuse)


def _everything() -> SimData:
    return SimData(0, count=ADDRESSES, datatype=DataType.REGISTERS)


READERS: Final = {
    READ_COILS: "read_coils",
    READ_INPUTS: "read_discrete_inputs",
    READ_HOLDING: "read_holding_registers",
    READ_REGISTERS: "read_input_registers",
}
WRITERS: Final = {
    WRITE_COIL: "write_coil",
    WRITE_ONE: "write_register",
    WRITE_MANY: "write_registers",
}
