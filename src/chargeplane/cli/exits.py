"""How a command ends: the exit codes, and the errors that lead to them."""

from __future__ import annotations

from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from chargeplane.errors import ChargeplaneError, ConfigurationError, NotConnected

FAILURE = 1
USAGE = 2
UNREACHABLE = 3
REFUSED = 4
UNANSWERED = 5

EXIT_CODES = (
    "Exit codes: 0 done; 1 the station refused, or it failed otherwise; 2 asked wrongly; "
    "3 no server answers; 4 the server refused; 5 the station does not answer."
)

# What a problem that the server names says of the station; all others are the server's own.
OF_STATION = {
    "OcppError": FAILURE,
    "AnswerTimeout": UNANSWERED,
    "Disconnected": UNANSWERED,
    "NotConnected": UNANSWERED,
}


class Commands(TyperGroup):
    """Turns an error that Chargeplane raises on purpose into one line and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except ChargeplaneError as error:
            _fail(error)


def _fail(error: ChargeplaneError) -> NoReturn:
    typer.echo(f"Error: {' '.join(str(error).split())}", err=True)
    raise typer.Exit(_code(error))


def _code(error: ChargeplaneError) -> int:
    if isinstance(error, ConfigurationError):
        return USAGE
    if isinstance(error, NotConnected):
        return UNREACHABLE
    from chargeplane.client import ApiError

    return OF_STATION.get(error.title, REFUSED) if isinstance(error, ApiError) else FAILURE
