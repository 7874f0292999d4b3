"""Swapping batteries, and charging those that were put in (2.1 S).

One swap goes on at a time: batteries are put into slots that are open, then as many are taken out
of others. The charges of the slots are no driver's.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec
import structlog

from chargeplane.domain.station import Evse
from chargeplane.domain.tokens import Token, TokenInfo
from chargeplane.domain.variables import Component
from chargeplane.errors import ChargeplaneError, NoAnswer
from chargeplane.evse.hardware import Battery
from chargeplane.ocpp.errors import OcppError
from chargeplane.ocpp.v2 import wire
from chargeplane.station import authorization, limits, progress, transactions
from chargeplane.station.definition import flag, number, option, text
from chargeplane.station.machine import State
from chargeplane.station.station import Station
from chargeplane.station.unit import Authorization, Connector, EvseUnit

CTRLR: Final = "BatterySwapCtrlr"
SWAP: Final = "swap"
REFUSED: Final = TokenInfo(status="Invalid")
ROWS: Final = (
    number("TargetSoc", 80, "Percent", high=100),
    number("MaxSoc", 100, "Percent", high=100),
    text("IdToken", "", high=255),
    number("Timeout[In]", 60, "s", low=1),
    number("Timeout[Out]", 60, "s", low=1),
    number("BatteriesPerSwap", 1, None, low=1),  # our own: 2.1 does not say how many a set has
)
CARTRIDGE: Final = (
    flag("Available", mutability="ReadOnly", is_summary=True),
    number("SoC", None, "Percent", "ReadOnly"),
    number("SoH", None, "Percent", "ReadOnly"),
)

Event = Literal["BatteryIn", "BatteryOut", "BatteryOutTimeout"]

logger = structlog.get_logger()


class Swap(msgspec.Struct, frozen=True, kw_only=True):
    """A swap that goes on: batteries are put in, or taken out."""

    token: Token
    request_id: int
    is_out: bool = False
    open: dict[str, Battery | None]  # slots by EVSE, with the battery that is offered there


def swaps(station: Station) -> Any:
    """The swap that goes on, if there is one."""
    return station.documents.collection("battery_swap", Swap)


def slots(station: Station) -> list[EvseUnit]:
    """The EVSEs that charge batteries in slots."""
    return [each for each in station.evses if each.slot is not None]


# Beginning


async def swipe(station: Station, token: Token) -> TokenInfo:
    """A driver presents a token at a station of slots: begin a swap if it may be (S01)."""
    station.signals.token.emit((token, "Processing"))
    verdict = await authorization.decide(station, token)
    if verdict.info.status == "Accepted" and not _begin(station, token, _next_id(station)):
        station.signals.token.emit((token, "Rejected"))
        return REFUSED  # S03.FR.05
    told = verdict.info.status == "Accepted"
    station.signals.token.emit((token, "Accepted" if told else "Rejected"))
    return verdict.info


def _next_id(station: Station) -> int:
    counters = station.documents.collection("counters", int)
    counters["battery_swap"] = counters.get("battery_swap", 0) + 1
    return counters["battery_swap"]


async def on_request(station: Station, request: wire.RequestBatterySwap) -> Any:
    """The central system begins a swap for somebody (S02)."""
    if not slots(station):
        raise OcppError("NotSupported", "no batteries are swapped here")
    token = Token(request.id_token.id_token, request.id_token.type)
    if not _begin(station, token, request.request_id):
        info = wire.StatusInfo(reason_code="NoBatteryAvailable")
        return wire.RequestBatterySwapResponse(status="Rejected", status_info=info)
    return wire.RequestBatterySwapResponse(status="Accepted")


def _begin(station: Station, token: Token, request_id: int) -> bool:
    """Open empty slots, if there are enough of them and of batteries (S01.FR.01, S02.FR.01)."""
    count = station.model.number(f"{CTRLR}/BatteriesPerSwap")
    free = [each for each in slots(station) if _battery(each) is None and _is_usable(each)]
    if SWAP in swaps(station) or len(free) < count or len(_eligible(station)) < count:
        return False
    _open(station, Swap(token=token, request_id=request_id, open=dict.fromkeys(_ids(free[:count]))))
    return True


def _battery(evse: EvseUnit) -> Battery | None:
    return None if evse.slot is None else evse.slot.battery()


def _is_usable(evse: EvseUnit) -> bool:
    return evse.state(evse.connector) not in ("Unavailable", "Faulted")


def _eligible(station: Station) -> list[EvseUnit]:
    """The slots whose batteries can be given to a driver, the fullest first (S04.FR.05)."""
    target = station.model.number(f"{CTRLR}/TargetSoc")
    charged = [
        (battery.soc_percent, evse)
        for evse in slots(station)
        if (battery := _battery(evse)) is not None and battery.soc_percent >= target
        if _is_usable(evse)
    ]
    return [evse for _, evse in sorted(charged, key=lambda pair: -pair[0])]


def _ids(evses: list[EvseUnit]) -> list[str]:
    return [str(each.id) for each in evses]


def _open(station: Station, swap: Swap) -> None:
    swaps(station)[SWAP] = swap
    _show(station, swap)
    name = f"{CTRLR}/Timeout[{'Out' if swap.is_out else 'In'}]"
    station.alarm(SWAP, station.model.number(name), give_up)


def _show(station: Station, swap: Swap | None) -> None:
    """Let exactly the slots of the swap be open."""
    opened = () if swap is None else tuple(swap.open)
    for evse in slots(station):
        if evse.slot is not None:
            (evse.slot.open if str(evse.id) in opened else evse.slot.close)()


def give_up(station: Station) -> None:
    """Nobody put in or took out the batteries in time (S01.FR.02, S02.FR.05, S03.FR.06)."""
    swap: Swap | None = swaps(station).get(SWAP)
    if swap is None:
        return
    if swap.is_out:
        left = {key: each for key, each in swap.open.items() if _has_battery(station, key)}
        station.tell(_event(swap, "BatteryOutTimeout", left))
        _end(station)
        return
    put_in = [key for key in swap.open if _has_battery(station, key)]
    _end(station)
    for key in put_in:
        _give_back(station, key)


def _has_battery(station: Station, key: str) -> bool:
    return _battery(station.evses[int(key) - 1]) is not None


def _end(station: Station) -> None:
    station.silence(SWAP)
    swaps(station).pop(SWAP, None)
    _show(station, None)


def _give_back(station: Station, key: str) -> None:
    """Let a battery be taken again that was put in in vain."""
    slot = station.evses[int(key) - 1].slot
    if slot is not None:
        slot.open()


# Going on


def on_status(station: Station, news: tuple[EvseUnit, Connector, State]) -> None:
    """Charge what is in a slot, and go on with the swap when its slots are full, or empty."""
    evse, _, _ = news
    if evse.slot is None:
        return
    station.alarm(f"slot {evse.id}", 0, lambda _station: _look(station, evse))


def _look(station: Station, evse: EvseUnit) -> None:
    charge(station, evse)
    swap: Swap | None = swaps(station).get(SWAP)
    if evse.slot is None:
        return
    if swap is None or str(evse.id) not in swap.open:
        if evse.slot.battery() is None:
            evse.slot.close()  # what was given back has been taken
        return
    filled = [_has_battery(station, key) for key in swap.open]
    if not swap.is_out and all(filled):
        station.silence(SWAP)
        _show(station, None)
        station.spawn(_take_in(station, swap), "battery in")
    elif swap.is_out and not any(filled):
        station.tell(_event(swap, "BatteryOut", swap.open))  # S03.FR.03
        _end(station)


async def _take_in(station: Station, swap: Swap) -> None:
    """Tell what was put in and offer others for it, unless it is refused (S03.FR.01)."""
    put_in = {key: _battery(station.evses[int(key) - 1]) for key in swap.open}
    event = _event(swap, "BatteryIn", put_in)
    try:
        await station.ask(event)
    except NoAnswer:
        station.tell(event)  # when it can be told
    except ChargeplaneError as error:
        logger.warning("batteries refused", station=station.id, reason=str(error))
        _end(station)
        for key in put_in:
            _give_back(station, key)
        return
    offered = [each for each in _eligible(station) if str(each.id) not in put_in][: len(put_in)]
    offer = {str(each.id): _battery(each) for each in offered}
    _open(station, msgspec.structs.replace(swap, is_out=True, open=offer))


def _event(swap: Swap, event: Event, batteries: dict[str, Battery | None]) -> wire.BatterySwap:
    return wire.BatterySwap(
        event_type=event,
        request_id=swap.request_id,
        id_token=wire.IdToken(id_token=swap.token.id_token, type=swap.token.type),
        battery_data=[_data(int(key), each) for key, each in batteries.items() if each],
    )


def _data(evse_id: int, battery: Battery) -> wire.BatteryData:
    return wire.BatteryData(
        evse_id=evse_id,
        serial_number=battery.serial_number,
        soc=battery.soc_percent,
        soh=battery.soh_percent,
        production_date=battery.production_date,
        vendor_info=battery.vendor_info,
    )


# Charging


def charge(station: Station, evse: EvseUnit) -> None:
    """Let the battery in a slot be charged, up to MaxSoc (S04)."""
    if evse.authorization is None and _is_usable(evse):
        evse.authorization = Authorization(token=_token(station))
        if evse.hardware.is_plugged_in() and evse.transaction is None:
            evse.facts, evse.has_ended = frozenset(), False  # as if it were put in now (S04.FR.11)
        transactions.settle(station, evse)
    if evse.transaction is not None and evse.transaction.reached is None:
        bound = float(station.model.number(f"{CTRLR}/MaxSoc"))
        progress.reach(
            station,
            f"max soc {evse.id}",
            lambda: _soc_percent(evse),
            bound,
            lambda: _rest(station, evse),
        )


def _token(station: Station) -> Token:
    """Whose the charges are (S04.FR.02, FR.03)."""
    own = station.model.text(f"{CTRLR}/IdToken")
    return Token(own, "Central") if own else authorization.NOBODY


def _soc_percent(evse: EvseUnit) -> float | None:
    battery = _battery(evse)
    charges = evse.transaction is not None and evse.transaction.reached is None
    return battery.soc_percent if battery is not None and charges else None


def _rest(station: Station, evse: EvseUnit) -> None:
    if evse.transaction is not None:
        limits.suspend(station, evse, evse.transaction, "EnergyLimitReached")  # S04.FR.06


def on_most(station: Station, _value: str) -> None:
    """Charge on, or less, when MaxSoc has changed."""
    for evse in slots(station):
        if evse.transaction is not None:
            evse.transaction.reached = None
            transactions.settle(station, evse)
            charge(station, evse)


# Variables


def on_start(station: Station) -> None:
    """Have the variables of slots; go on with the swap and the charges."""
    if not slots(station):
        return
    for row in ROWS:
        station.model.define(Component(CTRLR), row)
    for name in ("TxStartPoint", "TxStopPoint"):  # S04.FR.08, FR.09
        station.model.start(f"TxCtrlr/{name}", "EVConnected")
    for evse in slots(station):
        for row in CARTRIDGE:
            station.model.define(Component("BatteryCartridge", None, Evse(evse.id)), row)
        place = Component("Connector", None, Evse(evse.id, 1))
        station.model.define(place, option("SlotStatus", "Open,Locked,Faulted", None, "ReadOnly"))
        station.model.start(f"Connector@{evse.id}.1/ConnectorType", "BatterySlot")
        charge(station, evse)
    swap = swaps(station).get(SWAP)
    if swap is None:
        _show(station, None)
    else:
        _open(station, swap)


def _cartridge(station: Station, component: Component, *_: Any) -> Battery | None:
    return None if component.evse is None else _battery(station.evses[component.evse.id - 1])


def _percent(value: float | None) -> str | None:
    return None if value is None else str(round(value))


def _slot_status(station: Station, component: Component, *_: Any) -> str | None:
    evse = None if component.evse is None else station.evses[component.evse.id - 1]
    if evse is None or evse.slot is None:
        return None
    if evse.faults:
        return "Faulted"
    return "Open" if evse.slot.is_open() else "Locked"


def _is_within(station: Station, value: str) -> str | None:
    """S04.FR.10."""
    return "ValueTooHigh" if int(value) > station.model.number(f"{CTRLR}/MaxSoc") else None


def _is_above(station: Station, value: str) -> str | None:
    return "ValueTooLow" if int(value) < station.model.number(f"{CTRLR}/TargetSoc") else None


HANDLERS: dict[type, Any] = {wire.RequestBatterySwap: on_request}
LIVE: dict[str, Any] = {
    "BatteryCartridge/Available": lambda *place: str(_cartridge(*place) is not None).lower(),
    "BatteryCartridge/SoC": lambda *place: _percent(
        battery.soc_percent if (battery := _cartridge(*place)) else None
    ),
    "BatteryCartridge/SoH": lambda *place: _percent(
        battery.soh_percent if (battery := _cartridge(*place)) else None
    ),
    "Connector/SlotStatus": _slot_status,
}
CHECKS: dict[str, Any] = {f"{CTRLR}/TargetSoc": _is_within, f"{CTRLR}/MaxSoc": _is_above}
EFFECTS: dict[str, Any] = {f"{CTRLR}/MaxSoc": on_most}
ON_STATUS = (on_status,)
ON_START = (on_start,)
