"""Browsers that are signed in: a random token there, its digest here, and an end after a while."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

import structlog
from sqlalchemy import Connection

from chargeplane.access.users import User, forget_failures, user_of
from chargeplane.errors import StorageError
from chargeplane.storage.access_records import WebSessionRecord
from chargeplane.storage.database import Database
from chargeplane.storage.repositories import web_sessions

NOTED_AFTER: Final = timedelta(minutes=1)  # being seen is not written down more often
SWEEP_S: Final = 3600.0

logger = structlog.get_logger()


class Sessions:
    """The sessions of a database; each ends after a time without use, and in any case."""

    def __init__(
        self,
        database: Database,
        now: Callable[[], datetime],
        idle: timedelta,
        lifetime: timedelta,
    ) -> None:
        self._database, self._now = database, now
        self._idle, self._lifetime = idle, lifetime

    async def begin(self, user: User, address: str) -> str:
        """Begin a session; its token, which is kept nowhere."""
        token, now = secrets.token_urlsafe(32), self._now()
        record = WebSessionRecord(
            digest=_digest(token),
            user_name=user.name,
            address=address,
            created_at=now,
            last_seen_at=now,
        )
        await self._database.write(web_sessions.add, record)
        return token

    async def find(self, token: str) -> User | None:
        """Whose session a token is; None if it is nobody's, or over."""
        if not token:
            return None
        found = await self._database.read(web_sessions.get, _digest(token))
        if found is None:
            return None
        session, user = found
        now = self._now()
        is_over = (
            session.last_seen_at + self._idle < now or session.created_at + self._lifetime < now
        )
        if is_over or not user.enabled:
            return None
        if session.last_seen_at + NOTED_AFTER < now:
            await self._database.write(web_sessions.note_seen, session.digest, now)
        return user_of(user)

    async def end(self, token: str) -> None:
        """End a session."""
        await self._database.write(web_sessions.remove, _digest(token))

    async def end_all(self, name: str) -> None:
        """End all sessions of a user."""
        await self._database.write(web_sessions.remove_of, name)

    def sweep(self, connection: Connection) -> int:
        """Delete the sessions that are over; how many there were."""
        now = self._now()
        return web_sessions.remove_old(connection, now - self._lifetime, now - self._idle)


async def keep_house(sessions: Sessions, database: Database, now: Callable[[], datetime]) -> None:
    """Delete sessions that are over and failures that are forgiven, until cancelled."""
    while True:
        try:
            await database.write(sessions.sweep)
            await database.write(forget_failures, now())
        except StorageError as error:
            logger.error("sessions not swept", error=str(error))
        await asyncio.sleep(SWEEP_S)


def _digest(token: str) -> str:
    """What is kept of a token, which is random and long: a slow digest would not be better."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
