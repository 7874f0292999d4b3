"""Passwords of stations: kept as Argon2 hashes, checked off the event loop."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# Passwords of stations are random and long (1.6J §6.2.2: 20 bytes; 2.x A00.FR.205: 16 to 40
# characters), so 8 MiB and one pass suffice, and a fleet that reconnects does not stall.
_hasher: Final = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1)


def hash_password(password: bytes) -> str:
    """The hash to be stored."""
    return _hasher.hash(password)


class PasswordCheck:
    """Checks passwords; remembers those that were right, so that reconnecting is cheap."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)  # of this process alone
        self._right: dict[str, bytes] = {}

    async def is_right(self, password: bytes, stored: str) -> bool:
        """Whether the password is the one that was hashed."""
        proof = hmac.digest(self._key, password, hashlib.sha256)
        known = self._right.get(stored)
        if known is not None and hmac.compare_digest(known, proof):
            return True
        right = await asyncio.to_thread(_verify, password, stored)
        if right:
            self._right[stored] = proof
        return right


def _verify(password: bytes, stored: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False
