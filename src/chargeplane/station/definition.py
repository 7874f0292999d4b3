"""What is fixed of a variable, and how it is called."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from chargeplane.domain.station import Evse
from chargeplane.domain.variables import AttributeType, Component, Variable

DataType = Literal[
    "string",
    "decimal",
    "integer",
    "dateTime",
    "boolean",
    "OptionList",
    "SequenceList",
    "MemberList",
]
Mutability = Literal["ReadOnly", "WriteOnly", "ReadWrite"]
Address = tuple[Component, Variable]

RO: Final = "ReadOnly"
WO: Final = "WriteOnly"
RW: Final = "ReadWrite"


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """What is fixed of a variable (2.x VariableCharacteristicsType, VariableAttributeType)."""

    name: str
    data_type: DataType
    default: str | None = None  # None: it has no value until it is given one
    mutability: Mutability = "ReadWrite"
    unit: str | None = None
    minimum: float | None = None  # of a number, or of the length of a text
    maximum: float | None = None
    values: tuple[str, ...] = ()
    needs_reboot: bool = False
    attributes: tuple[AttributeType, ...] = ("Actual",)
    supports_monitoring: bool = True
    is_summary: bool = False  # part of the SummaryInventory (2.x B07)


def flag(
    name: str,
    *,
    default: bool | None = None,
    mutability: Mutability = RW,
    is_summary: bool = False,
) -> Definition:
    """A boolean."""
    return Definition(
        name=name,
        data_type="boolean",
        default=None if default is None else str(default).lower(),
        mutability=mutability,
        is_summary=is_summary,
    )


def number(
    name: str,
    default: int | None = None,
    unit: str | None = None,
    mutability: Mutability = RW,
    *,
    low: float = 0,
    high: float | None = None,
) -> Definition:
    """An integer that is not negative unless it is said to be."""
    return Definition(
        name=name,
        data_type="integer",
        default=None if default is None else str(default),
        mutability=mutability,
        unit=unit,
        minimum=low,
        maximum=high,
    )


def decimal(
    name: str,
    default: float | None = None,
    unit: str | None = None,
    mutability: Mutability = RW,
    attributes: tuple[AttributeType, ...] = ("Actual",),
) -> Definition:
    """A decimal number."""
    said = None if default is None else f"{default:g}"
    return Definition(
        name=name,
        data_type="decimal",
        default=said,
        mutability=mutability,
        unit=unit,
        attributes=attributes,
    )


def text(
    name: str,
    default: str | None = None,
    mutability: Mutability = RW,
    *,
    low: int | None = None,
    high: int | None = None,
) -> Definition:
    """A text of a length within bounds."""
    return Definition(
        name=name,
        data_type="string",
        default=default,
        mutability=mutability,
        minimum=low,
        maximum=high,
    )


def moment(name: str, mutability: Mutability = RW) -> Definition:
    """A date and time."""
    return Definition(name=name, data_type="dateTime", mutability=mutability)


def option(
    name: str, values: str, default: str | None = None, mutability: Mutability = RW
) -> Definition:
    """One of some words."""
    return Definition(
        name=name,
        data_type="OptionList",
        default=default,
        mutability=mutability,
        values=tuple(values.split(",")),
    )


def members(
    name: str,
    values: str,
    default: str = "",
    mutability: Mutability = RW,
    high: int | None = None,
) -> Definition:
    """Any of some words, in no order."""
    return Definition(
        name=name,
        data_type="MemberList",
        default=default,
        mutability=mutability,
        values=tuple(values.split(",")) if values else (),
        maximum=high,
    )


def sequence(name: str, values: str, default: str, mutability: Mutability = RW) -> Definition:
    """Some words in an order that counts."""
    return Definition(
        name=name,
        data_type="SequenceList",
        default=default,
        mutability=mutability,
        values=tuple(values.split(",")) if values else (),
    )


# Names


def variable(name: str) -> Variable:
    """A variable by its name, with an instance in brackets."""
    name, _, instance = name.rstrip("]").partition("[")
    return Variable(name, instance or None)


@lru_cache(maxsize=1024)
def address(name: str) -> Address:
    """`Component[instance]@evse.connector/Variable[instance]`; all but the names may be absent."""
    where, _, what = name.partition("/")
    where, _, place = where.partition("@")
    component, _, instance = where.rstrip("]").partition("[")
    evse, _, connector = place.partition(".")
    at = Evse(int(evse), int(connector) if connector else None) if evse else None
    return Component(component, instance or None, at), variable(what)


def name_of(component: Component, variable: Variable) -> str:
    """The name of an address, as `address` reads it."""
    at = component.evse
    place = "" if at is None else f"@{at.id}" + (f".{at.connector_id}" if at.connector_id else "")
    where = component.name + (f"[{component.instance}]" if component.instance else "") + place
    return f"{where}/{variable.name}" + (f"[{variable.instance}]" if variable.instance else "")
