"""Files to and from servers: firmware down, logs up, over HTTP(S) and FTP(S).

FTP is passive. `ftps:` is TLS from the start on port 990, which it has by default, and AUTH TLS on
any other (RFC 4217).
"""

from __future__ import annotations

import asyncio
import ftplib
import io
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import SplitResult, unquote, urlsplit

import httpx

from chargeplane.errors import ChargeplaneError

Reason = Literal["failed", "bad_message", "permission_denied", "not_supported", "redirected"]
Trust = Callable[[], ssl.SSLContext]
"""Makes what servers are checked with; called in a thread, as that takes a moment."""

PROTOCOLS: Final = ("FTP", "FTPS", "HTTP", "HTTPS")
LIMIT: Final = 2 << 30  # bytes of a file
QUIET: Final = 30.0  # s that the other side may say nothing
PATIENCE: Final = 3600.0  # s for one attempt
BLOCK: Final = 1 << 16
IMPLICIT: Final = 990  # the port where TLS begins at once

HTTP_REASONS: Final[dict[int, Reason]] = {
    400: "bad_message",
    401: "permission_denied",
    403: "permission_denied",
    407: "permission_denied",
    405: "not_supported",
    501: "not_supported",
}
FTP_REASONS: Final[dict[str, Reason]] = {
    "500": "bad_message",
    "501": "bad_message",
    "502": "not_supported",
    "504": "not_supported",
    "530": "permission_denied",
    "532": "permission_denied",
    "550": "permission_denied",
    "553": "permission_denied",
}


class TransferFailed(ChargeplaneError):
    """A file was not transferred; `reason` is what a station may say of it (2.x N01.FR.10)."""

    def __init__(self, message: str, reason: Reason = "failed") -> None:
        super().__init__(message)
        self.reason: Reason = reason


@dataclass(slots=True)
class Download:
    """A file to be fetched into `to`, in as many attempts as are made.

    An attempt goes on where the one before it ended, if the server says that the file is the same.
    """

    url: str
    to: Path
    trust: Trust
    limit_bytes: int = LIMIT
    edition: str | None = None  # of the file, as the server calls it

    async def attempt(self) -> None:
        """Fetch what is missing; raises `TransferFailed`."""
        parts = _parts(self.url)
        if self.edition is None:
            self.to.unlink(missing_ok=True)
        async with _patience(self.url):
            if parts.scheme in ("http", "https"):
                await self._by_http()
            else:
                await _by_ftp(parts, self.trust, self._retrieve)

    def _begun(self) -> int:
        return self.to.stat().st_size if self.to.exists() else 0

    async def _by_http(self) -> None:
        begun, headers = self._begun(), {"Accept-Encoding": "identity"}
        if begun and self.edition:
            headers |= {"Range": f"bytes={begun}-", "If-Range": self.edition}
        async with (
            await _client(self.trust, redirects=True) as client,
            client.stream("GET", self.url, headers=headers) as answer,
        ):
            self.edition = None
            _check(answer)
            etag = answer.headers.get("ETag", "")
            self.edition = None if etag.startswith("W/") else etag or None
            resumes = answer.headers.get("Content-Range", "").startswith(f"bytes {begun}-")
            await self._keep(answer.aiter_raw(), begun if resumes else 0)

    async def _keep(self, blocks: AsyncIterator[bytes], size: int) -> None:
        with self.to.open("ab" if size else "wb") as file:
            async for block in blocks:
                size = self._sized(size, block)
                file.write(block)

    def _sized(self, size: int, block: bytes) -> int:
        if size + len(block) > self.limit_bytes:
            self.edition = None
            raise TransferFailed(f"{_shown(self.url)}: larger than {self.limit_bytes} bytes")
        return size + len(block)

    def _retrieve(self, ftp: ftplib.FTP, path: str, go_on: Callable[[], None]) -> None:
        changed = _modified(ftp, path)
        begun = self._begun() if changed and changed == self.edition else 0
        self.edition = changed
        size = begun
        with self.to.open("ab" if begun else "wb") as file:

            def keep(block: bytes) -> None:
                nonlocal size
                go_on()
                size = self._sized(size, block)
                file.write(block)

            ftp.retrbinary(f"RETR {path}", keep, BLOCK, begun or None)


async def upload(url: str, content: bytes, filename: str, trust: Trust) -> None:
    """Store a file at the URL, which if it ends with a slash is that of a folder (2.x N01.FR.21).

    Over HTTP by PUT, or by POST where that is not allowed; redirections are not followed
    (N01.FR.30). Raises `TransferFailed`.
    """
    parts = _parts(url)
    if parts.path.endswith("/") or not parts.path:
        parts = parts._replace(path=f"{parts.path or '/'}{filename}")
    async with _patience(url):
        if parts.scheme in ("http", "https"):
            await _put(parts.geturl(), content, filename, trust)
            return

        def store(ftp: ftplib.FTP, path: str, go_on: Callable[[], None]) -> None:
            source = io.BytesIO(content)
            ftp.storbinary(f"STOR {path}", source, BLOCK, lambda _block: go_on())

        await _by_ftp(parts, trust, store)


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        known = parts.scheme.upper() in PROTOCOLS and bool(parts.hostname)
        _ = parts.port
    except ValueError as error:
        raise TransferFailed(f"{_shown(url)}: {error}", "bad_message") from error
    if not known:
        raise TransferFailed(f"{_shown(url)}: not one of {', '.join(PROTOCOLS)}", "not_supported")
    return parts


def _shown(url: str) -> str:
    """The URL without what opens it."""
    scheme, separator, rest = url.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}"[:200]


@asynccontextmanager
async def _patience(url: str) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(PATIENCE):
            yield
    except TimeoutError as error:
        raise TransferFailed(f"{_shown(url)}: not done in {PATIENCE:g} s") from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise TransferFailed(f"{_shown(url)}: {str(error) or type(error).__name__}") from error


# HTTP


async def _client(trust: Trust, *, redirects: bool) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        verify=await asyncio.to_thread(trust),
        timeout=QUIET,
        follow_redirects=redirects,
        max_redirects=5,
        trust_env=False,
    )


async def _put(url: str, content: bytes, filename: str, trust: Trust) -> None:
    binary = {"Content-Type": "application/octet-stream"}
    async with await _client(trust, redirects=False) as client:
        answer = await client.put(url, content=content, headers=binary)
        if HTTP_REASONS.get(answer.status_code) == "not_supported":
            form = {"uploadfile": (filename, content, "application/octet-stream")}
            answer = await client.post(url, files=form)  # N01.FR.19
    _check(answer)


def _check(answer: httpx.Response) -> None:
    if answer.is_success:
        return
    status = f"{_shown(str(answer.url))}: HTTP status {answer.status_code}"
    if answer.is_redirect:
        raise TransferFailed(status, "redirected")
    raise TransferFailed(status, HTTP_REASONS.get(answer.status_code, "failed"))


# FTP


class _Channel(ssl.SSLSocket):
    """A TLS connection that the other side may end without a word, as many FTP servers do."""

    def unwrap(self) -> socket.socket:
        """End TLS on it."""
        with suppress(OSError):
            return super().unwrap()
        return self


class _FtpTls(ftplib.FTP_TLS):
    """FTP over TLS, which begins at once where the port says so.

    Data connections resume the session of the control connection, as many servers want.
    """

    def connect(self, host: str = "", port: int = 0, *_others: Any) -> str:
        """Connect; with TLS from the start on port 990."""
        if port != IMPLICIT:
            return super().connect(host, port)
        self.host, self.port = host, port
        plain = socket.create_connection((host, port), QUIET)
        self.af = plain.family
        self.sock = self.context.wrap_socket(plain, server_hostname=host)
        self.file = self.sock.makefile("r", encoding=self.encoding)
        self.welcome = self.getresp()
        return self.welcome

    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[socket.socket, int]:
        """Open a data connection."""
        plain, size = ftplib.FTP.ntransfercmd(self, cmd, rest)  # noqa: S321 TLS follows
        session = getattr(self.sock, "session", None)
        wrapped = self.context.wrap_socket(plain, server_hostname=self.host, session=session)
        return wrapped, size  # type: ignore[return-value]  # typeshed allows no size; there may be one


Work = Callable[[ftplib.FTP, str, Callable[[], None]], None]
"""Transfers a file of that path; calls the function with every block, which may raise."""


async def _by_ftp(parts: SplitResult, trust: Trust, work: Work) -> None:
    """Do the work in a thread; cancelled, it ends with the next block."""
    ftp = _ftp(await asyncio.to_thread(trust) if parts.scheme == "ftps" else None)
    is_wanted = True

    def go_on() -> None:
        if not is_wanted:
            raise TransferFailed("cancelled")

    try:
        await asyncio.to_thread(_session, ftp, parts, work, go_on)
    except ftplib.Error as error:
        reason = FTP_REASONS.get(str(error)[:3], "failed")
        raise TransferFailed(f"{_shown(parts.geturl())}: {error}", reason) from error
    except EOFError as error:
        raise TransferFailed(f"{_shown(parts.geturl())}: the connection was lost") from error
    finally:
        is_wanted = False


def _ftp(tls: ssl.SSLContext | None) -> ftplib.FTP:
    if tls is None:
        return ftplib.FTP(timeout=QUIET)  # noqa: S321 as the URL asks for
    tls.sslsocket_class = _Channel
    return _FtpTls(context=tls, timeout=QUIET)


def _session(ftp: ftplib.FTP, parts: SplitResult, work: Work, go_on: Callable[[], None]) -> None:
    implicit = IMPLICIT if isinstance(ftp, _FtpTls) else ftplib.FTP_PORT
    with closing(ftp):
        ftp.connect(parts.hostname or "", parts.port or implicit)
        ftp.login(unquote(parts.username or ""), unquote(parts.password or ""))
        if isinstance(ftp, _FtpTls):
            ftp.prot_p()
        work(ftp, unquote(parts.path[1:]), go_on)
        with suppress(ftplib.Error, EOFError, OSError):
            ftp.quit()


def _modified(ftp: ftplib.FTP, path: str) -> str | None:
    """When the file was changed, where the server tells (RFC 3659 §3)."""
    ftp.voidcmd("TYPE I")
    try:
        return ftp.voidcmd(f"MDTM {path}")
    except ftplib.error_perm:
        return None
