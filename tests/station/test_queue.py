"""What waits to be told: order, retries, bounds, and what survives."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chargeplane.domain.station import Evse, StatusNotification
from chargeplane.domain.transactions import (
    TransactionAnswer,
    TransactionEnded,
    TransactionEvent,
    TransactionStarted,
    TransactionUpdated,
)
from chargeplane.errors import AnswerTimeout, Disconnected, Untranslatable
from chargeplane.ocpp.errors import OcppError
from chargeplane.station.device_model import DeviceModel
from chargeplane.station.queue import Outbox
from chargeplane.storage.documents import Documents

NOW = datetime(2026, 1, 1, tzinfo=UTC)
STATUS = StatusNotification(evse=Evse(1, 1), connector_status="Available")


class Line:
    """The other end: notes what is asked and does as it is told."""

    def __init__(self) -> None:
        self.heard: list[Any] = []
        self.fail: Callable[[Any], Exception | None] = lambda _request: None
        self.now = NOW

    async def ask(self, request: Any) -> Any:
        self.heard.append(request)
        await asyncio.sleep(0)
        error = self.fail(request)
        if error is not None:
            raise error
        return TransactionAnswer()


def event(kind: type[TransactionEvent], seq_no: int, name: str = "tx") -> TransactionEvent:
    return kind(timestamp=NOW, transaction_id=name, trigger_reason="Trigger", seq_no=seq_no)


def outbox(line: Line, documents: Documents | None = None, **settings: Any) -> Outbox:
    documents = documents or Documents()
    model = DeviceModel((1,), {})
    for name, value in settings.pop("values", {}).items():
        model.put(name, value)
    box = Outbox(documents, model, line.ask, now=lambda: line.now, **settings)
    box.is_online = True
    return box


async def test_everything_is_told_in_order() -> None:
    line = Line()
    box = outbox(line)
    said = [event(TransactionStarted, 0), STATUS, event(TransactionUpdated, 1), STATUS]
    for each in said:
        box.put(each)
    await box.deliver_ready()
    assert line.heard == said
    assert len(box) == 0


async def test_what_must_not_be_lost_survives_the_process(tmp_path: Path) -> None:
    file = tmp_path / "queue.db"
    box = outbox(Line(), Documents(file))
    said = [event(TransactionStarted, 0), event(TransactionUpdated, 1), event(TransactionEnded, 2)]
    for each in [said[0], STATUS, *said[1:]]:
        box.put(each)
    line = Line()
    again = outbox(line, Documents(file))
    assert again.events("tx") == said
    await again.deliver_ready()
    assert line.heard == said
    assert len(outbox(Line(), Documents(file))) == 0


async def test_a_lost_connection_costs_no_attempt() -> None:
    line = Line()
    line.fail = lambda _request: Disconnected("gone")
    box = outbox(line, values={"OCPPCommCtrlr/MessageAttempts[TransactionEvent]": "1"})
    box.put(event(TransactionStarted, 0))
    for _ in range(3):
        with pytest.raises(Disconnected):
            await box.deliver_ready()
    line.fail = lambda _request: None
    await box.deliver_ready()
    assert len(line.heard) == 4
    assert len(box) == 0


@pytest.mark.parametrize("error", [OcppError("InternalError", "no"), AnswerTimeout("slow")])
async def test_TC_E_41_CS_TC_E_50_CS_a_refused_event_is_given_up_after_its_attempts(
    error: Exception,
) -> None:
    line = Line()
    line.fail = lambda request: error if request.seq_no == 0 else None
    values = {
        "OCPPCommCtrlr/MessageAttempts[TransactionEvent]": "3",
        "OCPPCommCtrlr/MessageAttemptInterval[TransactionEvent]": "10",
    }
    box = outbox(line, values=values)
    box.put(event(TransactionStarted, 0))
    box.put(event(TransactionUpdated, 1))
    waits = []
    for attempt in range(1, 4):
        waits.append(await box.deliver_ready())
        assert [each.seq_no for each in line.heard[:3]] == [0] * min(3, attempt)
        line.now += timedelta(seconds=10 * attempt)
    assert waits == [10, 20, None]
    assert [each.seq_no for each in line.heard] == [0, 0, 0, 1]


async def test_TC_E_42_CS_TC_E_51_CS_a_retry_that_succeeds_keeps_the_order() -> None:
    line = Line()
    failures = [OcppError("GenericError", "no"), None, None]
    line.fail = lambda _request: failures.pop(0)
    box = outbox(line, values={"OCPPCommCtrlr/MessageAttemptInterval[TransactionEvent]": "10"})
    box.put(event(TransactionStarted, 0))
    box.put(event(TransactionEnded, 1))
    await box.deliver_ready()
    assert len(line.heard) == 1
    line.now += timedelta(seconds=10)
    await box.deliver_ready()
    assert [each.seq_no for each in line.heard] == [0, 0, 1]


async def test_others_go_on_while_an_event_waits() -> None:
    line = Line()
    refuse: Any = lambda r: None if r is STATUS else OcppError("GenericError", "no")  # noqa: E731
    line.fail = refuse
    box = outbox(line, values={"OCPPCommCtrlr/MessageAttemptInterval[TransactionEvent]": "10"})
    box.put(event(TransactionStarted, 0))
    await box.deliver_ready()
    box.put(STATUS)
    await box.deliver_ready()
    assert line.heard[-1] is STATUS


async def test_what_cannot_be_said_is_passed_over() -> None:
    line = Line()
    line.fail = lambda request: Untranslatable("no word") if request is STATUS else None
    box = outbox(line)
    box.put(STATUS)
    box.put(event(TransactionStarted, 0))
    await box.deliver_ready()
    assert len(box) == 0


def test_without_a_connection_the_rest_is_dropped_unless_it_is_to_wait() -> None:
    box = outbox(Line())
    box.is_online = False
    box.put(STATUS)
    assert len(box) == 0
    box._model.put("OCPPCommCtrlr/QueueAllMessages", "true")
    box.put(STATUS)
    assert len(box) == 1
    assert box.drop_passing() == []
    box._model.put("OCPPCommCtrlr/MessageTypesDiscardForQueueing", "StatusNotification")
    box.put(STATUS)
    assert len(box) == 1
    box._model.put("OCPPCommCtrlr/QueueAllMessages", "false")
    assert box.drop_passing() == [STATUS]


async def test_the_name_of_a_transaction_is_put_in_when_it_is_sent() -> None:
    line = Line()
    names: dict[str, str] = {}
    box = outbox(
        line,
        name=lambda own: names.get(own, own),
        answered=lambda request, _answer: names.setdefault(request.transaction_id, "77"),
    )
    box.put(event(TransactionStarted, 0))
    box.put(event(TransactionEnded, 1))
    await box.deliver_ready()
    assert [each.transaction_id for each in line.heard] == ["tx", "77"]


def test_a_full_queue_drops_what_is_worth_least(tmp_path: Path) -> None:
    file = tmp_path / "queue.db"
    values = {"InternalCtrlr/MessageQueueSizeThreshold": "20"}
    box = outbox(Line(), Documents(file), values=values)
    box.put(event(TransactionStarted, 0))
    for _ in range(5):
        box.put(STATUS)
    for number in range(1, 40):
        box.put(event(TransactionUpdated, number))
    box.put(event(TransactionEnded, 40))
    kept = box.events("tx")
    assert len(box) <= 21
    assert (kept[0].seq_no, kept[-1].seq_no) == (0, 40)
    assert kept == outbox(Line(), Documents(file), values=values).events("tx")
    numbers = [each.seq_no for each in kept]
    assert numbers == sorted(numbers)  # type: ignore[type-var]


def test_a_closed_queue_takes_nothing() -> None:
    box = outbox(Line())
    box.is_open = False
    box.put(event(TransactionStarted, 0))
    assert len(box) == 0
