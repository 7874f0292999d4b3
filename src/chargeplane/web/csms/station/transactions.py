"""The charges of a station."""

from __future__ import annotations

from chargeplane.storage.records import StationRecord
from chargeplane.storage.repositories.transactions import TransactionFilter
from chargeplane.web.csms import transactions
from chargeplane.web.csms.visit import Visit


async def build(visit: Visit, station: StationRecord) -> None:
    """The latest first; a charge that begins or ends is seen at once."""
    what = TransactionFilter(station_id=station.id)
    await transactions.show(visit, what, (transactions.STATE, *transactions.PERIOD))
