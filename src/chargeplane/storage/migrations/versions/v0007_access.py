"""Add users, their failures to sign in, their sessions, and the notes of what they did."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

MOMENT = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)

sa.Table(
    "users",
    metadata,
    sa.Column("name", sa.Text(), primary_key=True),
    sa.Column("role", sa.Text(), nullable=False),
    sa.Column("stations", sa.JSON()),
    sa.Column("password_hash", sa.Text(), nullable=False),
    sa.Column("must_change_password", sa.Boolean(), nullable=False),
    sa.Column("enabled", sa.Boolean(), nullable=False, server_default=sa.true()),
    sa.Column("created_at", MOMENT, nullable=False),
)

sa.Table(
    "sign_in_failures",
    metadata,
    sa.Column("digest", sa.Text(), primary_key=True),
    sa.Column("failures", NUMBER, nullable=False),
    sa.Column("last_at", MOMENT, nullable=False),
    sa.Column("locked_until", MOMENT),
    sa.Index(None, "last_at"),
)

sa.Table(
    "web_sessions",
    metadata,
    sa.Column("digest", sa.Text(), primary_key=True),
    sa.Column(
        "user_name", sa.Text(), sa.ForeignKey("users.name", ondelete="CASCADE"), nullable=False
    ),
    sa.Column("address", sa.Text(), nullable=False),
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Column("last_seen_at", MOMENT, nullable=False),
    sa.Index(None, "user_name"),
)

sa.Table(
    "audit_notes",
    metadata,
    sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("at", MOMENT, nullable=False),
    sa.Column("actor", sa.Text(), nullable=False),
    sa.Column("action", sa.Text(), nullable=False),
    sa.Column("station_id", sa.Text()),
    sa.Column("address", sa.Text()),
    sa.Column("outcome", sa.Text(), nullable=False),
    sa.Column("details", sa.JSON()),
    sa.Index(None, "actor", "id"),
    sa.Index(None, "station_id", "id"),
    sa.Index(None, "at"),
    sqlite_autoincrement=True,
)


def upgrade() -> None:
    """Create them beside the others."""
    metadata.create_all(op.get_bind())
