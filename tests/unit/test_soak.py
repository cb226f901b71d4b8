"""Some hours of a cluster's life at once: nothing that is kept of it grows."""

from __future__ import annotations

from collections import deque

from fxtop.cluster.intake import Intake
from tests.bench.containers import sizes
from tests.bench.ingest import HandClock
from tests.bench.soak import SMALL, grown, soak


def test_in_some_hours_nothing_grows() -> None:
    found = soak(hours=3.5)
    assert found["grown"] == {}
    assert not found["memory_grew"]
    assert found["containers"] > 100


def test_what_grows_is_found_wherever_it_is() -> None:
    intake = Intake(HandClock())
    before = sizes(intake)
    for number in range(2 * SMALL):
        intake.sequence("hb.node").admit(f"n{number}", "b", 1, 0.0)
    assert list(grown(before, sizes(intake))) == ["Intake._sequences[hb.node].streams"]


def test_what_keeps_its_bound_is_no_growth() -> None:
    events: deque[int] = deque(maxlen=500)
    assert grown({"Store.herald.events": 0}, {"Store.herald.events": 500}) == {}
    assert grown({"Store.herald.events": 0}, {"Store.herald.events": 501}) != {}
    assert sizes(events) == {"deque": 0}
