"""All HTTP faces of a central system in one application."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Final
from zoneinfo import ZoneInfo

from fastapi import FastAPI
from pydantic import SecretStr

from chargeplane.api import keys, ocpp_core
from chargeplane.api.native import face as native
from chargeplane.api.steve import main_php, rest
from chargeplane.api.steve.backends import Backend, Local, Remote
from chargeplane.api.steve.main_php import PhpSettings
from chargeplane.api.steve.shared import KeyCheck, RestSettings, fixed_key
from chargeplane.config import Settings, Steve
from chargeplane.csms.central import Central
from chargeplane.net.steve import SteveAccess, SteveClient
from chargeplane.payments.service import Payments

STEVE: Final = "/steve"  # the context path that its clients know


async def create(
    central: Central, settings: Settings, stack: AsyncExitStack, payments: Payments | None = None
) -> FastAPI:
    """The native API with the other faces beside it; what they hold open goes with the stack.

    Raises `ConfigurationError` if a file cannot be used.
    """
    return_url = settings.stripe.return_base_url or ""
    app = native.create(central, settings.api, payments, return_url)
    rules = ocpp_core.Rules(acting_by_get=settings.ocpp_core.acting_by_get)
    app.router.routes.append(ocpp_core.route(central, keys.authenticate, rules, payments))
    steve = settings.steve
    backend = await _backend(central, steve, stack)
    php = PhpSettings(timezone=ZoneInfo(steve.timezone))
    routes = main_php.router(backend, _check("steve", steve.key), php)
    app.include_router(routes, include_in_schema=False)
    wanted = RestSettings(user=steve.api_user)
    app.mount(STEVE, rest.create(central, _check(steve.api_user, steve.api_key), wanted))
    return app


def _check(name: str, key: SecretStr | None) -> KeyCheck | None:
    return fixed_key(name, key.get_secret_value()) if key else None


async def _backend(central: Central, steve: Steve, stack: AsyncExitStack) -> Backend:
    """Whom `main.php` asks."""
    if steve.url is None or steve.backend == "local":
        return Local(central)
    return Remote(await stack.enter_async_context(SteveClient(_access(steve, steve.url))))


def _access(steve: Steve, url: str) -> SteveAccess:
    return SteveAccess(
        url=url,
        user=steve.user,
        password=_secret(steve.password),
        api_password=_secret(steve.api_password),
        ocpp=steve.ocpp,
        timezone=ZoneInfo(steve.timezone),
        timeout=steve.timeout,
        ca_file=steve.ca_file,
    )


def _secret(value: SecretStr | None) -> str:
    return value.get_secret_value() if value else ""
