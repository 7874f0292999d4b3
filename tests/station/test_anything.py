"""Whatever happens in whatever order: no transaction is lost or doubled, and energy adds up."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from chargeplane.domain.profiles import (
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
    SetChargingProfile,
)
from chargeplane.domain.station import ChangeAvailability, Evse, Reset
from chargeplane.domain.tokens import Token
from chargeplane.domain.transactions import (
    RequestStartTransaction,
    RequestStopTransaction,
    TransactionEnded,
    TransactionEvent,
    TransactionStarted,
)
from chargeplane.errors import ChargeplaneError
from chargeplane.evse.virtual import VirtualEvse
from chargeplane.station import authorization, events, handlers
from chargeplane.station.connection import Link, run, use
from chargeplane.station.station import Station
from chargeplane.station.unit import EvseUnit
from chargeplane.storage.documents import Documents
from tests.station.desk import ABOUT, SOON, VERSIONS, Desk

EVSES = 2
TOKENS = (Token("ONE"), Token("TWO"))
OFFLINE = {"AuthCtrlr/OfflineTxForUnknownIdEnabled": "true"}


class Story:
    """A station, its world, and the central system that hears of it."""

    def __init__(self, version: str, folder: Path) -> None:
        self.desk = Desk(version)
        self.file = folder / "station.db"
        self.hardware = [VirtualEvse(speed=100_000.0) for _ in range(EVSES)]
        self.power_on()

    def power_on(self) -> None:
        """Start the station with what is on disk."""
        documents = Documents(self.file)
        self.station: Station = handlers.build("CS-1", ABOUT, self.hardware, documents=documents)
        self.station.dial = self.desk.dial
        for name, value in (SOON | OFFLINE).items():
            self.station.model.put(name, value)
        use(self.station, Link(url="ws://desk", versions=(self.desk.version,)))
        self.job = asyncio.create_task(run(self.station))

    async def power_off(self) -> None:
        """Stop it without a word; what was on its way may or may not have arrived."""
        self.job.cancel()
        await asyncio.gather(self.job, return_exceptions=True)
        self.station.documents.close()

    async def act(self, number: int, action: str) -> None:
        """Do one thing, wherever the station is just then."""
        evse = self.station.evses[number - 1]
        await ACTIONS[action](self, evse)
        for _ in range(3):
            await asyncio.sleep(0)

    async def finish(self) -> None:
        """Let everything end and be told."""
        self.desk.is_reachable = True
        self.station.reconnect_wanted.set()
        async with asyncio.timeout(20):
            await self.station.accepted.wait()
            for evse in self.station.evses:
                for code in list(evse.faults):
                    events.clear_error(self.station, evse, code)
                self.hardware[evse.id - 1].plug_out()
            while any(each.transaction for each in self.station.evses):  # noqa: ASYNC110
                await asyncio.sleep(0.002)
            await self.station.outbox.drained()
        await self.power_off()
        await self.desk.close()

    async def ask(self, request: Any) -> None:
        """Put a request to the station, if it can be reached."""
        try:
            if self.desk._line is not None:
                async with asyncio.timeout(2):
                    await self.desk.ask(request)
        except (ChargeplaneError, TimeoutError):
            return


async def _plug(story: Story, evse: EvseUnit) -> None:
    hardware = story.hardware[evse.id - 1]
    if hardware.is_plugged_in():
        hardware.plug_out()
    else:
        hardware.plug_in()


async def _pause(story: Story, evse: EvseUnit) -> None:
    story.hardware[evse.id - 1].pause(paused=evse.id == 1)


def _swipe(token: Token) -> Any:
    async def swipe(story: Story, evse: EvseUnit) -> None:
        work = authorization.swipe(story.station, token, (evse.id,))
        story.station.spawn(work, "swipe")

    return swipe


async def _charge(story: Story, evse: EvseUnit) -> None:
    if not story.hardware[evse.id - 1].is_plugged_in():
        story.hardware[evse.id - 1].plug_in()
    await _swipe(TOKENS[evse.id - 1])(story, evse)


async def _remote_start(story: Story, evse: EvseUnit) -> None:
    await story.ask(RequestStartTransaction(id_token=TOKENS[0], evse_id=evse.id, remote_start_id=1))


async def _remote_stop(story: Story, evse: EvseUnit) -> None:
    if evse.transaction is not None:
        name = story.station.names.get(evse.transaction.id, evse.transaction.id)
        if name.isdecimal() or story.desk.version != "1.6":
            await story.ask(RequestStopTransaction(transaction_id=name))


async def _network(story: Story, evse: EvseUnit) -> None:
    del evse
    if story.desk.is_reachable:
        await story.desk.hang_up(reachable=False)
    else:
        story.desk.is_reachable = True
        story.station.reconnect_wanted.set()


async def _power_cut(story: Story, evse: EvseUnit) -> None:
    del evse
    await story.power_off()
    story.power_on()


async def _reset(story: Story, evse: EvseUnit) -> None:
    await story.ask(Reset(type="Immediate" if evse.id == 1 else "OnIdle"))


async def _limit(story: Story, evse: EvseUnit) -> None:
    schedule = ChargingSchedule(
        id=1,
        charging_rate_unit="A",
        charging_schedule_period=(
            ChargingSchedulePeriod(start_period=0, limit=0.0 if evse.id == 1 else 10.0),
        ),
    )
    profile = ChargingProfile(
        id=evse.id,
        stack_level=0,
        charging_profile_purpose="TxDefaultProfile",
        charging_profile_kind="Relative",
        charging_schedule=(schedule,),
    )
    await story.ask(SetChargingProfile(evse_id=evse.id, charging_profile=profile))


async def _availability(story: Story, evse: EvseUnit) -> None:
    status: Any = "Inoperative" if evse.is_operative else "Operative"
    await story.ask(ChangeAvailability(operational_status=status, evse=Evse(evse.id)))


async def _fault(story: Story, evse: EvseUnit) -> None:
    if evse.faults:
        events.clear_error(story.station, evse, "GroundFailure")
    else:
        events.raise_error(story.station, evse, "GroundFailure")


async def _wait(story: Story, evse: EvseUnit) -> None:
    del story, evse
    await asyncio.sleep(0.005)


ACTIONS: dict[str, Callable[[Story, EvseUnit], Any]] = {
    "plug": _plug,
    "charge": _charge,
    "pause": _pause,
    "swipe one": _swipe(TOKENS[0]),
    "swipe two": _swipe(TOKENS[1]),
    "remote start": _remote_start,
    "remote stop": _remote_stop,
    "network": _network,
    "power cut": _power_cut,
    "reset": _reset,
    "limit": _limit,
    "availability": _availability,
    "fault": _fault,
    "wait": _wait,
}


@pytest.mark.parametrize("version", VERSIONS)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.generate, Phase.target],
)
@given(
    steps=st.lists(
        st.tuples(st.integers(1, EVSES), st.sampled_from(["charge"] * 4 + sorted(ACTIONS))),
        max_size=25,
    )
)
def test_nothing_is_lost_or_doubled(version: str, steps: list[tuple[int, str]]) -> None:
    with TemporaryDirectory() as folder:
        heard, delivered = asyncio.run(_tell(version, Path(folder), steps))
    _check_order(heard, version)
    started = [each for each in heard if isinstance(each, TransactionStarted)]
    ended = [each for each in heard if isinstance(each, TransactionEnded)]
    assert len(started) == len(ended)
    charged = sum(each.meter_wh or 0 for each in ended) - sum(
        each.meter_wh or 0 for each in started
    )
    assert charged == pytest.approx(delivered, abs=1 + len(heard))


async def _tell(
    version: str, folder: Path, steps: list[tuple[int, str]]
) -> tuple[list[TransactionEvent], float]:
    story = Story(version, folder)
    await asyncio.sleep(0)
    for number, action in steps:
        await story.act(number, action)
    await story.finish()
    delivered = sum(each.energy_wh for each in story.hardware)
    return _without_repetitions(story.desk.all(TransactionEvent)), delivered


def _without_repetitions(events_: list[TransactionEvent]) -> list[TransactionEvent]:
    """What was said, once: an answer that was lost makes the station say the same again."""
    seen: list[TransactionEvent] = []
    for each in events_:
        if each not in seen:
            seen.append(each)
    return seen


def _check_order(heard: list[TransactionEvent], version: str) -> None:
    told: dict[str, list[TransactionEvent]] = defaultdict(list)
    names = iter(range(1, 1000))
    for each in heard:
        name = each.transaction_id or str(next(names))
        told[name].append(each)
    for name, own in told.items():
        assert isinstance(own[0], TransactionStarted), (name, own)
        assert isinstance(own[-1], TransactionEnded), (name, own)
        assert sum(isinstance(each, TransactionEnded) for each in own) == 1, (name, own)
        moments = [each.timestamp for each in own]
        assert moments == sorted(moments)
        if version != "1.6":
            assert [each.seq_no for each in own] == list(range(len(own)))
