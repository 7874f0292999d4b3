"""How the `stripe` package talks over HTTP: with httpx, as everything here does.

The package has a client for httpx too, which uses what httpx has deprecated.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
import stripe


class HttpClient(stripe.HTTPClient):
    """Sends the requests of the `stripe` package, which repeats them where that may help."""

    name = "httpx"

    def __init__(self, timeout: float) -> None:
        super().__init__()
        self._client = httpx.AsyncClient(timeout=timeout)

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """Send a request; raises `APIConnectionError` if nothing comes back."""
        try:
            answer = await self._client.request(method, url, headers=headers, content=post_data)
        except httpx.HTTPError as error:
            reason = f"no answer ({type(error).__name__})"
            raise stripe.APIConnectionError(  # type: ignore[no-untyped-call]
                reason, should_retry=True
            ) from error
        return answer.content, answer.status_code, answer.headers

    async def sleep_async(self, secs: float) -> None:
        """Wait before a request is repeated."""
        await asyncio.sleep(secs)

    async def close_async(self) -> None:
        """Close the connections."""
        await self._client.aclose()
