"""The life of a charge: events of transactions, remote start and stop."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from chargeplane.domain.messages import (
    Json,
    Message,
    MessageContent,
    Outcome,
    Request,
    StatusInfo,
)
from chargeplane.domain.profiles import ChargingProfile
from chargeplane.domain.readings import Reading, register
from chargeplane.domain.station import ChargingState, Evse
from chargeplane.domain.tariff_cost import TransactionLimit
from chargeplane.domain.tokens import Token, TokenInfo

TriggerReason = Literal[
    "AbnormalCondition",
    "Authorized",
    "CablePluggedIn",
    "ChargingRateChanged",
    "ChargingStateChanged",
    "CostLimitReached",
    "Deauthorized",
    "EnergyLimitReached",
    "EVCommunicationLost",
    "EVConnectTimeout",
    "EVDeparted",
    "EVDetected",
    "LimitSet",
    "MeterValueClock",
    "MeterValuePeriodic",
    "OperationModeChanged",
    "RemoteStart",
    "RemoteStop",
    "ResetCommand",
    "RunningCost",
    "SignedDataReceived",
    "SoCLimitReached",
    "StopAuthorized",
    "TariffChanged",
    "TariffNotAccepted",
    "TimeLimitReached",
    "Trigger",
    "TxResumed",
    "UnlockCommand",
]
StoppedReason = Literal[
    "DeAuthorized",
    "EmergencyStop",
    "EnergyLimitReached",
    "EVDisconnected",
    "GroundFault",
    "ImmediateReset",
    "MasterPass",
    "Local",
    "LocalOutOfCredit",
    "Other",
    "OvercurrentFault",
    "PowerLoss",
    "PowerQuality",
    "Reboot",
    "Remote",
    "SOCLimitReached",
    "StoppedByEV",
    "TimeLimitReached",
    "Timeout",
    "ReqEnergyTransferRejected",
    "SoftReset",  # 1.x only; 2.x says ImmediateReset
    "UnlockCommand",  # 1.x only; 2.x says Other
]


class TransactionAnswer(Message, frozen=True, kw_only=True):
    """What the central system says to an event of a transaction.

    `transaction_id` is the name that the central system gives to a transaction
    of 1.x, in the answer to its start.
    """

    id_token_info: TokenInfo | None = None
    transaction_id: str | None = None
    total_cost: float | None = None
    charging_priority: int | None = None
    updated_personal_message: MessageContent | None = None
    updated_personal_message_extra: tuple[MessageContent, ...] | None = None
    transaction_limit: TransactionLimit | None = None


class TransactionEvent(Message, Request[TransactionAnswer], frozen=True, kw_only=True):
    """What all events of a transaction have in common (2.x E01 to E15).

    `transaction_id` is None where the central system is to name the
    transaction (1.x start). `seq_no` is None in 1.x.
    """

    timestamp: datetime
    transaction_id: str | None
    trigger_reason: TriggerReason
    seq_no: int | None = None
    evse: Evse | None = None
    id_token: Token | None = None
    readings: tuple[Reading, ...] = ()
    charging_state: ChargingState | None = None
    time_spent_charging: int | None = None
    remote_start_id: int | None = None
    reservation_id: int | None = None
    offline: bool = False
    number_of_phases_used: int | None = None
    cable_max_current: int | None = None
    operation_mode: str | None = None  # this and what follows: 2.1
    tariff_id: str | None = None
    transaction_limit: TransactionLimit | None = None
    cost_details: Json | None = None
    preconditioning_status: str | None = None
    evse_sleep: bool | None = None


class TransactionStarted(TransactionEvent, frozen=True, kw_only=True):
    """A transaction has begun (2.x Started; 1.6 §4.8)."""

    @property
    def meter_wh(self) -> float | None:
        """The energy register at the start."""
        return register(self.readings, "Transaction.Begin")


class TransactionUpdated(TransactionEvent, frozen=True, kw_only=True):
    """Something changed in a transaction (2.x Updated; 1.6: MeterValues with a transaction)."""


class TransactionEnded(TransactionEvent, frozen=True, kw_only=True):
    """A transaction is over (2.x Ended; 1.6 §4.10)."""

    stopped_reason: StoppedReason | None = None  # absent means Local

    @property
    def meter_wh(self) -> float | None:
        """The energy register at the end."""
        return register(self.readings, "Transaction.End")


class RequestStartAnswer(Message, frozen=True, kw_only=True):
    """Whether the station tries to start; the transaction if it runs already (2.x)."""

    status: Literal["Accepted", "Rejected"]
    transaction_id: str | None = None
    status_info: StatusInfo | None = None


class RequestStartTransaction(Message, Request[RequestStartAnswer], frozen=True, kw_only=True):
    """Start a charge from afar (2.x F01, F02; 1.6 §5.11, which has no `remote_start_id`)."""

    id_token: Token
    evse_id: int | None = None
    remote_start_id: int | None = None
    group_id_token: Token | None = None
    charging_profile: ChargingProfile | None = None


class RequestStopTransaction(Message, Request[Outcome], frozen=True, kw_only=True):
    """Stop a charge from afar (2.x F03; 1.6 §5.12)."""

    transaction_id: str
