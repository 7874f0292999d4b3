from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from chargeplane.errors import StorageError
from chargeplane.storage.documents import Documents


class Thing(msgspec.Struct):
    name: str
    size: int = 0


def test_what_is_put_is_there_after_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "folder" / "things.db"
    things = Documents(file).collection("things", Thing)
    things["b"] = Thing("bee")
    things["a"] = Thing("ant", 1)
    things["b"] = Thing("bear", 9)
    things["c"] = Thing("cat")
    del things["c"]
    again = Documents(file).collection("things", Thing)
    assert dict(again) == {"a": Thing("ant", 1), "b": Thing("bear", 9)}
    assert list(again) == ["a", "b"]


def test_collections_do_not_mix(tmp_path: Path) -> None:
    documents = Documents(tmp_path / "things.db")
    documents.collection("one", int)["key"] = 1
    documents.collection("other", int)["key"] = 2
    assert documents.collection("one", int)["key"] == 1
    documents.collection("one", int).clear()
    again = Documents(tmp_path / "things.db")
    assert dict(again.collection("one", int)) == {}
    assert dict(again.collection("other", int)) == {"key": 2}


def test_together_is_all_or_nothing(tmp_path: Path) -> None:
    documents = Documents(tmp_path / "things.db")
    numbers = documents.collection("numbers", int)
    numbers["kept"] = 1

    def fail() -> None:
        with documents.together():
            numbers["kept"] = 2
            with documents.together():
                numbers["new"] = 3
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert dict(numbers) == {"kept": 1}
    with documents.together():
        numbers["new"] = 4
        assert dict(Documents(tmp_path / "things.db").collection("numbers", int)) == {"kept": 1}
    again = Documents(tmp_path / "things.db").collection("numbers", int)
    assert dict(again) == {"kept": 1, "new": 4}


def test_without_a_file_all_is_the_same_but_gone(tmp_path: Path) -> None:
    documents = Documents()
    numbers = documents.collection("numbers", int)
    with documents.together():
        numbers["one"] = 1
    assert numbers.pop("one") == 1
    with pytest.raises(KeyError):
        del numbers["one"]
    documents.close()
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fails_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="file"):
        Documents(tmp_path / "file" / "things.db")
    documents = Documents(tmp_path / "things.db")
    numbers = documents.collection("numbers", int)
    numbers["one"] = 1
    documents._database.close()  # type: ignore[union-attr]
    with pytest.raises(StorageError):
        numbers["one"] = 2
    assert numbers["one"] == 1


def test_a_file_of_another_shape_is_refused(tmp_path: Path) -> None:
    Documents(tmp_path / "things.db").collection("things", int)["one"] = 1
    with pytest.raises(StorageError, match="things"):
        Documents(tmp_path / "things.db").collection("things", Thing)
