"""The generator of the wire types, and what the generated files look like."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType

import msgspec
import pytest

from chargeplane.ocpp.action import Wire
from chargeplane.ocpp.v1 import wire as wire_1
from chargeplane.ocpp.v2 import wire as wire_2
from tests.conftest import ROOT
from tools import generate_wire as tool

FILES = [(wire_1, 39), (wire_2, 91)]


def test_the_files_are_what_the_generator_makes() -> None:
    command = [sys.executable, "tools/generate_wire.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_a_file_that_differs_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tool, "render", lambda family: f"{family.versions}, but edited")
    monkeypatch.setattr(sys, "argv", ["generate_wire.py", "--check"])
    assert tool.main() == 1
    assert "v1/wire.py is not what tools/generate_wire.py makes" in capsys.readouterr().out


def classes(module: ModuleType) -> list[type[Wire]]:
    found = [value for value in vars(module).values() if isinstance(value, type)]
    return [kind for kind in found if issubclass(kind, Wire) and kind is not Wire]


@pytest.mark.parametrize(("module", "count"), FILES)
def test_the_number_of_actions(module: ModuleType, count: int) -> None:
    assert len(module.MESSAGES) == count


@pytest.mark.parametrize("module", [wire_1, wire_2])
def test_every_class_names_its_actions_and_version(module: ModuleType) -> None:
    for kind in classes(module):
        doc = kind.__doc__ or ""
        assert "OCPP" in doc, kind
        assert any(action in doc for action in module.MESSAGES), kind


@pytest.mark.parametrize("module", [wire_1, wire_2])
def test_names_on_the_wire_are_those_of_the_schemas(module: ModuleType) -> None:
    for kind in classes(module):
        for field in msgspec.structs.fields(kind):
            assert tool.snake(field.encode_name) == field.name


def test_versions_are_marked() -> None:
    since = {name for name, (_, _, version) in wire_2.MESSAGES.items() if version == "2.1"}
    assert len(since) == 91 - 64
    assert {"AFRRSignal", "NotifyPeriodicEventStream", "BatterySwap"} <= since
    assert "BootNotification" not in since
    assert wire_2.MESSAGES["NotifyPeriodicEventStream"][1] is None
    assert {version for _, _, version in wire_1.MESSAGES.values()} == {""}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("evMaxV2XEnergy", "ev_max_v2x_energy"),
        ("limitAtSoC", "limit_at_soc"),
        ("prioritizedEMAIDs", "prioritized_emaids"),
        ("ocppCsmsUrl", "ocpp_csms_url"),
        ("responderURL", "responder_url"),
        ("setpointReactive_L2", "setpoint_reactive_l2"),
        ("idTag", "id_tag"),
    ],
)
def test_snake(name: str, words: str) -> None:
    assert tool.snake(name) == words


MARKS = [
    # A shorter text, no bounds, an integer, an enum that was opened, one of fewer values.
    ({"type": "string", "maxLength": 255}, {"type": "string", "maxLength": 36}, {"max_length": 36}),
    ({"type": "integer", "minimum": 0}, {"type": "integer"}, {"ge": None}),
    ({"type": "number"}, {"type": "integer"}, {"integer": True}),
    ({"type": "string"}, {"type": "string", "enum": ["A"]}, {"enum": ("A",)}),
    ({"type": "string", "maxLength": 5}, {"type": "string", "maxLength": 5}, {}),
]


@pytest.mark.parametrize(("new", "old", "marks"), MARKS)
def test_what_2_0_1_asks_for_is_marked(
    new: tool.Schema, old: tool.Schema, marks: tool.Schema
) -> None:
    assert tool.narrower(tool.BOUNDS, new, old) == marks


def test_long_lines_break_after_commas_outside_of_quotes() -> None:
    line = f'name = Literal["{"a, " * 30}", "b"]'
    assert tool.wrapped(line) == f'name = Literal["{"a, " * 30}",\n    "b"]'
