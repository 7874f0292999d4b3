"""Every operation of the document, asked rightly and wrongly, answers as documented."""

from __future__ import annotations

import asyncio
import json
import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, settings
from msgspec import to_builtins
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from chargeplane.api.native import face as native
from chargeplane.api.native import tokens
from chargeplane.api.native.examples import smallest
from chargeplane.api.native.shapes import TokenChange
from chargeplane.config import Api, Csms
from chargeplane.csms.admission import Visitor
from chargeplane.csms.central import Central, Unit
from chargeplane.csms.message_log import MessageLog
from chargeplane.csms.session import Sessions
from chargeplane.domain.readings import Reading, Sample
from chargeplane.domain.station import Evse, StatusNotification
from chargeplane.net import fakes, http
from chargeplane.ocpp.dialects import DIALECTS
from chargeplane.payments.provider import Order
from chargeplane.payments.service import Payments
from chargeplane.storage.database import Database
from chargeplane.storage.repositories import (
    connectors,
    meter_values,
    payments,
    stations,
    transactions,
)
from chargeplane.storage.repositories.payments import NewReservation
from chargeplane.storage.repositories.stations import StationSettings
from chargeplane.storage.repositories.transactions import TransactionStart
from tests.api.faces import KEY
from tests.payments.bank import Bank
from tests.payments.conftest import RULES

ENDLESS = "/v1/events"
SPOKEN = DIALECTS["2.1"]
CALL, CALL_RESULT = 2, 3
PATIENCE = 1  # s; reports that are asked for never come
EXAMPLES = 8
WRONG = 4
KNOWN = {"station_id": "CP1", "id_token": "CARD", "number": 1, "payment_id": "P1", "evse_id": 1}
CHANGED = {"station_id": "CP2"}  # CP1 stays connected
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ORDER = Order(
    reservation_id="P1",
    amount_minor=3920,
    currency="eur",
    product="Charge",
    success_url="https://charge.example/ok",
    cancel_url="https://charge.example/back",
    expires_at=NOW,
    metadata={},
)
PAYMENT = NewReservation(
    id="P1",
    station_id="CP1",
    evse_id=1,
    connector_id=1,
    state="Pending",
    charge_tag="WEB",
    id_token="R1",
    language=None,
    prices=to_builtins(RULES.prices),
    terms=to_builtins(RULES.terms),
    currency="eur",
    hold_minor=3920,
    checkout_order=to_builtins(ORDER),
)
made_up = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


document = native.create(MagicMock(), Api()).openapi()
schema = schemathesis.openapi.from_dict(document)
OPERATIONS = [
    (path, method)
    for path, methods in document["paths"].items()
    for method in methods
    if path != ENDLESS
]

# Whoever asks many stations is refused by the same code as who asks one.
FALLIBLE = [
    (path, method)
    for path, method in OPERATIONS
    if path not in {"/healthz", "/readyz"} and not path.startswith("/v1/commands/")
]


@pytest.fixture(scope="module")
def url(fresh_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the API is served, by a thread of its own."""
    path = Path(shutil.copy(fresh_database, tmp_path_factory.mktemp("schema") / "test.db"))
    ports: list[int] = []
    begun = threading.Event()
    loop = asyncio.new_event_loop()
    ended = asyncio.Event()

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(_serve(path, ports, begun, ended))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert begun.wait(30)
    yield f"http://127.0.0.1:{ports[0]}"
    loop.call_soon_threadsafe(ended.set)
    thread.join(30)


async def _serve(
    path: Path, ports: list[int], begun: threading.Event, ended: asyncio.Event
) -> None:
    async with await Database.open(f"sqlite:///{path}") as database:
        central = Central(
            settings=Csms(message_log_retention_days=0, answer_timeout=PATIENCE), database=database
        )
        await central.commit(_furnish)
        joined = asyncio.create_task(_join(central))
        paying = Payments(central, Bank(), RULES)
        settings = Api(key=KEY, requests_per_minute=10**9)
        app = native.create(central, settings, paying, RULES.return_url)
        async with http.serve(app, "127.0.0.1", 0) as port:
            ports.append(port)
            begun.set()
            await ended.wait()
            await central.stations.require("CP1").connection.close()
            await joined


async def _join(central: Central) -> None:
    """Connect CP1, which answers whatever it is asked as shortly as its version allows."""
    ours, theirs = fakes.wire(SPOKEN.subprotocol)
    visitor = Visitor("CP1", SPOKEN, "memory", 0, "Accepted")
    session = asyncio.create_task(Sessions(central, MessageLog(central)).run(ours, visitor))
    async for frame in theirs.frames():
        kind, number, name, *_ = json.loads(frame)
        action = SPOKEN.by_name.get(name)
        if kind == CALL:
            said = smallest(action.wire_answer) if action else {}
            await theirs.send(json.dumps([CALL_RESULT, number, said]).encode())
    await session


def _furnish(unit: Unit) -> None:
    """Something of each kind, so that not everything is missing."""
    link = unit.connection
    for name in ("CP1", "CP2"):
        stations.register(link, name, StationSettings(registration="Accepted"), unit.now)
    said = StatusNotification(evse=Evse(1, 1), connector_status="Available", timestamp=NOW)
    connectors.set_status(link, "CP1", said, NOW)
    tokens._save(unit, "CARD", TokenChange())
    transactions.start(link, TransactionStart(station_id="CP1", evse_id=1, started_at=NOW), NOW)
    meter_values.append(link, "CP1", 1, (Reading(NOW, (Sample(1000.0),)),), 1)
    payments.add(link, PAYMENT, unit.now)
    unit.emit("transaction.started", station_id="CP1", evse_id=1, transaction_id=1)


def aim(case: Case[Any]) -> None:
    """Ask every other time for what is there."""
    sent = case.path_parameters
    if sum(len(str(each)) for each in sent.values()) % 2:
        known = KNOWN | (CHANGED if case.method in {"DELETE", "PATCH"} else {})
        sent.update({name: known[name] for name in sent if name in known})
    if "/commands/" in case.path:
        case.query.pop("timeout", None)
        case.query["wait"] = PATIENCE


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_operations_answer_as_documented(path: str, method: str, url: str) -> None:
    @made_up
    @given(schema[path][method].as_strategy())
    def ask(case: Case[Any]) -> None:
        aim(case)
        case.call_and_validate(base_url=url, headers={"X-API-Key": KEY}, checks=CHECKS)

    ask()


@pytest.mark.parametrize(("path", "method"), FALLIBLE)
def test_wrong_requests_are_refused_as_documented(path: str, method: str, url: str) -> None:
    checks = [*CHECKS, negative_data_rejection]

    @settings(made_up, max_examples=WRONG)
    @given(schema[path][method].as_strategy(generation_mode=GenerationMode.NEGATIVE))
    def ask(case: Case[Any]) -> None:
        # Of a name that is repeated the last one counts, so that nothing need be wrong with it.
        assume(not any(isinstance(each, list) for each in case.query.values()))
        case.call_and_validate(base_url=url, headers={"X-API-Key": KEY}, checks=checks)

    ask()
