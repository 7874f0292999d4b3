"""EVerest's interface `ocpp` of a station: seven commands, and variables that can be followed.

The names are those of EVerest (interfaces/ocpp.yaml), as are the answers; what differs with a 1.6
central system is in `Conduct`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Final

import structlog
from msgspec.structs import replace

from chargeplane.domain.station import DataTransfer, DataTransferAnswer
from chargeplane.domain.transactions import (
    TransactionAnswer,
    TransactionEvent,
    TransactionStarted,
    TransactionUpdated,
)
from chargeplane.errors import ChargeplaneError, NoAnswer
from chargeplane.station import availability, composite_schedules, connection, security_events
from chargeplane.station.everest import conversion
from chargeplane.station.everest.addressing import Addressing
from chargeplane.station.everest.values import (
    EVSE,
    BootNotificationResponse,
    ChangeAvailabilityRequest,
    ChangeAvailabilityResponse,
    ChargingSchedules,
    ComponentVariable,
    ConnectionStatus,
    DataTransferRequest,
    DataTransferResponse,
    EventData,
    GetVariableRequest,
    GetVariableResult,
    Message,
    OcppTransactionEvent,
    OcppTransactionEventResponse,
    SecurityEvent,
    SetVariableRequest,
    SetVariableResult,
)
from chargeplane.station.everest.variables import Variables as Access
from chargeplane.station.signals import Link, Signal
from chargeplane.station.station import Station

ONLY_CONNECTOR: Final = 1  # of an EVSE, as 1.6 counts
NO_CONNECTOR: Final = (
    "No connector id specified; either a connector or the whole station must be meant"
)
NO_KEYS: Final[Mapping[str, str]] = MappingProxyType({})

Answer = Callable[[DataTransferRequest], Awaitable[DataTransferResponse]]

logger = structlog.get_logger()


@dataclass(slots=True)
class Variables:
    """The variables: each can be followed, and knows its latest value."""

    ocpp_transaction_event: Signal[OcppTransactionEvent] = field(default_factory=Signal)
    ocpp_transaction_event_response: Signal[OcppTransactionEventResponse] = field(
        default_factory=Signal
    )
    charging_schedules: Signal[ChargingSchedules] = field(default_factory=Signal)
    is_connected: Signal[bool] = field(default_factory=Signal)
    connection_status: Signal[ConnectionStatus] = field(default_factory=Signal)
    security_event: Signal[SecurityEvent] = field(default_factory=Signal)
    event_data: Signal[EventData] = field(default_factory=Signal)
    boot_notification_response: Signal[BootNotificationResponse] = field(default_factory=Signal)
    ocpp_message: Signal[Message] = field(default_factory=Signal)


class Everest:
    """The interface of one station; make it before the station runs, so that nothing is missed.

    `keys` and `ignores_components` are those of `addressing.Addressing`. Frames are told of by
    `ocpp_message` only if `tells_messages`.
    """

    def __init__(
        self,
        station: Station,
        *,
        keys: Mapping[str, str] = NO_KEYS,
        ignores_components: bool = False,
        tells_messages: bool = False,
    ) -> None:
        self.station = station
        self.variables = Variables()
        addressing = Addressing(station, keys, ignores_components)
        self.access = Access(station, addressing, self.variables.event_data.emit)
        signals = station.signals
        signals.transaction.listen(self._on_transaction)
        signals.answered.listen(lambda told: self._on_answered(*told))
        signals.boot.listen(
            lambda answer: self.variables.boot_notification_response.emit(
                conversion.boot_response(answer)
            )
        )
        signals.link.listen(self._on_link)
        signals.security.listen(
            lambda event: self.variables.security_event.emit(conversion.security_event(event))
        )
        signals.charging_schedules.listen(
            lambda found: self.variables.charging_schedules.emit(
                conversion.charging_schedules(station, found)
            )
        )
        if station.has_started:
            composite_schedules.publish(station)
        if tells_messages:
            signals.frame.listen(
                lambda told: self.variables.ocpp_message.emit(conversion.message(station, *told))
            )

    # Commands

    async def stop(self) -> bool:
        """Disconnect, and keep nothing of what happens for later; false if that is so already."""
        stopped = self.station.has_started and await connection.stop(self.station)
        if stopped:
            composite_schedules.pause(self.station)
        return stopped

    async def restart(self) -> bool:
        """Connect again after `stop`; false if it was not stopped."""
        restarted = self.station.has_started and await connection.restart(self.station)
        if restarted:
            composite_schedules.publish(self.station)
        return restarted

    async def security_event(self, event: SecurityEvent) -> None:
        """Log what somebody noticed; the central system is told of it if it is critical."""
        noticed = conversion.noticed(self.station, event)
        security_events.report(self.station, noticed, critical=event.critical)

    async def get_variables(
        self, requests: Iterable[GetVariableRequest]
    ) -> Sequence[GetVariableResult]:
        """Read variables; the results are in the order of the requests."""
        return [self.access.get(each) for each in requests]

    async def set_variables(
        self, requests: Iterable[SetVariableRequest], source: str
    ) -> Sequence[SetVariableResult]:
        """Write variables, each for itself; `source` is kept with the values."""
        return [self.access.set(each, source) for each in requests]

    async def change_availability(
        self, request: ChangeAvailabilityRequest
    ) -> ChangeAvailabilityResponse:
        """Put something in or out of service as if the central system had asked for it."""
        station, at = self.station, request.evse
        if not station.has_started:
            return ChangeAvailabilityResponse(status="Rejected")
        if at is not None and station.conduct.availability_needs_connector:
            if at.connector_id is None:
                return conversion.invalid_input(NO_CONNECTOR)
            if at.connector_id != ONLY_CONNECTOR:
                return conversion.invalid_input("UnknownConnectorId")
            request = replace(request, evse=EVSE(id=at.id))  # which is that connector, to 1.6
        return conversion.availability_response(
            availability.change(station, conversion.availability(request))
        )

    async def monitor_variables(self, component_variables: Iterable[ComponentVariable]) -> None:
        """Tell by `event_data` of every write of these variables too."""
        self.access.monitor(component_variables)

    # Data transfer (interface `ocpp_data_transfer`)

    async def data_transfer(self, request: DataTransferRequest) -> DataTransferResponse:
        """Send a vendor's message to the central system."""
        station = self.station
        message = conversion.transfer(request, as_text=station.conduct.transfers_text)
        try:
            return conversion.transfer_response(await station.ask(message))
        except NoAnswer:
            return DataTransferResponse(status="Offline")
        except ChargeplaneError as error:
            logger.info("data transfer failed", station=station.id, reason=str(error))
            return DataTransferResponse(status="Rejected")

    def answer_data_transfers(self, answer: Answer) -> None:
        """Let `answer` have the vendors' messages of the central system from now on."""
        self.station.answer_vendor = partial(self._answer, answer)

    async def _answer(self, answer: Answer, request: DataTransfer) -> DataTransferAnswer:
        response = await answer(conversion.transfer_request(request))
        as_text = self.station.conduct.transfers_text
        return conversion.transfer_answer(response, as_text=as_text)

    # What the variables follow from

    def _on_transaction(self, event: TransactionEvent) -> None:
        """Tell of every event in 2.x, and of begin and end in 1.6."""
        has_events, our_name = self.station.conduct.has_transaction_events, event.transaction_id
        if isinstance(event, TransactionUpdated) and not has_events:
            return
        named = our_name if has_events else self.station.names.get(our_name or "")
        self.variables.ocpp_transaction_event.emit(
            conversion.transaction_event(event, conversion.kind_of(event), named)
        )

    def _on_answered(self, event: TransactionEvent, answer: TransactionAnswer) -> None:
        """Tell of the answer in 2.x, in 1.6 of the name that a transaction was given."""
        if self.station.conduct.has_transaction_events:
            self.variables.ocpp_transaction_event_response.emit(
                conversion.transaction_answer(event, answer)
            )
        elif isinstance(event, TransactionStarted):
            self.variables.ocpp_transaction_event.emit(
                conversion.transaction_event(event, "Updated", answer.transaction_id)
            )

    def _on_link(self, link: Link) -> None:
        self.variables.connection_status.emit(conversion.connection_status(self.station, link))
        self.variables.is_connected.emit(link.connected)
