"""Lenient decoding: what is tolerated, what is listed, what is refused in which words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargeplane.ocpp.action import Wire
from chargeplane.ocpp.lenient import MAX_ODDITIES, decode


class Leaf(Wire):
    text: Annotated[str, msgspec.Meta(max_length=5)]
    number: Annotated[int, msgspec.Meta(ge=0)] | None = None


class Open(msgspec.Struct, kw_only=True):
    vendor: str


class Tree(
    Wire,
    rename={
        "needed_list": "neededList",
        "optional_list": "optionalList",
        "free_list": "freeList",
        "custom_data": "customData",
    },
):
    id: int
    needed_list: Annotated[list[Leaf], msgspec.Meta(min_length=1, max_length=3)]
    optional_list: Annotated[list[Leaf], msgspec.Meta(min_length=1)] | None = None
    free_list: list[Annotated[int, msgspec.Meta(le=9)]] | None = None
    leaf: Leaf | None = None
    kind: Literal["a", "b"] = "a"
    when: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    factor: float | None = None
    either: int | str | None = None
    custom_data: dict[str, Any] | None = None
    extension: Open | None = None
    anything: Any = None


def json(**members: Any) -> bytes:
    return msgspec.json.encode({"id": 1, "neededList": [{"text": "x"}], **members})


def tree(**members: Any) -> Tree:
    return Tree(**{"id": 1, "needed_list": [Leaf(text="x")], **members})


TOLERATED: list[tuple[bytes, Tree, tuple[str, ...]]] = [
    (json(vendorFoo=1), tree(), ("unknown member vendorFoo",)),
    (json(b=1, a=None), tree(), ("unknown member a", "unknown member b")),
    (
        json(neededList=[{"text": "x", "foo": []}]),
        tree(),
        ("unknown member neededList[0].foo",),
    ),
    (json(leaf=None), tree(), ("null leaf",)),
    (json(kind=None), tree(), ("null kind",)),
    (json(anything=None), tree(), ("null anything",)),
    (json(leaf={"text": "x", "number": None}), tree(leaf=Leaf(text="x")), ("null leaf.number",)),
    (json(optionalList=[]), tree(), ("empty list optionalList",)),
    (json(neededList=[]), tree(needed_list=[]), ("empty list neededList",)),
    (json(id=1.0), tree(), ("float for integer id",)),
    (json(freeList=[1, 2.0]), tree(free_list=[1, 2]), ("float for integer freeList[1]",)),
]

USUAL: list[tuple[bytes, Tree]] = [
    (json(), tree()),
    (json(freeList=[]), tree(free_list=[])),
    (json(customData={"a": None, "b": []}), tree(custom_data={"a": None, "b": []})),
    (json(leaf={"text": "null"}), tree(leaf=Leaf(text="null"))),
    (json(factor=1), tree(factor=1.0)),
    (json(either="null"), tree(either="null")),
    (json(extension={"vendor": "null", "x": 1}), tree(extension=Open(vendor="null"))),
    (
        json(when="2026-01-01T00:00:00Z", leaf={"text": "null"}),
        tree(when=datetime(2026, 1, 1, tzinfo=UTC), leaf=Leaf(text="null")),
    ),
]

REFUSED: list[bytes] = [
    b"{}",
    b"[]",
    b'"null"',
    json(id="x"),
    json(id=None),
    json(id=1.5),
    json(neededList=None),
    json(neededList={}),
    json(neededList=[{"text": "x"}] * 4),
    json(neededList=[{}]),
    json(neededList=[{"text": "toolong"}]),
    json(neededList=[None]),
    json(neededList=[{"text": "x", "number": -1}]),
    json(freeList=[10]),
    json(freeList=[[]]),
    json(leaf=[]),
    json(kind="c"),
    json(when="today"),
    json(when="2026-01-01T00:00:00"),
    json(extension={}),
]


@pytest.mark.parametrize(("payload", "wire", "oddities"), TOLERATED)
def test_tolerated(payload: bytes, wire: Tree, oddities: tuple[str, ...]) -> None:
    assert decode(Tree, payload) == (wire, oddities)


@pytest.mark.parametrize("payload", [payload for payload, _, _ in TOLERATED])
def test_strict_refuses_what_is_tolerated_otherwise(payload: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        decode(Tree, payload, strict=True)


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (json(foo=1), "Object contains unknown field `foo`"),
        (json(leaf=None), "Expected `object`, got `null` - at `$.leaf`"),
        (json(kind=None), "Expected `str`, got `null` - at `$.kind`"),
        (json(either=None), "Expected `int | str`, got `null` - at `$.either`"),
        (json(optionalList=[]), "Expected `array` of length >= 1 - at `$.optionalList`"),
        (json(leaf=None, foo=1), "Object contains unknown field `foo`"),
        (
            json(customData={"a": None}, neededList=[]),
            "Expected `array` of length >= 1 - at `$.neededList`",
        ),
        (json(id=1.0), "Expected `int`, got `float` - at `$.id`"),
    ],
)
def test_strict_says_what_is_wrong(payload: bytes, words: str) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        decode(Tree, payload, strict=True)
    assert str(caught.value) == words


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize(("payload", "wire"), USUAL)
def test_usual(payload: bytes, wire: Tree, strict: bool) -> None:  # noqa: FBT001
    assert decode(Tree, payload, strict=strict) == (wire, ())


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("payload", REFUSED)
def test_refused_in_the_words_of_the_fast_decoder(payload: bytes, strict: bool) -> None:  # noqa: FBT001
    with pytest.raises(msgspec.ValidationError) as fast:
        msgspec.json.decode(payload, type=Tree)
    with pytest.raises(msgspec.ValidationError) as caught:
        decode(Tree, payload, strict=strict)
    assert str(caught.value) == str(fast.value).replace(" | null`", "`") or strict


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize(
    "payload",
    [b"", b"{", b"nul", b"null", b'{"id":1} x', b'{"leaf":"\xff"}', b'{"null":"\xff"}'],
)
def test_no_json_object(payload: bytes, strict: bool) -> None:  # noqa: FBT001
    with pytest.raises(msgspec.DecodeError):
        decode(Tree, payload, strict=strict)


def test_too_deep_is_a_decode_error() -> None:
    deep = b'{"customData":' + b'{"a":' * 100_000
    for payload in (deep, deep.replace(b'"a"', b'"null"', 1)):
        with pytest.raises(msgspec.DecodeError):
            decode(Tree, payload)


def test_number_out_of_range_is_named() -> None:
    for extra in (b"", b',"leaf":null'):
        with pytest.raises(msgspec.ValidationError, match=r"\$\.factor"):
            decode(Tree, json()[:-1] + extra + b',"factor":1e999}')
    with pytest.raises(msgspec.DecodeError):  # where the fast decoder does not look
        decode(Tree, json()[:-1] + b',"unknown":1e999}')
    with pytest.raises(msgspec.DecodeError):
        decode(Tree, json()[:-1] + b',"extension":{"vendor":"null","x":1e999}}')


def test_float_too_large_to_be_an_exact_integer_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        decode(Tree, json(id=1e17))


def test_oddities_are_bounded() -> None:
    _, oddities = decode(Tree, json(**{f"x{n}" * 100: n for n in range(100)}))
    assert len(oddities) == MAX_ODDITIES
    assert max(map(len, oddities)) < 150


MEMBERS = st.fixed_dictionaries(
    {
        "id": st.one_of(st.integers(0, 9), st.just(1.0), st.none(), st.text(max_size=2)),
        "neededList": st.lists(
            st.fixed_dictionaries(
                {"text": st.text(max_size=6)},
                optional={"number": st.one_of(st.none(), st.integers(-1, 9))},
            ),
            max_size=4,
        ),
    },
    optional={
        "freeList": st.one_of(st.none(), st.lists(st.integers(8, 10))),
        "foo": st.none(),
        "kind": st.sampled_from(["a", "c", None]),
    },
)


@given(MEMBERS)
def test_slow_and_fast_agree(members: dict[str, Any]) -> None:
    payload = msgspec.json.encode(members)
    try:
        fast: Tree | None = msgspec.json.decode(payload, type=Tree)
    except msgspec.ValidationError:
        fast = None
    try:
        wire, oddities = decode(Tree, payload)
    except msgspec.ValidationError:
        assert fast is None
        return
    if fast is not None:
        assert wire == fast
    if not oddities:
        assert decode(Tree, payload, strict=True) == (wire, ())
