"""One way to the central system, as a network profile describes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# The security profiles (2.x part 2 A00; 1.6 white paper §2).
BASIC: Final = 1
TLS: Final = 2
CERTIFICATE: Final = 3


@dataclass(frozen=True, slots=True)
class Profile:
    """One way to the central system; `password` is what Basic authentication sends."""

    slot: int
    url: str
    identity: str
    security_profile: int
    versions: tuple[str, ...]
    password: bytes | None
    message_timeout_s: int
    is_former: bool = False  # with what led there before the last change
    trusts_former: bool = False  # the root certificate before the last change

    @property
    def endpoint(self) -> str:
        """The address with the identity behind it (2.x part 4 §3.1.1).

        1.6 raises the security profile without a word of the address, so its scheme follows.
        """
        _, _, rest = self.url.rpartition("://")
        return f"{'wss' if self.is_encrypted else 'ws'}://{rest.rstrip('/')}/{self.identity}"

    @property
    def is_encrypted(self) -> bool:
        """Whether TLS is used."""
        return self.security_profile >= TLS

    @property
    def shows_certificate(self) -> bool:
        """Whether the station proves who it is by its certificate."""
        return self.security_profile >= CERTIFICATE

    @property
    def credentials(self) -> tuple[str, bytes] | None:
        """User name and password of HTTP Basic authentication (2.x A00.FR.203, FR.302)."""
        if self.password is None or self.shows_certificate:
            return None
        return self.identity, self.password
