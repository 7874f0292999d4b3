"""What a 2.x peer's version can be told: 2.1 values cut down to 2.0.1 by the generated marks.

Lost on the way to 2.0.1: members that 2.1 brought. An enum value that 2.1
brought, a text longer than 2.0.1 allows and a missing member that 2.0.1 asks
for cannot be said, but for the values of `WORDS`; a fraction where 2.0.1 has
integers is rounded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache, partial
from types import UnionType
from typing import Annotated, Any, Final, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from chargeplane.errors import Untranslatable
from chargeplane.ocpp.action import Wire

W = TypeVar("W", bound=Wire)
Rule = Callable[[Any], Any]

# 2.0.1 part 2 §2.1.3: at most three decimal places of a second.
MICROSECONDS: Final = re.compile(rb'(T\d\d:\d\d:\d\d\.\d{3})\d{3}Z"')

# Values that 2.1 brought in words of 2.0.1, where the message is worth more than the very word.
WORDS: Final[dict[tuple[str, str], dict[str, str]]] = {
    ("TransactionEvent", "triggerReason"): {
        "CostLimitReached": "ChargingStateChanged",
        "SoCLimitReached": "ChargingStateChanged",
        "LimitSet": "ChargingRateChanged",
        "OperationModeChanged": "ChargingRateChanged",
        "RunningCost": "MeterValuePeriodic",
        "TariffChanged": "Trigger",
        "TariffNotAccepted": "Deauthorized",
        "TxResumed": "AbnormalCondition",
    },
    ("SetDisplayMessageResponse", "status"): {"LanguageNotSupported": "Rejected"},
}


def narrowed(value: W, version: str) -> W:
    """The value as `version` can say it; the same object if there is nothing to change."""
    changes = {}
    for name, rule in _rules(type(value), version):
        before = getattr(value, name)
        after = rule(before)
        if after is not before:
            changes[name] = after
    return msgspec.structs.replace(value, **changes) if changes else value


def to_milliseconds(payload: bytes) -> bytes:
    """Cut the times in a payload to milliseconds."""
    return MICROSECONDS.sub(rb'\1Z"', payload) if b'Z"' in payload else payload


@cache
def _rules(kind: type[Wire], version: str) -> tuple[tuple[str, Rule], ...]:
    """The members of a class that need a look, each with what to do about it."""
    hints = get_type_hints(kind, include_extras=True)
    found = []
    for field in msgspec.structs.fields(kind):
        rules = list(_made(hints[field.name], kind, field.encode_name, version))
        if rules and (words := WORDS.get((kind.__name__, field.encode_name))):
            rules.insert(0, partial(_reworded, words))
        if rules:
            found.append((field.name, _chained(rules)))
    return tuple(found)


def _reworded(words: dict[str, str], value: Any) -> Any:
    return words.get(value, value)


def _chained(rules: list[Rule]) -> Rule:
    def apply(value: Any) -> Any:
        for rule in rules:
            value = rule(value)
        return value

    return apply


def _made(hint: Any, kind: type[Wire], member: str, version: str) -> Iterator[Rule]:
    """The rules for a member, from the outermost annotation inwards."""
    where = f"OCPP {version} {kind.__name__}.{member}"
    bare, marks = _parts(hint)
    for mark in marks:
        yield from _of_mark(mark, where, version)
    if get_origin(bare) is list:
        (item,) = get_args(bare)
        rules = list(_made(item, kind, member, version))
        if rules:
            yield _each(_chained(rules))
    elif isinstance(bare, type) and issubclass(bare, Wire) and _rules(bare, version):
        yield lambda value: None if value is None else narrowed(value, version)


def _parts(hint: Any) -> tuple[Any, list[dict[str, Any]]]:
    """The type without `None` and constraints, and the version marks found on the way."""
    if get_origin(hint) is Annotated:
        bare, marks = _parts(hint.__origin__)
        own = [meta.extra for meta in hint.__metadata__ if isinstance(meta, msgspec.Meta)]
        return bare, [extra for extra in own if extra] + marks
    if get_origin(hint) in (Union, UnionType):
        others = [part for part in get_args(hint) if part is not type(None)]
        return _parts(others[0]) if len(others) == 1 else (hint, [])
    return hint, []


def _each(rule: Rule) -> Rule:
    def apply(items: Any) -> Any:
        if items is None:
            return None
        after = [rule(item) for item in items]
        return items if all(a is b for a, b in zip(after, items, strict=True)) else after

    return apply


def _of_mark(mark: dict[str, Any], where: str, version: str) -> Iterator[Rule]:
    """What a generated mark (see tools/generate_wire.py) means for a value sent to `version`."""
    since, older = mark.get("since"), mark.get(version, {})
    if mark.get("required") == version or older.get("required"):
        yield _refuse(lambda value: value is None, f"{where} is required")
    if isinstance(since, str) and _before(version, since):
        yield lambda _value: None
    elif isinstance(since, dict):
        newer = [
            v for brought, values in since.items() if _before(version, brought) for v in values
        ]
        if newer:
            yield _refuse(lambda value: value in newer, f"{where} has no such value")
    if "enum" in older:
        known = (None, *older["enum"])
        yield _refuse(lambda value: value not in known, f"{where} has no such value")
    if "max_length" in older and older["max_length"] is not None:
        longest = older["max_length"]
        yield _refuse(
            lambda value: value is not None and len(value) > longest,
            f"{where} has at most {longest} characters",
        )
    if older.get("integer"):
        yield lambda value: None if value is None else round(value)


def _refuse(wrong: Callable[[Any], bool], reason: str) -> Rule:
    def apply(value: Any) -> Any:
        if wrong(value):
            raise Untranslatable(f"{reason}: {value!r}"[:200])
        return value

    return apply


def _before(version: str, other: str) -> bool:
    return version < other  # "2.0.1" < "2.1"
