"""What meters and sensors say, and for how long that is believed."""

from __future__ import annotations

from typing import Final

from chargeplane.energy.settings import Settings
from chargeplane.energy.states import ContactorTwo, Mode
from chargeplane.energy.status import Phases, Status

MAINS_TIMEOUT_S: Final = 11
EV_TIMEOUT_S: Final = 64
CIRCUIT_TIMEOUT_S: Final = 20
BATTERY_HOLDS_S: Final = 60
REGULATION_S: Final = 2  # from one regulation to the next


def mains(draft: Status, settings: Settings, currents_da: Phases) -> None:
    """The mains, negative where it exports; SOLAR leaves to the home battery what it does."""
    draft.mains_original_da = currents_da
    if draft.mode is Mode.SOLAR and draft.battery_s and draft.battery_da:
        currents_da = _without_battery(currents_da, draft.battery_da, settings)
    draft.mains_da = currents_da
    draft.mains_max_da = max(currents_da)
    draft.isum_da = sum(currents_da)
    if settings.smoothing_s:
        weight = REGULATION_S / (REGULATION_S + settings.smoothing_s)
        draft.smooth_isum_da += weight * (draft.isum_da - draft.smooth_isum_da)
    draft.mains_fresh = True
    draft.mains_timeout_s = MAINS_TIMEOUT_S


def _without_battery(currents_da: Phases, battery_da: int, settings: Settings) -> Phases:
    first, second, third = currents_da
    if settings.enable_c2 is ContactorTwo.ALWAYS_OFF:  # how owners of one phase say so
        return first - battery_da, second, third
    each_da = int(battery_da / 3)
    return first - each_da, second - each_da, third - each_da


def ev(draft: Status, _settings: Settings, currents_da: Phases) -> None:
    """What the car draws."""
    draft.ev_da = currents_da
    draft.ev_timeout_s = EV_TIMEOUT_S


def circuit(draft: Status, _settings: Settings, currents_da: Phases) -> None:
    """What the circuit draws that the EVSEs hang on."""
    draft.circuit_da = currents_da
    draft.circuit_max_da = max(currents_da)
    draft.circuit_timeout_s = CIRCUIT_TIMEOUT_S


def battery(draft: Status, _settings: Settings, current_da: int) -> None:
    """What the home battery takes, as a sum of the phases; negative: what it gives."""
    draft.battery_da = current_da
    draft.battery_s = BATTERY_HOLDS_S


def temperature(draft: Status, _settings: Settings, temperature_c: int) -> None:
    """How warm the EVSE is."""
    draft.temperature_c = temperature_c


def cable(draft: Status, _settings: Settings, limit_a: int) -> None:
    """What the plugged cable carries."""
    draft.cable_limit_a = limit_a
