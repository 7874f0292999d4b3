from __future__ import annotations

from datetime import timedelta

from chargeplane.storage.database import Database
from chargeplane.storage.paging import Sorting, Window
from chargeplane.storage.repositories import api_keys, idempotency, webhooks
from chargeplane.storage.repositories.api_keys import NewKey
from chargeplane.storage.repositories.idempotency import Claim
from chargeplane.storage.repositories.webhooks import CallFilter, NewCall, NewWebhook
from tests.storage.repositories.moments import NOW

KEY = NewKey(name="home", digest="d", scope="operate", stations=("CP1",))
CLAIM = Claim("k", "r", "here")
WEBHOOK = NewWebhook(url="https://example.com/", secret="s", last_event_id=7)


async def test_a_key_is_found_by_its_digest_until_it_is_revoked(database: Database) -> None:
    added = await database.write(api_keys.add, KEY, NOW)
    assert added is not None
    assert added.stations == ("CP1",)
    assert await database.write(api_keys.add, KEY, NOW) is None
    assert await database.read(api_keys.by_digest, "d") == added
    assert await database.write(api_keys.revoke, "home", NOW)
    assert not await database.write(api_keys.revoke, "home", NOW)
    assert await database.read(api_keys.by_digest, "d") is None
    assert [key.revoked_at for key in await database.read(api_keys.all_keys)] == [NOW]


async def test_an_answer_is_kept_until_it_is_forgotten(database: Database) -> None:
    old = NOW - timedelta(days=1)
    assert await database.write(idempotency.reserve, CLAIM, NOW, old) is None
    unfinished = await database.write(idempotency.reserve, CLAIM, NOW, old)
    assert unfinished is not None
    assert unfinished.status is None
    await database.write(idempotency.finish, "k", 200, "application/json", "{}")
    finished = await database.write(idempotency.reserve, CLAIM, NOW, old)
    assert finished is not None
    assert (finished.status, finished.body) == (200, "{}")
    later = NOW + timedelta(days=2)
    assert await database.write(idempotency.reserve, CLAIM, later, NOW + old.resolution) is None
    await database.write(idempotency.release, "k")
    assert await database.write(idempotency.reserve, CLAIM, later, old) is None


async def test_what_a_process_left_unanswered_is_free_again(database: Database) -> None:
    old = NOW - timedelta(days=1)
    for key, node in (("a", "here"), ("b", "here"), ("c", "there")):
        await database.write(idempotency.reserve, Claim(key, "r", node), NOW, old)
    await database.write(idempotency.finish, "a", 200, "application/json", "{}")
    assert await database.write(idempotency.release_unfinished, "here") == 1
    free = [
        await database.write(idempotency.reserve, Claim(key, "r", "here"), NOW, old) is None
        for key in "abc"
    ]
    assert free == [False, True, False]


async def test_a_call_is_due_until_it_is_delivered_or_dead(database: Database) -> None:
    webhook = await database.write(webhooks.add, WEBHOOK, NOW)
    calls = tuple(
        NewCall(webhook_id=webhook.id, event_id=n, kind="x", body="{}") for n in (8, 9, 9)
    )
    await database.write(webhooks.enqueue, webhook.id, calls, 9, NOW)
    assert [each.last_event_id for each in await database.read(webhooks.all_webhooks)] == [9]
    first, second = await database.read(webhooks.due, NOW, 10)
    await database.write(webhooks.delivered, first.id, NOW)
    await database.write(webhooks.failed, second.id, "no", NOW + timedelta(hours=1))
    assert await database.read(webhooks.due, NOW, 10) == ()
    await database.write(webhooks.give_up, second.id, "never", NOW)
    dead = await database.read(webhooks.calls, CallFilter(status="dead"), Window())
    latest = Sorting(descending=True)
    part = await database.read(webhooks.calls_part, CallFilter(), latest, Window(limit=1))
    assert (part.items, part.total) == (dead.items, 2)
    assert [(each.event_id, each.attempts, each.error) for each in dead.items] == [(9, 2, "never")]
    assert await database.write(webhooks.revive, webhook.id, second.id, NOW)
    assert not await database.write(webhooks.revive, webhook.id, first.id, NOW)
    assert await database.write(webhooks.set_enabled, webhook.id, enabled=False) is not None
    assert await database.read(webhooks.due, NOW, 10) == ()
    assert await database.write(webhooks.forget_delivered, NOW + timedelta(hours=1)) == 1
    assert await database.write(webhooks.remove, webhook.id)
    assert await database.read(webhooks.get, webhook.id) is None
    assert (await database.read(webhooks.calls, CallFilter(), Window())).items == ()
