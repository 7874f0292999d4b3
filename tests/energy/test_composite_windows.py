from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from chargeplane.energy.composite_windows import Span, joined, layered

WINDOW = (0, 40)


@st.composite
def lines(draw: st.DrawFn) -> list[Span[int]]:
    """Spans that follow one another, with gaps between them."""
    edges = sorted(draw(st.lists(st.integers(*WINDOW), max_size=8, unique=True)))
    pairs = zip(edges[::2], edges[1::2], strict=False)
    return [(start, end, draw(st.integers(0, 3))) for start, end in pairs]


def at(line: list[Span[int]], moment: int) -> int | None:
    return next((what for start, end, what in line if start <= moment < end), None)


@given(st.lists(lines(), max_size=4))
def test_at_each_moment_the_highest_level_that_says_anything_holds(
    levels: list[list[Span[int]]],
) -> None:
    found = layered(levels, WINDOW)
    for moment in range(*WINDOW):
        said = [what for level in levels if (what := at(level, moment)) is not None]
        assert at(found, moment) == (said[0] if said else None)
    assert all(one[1] <= other[0] for one, other in pairwise(found))


@given(st.lists(lines(), max_size=4))
def test_lines_are_joined_moment_by_moment_without_a_gap(several: list[list[Span[int]]]) -> None:
    found = joined(several, WINDOW, tuple)
    assert found[0][0] == WINDOW[0]
    assert found[-1][1] == WINDOW[1]
    assert all(one[1] == other[0] for one, other in pairwise(found))
    for start, end, held in found:
        for moment in (start, end - 1):
            assert held == tuple(what for line in several if (what := at(line, moment)) is not None)


def test_levels_are_not_asked_when_nothing_is_left_to_say() -> None:
    def levels() -> object:
        yield [(0, 40, 1)]
        raise AssertionError

    assert layered(levels(), WINDOW) == [(0, 40, 1)]  # type: ignore[arg-type]
