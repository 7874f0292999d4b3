"""Starting, stopping, unlocking, resetting and the like from afar (2.x B11, C11, E14, F, G03)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from msgspec.structs import replace
from sqlalchemy import Connection

from chargeplane.csms import notes
from chargeplane.csms.central import Central
from chargeplane.csms.commands import BY_SYSTEM, Asked, operate, send
from chargeplane.csms.registry import Station
from chargeplane.domain.messages import Json
from chargeplane.domain.station import (
    ChangeAvailability,
    MessageTrigger,
    Reset,
    TriggerAnswer,
    TriggerMessage,
    UnlockConnector,
)
from chargeplane.domain.tokens import ClearCache, Token
from chargeplane.domain.transactions import (
    RequestStartAnswer,
    RequestStartTransaction,
    RequestStopTransaction,
)
from chargeplane.ocpp.v2 import wire
from chargeplane.storage.paging import Window
from chargeplane.storage.records import CommandRecord
from chargeplane.storage.repositories import commands, transactions
from chargeplane.storage.repositories.commands import CommandFilter
from chargeplane.storage.repositories.transactions import TransactionFilter

CONNECTION_TIME: Final = timedelta(minutes=10)  # in which a driver plugs in after a remote start
LOOK_BACK: Final = 20  # remote starts of a station that are looked through

# What a station says when it is triggered, where that is not called the same.
SAYS: Final[dict[MessageTrigger, tuple[str, ...]]] = {
    "DiagnosticsStatusNotification": ("LogStatusNotification",),
    "MeterValues": ("MeterValues", "TransactionUpdated"),  # 1.x says both with MeterValues
    "SignChargingStationCertificate": ("SignCertificate",),
    "SignV2GCertificate": ("SignCertificate",),
    "SignV2G20Certificate": ("SignCertificate",),
    "SignCombinedCertificate": ("SignCertificate",),
    "TransactionEvent": ("TransactionStarted", "TransactionUpdated", "TransactionEnded"),
}


async def request_start(
    central: Central, station_id: str, request: RequestStartTransaction, asked: Asked = BY_SYSTEM
) -> RequestStartAnswer:
    """Ask for a start; one without a remote start id gets one (2.x F01, F02; 1.6 §5.11)."""
    if request.remote_start_id is None:
        request = replace(request, remote_start_id=notes.new_id())
    return await send(central, station_id, request, asked)


def remote_start_of(
    connection: Connection, station_id: str, token: Token, evse_id: int, now: datetime
) -> int | None:
    """The id of the remote start that a start follows, for versions that do not tell it.

    It is the last that was accepted for this token and this or no EVSE, if it is still open.
    """
    what = CommandFilter(
        station_id=station_id, action=RequestStartTransaction.__name__, status="answered"
    )
    used = _used(connection, station_id, token)
    for command in commands.page(connection, what, Window(LOOK_BACK)).items:
        number: int | None = command.request.get("remote_start_id")
        if number and _is_open(command, now) and _is_for(command.request, token, evse_id):
            return None if number in used else number
    return None


def _used(connection: Connection, station_id: str, token: Token) -> set[int | None]:
    what = TransactionFilter(station_id=station_id, token_key=token.key)
    page = transactions.page(connection, what, Window(LOOK_BACK))
    return {transaction.remote_start_id for transaction in page.items}


def _is_open(command: CommandRecord, now: datetime) -> bool:
    answered = command.answered_at or command.created_at
    accepted = (command.answer or {}).get("status") == "Accepted"
    return accepted and now - answered <= CONNECTION_TIME


def _is_for(request: Json, token: Token, evse_id: int) -> bool:
    wanted = request["id_token"]["id_token"].lower()
    return wanted == token.key and request.get("evse_id") in {None, 0, evse_id}


async def trigger_message(
    central: Central, station_id: str, request: TriggerMessage, asked: Asked = BY_SYSTEM
) -> TriggerAnswer:
    """Ask for a message; one that is not accepted yet may then send it (2.x B02.FR.02, F06)."""

    async def work(station: Station) -> TriggerAnswer:
        wanted = SAYS.get(request.requested_message, (request.requested_message,))
        new = set(wanted) - station.invited
        station.invited |= new
        answer = await station.ask(request, asked.timeout)
        if answer.status != "Accepted":
            station.invited -= new
        return answer

    return await operate(central, station_id, request, work, asked)


HANDLERS: dict[type, Any] = {}

OPERATIONS: dict[str, tuple[type, Any]] = {
    "request_start_transaction": (RequestStartTransaction, request_start),
    "request_stop_transaction": (RequestStopTransaction, send),
    "get_transaction_status": (wire.GetTransactionStatus, send),
    "unlock_connector": (UnlockConnector, send),
    "reset": (Reset, send),
    "change_availability": (ChangeAvailability, send),
    "trigger_message": (TriggerMessage, trigger_message),
    "clear_cache": (ClearCache, send),
}
