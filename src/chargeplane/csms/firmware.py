"""Firmware: updates, publishing in the local network, and how they go."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import msgspec

from chargeplane.csms import jobs
from chargeplane.csms.central import Central
from chargeplane.csms.commands import BY_SYSTEM, Asked, send
from chargeplane.csms.registry import Station
from chargeplane.domain.firmware import (
    FirmwareStatusNotification,
    UpdateFirmware,
    UpdateFirmwareAnswer,
)
from chargeplane.domain.messages import Empty, Value
from chargeplane.ocpp.v2 import wire


class Publication(Value, frozen=True, kw_only=True):
    """A firmware that a local controller is to offer; `checksum` is MD5, `retry_interval` in s."""

    location: str
    checksum: str
    retries: int | None = None
    retry_interval: int | None = None


async def update_firmware(
    central: Central, station_id: str, request: UpdateFirmware, asked: Asked = BY_SYSTEM
) -> UpdateFirmwareAnswer:
    """Update under the number of a job (2.x L01, L02; 1.6 §5.19); raises as `send` does.

    A 1.6 station without the security extension is asked for a plain update.
    """

    def ask(number: int) -> Awaitable[UpdateFirmwareAnswer]:
        numbered = msgspec.structs.replace(request, request_id=number)
        return jobs.ask_numbered(central, station_id, numbered, _plain(request), asked)

    details = {"action": "UpdateFirmware", **msgspec.to_builtins(request)}
    job = jobs.Job(kind="firmware", station_id=station_id, details=details)
    return await jobs.run(central, job, ask)


async def publish_firmware(
    central: Central, station_id: str, wanted: Publication, asked: Asked = BY_SYSTEM
) -> wire.PublishFirmwareResponse:
    """Offer a firmware in the local network (2.x L03); raises as `send` does."""

    def ask(number: int) -> Awaitable[wire.PublishFirmwareResponse]:
        request = wire.PublishFirmware(
            location=wanted.location,
            checksum=wanted.checksum,
            request_id=number,
            retries=wanted.retries,
            retry_interval=wanted.retry_interval,
        )
        return send(central, station_id, request, asked)

    details = {"action": "PublishFirmware", **msgspec.to_builtins(wanted)}
    job = jobs.Job(kind="firmware", station_id=station_id, details=details)
    return await jobs.run(central, job, ask)


async def on_status(station: Station, request: FirmwareStatusNotification) -> Empty:
    """Store how an update goes (2.x L01, L02; 1.6 §4.5)."""
    await jobs.note(station, "firmware", request)
    return Empty()


async def on_publish_status(
    station: Station, request: wire.PublishFirmwareStatusNotification
) -> wire.PublishFirmwareStatusNotificationResponse:
    """Store how a publication goes (2.x L03)."""
    await jobs.note(station, "firmware", request)
    return wire.PublishFirmwareStatusNotificationResponse()


def _plain(request: UpdateFirmware) -> UpdateFirmware:
    """The update as the core of 1.6 says it, where nothing is signed."""
    image = msgspec.structs.replace(
        request.firmware, install_date_time=None, signing_certificate=None, signature=None
    )
    return msgspec.structs.replace(request, firmware=image, request_id=None)


HANDLERS: dict[type, Any] = {
    FirmwareStatusNotification: on_status,
    wire.PublishFirmwareStatusNotification: on_publish_status,
}
OPERATIONS: dict[str, tuple[type, Any]] = {
    "update_firmware": (UpdateFirmware, update_firmware),
    "publish_firmware": (Publication, publish_firmware),
    "unpublish_firmware": (wire.UnpublishFirmware, send),
}
