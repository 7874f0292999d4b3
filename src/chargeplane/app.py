"""Composition roots: what runs together in one process."""

from __future__ import annotations

import asyncio
import signal
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Coroutine, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

import structlog
from fastapi import FastAPI
from starlette.routing import Router

from chargeplane.access.sessions import keep_house
from chargeplane.api import faces, soap
from chargeplane.api.webhooks import Deliveries
from chargeplane.config import Csms, Settings
from chargeplane.csms import housekeeping
from chargeplane.csms.admission import Admission, Visitor
from chargeplane.csms.authority import LocalAuthority
from chargeplane.csms.central import Central
from chargeplane.csms.message_log import MessageLog
from chargeplane.csms.providers import Providers
from chargeplane.csms.session import Sessions
from chargeplane.errors import ConfigurationError
from chargeplane.net import http, websocket
from chargeplane.net.mail import Mailer
from chargeplane.net.soap_door import Door
from chargeplane.net.soap_http import Caller, EndpointRule
from chargeplane.payments import configured
from chargeplane.payments.receipt_mail import send_receipts
from chargeplane.payments.service import Payments
from chargeplane.payments.stripe import StripeProvider
from chargeplane.storage.database import Database
from chargeplane.web import pay
from chargeplane.web.csms import pages
from chargeplane.web.csms.site import Site

FIRST: Final = """
Web pages: sign in as `admin` with the one-time password {password}
It is shown this once. `chargeplane users password admin` makes another.

"""

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Running:
    """A central system that runs, and where it listens."""

    central: Central
    ocpp_port: int
    http_port: int
    soap_port: int  # the HTTP port unless it has one of its own
    site: Site | None  # its web pages, unless they are off
    first_password: str | None  # of the administrator that was made for an empty database


@asynccontextmanager
async def central_system(settings: Settings) -> AsyncIterator[Running]:
    """Run a central system for as long as the context lasts."""
    async with AsyncExitStack() as stack:
        url = settings.storage.url.get_secret_value()
        database = await stack.enter_async_context(await Database.open(url))
        central = Central(
            settings=settings.csms, database=database, providers=providers(settings.csms)
        )
        await housekeeping.start_afresh(central)
        log = MessageLog(central)
        sessions = Sessions(central, log)
        admission = Admission(central)
        for name, job in (
            ("message log", log.run()),
            ("housekeeping", housekeeping.keep_house(central)),
            ("watchdog", sessions.watch()),
        ):
            await stack.enter_async_context(_running(name, job))
        server = await stack.enter_async_context(
            websocket.serve(
                settings.server.host,
                settings.server.ocpp_port,
                admission.admit,
                sessions.run,
                ping_interval=settings.csms.websocket_ping_interval or None,
                tls=server_tls(settings.csms),
            )
        )
        payments = await _payments(central, settings, stack)
        api = await faces.create(central, settings, stack, payments)
        if payments is not None:
            api.mount("/pay", pay.create(central, payments, _page_rules(settings)))
        await stack.enter_async_context(_running("metrics", api.state.metrics.run()))
        await stack.enter_async_context(_running("webhooks", Deliveries(central).run()))
        rule = EndpointRule(tuple(settings.soap.endpoints))
        caller = await stack.enter_async_context(Caller(settings.csms.answer_timeout, rule))
        door = await stack.enter_async_context(
            Door(admission.admit_soap, sessions.run, caller, strict=settings.csms.strict)
        )
        site = Site.of(central, settings, payments) if settings.web.enabled else None
        first_password = await _show_pages(site, api, stack) if site else None
        http_port, soap_port = await _serve_http(api, door, settings, stack)
        yield Running(central, _port(server.sockets), http_port, soap_port, site, first_password)


async def _show_pages(site: Site, api: FastAPI, stack: AsyncExitStack) -> str | None:
    """Show the web pages below the HTTP faces, and keep them up to date.

    The password of the first administrator, if there was nobody.
    """
    await stack.enter_async_context(_running("live pages", site.live.run()))
    central = site.central
    sweeping = keep_house(site.sessions, central.database, central.now)
    await stack.enter_async_context(_running("sessions", sweeping))
    await stack.enter_async_context(pages.shown(site, api))
    return await site.users.first()


async def _payments(central: Central, settings: Settings, stack: AsyncExitStack) -> Payments | None:
    """Payments with what they need in the background; None where they are off.

    Raises `ConfigurationError` if a secret or a file cannot be used.
    """
    if not settings.stripe.enabled:
        return None
    provider = StripeProvider(configured.access(settings.stripe))
    await stack.enter_async_context(provider)
    payments = Payments(central, provider, configured.rules(settings.stripe, settings.payments))
    await stack.enter_async_context(_running("payments", payments.run()))
    mailer = Mailer(settings.mail)
    if mailer.is_on:
        job = send_receipts(central, mailer, settings.payments.timezone)
        await stack.enter_async_context(_running("receipts", job))
    return payments


def _page_rules(settings: Settings) -> pay.PageRules:
    return pay.PageRules(
        base_url=settings.stripe.return_base_url or "",
        requests_per_minute=settings.payments.page_requests_per_minute,
        is_test=configured.is_test(settings.stripe),
        sends_receipts=settings.mail.host is not None,
        zone=settings.payments.timezone,
    )


async def _serve_http(
    api: FastAPI, door: Door[Visitor], settings: Settings, stack: AsyncExitStack
) -> tuple[int, int]:
    """Serve the HTTP faces, and SOAP beside them or on a port of its own; both ports."""
    host, port, own = settings.server.host, settings.server.http_port, settings.soap.port
    if own is None:
        both = http.serve(soap.beside(door, api), host, port)
        http_port = await stack.enter_async_context(both)
        return http_port, http_port
    stations = http.serve(
        soap.beside(door, Router()), host, own, name="soap.port", tls=server_tls(settings.csms)
    )
    soap_port = await stack.enter_async_context(stations)
    return await stack.enter_async_context(http.serve(api, host, port)), soap_port


async def serve(settings: Settings, origins: Mapping[str, str]) -> None:
    """Run a central system until the process is told to end (SIGINT, SIGTERM).

    `origins` says where settings come from (see `Configuration`), which the web pages show.
    """
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    async with central_system(settings) as running:
        if running.site is not None:
            running.site.origins.update(origins)
        logger.info(
            "serving",
            host=settings.server.host,
            ocpp_port=running.ocpp_port,
            http_port=running.http_port,
            soap_port=running.soap_port,
        )
        if running.first_password is not None:
            sys.stdout.write(FIRST.format(password=running.first_password))
            sys.stdout.flush()
        await ended.wait()


def _port(sockets: Iterable[socket.socket]) -> int:
    return int(next(iter(sockets)).getsockname()[1])


@asynccontextmanager
async def _running(name: str, job: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run a job in the background until the context ends."""
    task = asyncio.create_task(job, name=name)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def providers(settings: Csms) -> Providers:
    """What the settings plug in; raises `ConfigurationError` if a file cannot be used."""
    if settings.ca_certificate is None or settings.ca_key is None:
        return Providers()
    return Providers(signer=LocalAuthority.open(settings.ca_key, settings.ca_certificate))


def server_tls(settings: Csms) -> ssl.SSLContext | None:
    """The TLS context of the OCPP port (security profiles 2 and 3); None: it is not encrypted.

    Raises `ConfigurationError` if a file cannot be used.
    """
    if settings.tls_certificate is None or settings.tls_key is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # 2.0.1 part 2 A00.FR.417 to 421: TLS 1.2 or later.
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(settings.tls_certificate, settings.tls_key)
        if settings.tls_client_ca is not None:
            context.load_verify_locations(settings.tls_client_ca)
            # Profile 2 stations have no certificate; whoever shows one must show a good one.
            context.verify_mode = ssl.CERT_OPTIONAL
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(f"csms.tls_*: {error}") from error
    return context
