"""The command line: what each command does lives elsewhere and is imported when it runs.

Exit codes: 0 done, 1 it failed, 2 it was asked wrongly (arguments or settings).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from chargeplane.errors import ChargeplaneError, ConfigurationError

FAILURE = 1
USAGE = 2


class Commands(TyperGroup):
    """Turns an error that Chargeplane raises on purpose into one line and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except ConfigurationError as error:
            _fail(error, USAGE)
        except ChargeplaneError as error:
            _fail(error, FAILURE)


def _fail(error: ChargeplaneError, code: int) -> NoReturn:
    typer.echo(f"Error: {error}", err=True)
    raise typer.Exit(code)


app = typer.Typer(
    name="chargeplane",
    cls=Commands,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from chargeplane import __version__

        typer.echo(f"chargeplane {__version__}")
        raise typer.Exit


def _flag(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"{text!r} is not of the form section.key=value")
    return name.strip(), value.strip()


JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="Settings file; else CHARGEPLANE_CONFIG or chargeplane.toml."),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", help="Override one setting, as section.key=value; repeatable."),
]
VersionOption = Annotated[
    bool,
    typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
]


@app.callback()
def main(version: VersionOption = False) -> None:
    """Chargeplane: the open control stack for electric-vehicle charging."""


@app.command("config")
def show_config(
    file: ConfigOption = None, sets: SetOption = None, json: JsonOption = False
) -> None:
    """Print the settings in force and where each comes from; secrets are masked."""
    from chargeplane import config

    configuration = config.load(file, dict(_flag(text) for text in sets or []))
    if json:
        _print_json(configuration.shown())
    else:
        typer.echo(config.as_toml(configuration))


@app.command("routes")
def show_routes(json: JsonOption = False) -> None:
    """List every OCPP action with its domain request and its handlers."""
    from chargeplane import routes

    found = routes.installed()
    if json:
        _print_json(found)
    else:
        _print(routes.table(found))


def _print_json(value: Any) -> None:
    import msgspec

    typer.echo(msgspec.json.format(msgspec.json.encode(value), indent=2))


def _print(renderable: Any) -> None:
    from rich.console import Console

    Console().print(renderable)
