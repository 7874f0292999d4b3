"""HTTP under SOAP: what is taken, whom one calls, and what one takes for an answer."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx
import pytest

from chargeplane.errors import NotConnected
from chargeplane.net import http, soap_http
from chargeplane.net.soap_http import Caller, Endpoint, EndpointRule, Posted, Reply, reachable
from chargeplane.ocpp.soap.envelope import MAX_ENVELOPE

LOOPBACK = EndpointRule(("127.0.0.0/8", "::1"))


# Taking requests


async def echo(posted: Posted) -> Reply:
    return Reply(200, posted.body, headers={"x-address": posted.address, "x-url": posted.url})


def describe(url: str, version: str) -> bytes:
    return f"<wsdl at='{url}' version='{version}'/>".encode()


@asynccontextmanager
async def client() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=Endpoint(echo, describe), client=("192.0.2.7", 1234))
    async with httpx.AsyncClient(transport=transport, base_url="http://central:8080") as found:
        yield found


async def test_a_posted_envelope() -> None:
    async with client() as here:
        response = await here.post("/ocpp/soap", content=b"<a/>")
    assert (response.status_code, response.content) == (200, b"<a/>")
    assert response.headers["content-type"] == "application/soap+xml; charset=utf-8"
    assert response.headers["x-address"] == "192.0.2.7"
    assert response.headers["x-url"] == "http://central:8080/ocpp/soap"


def bare_deflate(text: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(text) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        (" GZIP ", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", bare_deflate),
        ("identity", bytes),
    ],
)
async def test_compressed_envelopes(encoding: str, pack: Callable[[bytes], bytes]) -> None:
    async with client() as here:
        headers = {"Content-Encoding": encoding}
        response = await here.post("/", content=pack(b"<a/>" * 100), headers=headers)
    assert response.content == b"<a/>" * 100


@pytest.mark.parametrize(
    ("encoding", "body", "status", "reason"),
    [
        ("gzip", b"<a/>", 400, "the body is not gzip"),
        ("deflate", b"", 400, "the body is not deflate"),
        ("br", b"<a/>", 415, "Content-Encoding br is not known"),
        ("", b"x" * (MAX_ENVELOPE + 1), 413, "more than"),
        ("gzip", gzip.compress(b" " * (MAX_ENVELOPE + 1)), 413, "more than"),
        ("gzip", gzip.compress(b" " * (100 * MAX_ENVELOPE), 9), 413, "more than"),
    ],
    ids=range(6),
)
async def test_bodies_that_are_not_taken(
    encoding: str, body: bytes, status: int, reason: str
) -> None:
    async with client() as here:
        headers = {"Content-Encoding": encoding} if encoding else {}
        response = await here.post("/", content=body, headers=headers)
    assert response.status_code == status
    assert reason in response.text
    assert response.text.count("\n") == 1


@pytest.mark.parametrize("query", ["wsdl", "WSDL", "wsdl=1.5"])
async def test_the_description(query: str) -> None:
    async with client() as here:
        response = await here.get(f"/ocpp/soap?{query}")
    version = query.partition("=")[2]
    assert response.text == f"<wsdl at='http://central:8080/ocpp/soap' version='{version}'/>"
    assert response.headers["content-type"] == "text/xml; charset=utf-8"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS"])
async def test_other_methods(method: str) -> None:
    async with client() as here:
        response = await here.request(method, "/ocpp/soap")
    assert response.status_code == 405
    assert "POST an envelope" in response.text


async def test_a_body_in_pieces() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b"<a/>"

    async with (
        http.serve(Endpoint(echo, describe), "127.0.0.1", 0) as port,
        httpx.AsyncClient() as here,
    ):
        response = await here.post(f"http://127.0.0.1:{port}/", content=pieces())
    assert response.content == b"<a/>" * 3


async def test_a_body_that_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soap_http, "BODY_TIMEOUT", 0.01)
    async with http.serve(Endpoint(echo, describe), "127.0.0.1", 0) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n<a")
        assert b" 408 " in await reader.readline()
        writer.close()
        await writer.wait_closed()


async def test_a_huge_body_is_not_read_to_its_end() -> None:
    async with http.serve(Endpoint(echo, describe), "127.0.0.1", 0) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\n")
        writer.write(b" " * (MAX_ENVELOPE + 1))
        assert b" 413 " in await reader.readline()
        writer.close()
        with suppress(ConnectionError):  # what was sent too much is thrown away
            await writer.wait_closed()


# Whom one calls


@pytest.mark.parametrize(
    ("allowed", "address", "sender", "is_allowed"),
    [
        # The default: the address that the messages come from, and public ones.
        ("sender public", "192.168.1.20", "192.168.1.20", True),
        ("sender public", "10.1.2.3", "10.1.2.3", True),
        ("sender public", "fd00::7", "fd00::7", True),
        ("sender public", "93.184.216.34", "10.1.2.3", True),
        ("sender public", "2606:2800:220:1::1", "10.1.2.3", True),
        ("sender public", "192.168.1.21", "192.168.1.20", False),
        ("sender public", "10.0.0.1", "93.184.216.34", False),
        ("sender public", "100.64.0.1", "93.184.216.34", False),
        # Never by default: this machine, its links, what stands for it, and groups.
        ("sender public", "127.0.0.1", "127.0.0.1", False),
        ("sender public", "::1", "::1", False),
        ("sender public", "::ffff:127.0.0.1", "::ffff:127.0.0.1", False),
        ("sender public", "0.0.0.0", "0.0.0.0", False),  # noqa: S104 nothing is bound
        ("sender public", "::", "::", False),
        ("sender public", "169.254.169.254", "169.254.169.254", False),
        ("sender public", "fe80::1%eth0", "fe80::1%eth0", False),
        ("sender public", "224.0.0.1", "224.0.0.1", False),
        ("sender public", "239.1.1.1", "239.1.1.1", False),
        ("sender public", "ff0e::1", "ff0e::1", False),
        ("sender public", "no address", "no address", False),
        # As an operator writes it.
        ("sender", "93.184.216.34", "10.1.2.3", False),
        ("public", "10.1.2.3", "10.1.2.3", False),
        ("10.0.0.0/8", "10.1.2.3", "192.168.1.1", True),
        ("10.0.0.0/8", "::ffff:10.1.2.3", "192.168.1.1", True),
        ("10.0.0.0/8", "11.1.2.3", "11.1.2.3", False),
        ("127.0.0.1", "127.0.0.1", "127.0.0.1", True),
        ("169.254.0.0/16", "169.254.1.1", "10.0.0.1", True),
        ("", "93.184.216.34", "93.184.216.34", False),
        ("sender", "::ffff:10.1.2.3", "10.1.2.3", True),
    ],
)
def test_whom_one_may_call(allowed: str, address: str, sender: str, is_allowed: bool) -> None:  # noqa: FBT001 a column
    assert EndpointRule(tuple(allowed.split())).allows(address, sender) == is_allowed


@pytest.mark.parametrize(
    "url",
    ["", "x", "ftp://127.0.0.1/", "http://", "http:///x", "http://127.0.0.1:99999/",
     "http://127.0.0.1:0/", "http://user:password@127.0.0.1/", "file:///etc/passwd",
     "http://[::1", "http://127.0.0.1:x/"],
)  # fmt: skip
async def test_what_is_no_endpoint(url: str) -> None:
    async with Caller(5, LOOPBACK) as caller:
        with pytest.raises(NotConnected, match="is not the address of an endpoint"):
            await caller.post(url, "Reset", b"<a/>", sender="")


async def test_an_address_that_is_not_allowed_is_not_called() -> None:
    async with counted() as (url, calls), Caller(5, EndpointRule(("sender", "public"))) as caller:
        for sender in ("127.0.0.1", "192.0.2.1", ""):
            with pytest.raises(NotConnected, match=r"soap.endpoints does not allow 127\.0\.0\.1"):
                await caller.post(url, "Reset", b"<a/>", sender=sender)
        assert calls == []
        assert (await caller.post(url, "Reset", b"<a/>")) == (200, b"<ok/>")  # an operator's


async def test_a_name_is_called_at_the_address_that_was_checked() -> None:
    async with counted() as (url, calls), Caller(5, LOOPBACK) as caller:
        named = url.replace("127.0.0.1", "localhost")
        status, body = await caller.post(named, "Reset", b"<a/>", sender="")
    assert (status, body) == (200, b"<ok/>")
    assert calls[0]["host"] == named.removeprefix("http://").rstrip("/")


async def test_a_name_that_nobody_knows() -> None:
    async with Caller(5, LOOPBACK) as caller:
        with pytest.raises(NotConnected, match=r"nowhere\.invalid is not known"):
            await caller.post("http://nowhere.invalid/", "Reset", b"<a/>", sender="")
        with pytest.raises(NotConnected, match="is not known"):
            await caller.post(f"http://{'x' * 300}.invalid/", "Reset", b"<a/>", sender="")


# What one takes for an answer


Seen = list[dict[str, str]]
NO_HEADERS: Mapping[str, str] = {}


@asynccontextmanager
async def counted(
    status: int = 200, body: bytes = b"<ok/>", headers: Mapping[str, str] = NO_HEADERS
) -> AsyncIterator[tuple[str, Seen]]:
    """A server that answers the same to everyone, and the headers that it was sent."""
    calls: Seen = []

    async def application(
        scope: soap_http.Scope, _receive: soap_http.Receive, send: Callable[..., Awaitable[None]]
    ) -> None:
        calls.append({name.decode(): value.decode() for name, value in scope["headers"]})
        said = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": said})
        await send({"type": "http.response.body", "body": body})

    async with http.serve(application, "127.0.0.1", 0) as port:
        yield f"http://127.0.0.1:{port}/", calls


async def test_what_a_call_says_of_itself() -> None:
    async with counted() as (url, calls), Caller(5, LOOPBACK) as caller:
        await caller.post(url, "Reset", b"<a/>", sender="", credentials=("CS", b"s\xffcret"))
    (said,) = calls
    assert said["content-type"] == 'application/soap+xml; charset=utf-8; action="/Reset"'
    assert said["authorization"] == "Basic Q1M6c/9jcmV0"


async def test_redirects_are_not_followed() -> None:
    async with counted(body=b"<secret/>") as (there, calls):
        moved = counted(status=302, body=b"", headers={"location": there})
        async with moved as (url, _), Caller(5, LOOPBACK) as caller:
            assert await caller.post(url, "Reset", b"<a/>", sender="") == (302, b"")
    assert calls == []


async def test_cookies_are_not_kept() -> None:
    async with (
        counted(headers={"set-cookie": "id=1; Path=/"}) as (url, calls),
        Caller(5, LOOPBACK) as caller,
    ):
        for _ in range(2):
            await caller.post(url, "Reset", b"<a/>", sender="")
    assert ["cookie" in said for said in calls] == [False, False]


async def test_compressed_answers() -> None:
    packed = gzip.compress(b"<packed/>")
    async with (
        counted(body=packed, headers={"content-encoding": "gzip"}) as (url, _),
        Caller(5, LOOPBACK) as caller,
    ):
        assert await caller.post(url, "Reset", b"<a/>", sender="") == (200, b"<packed/>")


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b" " * (MAX_ENVELOPE + 1), {}),
        (gzip.compress(b" " * (100 * MAX_ENVELOPE), 9), {"content-encoding": "gzip"}),
        (b"<a/>", {"content-encoding": "gzip"}),
    ],
    ids=range(3),
)
async def test_answers_that_are_not_taken(body: bytes, headers: dict[str, str]) -> None:
    async with counted(body=body, headers=headers) as (url, _), Caller(5, LOOPBACK) as caller:
        with pytest.raises(NotConnected, match=r"bytes|not gzip"):
            await caller.post(url, "Reset", b"<a/>", sender="")


@asynccontextmanager
async def peer(handle: Callable[[asyncio.StreamReader], AsyncIterator[bytes]]) -> Any:
    """The address of a server that writes what it is told to, and who came."""
    visits: list[asyncio.Task[Any] | None] = []

    async def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visits.append(asyncio.current_task())
        async for said in handle(reader):
            writer.write(said)
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(visit, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", visits
        await asyncio.gather(*(each for each in visits if each))


async def test_connections_are_kept_for_the_next_call() -> None:
    async def answer(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
        while await reader.readline():
            await reader.readuntil(b"<a/>")
            yield b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n<ok/>"

    async with peer(answer) as (url, visits):
        async with Caller(5, LOOPBACK) as caller:
            for _ in range(3):
                assert await caller.post(url, "Reset", b"<a/>", sender="") == (200, b"<ok/>")
        assert len(visits) == 1


async def test_nobody_listens() -> None:
    async with Caller(5, LOOPBACK) as caller:
        with pytest.raises(NotConnected, match=r"http://127\.0\.0\.1:9/: "):
            await caller.post("http://127.0.0.1:9/", "Reset", b"<a/>", sender="")
    with pytest.raises(NotConnected, match=r"http://127\.0\.0\.1:9/: "):
        await reachable("http://127.0.0.1:9/")


@pytest.mark.parametrize("said", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 2"])
async def test_whoever_answers_no_http(said: bytes) -> None:
    async def answer(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
        await reader.readuntil(b"<a/>")
        yield said

    async with peer(answer) as (url, _), Caller(5, LOOPBACK) as caller:
        with pytest.raises(NotConnected, match=url):
            await caller.post(url, "Reset", b"<a/>", sender="")


async def test_nobody_answers() -> None:
    async def say_nothing(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
        yield b""
        await reader.read()

    async with peer(say_nothing) as (url, _), Caller(0.05, LOOPBACK) as caller:
        await reachable(url)
        with pytest.raises(NotConnected, match="ReadTimeout"):
            await caller.post(url, "Reset", b"<a/>", sender="")
