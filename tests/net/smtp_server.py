"""A small SMTP server for tests: it takes mail, and fails where it is told to."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any


class SmtpServer:
    """Speaks as much of SMTP (RFC 5321, 4954, 3207) as a client needs."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.port = 0
        self.mails: list[EmailMessage] = []
        self.receivers: list[str] = []
        self.secrets: list[str] = []
        self.encrypted: list[bool] = []
        self.refuse = b""  # the answer to RCPT
        self.is_silent = False
        self._tls = tls
        self._visits: set[asyncio.Task[None]] = set()

    def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._visits.add(asyncio.create_task(self._visit(reader, writer)))

    async def end(self) -> None:
        await asyncio.gather(*self._visits)

    async def _visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._converse(reader, writer)
        except (ConnectionError, ssl.SSLError):
            pass  # a client that does not trust us has gone
        finally:
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_silent:
            await reader.read()
            return
        writer.write(b"220 test\r\n")
        while line := (await reader.readline()).strip():
            word = line.split(b" ")[0].upper()
            if word == b"STARTTLS":
                writer.write(b"220 go\r\n")
                assert self._tls
                await writer.start_tls(self._tls)
            elif word == b"DATA":
                await self._take(reader, writer)
            else:
                writer.write(self._answer(word, line, writer))
            if word == b"QUIT":
                break

    def _answer(self, word: bytes, line: bytes, writer: asyncio.StreamWriter) -> bytes:
        is_encrypted = writer.get_extra_info("ssl_object") is not None
        if word == b"EHLO":
            more = b"250-AUTH PLAIN\r\n" if is_encrypted or not self._tls else b"250-STARTTLS\r\n"
            return b"250-test\r\n" + more + b"250 8BITMIME\r\n"
        if word == b"AUTH":
            self.secrets.append(base64.b64decode(line.split(b" ")[2]).decode())
            return b"235 in\r\n"
        if word == b"RCPT":
            self.receivers.append(line.partition(b"<")[2].partition(b">")[0].decode())
            self.encrypted.append(is_encrypted)
            return self.refuse or b"250 ok\r\n"
        return b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n"

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"354 go\r\n")
        text = await reader.readuntil(b"\r\n.\r\n")
        message: Any = message_from_bytes(text[:-3], policy=policy.default)
        self.mails.append(message)
        writer.write(b"250 taken\r\n")


@asynccontextmanager
async def running(server: SmtpServer) -> AsyncIterator[SmtpServer]:
    """Let a server listen."""
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        await server.end()
