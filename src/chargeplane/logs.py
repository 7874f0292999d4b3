"""What the process logs: structured events, for people or as JSON lines, never a secret."""

from __future__ import annotations

import logging
import re
import sys
from collections import deque
from collections.abc import Callable
from typing import Any, Final

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from chargeplane.config import Log

MASK = "***"
# Fields whose names hold one of these are secrets, however deep they lie.
SECRET = re.compile(
    r"password|secret|api_?key|private_?key|authorization_?key|authorization$|cookie"
)

# 2.x A01.FR.09, FR.12: a frame that names a password shows no values at all, and no URL shows whom
# it lets in.
PASSWORD = re.compile(r"BasicAuthPassword|AuthorizationKey", re.IGNORECASE)
VALUE = re.compile(r'("(?:attributeValue|value|basicAuthPassword)"\s*:\s*)"(?:[^"\\]|\\.)*"')
USER = re.compile(r'(\b[a-z]+://)[^/@"\s]+@')

# What libraries tell of every connection and statement is no news, and at the debug level
# `websockets` would write whole headers, passwords included.
LIBRARIES = ("alembic", "asyncio", "httpcore", "httpx", "sqlalchemy", "uvicorn", "websockets")


JSON: Final[tuple[Processor, ...]] = (
    structlog.processors.dict_tracebacks,
    structlog.processors.JSONRenderer(default=str),
)


def configure(settings: Log) -> None:
    """Send our events and those of the standard library's loggers to standard error."""
    shared = _processors()
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(_rendering(settings)))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.level.upper())
    for name in LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)


def _processors() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        mask_secrets,
    ]


def _formatter(rendering: list[Processor]) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_processors(),
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
    )


def _rendering(settings: Log) -> list[Processor]:
    if settings.format == "json":
        return list(JSON)
    return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]


def mask_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace the values of fields that are named like secrets."""
    return {name: _masked(name, value) for name, value in event.items()}


def _masked(name: str, value: Any) -> Any:
    if SECRET.search(name.lower().replace("-", "_")):
        return MASK
    if isinstance(value, dict):
        return {key: _masked(str(key), inner) for key, inner in value.items()}
    return value


def mask_frame(text: str) -> str:
    """A message of OCPP without passwords."""
    return USER.sub(r"\1***@", VALUE.sub(r'\1"***"', text) if PASSWORD.search(text) else text)


class _Recent(logging.Handler):
    """Keeps the latest of what is logged."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self._records: deque[logging.LogRecord] = deque(maxlen=count)
        self.setFormatter(_formatter(list(JSON)))

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one."""
        self._records.append(record)

    def lines(self) -> list[str]:
        """All, as JSON lines, the oldest first."""
        return [self.format(record) for record in tuple(self._records)]


def keep_recent(count: int = 2000) -> Callable[[], list[str]]:
    """Keep the latest lines that the process logs; call what is returned to have them."""
    handler = _Recent(count)
    logging.getLogger().addHandler(handler)
    return handler.lines
