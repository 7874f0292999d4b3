"""What commands share: arguments, options, the settings they choose, groups, and printing."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, Final, ParamSpec, TypeVar

import typer

if TYPE_CHECKING:  # reading settings takes long, and `--help` needs none
    from chargeplane.config import Configuration, Settings

P = ParamSpec("P")
T = TypeVar("T")
Command = Callable[..., None]

WIDE = 200  # columns of a table that is not read on a terminal

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="Settings file; else CHARGEPLANE_CONFIG or chargeplane.toml."),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", help="Override one setting, as section.key=value; repeatable."),
]
StationArgument = Annotated[str, typer.Argument(help="Id of the station.")]
StationOption = Annotated[str | None, typer.Option(help="Only of this station.")]


# Options that many commands have are declared here once and arrive as one `Choice`.


@dataclass(frozen=True, slots=True)
class Choice:
    """What the options say that many commands share."""

    config: Path | None = None
    sets: list[str] | None = None
    json: bool = False

    def configuration(self) -> Configuration:
        """The settings and where each comes from; raises `ConfigurationError`."""
        from chargeplane import config

        return config.load(self.config, dict(map(_setting, self.sets or [])))

    def settings(self) -> Settings:
        """The settings, which logging follows from now on; raises `ConfigurationError`."""
        from chargeplane import logs

        settings = self.configuration().settings
        logs.configure(settings.log)
        return settings

    def database(self) -> str:
        """The URL of the database with its password; raises `ConfigurationError`."""
        return self.settings().storage.url.get_secret_value()


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"{text!r} is not of the form section.key=value")
    return name.strip(), value.strip()


def _option(name: str, annotation: Any, default: object = None) -> inspect.Parameter:
    keyword = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, keyword, default=default, annotation=annotation)


SETTINGS: Final = (_option("config", ConfigOption), _option("sets", SetOption))
SETTINGS_AND_JSON: Final = (*SETTINGS, _option("json", JsonOption, default=False))


def configured(work: Callable[Concatenate[Choice, P], None]) -> Command:
    """Give a command `--config` and `--set`; they make its first argument."""
    return _sharing(work, SETTINGS)


def listing(work: Callable[Concatenate[Choice, P], None]) -> Command:
    """Give a command `--config`, `--set` and `--json`; they make its first argument."""
    return _sharing(work, SETTINGS_AND_JSON)


def _sharing(work: Command, options: Iterable[inspect.Parameter]) -> Command:
    def command(**given: Any) -> None:
        work(Choice(**{each.name: given.pop(each.name) for each in options}), **given)

    _, *own = inspect.signature(work, eval_str=True).parameters.values()
    return _declared(command, work, [*own, *options])


def _declared(command: Command, work: Command, parameters: list[inspect.Parameter]) -> Command:
    """Give a function the name of another, and the parameters that typer is to see."""
    functools.update_wrapper(command, work)
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {each.name: each.annotation for each in parameters}
    return command


def group(
    about: str, commands: Mapping[str, Command], *, default: Command | None = None
) -> typer.Typer:
    """Commands below a name, and what is done where none of them is named; else their list."""
    callback = _unless_named(default) if default else None
    named = typer.Typer(
        help=about,
        callback=callback,
        invoke_without_command=callback is not None,
        no_args_is_help=callback is None,
    )
    for name, command in commands.items():
        named.command(name)(command)
    return named


def _unless_named(default: Command) -> Command:
    def callback(context: typer.Context, **given: Any) -> None:
        if context.invoked_subcommand is None:
            default(**given)

    context = inspect.Parameter(
        "context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context
    )
    return _declared(callback, default, [context, *inspect.signature(default).parameters.values()])


# Doing and printing.


def run(work: Coroutine[Any, Any, T]) -> T | None:
    """Run to the end or to Ctrl-C, which gives None, on the fastest event loop there is."""
    import asyncio
    import contextlib
    import sys

    factory = None
    if sys.platform != "win32":
        import uvloop

        factory = uvloop.new_event_loop
    with contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(work)
    return None


def show(value: T, view: Callable[[T], Any], *, json: bool) -> None:
    """Print as JSON for programs, or as its view, a text or a table, for people."""
    if json:
        print_json(value)
        return
    seen = view(value)
    if not isinstance(seen, str):
        _print(seen)
    elif seen:
        typer.echo(seen)


def print_json(value: object) -> None:
    """Print as JSON with indents."""
    import msgspec

    typer.echo(msgspec.json.format(msgspec.json.encode(value), indent=2))


def _print(table: Any) -> None:
    from rich.console import Console

    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDE)  # nothing is to be wrapped for a pipe or a file
    console.print(table)
