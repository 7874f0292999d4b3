from __future__ import annotations

import pytest

from chargeplane.access import passwords
from chargeplane.access.passwords import PasswordCheck, hash_password


async def test_the_right_password_and_no_other() -> None:
    stored, check = hash_password(b"secret"), PasswordCheck()
    assert await check.is_right(b"secret", stored)
    assert not await check.is_right(b"Secret", stored)
    assert not await check.is_right(b"", stored)


async def test_a_hash_does_not_show_the_password_and_is_salted() -> None:
    one, other = hash_password(b"secret"), hash_password(b"secret")
    assert one != other
    assert "secret" not in one


@pytest.mark.parametrize("stored", ["", "nonsense", "$argon2id$v=19$m=8,t=1,p=1$x$y"])
async def test_what_is_no_hash_fits_nothing(stored: str) -> None:
    assert not await PasswordCheck().is_right(b"secret", stored)


async def test_what_was_right_is_remembered_without_the_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stored, check = hash_password(b"secret"), PasswordCheck()
    assert await check.is_right(b"secret", stored)

    def never(*_: object) -> bool:
        raise AssertionError

    monkeypatch.setattr(passwords, "_verify", never)
    assert await check.is_right(b"secret", stored)
    assert b"secret" not in b"".join(check._right.values())
    with pytest.raises(AssertionError):
        await check.is_right(b"wrong", stored)
