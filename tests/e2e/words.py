"""How stations of each family tell the same story, in frames."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.e2e.harness import Talker, at

IN_1X = {
    "NoCredit": "Blocked",
    "NotAtThisLocation": "Blocked",
    "NotAtThisTime": "Blocked",
    "Unknown": "Invalid",
}
ENERGY = "Energy.Active.Import.Register"


@dataclass
class Told:
    """What the central system says of a transaction: its name and the decision."""

    name: str
    status: str | None


class Words(Protocol):
    """A station's half of the usual messages."""

    talker: Talker

    def status(self, canonical: str) -> str:
        """How this version spells a decision."""
        ...

    async def boot(self, reason: str = "PowerUp") -> dict[str, Any]: ...
    async def authorize(self, tag: str) -> str: ...
    async def available(self, evse: int = 1, seconds: float = 0) -> None: ...
    async def start(
        self, tag: str, *, evse: int = 1, seconds: float = 0, wh: int = 1000, name: str = "tx-1"
    ) -> Told: ...
    async def update(self, name: str, *, evse: int = 1, seconds: float, wh: int) -> None: ...
    async def stop(
        self,
        name: str,
        *,
        evse: int = 1,
        seconds: float = 3600,
        wh: int = 4000,
        tag: str | None = None,
        reason: str | None = None,
    ) -> str | None: ...


@dataclass
class Words1:
    """1.2, 1.5 and 1.6."""

    talker: Talker

    def status(self, canonical: str) -> str:
        return IN_1X.get(canonical, canonical)

    async def boot(self, reason: str = "PowerUp") -> dict[str, Any]:
        del reason
        about = {"chargePointVendor": "Vendor", "chargePointModel": "Model"}
        answer: dict[str, Any] = await self.talker.call("BootNotification", about)
        return answer

    async def authorize(self, tag: str) -> str:
        answer = await self.talker.call("Authorize", {"idTag": tag})
        return str(answer["idTagInfo"]["status"])

    async def available(self, evse: int = 1, seconds: float = 0) -> None:
        await self.say_status("Available", evse, seconds)

    async def say_status(self, status: str, evse: int = 1, seconds: float = 0) -> None:
        said = {"connectorId": evse, "errorCode": "NoError", "status": status}
        await self.talker.call("StatusNotification", said | {"timestamp": at(seconds)})

    async def start(
        self, tag: str, *, evse: int = 1, seconds: float = 0, wh: int = 1000, name: str = "tx-1"
    ) -> Told:
        del name
        said = {"connectorId": evse, "idTag": tag, "meterStart": wh, "timestamp": at(seconds)}
        answer = await self.talker.call("StartTransaction", said)
        return Told(str(answer["transactionId"]), answer["idTagInfo"]["status"])

    async def update(self, name: str, *, evse: int = 1, seconds: float, wh: int) -> None:
        sample = {"value": str(wh), "measurand": ENERGY, "unit": "Wh"}
        reading = {"timestamp": at(seconds), "sampledValue": [sample]}
        said = {"connectorId": evse, "transactionId": int(name), "meterValue": [reading]}
        await self.talker.call("MeterValues", said)

    async def stop(
        self,
        name: str,
        *,
        evse: int = 1,
        seconds: float = 3600,
        wh: int = 4000,
        tag: str | None = None,
        reason: str | None = None,
    ) -> str | None:
        del evse
        said: dict[str, Any] = {
            "transactionId": int(name),
            "meterStop": wh,
            "timestamp": at(seconds),
        }
        said |= {"idTag": tag} if tag else {}
        said |= {"reason": reason} if reason else {}
        answer = await self.talker.call("StopTransaction", said)
        info = answer.get("idTagInfo")
        return None if info is None else str(info["status"])


@dataclass
class Words2:
    """2.0.1 and 2.1."""

    talker: Talker
    seq_nos: dict[str, int] = field(default_factory=dict)

    def status(self, canonical: str) -> str:
        return canonical

    async def boot(self, reason: str = "PowerUp") -> dict[str, Any]:
        about = {"vendorName": "Vendor", "model": "Model"}
        said = {"reason": reason, "chargingStation": about}
        answer: dict[str, Any] = await self.talker.call("BootNotification", said)
        return answer

    async def authorize(self, tag: str) -> str:
        said = {"idToken": {"idToken": tag, "type": "ISO14443"}}
        answer = await self.talker.call("Authorize", said)
        return str(answer["idTokenInfo"]["status"])

    async def available(self, evse: int = 1, seconds: float = 0) -> None:
        said = {"timestamp": at(seconds), "connectorStatus": "Available"}
        await self.talker.call("StatusNotification", said | {"evseId": evse, "connectorId": 1})

    async def event(self, kind: str, name: str, **members: Any) -> dict[str, Any]:
        """Send an event of a transaction with the next number, unless one is given."""
        seq_no = members.pop("seq_no", self.seq_nos.get(name, 0))
        self.seq_nos[name] = seq_no + 1
        answer: dict[str, Any] = await self.talker.call(
            "TransactionEvent", event_of(kind, name, seq_no, **members)
        )
        return answer

    async def start(
        self, tag: str, *, evse: int = 1, seconds: float = 0, wh: int = 1000, name: str = "tx-1"
    ) -> Told:
        answer = await self.event("Started", name, evse=evse, seconds=seconds, wh=wh, tag=tag)
        return Told(name, answer["idTokenInfo"]["status"])

    async def update(self, name: str, *, evse: int = 1, seconds: float, wh: int) -> None:
        await self.event("Updated", name, evse=evse, seconds=seconds, wh=wh)

    async def stop(
        self,
        name: str,
        *,
        evse: int = 1,
        seconds: float = 3600,
        wh: int = 4000,
        tag: str | None = None,
        reason: str | None = None,
    ) -> str | None:
        answer = await self.event(
            "Ended", name, evse=evse, seconds=seconds, wh=wh, tag=tag, reason=reason
        )
        info = answer.get("idTokenInfo")
        return None if info is None else str(info["status"])


TRIGGERS = {"Started": "Authorized", "Updated": "MeterValuePeriodic", "Ended": "StopAuthorized"}
CONTEXTS = {
    "Started": "Transaction.Begin",
    "Updated": "Sample.Periodic",
    "Ended": "Transaction.End",
}


def event_of(  # noqa: PLR0917
    kind: str,
    name: str,
    seq_no: int,
    evse: int = 1,
    seconds: float = 0,
    wh: int | None = None,
    tag: str | None = None,
    reason: str | None = None,
    state: str | None = "Charging",
    **members: Any,
) -> dict[str, Any]:
    """A TransactionEvent request."""
    info = {"transactionId": name}
    info |= {"chargingState": state} if state and kind != "Ended" else {}
    info |= {"stoppedReason": reason} if reason else {}
    said: dict[str, Any] = {
        "eventType": kind,
        "timestamp": at(seconds),
        "triggerReason": TRIGGERS[kind],
        "seqNo": seq_no,
        "transactionInfo": info,
        "evse": {"id": evse, "connectorId": 1},
    }
    if tag:
        said["idToken"] = {"idToken": tag, "type": "ISO14443"}
    if wh is not None:
        sample = {"value": wh, "measurand": ENERGY, "context": CONTEXTS[kind]}
        said["meterValue"] = [{"timestamp": at(seconds), "sampledValue": [sample]}]
    return said | members


def words(version: str, talker: Talker) -> Words:
    """The words of a version."""
    return Words1(talker) if version.startswith("1") else Words2(talker)
