"""Add what payments keep: reservations and their steps, notices, refunds, prices, privileges."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

MOMENT = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)

sa.Table("stations", metadata, sa.Column("id", sa.Text(), primary_key=True))

payment_reservations = sa.Table(
    "payment_reservations",
    metadata,
    sa.Column("id", sa.Text(), primary_key=True),
    sa.Column("station_id", sa.Text(), nullable=False),
    sa.Column("evse_id", NUMBER, nullable=False),
    sa.Column("connector_id", NUMBER, nullable=False),
    sa.Column("state", sa.Text(), nullable=False),
    sa.Column("charge_tag", sa.Text(), nullable=False),
    sa.Column("id_token", sa.Text(), nullable=False),
    sa.Column("language", sa.Text()),
    sa.Column("prices", sa.JSON(), nullable=False),
    sa.Column("terms", sa.JSON(), nullable=False),
    sa.Column("currency", sa.Text(), nullable=False),
    sa.Column("hold_minor", NUMBER, nullable=False),
    sa.Column("checkout_order", sa.JSON(), nullable=False),
    sa.Column("checkout_id", sa.Text()),
    sa.Column("checkout_url", sa.Text()),
    sa.Column("payment_id", sa.Text()),
    sa.Column("email", sa.Text()),
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Column("updated_at", MOMENT, nullable=False),
    sa.Column("authorized_at", MOMENT),
    sa.Column("start_deadline_at", MOMENT),
    sa.Column("awaiting_plug", sa.Boolean(), nullable=False, server_default=sa.false()),
    sa.Column("start_sent_at", MOMENT),
    sa.Column("start_result", sa.Text()),
    sa.Column("start_accepted_at", MOMENT),
    sa.Column("transaction_id", NUMBER),
    sa.Column("started_at", MOMENT),
    sa.Column("stop_asked_at", MOMENT),
    sa.Column("stop_reason", sa.Text()),
    sa.Column("stop_result", sa.Text()),
    sa.Column("stopped_at", MOMENT),
    sa.Column("disconnected_at", MOMENT),
    sa.Column("cost_told_at", MOMENT),
    sa.Column("energy_mwh", NUMBER),
    sa.Column("bill", sa.JSON()),
    sa.Column("due_minor", NUMBER),
    sa.Column("freed_at", MOMENT),
    sa.Column("settled_at", MOMENT),
    sa.Column("captured_minor", NUMBER),
    sa.Column("settle_tries", NUMBER, nullable=False, server_default="0"),
    sa.Column("next_try_at", MOMENT),
    sa.Column("needs_review", sa.Boolean(), nullable=False, server_default=sa.false()),
    sa.Column("failure_code", sa.Text()),
    sa.Column("failure_message", sa.Text()),
    sa.Column("last_error", sa.Text()),
    sa.Index(None, "created_at", "id"),
    sa.Index(None, "station_id", "created_at"),
    sa.Index(None, "checkout_id"),
    sa.Index(None, "payment_id"),
    sa.Index(None, "transaction_id"),
    sa.Index(None, "id_token"),
    sa.Index(None, "settled_at"),
)
_HOLDS_THE_EVSE = payment_reservations.c.freed_at.is_(None)
sa.Index(
    "ix_payment_reservations_active",
    payment_reservations.c.station_id,
    payment_reservations.c.evse_id,
    unique=True,
    sqlite_where=_HOLDS_THE_EVSE,
    postgresql_where=_HOLDS_THE_EVSE,
)

sa.Table(
    "payment_transitions",
    metadata,
    sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
    sa.Column(
        "reservation_id",
        sa.Text(),
        sa.ForeignKey("payment_reservations.id", ondelete="CASCADE"),
        nullable=False,
    ),
    sa.Column("from_state", sa.Text()),
    sa.Column("to_state", sa.Text(), nullable=False),
    sa.Column("reason", sa.Text(), nullable=False),
    sa.Column("at", MOMENT, nullable=False),
    sa.Column("details", sa.JSON(), nullable=False),
    sa.Index(None, "reservation_id", "id"),
    sqlite_autoincrement=True,
)

sa.Table(
    "payment_notices",
    metadata,
    sa.Column("id", sa.Text(), primary_key=True),
    sa.Column("kind", sa.Text(), nullable=False),
    sa.Column("reservation_id", sa.Text()),
    sa.Column("at", MOMENT, nullable=False),
    sa.Column("received_at", MOMENT, nullable=False),
    sa.Index(None, "received_at"),
)

sa.Table(
    "payment_refunds",
    metadata,
    sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
    sa.Column(
        "reservation_id",
        sa.Text(),
        sa.ForeignKey("payment_reservations.id", ondelete="CASCADE"),
        nullable=False,
    ),
    sa.Column("amount_minor", NUMBER, nullable=False),
    sa.Column("reason", sa.Text(), nullable=False),
    sa.Column("asked_by", sa.Text(), nullable=False),
    sa.Column("status", sa.Text(), nullable=False),
    sa.Column("provider_id", sa.Text()),
    sa.Column("error", sa.Text()),
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Column("updated_at", MOMENT, nullable=False),
    sa.Index(None, "reservation_id", "id"),
    sa.Index(None, "status"),
    sqlite_autoincrement=True,
)

sa.Table(
    "payment_prices",
    metadata,
    sa.Column(
        "station_id", sa.Text(), sa.ForeignKey("stations.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("evse_id", NUMBER, primary_key=True),
    sa.Column("prices", sa.JSON(), nullable=False),
    sa.Column("updated_at", MOMENT, nullable=False),
)

sa.Table(
    "payment_privileges",
    metadata,
    sa.Column("token_key", sa.Text(), primary_key=True),
    sa.Column("station_id", sa.Text(), primary_key=True),
    sa.Column("created_at", MOMENT, nullable=False),
)


def upgrade() -> None:
    """Create them beside the others."""
    metadata.create_all(op.get_bind())
