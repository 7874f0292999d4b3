"""Messages on stations' displays."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from chargeplane.csms import notes, reports
from chargeplane.csms.central import Central
from chargeplane.csms.commands import BY_SYSTEM, Asked, operate, send
from chargeplane.csms.registry import Station
from chargeplane.domain.messages import MessageContent, StatusInfo, Value
from chargeplane.domain.variables import Component
from chargeplane.ocpp.v2 import wire


class DisplayMessage(Value, frozen=True, kw_only=True):
    """What is to be shown; a message with the id of another takes its place (2.x O06)."""

    priority: wire.MessagePriorityEnum
    message: MessageContent
    id: int | None = None
    state: wire.MessageStateEnum | None = None
    start_date_time: datetime | None = None
    end_date_time: datetime | None = None
    transaction_id: str | None = None
    display: Component | None = None
    message_extra: tuple[MessageContent, ...] | None = None  # 2.1


class SetMessage(Value, frozen=True, kw_only=True):
    """Whether it will be shown, and its id."""

    id: int
    status: wire.DisplayMessageStatusEnum
    status_info: StatusInfo | None = None


class GetDisplayMessages(Value, frozen=True, kw_only=True):
    """Which messages; all conditions that are given hold."""

    id: tuple[int, ...] | None = None
    priority: wire.MessagePriorityEnum | None = None
    state: wire.MessageStateEnum | None = None


async def set_display_message(
    central: Central, station_id: str, wanted: DisplayMessage, asked: Asked = BY_SYSTEM
) -> SetMessage:
    """Show a message (2.x O01, O02, O06); raises as `send` does."""
    number = notes.new_id() if wanted.id is None else wanted.id
    numbered = msgspec.structs.replace(wanted, id=number)
    message = msgspec.convert(numbered, wire.MessageInfo, from_attributes=True)
    answer = await send(central, station_id, wire.SetDisplayMessage(message=message), asked)
    return SetMessage(id=number, status=answer.status, status_info=notes.info(answer))


async def get_display_messages(
    central: Central, station_id: str, wanted: GetDisplayMessages, asked: Asked = BY_SYSTEM
) -> tuple[wire.MessageInfo, ...]:
    """The messages that a station holds (2.x O03, O04); raises as `send` does."""

    async def ask(station: Station) -> tuple[wire.MessageInfo, ...]:
        request = wire.GetDisplayMessages(
            request_id=notes.new_id(),
            id=list(wanted.id) if wanted.id else None,
            priority=wanted.priority,
            state=wanted.state,
        )
        _, messages = await reports.collect(station, request, wire.NotifyDisplayMessages, asked)
        return messages  # none if it was not accepted: there are none

    return await operate(central, station_id, wanted, ask, asked)


async def on_messages(
    station: Station, request: wire.NotifyDisplayMessages
) -> wire.NotifyDisplayMessagesResponse:
    """Store a part of the messages that a station holds (2.x O03, O04)."""
    await station.central.commit(
        lambda unit: notes.keep(unit, station.id, "display.messages", request)
    )
    reports.hand_on(station, request, request.message_info or ())
    return wire.NotifyDisplayMessagesResponse()


HANDLERS: dict[type, Any] = {
    wire.NotifyDisplayMessages: on_messages,
}
OPERATIONS: dict[str, tuple[type, Any]] = {
    "set_display_message": (DisplayMessage, set_display_message),
    "get_display_messages": (GetDisplayMessages, get_display_messages),
    "clear_display_message": (wire.ClearDisplayMessage, send),
}
