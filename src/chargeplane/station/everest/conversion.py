"""What a station tells and is told, as values of EVerest's interfaces."""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec
from msgspec.structs import replace

from chargeplane.domain.certificates import SecurityEventNotification
from chargeplane.domain.messages import Json, StatusInfo
from chargeplane.domain.profiles import RateUnit
from chargeplane.domain.station import (
    BootAnswer,
    ChangeAvailability,
    ChangeAvailabilityAnswer,
    DataTransfer,
    DataTransferAnswer,
    Evse,
)
from chargeplane.domain.transactions import (
    TransactionAnswer,
    TransactionEnded,
    TransactionEvent,
    TransactionStarted,
)
from chargeplane.energy.composite_values import Composite, CompositePeriod
from chargeplane.ocpp.frames import masked
from chargeplane.station.everest.values import (
    EVSE,
    BootNotificationResponse,
    ChangeAvailabilityRequest,
    ChangeAvailabilityResponse,
    ChargingSchedule,
    ChargingSchedulePeriod,
    ChargingSchedules,
    ConnectionStatus,
    CustomData,
    DataTransferRequest,
    DataTransferResponse,
    Message,
    OcppTransactionEvent,
    OcppTransactionEventResponse,
    SecurityEvent,
    StatusInfoType,
    TransactionEventKind,
)
from chargeplane.station.network import name
from chargeplane.station.signals import Link
from chargeplane.station.station import Station

DIRECTIONS: Final[dict[str, Literal["CSMSToChargingStation", "ChargingStationToCSMS"]]] = {
    "received": "CSMSToChargingStation",
    "sent": "ChargingStationToCSMS",
}

UNLIMITED: Final[dict[RateUnit, str]] = {
    "A": "SmartChargingCtrlr/CompositeScheduleDefaultLimitAmps",
    "W": "SmartChargingCtrlr/CompositeScheduleDefaultLimitWatts",
}

# Transactions


def kind_of(event: TransactionEvent) -> TransactionEventKind:
    """What happened to a transaction."""
    if isinstance(event, TransactionStarted):
        return "Started"
    return "Ended" if isinstance(event, TransactionEnded) else "Updated"


def transaction_event(
    event: TransactionEvent, kind: TransactionEventKind, named: str | None
) -> OcppTransactionEvent:
    """An event of a transaction that the central system calls as `named`."""
    at = event.evse
    return OcppTransactionEvent(
        transaction_event=kind,
        session_id=event.transaction_id or "",
        evse=None if at is None else EVSE(id=at.id, connector_id=at.connector_id),
        transaction_id=named,
    )


def transaction_answer(
    event: TransactionEvent, answer: TransactionAnswer
) -> OcppTransactionEventResponse:
    """The answer to an event of 2.x."""
    return OcppTransactionEventResponse(
        original_transaction_event=transaction_event(event, kind_of(event), event.transaction_id),
        total_cost=answer.total_cost,
        charging_priority=answer.charging_priority,
        personal_message=answer.updated_personal_message,
    )


# The connection


def connection_status(station: Station, link: Link) -> ConnectionStatus:
    """A connection that came about or was lost."""
    model = station.model
    slot = link.slot or station.active_slot
    return ConnectionStatus(
        connected=link.connected,
        csms_url=link.url,
        identity=link.identity,
        security_profile=link.security_profile,
        configuration_slot=slot,
        ocpp_interface=model.text(name(slot, "OcppInterface")),
        ocpp_transport=model.text(name(slot, "OcppTransport")),
        ocpp_version=link.version,
    )


def boot_response(answer: BootAnswer) -> BootNotificationResponse:
    """What the central system made of a BootNotification."""
    return BootNotificationResponse(
        status=answer.status,
        current_time=answer.current_time,
        interval=answer.interval,
        status_info=_status_info(answer.status_info),
    )


def _status_info(info: StatusInfo | None) -> StatusInfoType | None:
    if info is None:
        return None
    return StatusInfoType(reason_code=info.reason_code, additional_info=info.additional_info)


def message(station: Station, direction: str, frame: bytes) -> Message:
    """A frame without passwords."""
    peer = station.peer
    return Message(
        message=masked(frame.decode("utf-8", "replace")),
        direction=DIRECTIONS[direction],
        version=None if peer is None else peer.dialect.version,
    )


def security_event(event: SecurityEventNotification) -> SecurityEvent:
    """What the station itself noticed."""
    return SecurityEvent(type=event.type, info=event.tech_info, timestamp=event.timestamp)


def noticed(station: Station, event: SecurityEvent) -> SecurityEventNotification:
    """What somebody else noticed."""
    return SecurityEventNotification(
        type=event.type[:50],
        timestamp=event.timestamp or station.now(),
        tech_info=event.info[:255] if event.info else None,
    )


# Schedules


def charging_schedules(station: Station, found: tuple[Composite, ...]) -> ChargingSchedules:
    """What the EVSEs may draw; EVSE 0 is the station."""
    return ChargingSchedules(schedules=tuple(_schedule(station, each) for each in found))


def _schedule(station: Station, found: Composite) -> ChargingSchedule:
    unlimited = float(station.model.number(UNLIMITED[found.unit]))
    rates = (each.min_charging_rate for each in found.periods)
    return ChargingSchedule(
        evse=found.evse_id,
        charging_rate_unit=found.unit,
        charging_schedule_period=tuple(_period(each, unlimited) for each in found.periods),
        duration=found.duration_s,
        start_schedule=found.start,
        min_charging_rate=next((rate for rate in rates if rate is not None), None),
    )


def _period(found: CompositePeriod, unlimited: float) -> ChargingSchedulePeriod:
    """A period; where only a setpoint holds, its limit is what the wires carry."""
    values = found.values
    if values.limit is None:
        values = replace(values, limit=unlimited)
    period = msgspec.convert(values, ChargingSchedulePeriod, from_attributes=True)
    return replace(period, stack_level=found.stack_level)


# Availability


def availability(request: ChangeAvailabilityRequest) -> ChangeAvailability:
    """What is to be in or out of service."""
    at = request.evse
    return ChangeAvailability(
        operational_status=request.operational_status,
        evse=None if at is None else Evse(at.id, at.connector_id),
    )


def availability_response(answer: ChangeAvailabilityAnswer) -> ChangeAvailabilityResponse:
    """What became of it; whatever is not there is an invalid input."""
    info = answer.status_info
    if answer.status != "Rejected" or info is None:
        return ChangeAvailabilityResponse(status=answer.status)
    return invalid_input(info.reason_code)


def invalid_input(why: str) -> ChangeAvailabilityResponse:
    """A request that cannot be meant."""
    info = StatusInfoType(reason_code="InvalidInput", additional_info=why)
    return ChangeAvailabilityResponse(status="Rejected", status_info=info)


# Data transfer: EVerest carries text, 2.x any JSON


def transfer(request: DataTransferRequest, *, as_text: bool) -> DataTransfer:
    """A vendor's message to the central system."""
    return DataTransfer(
        vendor_id=request.vendor_id,
        message_id=request.message_id,
        data=request.data if as_text else _parsed(request.data),
        custom_data=_of_vendor(request.custom_data),
    )


def transfer_response(answer: DataTransferAnswer) -> DataTransferResponse:
    """Its answer."""
    return DataTransferResponse(
        status=answer.status, data=_text(answer.data), custom_data=_custom(answer.custom_data)
    )


def transfer_request(request: DataTransfer) -> DataTransferRequest:
    """A vendor's message from the central system."""
    return DataTransferRequest(
        vendor_id=request.vendor_id,
        message_id=request.message_id,
        data=_text(request.data),
        custom_data=_custom(request.custom_data),
    )


def transfer_answer(response: DataTransferResponse, *, as_text: bool) -> DataTransferAnswer:
    """Its answer; where nobody answers, nobody knows the vendor."""
    return DataTransferAnswer(
        status="UnknownVendorId" if response.status == "Offline" else response.status,
        data=response.data if as_text else _parsed(response.data),
        custom_data=_of_vendor(response.custom_data),
    )


def _parsed(text: str | None) -> Any:
    """JSON objects and lists as what they are, any other text as text."""
    if text is None or text.lstrip()[:1] not in ("{", "["):
        return text
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text


def _text(data: Any) -> str | None:
    return data if data is None or isinstance(data, str) else msgspec.json.encode(data).decode()


def _of_vendor(custom: CustomData | None) -> Json | None:
    if custom is None:
        return None
    said = _parsed(custom.data)
    return {**(said if isinstance(said, dict) else {}), "vendorId": custom.vendor_id}


def _custom(said: Json | None) -> CustomData | None:
    if said is None:
        return None
    return CustomData(
        vendor_id=str(said.get("vendorId", "")), data=msgspec.json.encode(said).decode()
    )
