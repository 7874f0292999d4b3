"""A station in the place of EVerest's OCPP module: commands and variables over the internal bus."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator
from dataclasses import dataclass, fields
from functools import partial
from typing import Any, Final
from uuid import uuid4

import msgspec
import structlog

from chargeplane.api.everest.commands import DATA_TRANSFER, KEYS, OCPP, Commands
from chargeplane.api.everest.exchange import Replies, tolerant
from chargeplane.api.everest.layouts import LAYOUTS, Call, Layout, Result, Said
from chargeplane.api.everest.liveliness import FAULT
from chargeplane.errors import ChargeplaneError
from chargeplane.net.mqtt import Mqtt, Note
from chargeplane.station.everest.interface import Everest
from chargeplane.station.everest.keys import ChargePoint
from chargeplane.station.everest.values import (
    DataTransferRequest,
    DataTransferResponse,
)

QOS: Final = 2
PATIENCE_S: Final = 300.0  # for the answer of another module, as EVerest has it

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """Which module the station is, and who answers vendors' messages of the central system."""

    layout: str = "new"
    prefix: str = "everest"
    module: str = "ocpp"
    implementation: str = "ocpp_generic"
    transfer_implementation: str = "data_transfer"
    key_implementation: str = "main"  # of the older interface; "" does not offer it
    answering: str = ""  # `module/implementation`; "" is nobody

    def base(self, module: str, implementation: str) -> str:
        """The topic of an implementation."""
        return f"{self.prefix}/modules/{module}/impl/{implementation}"


class Bus:
    """One station on the bus."""

    def __init__(self, everest: Everest, mqtt: Mqtt, seat: Seat) -> None:
        self._everest = everest
        self._mqtt = mqtt
        self._seat = seat
        self._layout: Layout = LAYOUTS[seat.layout]
        self._results = Replies[Result]()
        self._fault_id = ""
        base = seat.base(seat.module, seat.implementation)
        self._offer(base, OCPP, everest)
        self._offer(seat.base(seat.module, seat.transfer_implementation), DATA_TRANSFER, everest)
        for each in fields(everest.variables):
            getattr(everest.variables, each.name).listen(partial(self._tell, base, each.name))
        if seat.key_implementation:
            self._offer_keys(seat.base(seat.module, seat.key_implementation))
        if seat.answering:
            self._answering = seat.base(*seat.answering.split("/", 1))
            self._follow_answers()
            everest.answer_data_transfers(self._transfer_in)

    def birth(self) -> Iterator[Note]:
        """What is said at each connection to the broker."""
        topic, said = self._layout.ready(f"{self._seat.prefix}/modules/{self._seat.module}")
        yield Note(topic, msgspec.json.encode(said), QOS)

    # Commands

    def _offer(self, base: str, commands: Commands, behind: Any) -> None:
        def hear(topic: str, payload: bytes) -> None:
            call = self._layout.read_call(base, topic, payload)
            if call is not None:
                self._take(call, commands, behind)

        self._mqtt.subscribe(self._layout.calls_to(base), tolerant(hear), qos=QOS)

    def _offer_keys(self, base: str) -> None:
        point = ChargePoint(self._everest)
        self._offer(base, KEYS, point)
        variables = self._everest.variables
        variables.is_connected.listen(partial(self._tell, base, "is_connected"))
        variables.security_event.listen(partial(self._tell, base, "security_event"))
        point.configuration_key.listen(partial(self._tell, base, "configuration_key"))

    def _take(self, call: Call, commands: Commands, behind: Any) -> None:
        if call.name not in commands:
            logger.warning("unknown command", name=call.name, origin=call.origin)
            return
        kind, work = commands[call.name]
        try:
            arguments = msgspec.convert(call.args, kind)
        except msgspec.ValidationError as error:
            logger.warning("command not understood", name=call.name, reason=str(error))
            failure = self._layout.failure(
                call, "SchemaValidationError", str(error), self._seat.module
            )
            self._say(failure)
            return
        self._everest.station.spawn(self._do(call, work(behind, arguments)), call.name)

    async def _do(self, call: Call, work: Awaitable[Any]) -> None:
        try:
            value = await work
        except ChargeplaneError as error:
            logger.warning("command failed", name=call.name, reason=str(error))
            said = self._layout.failure(call, "HandlerException", str(error), self._seat.module)
        else:
            said = self._layout.result(call, value, self._seat.module)
        self._say(said)

    # Variables and errors

    def _tell(self, base: str, name: str, value: Any) -> None:
        self._say(self._layout.variable(base, name, value))

    def tell_fault(self, module: str, has_fault: bool) -> None:  # noqa: FBT001 as `on_change` calls it
        """Raise or clear the fault that no client of the public interface `module` is alive."""
        if has_fault:
            self._fault_id = str(uuid4())
        error = {
            "type": FAULT,
            "sub_type": "",
            "message": "Send communication_check to clear the error",
            "description": "",
            "severity": "High",
            "origin": {"module_id": module, "implementation_id": "generic_error"},
            "state": "Active" if has_fault else "ClearedByModule",
            "timestamp": self._everest.station.now(),
            "uuid": self._fault_id,
            "vendor_id": "EVerest",
        }
        base = self._seat.base(module, "generic_error")
        self._say(self._layout.error(base, error, is_active=has_fault))

    def _say(self, said: Said | None) -> None:
        if said is None:
            return
        topic, message = said
        try:
            self._mqtt.publish(topic, msgspec.json.encode(message), qos=QOS)
        except ValueError as error:  # of the name that a module gives to itself
            logger.warning("not published", reason=str(error))

    # Data transfer from the central system

    def _follow_answers(self) -> None:
        def hear(_topic: str, payload: bytes) -> None:
            result = self._layout.read_result(payload)
            if result is not None:
                self._results.take(result.id, result)

        topic = self._layout.results_of(self._answering, "data_transfer", self._seat.module)
        self._mqtt.subscribe(topic, tolerant(hear), qos=QOS)

    async def _transfer_in(self, request: DataTransferRequest) -> DataTransferResponse:
        """Ask the module that answers; without an answer there is nobody."""

        def send(number: str) -> None:
            call = Call(
                base=self._answering,
                name="data_transfer",
                id=number,
                args={"request": request},
                origin=self._seat.module,
            )
            self._say(self._layout.call(call))

        try:
            result = await self._results.to(send, PATIENCE_S)
            if result.failure is None:
                return msgspec.convert(result.value, DataTransferResponse)
            logger.warning("data transfer failed", reason=result.failure)
        except TimeoutError:
            return DataTransferResponse(status="Offline")
        except msgspec.ValidationError as error:
            logger.warning("result not understood", reason=str(error))
        return DataTransferResponse(status="Rejected")
