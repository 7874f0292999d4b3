"""Settings: one TOML file, overridden by CHARGEPLANE_* variables, overridden by flags.

`load` is the only reader. It merges the three layers, remembers which of them
each value comes from and validates the result once; relative paths are taken
from the folder of the file, or from the working directory when there is none.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Secret,
    SecretStr,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict, SettingsError

from chargeplane.errors import ConfigurationError

Tree = dict[str, Any]

DEFAULT_FILE = "chargeplane.toml"
ENV_PREFIX = "CHARGEPLANE_"
ENV_FILE = "CHARGEPLANE_CONFIG"
DEFAULT = "default"  # the origin of what nobody set

SQLITE = "sqlite:///"
# What people write, and the kind of database that it means; `storage` chooses the driver.
KINDS = {"sqlite": "sqlite", "postgres": "postgresql", "postgresql": "postgresql"}

TLS_PROFILE = 2  # the lowest OCPP security profile that encrypts
CLIENT_CERTIFICATE_PROFILE = 3  # the one that asks the station for a certificate


class DatabaseUrl(Secret[str]):
    """A database address that shows itself without its password."""

    def _display(self) -> str:
        scheme, separator, rest = self.get_secret_value().partition("://")
        credentials, at, place = rest.rpartition("@")
        user, colon, _ = credentials.partition(":")
        return f"{scheme}{separator}{user}{':***' if colon else ''}{at}{place}"


def _folder(info: ValidationInfo) -> Path | None:
    return info.context["folder"] if info.context else None


def _anchored(path: Path, info: ValidationInfo) -> Path:
    folder = _folder(info)
    return folder / path.expanduser() if folder else path


def _plain(url: DatabaseUrl, info: ValidationInfo) -> DatabaseUrl:
    scheme, separator, rest = url.get_secret_value().partition("://")
    if not separator or scheme not in KINDS:
        raise ValueError("must start with sqlite:/// or postgresql://")
    plain = f"{KINDS[scheme]}://{rest}"
    folder, file = _folder(info), plain.removeprefix(SQLITE)
    relative = plain.startswith(SQLITE) and not file.startswith(("/", ":memory:"))
    return DatabaseUrl(f"{SQLITE}{folder / file}" if folder and relative else plain)


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, ZoneInfoNotFoundError):
        raise ValueError("is no time zone such as Europe/Berlin") from None
    return name


TimeZone = Annotated[str, AfterValidator(_known_zone)]


def _listed(value: Any) -> Any:
    """A list as flags write it, with commas."""
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


LocalPath = Annotated[Path, AfterValidator(_anchored)]
Port = Annotated[int, Field(ge=0, le=65535)]
OcppVersion = Literal["1.2", "1.5", "1.6", "2.0.1", "2.1"]
Connectors = Annotated[int, Field(ge=1, le=8)]
Seconds = Annotated[int, Field(ge=1, le=86_400)]
TopicPart = Annotated[str, Field(pattern=r"^[^/+#]+$")]


class Section(BaseModel):
    """Base of all sections: immutable, and a key that it does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


class Server(Section):
    """Where the process listens."""

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    ocpp_port: Port = Field(
        default=9000, description="Port of the OCPP WebSocket; 0 takes a free one."
    )
    http_port: Port = Field(
        default=8080, description="Port of the HTTP faces and web pages; 0 takes a free one."
    )


class Storage(Section):
    """Where everything is kept."""

    url: Annotated[DatabaseUrl, AfterValidator(_plain)] = Field(
        default=DatabaseUrl(f"{SQLITE}chargeplane.db"),
        description="Database: `sqlite:///file` or `postgresql://user:password@host/name`.",
    )


class Csms(Section):
    """How the central system treats its stations."""

    admission: Literal["known", "pending", "open"] = Field(
        default="known",
        description="Who may connect: registered stations only (`known`), others as Pending "
        "until adopted (`pending`), or everyone, registered on the way (`open`).",
    )
    heartbeat_interval: Seconds = Field(
        default=300, description="Seconds between heartbeats that stations are told to keep."
    )
    answer_timeout: Seconds = Field(
        default=60, description="Seconds that a station has to answer a call."
    )
    strict: bool = Field(
        default=False, description="Refuse the harmless deviations that are otherwise tolerated."
    )
    message_log_retention_days: int = Field(
        default=30, ge=0, description="Days that raw messages are kept; 0 keeps none."
    )
    websocket_ping_interval: int = Field(
        default=60, ge=0, le=86_400, description="Seconds between WebSocket pings; 0 sends none."
    )
    tls_certificate: LocalPath | None = Field(
        default=None, description="PEM file of the server certificate and its chain; enables TLS."
    )
    tls_key: LocalPath | None = Field(
        default=None, description="PEM file of the private key of the server certificate."
    )
    tls_client_ca: LocalPath | None = Field(
        default=None, description="PEM file of the authorities that sign station certificates."
    )
    ca_certificate: LocalPath | None = Field(
        default=None,
        description="PEM file of the authority that signs certificates for stations, with those "
        "above it; without one requests for certificates only wait.",
    )
    ca_key: LocalPath | None = Field(
        default=None, description="PEM file of the private key of that authority."
    )
    minimum_security_profile: int = Field(
        default=0,
        ge=0,
        le=CLIENT_CERTIFICATE_PROFILE,
        description="Lowest OCPP security profile that a station may connect with (0 to 3).",
    )

    @model_validator(mode="after")
    def _has_what_tls_needs(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key need each other")
        if (self.ca_certificate is None) != (self.ca_key is None):
            raise ValueError("ca_certificate and ca_key need each other")
        if self.minimum_security_profile >= TLS_PROFILE and not self.tls_certificate:
            raise ValueError("minimum_security_profile 2 and 3 need tls_certificate and tls_key")
        if self.minimum_security_profile >= CLIENT_CERTIFICATE_PROFILE and not self.tls_client_ca:
            raise ValueError("minimum_security_profile 3 needs tls_client_ca")
        return self


def _network(word: str) -> str:
    """`sender`, `public` or a network as one writes it: 10.0.0.0/8."""
    if word not in {"sender", "public"}:
        ip_network(word)
    return word


class Soap(Section):
    """OCPP over SOAP, for chargers of 1.2, 1.5 and 1.6 that speak it."""

    port: Port | None = Field(
        default=None,
        description="Port of its own, encrypted if `csms.tls_certificate` is set; without one "
        "SOAP is served on `server.http_port`.",
    )
    endpoints: Annotated[
        list[Annotated[str, AfterValidator(_network)]], BeforeValidator(_listed)
    ] = Field(
        default=["sender", "public"],
        description="Where stations may be called: at the address that their messages come from "
        "(`sender`), at any public address (`public`), in a network such as `10.0.0.0/8`.",
    )


class Api(Section):
    """Who may use the HTTP faces."""

    key: SecretStr | None = Field(
        default=None,
        description="Key that programs and the command line show as `X-API-Key`; "
        "without one the HTTP faces answer nobody.",
    )
    requests_per_minute: int = Field(
        default=6000, ge=1, description="Requests a minute that each key may make."
    )


class OcppCore(Section):
    """The face of OCPP.Core, `/API/...`."""

    acting_by_get: bool = Field(
        default=True,
        description="Let commands that change something be called by GET, as OCPP.Core does.",
    )


class Steve(Section):
    """The faces of SteVe: its HTTP client's `main.php`, and its REST interface."""

    key: SecretStr | None = Field(
        default=None, description="Key of `main.php`; without one that face is off."
    )
    timezone: TimeZone = Field(
        default="UTC", description="Time zone in which `main.php` reads `Expiry`."
    )
    api_user: str = Field(
        default="admin", description="User name of HTTP Basic for the REST interface."
    )
    api_key: SecretStr | None = Field(
        default=None,
        description="Password of that user, and key of the older `STEVE-API-KEY` header; "
        "without one the REST interface is off.",
    )
    backend: Literal["local", "steve"] = Field(
        default="local",
        description="Whom `main.php` asks: this central system (`local`) or a SteVe (`steve`).",
    )
    url: str | None = Field(
        default=None, description="Address of that SteVe, with its context path."
    )
    user: str = Field(default="admin", description="User name at that SteVe.")
    password: SecretStr | None = Field(
        default=None, description="Password of its web pages; without one they are not used."
    )
    api_password: SecretStr | None = Field(
        default=None,
        description="Password of its REST operations (its `webapi.value`); without one they are "
        "not used.",
    )
    ocpp: Literal["1.2", "1.5", "1.6"] = Field(
        default="1.6", description="OCPP version whose pages are used there."
    )
    timeout: Seconds = Field(default=60, description="Seconds that SteVe has to answer.")
    ca_file: LocalPath | None = Field(
        default=None, description="PEM file of the authority of its TLS certificate."
    )

    @model_validator(mode="after")
    def _has_what_the_backend_needs(self) -> Self:
        if self.backend == "steve" and not self.url:
            raise ValueError("backend steve needs url")
        return self


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
    versions: Annotated[list[OcppVersion], BeforeValidator(_listed)] = Field(
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
    installer: Annotated[list[str], BeforeValidator(_listed)] = Field(
        default=[],
        description="Command that installs firmware, run with the path of the image; it exits with "
        "0 (installed), 75 (restart to have it), 65 (not for this device) or otherwise (failed).",
    )
    connectors: Annotated[list[Connectors], BeforeValidator(_listed)] = Field(
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
    languages: Annotated[list[str], BeforeValidator(_listed)] = Field(
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
        default={}, description="The mains meter: `type`, `unit`, `host`."
    )
    ev_meter: dict[str, Any] = Field(default={}, description="The meter of the car.")
    circuit_meter: dict[str, Any] = Field(
        default={}, description="The meter of the circuit that the EVSEs share."
    )
    solar_meter: dict[str, Any] = Field(
        default={}, description="The meter of the solar panels, which is only shown."
    )
    nodes: Annotated[list[str], BeforeValidator(_listed)] = Field(
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


class Log(Section):
    """What the process tells about itself on standard error."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least important level that is written."
    )
    format: Literal["console", "json"] = Field(
        default="console", description="Lines for people (`console`) or for programs (`json`)."
    )


class Settings(Section):
    """All settings, one field a section."""

    server: Server = Server()
    storage: Storage = Storage()
    csms: Csms = Csms()
    soap: Soap = Soap()
    api: Api = Api()
    ocpp_core: OcppCore = OcppCore()
    steve: Steve = Steve()
    station: Station = Station()
    evse: Evse = Evse()
    evse_mqtt: EvseMqtt = EvseMqtt()
    everest: Everest = Everest()
    everest_mqtt: EverestMqtt = EverestMqtt()
    log: Log = Log()


class _Environment(Settings, BaseSettings):
    """Tells pydantic-settings how variables are named; never filled."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX, env_nested_delimiter="__", env_ignore_empty=True
    )


@dataclass(frozen=True, slots=True)
class Configuration:
    """The settings in force, and where each of them comes from."""

    settings: Settings
    file: Path | None
    origins: Mapping[str, str]  # "server.host" -> the file, the variable or the flag

    def shown(self) -> dict[str, dict[str, Any]]:
        """Return the values as JSON would hold them, secrets masked."""
        return self.settings.model_dump(mode="json")


@dataclass(frozen=True, slots=True)
class Setting:
    """What the documentation says about one setting."""

    name: str
    default: str
    description: str

    @property
    def variable(self) -> str:
        """The environment variable that overrides it."""
        return _variable(self.name)


def load(path: Path | None = None, flags: Mapping[str, Any] | None = None) -> Configuration:
    """Return the settings in force; ``flags`` are dotted names with their values.

    Raises `ConfigurationError`, which names the setting and where it was set.
    """
    file = _find(path)
    values: Tree = {section: {} for section in Settings.model_fields}
    origins: dict[str, str] = {}
    for name, value, origin in [*_from_file(file), *_from_environment(), *_from_flags(flags or {})]:
        _put(values, name, value, origin)
        origins[name] = origin
    folder = (file.parent if file else Path()).resolve()
    try:
        settings = Settings.model_validate(values, context={"folder": folder})
    except ValidationError as error:
        raise ConfigurationError(_explained(error, origins)) from None
    return Configuration(settings=settings, file=file, origins=origins)


def describe() -> Iterator[Setting]:
    """Yield every setting in the order of the file."""
    for section in Settings.model_fields:
        part: Section = getattr(Settings(), section)
        defaults = part.model_dump(mode="json")
        for key, field in type(part).model_fields.items():
            yield Setting(f"{section}.{key}", toml_value(defaults[key]), field.description or "")


def as_toml(configuration: Configuration) -> str:
    """Return the settings in force as a TOML file, each with its origin, secrets masked."""
    lines = []
    for section, values in configuration.shown().items():
        lines.append(f"[{section}]")
        for key, value in values.items():
            origin = configuration.origins.get(f"{section}.{key}", DEFAULT)
            unset = "# " if value is None else ""
            lines.append(f"{unset}{key} = {toml_value(value)}  # {origin}")
        lines.append("")
    return "\n".join(lines).rstrip()


def toml_value(value: Any) -> str:
    """Return one value as TOML writes it; None, which TOML lacks, is empty text."""
    return json.dumps("" if value is None else value, ensure_ascii=False)


def _find(path: Path | None) -> Path | None:
    """Return the file to read, or None when none is named and the usual one is absent."""
    named = path or Path(os.environ.get(ENV_FILE) or DEFAULT_FILE)
    if named.is_file():
        return named
    if path or os.environ.get(ENV_FILE):
        raise ConfigurationError(f"{named}: there is no such file")
    return None


Found = tuple[str, Any, str]  # dotted name, value, origin


def _from_file(file: Path | None) -> Iterator[Found]:
    if file is None:
        return
    try:
        tree = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{file}: {error}") from None
    for name, value in _leaves(tree):
        yield name, value, str(file)


def _from_environment() -> Iterator[Found]:
    for variable in os.environ:
        section, nested, _ = variable.upper().removeprefix(ENV_PREFIX).lower().partition("__")
        ours = nested and variable.upper().startswith(ENV_PREFIX)
        if ours and section not in Settings.model_fields:
            raise ConfigurationError(f"{variable}: unknown setting{_suggestion(section, Settings)}")
    try:
        tree = EnvSettingsSource(_Environment)()
    except SettingsError as error:
        raise ConfigurationError(str(error)) from None
    for name, value in _leaves(tree):
        yield name, value, _variable(name)


def _from_flags(flags: Mapping[str, Any]) -> Iterator[Found]:
    for name, value in flags.items():
        yield name, value, "flag"


def _variable(name: str) -> str:
    return ENV_PREFIX + name.upper().replace(".", "__")


def _leaves(tree: Tree, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield what is set, under its dotted name; an empty table counts as a value."""
    for key, value in tree.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _put(tree: Tree, name: str, value: Any, origin: str) -> None:
    """Set one dotted name in ``tree``, over what a lower layer set there."""
    *sections, key = name.split(".")
    for section in sections:
        tree = tree.setdefault(section, {})
        if not isinstance(tree, dict):
            raise ConfigurationError(f"{name} (from {origin}): {section} is not a section")
    if value != {} or key not in tree:
        tree[key] = value


def _explained(error: ValidationError, origins: Mapping[str, str]) -> str:
    """Return what is wrong in one line that never repeats a value, which may be secret."""
    reasons = []
    for problem in error.errors(include_url=False, include_input=False):
        name = ".".join(str(part) for part in problem["loc"])
        reason = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "extra_forbidden":
            section, _, key = name.rpartition(".")
            reason = f"unknown setting{_suggestion(key, _section(section))}"
        origin = f" (from {origins[name]})" if name in origins else ""
        reasons.append(f"{name}{origin}: {reason}")
    return "; ".join(reasons)


def _section(name: str) -> type[Section]:
    return type(getattr(Settings(), name)) if name in Settings.model_fields else Settings


def _suggestion(key: str, section: type[Section]) -> str:
    close = get_close_matches(key, section.model_fields, n=1)
    return f", did you mean {close[0]}?" if close else ""
