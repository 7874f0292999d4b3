from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chargeplane.csms.central import Central
from chargeplane.csms.transactions import close_by_operator
from chargeplane.storage.repositories import transaction_events
from chargeplane.storage.repositories import transactions as stored
from chargeplane.storage.repositories.transactions import TransactionStart
from tests.e2e.harness import START, VERSIONS, World, at, kinds, token, world
from tests.e2e.words import Words1, Words2, event_of, words

V1 = ("1.2", "1.5", "1.6")
V2 = ("2.0.1", "2.1")


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as here:
        await here.add_tokens(token("TAG", max_active_transactions=-1))
        yield here


async def stored_events(here: World, number: int) -> tuple[Any, ...]:
    return await here.read(lambda c: transaction_events.of_transaction(c, number))


def moment(seconds: float) -> Any:
    return START + timedelta(seconds=seconds)


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_E_03_CSMS_a_whole_charge(here: World, version: str) -> None:
    said = words(version, await here.wire(version))
    started = await said.start("TAG", wh=1000)
    assert started.status == "Accepted"
    running = await here.transaction()
    assert (running.state, running.name, running.start_energy_mwh) == (
        "open",
        started.name,
        1_000_000,
    )
    await said.update(started.name, seconds=900, wh=1900)
    running = await here.transaction()
    assert (running.energy_mwh, running.last_measured_at) == (900_000, moment(900))
    await said.stop(started.name, seconds=1800, wh=3500, reason="Remote")
    ended = await here.transaction()
    assert (ended.state, ended.closed_by, ended.stop_reason) == ("closed", "station", "Remote")
    assert (ended.energy_mwh, ended.stopped_at) == (2_500_000, moment(1800))
    told = kinds(await here.events("transaction.started", "transaction.ended"))
    assert told == ["transaction.started", "transaction.ended"]


@pytest.mark.parametrize("version", V1)
async def test_a_start_that_is_sent_again_is_answered_as_before(here: World, version: str) -> None:
    said = Words1(await here.wire(version))
    first = await said.start("TAG")
    assert await said.start("TAG") == first
    assert len(await here.transactions()) == 1
    await said.stop(first.name)
    assert await said.start("TAG") == first  # a replay after the end opens nothing
    assert (await here.transaction()).state == "closed"
    assert len(await here.events("transaction.started")) == 1


@pytest.mark.parametrize(
    "other",
    [{"tag": "FRIEND"}, {"evse": 2}, {"seconds": 1}, {"wh": 1001}],
    ids=lambda other: next(iter(other)),
)
async def test_a_start_that_differs_is_another(here: World, other: dict[str, Any]) -> None:
    said = Words1(await here.wire("1.6"))
    first = await said.start("TAG")
    second = await said.start(**({"tag": "TAG"} | other))
    assert second.name != first.name


async def test_the_same_start_at_another_station_is_another(here: World) -> None:
    first = await Words1(await here.wire("1.6", "CS-1")).start("TAG")
    second = await Words1(await here.wire("1.6", "CS-2")).start("TAG")
    assert second.name != first.name


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_replay_over_a_new_connection_changes_nothing(here: World, version: str) -> None:
    for _ in range(2):
        said = words(version, await here.wire(version))
        started = await said.start("TAG")
        await said.update(started.name, seconds=60, wh=1100)
        await said.stop(started.name, seconds=120, wh=1200)
    ended = await here.transaction()
    assert ended.energy_mwh == 200_000
    assert len(await stored_events(here, ended.id)) == 3
    readings = await here.meter_values(transaction_id=ended.id)
    assert [each.import_mwh for each in readings] == [1_000_000, 1_100_000, 1_200_000]
    assert len(await here.events("transaction.ended")) == 1


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_start_with_an_unknown_token_is_kept_with_the_refusal(
    here: World, version: str
) -> None:
    said = words(version, await here.wire(version))
    refused = await said.start("STRANGER")
    assert refused.status == said.status("Unknown")
    kept = await here.transaction()
    assert (kept.start_status, kept.state, kept.id_token) == ("Unknown", "open", "STRANGER")
    assert (await said.start("STRANGER")).status == said.status("Unknown")
    await said.stop(refused.name, reason="DeAuthorized")
    assert (await here.transaction()).energy_mwh == 3_000_000


async def test_a_repeated_start_is_decided_as_the_first_time(here: World) -> None:
    said = Words1(await here.wire("1.6"))
    assert (await said.start("LATER")).status == "Invalid"
    await here.add_tokens(token("LATER"))
    assert (await said.start("LATER")).status == "Invalid"


@pytest.mark.parametrize("version", V1)
async def test_a_stop_of_an_unknown_transaction_is_stored(here: World, version: str) -> None:
    said = Words1(await here.wire(version))
    await said.stop("4711", wh=9000, seconds=60)
    made = await here.transaction()
    assert (made.start_known, made.state, made.stop_energy_mwh) == (False, "closed", 9_000_000)
    await said.stop("4711", wh=9000, seconds=60)
    assert len(await here.transactions()) == 1
    assert kinds(await here.events("transaction.unknown")) == ["transaction.unknown"]


async def test_TC_37_3_CSMS_transaction_0_of_a_start_that_never_arrived(here: World) -> None:
    said = Words1(await here.wire("1.6"))
    for number in (0, -1):
        await said.stop(str(number), wh=10, seconds=number)
    assert [each.state for each in await here.transactions()] == ["closed", "closed"]


async def test_a_stop_of_another_stations_transaction_leaves_it_alone(here: World) -> None:
    ours = await Words1(await here.wire("1.6", "CS-1")).start("TAG")
    await Words1(await here.wire("1.6", "CS-2")).stop(ours.name)
    assert (await here.transaction(station_id="CS-1")).state == "open"
    assert (await here.transaction(station_id="CS-2")).state == "closed"


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_stop_of_a_finished_transaction_is_stored(here: World, version: str) -> None:
    said = words(version, await here.wire(version))
    started = await said.start("TAG")
    await said.stop(started.name, wh=2000, seconds=10)
    await said.stop(started.name, wh=2500, seconds=20)
    ended = await here.transaction()
    assert ended.stop_energy_mwh == 2_000_000  # the first end of the station counts
    assert len(await stored_events(here, ended.id)) == 3


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_new_start_closes_what_was_open_on_the_connector(here: World, version: str) -> None:
    said = words(version, await here.wire(version))
    old = await said.start("TAG", name="old")
    await said.update(old.name, seconds=60, wh=1500)
    elsewhere = await said.start("TAG", evse=2, name="elsewhere")
    new = await said.start("TAG", seconds=100, wh=1500, name="new")
    stale, beside, current = await here.transactions()
    assert (stale.state, stale.closed_by, stale.stop_reason) == (
        "closed",
        "stale",
        "NewTransaction",
    )
    assert (stale.stopped_at, stale.energy_mwh) == (moment(60), 500_000)
    assert [beside.name, current.name] == [elsewhere.name, new.name]
    assert [beside.state, current.state] == ["open", "open"]
    await said.stop(old.name, seconds=90, wh=1600)  # and then it is told after all
    stale, *_ = await here.transactions()
    assert (stale.closed_by, stale.energy_mwh) == ("station", 600_000)


@pytest.mark.parametrize("version", VERSIONS)
async def test_available_with_a_transaction_open_is_reconciled(here: World, version: str) -> None:
    said = words(version, await here.wire(version))
    started = await said.start("TAG")
    await said.update(started.name, seconds=60, wh=1500)
    await said.available(evse=2, seconds=100)
    assert (await here.transaction()).state == "open"
    await said.available(evse=1, seconds=100)
    closed = await here.transaction()
    assert (closed.closed_by, closed.stop_reason, closed.energy_mwh) == (
        "reconciled",
        "Other",
        500_000,
    )
    await said.stop(started.name, seconds=90, wh=1700, reason="EVDisconnected")
    told = await here.transaction()
    assert (told.closed_by, told.stop_reason, told.energy_mwh) == (
        "station",
        "EVDisconnected",
        700_000,
    )
    await said.available(evse=1, seconds=110)
    assert (await here.transaction()).closed_by == "station"


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_reconciled_transaction_that_goes_on_is_open_again(
    here: World, version: str
) -> None:
    said = words(version, await here.wire(version))
    started = await said.start("TAG")
    await said.update(started.name, seconds=60, wh=1500)
    await said.available(evse=1, seconds=100)
    assert (await here.transaction()).closed_by == "reconciled"
    await said.update(started.name, seconds=160, wh=1600)
    again = await here.transaction()
    assert (again.state, again.closed_by, again.stopped_at) == ("open", None, None)
    assert (again.energy_mwh, again.last_measured_at) == (600_000, moment(160))
    assert kinds(await here.events("transaction.reopened")) == ["transaction.reopened"]


async def test_a_2x_transaction_may_begin_before_the_car_comes(here: World) -> None:
    said = Words2(await here.wire("2.0.1"))
    await said.event("Started", "tx-1", tag="TAG", state=None)
    await said.available()
    assert (await here.transaction()).state == "open"


@pytest.mark.parametrize("version", V2)
@pytest.mark.parametrize(
    "order",
    [(2, 1, 0), (1, 0, 2), (0, 2, 1), (2, 0, 1)],
    ids=lambda order: "".join(map(str, order)),
)
async def test_events_in_any_order_make_the_same_transaction(
    here: World, version: str, order: tuple[int, ...]
) -> None:
    said = Words2(await here.wire(version))
    story: list[dict[str, Any]] = [
        {"kind": "Started", "seconds": 0, "wh": 1000, "tag": "TAG"},
        {"kind": "Updated", "seconds": 60, "wh": 1100},
        {"kind": "Ended", "seconds": 120, "wh": 1300, "reason": "Local"},
    ]
    for seq_no in order:
        event = dict(story[seq_no])
        await said.event(event.pop("kind"), "tx-1", seq_no=seq_no, **event)
    ended = await here.transaction()
    assert (ended.start_known, ended.token_key, ended.started_at) == (True, "tag", START)
    assert (ended.state, ended.energy_mwh, ended.stopped_at) == ("closed", 300_000, moment(120))
    assert (ended.last_seq_no, ended.missing_seq_nos) == (2, ())


async def test_missing_numbers_are_recorded_until_they_come(here: World) -> None:
    said = Words2(await here.wire("2.1"))
    await said.start("TAG")
    await said.event("Updated", "tx-1", seq_no=4, seconds=4)
    assert (await here.transaction()).missing_seq_nos == (1, 2, 3)
    await said.event("Updated", "tx-1", seq_no=2, seconds=2)
    transaction = await here.transaction()
    assert (transaction.last_seq_no, transaction.missing_seq_nos) == (4, (1, 3))


async def test_a_seq_no_of_any_size_is_taken(here: World) -> None:
    said = Words2(await here.wire("2.0.1"))
    await said.start("TAG")
    await said.event("Updated", "tx-1", seq_no=2_000_000_000, seconds=4)
    assert (await here.transaction()).last_seq_no == 2_000_000_000


async def test_an_event_that_is_sent_again_with_another_call_id(here: World) -> None:
    talker = await here.wire("2.0.1")
    event = event_of("Started", "tx-1", 0, tag="TAG", wh=1000)
    answers = [await talker.call("TransactionEvent", event) for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert len(await stored_events(here, (await here.transaction()).id)) == 1


async def test_an_update_of_an_unknown_transaction_makes_it(here: World) -> None:
    said = Words2(await here.wire("2.0.1"))
    await said.event("Updated", "lost", seq_no=7, seconds=60, wh=2000)
    made = await here.transaction()
    assert (made.uid, made.start_known, made.state) == ("lost", False, "open")
    assert made.last_energy_mwh == 2_000_000


async def test_TC_E_31_CSMS_events_from_offline_are_marked(here: World) -> None:
    said = Words2(await here.wire("2.0.1"))
    await said.event("Started", "tx-1", tag="TAG", offline=True)
    assert (await here.transaction()).offline


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("years", [-30, 12])
async def test_clocks_that_are_wrong_are_believed_and_stored(
    here: World, version: str, years: int
) -> None:
    said = words(version, await here.wire(version))
    seconds = years * 365 * 86_400.0
    started = await said.start("TAG", seconds=seconds)
    await said.stop(started.name, seconds=seconds + 60)
    ended = await here.transaction()
    assert ended.started_at == moment(seconds)
    assert ended.stopped_at == moment(seconds + 60)


@pytest.mark.parametrize("version", VERSIONS)
async def test_an_end_before_its_start_is_stored(here: World, version: str) -> None:
    said = words(version, await here.wire(version))
    started = await said.start("TAG", seconds=0)
    await said.stop(started.name, seconds=-3600)
    assert (await here.transaction()).state == "closed"


async def test_a_meter_that_was_reset_gives_no_nonsense(here: World) -> None:
    said = Words1(await here.wire("1.6"))
    started = await said.start("TAG", wh=5000)
    await said.stop(started.name, wh=10)
    ended = await here.transaction()
    assert (ended.start_energy_mwh, ended.stop_energy_mwh) == (5_000_000, 10_000)


async def test_the_transaction_data_of_a_stop_are_readings(here: World) -> None:
    talker = await here.wire("1.6")
    started = await Words1(talker).start("TAG")
    data = [
        {"timestamp": at(seconds), "sampledValue": [{"value": str(wh)}]}
        for seconds, wh in ((10, 1100), (20, 1200))
    ]
    stop = {"transactionId": int(started.name), "meterStop": 1250, "timestamp": at(30)}
    await talker.call("StopTransaction", stop | {"transactionData": data})
    ended = await here.transaction()
    readings = await here.meter_values(transaction_id=ended.id)
    assert [each.import_mwh for each in readings] == [1_000_000, 1_100_000, 1_200_000, 1_250_000]
    assert ended.energy_mwh == 250_000


async def test_an_operator_closes_what_nobody_ends(central: Central) -> None:
    start = TransactionStart(station_id="CP1", evse_id=1, started_at=central.now(), uid="t")
    made, _ = await central.database.write(stored.start, start, central.now())
    with central.bus.subscribe() as news:
        closed = await central.commit(lambda unit: close_by_operator(unit, made.id, "anna"))
        assert closed is not None
        assert (closed.state, closed.closed_by) == ("closed", "operator")
        assert await central.commit(lambda unit: close_by_operator(unit, made.id, "anna")) is None
        (told,) = news.waiting()
    assert (told.kind, told.transaction_id) == ("transaction.ended", made.id)
    assert told.data == {"reason": "Other", "closed_by": "operator", "asked_by": "anna"}
