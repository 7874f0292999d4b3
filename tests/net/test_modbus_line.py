from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from pymodbus.framer.rtu import FramerRTU
from pymodbus.pdu import DecodePDU

from chargeplane.errors import DeviceRefused
from chargeplane.net.modbus_line import Heard, Party, PartyLine

OURS, ALL, METER, OTHER = 3, 9, 12, 4

words = st.integers(0, 0xFFFF)
values = st.lists(words, min_size=1, max_size=20)


@dataclass
class Node:
    written: list[tuple[int, int, list[int]]] = field(default_factory=list)

    def read(self, function: int, address: int, count: int) -> list[int]:
        raise AssertionError((function, address, count))

    def write(self, function: int, address: int, values: Sequence[int]) -> None:
        if address == 0xFFFF:
            raise DeviceRefused("not there", 2)
        self.written.append((function, address, list(values)))


def frame(unit: int, function: int, *rest: int | bytes) -> bytes:
    body = b"".join(part if isinstance(part, bytes) else part.to_bytes(2, "big") for part in rest)
    data = bytes((unit, function)) + body
    return data + FramerRTU.compute_CRC(data).to_bytes(2, "big")


def packed(numbers: Sequence[int]) -> bytes:
    return b"".join(number.to_bytes(2, "big") for number in numbers)


def read(unit: int, address: int, count: int) -> bytes:
    return frame(unit, 4, address, count)


def answer(unit: int, numbers: Sequence[int]) -> bytes:
    return frame(unit, 4, bytes((2 * len(numbers),)), packed(numbers))


def write(unit: int, address: int, numbers: Sequence[int]) -> bytes:
    return frame(unit, 16, address, len(numbers), bytes((2 * len(numbers),)), packed(numbers))


def written(unit: int, address: int, numbers: Sequence[int]) -> bytes:
    return frame(unit, 16, address, len(numbers))


@st.composite
def exchanges(draw: st.DrawFn) -> tuple[str, bytes, object]:
    """What is said on a line in one go, and what becomes of it."""
    address, numbers = draw(st.integers(0, 0xFF00)), draw(values)
    return draw(
        st.sampled_from(
            [
                ("for us", read(OURS, address, len(numbers)), None),
                ("for us", write(OURS, address, numbers), None),
                ("for us", frame(OURS, 6, address, numbers[0]), None),
                ("for all", write(ALL, address, numbers), (16, address, numbers)),
                ("for all", frame(ALL, 6, address, numbers[0]), (6, address, numbers[:1])),
                ("nothing", write(ALL, 0xFFFF, numbers), None),
                (
                    "heard",
                    read(METER, address, len(numbers)) + answer(METER, numbers),
                    Heard(METER, 4, address, tuple(numbers)),
                ),
                (
                    "nothing",
                    write(OTHER, address, numbers) + written(OTHER, address, numbers),
                    None,
                ),
                ("nothing", frame(OTHER, 6, address, numbers[0]) * 2, None),
                ("nothing", read(OTHER, address, 1) + frame(OTHER, 0x84, b"\x02"), None),
                ("nothing", read(OTHER, address, 1), None),
            ]
        )
    )


def listen(chunks: Sequence[bytes]) -> tuple[list[bytes], Node, list[Heard]]:
    """The questions to us, what was told to all, and what was overheard."""

    async def run() -> list[bytes]:
        line = PartyLine(
            DecodePDU(is_server=True), Party({OURS: node, ALL: node}, (ALL,), heard.append)
        )
        questions, waiting = [], b""
        for chunk in chunks:
            waiting += chunk
            while waiting:
                used, unit, _, question = line.decode(waiting)
                waiting = waiting[used:]
                if not question:
                    break
                assert unit == OURS
                questions.append(question)
        return questions

    node, heard = Node(), list[Heard]()
    return asyncio.run(run()), node, heard


@given(st.lists(exchanges(), max_size=8), st.lists(st.integers(0, 200), max_size=10))
def test_every_question_is_found_however_it_comes_in(
    said: list[tuple[str, bytes, object]], cuts: list[int]
) -> None:
    stream = b"".join(data for _, data, _ in said)
    places = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    chunks = [stream[a:b] for a, b in pairwise(places)]
    questions, node, heard = listen(chunks)
    assert questions == [data[1:-2] for kind, data, _ in said if kind == "for us"]
    assert node.written == [told for kind, _, told in said if kind == "for all"]
    assert heard == [told for kind, _, told in said if kind == "heard"]


@given(st.binary(max_size=6), values)
def test_after_a_silence_what_was_incomplete_is_forgotten(
    rubbish: bytes, numbers: list[int]
) -> None:
    question = write(OURS, 7, numbers)

    async def run() -> bytes:
        loop, now = asyncio.get_running_loop(), [100.0]
        loop.time = lambda: now[0]  # type: ignore[method-assign]
        line = PartyLine(DecodePDU(is_server=True), Party({OURS: Node()}))
        waiting = rubbish + question[:9]
        used, *_ = line.decode(waiting)
        now[0] += 1
        _, _, _, found = line.decode(waiting[used:] + question)
        return found

    assert asyncio.run(run()) == question[1:-2]


def test_the_answer_to_a_write_is_no_reading() -> None:
    _, _, heard = listen([write(OTHER, 0x0200, [0]), written(OTHER, 0x0200, [0])])
    assert heard == []


def test_rubbish_in_front_is_skipped() -> None:
    questions, _, _ = listen([b"\x00\xff\x41", read(OURS, 1, 2)])
    assert questions == [read(OURS, 1, 2)[1:-2]]
