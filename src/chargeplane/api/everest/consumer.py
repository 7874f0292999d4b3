"""EVerest's public MQTT interface, `everest_api/1/ocpp_consumer/<id>`, with a station behind it.

Commands come on `m2e/...`, variables go out on `e2m/...`, both as bare JSON; a command that has an
answer comes in an envelope that says where the answer goes. EVerest describes it by an AsyncAPI
document. `stop`, `restart` and `ocpp_transaction_event_response` are ours: EVerest leaves them out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, fields
from functools import partial
from typing import Any, Final

import msgspec
import structlog

from chargeplane.api.everest.exchange import Replies, tolerant
from chargeplane.api.everest.liveliness import CommunicationCheck
from chargeplane.net.mqtt import Handler, Mqtt, Note
from chargeplane.station.everest.interface import Everest
from chargeplane.station.everest.values import (
    ChangeAvailabilityRequest,
    ComponentVariable,
    DataTransferRequest,
    DataTransferResponse,
    GetVariableRequest,
    SecurityEvent,
    SetVariableRequest,
)

TYPE: Final = "ocpp_consumer"
VERSION: Final = 1
ROOT: Final = "everest_api"
QOS: Final = 2  # as EVerest has it
COUNTERS: Final = 1 << 64  # heartbeats count on from 0 after so many

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Conventions:
    """What a consumer and its clients agree on; 0 switches a check off."""

    id: str = "ocpp"
    prefix: str = ""  # of all topics
    heartbeat_interval_ms: int = 1000
    communication_check_s: int = 5
    request_reply_s: float = 550

    @property
    def base(self) -> str:
        """Where its topics are."""
        return f"{ROOT}/{VERSION}/{TYPE}/{self.id}"

    def described(self) -> dict[str, Any]:
        """The answer to a discovery."""
        monitoring = {
            "communication_check_period_s": self.communication_check_s,
            "heartbeat_period_ms": self.heartbeat_interval_ms,
            "request_reply_timeout_s": round(self.request_reply_s),
        }
        api = {
            "type": TYPE,
            "module_id": self.id,
            "version": VERSION,
            "communication_monitoring": monitoring,
        }
        return {"apis": [api]}


class Headers(msgspec.Struct, frozen=True, rename="camel"):
    """Where an answer goes."""

    reply_to: str | None = None


class Envelope(msgspec.Struct):
    """A request that may be answered."""

    headers: Headers = Headers()
    payload: msgspec.Raw = msgspec.Raw(b"null")


class GetVariableRequestList(msgspec.Struct):
    """What `get_variables` is given."""

    items: tuple[GetVariableRequest, ...]


class SetVariableRequestList(msgspec.Struct):
    """The part of what `set_variables` is given."""

    items: tuple[SetVariableRequest, ...]


class SetVariablesArgs(msgspec.Struct):
    """What `set_variables` is given."""

    variables: SetVariableRequestList
    source: str


class MonitorVariableRequestList(msgspec.Struct):
    """What `monitor_variables` is given."""

    items: tuple[ComponentVariable, ...]


class Consumer:
    """The interface of one station at one broker; `run` keeps its heartbeat up."""

    def __init__(self, everest: Everest, mqtt: Mqtt, conventions: Conventions) -> None:
        self._everest = everest
        self._mqtt = mqtt
        self._conventions = conventions
        self._replies = Replies[bytes]()
        self.check = CommunicationCheck(conventions.communication_check_s)
        self._subscribe()
        for each in fields(everest.variables):
            signal = getattr(everest.variables, each.name)
            signal.listen(partial(self._publish, f"{conventions.base}/e2m/{each.name}"))
        everest.answer_data_transfers(self._transfer_in)

    def birth(self) -> Iterator[Note]:
        """What is said at each connection to the broker."""
        yield Note(f"{self._conventions.prefix}{ROOT}/ready_beacon", b"{}", QOS)

    async def run(self) -> None:
        """Count heartbeats, and wait for signs of clients, until cancelled."""
        self.check.start()
        interval_s = self._conventions.heartbeat_interval_ms / 1000
        count = 0
        try:
            while True:
                if not interval_s:
                    await asyncio.Event().wait()
                topic = f"{self._conventions.prefix}{self._conventions.base}/e2m/heartbeat"
                self._mqtt.publish(topic, str(count))
                count = (count + 1) % COUNTERS
                await asyncio.sleep(interval_s)
        finally:
            self.check.stop()

    # Topics

    def _subscribe(self) -> None:
        base = self._conventions.base
        self._listen(f"{ROOT}/discover", self._discover)
        self._listen(f"{ROOT}/query-modules/{TYPE}", self._discover)
        for name, request in REQUESTS.items():
            self._listen(f"{base}/m2e/{name}", partial(self._request, request))
        for name, order in ORDERS.items():
            self._listen(f"{base}/m2e/{name}", partial(self._order, order))
        for each in fields(self._everest.variables):
            self._listen(f"{base}/m2e/{each.name}/get", partial(self._latest, each.name))
        self._listen(f"{base}/m2e/communication_check", self._on_check)
        self._listen(f"{base}/m2e/reply/+", self._on_reply)

    def _listen(self, pattern: str, handler: Handler) -> None:
        self._mqtt.subscribe(self._conventions.prefix + pattern, tolerant(handler), qos=QOS)

    def _publish(self, topic: str, value: Any) -> None:
        """Publish a value; raises `ValueError` for a topic that cannot be published on."""
        self._mqtt.publish(self._conventions.prefix + topic, msgspec.json.encode(value), qos=QOS)

    # What comes in

    def _discover(self, _topic: str, payload: bytes) -> None:
        reply_to = msgspec.json.decode(payload, type=Envelope).headers.reply_to
        if reply_to:
            self._publish(reply_to, self._conventions.described())

    def _latest(self, name: str, _topic: str, payload: bytes) -> None:
        reply_to = msgspec.json.decode(payload, type=Envelope).headers.reply_to
        if reply_to:
            self._publish(reply_to, getattr(self._everest.variables, name).latest)

    def _request(self, request: Request, topic: str, payload: bytes) -> None:
        envelope = msgspec.json.decode(payload, type=Envelope)
        kind, work = request
        said = None if kind is None else msgspec.json.decode(envelope.payload, type=kind)
        self._spawn(topic, self._answer(work(self._everest, said), envelope.headers.reply_to))

    async def _answer(self, work: Awaitable[Any], reply_to: str | None) -> None:
        answer = await work
        if reply_to:
            try:
                self._publish(reply_to, answer)
            except ValueError as error:
                logger.warning("no answer can be sent", reason=str(error))

    def _order(self, order: Request, topic: str, payload: bytes) -> None:
        kind, work = order
        self._spawn(topic, _done(work(self._everest, msgspec.json.decode(payload, type=kind))))

    def _spawn(self, topic: str, work: Any) -> None:
        self._everest.station.spawn(work, topic)

    def _on_check(self, _topic: str, payload: bytes) -> None:
        self.check.heard(goes_on=msgspec.json.decode(payload, type=bool))

    # Data transfer from the central system

    async def _transfer_in(self, request: DataTransferRequest) -> DataTransferResponse:
        """Ask the clients; if none answers in time there is none."""
        base = self._conventions.base

        def send(number: str) -> None:
            headers = {"replyTo": f"{base}/m2e/reply/{number}"}
            message = {"headers": headers, "payload": request}
            self._publish(f"{base}/e2m/data_transfer_incoming", message)

        try:
            reply = await self._replies.to(send, self._conventions.request_reply_s)
            return msgspec.json.decode(reply, type=DataTransferResponse)
        except TimeoutError:
            return DataTransferResponse(status="Offline")
        except msgspec.MsgspecError as error:
            logger.warning("reply not understood", reason=str(error))
            return DataTransferResponse(status="Rejected")

    def _on_reply(self, topic: str, payload: bytes) -> None:
        self._replies.take(topic.rpartition("/")[2], payload)


async def _done(work: Awaitable[Any]) -> None:
    await work


Request = tuple[Any, Callable[[Everest, Any], Awaitable[Any]]]


async def _get(everest: Everest, asked: GetVariableRequestList) -> dict[str, Any]:
    return {"items": await everest.get_variables(asked.items)}


async def _set(everest: Everest, asked: SetVariablesArgs) -> dict[str, Any]:
    return {"items": await everest.set_variables(asked.variables.items, asked.source)}


REQUESTS: Final[dict[str, Request]] = {
    "get_variables": (GetVariableRequestList, _get),
    "set_variables": (SetVariablesArgs, _set),
    "change_availability": (ChangeAvailabilityRequest, Everest.change_availability),
    "data_transfer_outgoing": (DataTransferRequest, Everest.data_transfer),
    "stop": (None, lambda everest, _none: everest.stop()),
    "restart": (None, lambda everest, _none: everest.restart()),
}
"""Commands with an answer: what they are given in their envelope, and what is done."""

ORDERS: Final[dict[str, Request]] = {
    "monitor_variables": (
        MonitorVariableRequestList,
        lambda everest, asked: everest.monitor_variables(asked.items),
    ),
    "security_event": (SecurityEvent, Everest.security_event),
}
"""Commands without one: what they are given, and what is done."""
