"""Who did what: a note of everything that is done on the pages, or refused there."""

from __future__ import annotations

from typing import Final

import structlog

from chargeplane.errors import StorageError
from chargeplane.storage.database import Database
from chargeplane.storage.repositories import audit_notes
from chargeplane.storage.repositories.audit_notes import AuditFilter, AuditNote

Entry: Final = AuditNote
Filter: Final = AuditFilter
page = audit_notes.page

logger = structlog.get_logger()


async def note(database: Database, entry: AuditNote) -> None:
    """Write a note down; a disk that is full does not undo what was done, and is logged."""
    try:
        await database.write(audit_notes.add, entry)
    except StorageError as error:
        logger.error("not noted", action=entry.action, actor=entry.actor, error=str(error))
