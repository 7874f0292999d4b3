"""The commands, each a translation into an operation; the checks stand in upstream's order."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Connection
from starlette.responses import Response

from chargeplane.api.ocpp_core.answers import JSON, Refused, bad_request, say
from chargeplane.api.ocpp_core.call import LARGEST, Call, Scope, whole
from chargeplane.api.ocpp_core.configuration import change_configuration, get_configuration
from chargeplane.csms.authorization import authorize
from chargeplane.csms.central import Unit
from chargeplane.csms.smart_charging import ClearChargingLimit, SetChargingLimit
from chargeplane.domain.station import Reset, UnlockConnector
from chargeplane.domain.tokens import Token, TokenInfo
from chargeplane.domain.transactions import RequestStartTransaction, RequestStopTransaction
from chargeplane.storage.paging import Window
from chargeplane.storage.repositories import connectors, tokens, transactions
from chargeplane.storage.repositories.transactions import TransactionFilter

LIMIT: Final = re.compile("([0-9]+)([AWaw])")
RESETS: Final[Mapping[str, Any]] = {"": "OnIdle", "soft": "OnIdle", "hard": "Immediate"}


async def status(call: Call) -> Response:
    """All stations that are connected and that the key may see."""
    entries = await call.central.database.read(call.board.read)
    said = b",".join(entry for name, entry in entries if call.caller.sees(name))
    return Response(b"[%b]" % said, media_type=JSON)


async def reset(call: Call) -> Response:
    """Restart a station: when it is idle, or at once."""
    mode = RESETS.get(call.part(1).strip().lower())
    if mode is None:
        raise Refused(400, "InvalidResetMode")
    return await call.tell(call.station(), "reset", Reset(type=mode))


async def unlock(call: Call) -> Response:
    """Open the lock of a connector; without a number that of connector 0, as upstream."""
    station = call.station()
    evse_id = call.connector or 0
    connector_id = await call.central.database.read(_connector_in_use, station.id, evse_id)
    request = UnlockConnector(evse_id=evse_id, connector_id=connector_id)
    return await call.tell(station, "unlock_connector", request)


def _connector_in_use(connection: Connection, station_id: str, evse_id: int) -> int:
    """The connector of an EVSE that a plug is in; the first if it is in none."""
    own = [one for one in connectors.of_station(connection, station_id) if one.evse_id == evse_id]
    return next((one.connector_id for one in own if one.status == "Occupied"), 1)


# Limits


async def set_limit(call: Call) -> Response:
    """Set a constant limit in A or W."""
    call.required(0, "chargepointId")
    limit, unit = _limit(call.required(2, "limit"))
    request = SetChargingLimit(evse_id=call.connector or 0, limit=limit, unit=unit)
    return await call.tell(call.station(), "set_charging_limit", request)


async def clear_limit(call: Call) -> Response:
    """Take a constant limit back."""
    request = ClearChargingLimit(evse_id=call.connector or 0)
    return await call.tell(call.station(), "clear_charging_limit", request)


def _limit(text: str) -> tuple[int, Any]:
    match = LIMIT.fullmatch(text)
    number = whole(match[1]) if match else None
    if match is None or number is None:
        raise bad_request(f"limit: 16A or 2000W is meant, whole and at most {LARGEST}")
    return number, match[2].upper()


# Transactions


async def start(call: Call) -> Response:
    """Start a charge with a tag; one that may not charge is rejected without asking the station."""
    call.required(0, "chargepointId")
    tag = call.required(2, "tag")
    connector = call.connector
    if connector is None:
        raise bad_request("connectorId is not a whole number")
    station = call.station()

    def admit(unit: Unit) -> tuple[Token, TokenInfo]:
        known = tokens.get(unit.connection, Token(tag).key)
        token = Token(tag) if known is None else Token(tag, known.type)
        return token, authorize(unit, station.id, token, starting=True)

    token, info = await call.central.commit(admit)
    if info.status != "Accepted":
        return say("Rejected")
    request = RequestStartTransaction(
        id_token=token, evse_id=connector or None, group_id_token=info.group_id_token
    )
    return await call.tell(station, "request_start_transaction", request)


async def stop(call: Call) -> Response:
    """Stop the charge at a connector, if its newest one still runs."""
    station = call.station()
    connector = call.connector
    if connector is None:
        raise bad_request("connectorId is not a whole number")
    what = TransactionFilter(station_id=station.id, evse_id=connector)
    newest = await call.central.database.read(transactions.page, what, Window(1))
    if not newest.items or newest.items[0].state != "open":
        raise Refused(424, "NoOpenTransaction", f"nothing charges at connector {connector}")
    request = RequestStopTransaction(transaction_id=newest.items[0].name)
    return await call.tell(station, "request_stop_transaction", request)


@dataclass(frozen=True, slots=True)
class Command:
    """What answers a command, what a key needs for it, and whether it changes anything."""

    run: Callable[[Call], Awaitable[Response]]
    scope: Scope = "operate"
    acts: bool = True


_SET, _CLEAR, _START, _STOP = (
    Command(set_limit),
    Command(clear_limit),
    Command(start),
    Command(stop),
)

COMMANDS: Final[Mapping[str, Command]] = MappingProxyType(
    {
        "Status": Command(status, scope="read", acts=False),
        "Reset": Command(reset),
        "UnlockConnector": Command(unlock),
        "SetChargingLimit": _SET,
        "SetChargingProfile": _SET,
        "ClearChargingLimit": _CLEAR,
        "ClearChargingProfile": _CLEAR,
        "GetConfiguration": Command(get_configuration, acts=False),
        "ChangeConfiguration": Command(change_configuration),
        "StartTransaction": _START,
        "RemoteStartTransaction": _START,
        "StopTransaction": _STOP,
        "RemoteStopTransaction": _STOP,
    }
)
