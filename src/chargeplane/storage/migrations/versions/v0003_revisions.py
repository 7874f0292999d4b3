"""Count the changes of each station."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the count."""
    op.add_column("stations", sa.Column("revision", NUMBER, nullable=False, server_default="1"))
