"""A call of the API: the parts of its path, who makes it, and how it reaches a station."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

from starlette.responses import Response

from chargeplane.api.ocpp_core.answers import OFFLINE, Refused, bad_request, say
from chargeplane.api.ocpp_core.status import Board
from chargeplane.csms.central import Central
from chargeplane.csms.commands import Asked
from chargeplane.csms.operations import OPERATIONS
from chargeplane.csms.registry import Station

Scope = Literal["read", "operate"]

LARGEST: Final = 2**31 - 1  # of the numbers that upstream reads


class Caller(Protocol):
    """Who asks, by their key."""

    @property
    def name(self) -> str:
        """What acting calls are recorded under."""
        ...

    def may(self, scope: Scope, /) -> bool:
        """Whether the key is good for that."""
        ...

    def sees(self, station_id: str, /) -> bool:
        """Whether the key is good for that station."""
        ...


@dataclass(frozen=True, slots=True)
class Call:
    """`parts` are those of the path after the command, decoded."""

    central: Central
    board: Board
    caller: Caller
    parts: tuple[str, ...]

    def part(self, place: int) -> str:
        """A part that may be missing, which is the same as empty."""
        return self.parts[place] if place < len(self.parts) else ""

    def required(self, place: int, name: str) -> str:
        """A part that must be there."""
        part = self.part(place)
        if not part.strip():
            raise bad_request(f"{name} is missing")
        return part

    @property
    def connector(self) -> int | None:
        """The connector, None if there is none or it is no whole number."""
        return whole(self.part(1))

    def station(self) -> Station:
        """The connected station that is named, by its very name first, then without case."""
        name = self.required(0, "chargepointId")
        stations = self.central.stations
        found = stations.get(name) or next(
            (station for station in stations if station.id.lower() == name.lower()), None
        )
        if found is None or not self.caller.sees(found.id):
            raise Refused(404, OFFLINE, f"{name} is not connected")
        return found

    async def ask(self, station: Station, operation: str, request: Any) -> Any:
        """Have an operation done; the station's answer."""
        asked = Asked(by=self.caller.name, timeout=self.central.settings.answer_timeout)
        return await OPERATIONS[operation].run(self.central, station.id, request, asked)

    async def tell(self, station: Station, operation: str, request: Any) -> Response:
        """Have an operation done; the status that the station answers."""
        answer = await self.ask(station, operation, request)
        return say(answer.status)


def whole(text: str) -> int | None:
    """The number that a text is, None if it is none or too large."""
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit()) or len(digits) > len(str(LARGEST)):
        return None
    number = int(digits)
    return number if number <= LARGEST else None
