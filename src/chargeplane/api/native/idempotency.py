"""Acting calls that carry an Idempotency-Key are done once, however often they are sent."""

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final

import msgspec
from fastapi import Request
from fastapi.responses import Response
from fastapi.routing import APIRoute

from chargeplane.api import keys, problems
from chargeplane.api.native.parts import central_of, read_bytes
from chargeplane.api.native.schemas import IDEMPOTENCY_KEY
from chargeplane.api.problems import Refused, invalid
from chargeplane.csms.central import Central
from chargeplane.storage.records import IdempotentAnswerRecord
from chargeplane.storage.repositories import idempotency
from chargeplane.storage.repositories.idempotency import Claim

KEPT: Final = timedelta(days=1)
MAX_LENGTH: Final = 255
READING: Final = frozenset({"GET", "HEAD"})
NOTHING_DONE: Final = frozenset({400, 401, 403, 404, 409, 413, 422, 429, 503})

PARAMETER: Final[dict[str, Any]] = {
    "name": IDEMPOTENCY_KEY,
    "in": "header",
    "required": False,
    "description": "A request that is sent again with the same key within a day is answered as "
    "the first one was, and not done again.",
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH},
}

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class ActingRoute(APIRoute):
    """A route whose requests may carry an Idempotency-Key, unless they only read."""

    def __init__(self, *args: Any, methods: Collection[str], **kwargs: Any) -> None:
        self._acts = not READING.issuperset(methods)
        if self._acts:
            extra: dict[str, Any] = kwargs.pop("openapi_extra", None) or {}
            said = [*extra.get("parameters", ()), PARAMETER]
            kwargs["openapi_extra"] = {**extra, "parameters": said}
        super().__init__(*args, methods=[*methods], **kwargs)

    def get_route_handler(self) -> Handler:
        """The handler, which looks for the key first."""
        handle = super().get_route_handler()
        if not self._acts:
            return handle

        async def once(request: Request) -> Response:
            sent = request.headers.get(IDEMPOTENCY_KEY)
            return await (handle(request) if sent is None else _once(request, sent, handle))

        return once


async def _once(request: Request, sent: str, handle: Handler) -> Response:
    """Handle a request, or answer as the first one of its key was answered."""
    if not 1 <= len(sent) <= MAX_LENGTH:
        raise invalid(f"{IDEMPOTENCY_KEY} has 1 to {MAX_LENGTH} characters")
    caller = await keys.authenticate(request)
    central = central_of(request)
    key = _digest(caller.name, sent)
    wanted = _digest(request.method, str(request.url), await read_bytes(request))
    claim = Claim(key, wanted, central.node)
    known = await central.commit(
        lambda unit: idempotency.reserve(unit.connection, claim, unit.now, unit.now - KEPT)
    )
    if known is not None:
        return _again(known, wanted)
    try:
        response = await handle(request)
    except Exception as error:
        # Also a bug is an answer: what was done before it is not to be done again.
        await _keep(central, key, response := problems.respond(error))
        if response.status_code == problems.OUR_FAULT:
            raise
        return response
    await _keep(central, key, response)
    return response


async def _keep(central: Central, key: str, response: Response) -> None:
    """Keep what was answered; a request that did nothing gives its key back."""
    status, media_type = response.status_code, response.media_type or ""
    body = bytes(response.body).decode()
    if status in NOTHING_DONE:
        await central.commit(lambda unit: idempotency.release(unit.connection, key))
    else:
        await central.commit(
            lambda unit: idempotency.finish(unit.connection, key, status, media_type, body)
        )


def _again(known: IdempotentAnswerRecord, wanted: str) -> Response:
    if known.request_digest != wanted:
        raise invalid(f"this {IDEMPOTENCY_KEY} was sent with another request")
    if known.status is None:
        raise Refused(409, "Unfinished", "the first request with this key is not answered yet")
    headers = {"Idempotency-Replayed": "true"}
    return Response(known.body, known.status, headers=headers, media_type=known.media_type)


def _digest(*parts: str | bytes) -> str:
    return sha256(msgspec.json.encode(parts)).hexdigest()
