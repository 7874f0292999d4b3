"""A stand-in for Stripe: an HTTP server that behaves as Stripe's API documents, with test money.

It knows what `payments/stripe.py` uses, and can delay, fail, repeat and reorder.
"""

from chargeplane.payments.stand_in.faults import Fault, Faults
from chargeplane.payments.stand_in.server import StandIn, running

__all__ = ["Fault", "Faults", "StandIn", "running"]
