"""Add where a station is called over SOAP, if an operator says so."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the column."""
    op.add_column("stations", sa.Column("soap_endpoint", sa.Text()))
