"""Pages in the applications of this process.

NiceGUI has one application per process; several servers may have it below a path of theirs. A page
that belongs to one of them looks at `server_port`, so that it is not shown by the others.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cache
from typing import Final

from fastapi import FastAPI, Request
from nicegui import app as pages
from nicegui import ui

PATH: Final = "/ui"


@asynccontextmanager
async def shown_by(application: FastAPI) -> AsyncIterator[None]:
    """Show the pages below `PATH` of an application for as long as the context lasts."""
    async with AsyncExitStack() as stack:
        if not pages.is_started:
            await stack.enter_async_context(_started())
        application.mount(PATH, pages)
        yield


@asynccontextmanager
async def _started() -> AsyncIterator[None]:
    """Start what the pages need, and stop it again."""
    root = _root()
    started = root.router.lifespan_context(root)
    await started.__aenter__()
    try:
        yield
    finally:
        await started.__aexit__(None, None, None)  # told of an error, it would not stop them


@cache
def _root() -> FastAPI:
    """Whoever starts and stops the pages; they can be set up but once in a process."""
    root = FastAPI(openapi_url=None)
    ui.run_with(root, title="Chargeplane", mount_path=PATH, show_welcome_message=False)
    return root


def server_port(request: Request) -> int:
    """The port of the server that a request came to, whatever its Host says."""
    _, port = request.scope["server"]
    return int(port)
