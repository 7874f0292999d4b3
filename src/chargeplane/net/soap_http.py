"""HTTP as SOAP uses it, on both ends: taking posted envelopes, and posting them.

Bodies are bounded, also once they are decompressed; redirects are not
followed; an `EndpointRule` decides which addresses are called at all.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import zlib
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import SplitResult, urlsplit

import httpx

from chargeplane.errors import NotConnected
from chargeplane.ocpp.soap.envelope import MAX_ENVELOPE

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Address = IPv4Address | IPv6Address

MEDIA_TYPE: Final = "application/soap+xml; charset=utf-8"
BODY_TIMEOUT: Final = 20.0  # s for a request to be read
CONNECT_TIMEOUT: Final = 10.0  # s; chargers on mobile networks take their time
KEPT: Final = 1000  # connections to stations that are kept for the next call
KEPT_FOR: Final = 60.0  # s
WANTED: Final = {b"authorization": "authorization", b"content-encoding": "content-encoding",
                 b"host": "host"}  # fmt: skip
PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Posted:
    """A request to a SOAP endpoint."""

    body: bytes
    headers: Mapping[str, str]  # those that are `WANTED`
    address: str  # of the sender, without port
    secure: bool  # over TLS
    url: str  # at which it arrived


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one."""

    status: int
    body: bytes
    media_type: str = MEDIA_TYPE
    headers: Mapping[str, str] = field(default_factory=dict)


class _Unusable(ValueError):
    """What cannot be taken: an HTTP status and one line why."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.reply = Reply(status, f"{reason}\n".encode(), "text/plain; charset=utf-8")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An ASGI application that answers posted envelopes, and `?wsdl` with its description."""

    answer: Callable[[Posted], Awaitable[Reply]]
    describe: Callable[[str, str], bytes]
    """Given the address of the endpoint and what stands after `?wsdl=`."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        try:
            reply = await self._reply(scope, receive)
        except _Unusable as unusable:
            reply = unusable.reply
        headers = [
            (b"content-type", reply.media_type.encode()),
            (b"content-length", str(len(reply.body)).encode()),
            *((name.encode(), value.encode()) for name, value in reply.headers.items()),
        ]
        start = {"type": "http.response.start", "status": reply.status, "headers": headers}
        await send(start)
        await send({"type": "http.response.body", "body": reply.body})

    async def _reply(self, scope: Scope, receive: Receive) -> Reply:
        headers = {WANTED[n]: v.decode("latin-1") for n, v in scope["headers"] if n in WANTED}
        url = _url_of(scope, headers)
        if scope["method"] == "POST":
            body = await _body(receive, headers.get("content-encoding", ""))
            client = scope.get("client")
            address = client[0] if client else ""
            return await self.answer(
                Posted(body, headers, address, scope["scheme"] == "https", url)
            )
        name, _, version = scope["query_string"].decode("latin-1").partition("=")
        if scope["method"] == "GET" and name.lower() == "wsdl":
            return Reply(200, self.describe(url, version), "text/xml; charset=utf-8")
        raise _Unusable(405, "this is a SOAP endpoint: POST an envelope, or GET its ?wsdl")


def _url_of(scope: Scope, headers: Mapping[str, str]) -> str:
    host = headers.get("host") or "{}:{}".format(*(scope.get("server") or ("localhost", 80)))
    return f"{scope['scheme']}://{host}{scope['path']}"


async def _body(receive: Receive, encoding: str) -> bytes:
    """The body of a request; raises `_Unusable`."""
    event = await receive()
    body: bytes = event.get("body", b"")
    if event.get("more_body"):
        body += await _rest(receive, len(body))
    _check_size(len(body))
    return _decompressed(body, encoding)


async def _rest(receive: Receive, size: int) -> bytes:
    pieces: list[bytes] = []
    more = True
    try:
        async with asyncio.timeout(BODY_TIMEOUT):
            while more:
                event = await receive()
                pieces.append(event.get("body", b""))
                size += len(pieces[-1])
                _check_size(size)
                more = event.get("more_body", False)
    except TimeoutError:
        raise _Unusable(408, "the request took too long") from None
    return b"".join(pieces)


def _check_size(size: int) -> None:
    if size > MAX_ENVELOPE:
        raise _Unusable(413, f"more than {MAX_ENVELOPE} bytes")


def _decompressed(body: bytes, encoding: str) -> bytes:
    """OCPP-S 1.6 §6.1: gzip and deflate must be understood."""
    encoding = encoding.strip().lower()
    if encoding in {"", "identity"}:
        return body
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise _Unusable(415, f"Content-Encoding {encoding[:50]} is not known")
    # 47: gzip or zlib by its head; -15: the bare deflate that some send under that name.
    for bits in (47, -15):
        inflater = zlib.decompressobj(bits)
        try:
            text = inflater.decompress(body, MAX_ENVELOPE + 1)
        except zlib.error:
            continue
        _check_size(len(text))
        if inflater.eof:
            return text
    raise _Unusable(400, f"the body is not {encoding}")


# Calling endpoints


@dataclass(frozen=True, slots=True)
class EndpointRule:
    """Which addresses of endpoints may be called.

    `sender` allows the address that the station's own messages come from,
    `public` all that are reachable from everywhere, a network those in it.
    This machine itself and link-local addresses need a network that is named.
    """

    allowed: tuple[str, ...]

    def allows(self, address: str, sender: str) -> bool:
        """Whether an endpoint at this address may be called for a station at that one."""
        found = _address(address)
        if found is None:
            return False
        return any(_is_meant(word, found, _address(sender)) for word in self.allowed)


def _is_meant(word: str, found: Address, sender: Address | None) -> bool:
    match word:
        case "sender":
            return found == sender and _is_of_a_host(found)
        case "public":
            return found.is_global and _is_of_a_host(found)
    return found in ip_network(word)


def _is_of_a_host(address: Address) -> bool:
    """Whether it may be another machine's."""
    return not (
        address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_unspecified
    )


NOWHERE: Final = EndpointRule(())


def _address(text: str) -> Address | None:
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


class Caller:
    """Posts envelopes to endpoints, over connections that are kept for the next call."""

    def __init__(
        self, timeout: float, rule: EndpointRule = NOWHERE, *, tls: ssl.SSLContext | None = None
    ) -> None:
        self._rule = rule
        self._client = httpx.AsyncClient(
            verify=True if tls is None else tls,
            timeout=httpx.Timeout(timeout, connect=CONNECT_TIMEOUT),
            limits=httpx.Limits(
                max_connections=None, max_keepalive_connections=KEPT, keepalive_expiry=KEPT_FOR
            ),
            follow_redirects=False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),  # keeps none
            trust_env=False,  # a proxy would choose the address anew
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.aclose()

    async def post(
        self,
        url: str,
        action: str,
        envelope: bytes,
        *,
        sender: str | None = None,
        credentials: tuple[str, bytes] | None = None,
    ) -> tuple[int, bytes]:
        """Status and body of the answer; raises `NotConnected`.

        `sender` is the address that the owner of the endpoint was seen at;
        without one the rule is not asked, as the url is that of an operator.
        """
        parts = _parts(url)
        address = await self._resolved(parts, sender)
        media_type = f'{MEDIA_TYPE}; action="/{action}"'
        auth = httpx.BasicAuth(*credentials) if credentials else None
        try:
            request = self._request(parts, address, envelope, media_type)
            response = await self._client.send(request, auth=auth, stream=True)
            try:
                return response.status_code, await _read(response)
            finally:
                await response.aclose()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            reason = str(error) or type(error).__name__
            raise NotConnected(f"{url}: {reason}") from error

    def _request(
        self, parts: SplitResult, address: str, envelope: bytes, media_type: str
    ) -> httpx.Request:
        """The request to a number in place of the name, which is still said and verified."""
        host = f"[{address}]" if ":" in address else address
        port = f":{parts.port}" if parts.port else ""
        return self._client.build_request(
            "POST",
            parts._replace(netloc=f"{host}{port}", fragment="").geturl(),
            content=envelope,
            headers={"Host": parts.netloc, "Content-Type": media_type},
            extensions={"sni_hostname": parts.hostname},
        )

    async def _resolved(self, parts: SplitResult, sender: str | None) -> str:
        """The address to connect to: what is checked is what is used."""
        host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, TimeoutError, UnicodeError) as error:
            raise NotConnected(f"{host} is not known: {error}") from error
        addresses = [str(each[4][0]) for each in found]
        for address in addresses:
            if sender is None or self._rule.allows(address, sender):
                return address
        raise NotConnected(f"soap.endpoints does not allow {', '.join(addresses)} ({host})")


def _parts(url: str) -> SplitResult:
    """An address of an endpoint; raises `NotConnected` if it is none."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in PORTS and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if not good or "@" in parts.netloc:
        raise NotConnected(f"{url[:200]} is not the address of an endpoint")
    return parts


async def _read(response: httpx.Response) -> bytes:
    """The body of an answer; raises ValueError if it is too large or cannot be decompressed."""
    body = bytearray()
    async for piece in response.aiter_raw():
        body += piece
        if len(body) > MAX_ENVELOPE:
            raise ValueError(f"answers with more than {MAX_ENVELOPE} bytes")
    return _decompressed(bytes(body), response.headers.get("content-encoding", ""))


async def reachable(url: str) -> None:
    """Return if somebody listens at an address; raises `NotConnected`."""
    parts = _parts(url)
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT):
            _, writer = await asyncio.open_connection(
                parts.hostname, parts.port or PORTS[parts.scheme]
            )
    except (OSError, TimeoutError) as error:
        raise NotConnected(f"{url}: {error}") from error
    writer.close()
