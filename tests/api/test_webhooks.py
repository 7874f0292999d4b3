from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from chargeplane.api.webhooks import DELAYS, Deliveries, sign
from chargeplane.csms.central import Central, utc_now
from tests.api.faces import face
from tests.e2e.harness import until

URL = "https://example.com/hook"


class Receiver:
    """A program that takes calls, with the statuses of a script."""

    def __init__(self, *statuses: int) -> None:
        self.calls: list[httpx.Request] = []
        self._statuses = list(statuses)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.calls.append(request)
        status = self._statuses.pop(0) if self._statuses else 200
        if status == 0:
            raise httpx.ConnectError("nobody there")
        return httpx.Response(status)


async def add(central: Central, **more: Any) -> dict[str, Any]:
    async with face(central) as api:
        response = await api.post("/v1/webhooks", json={"url": URL, **more})
    assert response.status_code == 201
    made: dict[str, Any] = response.json()
    return made


async def tell(central: Central, kind: str, **about: Any) -> None:
    await central.commit(lambda unit: unit.emit(kind, **about))


def deliveries(central: Central, receiver: Receiver) -> Deliveries:
    return Deliveries(central, httpx.MockTransport(receiver))


async def test_events_are_sent_signed_and_once(central: Central) -> None:
    await tell(central, "station.before")
    made = await add(central, kinds=["station.*"])
    await tell(central, "station.online", station_id="CP1")
    await tell(central, "token.unknown", station_id="CP1")
    receiver = Receiver()
    work = deliveries(central, receiver)
    assert [await work.deliver(), await work.deliver()] == [1, 0]
    (call,) = receiver.calls
    body = call.content.decode()
    assert json.loads(body)["kind"] == "station.online"
    name, moment = call.headers["webhook-id"], call.headers["webhook-timestamp"]
    assert call.headers["webhook-signature"] == sign(made["secret"], name, moment, body)
    async with face(central) as api:
        (shown,) = (await api.get("/v1/webhooks")).json()
        assert "secret" not in shown
        (said,) = (await api.get(f"/v1/webhooks/{made['id']}/calls")).json()["items"]
    assert (said["status"], said["attempts"]) == ("delivered", 1)


async def test_a_call_that_fails_is_made_again_until_it_is_dead(central: Central) -> None:
    made = await add(central, station_id="CP1")
    await tell(central, "a.b", station_id="CP2")
    await tell(central, "a.b", station_id="CP1")
    receiver = Receiver(0, *[500] * len(DELAYS))
    work = deliveries(central, receiver)
    now = utc_now()
    for delay in (0, *DELAYS):
        now += timedelta(seconds=delay)
        central.now = lambda now=now: now  # type: ignore[misc]
        assert [await work.deliver(), await work.deliver()] == [1, 0]
    path = f"/v1/webhooks/{made['id']}/calls"
    async with face(central) as api:
        (dead,) = (await api.get(f"{path}?status=dead")).json()["items"]
        assert dead["error"] == "HTTP 500"
        assert (await api.post(f"{path}/{dead['id']}/retry")).status_code == 204
        assert (await api.post(f"{path}/{dead['id']}/retry")).status_code == 404
    assert await work.deliver() == 1
    assert len(receiver.calls) == len(DELAYS) + 2


async def test_what_happens_while_it_is_paused_is_sent_later(central: Central) -> None:
    path = f"/v1/webhooks/{(await add(central))['id']}"
    async with face(central) as api:
        assert (await api.patch(path, json={"enabled": False})).json()["enabled"] is False
        await tell(central, "a.b")
        work = deliveries(central, Receiver())
        assert await work.deliver() == 0
        await api.patch(path, json={"enabled": True})
        assert await work.deliver() == 1
        assert (await api.get(path)).status_code == 200
        assert (await api.delete(path)).status_code == 204
        assert {(await api.request(m, path)).status_code for m in ("GET", "DELETE")} == {404}


async def test_what_is_not_kept_wakes_nobody(
    central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[int] = []

    async def deliver(_self: Deliveries) -> int:
        looks.append(len(looks))
        return 0

    monkeypatch.setattr(Deliveries, "deliver", deliver)
    work = asyncio.create_task(deliveries(central, Receiver()).run())
    await until(lambda: looks)
    for _ in range(5):
        await central.commit(lambda unit: unit.emit("meter.values", lasting=False))
    await tell(central, "station.online")
    await until(lambda: len(looks) == 2)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    assert looks == [0, 1]


async def test_a_url_that_is_none_is_refused(central: Central) -> None:
    async with face(central) as api:
        response = await api.post("/v1/webhooks", json={"url": "ftp://example.com"})
    assert response.status_code == 422
