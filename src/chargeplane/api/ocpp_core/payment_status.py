"""What `/API/Payments/Status` says of a reservation: the record and what is known by now."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from chargeplane.api.ocpp_core.status import NUMBERS, UNDEFINED
from chargeplane.ocpp.v1.translate.station import WORDS
from chargeplane.payments.outcomes import Progress
from chargeplane.payments.pricing import MWH_PER_KWH, Bill, Prices
from chargeplane.storage.payment_records import PaymentReservationRecord

FROM_START: Final = 0
FROM_IDLE: Final = 1


def progress_shown(found: Progress) -> dict[str, Any]:
    """All that is known, in the words of OCPP.Core."""
    record = found.reservation
    return {
        "status": record.state,
        "sessionStage": found.stage,
        "reservationId": record.id,
        **_place(record),
        **_agreed(record, found.prices),
        **_moments(record),
        **_live(found),
        **_charge(found),
        "locksConnector": record.locks_connector,
        "activeReservation": record.locks_connector,
        "blockingReason": found.blocking_reason,
        "startable": found.blocking_reason is None,
        "startableReason": found.blocking_reason or "Ready",
        "awaitingPlug": record.awaiting_plug,
        "remoteStartResult": record.start_result,
        "failureCode": record.failure_code,
        "failureMessage": record.failure_message,
        "lastError": record.last_error,
        "refundedAmountCents": found.refunded_minor,
        "invoice": None,
    }


def _place(record: PaymentReservationRecord) -> dict[str, Any]:
    return {
        "chargePointId": record.station_id,
        "connectorId": record.evse_id,
        "chargeTagId": record.charge_tag,
        "transactionId": record.transaction_id,
        "checkoutSessionId": record.checkout_id,
        "paymentIntentId": record.payment_id,
    }


def _agreed(record: PaymentReservationRecord, prices: Prices) -> dict[str, Any]:
    return {
        "currency": record.currency,
        "maxAmountCents": record.hold_minor,
        "capturedAmountCents": record.captured_minor,
        "maxEnergyKwh": float(prices.max_energy_kwh),
        "pricePerKwh": float(prices.per_kwh),
        "userSessionFee": float(prices.session_fee),
        "usageFeePerMinute": float(prices.per_minute),
        "startUsageFeeAfterMinutes": prices.free_minutes,
        "maxUsageFeeMinutes": prices.max_minutes,
        "usageFeeAnchorMinutes": FROM_IDLE if prices.counts_from == "idle" else FROM_START,
    }


def _moments(record: PaymentReservationRecord) -> dict[str, Any]:
    return {
        "createdAtUtc": record.created_at,
        "updatedAtUtc": record.updated_at,
        "authorizedAtUtc": record.authorized_at,
        "startDeadlineAtUtc": record.start_deadline_at,
        "remoteStartSentAtUtc": record.start_sent_at,
        "remoteStartAcceptedAtUtc": record.start_accepted_at,
        "startTransactionAtUtc": record.started_at,
        "stopTransactionAtUtc": record.stopped_at,
        "disconnectedAtUtc": record.disconnected_at,
        "capturedAtUtc": record.settled_at if record.captured_minor else None,
    }


def _live(found: Progress) -> dict[str, Any]:
    here = found.connector
    status = here.status if here else None
    power, current = (here.power_w, here.current_a) if here else (None, None)
    return {
        "online": found.online,
        "liveStatus": NUMBERS.get(status or "", UNDEFINED) if found.online else None,
        "liveOcppStatus": WORDS.get((status, here.charging_state), status) if here else None,
        "liveChargeRateKw": None if power is None else power / 1000,
        "liveCurrentImportA": current,
        "liveMeterKwh": _kwh(here.energy_mwh if here else None),
        "liveSessionEnergyKwh": _kwh(found.energy_mwh),
        "liveSoC": here.soc_percent if here else None,
        "persistedStatus": status,
    }


def _charge(found: Progress) -> dict[str, Any]:
    record, charge = found.reservation, found.transaction
    bill = found.bill or Bill()
    fee = _major(bill.time_minor, found.prices)
    is_idle = found.prices.counts_from == "idle"
    return {
        "activeTransaction": charge is not None and charge.state == "open",
        "actualEnergyKwh": _kwh(record.energy_mwh),
        "transactionMeterStart": _kwh(charge.start_energy_mwh if charge else None),
        "transactionMeterStop": _kwh(charge.stop_energy_mwh if charge else None),
        "transactionEnergyCost": _major(bill.energy_minor, found.prices),
        "transactionUserSessionFee": _major(bill.session_minor, found.prices),
        "transactionUsageFeeMinutes": 0 if is_idle else bill.minutes,
        "transactionUsageFeeAmount": 0.0 if is_idle else fee,
        "idleUsageFeeMinutes": bill.minutes if is_idle else 0,
        "idleUsageFeeAmount": fee if is_idle else 0.0,
    }


def _kwh(energy_mwh: int | None) -> float | None:
    return None if energy_mwh is None else energy_mwh / MWH_PER_KWH


def _major(minor: int, prices: Prices) -> float:
    return float(Decimal(minor).scaleb(-prices.digits))
