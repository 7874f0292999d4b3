"""A controller on a virtual board, whose seconds pass when a test lets them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from chargeplane.evse.car import Car
from chargeplane.evse.controller import Controller, Meter
from chargeplane.evse.device import Device
from chargeplane.evse.drivers.virtual import VirtualBoard
from chargeplane.evse.ledger import Place
from chargeplane.evse.meters import PushedMeter
from chargeplane.evse.pace import StepClock
from chargeplane.evse.readings import MeterReading, Phases
from chargeplane.evse.settings import Owner, first_values
from chargeplane.storage.documents import Documents

ZONE = timezone(timedelta(hours=1))
NOON = datetime(2026, 3, 2, 12, tzinfo=ZONE).timestamp()

READ: Mapping[Place, Meter] = {"mains": Meter("Eastron3P", 10), "ev": Meter("Eastron3P", 12)}


class World:
    """An EVSE, what hangs on its mains besides the car, and time."""

    def __init__(
        self,
        documents: Documents | None = None,
        meters: Mapping[Place, Meter] = READ,
        *,
        base_da: Phases = (0, 0, 0),
        pushed: Iterable[Place] = (),
        **settings: Any,
    ) -> None:
        """The meters at `pushed` places are of type API."""
        self.clock = StepClock(NOON)
        told = {place: Meter("API", 10, "", PushedMeter(self.clock)) for place in pushed}
        self.virtual = VirtualBoard(self.clock)
        self.documents = documents or Documents()
        self.base_da = base_da
        self.is_mains_read = True
        self.controller = Controller(
            self.virtual.board,
            self.documents,
            Owner(self.documents, first_values({"max_current_a": 16, **settings})),
            clock=self.clock,
            zone=ZONE,
            meters={**({} if told else meters), **told},
        )
        self.device = Device(controller=self.controller, serial=4711, version="test")

    @property
    def state(self) -> str:
        return self.controller.status.state.name

    @property
    def mode(self) -> str:
        return self.controller.mode.name

    @property
    def offered_da(self) -> int:
        return self.controller.status.balanced_da[0]

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock(), UTC)

    def plug_in(self, seconds: int = 0, **car: Any) -> None:
        self.virtual.plug_in(Car(**car))
        self.run(seconds)

    def run(self, seconds: int) -> None:
        """Let seconds pass; meters that are not pushed are read in each."""
        for _ in range(seconds):
            self.clock.advance(1)
            self._read()
            self.controller.second()

    def run_ticks(self, seconds: int) -> None:
        """The same, by 10 ms."""
        for _ in range(seconds):
            self._read()
            for _ in range(100):
                self.clock.advance(0.01)
                self.controller.tick()

    def _read(self) -> None:
        meters = self.controller.meters
        car_da = [round(each * 10) for each in self.virtual.currents_a()]
        if "ev" in meters and meters["ev"].pushed is None:
            self.controller.measure("ev", self._reading(tuple(car_da), self._import_wh()))
        if "mains" in meters and meters["mains"].pushed is None and self.is_mains_read:
            sum_da = tuple(base + car for base, car in zip(self.base_da, car_da, strict=True))
            self.controller.measure("mains", self._reading(sum_da, None))

    def _reading(self, currents_da: Any, import_wh: int | None) -> MeterReading:
        return MeterReading(
            at=self.clock(),
            currents_da=currents_da,
            power_w=sum(currents_da) * 23,
            import_wh=import_wh,
        )

    def _import_wh(self) -> int:
        return round(self.virtual._import_wh)
