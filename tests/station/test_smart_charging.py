"""What an EVSE may draw now, and what is told of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from chargeplane.domain.profiles import (
    ClearChargingProfile,
    LimitAtSoc,
    SetChargingProfile,
)
from chargeplane.domain.transactions import TransactionEnded, TransactionUpdated
from chargeplane.energy.composite import composite, limit_at
from chargeplane.evse.virtual import Car, VirtualEvse
from chargeplane.station import authorization, handlers, profile_store, smart_charging
from chargeplane.storage.documents import Documents
from tests.station.charging import (
    TAG,
    charge,
    clear,
    now,
    pass_time,
    profile,
    set_,
    steps,
)
from tests.station.desk import VERSIONS, Desk, Place, place

BOTH = ["2.0.1", "2.1"]
MAX = "ChargingStationMaxProfile"


def rates(there: Place) -> list[TransactionUpdated]:
    """What was told of other rates."""
    updates = there.desk.all(TransactionUpdated)
    return [each for each in updates if each.trigger_reason == "ChargingRateChanged"]


# When limits count


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_limit_changes_by_itself(version: str) -> None:
    async with place(version) as there:
        await charge(there)
        start = now() - timedelta(seconds=58)
        sent = profile(*steps({0: 8, 60: 10}), start_schedule=start)
        assert await set_(there, 1, sent) == ["Accepted"]
        await there.until(lambda: there.evse().limit_a == 8)
        await there.until(lambda: there.evse().limit_a == 10)


@pytest.mark.parametrize("version", VERSIONS)
async def test_too_little_suspends_a_charge(version: str) -> None:
    async with place(version) as there:
        await charge(there)
        assert await set_(there, 1, profile(5.9)) == ["Accepted"]
        await there.until(lambda: there.evse().limit_a == 0)
        assert there.evse().charging_state() == "SuspendedEVSE"
        assert await clear(there, 1) == "Accepted"
        await there.until(lambda: there.evse().charging_state() == "Charging")


async def test_relative_profiles_count_from_when_energy_can_flow() -> None:
    sent = profile(*steps({0: 10, 600: 8}), charging_profile_kind="Relative")
    async with place("2.1", values={"TxCtrlr/TxStartPoint": "EVConnected"}) as there:
        there.hardware().plug_in()
        assert await set_(there, 1, sent) == ["Accepted"]
        pass_time(there, 500)
        await authorization.swipe(there.station, TAG)
        await there.until(lambda: there.evse().limit_a == 10)
        pass_time(there, 500)
        await asyncio.sleep(0)
        assert there.evse().limit_a == 10
        pass_time(there, 101)
        await there.until(lambda: there.evse().limit_a == 8)


async def test_a_charge_goes_on_with_its_profile_after_a_power_cut(tmp_path: Path) -> None:
    values = {"TxCtrlr/ResumptionTimeout": "3600"}
    hardware, desk = [VirtualEvse()], Desk("2.1")
    file = tmp_path / "station.db"
    async with place(
        "2.1", values=values, hardware=hardware, desk=desk, documents=Documents(file)
    ) as there:
        name = await charge(there)
        own = {"charging_profile_purpose": "TxProfile", "transaction_id": name}
        sent = profile(*steps({0: 10, 600: 8}), charging_profile_kind="Relative", **own)
        assert await set_(there, 1, sent) == ["Accepted"]
        await there.until(lambda: there.evse().limit_a == 10)
        ready_at, seed = started(there)
    async with place(
        "2.1", values=values, hardware=hardware, desk=desk, documents=Documents(file)
    ) as there:
        await there.until(lambda: there.evse().limit_a == 10)
        assert started(there) == (ready_at, seed)
        pass_time(there, 601)
        await there.until(lambda: there.evse().limit_a == 8)


def started(there: Place) -> tuple[Any, int]:
    transaction = there.evse().transaction
    assert transaction is not None
    return transaction.ready_at, transaction.delay_seed


async def test_local_time_counts_where_a_schedule_says_so() -> None:
    values = {"ClockCtrlr/TimeZone": "Asia/Tokyo"}
    start = now() + timedelta(hours=9) - timedelta(minutes=1)
    async with place("2.1", values=values) as there:
        await charge(there)
        sent = profile(*steps({0: 8}), start_schedule=start, use_local_time=True)
        assert await set_(there, 1, sent) == ["Accepted"]
        await there.until(lambda: there.evse().limit_a == 8)
    async with place("2.1", values={"ClockCtrlr/TimeOffset": "+09:00"}) as there:
        await charge(there)
        assert await set_(there, 1, sent) == ["Accepted"]
        await there.until(lambda: there.evse().limit_a == 8)


async def test_delays_are_drawn_for_each_transaction() -> None:
    sent = profile(*steps({0: 8, 600: 10}), randomized_delay=3000)
    async with place("2.1") as there:
        assert await set_(there, 1, sent) == ["Accepted"]
        ends = set()
        for _ in range(4):
            await charge(there)
            found = smart_charging.plan(there.station, 1).schedule
            ends.add(found.holds_until(there.station.now()))
            await authorization.swipe(there.station, TAG)
            there.hardware().plug_out()
        assert len(ends) > 1


async def test_a_limit_from_a_state_of_charge_on() -> None:
    sent = profile(16, limit_at_soc=LimitAtSoc(soc=50, limit=8))
    async with place("2.1") as there:
        assert await set_(there, 1, sent) == ["Accepted"]
        there.hardware().plug_in(Car(soc_percent=49.9, capacity_wh=10_000))
        await authorization.swipe(there.station, TAG)
        await there.until(lambda: there.evse().limit_a == 16)
        await there.until(lambda: (there.hardware().measure().soc_percent or 0) >= 50)
        profile_store.follow(there.station)
        await there.until(lambda: there.evse().limit_a == 8)


async def test_variables_change_limits_at_once() -> None:
    async with place("2.0.1") as there:
        await charge(there)
        there.station.model.put("SmartChargingCtrlr/CompositeScheduleDefaultLimitAmps", "20")
        await there.until(lambda: there.evse().limit_a == 20)


async def test_nothing_is_computed_where_nothing_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    computed: list[int] = []

    def count(*args: Any, **named: Any) -> Any:
        computed.append(args[-1])
        return composite(*args, **named)

    async with place("2.0.1", values={"SampledDataCtrlr/TxUpdatedInterval": "1"}) as there:
        await charge(there)
        await set_(there, 1, profile(6))
        await there.until(lambda: there.evse().limit_a == 6)
        monkeypatch.setattr(smart_charging, "composite", count)
        await there.desk.hears(
            TransactionUpdated, lambda e: e.trigger_reason == "MeterValuePeriodic"
        )
        assert computed == []


# Without a connection


@pytest.mark.parametrize("left", [[1, 2], [1]])
async def test_a_profile_counts_offline_for_so_long(left: list[int]) -> None:
    forever = 2 not in left
    offline = {"max_offline_duration": 0, "invalid_after_offline_duration": forever}
    desk = Desk("2.1")
    async with place("2.1", desk=desk) as there:
        await charge(there)
        sent = [profile(8), profile(10, id=2, stack_level=1, **offline)]
        assert await set_(there, 1, *sent) == ["Accepted"] * 2
        await there.until(lambda: there.evse().limit_a == 10)
        await desk.hang_up(reachable=False)
        await there.until(lambda: there.evse().limit_a == 8)
        desk.is_reachable = True
        await there.until(lambda: there.station.peer)
        await there.until(lambda: there.evse().limit_a == (8 if forever else 10))
        assert [each.profile.id for each in profile_store.installed(there.station)] == left


@pytest.mark.parametrize("version", VERSIONS)
async def test_purposes_may_be_ignored_offline(version: str) -> None:
    values = {"SmartChargingCtrlr/IgnoredProfilePurposesOffline": "TxDefaultProfile"}
    desk = Desk(version)
    async with place(version, values=values, desk=desk) as there:
        await charge(there)
        assert await set_(there, 1, profile(8)) == ["Accepted"]
        await there.until(lambda: there.evse().limit_a == 8)
        await desk.hang_up(reachable=False)
        await there.until(lambda: there.evse().limit_a == 32)
        desk.is_reachable = True
        await there.until(lambda: there.evse().limit_a == 8)


@pytest.mark.parametrize("version", VERSIONS)
async def test_profiles_count_offline_unless_they_say_otherwise(version: str) -> None:
    desk = Desk(version)
    values = {"AuthCtrlr/OfflineTxForUnknownIdEnabled": "true"}
    async with place(version, values=values, desk=desk) as there:
        assert await set_(there, 1, profile(8)) == ["Accepted"]
        await desk.hang_up(reachable=False)
        await there.until(lambda: there.station.peer is None)
        there.hardware().plug_in()
        await authorization.swipe(there.station, TAG)
        await there.until(lambda: there.evse().limit_a == 8)


# Together


def shares(there: Place) -> list[float]:
    return [evse.limit_a for evse in there.station.evses]


async def shared(there: Place, expected: Sequence[float]) -> None:
    await there.until(lambda: shares(there) == list(expected))


@pytest.mark.parametrize("version", VERSIONS)
async def test_the_limit_of_the_station_is_shared(version: str) -> None:
    async with place(version, evses=3) as there:
        assert await set_(there, 0, profile(20, charging_profile_purpose=MAX)) == ["Accepted"]
        await charge(there, 1)
        assert shares(there) == [20, 0, 0]
        await charge(there, 2)
        await shared(there, [10, 10, 0])
        await charge(there, 3)
        await there.until(lambda: min(shares(there)) > 6)
        assert 19.5 < sum(shares(there)) <= 20
        there.hardware(2).plug_out()
        await shared(there, [10, 0, 10])


@pytest.mark.parametrize("start", ["EnergyTransfer", "Authorized", "EVConnected"])
async def test_a_share_is_there_before_the_transaction(start: str) -> None:
    async with place("2.0.1", evses=2, values={"TxCtrlr/TxStartPoint": start}) as there:
        assert await set_(there, 0, profile(20, charging_profile_purpose=MAX)) == ["Accepted"]
        await charge(there, 1)
        await charge(there, 2)
        await shared(there, [10, 10])


@pytest.mark.parametrize("version", VERSIONS)
async def test_what_one_may_not_draw_the_others_may(version: str) -> None:
    async with place(version, evses=2) as there:
        assert await set_(there, 0, profile(30, charging_profile_purpose=MAX)) == ["Accepted"]
        assert await set_(there, 1, profile(8, id=2)) == ["Accepted"]
        await charge(there, 1)
        await charge(there, 2)
        await shared(there, [8, 22])


async def test_a_car_that_is_full_leaves_its_share_but_the_minimum() -> None:
    async with place("2.0.1", evses=2) as there:
        assert await set_(there, 0, profile(20, charging_profile_purpose=MAX)) == ["Accepted"]
        await charge(there, 1)
        await charge(there, 2)
        there.hardware(1).pause()
        await shared(there, [6, 14])
        there.hardware(1).pause(paused=False)
        await shared(there, [10, 10])


async def test_cars_take_turns_where_there_is_not_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smart_charging, "TURN_S", 0.02)
    async with place("2.0.1", evses=2) as there:
        assert await set_(there, 0, profile(8, charging_profile_purpose=MAX)) == ["Accepted"]
        await charge(there, 1)
        there.hardware(2).plug_in()
        await authorization.swipe(there.station, TAG, (2,))
        for expected in ([0, 8], [8, 0], [0, 8]):
            await shared(there, expected)


# What is told


@pytest.mark.parametrize("version", BOTH)
async def test_TC_K_28_CS_TC_K_60_CS_another_rate_is_told(version: str) -> None:
    async with place(version) as there:
        await charge(there)
        assert await set_(there, 1, profile(6)) == ["Accepted"]
        told = await there.desk.hears(
            TransactionUpdated, lambda e: e.trigger_reason == "ChargingRateChanged"
        )
        assert told.charging_state == "Charging"
        assert len(rates(there)) == 1


async def offers(there: Place, limit_a: float) -> None:
    await there.until(lambda: there.evse().limit_a == limit_a)


async def test_small_changes_are_not_told_until_they_add_up() -> None:
    values = {"SmartChargingCtrlr/LimitChangeSignificance": "10"}
    async with place("2.0.1", values=values) as there:
        assert await set_(there, 1, profile(20)) == ["Accepted"]
        await charge(there)
        for limit, count in ((19, 0), (18, 0), (17.9, 1), (19.6, 1), (19.7, 2)):
            assert await set_(there, 1, profile(limit)) == ["Accepted"]
            await offers(there, limit)
            await there.until(lambda: not len(there.station.outbox))
            assert len(rates(there)) == count


async def test_a_suspended_charge_has_no_rate() -> None:
    async with place("2.0.1") as there:
        await charge(there)
        there.hardware().pause()
        await there.until(lambda: there.evse().charging_state() == "SuspendedEV")
        assert await set_(there, 1, profile(6)) == ["Accepted"]
        await there.until(lambda: there.evse().limit_a == 6)
        await authorization.swipe(there.station, TAG)
        await there.desk.hears(TransactionEnded)
        assert rates(there) == []


# Whatever happens, what is offered is what follows from what is so now


class Chance:
    """Does one thing after another to a station, by chance."""

    def __init__(self, there: Place, seed: int) -> None:
        self.there = there
        self.random = Random(seed)  # noqa: S311 hides nothing

    async def act(self) -> None:
        await self.random.choice(
            [self.set, self.set, self.set, self.clear, self.wait, self.wait, self.charge, self.cut]
        )()
        await asyncio.sleep(0)

    async def set(self) -> None:
        random, number = self.random, self.random.randint(1, 6)
        kind = random.choice(["Absolute", "Relative", "Recurring"])
        limits = {start * 600: random.choice([0, 6, 8, 10.5, 16, 20]) for start in range(3)}
        how: dict[str, Any] = {"charging_profile_kind": kind, "id": number, "stack_level": number}
        how["charging_profile_purpose"] = random.choice([MAX, "TxDefaultProfile", "TxProfile"])
        if kind == "Recurring":
            how["recurrency_kind"] = "Daily"
        if kind != "Relative":
            how["start_schedule"] = now() - timedelta(seconds=random.randint(-600, 1800))
        if random.random() < 0.5:
            how["duration"] = random.choice([300, 1500])
        if random.random() < 0.3:
            how["max_offline_duration"] = 60
        running = self.there.evse().transaction
        if how["charging_profile_purpose"] == "TxProfile" and running is not None:
            how["transaction_id"] = running.id
        sent = profile(*steps(limits), **how)
        evse_id = 0 if how["charging_profile_purpose"] == MAX else 1
        await handlers.HANDLERS[SetChargingProfile](
            self.there.station, SetChargingProfile(evse_id=evse_id, charging_profile=sent)
        )

    async def clear(self) -> None:
        request = ClearChargingProfile(charging_profile_id=self.random.randint(1, 6))
        await handlers.HANDLERS[ClearChargingProfile](self.there.station, request)

    async def wait(self) -> None:
        pass_time(self.there, self.random.choice([30, 400, 1000, 86400]))
        if self.there.station.peer is None:  # alarms do not know that the clock was put forward
            profile_store.refresh(self.there.station)

    async def charge(self) -> None:
        there = self.there
        if there.evse().transaction is None:
            there.hardware().plug_in(Car(capacity_wh=1e9))
        else:
            there.hardware().plug_out()
        await authorization.swipe(there.station, TAG)

    async def cut(self) -> None:
        desk = self.there.desk
        if self.there.station.peer is None:
            desk.is_reachable = True
            await self.there.until(lambda: self.there.station.peer)
        else:
            await desk.hang_up(reachable=False)
            await self.there.until(lambda: self.there.station.peer is None)

    def expected(self) -> float:
        station, evse = self.there.station, self.there.evse()
        if evse.transaction is None or evse.authorization is None:
            return 0.0
        here, held = smart_charging.circumstances(station), profile_store.installed(station)
        limit = limit_at(held, here, station.now(), 1).values.limit or 0.0
        return limit if limit >= 6 else 0.0


@pytest.mark.parametrize("seed", range(8))
async def test_what_is_offered_follows_from_what_is_so(seed: int) -> None:
    values = {"AuthCtrlr/OfflineTxForUnknownIdEnabled": "true"}
    async with place("2.1", values=values) as there:
        chance = Chance(there, seed)
        for _ in range(40):
            await chance.act()
            await there.until(lambda: there.evse().limit_a == chance.expected())
