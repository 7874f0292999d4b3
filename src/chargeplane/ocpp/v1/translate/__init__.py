"""The OCPP 1.6 table: every action of the core and the security extension.

Rows that accept the same request are tried in this order; DataTransfer comes
last, because it can carry much that others say better.
"""

from __future__ import annotations

from typing import Any

from chargeplane.ocpp.action import Action
from chargeplane.ocpp.v1.translate import (
    certificates,
    extensions,
    files,
    profiles,
    readings,
    station,
    tokens,
    transactions,
    variables,
)

ROWS: tuple[Action[Any, Any], ...] = (
    *station.ROWS,
    *tokens.ROWS,
    *transactions.ROWS,
    *readings.ROWS,
    *variables.ROWS,
    *profiles.ROWS,
    *files.ROWS,
    *certificates.ROWS,
    *extensions.ROWS,
)
