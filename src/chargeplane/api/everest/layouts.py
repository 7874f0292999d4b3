"""How EVerest's modules talk over their internal bus: two layouts of topics and envelopes.

`NEW` is that of the framework from 0.25 on (December 2025), `OLD` the one before. `base` is
`<prefix>/modules/<module>/impl/<implementation>` in both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

import msgspec

Said = tuple[str, Any]
"""Topic and what is published there, as JSON."""

ErrorType = Literal["MessageParsingError", "SchemaValidationError", "HandlerException"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A command of a module to an implementation of another."""

    base: str
    name: str
    id: str
    args: Any
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of a command; `failure` is the text of the error, if it is one."""

    id: str
    value: Any = None
    failure: str | None = None


class Layout(Protocol):
    """Topics and envelopes."""

    def ready(self, module: str) -> Said:
        """A module is there; `module` is its topic."""

    def variable(self, base: str, name: str, value: Any) -> Said:
        """A variable has a value."""

    def calls_to(self, base: str) -> str:
        """The pattern of the topics of commands."""

    def call(self, call: Call) -> Said:
        """A command."""

    def read_call(self, base: str, topic: str, payload: bytes) -> Call | None:
        """A command, or None for anything else; raises `msgspec.MsgspecError`."""

    def result(self, call: Call, value: Any, origin: str) -> Said:
        """What came of a command."""

    def failure(self, call: Call, kind: ErrorType, reason: str, origin: str) -> Said | None:
        """Why nothing came of it, if that can be said."""

    def results_of(self, base: str, name: str, origin: str) -> str:
        """The topic of the results of a command of `origin`."""

    def read_result(self, payload: bytes) -> Result | None:
        """A result, or None for anything else; raises `msgspec.MsgspecError`."""

    def error(self, base: str, error: dict[str, Any], *, is_active: bool) -> Said:
        """An error is raised or cleared."""


class CallData(msgspec.Struct):
    """The call itself."""

    id: str
    args: dict[str, Any]
    origin: str


class ResultData(msgspec.Struct):
    """The result itself."""

    id: str
    retval: Any = None
    error: dict[str, str] | None = None


class NewCall(msgspec.Struct):
    """A command as it is sent."""

    msg_type: str
    data: CallData | None = None


class NewResult(msgspec.Struct):
    """Within a result as it is sent."""

    data: ResultData


class NewResultMessage(msgspec.Struct):
    """A result as it is sent."""

    msg_type: str
    data: NewResult | None = None


class OldMessage(msgspec.Struct):
    """Anything on the topic of commands."""

    name: str
    type: str
    data: msgspec.Raw


class New:
    """A topic each, and every message says what it is."""

    def ready(self, module: str) -> Said:
        """As `Layout`."""
        return f"{module}/ready", {"msg_type": "ModuleReady", "data": True}

    def variable(self, base: str, name: str, value: Any) -> Said:
        """As `Layout`."""
        return f"{base}/var/{name}", {"msg_type": "Var", "data": {"data": value}}

    def calls_to(self, base: str) -> str:
        """As `Layout`."""
        return f"{base}/cmd/+"

    def call(self, call: Call) -> Said:
        """As `Layout`."""
        data = {"id": call.id, "args": call.args, "origin": call.origin}
        return f"{call.base}/cmd/{call.name}", {"msg_type": "Cmd", "data": data}

    def read_call(self, base: str, topic: str, payload: bytes) -> Call | None:
        """As `Layout`."""
        said = msgspec.json.decode(payload, type=NewCall)
        if said.msg_type != "Cmd" or said.data is None:
            return None
        data = said.data
        name = topic.rpartition("/")[2]
        return Call(base=base, name=name, id=data.id, args=data.args, origin=data.origin)

    def result(self, call: Call, value: Any, origin: str) -> Said:
        """As `Layout`."""
        return self._result(call, {"id": call.id, "retval": value, "origin": origin})

    def failure(self, call: Call, kind: ErrorType, reason: str, origin: str) -> Said | None:
        """As `Layout`."""
        error = {"__everest__error_type": kind, "__everest__error_msg": reason}
        return self._result(call, {"id": call.id, "error": error, "origin": origin})

    def _result(self, call: Call, data: dict[str, Any]) -> Said:
        topic = self.results_of(call.base, call.name, call.origin)
        return topic, {"msg_type": "CmdResult", "data": {"type": "result", "data": data}}

    def results_of(self, base: str, name: str, origin: str) -> str:
        """As `Layout`."""
        return f"{base}/cmd/{name}/response/{origin}"

    def read_result(self, payload: bytes) -> Result | None:
        """As `Layout`."""
        said = msgspec.json.decode(payload, type=NewResultMessage)
        if said.msg_type != "CmdResult" or said.data is None:
            return None
        data = said.data.data
        failure = None if data.error is None else " ".join(data.error.values())
        return Result(id=data.id, value=data.retval, failure=failure)

    def error(self, base: str, error: dict[str, Any], *, is_active: bool) -> Said:
        """As `Layout`."""
        kind = "RaiseError" if is_active else "ClearError"
        return f"{base}/error/{error['type']}", {"msg_type": kind, "data": error}


class Old:
    """One topic for all variables, and one for all commands and their results."""

    def ready(self, module: str) -> Said:
        """As `Layout`."""
        return f"{module}/ready", True

    def variable(self, base: str, name: str, value: Any) -> Said:
        """As `Layout`."""
        return f"{base}/var", {"name": name, "data": value}

    def calls_to(self, base: str) -> str:
        """As `Layout`."""
        return f"{base}/cmd"

    def call(self, call: Call) -> Said:
        """As `Layout`."""
        data = {"id": call.id, "args": call.args, "origin": call.origin}
        return f"{call.base}/cmd", {"name": call.name, "type": "call", "data": data}

    def read_call(self, base: str, topic: str, payload: bytes) -> Call | None:
        """As `Layout`."""
        del topic
        said = msgspec.json.decode(payload, type=OldMessage)
        if said.type != "call":
            return None
        data = msgspec.json.decode(said.data, type=CallData)
        return Call(base=base, name=said.name, id=data.id, args=data.args, origin=data.origin)

    def result(self, call: Call, value: Any, origin: str) -> Said:
        """As `Layout`."""
        data = {"id": call.id, "retval": value, "origin": origin}
        return f"{call.base}/cmd", {"name": call.name, "type": "result", "data": data}

    def failure(self, call: Call, kind: ErrorType, reason: str, origin: str) -> Said | None:
        """As `Layout`: it cannot be said."""
        del call, kind, reason, origin
        return None

    def results_of(self, base: str, name: str, origin: str) -> str:
        """As `Layout`."""
        del name, origin
        return f"{base}/cmd"

    def read_result(self, payload: bytes) -> Result | None:
        """As `Layout`."""
        said = msgspec.json.decode(payload, type=OldMessage)
        if said.type != "result":
            return None
        data = msgspec.json.decode(said.data, type=ResultData)
        return Result(id=data.id, value=data.retval)

    def error(self, base: str, error: dict[str, Any], *, is_active: bool) -> Said:
        """As `Layout`: its state says whether it is active."""
        del is_active
        return f"{base}/error/{error['type']}", error


LAYOUTS: Final[dict[str, Layout]] = {"new": New(), "old": Old()}
