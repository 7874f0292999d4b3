"""Cards: which may charge here, and what showing one does in each mode of the reader."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum
from typing import Final, NamedTuple

from chargeplane.energy.states import RfidReader
from chargeplane.storage.documents import Documents

MOST_CARDS: Final = 2000
UID: Final = re.compile(r"(?:[0-9A-F]{8}|[0-9A-F]{12}|[0-9A-F]{14}|[0-9A-F]{20})")


class CardStatus(IntEnum):
    """What came of the card that was shown last; the numbers are those of a SmartEVSE."""

    READY = 0
    PRESENT = 1
    STORED = 2
    DELETED = 3
    ALREADY_STORED = 4
    NOT_STORED = 5
    FULL = 6
    INVALID = 7


class Shown(NamedTuple):
    """What follows from a card: what is displayed, and whether it switches charging."""

    status: CardStatus
    toggles: bool = False


class Cards:
    """The cards that are known here."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._names = documents.collection("cards", str)  # by number

    def __contains__(self, uid: str) -> bool:
        return uid in self._names

    def __len__(self) -> int:
        return len(self._names)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """The numbers and names of all cards."""
        return iter(sorted(self._names.items()))

    def add(self, uid: str, name: str = "") -> CardStatus:
        """Know a card."""
        if uid in self._names:
            return CardStatus.ALREADY_STORED
        if len(self._names) >= MOST_CARDS:
            return CardStatus.FULL
        self._names[uid] = name
        return CardStatus.STORED

    def remove(self, uid: str) -> CardStatus:
        """Forget a card."""
        known = self._names.pop(uid, None) is not None
        return CardStatus.DELETED if known else CardStatus.NOT_STORED

    def replace(self, uids: Iterable[str]) -> None:
        """Know these and no others."""
        with self._documents.together():
            self._names.clear()
            for uid in uids:
                self.add(uid)

    def clear(self) -> None:
        """Forget all."""
        self._names.clear()


def read_uid(text: str) -> str | None:
    """The number of a card, in capitals; None if it is no such number."""
    uid = text.strip().upper()
    return uid if UID.fullmatch(uid) else None


def read_list(text: str) -> list[str]:
    """The numbers in a file, one a line; what stands behind a comma or blank is left out.

    Raises `ValueError` for a line that holds none, and if there are too many.
    """
    uids = []
    for number, line in enumerate(text.splitlines(), 1):
        words = re.split(r"[\s,;]", line.strip(), maxsplit=1)
        if not words[0]:
            continue
        uid = read_uid(words[0])
        if uid is None:
            raise ValueError(f"line {number}: {words[0]!r} is no card")
        uids.append(uid)
    if len(uids) > MOST_CARDS:
        raise ValueError(f"{len(uids)} cards are more than {MOST_CARDS}")
    return uids


def show(cards: Cards, reader: RfidReader, uid: str, *, holder: str, is_on: bool) -> Shown:
    """What showing a card does; `holder` is the card that switched charging on."""
    return MODES[reader](cards, uid, holder, is_on)


def _known(cards: Cards, uid: str, _holder: str, _is_on: bool) -> Shown:  # noqa: FBT001
    known = uid in cards
    return Shown(CardStatus.PRESENT if known else CardStatus.INVALID, toggles=known)


def _only_holder(cards: Cards, uid: str, holder: str, is_on: bool) -> Shown:  # noqa: FBT001
    if uid not in cards:
        return Shown(CardStatus.INVALID)
    return Shown(CardStatus.PRESENT, toggles=not is_on or holder in ("", uid))


def _delete_all(cards: Cards, _uid: str, _holder: str, _is_on: bool) -> Shown:  # noqa: FBT001
    cards.clear()
    return Shown(CardStatus.DELETED)


# A card that others decide about is only shown: see `Controller.show_card`.
MODES: Final[dict[RfidReader, Callable[[Cards, str, str, bool], Shown]]] = {
    RfidReader.DISABLED: lambda *_: Shown(CardStatus.READY),
    RfidReader.ENABLE_ALL: _known,
    RfidReader.ENABLE_ONE: _only_holder,
    RfidReader.LEARN: lambda cards, uid, *_: Shown(cards.add(uid)),
    RfidReader.DELETE: lambda cards, uid, *_: Shown(cards.remove(uid)),
    RfidReader.DELETE_ALL: _delete_all,
    RfidReader.REMOTE: lambda *_: Shown(CardStatus.PRESENT),
}
