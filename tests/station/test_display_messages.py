"""Messages of the central system for drivers: the official test cases of block O."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chargeplane.domain.station import BootNotification, ChangeAvailability, Reset
from chargeplane.domain.tokens import Token
from chargeplane.domain.transactions import TransactionEnded, TransactionStarted
from chargeplane.evse.virtual_display import VirtualDisplay
from chargeplane.ocpp.errors import OcppError
from chargeplane.ocpp.v2 import wire
from chargeplane.station import authorization, events
from chargeplane.storage.documents import Documents
from tests.station.desk import Place, place

TWO = ("2.0.1", "2.1")
TAG = Token("TAG")


@pytest.fixture
def screen() -> VirtualDisplay:
    return VirtualDisplay(languages=("en", "de"))


@asynccontextmanager
async def shown(screen: VirtualDisplay, version: str = "2.0.1", **how: Any) -> AsyncIterator[Place]:
    async with place(version, displays={0: screen}, **how) as there:
        yield there


def message(
    id_: int = 1, text: str = "Hello", language: str | None = None, **members: Any
) -> wire.MessageInfo:
    content = wire.MessageContent(format="UTF8", content=text, language=language)
    usual: dict[str, Any] = {"id": id_, "priority": "NormalCycle", "message": content}
    return wire.MessageInfo(**(usual | members))


async def put(there: Place, *messages: wire.MessageInfo) -> list[str]:
    asked = [wire.SetDisplayMessage(message=each) for each in messages]
    return [str((await there.desk.ask(each)).status) for each in asked]


async def clear(there: Place, id_: int) -> str:
    return str((await there.desk.ask(wire.ClearDisplayMessage(id=id_))).status)


async def report(there: Place, **which: Any) -> list[wire.MessageInfo] | str:
    """The messages that are reported, or why none is."""
    before = len(there.desk.all(wire.NotifyDisplayMessages))
    answer = await there.desk.ask(wire.GetDisplayMessages(request_id=before + 1, **which))
    if answer.status != "Accepted":
        return str(answer.status)
    await there.desk.hears(wire.NotifyDisplayMessages, lambda each: not each.tbc, before + 1)
    parts = there.desk.all(wire.NotifyDisplayMessages)[before:]
    assert {part.request_id for part in parts} == {before + 1}
    return [each for part in parts for each in part.message_info or ()]


async def begin(there: Place) -> str:
    there.hardware().plug_in()
    await authorization.swipe(there.station, TAG)
    return str((await there.desk.hears(TransactionStarted)).transaction_id)


async def stop(there: Place) -> None:
    await authorization.swipe(there.station, TAG)
    await there.desk.hears(TransactionEnded)


def later(there: Place, seconds: float) -> Any:
    return there.station.now() + timedelta(seconds=seconds)


# Messages of the central system


@pytest.mark.parametrize("version", TWO)
async def test_TC_O_01_CS_a_message(version: str, screen: VirtualDisplay) -> None:
    async with shown(screen, version) as there:
        assert await put(there, message()) == ["Accepted"]
        assert screen.lines == ["Hello"]


async def test_TC_O_02_CS_all_messages(screen: VirtualDisplay) -> None:
    """In parts of some (O03.FR.03)."""
    async with shown(screen) as there:
        sent = [message(number, f"M{number}") for number in range(7)]
        await put(there, *sent)
        assert await report(there) == sent
        assert len(there.desk.all(wire.NotifyDisplayMessages)) == 2


async def test_TC_O_03_CS_no_messages(screen: VirtualDisplay) -> None:
    async with shown(screen) as there:
        assert await report(there) == "Unknown"


async def test_TC_O_04_CS_a_message_is_removed(screen: VirtualDisplay) -> None:
    async with shown(screen) as there:
        await put(there, message(1, "One"), message(2, "Two"))
        assert await clear(there, 1) == "Accepted"
        assert screen.lines == ["Two"]
        assert await report(there, id=[1]) == "Unknown"


async def test_TC_O_05_CS_there_is_no_such_message(screen: VirtualDisplay) -> None:
    async with shown(screen) as there:
        await put(there, message(1))
        assert await clear(there, 2) == "Unknown"


@pytest.mark.parametrize("version", TWO)
async def test_TC_O_06_CS_a_message_for_a_transaction(version: str, screen: VirtualDisplay) -> None:
    async with shown(screen, version) as there:
        name = await begin(there)
        assert await put(there, message(transaction_id=name)) == ["Accepted"]
        assert screen.lines == ["Hello"]
        await stop(there)
        await there.until(lambda: not screen.lines)
        assert await report(there) == "Unknown"


async def test_TC_O_07_CS_TC_O_08_CS_TC_O_09_CS_some_messages(screen: VirtualDisplay) -> None:
    async with shown(screen) as there:
        one = message(1, "One", priority="InFront")
        two = message(2, "Two", state="Charging")
        await put(there, one, two)
        assert await report(there, id=[1]) == [one]
        assert await report(there, priority="InFront") == [one]
        assert await report(there, state="Charging") == [two]


@pytest.mark.parametrize(
    ("stored", "which"),
    [
        pytest.param(True, {"id": [9]}, id="TC_O_11_CS"),
        pytest.param(False, {"id": [1]}, id="TC_O_33_CS"),
        pytest.param(True, {"id": [1], "state": "Charging"}, id="TC_O_34_CS"),
        pytest.param(True, {"id": [1], "priority": "AlwaysFront"}, id="TC_O_35_CS"),
    ],
)
async def test_what_is_given_must_all_hold(
    stored: bool,  # noqa: FBT001 a column
    which: dict[str, Any],
    screen: VirtualDisplay,
) -> None:
    """O04.FR.02."""
    async with shown(screen) as there:
        await put(there, *[message(1, priority="InFront", state="Idle")] * stored)
        assert await report(there, **which) == "Unknown"


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        pytest.param({"transaction_id": "X"}, "UnknownTransaction", id="TC_O_10_CS"),
        pytest.param({"priority": "InFront"}, "NotSupportedPriority", id="TC_O_17_CS"),
        pytest.param({"state": "Faulted"}, "NotSupportedState", id="TC_O_18_CS"),
        pytest.param({"format": "HTML"}, "NotSupportedMessageFormat", id="TC_O_19_CS"),
        pytest.param(
            {"display": wire.Component(name="Display", evse=wire.EVSE(id=9))},
            "Rejected",
            id="O01.FR.22",
        ),
    ],
)
async def test_messages_that_cannot_be_shown(
    wrong: dict[str, Any], status: str, screen: VirtualDisplay
) -> None:
    async with shown(screen) as there:
        model = there.station.model
        model.put("DisplayMessageCtrlr/SupportedPriorities", "AlwaysFront,NormalCycle")
        model.put("DisplayMessageCtrlr/SupportedStates", "Charging,Idle")
        members = dict(wrong)
        if "format" in members:
            members["message"] = wire.MessageContent(format=members.pop("format"), content="<p>")
        assert await put(there, message(**members)) == [status]
        assert screen.lines == []


@pytest.mark.parametrize(("version", "status"), [("2.0.1", "Rejected"), ("2.1", None)])
async def test_TC_O_15_CS_languages(
    version: str, status: str | None, screen: VirtualDisplay
) -> None:
    """What the display cannot show is refused, in 2.0.1 with a word that it has (O01.FR.18)."""
    async with shown(screen, version) as there:
        assert await put(there, message(1, "Hallo", "de-AT")) == ["Accepted"]
        assert await put(there, message(2, "Hej", "sv")) == [status or "LanguageNotSupported"]
        assert screen.lines == ["Hallo"]


async def test_TC_O_12_CS_a_message_is_replaced(screen: VirtualDisplay) -> None:
    async with shown(screen) as there:
        assert await put(there, message(1, "One"), message(1, "Two")) == ["Accepted"] * 2
        assert screen.lines == ["Two"]


@pytest.mark.parametrize("of", ["the station", "a charge"])
async def test_TC_O_13_CS_TC_O_27_CS_from_a_time_on(of: str, screen: VirtualDisplay) -> None:
    async with shown(screen) as there:
        name = await begin(there) if of == "a charge" else None
        soon = later(there, 0.1)
        await put(there, message(start_date_time=soon, transaction_id=name))
        assert screen.lines == []
        await there.until(lambda: screen.lines == ["Hello"])


@pytest.mark.parametrize("of", ["the station", "a charge"])
async def test_TC_O_14_CS_TC_O_28_CS_until_a_time(of: str, screen: VirtualDisplay) -> None:
    async with shown(screen) as there:
        name = await begin(there) if of == "a charge" else None
        await put(there, message(end_date_time=later(there, 0.1), transaction_id=name))
        assert screen.lines == ["Hello"]
        await there.until(lambda: screen.lines == [])
        assert await report(there) == "Unknown"


@pytest.mark.parametrize("how", ["reset", "power cut"])
async def test_TC_O_20_CS_messages_stay(how: str, screen: VirtualDisplay, tmp_path: Path) -> None:
    sent = message()
    documents = Documents(tmp_path / "station.db")
    async with shown(screen, documents=documents) as there:
        await put(there, sent)
        if how == "reset":
            await there.desk.ask(Reset(type="Immediate"))
            await there.desk.hears(BootNotification, count=2)
            await there.accepted()
            assert await report(there) == [sent]
    documents.close()
    again = VirtualDisplay()
    documents = Documents(tmp_path / "station.db")
    async with shown(again, documents=documents) as there:
        assert again.lines == ["Hello"]
        assert await report(there) == [sent]
    documents.close()


@pytest.mark.parametrize("of", ["the station", "a charge"])
async def test_TC_O_22_CS_TC_O_30_CS_in_front(of: str, screen: VirtualDisplay) -> None:
    async with shown(screen) as there:
        name = await begin(there) if of == "a charge" else None
        await put(
            there,
            message(1, "Usual"),
            message(2, "One", priority="InFront", transaction_id=name),
            message(3, "Two", priority="InFront", transaction_id=name),
        )
        assert screen.lines == ["One", "Two"]
        await clear(there, 2)
        await clear(there, 3)
        assert screen.lines == ["Usual"]


@pytest.mark.parametrize("of", ["the station", "a charge"])
async def test_TC_O_24_CS_TC_O_32_CS_always_in_front(of: str, screen: VirtualDisplay) -> None:
    """There can be one (O01.FR.16)."""
    async with shown(screen) as there:
        name = await begin(there) if of == "a charge" else None
        await put(
            there,
            message(1, "Front", priority="InFront"),
            message(2, "One", priority="AlwaysFront", transaction_id=name),
            message(3, "Two", priority="AlwaysFront", transaction_id=name),
        )
        assert screen.lines == ["Two"]
        assert await report(there, id=[2]) == "Unknown"
        if of == "a charge":
            await stop(there)
            await there.until(lambda: screen.lines == ["Front"])


@pytest.mark.parametrize(
    ("state", "when"),
    [
        pytest.param("Charging", "charging", id="TC_O_36_CS"),
        pytest.param("Idle", "idle", id="TC_O_37_CS"),
        pytest.param("Unavailable", "out of service", id="TC_O_38_CS"),
        pytest.param("Faulted", "faulted", id="TC_O_39_CS"),
        pytest.param("Suspended", "suspended", id="O01.FR.05"),
    ],
)
async def test_in_some_state(state: Any, when: str, screen: VirtualDisplay) -> None:
    async with shown(screen, "2.1") as there:
        if when == "idle":
            await begin(there)
        await put(there, message(state=state))
        assert screen.lines == []
        if when in ("charging", "suspended"):
            await begin(there)
        if when == "suspended":
            there.hardware().pause()
        if when == "idle":
            await stop(there)
        if when == "out of service":
            await there.desk.ask(ChangeAvailability(operational_status="Inoperative"))
        if when == "faulted":
            events.raise_error(there.station, there.evse(), "GroundFailure")
        await there.until(lambda: screen.lines == ["Hello"])
        # It is kept whether it is shown or not.
        assert len(await report(there)) == 1


async def test_there_is_room_for_so_many(
    screen: VirtualDisplay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """O01.FR.11."""
    async with shown(screen) as there:
        monkeypatch.setattr(type(there.station.model), "maximum", lambda _self, _name: 2.0)
        sent = [message(number) for number in (1, 2, 3)]
        assert await put(there, *sent) == ["Accepted", "Accepted", "Rejected"]
        assert await put(there, message(2, "New")) == ["Accepted"]


async def test_messages_can_be_off(screen: VirtualDisplay) -> None:
    async with shown(screen, values={"DisplayMessageCtrlr/Enabled": "false"}) as there:
        assert await put(there, message()) == ["Rejected"]


async def test_without_a_display_there_are_no_messages() -> None:
    async with place() as there:
        for asked in (
            wire.SetDisplayMessage(message=message()),
            wire.GetDisplayMessages(request_id=1),
            wire.ClearDisplayMessage(id=1),
        ):
            with pytest.raises(OcppError) as refused:
                await there.desk.ask(asked)
            assert refused.value.code == "NotSupported"


async def test_messages_of_a_charge_that_ended_without_power_go(
    screen: VirtualDisplay, tmp_path: Path
) -> None:
    documents = Documents(tmp_path / "station.db")
    async with shown(screen, documents=documents) as there:
        await put(there, message(transaction_id=await begin(there)))
        there.station.transactions.clear()
    documents.close()
    documents = Documents(tmp_path / "station.db")
    async with shown(VirtualDisplay(), documents=documents) as there:
        assert await report(there) == "Unknown"
    documents.close()
