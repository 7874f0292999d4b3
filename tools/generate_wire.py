"""Generate `ocpp/v1/wire.py` and `ocpp/v2/wire.py` from the official JSON schemas.

The schemas are read from the installed `ocpp` package, a development
dependency; nothing of it is copied but names and bounds. OCPP 1.6 (with the
security extension) gives v1. OCPP 2.1 gives v2, and what differs from 2.0.1
is marked on the field: `since` names the version that brought a field or an
enum value, `2.0.1` holds the narrower constraint of that version.

    python tools/generate_wire.py           write both files
    python tools/generate_wire.py --check   exit 1 if a file would change
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

Schema = dict[str, Any]

SOURCE = Path(__file__).parent.parent / "src" / "chargeplane" / "ocpp"
OLD, NEW = "2.0.1", "2.1"
WIDTH = 100
SHOWN = 3  # actions that the docstring of a type names

# Written as one word in Python.
ACRONYMS = {
    r"V2X": "V2x",
    r"[sS]oC(?![a-z])": "Soc",
    r"[sS]oH(?![a-z])": "Soh",
    r"EMAIDs": "Emaids",
}

# Names of the 1.6 specification (§7) for what its schemas leave anonymous.
TYPES_16 = {
    "idTagInfo": "IdTagInfo",
    "chargingSchedule": "ChargingSchedule",
    "chargingSchedulePeriod": "ChargingSchedulePeriod",
    "chargingProfile": "ChargingProfile",
    "csChargingProfiles": "ChargingProfile",
    "configurationKey": "KeyValue",
    "localAuthorizationList": "AuthorizationData",
    "meterValue": "MeterValue",
    "transactionData": "MeterValue",
    "sampledValue": "SampledValue",
}
ENUMS_16 = {
    "chargingProfilePurpose": "ChargingProfilePurposeType",
    "chargingProfileKind": "ChargingProfileKindType",
    "recurrencyKind": "RecurrencyKindType",
    "chargingRateUnit": "ChargingRateUnitType",
    "context": "ReadingContext",
    "format": "ValueFormat",
    "measurand": "Measurand",
    "phase": "Phase",
    "location": "Location",
    "unit": "UnitOfMeasure",
    "reason": "Reason",
    "errorCode": "ChargePointErrorCode",
    "updateType": "UpdateType",
    "requestedMessage": "MessageTrigger",
    ("ChangeAvailability", "type"): "AvailabilityType",
    ("Reset", "type"): "ResetType",
    ("BootNotificationResponse", "status"): "RegistrationStatus",
    ("IdTagInfo", "status"): "AuthorizationStatus",
    ("StatusNotification", "status"): "ChargePointStatus",
    ("DiagnosticsStatusNotification", "status"): "DiagnosticsStatus",
    ("FirmwareStatusNotification", "status"): "FirmwareStatus",
}

PREAMBLE = '''\
# GENERATED FROM the {source} JSON schemas by tools/generate_wire.py. DO NOT EDIT.
"""Wire types of OCPP {versions}: {count} actions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, field

from chargeplane.domain.messages import Request
from chargeplane.ocpp.action import Wire, utc

CustomData = dict[str, Any]
'''


@dataclass
class Structure:
    """A class to be written: a type or a message."""

    name: str
    schema: Schema
    old: Schema | None  # the same in 2.0.1; None: it did not exist
    doc: str = ""
    answer: str = ""  # of a request: the class of its answer
    since: str = ""
    used_by: set[str] = field(default_factory=set)


@dataclass
class Family:
    """All that goes into one file."""

    source: str
    versions: str
    enums: dict[str, tuple[list[str], list[str]]] = field(default_factory=dict)
    structures: dict[str, Structure] = field(default_factory=dict)
    messages: dict[str, tuple[str, str, str]] = field(default_factory=dict)


# Reading the schemas


def load(version: str) -> dict[str, Schema]:
    """All schemas of a version (v16, v201, v21), by message name."""
    folder = files("ocpp") / version / "schemas"
    found = sorted(folder.iterdir(), key=lambda entry: entry.name)
    return {
        entry.name.removesuffix(".json"): json.loads(entry.read_text("utf-8-sig"))
        for entry in found
        if entry.name.endswith(".json")
    }


def snake(name: str) -> str:
    """`evMaxV2XEnergy` -> `ev_max_v2x_energy`."""
    for acronym, word in ACRONYMS.items():
        name = re.sub(acronym, word, name)
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()


def read_v1() -> Family:
    """OCPP 1.6 with the security extension."""
    family = Family("OCPP 1.6", "1.6 with the security extension")
    schemas = load("v16")
    for name, schema in schemas.items():
        definitions = schema.get("definitions", {})
        named = inline_names(family, name, name, schema, definitions)
        add_message(family, name, name, named, named)
    for name in schemas:
        if not name.endswith("Response"):
            family.messages[name] = (name, f"{name}Response", "")
    return family


def inline_names(
    family: Family, message: str, owner: str, schema: Schema, definitions: Schema
) -> Schema:
    """Give the anonymous types and enums of a 1.6 schema names, as `$ref`s like those of 2.x."""
    named = {**schema, "properties": {}}
    for member, child in schema.get("properties", {}).items():
        named["properties"][member] = _named(family, message, owner, member, child, definitions)
    return named


def _named(
    family: Family,
    message: str,
    owner: str,
    member: str,
    child: Schema,
    definitions: Schema,
) -> Schema:
    if "$ref" in child:
        key = child["$ref"].rsplit("/", 1)[1]
        name, child = key.removesuffix("Type"), definitions[key]
    elif "enum" in child:
        name = enum_name_v1(owner, member)
    else:
        name = TYPES_16.get(member, member)
    if child.get("type") == "array":
        items = _named(family, message, owner, member, child["items"], definitions)
        return {**child, "items": items}
    if "enum" in child:
        known = family.enums.setdefault(name, ([], []))[0]
        known.extend(value for value in child["enum"] if value not in known)
        return {"$ref": name}
    if child.get("type") == "object":
        inner = inline_names(family, message, name, child, definitions)
        structure = family.structures.setdefault(name, Structure(name, inner, inner))
        structure.used_by.add(message)
        return {"$ref": name}
    return child


def enum_name_v1(owner: str, member: str) -> str:
    """The specification's name of an enum, or one made of message and member."""
    fallback = owner.removesuffix("Response") + member[0].upper() + member[1:]
    return ENUMS_16.get((owner, member)) or ENUMS_16.get(member) or fallback


def resolved(schemas: dict[str, Schema]) -> dict[str, Schema]:
    """2.x schemas with Python names: `ChargingProfileType` -> `ChargingProfile`.

    An enum keeps `Enum` at its end, a type that shares its name with an action keeps `Type`.
    """
    actions = {message.removesuffix("Request") for message in schemas}

    def name(key: str) -> str:
        short = key.removesuffix("Type")
        return key if short in actions else short

    text = json.dumps(schemas)
    text = re.sub(r'"#/definitions/(\w+)"', lambda found: f'"{name(found[1])}"', text)
    schemas = json.loads(text)
    for schema in schemas.values():
        types = schema.get("definitions", {})
        schema["definitions"] = {name(key): value for key, value in types.items()}
    return schemas


def read_v2() -> Family:
    """OCPP 2.1, with what differs from 2.0.1 marked."""
    family = Family("OCPP 2.1", "2.0.1 and 2.1")
    new, old = resolved(load("v21")), resolved(load("v201"))
    old_definitions = all_definitions(old)
    add_types(family, all_definitions(new), old_definitions)
    for message, schema in new.items():
        action = message.removesuffix("Request")
        for key in schema["definitions"].keys() & family.structures.keys():
            family.structures[key].used_by.add(action)
    for message, schema in new.items():
        action = message.removesuffix("Request")
        add_message(family, action, message, schema, old.get(message))
    for message in new:
        if not message.endswith("Response"):
            action = message.removesuffix("Request")
            answer = f"{action}Response" if f"{action}Response" in new else ""
            family.messages[action] = (action, answer, "" if message in old else NEW)
    mark_old_enums(family, old_definitions)
    return family


def add_types(
    family: Family, definitions: dict[str, Schema], old_definitions: dict[str, Schema]
) -> None:
    """Enter the named enums and types."""
    for key, schema in definitions.items():
        if "enum" in schema:
            before = old_definitions.get(key, schema)["enum"]
            added = [value for value in schema["enum"] if value not in before]
            family.enums[key] = (schema["enum"], added)
        elif key != "CustomData":
            family.structures[key] = Structure(key, schema, old_definitions.get(key))


def all_definitions(schemas: dict[str, Schema]) -> dict[str, Schema]:
    """Every named type of a version; the official files agree on each wherever it is repeated."""
    found: dict[str, Schema] = {}
    for schema in schemas.values():
        found.update(schema.get("definitions", {}))
    return found


def mark_old_enums(family: Family, old_definitions: dict[str, Schema]) -> None:
    """Let the constraints of members that were enums in 2.0.1 name the values it had."""
    for structure in family.structures.values():
        for child in (structure.old or {}).get("properties", {}).values():
            for part in (child, child.get("items", {})):
                key = str(part.get("$ref", ""))
                if key.endswith("Enum") and key not in family.enums:
                    part["enum"] = old_definitions[key]["enum"]


def add_message(
    family: Family, action: str, message: str, schema: Schema, old: Schema | None
) -> None:
    """Enter a request, an answer or a SEND as a class."""
    kind = "answer" if message.endswith("Response") else "request"
    subject = action.removesuffix("Response")
    versions = "OCPP 1.6" if family.source.endswith("1.6") else "OCPP 2.x"
    since = NEW if old is None else ""
    versions = f"OCPP {NEW}" if since else versions
    structure = Structure(action, schema, old, f"{subject} {kind} ({versions}).", since=since)
    if kind == "request":
        structure.answer = f"{action}Response"
    family.structures[action] = structure


# Writing the classes


def render(family: Family) -> str:
    """The text of one wire.py."""
    known = set(family.structures)
    for structure in family.structures.values():
        if structure.answer not in known:
            structure.answer = "None" if structure.answer else ""
    count = len(family.messages)
    head = PREAMBLE.format(source=family.source, versions=family.versions, count=count)
    enums = [render_enum(name, *values) for name, values in sorted(family.enums.items())]
    classes = [render_class(structure) for structure in in_order(family)]
    return "\n".join([head, *enums, "", *classes, render_messages(family)])


def in_order(family: Family) -> Iterator[Structure]:
    """Every class after those that it mentions."""
    done: set[str] = set()

    def visit(name: str) -> Iterator[Structure]:
        if name in done or name not in family.structures:
            return
        done.add(name)
        structure = family.structures[name]
        if structure.answer:
            yield from visit(structure.answer)
        for reference in references(structure.schema):
            yield from visit(reference)
        yield structure

    types = [name for name, structure in family.structures.items() if not structure.doc]
    for name in [*sorted(types), *(n for n in family.structures if n not in types)]:
        yield from visit(name)


def references(schema: Schema) -> Iterator[str]:
    """The names of the classes that a schema's members mention."""
    for child in schema.get("properties", {}).values():
        for part in (child, child.get("items", {})):
            if "$ref" in part:
                yield part["$ref"]


def render_enum(name: str, values: list[str], added: list[str]) -> str:
    """`Name = Literal[...]`, with the values that a later version brought marked."""
    literal = f"Literal[{', '.join(quoted(value) for value in values)}]"
    if added:
        extra = f'{{"since": {{{quoted(NEW)}: {tuple_of(added)}}}}}'
        literal = f"Annotated[{literal}, Meta(extra={extra})]"
    return wrapped(f"{name} = {literal}")


def render_class(structure: Structure) -> str:
    """One Struct with its members in the order of the schema."""
    bases = f"Wire, Request[{structure.answer}]" if structure.answer else "Wire"
    doc = structure.doc or type_doc(structure)
    lines = [f"class {structure.name}({bases}, kw_only=True):", f'    """{doc}"""', ""]
    schema = structure.schema
    names = [snake(member) for member in schema.get("properties", {})]
    if len(set(names)) != len(names):
        raise ValueError(f"{structure.name}: two members share a name: {names}")
    dates: list[tuple[str, bool]] = []
    for member, child in schema.get("properties", {}).items():
        lines.append(render_member(structure, member, child))
        if child.get("format") == "date-time":
            dates.append((snake(member), is_required(structure, member)))
    if dates:
        lines += ["", *render_dates(dates, may_be_local="use_local_time" in names)]
    if lines[-1] == "":
        lines.pop()
    return "\n".join([*lines, "", ""])


def type_doc(structure: Structure) -> str:
    """Which actions use a type."""
    actions = sorted({name.removesuffix("Response") for name in structure.used_by})
    more = len(actions) - SHOWN
    shown = ", ".join(actions[:SHOWN]) + (f" and {more} more" if more > 0 else "")
    version = f"OCPP {NEW}" if structure.old is None else "OCPP"
    return f"{version} type of {shown}."


def render_dates(dates: list[tuple[str, bool]], *, may_be_local: bool) -> Iterator[str]:
    """Times of any offset become UTC."""
    how = ", is_local=bool(self.use_local_time)" if may_be_local else ""
    yield "    def __post_init__(self) -> None:"
    for name, required in dates:
        known = "" if required else f"self.{name} is not None and "
        yield f"        if {known}self.{name}.tzinfo is not UTC:"
        yield f"            self.{name} = utc(self.{name}{how})"


def is_required(structure: Structure, member: str) -> bool:
    """Required in every version of the family: 2.1 asks for one member that 2.0.1 lacks."""
    new = member in structure.schema.get("required", ())
    brought = structure.old is not None and member not in structure.old.get("properties", {})
    return new and not brought


def render_member(structure: Structure, member: str, child: Schema) -> str:
    """`name: type = default`, with bounds and version marks in the annotation."""
    old = structure.old
    known: Schema = old.get("properties", {}) if old else {member: child}
    required = is_required(structure, member)
    annotation = annotate(child, known.get(member, child))
    marks: dict[str, Any] = {}
    if old is not None and member not in known and not structure.since:
        marks["since"] = NEW
        if member in structure.schema.get("required", ()):
            marks["required"] = NEW
    if old is not None and not required and member in old.get("required", ()):
        marks[OLD] = {"required": True}
    return assigned(
        member, optional(annotation, marks, child, required=required), child, required=required
    )


def optional(annotation: str, marks: dict[str, Any], child: Schema, *, required: bool) -> str:
    """Add `| None` and the version marks of the member itself."""
    if not required and "default" not in child:
        annotation += " | None"
    return f"Annotated[{annotation}, Meta(extra={literal(marks)})]" if marks else annotation


def assigned(member: str, annotation: str, child: Schema, *, required: bool) -> str:
    """The member's line; `field(name=...)` where Python's name differs from the wire's."""
    name = snake(member)
    arguments = []
    if not required:
        arguments.append(f"default={literal(child.get('default'))}")
    if name != member:
        arguments.append(f"name={quoted(member)}")
    line = f"    {name}: {annotation}"
    if name != member:
        line += f" = field({', '.join(arguments)})"
    elif arguments:
        line += f" = {literal(child.get('default'))}"
    return wrapped(line)


BOUNDS = {
    "maxLength": "max_length",
    "minLength": "min_length",
    "minimum": "ge",
    "maximum": "le",
}
ITEM_BOUNDS = {"minItems": "min_length", "maxItems": "max_length"}
PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}


def annotate(child: Schema, old: Schema) -> str:
    """The Python type of a member, with its bounds."""
    if "$ref" in child:
        return str(child["$ref"])
    kind = child.get("type")
    if kind == "array":
        items: Schema = child["items"]
        item = annotate(items, old.get("items") or items)
        return bounded(f"list[{item}]", ITEM_BOUNDS, child, old)
    if kind is None:
        return "Any"
    if child.get("format") == "date-time":
        return "datetime"
    return bounded(PLAIN[kind], BOUNDS, child, old)


def bounded(kind: str, bounds: dict[str, str], child: Schema, old: Schema) -> str:
    """`Annotated[kind, Meta(...)]` if there is anything to say beyond the kind."""
    arguments = {name: child[key] for key, name in bounds.items() if key in child}
    arguments = {
        name: int(value) if value == int(value) else value for name, value in arguments.items()
    }
    if marks := narrower(bounds, child, old):
        arguments["extra"] = {OLD: marks}
    if not arguments:
        return kind
    said = ", ".join(f"{name}={literal(value)}" for name, value in arguments.items())
    return f"Annotated[{kind}, Meta({said})]"


def narrower(bounds: dict[str, str], child: Schema, old: Schema) -> dict[str, Any]:
    """What 2.0.1 asks for, where it differs: a shorter text, its enum, an integer, no bounds."""
    if "enum" in old and "enum" not in child:
        return {"enum": tuple(old["enum"])}
    marks: dict[str, Any] = {}
    for key, name in bounds.items():
        if child.get(key) != old.get(key):
            marks[name] = old.get(key)
    if child.get("type") == "number" and old.get("type") == "integer":
        marks["integer"] = True
    return marks


def render_messages(family: Family) -> str:
    """The table at the end: request and answer of every action, and since when."""
    lines = [
        "MESSAGES: dict[str, tuple[type[Wire], type[Wire] | None, str]] = {",
        *(
            f"    {quoted(action)}: ({request}, {answer or None}, {quoted(since)}),"
            for action, (request, answer, since) in sorted(family.messages.items())
        ),
        "}",
        '"""Request, answer (None: a SEND) and, if not the first, the version of each action."""',
    ]
    return "\n".join([*lines, ""])


# Spelling


def quoted(text: str) -> str:
    """`text` as a Python literal."""
    return json.dumps(text, ensure_ascii=False)


def tuple_of(values: list[str] | tuple[str, ...]) -> str:
    """Texts as a tuple literal."""
    return "(" + "".join(f"{quoted(value)}, " for value in values).rstrip() + ")"


def literal(value: Any) -> str:
    """Python source of a plain value."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quoted(k)}: {literal(v)}" for k, v in value.items()) + "}"
    if isinstance(value, tuple):
        return tuple_of(value)
    return quoted(value) if isinstance(value, str) else repr(value)


def wrapped(line: str) -> str:
    """Break a long line after commas that stand outside of quotes."""
    if len(line) <= WIDTH:
        return line
    indent = " " * (len(line) - len(line.lstrip()) + 4)
    parts = re.split(r'(?<=, )(?=(?:[^"]*"[^"]*")*[^"]*$)', line)
    lines, current = [], ""
    for part in parts:
        if current.strip() and len(current) + len(part.rstrip()) > WIDTH:
            lines.append(current.rstrip())
            current = indent
        current += part
    return "\n".join([*lines, current])


def main() -> int:
    """Write both files, or tell whether they are up to date."""
    stale = []
    for folder, family in (("v1", read_v1()), ("v2", read_v2())):
        path, text = SOURCE / folder / "wire.py", render(family)
        if not path.exists() or path.read_text("utf-8") != text:
            stale.append(path.name)
            if "--check" not in sys.argv:
                path.write_text(text, "utf-8")
                continue
            print(f"{folder}/{path.name} is not what tools/generate_wire.py makes")
    return int("--check" in sys.argv and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
