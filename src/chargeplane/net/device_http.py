"""Asking a device in the house over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, Self

import httpx
import msgspec

from chargeplane.errors import AnswerTimeout, DeviceError, DeviceRefused, NotConnected

TIMEOUT_S: Final = 3.0

Query = Mapping[str, str | int | float]


class DeviceHttp:
    """One device.

    Every question raises `NotConnected`, `AnswerTimeout`, `DeviceRefused` with the HTTP status, or
    `DeviceError` if the answer is no JSON object.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout_s: float = TIMEOUT_S,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        base = url if "://" in url else f"http://{url}"
        self._timeout_s = timeout_s  # for all of a question, however slowly its answer comes in
        self._client = httpx.AsyncClient(base_url=base, timeout=timeout_s, headers=headers)

    async def get(self, path: str) -> dict[str, Any]:
        """The JSON object at a path."""
        return await self._ask("GET", path, None)

    async def post(self, path: str, query: Query | None = None) -> dict[str, Any]:
        """Post a query without a body; an answer of `null` is an empty object."""
        return await self._ask("POST", path, query)

    async def close(self) -> None:
        """Close its connections."""
        await self._client.aclose()

    async def __aenter__(self) -> Self:
        """Be closed at the end."""
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Close its connections."""
        await self.close()

    async def _ask(self, method: str, path: str, query: Query | None) -> dict[str, Any]:
        where = f"{method} {self._client.base_url.join(path)}"
        try:
            async with asyncio.timeout(self._timeout_s):
                answer = await self._client.request(method, path, params=query)
        except (httpx.TimeoutException, TimeoutError) as error:
            raise AnswerTimeout(where) from error
        except httpx.HTTPError as error:
            raise NotConnected(f"{where}: {error}") from error
        if not answer.is_success:
            raise DeviceRefused(f"{where}: {answer.status_code}", answer.status_code)
        try:
            found: dict[str, Any] | None = msgspec.json.decode(
                answer.content, type=dict[str, Any] | None
            )
        except msgspec.DecodeError as error:
            raise DeviceError(f"{where}: {error}") from error
        return found or {}
