"""Keeping a connector free for somebody."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from chargeplane.domain.messages import Message, Outcome, Request, StatusInfo
from chargeplane.domain.tokens import Token


class ReserveNowAnswer(Message, frozen=True, kw_only=True):
    """Whether it is reserved, and if not why."""

    status: Literal["Accepted", "Faulted", "Occupied", "Rejected", "Unavailable"]
    status_info: StatusInfo | None = None


class ReserveNow(Message, Request[ReserveNowAnswer], frozen=True, kw_only=True):
    """Reserve an EVSE, or any of the station (2.x H01; 1.6 §5.13, without connector type)."""

    id: int
    expiry_date_time: datetime
    id_token: Token
    evse_id: int | None = None
    group_id_token: Token | None = None
    connector_type: str | None = None


class CancelReservation(Message, Request[Outcome], frozen=True, kw_only=True):
    """Give a reservation up (2.x H02; 1.6 §5.1)."""

    reservation_id: int
