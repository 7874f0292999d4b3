from __future__ import annotations

from typing import Any

import pytest

from chargeplane.domain.certificates import SecurityEventNotification, SignCertificate
from chargeplane.domain.station import DataTransfer, DataTransferAnswer
from chargeplane.storage.database import Database
from chargeplane.storage.paging import Sorting, Window
from chargeplane.storage.repositories import (
    certificate_requests,
    commands,
    data_transfers,
    events,
    jobs,
    messages,
    notifications,
    retention,
    security_events,
)
from chargeplane.storage.repositories.commands import Command, CommandFilter
from chargeplane.storage.repositories.data_transfers import DataTransferFilter
from chargeplane.storage.repositories.events import Event, EventFilter
from chargeplane.storage.repositories.jobs import JobFilter
from chargeplane.storage.repositories.messages import Frame, MessageFilter
from chargeplane.storage.repositories.notifications import NotificationFilter
from tests.storage.repositories.moments import NOW, after


async def test_commands_from_asking_to_answer(database: Database) -> None:
    reset = Command(
        station_id="CP1", action="Reset", asked_by="cli", request={"type": "OnIdle"}, task="t"
    )
    first = await database.write(commands.add, reset, NOW)
    second = await database.write(commands.add, reset, NOW)
    await database.write(commands.set_sent, first, after(1))
    await database.write(commands.answered, first, {"status": "Accepted"}, after(2), 1.0)
    await database.write(commands.failed, second, "offline", after(2), 0.5)
    done, lost = await database.read(commands.of_task, "t")
    assert (done.status, done.sent_at, done.answer) == (
        "answered",
        after(1),
        {"status": "Accepted"},
    )
    assert (done.duration_s, done.request) == (1.0, {"type": "OnIdle"})
    assert (lost.status, lost.error, lost.answer) == ("failed", "offline", None)
    assert await database.read(commands.get, first) == done
    page = await database.read(commands.page, CommandFilter(status="failed"), Window())
    assert page.items == (lost,)


async def test_commands_of_an_earlier_run_are_given_up(database: Database) -> None:
    reset = Command(station_id="CP1", action="Reset", asked_by="cli", request={})
    number = await database.write(commands.add, reset, NOW)
    assert await database.write(commands.fail_unfinished, "restart", after(1)) == 1
    assert await database.write(commands.fail_unfinished, "restart", after(1)) == 0
    found = await database.read(commands.get, number)
    assert found is not None
    assert (found.status, found.error) == ("failed", "restart")


async def test_events_are_resumed_after_a_number(database: Database) -> None:
    assert await database.read(events.last_number) == 0
    kinds = ("boot", "status", "boot")
    numbers = [
        await database.write(events.append, Event(at=NOW, kind=kind, station_id="CP1"))
        for kind in kinds
    ]
    assert numbers == sorted(set(numbers))
    assert await database.read(events.last_number) == numbers[-1]
    missed = await database.read(events.since, numbers[0], EventFilter())
    assert [event.id for event in missed] == numbers[1:]
    boots = EventFilter(station_id="CP1", kinds=("boot",))
    assert len(await database.read(events.since, 0, boots, 10)) == 2
    page = await database.read(events.page, boots, Window())
    assert (page.items[0].id, page.items[0].data) == (numbers[2], None)


async def test_events_are_searched_by_word_and_time(database: Database) -> None:
    for second, (kind, station) in enumerate((("a.x", "CP1"), ("b.x", "CP2"), ("b.y", None))):
        told = Event(at=after(second), kind=kind, station_id=station)
        await database.write(events.append, told)

    async def found(**what: Any) -> list[str]:
        wanted, sorting = EventFilter(**what), Sorting(descending=True)
        return [e.kind for e in (await database.read(events.part, wanted, sorting, Window())).items]

    assert await found() == ["b.y", "b.x", "a.x"]
    assert await found(search="cp") == ["b.x", "a.x"]
    assert await found(search="B.") == ["b.y", "b.x"]
    assert await found(since=after(1), until=after(2)) == ["b.x"]
    assert await found(among=("*2",)) == ["b.x"]


async def test_messages_are_searched(database: Database) -> None:
    frames = (
        Frame("CP1", NOW, "in", '[2,"1","Heartbeat",{}]', "Heartbeat", "1"),
        Frame("CP1", after(1), "out", '[3,"1",{"currentTime":"x"}]', "Heartbeat", "1"),
        Frame("CP2", after(2), "in", "garbage\x00"),
    )
    await database.write(messages.append, frames)
    every = await database.read(messages.page, MessageFilter(), Window())
    assert [m.station_id for m in every.items] == ["CP2", "CP1", "CP1"]
    assert every.items[0].frame == "garbage\ufffd"
    for what, number in (
        (MessageFilter(station_id="CP1", action="Heartbeat", call_id="1"), 2),
        (MessageFilter(direction="out"), 1),
        (MessageFilter(since=after(1), until=after(2)), 1),
        (MessageFilter(search="CURRENTtime"), 1),
    ):
        assert len((await database.read(messages.page, what, Window())).items) == number


async def test_jobs_are_found_by_request_or_as_the_latest(database: Database) -> None:
    first = await database.write(jobs.add, "CP1", "firmware", {"location": "ftp://x"}, NOW)
    second = await database.write(jobs.add, "CP1", "firmware", {}, NOW)
    await database.write(jobs.set_request_id, first, 77)
    for request_id, number in ((77, first), (second, second), (None, second)):
        found = await database.read(jobs.find, "CP1", "firmware", request_id)
        assert found is not None
        assert found.id == number
    assert await database.read(jobs.find, "CP1", "log", None) is None
    changed = await database.write(jobs.set_status, first, "Installed", after(1), {"a": 1})
    assert changed is not None
    assert (changed.status, changed.updated_at, changed.details) == (
        "Installed",
        after(1),
        {"a": 1},
    )
    assert await database.write(jobs.set_status, 99, "Idle", NOW) is None
    page = await database.read(jobs.page, JobFilter(station_id="CP1", kind="firmware"), Window())
    assert [job.id for job in page.items] == [second, first]


async def test_certificate_requests(database: Database) -> None:
    request = SignCertificate(csr="PEM", certificate_type="V2GCertificate")
    number = await database.write(certificate_requests.add, "CP1", request, NOW)
    assert await database.write(certificate_requests.signed, number, "CHAIN", after(1))
    assert not await database.write(certificate_requests.signed, 99, "CHAIN", after(1))
    found = await database.read(certificate_requests.get, number)
    assert found is not None
    assert (found.status, found.chain) == ("Signed", "CHAIN")
    assert await database.write(certificate_requests.set_status, number, "Failed", NOW, "why")
    page = await database.read(certificate_requests.page, "CP1", Window())
    assert [(r.status, r.error) for r in page.items] == [("Failed", "why")]


async def test_what_is_kept_whole(database: Database) -> None:
    event = SecurityEventNotification(type="Tamper", timestamp=NOW, tech_info="lid")
    await database.write(security_events.append, "CP1", event, after(1))
    await database.write(notifications.append, "CP1", "NotifyEvent", {"seqNo": 0}, NOW)
    request = DataTransfer(vendor_id="acme", message_id="m", data={"a": [1]})
    answer = DataTransferAnswer(status="Accepted", data="ok")
    await database.write(data_transfers.append, "CP1", "in", request, answer, NOW)
    await database.write(data_transfers.append, "CP1", "out", request, None, NOW)
    secure = await database.read(security_events.page, None, Window())
    assert [(e.type, e.at, e.tech_info) for e in secure.items] == [("Tamper", NOW, "lid")]
    what = NotificationFilter(station_id="CP1", action="NotifyEvent")
    noted = await database.read(notifications.page, what, Window())
    assert noted.items[0].payload == {"seqNo": 0}
    moved = await database.read(data_transfers.page, DataTransferFilter(vendor_id="acme"), Window())
    assert [(t.status, t.answer, t.data) for t in moved.items] == [
        (None, None, {"a": [1]}),
        ("Accepted", "ok", {"a": [1]}),
    ]


@pytest.mark.parametrize("name", retention.AGES)
def test_everything_that_ages_has_a_time(name: str) -> None:
    assert retention.AGES[name].table.name == name
    assert not retention.AGES[name].nullable


async def test_old_rows_are_pruned(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    frames = tuple(Frame("CP1", after(n), "in", str(n)) for n in range(7))
    await database.write(messages.append, frames)
    assert await retention.prune(database, "messages", after(5)) == 5
    left: Any = await database.read(messages.page, MessageFilter(), Window())
    assert [m.frame for m in left.items] == ["6", "5"]


async def test_what_is_listed_is_counted(database: Database) -> None:
    frames = tuple(Frame("CP1", after(n), "in", "[]") for n in range(3))
    await database.write(messages.append, (*frames, Frame("CP2", NOW, "out", "[]")))
    assert await database.read(messages.count, MessageFilter(station_id="CP1")) == 3
    for kind in ("log", "firmware", "log"):
        await database.write(jobs.add, "CP1", kind, {}, NOW)
    assert await database.read(jobs.count, JobFilter(kind="log")) == 2
    event = SecurityEventNotification(type="TamperDetectionActivated", timestamp=NOW)
    await database.write(security_events.append, "CP1", event, NOW)
    assert await database.read(security_events.count, "CP1") == 1
    assert await database.read(security_events.count, "CP2") == 0
    await database.write(certificate_requests.add, "CP1", SignCertificate(csr="x"), NOW)
    assert await database.read(certificate_requests.count, None) == 1
    assert await database.read(certificate_requests.count, "CP2") == 0
