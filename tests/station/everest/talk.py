"""A station at a scripted central system, and EVerest's interface of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from chargeplane.station.definition import address
from chargeplane.station.everest.interface import Everest
from chargeplane.station.everest.values import (
    EVSE,
    Component,
    ComponentVariable,
    GetVariableRequest,
    GetVariableResult,
    SetVariableRequest,
    Variable,
)
from chargeplane.station.signals import Signal
from tests.station.desk import Place, place

T = TypeVar("T")


@asynccontextmanager
async def everest(
    version: str, *, interface: dict[str, Any] | None = None, **settings: Any
) -> AsyncIterator[tuple[Place, Everest]]:
    made: list[Everest] = []
    settings["prepare"] = lambda station: made.append(Everest(station, **(interface or {})))
    async with place(version, **settings) as there:
        yield there, made[0]


def named(name: str) -> ComponentVariable:
    """`Component[instance]@evse/Variable[instance]`, or `/Key`."""
    component, variable = address(name)
    at = component.evse
    return ComponentVariable(
        component=Component(
            name=component.name,
            instance=component.instance,
            evse=None if at is None else EVSE(id=at.id, connector_id=at.connector_id),
        ),
        variable=Variable(name=variable.name, instance=variable.instance),
    )


async def get(everest: Everest, name: str, attribute: Any = None) -> GetVariableResult:
    request = GetVariableRequest(component_variable=named(name), attribute_type=attribute)
    (result,) = await everest.get_variables([request])
    return result


async def set_(everest: Everest, name: str, value: str, source: str = "web") -> str:
    request = SetVariableRequest(component_variable=named(name), value=value)
    (result,) = await everest.set_variables([request], source)
    assert result.component_variable == request.component_variable
    return result.status


def collect(signal: Signal[T]) -> list[T]:
    found: list[T] = []
    signal.listen(found.append)
    return found
