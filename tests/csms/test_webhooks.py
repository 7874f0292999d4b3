from __future__ import annotations

import base64

import pytest

from chargeplane.csms import webhooks
from chargeplane.csms.central import Central
from chargeplane.errors import Invalid


async def test_a_subscription_begins_now_and_has_a_secret_of_its_own(central: Central) -> None:
    await central.commit(lambda unit: unit.emit("before"))
    made = [
        await central.database.write(
            webhooks.subscribe, "https://example.com/x", ("a.*",), "CP1", central.now()
        )
        for _ in range(2)
    ]
    assert [(each.kinds, each.station_id, each.last_event_id) for each in made] == [
        (("a.*",), "CP1", 1)
    ] * 2
    secrets = {base64.b64decode(each.secret.removeprefix(webhooks.PREFIX)) for each in made}
    assert [len(each) for each in secrets] == [24, 24]


@pytest.mark.parametrize("url", ["", "x", "ftp://a", "http://", "http:///x", "http://a b", "h" * 9])
async def test_what_is_no_url_is_refused(central: Central, url: str) -> None:
    with pytest.raises(Invalid, match="not a URL"):
        await central.database.write(webhooks.subscribe, url, (), None, central.now())
