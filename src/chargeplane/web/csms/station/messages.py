"""The raw messages between a station and us."""

from __future__ import annotations

from functools import partial
from typing import Final

import msgspec
from nicegui import ui
from sqlalchemy import Connection

from chargeplane.ocpp.dialects import BY_SUBPROTOCOL, DIALECTS
from chargeplane.storage.paging import Window
from chargeplane.storage.records import MessageRecord, StationRecord
from chargeplane.storage.repositories import messages
from chargeplane.storage.repositories.messages import MessageFilter
from chargeplane.web.csms.dialogs import show_text
from chargeplane.web.csms.tables import Asked, Column, Filter, Found, Listing, RowAction
from chargeplane.web.csms.visit import Visit
from chargeplane.web.texts import Texts, mark

DIRECTIONS: Final = {"in": mark("From the station"), "out": mark("To the station")}
SHOWN: Final = 160  # characters of a message in the list
PAIR: Final = 10  # messages of one call at most


async def build(visit: Visit, station: StationRecord) -> None:
    """The latest first."""
    actions = {name: name for name in _actions(station)}
    refresh = ui.button(visit.t("Refresh"), icon="refresh").props("outline no-caps dense")
    refresh.classes("px-2 mb-2")
    listing = Listing(
        visit,
        "messages",
        _columns(visit.t),
        partial(_read, station.id),
        key=lambda each: str(each.id),
        filters=(
            Filter("direction", mark("Direction"), DIRECTIONS),
            Filter("action", mark("Action"), actions),
        ),
        actions=(RowAction(mark("Show"), "data_object", partial(_show, visit)),),
    )
    refresh.on_click(listing.refresh)
    await listing.refresh()


def _actions(station: StationRecord) -> list[str]:
    """The actions that a station may use; of all versions where its own is not known."""
    own = BY_SUBPROTOCOL.get(station.subprotocol or "")
    dialects = DIALECTS.values() if own is None else (own,)
    return sorted({action.name for dialect in dialects for action in dialect.actions})


def _read(station_id: str, connection: Connection, asked: Asked) -> Found[MessageRecord]:
    what = MessageFilter(
        station_id=station_id,
        search=asked.search or None,
        direction=asked.filters.get("direction") or None,  # type: ignore[arg-type]
        action=asked.filters.get("action") or None,
    )
    page = messages.page(connection, what, asked.window)
    return Found(page.items, messages.count(connection, what))


async def _show(visit: Visit, message: MessageRecord) -> None:
    """Show a message with the others of its call."""
    found = [message]
    if message.call_id:
        what = MessageFilter(station_id=message.station_id, call_id=message.call_id)
        page = await visit.read(messages.page, what, Window(PAIR))
        found = sorted(page.items, key=lambda each: each.id)
    title = message.action or next((each.action for each in found if each.action), None)
    texts = [f"{_head(visit.t, each)}\n{_pretty(each.frame)}" for each in found]
    show_text(visit, title or visit.t("Message"), *texts)


def _head(t: Texts, message: MessageRecord) -> str:
    return f"{t(DIRECTIONS[message.direction])}, {t.moment(message.at)}"


def _pretty(frame: str) -> str:
    """A frame with its JSON laid out; what is none, such as SOAP, is shown as it is."""
    try:
        return msgspec.json.format(frame, indent=2)
    except msgspec.DecodeError:
        return frame


def _columns(t: Texts) -> list[Column[MessageRecord]]:
    return [
        Column(
            name="at",
            title=mark("Time"),
            show=lambda each: f"{t.moment(each.at)}:{each.at:%S}",
            export=lambda each: each.at,
        ),
        Column(
            name="direction",
            title=mark("Direction"),
            show=lambda each: t(DIRECTIONS[each.direction]),
            color=lambda each: "secondary" if each.direction == "in" else "grey-8",
        ),
        Column(name="action", title=mark("Action"), show=lambda each: each.action or ""),
        Column(
            name="frame",
            title=mark("Message"),
            show=lambda each: each.frame[:SHOWN] + ("…" if len(each.frame) > SHOWN else ""),
            export=lambda each: each.frame,
            is_long=True,
        ),
    ]
