"""A wallbox that drives its pilot itself, as a board: what is offered is passed on to it.

The regulation sees a pilot as the wallbox tells its state, and its duty becomes an offer. Both are
as old as the last question, of which there is one a second.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import structlog

from chargeplane.energy.pilot import STEADY, offered_da
from chargeplane.errors import DeviceError, NoAnswer
from chargeplane.evse.hardware import Board, Wallbox, WallboxStatus
from chargeplane.evse.readings import NEVER, MeterReading, Phases

ASK_EVERY_S: Final = 1.0
REPEAT_EVERY: Final = 5  # offers: how often one that is not new is made again
DIODE_EVERY: Final = 25  # readings: how often the low half of the pilot is shown
DA_PER_A: Final = 10
LOW_MV: Final = 200
PILOT_MV: Final = {"A": 3100, "B": 2900, "C": 2600, "D": 2200, "E": 0, "F": 0}
OUT_OF_ORDER_MV: Final = 0  # while the wallbox does not answer

logger = structlog.get_logger()


class WallboxBoard:
    """A wallbox with its state as it was last told."""

    def __init__(
        self, wallbox: Wallbox, clock: Callable[[], float], *, can_switch_phases: bool = False
    ) -> None:
        self._wallbox = wallbox
        self._clock = clock
        self._second = _Contactor() if can_switch_phases else None
        self._first = _Contactor()
        self._status: WallboxStatus | None = None
        self._reading = MeterReading(at=NEVER)
        self._readings = 0
        self._duty = STEADY
        self._is_connected = True
        self._phases: int | None = None
        self._told: tuple[float, int | None] | None = None
        self._repeats = 0

    @property
    def board(self) -> Board:
        """What a controller drives."""
        return Board(
            pilot_duty=self,
            pilot_level=self,
            pilot_switch=self,
            contactor_1=self._first,
            contactor_2=self._second,
            thermometer=self,
        )

    # As parts of a board: see `hardware`.

    def read_mv(self) -> int:
        """The pilot as the wallbox tells its state."""
        if self._status is None:
            return OUT_OF_ORDER_MV
        self._readings += 1
        is_square = self._is_connected and 0 < self._duty < STEADY
        shows_low = is_square and self._readings % DIODE_EVERY == 0
        return LOW_MV if shows_low else PILOT_MV[self._status.state]

    def set_duty(self, duty: int) -> None:
        """Offer what the duty says."""
        self._duty = duty

    def connect(self, *, connected: bool) -> None:
        """Offer nothing while the pilot is to be off."""
        self._is_connected = connected

    def read_c(self) -> int:
        """How warm the wallbox is; 20 C if it does not tell."""
        told = None if self._status is None else self._status.temperature_c
        return 20 if told is None else round(told)

    async def read(self, *, full: bool = True) -> MeterReading:  # noqa: ARG002 as every meter
        """What the wallbox measures: see `meters.Meter`."""
        return self._reading

    # Talking to it

    async def run(self) -> None:
        """Ask it and pass offers on, until it is cancelled."""
        is_lost = False
        while True:
            try:
                await self.exchange()
                is_lost = False
            except (NoAnswer, DeviceError) as error:
                self._status = self._told = None
                if not is_lost:
                    logger.warning("wallbox is silent", reason=str(error))
                is_lost = True
            await asyncio.sleep(ASK_EVERY_S)

    async def exchange(self) -> None:
        """Ask it once, and offer what is new; raises `NoAnswer`, `DeviceError`."""
        self._status = status = await self._wallbox.status()
        self._reading = _reading(status, self._clock())
        if self._second is not None and self._first.is_closed:
            self._phases = 3 if self._second.is_closed else 1
        offer = (self._offered_a, self._phases)
        self._repeats += 1
        if offer != self._told or self._repeats >= REPEAT_EVERY:
            await self._wallbox.offer(*offer)
            self._told, self._repeats = offer, 0

    async def stop(self) -> None:
        """Offer nothing any more, if the wallbox can be reached."""
        if self._told is not None:
            with suppress(NoAnswer, DeviceError):
                await self._wallbox.offer(0.0)

    @property
    def _offered_a(self) -> float:
        is_square = self._is_connected and 0 < self._duty < STEADY
        return offered_da(self._duty) / DA_PER_A if is_square else 0.0


class _Contactor:
    """That of a wallbox is its own affair; of ours is only known what it is to be."""

    is_closed = False

    def switch(self, *, closed: bool) -> None:
        """See `hardware.Contactor`."""
        self.is_closed = closed


def _reading(status: WallboxStatus, at: float) -> MeterReading:
    if status.currents_a is None:
        return MeterReading(at=NEVER)
    return MeterReading(
        at=at,
        currents_da=_three(status.currents_a),
        power_w=None if status.power_w is None else round(status.power_w),
        import_wh=None if status.energy_wh is None else round(status.energy_wh),
        energy_at=None if status.energy_wh is None else at,
        voltages_v=status.voltages_v,
    )


def _three(currents_a: tuple[float, ...]) -> Phases:
    one, two, three = (round(each * DA_PER_A) for each in (*currents_a, 0.0, 0.0, 0.0)[:3])
    return one, two, three
