from __future__ import annotations

from typing import Any

import pytest

from chargeplane.csms import ev_schedules
from chargeplane.csms.central import Central
from chargeplane.csms.commands import BY_SYSTEM, send
from chargeplane.csms.operations import BLOCKS, OPERATIONS, RawCall, snake
from chargeplane.domain.messages import Outcome
from chargeplane.domain.station import Reset
from chargeplane.domain.tokens import ClearCache
from chargeplane.ocpp.dialects import DIALECTS
from tests.csms.conftest import ConnectStation


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Reset", "reset"),
        ("RequestStartTransaction", "request_start_transaction"),
        ("SetDERControl", "set_der_control"),
        ("AFRRSignal", "afrr_signal"),
        ("Get15118EVCertificate", "get15118_ev_certificate"),
    ],
)
def test_names_are_those_of_the_requests(name: str, expected: str) -> None:
    assert snake(name) == expected


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_every_action_of_a_central_system_can_be_asked(version: str) -> None:
    for action in DIALECTS[version].actions:
        if action.sender != "station":
            names = {snake(request.__name__) for request in action.requests}
            assert names & OPERATIONS.keys(), action.name


def test_what_only_stations_say_cannot_be_asked() -> None:
    for name in ("boot_notification", "authorize", "notify_report", "sign_certificate"):
        assert name not in OPERATIONS


def test_blocks_agree_on_who_does_what() -> None:
    names = [name for block in BLOCKS for name in block.OPERATIONS]
    assert len(names) == len(set(names))
    handled = [request for block in (*BLOCKS, ev_schedules) for request in block.HANDLERS]
    assert len(handled) == len(set(handled))


def test_what_needs_no_more_is_sent_as_it_is() -> None:
    entry = OPERATIONS["reset"]
    assert (entry.name, entry.request, entry.run) == ("reset", Reset, send)


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
async def test_operations_are_called_by_name(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(ClearCache, Outcome(status="Accepted"))
    for name, request in (("clear_cache", ClearCache()), ("call", raw("ClearCache"))):
        answer: Any = await OPERATIONS[name].run(central, "CP1", request, BY_SYSTEM)
        assert answer in (Outcome(status="Accepted"), {"status": "Accepted"})
    assert len(station.asked) == 2


def raw(action: str) -> RawCall:
    return RawCall(action=action, payload={})
