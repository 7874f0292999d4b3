"""Serving HTTP applications in this process."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from typing import Any, Final

import uvicorn

from chargeplane.errors import ConfigurationError

BACKLOG: Final = 2048  # connections that wait to be taken
FAREWELL: Final = 2  # s that answers may take when it ends; a stream of events never would

Application = Callable[..., Awaitable[Any]]


@asynccontextmanager
async def serve(
    application: Application,
    host: str,
    port: int,
    *,
    name: str = "server.http_port",
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[int]:
    """Serve an ASGI application; the port it listens on.

    Raises `ConfigurationError` with the name of the setting if the address cannot be used.
    """
    try:
        listener = _listen(host, port)
    except OSError as error:
        raise ConfigurationError(f"{name}: {host}:{port}: {error}") from error
    config = uvicorn.Config(
        application,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=FAREWELL,
        ssl_context_factory=None if tls is None else lambda _config, _default: tls,
    )
    config.load()  # at once: NiceGUI looks at every server of the process
    server = _Server(config)
    task = asyncio.create_task(server.serve([listener]), name="http")
    try:
        yield int(listener.getsockname()[1])
    finally:
        server.should_exit = True
        await task


class _Server(uvicorn.Server):
    """Leaves the signals to the program that it is part of."""

    def capture_signals(self) -> Any:
        """Capture none."""
        return nullcontext()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named, because asyncio sends small answers at once (TCP_NODELAY) only where it is.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)  # clients that come before the server has begun wait for it
    except OSError:
        listener.close()
        raise
    return listener
