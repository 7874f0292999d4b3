"""What SteVe's clients miss there: charge boxes and the states of their connectors."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query
from fastapi.responses import Response

from chargeplane.api.steve.backends import word_of
from chargeplane.api.steve.shared import FaceDep, found, number_of, shown, streamed
from chargeplane.domain.messages import Json
from chargeplane.storage.paging import every
from chargeplane.storage.records import ConnectorRecord, StationRecord
from chargeplane.storage.repositories import connectors, stations
from chargeplane.storage.repositories.stations import StationFilter

router = APIRouter()


@router.get("/chargeBoxes")
async def list_boxes(face: FaceDep, online: bool | None = None) -> Response:  # noqa: FBT001 by name
    """Charge boxes and whether they are connected."""
    records = every(face.central.database, stations.page, StationFilter(online=online))
    return streamed(_box(record) async for record in records)


@router.get("/chargeBoxes/{box}")
async def show_box(face: FaceDep, box: str) -> Response:
    """A charge box with the states of its connectors."""
    record = found(await face.central.database.read(stations.get, box), f"Charge box {box}")
    states = await face.central.database.read(connectors.of_station, box)
    return shown({**_box(record), "connectors": [_connector(each) for each in states]})


@router.get("/connectorStatus")
async def list_connectors(
    face: FaceDep,
    boxes: Annotated[list[str] | None, Query(alias="chargeBoxId")] = None,
    status: str | None = None,
) -> Response:
    """States of connectors; connector 0 is the charge box itself."""
    wanted = boxes or [r.id async for r in every(face.central.database, stations.page, ALL_BOXES)]
    records = await face.central.database.read(connectors.of_stations, tuple(wanted))
    states = (_connector(record) for record in records)
    return shown([each for each in states if status in {None, each["status"]}])


ALL_BOXES: Final = StationFilter()


def _box(record: StationRecord) -> Json:
    return {
        "chargeBoxPk": number_of(record.id),
        "chargeBoxId": record.id,
        "description": record.name,
        "note": record.comment,
        "registrationStatus": record.registration,
        "online": record.online,
        "ocppProtocol": record.subprotocol,
        "chargePointVendor": record.vendor,
        "chargePointModel": record.model,
        "chargePointSerialNumber": record.serial_number,
        "fwVersion": record.firmware_version,
        "lastHeartbeatTimestamp": record.last_seen_at,
    }


def _connector(record: ConnectorRecord) -> Json:
    return {
        "chargeBoxId": record.station_id,
        "connectorId": record.evse_id,
        "status": word_of(record),
        "errorCode": record.error_code,
        "errorInfo": record.error_info,
        "timeStamp": record.status_at,
    }
