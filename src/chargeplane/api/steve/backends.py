"""Who carries out the commands of the SteVe client: our central system, or a remote SteVe."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

import msgspec
from sqlalchemy import Connection

from chargeplane.csms.central import Central
from chargeplane.csms.commands import Asked, send_many
from chargeplane.csms.operations import OPERATIONS
from chargeplane.csms.reservation import Reservation
from chargeplane.domain.profiles import SetChargingProfile
from chargeplane.domain.station import DataTransfer, Reset, UnlockConnector
from chargeplane.domain.tokens import Token
from chargeplane.domain.transactions import RequestStartTransaction, RequestStopTransaction
from chargeplane.errors import (
    AnswerTimeout,
    ChargeplaneError,
    NoAnswer,
    QueueFull,
    Untranslatable,
)
from chargeplane.net.steve import SteveAnswer, SteveClient
from chargeplane.ocpp.errors import OcppError
from chargeplane.ocpp.v1.translate.station import WORDS
from chargeplane.storage.records import ConnectorRecord
from chargeplane.storage.repositories import (
    connectors,
    profile_templates,
    stations,
    tokens,
    transactions,
)

STATE: Final = "getConnectorState"
OK, OFFLINE, TIMEOUT, NOT_SUPPORTED = "Ok", "Offline", "Timeout", "NotSupported"
DONE: Final = frozenset({"Accepted", "Unlocked"})
FOREIGN: Final = frozenset({"NotSupported", "NotImplemented"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A command and its parameters; the command decides which of them count."""

    cmd: str
    connector: int | None = None
    id_tag: str = ""
    vendor: str = ""
    message: str | None = None
    data: str | None = None
    expiry: datetime | None = None
    profile: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a command at one charge box: in a word, and in full."""

    word: str
    accepted: bool = False
    answer: Any = None
    error: str | None = None


class Backend(Protocol):
    """Carries out commands."""

    async def run(self, wanted: Wanted, boxes: Sequence[str], by: str) -> Mapping[str, Result]:
        """Run a command at charge boxes side by side, for whoever asks; no box fails another."""
        ...


class NotExist(ChargeplaneError):
    """There is no such thing; the message is what the client knows that by."""


def failure(error: ChargeplaneError) -> Result:
    """Why there is no answer, in a word."""
    return Result(_word(error), error=str(error))


def _word(error: ChargeplaneError) -> str:
    if isinstance(error, OcppError):
        return NOT_SUPPORTED if error.code in FOREIGN else error.spelling
    if isinstance(error, NotExist):
        return str(error)
    return next((word for kind, word in FAILURES if isinstance(error, kind)), type(error).__name__)


FAILURES: Final = (
    (AnswerTimeout, TIMEOUT),
    (QueueFull, "Busy"),
    (NoAnswer, OFFLINE),
    (Untranslatable, NOT_SUPPORTED),
)


def _success(cmd: str, status: str, data: Any, answer: Any) -> Result:
    """What a station answered; only a data transfer says more than that it is done."""
    accepted = status in DONE
    if cmd == "DataTransfer":
        text = data if isinstance(data, str | None) else msgspec.json.encode(data).decode()
        return Result(status if text is None else f"{status} / Data: {text}", accepted, answer)
    return Result(OK if accepted else status, accepted, answer)


# Our central system


class Local:
    """Our central system."""

    def __init__(self, central: Central, timeout: float | None = None) -> None:
        self._central = central
        self._timeout = timeout

    async def run(self, wanted: Wanted, boxes: Sequence[str], by: str) -> Mapping[str, Result]:
        """Ask the stations, or look their states up."""
        if wanted.cmd == STATE:
            return await self._central.database.read(_states, boxes, wanted.connector)
        asked = Asked(by=by, timeout=self._timeout)
        task = await send_many(self._central, boxes, wanted, asked, operation=self._operate)
        return {box: _local_result(wanted.cmd, said) for box, said in task.outcomes.items()}

    async def _operate(self, central: Central, box: str, wanted: Wanted, asked: Asked) -> Any:
        operation, make = REQUESTS[wanted.cmd]
        request = await make(self, box, wanted)
        return await OPERATIONS[operation].run(central, box, request, asked)

    async def start(self, _box: str, wanted: Wanted) -> RequestStartTransaction:
        """Start a charge."""
        token = await self._central.database.read(token_of, wanted.id_tag)
        return RequestStartTransaction(id_token=token, evse_id=wanted.connector or None)

    async def stop(self, box: str, wanted: Wanted) -> RequestStopTransaction:
        """Stop the charge that runs, at the connector if one is named."""
        running = await self._central.database.read(
            transactions.open_of, box, wanted.connector or None
        )
        if not running:
            raise NotExist("TransactionNotExist")
        return RequestStopTransaction(transaction_id=running[-1].name)

    async def reserve(self, _box: str, wanted: Wanted) -> Reservation:
        """Reserve a connector, or any."""
        token = await self._central.database.read(token_of, wanted.id_tag)
        expiry = wanted.expiry or self._central.now()
        return Reservation(
            expiry_date_time=expiry, id_token=token, evse_id=wanted.connector or None
        )

    async def unlock(self, _box: str, wanted: Wanted) -> UnlockConnector:
        """Unlock a connector."""
        return UnlockConnector(evse_id=wanted.connector or 0)

    async def reset(self, _box: str, _wanted: Wanted) -> Reset:
        """Restart the station at once, as the client always asks for."""
        return Reset(type="Immediate")

    async def transfer(self, _box: str, wanted: Wanted) -> DataTransfer:
        """Send a vendor's message."""
        return DataTransfer(vendor_id=wanted.vendor, message_id=wanted.message, data=wanted.data)

    async def limit(self, _box: str, wanted: Wanted) -> SetChargingProfile:
        """Install one of the profiles that are kept for this."""
        kept = await self._central.database.read(profile_templates.get, wanted.profile)
        if kept is None:
            raise NotExist("ProfileNotExist")
        return SetChargingProfile(evse_id=wanted.connector or 0, charging_profile=kept.profile)


Make = Callable[[Local, str, Wanted], Awaitable[Any]]
REQUESTS: Final[Mapping[str, tuple[str, Make]]] = {
    "DataTransfer": ("data_transfer", Local.transfer),
    "RemoteStartTransaction": ("request_start_transaction", Local.start),
    "RemoteStopTransaction": ("request_stop_transaction", Local.stop),
    "ReserveNow": ("reserve_now", Local.reserve),
    "UnlockConnector": ("unlock_connector", Local.unlock),
    "Reset": ("reset", Local.reset),
    "SetChargingProfile": ("set_charging_profile", Local.limit),
}


def token_of(connection: Connection, id_tag: str) -> Token:
    """The token of an idTag, of the kind that it is known as."""
    token = Token(id_tag)
    record = tokens.get(connection, token.key)
    return token if record is None else Token(record.id_token, record.type)


def word_of(record: ConnectorRecord) -> str | None:
    """A connector's state in the one word of OCPP 1.x; occupied alone is said to prepare."""
    if record.status is None:
        return None
    charging = record.charging_state if record.status == "Occupied" else None
    return WORDS.get((record.status, charging), "Preparing")


def _states(
    connection: Connection, boxes: Sequence[str], connector: int | None
) -> dict[str, Result]:
    return {box: _state(connection, box, connector) for box in boxes}


def _state(connection: Connection, box: str, connector: int | None) -> Result:
    found = [c for c in connectors.of_station(connection, box) if c.evse_id == connector]
    # Of several connectors of an EVSE one is in use at a time, and that one counts.
    record = max(found, key=lambda c: c.status != "Available", default=None)
    word = None if record is None else word_of(record)
    if record is None or word is None:
        return failure(NotExist("StateNotExist"))
    station = stations.get(connection, box)
    online = station is not None and station.online
    state = {
        "connectorId": record.evse_id,
        "status": word,
        "errorCode": record.error_code,
        "timestamp": record.status_at,
        "online": online,
    }
    return Result(word if online else OFFLINE, accepted=online, answer=state)


def _local_result(cmd: str, said: Any) -> Result:
    if isinstance(said, ChargeplaneError):
        return failure(said)
    return _success(cmd, said.status, getattr(said, "data", None), msgspec.to_builtins(said))


# A remote SteVe


class Remote:
    """A remote SteVe."""

    def __init__(self, client: SteveClient) -> None:
        self._client = client

    async def run(self, wanted: Wanted, boxes: Sequence[str], by: str) -> Mapping[str, Result]:
        """Have SteVe ask the stations; it knows only its own users, not who asks here."""
        del by
        if wanted.cmd == STATE:
            return await self._states(boxes, wanted.connector)
        results = await asyncio.gather(*(self._one(wanted, box) for box in boxes))
        return dict(zip(boxes, results, strict=True))

    async def _states(self, boxes: Sequence[str], connector: int | None) -> dict[str, Result]:
        try:
            found = await self._client.connectors()
        except ChargeplaneError as error:
            return dict.fromkeys(boxes, failure(error))
        words = {one.box: one.status for one in found if one.connector == connector}
        nowhere = failure(NotExist("StateNotExist"))
        return {
            box: Result(words[box], accepted=True, answer=_shown(words[box], connector))
            if box in words
            else nowhere
            for box in boxes
        }

    async def _one(self, wanted: Wanted, box: str) -> Result:
        try:
            fields = FIELDS[wanted.cmd](wanted)
            if wanted.cmd == "RemoteStopTransaction":
                fields["transactionId"] = await self._transaction(wanted, box)
            given = {name: value for name, value in fields.items() if value is not None}
            answer = await self._client.operate(wanted.cmd, box, given)
        except ChargeplaneError as error:
            return failure(error)
        return _remote_result(wanted.cmd, answer)

    async def _transaction(self, wanted: Wanted, box: str) -> int:
        running = [
            each.number
            for each in await self._client.transactions(box)
            if wanted.connector in {None, 0, each.connector}
        ]
        if not running:
            raise NotExist("TransactionNotExist")
        return max(running)


def _shown(word: str, connector: int | None) -> dict[str, Any]:
    return {"connectorId": connector, "status": word}


def _remote_result(cmd: str, answer: SteveAnswer) -> Result:
    shown = {"status": answer.status, "data": answer.data}
    said = {name: value for name, value in shown.items() if value is not None}
    return _success(cmd, answer.status, answer.data, said)


# Which fields of SteVe's operations a command fills.
FIELDS: Final[Mapping[str, Callable[[Wanted], dict[str, Any]]]] = {
    "DataTransfer": lambda w: {"vendorId": w.vendor, "messageId": w.message, "data": w.data},
    "RemoteStartTransaction": lambda w: {"connectorId": w.connector, "idTag": w.id_tag},
    "RemoteStopTransaction": lambda _: {},
    "ReserveNow": lambda w: {
        "connectorId": w.connector,
        "expiry": w.expiry,
        "idTag": w.id_tag,
    },
    "UnlockConnector": lambda w: {"connectorId": w.connector},
    "Reset": lambda _: {"resetType": "Hard"},
    "SetChargingProfile": lambda w: {
        "connectorId": w.connector or 0,
        "chargingProfilePk": w.profile,
    },
}
