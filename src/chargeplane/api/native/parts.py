"""What the routes share: parameters, bodies, answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Final, TypeVar

import msgspec
from fastapi import Depends, Path, Query, Request
from fastapi.responses import Response
from pydantic import AfterValidator, AwareDatetime

from chargeplane.api.keys import Admin, Operator, Reader, require_station
from chargeplane.api.problems import Refused, invalid
from chargeplane.csms.central import Central
from chargeplane.storage.paging import Window

T = TypeVar("T")

MAX_BODY: Final = 1_000_000  # bytes
LARGEST: Final = 2**63 - 1  # what a column holds


def central_of(request: Request) -> Central:
    """The central system that the application is a face of."""
    central: Central = request.app.state.central
    return central


def _utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("the year is out of range") from error


def window(
    limit: Annotated[int, Query(ge=1, le=1000, description="Items of a page.")] = 100,
    cursor: Annotated[
        str | None, Query(max_length=2000, description="Where the last page ended.")
    ] = None,
) -> Window:
    """Which part of a list is wanted."""
    return Window(limit, cursor)


CentralDep = Annotated[Central, Depends(central_of)]
WindowDep = Annotated[Window, Depends(window)]
Moment = Annotated[AwareDatetime, AfterValidator(_utc)]
SafeText = Annotated[str, Query(max_length=255, pattern=r"^[^\x00]*$")]
SafeId = Annotated[str, Path(min_length=1, max_length=255, pattern=r"^[^\x00]+$")]
Number = Annotated[int, Path(ge=1, le=LARGEST)]
QueryNumber = Annotated[int, Query(ge=0, le=LARGEST)]


def _read_station(station_id: SafeId, caller: Reader) -> str:
    require_station(caller, station_id)
    return station_id


def _asked_station(station_id: SafeId, caller: Operator) -> str:
    require_station(caller, station_id)
    return station_id


def _changed_station(station_id: SafeId, caller: Admin) -> str:
    require_station(caller, station_id)
    return station_id


ReadStation = Annotated[str, Depends(_read_station)]
AskedStation = Annotated[str, Depends(_asked_station)]
ChangedStation = Annotated[str, Depends(_changed_station)]


async def read_body(request: Request, kind: type[T]) -> T:
    """What was sent, as a value of the type; raises `Refused` (413, 422)."""
    content = await read_bytes(request)
    if b"\\u0000" in content:
        raise invalid("text with NUL characters is refused")
    try:
        return msgspec.json.decode(content or b"{}", type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise invalid(error) from None


async def read_bytes(request: Request) -> bytes:
    """What was sent, read once; raises `Refused` (413) if it is too much."""
    known: bytes | None = getattr(request.state, "content", None)
    if known is not None:
        return known
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > MAX_BODY:
            raise Refused(413, "TooLarge", f"at most {MAX_BODY} bytes are taken")
    request.state.content = bytes(content)
    return bytes(content)


def answer(value: Any, status: int = 200, **headers: str) -> Response:
    """A value as JSON; headers with underscores for hyphens."""
    content = msgspec.json.encode(value)
    headers = {name.replace("_", "-"): text for name, text in headers.items()}
    return Response(content, status, headers=headers, media_type="application/json")


async def listed(
    central: Central, page: Callable[..., Any], *what: Any, wanted: Window
) -> Response:
    """A page of a list; raises `Refused` (422) if the cursor is not one of it."""
    try:
        return answer(await central.database.read(page, *what, wanted))
    except (ValueError, OverflowError) as error:
        raise invalid(error) from error
