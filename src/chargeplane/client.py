"""Clients of the native HTTP API: `Client` blocks, `AsyncClient` is awaited.

What can be asked is described once, by the functions that return an `Ask`; a client binds them.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Callable,
    Coroutine,
    Generator,
    Iterator,
    Mapping,
)
from contextlib import aclosing, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from functools import update_wrapper
from types import TracebackType
from typing import Any, Final, Generic, ParamSpec, Self, TypeVar
from urllib.parse import quote

import httpx

from chargeplane.errors import ChargeplaneError, NotConnected

TIMEOUT: Final = 90.0  # s; a station has 60 s to answer (csms.answer_timeout)
EVENTS: Final = "/v1/events"
PROFILE_TEMPLATES: Final = "/v1/charging-profile-templates"
TRANSACTIONS_CSV: Final = "/v1/transactions.csv"
PAUSES: Final = (0.5, 1.0, 2.0, 5.0, 10.0)  # s between attempts to hear events again

P = ParamSpec("P")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Row = dict[str, Any]


class ApiError(ChargeplaneError):
    """The server answered with an error: its status, what it says, and the kind of problem."""

    def __init__(self, status: int, detail: str, title: str = "") -> None:
        super().__init__(f"{detail} (HTTP {status})")
        self.status = status
        self.detail = detail
        self.title = title


class Page(list[Row]):
    """A page of a list; `cursor` asks for what follows, None: there is no more."""

    def __init__(self, said: Row) -> None:
        super().__init__(said["items"])
        self.cursor: str | None = said["cursor"]


# What can be asked.


@dataclass(frozen=True, slots=True)
class Ask(Generic[T_co]):
    """A request, and how its answer is read."""

    method: str
    path: str
    read: Callable[[httpx.Response], T_co]
    params: Row = field(default_factory=dict)
    body: Row | None = None

    def content(self) -> Row:
        """The arguments of httpx; what is None is not sent."""
        return {"params": _given(self.params), "json": self.body}


def _given(params: Row) -> Row:
    return {name: value for name, value in params.items() if value is not None}


def _row(response: httpx.Response) -> Row:
    return dict(response.json())


def _page(response: httpx.Response) -> Page:
    return Page(response.json())


def _nothing(response: httpx.Response) -> None:
    del response


def _station(station_id: str, *more: str) -> str:
    return "/".join(["/v1/stations", quote(station_id, safe=""), *more])


def stations(**wanted: Any) -> Ask[Page]:
    """A page of stations with their connectors."""
    return Ask("GET", "/v1/stations", _page, wanted)


def station(station_id: str) -> Ask[Row]:
    """A station with its EVSEs, what runs there, and its connection."""
    return Ask("GET", _station(station_id), _row)


def adopt(station_id: str) -> Ask[Row]:
    """Accept a station that was refused or is pending."""
    return Ask("POST", _station(station_id, "adopt"), _row)


def tokens(**wanted: Any) -> Ask[Page]:
    """A page of tokens."""
    return Ask("GET", "/v1/tokens", _page, wanted)


def add_token(id_token: str, **values: Any) -> Ask[Row]:
    """Add a token; one that is known is refused."""
    return Ask("POST", "/v1/tokens", _row, body={"id_token": id_token, **values})


def save_token(id_token: str, **values: Any) -> Ask[Row]:
    """Add a token or replace it whole."""
    return Ask("PUT", f"/v1/tokens/{quote(id_token, safe='')}", _row, body=values)


def block_token(id_token: str, *, blocked: bool = True) -> Ask[Row]:
    """Keep a token from charging, or let it charge again."""
    act = "block" if blocked else "unblock"
    return Ask("POST", f"/v1/tokens/{quote(id_token, safe='')}/{act}", _row)


def transactions(**wanted: Any) -> Ask[Page]:
    """A page of transactions, the latest first."""
    return Ask("GET", "/v1/transactions", _page, wanted)


def profile_templates(**wanted: Any) -> Ask[Page]:
    """A page of the charging profiles that are kept, by number."""
    return Ask("GET", PROFILE_TEMPLATES, _page, wanted)


def profile_template(number: int) -> Ask[Row]:
    """A charging profile that is kept."""
    return Ask("GET", f"{PROFILE_TEMPLATES}/{number}", _row)


def add_profile_template(profile: Row, name: str | None = None) -> Ask[Row]:
    """Keep a charging profile under the next number."""
    return Ask("POST", PROFILE_TEMPLATES, _row, body={"profile": profile, "name": name})


def save_profile_template(number: int, profile: Row, name: str | None = None) -> Ask[Row]:
    """Keep a charging profile under this number, in the place of what was kept there."""
    body = {"profile": profile, "name": name}
    return Ask("PUT", f"{PROFILE_TEMPLATES}/{number}", _row, body=body)


def remove_profile_template(number: int) -> Ask[None]:
    """Forget a charging profile; stations keep what they were sent."""
    return Ask("DELETE", f"{PROFILE_TEMPLATES}/{number}", _nothing)


def history(**wanted: Any) -> Ask[Page]:
    """A page of events that happened, the latest first."""
    return Ask("GET", "/v1/events/history", _page, wanted)


def command(station_id: str, name: str, request: Row) -> Ask[Row]:
    """Ask a station for an operation; its answer."""
    path = _station(station_id, "commands", quote(name, safe=""))
    return Ask("POST", path, _row, body=request)


def call(station_id: str, action: str, payload: Row) -> Ask[Row]:
    """Make any call to a station as OCPP words it; its answer."""
    return command(station_id, "call", {"action": action, "payload": payload})


# The stream of events, without I/O.


class _Listening:
    """Reads server-sent events and knows where to go on when the stream breaks."""

    def __init__(self, url: str, after: int | None) -> None:
        self._url = url
        self._last = after
        self._data: list[str] = []
        self._heard = False
        self._failures = 0

    def headers(self) -> dict[str, str]:
        return {} if self._last is None else {"Last-Event-ID": str(self._last)}

    def take(self, line: str) -> Row | None:
        """An event, if this line ends one."""
        self._heard, self._failures = True, 0
        if line.startswith("data:"):
            self._data.append(line.removeprefix("data:").removeprefix(" "))
        if line or not self._data:
            return None
        event: Row = json.loads("\n".join(self._data))
        self._data.clear()
        self._last = event["id"] if event.get("id") is not None else self._last
        return event

    def pause(self, error: httpx.HTTPError | None) -> float:
        """Seconds until the next attempt; raises `NotConnected` after too many."""
        self._data.clear()
        if not self._heard or self._failures == len(PAUSES):
            raise _unreachable(self._url, error or "the stream ended") from error
        self._failures += 1
        return PAUSES[self._failures - 1]


# The two transports.


class _Blocking(Generic[P, T]):
    """Something that can be asked, as a method of `Client`."""

    def __init__(self, build: Callable[P, Ask[T]]) -> None:
        self._build = build

    def __get__(self, client: Client, _owner: type[Client]) -> Callable[P, T]:
        def asked(*args: P.args, **wanted: P.kwargs) -> T:
            return client.send(self._build(*args, **wanted))

        return update_wrapper(asked, self._build)


class _Awaited(Generic[P, T]):
    """Something that can be asked, as a method of `AsyncClient`."""

    def __init__(self, build: Callable[P, Ask[T]]) -> None:
        self._build = build

    def __get__(
        self, client: AsyncClient, _owner: type[AsyncClient]
    ) -> Callable[P, Coroutine[Any, Any, T]]:
        def asked(*args: P.args, **wanted: P.kwargs) -> Coroutine[Any, Any, T]:
            return client.send(self._build(*args, **wanted))

        return update_wrapper(asked, self._build)


class Client:
    """Talks to a Chargeplane server; every method raises `ApiError` or `NotConnected`."""

    def __init__(self, url: str, key: str = "") -> None:
        self._url = url
        self._http = httpx.Client(**_settings(url, key))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    stations = _Blocking(stations)
    station = _Blocking(station)
    adopt = _Blocking(adopt)
    tokens = _Blocking(tokens)
    add_token = _Blocking(add_token)
    save_token = _Blocking(save_token)
    block_token = _Blocking(block_token)
    transactions = _Blocking(transactions)
    profile_templates = _Blocking(profile_templates)
    profile_template = _Blocking(profile_template)
    add_profile_template = _Blocking(add_profile_template)
    save_profile_template = _Blocking(save_profile_template)
    remove_profile_template = _Blocking(remove_profile_template)
    history = _Blocking(history)
    command = _Blocking(command)
    call = _Blocking(call)

    def send(self, ask: Ask[T]) -> T:
        """Ask, and read the answer."""
        try:
            response = self._http.request(ask.method, ask.path, **ask.content())
        except httpx.HTTPError as error:
            raise _unreachable(self._url, error) from error
        return _read(ask, response)

    def events(self, after: int | None = None, **wanted: Any) -> Generator[Row, None, None]:
        """Events as they happen, those after the number first; a broken stream is resumed."""
        listening = _Listening(self._url, after)
        while True:
            failure = None
            try:
                with closing(self._stream(listening, wanted)) as found:
                    yield from found
            except httpx.HTTPError as error:
                failure = error
            time.sleep(listening.pause(failure))

    def _stream(self, listening: _Listening, wanted: Row) -> Generator[Row, None, None]:
        with self._opened(EVENTS, wanted, listening.headers()) as response:
            for line in response.iter_lines():
                if (event := listening.take(line)) is not None:
                    yield event

    def transactions_csv(self, **wanted: Any) -> Generator[bytes, None, None]:
        """All transactions that match as CSV, the latest first, in parts as they come."""
        try:
            with self._opened(TRANSACTIONS_CSV, wanted) as response:
                yield from response.iter_bytes()
        except httpx.HTTPError as error:
            raise _unreachable(self._url, error) from error

    @contextmanager
    def _opened(
        self, path: str, wanted: Row, headers: Mapping[str, str] | None = None
    ) -> Iterator[httpx.Response]:
        """An answer that is read while it comes."""
        params = _given(wanted)
        with self._http.stream("GET", path, params=params, headers=headers) as response:
            if response.is_error:
                response.read()
                raise _refusal(response)
            yield response


class AsyncClient:
    """As `Client`, for programs that run on asyncio."""

    def __init__(self, url: str, key: str = "") -> None:
        self._url = url
        self._http = httpx.AsyncClient(**_settings(url, key))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.aclose()

    stations = _Awaited(stations)
    station = _Awaited(station)
    adopt = _Awaited(adopt)
    tokens = _Awaited(tokens)
    add_token = _Awaited(add_token)
    save_token = _Awaited(save_token)
    block_token = _Awaited(block_token)
    transactions = _Awaited(transactions)
    profile_templates = _Awaited(profile_templates)
    profile_template = _Awaited(profile_template)
    add_profile_template = _Awaited(add_profile_template)
    save_profile_template = _Awaited(save_profile_template)
    remove_profile_template = _Awaited(remove_profile_template)
    history = _Awaited(history)
    command = _Awaited(command)
    call = _Awaited(call)

    async def send(self, ask: Ask[T]) -> T:
        """Ask, and read the answer."""
        try:
            response = await self._http.request(ask.method, ask.path, **ask.content())
        except httpx.HTTPError as error:
            raise _unreachable(self._url, error) from error
        return _read(ask, response)

    async def events(self, after: int | None = None, **wanted: Any) -> AsyncGenerator[Row, None]:
        """Events as they happen, those after the number first; a broken stream is resumed."""
        listening = _Listening(self._url, after)
        while True:
            failure = None
            try:
                async with aclosing(self._stream(listening, wanted)) as found:
                    async for event in found:
                        yield event
            except httpx.HTTPError as error:
                failure = error
            await asyncio.sleep(listening.pause(failure))

    async def _stream(self, listening: _Listening, wanted: Row) -> AsyncGenerator[Row, None]:
        async with self._opened(EVENTS, wanted, listening.headers()) as response:
            async for line in response.aiter_lines():
                if (event := listening.take(line)) is not None:
                    yield event

    async def transactions_csv(self, **wanted: Any) -> AsyncGenerator[bytes, None]:
        """All transactions that match as CSV, the latest first, in parts as they come."""
        try:
            async with self._opened(TRANSACTIONS_CSV, wanted) as response:
                async for part in response.aiter_bytes():
                    yield part
        except httpx.HTTPError as error:
            raise _unreachable(self._url, error) from error

    @asynccontextmanager
    async def _opened(
        self, path: str, wanted: Row, headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[httpx.Response]:
        """An answer that is read while it comes."""
        params = _given(wanted)
        async with self._http.stream("GET", path, params=params, headers=headers) as response:
            if response.is_error:
                await response.aread()
                raise _refusal(response)
            yield response


def _settings(url: str, key: str) -> Row:
    headers = {"X-API-Key": key}
    return {"base_url": url, "headers": headers, "timeout": TIMEOUT, "trust_env": False}


def _read(ask: Ask[T], response: httpx.Response) -> T:
    if response.is_error:
        raise _refusal(response)
    try:
        return ask.read(response)
    except (ValueError, KeyError, TypeError) as error:
        raise ApiError(response.status_code, "the answer is not one of Chargeplane") from error


def _unreachable(url: str, error: httpx.HTTPError | str) -> NotConnected:
    return NotConnected(f"no server answers at {url}: {error}")


def _refusal(response: httpx.Response) -> ApiError:
    try:
        problem = response.json()
        return ApiError(response.status_code, str(problem["detail"]), str(problem["title"]))
    except (ValueError, KeyError, TypeError):
        return ApiError(response.status_code, response.text)
