"""A client of the native HTTP API."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Final, Self

import httpx

from chargeplane.errors import ChargeplaneError, NotConnected

TIMEOUT: Final = 90.0  # s; a station has 60 s to answer (csms.answer_timeout)


class ApiError(ChargeplaneError):
    """The server answered with an error; its status and what it says."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(f"{detail} (HTTP {status})")
        self.status = status
        self.detail = detail


class Client:
    """Talks to a Chargeplane server; every method raises `ApiError` or `NotConnected`."""

    def __init__(self, url: str, key: str = "") -> None:
        self._url = url
        self._http = httpx.Client(
            base_url=url, headers={"X-API-Key": key}, timeout=TIMEOUT, trust_env=False
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def stations(self, **wanted: Any) -> list[dict[str, Any]]:
        """A page of stations with their connectors."""
        return list(self._ask("GET", "/v1/stations", params=wanted)["items"])

    def transactions(self, **wanted: Any) -> list[dict[str, Any]]:
        """A page of transactions, the latest first."""
        return list(self._ask("GET", "/v1/transactions", params=wanted)["items"])

    def command(self, station_id: str, name: str, request: dict[str, Any]) -> dict[str, Any]:
        """Ask a station for an operation; its answer."""
        answer: dict[str, Any] = self._ask(
            "POST", f"/v1/stations/{station_id}/commands/{name}", json=request
        )
        return answer

    def _ask(self, method: str, path: str, **content: Any) -> Any:
        try:
            response = self._http.request(method, path, **content)
        except httpx.HTTPError as error:
            raise NotConnected(f"no server answers at {self._url}: {error}") from error
        if response.is_error:
            raise ApiError(response.status_code, _detail(response))
        return response.json()


def _detail(response: httpx.Response) -> str:
    try:
        return str(response.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return response.text
