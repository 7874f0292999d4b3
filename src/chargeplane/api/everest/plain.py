"""The oldest topics of EVerest: pull the network cable, put it back, see whether it is there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from chargeplane.net.mqtt import Mqtt, Note
from chargeplane.station import connection
from chargeplane.station.everest.interface import Everest

ROOT: Final = "everest_api/ocpp"
STATUS: Final = f"{ROOT}/var/connection_status"
WORDS: Final[dict[bool | None, str]] = {True: "connected", False: "disconnected", None: "unknown"}


class Plain:
    """These topics for one station; what messages hold does not matter."""

    def __init__(self, everest: Everest, mqtt: Mqtt, prefix: str = "") -> None:
        self._everest = everest
        self._prefix = prefix
        station = everest.station
        mqtt.subscribe(
            f"{prefix}{ROOT}/cmd/connect", lambda *_: connection.plug_network(station), qos=2
        )
        mqtt.subscribe(
            f"{prefix}{ROOT}/cmd/disconnect", lambda *_: connection.unplug_network(station), qos=2
        )
        everest.variables.is_connected.listen(
            lambda is_connected: mqtt.publish(f"{prefix}{STATUS}", WORDS[is_connected], qos=2)
        )

    def birth(self) -> Iterator[Note]:
        """What is said at each connection to the broker."""
        word = WORDS[self._everest.variables.is_connected.latest]
        yield Note(f"{self._prefix}{STATUS}", word, 2)
