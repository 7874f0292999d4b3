"""Chargeplane: the open control stack for electric-vehicle charging."""

__version__ = "0.1.0"
