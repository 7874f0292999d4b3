"""Announcing a service in the local network by mDNS (RFC 6762, 6763)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from zeroconf import NonUniqueNameException
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

HTTP = "_http._tcp.local."

logger = structlog.get_logger()


@asynccontextmanager
async def announced(name: str, address: str, port: int) -> AsyncIterator[None]:
    """Announce a web server as `name`, which is also its host name below `local`.

    A network where that cannot be done is logged, and nothing else happens.
    """
    info = AsyncServiceInfo(
        HTTP,
        f"{name}.{HTTP}",
        parsed_addresses=[address],
        port=port,
        properties={"path": "/"},
        server=f"{name}.local.",
    )
    try:
        zeroconf = AsyncZeroconf(interfaces=[address])
    except OSError as error:
        logger.warning("not announced", name=name, reason=str(error))
        yield
        return
    try:
        await _register(zeroconf, info)
        yield
    finally:
        await zeroconf.async_unregister_all_services()
        await zeroconf.async_close()


async def _register(zeroconf: AsyncZeroconf, info: AsyncServiceInfo) -> None:
    try:
        await (await zeroconf.async_register_service(info))
    except (OSError, NonUniqueNameException) as error:
        logger.warning("not announced", name=info.name, reason=repr(error))
