"""The hands at a virtual device: cars, cards, buttons and faults, one command a line of JSON."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import msgspec

from chargeplane.energy.states import STATE_TEXTS
from chargeplane.errors import ChargeplaneError
from chargeplane.evse.car import CARS
from chargeplane.evse.controller import Controller
from chargeplane.evse.drivers.virtual import VirtualBoard
from chargeplane.evse.rfid import read_uid


class Command(msgspec.Struct, forbid_unknown_fields=True):
    """What is done."""

    cmd: str
    car: str = "plain"  # one of `CARS`
    soc_percent: float = 40.0
    capacity_wh: float | None = None
    cable_ohm: float = 220.0  # 32 A
    uid: str = ""
    on: bool = True
    temperature_c: int = 20


class Hands:
    """Does what people and faults do to a virtual board."""

    def __init__(self, controller: Controller, board: VirtualBoard) -> None:
        self.controller = controller
        self.board = board

    async def follow(self, lines: AsyncIterator[bytes], answer: Callable[[bytes], None]) -> None:
        """Carry out commands as they come."""
        async for line in lines:
            if line.strip():
                answer(self.do(line))

    def do(self, line: bytes) -> bytes:
        """Carry one command out; the answer says whether it could be, and what came of it."""
        try:
            command = msgspec.json.decode(line, type=Command)
            work = COMMANDS.get(command.cmd)
            if work is None:
                raise ValueError(f"unknown command {command.cmd}: one of {', '.join(COMMANDS)}")
            said = work(self, command)
        except (ValueError, ChargeplaneError) as error:
            return msgspec.json.encode({"ok": False, "error": str(error)})
        return msgspec.json.encode({"ok": True, **(said or {})})


def _plug_in(hands: Hands, command: Command) -> None:
    if hands.board.car is not None:
        raise ValueError("a car is plugged in already")
    if command.car not in CARS:
        raise ValueError(f"no car {command.car!r}: one of {', '.join(CARS)}")
    more = {} if command.capacity_wh is None else {"capacity_wh": command.capacity_wh}
    car = CARS[command.car](soc_percent=command.soc_percent, **more)
    hands.board.plug_in(car, command.cable_ohm)


def _plug_out(hands: Hands, _command: Command) -> None:
    hands.board.plug_out()


def _pause(hands: Hands, command: Command) -> None:
    hands.board.is_paused = command.on


def _card(hands: Hands, command: Command) -> None:
    uid = read_uid(command.uid)
    if uid is None:
        raise ValueError("uid has 8, 12, 14 or 20 hexadecimal digits")
    hands.board.rfid.show(uid)


def _button(hands: Hands, command: Command) -> None:
    hands.board.button.is_active = command.on


def _residual_current(hands: Hands, command: Command) -> None:
    hands.board.residual_current.is_active = command.on


def _short(hands: Hands, command: Command) -> None:
    hands.board.is_shorted = command.on


def _heat(hands: Hands, command: Command) -> None:
    hands.board.thermometer.temperature_c = command.temperature_c


def _state(hands: Hands, _command: Command) -> dict[str, Any]:
    controller, board = hands.controller, hands.board
    status = controller.status
    return {
        "state": STATE_TEXTS[status.state][1],
        "mode": controller.mode.name,
        "errors": status.errors,
        "offered_da": status.balanced_da[0],
        "ev_da": status.ev_da,
        "mains_da": status.mains_da,
        "charged_wh": controller.ledger.charged_wh,
        "contactors": [each.is_closed for each in board.contactors],
        "soc_percent": None if board.car is None else round(board.car.soc_percent, 1),
        "time": controller.local(controller.clock()).isoformat("T", "seconds"),
    }


COMMANDS: Final[dict[str, Callable[[Hands, Command], dict[str, Any] | None]]] = {
    "plug_in": _plug_in,
    "plug_out": _plug_out,
    "pause": _pause,
    "card": _card,
    "button": _button,
    "residual_current": _residual_current,
    "short": _short,
    "heat": _heat,
    "state": _state,
}
