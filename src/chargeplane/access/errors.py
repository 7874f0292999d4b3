"""Why somebody is not let in, or users cannot be changed."""

from __future__ import annotations

from chargeplane.errors import ChargeplaneError


class AccessError(ChargeplaneError):
    """Root of what can be wrong with users."""


class SignInRefused(AccessError):
    """The name or the password is wrong, or the user is disabled; which is not told."""

    def __init__(self) -> None:
        super().__init__("the name or the password is wrong")


class LockedOut(AccessError):
    """Too many attempts failed; it may be tried again after so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"too many attempts; try again in {seconds:.0f} s")
        self.seconds = seconds


class PasswordTooWeak(AccessError):
    """A password is shorter than it may be."""


class LastAdmin(AccessError):
    """Nobody would be left who may administrate."""


class UnfitUser(AccessError):
    """A role and what is seen do not go together."""


class UnknownUser(AccessError):
    """There is no user of that name."""


class UserExists(AccessError):
    """There is a user of that name, or the name cannot be one."""
