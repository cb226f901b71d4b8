"""Ticks that take too long come more seldom, and again as often as before once they don't."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from fxtop.ui.pace import EASY_ONES, OVERRUNS, SLOWEST, Pace
from fxtop.ui.pauses import LEAST_ROWS, Frost, Pauses
from fxtop.ui.peak import Peak
from tests.unit.actions.still_clock import StillClock


class Beaten:
    """A pace with a clock that beats."""

    def __init__(self, rate: float = 2.0) -> None:
        self.clock = StillClock()
        self.pace = Pace(rate, self.clock.monotonic)

    def ticks(self, seconds: float) -> int:
        """How many ticks there are in that time."""
        count = 0
        for _ in range(round(seconds / self.pace.beat)):
            self.clock.pass_time(self.pace.beat)
            count += self.pace.due()
        return count

    def take(self, took: float, times: int) -> list[float]:
        """The periods after ticks that took so long, where they changed."""
        return [self.pace.period for _ in range(times) if self.pace.ticked(took)]


def test_as_long_as_ticks_are_short_there_is_one_at_each_beat() -> None:
    beaten = Beaten()
    beaten.take(0.1, 100)
    assert beaten.ticks(10) == 20


def test_ticks_that_overrun_come_half_as_often_then_a_quarter_and_never_more_seldom() -> None:
    beaten = Beaten()
    assert (beaten.take(5.0, OVERRUNS), beaten.pace.slowest) == ([1.0], False)
    assert (beaten.take(5.0, 20), beaten.pace.slowest) == ([2.0], True)
    assert beaten.ticks(20) == 10


def test_one_long_tick_changes_nothing() -> None:
    beaten = Beaten()
    beaten.take(5.0, OVERRUNS - 1)
    beaten.take(0.1, 1)
    beaten.take(5.0, OVERRUNS - 1)
    assert not beaten.pace.slowed


def test_short_ticks_bring_the_pace_back_by_and_by() -> None:
    beaten = Beaten()
    beaten.take(5.0, 2 * OVERRUNS)
    assert beaten.take(0.01, EASY_ONES - 1) == []
    assert beaten.take(0.01, 2 * EASY_ONES) == [1.0, 0.5]


def test_ticks_that_would_overrun_at_the_quicker_pace_do_not_bring_it_back() -> None:
    beaten = Beaten()
    beaten.take(0.3, OVERRUNS)
    assert beaten.take(0.25, 100) == []
    assert beaten.pace.period == 1.0


def test_over_a_thin_line_ticks_are_rare_however_short() -> None:
    beaten = Beaten()
    beaten.pace.thin = True
    assert beaten.pace.period == SLOWEST
    assert beaten.ticks(20) == 10
    assert not beaten.pace.slowed


def test_who_asked_for_rarer_ticks_than_that_keeps_them() -> None:
    beaten = Beaten(rate=0.1)
    beaten.pace.thin = True
    beaten.take(60.0, 20)
    assert beaten.pace.period == 10.0


def test_a_beat_that_comes_late_is_told() -> None:
    beaten = Beaten()
    beaten.ticks(2)
    assert beaten.pace.late.value == 0.0
    beaten.clock.pass_time(0.5 + 1.5)
    beaten.pace.due()
    assert beaten.pace.late.value == 1.5


def test_a_peak_is_forgotten_after_its_time_and_the_next_lower_one_shows() -> None:
    clock = StillClock()
    peak = Peak(clock.monotonic, 60)
    for value in (9.0, 3.0, 5.0):
        peak.add(value)
        clock.pass_time(25)
    assert peak.value == 5.0
    clock.pass_time(60)
    assert peak.value == 0.0


@pytest.fixture
def collector() -> Iterator[None]:
    """The collector as it was."""
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


def test_pauses_of_the_collector_are_measured_until_the_end(collector: None) -> None:
    moments = iter((0.0, 1.0, 1.25, 2.0, 2.5, 3.0))
    pauses = Pauses(lambda: next(moments))
    pauses.begin()
    gc.collect()
    pauses.end()
    gc.collect()
    assert pauses.longest.value == 1.0
    assert pauses.full == 1
    assert next(moments) == 2.5


def test_what_lives_at_the_beginning_is_never_looked_at_again(collector: None) -> None:
    pauses = Pauses()
    pauses.begin()
    assert gc.get_freeze_count() > 10_000
    assert len(gc.get_objects()) < 1_000
    pauses.end()


def test_at_the_end_the_collector_looks_as_often_as_before_but_at_nothing_that_there_was(collector: None) -> None:
    before = gc.get_threshold()
    pauses = Pauses()
    pauses.begin()
    assert gc.get_threshold() != before
    kept = [[number] for number in range(2_000)]
    pauses.end()
    assert gc.get_threshold() == before
    assert len(gc.get_objects()) < len(kept)


def test_what_lives_is_frozen_whenever_there_are_many_rows_more(monkeypatch: pytest.MonkeyPatch) -> None:
    frozen: list[None] = []
    monkeypatch.setattr(gc, "freeze", lambda: frozen.append(None))
    frost, at = Frost(), []
    for rows in (*range(0, 5_000, 10), 10, 4_000):
        before = len(frozen)
        frost.settle(rows)
        at += [rows] * (len(frozen) - before)
    assert at == [LEAST_ROWS * n for n in range(1, 5)]


def test_rows_that_are_frozen_are_still_freed(collector: None) -> None:
    rows = [[index] for index in range(LEAST_ROWS)]
    Frost().settle(len(rows))
    before = gc.get_freeze_count()
    rows.clear()
    assert gc.get_freeze_count() <= before - LEAST_ROWS
