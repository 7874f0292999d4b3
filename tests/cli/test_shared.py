from __future__ import annotations

import inspect

import pytest
import typer
from typer.testing import CliRunner, Result

from chargeplane.cli.shared import Choice, configured, group, listing, show

pytestmark = pytest.mark.usefixtures("empty_folder")
runner = CliRunner()


@listing
def several(choice: Choice, first: str = "a") -> None:
    """List what there is."""
    settings = choice.settings()
    show([first, settings.server.host], " ".join, json=choice.json)


@configured
def one(choice: Choice, which: str) -> None:
    """Show one."""
    typer.echo(f"{which} {choice.settings().server.host} {choice.json}")


@configured
def silent(choice: Choice) -> None:
    """Say nothing, as an empty list does."""
    show([], "".join, json=choice.json)


def asked(*words: str, default: bool = True) -> Result:
    things = group(
        "Things.",
        {"list": several, "show": one, "silent": silent},
        default=several if default else None,
    )
    return runner.invoke(things, words)


def test_shared_options_arrive_as_one_choice() -> None:
    host = ["--set", "server.host=::1"]
    assert asked("show", "x", *host).stdout == "x ::1 False\n"
    assert asked("list", *host, "--first", "b").stdout == "b ::1\n"
    assert asked("list", "--json").stdout == '[\n  "a",\n  "127.0.0.1"\n]\n'
    assert asked("show", "x", "--json").exit_code == 2
    assert asked("silent").stdout == ""


def test_a_group_does_its_default_unless_a_command_is_named() -> None:
    assert asked().stdout == "a 127.0.0.1\n"
    assert asked("--first", "b").stdout == "b 127.0.0.1\n"
    assert asked("show", "x").stdout == "x 127.0.0.1 False\n"
    assert "Usage" in asked(default=False).output


def test_a_command_keeps_its_name_and_its_help() -> None:
    assert (several.__name__, several.__doc__) == ("several", "List what there is.")
    assert list(inspect.signature(several).parameters) == ["first", "config", "sets", "json"]
    assert "Show one." in asked("--help").stdout
