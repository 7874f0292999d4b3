from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from chargeplane.csms import housekeeping
from chargeplane.csms.commands import error_of
from chargeplane.domain.tokens import Token
from chargeplane.storage.repositories import commands, messages, stations, tokens
from chargeplane.storage.repositories.commands import Command
from chargeplane.storage.repositories.messages import Frame
from chargeplane.storage.repositories.stations import Presence
from tests.e2e.harness import EVERYTHING, START, World, kinds, until, world


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as here:
        yield here


def presence(node: str) -> Presence:
    return Presence(connected_at=START, node=node, subprotocol="ocpp1.6", security_profile=0)


async def test_a_restart_forgets_the_connections_of_this_node_only(here: World) -> None:
    for station_id, node in (("CS-1", "local"), ("CS-2", "other")):
        await here.register(station_id)
        await here.write(lambda c, s=station_id, n=node: stations.connect(c, s, presence(n)))  # type: ignore[misc]
    await housekeeping.start_afresh(here.central)
    assert not (await here.station("CS-1")).online
    assert (await here.station("CS-2")).online
    (event,) = await here.events("station.offline")
    assert event.station_id == "CS-1"
    await housekeeping.start_afresh(here.central)
    assert kinds(await here.events()) == ["station.offline"]


async def test_a_restart_fails_what_was_asked_and_not_answered(here: World) -> None:
    command = Command(station_id="CS-1", action="Reset", asked_by="test", request={})
    number = await here.write(lambda c: commands.add(c, command, START))
    await housekeeping.start_afresh(here.central)
    record = await here.read(lambda c: commands.get(c, number))
    assert record is not None
    assert (record.status, record.error) == ("failed", housekeeping.CUT_OFF)
    assert str(error_of(housekeeping.CUT_OFF)) == "the server restarted"


async def test_who_was_seen_is_noted_and_what_is_old_is_dropped(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "PERIOD", 0.005)
    monkeypatch.setattr(housekeeping, "STRANGERS", 2)
    now = here.central.now()
    old = now - timedelta(days=here.central.settings.message_log_retention_days + 1)
    frames = tuple(Frame("CS-1", moment, "in", "[]") for moment in (old, now))
    await here.write(lambda c: messages.append(c, frames))
    for number in range(5):
        token, moment = Token(str(number)), START + timedelta(seconds=number)
        await here.write(lambda c, t=token, m=moment: tokens.note_unknown(c, t, "CS-1", m))  # type: ignore[misc]
    await here.wire("1.6")
    station = here.central.stations.require("CS-1")
    station.last_seen = here.central.now() + timedelta(days=1)
    job = asyncio.create_task(housekeeping.keep_house(here.central))
    await until(lambda: _is_clean(here))
    assert (await here.station()).last_seen_at == station.last_seen
    job.cancel()
    await asyncio.gather(job, return_exceptions=True)


async def _is_clean(here: World) -> bool:
    what = messages.MessageFilter()
    left = await here.read(lambda c: messages.page(c, what, EVERYTHING))
    strangers = await here.read(lambda c: tokens.unknown(c, EVERYTHING))
    return len(left.items) == 1 and [t.id_token for t in strangers.items] == ["4", "3"]
