"""Say which process works on a request that carries a key against repetition."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the process, and forget claims of unknown ones."""
    op.execute(sa.text("DELETE FROM idempotent_answers WHERE status IS NULL"))
    op.add_column("idempotent_answers", sa.Column("node", sa.Text()))
