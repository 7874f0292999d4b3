"""Who calls the HTTP faces: the key of a request, and what routes ask of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader, HTTPBearer

from chargeplane.access.keys import Caller, Keys
from chargeplane.api.limits import RateLimit
from chargeplane.api.problems import Refused
from chargeplane.storage.records import Scope


async def authenticate(request: Request) -> Caller:
    """Who sends a request, asked once; raises `Refused` (401, 429)."""
    known: Caller | None = getattr(request.state, "caller", None)
    if known is not None:
        return known
    key = request.headers.get("x-api-key") or _bearer(request.headers.get("authorization", ""))
    keys: Keys = request.app.state.keys
    found = await keys.identify(key) if key else None
    if found is None:
        reason = "X-API-Key is missing or wrong"
        raise Refused(401, "Unauthorized", reason, WWW_Authenticate="Bearer")
    limit: RateLimit = request.app.state.limit
    limit.check(found.name)
    request.state.caller = found
    return found


def _bearer(header: str) -> str:
    scheme, _, key = header.partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


# What routes depend on

_HEADER: Final = APIKeyHeader(name="X-API-Key", auto_error=False)
_BEARER: Final = HTTPBearer(auto_error=False)


def _good_for(scope: Scope, *, whole: bool = False) -> Callable[..., Awaitable[Caller]]:
    """Ask for a key of that scope; `whole`: for one that sees all stations."""

    async def check(
        request: Request,
        _key: Annotated[Any, Security(_HEADER)] = None,
        _token: Annotated[Any, Security(_BEARER)] = None,
    ) -> Caller:
        caller = await authenticate(request)
        if not caller.may(scope):
            raise Refused(403, "Forbidden", f"the key {caller.name} lacks the scope {scope}")
        if whole and caller.stations is not None:
            raise Refused(403, "Forbidden", f"the key {caller.name} is for some stations only")
        return caller

    return check


Reader = Annotated[Caller, Depends(_good_for("read"))]
Operator = Annotated[Caller, Depends(_good_for("operate"))]
Admin = Annotated[Caller, Depends(_good_for("admin"))]
WholeReader = Annotated[Caller, Depends(_good_for("read", whole=True))]
WholeAdmin = Annotated[Caller, Depends(_good_for("admin", whole=True))]


def require_station(caller: Caller, station_id: str) -> None:
    """Raise `Refused` (403) if the key is not for that station."""
    if not caller.sees(station_id):
        raise Refused(403, "Forbidden", f"the key {caller.name} is not for {station_id}")
