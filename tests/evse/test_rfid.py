from __future__ import annotations

from pathlib import Path

import pytest

from chargeplane.energy.states import RfidReader
from chargeplane.evse.rfid import MOST_CARDS, Cards, CardStatus, Shown, read_list, read_uid, show
from chargeplane.storage.documents import Documents

ONE, OTHER = "04A1B2C3D4E5F6", "04FFFFFFFFFFFF"


def cards(*uids: str) -> Cards:
    made = Cards(Documents())
    for uid in uids:
        made.add(uid)
    return made


@pytest.mark.parametrize(
    ("reader", "uid", "holder", "is_on", "shown"),
    [
        (RfidReader.ENABLE_ALL, ONE, "", False, Shown(CardStatus.PRESENT, toggles=True)),
        (RfidReader.ENABLE_ALL, ONE, OTHER, True, Shown(CardStatus.PRESENT, toggles=True)),
        (RfidReader.ENABLE_ALL, OTHER, "", False, Shown(CardStatus.INVALID)),
        (RfidReader.ENABLE_ONE, ONE, "", False, Shown(CardStatus.PRESENT, toggles=True)),
        (RfidReader.ENABLE_ONE, ONE, ONE, True, Shown(CardStatus.PRESENT, toggles=True)),
        (RfidReader.ENABLE_ONE, ONE, OTHER, True, Shown(CardStatus.PRESENT)),
        (RfidReader.ENABLE_ONE, OTHER, "", True, Shown(CardStatus.INVALID)),
        (RfidReader.LEARN, OTHER, "", False, Shown(CardStatus.STORED)),
        (RfidReader.LEARN, ONE, "", False, Shown(CardStatus.ALREADY_STORED)),
        (RfidReader.DELETE, ONE, "", False, Shown(CardStatus.DELETED)),
        (RfidReader.DELETE, OTHER, "", False, Shown(CardStatus.NOT_STORED)),
        (RfidReader.DELETE_ALL, OTHER, "", False, Shown(CardStatus.DELETED)),
        (RfidReader.REMOTE, OTHER, "", False, Shown(CardStatus.PRESENT)),
        (RfidReader.DISABLED, ONE, "", False, Shown(CardStatus.READY)),
    ],
)
def test_what_a_card_does(
    reader: RfidReader, uid: str, holder: str, is_on: object, shown: Shown
) -> None:
    assert show(cards(ONE), reader, uid, holder=holder, is_on=bool(is_on)) == shown


def test_many_cards_survive_a_power_cut(tmp_path: Path) -> None:
    documents = Documents(tmp_path / "evse.db")
    known = Cards(documents)
    known.replace(f"{number:014X}" for number in range(150))
    known.add(ONE, "Anna")
    documents.close()
    again = Cards(Documents(tmp_path / "evse.db"))
    assert len(again) == 151
    assert (ONE, "Anna") in list(again)


def test_there_is_an_end_to_cards() -> None:
    known = cards()
    known.replace(f"{number:014X}" for number in range(MOST_CARDS))
    assert known.add(ONE) is CardStatus.FULL
    known.clear()
    assert len(known) == 0


@pytest.mark.parametrize("uid", ["04a1b2c3", " 04A1B2C3D4E5 ", ONE, "0" * 20])
def test_numbers_of_cards(uid: str) -> None:
    assert read_uid(uid) == uid.strip().upper()


@pytest.mark.parametrize("uid", ["", "04A1B2", "04A1B2C3D4E5F", "ghijklmn", "04:A1:B2:C3"])
def test_what_is_no_number_of_a_card(uid: str) -> None:
    assert read_uid(uid) is None


def test_a_list_of_cards() -> None:
    assert read_list(f"{ONE.lower()}\r\n\n{OTHER}, Bob\n") == [ONE, OTHER]


@pytest.mark.parametrize("text", ["nonsense", f"{ONE}\nxx", f"{ONE}\n" * (MOST_CARDS + 1)])
def test_a_bad_list_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="card"):
        read_list(text)
