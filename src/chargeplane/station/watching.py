"""Looking at what is monitored, and telling what was noticed (2.x N07, N08).

Variables that are set are looked at when they are; what the station shows of itself, as states and
power, when it may have changed: with every state of an EVSE, every event of a transaction, every
connection. While something of an EVSE is monitored, it is looked at every few seconds, too.

Offline, and where its severity is filtered out, a monitor is not looked at, so that it tells
afterwards how things are then (2.1 N07, remark); what is severe enough is kept instead.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any, Final

from msgspec.structs import replace

from chargeplane.domain.transactions import TransactionEvent
from chargeplane.domain.variables import Component
from chargeplane.errors import NoAnswer, Untranslatable
from chargeplane.ocpp.errors import OcppError
from chargeplane.ocpp.v2 import wire
from chargeplane.station import event_streams, events, sampling
from chargeplane.station.definition import Definition
from chargeplane.station.device_model import Change
from chargeplane.station.monitors import PERIODIC, TO_TARGET, Monitor, look, store
from chargeplane.station.reports import in_parts
from chargeplane.station.signals import Link
from chargeplane.station.station import Station
from chargeplane.station.unit import EvseUnit

PART: Final = 20  # events in a message
KEPT: Final = 500  # events while offline; the oldest go first
LOOK_S: Final = 10.0  # between looks at what an EVSE shows


def active(station: Station) -> list[Monitor]:
    """Those that are not switched off."""
    return [each for each in store(station).values() if each.is_active]


def keep(station: Station, monitor: Monitor) -> None:
    """Put a monitor, new or changed."""
    store(station)[str(monitor.id)] = monitor


def definition_of(station: Station, monitor: Monitor) -> Definition | None:
    """What is fixed of its variable; None if there is no such variable any more."""
    return station.model.definition(monitor.component, monitor.variable)


def value_of(station: Station, monitor: Monitor, attribute: Any = "Actual") -> str:
    """The value, as it may be told: a password is not (N07.FR.10)."""
    return station.model.attribute(monitor.component, monitor.variable, attribute) or ""


# Looking


def look_at_all(station: Station) -> None:
    """Tell what every monitor has noticed by now."""
    _look(station, active(station))
    watch(station)


def _look_at_live(station: Station) -> None:
    if station.conduct.has_notify_event:
        _look(station, [each for each in active(station) if _is_live(station, each)])


def _is_live(station: Station, monitor: Monitor) -> bool:
    return f"{monitor.component.name}/{monitor.variable.name}" in station.tables.live


def on_change(station: Station, change: Change) -> None:
    """Look at the monitors of a variable that was set."""
    if not station.has_started:
        return
    place = (change.component, change.variable)
    mine = [each for each in active(station) if (each.component, each.variable) == place]
    definition = station.model.definition(*place) if mine else None
    if definition is not None and definition.mutability == "WriteOnly":
        # What must not be read is not compared: it was set to something else, that is all.
        mine = [replace(each, reference=None) if each.type == "Delta" else each for each in mine]
    _look(station, mine)


def _look(station: Station, monitors: Iterable[Monitor]) -> None:
    """Tell in one message what these have noticed, and keep how they are."""
    said = []
    for monitor in monitors:
        definition = definition_of(station, monitor)
        if definition is None or not _may_speak(station, monitor):
            continue
        value = value_of(station, monitor)
        target = value_of(station, monitor, "Target") if monitor.type in TO_TARGET else None
        news = look(monitor, definition, value, target)
        if news is None:
            continue
        keep(station, news.monitor)
        members = {"trigger": news.trigger, "cleared": news.cleared or None}
        if not event_streams.take(station, monitor, value):
            said.append(_event(station, monitor, value, **members))
    _notify(station, said)


def _may_speak(station: Station, monitor: Monitor) -> bool:
    """Whether it is to be told of, now or later (N05, N07.FR.04, FR.15)."""
    if not station.conduct.has_notify_event:
        return False
    if monitor.transaction and not _has_transaction(station, monitor.component):
        return False
    if monitor.severity > station.model.number("MonitoringCtrlr/ActiveMonitoringLevel"):
        return False
    severest = station.model.number("MonitoringCtrlr/OfflineQueuingSeverity")
    return station.can_tell or monitor.severity <= severest


def _evse(station: Station, component: Component) -> EvseUnit | None:
    return station.evse(component.evse.id) if component.evse else None


def _has_transaction(station: Station, component: Component) -> bool:
    if component.evse is None:
        return not station.is_idle()
    evse = _evse(station, component)
    return evse is not None and evse.transaction is not None


def _event(station: Station, monitor: Monitor, value: str, **members: Any) -> wire.EventData:
    evse = _evse(station, monitor.component)
    transaction = evse.transaction if evse else None
    return events.event(
        station,
        monitor.component,
        monitor.variable,
        value[:2500],
        event_notification_type=monitor.kind,
        variable_monitoring_id=monitor.id,
        severity=monitor.severity,  # N07.FR.20
        transaction_id=transaction.id if transaction else None,
        **members,
    )


def watch(station: Station) -> None:
    """Look again soon at the meters and states of EVSEs, if any of them are monitored."""
    wanted = any(
        each.type not in PERIODIC and each.component.evse is not None and _is_live(station, each)
        for each in active(station)
    )
    if wanted:
        station.alarm("monitors", LOOK_S, look_at_all)
    else:
        station.silence("monitors")


# Periodic ones


def begin(station: Station, monitor: Monitor) -> None:
    """Let it be heard of at its times, if it has any."""
    if monitor.is_active and monitor.stream is not None:
        event_streams.open_soon(station, monitor)
    if not monitor.is_active or monitor.type not in PERIODIC:
        return
    seconds = monitor.value
    if monitor.type == "PeriodicClockAligned":
        seconds = sampling.until_next(station.now(), monitor.value)
    station.alarm(f"monitor {monitor.id}", seconds, partial(_tick, monitor.id))


def stop(station: Station, monitor: Monitor) -> None:
    """Let it be heard of no more."""
    station.silence(f"monitor {monitor.id}")
    event_streams.close(station, monitor)


def _tick(number: int, station: Station) -> None:
    """N08.FR.06, FR.07."""
    monitor: Monitor | None = store(station).get(str(number))
    if monitor is None:
        return
    begin(station, monitor)
    if definition_of(station, monitor) is None or not _may_speak(station, monitor):
        return
    value = value_of(station, monitor)
    if not event_streams.take(station, monitor, value):
        _notify(station, [_event(station, monitor, value, trigger="Periodic")])


# Telling


def kept_events(station: Station) -> Any:
    """Events that happened offline, by a number."""
    return station.documents.collection("offline_events", wire.EventData)


def _notify(station: Station, said: list[wire.EventData]) -> None:
    """Tell events now, or keep them until the central system is back (N07.FR.04, N08.FR.03)."""
    if station.can_tell:
        events.notify(station, *said)
        return
    kept = kept_events(station)
    for each in said:
        kept[f"{each.event_id:012}"] = each
    for number in sorted(kept)[:-KEPT]:
        del kept[number]


async def _deliver(station: Station) -> None:
    kept = kept_events(station)
    for part in in_parts(sorted(kept), PART):
        request = wire.NotifyEvent(
            generated_at=station.now(), seq_no=0, event_data=[kept[number] for number in part]
        )
        try:
            await station.ask(request)
        except NoAnswer:
            return
        except (OcppError, Untranslatable):
            pass  # it does not want to know
        for number in part:
            kept.pop(number, None)


# When it is looked


def on_accepted(station: Station) -> None:
    """Tell what was kept, and how things are by now (N07.FR.14)."""
    if kept_events(station):
        station.spawn(_deliver(station), "offline events")
    event_streams.open_all(station, active(station))
    look_at_all(station)


def on_event(station: Station, _event: TransactionEvent) -> None:
    """A transaction has come, gone or changed."""
    _look_at_live(station)


def on_link(station: Station, _link: Link) -> None:
    """The connection has."""
    _look_at_live(station)


def on_status(station: Station, _news: Any) -> None:
    """A connector is in another state."""
    _look_at_live(station)


ON_CHANGE = (on_change,)
ON_ACCEPTED = (on_accepted,)
ON_EVENT = (on_event,)
ON_LINK = (on_link,)
ON_STATUS = (on_status,)
