"""The role of a device among EVSEs that share a circuit, as it is configured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any, Final

from chargeplane.config import Evse
from chargeplane.errors import ConfigurationError
from chargeplane.evse import fitting, sharing
from chargeplane.evse.background import background
from chargeplane.evse.device import Device
from chargeplane.evse.fitting import Fitted
from chargeplane.evse.node_master import NodeMaster
from chargeplane.evse.nodes import BROADCAST_UNIT, EVSES, NodeRegisters
from chargeplane.net import modbus
from chargeplane.net.modbus import ModbusBus, Tcp
from chargeplane.net.modbus_line import Heard

MONITOR_UNIT: Final = 1  # of a device that is alone, or a master


async def take(device: Device, settings: Evse, fitted: Fitted, stack: AsyncExitStack) -> int:
    """Take the role among EVSEs that share a circuit, and answer whoever watches; the port."""
    controller = device.controller
    registers = NodeRegisters(sharing.Registers(controller, device.serial))
    if controller.regulation.is_master:
        count = len(settings.nodes) or EVSES - 1
        master = NodeMaster(_lines(settings, fitted, stack), count)
        await stack.enter_async_context(background(sharing.lead(controller, master)))
    unit = controller.regulation.load_balancing or MONITOR_UNIT
    units = {unit: registers}
    if controller.regulation.is_node:
        units[BROADCAST_UNIT] = registers
    if settings.monitor:
        line = Tcp(**_host_and_port("evse.monitor", settings.monitor))
        return await stack.enter_async_context(modbus.serve(line, units))
    if controller.regulation.is_node and settings.modbus:
        await stack.enter_async_context(_join_line(settings, fitted, units))
    return 0


def _join_line(
    settings: Evse, fitted: Fitted, units: Mapping[int, NodeRegisters]
) -> AbstractAsyncContextManager[int]:
    """Answer the master on the line of `modbus`, and listen to what meters answer it."""

    def overhear(heard: Heard) -> None:
        for meter in fitted.overheard:
            meter.hear(*heard)

    line = fitting.read_line(settings.modbus)
    return modbus.serve(line, units, silent={BROADCAST_UNIT}, overhear=overhear)


def _lines(settings: Evse, fitted: Fitted, stack: AsyncExitStack) -> Callable[[int], ModbusBus]:
    """Where the node at a position is."""
    if not settings.nodes:
        bus = fitted.bus
        if bus is None:
            raise ConfigurationError("evse.nodes: a master needs evse.modbus or evse.nodes")
        return lambda _position: bus
    buses: list[ModbusBus] = []
    for address in settings.nodes:
        buses.append(ModbusBus(Tcp(**_host_and_port("evse.nodes", address))))
        stack.push_async_callback(buses[-1].close)
    return lambda position: buses[position - 1]


def _host_and_port(name: str, address: str) -> dict[str, Any]:
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise ConfigurationError(f"{name}: {address!r} is no address such as 127.0.0.1:502")
    return {"host": host.strip("[]"), "port": int(port)}
