"""Which events of a 2.x transaction have arrived (2.0.1 part 2 §E, seqNo)."""

from __future__ import annotations

MOST_MISSING = 1000  # a sane gap is far smaller; a broken counter must not fill the database


def receive(
    last: int | None, missing: tuple[int, ...], seq_no: int, *, is_start: bool
) -> tuple[int, tuple[int, ...]]:
    """Return the highest number and those missing below it, now that this one has arrived.

    Counting begins at 0 until the start has arrived, which says where it began.
    """
    before = -1 if last is None else last
    gaps = set(missing) | set(range(before + 1, min(seq_no, before + 1 + MOST_MISSING)))
    if is_start:
        gaps = {number for number in gaps if number > seq_no}
    return max(before, seq_no), tuple(sorted(gaps - {seq_no}))[:MOST_MISSING]
