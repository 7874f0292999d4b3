from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from chargeplane import config
from chargeplane.config import DatabaseUrl
from chargeplane.errors import ConfigurationError

pytestmark = pytest.mark.usefixtures("empty_folder")


def write(file: Path, text: str) -> Path:
    file.write_text(text, encoding="utf-8")
    return file


def test_defaults_listen_on_loopback_and_admit_known_stations() -> None:
    settings = config.load().settings
    assert settings.server.host == "127.0.0.1"
    assert (settings.server.ocpp_port, settings.server.http_port) == (9000, 8080)
    assert settings.csms.admission == "known"
    assert settings.csms.strict is False


def test_flags_win_over_variables_and_variables_over_the_file(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(
        empty_folder / "chargeplane.toml", "[server]\nhost = 'file'\nocpp_port = 1\nhttp_port = 1\n"
    )
    monkeypatch.setenv("CHARGEPLANE_SERVER__OCPP_PORT", "2")
    monkeypatch.setenv("CHARGEPLANE_SERVER__HTTP_PORT", "2")
    found = config.load(flags={"server.http_port": 3})
    server = found.settings.server
    assert (server.host, server.ocpp_port, server.http_port) == ("file", 2, 3)
    assert found.origins == {
        "server.host": "chargeplane.toml",
        "server.ocpp_port": "CHARGEPLANE_SERVER__OCPP_PORT",
        "server.http_port": "flag",
    }


def test_the_file_is_found_by_argument_then_by_variable(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(empty_folder / "chargeplane.toml", "[server]\nhost = 'usual'\n")
    assert config.load().settings.server.host == "usual"
    named = write(empty_folder / "named.toml", "[server]\nhost = 'variable'\n")
    monkeypatch.setenv("CHARGEPLANE_CONFIG", str(named))
    assert config.load().settings.server.host == "variable"
    asked = write(empty_folder / "asked.toml", "[server]\nhost = 'argument'\n")
    assert config.load(asked).settings.server.host == "argument"


def test_relative_paths_start_at_the_folder_of_the_file(empty_folder: Path) -> None:
    inner = empty_folder / "inner"
    inner.mkdir()
    file = write(inner / "c.toml", "[csms]\ntls_certificate = 'a.pem'\ntls_key = '/abs/k.pem'\n")
    settings = config.load(file).settings
    assert settings.csms.tls_certificate == inner / "a.pem"
    assert settings.csms.tls_key == Path("/abs/k.pem")
    expected = f"sqlite:///{inner}/chargeplane.db"
    assert settings.storage.url.get_secret_value() == expected


def test_without_a_file_the_database_lies_in_the_working_directory(empty_folder: Path) -> None:
    expected = f"sqlite:///{empty_folder}/chargeplane.db"
    assert config.load().settings.storage.url.get_secret_value() == expected


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("sqlite:////var/c.db", "sqlite:////var/c.db"),
        ("sqlite:///:memory:", "sqlite:///:memory:"),
        ("postgres://h/d", "postgresql://h/d"),
        ("postgresql://u:p@h/d", "postgresql://u:p@h/d"),
        ("postgresql://h/d", "postgresql://h/d"),
    ],
)
def test_database_urls_get_their_driver(written: str, meant: str) -> None:
    assert config.load(flags={"storage.url": written}).settings.storage.url == DatabaseUrl(meant)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[server]\nocpp_prot = 1\n",
            "server.ocpp_prot (from c.toml): unknown setting, did you mean ocpp_port?",
        ),
        ("[sever]\n", "sever (from c.toml): unknown setting, did you mean server?"),
        ("[server]\nzzz = 1\n", "server.zzz (from c.toml): unknown setting"),
        ("[sever]\nhost = 'x'\n", "sever: unknown setting, did you mean server?"),
        (
            "[server]\nocpp_port = 70000\n",
            "server.ocpp_port (from c.toml): Input should be less than or equal to 65535",
        ),
        (
            "[storage]\nurl = 'mysql://root:hunter2@h/d'\n",
            "storage.url (from c.toml): must start with sqlite:/// or postgresql://",
        ),
        (
            "[csms]\ntls_key = 'k.pem'\n",
            "csms: tls_certificate and tls_key need each other",
        ),
        (
            "[csms]\nminimum_security_profile = 2\n",
            "csms: minimum_security_profile 2 and 3 need tls_certificate and tls_key",
        ),
        (
            "[csms]\nminimum_security_profile = 3\ntls_certificate = 'c'\ntls_key = 'k'\n",
            "csms: minimum_security_profile 3 needs tls_client_ca",
        ),
        (
            "[soap]\nendpoints = ['sender', '10.0.0.0/99']\n",
            "soap.endpoints.1: '10.0.0.0/99' does not appear to be an IPv4 or IPv6 network",
        ),
        (
            "[station]\ntransport = 'soap'\n",
            "station: transport soap needs an http or https url",
        ),
        ("server = 3\n", "server (from c.toml): Input should be a valid dictionary"),
    ],
)
def test_an_error_names_the_setting_in_one_line(
    empty_folder: Path, text: str, message: str
) -> None:
    write(empty_folder / "c.toml", text)
    with pytest.raises(ConfigurationError) as raised:
        config.load(Path("c.toml"))
    assert str(raised.value).startswith(message)
    assert "\n" not in str(raised.value)
    assert "hunter2" not in str(raised.value)


def test_every_error_is_told_at_once() -> None:
    with pytest.raises(ConfigurationError, match=r"server\.ocpp_port.*; log\.level"):
        config.load(flags={"server.ocpp_port": "x", "log.level": "loud"})


def test_a_file_that_is_not_toml_is_an_error(empty_folder: Path) -> None:
    file = write(empty_folder / "bad.toml", "[server\n")
    with pytest.raises(ConfigurationError, match=r"bad\.toml: "):
        config.load(file)


def test_a_named_file_must_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match=r"none\.toml: there is no such file"):
        config.load(Path("none.toml"))
    monkeypatch.setenv("CHARGEPLANE_CONFIG", "other.toml")
    with pytest.raises(ConfigurationError, match=r"other\.toml: there is no such file"):
        config.load()


@pytest.mark.parametrize(
    ("variable", "message"),
    [
        ("CHARGEPLANE_SERVER__HOTS", "server.hots .*unknown setting, did you mean host"),
        ("CHARGEPLANE_SEVER__HOST", "CHARGEPLANE_SEVER__HOST: unknown setting, did you mean serv"),
        ("CHARGEPLANE_SERVER", "server"),
    ],
)
def test_an_unknown_variable_is_an_error(
    variable: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "x")
    with pytest.raises(ConfigurationError, match=message):
        config.load()


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHARGEPLANE_SERVER__HOST", "")
    assert config.load().settings.server.host == "127.0.0.1"


def test_a_value_below_a_value_is_an_error(empty_folder: Path) -> None:
    write(empty_folder / "chargeplane.toml", "server = 3\n")
    with pytest.raises(ConfigurationError, match="server is not a section"):
        config.load(flags={"server.host": "x"})


def test_settings_cannot_be_changed() -> None:
    settings = config.load().settings
    with pytest.raises(ValidationError):
        settings.server.host = "elsewhere"  # type: ignore[misc]


def test_a_database_password_never_shows() -> None:
    found = config.load(flags={"storage.url": "postgresql://user:hunter2@host/name"})
    url = found.settings.storage.url
    assert url.get_secret_value() == "postgresql://user:hunter2@host/name"
    assert str(url) == "postgresql://user:***@host/name"
    shown = [repr(found), str(found.settings), repr(found.shown()), config.as_toml(found)]
    assert not any("hunter2" in text for text in shown)


def test_what_is_printed_can_be_read_back(empty_folder: Path) -> None:
    flags = {"csms.tls_certificate": "a.pem", "csms.tls_key": "k.pem", "log.format": "json"}
    first = config.load(flags=flags)
    again = config.load(write(empty_folder / "again.toml", config.as_toml(first)))
    assert again.settings == first.settings


def test_what_is_printed_tells_where_it_comes_from() -> None:
    lines = config.as_toml(config.load(flags={"server.host": "::1"})).splitlines()
    assert 'host = "::1"  # flag' in lines
    assert "ocpp_port = 9000  # default" in lines
    assert '# tls_key = ""  # default' in lines
