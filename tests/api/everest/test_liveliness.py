from __future__ import annotations

import asyncio

import pytest

from chargeplane.api.everest.liveliness import CommunicationCheck
from tests.station.desk import PATIENCE


class Told:
    """What a check tells."""

    def __init__(self, check: CommunicationCheck) -> None:
        self.all: list[bool] = []
        self._news = asyncio.Event()
        check.on_change = self._keep

    def _keep(self, has_fault: bool) -> None:  # noqa: FBT001 as the check calls it
        self.all.append(has_fault)
        self._news.set()

    async def until(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while len(self.all) < count:
                self._news.clear()
                await self._news.wait()


async def test_there_is_a_fault_until_a_client_is_heard_and_when_it_falls_silent() -> None:
    check = CommunicationCheck(0.02)
    told = Told(check)
    check.start()
    assert told.all == [True]
    check.heard(goes_on=True)
    assert told.all == [True, False]
    await told.until(3)
    assert check.has_fault
    check.stop()


async def test_a_client_that_says_goodbye_is_not_missed() -> None:
    check = CommunicationCheck(0.01)
    told = Told(check)
    check.start()
    check.heard(goes_on=True)
    check.heard(goes_on=False)
    other = CommunicationCheck(0.01)
    longer = Told(other)
    other.heard(goes_on=True)
    await longer.until(1)
    assert told.all == [True, False]
    other.stop()


@pytest.mark.parametrize("goes_on", [True, False])
async def test_where_nothing_is_expected_nothing_is_missed(*, goes_on: bool) -> None:
    check = CommunicationCheck(0)
    told = Told(check)
    check.start()
    check.heard(goes_on=goes_on)
    assert told.all == []
