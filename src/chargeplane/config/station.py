"""Sections of the charging station and its EVerest interface."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, SecretStr, model_validator

from chargeplane.config.parts import (
    CLIENT_CERTIFICATE_PROFILE,
    Connectors,
    LocalPath,
    OcppVersion,
    Port,
    Section,
    TopicPart,
    listed,
)


class Station(Section):
    """The charging station that `chargeplane station` runs."""

    id: str = Field(
        default="CS-1", min_length=1, max_length=48, description="Identity of the station."
    )
    url: str = Field(
        default="ws://127.0.0.1:9000/ocpp",
        description="Endpoint of the central system, without the identity.",
    )
    transport: Literal["websocket", "soap"] = Field(
        default="websocket",
        description="How it talks to the central system; `soap` needs an http or https `url`.",
    )
    soap_host: str = Field(
        default="127.0.0.1", description="Address of its own endpoint, with `soap`."
    )
    soap_port: Port = Field(default=0, description="Port of that endpoint; 0 takes a free one.")
    soap_url: str | None = Field(
        default=None,
        description="How the central system reaches that endpoint; left out, by host and port.",
    )
    versions: Annotated[list[OcppVersion], BeforeValidator(listed)] = Field(
        default=["2.1", "2.0.1", "1.6"],
        min_length=1,
        description="OCPP versions to offer, the best first.",
    )
    password: SecretStr | None = Field(
        default=None, description="Password of HTTP Basic authentication."
    )
    security_profile: int | None = Field(
        default=None,
        ge=0,
        le=CLIENT_CERTIFICATE_PROFILE,
        description="Security profile (0 to 3); left out, what the URL and the password suggest.",
    )
    tls_ca: LocalPath | None = Field(
        default=None,
        description="PEM file of the authorities of the central system, for a station that has "
        "none yet.",
    )
    tls_certificate: LocalPath | None = Field(
        default=None,
        description="PEM file of the station's certificate and its chain (security profile 3), for "
        "a station that has none yet.",
    )
    tls_key: LocalPath | None = Field(
        default=None, description="PEM file of the private key of that certificate."
    )
    data: LocalPath = Field(
        default=Path("station-data"), description="Folder of all that must survive a power cut."
    )
    firmware_ca: LocalPath | None = Field(
        default=None,
        description="PEM file of the authorities that sign firmware, for a station that has none "
        "yet.",
    )
    installer: Annotated[list[str], BeforeValidator(listed)] = Field(
        default=[],
        description="Command that installs firmware, run with the path of the image; it exits with "
        "0 (installed), 75 (restart to have it), 65 (not for this device) or otherwise (failed).",
    )
    connectors: Annotated[list[Connectors], BeforeValidator(listed)] = Field(
        default=[1], min_length=1, max_length=64, description="Connectors of each EVSE."
    )
    hardware: Literal["virtual"] = Field(
        default="virtual", description="What the EVSEs are made of; `virtual` needs no hardware."
    )
    speed: float = Field(
        default=1.0, gt=0, le=3600, description="How fast time runs for a virtual EVSE."
    )
    bidirectional: bool = Field(
        default=False, description="Whether virtual EVSEs let cars discharge (V2X)."
    )
    languages: Annotated[list[str], BeforeValidator(listed)] = Field(
        default=["en"], description="Languages of the display; none for a station without one."
    )
    inverters: bool = Field(
        default=False, description="Whether each EVSE has an inverter that supports the grid."
    )
    battery_slots: bool = Field(
        default=False, description="Whether the EVSEs charge batteries that are swapped, no cars."
    )
    vendor: str = Field(default="Chargeplane", max_length=20, description="Vendor's name.")
    model: str = Field(default="Virtual AC", max_length=20, description="Model.")
    serial_number: str | None = Field(
        default=None, max_length=25, description="Serial number of the station."
    )
    firmware_version: str | None = Field(
        default="1.0", max_length=50, description="Version of the firmware."
    )
    keys: dict[str, str | int | float | bool] = Field(
        default={},
        description="First values of 1.6 configuration keys; unknown ones are added as the "
        "vendor's own. What somebody else has set since is kept.",
    )
    variables: dict[str, str | int | float | bool] = Field(
        default={},
        description="First values of variables, as `Component[instance]@evse/Variable[instance]`.",
    )

    @model_validator(mode="after")
    def _has_what_soap_needs(self) -> Self:
        if self.transport == "soap" and not self.url.startswith(("http://", "https://")):
            raise ValueError("transport soap needs an http or https url")
        return self

    @model_validator(mode="after")
    def _has_key_and_certificate(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key need each other")
        return self


class Everest(Section):
    """EVerest's interface of the station that `chargeplane station` runs, over MQTT."""

    api: bool = Field(
        default=False,
        description="Offer EVerest's public interface, `everest_api/1/ocpp_consumer/<id>/...`.",
    )
    id: TopicPart = Field(default="ocpp", description="Module id within its topics.")
    api_prefix: str = Field(
        default="", description="Prefix of all topics of the public interface and the plain ones."
    )
    heartbeat_interval_ms: int = Field(
        default=1000, ge=0, description="Milliseconds between its heartbeats; 0 sends none."
    )
    communication_check_s: int = Field(
        default=5,
        ge=0,
        description="Seconds within which a client has to show that it is there; 0 asks nobody.",
    )
    request_reply_s: float = Field(
        default=550,
        gt=0,
        description="Seconds that clients have to answer a DataTransfer of the central system.",
    )
    plain_topics: bool = Field(
        default=False, description="Offer the oldest topics too, `everest_api/ocpp/...`."
    )
    bus: Literal["off", "new", "old"] = Field(
        default="off",
        description="Stand in for EVerest's OCPP module on its internal bus: in the layout of its "
        "framework 0.25 and later (`new`) or of those before (`old`).",
    )
    bus_prefix: str = Field(default="everest", description="Prefix of the topics of the bus.")
    bus_module: TopicPart = Field(default="ocpp", description="Module id on the bus.")
    bus_implementation: TopicPart = Field(
        default="ocpp_generic", description="Implementation id of the interface `ocpp`."
    )
    bus_data_transfer: TopicPart = Field(
        default="data_transfer",
        description="Implementation id of the interface `ocpp_data_transfer`.",
    )
    bus_keys: str = Field(
        default="main",
        pattern=r"^[^/+#]*$",
        description="Implementation id of the older interface `ocpp_1_6_charge_point`; empty, it "
        "is not offered.",
    )
    bus_answering: str = Field(
        default="",
        pattern=r"^([^/+#]+/[^/+#]+)?$",
        description="Module and implementation, as `module/implementation`, that answer a "
        "DataTransfer of the central system; left out, clients of the public interface do.",
    )
    addressing: Literal["canonical", "keys"] = Field(
        default="canonical",
        description="What names a variable while OCPP 1.6 is spoken: its component and name, or as "
        "in EVerest's older module a configuration key, whatever the component (`keys`).",
    )
    keys: dict[str, Annotated[str, Field(pattern=r"^[^/@]+/[^/@]+$")]] = Field(
        default={},
        description="Further names of 1.6 configuration keys, as `Component/Variable` by key.",
    )
    messages: bool = Field(
        default=False, description="Publish every OCPP message, without passwords."
    )


class EverestMqtt(Section):
    """The MQTT broker for EVerest's interface."""

    host: str = Field(default="127.0.0.1", description="Broker.")
    port: Port = Field(default=1883, description="Its port.")
    username: str = Field(default="", description="User name at the broker.")
    password: SecretStr | None = Field(default=None, description="Password at the broker.")
    tls: bool = Field(default=False, description="Encrypt.")
    ca_file: LocalPath | None = Field(
        default=None,
        description="PEM file of the authority of the broker's certificate; left out, those of "
        "the system.",
    )
