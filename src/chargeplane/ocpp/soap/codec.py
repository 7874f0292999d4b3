"""XML elements and the JSON that OCPP-J writes for the same message: one generic mapping.

Readers and writers are made once for each structure of a version, from the
tables in `chargeplane.ocpp.soap.messages`. Reading takes members in any order
and of any namespace; what is not as it should be is handed on as it was
written, so that whoever decodes the JSON finds it and names it. Writing keeps
the order and the words of the version.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from lxml.etree import _Element as Element

from chargeplane.domain.messages import Json
from chargeplane.errors import Untranslatable
from chargeplane.ocpp.soap.messages import UNITS_OF_JSON, Messages

Read = Callable[[Element], Any]
"""Turns an element into its JSON value."""

Write = Callable[[list[str], Any], None]
"""Appends the inside of an element to the pieces of a document; raises `Untranslatable`."""

NIL: Final = "{http://www.w3.org/2001/XMLSchema-instance}nil"
PREFIX: Final = "o"  # of the OCPP namespace in what is written

_MEMBER: Final = re.compile(
    r"(?P<place>[@$]?)(?P<name>\w+)(?::(?P<kind>\w+))?(?P<times>[?*+]?)"
).fullmatch
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,18}").fullmatch  # what JSON numbers hold for sure
_DECIMAL: Final = re.compile(r"[+-]?([0-9]{1,18}(\.[0-9]*)?|\.[0-9]+)").fullmatch
_SPECIAL: Final = re.compile(r'[&<>"\t\n\r]|[^ -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]').search
_FORBIDDEN: Final = re.compile(r"[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]").search
_ESCAPES: Final = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        '"': "&quot;",
        "\t": "&#9;",
        "\n": "&#10;",
        "\r": "&#13;",
    }
)


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a structure, as its table says it."""

    name: str
    kind: str
    is_attribute: bool
    is_text: bool  # the text of the element itself
    is_required: bool
    is_list: bool


def members(line: str) -> tuple[Member, ...]:
    """The members that a line of a table names."""
    return tuple(_member(word) for word in line.split())


def _member(word: str) -> Member:
    found = _MEMBER(word)
    if found is None:
        raise ValueError(f"not a member: {word}")
    return Member(
        name=found["name"],
        kind=found["kind"] or "string",
        is_attribute=found["place"] == "@",
        is_text=found["place"] == "$",
        is_required=found["times"] in ("", "+"),
        is_list=found["times"] in ("*", "+"),
    )


# Reading


def reader(messages: Messages, structure: str, made: dict[str, Read]) -> Read:
    """How to read a structure; those that are made already are used again."""
    if structure not in made:
        parts = members(messages.structures[structure])
        if any(member.is_text for member in parts):
            made[structure] = _text_reader(parts)
        else:
            made[structure] = _element_reader(
                {m.name: (_kind_reader(messages, m.kind, made), m.is_list) for m in parts}
            )
    return made[structure]


def _element_reader(parts: Mapping[str, tuple[Read, bool]]) -> Read:
    def read(element: Element) -> Json:
        found: Json = {}
        for child in element:
            tag: str = child.tag
            name = tag[tag.rfind("}") + 1 :]
            part = parts.get(name)
            if part is None:
                found[name] = child.text or ""
            elif part[1]:
                found.setdefault(name, []).append(part[0](child))
            elif name in found:  # twice, where once is meant
                found[name] = [found[name], part[0](child)]
            else:
                found[name] = part[0](child)
        return found

    return read


def _text_reader(parts: tuple[Member, ...]) -> Read:
    """Of an element with text and attributes."""
    name = next(member.name for member in parts if member.is_text)

    def read(element: Element) -> Json:
        return {name: element.text or "", **dict(element.attrib)}

    return read


def _kind_reader(messages: Messages, kind: str, made: dict[str, Read]) -> Read:
    if kind in messages.structures:
        return reader(messages, kind, made)
    if kind.startswith("string"):
        return _read_text
    return _plain_reader(TYPES.get(kind, str.strip))


def _read_text(element: Element) -> str | None:
    text: str = element.text or ""
    return None if not text and element.get(NIL) in TRUE else text


def _plain_reader(convert: Callable[[str], Any]) -> Read:
    def read(element: Element) -> Any:
        text = element.text
        return convert(text) if text else None  # an empty element says nothing

    return read


def _integer(text: str) -> Any:
    text = text.strip()
    return int(text) if _INTEGER(text) else _decimal(text)


def _decimal(text: str) -> Any:
    text = text.strip()
    return float(text) if _DECIMAL(text) else text


def _boolean(text: str) -> Any:
    return BOOLEANS.get(text.strip(), text)


TRUE: Final = ("true", "1")
BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}
TYPES: Final[dict[str, Callable[[str], Any]]] = {
    "int": _integer,
    "decimal1": _decimal,
    "boolean": _boolean,
}
"""How the text of an element becomes a value; of the other kinds it is the value."""


# Writing


def writer(messages: Messages, structure: str, made: dict[str, Write]) -> Write:
    """How to write a structure; those that are made already are used again."""
    if structure not in made:
        parts = members(messages.structures[structure])
        where = f"OCPP {messages.version} {structure}"
        if any(member.is_text for member in parts):
            raise ValueError(f"{where}: written by what holds it")
        made[structure] = _element_writer(
            where, tuple((m, _member_writer(messages, m, made)) for m in parts)
        )
    return made[structure]


def _element_writer(where: str, parts: tuple[tuple[Member, Write], ...]) -> Write:
    names = {member.name for member, _ in parts}
    steps = tuple((m.name, m.is_list, m.is_required, write) for m, write in parts)

    def write(pieces: list[str], value: Any) -> None:
        if not names >= value.keys():
            raise Untranslatable(f"{where} has no {', '.join(sorted(value.keys() - names))}")
        for name, is_list, is_required, write_member in steps:
            member = value.get(name)
            if member is None or (is_list and not member):
                if is_required:
                    raise Untranslatable(f"{where} needs {name}")
            elif is_list:
                for item in member:
                    write_member(pieces, item)
            else:
                write_member(pieces, member)

    return write


def _member_writer(messages: Messages, member: Member, made: dict[str, Write]) -> Write:
    begin, end = f"<{PREFIX}:{member.name}>", f"</{PREFIX}:{member.name}>"
    inside = messages.structures.get(member.kind)
    if inside is None:
        write_plain = _unit_writer if member.kind == "UnitOfMeasure" else _plain_writer
        return write_plain(begin, _kind_writer(messages, member), end)
    if "$" in inside:
        return _text_writer(messages, member.name, members(inside))
    write_inside = writer(messages, member.kind, made)

    def write(pieces: list[str], value: Any) -> None:
        pieces.append(begin)
        write_inside(pieces, value)
        pieces.append(end)

    return write


def _plain_writer(begin: str, say: Callable[[Any], str], end: str) -> Write:
    def write(pieces: list[str], value: Any) -> None:
        pieces.append(f"{begin}{say(value)}{end}")

    return write


def _unit_writer(begin: str, say: Callable[[Any], str], end: str) -> Write:
    def write(pieces: list[str], value: Any) -> None:
        unit = UNITS_OF_JSON.get(value, value)
        if unit:
            pieces.append(f"{begin}{say(unit)}{end}")

    return write


def _text_writer(messages: Messages, name: str, parts: tuple[Member, ...]) -> Write:
    """Of an element with text and attributes."""
    says = {member.name: _kind_writer(messages, member) for member in parts}
    (text,) = (member.name for member in parts if member.is_text)

    def write(pieces: list[str], value: Any) -> None:
        said = {key: says[key](value[key]) for key in says if key in value}
        if said.keys() != value.keys() or text not in said:
            raise Untranslatable(f"OCPP {messages.version} {name} is not {sorted(value)}")
        inside = said.pop(text)
        attributes = "".join(f' {key}="{word}"' for key, word in said.items())
        pieces.append(f"<{PREFIX}:{name}{attributes}>{inside}</{PREFIX}:{name}>")

    return write


def _kind_writer(messages: Messages, member: Member) -> Callable[[Any], str]:
    words = messages.enums.get(member.kind)
    if words is None:
        return SAYERS.get(member.kind, escaped)
    allowed = frozenset(words.split())

    def say(value: Any) -> str:
        if value not in allowed:
            raise Untranslatable(f"OCPP {messages.version} {member.kind} cannot be {value!r}")
        return str(value)

    return say


def _say_boolean(value: Any) -> str:
    return "true" if value else "false"


def _say_decimal(value: Any) -> str:
    """A number without exponent and, as the WSDL asks, with at most one digit after the point."""
    return f"{Decimal(repr(value)):.1f}".removesuffix(".0")


def escaped(value: Any) -> str:
    """A text for the inside of an element or attribute; raises `Untranslatable`."""
    text = str(value)
    if not _SPECIAL(text):
        return text
    found = _FORBIDDEN(text)
    if found:
        raise Untranslatable(f"XML cannot hold the character {found[0]!r}")
    return text.translate(_ESCAPES)


SAYERS: Final[dict[str, Callable[[Any], str]]] = {
    "int": str,
    "decimal1": _say_decimal,
    "boolean": _say_boolean,
}
"""How a value is written; of the other kinds as text."""
