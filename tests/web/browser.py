"""A real browser, for tests of pages."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Page, async_playwright

from tests.conftest import require

CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
PHONE = (390, 844)
PATIENCE_MS = 15_000.0


@asynccontextmanager
async def browsing(size: tuple[int, int] = PHONE, **context: Any) -> AsyncIterator[Page]:
    """A page of a browser; errors of scripts fail the test."""
    require(CHROMIUM, "chromium")
    width, height = size
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        try:
            opened = await browser.new_context(
                viewport={"width": width, "height": height}, **context
            )
            page = await opened.new_page()
            page.set_default_timeout(PATIENCE_MS)
            errors: list[str] = []
            page.on("pageerror", lambda error: errors.append(str(error)))
            yield page
            assert errors == []
        finally:
            await browser.close()
