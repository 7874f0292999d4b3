"""Charging that costs nothing: who gets it, and how it starts."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import Connection

from chargeplane.csms import authorization, remote_control
from chargeplane.csms.central import Unit
from chargeplane.domain.tokens import Token
from chargeplane.domain.transactions import RequestStartTransaction
from chargeplane.errors import AnswerTimeout, ChargeplaneError, NotConnected
from chargeplane.payments.desk import Desk
from chargeplane.payments.outcomes import OFFLINE, Created, Wanted
from chargeplane.payments.pricing import Prices
from chargeplane.payments.tokens import one_time
from chargeplane.storage.records import TokenRecord
from chargeplane.storage.repositories import payment_books, stations, tokens

VALIDITY: Final = timedelta(hours=12)  # of a token that is made for a charge


def reason(connection: Connection, station_id: str, charge_tag: str, prices: Prices) -> str | None:
    """Why charging costs nothing; None: it costs something."""
    station = stations.get(connection, station_id)
    if station is not None and station.free_vend:
        return "FreeStation"
    if prices.is_free:
        return "FreePrices"
    key = charge_tag.lower()
    token = tokens.get(connection, key)
    if token and not token.blocked and payment_books.is_privileged(connection, key, station_id):
        return "FreeTag"
    return None


async def start(desk: Desk, wanted: Wanted, evse_id: int, why: str) -> Created:
    """Start a charge without a reservation; a tag that is not known is made for this station."""
    token = Token(wanted.charge_tag, desk.rules.id_token_type)
    if not await desk.commit(lambda unit: _may_charge(unit, wanted.station_id, token)):
        return Created(status="Rejected", free_reason=why)
    request = RequestStartTransaction(id_token=token, evse_id=evse_id)
    try:
        answer = await remote_control.request_start(desk.central, wanted.station_id, request)
    except NotConnected:
        return Created(status=OFFLINE, reason="Offline")
    except AnswerTimeout:
        return Created(status="Timeout", free_reason=why)
    except ChargeplaneError as error:
        return Created(status="Error", reason=str(error), free_reason=why)
    return Created(status=answer.status, free_reason=why)


def _may_charge(unit: Unit, station_id: str, token: Token) -> bool:
    if tokens.get(unit.connection, token.key) is None:
        tokens.save(unit.connection, [_session(unit, station_id, token)])
    info = authorization.authorize(unit, station_id, token, starting=True)
    return info.status == "Accepted"


def _session(unit: Unit, station_id: str, token: Token) -> TokenRecord:
    name = f"Web session {token.id_token}"
    return one_time(station_id, token, name, unit.now, unit.now + VALIDITY)
