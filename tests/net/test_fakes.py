from __future__ import annotations

import pytest

from chargeplane.errors import NotConnected
from chargeplane.net import fakes


async def test_frames_arrive_in_order_and_end_with_the_connection() -> None:
    one, other = fakes.wire("ocpp1.6")
    assert one.subprotocol == other.subprotocol == "ocpp1.6"
    for frame in (b"a", b"b"):
        await one.send(frame)
    await one.close(1001, "bye")
    assert [frame async for frame in other.frames()] == [b"a", b"b"]
    assert [frame async for frame in one.frames()] == []


async def test_a_closed_connection_says_so() -> None:
    one, other = fakes.wire("ocpp2.1")
    assert await other.is_alive()
    await one.close(1001, "bye")
    await one.close()
    for end in (one, other):
        assert not await end.is_alive()
        assert end.closing == "1001 bye"
        with pytest.raises(NotConnected, match="bye"):
            await end.send(b"x")
