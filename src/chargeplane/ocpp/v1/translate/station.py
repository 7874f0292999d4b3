"""Boot, heartbeat, status, availability, reset, unlock, trigger, reservations.

Lost on the way to 1.x: why the station boots; reason codes of answers; the
connector type of a reservation. One word of 1.x says availability and
charging state together (`STATUSES`): Preparing reads as EVConnected and
Finishing, when the charge is over but the cable may still be in, as Idle.
"""

from __future__ import annotations

from typing import Any

from chargeplane.domain import reservations, station
from chargeplane.domain.station import ChargingStation, ErrorInfo, Evse, Modem
from chargeplane.domain.tokens import Token
from chargeplane.errors import Untranslatable
from chargeplane.ocpp.v1 import wire
from chargeplane.ocpp.v1.translate.rows import (
    connector_id,
    empty,
    evse,
    read_empty,
    read_outcome,
    row,
    say,
    status_of,
    status_to,
)

STATUSES: dict[str, tuple[Any, Any]] = {
    "Available": ("Available", None),
    "Preparing": ("Occupied", "EVConnected"),
    "Charging": ("Occupied", "Charging"),
    "SuspendedEVSE": ("Occupied", "SuspendedEVSE"),
    "SuspendedEV": ("Occupied", "SuspendedEV"),
    "Finishing": ("Occupied", "Idle"),
    "Reserved": ("Reserved", None),
    "Unavailable": ("Unavailable", None),
    "Faulted": ("Faulted", None),
}
WORDS = {pair: word for word, pair in STATUSES.items()}
RESETS: dict[str, Any] = {"Hard": "Immediate", "Soft": "OnIdle"}
RESETS_1X = {kind: word for word, kind in RESETS.items()}


def read_boot(request: wire.BootNotification) -> station.BootNotification:
    """A station has started."""
    modem = Modem(iccid=request.iccid, imsi=request.imsi)
    return station.BootNotification(
        charging_station=ChargingStation(
            vendor_name=request.charge_point_vendor,
            model=request.charge_point_model,
            serial_number=request.charge_point_serial_number,
            firmware_version=request.firmware_version,
            modem=None if modem == Modem() else modem,
            charge_box_serial_number=request.charge_box_serial_number,
            meter_type=request.meter_type,
            meter_serial_number=request.meter_serial_number,
        )
    )


def write_boot(request: station.BootNotification) -> wire.BootNotification:
    """A station has started."""
    who = request.charging_station
    return say(
        wire.BootNotification,
        charge_point_vendor=who.vendor_name,
        charge_point_model=who.model,
        charge_point_serial_number=who.serial_number,
        charge_box_serial_number=who.charge_box_serial_number,
        firmware_version=who.firmware_version,
        iccid=who.modem and who.modem.iccid,
        imsi=who.modem and who.modem.imsi,
        meter_type=who.meter_type,
        meter_serial_number=who.meter_serial_number,
    )


def read_status(request: wire.StatusNotification) -> station.StatusNotification:
    """The state of a connector; connector 0 is the station."""
    availability, charging = STATUSES[request.status]
    error = ErrorInfo(
        code=request.error_code,
        info=request.info,
        vendor_id=request.vendor_id,
        vendor_error_code=request.vendor_error_code,
    )
    number = request.connector_id
    return station.StatusNotification(
        evse=Evse(number, 1) if number else Evse(0),
        connector_status=availability,
        timestamp=request.timestamp,
        charging_state=charging,
        error=None if error == ErrorInfo() else error,
    )


def write_status(request: station.StatusNotification) -> wire.StatusNotification:
    """The state of a connector; one that is only known to be occupied is said to prepare."""
    error = request.error or ErrorInfo()
    charging = request.charging_state if request.connector_status == "Occupied" else None
    return say(
        wire.StatusNotification,
        connector_id=connector_id(request.evse),
        error_code=error.code,
        info=error.info,
        status=WORDS.get((request.connector_status, charging), "Preparing"),
        timestamp=request.timestamp,
        vendor_id=error.vendor_id,
        vendor_error_code=error.vendor_error_code,
    )


def write_reset(request: station.Reset) -> wire.Reset:
    """1.x resets the whole station."""
    if request.evse_id is not None:
        raise Untranslatable("OCPP 1.x cannot reset a single EVSE")
    return say(wire.Reset, type=RESETS_1X.get(request.type, request.type))


def read_unlock(request: wire.UnlockConnector) -> station.UnlockConnector:
    """Which connector to open."""
    return station.UnlockConnector(evse_id=request.connector_id)


def write_unlock(request: station.UnlockConnector) -> wire.UnlockConnector:
    """Which connector to open."""
    number = connector_id(Evse(request.evse_id, request.connector_id))
    return wire.UnlockConnector(connector_id=number)


def write_trigger(request: station.TriggerMessage) -> wire.TriggerMessage:
    """What 1.6 can ask for; the rest is asked for by ExtendedTriggerMessage."""
    return say(
        wire.TriggerMessage,
        requested_message=request.requested_message,
        connector_id=connector_id(request.evse) or None,
    )


EXTENDED: dict[str, Any] = {"SignChargePointCertificate": "SignChargingStationCertificate"}
EXTENDED_1X = {message: word for word, message in EXTENDED.items()}


def read_extended(request: wire.ExtendedTriggerMessage) -> station.TriggerMessage:
    """What to send."""
    message = request.requested_message
    return station.TriggerMessage(
        requested_message=EXTENDED.get(message, message), evse=evse(request.connector_id)
    )


def write_extended(request: station.TriggerMessage) -> wire.ExtendedTriggerMessage:
    """What to send."""
    message = request.requested_message
    return say(
        wire.ExtendedTriggerMessage,
        requested_message=EXTENDED_1X.get(message, message),
        connector_id=connector_id(request.evse) or None,
    )


def read_reserve(request: wire.ReserveNow) -> reservations.ReserveNow:
    """A reservation; connector 0 is any connector."""
    parent = request.parent_id_tag
    return reservations.ReserveNow(
        id=request.reservation_id,
        expiry_date_time=request.expiry_date,
        id_token=Token(request.id_tag),
        evse_id=request.connector_id or None,
        group_id_token=None if parent is None else Token(parent),
    )


def write_reserve(request: reservations.ReserveNow) -> wire.ReserveNow:
    """A reservation; connector 0 is any connector."""
    return say(
        wire.ReserveNow,
        connector_id=request.evse_id or 0,
        expiry_date=request.expiry_date_time,
        id_tag=request.id_token.id_token,
        parent_id_tag=request.group_id_token.id_token if request.group_id_token else None,
        reservation_id=request.id,
    )


ROWS = (
    row(
        "station",
        "BootNotification",
        station.BootNotification,
        read=read_boot,
        write=write_boot,
        read_answer=lambda answer, _asked: station.BootAnswer(
            status=answer.status, current_time=answer.current_time, interval=answer.interval
        ),
        write_answer=lambda answer: wire.BootNotificationResponse(
            status=answer.status, current_time=answer.current_time, interval=answer.interval
        ),
    ),
    row(
        "station",
        "Heartbeat",
        station.Heartbeat,
        read=lambda _request: station.Heartbeat(),
        write=lambda _request: wire.Heartbeat(),
        read_answer=lambda answer, _asked: station.HeartbeatAnswer(
            current_time=answer.current_time
        ),
        write_answer=lambda answer: wire.HeartbeatResponse(current_time=answer.current_time),
    ),
    row(
        "station",
        "StatusNotification",
        station.StatusNotification,
        read=read_status,
        write=write_status,
        read_answer=read_empty,
        write_answer=empty(wire.StatusNotificationResponse),
    ),
    row(
        "csms",
        "ChangeAvailability",
        station.ChangeAvailability,
        read=lambda request: station.ChangeAvailability(
            operational_status=request.type, evse=evse(request.connector_id)
        ),
        write=lambda request: wire.ChangeAvailability(
            connector_id=connector_id(request.evse), type=request.operational_status
        ),
        read_answer=status_to(station.ChangeAvailabilityAnswer),
        write_answer=status_of(wire.ChangeAvailabilityResponse),
    ),
    row(
        "csms",
        "Reset",
        station.Reset,
        read=lambda request: station.Reset(type=RESETS[request.type]),
        write=write_reset,
        read_answer=status_to(station.ResetAnswer),
        # A reset that is scheduled is one that was accepted.
        write_answer=status_of(wire.ResetResponse, Scheduled="Accepted"),
    ),
    row(
        "csms",
        "UnlockConnector",
        station.UnlockConnector,
        read=read_unlock,
        write=write_unlock,
        read_answer=status_to(station.UnlockAnswer),
        # 1.6 §5.18: an unknown connector is NotSupported.
        write_answer=status_of(
            wire.UnlockConnectorResponse,
            OngoingAuthorizedTransaction="UnlockFailed",
            UnknownConnector="NotSupported",
        ),
    ),
    row(
        "csms",
        "TriggerMessage",
        station.TriggerMessage,
        read=lambda request: station.TriggerMessage(
            requested_message=request.requested_message, evse=evse(request.connector_id)
        ),
        write=write_trigger,
        read_answer=status_to(station.TriggerAnswer),
        write_answer=status_of(wire.TriggerMessageResponse),
    ),
    row(
        "csms",
        "ExtendedTriggerMessage",
        station.TriggerMessage,
        read=read_extended,
        write=write_extended,
        read_answer=status_to(station.TriggerAnswer),
        write_answer=status_of(wire.ExtendedTriggerMessageResponse),
    ),
    row(
        "csms",
        "ReserveNow",
        reservations.ReserveNow,
        read=read_reserve,
        write=write_reserve,
        read_answer=status_to(reservations.ReserveNowAnswer),
        write_answer=status_of(wire.ReserveNowResponse),
    ),
    row(
        "csms",
        "CancelReservation",
        reservations.CancelReservation,
        read=lambda request: reservations.CancelReservation(reservation_id=request.reservation_id),
        write=lambda request: wire.CancelReservation(reservation_id=request.reservation_id),
        read_answer=read_outcome,
        write_answer=status_of(wire.CancelReservationResponse),
    ),
)
