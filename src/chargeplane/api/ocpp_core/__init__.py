"""The HTTP API of OCPP.Core: `/API/<command>[/chargepointId[/connectorId[/parameter]]]`.

It only translates; docs/ocpp-core.md describes it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from chargeplane.api.ocpp_core import payments as paying
from chargeplane.api.ocpp_core.answers import Refused, explain
from chargeplane.api.ocpp_core.call import Call, Caller
from chargeplane.api.ocpp_core.commands import COMMANDS, Command
from chargeplane.api.ocpp_core.status import Board
from chargeplane.csms.central import Central
from chargeplane.payments.service import Payments

Check = Callable[[Request], Awaitable[Caller]]
"""Tells whose key a request shows in `X-API-Key`; raises `problems.Refused` or `HTTPException`."""

PREFIX: Final = "api"
PAYMENTS: Final = "payments"
WEBHOOK: Final = (PAYMENTS, "webhook")  # called by the payment provider, which has no key
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
GRACE: Final = 1.0  # s after the station's own time until the caller gives up, as in a long queue

__all__ = ["Call", "Caller", "Check", "Rules", "route"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What an operator decides about this face."""

    acting_by_get: bool = True  # as upstream; else commands that change something need POST


def route(
    central: Central, check: Check, rules: Rules | None = None, payments: Payments | None = None
) -> BaseRoute:
    """The face as one route, to be appended to the routes of an application."""
    return _Face(central, check, rules or Rules(), payments)


class _Face(BaseRoute):
    """Takes every method below `/API`, whose case does not count."""

    def __init__(
        self, central: Central, check: Check, rules: Rules, payments: Payments | None
    ) -> None:
        self._central = central
        self._payments = payments
        self._check = check
        self._rules = rules
        self._board = Board()

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether the first part of the path is ours."""
        is_ours = scope["type"] == "http" and _parts(scope)[0].lower() == PREFIX
        return (Match.FULL if is_ours else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        try:
            response = await self._answer(Request(scope, receive), _parts(scope)[1:])
        except Exception as error:  # noqa: BLE001 whatever happens is answered as clients know it
            response = explain(error)
        await response(scope, receive, send)

    async def _answer(self, request: Request, parts: tuple[str, ...]) -> Response:
        words = tuple(part.lower() for part in parts)
        if words[: len(WEBHOOK)] == WEBHOOK:
            return await paying.hear(self._payments, request)
        caller = await self._check(request)
        if not parts:  # as upstream: `/API` alone does nothing
            return Response()
        if words[0] == PAYMENTS:
            action = parts[1] if len(parts) > 1 else ""
            return await paying.answer(self._central, self._payments, caller, request, action)
        command = self._command(request, parts[0])
        if not caller.may(command.scope):
            raise Refused(403, "Forbidden", f"the key does not allow {parts[0]}")
        async with asyncio.timeout(self._central.settings.answer_timeout + GRACE):
            return await command.run(Call(self._central, self._board, caller, parts[1:]))

    def _command(self, request: Request, name: str) -> Command:
        command = COMMANDS.get(name)
        if command is None:
            raise Refused(404, "UnknownCommand")
        if command.acts and request.method in SAFE_METHODS and not self._rules.acting_by_get:
            raise Refused(405, "MethodNotAllowed", f"{name} needs POST", {"Allow": "POST"})
        return command


def _parts(scope: Scope) -> tuple[str, ...]:
    """The parts of the path, decoded one by one: %2F belongs to a name."""
    raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    return tuple(unquote(part) for part in raw.decode("latin-1").split("/"))[1:] or ("",)
