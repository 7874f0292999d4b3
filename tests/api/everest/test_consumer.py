"""EVerest's public interface, by its own document, with a real broker."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from chargeplane.domain.certificates import SecurityEventNotification
from chargeplane.domain.messages import MessageContent
from chargeplane.domain.station import DataTransfer, DataTransferAnswer
from chargeplane.domain.transactions import TransactionAnswer, TransactionStarted
from tests.api.everest.document import channels, check, document, example
from tests.api.everest.talk import BASE, REPLY, Client, client
from tests.station.desk import VERSIONS, Desk

OURS = {
    "m2e/stop",
    "m2e/restart",
    "e2m/ocpp_transaction_event_response",
    "m2e/ocpp_transaction_event_response/get",
}
COMMANDS = (
    "get_variables",
    "set_variables",
    "change_availability",
    "data_transfer_outgoing",
)
HEARTBEAT = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}
ON: dict[str, Any] = {"api": True, "heartbeat_interval_ms": 0, "communication_check_s": 0}


def variables() -> list[str]:
    """The variables of the document, by the topics on which the latest can be asked for."""
    ends = [(address or "").split("/") for address in channels().values()]
    return sorted(end[1] for end in ends if end[0] == "m2e" and end[-1] == "get")


# Every topic of the document


@pytest.mark.parametrize("command", COMMANDS)
async def test_the_examples_of_commands_are_answered(tmp_path: Path, command: str) -> None:
    payload = example(f"send_request_{command}")
    async with client(tmp_path, **ON) as there:
        answer = await there.ask(f"{BASE}/m2e/{command}", payload)
        check(f"receive_reply_{command}", answer)


@pytest.mark.parametrize("order", ["monitor_variables", "security_event"])
async def test_the_examples_of_commands_without_an_answer_are_taken(
    tmp_path: Path, order: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with client(tmp_path, **ON) as there:
        await there.say(f"{BASE}/m2e/{order}", example(f"send_request_{order}"))
        await there.ask(f"{BASE}/m2e/is_connected/get")
        assert "not understood" not in caplog.text


@pytest.mark.parametrize("name", variables())
async def test_the_latest_value_of_each_variable_is_told(tmp_path: Path, name: str) -> None:
    async with client(tmp_path, messages=True, **ON) as there:
        if name in UNSEEN:
            assert await there.ask(f"{BASE}/m2e/{name}/get") is None
            await UNSEEN[name](there)
        value = await there.hears(f"{BASE}/e2m/{name}")
        check(f"receive_{name}", value)
        latest = await there.ask(f"{BASE}/m2e/{name}/get")
        check(f"receive_reply_get_{name}", latest)
        assert latest in there.all(f"{BASE}/e2m/{name}")


async def _write(there: Client) -> None:
    await there.say(f"{BASE}/m2e/monitor_variables", {"items": [HEARTBEAT]})
    item = {"component_variable": HEARTBEAT, "value": "20"}
    payload = {"variables": {"items": [item]}, "source": "web"}
    answer = await there.ask(f"{BASE}/m2e/set_variables", payload)
    assert answer["items"][0]["status"] == "Accepted"


UNSEEN: dict[str, Any] = {"event_data": _write, "ocpp_transaction_event": Client.charge}
"""What makes a value of the variables that have none when a station has connected."""


async def test_every_topic_of_the_document_is_served(tmp_path: Path) -> None:
    document()
    wanted = {address for address in channels().values() if address is not None}
    async with client(tmp_path, messages=True, **(ON | {"heartbeat_interval_ms": 50})) as there:
        mqtt = there.mqtt
        listens = {pattern.removeprefix(f"{BASE}/") for pattern, *_ in mqtt._handlers}
        await _write(there)
        await there.charge()
        asking = asyncio.create_task(there.there.desk.ask(DataTransfer(vendor_id="v")))
        for address in sorted(wanted | OURS):
            if address.startswith("e2m/"):
                await there.hears(f"{BASE}/{address}")
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        speaks = {
            topic.removeprefix(f"{BASE}/")
            for topic, _ in there.listener.heard
            if topic.startswith(f"{BASE}/e2m/")
        }
    served = {each for each in listens if each.startswith("m2e/")} | speaks
    assert served - {"m2e/reply/+"} == wanted | OURS


# What the document does not say


async def test_stop_and_restart(tmp_path: Path) -> None:
    async with client(tmp_path, **ON) as there:
        topic = f"{BASE}/m2e"
        assert await there.ask(f"{topic}/restart") is False
        assert await there.ask(f"{topic}/stop") is True
        assert await there.ask(f"{topic}/stop", {}) is False
        assert await there.hears(f"{BASE}/e2m/is_connected", 2) is False
        assert await there.ask(f"{topic}/restart") is True
        assert await there.hears(f"{BASE}/e2m/is_connected", 3) is True


async def test_answers_to_events_of_transactions(tmp_path: Path) -> None:
    desk = Desk("2.1")
    message = MessageContent(format="UTF8", content="Welcome", language="en")
    desk.answers[TransactionStarted] = TransactionAnswer(
        total_cost=1.5, charging_priority=2, updated_personal_message=message
    )
    async with client(tmp_path, desk=desk, **ON) as there:
        await there.charge()
        name = "ocpp_transaction_event_response"
        found = await there.hears(f"{BASE}/e2m/{name}")
        original = found.pop("original_transaction_event")
        check("receive_ocpp_transaction_event", original)
        assert original["transaction_event"] == "Started"
        assert found == {
            "total_cost": 1.5,
            "charging_priority": 2,
            "personal_message": {"format": "UTF8", "content": "Welcome", "language": "en"},
        }
        assert await there.ask(f"{BASE}/m2e/{name}/get") in there.all(f"{BASE}/e2m/{name}")


@pytest.mark.parametrize("version", VERSIONS)
async def test_variables_are_read_and_written(tmp_path: Path, version: str) -> None:
    async with client(tmp_path, version, **ON) as there:
        await _write(there)
        event = await there.hears(f"{BASE}/e2m/event_data")
        assert (event["component_variable"], event["actual_value"]) == (HEARTBEAT, "20")
        asked = {"items": [{"component_variable": HEARTBEAT, "attribute_type": "Actual"}]}
        assert await there.ask(f"{BASE}/m2e/get_variables", asked) == {
            "items": [
                {
                    "status": "Accepted",
                    "component_variable": HEARTBEAT,
                    "attribute_type": "Actual",
                    "value": "20",
                }
            ]
        }


async def test_a_command_without_an_address_is_carried_out(tmp_path: Path) -> None:
    async with client(tmp_path, **ON) as there:
        payload = {"operational_status": "Inoperative"}
        await there.say(f"{BASE}/m2e/change_availability", {"payload": payload})
        await there.there.until(lambda: not there.there.evse().is_operative)


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        ("get_variables", b"{"),
        ("get_variables", b"\xff"),
        ("get_variables", b'{"headers":{"replyTo":"replies/1"}}'),
        ("get_variables", b'{"headers":{"replyTo":"replies/1"},"payload":{"items":[{}]}}'),
        ("get_variables", b'{"headers":{"replyTo":"a/#"},"payload":{"items":[]}}'),
        ("set_variables", b'{"headers":{"replyTo":"replies/1"},"payload":{"source":"x"}}'),
        ("change_availability", b'{"payload":{"operational_status":"Operative","evse":{"id":0}}}'),
        ("monitor_variables", b"[]"),
        ("security_event", b"7"),
        ("communication_check", b'"yes"'),
        ("is_connected/get", b'{"headers":[]}'),
        ("is_connected/get", b'{"headers":{"replyTo":"+"}}'),
        ("reply/nobody", b"{}"),
    ],
)
async def test_what_is_not_understood_is_not_answered(
    tmp_path: Path, topic: str, payload: bytes
) -> None:
    async with client(tmp_path, **ON) as there:
        await there.listener.say(f"{BASE}/m2e/{topic}", payload)
        assert await there.ask(f"{BASE}/m2e/is_connected/get") is True  # all goes on
        assert there.all("replies/1") == []


# Discovery and signs of life


@pytest.mark.parametrize("topic", ["discover", "query-modules/ocpp_consumer"])
async def test_the_interface_can_be_discovered(tmp_path: Path, topic: str) -> None:
    async with client(tmp_path, api=True, id="mine") as there:
        assert await there.ask(f"everest_api/{topic}") == {
            "apis": [
                {
                    "type": "ocpp_consumer",
                    "module_id": "mine",
                    "version": 1,
                    "communication_monitoring": {
                        "communication_check_period_s": 5,
                        "heartbeat_period_ms": 1000,
                        "request_reply_timeout_s": 550,
                    },
                }
            ]
        }
        assert await there.ask("everest_api/1/ocpp_consumer/mine/m2e/is_connected/get") is True
        assert await there.hears("everest_api/ready_beacon") == {}


async def test_heartbeats_count_on(tmp_path: Path) -> None:
    async with client(tmp_path, **(ON | {"heartbeat_interval_ms": 10})) as there:
        assert await there.hears(f"{BASE}/e2m/heartbeat", 3) >= 2
        counts = there.all(f"{BASE}/e2m/heartbeat")
        assert counts == list(range(counts[0], counts[0] + len(counts)))
        check("receive_heartbeat", counts[0])


async def test_topics_can_have_a_prefix(tmp_path: Path) -> None:
    async with client(tmp_path, api_prefix="site7/", **ON) as there:
        envelope = {"headers": {"replyTo": REPLY}}
        await there.say(f"site7/{BASE}/m2e/is_connected/get", envelope)
        assert await there.hears(f"site7/{REPLY}") is True


# Data transfer


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_vendors_message_goes_out(tmp_path: Path, version: str) -> None:
    desk = Desk(version)
    desk.answers[DataTransfer] = DataTransferAnswer(status="Accepted", data="fine")
    async with client(tmp_path, version, desk=desk, **ON) as there:
        asked = {"vendor_id": "v", "message_id": "m", "data": "text"}
        answer = await there.ask(f"{BASE}/m2e/data_transfer_outgoing", asked)
        assert answer == {"status": "Accepted", "data": "fine"}
        sent = await desk.hears(DataTransfer)
        assert (sent.vendor_id, sent.message_id, sent.data) == ("v", "m", "text")


async def test_a_vendors_message_comes_in(tmp_path: Path) -> None:
    async with client(tmp_path, **ON) as there:
        request = DataTransfer(vendor_id="v", message_id="m", data="text")
        asking = asyncio.create_task(there.there.desk.ask(request))
        asked = await there.hears(f"{BASE}/e2m/data_transfer_incoming")
        check("receive_request_data_transfer_incoming", asked)
        assert asked["payload"] == {"vendor_id": "v", "message_id": "m", "data": "text"}
        reply = example("send_reply_data_transfer_incoming")
        assert asked["headers"]["replyTo"].startswith(f"{BASE}/m2e/reply/")
        await there.say(asked["headers"]["replyTo"], reply)
        answer = await asking
        assert (answer.status, answer.data) == ("Accepted", "string")


@pytest.mark.parametrize(
    ("reply", "status"), [(None, "UnknownVendorId"), ({"status": "Perhaps"}, "Rejected")]
)
async def test_a_message_that_no_client_answers(tmp_path: Path, reply: Any, status: str) -> None:
    async with client(tmp_path, request_reply_s=0.2 if reply is None else 9, **ON) as there:
        asking = asyncio.create_task(there.there.desk.ask(DataTransfer(vendor_id="v")))
        asked = await there.hears(f"{BASE}/e2m/data_transfer_incoming")
        if reply is not None:
            await there.say(asked["headers"]["replyTo"], reply)
        assert (await asking).status == status


async def test_a_lost_broker_comes_back(tmp_path: Path) -> None:
    async with client(tmp_path, **ON) as there:
        await there.broker.stop()
        await there.there.until(lambda: not there.mqtt.connected.is_set())
        await there.there.desk.hang_up()
        await there.broker.start()
        await there.there.until(there.mqtt.connected.is_set)
        async with there.again() as back:
            assert await back.ask(f"{BASE}/m2e/is_connected/get") is True


async def test_security_events_of_clients_reach_the_central_system(tmp_path: Path) -> None:
    async with client(tmp_path, **ON) as there:
        there.there.desk.forget()
        event = {"type": "TamperDetectionActivated", "info": "the lid"}
        await there.say(f"{BASE}/m2e/security_event", event)
        told = await there.there.desk.hears(SecurityEventNotification)
        assert (told.type, told.tech_info) == ("TamperDetectionActivated", "the lid")
