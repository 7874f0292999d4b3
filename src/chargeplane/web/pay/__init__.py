"""The driver's pages: paying at a charger whose QR code was scanned, without an account."""

from chargeplane.web.pay.site import PageRules, create

__all__ = ["PageRules", "create"]
