"""So many sessions that they can't be followed one by one are shown by user, until they can be again."""

from __future__ import annotations

import pytest

from fxtop.ui.crowd import BACK, MOST_PATIENCE, PATIENCE, Crowd, Grouping, grouping_named
from fxtop.ui.pace import EASY_ONES, OVERRUNS, Pace
from tests.unit.actions.still_clock import StillClock

MOST, LARGE = 1_000, 400


class Crowded:
    """A crowd that is judged once a second, and the pace that it goes by."""

    def __init__(self) -> None:
        self.clock = StillClock()
        self.pace = Pace(2.0, self.clock.monotonic)
        self.crowd = Crowd(most=MOST, large=LARGE)

    def slow(self) -> None:
        """Ticks have become as rare as they may."""
        for _ in range(10 * OVERRUNS):
            self.pace.ticked(5.0)

    def easy(self) -> None:
        """There are as many ticks as there ought to be."""
        for _ in range(10 * EASY_ONES):
            self.pace.ticked(0.001)

    def pass_(self, sessions: int, seconds: float = 1.0) -> list[bool]:
        """How it stands after each change in that time."""
        changes = []
        for _ in range(round(seconds)):
            self.clock.pass_time(1.0)
            if self.crowd.judge(sessions, self.pace, self.clock.monotonic()):
                changes.append(self.crowd.by_user)
        return changes


def test_sessions_are_followed_one_by_one_up_to_a_number() -> None:
    crowded = Crowded()
    assert crowded.pass_(MOST) == []
    assert crowded.pass_(MOST + 1) == [True]
    assert crowded.crowd.why == "1,001 sessions are too many to follow one by one here"
    assert crowded.pass_(MOST + 1, 500) == []


def test_they_are_followed_again_when_there_are_fewer_by_far() -> None:
    crowded = Crowded()
    crowded.pass_(MOST + 1)
    assert crowded.pass_(round(MOST * BACK) + 1, 500) == []
    assert crowded.pass_(round(MOST * BACK)) == [False]
    assert crowded.crowd.why == "800 sessions can be followed one by one again"
    assert crowded.pass_(MOST, 500) == []


def test_a_number_that_goes_up_and_down_changes_nothing() -> None:
    crowded = Crowded()
    changes = [change for number in range(200) for change in crowded.pass_(MOST - 50 + number % 2 * 100)]
    assert changes == [True]


def test_many_are_given_up_when_ticks_are_as_rare_as_they_may_be() -> None:
    crowded = Crowded()
    crowded.slow()
    assert crowded.pass_(LARGE) == []
    assert crowded.pass_(LARGE + 1) == [True]
    assert crowded.crowd.why == "A tick takes up to 5000 ms with 401 sessions one by one"


def test_ticks_that_are_only_rarer_than_usual_are_no_reason() -> None:
    crowded = Crowded()
    for _ in range(OVERRUNS):
        crowded.pace.ticked(5.0)
    assert crowded.pace.slowed
    assert crowded.pass_(MOST, 500) == []


def test_they_are_followed_again_when_ticks_were_easy_for_long_enough() -> None:
    crowded = Crowded()
    crowded.slow()
    crowded.pass_(MOST // 2)
    assert crowded.pass_(MOST // 2, 500) == []
    crowded.easy()
    assert crowded.pass_(MOST // 2, PATIENCE) == []
    assert crowded.pass_(MOST // 2) == [False]


def test_to_have_come_back_too_early_doubles_the_patience() -> None:
    crowded = Crowded()
    waited: list[int] = []
    for _ in range(10):
        crowded.slow()
        assert crowded.pass_(MOST // 2) == [True]
        crowded.easy()
        waited.append(next(second for second in range(10_000) if crowded.pass_(MOST // 2)))
    assert waited[:3] == [PATIENCE, 2 * PATIENCE, 4 * PATIENCE]
    assert waited[-1] == MOST_PATIENCE


def test_what_a_person_wants_comes_first() -> None:
    crowded = Crowded()
    crowded.crowd.choose(Grouping.USER)
    assert crowded.pass_(1, 5) == [True]
    crowded.crowd.choose(Grouping.NONE)
    crowded.slow()
    assert crowded.pass_(10 * MOST, 500) == [False]
    crowded.crowd.choose(Grouping.AUTO)
    assert crowded.pass_(10 * MOST) == [True]


def test_left_to_itself_again_it_decides_anew() -> None:
    crowded = Crowded()
    crowded.crowd.choose(Grouping.USER)
    crowded.pass_(1)
    crowded.crowd.choose(Grouping.AUTO)
    assert crowded.pass_(MOST) == [False]
    crowded.crowd.choose(Grouping.USER)
    crowded.pass_(MOST + 1)
    crowded.crowd.choose(Grouping.AUTO)
    assert crowded.pass_(MOST + 1) == crowded.pass_(MOST) == []
    assert crowded.crowd.note == "too many sessions to list each"


def test_what_is_no_grouping_is_said_with_all_there_are() -> None:
    assert grouping_named(" User") is Grouping.USER
    with pytest.raises(ValueError, match="it is 'node', and has to be one of auto, user, none"):
        grouping_named("node")
