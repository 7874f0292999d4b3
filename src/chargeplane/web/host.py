"""Pages in the applications of this process.

NiceGUI has one application per process; several servers may have it below a path of theirs. Each
server has an owner, a device or a central system, and a page asks for the owner of its request, so
that it is not shown by the others.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cache
from typing import Any, Final

from fastapi import FastAPI, Request
from nicegui import app as pages
from nicegui import ui
from starlette.types import ASGIApp, Receive, Scope, Send

PATH: Final = "/ui"
_OWNER: Final = "chargeplane.owner"


@asynccontextmanager
async def shown_by(application: FastAPI, owner: object) -> AsyncIterator[None]:
    """Show the pages below `PATH` of an application for as long as the context lasts."""
    async with AsyncExitStack() as stack:
        if not pages.is_started:
            await stack.enter_async_context(_started())
        application.mount(PATH, _owned(pages, owner))
        yield


def _owned(application: ASGIApp, owner: object) -> ASGIApp:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await application({**scope, _OWNER: owner}, receive, send)

    return answer


def owner_of(request: Request) -> Any:
    """Whose server a request came to."""
    return request.scope.get(_OWNER)


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
