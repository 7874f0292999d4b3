"""The functional blocks of a station, and a station that has them.

A block is a file with tables at its end, each of which may be absent: HANDLERS (who answers which
request), LIVE (what a variable shows), CHECKS and EFFECTS (whether a variable may be set so, and
what follows), ON_CHANGE (what follows from any variable that is set to another value), TRIGGERS
(what TriggerMessage asks for) and REFUSALS (when it cannot be done), IN_EVENT (what a block adds to
an event of a transaction), ON_START (what is done when the station starts), ON_ACCEPTED (what is
done when the central system has accepted it), and what follows from the values of signals: ON_EVENT
from events of transactions, ON_ANSWER from their answers, ON_STATUS from states of connectors,
ON_COST from costs that are known anew, ON_LIMITS from limits that changed, ON_LINK from
connections.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cache, partial
from itertools import chain
from types import MappingProxyType
from typing import Any

from chargeplane.domain.station import ChargingStation
from chargeplane.evse.hardware import Hardware
from chargeplane.station import (
    accounts,
    authorization,
    availability,
    battery_swap,
    bidirectional,
    certificates,
    charging_limits,
    charging_profiles,
    composite_schedules,
    costs,
    customer_information,
    data_collector,
    data_transfer,
    der,
    diagnostics,
    display,
    display_messages,
    dynamic_profiles,
    ev_schedules,
    event_streams,
    events,
    firmware,
    iso15118,
    limits,
    local_list,
    local_time,
    metering,
    monitoring,
    network,
    priority_charging,
    provisioning,
    remote_control,
    reports,
    reservation,
    sampling,
    security_events,
    signing,
    smart_charging,
    tariff_cost,
    tariffs,
    transactions,
    variables,
    watching,
    web_payments,
)
from chargeplane.station.definition import name_of
from chargeplane.station.device_model import Change
from chargeplane.station.station import Station

Handler = Callable[[Station, Any], Awaitable[Any]]

BLOCKS = (
    security_events,
    certificates,
    signing,
    iso15118,
    events,
    availability,
    provisioning,
    network,
    variables,
    reports,
    authorization,
    local_list,
    reservation,
    metering,
    sampling,
    smart_charging,
    bidirectional,
    charging_profiles,
    dynamic_profiles,
    priority_charging,
    charging_limits,
    ev_schedules,
    composite_schedules,
    local_time,
    tariffs,
    tariff_cost,
    costs,
    accounts,
    transactions,
    limits,
    battery_swap,
    remote_control,
    monitoring,
    watching,
    event_streams,
    firmware,
    diagnostics,
    data_collector,
    web_payments,
    data_transfer,
    customer_information,
    der,
    display_messages,
    display,
)
"""In the order in which they start and hear of what happens: transactions go on when all that they
need is there, and accounts are closed when costs have been shown."""


@cache
def _joined(table: str) -> dict[Any, Any]:
    return {key: value for block in BLOCKS for key, value in getattr(block, table, {}).items()}


@cache
def _listed(table: str) -> tuple[Any, ...]:
    return tuple(chain.from_iterable(getattr(block, table, ()) for block in BLOCKS))


# The tables of what follows from the values of a signal.
FOLLOWED: Mapping[str, str] = MappingProxyType(
    {
        "ON_EVENT": "transaction",
        "ON_LIMITS": "limits",
        "ON_ANSWER": "answered",
        "ON_STATUS": "status",
        "ON_COST": "cost",
        "ON_LINK": "link",
    }
)

HANDLERS: Mapping[type, Handler] = MappingProxyType(_joined("HANDLERS"))


def build(
    station_id: str, about: ChargingStation, hardware: Sequence[Hardware], **settings: Any
) -> Station:
    """A station with all blocks; `settings` are those of `Station`."""
    station = Station(station_id, about, hardware, **settings)
    station.tables.live = _joined("LIVE")
    station.tables.checks = _joined("CHECKS")
    station.tables.triggers = _joined("TRIGGERS")
    station.tables.refusals = _joined("REFUSALS")
    station.tables.on_accepted = _listed("ON_ACCEPTED")
    station.tls = certificates.context
    station.tables.in_event = _listed("IN_EVENT")
    effects = _joined("EFFECTS")

    def act(change: Change) -> None:
        effect = effects.get(f"{change.component.name}/{change.variable.name}") or effects.get(
            name_of(change.component, change.variable)
        )
        if effect is not None and station.has_started:
            effect(station, change.value)

    for follow in _listed("ON_CHANGE"):
        station.model.watch(partial(follow, station))
    station.model.watch(act)
    diagnostics.listen(station)
    station.signals.limits.listen(lambda _none: _settle_all(station))
    for table, signal in FOLLOWED.items():
        for follow in _listed(table):
            getattr(station.signals, signal).listen(partial(follow, station))
    return station


def _settle_all(station: Station) -> None:
    for evse in station.evses:
        transactions.settle(station, evse)


def start(station: Station) -> None:
    """Begin to work, or begin anew after a reset."""
    station.power_up()
    for work in _listed("ON_START"):
        work(station)
