"""Our own HTTP API, `/v1`: everything about stations, tokens and charges, and asking stations."""

from __future__ import annotations

from functools import partial

from fastapi import FastAPI

from chargeplane.access.keys import Keys
from chargeplane.api import events, metrics, problems, webhooks
from chargeplane.api.limits import RateLimit
from chargeplane.api.metrics import Metrics
from chargeplane.api.native import (
    access,
    commands,
    history,
    payments,
    prices,
    profile_templates,
    schemas,
    stations,
    tokens,
)
from chargeplane.api.native.tasks import Tasks
from chargeplane.config import Api
from chargeplane.csms.central import Central
from chargeplane.payments.service import Payments

PREFIX = "/v1"
ABOUT = """Stations, tokens, transactions, and everything that a station can be asked,
equal for all versions of OCPP. Errors are Problem Details (RFC 9457)."""


def create(
    central: Central, settings: Api, paying: Payments | None = None, return_url: str = ""
) -> FastAPI:
    """The application; `app.state.metrics` counts while its `run` runs.

    `return_url` is the address that drivers find the payment pages at.
    """
    app = FastAPI(
        title="Chargeplane",
        version="1",
        description=ABOUT,
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{PREFIX}/openapi.json",
    )
    app.state.central = central
    app.state.keys = Keys(central.database, settings)
    app.state.limit = RateLimit(settings.requests_per_minute)
    app.state.tasks = Tasks()
    app.state.payments = paying
    app.state.return_url = return_url
    app.state.metrics = Metrics(central)
    for each in ROUTERS:
        app.include_router(each, prefix=PREFIX)
    app.include_router(metrics.open_router)
    app.include_router(metrics.router)
    problems.install(app)
    app.openapi = partial(schemas.document, app)  # type: ignore[method-assign]
    return app


ROUTERS = (
    stations.router,
    tokens.router,
    payments.router,
    prices.router,
    history.router,
    profile_templates.router,
    commands.acting,
    commands.router,
    events.router,
    access.router,
    webhooks.router,
)
