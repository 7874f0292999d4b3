"""Support of the grid by inverters: controls of the central system, and what they cause (2.1 R).

A control is for all inverters that can follow its kind; which counts when is in `energy.der`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from types import MappingProxyType
from typing import Any, Final

import msgspec

from chargeplane.domain.station import Evse
from chargeplane.domain.variables import Component
from chargeplane.energy.der import Change, Control, active, add, advance, next_change
from chargeplane.evse.hardware import Deviation
from chargeplane.ocpp.v2 import wire
from chargeplane.station import reports
from chargeplane.station.definition import decimal, members, text
from chargeplane.station.station import Station
from chargeplane.station.unit import EvseUnit

MOST: Final = 100  # controls that are kept
PART: Final = 10  # controls in one report
ONLY_DEFAULT: Final = frozenset({"EnterService", "Gradients"})  # FR.15
# Where the content of a control is, by its kind; curves have all the others (FR.16).
MEMBERS: Final[dict[str, str]] = {
    "FixedPFAbsorb": "fixed_pf_absorb",
    "FixedPFInject": "fixed_pf_inject",
    "FixedVar": "fixed_var",
    "LimitMaxDischarge": "limit_max_discharge",
    "FreqDroop": "freq_droop",
    "EnterService": "enter_service",
    "Gradients": "gradient",
}
CONTENTS: Final = ("curve", *MEMBERS.values())
# How a report has it: the type of an entry, and the member of that for the content.
ENTRIES: Final[Mapping[str, tuple[Any, str, Any]]] = MappingProxyType(
    {
        "curve": (wire.DERCurveGet, "curve", wire.DERCurve),
        "enter_service": (wire.EnterServiceGet, "enter_service", wire.EnterService),
        "fixed_pf_absorb": (wire.FixedPFGet, "fixed_pf", wire.FixedPF),
        "fixed_pf_inject": (wire.FixedPFGet, "fixed_pf", wire.FixedPF),
        "fixed_var": (wire.FixedVarGet, "fixed_var", wire.FixedVar),
        "freq_droop": (wire.FreqDroopGet, "freq_droop", wire.FreqDroop),
        "gradient": (wire.GradientGet, "gradient", wire.Gradient),
        "limit_max_discharge": (
            wire.LimitMaxDischargeGet,
            "limit_max_discharge",
            wire.LimitMaxDischarge,
        ),
    }
)
# Ratings that are numbers; the others are texts (2.1 part 2 §2.19.1).
RATINGS: Final[dict[str, str | None]] = {
    "MaxW": "W",
    "OverExcitedW": "W",
    "OverExcitedPF": None,
    "UnderExcitedW": "W",
    "UnderExcitedPF": None,
    "MaxVA": "VA",
    "MaxVar": "var",
    "MaxVarNeg": "var",
    "MaxChargeRateW": "W",
    "MaxChargeRateVA": "VA",
    "VNom": "V",
    "MaxV": "V",
    "MinV": "V",
    "IslandingDetectionTripTime": "s",
    "ReactiveSusceptance": None,
}


def controls(station: Station) -> Any:
    """All controls: by their id."""
    return station.documents.collection("der_controls", Control)


def _deviations(station: Station) -> Any:
    """Why the inverters deviate: by the number of their EVSE."""
    return station.documents.collection("deviations", Deviation)


def _modes(station: Station) -> set[str]:
    """The kinds of controls that an inverter can follow."""
    return {mode for evse in station.evses if evse.inverter for mode in evse.inverter.modes}


# Setting


async def on_set(station: Station, request: wire.SetDERControl) -> Any:
    """Keep a control and let it count when it is due (R04.FR.01 to FR.17)."""
    status, reason = _verdict(station, request)
    if status != "Accepted":
        info = None if reason is None else wire.StatusInfo(reason_code=reason)
        return wire.SetDERControlResponse(status=status, status_info=info)
    changed, superseded = add(controls(station).values(), _control(station, request), station.now())
    _keep(station, changed)
    settle(station)
    return wire.SetDERControlResponse(
        status="Accepted", superseded_ids=list(superseded[-24:]) or None
    )


def _verdict(station: Station, request: wire.SetDERControl) -> tuple[Any, str | None]:
    kind = request.control_type
    if kind not in _modes(station):
        return "NotSupported", None
    given = [name for name in CONTENTS if getattr(request, name) is not None]
    if given != [MEMBERS.get(kind, "curve")]:
        return "Rejected", "InvalidValue"  # FR.17
    if request.is_default and _is_scheduled(getattr(request, given[0])):
        return "Rejected", "InvalidValue"  # FR.13
    if not request.is_default and kind in ONLY_DEFAULT:
        return "Rejected", "InvalidValue"  # FR.15
    if request.control_id not in controls(station) and len(controls(station)) >= MOST:
        return "Rejected", "OutOfStorage"
    return "Accepted", None


def _is_scheduled(content: Any) -> bool:
    return any(getattr(content, name, None) is not None for name in ("start_time", "duration"))


def _control(station: Station, request: wire.SetDERControl) -> Control:
    kind = request.control_type
    content = getattr(request, MEMBERS.get(kind, "curve"))
    start = end = None
    if not request.is_default:
        start = content.start_time or station.now()
        end = None if content.duration is None else start + timedelta(seconds=content.duration)
    return Control(
        id=request.control_id,
        kind=kind,
        priority=content.priority,
        is_default=request.is_default,
        start=start,
        end=end,
        content=msgspec.to_builtins(content),
    )


def _keep(station: Station, changed: Iterable[Control]) -> None:
    kept, after = controls(station), {each.id: each for each in changed}
    with station.documents.together():
        for key in set(kept) - set(after):
            del kept[key]
        for key, each in after.items():
            if kept.get(key) != each:
                kept[key] = each


# As time goes by


def settle(station: Station) -> None:
    """Let the controls count that are due, tell what began or ended, wait for the next change."""
    if not any(evse.inverter for evse in station.evses):
        return
    now = station.now()
    kept, changes = advance(controls(station).values(), now)
    with station.documents.together():
        _keep(station, kept)
        for change in changes:
            _tell(station, change)
    _apply(station, active(kept))
    moment = next_change(kept, now)
    if moment is None:
        station.silence("der")
    else:
        station.alarm("der", (moment - now).total_seconds(), settle)


def _tell(station: Station, change: Change) -> None:
    station.tell(
        wire.NotifyDERStartStop(
            control_id=change.control.id,
            started=change.has_started,
            timestamp=station.now(),
            superseded_ids=list(change.superseded[-24:]) or None,
        )
    )


def _apply(station: Station, found: Mapping[str, Control]) -> None:
    for evse in station.evses:
        if evse.inverter is not None:
            modes = evse.inverter.modes
            own = {kind: each.content for kind, each in found.items() if kind in modes}
            evse.inverter.apply(own)


# Asking and clearing


def _matching(station: Station, asked: wire.GetDERControl | wire.ClearDERControl) -> list[Control]:
    """The controls for which all that is given holds."""
    return [
        each
        for each in controls(station).values()
        if asked.is_default in (None, each.is_default)
        and asked.control_type in (None, each.kind)
        and asked.control_id in (None, each.id)
    ]


async def on_get(station: Station, request: wire.GetDERControl) -> Any:
    """Report controls (R04.FR.30 to FR.37)."""
    kind = request.control_type
    if kind is not None and kind not in _modes(station):
        return wire.GetDERControlResponse(status="NotSupported")
    found = _matching(station, request)
    if not found:
        return wire.GetDERControlResponse(status="NotFound")

    def say(_number: int, more: bool, part: list[Control]) -> Any:  # noqa: FBT001 as `reports` calls
        return wire.ReportDERControl(
            request_id=request.request_id, tbc=more or None, **_entries(part)
        )

    parts = reports.in_parts(found, PART)
    station.spawn(reports.send_parts(station, parts, say), "der controls")
    return wire.GetDERControlResponse(status="Accepted")


def _entries(part: list[Control]) -> dict[str, Any]:
    found: dict[str, list[Any]] = {}
    for each in part:
        member = MEMBERS.get(each.kind, "curve")
        found.setdefault(member, []).append(_entry(each, member))
    return found


def _entry(control: Control, member: str) -> Any:
    entry, inner, kind = ENTRIES[member]
    said: dict[str, Any] = {"id": control.id, inner: msgspec.convert(control.content, kind)}
    if control.kind not in ONLY_DEFAULT:
        said |= {"is_default": control.is_default, "is_superseded": control.is_superseded}
    if member == "curve":
        said["curve_type"] = control.kind
    return entry(**said)


async def on_clear(station: Station, request: wire.ClearDERControl) -> Any:
    """Remove controls (R04.FR.41 to FR.46)."""
    kind = request.control_type
    if kind is not None and kind not in _modes(station):
        return wire.ClearDERControlResponse(status="NotSupported")
    found = _matching(station, request)
    is_for_all = kind is None and request.control_id is None
    if not found and not is_for_all:
        return wire.ClearDERControlResponse(status="NotFound")
    with station.documents.together():
        for each in found:
            del controls(station)[each.id]
    settle(station)
    return wire.ClearDERControlResponse(status="Accepted")


# Deviations


def on_deviation(station: Station, evse: EvseUnit, deviation: Deviation | None) -> None:
    """Tell once that an inverter deviates, that another control takes over, or the end (R05)."""
    known = _deviations(station)
    before: Deviation | None = known.pop(str(evse.id), None)
    others = {_name(each) for each in known.values()}
    if deviation is not None:
        known[str(evse.id)] = deviation
    if deviation is None:
        if before is not None and _name(before) not in others:
            _tell_alarm(station, before, has_ended=True)  # FR.02
    elif _name(deviation) not in others and (before is None or _name(before) != _name(deviation)):
        _tell_alarm(station, deviation)  # FR.01, FR.03


def _name(deviation: Deviation) -> tuple[str, str | None]:
    return deviation.control, deviation.fault


def _tell_alarm(station: Station, deviation: Deviation, *, has_ended: bool = False) -> None:
    control: Any = deviation.control  # in the words of 2.1, as inverters know them
    fault: Any = deviation.fault
    station.tell(
        wire.NotifyDERAlarm(
            control_type=control,
            grid_event_fault=fault,
            alarm_ended=has_ended or None,
            timestamp=station.now(),
            extra_info=deviation.info,
        )
    )


def on_start(station: Station) -> None:
    """Say what the inverters can, and let them follow what was set."""
    for evse in station.evses:
        if evse.inverter is not None:
            _define(station, evse)
            evse.inverter.on_deviation(partial(on_deviation, station, evse))
    settle(station)


def _define(station: Station, evse: EvseUnit) -> None:
    """Have the variables of an inverter (R01.FR.01, R03.FR.03)."""
    if evse.inverter is None:
        return
    nameplate = evse.inverter.nameplate
    modes = ",".join(evse.inverter.modes)
    component = Component("DCDERCtrlr" if nameplate else "ACDERCtrlr", None, Evse(evse.id))
    station.model.define(component, members("ModesSupported", modes, modes, "ReadOnly"))
    for name, value in nameplate.items():
        row = text(name, value, "ReadOnly")
        if name in RATINGS:
            row = replace(decimal(name, None, RATINGS[name], "ReadOnly"), default=value)
        station.model.define(component, row)


HANDLERS: dict[type, Any] = {
    wire.SetDERControl: on_set,
    wire.GetDERControl: on_get,
    wire.ClearDERControl: on_clear,
}
ON_START = (on_start,)
