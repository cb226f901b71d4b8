"""Read-only from the start, armed for minutes at a time."""

from __future__ import annotations

import math

import pytest

from fxtop.actions.arming import Arming
from fxtop.actions.model import Refused
from tests.unit.actions.still_clock import StillClock


def test_starts_disarmed_and_says_so() -> None:
    arming = Arming(StillClock())
    assert not arming.armed
    assert arming.remaining == 0
    assert arming.why == "it has not been armed yet"
    assert not arming.fixed


def test_counts_down_and_disarms_at_the_end() -> None:
    clock = StillClock()
    arming = Arming(clock, minutes=10)
    arming.arm()
    seen = [(arming.armed, arming.remaining, arming.why)]
    for seconds in (599.5, 0.5):
        clock.pass_time(seconds)
        seen.append((arming.armed, arming.remaining, arming.why))
    assert seen == [(True, 600, ""), (True, pytest.approx(0.5), ""), (False, 0, "its 10 min are over")]


def test_arming_again_begins_the_minutes_anew() -> None:
    clock = StillClock()
    arming = Arming(clock, minutes=1)
    arming.arm()
    clock.pass_time(50)
    arming.arm()
    assert arming.remaining == 60


def test_disarming_tells_why() -> None:
    arming = Arming(StillClock())
    arming.arm()
    arming.disarm("the bus was lost")
    assert not arming.armed
    assert arming.why == "the bus was lost"


def test_the_first_reason_to_disarm_stands() -> None:
    clock = StillClock()
    arming = Arming(clock, minutes=1)
    arming.arm()
    arming.disarm("the cluster was changed")
    arming.disarm("the bus was lost")
    assert arming.why == "the cluster was changed"
    arming.arm()
    clock.pass_time(61)
    arming.disarm("the bus was lost")
    assert arming.why == "its 1 min are over"


def test_settings_that_say_read_only_cant_be_overruled() -> None:
    arming = Arming(StillClock(), read_only=True)
    assert arming.fixed
    with pytest.raises(Refused, match="Control can't be armed: it is read-only by its settings") as refused:
        arming.arm()
    assert refused.value.code == "read_only"
    assert not arming.armed
    assert arming.why == "it is read-only by its settings"


def test_a_host_that_slept_comes_back_disarmed() -> None:
    clock = StillClock()
    arming = Arming(clock)
    arming.arm()
    clock.wall += 3600  # the monotonic clock stood still
    assert not arming.armed
    clock.wall -= 3600
    assert not arming.armed, "a clock that is put right must not arm it again"


def test_a_wall_clock_set_back_does_not_prolong_it() -> None:
    clock = StillClock()
    arming = Arming(clock)
    arming.arm()
    clock.mono += 601
    clock.wall -= 3600
    assert not arming.armed


@pytest.mark.parametrize("minutes", [0, -1, math.nan])
def test_a_senseless_number_of_minutes_is_a_mistake(minutes: float) -> None:
    with pytest.raises(ValueError, match="give a number above 0"):
        Arming(StillClock(), minutes=minutes)
