from __future__ import annotations

import pytest
import typer
from typer.testing import CliRunner

from chargeplane.cli.exits import (
    FAILURE,
    REFUSED,
    UNANSWERED,
    UNREACHABLE,
    USAGE,
    Commands,
)
from chargeplane.client import ApiError
from chargeplane.errors import (
    ChargeplaneError,
    ConfigurationError,
    NotConnected,
    StorageError,
)

runner = CliRunner()


def test_a_failure_exits_with_1_and_one_line() -> None:
    failing = typer.Typer(cls=Commands)

    @failing.command()
    def one() -> None:
        raise StorageError("the disk is full")

    @failing.command()
    def two() -> None:
        raise ChargeplaneError("something else")

    result = runner.invoke(failing, ["one"])
    assert (result.exit_code, result.stderr) == (FAILURE, "Error: the disk is full\n")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ChargeplaneError("no\nmore"), FAILURE),
        (ConfigurationError("no more"), USAGE),
        (NotConnected("no more"), UNREACHABLE),
        (ApiError(409, "no more", "Unfinished"), REFUSED),
        (ApiError(401, "no more"), REFUSED),
        (ApiError(502, "no more", "OcppError"), FAILURE),
        (ApiError(504, "no more", "AnswerTimeout"), UNANSWERED),
        (ApiError(409, "no more", "NotConnected"), UNANSWERED),
        (ApiError(409, "no more", "Disconnected"), UNANSWERED),
    ],
)
def test_every_kind_of_error_has_its_code_and_is_one_line(
    error: ChargeplaneError, code: int
) -> None:
    failing = typer.Typer(cls=Commands)

    @failing.command()
    def one() -> None:
        raise error

    @failing.command()
    def two() -> None:
        """Make it a group."""

    result = runner.invoke(failing, ["one"])
    assert result.exit_code == code
    assert result.stderr.startswith("Error: no more")
    assert result.stderr.count("\n") == 1
