from __future__ import annotations

import asyncio
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from chargeplane.config import Mail
from chargeplane.errors import ConfigurationError
from chargeplane.net.mail import Mailer, MailFailed, is_address
from tests.net.certificates import Authority
from tests.net.smtp_server import SmtpServer, running


def settings(server: SmtpServer, **changes: Any) -> Mail:
    given = {
        "host": "127.0.0.1",
        "port": server.port,
        "security": "none",
        "sender": "Charge <pay@charge.example>",
        **changes,
    }
    return Mail(**given)


def message() -> EmailMessage:
    made = EmailMessage()
    made["To"] = "ann@example.com"
    made["Subject"] = "Beleg für Köln"
    made.set_content("Grüße")
    return made


async def test_a_mail_arrives_with_all_its_names() -> None:
    async with running(SmtpServer()) as server:
        wanted = settings(server, reply_to="help@charge.example", bcc="books@charge.example")
        await Mailer(wanted).send(message())
    (mail,) = server.mails
    assert server.receivers == ["ann@example.com", "books@charge.example"]
    assert (mail["From"], mail["To"]) == ("Charge <pay@charge.example>", "ann@example.com")
    assert (mail["Reply-To"], mail["Bcc"]) == ("help@charge.example", None)
    assert mail["Subject"] == "Beleg für Köln"
    assert mail["Message-ID"].endswith("@charge.example>")
    assert mail.get_content() == "Grüße\r\n"


async def test_the_password_is_only_told_when_it_is_encrypted(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    async with running(SmtpServer(authority.server())) as server:
        wanted = settings(
            server,
            security="starttls",
            username="pay",
            password="geheim",
            ca_file=authority.certificate,
        )
        await Mailer(wanted).send(message())
    assert server.encrypted == [True]
    assert server.secrets == ["\0pay\0geheim"]


async def test_a_server_that_nobody_vouches_for_gets_nothing(tmp_path: Path) -> None:
    async with running(SmtpServer(Authority(tmp_path).server())) as server:
        wanted = settings(server, security="starttls", username="pay", password="geheim")
        with pytest.raises(MailFailed):
            await Mailer(wanted).send(message())
    assert (server.mails, server.secrets) == ([], [])


async def test_a_server_that_cannot_encrypt_gets_nothing() -> None:
    async with running(SmtpServer()) as server:
        with pytest.raises(MailFailed):
            await Mailer(settings(server, security="starttls")).send(message())
    assert server.mails == []


async def test_what_a_server_refuses_is_told_in_one_line() -> None:
    async with running(SmtpServer()) as server:
        server.refuse = b"550-no\r\n550 such user\r\n"
        with pytest.raises(MailFailed, match="such user") as caught:
            await Mailer(settings(server)).send(message())
    assert "\n" not in str(caught.value)


async def test_a_server_that_says_nothing_is_given_up() -> None:
    async with running(SmtpServer()) as server:
        server.is_silent = True
        with pytest.raises(MailFailed):
            async with asyncio.timeout(30):
                await Mailer(settings(server, timeout=1)).send(message())


async def test_nobody_listens() -> None:
    async with running(SmtpServer()) as server:
        pass
    with pytest.raises(MailFailed):
        await Mailer(settings(server)).send(message())


def test_without_a_host_it_is_off(tmp_path: Path) -> None:
    assert not Mailer(Mail()).is_on
    (tmp_path / "ca.pem").write_text("none")
    with pytest.raises(ConfigurationError, match=r"mail\.ca_file"):
        Mailer(Mail(ca_file=tmp_path / "ca.pem"))


@pytest.mark.parametrize("good", ["a@b.example", "a.b+c@d.e.example"])
def test_addresses(good: str) -> None:
    assert is_address(good)


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "a",
        "a@b",
        "@b.example",
        "a@",
        "a b@c.example",
        "a@b.example,c@d.example",
        "a\n@b.example",
    ],
)
def test_what_is_no_address(bad: str) -> None:
    assert not is_address(bad)
