"""The lists of tokens that stations keep for when they are offline (2.x D; 1.6 §5.10, §5.15)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

import structlog
from msgspec.structs import replace
from sqlalchemy import Connection

from chargeplane.csms.authorization import decide, describe
from chargeplane.csms.batches import Limits, batches, can_hear, room
from chargeplane.csms.central import Central, Unit
from chargeplane.csms.commands import BY_SYSTEM, Asked, operate
from chargeplane.csms.registry import Station
from chargeplane.domain.messages import Value
from chargeplane.domain.tokens import (
    AuthorizationData,
    GetLocalListVersion,
    LocalListVersion,
    SendLocalList,
    SendLocalListAnswer,
    Token,
)
from chargeplane.storage.paging import Window
from chargeplane.storage.records import LocalListRecord, TokenRecord, VariableRecord
from chargeplane.storage.repositories import local_lists, stations, tokens, variables
from chargeplane.storage.repositories.tokens import Standing, TokenFilter
from chargeplane.storage.repositories.variables import VariableFilter

COMPONENT: Final = "LocalAuthListCtrlr"
SEND: Final = Limits(COMPONENT)
PAGE: Final = 1000

Entries = tuple[AuthorizationData, ...]

logger = structlog.get_logger()


class UpdateLocalList(Value, frozen=True, kw_only=True):
    """Bring the list of a station up to our tokens, by the differences where that is possible."""

    update_type: Literal["Differential", "Full"] = "Differential"


# Operations


async def send_local_list(
    central: Central, station_id: str, request: SendLocalList, asked: Asked = BY_SYSTEM
) -> SendLocalListAnswer:
    """Send a list as it is given, in as many messages as the station needs (2.x D01)."""

    async def work(station: Station) -> SendLocalListAnswer:
        return await _send(station, request, asked)

    return await operate(central, station_id, request, work, asked)


async def update_local_list(
    central: Central, station_id: str, request: UpdateLocalList, asked: Asked = BY_SYSTEM
) -> SendLocalListAnswer:
    """Bring the list of a station up to our tokens; if differences fail the whole list is sent."""

    async def work(station: Station) -> SendLocalListAnswer:
        known = await central.database.read(local_lists.get, station_id)
        wanted = await _wanted(station)
        if request.update_type == "Differential" and known is not None:
            answer = await _differences(station, known, wanted, asked)
            # 2.x D01.FR.03: what fails by differences is sent as a whole.
            if answer.status not in {"Failed", "VersionMismatch"}:
                return answer
        version = 1 if known is None else known.version + 1
        return await _send(station, _list("Full", version, wanted), asked)

    return await operate(central, station_id, request, work, asked)


async def get_local_list_version(
    central: Central, station_id: str, request: GetLocalListVersion, asked: Asked = BY_SYSTEM
) -> LocalListVersion:
    """Ask which list a station has; what we took it for is forgotten if it has none (2.x D02)."""

    async def work(station: Station) -> LocalListVersion:
        answer = await station.ask(request, asked.timeout)
        if answer.version_number <= 0:
            await central.commit(lambda unit: local_lists.remove(unit.connection, station_id))
        return answer

    return await operate(central, station_id, request, work, asked)


# Sending


async def _differences(
    station: Station, known: LocalListRecord, wanted: Entries, asked: Asked
) -> SendLocalListAnswer:
    """Send what differs from the list that the station has, if that is the one we know."""
    there, expected = await station.ask(GetLocalListVersion(), asked.timeout), known.version
    if there.version_number != expected:
        return SendLocalListAnswer(status="VersionMismatch")
    have, want = _by_key(known.entries), _by_key(wanted)
    changed = [entry for key, entry in want.items() if have.get(key) != entry]
    # 2.x D01.FR.17: an entry without info is removed.
    gone = [replace(entry, id_token_info=None) for key, entry in have.items() if key not in want]
    if not changed and not gone:
        return SendLocalListAnswer(status="Accepted")
    request = _list("Differential", known.version + 1, (*changed, *gone))
    return await _send(station, request, asked)


async def _send(station: Station, request: SendLocalList, asked: Asked) -> SendLocalListAnswer:
    """Send a list in parts, each with a version of its own; what the station took is stored."""
    fits = await room(station, SEND)  # 2.x D01.FR.11; 1.6 §9.2 SendLocalListMaxLength
    entries = request.local_authorization_list or ()
    for number, part in enumerate(batches(entries, fits, _key) if entries else [()]):
        # 2.x D01.FR.15: a list that is too long begins as Full and goes on by differences.
        kind = request.update_type if number == 0 else "Differential"
        message = _list(kind, request.version_number + number, part)
        answer = await station.ask(replace(message, custom_data=request.custom_data), asked.timeout)
        if answer.status != "Accepted":
            return answer
        await _store(station, message)
    return answer


async def _store(station: Station, sent: SendLocalList) -> None:
    def work(unit: Unit) -> None:
        known = local_lists.get(unit.connection, station.id)
        entries = dict(_by_key(known.entries)) if known and sent.update_type != "Full" else {}
        for entry in sent.local_authorization_list or ():
            if entry.id_token_info is None:
                entries.pop(_key(entry), None)
            else:
                entries[_key(entry)] = entry
        held = tuple(entries.values())
        version = sent.version_number
        local_lists.save(unit.connection, station.id, version, held, unit.now)
        unit.emit("local_list.sent", station_id=station.id, version=version, entries=len(held))

    await station.central.commit(work)


def _list(kind: Literal["Differential", "Full"], version: int, entries: Entries) -> SendLocalList:
    return SendLocalList(
        version_number=version, update_type=kind, local_authorization_list=entries or None
    )


def _by_key(entries: Entries) -> Mapping[tuple[str, str], AuthorizationData]:
    return {_key(entry): entry for entry in entries}


def _key(entry: AuthorizationData) -> tuple[str, str]:
    return entry.id_token.key, entry.id_token.type


# Our tokens


async def _wanted(station: Station) -> Entries:
    """The list that a station should have: as many as it takes, those that may charge first."""
    found, limit = await station.central.database.read(_read, station)
    sayable = [entry for entry in found if can_hear(station, _list("Full", 1, (entry,)))]
    sayable.sort(key=lambda entry: not _may_charge(entry))
    if limit is not None and len(sayable) > limit:
        logger.warning("local list cut", station=station.id, tokens=len(sayable), limit=limit)
    return tuple(sayable[:limit])


def _may_charge(entry: AuthorizationData) -> bool:
    return entry.id_token_info is not None and entry.id_token_info.status == "Accepted"


def _read(connection: Connection, station: Station) -> tuple[list[AuthorizationData], int | None]:
    record, now = stations.get(connection, station.id), station.central.now()
    entries = []
    for token in _every(connection):
        status = decide(Standing(token, 0, 0), record, station.id, now, starting=False)
        if status != "NotAtThisLocation":
            info = replace(describe(token, status), personal_message=None)
            entries.append(
                AuthorizationData(id_token=Token(token.id_token, token.type), id_token_info=info)
            )
    return entries, _limit(connection, station.id)


def _every(connection: Connection) -> Iterator[TokenRecord]:
    window: Window | None = Window(PAGE)
    while window is not None:
        page = tokens.page(connection, TokenFilter(), window)
        yield from page.items
        window = Window(PAGE, page.cursor) if page.cursor else None


def _limit(connection: Connection, station_id: str) -> int | None:
    """How many entries the station holds at most, as far as it has told it (2.x D01.FR.12)."""
    what = VariableFilter(station_id=station_id, component=COMPONENT, variable="Entries")
    told = [_maximum(record) for record in variables.of_station(connection, what)]
    return min((number for number in told if number), default=None)


def _maximum(record: VariableRecord) -> int | None:
    """A characteristic of the variable in 2.x, a key of its own in 1.x."""
    if record.attribute_type == "MaxLimit":
        return int(record.value) if record.value and record.value.isdecimal() else None
    limit = (record.characteristics or {}).get("maxLimit")
    return None if limit is None else int(limit)


HANDLERS: dict[type, Any] = {}

OPERATIONS: dict[str, tuple[type, Any]] = {
    "send_local_list": (SendLocalList, send_local_list),
    "update_local_list": (UpdateLocalList, update_local_list),
    "get_local_list_version": (GetLocalListVersion, get_local_list_version),
}
