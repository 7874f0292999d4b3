"""The stand-in as an HTTP server: Stripe's API, and the page where a driver pays."""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from chargeplane.net import http
from chargeplane.payments.stand_in import forms, operations, pages
from chargeplane.payments.stand_in.books import Books
from chargeplane.payments.stand_in.deliveries import Deliveries
from chargeplane.payments.stand_in.errors import ApiError
from chargeplane.payments.stand_in.faults import Faults
from chargeplane.payments.stand_in.objects import Session
from chargeplane.payments.stand_in.repetition import Answer, Repetition


def _now() -> datetime:
    return datetime.now(UTC)


class StandIn:
    """A Stripe account of test mode, of which everything can be seen and broken."""

    def __init__(self, now: Callable[[], datetime] = _now) -> None:
        self.api_key: Final = f"sk_test_{secrets.token_hex(12)}"
        self.webhook_secret: Final = f"whsec_{secrets.token_hex(16)}"
        self.faults: Final = Faults()
        self.deliveries: Final = Deliveries(self.webhook_secret, self.faults)
        self.books: Final = Books(now, self.deliveries.put)
        self.requests: Final[list[str]] = []  # what was asked, the answers of faults included
        self.repetition: Final = Repetition()

    @property
    def url(self) -> str:
        """Where it listens: what the setting `stripe.api_base` wants."""
        return self.books.base

    def application(self) -> Starlette:
        """What is served."""
        return Starlette(
            routes=[
                Route("/c/pay/{session_id}", self._show_page),
                Route("/c/pay/{session_id}", self._take_form, methods=["POST"]),
                Route("/{path:path}", self._answer, methods=["GET", "POST"]),
            ]
        )

    # The API

    async def _answer(self, request: Request) -> Response:
        body = (await request.body()).decode()
        self.requests.append(f"{request.method} {request.url.path}")
        try:
            self._require_key(request)
            answer = await self._once(request, body)
        except ApiError as error:
            answer = Answer(status=error.status, body=error.body)
        headers = {"Request-Id": f"req_{secrets.token_hex(7)}"}
        if answer.is_repeated:
            headers["Idempotent-Replayed"] = "true"
            headers["Stripe-Should-Retry"] = "false"
        return JSONResponse(answer.body, answer.status, headers)

    def _require_key(self, request: Request) -> None:
        _, _, shown = request.headers.get("authorization", "").partition(" ")
        if not hmac.compare_digest(shown.encode(), self.api_key.encode()):
            raise ApiError("Invalid API Key provided.", status=401)

    async def _once(self, request: Request, body: str) -> Answer:
        """What a request is answered with, unless something on the way fails."""
        name = f"{request.method} {request.url.path}"
        if status := await self.faults.strike(name, "before"):
            return _failure(status)
        key = request.headers.get("idempotency-key")
        if request.method == "POST" and key:
            wanted = (name, body)
            answer = await self.repetition.once(key, wanted, lambda: self._do(request, body))
        else:
            answer = await self._do(request, body)
        status = await self.faults.strike(name, "after")
        return _failure(status) if status else answer

    async def _do(self, request: Request, body: str) -> Answer:
        """What a request is answered with, unless Stripe itself fails."""
        name = f"{request.method} {request.url.path}"
        if status := await self.faults.strike(name, "before", kept=True):
            return _failure(status)
        answer = self._operate(request, body)
        status = await self.faults.strike(name, "after", kept=True)
        return _failure(status) if status else answer

    def _operate(self, request: Request, body: str) -> Answer:
        sent = body if request.method == "POST" else request.url.query
        self.books.expire_old()
        try:
            operation, subject = operations.find(request.method, request.url.path)
            return Answer(status=200, body=operation(self.books, subject, forms.read(sent)))
        except ApiError as error:
            return Answer(status=error.status, body=error.body)

    # The hosted page

    async def _show_page(self, request: Request) -> Response:
        session = self._session(request)
        return HTMLResponse(pages.page(session) if session else "", 200 if session else 404)

    async def _take_form(self, request: Request) -> Response:
        session = self._session(request)
        if session is None:
            return Response(status_code=404)
        sent = parse_qs((await request.body()).decode())
        email = sent.get("email", ["driver@example.com"])[0]
        try:
            return self._act(session, sent.get("action", [""])[0], email)
        except ApiError as error:
            return HTMLResponse(pages.page(session, str(error)), 400)

    def _act(self, session: Session, action: str, email: str) -> Response:
        if action == "pay":
            self.books.pay(session, email)
            url = session.success_url.replace("{CHECKOUT_SESSION_ID}", session.id)
            return RedirectResponse(url, 303)
        if action == "decline":
            self.books.decline(session, email)
            return HTMLResponse(pages.page(session, "Your card was declined."))
        return RedirectResponse(session.cancel_url, 303)

    def _session(self, request: Request) -> Session | None:
        self.books.expire_old()
        return self.books.sessions.get(request.path_params["session_id"])


@asynccontextmanager
async def running(stand_in: StandIn, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Serve a stand-in and send its events; where it listens."""
    task = asyncio.create_task(stand_in.deliveries.run(), name="stand-in events")
    try:
        async with http.serve(stand_in.application(), host, port, name="stand-in") as taken:
            stand_in.books.base = f"http://{host}:{taken}"
            yield stand_in.url
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _failure(status: int) -> Answer:
    said = {"type": "api_error", "message": "Something went wrong, as was planned."}
    return Answer(status=status, body={"error": said})
