"""What our tables say is what the official WSDL files say, and it can be read by others."""

from __future__ import annotations

from pathlib import Path

import pytest
import zeep

from chargeplane.ocpp.dialects import DIALECTS
from chargeplane.ocpp.soap.messages import MESSAGES, Side
from chargeplane.ocpp.soap.wsdl import wsdl
from tests.conftest import Shared
from tests.ocpp.soap.official import FILES, OPERATIONS, SERVICES, described, schema_of

LOCATION = 'http://192.0.2.1:8080/ocpp/soap?a="b"&c'


@pytest.mark.parametrize(("version", "side"), SERVICES)
def test_it_says_what_the_official_one_says(version: str, side: Side, shared: Shared) -> None:
    official = shared(f"wsdl/{FILES[version, side]}").read_bytes()
    assert described(wsdl(version, side, LOCATION)) == described(official)


@pytest.mark.parametrize(("version", "side"), SERVICES)
def test_others_can_use_it(version: str, side: Side, tmp_path: Path) -> None:
    file = tmp_path / "service.wsdl"
    file.write_bytes(wsdl(version, side, LOCATION))
    client = zeep.Client(str(file))  # type: ignore[no-untyped-call]
    assert set(client.service._operations) == MESSAGES[version].actions(side)
    assert client.service._binding_options["address"] == LOCATION


def test_the_versions_have_their_messages() -> None:
    counts = {version: len(each.central | each.station) for version, each in MESSAGES.items()}
    assert counts == {"1.2": 18, "1.5": 24, "1.6": 28}
    assert len(OPERATIONS) == 18 + 25 + 29  # DataTransfer goes both ways


def test_every_message_is_known_as_json_too() -> None:
    for version, messages in MESSAGES.items():
        assert messages.central | messages.station <= DIALECTS[version].by_name.keys()


@pytest.mark.parametrize(("version", "side"), SERVICES)
def test_every_kind_is_defined_there(version: str, side: Side) -> None:
    assert schema_of(wsdl(version, side, LOCATION))
