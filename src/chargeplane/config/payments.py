"""Sections of paying at the charger."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator

from chargeplane.config.parts import LocalPath, Port, Seconds, Section, TimeZone, listed

WINDOW = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
SHORTEST_CHECKOUT = 31  # minutes; Stripe wants 30 from when it is asked
LONGEST_CHECKOUT = 1440

Price = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=6)]
Count = Annotated[int, Field(ge=0)]
Minutes = Annotated[int, Field(ge=1, le=1440)]


def _web_address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("is no web address such as https://charge.example.com")
    return url.rstrip("/")


def _daily(window: str) -> str:
    match = WINDOW.fullmatch(window)
    if window and (match is None or match.groups()[:2] == match.groups()[2:]):
        raise ValueError("is no daily window such as 20:00-08:00")
    return window


WebAddress = Annotated[str, AfterValidator(_web_address)]


class Stripe(Section):
    """Payments by Stripe; docs/payments.md tells how to set it up."""

    enabled: bool = Field(default=False, description="Take payments.")
    api_key: SecretStr | None = Field(
        default=None, description="Secret key of the Stripe account, `sk_...` or `rk_...`."
    )
    api_key_file: LocalPath | None = Field(default=None, description="File that holds that key.")
    webhook_secret: SecretStr | None = Field(
        default=None, description="Signing secret of the webhook endpoint, `whsec_...`."
    )
    webhook_secret_file: LocalPath | None = Field(
        default=None, description="File that holds that secret."
    )
    api_base: WebAddress = Field(
        default="https://api.stripe.com", description="Address of Stripe's API."
    )
    currency: Annotated[str, Field(pattern=r"^[a-z]{3}$")] = Field(
        default="eur", description="Currency of all prices, in small letters."
    )
    return_base_url: WebAddress | None = Field(
        default=None,
        description="Address of this server as drivers reach it; they come back to it from the "
        "checkout.",
    )
    return_base_urls: Annotated[list[WebAddress], BeforeValidator(listed)] = Field(
        default=[],
        description="Further addresses that a program may name as `returnBaseUrl`; others are "
        "refused.",
    )
    product_name: str = Field(
        default="", description="What drivers read that they pay; left out, it names the energy."
    )
    timeout: Seconds = Field(default=20, description="Seconds that Stripe has to answer.")
    retries: int = Field(
        default=2, ge=0, le=10, description="How often a request is repeated at once."
    )

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Self:
        for name in ("api_key", "webhook_secret"):
            given = [getattr(self, name), getattr(self, f"{name}_file")]
            if all(given):
                raise ValueError(f"{name} and {name}_file exclude each other")
            if self.enabled and not any(given):
                raise ValueError(f"enabled needs {name} or {name}_file")
        if self.enabled and not self.return_base_url:
            raise ValueError("enabled needs return_base_url")
        return self


class Payments(Section):
    """Prices where a station or connector has none of its own, and how payments are handled."""

    price_per_kwh: Price = Field(default=Decimal(0), description="Price of a kWh.")
    session_fee: Price = Field(default=Decimal(0), description="Price of a charge as such.")
    price_per_minute: Price = Field(default=Decimal(0), description="Price of a minute.")
    free_minutes: Count = Field(default=0, description="First minutes that cost nothing.")
    max_minutes: Count = Field(
        default=0, description="Minutes that the held amount covers, the free ones included."
    )
    minutes_from: Literal["start", "idle"] = Field(
        default="start",
        description="Whether minutes count from the `start` of the charge, or only while a car "
        "that charges no longer occupies the connector (`idle`).",
    )
    max_energy_kwh: Price = Field(
        default=Decimal(80), description="Energy of a charge at most, in kWh; it is held for."
    )
    owner_session_fee: Price = Field(
        default=Decimal(0), description="What the operator keeps of each charge."
    )
    commission_percent: Annotated[Price, Field(le=100)] = Field(
        default=Decimal(0), description="Share of an amount that the operator keeps, in percent."
    )
    commission_per_kwh: Price = Field(
        default=Decimal(0), description="What the operator keeps of a kWh, if there is no share."
    )
    min_energy_kwh: Price = Field(
        default=Decimal(1), description="Energy in kWh below which nothing is to be paid."
    )
    min_amount_minor: Count = Field(
        default=50, description="Amount in cents below which nothing is to be paid."
    )
    free_window: Annotated[str, AfterValidator(_daily)] = Field(
        default="", description="Part of every day whose minutes are free, as `20:00-08:00`."
    )
    timezone: TimeZone = Field(
        default="UTC", description="Time zone of that part of the day, of pages and receipts."
    )
    start_window_minutes: Minutes = Field(
        default=5, description="Minutes that a driver who has paid has to begin the charge."
    )
    pending_timeout_minutes: Minutes = Field(
        default=15, description="Minutes that a driver has to pay."
    )
    checkout_minutes: Annotated[int, Field(ge=SHORTEST_CHECKOUT, le=LONGEST_CHECKOUT)] = Field(
        default=31, description="Minutes after which Stripe closes a checkout by itself."
    )
    require_plug_before_start: bool = Field(
        default=True, description="Wait for the plug before a station is told to begin."
    )
    idle_auto_stop_minutes: Count = Field(
        default=0,
        description="Minutes after which a charge ends whose car draws nothing; 0: never.",
    )
    reconcile_seconds: Annotated[int, Field(ge=5, le=3600)] = Field(
        default=60, description="Seconds between looks at what is unfinished."
    )
    release_tries: Annotated[int, Field(ge=1, le=20)] = Field(
        default=4, description="How often letting go of a held amount is tried."
    )
    release_base_minutes: Minutes = Field(
        default=1, description="Minutes until the second try; each is twice as late."
    )
    page_requests_per_minute: Annotated[int, Field(ge=1)] = Field(
        default=120, description="Requests a minute that each address may make of `/pay/...`."
    )


class Mail(Section):
    """How receipts are sent by e-mail."""

    host: str | None = Field(default=None, description="SMTP server; without one no mail is sent.")
    port: Port = Field(default=587, description="Its port.")
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls",
        description="Encrypt after the greeting (`starttls`), from the start (`tls`), or not.",
    )
    username: str = Field(default="", description="User name at the server.")
    password: SecretStr | None = Field(default=None, description="Password at the server.")
    sender: str = Field(default="", description="Address that mail is from, with or without name.")
    reply_to: str = Field(default="", description="Address that answers go to.")
    bcc: str = Field(default="", description="Address that gets a copy of each mail.")
    timeout: Seconds = Field(default=20, description="Seconds that the server has to answer.")
    ca_file: LocalPath | None = Field(
        default=None, description="PEM file of the authority of its TLS certificate."
    )

    @model_validator(mode="after")
    def _has_a_sender(self) -> Self:
        if self.host and "@" not in self.sender:
            raise ValueError("host needs sender")
        if (
            self.password
            and self.security == "none"
            and self.host not in {"127.0.0.1", "localhost"}
        ):
            raise ValueError("a password needs security starttls or tls")
        return self
