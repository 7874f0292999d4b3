from __future__ import annotations

import pytest

from chargeplane.ocpp.quirks import NONE, QUIRKS, quirks_of


@pytest.mark.parametrize("vendor", ["Keba AG", "KEBA", " keba "])
@pytest.mark.parametrize("model", ["KC-P30-ES240012-E0R", "", None])
def test_keba_takes_limits_for_the_whole_station_only(vendor: str, model: str | None) -> None:
    assert quirks_of(vendor, model).refuses_connector_limits


@pytest.mark.parametrize("vendor", ["ABB", "Not Keba", "", None])
def test_others_are_as_the_specification_says(vendor: str | None) -> None:
    assert quirks_of(vendor, "P30") == NONE


@pytest.mark.parametrize(("vendor", "model"), [row[:2] for row in QUIRKS])
def test_patterns_can_match(vendor: str, model: str) -> None:
    assert (vendor, model) == (vendor.lower(), model.lower())
