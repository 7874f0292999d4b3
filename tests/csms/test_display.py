from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from chargeplane.csms import display
from chargeplane.csms.central import Central
from chargeplane.csms.display import DisplayMessage, GetDisplayMessages
from chargeplane.domain.messages import MessageContent
from chargeplane.errors import Untranslatable
from chargeplane.ocpp.v2 import wire
from tests.csms.conftest import ConnectStation, ScriptedStation
from tests.csms.stored import ID, happened, in_2x, noted

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
HELLO = MessageContent(format="UTF8", content="Hello", language="en")


async def show(
    central: Central, station: ScriptedStation, status: Any = "Accepted", **said: Any
) -> wire.MessageInfo:
    """Have a message shown; what the station was asked to show."""
    station.on(wire.SetDisplayMessage, wire.SetDisplayMessageResponse(status=status))
    wanted = DisplayMessage(**{"priority": "NormalCycle", "message": HELLO, **said})
    answer = await display.set_display_message(central, ID, wanted)
    shown = station.asked[-1].message
    assert (answer.status, answer.id) == (status, shown.id)
    assert shown.message.content == "Hello"
    assert isinstance(shown, wire.MessageInfo)
    return shown


@in_2x
async def test_TC_O_01_CSMS_set(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    shown = await show(central, await connect_station(version), state="Idle")
    assert (shown.priority, shown.state) == ("NormalCycle", "Idle")
    assert shown.id > 0


@in_2x
@pytest.mark.parametrize("state", ["Charging", "Faulted", "Idle", "Unavailable"])
async def test_TC_O_25_CSMS_of_a_state(
    central: Central, connect_station: ConnectStation, version: str, state: str
) -> None:
    shown = await show(central, await connect_station(version), id=7, state=state)
    assert (shown.id, shown.state) == (7, state)


@in_2x
async def test_TC_O_06_CSMS_for_a_transaction(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    shown = await show(central, await connect_station(version), transaction_id="TX1")
    assert shown.transaction_id == "TX1"


@in_2x
async def test_TC_O_10_CSMS_for_an_unknown_transaction(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    await show(central, await connect_station(version), "UnknownTransaction", transaction_id="TX9")


@in_2x
async def test_TC_O_12_CSMS_replaced(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    first = await show(central, station)
    assert (await show(central, station, id=first.id)).id == first.id


@in_2x
async def test_TC_O_13_CSMS_TC_O_14_CSMS_from_and_until(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    assert (await show(central, station, start_date_time=AT)).start_date_time == AT
    assert (await show(central, station, end_date_time=AT)).end_date_time == AT


@in_2x
async def test_TC_O_27_CSMS_TC_O_28_CSMS_from_and_until_of_a_transaction(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    shown = await show(central, station, start_date_time=AT, transaction_id="TX1")
    assert (shown.start_date_time, shown.transaction_id) == (AT, "TX1")
    shown = await show(central, station, end_date_time=AT, transaction_id="TX1")
    assert (shown.end_date_time, shown.transaction_id) == (AT, "TX1")


@in_2x
@pytest.mark.parametrize(
    "status", ["NotSupportedPriority", "NotSupportedState", "NotSupportedMessageFormat"]
)
async def test_TC_O_17_CSMS_TC_O_18_CSMS_TC_O_19_CSMS_not_supported(
    central: Central, connect_station: ConnectStation, version: str, status: str
) -> None:
    await show(central, await connect_station(version), status)


@in_2x
async def test_TC_O_26_CSMS_rejected(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    await show(central, await connect_station(version), "Rejected")


def message(number: int) -> wire.MessageInfo:
    content = wire.MessageContent(format="UTF8", content="Hello")
    return wire.MessageInfo(id=number, priority="InFront", message=content)


async def fetch(
    central: Central, station: ScriptedStation, wanted: GetDisplayMessages
) -> wire.GetDisplayMessages:
    """Ask for two messages that come in two parts; what the station was asked."""

    async def answer(asked: wire.GetDisplayMessages) -> wire.GetDisplayMessagesResponse:
        for number in (1, 2):
            await station.say(
                wire.NotifyDisplayMessages(
                    request_id=asked.request_id, message_info=[message(number)], tbc=number < 2
                )
            )
        return wire.GetDisplayMessagesResponse(status="Accepted")

    station.on(wire.GetDisplayMessages, answer)
    found = await display.get_display_messages(central, ID, wanted)
    assert found == (message(1), message(2))
    assert len(await noted(central, "NotifyDisplayMessages")) == 2
    assert len(await happened(central, "display.messages")) == 2
    (asked,) = station.asked
    assert isinstance(asked, wire.GetDisplayMessages)
    return asked


@in_2x
async def test_TC_O_02_CSMS_all_messages(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    asked = await fetch(central, await connect_station(version), GetDisplayMessages())
    assert (asked.id, asked.priority, asked.state) == (None, None, None)


@in_2x
async def test_TC_O_03_CSMS_no_messages(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(wire.GetDisplayMessages, wire.GetDisplayMessagesResponse(status="Unknown"))
    assert await display.get_display_messages(central, ID, GetDisplayMessages()) == ()


@in_2x
async def test_TC_O_07_CSMS_TC_O_08_CSMS_TC_O_09_CSMS_some_messages(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    wanted = GetDisplayMessages(id=(1, 2), priority="InFront", state="Idle")
    asked = await fetch(central, await connect_station(version), wanted)
    assert (asked.id, asked.priority, asked.state) == ([1, 2], "InFront", "Idle")


@in_2x
async def test_TC_O_11_CSMS_unknown_messages(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(wire.GetDisplayMessages, wire.GetDisplayMessagesResponse(status="Unknown"))
    assert await display.get_display_messages(central, ID, GetDisplayMessages(id=(9,))) == ()


@in_2x
@pytest.mark.parametrize("status", ["Accepted", "Unknown"], ids=["O_04", "O_05"])
async def test_TC_O_04_CSMS_TC_O_05_CSMS_clear(
    central: Central, connect_station: ConnectStation, version: str, status: Any
) -> None:
    _, clear = display.OPERATIONS["clear_display_message"]
    answer = wire.ClearDisplayMessageResponse(status=status)
    station = await connect_station(version)
    station.on(wire.ClearDisplayMessage, answer)
    assert await clear(central, ID, wire.ClearDisplayMessage(id=3)) == answer


@in_2x
async def test_messages_that_nobody_asked_for_are_kept(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    said = wire.NotifyDisplayMessages(request_id=99, tbc=False)
    station = await connect_station(version)
    assert await station.say(said) == wire.NotifyDisplayMessagesResponse()
    (kept,) = await noted(central, "NotifyDisplayMessages")
    assert kept.payload == {"requestId": 99}


async def test_1_6_has_no_display(central: Central, connect_station: ConnectStation) -> None:
    await connect_station("1.6")
    with pytest.raises(Untranslatable):
        await display.get_display_messages(central, ID, GetDisplayMessages())
