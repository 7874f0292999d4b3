"""What a controller does with the parts of its board: look at them, and drive what has changed."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, Final

import structlog

from chargeplane.energy.pilot import STEADY, cable_limit_a, level
from chargeplane.energy.states import Level
from chargeplane.energy.status import Outputs
from chargeplane.errors import DeviceError, NoAnswer
from chargeplane.evse.hardware import Board
from chargeplane.evse.settings import Color

FEW, MANY = 2, 26  # looks at the pilot in a second; of many, one shows the diode
DEBOUNCE: Final = 2  # looks in a row, for a residual current that is one
LOCK_AGAIN_S: Final = 5.0
SUPPLY_MV, PULL_UP_OHM = 3300, 1000  # of the proximity contact, as `energy.pilot` knows it

logger = structlog.get_logger()


class Wires:
    """A board, and what it was last told."""

    is_lock_open_by_fault = False  # it should be closed, and is not

    def __init__(self, board: Board) -> None:
        self._board = board
        self._told: dict[str, Any] = {}
        self._tripped = 0  # looks in a row that saw a residual current
        self._lock_wanted = False
        self._lock_changed = asyncio.Event()

    @property
    def has_second_contactor(self) -> bool:
        """Whether two of the phases can be switched off alone."""
        return self._board.contactor_2 is not None

    # Looking

    def pilot_mv(self) -> int:
        """The pilot, now and then its low half."""
        return self._board.pilot_level.read_mv()

    def pilot_of_a_second(self, *, look_for_diode: bool) -> tuple[int, bool]:
        """The pilot, and whether the diode of a car was seen."""
        seen = [self.pilot_mv() for _ in range(MANY if look_for_diode else FEW)]
        high = [mv for mv in seen if level(mv) is not Level.DIODE]
        return (high or seen)[-1], len(high) < len(seen)

    def is_tripped(self, looks: int = 1) -> bool:
        """Whether there is a residual current, seen more than once in a row."""
        monitor = self._board.residual_current
        for _ in range(looks):
            self._tripped = self._tripped + 1 if monitor is not None and monitor.is_tripped() else 0
        return self._tripped >= DEBOUNCE

    def is_pressed(self) -> bool | None:
        """Whether the button or switch is closed; None without one."""
        button = self._board.button
        return None if button is None else button.is_pressed()

    def temperature_c(self) -> int | None:
        """How warm it is; None where that is not measured."""
        thermometer = self._board.thermometer
        return None if thermometer is None else thermometer.read_c()

    def cable_limit_a(self) -> int | None:
        """What the cable carries; None where it is fixed."""
        if self._board.proximity is None:
            return None
        ohm = self._board.proximity.read_ohm()
        return cable_limit_a(round(SUPPLY_MV / (1 + PULL_UP_OHM / ohm)) if ohm else 0)

    # Driving

    def drive(self, outputs: Outputs) -> None:
        """Tell every part what is new to it; contactors open before anything else."""
        board = self._board
        for name, contactor, closed in (
            ("contactor 2", board.contactor_2, outputs.contactor_2),
            ("contactor 1", board.contactor_1, outputs.contactor_1),
        ):
            if contactor is not None and self._is_new(name, closed):
                contactor.switch(closed=closed)
        if self._is_new("duty", outputs.pwm):
            board.pilot_duty.set_duty(outputs.pwm)
        source, flows = board.residual_current_test, outputs.residual_current_test
        if source is not None and self._is_new("residual current", flows):
            source.flow(flows=flows)
        switch, connected = board.pilot_switch, outputs.pilot_connected
        if switch is not None and self._is_new("pilot", connected):
            switch.connect(connected=connected)
        if self._is_new("lock", outputs.cable_locked):
            self._lock_wanted = outputs.cable_locked
            self._lock_changed.set()

    def make_safe(self) -> None:
        """Let no current flow, and offer none."""
        for contactor in (self._board.contactor_2, self._board.contactor_1):
            if contactor is not None:
                contactor.switch(closed=False)
        if self._board.residual_current_test is not None:
            self._board.residual_current_test.flow(flows=False)
        self._board.pilot_duty.set_duty(STEADY)
        self._told.clear()

    def shine(self, color: Color) -> None:
        """Show a colour."""
        if self._board.led is not None and self._is_new("led", color):
            self._board.led.show(*color)

    def _is_new(self, part: str, value: Any) -> bool:
        if self._told.get(part) == value:
            return False
        self._told[part] = value
        return True

    async def unlock(self) -> bool:
        """Open the lock until it is to be closed anew; whether it is open."""
        return self._board.lock is None or await self._move(locked=False)

    async def keep_locked(self) -> None:
        """Move the lock whenever it has to, and again if it did not."""
        while True:
            await self._lock_changed.wait()
            self._lock_changed.clear()
            while not await self._move(locked=self._lock_wanted):
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOCK_AGAIN_S):
                        await self._lock_changed.wait()
                self._lock_changed.clear()

    async def _move(self, *, locked: bool) -> bool:
        lock = self._board.lock
        if lock is None:
            return True
        try:
            is_done = await lock.lock(locked=locked)
            if not is_done:
                logger.warning("lock did not move", locked=locked)
        except (DeviceError, NoAnswer) as error:
            logger.warning("lock failed", reason=str(error))
            is_done = False
        self.is_lock_open_by_fault = locked and not is_done
        return is_done
