"""Sections of the EVSE controller."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SecretStr

from chargeplane.config.parts import LocalPath, Port, Section, TimeZone, listed


class Evse(Section):
    """The EVSE controller that `chargeplane evse` runs."""

    serial: int | None = Field(
        default=None,
        ge=0,
        description="Serial number, by which it is called `SmartEVSE-<serial>`; left out, one that "
        "follows from the machine.",
    )
    host: str = Field(default="127.0.0.1", description="Address that its HTTP face listens on.")
    port: Port = Field(default=8081, description="Port of its HTTP face; 0 takes a free one.")
    token: SecretStr | None = Field(
        default=None,
        description="Token that callers show as `X-API-Key`, as a bearer token or as the password "
        "of HTTP Basic.",
    )
    open: bool = Field(
        default=False,
        description="Answer everybody without a token although others than this machine can ask.",
    )
    pin: SecretStr | None = Field(
        default=None, description="PIN of the buttons of its display over HTTP."
    )
    tls_certificate: LocalPath | None = Field(
        default=None, description="PEM file of its certificate and chain; enables HTTPS."
    )
    tls_key: LocalPath | None = Field(
        default=None, description="PEM file of the private key of that certificate."
    )
    mdns: bool = Field(
        default=True,
        description="Announce it by mDNS, if others than this machine can ask it.",
    )
    data: LocalPath = Field(
        default=Path("evse-data"), description="Folder of all that must survive a power cut."
    )
    timezone: TimeZone | None = Field(
        default=None, description="Its time zone; left out, that of the machine."
    )
    hardware: Literal["virtual", "gpio", "wallbox", "smartevse"] = Field(
        default="virtual",
        description="What it drives: a virtual board with a car and a house, a board by GPIO, a "
        "Modbus wallbox, or a SmartEVSE over its REST API.",
    )
    speed: float = Field(
        default=1.0, gt=0, le=3600, description="How fast time runs for a virtual board."
    )
    house: dict[str, Any] = Field(
        default={}, description="The virtual house: members of `House`, as `pv_w = 6000`."
    )
    gpio: dict[str, Any] = Field(default={}, description="The board: members of `GpioConfig`.")
    wallbox: dict[str, Any] = Field(
        default={}, description="The Modbus wallbox: members of `WallboxConfig`."
    )
    smartevse: dict[str, Any] = Field(
        default={}, description="The SmartEVSE: members of `SmartEvseConfig`."
    )
    modbus: dict[str, Any] = Field(
        default={},
        description="The Modbus line of meters, nodes and wallbox: `host` and `port` of a gateway, "
        "or `port` and `baudrate` of a serial line.",
    )
    mains_meter: dict[str, Any] = Field(
        default={},
        description="The mains meter: members of `MeterConfig`, as `type`, `unit`, `host`.",
    )
    ev_meter: dict[str, Any] = Field(default={}, description="The meter of the car.")
    circuit_meter: dict[str, Any] = Field(
        default={}, description="The meter of the circuit that the EVSEs share."
    )
    solar_meter: dict[str, Any] = Field(
        default={}, description="The meter of the solar panels, which is only shown."
    )
    nodes: Annotated[list[str], BeforeValidator(listed)] = Field(
        default=[],
        description="Addresses such as `192.168.1.12:502` of the nodes of a master, the first for "
        "node 2; left out, they are on its Modbus line.",
    )
    monitor: str = Field(
        default="",
        description="Address such as `127.0.0.1:1502` where its Modbus registers are answered.",
    )
    card_reader: str = Field(
        default="", description="Serial port of an RFID reader that writes a line for each card."
    )
    ocpp: bool = Field(
        default=False,
        description="Connect to a central system as the station of `[station]`.",
    )
    settings: dict[str, Any] = Field(
        default={},
        description="First values of settings, as `max_current_a = 16`; what somebody has set "
        "since is kept.",
    )


class EvseMqtt(Section):
    """First values for the MQTT broker of the EVSE controller."""

    host: str = Field(default="", description="Broker; without one nothing is published.")
    port: Port = Field(default=1883, description="Its port.")
    prefix: str = Field(
        default="", description="How all topics begin; left out, `SmartEVSE-<serial>`."
    )
    username: str = Field(default="", description="User name at the broker.")
    password: SecretStr | None = Field(default=None, description="Password at the broker.")
    tls: bool = Field(default=False, description="Encrypt.")
    ca_file: LocalPath | None = Field(
        default=None, description="PEM file of the authority of the broker's certificate."
    )
    heartbeat: Annotated[int, Field(ge=10, le=300)] = Field(
        default=10, description="Seconds after which everything is published again."
    )
    change_only: bool = Field(
        default=False, description="Publish only what has changed since it was published."
    )
    discovery: bool = Field(default=True, description="Tell Home Assistant of all entities.")
