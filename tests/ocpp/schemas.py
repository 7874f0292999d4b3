"""The official JSON schemas of the `ocpp` package: as validators and as sources of messages."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema_rs
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from chargeplane.ocpp.dialects import DIALECTS

Schema = dict[str, Any]
Strategy = st.SearchStrategy[Any]

FOLDERS = {"1.6": "v16", "2.0.1": "v201", "2.1": "v21"}

# Every message is generated anew in each run from the same seed, so that CI is reproducible.
FEW = settings(
    max_examples=8,
    phases=(Phase.generate, Phase.shrink),
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
SOME = settings(FEW, max_examples=30)


def messages(version: str) -> list[tuple[str, bool]]:
    """Every action of a version, as request and, where there is one, as answer."""
    return [
        (action.name, answer)
        for action in DIALECTS[version].actions
        for answer in (False, True)
        if not answer or action.wire_answer is not None
    ]


def file_name(version: str, action: str, *, answer: bool) -> str:
    if answer:
        return f"{action}Response"
    if version == "1.6" or action == "NotifyPeriodicEventStream":
        return action
    return f"{action}Request"


@cache
def names(version: str) -> frozenset[str]:
    """The names of all schema files of a version."""
    folder = files("ocpp") / FOLDERS[version] / "schemas"
    entries = (entry.name for entry in folder.iterdir())
    return frozenset(name.removesuffix(".json") for name in entries if name.endswith(".json"))


@cache
def schema(version: str, name: str) -> Schema:
    path = files("ocpp") / FOLDERS[version] / "schemas" / f"{name}.json"
    found: Schema = json.loads(path.read_text("utf-8-sig"))
    return found


@cache
def validator(version: str, name: str) -> Any:
    return jsonschema_rs.validator_for(schema(version, name))


def validate(version: str, action: str, payload: bytes, *, answer: bool = False) -> None:
    """Raise if the payload is not what the official schema asks for."""
    check = validator(version, file_name(version, action, answer=answer))
    check.validate(json.loads(payload))


# Messages that are valid by a schema. The schemas use few of the words of JSON Schema: $ref, type,
# enum, properties, required, items and bounds; no alternatives and no recursion.


def texts(longest: int = 12) -> Strategy:
    """Short texts of all scripts, and texts as long as they may be."""
    letters = st.characters(codec="utf-8", exclude_characters="\0")
    return st.one_of(
        st.text(letters, max_size=min(longest, 12)), st.just("é" * min(longest, 10_000))
    )


def rfc3339(moment: datetime, *, zulu: bool) -> str:
    shown = moment.isoformat()
    return shown.replace("+00:00", "Z") if zulu else shown


ADDRESSES = ["ftp://example.org/a", "https://u:p@example.org:81/b?c=d"]
OFFSETS = [UTC, timezone(timedelta(hours=5, minutes=30)), timezone(timedelta(hours=-8)), None]


def moments() -> Strategy:
    """Times as peers write them: with and without an offset, with and without fractions."""
    whole = st.datetimes(datetime(2001, 1, 2), datetime(2037, 12, 30))  # noqa: DTZ001 see OFFSETS
    return st.builds(
        lambda at, offset, zulu: rfc3339(at.replace(tzinfo=offset), zulu=zulu),
        whole.map(lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)),
        st.sampled_from(OFFSETS),
        st.booleans(),
    )


ANY_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-9, 9), texts()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(texts(), inner, max_size=2)
    ),
    max_leaves=3,
)


def _string(node: Schema, _root: Schema) -> Strategy:
    if node.get("format") == "date-time":
        return moments()
    if node.get("format") == "uri":
        return st.sampled_from(ADDRESSES)
    return texts(node.get("maxLength", 12))


def _integer(node: Schema, _root: Schema) -> Strategy:
    low, high = node.get("minimum", -(2**31)), node.get("maximum", 2**31 - 1)
    return st.one_of(
        st.integers(int(low), int(high)), st.integers(int(low), int(min(low + 9, high)))
    )


def _number(node: Schema, _root: Schema) -> Strategy:
    low, high = node.get("minimum", -1e9), node.get("maximum", 1e9)
    tenths = st.integers(int(low * 10), int(high * 10)).map(lambda n: n / 10)
    return tenths if "multipleOf" in node else st.one_of(tenths, st.floats(low, high))


def _array(node: Schema, root: Schema) -> Strategy:
    low = node.get("minItems", 0)
    high = min(node.get("maxItems", 2), max(low, 2))
    return st.lists(from_node(node["items"], root), min_size=low, max_size=high)


def _object(node: Schema, root: Schema) -> Strategy:
    required = node.get("required", ())
    members = {name: from_node(part, root) for name, part in node.get("properties", {}).items()}
    made = st.fixed_dictionaries(
        {name: value for name, value in members.items() if name in required},
        optional={name: value for name, value in members.items() if name not in required},
    )
    if node.get("additionalProperties", True) is False:
        return made
    more = st.dictionaries(texts().map("x-{}".format), ANY_JSON, max_size=2)
    return st.builds(lambda extra, known: extra | known, more, made)


KINDS: dict[str, Callable[[Schema, Schema], Strategy]] = {
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": lambda _node, _root: st.booleans(),
    "array": _array,
    "object": _object,
}


def from_node(node: Schema, root: Schema) -> Strategy:
    if "$ref" in node:
        return from_node(root["definitions"][node["$ref"].rsplit("/", 1)[1]], root)
    if "enum" in node:
        return st.sampled_from(node["enum"])
    return KINDS[node["type"]](node, root) if "type" in node else ANY_JSON


@cache
def instances(version: str, action: str, *, answer: bool = False) -> Strategy:
    """Every message that the official schema allows."""
    root = schema(version, file_name(version, action, answer=answer))
    return from_node(root, root)


def full(version: str, action: str, *, answer: bool = False) -> Any:
    """One message with every member that the schema has."""
    root = schema(version, file_name(version, action, answer=answer))
    return _full(root, root)


FORMATS = {"date-time": "2026-03-01T12:30:00.250Z", "uri": ADDRESSES[0]}
PLAIN: dict[str, Callable[[Schema], Any]] = {
    "string": lambda node: FORMATS.get(node.get("format", ""), "x"),
    "integer": lambda node: int(max(node.get("minimum", 1), 1)),
    "number": lambda node: float(min(node.get("maximum", 1.5), 1.5)),
    "boolean": lambda _node: True,
}


def _full(node: Schema, root: Schema) -> Any:
    if "$ref" in node:
        return _full(root["definitions"][node["$ref"].rsplit("/", 1)[1]], root)
    if "enum" in node:
        return node["enum"][0]
    if node.get("type") == "object":
        return {name: _full(part, root) for name, part in node.get("properties", {}).items()}
    if node.get("type") == "array":
        return [_full(node["items"], root)] * max(node.get("minItems", 1), 1)
    return PLAIN[node["type"]](node) if "type" in node else {"a": [1]}
