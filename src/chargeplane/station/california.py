"""Prices and costs by OCPP & California Pricing Requirements, for 1.6 and 2.0.1.

The central system counts. Beside each cost it tells the prices until the next one, by which the
cost is estimated meanwhile, and when it wants to be told a reading (`triggerMeterValue`).
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any, Final

import msgspec
import structlog

from chargeplane.domain.messages import Json, MessageContent
from chargeplane.domain.tariff_cost import ConnectorUnplugged
from chargeplane.domain.tariffs import (
    Conditions,
    EnergyPrice,
    EnergyTariff,
    FixedPrice,
    FixedTariff,
    Tariff,
    TimePrice,
    TimeTariff,
)
from chargeplane.domain.variables import Component
from chargeplane.station import accounts, availability, display, metering, progress, sampling
from chargeplane.station.costs import Texts
from chargeplane.station.definition import text
from chargeplane.station.machine import State
from chargeplane.station.station import Station
from chargeplane.station.unit import EvseUnit

LEGACY: Final = "OCPP16LegacyCtrlr"
ENABLED_2X: Final = "CustomizationCtrlr/CustomImplementationEnabled[org.openchargealliance.costmsg]"
# Texts that a display may have in several languages.
FALLBACKS: Final = (
    "TariffFallbackMessage",
    "OfflineTariffFallbackMessage",
    "TotalCostFallbackMessage",
)
POWER_LOOK_S: Final = 5.0
BAND: Final = 0.05  # power has crossed a bound when it is so far on the other side of it

logger = structlog.get_logger()


class ChargingPrice(msgspec.Struct, frozen=True):
    """Prices while energy flows, without a fee that was due before."""

    kwh: Decimal | None = msgspec.field(default=None, name="kWhPrice")
    hour: Decimal | None = msgspec.field(default=None, name="hourPrice")
    fee: Decimal | None = msgspec.field(default=None, name="flatFee")


class IdlePrice(msgspec.Struct, frozen=True):
    """The price while no energy flows, after some minutes."""

    grace_minutes: int | None = msgspec.field(default=None, name="graceMinutes")
    hour: Decimal | None = msgspec.field(default=None, name="hourPrice")


class Period(msgspec.Struct, frozen=True):
    """The prices from some time on."""

    at: datetime = msgspec.field(name="atTime")
    charging: ChargingPrice | None = msgspec.field(default=None, name="chargingPrice")
    idle: IdlePrice | None = msgspec.field(default=None, name="idlePrice")


class Triggers(msgspec.Struct, frozen=True):
    """When a reading is to be told."""

    at: datetime | None = msgspec.field(default=None, name="atTime")
    at_kwh: float | None = msgspec.field(default=None, name="atEnergykWh")
    at_kw: float | None = msgspec.field(default=None, name="atPowerkW")
    at_status: tuple[str, ...] = msgspec.field(default=(), name="atCPStatus")


class Running(msgspec.Struct, frozen=True):
    """What stands beside a running cost."""

    charging: ChargingPrice | None = msgspec.field(default=None, name="chargingPrice")
    idle: IdlePrice | None = msgspec.field(default=None, name="idlePrice")
    upcoming: Period | None = msgspec.field(default=None, name="nextPeriod")
    triggers: Triggers = msgspec.field(default=Triggers(), name="triggerMeterValue")


class DefaultPrice(msgspec.Struct, frozen=True, rename="camel"):
    """What charging usually costs, in one language."""

    price_text: str
    price_text_offline: str | None = None
    charging_price: ChargingPrice | None = None
    language: str | None = None


class DefaultPrices(msgspec.Struct, frozen=True, rename="camel"):
    """The same in other languages."""

    price_texts: tuple[DefaultPrice, ...] = ()


def _triggers(station: Station) -> Any:
    """The statuses at which a reading is to be told: by the number of an EVSE."""
    return station.documents.collection("cost_statuses", tuple[str, ...])


def is_enabled(station: Station) -> bool:
    """Whether the central system may tell prices and costs so."""
    if station.conduct.costs_are_custom:
        return station.model.flag(f"{LEGACY}/CustomDisplayCostAndPrice")
    return station.model.flag(ENABLED_2X)


# While a charge runs


def follow(station: Station, evse: EvseUnit, cost: Decimal, said: Json) -> None:
    """Go on from a cost that was told, and tell readings when they are wanted."""
    try:
        running = msgspec.convert(said, Running, strict=False)
    except msgspec.ValidationError as error:
        logger.warning("prices not understood", station=station.id, error=str(error))
        return
    account = accounts.of(station, evse)
    if account is None or account.is_central:
        _estimate(station, evse, cost, running)
    _await_triggers(station, evse, running.triggers)


def _estimate(station: Station, evse: EvseUnit, cost: Decimal, running: Running) -> None:
    accounts.begin(station, evse, _tariff(station, running.charging, running.idle), base=cost)
    upcoming, name = running.upcoming, f"prices {evse.id}"
    if upcoming is None:
        station.silence(name)
        return
    later = _tariff(station, upcoming.charging, upcoming.idle)
    seconds = (upcoming.at - station.now()).total_seconds()
    station.alarm(name, seconds, lambda _station: accounts.go_on(station, evse, later))


def _tariff(station: Station, charging: ChargingPrice | None, idle: IdlePrice | None) -> Tariff:
    """Prices as a tariff."""
    charging, idle = charging or ChargingPrice(), idle or IdlePrice()
    grace = Conditions(min_idle_time=60 * (idle.grace_minutes or 0))
    return Tariff(
        tariff_id="",
        currency=station.model.text("TariffCostCtrlr/Currency"),
        energy=EnergyTariff(prices=(EnergyPrice(price_kwh=charging.kwh or Decimal(0)),)),
        charging_time=_by_the_hour(charging.hour),
        idle_time=_by_the_hour(idle.hour, grace),
    )


def _by_the_hour(price: Decimal | None, conditions: Conditions | None = None) -> TimeTariff | None:
    if price is None:
        return None
    return TimeTariff(prices=(TimePrice(price_minute=price / 60, conditions=conditions),))


def offline_tariff(station: Station) -> Tariff | None:
    """By which prices a charge is estimated that begins without a central system."""
    price = _default(station) if is_enabled(station) else None
    charging = None if price is None else price.charging_price
    if charging is None:
        return None
    tariff = _tariff(station, charging, None)
    if charging.fee is None:
        return tariff
    fee = FixedTariff(prices=(FixedPrice(price_fixed=charging.fee),))
    return msgspec.structs.replace(tariff, fixed_fee=fee)


# Readings that are wanted


def _await_triggers(station: Station, evse: EvseUnit, triggers: Triggers) -> None:
    tell = partial(_tell_reading, station, evse)
    names = [f"{what} trigger {evse.id}" for what in ("time", "energy", "power")]
    for name in names:
        station.silence(name)
    if triggers.at is not None:
        seconds = (triggers.at - station.now()).total_seconds()
        station.alarm(names[0], seconds, lambda _station: tell())
    if triggers.at_kwh is not None:
        used = partial(_used_wh, evse)
        progress.reach(station, names[1], used, triggers.at_kwh * 1000, tell)
    if triggers.at_kw is not None:
        _watch_power(station, evse, names[2], triggers.at_kw * 1000)
    if triggers.at_status:
        _triggers(station)[str(evse.id)] = triggers.at_status
    else:
        _triggers(station).pop(str(evse.id), None)


def _used_wh(evse: EvseUnit) -> float | None:
    transaction = evse.transaction
    return None if transaction is None else metering.energy_wh(evse) - transaction.meter_start_wh


def _watch_power(station: Station, evse: EvseUnit, name: str, bound_w: float) -> None:
    """Tell a reading whenever power crosses the bound."""
    was_above = evse.hardware.measure().power_w >= bound_w

    def look(_station: Station) -> None:
        nonlocal was_above
        if evse.transaction is None:
            return
        power_w = evse.hardware.measure().power_w
        crossed = power_w < bound_w * (1 - BAND) if was_above else power_w > bound_w * (1 + BAND)
        if crossed:
            was_above = not was_above
            _tell_reading(station, evse)
        station.alarm(name, POWER_LOOK_S, look)

    station.alarm(name, POWER_LOOK_S, look)


def _tell_reading(station: Station, evse: EvseUnit) -> None:
    if evse.transaction is not None:
        sampling.trigger_event(station, evse)
    else:
        sampling.trigger(station, evse)


def on_state(station: Station, evse: EvseUnit, state: State) -> None:
    """Tell a reading at a status that was asked for (atCPStatus)."""
    wanted: tuple[str, ...] = _triggers(station).get(str(evse.id), ())
    words = {state, availability.status(evse, evse.connector)}
    if words & set(wanted):
        _triggers(station)[str(evse.id)] = tuple(each for each in wanted if each not in words)
        _tell_reading(station, evse)


def forget(station: Station, evse: EvseUnit) -> None:
    """Wait for nothing any more of a charge that is over, but for its statuses."""
    for what in ("prices", "time trigger", "energy trigger", "power trigger"):
        station.silence(f"{what} {evse.id}")


def tell_unplugged(station: Station, transaction_id: str) -> None:
    """Tell when the cable was taken out after a charge (CustomIdleFeeAfterStop)."""
    if is_enabled(station) and station.model.flag(f"{LEGACY}/CustomIdleFeeAfterStop"):
        station.tell(ConnectorUnplugged(transaction_id=transaction_id, timestamp=station.now()))


# The usual price


def default_price(station: Station) -> Texts:
    """What charging usually costs, in all languages in which it is known."""
    if not is_enabled(station) or not station.conduct.costs_are_custom:
        return ()
    own = _default(station)
    others = _decoded(station, f"{LEGACY}/DefaultPriceText", DefaultPrices)
    found = [] if own is None else [_content(station, own, own.language)]
    found += [
        _content(station, each, each.language) for each in (others.price_texts if others else ())
    ]
    for tag in display.languages_of(station):
        price = _decoded(station, _own_key(tag), DefaultPrice)
        if price is not None:
            found.append(_content(station, price, tag))
    return tuple(found)


def _default(station: Station) -> DefaultPrice | None:
    found: DefaultPrice | None = _decoded(station, f"{LEGACY}/DefaultPrice", DefaultPrice)
    return found


def _content(station: Station, price: DefaultPrice, language: str | None) -> MessageContent:
    said = price.price_text
    if not station.is_online:
        said = price.price_text_offline or said
    return MessageContent(format="UTF8", content=said, language=language)


def _decoded(station: Station, variable: str, kind: Any) -> Any:
    value = station.model.text(variable) if station.model.has(variable) else ""
    try:
        return msgspec.json.decode(value, type=kind) if value else None
    except msgspec.MsgspecError as error:
        logger.warning("price not understood", station=station.id, key=variable, error=str(error))
        return None


def _is(kind: Any) -> Any:
    def check(_station: Station, value: str) -> str | None:
        try:
            if value:
                msgspec.json.decode(value, type=kind)
        except msgspec.MsgspecError:
            return "InvalidValue"
        return None

    return check


def _own_key(tag: str) -> str:
    return f"/DefaultPriceText,{tag}"


def define_languages(station: Station) -> None:
    """Have every text that is shown without a central system in each language of the displays."""
    for tag in display.languages_of(station):
        for name in FALLBACKS:
            row = text(f"{name}[{tag}]", "", high=512)
            station.model.define(Component("TariffCostCtrlr"), row)
        station.model.define(Component(""), text(f"DefaultPriceText,{tag}", "", high=2500))


CHECKS: dict[str, Any] = {
    f"{LEGACY}/DefaultPrice": _is(DefaultPrice),
    f"{LEGACY}/DefaultPriceText": _is(DefaultPrices),
}
