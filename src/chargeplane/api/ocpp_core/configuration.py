"""GetConfiguration and ChangeConfiguration, for every version by variables.

A station without configuration keys is asked for the variable that means the
same (`ocpp/keys.py`). Its other variables are called by their full names,
`Component[instance]@evse:connector.Variable[instance]`, less what they lack.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final

from starlette.responses import Response

from chargeplane.api.ocpp_core.answers import bad_request, say, show
from chargeplane.api.ocpp_core.call import Call
from chargeplane.csms.batches import can_hear
from chargeplane.csms.registry import Station
from chargeplane.domain.station import Evse
from chargeplane.domain.variables import (
    Component,
    GetBaseReport,
    GetVariables,
    SetVariables,
    Variable,
    VariableQuery,
    VariableResult,
    VariableSetting,
)
from chargeplane.errors import Untranslatable
from chargeplane.ocpp.keys import PLACES, Place, read_key, write_key
from chargeplane.ocpp.v1.translate.variables import REFUSALS

NAME: Final = re.compile(
    r"(?P<component>[^.@\[\]]+)(?:\[(?P<part>[^\]]*)\])?"
    r"(?:@(?P<evse>\d{1,9})(?::(?P<connector>\d{1,9}))?)?"
    r"\.(?P<variable>[^\[\]]+)(?:\[(?P<instance>[^\]]*)\])?"
)
SHOWN: Final = ("Actual", "MaxLimit")  # the attributes that configuration keys stand for
VALUE: Final = 2  # the part that holds the value; it may be empty, but not missing


def _by_variable() -> dict[str, Place]:
    """The places that the name of their variable alone tells apart."""
    places = [place for place in PLACES.values() if place[2] == "Actual"]
    times = Counter(variable.name.lower() for _, variable, _ in places)
    names = ((place[1].name.lower(), place) for place in places)
    return {name: place for name, place in names if times[name] == 1}


BY_VARIABLE: Final = _by_variable()


async def get_configuration(call: Call) -> Response:
    """One configuration key, or all of them; as 1.6 answers."""
    station = call.station()
    key = call.part(1)
    if not key:
        return await _get_all(call, station)
    for place in _places(key):
        request = GetVariables(queries=(_query(place),))
        if can_hear(station, request):
            answer = await call.ask(station, "get_variables", request)
            return show(_shown(answer.results, key))
    return show({"unknownKey": [key]})


async def _get_all(call: Call, station: Station) -> Response:
    answer = await call.ask(station, "get_base_report", GetBaseReport())
    if answer.status not in {"Accepted", "EmptyResultSet"}:
        return say(answer.status)
    report = [result for result in answer.report or () if result.attribute_type in SHOWN]
    return show({"configurationKey": []} | _shown(report))


async def change_configuration(call: Call) -> Response:
    """Set one configuration key; what became of it in the words of 1.6."""
    call.required(0, "chargepointId")
    key = call.required(1, "key")
    if len(call.parts) <= VALUE:
        raise bad_request("value is missing")
    station = call.station()
    for place in _places(key):
        request = SetVariables(settings=(_setting(place, call.part(VALUE)),))
        if can_hear(station, request):
            answer = await call.ask(station, "set_variables", request)
            outcome = answer.results[0].attribute_status
            return say(REFUSALS.get(outcome, outcome))
    return say("NotSupported")


def _places(key: str) -> Iterator[Place]:
    """Where a key may live, the likeliest first: as a key of 1.x, by its full name, by its name."""
    yield read_key(key)
    if match := NAME.fullmatch(key):
        yield _named(match)
    if place := BY_VARIABLE.get(key.lower()):
        yield place


def _named(match: re.Match[str]) -> Place:
    number, connector = match["evse"], match["connector"]
    evse = Evse(int(number), int(connector) if connector else None) if number else None
    component = Component(match["component"], match["part"], evse)
    return component, Variable(match["variable"], match["instance"]), "Actual"


def _query(place: Place) -> VariableQuery:
    component, variable, attribute = place
    return VariableQuery(component=component, variable=variable, attribute_type=attribute)


def _setting(place: Place, value: str) -> VariableSetting:
    component, variable, attribute = place
    return VariableSetting(
        component=component, variable=variable, attribute_type=attribute, attribute_value=value
    )


def _shown(results: Iterable[VariableResult], key: str | None = None) -> dict[str, Any]:
    """Results as the answer of 1.6, under the key that was asked for; empty lists are left out."""
    known: list[dict[str, Any]] = []
    unknown: list[str] = []
    for result in results:
        name = key or _key(result)
        if result.attribute_status != "Accepted":
            unknown.append(name)
        else:
            value = result.attribute_value
            entry = {"key": name, "readonly": bool(result.readonly)}
            known.append(entry if value is None else entry | {"value": value})
    lists = {"configurationKey": known, "unknownKey": unknown}
    return {name: entries for name, entries in lists.items() if entries}


def _key(result: VariableResult) -> str:
    """What a variable is called here."""
    component, variable = result.component, result.variable
    try:
        return write_key(component, variable, result.attribute_type)
    except Untranslatable:
        evse = component.evse
        place = "" if evse is None else f"@{evse.id}"
        place += f":{evse.connector_id}" if evse and evse.connector_id is not None else ""
        part = f"[{component.instance}]" if component.instance else ""
        instance = f"[{variable.instance}]" if variable.instance else ""
        return f"{component.name}{part}{place}.{variable.name}{instance}"
