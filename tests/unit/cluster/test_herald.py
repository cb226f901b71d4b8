"""Events: a line each for few, one line for many."""

from __future__ import annotations

from fxtop.cluster.herald import EVENTS_KEPT, FEW, Herald
from fxtop.cluster.records import Severity
from tests.unit.cluster.kit import HandClock


def told(herald: Herald) -> list[str]:
    return [event.text for event in herald.events]


def test_few_happenings_get_a_line_each_in_the_order_of_their_names() -> None:
    herald = Herald(HandClock())
    for name in ("b", "a"):
        herald.gather(Severity.INFO, name, f"{name} left.", "{count} left ({names}).")
    assert told(herald) == []
    herald.flush()
    assert told(herald) == ["a left.", "b left."]


def test_many_happenings_of_one_kind_get_one_line() -> None:
    herald = Herald(HandClock())
    for i in range(FEW + 2):
        herald.gather(Severity.WARN, f"n{i}", f"n{i} left.", "{count} left ({names}).")
    herald.gather(Severity.INFO, "x", "x came.", "{count} came ({names}).")
    herald.flush()
    herald.flush()
    assert told(herald) == ["5 left (n0, n1, n2 and 2 more).", "x came."]
    assert [event.severity for event in herald.events] == [Severity.WARN, Severity.INFO]


def test_names_with_braces_are_only_names() -> None:
    herald = Herald(HandClock())
    for i in range(FEW + 1):
        herald.gather(Severity.INFO, f"{{{i}}}", "", "{count} left ({names}).")
    herald.flush()
    assert told(herald) == ["4 left ({0}, {1}, {2}, {3})."]


def test_the_events_are_bounded_and_their_number_is_not() -> None:
    clock = HandClock()
    herald = Herald(clock)
    for i in range(EVENTS_KEPT + 7):
        clock.seconds += 1
        herald.announce(Severity.INFO, str(i))
    assert len(herald.events) == EVENTS_KEPT
    assert herald.announced == EVENTS_KEPT + 7
    assert herald.events[-1].at == clock.now()
    assert herald.events[-1].text == str(EVENTS_KEPT + 6)
