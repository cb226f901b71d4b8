"""The interval is learned from the gaps."""

from __future__ import annotations

import pytest

from fxtop.sources.moleculer.rhythm import LONGEST, SHORTEST, USUAL, Rhythm


def after(*beats: float) -> Rhythm:
    rhythm = Rhythm()
    for at in beats:
        rhythm.beat(at)
    return rhythm


def test_before_the_second_heartbeat_the_usual_interval_is_taken() -> None:
    assert (after().interval, after(5.0).interval) == (USUAL, USUAL)
    assert not after(5.0).learned


@pytest.mark.parametrize(
    ("beats", "interval"),
    [
        ((0.0, 5.0), 5.0),
        ((0.0, 9.6, 19.5, 29.1), 9.6),
        ((0.0, 10.0, 30.0), 10.0),  # one was lost
        ((0.0, 20.0, 30.0), 10.0),  # the first one was lost
        ((0.0, 5.0, 10.0, 500.0, 505.0, 510.0), 5.0),
        ((0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 52.0, 54.0, 56.0), 2.0),  # it was configured anew
    ],
)
def test_the_interval_is_the_usual_gap(beats: tuple[float, ...], interval: float) -> None:
    rhythm = after(*beats)
    assert rhythm.interval == pytest.approx(interval)
    assert rhythm.learned


def test_the_gap_of_a_pause_is_no_interval() -> None:
    rhythm = after(0.0)
    rhythm.pause()
    rhythm.beat(400.0)
    assert not rhythm.learned
    rhythm.beat(405.0)
    assert rhythm.interval == 5.0


def test_what_no_broker_does_is_bounded() -> None:
    assert after(0.0, 0.001).interval == SHORTEST
    assert after(0.0, 9_000.0).interval == LONGEST
