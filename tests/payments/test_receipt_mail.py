"""A receipt goes to the driver once a payment is completed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
from structlog.testing import capture_logs

from chargeplane.config import Mail
from chargeplane.evse.virtual import Car
from chargeplane.net.mail import Mailer
from chargeplane.payments.receipt_mail import send_receipt
from tests.e2e.harness import until
from tests.net.smtp_server import SmtpServer, running
from tests.web.pay.town import Town, town


def by(server: SmtpServer) -> Mail:
    return Mail(
        host="127.0.0.1", port=server.port, security="none", sender="pay@charge.example", timeout=5
    )


async def charge(found: Town) -> None:
    """Pay, charge and leave."""
    async with httpx.AsyncClient() as browser:
        opened = await browser.post(f"{found.page}?lang=nl")
        sent = {"action": "pay", "email": "ann@example.com"}
        await browser.post(opened.headers["location"], data=sent)
    await found.reaches("Authorized")
    found.hardware.plug_in(Car())
    record = await found.reaches("Charging")
    await asyncio.sleep(1)
    async with httpx.AsyncClient() as browser:
        await browser.post(f"{found.url}/pay/r/{record.id}/stop")
    await found.reaches("WaitingForDisconnect")
    found.hardware.plug_out()
    await found.reaches("Completed")


async def test_a_receipt_is_sent_in_the_language_of_the_driver(tmp_path: Path) -> None:
    async with running(SmtpServer()) as server, town(tmp_path, mail=by(server)) as found:
        await charge(found)
        mails = await until(lambda: server.mails)
    (mail,) = mails
    assert mail["To"] == "ann@example.com"
    assert mail["Subject"] == "Bon voor uw laadbeurt bij CP1"


async def test_what_cannot_be_sent_is_logged(tmp_path: Path) -> None:
    async with running(SmtpServer()) as server, town(tmp_path) as found:
        await charge(found)
        done, central = await found.newest(), found.running.central
        server.refuse = b"550 no\r\n"
        with capture_logs() as logs:
            assert not await send_receipt(central, Mailer(by(server)), done.id, "UTC")
        assert "receipt not sent" in [each["event"] for each in logs]
        server.refuse = b""
        assert await send_receipt(central, Mailer(by(server)), done.id, "UTC")
        assert not await send_receipt(central, Mailer(by(server)), "unknown", "UTC")
    assert len(server.mails) == 1
