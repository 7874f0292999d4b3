"""A virtual car that negotiates its schedule as cars with ISO 15118 do."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any, Final

from chargeplane.ocpp.v2 import wire
from chargeplane.station import ev_schedules
from chargeplane.station.ev_schedules import Offer
from chargeplane.station.station import Station
from chargeplane.station.unit import EvseUnit

MOST_PERIODS: Final = 12  # that it can take
VOLTAGE_V: Final = 400.0  # between phases
CURRENTS_A: Final = (6.0, 16.0)


def awaken(station: Station) -> None:
    """Let cars choose anew when they are asked to (2.x K16)."""
    station.signals.renegotiation.listen(partial(_choose_anew, station))


def _choose_anew(station: Station, evse_id: int) -> None:
    evse = station.evses[evse_id - 1]
    if offers := ev_schedules.renew(station, evse):
        station.spawn(_choose(station, evse, offers[0]), "renegotiation")


async def _choose(station: Station, evse: EvseUnit, offer: Offer) -> None:
    await ev_schedules.choose(station, evse, schedule_id=offer.id)


async def negotiate(
    station: Station, evse: EvseUnit, energy_wh: float, departure_s: float | None
) -> list[dict[str, Any]]:
    """Tell what the car needs and take the first schedule; returns the periods of that (W)."""
    offers = await ev_schedules.offer(
        station, evse, _needs(station, energy_wh, departure_s), most_periods=MOST_PERIODS
    )
    if not offers:
        return []
    await _choose(station, evse, offers[0])
    periods = offers[0].schedule.charging_schedule_period
    return [{"start_s": each.start_period, "limit_w": each.limit} for each in periods]


def _needs(station: Station, energy_wh: float, departure_s: float | None) -> wire.ChargingNeeds:
    low, high = CURRENTS_A
    departure = None if departure_s is None else station.now() + timedelta(seconds=departure_s)
    return wire.ChargingNeeds(
        requested_energy_transfer="AC_three_phase",
        departure_time=departure,
        ac_charging_parameters=wire.ACChargingParameters(
            energy_amount=energy_wh,
            ev_min_current=low,
            ev_max_current=high,
            ev_max_voltage=VOLTAGE_V,
        ),
    )
