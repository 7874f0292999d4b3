"""What holds for all payments, and for how long anything is waited for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from chargeplane.payments.pricing import Prices, Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules of payments.

    `return_url` is where drivers come back to from the checkout; a caller may name another one
    only if it is among `return_urls`. Tries are repeated after `retry_base`, twice that, and so on.
    """

    return_url: str
    return_urls: frozenset[str] = frozenset()
    product: str = ""  # what drivers are told they pay for; empty: a charging session of n kWh
    prices: Prices = field(default_factory=Prices)  # where a connector and its station have none
    terms: Terms = field(default_factory=Terms)
    start_window: timedelta = timedelta(minutes=5)
    pending_timeout: timedelta = timedelta(minutes=15)
    checkout_expiry: timedelta = timedelta(minutes=30)  # Stripe allows no less
    require_plug: bool = True
    idle_auto_stop: timedelta = timedelta()  # zero: an EV that draws nothing is left alone
    disconnect_timeout: timedelta = timedelta(hours=4)
    stop_grace: timedelta = timedelta(minutes=5)  # for an end that a station still has to tell
    settle_tries: int = 4
    retry_base: timedelta = timedelta(minutes=1)
    ask_again: timedelta = timedelta(minutes=1)  # a station that did not answer
    cost_interval: timedelta = timedelta(minutes=1)  # between running costs that are shown
    reconcile_interval: timedelta = timedelta(minutes=1)
    id_token_type: str = "ISO14443"  # noqa: S105 - a kind of token
