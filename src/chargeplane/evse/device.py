"""A device as its faces see it: the controller, its name, and how its links are."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from chargeplane.evse.controller import Controller
from chargeplane.evse.panel import Panel
from chargeplane.station.station import Station


@dataclass(slots=True, kw_only=True)
class Device:
    """One EVSE with its faces."""

    controller: Controller
    serial: int
    version: str
    port: int = 0  # of its HTTP face
    is_encrypted: bool = False  # HTTPS
    address: str = ""  # of this machine in its network; "": there is none
    mqtt: asyncio.Event = field(default_factory=asyncio.Event)  # set while it is connected
    ocpp: asyncio.Event = field(default_factory=asyncio.Event)
    station: Station | None = None  # that it is to a central system
    panel: Panel = field(init=False)

    def __post_init__(self) -> None:
        self.panel = Panel(self.controller)

    @property
    def name(self) -> str:
        """What it is called in its network and by its MQTT topics."""
        return f"SmartEVSE-{self.serial}"

    @property
    def mqtt_prefix(self) -> str:
        """How all of its MQTT topics begin."""
        return self.controller.settings.mqtt.prefix or self.name

    @property
    def url(self) -> str:
        """Where its page is."""
        scheme, host = "https" if self.is_encrypted else "http", self.address or "127.0.0.1"
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{self.port}/"
