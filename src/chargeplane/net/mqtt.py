"""A client of an MQTT broker that connects again by itself for as long as it runs."""

from __future__ import annotations

import asyncio
import random
import ssl
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Final

import aiomqtt
import structlog

from chargeplane.config import EverestMqtt
from chargeplane.errors import ConfigurationError
from chargeplane.net.cancelling import heedful

TIMEOUT_S: Final = 10.0  # for anything that is asked of the broker
FIRST_WAIT_S: Final = 1.0  # before the second attempt to connect
DOUBLINGS: Final = 6  # of that wait, at most
LONGEST_TOPIC: Final = 0xFFFF  # bytes
BACKLOG: Final = 1000  # messages that wait, in either direction; of ours the oldest go first

Handler = Callable[[str, bytes], None]
"""Given the topic and the payload; must not wait."""

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """Where the broker is, and who we are there."""

    host: str
    port: int = 1883
    user: str | None = None
    password: str | None = None
    tls: ssl.SSLContext | None = None
    client_id: str | None = None  # None: one at random


@dataclass(frozen=True, slots=True)
class Note:
    """A message to be published."""

    topic: str
    payload: bytes | str
    qos: int = 0
    retain: bool = False


def broker(settings: EverestMqtt) -> Broker:
    """The broker as configured; raises `ConfigurationError` if its authority cannot be read."""
    tls = None
    if settings.tls:
        try:
            tls = ssl.create_default_context(cafile=settings.ca_file)
        except OSError as error:
            raise ConfigurationError(f"everest_mqtt.ca_file: {error}") from None
    return Broker(
        host=settings.host,
        port=settings.port,
        user=settings.username or None,
        password=settings.password.get_secret_value() if settings.password else None,
        tls=tls,
    )


def _nothing() -> Iterable[Note]:
    return ()


class Mqtt:
    """A client; `subscribe` and `publish` may be called whether it is connected or not.

    `birth` makes what is published at each connection, before all that waits. The broker publishes
    `will` when the connection is lost, and so does the client when it is stopped.
    """

    def __init__(
        self,
        broker: Broker,
        *,
        birth: Callable[[], Iterable[Note]] = _nothing,
        will: Note | None = None,
    ) -> None:
        self._broker = broker
        self._birth = birth
        self._will = will
        self._handlers: list[tuple[str, int, Handler]] = []
        self._subscribed = 0  # how many of them, at the broker
        self._waiting: deque[Note] = deque(maxlen=BACKLOG)
        self._wake = asyncio.Event()
        self.connected = asyncio.Event()

    def subscribe(self, pattern: str, handler: Handler, *, qos: int = 0) -> None:
        """Call `handler` with each message whose topic is like `pattern` (with + and #)."""
        self._handlers.append((pattern, qos, handler))
        self._wake.set()

    def publish(
        self, topic: str, payload: bytes | str, *, qos: int = 0, retain: bool = False
    ) -> None:
        """Publish a message; without a connection it waits if its QoS is not 0, else is dropped.

        Raises `ValueError` for a topic that nothing can be published on.
        """
        check_topic(topic)
        if qos or self.connected.is_set():
            self._waiting.append(Note(topic, payload, qos, retain))
            self._wake.set()

    async def run(self) -> None:
        """Keep the connection up until cancelled."""
        failures = 0
        while True:
            try:
                await self._serve()
            except* aiomqtt.MqttError as errors:
                failures = 0 if self.connected.is_set() else failures + 1
                log = logger.debug if failures > 1 else logger.warning
                log("no connection to the broker", reason=str(errors.exceptions[0]))
            finally:
                self.connected.clear()
                self._drop_passing()
            wait_s = FIRST_WAIT_S * 2 ** min(failures, DOUBLINGS)
            await asyncio.sleep(wait_s * random.uniform(0.5, 1))  # noqa: S311 spreads load, no secret

    def _drop_passing(self) -> None:
        kept = [note for note in self._waiting if note.qos]
        self._waiting.clear()
        self._waiting.extend(kept)

    async def _serve(self) -> None:
        async with AsyncExitStack() as stack:
            client = await heedful(stack.enter_async_context(self._client()))
            self._subscribed = 0
            await self._subscribe(client)
            for note in self._birth():
                await _send(client, note)
            self.connected.set()
            logger.info("connected to the broker", host=self._broker.host, port=self._broker.port)
            try:
                async with asyncio.TaskGroup() as jobs:
                    jobs.create_task(self._read(client), name="mqtt.read")
                    jobs.create_task(self._speak(client), name="mqtt.speak")
            finally:
                await self._leave(client)

    def _client(self) -> aiomqtt.Client:
        broker, will = self._broker, self._will
        return aiomqtt.Client(
            broker.host,
            broker.port,
            username=broker.user,
            password=broker.password,
            identifier=broker.client_id,
            tls_context=broker.tls,
            timeout=TIMEOUT_S,
            max_queued_incoming_messages=BACKLOG,
            will=None
            if will is None
            else aiomqtt.Will(will.topic, will.payload, will.qos, will.retain),
        )

    async def _leave(self, client: aiomqtt.Client) -> None:
        """Say farewell, if anybody still listens."""
        if self._will is None:
            return
        try:
            await _send(client, self._will)
        except aiomqtt.MqttError as error:
            logger.debug("no farewell", reason=str(error))

    async def _subscribe(self, client: aiomqtt.Client) -> None:
        while self._subscribed < len(self._handlers):
            pattern, qos, _ = self._handlers[self._subscribed]
            await heedful(client.subscribe(pattern, qos))
            self._subscribed += 1

    async def _read(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            for pattern, _, handler in self._handlers:
                if message.topic.matches(pattern):
                    _hand_over(handler, str(message.topic), message.payload)

    async def _speak(self, client: aiomqtt.Client) -> None:
        """Publish what waits; what was not acknowledged is published again after a lost line."""
        while True:
            self._wake.clear()
            await self._subscribe(client)
            while self._waiting:
                note = self._waiting[0]
                await _send(client, note)
                if self._waiting and self._waiting[0] is note:
                    self._waiting.popleft()
            await self._wake.wait()


async def _send(client: aiomqtt.Client, note: Note) -> None:
    await heedful(client.publish(note.topic, note.payload, note.qos, note.retain))


def _hand_over(handler: Handler, topic: str, payload: bytes) -> None:
    try:
        handler(topic, payload)
    except Exception:
        logger.exception("a message could not be handled", topic=topic)


def check_topic(topic: str) -> None:
    """Raise `ValueError` if nothing can be published on a topic (MQTT 3.1.1 §4.7)."""
    if not topic or set(topic) & {"+", "#", "\0"} or len(topic.encode()) > LONGEST_TOPIC:
        raise ValueError(f"nothing can be published on the topic {topic[:100]!r}")
