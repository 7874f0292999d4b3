"""What the routes of SteVe's REST interface share."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeVar
from zlib import crc32

import msgspec
from fastapi import Depends, HTTPException, Request
from fastapi.responses import Response, StreamingResponse
from sqlalchemy import Connection

from chargeplane.csms.central import Central
from chargeplane.csms.commands import Task
from chargeplane.storage.paging import Window
from chargeplane.storage.records import Page, Record

F = TypeVar("F")
R = TypeVar("R", bound=Record)
T = TypeVar("T")

KeyCheck = Callable[[str], Awaitable[str | None]]
"""Tells whose key this is, None if it is nobody's; in a time that tells nothing else."""

PAGE: Final = 1000


def fixed_key(name: str, key: str) -> KeyCheck:
    """The check of a single key; an empty one is nobody's."""
    wanted = key.encode()

    async def check(given: str) -> str | None:
        return name if hmac.compare_digest(given.encode(), wanted) and wanted else None

    return check


@dataclass(frozen=True, slots=True, kw_only=True)
class RestSettings:
    """The user name of HTTP Basic (empty: any), the header of old clients.

    `patience` is how long an operation is waited for, in s, as in SteVe.
    """

    user: str = ""
    header: str = "STEVE-API-KEY"
    patience: float = 30.0


@dataclass(frozen=True, slots=True)
class Face:
    """What the routes work with."""

    central: Central
    check: KeyCheck
    settings: RestSettings
    running: dict[int, asyncio.Task[Task]]  # operations that are not finished, by task


# Who asks


def face_of(request: Request) -> Face:
    """What the routes of this application work with."""
    face: Face = request.app.state.face
    return face


FaceDep = Annotated[Face, Depends(face_of)]


async def user_of(request: Request, face: FaceDep) -> str:
    """Who asks, by HTTP Basic or the older header; else 401."""
    secret = request.headers.get(face.settings.header)
    if secret is None:
        secret = _password(request.headers.get("authorization", ""), face.settings.user)
    name = None if secret is None else await face.check(secret)
    if name is None:
        headers = {"WWW-Authenticate": 'Basic realm="steve"'}
        raise HTTPException(401, "Full authentication is required", headers)
    return name


def _password(header: str, user: str) -> str | None:
    """The password of HTTP Basic if the user is this one."""
    kind, _, encoded = header.partition(" ")
    try:
        given = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    name, colon, password = given.partition(":")
    is_user = not user or hmac.compare_digest(name.encode(), user.encode())
    return password if kind.lower() == "basic" and colon and is_user else None


UserDep = Annotated[str, Depends(user_of)]


# Answers


def shown(value: Any, status: int = 200) -> Response:
    """An answer."""
    return Response(msgspec.json.encode(value), status, media_type="application/json")


def streamed(items: AsyncIterator[Any]) -> Response:
    """A list of any length, written while it is read."""
    return StreamingResponse(_array(items), media_type="application/json")


async def _array(items: AsyncIterator[Any]) -> AsyncIterator[bytes]:
    yield b"["
    separator = b""
    async for item in items:
        yield separator + msgspec.json.encode(item)
        separator = b","
    yield b"]"


def found(value: T | None, what: str) -> T:
    """What was looked for; raises 404."""
    if value is None:
        raise HTTPException(404, f"{what} is not known")
    return value


def all_of(
    connection: Connection, list_page: Callable[[Connection, F, Window], Page[R]], what: F
) -> Iterator[R]:
    """All records of a list, within one transaction."""
    window: Window | None = Window(PAGE)
    while window is not None:
        page = list_page(connection, what, window)
        yield from page.items
        window = Window(PAGE, page.cursor) if page.cursor else None


def number_of(name: str) -> int:
    """A number for what has only a name here; the same name has the same one for ever."""
    return crc32(name.encode()) & 0x7FFFFFFF
