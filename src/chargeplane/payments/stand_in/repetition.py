"""Idempotency keys: https://docs.stripe.com/api/idempotent_requests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from chargeplane.payments.stand_in.errors import ApiError


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a request is answered with."""

    status: int
    body: dict[str, Any]
    is_repeated: bool = False


@dataclass(slots=True)
class _First:
    wanted: tuple[str, str]
    answer: Answer | None = None


class Repetition:
    """Answers a request that is sent again as the first one of its key was answered."""

    def __init__(self) -> None:
        self._known: dict[str, _First] = {}

    async def once(
        self, key: str, wanted: tuple[str, str], work: Callable[[], Awaitable[Answer]]
    ) -> Answer:
        """Do the work of a key's first request; raises `ApiError` where the key is misused."""
        first = self._known.get(key)
        if first is not None:
            return _again(first, key, wanted)
        first = self._known[key] = _First(wanted)
        try:
            first.answer = await work()
        finally:
            if first.answer is None:  # it did not begin
                del self._known[key]
        return first.answer

    def forget(self) -> None:
        """Forget all keys, as Stripe does after a day."""
        self._known.clear()


def _again(first: _First, key: str, wanted: tuple[str, str]) -> Answer:
    if first.wanted != wanted:
        raise ApiError(
            "Keys for idempotent requests can only be used with the same parameters they were "
            f"first used with. Try using a key other than '{key}' if you meant to execute a "
            "different request.",
            kind="idempotency_error",
        )
    if first.answer is None:
        raise ApiError(
            f"There is currently another in-progress request using this key: {key}.",
            status=409,
            kind="idempotency_error",
            code="idempotency_key_in_use",
        )
    return Answer(status=first.answer.status, body=first.answer.body, is_repeated=True)
