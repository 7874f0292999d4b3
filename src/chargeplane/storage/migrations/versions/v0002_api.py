"""Add what the HTTP faces keep: keys, answers against repetition, webhooks and their calls."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

MOMENT = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)

sa.Table(
    "api_keys",
    metadata,
    sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("name", sa.Text(), nullable=False, unique=True),
    sa.Column("digest", sa.Text(), nullable=False, unique=True),
    sa.Column("scope", sa.Text(), nullable=False),
    sa.Column("stations", sa.JSON()),
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Column("revoked_at", MOMENT),
    sqlite_autoincrement=True,
)

sa.Table(
    "idempotent_answers",
    metadata,
    sa.Column("key", sa.Text(), primary_key=True),
    sa.Column("request_digest", sa.Text(), nullable=False),
    sa.Column("status", NUMBER),
    sa.Column("media_type", sa.Text()),
    sa.Column("body", sa.Text()),
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Index("ix_idempotent_answers_created_at", "created_at"),
)

sa.Table(
    "webhooks",
    metadata,
    sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("url", sa.Text(), nullable=False),
    sa.Column("secret", sa.Text(), nullable=False),
    sa.Column("kinds", sa.JSON(), nullable=False),
    sa.Column("station_id", sa.Text()),
    sa.Column("enabled", sa.Boolean(), nullable=False, server_default=sa.true()),
    sa.Column("last_event_id", NUMBER, nullable=False),
    sa.Column("created_at", MOMENT, nullable=False),
    sqlite_autoincrement=True,
)

sa.Table(
    "webhook_calls",
    metadata,
    sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
    sa.Column(
        "webhook_id", NUMBER, sa.ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False
    ),
    sa.Column("event_id", NUMBER, nullable=False),
    sa.Column("kind", sa.Text(), nullable=False),
    sa.Column("body", sa.Text(), nullable=False),
    sa.Column("status", sa.Text(), nullable=False),
    sa.Column("attempts", NUMBER, nullable=False),
    sa.Column("error", sa.Text()),
    sa.Column("due_at", MOMENT, nullable=False),
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Column("finished_at", MOMENT),
    sa.UniqueConstraint("webhook_id", "event_id"),
    sa.Index("ix_webhook_calls_status_due_at", "status", "due_at"),
    sqlite_autoincrement=True,
)


def upgrade() -> None:
    """Create them beside the others."""
    metadata.create_all(op.get_bind())
