"""The oldest topics, with a real broker."""

from __future__ import annotations

from pathlib import Path

from tests.api.everest.talk import client

STATUS = "everest_api/ocpp/var/connection_status"


async def test_the_network_is_pulled_and_put_back(tmp_path: Path) -> None:
    async with client(tmp_path, plain_topics=True) as there:
        await there.listener.hears_word(STATUS, b"connected")
        await there.listener.say("everest_api/ocpp/cmd/disconnect", b"whatever")
        await there.listener.hears_word(STATUS, b"disconnected")
        assert there.there.station.peer is None
        await there.listener.say("everest_api/ocpp/cmd/connect", b"")
        await there.there.until(lambda: there.there.station.peer)
        assert there.listener.all(STATUS).count(b"unknown") <= 1


async def test_topics_can_have_a_prefix(tmp_path: Path) -> None:
    async with client(tmp_path, plain_topics=True, api_prefix="site7/") as there:
        await there.listener.hears_word(f"site7/{STATUS}", b"connected")
