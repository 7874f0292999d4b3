"""Rows as values. Each record has the columns of its table in their order.

Optional fields are None where nothing is known. `key` of a token is its
lower-case form, by which tokens are compared.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

import msgspec

from chargeplane.domain.messages import Json
from chargeplane.domain.profiles import ChargingProfile
from chargeplane.domain.readings import Sample
from chargeplane.domain.tokens import AuthorizationData

Registration = Literal["Accepted", "Pending", "Rejected"]
AllowListMode = Literal["any", "listed"]
"""Whether any token may charge at a station, or only those that name it."""

TransactionState = Literal["open", "closed"]
ClosedBy = Literal["station", "stale", "reconciled", "operator"]
EventKind = Literal["Started", "Updated", "Ended"]
Direction = Literal["in", "out"]
CommandStatus = Literal["queued", "sent", "answered", "failed"]
ProfileSource = Literal["csms", "station"]
JobKind = Literal["firmware", "log"]
Scope = Literal["read", "operate", "admin"]
"""What a key may do: look, ask stations to do something, change what is kept."""

WebhookCallStatus = Literal["queued", "delivered", "dead"]

R = TypeVar("R")


class Record(msgspec.Struct, frozen=True):
    """Base of all records."""


class Page(Record, Generic[R], frozen=True):
    """Some records of a list; `cursor` asks for those that follow, None: these were the last."""

    items: tuple[R, ...]
    cursor: str | None = None


class StationRecord(Record, frozen=True):
    """A charging station: what operators set, what it said at its boot, and its presence.

    `revision` grows with every change of it, its connectors or its variables; being seen is none.
    """

    id: str
    name: str | None
    comment: str | None
    location: str | None
    enabled: bool
    registration: Registration
    password_hash: str | None
    min_security_profile: int
    pinned_version: str | None
    heartbeat_interval_s: int | None
    soap_endpoint: str | None
    free_vend: bool
    allow_list_mode: AllowListMode
    vendor: str | None
    model: str | None
    serial_number: str | None
    firmware_version: str | None
    iccid: str | None
    imsi: str | None
    charge_box_serial_number: str | None
    meter_type: str | None
    meter_serial_number: str | None
    boot_reason: str | None
    boot_at: datetime | None
    online: bool
    node: str | None
    subprotocol: str | None
    security_profile: int | None
    remote_address: str | None
    connected_at: datetime | None
    disconnected_at: datetime | None
    last_seen_at: datetime | None
    created_at: datetime
    revision: int


class ConnectorRecord(Record, frozen=True):
    """A connector's last known state; EVSE 0 is the station itself."""

    station_id: str
    evse_id: int
    connector_id: int
    name: str | None
    status: str | None
    charging_state: str | None
    error_code: str | None
    error_info: str | None
    error_vendor_id: str | None
    error_vendor_code: str | None
    status_at: datetime | None
    energy_mwh: int | None
    power_w: float | None
    current_a: float | None
    soc_percent: float | None
    measured_at: datetime | None


class RefusedStationRecord(Record, frozen=True):
    """A station that was not let in, with its last address and reason."""

    station_id: str
    address: str | None
    reason: str
    attempts: int
    first_at: datetime
    last_at: datetime


class TokenRecord(Record, frozen=True):
    """A token. `max_active_transactions`: 0 allows none, a negative one any number.

    `stations` are those where it may charge, None: everywhere.
    """

    key: str
    id_token: str
    type: str
    group_key: str | None
    group_id: str | None
    blocked: bool
    valid_from: datetime | None
    expires_at: datetime | None
    max_active_transactions: int
    name: str | None
    comment: str | None
    personal_message: str | None
    language: str | None
    charging_priority: int | None
    stations: tuple[str, ...] | None
    created_at: datetime


class UnknownTokenRecord(Record, frozen=True):
    """A token that was presented but is not known, and where it was seen last."""

    key: str
    id_token: str
    type: str
    station_id: str
    attempts: int
    first_at: datetime
    last_at: datetime


class TransactionRecord(Record, frozen=True):
    """A charge, open or closed."""

    id: int
    station_id: str
    uid: str | None
    start_key: str | None
    evse_id: int
    connector_id: int | None
    state: TransactionState
    token_key: str | None
    id_token: str | None
    token_type: str | None
    start_status: str | None
    start_known: bool
    started_at: datetime
    start_energy_mwh: int | None
    stopped_at: datetime | None
    stop_energy_mwh: int | None
    stop_reason: str | None
    stop_id_token: str | None
    closed_by: ClosedBy | None
    charging_state: str | None
    remote_start_id: int | None
    reservation_id: int | None
    offline: bool
    last_seq_no: int | None
    missing_seq_nos: tuple[int, ...]
    last_energy_mwh: int | None
    last_power_w: float | None
    last_soc_percent: float | None
    last_measured_at: datetime | None
    cost_minor: int | None
    currency: str | None
    created_at: datetime

    @property
    def name(self) -> str:
        """What its station calls it: the 2.x id, or our number in 1.x."""
        return str(self.id) if self.uid is None else self.uid

    @property
    def energy_mwh(self) -> int | None:
        """The energy delivered so far; None while a register is missing."""
        end = self.last_energy_mwh if self.stop_energy_mwh is None else self.stop_energy_mwh
        return None if end is None or self.start_energy_mwh is None else end - self.start_energy_mwh


class TransactionEventRecord(Record, frozen=True):
    """An event of a transaction as its station told it, less the readings (see meter values)."""

    id: int
    transaction_id: int | None
    station_id: str
    key: str
    uid: str
    kind: EventKind
    seq_no: int | None
    at: datetime
    received_at: datetime
    event: Json


class MeterValueRecord(Record, frozen=True):
    """A reading: columns for what people ask for beside the samples as they were received."""

    id: int
    station_id: str
    evse_id: int
    measured_at: datetime
    digest: int
    transaction_id: int | None
    context: str | None
    import_mwh: int | None
    export_mwh: int | None
    power_w: float | None
    current_l1_a: float | None
    current_l2_a: float | None
    current_l3_a: float | None
    voltage_l1_v: float | None
    voltage_l2_v: float | None
    voltage_l3_v: float | None
    soc_percent: float | None
    samples: tuple[Sample, ...]


class ReservationRecord(Record, frozen=True):
    """A reservation of an EVSE, or of any of the station."""

    id: int
    station_id: str
    evse_id: int | None
    connector_type: str | None
    token_key: str
    id_token: str
    group_id: str | None
    status: str
    expires_at: datetime
    transaction_id: int | None
    created_at: datetime
    updated_at: datetime


class ChargingProfileRecord(Record, frozen=True):
    """A charging profile that a station holds, installed by us or reported by it."""

    station_id: str
    profile_id: int
    evse_id: int
    purpose: str
    stack_level: int
    source: ProfileSource
    profile: ChargingProfile
    updated_at: datetime


class ChargingProfileTemplateRecord(Record, frozen=True):
    """A charging profile that is kept to be sent to stations; its id is the template's number."""

    id: int
    name: str | None
    profile: ChargingProfile
    created_at: datetime
    updated_at: datetime


class VariableRecord(Record, frozen=True):
    """An attribute of a variable. No instance is '', no EVSE or connector is 0."""

    station_id: str
    component: str
    component_instance: str
    evse_id: int
    connector_id: int
    variable: str
    variable_instance: str
    attribute_type: str
    value: str | None
    mutability: str | None
    persistent: bool | None
    constant: bool | None
    characteristics: Json | None
    reboot_required: bool
    updated_at: datetime


class LocalListRecord(Record, frozen=True):
    """The local authorisation list that a station holds."""

    station_id: str
    version: int
    entries: tuple[AuthorizationData, ...]
    updated_at: datetime


class CommandRecord(Record, frozen=True):
    """Something that a station was asked to do, and what it said."""

    id: int
    station_id: str
    task: str | None
    action: str
    asked_by: str
    status: CommandStatus
    request: Any
    answer: Any
    error: str | None
    created_at: datetime
    sent_at: datetime | None
    answered_at: datetime | None
    duration_s: float | None


class EventRecord(Record, frozen=True):
    """Something that happened, as it is published."""

    id: int
    at: datetime
    kind: str
    station_id: str | None
    evse_id: int | None
    transaction_id: int | None
    data: Any


class SecurityEventRecord(Record, frozen=True):
    """A security event that a station reported."""

    id: int
    station_id: str
    type: str
    at: datetime
    received_at: datetime
    tech_info: str | None


class JobRecord(Record, frozen=True):
    """A firmware update or log upload and how far it is."""

    id: int
    kind: JobKind
    station_id: str
    request_id: int | None
    status: str
    details: Json
    created_at: datetime
    updated_at: datetime


class NotificationRecord(Record, frozen=True):
    """A notification that is kept whole."""

    id: int
    station_id: str
    action: str
    at: datetime
    payload: Any


class CertificateRequestRecord(Record, frozen=True):
    """A station's request for a certificate (PEM) and what became of it."""

    id: int
    station_id: str
    certificate_type: str | None
    request_id: int | None
    csr: str
    status: str
    chain: str | None
    error: str | None
    created_at: datetime
    updated_at: datetime


class MessageRecord(Record, frozen=True):
    """A raw frame."""

    id: int
    station_id: str
    at: datetime
    direction: Direction
    action: str | None
    call_id: str | None
    frame: str


class DataTransferRecord(Record, frozen=True):
    """A vendor's message and the answer to it."""

    id: int
    station_id: str
    at: datetime
    direction: Direction
    vendor_id: str
    message_id: str | None
    data: Any
    status: str | None
    answer: Any


class ApiKeyRecord(Record, frozen=True):
    """A key of the HTTP faces. `stations` are those that it may see, None: all."""

    id: int
    name: str
    digest: str
    scope: Scope
    stations: tuple[str, ...] | None
    created_at: datetime
    revoked_at: datetime | None


class IdempotentAnswerRecord(Record, frozen=True):
    """What a request was answered that carried a key against repetition; no status: unfinished."""

    key: str
    request_digest: str
    status: int | None
    media_type: str | None
    body: str | None
    created_at: datetime
    node: str | None


class WebhookRecord(Record, frozen=True):
    """Where events are sent. `kinds` empty: all of them."""

    id: int
    url: str
    secret: str
    kinds: tuple[str, ...]
    station_id: str | None
    enabled: bool
    last_event_id: int
    created_at: datetime


class WebhookCallRecord(Record, frozen=True):
    """An event on its way to a webhook."""

    id: int
    webhook_id: int
    event_id: int
    kind: str
    body: str
    status: WebhookCallStatus
    attempts: int
    error: str | None
    due_at: datetime
    created_at: datetime
    finished_at: datetime | None
