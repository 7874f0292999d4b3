"""The tables of payments: who paid for what, step by step. Money is integer minor units.

What they hold as JSON are values of `payments`: prices, terms, orders and bills as they were when
they were agreed.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Table, Text, false

from chargeplane.domain.messages import Json as JsonObject
from chargeplane.storage.columns import metadata, moment, number, station
from chargeplane.storage.types import Json, Number, SafeText

payment_reservations = Table(
    "payment_reservations",
    metadata,
    Column("id", Text, primary_key=True),
    station(),
    Column("evse_id", Number, nullable=False),
    Column("connector_id", Number, nullable=False),
    Column("state", Text, nullable=False),
    Column("charge_tag", SafeText, nullable=False),  # what the driver is called by whoever asks
    Column("id_token", Text, nullable=False),  # made for this reservation
    Column("language", Text),
    Column("prices", Json(JsonObject), nullable=False),
    Column("terms", Json(JsonObject), nullable=False),
    Column("currency", Text, nullable=False),
    Column("hold_minor", Number, nullable=False),
    Column("checkout_order", Json(JsonObject), nullable=False),
    Column("checkout_id", Text),
    Column("checkout_url", Text),
    Column("payment_id", Text),
    Column("email", SafeText),
    moment("created_at"),
    moment("updated_at"),
    moment("authorized_at", nullable=True),
    moment("start_deadline_at", nullable=True),
    Column("awaiting_plug", Boolean, nullable=False, server_default=false()),
    moment("start_sent_at", nullable=True),
    Column("start_result", Text),
    moment("start_accepted_at", nullable=True),
    Column("transaction_id", Number),
    moment("started_at", nullable=True),
    moment("stop_asked_at", nullable=True),
    Column("stop_reason", Text),
    Column("stop_result", Text),
    moment("stopped_at", nullable=True),
    moment("disconnected_at", nullable=True),
    moment("cost_told_at", nullable=True),
    Column("energy_mwh", Number),
    Column("bill", Json(JsonObject | None)),
    Column("due_minor", Number),  # what is to be taken, 0: nothing, NULL: not decided yet
    moment("freed_at", nullable=True),  # since when the connector is anybody's again
    moment("settled_at", nullable=True),  # since when the provider has done what is due
    Column("captured_minor", Number),
    Column("settle_tries", Number, nullable=False, server_default="0"),
    moment("next_try_at", nullable=True),
    Column("needs_review", Boolean, nullable=False, server_default=false()),
    Column("failure_code", Text),
    Column("failure_message", SafeText),
    Column("last_error", SafeText),
    Index(None, "created_at", "id"),
    Index(None, "station_id", "created_at"),
    Index(None, "checkout_id"),
    Index(None, "payment_id"),
    Index(None, "transaction_id"),
    Index(None, "id_token"),
    Index(None, "settled_at"),
)
_HOLDS_THE_EVSE = payment_reservations.c.freed_at.is_(None)
Index(
    "ix_payment_reservations_active",
    payment_reservations.c.station_id,
    payment_reservations.c.evse_id,
    unique=True,
    sqlite_where=_HOLDS_THE_EVSE,
    postgresql_where=_HOLDS_THE_EVSE,
)

payment_transitions = Table(
    "payment_transitions",
    metadata,
    number(),
    Column(
        "reservation_id",
        Text,
        ForeignKey("payment_reservations.id", ondelete="CASCADE"),
        nullable=False,
    ),
    Column("from_state", Text),  # NULL: it begins
    Column("to_state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    moment("at"),
    Column("details", Json(JsonObject), nullable=False),
    Index(None, "reservation_id", "id"),
)

payment_notices = Table(
    "payment_notices",
    metadata,
    Column("id", Text, primary_key=True),  # the provider's
    Column("kind", Text, nullable=False),
    Column("reservation_id", Text),
    moment("at"),
    moment("received_at"),
    Index(None, "received_at"),
)

payment_refunds = Table(
    "payment_refunds",
    metadata,
    number(),
    Column(
        "reservation_id",
        Text,
        ForeignKey("payment_reservations.id", ondelete="CASCADE"),
        nullable=False,
    ),
    Column("amount_minor", Number, nullable=False),
    Column("reason", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("provider_id", Text),
    Column("error", SafeText),
    moment("created_at"),
    moment("updated_at"),
    Index(None, "reservation_id", "id"),
    Index(None, "status"),
)

payment_prices = Table(
    "payment_prices",
    metadata,
    Column("station_id", Text, ForeignKey("stations.id", ondelete="CASCADE"), primary_key=True),
    Column("evse_id", Number, primary_key=True),  # 0: those without prices of their own
    Column("prices", Json(JsonObject), nullable=False),
    moment("updated_at"),
)

payment_privileges = Table(
    "payment_privileges",
    metadata,
    Column("token_key", SafeText, primary_key=True),
    Column("station_id", Text, primary_key=True),  # '': every station
    moment("created_at"),
)
