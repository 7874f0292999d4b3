from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from chargeplane.api.everest import faces
from chargeplane.config import Everest, EverestMqtt, Settings
from chargeplane.errors import ConfigurationError
from tests.station.desk import place


async def test_nothing_is_offered_unless_it_is_wanted() -> None:
    async with place("2.1", run=False) as there:
        assert faces.offer(there.station, Settings()) is None


async def test_an_authority_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    broker = EverestMqtt(tls=True, ca_file=tmp_path / "none.pem")
    settings = Settings(everest=Everest(api=True), everest_mqtt=broker)
    async with place("2.1", run=False) as there:
        with pytest.raises(ConfigurationError, match=r"everest_mqtt\.ca_file"):
            faces.offer(there.station, settings)


async def test_a_broker_that_is_away_harms_nobody() -> None:
    settings = Settings(everest=Everest(api=True, bus="old"), everest_mqtt=EverestMqtt(port=1))
    async with place("2.1", run=False) as there:
        offered = faces.offer(there.station, settings)
    assert offered is not None
    job = asyncio.create_task(offered.run())
    await asyncio.wait([job], timeout=0.2)
    assert not job.done()
    job.cancel()
    await asyncio.gather(job, return_exceptions=True)
