"""The demonstration: a central system, four virtual stations of four versions, drivers."""

from chargeplane.demo.demonstration import demonstrate, token

__all__ = ["demonstrate", "token"]
