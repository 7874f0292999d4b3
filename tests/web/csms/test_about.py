from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import httpx
import pytest
from playwright.async_api import expect

from chargeplane.web.csms import about
from tests.web.csms.site import assert_good, serving, visiting


async def test_versions_licences_and_links(tmp_path: Path) -> None:
    async with serving(tmp_path) as place, visiting(place, "/about", "viewer") as page:
        await expect(page.get_by_text(f"Chargeplane {version('chargeplane')}")).to_be_visible()
        await expect(page.get_by_role("row").filter(has_text="nicegui")).to_contain_text("MIT")
        await assert_good(page, "about")
        links = page.get_by_role("main").get_by_role("link")
        paths = {str(await each.get_attribute("href")) for each in await links.all()} - {"#main"}
        async with httpx.AsyncClient(base_url=place.url("").removesuffix("/ui")) as client:
            codes = {path: (await client.get(path)).status_code for path in paths}
        assert codes == {
            "/v1/openapi.json": 200,
            "/metrics": 401,
            "/API/Status": 401,
        }


def test_every_library_is_named_with_its_licence() -> None:
    found = {each.name.lower(): about.license_of(each) for each in about.libraries()}
    assert {"sqlalchemy", "pydantic", "starlette"} <= set(found)
    assert "pytest" not in found
    assert [name for name, license_name in found.items() if not license_name] == []


@pytest.mark.parametrize("name", ["sqlalchemy", "argon2-cffi", "typing_extensions"])
def test_licences_are_short(name: str) -> None:
    (found,) = [each for each in about.libraries() if each.name.lower() == name]
    assert 0 < len(about.license_of(found)) <= about.LONGEST
