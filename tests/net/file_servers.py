"""Servers for files on free ports of this machine, with faults on purpose."""

from __future__ import annotations

import asyncio
import base64
import logging
import re
import socket
import ssl
import threading
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # asyncore, which is its own since 3.12
    from pyftpdlib.authorizers import DummyAuthorizer
    from pyftpdlib.handlers import FTPHandler
    from pyftpdlib.ioloop import IOLoop
    from pyftpdlib.servers import FTPServer

USER, PASSWORD = "user", "pa:ss@word"


@dataclass(slots=True)
class HttpFiles:
    """An HTTP server that keeps files in memory."""

    port: int = 0
    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)  # "GET /path bytes=5-"
    headers: list[dict[str, str]] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)  # by method, instead of doing it
    password: str | None = None
    cuts: list[int] = field(default_factory=list)  # bytes after which an answer breaks off
    etag: str = '"1"'
    hold: asyncio.Event | None = None  # answers wait for it
    scheme: str = "http"

    def url(self, path: str) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/{path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await self._answer(reader, writer)
        writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        method, path, _ = head[0].split(" ")
        headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head[1:] if line)
        }
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.asked.append(f"{method} {path} {headers.get('range', '')}".strip())
        self.headers.append(headers)
        if self.hold is not None:
            await self.hold.wait()
        status, more, content = self._done(method, path, headers, body)
        lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(content)}", *more, "", ""]
        cut = self.cuts.pop(0) if self.cuts and method == "GET" else len(content)
        writer.write("\r\n".join(lines).encode() + content[:cut])
        await writer.drain()

    def _done(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, list[str], bytes]:
        if self.password is not None:
            wanted = base64.b64encode(f"{USER}:{self.password}".encode()).decode()
            if headers.get("authorization") != f"Basic {wanted}":
                return 401, [], b""
        if method in self.statuses:
            return self.statuses[method], ["Location: /elsewhere"], b""
        if method != "GET":
            self.files[path] = body
            return 201, [], b""
        if path not in self.files:
            return 404, [], b""
        content, first = self.files[path], 0
        match = re.fullmatch(r"bytes=(\d+)-", headers.get("range", ""))
        if match and headers.get("if-range") == self.etag:
            first = int(match[1])
            span = f"Content-Range: bytes {first}-{len(content) - 1}/{len(content)}"
            return 206, [f"ETag: {self.etag}", span], content[first:]
        return 200, [f"ETag: {self.etag}"], content


@asynccontextmanager
async def http_files(tls: ssl.SSLContext | None = None) -> AsyncIterator[HttpFiles]:
    files = HttpFiles(scheme="https" if tls else "http")
    server = await asyncio.start_server(files.serve, "127.0.0.1", 0, ssl=tls)
    files.port = server.sockets[0].getsockname()[1]
    async with server:
        yield files


@contextmanager
def ftp_files(folder: Path) -> Iterator[str]:
    """The URL of a real FTP server with that folder, with user and password."""
    logging.getLogger("pyftpdlib").setLevel(logging.CRITICAL)
    authorizer = DummyAuthorizer()
    authorizer.add_user(USER, PASSWORD, str(folder), perm="elradfmwMT")
    authorizer.add_anonymous(str(folder))
    loop = IOLoop()
    handler = type("Handler", (FTPHandler,), {"authorizer": authorizer, "auth_failed_timeout": 0})
    server = FTPServer(("127.0.0.1", 0), handler, ioloop=loop)
    ended = threading.Event()

    def run() -> None:
        while not ended.is_set():
            server.serve_forever(timeout=0.02, blocking=False)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield f"ftp://{USER}:pa%3Ass%40word@127.0.0.1:{server.address[1]}"
    finally:
        ended.set()
        thread.join()
        server.close_all()


class FtpsFiles:
    """As much of an FTP server over TLS as one client needs (pyftpdlib has it with pyOpenSSL)."""

    def __init__(self, folder: Path, tls: ssl.SSLContext, *, implicit: bool = False) -> None:
        self.folder = folder
        self.tls = tls
        self.implicit = implicit
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(20)
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.listener.close()
        self.thread.join()

    def _run(self) -> None:
        with suppress(OSError):
            peer, _ = self.listener.accept()
            peer.settimeout(20)
            with peer:
                self._serve(peer)

    def _serve(self, peer: socket.socket) -> None:
        data: socket.socket | None = None
        if self.implicit:
            peer = self.tls.wrap_socket(peer, server_side=True)
        peer.sendall(b"220 hello\r\n")
        while line := self._line(peer):
            command, _, what = line.partition(" ")
            if command == "AUTH":
                peer.sendall(b"234 go\r\n")
                peer = self.tls.wrap_socket(peer, server_side=True)
            elif command in ("EPSV", "PASV"):
                data = socket.create_server(("127.0.0.1", 0))
                high, low = divmod(data.getsockname()[1], 256)
                said = f"227 =127,0,0,1,{high},{low}" if command == "PASV" else "502 no"
                peer.sendall(f"{said}\r\n".encode())
            elif command in ("STOR", "RETR") and data is not None:
                peer.sendall(b"150 go\r\n")
                self._transfer(data, self.folder / what, command)
                peer.sendall(b"226 done\r\n")
            else:
                peer.sendall(b"%s\r\n" % SAID.get(command, "502 no").encode())
        peer.close()

    def _transfer(self, data: socket.socket, file: Path, command: str) -> None:
        plain, _ = data.accept()
        data.close()
        with self.tls.wrap_socket(plain, server_side=True) as channel:
            if command == "RETR":
                channel.sendall(file.read_bytes())
                channel.unwrap()
                return
            with file.open("wb") as sink:
                while block := channel.recv(65536):
                    sink.write(block)

    @staticmethod
    def _line(peer: socket.socket) -> str:
        found = b""
        while not found.endswith(b"\n"):
            byte = peer.recv(1)
            if not byte:
                return ""
            found += byte
        return found.decode().strip()


SAID = {
    "USER": "331 password",
    "PASS": "230 in",
    "PBSZ": "200 ok",
    "PROT": "200 ok",
    "TYPE": "200 ok",
    "MDTM": "213 20260101000000",
    "QUIT": "221 bye",
}
