"""zeep with the official WSDL files, as either side of OCPP over SOAP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import msgspec
import zeep
from lxml import etree
from zeep.helpers import serialize_object
from zeep.proxy import AsyncServiceProxy
from zeep.transports import AsyncTransport

from chargeplane.net import http
from chargeplane.net.soap_http import Endpoint, Posted, Reply
from chargeplane.ocpp.soap.envelope import unwrap
from chargeplane.ocpp.soap.messages import MESSAGES, Side
from chargeplane.ocpp.soap.service import STATION, Fault
from tests.conftest import Shared
from tests.ocpp.examples import LATER, V1, Exchange, Json
from tests.ocpp.soap.official import FILES, validate

WSA = "http://www.w3.org/2005/08/addressing"
HISTORY = etree.XMLParser(resolve_entities=False)

# What every version can say of the examples.
SAID_BY_ALL = {
    "RemoteStartTransaction": Exchange({"connectorId": 1, "idTag": "TAG"}, {"status": "Accepted"}),
    "FirmwareStatusNotification": Exchange({"status": "Installed"}, {}),
    "MeterValues": Exchange(
        {
            "connectorId": 1,
            "meterValue": [{"timestamp": LATER, "sampledValue": [{"value": "1234567"}]}],
        },
        {},
    ),
}
EXAMPLES: dict[str, dict[str, Exchange]] = {
    "1.2": V1 | SAID_BY_ALL,
    "1.5": V1 | SAID_BY_ALL,
    "1.6": V1,
}


@cache
def binding(path: Path) -> Any:
    """The only binding of a WSDL file."""
    client = zeep.Client(str(path))  # type: ignore[no-untyped-call]
    (found,) = client.wsdl.bindings.values()
    return found


def arguments(version: str, payload: Json) -> Json:
    """The JSON of a version as zeep takes it."""
    spelled = msgspec.json.encode(payload).replace(b"Celcius", b"Celsius")  # 1.6J errata §2.1
    said: Json = msgspec.json.decode(spelled)
    if version in SAMPLES_WITH_ATTRIBUTES:
        for value in [said, *said.get("transactionData", [])]:
            _name_texts(value.get("values", []))
    return said


def _name_texts(values: list[Json]) -> None:
    """To zeep the text of an element with attributes has a name of its own."""
    for value in values:
        value["value"] = [{"_value_1": each.pop("value"), **each} for each in value["value"]]


SAMPLES_WITH_ATTRIBUTES = ("1.5",)


class Caller:
    """Calls one side of a version at an address; raises `zeep.exceptions.Fault`."""

    def __init__(self, path: Path, address: str, client: httpx.AsyncClient) -> None:
        transport = AsyncTransport(client=client, wsdl_client=httpx.Client())  # type: ignore[no-untyped-call]
        self._client = zeep.AsyncClient(str(path), transport=transport)  # type: ignore[no-untyped-call]
        transport.wsdl_client.close()
        (name,) = self._client.wsdl.bindings
        found = self._client.wsdl.bindings[name]
        self._service = AsyncServiceProxy(self._client, found, address=address)  # type: ignore[no-untyped-call]
        self._namespace = name[1:].partition("}")[0]
        self.sender = "http://192.0.2.7/"  # where it says that it listens

    async def call(self, action: str, payload: Json, identity: str = "CS-1") -> Any:
        """The answer as zeep understands it."""
        name = etree.Element(f"{{{self._namespace}}}chargeBoxIdentity")
        name.text = identity
        source = etree.Element(f"{{{WSA}}}From")
        etree.SubElement(source, f"{{{WSA}}}Address").text = self.sender
        said = await getattr(self._service, action)(**payload, _soapheaders=[name, source])
        return serialize_object(said, dict)  # type: ignore[no-untyped-call]


@asynccontextmanager
async def calling(shared: Shared, version: str, side: Side, address: str) -> AsyncIterator[Caller]:
    """zeep with the official WSDL, calling this side at the address."""
    async with httpx.AsyncClient() as client:
        yield Caller(shared(f"wsdl/{FILES[version, side]}"), address, client)


class ChargePoint:
    """A charge point whose endpoint zeep reads and writes, strictly by the official WSDL."""

    def __init__(self, path: Path, identity: str) -> None:
        self._path = path
        self._identity = identity
        self.asked: list[tuple[str, Json]] = []
        self.said: dict[str, Json] = {}  # answers by action
        self.refusal: Fault | None = None
        self.gate = asyncio.Event()  # answers wait for it
        self.gate.set()
        self.at_once = 0
        self.most_at_once = 0
        self.url = ""

    async def answer(self, posted: Posted) -> Reply:
        """Answer a call of the central system."""
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        try:
            await self.gate.wait()
            return self._answer(posted)
        finally:
            self.at_once -= 1

    def _answer(self, posted: Posted) -> Reply:
        validate(self._path, posted.body)
        headers = unwrap(posted.body).headers
        assert headers.identity == self._identity
        assert headers.missing == ()
        assert headers.to == self.url
        action = headers.action.removeprefix("/")
        operation = binding(self._path).get(action)
        envelope = etree.fromstring(posted.body, HISTORY)
        asked = serialize_object(operation.input.deserialize(envelope), dict)  # type: ignore[no-untyped-call]
        self.asked.append((action, plain(asked["body"])))
        if self.refusal is not None:
            return Reply(500, STATION["1.5"].fault(self.refusal, headers))
        answer = operation.output.serialize(**self.said[action])
        return Reply(200, etree.tostring(answer.content))


@asynccontextmanager
async def charge_point(
    shared: Shared, version: str, identity: str = "CS-1"
) -> AsyncIterator[ChargePoint]:
    """A charge point that listens."""
    found = ChargePoint(shared(f"wsdl/{FILES[version, 'Cp']}"), identity)
    endpoint = Endpoint(found.answer, lambda _url, _version: b"")
    async with http.serve(endpoint, "127.0.0.1", 0) as port:
        found.url = f"http://127.0.0.1:{port}/cp"
        yield found


def actions(side: Side) -> list[tuple[str, str]]:
    """Version and name of everything that a side takes."""
    return [(v, action) for v, each in MESSAGES.items() for action in sorted(each.actions(side))]


def plain(value: Any) -> Any:
    """What zeep understood, as JSON; it keeps a place for what was not said."""
    match value:
        case dict():
            said = {name: plain(part) for name, part in value.items()}
            return {name: part for name, part in said.items() if part not in (None, [])}
        case list():
            return [plain(part) for part in value]
        case datetime():
            return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case Decimal():
            return float(value)
    return value
