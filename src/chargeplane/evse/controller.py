"""The controller of one EVSE: what it sees goes into the regulation, what comes out drives a board.

Time passes by `tick`, every 10 ms, where the pilot is driven here, or by `second` where that is
fine enough. Between them users, cards, meters and a master call the other methods; what these do
counts at once. Nothing here waits, opens a socket or looks at another clock than the given one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Final, Literal

import msgspec

from chargeplane.energy import regulation
from chargeplane.energy.pilot import STEADY, level
from chargeplane.energy.schedule import NONE, Schedule, due
from chargeplane.energy.states import (
    Access,
    ContactorTwo,
    Level,
    RfidReader,
    State,
    UserMode,
    user_mode,
)
from chargeplane.energy.status import Inputs, NodeAnswer, NodeReport, Outputs, Status
from chargeplane.errors import NotAllowed
from chargeplane.evse import car_state, lights, rfid
from chargeplane.evse.hardware import Board
from chargeplane.evse.ledger import METERED, Ledger, Place
from chargeplane.evse.logbook import Logbook
from chargeplane.evse.meters import PushedMeter
from chargeplane.evse.permission import Permission
from chargeplane.evse.readings import MeterReading, Push
from chargeplane.evse.recording import Broadcast, Recorder
from chargeplane.evse.rfid import Cards, CardStatus
from chargeplane.evse.settings import DeviceSettings, Owner
from chargeplane.evse.switch import ExternalSwitch
from chargeplane.evse.wires import DEBOUNCE, Wires
from chargeplane.station.signals import Signal
from chargeplane.storage.documents import Documents

TICK_S: Final = 1 / regulation.TICKS
DA_PER_A: Final = 10
CARD_SHOWN_S: Final = 5
REBOOT_S: Final = 5
LOCAL_CARDS: Final = {RfidReader.ENABLE_ALL, RfidReader.ENABLE_ONE}
CONTACTORS: Final = {1: ContactorTwo.ALWAYS_OFF, 3: ContactorTwo.ALWAYS_ON}
IN_OR_OUT: Final = {Level.V12: False, Level.V9: True, Level.V6: True, Level.V3: True}


@dataclass(frozen=True, slots=True)
class Meter:
    """A meter that the device has, as its faces describe it."""

    name: str  # of its type
    unit: int = 0  # its Modbus address
    host: str = ""
    pushed: PushedMeter | None = None  # if somebody else reads it and tells us


@dataclass(frozen=True, slots=True)
class Swipe:
    """A card that was shown, and whether cars may charge now by it (None: others decide)."""

    uid: str
    may_charge: bool | None


class Controller:
    """One EVSE. Settings are changed by `change`, everything else by the method for it."""

    battery_at = 0.0  # when the home battery was measured
    override_da = 0  # as the user has it
    ocpp_limit_a: float | None = None
    car = car_state.UNKNOWN  # what it says of itself
    holder = ""  # the card that let this car charge
    card, card_status, _card_at = "", CardStatus.READY, 0.0  # the last one
    is_plugged_in = False
    state = last_state = State.A
    uptime_s = 0
    _reboot_in_s: int | None = None

    def __init__(
        self,
        board: Board,
        documents: Documents,
        owner: Owner,
        *,
        clock: Callable[[], float],
        zone: tzinfo | None = None,
        meters: Mapping[Place, Meter] | None = None,
    ) -> None:
        self.owner = owner
        self.clock = clock  # s since the epoch
        self.meters: Mapping[Place, Meter] = meters or {}
        self.wires = Wires(board)
        self.cards = Cards(documents)
        self.ledger = Ledger(documents)
        self.changed: Signal[None] = Signal()  # after every second and everything that was done
        self.swiped: Signal[Swipe] = Signal()
        self.reboot_wanted = asyncio.Event()
        self._zone = zone
        owner.fit(**{f"{place}_meter": place in self.meters for place in METERED})
        if not self.wires.has_second_contactor:
            owner.fit(enable_c2=ContactorTwo.NOT_PRESENT)
        self.regulation = owner.settings.regulation
        self._overruled: dict[str, Any] = {}
        self.status = self._first_status()
        self.outputs: Outputs = regulation.outputs(self.status, self.regulation)
        self._permission = Permission(self.status.access)
        self._log = Logbook(Recorder(), self.status)
        self._seen: dict[str, Any] = {}  # since the last second
        self._second = _Second()
        self.switch = ExternalSwitch()

    def _first_status(self) -> Status:
        settings, regulated = self.settings, self.regulation
        status = msgspec.structs.replace(regulation.start(regulated), pwm=STEADY)
        status = regulation.set_mode(status, regulated, settings.mode)
        # Whoever unlocked it before the power went may be gone.
        is_locked = regulated.rfid_reader in LOCAL_CARDS
        access = Access.OFF if is_locked else settings.access
        return regulation.set_access(status, regulated, access)

    # How it goes

    @property
    def settings(self) -> DeviceSettings:
        """The settings in force."""
        return self.owner.settings

    @property
    def mode(self) -> UserMode:
        """What it is set to, in one word."""
        return user_mode(self.status.access, self.status.mode)

    @property
    def is_charging(self) -> bool:
        """Whether the contactors are closed for a car."""
        return self.status.state is State.C

    @property
    def recorder(self) -> Recorder:
        """What it saw and did in the last day."""
        return self._log.recorder

    def local(self, seconds: float) -> datetime:
        """A time in s since the epoch as local time."""
        return datetime.fromtimestamp(seconds, self._zone).astimezone(self._zone)

    # Time passes

    def second(self) -> None:
        """Let a second pass at once, with one look at everything."""
        status = self.status
        looks = not (status.diode_seen or self.is_charging) and 0 < status.pwm < STEADY
        pilot_mv, diode_pulse = self.wires.pilot_of_a_second(look_for_diode=looks)
        self._look(pilot_mv, 1.0)
        inputs = self._inputs(
            pilot_mv=pilot_mv,
            diode_pulse=diode_pulse,
            residual_current=self.wires.is_tripped(DEBOUNCE),
        )
        self.status = regulation.second(self.status, self.regulation, inputs)
        self._finish(inputs, verified=True)

    def tick(self) -> None:
        """Let 10 ms pass; every hundredth ends a second."""
        second = self._second
        if second.ticks == 0:
            second.inputs = self._inputs(pilot_mv=second.pilot_mv)
            self.status = regulation.measure(self.status, self.regulation, second.inputs)
        pilot_mv, is_tripped = self.wires.pilot_mv(), self.wires.is_tripped()
        second.see(pilot_mv, is_tripped=is_tripped)
        self._look(pilot_mv, TICK_S)
        self.status = regulation.tick_10ms(
            self.status, self.regulation, pilot_mv, residual_current=is_tripped
        )
        if second.ticks < regulation.TICKS:
            self._drive()
            return
        self.status = regulation.tick_1s(self.status, self.regulation)
        self._second = _Second(second.pilot_mv)
        self._finish(second.summary(), verified=False)

    def _inputs(self, **pilot: Any) -> Inputs:
        """What came since the last second, with a look at the slow parts."""
        seen, self._seen = self._seen, {}
        return Inputs(
            temperature_c=self.wires.temperature_c(),
            cable_limit_a=self.wires.cable_limit_a(),
            **seen,
            **pilot,
        )

    def _look(self, pilot_mv: int, seconds: float) -> None:
        self.is_plugged_in = IN_OR_OUT.get(level(pilot_mv), self.is_plugged_in)
        is_closed = self.wires.is_pressed()
        done = None if is_closed is None else self.switch.look(is_closed=is_closed, seconds=seconds)
        if done is None:
            return
        if done.deed == "closed":
            self.close_switch()
        elif done.deed == "opened":
            self.open_switch(done.closed_s)
        else:
            self._hold_switch(done.closed_s)

    def _finish(self, inputs: Inputs, *, verified: bool) -> None:
        """What is done once a second, after the regulation."""
        self._drive()
        self._log.write(self.regulation, inputs, self.status, verified=verified)
        self.uptime_s += 1
        self._follow_access()
        self._follow_clock()
        self._follow_car()
        if self._reboot_in_s is not None and not self.is_charging:
            self._reboot_in_s -= 1
            if self._reboot_in_s <= 0:
                self.reboot_wanted.set()
        self.wires.shine(lights.shown(self.status, self.settings, self.uptime_s))
        self.changed.emit(None)

    def _follow_access(self) -> None:
        """What switches, timers and a master changed is wanted from now on; the latest is kept."""
        permission = self._permission
        if self.status.access is not permission.access:
            permission.wanted = self.status.access
            self._permit()
        if permission.wanted is not Access.ON:
            self.holder = ""
        kept = self.settings
        if (permission.wanted, self.status.mode) != (kept.access, kept.mode):
            self.owner.change(access=permission.wanted, mode=self.status.mode)

    def _follow_clock(self) -> None:
        now_s, settings = self.clock(), self.settings
        schedule, access = due(settings.schedule, int(now_s))
        if schedule is not settings.schedule:
            self.owner.change(schedule=schedule)
        if access is not None:
            self.set_access(access)
        limit_a = self.ledger.capacity.limit_a(
            settings, self.local(now_s), self.ledger.mains_import_wh
        )
        self._overrule("max_sum_mains_a", limit_a)
        if self.card_status and now_s - self._card_at >= CARD_SHOWN_S:
            self.card_status = CardStatus.READY

    def _follow_car(self) -> None:
        sessions, now_s = self.ledger.sessions, self.clock()
        if self.is_plugged_in and sessions.running is None:
            sessions.begin(now_s, self.settings.price_per_kwh, self.settings.currency, self.holder)
        mode = self.status.mode.name
        self.ledger.pass_second(now_s, is_charging=self.is_charging, mode=mode)
        if not self.is_plugged_in and sessions.running is not None:
            sessions.end(now_s)
            self.car = car_state.UNKNOWN
            self._check_car()

    def _drive(self) -> None:
        if self.status.state is not self.state:
            self.last_state, self.state = self.state, self.status.state
        self.outputs = regulation.outputs(self.status, self.regulation)
        self.wires.drive(self.outputs)

    # What users do

    def set_mode(self, mode: UserMode, schedule: Schedule = NONE) -> None:
        """Choose a mode; a schedule that has not begun keeps cars waiting until then.

        Raises `NotAllowed` for modes that look at the mains if nobody measures these.
        """
        looks_at_mains = mode in (UserMode.SMART, UserMode.SOLAR)
        if looks_at_mains and not (self.regulation.mains_meter or self.regulation.is_node):
            raise NotAllowed(f"{mode.name} needs a mains meter")
        self.owner.change(schedule=schedule)
        status = regulation.set_user_mode(self.status, self.regulation, mode)
        if mode is UserMode.SOLAR:
            self.override_da = 0
        wanted = Access.OFF if schedule.start_s else status.access
        self._did(f"mode:{mode.name}", status)
        self._want(wanted)

    def set_access(self, access: Access) -> None:
        """Let cars charge, or stop them."""
        self._want(access)

    def hold(self, reason: str, access: Access | None) -> None:
        """Let something else than the user keep cars from charging, or no longer (None)."""
        self._permission.hold(reason, access)
        self._permit()

    def _want(self, access: Access) -> None:
        self._permission.wanted = access
        self._permit()
        self._follow_access()
        self.changed.emit(None)

    def _permit(self) -> None:
        access = self._permission.access
        if access is not self.status.access:
            status = regulation.set_access(self.status, self.regulation, access)
            self._did(f"access:{access:d}", status)

    def set_override(self, current_da: int) -> None:
        """Offer at most so much, 0: what the settings say; raises `NotAllowed`."""
        settings = self.regulation
        least, most = settings.min_current_a * DA_PER_A, settings.max_current_a * DA_PER_A
        if current_da and not least <= current_da <= most:
            raise NotAllowed(f"{current_da} is not from {least} to {most}")
        self.override_da = current_da
        self._limit()

    def set_ocpp_limit(self, limit_a: float | None) -> None:
        """Offer at most what the central system allows."""
        if limit_a != self.ocpp_limit_a:
            self.ocpp_limit_a = limit_a
            self._limit()

    def _limit(self) -> None:
        """Of the user's limit and that of the central system the smaller counts.

        Among EVSEs that share a circuit the regulation knows only an override.
        """
        limit_a, settings = self.ocpp_limit_a, self.regulation
        self.status = regulation.set_ocpp_limit(self.status, settings, limit_a)
        limits_da = [self.override_da] if self.override_da else []
        is_too_little = False
        if settings.load_balancing and limit_a is not None:
            is_too_little = limit_a < settings.min_current_a
            limits_da.append(max(int(limit_a), settings.min_current_a) * DA_PER_A)
        self.hold("limit of the central system", Access.PAUSE if is_too_little else None)
        current_da = min(limits_da, default=0)
        if current_da != self.status.override_da:
            status = regulation.set_override(self.status, settings, current_da)
            self._did(f"override_da:{current_da}", status)
        self.changed.emit(None)

    def set_pilot(self, pwm: int) -> None:
        """Force the duty of the pilot, in 1/1024: see `regulation.set_pwm_override`."""
        self._did(f"pwm:{pwm}", regulation.set_pwm_override(self.status, self.regulation, pwm))
        self.changed.emit(None)

    def set_custom_button(self, *, is_on: bool) -> None:
        """Set what the custom button shows."""
        status = regulation.set_custom_button(self.status, self.regulation, is_on=is_on)
        self._did(None, status)
        self.changed.emit(None)

    def change(self, **values: Any) -> None:
        """Change and keep settings by their names; raises `NotAllowed`."""
        if values.get("enable_c2") and not self.wires.has_second_contactor:
            raise NotAllowed("there is no second contactor")
        self.owner.change(**values)
        self._refit()
        if self.regulation.rfid_reader is RfidReader.DELETE_ALL:
            self.cards.clear()
        self._check_car()
        self.changed.emit(None)

    def _overrule(self, name: str, value: Any | None) -> None:
        """Let another value count than that of the settings, or no longer (None)."""
        if self._overruled.get(name) != value:
            self._overruled[name] = value
            self._refit()

    def _refit(self) -> None:
        """Regulate with the settings that count now."""
        changes = {name: value for name, value in self._overruled.items() if value is not None}
        fitted = msgspec.structs.replace(self.settings.regulation, **changes)
        if fitted != self.regulation:
            self.regulation = fitted
            self._did(None, regulation.follow_settings(self.status, fitted))

    def switch_phases(self, phases: Literal[1, 3]) -> None:
        """Charge with one phase or three from now on; a car that charges begins anew.

        Raises `NotAllowed` without a second contactor.
        """
        must_stop = self.is_charging and self.status.phases != phases
        self.change(enable_c2=CONTACTORS[phases])
        if must_stop:
            self._interrupt()

    def lend_phases(self, phases: Literal[1, 3] | None) -> None:
        """Let somebody else choose the phases for a while, or no longer (None)."""
        if not self.wires.has_second_contactor:
            return
        must_stop = self.is_charging and phases not in (None, self.status.phases)
        self._overrule("enable_c2", None if phases is None else CONTACTORS[phases])
        if must_stop:
            self._interrupt()

    def _interrupt(self) -> None:
        """Let a car that charges begin anew."""
        self._did(None, regulation.set_access(self.status, self.regulation, Access.PAUSE))
        self._did(None, regulation.set_access(self.status, self.regulation, Access.ON))

    def show_card(self, uid: str) -> CardStatus:
        """A card is at the reader; raises `NotAllowed` if that is off."""
        reader = self.regulation.rfid_reader
        if reader is RfidReader.DISABLED:
            raise NotAllowed("RFID reader not enabled")
        is_on = self._permission.wanted is Access.ON
        shown = rfid.show(self.cards, reader, uid, holder=self.holder, is_on=is_on)
        self.card, self.card_status, self._card_at = uid, shown.status, self.clock()
        if shown.toggles:
            self.set_access(Access.OFF if is_on else Access.ON)
            self.holder = "" if is_on else uid
            self.ledger.sessions.name_card(self.holder)
            self.swiped.emit(Swipe(uid, not is_on))
        elif reader is RfidReader.REMOTE:
            self.swiped.emit(Swipe(uid, None))
        self.changed.emit(None)
        return shown.status

    def tell_car(self, **values: Any) -> None:
        """What a car says of itself, as somebody else read it: members of `CarState`."""
        self.car = msgspec.structs.replace(self.car, **values)
        self._check_car()
        self.changed.emit(None)

    def _check_car(self) -> None:
        """Only the car that is asked for may charge."""
        wanted, found = self.settings.required_evccid, self.car.evccid
        self.hold("another car", Access.OFF if wanted and wanted != found else None)

    def reboot(self, seconds: int = REBOOT_S) -> None:
        """Start again so many seconds from now, or from when the car has stopped."""
        self._reboot_in_s = seconds

    # What else is connected to it

    def measure(self, place: Place, reading: MeterReading) -> None:
        """A meter was read."""
        if self.ledger.take(place, reading) and place in METERED:
            self._seen[f"{place}_da"] = reading.currents_da

    def push(self, place: Place, push: Push) -> None:
        """Somebody else read a meter; raises `NotAllowed` if it is another kind of meter."""
        meter = self.meters.get(place)
        if meter is None or meter.pushed is None:
            raise NotAllowed(f"the {place} meter is not of type API")
        meter.pushed.push(push)
        self.ledger.take(place, meter.pushed.reading)
        if push.currents_da is not None and place in METERED:
            self._seen[f"{place}_da"] = push.currents_da
        self.changed.emit(None)

    def measure_battery(self, current_da: int) -> None:
        """The home battery takes so much, the sum of its phases; negative: it gives."""
        self._seen["battery_da"] = current_da
        self.battery_at = self.clock()

    def close_switch(self) -> None:
        """The external switch or button was closed."""
        self._did("switch:1", regulation.close_switch(self.status, self.regulation))

    def open_switch(self, closed_s: float = 0.0) -> None:
        """It was opened after it had been closed for so long."""
        self._did(None, regulation.open_switch(self.status, self.regulation, closed_s))

    def _hold_switch(self, closed_s: float) -> None:
        status = regulation.hold_switch(self.status, self.regulation, closed_s)
        if status != self.status:
            self._did(None, status)

    def hear_nodes(self, reports: tuple[NodeReport | None, ...]) -> None:
        """What the nodes say of themselves to this master."""
        self._seen["nodes"] = reports

    def obey(self, answer: NodeAnswer) -> None:
        """The master of this node answers."""
        self.status = regulation.receive_answer(self.status, self.regulation, answer)
        self._log.note_answer(answer)
        self._drive()

    def hear_broadcast(self, broadcast: Broadcast) -> None:
        """The master of this node tells all what they may draw."""
        self.status = regulation.receive_broadcast(
            self.status, self.regulation, broadcast.balanced_da, broadcast.mains_da
        )
        self._log.note_broadcast(broadcast)
        self._drive()

    def hear_errors(self, errors: int) -> None:
        """The master of this node tells all that they have to stop."""
        self._did(None, regulation.receive_errors(self.status, self.regulation, errors))

    def _did(self, event: str | None, status: Status) -> None:
        """Something was done, which can be replayed as an event or not (None)."""
        self.status = status
        if event is None:
            self._log.restart(status)
        else:
            self._log.note(event)
        self._drive()


class _Second:
    """A second of ticks that goes on."""

    __slots__ = ("_is_tripped", "_saw_diode", "inputs", "pilot_mv", "ticks")

    def __init__(self, pilot_mv: int = 0) -> None:
        self.ticks = 0
        self.pilot_mv = pilot_mv
        self.inputs = Inputs(pilot_mv=pilot_mv)
        self._saw_diode = self._is_tripped = False

    def see(self, pilot_mv: int, *, is_tripped: bool) -> None:
        self.ticks += 1
        self._is_tripped |= is_tripped
        if level(pilot_mv) is Level.DIODE:
            self._saw_diode = True
        else:
            self.pilot_mv = pilot_mv

    def summary(self) -> Inputs:
        return msgspec.structs.replace(
            self.inputs,
            pilot_mv=self.pilot_mv,
            diode_pulse=self._saw_diode,
            residual_current=self._is_tripped,
        )
