"""Errors as Stripe words them: https://docs.stripe.com/api/errors."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """A request that is refused."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        said = {"type": kind, "message": message, "code": code, **more}
        self.body = {"error": {name: value for name, value in said.items() if value is not None}}


def missing(what: str, found: str) -> ApiError:
    """What is asked for is not there."""
    return ApiError(f"No such {what}: '{found}'", status=404, code="resource_missing", param="id")


def required(name: str) -> ApiError:
    """A parameter is left out."""
    return ApiError(f"Missing required param: {name}.", code="parameter_missing", param=name)


def wrong(name: str, reason: str) -> ApiError:
    """A parameter has a value that it cannot have."""
    return ApiError(reason, code="parameter_invalid", param=name)
