from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from chargeplane.energy.states import ContactorTwo
from chargeplane.errors import ConfigurationError, NotAllowed
from chargeplane.evse.settings import DeviceSettings, MqttSettings, Owner, first_values
from chargeplane.storage.documents import Documents


def test_what_was_changed_is_kept_and_the_rest_follows_the_first_values(tmp_path: Path) -> None:
    file = tmp_path / "evse.db"
    documents = Documents(file)
    owner = Owner(documents, first_values({"max_current_a": 16, "max_mains_a": 30}))
    owner.change(max_current_a=20, price_per_kwh=Decimal("0.31"), mqtt=MqttSettings(host="x"))
    documents.close()
    again = Owner(Documents(file), first_values({"max_current_a": 10, "max_mains_a": 40}))
    assert again.settings.regulation.max_current_a == 20
    assert again.settings.regulation.max_mains_a == 40
    assert again.settings.price_per_kwh == Decimal("0.31")
    assert again.settings.mqtt.host == "x"


def test_to_erase_is_to_begin_anew(tmp_path: Path) -> None:
    documents = Documents(tmp_path / "evse.db")
    owner = Owner(documents, first_values({"max_current_a": 16}))
    owner.change(max_current_a=20)
    owner.erase()
    assert owner.settings.regulation.max_current_a == 16
    assert Owner(documents).settings == DeviceSettings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_current_a", 5),
        ("max_current_a", 81),
        ("max_sum_mains_a", 9),
        ("max_sum_mains_a", 601),
        ("max_current_a", "much"),
        ("enable_c2", 5),
        ("enable_c2", "SOMETIMES"),
        ("nothing", 1),
        ("regulation", {}),
        ("price_per_kwh", "dear"),
    ],
)
def test_what_cannot_be_is_refused_as_a_whole(name: str, value: Any) -> None:
    owner = Owner(Documents())
    with pytest.raises(NotAllowed):
        owner.change(min_current_a=7, **{name: value})
    assert owner.settings == DeviceSettings()


@pytest.mark.parametrize("value", [4, "AUTO", "auto", ContactorTwo.AUTO])
def test_choices_have_numbers_and_names(value: Any) -> None:
    assert first_values({"enable_c2": value}).regulation.enable_c2 is ContactorTwo.AUTO


def test_first_values_may_come_as_texts() -> None:
    settings = first_values({"max_current_a": "20", "fixed_cable": "false", "enable_c2": "4"})
    assert settings.regulation.max_current_a == 20
    assert settings.regulation.fixed_cable is False
    assert settings.regulation.enable_c2 is ContactorTwo.AUTO


def test_first_values_that_cannot_be_are_told() -> None:
    with pytest.raises(ConfigurationError, match=r"evse\.settings: there is no setting max_amps"):
        first_values({"max_amps": 3})


def test_what_another_program_kept_is_left_out(tmp_path: Path) -> None:
    documents = Documents(tmp_path / "evse.db")
    kept = documents.collection("settings", msgspec.Raw)
    kept["max_current_a"] = msgspec.Raw(b"200")
    kept["of_the_future"] = msgspec.Raw(b"1")
    kept["min_current_a"] = msgspec.Raw(b"8")
    settings = Owner(documents).settings
    assert settings.regulation.max_current_a == DeviceSettings().regulation.max_current_a
    assert settings.regulation.min_current_a == 8
