"""The recent past of one figure."""

from __future__ import annotations

from math import isfinite

from hypothesis import given
from hypothesis import strategies as st

from fxtop.cluster.history import LARGEST, History, Ring


def test_nothing_is_there_before_the_first_reading() -> None:
    ring = Ring()
    assert (ring.values(), ring.last, ring.since, ring.until, len(ring)) == ([], None, None, None, 0)


@given(st.integers(1, 9), st.lists(st.integers(-1000, 1000).map(float), max_size=40))
def test_the_last_readings_are_kept_oldest_first(points: int, readings: list[float]) -> None:
    ring = Ring(points)
    for t, value in enumerate(readings):
        ring.push(float(t), value)
    assert ring.values() == readings[-points:]
    assert ring.last == (readings[-1] if readings else None)
    assert len(ring) == min(points, len(readings))


def test_two_readings_of_one_moment_are_one() -> None:
    ring = Ring(3)
    for t, value in ((1.0, 1.0), (1.0, 2.0), (2.0, 3.0), (3.0, 4.0), (4.0, 5.0), (4.0, 6.0)):
        ring.push(t, value)
    assert ring.values() == [3.0, 4.0, 6.0]
    assert (ring.since, ring.until) == (1.0, 4.0)


def test_a_figure_too_large_for_half_precision_stays_finite() -> None:
    ring = Ring()
    for t, value in enumerate((1e300, -1e300, 1.0)):
        ring.push(float(t), value)
    ring.push(3.0, float("inf"))
    assert ring.values()[:2] == [LARGEST, -LARGEST]
    assert all(isfinite(value) for value in ring.values())
    ring.push(4.0, 1.0)
    assert ring.last == 1.0


@given(st.integers())
def test_so_does_a_count_too_large_for_it(count: int) -> None:
    ring, history = Ring(), History(4)
    for t in range(3):
        ring.push(float(t), count)
        history.push_four(float(t), count, count, 1.0, 2)
    assert all(isfinite(value) for value in ring.values())
    assert history.values(0) == history.values(1) == ring.values()
    assert (history.values(2), history.values(3)) == ([1.0] * 3, [2.0] * 3)
    assert len(ring) == len(history) == 3


def test_figures_that_are_read_together_are_read_apart() -> None:
    history = History(2, points=2)
    cpu, mem = history.ring(0), history.ring(1)
    assert cpu is not None
    assert mem is not None
    assert history.ring(2) is None
    for t in range(3):
        history.push(float(t), t + 0.25, t + 0.5)
    assert (cpu.values(), mem.values()) == ([1.25, 2.25], [1.5, 2.5])
    assert (cpu.last, mem.last, len(mem), mem.since, mem.until) == (2.25, 2.5, 2, 0.0, 2.0)


@given(st.lists(st.tuples(st.integers(0, 12), st.floats(allow_nan=False)), max_size=40))
def test_four_figures_by_themselves_are_kept_as_any_number_of_them(readings: list[tuple[int, float]]) -> None:
    one, other = History(4, points=5), History(4, points=5)
    for t, value in readings:
        figures = (value, -value, 1.0, value / 2)
        one.push(float(t), *figures)
        other.push_four(float(t), *figures)
    for figure in range(4):
        assert other.values(figure) == one.values(figure)
    assert (other.since, other.until, len(other)) == (one.since, one.until, len(one))
