from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

import pytest

from chargeplane.errors import (
    AnswerTimeout,
    ConfigurationError,
    DeviceError,
    DeviceRefused,
    NotConnected,
)
from chargeplane.net.modbus import ModbusBus, Serial, Tcp, serve
from chargeplane.net.modbus_line import Heard
from tests.net.images import RegisterImage
from tests.net.lines import hub

HOST = "127.0.0.1"


def image() -> RegisterImage:
    return RegisterImage({at: at + 1 for at in range(200)})


@pytest.fixture(params=["tcp", "rtu over tcp", "serial"])
async def line(request: pytest.FixtureRequest) -> AsyncIterator[tuple[ModbusBus, RegisterImage]]:
    """A bus and the image of its unit 7, over each kind of line."""
    registers = image()
    if request.param == "serial":
        with hub() as (ours, theirs):
            async with serve(Serial(port=theirs), {7: registers}):
                bus = ModbusBus(Serial(port=ours))
                yield bus, registers
                await bus.close()
        return
    framing: Literal["socket", "rtu"] = "socket" if request.param == "tcp" else "rtu"
    async with serve(Tcp(host=HOST, port=0, framing=framing), {7: registers}) as port:
        bus = ModbusBus(Tcp(host=HOST, port=port, framing=framing))
        yield bus, registers
        await bus.close()


async def test_what_is_written_is_read(line: tuple[ModbusBus, RegisterImage]) -> None:
    bus, registers = line
    assert await bus.read(7, 4, 10, 3) == (11, 12, 13)
    await bus.write(7, 10, [1, 2])
    await bus.write(7, 12, [3], function=6)
    assert await bus.read(7, 3, 10, 4) == (1, 2, 3, 14)
    assert registers.written == [(16, 10, [1, 2]), (6, 12, [3])]


async def test_refusals_carry_their_code(line: tuple[ModbusBus, RegisterImage]) -> None:
    bus, _ = line
    for ask, code in (
        (bus.read(7, 3, 199, 2), 2),
        (bus.write(7, 5, [1001]), 3),
        (bus.write(7, 5, [1001], function=6), 3),
    ):
        with pytest.raises(DeviceRefused) as raised:
            await ask
        assert raised.value.code == code
    assert await bus.read(7, 3, 5, 1) == (6,)


async def test_many_who_ask_at_once_all_get_their_own(
    line: tuple[ModbusBus, RegisterImage],
) -> None:
    bus, registers = line
    answers = await asyncio.gather(*(bus.read(7, 3, at, 1) for at in range(20)))
    assert answers == [(at + 1,) for at in range(20)]
    assert [at for _, at, _ in registers.asked] == list(range(20))


async def test_a_unit_that_is_not_there_is_refused_over_tcp() -> None:
    async with serve(Tcp(host=HOST, port=0), {7: image()}) as port:
        bus = ModbusBus(Tcp(host=HOST, port=port))
        with pytest.raises(DeviceRefused) as raised:
            await bus.read(8, 3, 0, 1)
        assert raised.value.code == 11
        await bus.close()


async def test_unit_0_may_stand_for_all() -> None:
    async with serve(Tcp(host=HOST, port=0), {0: image()}) as port:
        bus = ModbusBus(Tcp(host=HOST, port=port))
        assert await bus.read(99, 3, 0, 1) == (1,)
        await bus.close()


async def test_coils_are_written_and_inputs_read() -> None:
    registers = image()
    async with serve(Tcp(host=HOST, port=0), {1: registers}) as port:
        bus = ModbusBus(Tcp(host=HOST, port=port))
        await bus.write(1, 4, [1], function=5)
        assert registers.written[0][:2] == (5, 4)
        assert len(await bus.read(1, 1, 0, 5)) == 5
        await bus.close()


async def test_nobody_there() -> None:
    with socket.socket() as free:
        free.bind((HOST, 0))
        bus = ModbusBus(Tcp(host=HOST, port=free.getsockname()[1]))
        with pytest.raises(NotConnected):
            await bus.read(1, 3, 0, 1)
        with pytest.raises(NotConnected):
            await bus.tell(1, 0, [1])
    with pytest.raises(NotConnected):
        await ModbusBus(Serial(port="/dev/not-there")).read(1, 3, 0, 1)


async def test_silence_is_a_timeout_and_the_next_question_is_asked_anew() -> None:
    with hub() as (ours, theirs):
        bus = ModbusBus(Serial(port=ours), timeout_s=0.05)
        with pytest.raises(AnswerTimeout):
            await bus.read(7, 3, 0, 1)
        await bus.close()
        async with serve(Serial(port=theirs), {7: image()}):
            patient = ModbusBus(Serial(port=ours))
            assert await patient.read(7, 3, 1, 1) == (2,)
            await patient.close()


async def test_it_connects_again() -> None:
    async with serve(Tcp(host=HOST, port=0), {1: image()}) as port:
        bus = ModbusBus(Tcp(host=HOST, port=port))
        assert await bus.read(1, 3, 0, 1) == (1,)
    with pytest.raises((NotConnected, AnswerTimeout)):
        await bus.read(1, 3, 0, 1)
    async with serve(Tcp(host=HOST, port=port), {1: image()}):
        assert await bus.read(1, 3, 0, 1) == (1,)
        await bus.close()
        assert await bus.read(1, 3, 0, 1) == (1,)
        await bus.close()


@asynccontextmanager
async def peer(answers: list[str | None]) -> AsyncIterator[tuple[ModbusBus, asyncio.Event]]:
    """One that answers every question with what follows the number of the transaction.

    None: it says nothing; "": it hangs up. And whether it was asked.
    """
    asked, served = asyncio.Event(), list[asyncio.Task[None]]()

    async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while question := await reader.read(12):
            asked.set()
            answer = answers.pop(0)
            if answer == "":
                break
            if answer is not None:
                writer.write(question[:2] + bytes.fromhex(answer))
        writer.close()
        await writer.wait_closed()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(asyncio.create_task(serve_one(reader, writer)))

    async with await asyncio.start_server(connected, HOST, 0) as server:
        bus = ModbusBus(Tcp(host=HOST, port=server.sockets[0].getsockname()[1]), timeout_s=0.5)
        yield bus, asked
        await bus.close()
        await asyncio.gather(*served)


GOOD = "0000 0005 01 03 02 003d"


async def test_a_question_that_is_given_up_spoils_no_other() -> None:
    async with peer([None, GOOD]) as (bus, asked):
        task = asyncio.create_task(bus.read(1, 3, 50, 1))
        await asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await bus.read(1, 3, 60, 1) == (61,)


async def test_answers_that_are_none() -> None:
    async with peer([None, "0000 0007 01 03 04 003d 003e", "", GOOD]) as (bus, _):
        with pytest.raises(AnswerTimeout):
            await bus.read(1, 3, 60, 1)
        with pytest.raises(DeviceError, match="2 values instead of 1"):
            await bus.read(1, 3, 60, 1)
        with pytest.raises((AnswerTimeout, NotConnected)):
            await bus.read(1, 3, 60, 1)
        assert await bus.read(1, 3, 60, 1) == (61,)


async def test_an_address_in_use_is_a_setting_that_cannot_be_used() -> None:
    async with serve(Tcp(host=HOST, port=0), {1: image()}) as port:
        with pytest.raises(ConfigurationError, match=str(port)):
            async with serve(Tcp(host=HOST, port=port), {1: image()}):
                pass


async def test_questions_that_come_together_are_all_answered() -> None:
    def question(number: int) -> bytes:
        return bytes.fromhex(f"{number:04x} 0000 0006 01 03 {number:04x} 0001")

    async with serve(Tcp(host=HOST, port=0), {1: image()}) as port:
        reader, writer = await asyncio.open_connection(HOST, port)
        stream = b"".join(map(question, range(1, 6)))
        writer.write(stream[:31])
        first = await reader.readexactly(2 * 11)
        writer.write(stream[31:])
        rest = await reader.readexactly(3 * 11)
        writer.close()
        await writer.wait_closed()
    answers = [(first + rest)[at : at + 11] for at in range(0, 55, 11)]
    assert [answer[1] for answer in answers] == [1, 2, 3, 4, 5]
    assert [answer[-1] for answer in answers] == [2, 3, 4, 5, 6]


async def test_devices_share_a_line() -> None:
    """A master, two nodes that hear a broadcast, and a meter that one node listens to."""
    nodes, meter, heard = [image(), image()], image(), list[Heard]()
    with hub(4) as (master, *ports):
        bus = ModbusBus(Serial(port=master))
        async with (
            serve(Serial(port=ports[0]), {2: nodes[0], 9: nodes[0]}, silent=(9,)),
            serve(
                Serial(port=ports[1]),
                {3: nodes[1], 9: nodes[1]},
                silent=(9,),
                overhear=heard.append,
            ),
            serve(Serial(port=ports[2]), {12: meter}),
        ):
            for turn in range(3):
                assert await bus.read(2, 4, 0, 8) == tuple(range(1, 9))
                await bus.tell(9, 0x20, [160, turn, 60])
                assert await bus.read(12, 4, 100, 2) == (101, 102)
                await bus.write(3, 40 + turn, [5, 0])
                with pytest.raises(DeviceRefused):
                    await bus.read(2, 4, 199, 2)
                assert await bus.read(3, 4, 40 + turn, 1) == (5,)
            await bus.close()
    for node in nodes:
        broadcasts = [written for written in node.written if written[1] == 0x20]
        assert broadcasts == [(16, 0x20, [160, turn, 60]) for turn in range(3)]
    assert [each for each in heard if each.unit == 12] == [Heard(12, 4, 100, (101, 102))] * 3
    assert Heard(2, 4, 0, tuple(range(1, 9))) in heard
