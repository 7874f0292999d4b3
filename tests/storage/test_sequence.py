from __future__ import annotations

import pytest

from chargeplane.storage.sequence import MOST_MISSING, receive

START, OTHER = "start", "other"


@pytest.mark.parametrize(
    ("last", "missing", "seq_no", "kind", "after"),
    [
        (None, (), 0, START, (0, ())),
        (None, (), 5, START, (5, ())),
        (None, (), 2, OTHER, (2, (0, 1))),
        (0, (), 1, OTHER, (1, ())),
        (0, (), 3, OTHER, (3, (1, 2))),
        (3, (1, 2), 1, OTHER, (3, (2,))),
        (3, (1, 2), 3, OTHER, (3, (1, 2))),
        (3, (0, 1, 2), 1, START, (3, (2,))),
    ],
)
def test_receive(
    last: int | None,
    missing: tuple[int, ...],
    seq_no: int,
    kind: str,
    after: tuple[int, tuple[int, ...]],
) -> None:
    assert receive(last, missing, seq_no, is_start=kind == START) == after


def test_a_broken_counter_fills_nothing() -> None:
    last, missing = receive(0, (), 2**40, is_start=False)
    assert last == 2**40
    assert len(missing) == MOST_MISSING
