"""The routes of the driver's pages, below `/pay`.

The number of a reservation is known to its driver alone, who needs nothing else to see it and to
stop the charge; pages with it are not cached, indexed or told to others.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import Connection
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chargeplane.csms.admission import RateLimit
from chargeplane.csms.central import Central
from chargeplane.payments.connectors import busy_reason, on_evse
from chargeplane.payments.outcomes import BUSY, OFFLINE, Created, Wanted
from chargeplane.payments.receipts import receipt_of, rows
from chargeplane.payments.service import Payments
from chargeplane.storage.records import ConnectorRecord, StationRecord
from chargeplane.storage.repositories import stations
from chargeplane.web.pay.telling import Teller
from chargeplane.web.pay.words import NAMES, language

HERE: Final = Path(__file__).parent
ORDERS_PER_MINUTE: Final = 10  # of an address; each keeps a connector from others for a while
OVER: Final = frozenset({"done", "cancelled", "error"})
SEE_OTHER: Final = 303
POLICY: Final = (
    "default-src 'self'; img-src 'self' data:; base-uri 'none'; object-src 'none'; "
    "frame-ancestors 'none'"
)
HEADERS: Final = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", POLICY.encode()),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-robots-tag", b"noindex"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRules:
    """How the pages behave."""

    base_url: str  # where drivers find this server
    requests_per_minute: int = 120  # of an address
    is_test: bool = False
    sends_receipts: bool = False
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Site:
    """What the pages are about."""

    central: Central
    payments: Payments
    rules: PageRules
    templates: Environment
    orders: RateLimit

    def teller(self, request: Request) -> Teller:
        """Who tells things in the language of a request."""
        header = request.headers.get("accept-language", "")
        return Teller(language(request.query_params.get("lang"), header), self.rules.zone)

    def page(self, template: str, t: Teller, code: int = 200, **values: Any) -> Response:
        """A page."""
        html = self.templates.get_template(f"{template}.html").render(
            t=t, languages=NAMES, is_test=self.rules.is_test, **values
        )
        return HTMLResponse(html, code)


def create(central: Central, payments: Payments, rules: PageRules) -> Starlette:
    """The pages, to be mounted at `/pay`."""
    loader = FileSystemLoader(HERE / "templates")
    templates = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    site = Site(central, payments, rules, templates, RateLimit(ORDERS_PER_MINUTE))
    reservation = "/r/{number:uuid}"
    return Starlette(
        routes=[
            Mount("/static", StaticFiles(directory=HERE / "static")),
            _route(site, reservation, show_charge),
            _route(site, f"{reservation}/state", tell_state),
            _route(site, f"{reservation}/stop", stop, "POST"),
            _route(site, f"{reservation}/cancel", cancel, "POST"),
            _route(site, f"{reservation}/resume", resume, "POST"),
            _route(site, "/{station:path}/{connector:int}", show_place),
            _route(site, "/{station:path}/{connector:int}", pay, "POST"),
            _route(site, "/{rest:path}", show_unknown),
        ],
        middleware=[Middleware(_Guard, site=site)],
    )


class _Guard:
    """Counts the requests of each address, and tells browsers to keep things to themselves."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self._app = app
        self._site = site
        self._limit = RateLimit(site.rules.requests_per_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *HEADERS]
            await send(message)

        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif self._limit.allows(_address(Request(scope))):
            await self._app(scope, receive, guarded)
        else:
            await _refuse(self._site, Request(scope))(scope, receive, guarded)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _refuse(site: Site, request: Request) -> Response:
    t = site.teller(request)
    refused = site.page("message", t, 429, title=t["too_many"], message="")
    refused.headers["Retry-After"] = "60"
    return refused


Handler = Callable[[Site, Request], Awaitable[Response]]


def _route(site: Site, path: str, handler: Handler, method: str = "GET") -> Route:
    async def handle(request: Request) -> Response:
        return await handler(site, request)

    return Route(path, handle, methods=[method])


# A connector


async def show_place(site: Site, request: Request) -> Response:
    """What charging at a connector costs, and a button."""
    return await _place(site, request)


async def pay(site: Site, request: Request) -> Response:
    """Go to the checkout, or start a charge that costs nothing."""
    t = site.teller(request)
    if not site.orders.allows(_address(request)):
        return _refuse(site, request)
    station_id, evse_id = request.path_params["station"], request.path_params["connector"]
    back = f"{site.rules.base_url}/pay/r/{{reservation}}?lang={t.language}"
    made = await site.payments.create(
        Wanted(
            station_id=station_id,
            evse_id=evse_id,
            charge_tag=f"WEB{secrets.token_hex(6).upper()}",  # each driver is somebody else
            success_url=f"{back}&paid={{CHECKOUT_SESSION_ID}}",
            cancel_url=back,
            language=t.language,
        )
    )
    if made.status == "Redirect" and made.checkout_url:
        return RedirectResponse(made.checkout_url, SEE_OTHER)
    return await _place(site, request, t[_word(made)])


def _word(made: Created) -> str:
    known = {OFFLINE: "offline", BUSY: "busy", "Accepted": "started_free", "Rejected": "refused"}
    return known.get(made.status, "failed")


async def _place(site: Site, request: Request, message: str = "") -> Response:
    station_id, evse_id = request.path_params["station"], request.path_params["connector"]
    known, here, why = await site.central.database.read(_look, station_id, evse_id)
    if known is None or here is None or not known.enabled:
        return await show_unknown(site, request)
    online = site.central.stations.get(station_id) is not None
    t, prices = site.teller(request), await site.payments.prices_at(station_id, evse_id)
    hint = (t["busy"] if why else "") if online else t["offline"]
    return site.page(
        "place",
        t,
        title=f"{known.name or known.id} / {evse_id}",
        name=known.name or known.id,
        connector=evse_id,
        state=here.status if here.status in t.words else None,
        message=message or hint,
        prices=prices,
        is_free=known.free_vend or prices.is_free,
        terms=site.payments.rules.terms,
        can_start=online and why is None,
    )


def _look(
    connection: Connection, station_id: str, evse_id: int
) -> tuple[StationRecord | None, ConnectorRecord | None, str | None]:
    """A station, its connector, and why nobody can begin there."""
    here = on_evse(connection, station_id, evse_id) if evse_id else ()
    why = busy_reason(connection, station_id, evse_id)
    return stations.get(connection, station_id), here[0] if here else None, why


# A charge


async def show_charge(site: Site, request: Request) -> Response:
    """How far a charge is; whoever comes back from the checkout is believed by nobody."""
    number, t = str(request.path_params["number"]), site.teller(request)
    paid = request.query_params.get("paid")
    if paid:
        await site.payments.confirm(number, paid)
        return _back(number, t)
    found = await site.payments.status(number)
    if found is None:
        return await show_unknown(site, request)
    record, step = found.reservation, t.step(found)
    name = await _name(site, record.station_id)
    receipt = receipt_of(record, name, site.rules.zone)
    return site.page(
        "charge",
        t,
        title=f"{t['step_' + step]} - {name}",
        name=name,
        record=record,
        step=step,
        help=t.help(found),
        values=t.values(found),
        receipt=list(rows(receipt, t.language)) if receipt else [],
        watch="" if step in OVER else f"/pay/r/{number}/state?lang={t.language}",
        is_mailed=site.rules.sends_receipts,
        place=f"/pay/{quote(record.station_id, safe='')}/{record.evse_id}",
    )


async def tell_state(site: Site, request: Request) -> Response:
    """What of that page changes by itself."""
    t = site.teller(request)
    found = await site.payments.status(str(request.path_params["number"]))
    if found is None:
        return Response(status_code=404)
    return JSONResponse({"step": t.step(found), "values": t.values(found)})


async def stop(site: Site, request: Request) -> Response:
    """End the charge."""
    number = str(request.path_params["number"])
    await site.payments.stop(number)
    return _back(number, site.teller(request))


async def cancel(site: Site, request: Request) -> Response:
    """Give up before the charge begins."""
    number = str(request.path_params["number"])
    await site.payments.cancel(number, reason="Driver")
    return _back(number, site.teller(request))


async def resume(site: Site, request: Request) -> Response:
    """Go back to the checkout."""
    number = str(request.path_params["number"])
    said = await site.payments.resume(number)
    if said.checkout_url:
        return RedirectResponse(said.checkout_url, SEE_OTHER)
    return _back(number, site.teller(request))


async def show_unknown(site: Site, request: Request) -> Response:
    """What is not there."""
    t = site.teller(request)
    return site.page("message", t, 404, title=t["unknown"], message=t["unknown_help"])


def _back(number: str, t: Teller) -> Response:
    return RedirectResponse(f"/pay/r/{number}?lang={t.language}", SEE_OTHER)


async def _name(site: Site, station_id: str) -> str:
    known = await site.central.database.read(stations.get, station_id)
    return known.name or known.id if known else station_id
