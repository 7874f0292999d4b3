from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest

from chargeplane.energy import regulation
from chargeplane.energy.settings import Settings
from chargeplane.energy.states import Mode, State
from chargeplane.energy.status import Inputs, NodeAnswer
from chargeplane.errors import ConfigurationError, RecordingError
from chargeplane.evse.recording import MINIMAL, OUTPUTS, Broadcast, Recorder, Second
from chargeplane.evse.replay import lines_of, replay, replay_all, replay_sharing
from tests.conftest import Shared

RUNS = "vectors/smartevse_regulation.jsonl.gz"
CASES = "vectors/smartevse_load_sharing.jsonl.gz"
QUIET = [None, [0, 0, 0], 3100, 0]


def replayed(
    steps: list[Any], columns: list[str] | None = None, **config: object
) -> list[dict[str, Any]]:
    """Replay a run; each step by the names of its columns."""
    line: dict[str, Any] = {"config": config, "columns": columns or list(MINIMAL), "steps": steps}
    run = json.loads(replay(json.dumps(line).encode()))
    return [dict(zip(run["columns"], step, strict=True)) for step in run["steps"]]


@pytest.mark.parametrize(("file", "again"), [(RUNS, replay), (CASES, replay_sharing)])
def test_recorded_vectors_come_out_as_they_are(file: str, again: Any, shared: Shared) -> None:
    lines = gzip.decompress(shared(file).read_bytes()).splitlines()
    assert len(lines) >= 60
    for number, line in enumerate(lines):
        assert again(line) == line, f"line {number}"


def test_inputs_are_enough(shared: Shared) -> None:
    for line in gzip.decompress(shared(RUNS).read_bytes()).splitlines()[:5]:
        run = json.loads(line)
        bare = {**run, "columns": run["columns"][:4], "steps": [s[:4] for s in run["steps"]]}
        assert json.loads(replay(json.dumps(bare).encode())) == run


def test_outputs_are_ignored_and_replaced() -> None:
    (step,) = replayed([["Z", 3100, 7]], ["state", "pilot_mv", "pwm"])
    assert list(step)[:3] == ["state", "pilot_mv", "pwm"]
    assert (step["state"], step["pwm"], step["access"]) == ("A", 0, 1)


def test_columns_may_be_left_out() -> None:
    line = json.loads(replay(b'{"config": {}, "steps": [[null, null, 3100, 0]]}'))
    assert line["columns"] == [*MINIMAL, *OUTPUTS]


def test_what_is_not_known_is_kept() -> None:
    given = (
        b'{"who":"me","config":{"zz":3},"columns":["pilot_mv","zz"],"steps":[[3100,{"k":1.50}]]}'
    )
    out = replay(given)
    assert out.startswith(b'{"who":"me","config":{"zz":3},"columns":["pilot_mv","zz","state",')
    assert b'[[3100,{"k":1.50},"A",' in out


def test_other_inputs_are_taken() -> None:
    columns = [*MINIMAL, "temperature_c", "ocpp_limit_a", "grid_relay_open"]
    warm = replayed([[*QUIET, 70, None, 0]], columns)
    assert warm[0]["errors"] == 4
    plug = [None, [0, 0, 0], 2900, 0]
    charge = [None, [0, 0, 0], 2600, 1]
    run = [[*QUIET, None, None, 0]] * 4 + [[*plug, None, 9.5, 0]] + [[*charge, None, 9.5, 0]] * 4
    assert replayed(run, columns, max_current_a=16)[-1]["balanced_da"] == 95
    run[-2:] = [[*charge, None, None, 1]] * 4
    assert replayed(run, columns, max_current_a=16)[-1]["balanced_da"] == 60


@pytest.mark.parametrize(
    ("event", "column", "value"),
    [
        ("mode:SMART", "mode", 1),
        ("mode:SOLAR", "mode", 2),
        ("mode:PAUSE", "access", 2),
        ("mode:OFF", "access", 0),
        ("access:0", "access", 0),
        ("access:2", "access", 2),
        ("pwm:300", "pwm", 300),
        (["access:0", "access:1", "mode:SMART"], "mode", 1),
        ("plug", "access", 1),
        (None, "access", 1),
    ],
)
def test_events(event: object, column: str, value: int) -> None:
    (step,) = replayed([[event, None, 3100, 0]])
    assert step[column] == value


def test_the_configured_mode_is_set_as_a_user_does_it() -> None:
    for name in ("NORMAL", "SMART", "SOLAR"):
        assert replayed([QUIET], mode=name)[0]["mode"] == Mode[name]
    assert replayed([QUIET], mode="OFF")[0]["access"] == 1  # access is ON from step 0 on


@pytest.mark.parametrize(
    "enable_c2", ["NOT_PRESENT", "ALWAYS_OFF", "SOLAR_OFF", "ALWAYS_ON", "AUTO", 4]
)
def test_every_use_of_the_second_contactor_has_a_name_and_a_number(enable_c2: object) -> None:
    assert replayed([QUIET], enable_c2=enable_c2)[0]["state"] == "A"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"x", "malformed"),
        (b"[]", "Expected `object`"),
        (b"{}", "there is no 'config'"),
        (b'{"config":{}}', "there is no 'steps'"),
        (b'{"config":{"enable_c2":"SOME"},"steps":[]}', "'SOME' is none of NOT_PRESENT"),
        (b'{"config":{"max_current_a":"x"},"steps":[]}', "max_current_a"),
        (b'{"config":{"mode":"FAST"},"steps":[]}', "'FAST' is none of OFF"),
        (b'{"config":{},"columns":["event"],"steps":[]}', "one 'pilot_mv'"),
        (b'{"config":{},"columns":["pilot_mv","x","x"],"steps":[]}', "one 'x'"),
        (b'{"config":{},"steps":[[null,null,3100]]}', "length 4"),
        (b'{"config":{},"steps":[[null,null,3100,0],[null,[1,2],3100,0]]}', "$[1][1]"),
        (b'{"config":{},"steps":[["mode:FLY",null,3100,0]]}', "step 0: 'FLY' is none of"),
        (b'{"config":{},"steps":[["access:x",null,3100,0]]}', "step 0: "),
        (b'{"config":{},"steps":[["fly:1",null,3100,0]]}', "'fly' is no event"),
    ],
)
def test_a_bad_run_is_refused_with_the_reason(line: bytes, message: str) -> None:
    with pytest.raises(RecordingError) as caught:
        replay(line)
    assert message in str(caught.value)


SHARING: dict[str, Any] = {
    "mode": "NORMAL",
    "max_circuit_a": 32,
    "states": ["C", "C"],
    "balanced_max_da": [160, 160],
    "balanced_before_da": [60, 60],
    "mains_da": [0, 0, 0],
    "max_current_a": 16,
}


def test_a_step_of_sharing_needs_no_output() -> None:
    out = json.loads(replay_sharing(json.dumps({"id": 7, "input": SHARING}).encode()))
    assert out["output"] == {
        "balanced_da": [160, 160],
        "iset_da": 320,
        "no_current": 0,
        "solar_stop_timer_s": 0,
        "max_sum_mains_timer_s": 0,
    }
    assert out["id"] == 7


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"states": ["C"]}, "one of each"),
        ({"states": ["C", "X"]}, "'X' is none of A"),
        ({"mode": "FAST"}, "'FAST' is none of NORMAL"),
        ({"mains_da": None}, "mains_da"),
    ],
)
def test_a_bad_step_of_sharing_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(RecordingError, match=message):
        replay_sharing(json.dumps({"input": SHARING | change}).encode())


def test_one_bad_line_does_not_stop_the_others() -> None:
    good = b'{"config":{},"steps":[]}'
    put: list[bytes] = []
    complaints: list[str] = []
    assert not replay_all([good, b"?", b"\n", good], replay, put.append, complaints.append)
    assert len(put) == 2
    assert [complaint.partition(":")[0] for complaint in complaints] == ["line 2"]
    assert replay_all([good], replay, put.append, complaints.append)


def test_lines_are_read_plain_and_compressed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, packed = tmp_path / "day.jsonl", tmp_path / "day.jsonl.gz"
    plain.write_bytes(b"1\n2\n")
    packed.write_bytes(gzip.compress(b"1\n2\n"))
    for file in (plain, packed):
        assert list(lines_of(str(file))) == [b"1\n", b"2\n"]
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(file.read_bytes())))
        assert list(lines_of("-")) == [b"1\n", b"2\n"]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    torn = tmp_path / "torn.gz"
    torn.write_bytes(gzip.compress(b"1\n2\n" * 100)[:-12])
    for file in (torn, tmp_path / "none"):
        with pytest.raises(ConfigurationError, match=file.name):
            list(lines_of(str(file)))


def device_day(seconds: int, recorder: Recorder, settings: Settings) -> list[State]:
    """A device that is plugged and charges, and whose seconds are recorded."""
    status = regulation.set_mode(regulation.start(settings), settings, Mode.SMART)
    states = []
    for second in range(seconds):
        pilot = 3100 if second < 5 else 2900 if second < 10 else 2600
        events: tuple[str, ...] = ("override_da:80",) if second == 20 else ()
        inputs = Inputs(pilot_mv=pilot, diode_pulse=second == 10, mains_da=(50, 60, 70))
        before = status
        if events:
            status = regulation.set_override(status, settings, 80)
        status = regulation.second(status, settings, inputs)
        recorder.add(before, settings, Second(inputs=inputs, events=events), status)
        states.append(status.state)
    return states


def test_what_a_device_records_is_replayed_as_it_was() -> None:
    recorder = Recorder(length_s=40, run_s=10)
    states = device_day(47, recorder, Settings(max_current_a=16))
    lines = list(recorder.lines())
    assert [len(json.loads(line)["steps"]) for line in lines] == [10, 10, 10, 10, 7]
    kept = []
    for line in lines:
        assert json.loads(replay(line)) == json.loads(line)
        run = json.loads(line)
        kept += [step[run["columns"].index("state")] for step in run["steps"]]
    assert kept == [state.name for state in states]


def test_the_oldest_is_forgotten_and_new_settings_begin_a_run() -> None:
    recorder = Recorder(length_s=20, run_s=10)
    device_day(35, recorder, Settings(max_current_a=16))
    assert len(list(recorder.lines())) == 3
    device_day(1, recorder, Settings(max_current_a=10))
    *_, last = recorder.lines()
    assert json.loads(last)["config"]["max_current_a"] == 10


def test_nothing_recorded_is_no_line() -> None:
    assert list(Recorder().lines()) == []


def test_what_a_node_hears_is_replayed() -> None:
    settings = Settings(load_balancing=2, max_current_a=16)
    status = regulation.start(settings)
    status = regulation.set_mode(status, settings, Mode.NORMAL)
    recorder = Recorder()
    for second in range(8):
        pilot = 2900 if second < 4 else 2600
        inputs = Inputs(pilot_mv=pilot, diode_pulse=second == 4)
        before, answer = status, None
        agreed = {State.COMM_B: State.COMM_B_OK, State.COMM_C: State.COMM_C_OK}.get(status.state)
        if agreed:
            answer = NodeAnswer(state=agreed, errors=0)
            status = regulation.receive_answer(status, settings, answer)
        heard = Broadcast((60, 90), (0, 0, 0))
        status = regulation.receive_broadcast(status, settings, heard.balanced_da, heard.mains_da)
        status = regulation.second(status, settings, inputs)
        recorder.add(
            before, settings, Second(inputs=inputs, answer=answer, broadcast=heard), status
        )
    assert status.state is State.C
    (line,) = recorder.lines()
    assert json.loads(replay(line)) == json.loads(line)
