from __future__ import annotations

import math
import struct
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chargeplane.errors import NoMeasurement
from chargeplane.evse.registers import (
    DataType,
    Endianness,
    Number,
    Span,
    decode,
    encode,
    grouped,
    taken,
)

RANGES: dict[DataType, st.SearchStrategy[Number]] = {
    DataType.INT16: st.integers(-(2**15), 2**15 - 1),
    DataType.UINT16: st.integers(0, 2**16 - 1),
    DataType.INT32: st.integers(-(2**31), 2**31 - 1),
    DataType.UINT32: st.integers(0, 2**32 - 1),
    DataType.INT64: st.integers(-(2**63), 2**63 - 1),
    DataType.UINT64: st.integers(0, 2**64 - 1),
    DataType.FLOAT32: st.floats(width=32, allow_nan=False, allow_infinity=False),
    DataType.FLOAT64: st.floats(allow_nan=False, allow_infinity=False),
}
endiannesses = st.sampled_from(Endianness)
spans = st.lists(st.builds(Span, st.integers(0, 300), st.integers(1, 40)), max_size=12)


@given(st.sampled_from(DataType), endiannesses, st.data())
def test_what_is_encoded_is_decoded(
    data_type: DataType, endianness: Endianness, data: st.DataObject
) -> None:
    number = data.draw(RANGES[data_type])
    words = encode(number, data_type, endianness)
    assert len(words) == data_type.size
    assert all(0 <= word <= 0xFFFF for word in words)
    assert decode(words, data_type, endianness) == number
    image = dict(enumerate(words, 500))
    assert taken(image, 500, data_type, endianness) == number


@pytest.mark.parametrize(
    ("endianness", "words"),
    [
        (Endianness.HIGH_BYTE_HIGH_WORD, (0x1122, 0x3344)),
        (Endianness.HIGH_BYTE_LOW_WORD, (0x3344, 0x1122)),
        (Endianness.LOW_BYTE_HIGH_WORD, (0x2211, 0x4433)),
        (Endianness.LOW_BYTE_LOW_WORD, (0x4433, 0x2211)),
    ],
)
def test_the_order_of_bytes_and_words(endianness: Endianness, words: tuple[int, int]) -> None:
    assert encode(0x11223344, DataType.INT32, endianness) == words


@pytest.mark.parametrize(
    ("number", "data_type"),
    [(2**15, DataType.INT16), (-1, DataType.UINT32), (1e39, DataType.FLOAT32)],
)
def test_what_does_not_fit_is_refused(number: Number, data_type: DataType) -> None:
    with pytest.raises(ValueError, match=data_type.name):
        encode(number, data_type, Endianness.HIGH_BYTE_HIGH_WORD)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_no_measurement(number: float) -> None:
    words = struct.unpack(">2H", struct.pack(">f", number))
    with pytest.raises(NoMeasurement):
        decode(words, DataType.FLOAT32, Endianness.HIGH_BYTE_HIGH_WORD)


def test_what_was_not_read_is_no_measurement() -> None:
    with pytest.raises(NoMeasurement, match="7 was not read"):
        taken({6: 1}, 6, DataType.INT32, Endianness.HIGH_BYTE_HIGH_WORD)
    with pytest.raises(NoMeasurement, match="too few"):
        decode((1,), DataType.INT32, Endianness.HIGH_BYTE_HIGH_WORD)


@given(spans, st.integers(40, 125), st.integers(0, 20))
def test_groups_fetch_everything_within_the_limit(wanted: list[Span], most: int, gap: int) -> None:
    groups = grouped(wanted, most=most, gap=gap)
    fetched = {at for group in groups for at in range(group.address, group.end)}
    asked = {at for span in wanted for at in range(span.address, span.end)}
    assert asked <= fetched
    assert all(group.count <= most for group in groups)
    assert len(groups) <= len(wanted)
    if gap == 0:
        assert asked == fetched


@given(spans)
def test_neighbours_are_fetched_at_once(wanted: list[Span]) -> None:
    assume(wanted)
    groups = grouped(wanted, most=1000)
    assert all(a.end < b.address for a, b in pairwise(groups))
