"""Decoding that tolerates what real peers add or leave empty, and lists it.

The fast decoder is exact. Only what it refuses, or what contains a null that
it would swallow, is read a second time here, member by member. Tolerated:

    unknown members                               dropped
    null for an optional member                   absent
    an empty list for an optional member          absent, where the list needs an item
    an empty list for a required member           kept empty, where the list needs an item
    a whole float where an integer is required    the integer

In strict mode each of these is refused. All else that is wrong raises
`msgspec.ValidationError` with the wording and the path of the fast decoder.

The wire types have the bounds of the newest version of their family. Those
that an older one does not have, or has wider, are marked (see
tools/generate_wire.py) and are those of `version` in the second reading.
"""

from __future__ import annotations

from functools import cache
from types import NoneType, UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Final,
    NamedTuple,
    NoReturn,
    TypeVar,
    Union,
    get_args,
    get_origin,
)

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

W = TypeVar("W", bound=msgspec.Struct)

MAX_ODDITIES: Final = 32  # of one message; more say nothing new
MAX_NAME: Final = 100  # characters of an unknown member's name that an oddity repeats
WIDER: Final = {"ge": min, "le": max, "min_length": min, "max_length": max}
MAX_EXACT_FLOAT: Final = 2.0**53  # beyond it a float does not tell one integer from the next


def decode(
    kind: type[W], payload: bytes, *, strict: bool = False, version: str = ""
) -> tuple[W, tuple[str, ...]]:
    """Return the wire value and the oddities tolerated in it; raise msgspec.DecodeError."""
    if b"null" not in payload:
        try:
            return _decoder(kind).decode(payload), ()
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            is_final = strict and not version
            if is_final or not isinstance(error, msgspec.ValidationError):
                raise _as_decode_error(error) from None
    return _decode_slowly(kind, payload, _Reading(strict=strict, version=version))


def _decode_slowly(kind: type[W], payload: bytes, reading: _Reading) -> tuple[W, tuple[str, ...]]:
    try:
        wire = reading.struct(kind, _generic(kind, payload), "$")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _as_decode_error(error) from None
    return wire, tuple(reading.oddities)


def _generic(kind: type[W], payload: bytes) -> Any:
    try:
        return msgspec.json.decode(payload)
    except msgspec.ValidationError:  # a number out of range; only the fast decoder names its path
        _decoder(kind).decode(payload)
        raise


def _as_decode_error(error: Exception) -> msgspec.DecodeError:
    return error if isinstance(error, msgspec.DecodeError) else msgspec.DecodeError(str(error))


class _Reading:
    """One slow reading of a payload: the values are made bottom up, the oddities listed."""

    __slots__ = ("oddities", "strict", "version")

    def __init__(self, *, strict: bool, version: str) -> None:
        self.strict = strict
        self.version = version
        self.oddities: list[str] = []

    def struct(self, kind: type[W], value: Any, path: str) -> W:
        """Build a wire struct; raise ValidationError."""
        members: dict[str, Any] = _convert(value, dict, path)
        plan = _plan(kind, self.version)
        if plan.closed and not plan.members.keys() >= members.keys():
            self._unknown(members.keys() - plan.members.keys(), path)
        arguments: dict[str, Any] = {}
        for wire_name, member in plan.members.items():
            if wire_name in members:
                self._read(member, members[wire_name], f"{path}.{wire_name}", arguments)
            elif member.required:
                _fail(f"Object missing required field `{wire_name}`", path)
        return kind(**arguments)

    def _read(
        self,
        member: _Member,
        value: Any,
        path: str,
        arguments: dict[str, Any],
    ) -> None:
        if value is None and not member.required:
            self._tolerate("null", path, f"Expected `{member.shape.json}`, got `null`")
        elif value == [] and member.shape.min_items:
            reason = f"Expected `array` of length >= {member.shape.min_items}"
            self._tolerate("empty list", path, reason)
            if member.required:
                arguments[member.name] = []
        else:
            arguments[member.name] = self._value(member.shape, value, path)

    def _value(self, shape: _Shape, value: Any, path: str) -> Any:
        if shape.struct is not None:
            return self.struct(shape.struct, value, path)
        if shape.item is not None:
            items = _convert(value, shape.type, path)
            return [self._value(shape.item, v, f"{path}[{i}]") for i, v in enumerate(items)]
        if shape.integer and _is_whole(value) and not self.strict:
            self._note(f"float for integer {_shown(path)}")
            value = int(value)
        return _convert(value, shape.type, path)

    def _unknown(self, names: Iterable[str], path: str) -> None:
        for name in sorted(names):
            if self.strict:
                _fail(f"Object contains unknown field `{name}`", path)
            self._note(f"unknown member {_shown(f'{path}.{name[:MAX_NAME]}')}")

    def _tolerate(self, oddity: str, path: str, reason: str) -> None:
        if self.strict:
            _fail(reason, path)
        self._note(f"{oddity} {_shown(path)}")

    def _note(self, oddity: str) -> None:
        if len(self.oddities) < MAX_ODDITIES:
            self.oddities.append(oddity)


class _Shape(NamedTuple):
    """What a value has to be."""

    type: Any  # what msgspec.convert checks it against; of lists only the length
    struct: type[msgspec.Struct] | None = None
    item: _Shape | None = None  # of lists
    min_items: int = 0
    integer: bool = False
    json: str = "value"  # how msgspec calls it


class _Member(NamedTuple):
    """One member of a wire struct."""

    name: str
    required: bool
    shape: _Shape


class _Plan(NamedTuple):
    """How to build a wire struct from a JSON object."""

    members: dict[str, _Member]  # by their names on the wire
    closed: bool  # unknown members are forbidden


@cache
def _decoder(kind: type[W]) -> msgspec.json.Decoder[W]:
    return msgspec.json.Decoder(kind)


@cache
def _plan(kind: type[msgspec.Struct], version: str) -> _Plan:
    members = {
        field.encode_name: _Member(field.name, field.required, _shape(field.type, version))
        for field in msgspec.structs.fields(kind)
    }
    return _Plan(members, closed=kind.__struct_config__.forbid_unknown_fields)


def _shape(hint: Any, version: str) -> _Shape:
    bare, metas = _bare(hint)
    metas = tuple(_of_version(meta, version) for meta in metas)
    if isinstance(bare, type) and issubclass(bare, msgspec.Struct):
        return _Shape(bare, struct=bare, json="object")
    if get_origin(bare) is list:
        (item,) = get_args(bare)
        lengths = [meta.min_length for meta in metas if meta.min_length]
        checked = Annotated[(list, *metas)] if metas else list
        return _Shape(
            checked, item=_shape(item, version), min_items=max(lengths, default=0), json="array"
        )
    checked = Annotated[(bare, *metas)] if metas else bare
    return _Shape(checked, integer=bare is int, json=_json_name(bare))


def _bare(hint: Any) -> tuple[Any, tuple[msgspec.Meta, ...]]:
    """Take ``None`` and the constraints off a type."""
    if get_origin(hint) is Annotated:
        bare, metas = _bare(hint.__origin__)
        return bare, (*metas, *(m for m in hint.__metadata__ if isinstance(m, msgspec.Meta)))
    if get_origin(hint) in (Union, UnionType):
        others = [kind for kind in get_args(hint) if kind is not NoneType]
        return _bare(others[0]) if len(others) == 1 else (Union[tuple(others)], ())  # noqa: UP007
    return hint, ()


def _of_version(meta: msgspec.Meta, version: str) -> msgspec.Meta:
    """The bounds of a version, where they are wider; narrower ones bind only who sends."""
    older = (meta.extra or {}).get(version)
    if not older:
        return meta
    bounds = {name: getattr(meta, name) for name in WIDER}
    for name in older.keys() & {name for name, bound in bounds.items() if bound is not None}:
        bounds[name] = None if older[name] is None else WIDER[name](bounds[name], older[name])
    return msgspec.Meta(**bounds)


def _json_name(bare: Any) -> str:
    """Return what msgspec calls this type in its messages."""
    try:
        msgspec.convert(None, bare)
    except msgspec.ValidationError as error:
        return str(error).split("`")[1]
    return "value"


def _is_whole(value: Any) -> bool:
    return isinstance(value, float) and value.is_integer() and abs(value) <= MAX_EXACT_FLOAT


def _convert(value: Any, kind: Any, path: str) -> Any:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        reason, _, rest = str(error).partition(" - at `$")
        _fail(reason, path + rest.rstrip("`"))


def _fail(reason: str, path: str) -> NoReturn:
    raise msgspec.ValidationError(reason if path == "$" else f"{reason} - at `{path}`")


def _shown(path: str) -> str:
    return path.removeprefix("$.")
