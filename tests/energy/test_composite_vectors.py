"""What EVerest's libocpp answers to the same questions, and what its unit tests expect."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from chargeplane import schedule
from tests.conftest import Shared

VERSIONS = {"v16": "1.6", "v2": "2.0.1", "v21": "2.1"}

# Where a recorded question leaves out what its answer rests on: by version, test and number,
# what has to be added to the question, and why.
LEFT_OUT: dict[tuple[str, str, int], tuple[dict[str, Any], str]] = {
    ("v2", name, 0): (
        {"offline_for_s": 601},
        "the test pretends to be offline for longer than maxOfflineDuration by a mocked clock",
    )
    for name in (
        "OfflineDuration_OfflineTooLong",
        "OfflineDuration_OfflineTooLong_ValidAfterOfflineDuration",
        "OfflineDuration_OfflineTooLong_InvalidAfterOfflineDuration",
    )
}


def lines(shared: Shared, name: str) -> Iterator[tuple[bytes, dict[str, Any]]]:
    with gzip.open(shared(f"vectors/composite_schedule_{name}.jsonl.gz")) as file:
        for line in file:
            yield line, json.loads(line)


def answered(line: bytes, version: str) -> bytes:
    how = schedule.wording(VERSIONS[version])
    return schedule.answer(schedule.asked(line, how), how)


@pytest.mark.parametrize("version", VERSIONS)
def test_random_questions_are_answered_to_the_byte(shared: Shared, version: str) -> None:
    wrong = [
        (question["call"], got)
        for line, question in lines(shared, f"random_{version}")
        if (got := answered(line, version)) != msgspec.json.encode(question["libocpp"])
    ]
    assert wrong == []


@pytest.mark.parametrize("version", VERSIONS)
def test_unit_tests_of_libocpp_hold(shared: Shared, version: str) -> None:
    wrong = [
        (question["test"], question["n"], got)
        for line, question in lines(shared, version)
        if (version, question["test"], question["n"]) not in LEFT_OUT
        if not is_as_expected(got := answered(line, version), question["expect"])
    ]
    assert wrong == []


@pytest.mark.parametrize(("case", "added"), LEFT_OUT.items())
def test_what_a_question_leaves_out_is_what_makes_the_difference(
    shared: Shared, case: tuple[str, str, int], added: tuple[dict[str, Any], str]
) -> None:
    version, name, number = case
    (question,) = (
        question
        for _, question in lines(shared, version)
        if (question["test"], question["n"]) == (name, number)
    )
    bare, whole = (msgspec.json.encode(question | more) for more in ({}, added[0]))
    assert not is_as_expected(answered(bare, version), question["expect"])
    assert is_as_expected(answered(whole, version), question["expect"])


def is_as_expected(answer: bytes, expected: dict[str, Any]) -> bool:
    """Compare as libocpp's tests do: what they do not name may be anything, unless `exact`."""
    got = json.loads(answer)
    periods = got["chargingSchedulePeriod"]
    if "at" in expected:
        wanted = [expected["at"].get(str(index), {}) for index in range(expected["periods"])]
    else:
        wanted = expected["chargingSchedulePeriod"]
    names = ("chargingRateUnit", "duration", "evseId")
    return (
        all(got[name] == expected[name] for name in names if name in expected)
        and len(periods) == len(wanted)
        and all(map(_exactly if expected.get("exact") else _in_part, periods, wanted))
    )


def _exactly(got: dict[str, Any], wanted: dict[str, Any]) -> bool:
    late = abs(got["startPeriod"] - wanted["startPeriod"])
    return late <= 10 and got | {"startPeriod": 0} == wanted | {"startPeriod": 0}


def _in_part(got: dict[str, Any], wanted: dict[str, Any]) -> bool:
    told = {name for name in wanted if name != "periodTransformed"}  # not part of the schedule
    return all(got.get(name) == wanted[name] for name in told)
