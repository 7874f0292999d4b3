from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from pydantic import SecretStr

from chargeplane import logs
from chargeplane.config import Log


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    """Leave the loggers of the process as they were."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_json_lines_hold_the_event_and_its_fields(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Log(format="json"))
    structlog.get_logger("chargeplane.test").info("booted", station="CP1")
    line = json.loads(capsys.readouterr().err)
    assert line["event"] == "booted"
    assert (line["station"], line["level"], line["logger"]) == ("CP1", "info", "chargeplane.test")
    assert line["timestamp"].endswith("Z")


def test_loggers_of_libraries_are_written_alike(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Log(format="json"))
    logging.getLogger("websockets.server").warning("lost %s", "CP1")
    assert json.loads(capsys.readouterr().err)["event"] == "lost CP1"


def test_less_important_events_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Log(level="warning"))
    structlog.get_logger().info("quiet")
    structlog.get_logger().warning("loud")
    written = capsys.readouterr().err
    assert "loud" in written
    assert "quiet" not in written


@pytest.mark.parametrize("style", ["json", "console"])
def test_secrets_are_never_written(style: str, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Log.model_validate({"format": style}))
    structlog.get_logger().error(
        "refused",
        password="hunter2",
        header={"Authorization": "Basic hunter2", "X-API-Key": "hunter2"},
        stripe_secret_key="hunter2",
        settings={"AuthorizationKey": "hunter2"},
        typed=SecretStr("hunter2"),
        authorization_status="Accepted",
    )
    written = capsys.readouterr().err
    assert "hunter2" not in written
    assert "Accepted" in written


def test_an_exception_is_written_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Log(format="json"))
    try:
        int("broken")
    except ValueError:
        structlog.get_logger().exception("failed")
    assert json.loads(capsys.readouterr().err)["exception"][0]["exc_type"] == "ValueError"


@pytest.mark.parametrize(
    "frame",
    [
        '[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"00aa\\"bb"}]',
        (
            '[2,"1","SetVariables",{"setVariableData":[{"attributeValue":"s3cret00aa",'
            '"component":{"name":"SecurityCtrlr"},"variable":{"name":"BasicAuthPassword"}}]}]'
        ),
        '[2,"1","SetNetworkProfile",{"connectionData":{"basicAuthPassword":"00aa"}}]',
    ],
)
def test_passwords_in_frames_are_masked(frame: str) -> None:
    assert "00aa" not in logs.mask_frame(frame)
    assert '"***"' in logs.mask_frame(frame)


def test_other_values_in_frames_stay() -> None:
    frame = '[2,"1","ChangeConfiguration",{"key":"HeartbeatInterval","value":"60"}]'
    assert logs.mask_frame(frame) == frame


def test_urls_in_frames_show_nobody() -> None:
    frame = '[2,"1","GetLog",{"log":{"remoteLocation":"ftp://user:s3cret@host/x"}}]'
    assert logs.mask_frame(frame) == frame.replace("user:s3cret", "***")


def test_the_latest_lines_are_kept() -> None:
    logs.configure(Log(format="json"))
    lines = logs.keep_recent(2)
    for number in range(3):
        structlog.get_logger().info("counted", number=number, password="hunter2")
    found = [json.loads(line) for line in lines()]
    assert [each["number"] for each in found] == [1, 2]
    assert {each["password"] for each in found} == {logs.MASK}
    assert all(each["timestamp"] for each in found)
