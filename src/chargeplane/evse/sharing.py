"""A controller among others that share a circuit: as their master, or as the node of one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

import structlog

from chargeplane.energy import nodes as regulated
from chargeplane.energy.states import Access, Mode, UserMode
from chargeplane.energy.status import NodeAnswer, Outputs
from chargeplane.errors import DeviceError, NoAnswer, NotAllowed
from chargeplane.evse import nodes
from chargeplane.evse.controller import Controller
from chargeplane.evse.node_master import NodeMaster
from chargeplane.evse.recording import Broadcast
from chargeplane.evse.settings import REGULATION, TYPES

DA_PER_A: Final = 10

logger = structlog.get_logger()


# A master


async def lead(controller: Controller, master: NodeMaster) -> None:
    """Tell the nodes what the regulation decides, and it what they say, until cancelled."""
    decided: asyncio.Queue[Outputs] = asyncio.Queue(maxsize=1)

    def decide(_: None) -> None:
        if controller.status.has_regulated and decided.empty():
            decided.put_nowait(controller.outputs)

    stop = controller.changed.listen(decide)
    is_lost = False
    try:
        while True:
            outputs = await decided.get()
            try:
                await exchange(controller, master, outputs)
                is_lost = False
            except (NoAnswer, DeviceError) as error:
                if not is_lost:
                    logger.warning("nodes cannot be told", reason=str(error))
                is_lost = True
    finally:
        stop()


async def exchange(controller: Controller, master: NodeMaster, outputs: Outputs) -> None:
    """Hear what the nodes say, tell each its answer, and all of them what they may draw.

    Raises `NoAnswer` or `DeviceError` if they cannot be told.
    """
    controller.hear_nodes(await master.poll())
    await master.answer(outputs.answers)
    if outputs.broadcast_errors is not None:
        await master.broadcast_errors(outputs.broadcast_errors)
    elif outputs.broadcast_da is not None:
        await master.broadcast(outputs.broadcast_da, controller.status.mains_da)
    await master.read_meter()


# A node, and whoever else is asked for registers


class Registers:
    """A controller as `nodes.NodeRegisters` shows it."""

    def __init__(self, controller: Controller, serial: int) -> None:
        self._controller = controller
        self._serial = serial
        self._is_changed = True  # what the master has to read anew
        self._settings = controller.settings.regulation

    def register_values(self) -> Mapping[str, int]:
        """The values of all registers that this device has."""
        controller = self._controller
        status, settings = controller.status, controller.regulation
        report = regulated.report_of(status, settings)
        limit_a = report.max_current_a
        if status.override_da:
            limit_a = min(limit_a, status.override_da // DA_PER_A)
        own = {name: int(getattr(settings, name)) for name in SETTINGS}
        return {
            **nodes.report_values(report),
            "limit_a": limit_a,
            "charge_current_da": status.balanced_da[0],
            "access": int(status.access),
            "config_changed": int(self._is_changed or settings is not self._settings),
            "phases": status.phases,
            "real_current_da": max(status.ev_da),
            "temperature_c": status.temperature_c,
            "serial": self._serial,
            **own,
        }

    def apply(self, changes: Mapping[str, int]) -> None:
        """Take over what somebody wrote; what this device does not have is left alone."""
        controller = self._controller
        if "config_changed" in changes:
            self._is_changed = bool(changes["config_changed"])
            self._settings = controller.regulation
        if "errors" in changes:
            controller.hear_errors(changes["errors"])
        settings = {name: changes[name] for name in SETTINGS if name in changes}
        try:
            if settings:
                controller.change(**{name: _typed(name, settings[name]) for name in settings})
            if "mode" in changes and changes["mode"] != controller.status.mode:
                controller.set_mode(UserMode[Mode(changes["mode"]).name])
        except NotAllowed as error:
            logger.info("register not taken", reason=str(error))
        if "access" in changes:
            controller.set_access(Access(changes["access"]))

    def obey(self, answer: NodeAnswer) -> None:
        """Take the answer of the master."""
        self._controller.obey(answer)

    def hear(self, broadcast: nodes.Broadcast) -> None:
        """Take what the master tells all; one that leaves the mains out keeps what they were."""
        mains_da = broadcast.mains_da or self._controller.status.mains_da
        self._controller.hear_broadcast(
            Broadcast(balanced_da=broadcast.balanced_da, mains_da=mains_da)
        )


def _typed(name: str, value: int) -> int | bool:
    return bool(value) if TYPES[name] is bool else value


SETTINGS: Final = tuple(
    sorted(
        {row.name for row in nodes.ROWS if row.bounds is not None}
        & REGULATION - {"mains_meter", "ev_meter", "circuit_meter"}
    )
)
