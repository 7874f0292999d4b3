"""Sending e-mail over SMTP (RFC 5321), encrypted unless the settings say otherwise."""

from __future__ import annotations

import asyncio
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr

import aiosmtplib
import structlog

from chargeplane.config import Mail
from chargeplane.errors import ChargeplaneError, ConfigurationError

logger = structlog.get_logger()


class MailFailed(ChargeplaneError):
    """A mail was not taken."""


class Mailer:
    """Sends mail by the server of the settings."""

    def __init__(self, settings: Mail) -> None:
        self._settings = settings
        self._tls = _context(settings)

    @property
    def is_on(self) -> bool:
        """Whether there is a server."""
        return self._settings.host is not None

    async def send(self, message: EmailMessage) -> None:
        """Send a message that has its text, subject and receiver; raises `MailFailed`."""
        settings = self._settings
        _address(message, settings)
        wanted = [address for address in (message["To"], settings.bcc) if address]
        try:
            async with asyncio.timeout(3 * settings.timeout):  # however slowly it answers
                await aiosmtplib.send(
                    message,
                    sender=parseaddr(settings.sender)[1],
                    recipients=wanted,
                    hostname=settings.host,
                    port=settings.port,
                    username=settings.username or None,
                    password=settings.password.get_secret_value() if settings.password else None,
                    timeout=settings.timeout,
                    use_tls=settings.security == "tls",
                    start_tls=settings.security == "starttls",
                    tls_context=self._tls,
                )
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise MailFailed(f"mail: {type(error).__name__}: {_reason(error)}") from error
        logger.info("mail sent", subject=message["Subject"])


def is_address(text: str) -> bool:
    """Whether mail can be sent to this: one address without name, control characters or commas."""
    local, at, domain = text.rpartition("@")
    is_plain = text.isascii() and text.isprintable() and not set(text) & set(' ,;<>()"\\')
    return bool(local and at and "." in domain) and is_plain


def _address(message: EmailMessage, settings: Mail) -> None:
    message["From"] = settings.sender
    if settings.reply_to:
        message["Reply-To"] = settings.reply_to
    message["Date"] = formatdate(usegmt=True)
    message["Message-ID"] = make_msgid(domain=parseaddr(settings.sender)[1].rpartition("@")[2])


def _context(settings: Mail) -> ssl.SSLContext | None:
    """The TLS context; raises `ConfigurationError` if the file of the authority is none."""
    if settings.security == "none":
        return None
    try:
        return ssl.create_default_context(cafile=settings.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(f"mail.ca_file: {error}") from error


def _reason(error: Exception) -> str:
    """What a server said, in one line."""
    return " ".join(str(error).split())
