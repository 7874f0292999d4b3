from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from chargeplane.net import mqtt
from chargeplane.net.mqtt import Broker, Mqtt, Note
from tests.mqtt import HOST, PATIENCE, Mosquitto, listening, mosquitto


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Mosquitto]:
    async with mosquitto(tmp_path) as found:
        yield found


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt, "FIRST_WAIT_S", 0.01)


@asynccontextmanager
async def connected(client: Mqtt) -> AsyncIterator[Mqtt]:
    job = asyncio.create_task(client.run())
    try:
        await asyncio.wait_for(client.connected.wait(), PATIENCE)
        yield client
    finally:
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)


class Kept:
    """A handler that keeps what it is handed."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.news = asyncio.Event()

    def __call__(self, topic: str, payload: bytes) -> None:
        self.heard.append((topic, payload))
        self.news.set()

    async def until(self, count: int) -> list[tuple[str, bytes]]:
        async with asyncio.timeout(PATIENCE):
            while len(self.heard) < count:
                self.news.clear()
                await self.news.wait()
        return self.heard


async def test_what_is_published_is_heard(broker: Mosquitto) -> None:
    async with listening(broker) as listener, connected(Mqtt(broker.address)) as client:
        client.publish("a/b", b"one")
        client.publish("a/b", "two", qos=2)
        assert await listener.hears("a/b", 2) == b"two"


async def test_handlers_are_given_what_is_like_their_pattern(broker: Mosquitto) -> None:
    client, before, later = Mqtt(broker.address), Kept(), Kept()
    client.subscribe("a/+/c", before)
    async with listening(broker, "none") as other, connected(client):
        await other.say("a/b/c", b"1")
        await other.say("a/b/d", b"2")
        await other.say("a/e/c", b"3")
        assert await before.until(2) == [("a/b/c", b"1"), ("a/e/c", b"3")]
        client.subscribe("x/#", later, qos=1)
        client.publish("x/y", b"4")  # goes out after the subscription
        assert await later.until(1) == [("x/y", b"4")]


async def test_a_handler_that_fails_harms_nobody(broker: Mosquitto) -> None:
    def fails(_topic: str, _payload: bytes) -> None:
        raise ValueError("on purpose")

    client, kept = Mqtt(broker.address), Kept()
    client.subscribe("a", fails)
    client.subscribe("a", kept)
    async with connected(client), listening(broker, "none") as other:
        await other.say("a", b"1")
        await other.say("a", b"2")
        assert [payload for _, payload in await kept.until(2)] == [b"1", b"2"]


async def test_birth_and_will(broker: Mosquitto) -> None:
    will = Note("state", "offline", 1, retain=True)
    client = Mqtt(
        broker.address, birth=lambda: [Note("state", "online", 1, retain=True)], will=will
    )
    async with listening(broker) as listener:
        async with connected(client):
            assert await listener.hears("state") == b"online"
        assert await listener.hears("state", 2) == b"offline"


async def test_the_broker_says_the_will_of_a_client_that_is_cut_off(broker: Mosquitto) -> None:
    client = Mqtt(broker.address, will=Note("state", "offline"))
    async with listening(broker) as listener, connected(client):
        twin = Broker(host=HOST, port=broker.port, client_id="twin")
        async with connected(Mqtt(twin, will=Note("twin", "gone"))):
            again = asyncio.create_task(Mqtt(twin).run())  # the broker drops the first
            assert await listener.hears("twin") == b"gone"
            again.cancel()
            await asyncio.gather(again, return_exceptions=True)


async def test_after_a_lost_broker_everything_goes_on(broker: Mosquitto) -> None:
    births: list[int] = []

    def birth() -> list[Note]:
        births.append(1)
        return []

    client, kept = Mqtt(broker.address, birth=birth), Kept()
    client.subscribe("a", kept)
    async with connected(client):
        await broker.stop()
        async with asyncio.timeout(PATIENCE):
            while client.connected.is_set():  # noqa: ASYNC110 set when it is connected
                await asyncio.sleep(0.01)
        client.publish("lost", b"QoS 0")
        client.publish("kept", b"QoS 1", qos=1)
        await broker.start()
        await asyncio.wait_for(client.connected.wait(), PATIENCE)
        async with listening(broker) as other:
            client.publish("end", b"", qos=1)
            await other.say("a", b"again")
            assert await kept.until(1) == [("a", b"again")]
            await other.hears("end")
            assert other.all("lost") == []
    assert len(births) == 2


async def test_what_waits_is_published_once_there_is_a_connection(broker: Mosquitto) -> None:
    client = Mqtt(broker.address)
    for number in range(3):
        client.publish("a", str(number), qos=1)
    async with listening(broker) as listener, connected(client):
        await listener.hears("a", 3)
        assert listener.all("a") == [b"0", b"1", b"2"]


async def test_of_too_many_that_wait_the_oldest_are_dropped(
    broker: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt, "BACKLOG", 2)
    client = Mqtt(broker.address)
    for number in range(5):
        client.publish("a", str(number), qos=1)
    async with listening(broker) as listener, connected(client):
        await listener.hears("a", 2)
        assert listener.all("a") == [b"3", b"4"]


async def test_a_password_is_shown_and_a_wrong_one_is_not_let_in(tmp_path: Path) -> None:
    passwords = tmp_path / "passwords"
    passwords.touch(mode=0o600)
    made = await asyncio.create_subprocess_exec(
        "mosquitto_passwd", "-b", str(passwords), "me", "secret", stderr=-3
    )
    assert await made.wait() == 0
    lines = ("allow_anonymous false", f"password_file {passwords}")
    async with mosquitto(tmp_path, *lines) as broker:
        right = Broker(host=HOST, port=broker.port, user="me", password="secret")
        wrong = Broker(host=HOST, port=broker.port, user="me", password="other")
        refused = asyncio.create_task(Mqtt(wrong).run())
        async with connected(Mqtt(right)):
            assert not refused.done()
        refused.cancel()
        await asyncio.gather(refused, return_exceptions=True)


@pytest.mark.parametrize("topic", ["", "a/+", "#", "a\0b", "x" * 70_000])
def test_nothing_is_published_on_a_pattern(topic: str) -> None:
    with pytest.raises(ValueError, match="nothing can be published"):
        Mqtt(Broker(host=HOST)).publish(topic, b"")
