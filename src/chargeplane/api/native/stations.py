"""Stations: what operators decide about them, what they hold, how they are now."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import Connection

from chargeplane.api.keys import Reader, WholeAdmin, WholeReader
from chargeplane.api.native import schemas, shapes
from chargeplane.api.native.idempotency import ActingRoute
from chargeplane.api.native.parts import (
    CentralDep,
    ChangedStation,
    QueryNumber,
    ReadStation,
    SafeText,
    WindowDep,
    answer,
    listed,
    read_body,
)
from chargeplane.api.native.shapes import StationChange, StationRegistration
from chargeplane.api.problems import not_found
from chargeplane.csms import stations as operators
from chargeplane.csms.central import Central
from chargeplane.csms.lists import read_stations
from chargeplane.csms.registry import Station
from chargeplane.storage import records
from chargeplane.storage.records import Registration
from chargeplane.storage.repositories import (
    charging_profiles,
    connectors,
    local_lists,
    refused_stations,
    stations,
    transactions,
    variables,
)
from chargeplane.storage.repositories.stations import StationFilter, StationSettings
from chargeplane.storage.repositories.variables import VariableFilter

router = APIRouter(tags=["stations"], route_class=ActingRoute)


@router.get("/stations", **schemas.documented(schemas.Stations))
async def list_stations(
    central: CentralDep,
    caller: Reader,
    window: WindowDep,
    search: SafeText | None = None,
    online: bool | None = None,  # noqa: FBT001 a query parameter has a name
    registration: Registration | None = None,
) -> Response:
    """A page of stations with their connectors."""
    wanted = StationFilter(
        search=search, online=online, registration=registration, among=caller.stations
    )
    return await listed(central, read_stations, wanted, wanted=window)


@router.post(
    "/stations",
    **schemas.documented(
        shapes.StationDetail,
        body=StationRegistration,
        example={"id": "CP1", "name": "Garage"},
        status=201,
    ),
)
async def register_station(request: Request, central: CentralDep, _caller: WholeAdmin) -> Response:
    """Let a station in."""
    sent = await read_body(request, StationRegistration)
    await operators.register(central, sent.id, _settings(sent), sent.password)
    return await _shown(central, sent.id, 201)


@router.get("/refused-stations", **schemas.documented(schemas.RefusedStations))
async def list_refused(central: CentralDep, _caller: WholeReader, window: WindowDep) -> Response:
    """A page of stations that were not let in, the latest first."""
    return await listed(central, refused_stations.page, wanted=window)


@router.get("/stations/{station_id}", **schemas.documented(shapes.StationDetail))
async def show_station(central: CentralDep, station_id: ReadStation) -> Response:
    """A station with its EVSEs, what runs there, and its connection."""
    return await _shown(central, station_id)


@router.patch(
    "/stations/{station_id}",
    **schemas.documented(
        shapes.StationDetail,
        body=StationChange,
        example={"pinned_version": "1.6", "enabled": True},
    ),
)
async def change_station(
    request: Request, central: CentralDep, station_id: ChangedStation
) -> Response:
    """Change what is sent; a pinned version holds from the next connection on."""
    sent = await read_body(request, StationChange)
    await operators.change(central, station_id, _settings(sent), sent.password)
    return await _shown(central, station_id)


@router.delete("/stations/{station_id}", **schemas.documented(status=204))
async def delete_station(central: CentralDep, station_id: ChangedStation) -> Response:
    """Forget a station and what it holds, not what happened there."""
    await operators.remove(central, station_id)
    return Response(status_code=204)


@router.post("/stations/{station_id}/adopt", **schemas.documented(shapes.StationDetail))
async def adopt_station(central: CentralDep, station_id: ChangedStation) -> Response:
    """Accept a station that was refused or is pending; it is in with its next attempt."""
    await operators.adopt(central, station_id)
    return await _shown(central, station_id)


@router.get(
    "/stations/{station_id}/charging-profiles",
    **schemas.documented([records.ChargingProfileRecord]),
)
async def list_profiles(
    central: CentralDep, station_id: ReadStation, evse: QueryNumber | None = None
) -> Response:
    """The charging profiles that a station holds, as far as we know."""
    return answer(await central.database.read(charging_profiles.of_station, station_id, evse))


@router.get("/stations/{station_id}/variables", **schemas.documented(schemas.Variables))
async def list_variables(  # noqa: PLR0913, PLR0917 query parameters have names
    central: CentralDep,
    station_id: ReadStation,
    window: WindowDep,
    component: SafeText | None = None,
    variable: SafeText | None = None,
    evse: QueryNumber | None = None,
    search: SafeText | None = None,
) -> Response:
    """A page of a station's variables as they were last read."""
    wanted = VariableFilter(
        station_id=station_id, component=component, variable=variable, evse_id=evse, search=search
    )
    return await listed(central, variables.page, wanted, wanted=window)


@router.get("/stations/{station_id}/local-list", **schemas.documented(records.LocalListRecord))
async def show_local_list(central: CentralDep, station_id: ReadStation) -> Response:
    """The local authorisation list that a station holds, as far as we know."""
    found = await central.database.read(local_lists.get, station_id)
    if found is None:
        raise not_found(f"local list of {station_id}")
    return answer(found)


def _settings(change: StationChange) -> StationSettings:
    """A change as the central system takes it, less the password."""
    names = set(StationSettings.__struct_fields__) & set(change.__struct_fields__)
    return StationSettings(**{name: getattr(change, name) for name in names})


async def _shown(central: Central, station_id: str, status: int = 200) -> Response:
    found = await central.database.read(_read, station_id, central.stations.get(station_id))
    if found is None:
        raise not_found(f"station {station_id}")
    return answer(found, status)


def _read(connection: Connection, station_id: str, here: Station | None) -> Any:
    """A station in all detail; None if it is not known."""
    record = stations.get(connection, station_id)
    if record is None:
        return None
    states = connectors.of_station(connection, station_id)
    running = {each.evse_id: each for each in transactions.open_of(connection, station_id)}
    return shapes.shown(
        shapes.StationDetail,
        record,
        connectors=states,
        evses=tuple(
            shapes.EvseState(
                id=number,
                connectors=tuple(each),
                transaction=running.get(number),
            )
            for number, each in groupby(states, lambda state: state.evse_id)
            if number
        ),
        live=_live(here),
    )


def _live(here: Station | None) -> shapes.Live | None:
    if here is None:
        return None
    return shapes.Live(
        address=here.address,
        connected_at=here.connected_at,
        last_seen=here.last_seen,
        registration=here.registration,
        oddities=dict(here.oddities),
    )
