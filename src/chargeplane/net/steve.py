"""A remote SteVe: by its REST operations (3.11 and later), else by its web pages (3.3 and later).

Which way a SteVe can be asked is found out once. Sign-in is kept for as long as
SteVe keeps the session; every form is sent with the token that came with it.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, Protocol, Self

import httpx
import structlog

from chargeplane.errors import (
    AnswerTimeout,
    ChargeplaneError,
    ConfigurationError,
    NoAnswer,
    NotConnected,
)
from chargeplane.net.steve_pages import Page
from chargeplane.ocpp.errors import received

Way = Literal["rest", "web"]
Fields = Mapping[str, str | int | datetime]

SIGN_IN: Final = "/manager/signin"
TASK: Final = re.compile(r"/manager/operations/tasks/(\d+)")
NOT_FINISHED: Final = "automatically reloads"  # what the page of a task says until it is done
FIRST_LOOK, LONGEST_WAIT = 0.05, 2.0  # s between looks at a task, doubled each time
ATTEMPTS: Final = 2  # a form that is refused for its session or token was not run
BOX, CONNECTOR, TRANSACTION = "ChargeBox ID", "Connector ID", "Transaction ID"
# What SteVe says of a station that is not there, by REST and on its pages.
OFFLINE: Final = ("No stations are eligible", "No session context")
# Fields whose OCPP words are constants in upper case on the pages.
CONSTANTS: Final = frozenset({"resetType", "availType", "updateType"})

logger = structlog.get_logger()


class SteveError(ChargeplaneError):
    """A remote SteVe did not do what it was asked for."""


class SteveUnreachable(SteveError):
    """It cannot be reached."""


class SteveRefused(SteveError):
    """It refused the request or the sign-in; the message says why."""


class ResponseNotFound(SteveError):
    """It finished and shows no response."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SteveAccess:
    """Where a SteVe is, with its context path, and how to sign in.

    Without `password` its pages are not used, without `api_password` (its
    `webapi.value`) its REST operations are not. `ocpp` is the version whose
    pages are used, `timezone` that in which they read dates.
    """

    url: str
    user: str
    password: str = ""
    api_password: str = ""
    ocpp: Literal["1.2", "1.5", "1.6"] = "1.6"
    timezone: tzinfo = UTC
    timeout: float = 60.0
    ca_file: Path | None = None


def _tls(ca_file: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:  # an SSLError is one too
        raise ConfigurationError(f"steve.ca_file: {error}") from error


@dataclass(frozen=True, slots=True)
class SteveAnswer:
    """What a station said to SteVe."""

    status: str
    data: Any = None


@dataclass(frozen=True, slots=True)
class SteveConnector:
    """A connector's state."""

    box: str
    connector: int
    status: str


@dataclass(frozen=True, slots=True)
class SteveTransaction:
    """A transaction that runs."""

    number: int
    box: str
    connector: int


class _Face(Protocol):
    """One way to ask."""

    async def operate(self, operation: str, box: str, fields: Fields) -> SteveAnswer: ...

    async def transactions(self, box: str) -> list[SteveTransaction]: ...


class SteveClient:
    """A remote SteVe; an asynchronous context that keeps its connections."""

    def __init__(
        self, access: SteveAccess, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        if not (access.password or access.api_password):
            raise ConfigurationError("a remote SteVe needs its web or its API password")
        self._access = access
        self._http = httpx.AsyncClient(
            base_url=access.url,
            timeout=access.timeout,
            transport=transport,
            verify=_tls(access.ca_file),
        )
        self._web = _Web(self._http, access)
        self._rest = _Rest(self._http, access)
        self._way: Way | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.aclose()

    async def operate(self, operation: str, box: str, fields: Fields) -> SteveAnswer:
        """Run an operation at a charge box; its answer.

        Raises NoAnswer, OcppError as a station of ours does, and SteveError.
        """
        with self._explained():
            return await (await self._face()).operate(operation, box, fields)

    async def transactions(self, box: str) -> list[SteveTransaction]:
        """The running transactions of a charge box; raises SteveError."""
        with self._explained():
            return await (await self._face()).transactions(box)

    async def connectors(self) -> list[SteveConnector]:
        """The connectors of all charge boxes, which only the pages tell; raises SteveError."""
        with self._explained():
            return await self._web.connectors()

    async def way(self) -> Way:
        """How this SteVe can be asked: by REST from 3.11 on, else by its pages."""
        if self._way is None:
            self._way = await self._detect()
            logger.info("SteVe found", url=self._access.url, way=self._way)
        return self._way

    async def _face(self) -> _Face:
        return self._rest if await self.way() == "rest" else self._web

    async def _detect(self) -> Way:
        if not self._access.api_password:
            return "web"
        status = await self._rest.probe()
        if status in {httpx.codes.OK, httpx.codes.BAD_REQUEST}:
            return "rest"
        if not self._access.password:
            why = "API password" if status == httpx.codes.UNAUTHORIZED else "SteVe before 3.11"
            raise SteveRefused(f"no REST operations: {why} (HTTP {status})")
        logger.warning("SteVe offers no REST operations, its pages are used", status=status)
        return "web"

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Errors of the network as ours; what was found out before is found out again."""
        try:
            yield
        except httpx.TransportError as error:
            self._way = None
            reason = str(error) or type(error).__name__
            raise SteveUnreachable(f"{self._access.url}: {reason}") from error
        except SteveRefused:
            self._way = None  # it may have been replaced by another version
            raise


class _Rest:
    """The REST operations."""

    def __init__(self, http: httpx.AsyncClient, access: SteveAccess) -> None:
        self._http = http
        self._auth = httpx.BasicAuth(access.user, access.api_password)

    async def probe(self) -> int:
        """How an operation at no charge box is refused: 400 where operations are known."""
        return (await self._post("GetLocalListVersion", {"chargeBoxIdList": []})).status_code

    async def operate(self, operation: str, box: str, fields: Fields) -> SteveAnswer:
        """Run an operation; SteVe waits for the station."""
        said = {name: _for_rest(value) for name, value in fields.items()}
        response = await self._post(operation, {"chargeBoxIdList": [box], **said})
        return _outcome(_read(response))

    async def transactions(self, box: str) -> list[SteveTransaction]:
        """The running transactions of a charge box."""
        wanted = {"type": "ACTIVE", "chargeBoxId": box}
        response = await self._http.get("/api/v1/transactions", params=wanted, auth=self._auth)
        return [
            SteveTransaction(int(each["id"]), each["chargeBoxId"], int(each["connectorId"]))
            for each in _read(response)
            if each["chargeBoxId"] == box
        ]

    async def _post(self, operation: str, body: Mapping[str, Any]) -> httpx.Response:
        url = f"/api/v1/operations/{operation}"
        return await self._http.post(url, json=body, auth=self._auth)


def _for_rest(value: str | int | datetime) -> str | int:
    return value.isoformat() if isinstance(value, datetime) else value


def _read(response: httpx.Response) -> Any:
    """The JSON of an answer; raises what it means if it is an error."""
    try:
        body = response.json()
    except ValueError:
        raise SteveRefused(f"HTTP {response.status_code} without JSON") from None
    if response.is_success:
        return body
    said = body.get("message") if isinstance(body, dict) else None
    raise _meant(said or f"HTTP {response.status_code}")


def _meant(message: str) -> NoAnswer | SteveError:
    """The error that a text of SteVe stands for."""
    is_offline = any(text in message for text in OFFLINE)
    return NotConnected(message) if is_offline else SteveRefused(message)


def _outcome(result: Mapping[str, Any]) -> SteveAnswer:
    """What became of an operation at one charge box."""
    for each in result.get("errorResponses") or ():
        details = each.get("errorDetails")
        details = details if isinstance(details, dict) else None
        raise received(each.get("errorCode") or "", each.get("errorDescription") or "", details)
    for each in result.get("exceptions") or ():
        raise _meant(each.get("exceptionMessage") or "exception")
    for each in result.get("successResponses") or ():
        return _answer(each.get("response"))
    if not result.get("taskFinished"):
        raise AnswerTimeout("SteVe has no answer of the station yet")
    raise ResponseNotFound("SteVe tells no response")


def _answer(response: Any) -> SteveAnswer:
    if isinstance(response, dict):
        return SteveAnswer(str(response.get("status", "")), response.get("data"))
    return SteveAnswer(str(response))


class _Web:
    """The web pages."""

    def __init__(self, http: httpx.AsyncClient, access: SteveAccess) -> None:
        self._http = http
        self._access = access
        self._session = 0  # counts the sign-ins
        self._signing_in = asyncio.Lock()

    async def operate(self, operation: str, box: str, fields: Fields) -> SteveAnswer:
        """Send the form of an operation and read its task until it is done."""
        said = {name: self._for_form(name, value) for name, value in fields.items()}
        task = await self._submit(operation, box, said)
        try:
            async with asyncio.timeout(self._access.timeout):
                return await self._result(task, box)
        except TimeoutError:
            raise AnswerTimeout(f"SteVe's task {task} is not finished") from None

    async def transactions(self, box: str) -> list[SteveTransaction]:
        """The running transactions of a charge box, which the page shows unless asked for more."""
        page = await self._page("/manager/transactions")
        return [
            SteveTransaction(int(row[TRANSACTION]), box, int(row[CONNECTOR]))
            for row in page.records(TRANSACTION, BOX, CONNECTOR)
            if row[BOX] == box and row[TRANSACTION].isdecimal() and row[CONNECTOR].isdecimal()
        ]

    async def connectors(self) -> list[SteveConnector]:
        """The connectors of all charge boxes."""
        if not self._access.password:
            raise SteveRefused("SteVe tells connector states only on its pages: no web password")
        page = await self._page("/manager/home/connectorStatus")
        return [
            SteveConnector(row[BOX], int(row[CONNECTOR]), row["Status"])
            for row in page.records(BOX, CONNECTOR, "Status")
            if row[CONNECTOR].isdecimal()
        ]

    async def _submit(self, operation: str, box: str, fields: Mapping[str, str]) -> str:
        """The number of the task that a form began."""
        path = f"/manager/operations/v{self._access.ocpp}/{operation}"
        for _ in range(ATTEMPTS):
            page = await self._page(path)
            choice = page.choice_of(box)
            if choice is None:
                raise NotConnected(f"{box} is not connected to SteVe")
            form = {"chargePointSelectList": choice, **fields, **_token(page)}
            response = await self._http.post(path, data=form)
            if task := TASK.search(response.headers.get("location", "")):
                return task[1]
            if not (_wants_sign_in(response) or response.status_code == httpx.codes.FORBIDDEN):
                reasons = "; ".join(Page(response.text).errors)
                raise SteveRefused(reasons or f"{operation}: HTTP {response.status_code}")
        raise SteveRefused(f"{operation}: SteVe does not take its own token (CSRF)")

    async def _result(self, task: str, box: str) -> SteveAnswer:
        """What the page of a task says of a charge box, once it says something."""
        wait = FIRST_LOOK
        while True:
            page = await self._page(f"/manager/operations/tasks/{task}")
            for row in page.records(BOX, "Response", "Error"):
                if row[BOX] == box and row.get("Error"):
                    raise _meant(row["Error"])
                if row[BOX] == box and row.get("Response"):
                    status, _, data = row["Response"].partition(" / Data: ")
                    return SteveAnswer(status, data or None)
            if NOT_FINISHED not in page.text:
                raise ResponseNotFound(f"SteVe's task {task} shows no response of {box}")
            await asyncio.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT)

    async def _page(self, path: str) -> Page:
        """A page; whoever is not signed in any more signs in first."""
        for _ in range(ATTEMPTS):
            session = self._session
            response = await self._http.get(path)
            if not _wants_sign_in(response):
                break
            await self._sign_in(session)
        if not response.is_success:
            raise SteveRefused(f"{path}: HTTP {response.status_code}")
        return Page(response.text)

    async def _sign_in(self, session: int) -> None:
        """Begin a new session, unless another has begun meanwhile."""
        async with self._signing_in:
            if self._session != session:
                return
            page = Page((await self._http.get(SIGN_IN)).text)
            form = {"username": self._access.user, "password": self._access.password}
            response = await self._http.post(SIGN_IN, data={**form, **_token(page)})
            if not response.is_redirect or _wants_sign_in(response):
                raise SteveRefused("SteVe does not take the user name and web password")
            self._session += 1

    def _for_form(self, name: str, value: str | int | datetime) -> str:
        if isinstance(value, datetime):
            return f"{value.astimezone(self._access.timezone):%Y-%m-%d %H:%M}"
        return str(value).upper() if name in CONSTANTS else str(value)


def _token(page: Page) -> dict[str, str]:
    """The token against forged requests that came with a page."""
    return {"_csrf": page.hidden["_csrf"]} if "_csrf" in page.hidden else {}


def _wants_sign_in(response: httpx.Response) -> bool:
    return response.is_redirect and SIGN_IN in response.headers["location"]
