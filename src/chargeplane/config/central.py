"""Sections of the central system and its HTTP faces."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator

from chargeplane.config.parts import (
    CLIENT_CERTIFICATE_PROFILE,
    SQLITE,
    TLS_PROFILE,
    DatabaseUrl,
    LocalPath,
    Port,
    Seconds,
    Section,
    TimeZone,
    listed,
    plain,
)


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

    url: Annotated[DatabaseUrl, AfterValidator(plain)] = Field(
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
        list[Annotated[str, AfterValidator(_network)]], BeforeValidator(listed)
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


class Web(Section):
    """The web pages, `/ui`, and how long somebody stays signed in."""

    enabled: bool = Field(default=True, description="Serve the web pages.")
    session_hours: int = Field(
        default=12, ge=1, le=720, description="Hours after which one has to sign in again."
    )
    idle_minutes: int = Field(
        default=60, ge=1, le=43_200, description="Minutes without use that end a session."
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
