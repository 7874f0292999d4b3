"""Keeping tokens: who may charge. Events tell of every change."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from chargeplane.csms.central import Unit
from chargeplane.storage.records import TokenRecord
from chargeplane.storage.repositories import tokens


def save(unit: Unit, records: Iterable[TokenRecord]) -> None:
    """Add tokens or replace them whole; none of them is unknown any more."""
    records = tuple(records)
    tokens.save(unit.connection, records)
    for each in records:
        tokens.forget_unknown(unit.connection, each.key)
        unit.emit("token.changed", id_token=each.id_token, blocked=each.blocked)


def set_blocked(unit: Unit, keys: Iterable[str], *, blocked: bool) -> None:
    """Keep tokens from charging, or let them charge again; those that are gone are passed over."""
    for key in keys:
        if tokens.set_blocked(unit.connection, key, blocked=blocked):
            unit.emit("token.changed", id_token=key, blocked=blocked)


def set_group(unit: Unit, keys: Iterable[str], group_id: str | None) -> None:
    """Put tokens into a group, or into none; those that are gone are passed over."""
    group_key = None if group_id is None else group_id.lower()
    known = (tokens.get(unit.connection, key) for key in keys)
    save(unit, [replace(each, group_id=group_id, group_key=group_key) for each in known if each])


def forget_unknown(unit: Unit, keys: Iterable[str]) -> None:
    """Forget tokens that were presented but are not known."""
    for key in keys:
        tokens.forget_unknown(unit.connection, key)


def remove(unit: Unit, keys: Iterable[str]) -> int:
    """Forget tokens, whose transactions stay; how many there were."""
    removed = [key for key in keys if tokens.remove(unit.connection, key)]
    for key in removed:
        unit.emit("token.removed", id_token=key)
    return len(removed)
