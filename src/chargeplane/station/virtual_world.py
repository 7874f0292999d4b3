"""What the world outside a virtual station is like: cars and meters, which outlive its process."""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec

from chargeplane.domain.transactions import TransactionEvent
from chargeplane.evse.hardware import Battery
from chargeplane.evse.installers import VirtualInstaller
from chargeplane.evse.virtual import Car, VirtualEvse
from chargeplane.evse.virtual_slot import VirtualSlot
from chargeplane.station import virtual_car
from chargeplane.station.station import Station
from chargeplane.station.unit import EvseUnit


class World(msgspec.Struct):
    """What is there of an EVSE, whether the station runs or not."""

    energy_wh: float = 0.0
    soc_percent: float | None = None  # of the car that is plugged in
    connector: int = 1
    exported_wh: float = 0.0
    discharge_maximum_w: float = 0.0
    battery: Battery | None = None  # in its slot
    is_parked: bool = False  # a car, plugged in or not


def worlds(station: Station) -> Any:
    """The worlds of the EVSEs, by their number."""
    return station.documents.collection("virtual", World)


def awaken(station: Station) -> None:
    """Let every virtual EVSE be as it was, and be kept as it is; firmware is no more real."""
    station.installer = VirtualInstaller()
    for evse in station.evses:
        kept = worlds(station).get(str(evse.id))
        if kept is not None:
            board = hardware(evse)
            board.energy_wh, board.exported_wh = kept.energy_wh, kept.exported_wh
            board.park(parked=kept.is_parked)
            if kept.battery is not None and isinstance(evse.slot, VirtualSlot):
                evse.slot.open()
                evse.slot.insert(kept.battery)
                evse.slot.close()
            elif kept.soc_percent is not None:
                power_w = kept.discharge_maximum_w
                car = Car(soc_percent=kept.soc_percent, discharge_maximum_w=power_w)
                board.plug_in(car, kept.connector)
    virtual_car.awaken(station)
    station.signals.transaction.listen(partial(_keep_after, station))


def _keep_after(station: Station, event: TransactionEvent) -> None:
    if event.evse is not None:
        keep(station, station.evses[event.evse.id - 1])


def keep(station: Station, evse: EvseUnit) -> None:
    """Keep how it is at an EVSE."""
    shown = evse.hardware.measure()
    plugged_in = evse.hardware.is_plugged_in()
    worlds(station)[str(evse.id)] = World(
        energy_wh=shown.energy_wh,
        soc_percent=shown.soc_percent if plugged_in else None,
        connector=evse.hardware.connector_in_use(),
        exported_wh=shown.exported_wh,
        discharge_maximum_w=hardware(evse).discharge_maximum_w,
        battery=None if evse.slot is None else evse.slot.battery(),
        is_parked=hardware(evse).is_parked,
    )


def hardware(evse: EvseUnit) -> VirtualEvse:
    """The virtual EVSE; raises `ValueError` if it is none."""
    if not isinstance(evse.hardware, VirtualEvse):
        raise ValueError("this EVSE is not virtual")  # noqa: TRY004 told to the driver
    return evse.hardware
