"""The controller as the hardware of a charging station, and what it tells the station.

The station says whether and how much current may flow; the regulation makes the best of it. Which
of them decides about access depends on the mode of the card reader: `Disabled` and `Rmt/OCPP` leave
it to the station, the others to the cards that are known here, and the station keeps the books.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from chargeplane.domain.tokens import Token
from chargeplane.energy.pilot import STEADY
from chargeplane.energy.states import Access, Error, RfidReader
from chargeplane.evse.controller import Controller, Swipe
from chargeplane.evse.hardware import Measurement
from chargeplane.evse.sessions import VOLTAGE_V
from chargeplane.station import authorization, events, transactions
from chargeplane.station.station import Station
from chargeplane.station.unit import Authorization, Ending, EvseUnit

REASON: Final = "central system"  # who keeps cars from charging
READERS_THAT_ASK: Final = {RfidReader.DISABLED, RfidReader.REMOTE}
PHASES: Final = 3
DA_PER_A: Final = 10
EVSE: Final = 1  # the only one of the station

# 1.6 §7.7: the code of an error, and what is said of it.
FAULTS: Final[dict[Error, tuple[str, str]]] = {
    Error.TEMP_HIGH: ("HighTemperature", "the EVSE is too warm"),
    Error.RCM_TRIPPED: ("GroundFailure", "a residual current"),
    Error.RCM_TEST: ("GroundFailure", "the residual current monitor did not pass its test"),
    Error.CT_NOCOMM: ("PowerMeterFailure", "the mains meter or the master is silent"),
    Error.EV_NOCOMM: ("PowerMeterFailure", "the EV meter is silent"),
    Error.CIRCUIT_NOCOMM: ("PowerMeterFailure", "the circuit meter is silent"),
}


class Outlet:
    """See `hardware.Hardware` and `hardware.PhaseControl`."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller
        self._station: Station | None = None
        self._notify: Callable[[], None] = lambda: None
        self._seen: object = None
        self._was_plugged_in = False
        self._unlocking: asyncio.Task[bool] | None = None

    # What the station asks of it

    def is_plugged_in(self) -> bool:
        """Whether a car is connected."""
        return self._controller.is_plugged_in

    def connector_in_use(self) -> int:
        """There is one."""
        return 1

    def wants_energy(self) -> bool:
        """Whether the car charges."""
        return self._controller.is_charging

    def allow(self, limit_a: float) -> None:
        """Let so much current flow, as far as the regulation has it."""
        controller, evse = self._controller, self._evse
        if evse is None:
            return
        is_allowed = evse.authorization is not None
        is_held = not (is_allowed if self._asks else evse.is_operative)
        controller.hold(REASON, Access.OFF if is_held else None)
        if not is_allowed:
            controller.set_ocpp_limit(None)
        elif events.LOCK_FAILURE in evse.faults:
            controller.set_ocpp_limit(0)
        elif not (evse.is_paused or evse.faults):  # which make 0 of whatever is allowed
            controller.set_ocpp_limit(limit_a)

    def use_phases(self, count: int) -> None:
        """Feed one phase or three from now on."""
        self._controller.lend_phases(1 if count == 1 else 3)

    def unlock(self) -> bool:
        """Begin to open the lock, and trust that it does; `open_lock` waits for it."""
        self._unlocking = asyncio.get_running_loop().create_task(self.open_lock())
        return True

    async def open_lock(self) -> bool:
        """Open the lock; whether it is open now (`SlowUnlock`)."""
        return await self._controller.wires.unlock()

    def measure(self) -> Measurement:
        """What the EV meter shows, or what was counted."""
        ledger = self._controller.ledger
        reading = ledger.readings.get("ev")
        currents_da = self._controller.status.ev_da
        return Measurement(
            energy_wh=float(ledger.register_wh),
            power_w=ledger.power_w("ev") or 0.0,
            currents_a=tuple(each / DA_PER_A for each in currents_da),
            voltages_v=(reading and reading.voltages_v) or (float(VOLTAGE_V),) * PHASES,
            soc_percent=self._controller.car.computed_soc(ledger.charged_wh),
            offered_a=self._offered_a,
        )

    def on_change(self, notify: Callable[[], None]) -> None:
        """Call `notify` whenever something of it changes."""
        self._notify = notify

    # What it tells the station

    def serve(self, station: Station) -> Callable[[], None]:
        """Tell that station what happens here, until what is returned is called."""
        self._station = station
        self._controller.hold(REASON, Access.OFF if self._asks else None)
        stops = [
            self._controller.changed.listen(self._on_change),
            self._controller.swiped.listen(self._on_swipe),
        ]

        def stop() -> None:
            for each in stops:
                each()
            self._station = None
            self._controller.hold(REASON, None)
            self._controller.set_ocpp_limit(None)
            self._controller.lend_phases(None)

        return stop

    @property
    def _evse(self) -> EvseUnit | None:
        return None if self._station is None else self._station.evses[0]

    @property
    def _asks(self) -> bool:
        """Whether the station decides about access."""
        return self._controller.regulation.rfid_reader in READERS_THAT_ASK

    @property
    def _offered_a(self) -> float:
        status = self._controller.status
        return status.balanced_da[0] / DA_PER_A if 0 < status.pwm < STEADY else 0.0

    @property
    def _is_held_back(self) -> bool:
        """Whether the regulation lets no car charge that the station would let."""
        status, limit_a = self._controller.status, self._controller.ocpp_limit_a
        is_too_little = limit_a is not None and limit_a < self._controller.regulation.min_current_a
        return bool(status.errors & Error.LESS_6A or status.charge_delay_s) and not is_too_little

    def _on_change(self, _: None) -> None:
        station, evse = self._station, self._evse
        if station is None or evse is None:
            return
        self._tell_faults(station, evse)
        self._begin_freely(station, evse)
        seen = (self.is_plugged_in(), self.wants_energy(), self._is_held_back, self._asks)
        if seen != self._seen:
            self._seen = seen
            evse.is_paused = self._is_held_back
            self._notify()

    def _tell_faults(self, station: Station, evse: EvseUnit) -> None:
        errors = self._controller.status.errors
        found = {code: text for error, (code, text) in FAULTS.items() if errors & error}
        if self._controller.wires.is_lock_open_by_fault:
            found[events.LOCK_FAILURE] = "the lock did not close"
        own = {events.LOCK_FAILURE, *(code for code, _ in FAULTS.values())}
        for code in own & evse.faults.keys() - found.keys():
            events.clear_error(station, evse, code)
        for code, text in found.items():
            events.raise_error(station, evse, code, text)

    def _begin_freely(self, station: Station, evse: EvseUnit) -> None:
        """Charge a car that was plugged in without a card, where that is set."""
        was_plugged_in, self._was_plugged_in = self._was_plugged_in, self.is_plugged_in()
        settings = self._controller.settings.ocpp
        is_new = self._was_plugged_in and not was_plugged_in
        if is_new and settings.auto_auth and transactions.may_begin(evse):
            token = Token(settings.auto_auth_tag or station.id)
            authorization.authorize(station, evse, Authorization(token=token))

    def _on_swipe(self, swipe: Swipe) -> None:
        station, evse = self._station, self._evse
        if station is None or evse is None:
            return
        token = Token(swipe.uid)
        if swipe.may_charge is None:
            station.spawn(authorization.swipe(station, token, (EVSE,)), "card")
        elif not swipe.may_charge:
            transactions.end(station, evse, Ending("StopAuthorized", "Local", token))
        elif transactions.may_begin(evse):
            authorization.authorize(station, evse, Authorization(token=token))
