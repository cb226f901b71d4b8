from __future__ import annotations

import pytest

from fxtop.cli.answers import LIMIT, LONGEST_QUIET, Answers, not_answering, unanswered
from fxtop.protocol.ids import NodeId
from tests.unit.cluster.kit import Site

ASKED = 100.0


def answers() -> Answers:
    return Answers(ASKED, spread=0.3, first=1.5, quiet=0.4)


def everybody() -> bool:
    return False


def somebody_behind() -> bool:
    return True


def test_the_first_answer_is_waited_for_longest() -> None:
    assert answers().left(ASKED, everybody) == pytest.approx(1.5)
    assert answers().left(ASKED + 1.6, somebody_behind) < 0


def test_all_are_in_when_it_is_quiet() -> None:
    heard = answers()
    heard.came(ASKED + 0.01, ASKED + 0.02)
    assert heard.left(ASKED + 0.02, everybody) == pytest.approx(0.4)
    assert heard.left(ASKED + 0.43, everybody) < 0


def test_a_pause_within_the_spread_is_none() -> None:
    heard = answers()
    heard.came(ASKED + 0.01, ASKED + 0.01)
    heard.came(ASKED + 0.3, ASKED + 0.3)
    assert heard.left(ASKED + 0.3, everybody) == pytest.approx(0.4)


def test_who_pauses_longer_is_waited_for_longer() -> None:
    heard = answers()
    heard.came(ASKED + 0.3, ASKED + 0.3)
    heard.came(ASKED + 0.6, ASKED + 0.6)
    heard.came(ASKED + 0.61, ASKED + 0.61)
    assert heard.left(ASKED + 0.61, everybody) == pytest.approx(0.9)


def test_the_time_that_taking_answers_in_costs_is_no_pause() -> None:
    heard = answers()
    heard.came(ASKED + 0.3, ASKED + 1.3)
    heard.came(ASKED + 1.3, ASKED + 2.3)
    assert heard.left(ASKED + 2.3, everybody) == pytest.approx(0.4)


def test_no_pause_makes_the_wait_endless() -> None:
    heard = answers()
    heard.came(ASKED + 10, ASKED + 10)
    assert heard.left(ASKED + 10, everybody) == pytest.approx(LONGEST_QUIET)


def test_nodes_that_are_heard_and_have_not_answered_are_waited_for() -> None:
    heard = answers()
    heard.came(ASKED + 0.1, ASKED + 0.1)
    assert heard.left(ASKED + 0.6, somebody_behind) == pytest.approx(1.0)
    assert heard.left(ASKED + 1.7, somebody_behind) < 0


def test_answers_that_never_end_are_cut_off_and_those_that_ended_are_not() -> None:
    heard = answers()
    heard.came(ASKED + LIMIT - 0.1, ASKED + LIMIT - 0.1)
    assert not heard.cut_off(ASKED + LIMIT - 0.1)
    assert heard.left(ASKED + LIMIT, everybody) <= 0
    assert heard.cut_off(ASKED + LIMIT)
    assert not heard.cut_off(ASKED + LIMIT + LONGEST_QUIET)


def test_a_node_without_facts_has_not_answered() -> None:
    site = Site()
    site.beat("told")
    site.facts("told")
    site.beat("silent")
    site.facts("only-facts")
    site.beat("left")
    site.bye("node", "left")
    rows = list(site.store.nodes.values())
    assert [row.id for row in unanswered(rows, sessions=False)] == ["silent"]


def test_a_node_that_counts_sessions_and_tells_none_has_not_answered_in_full() -> None:
    site = Site()
    site.beat("viz01", sessions={"pending": 0, "running": 1, "disconnected": 0})
    site.facts("viz01")
    row = site.store.nodes[NodeId("viz01")]
    assert unanswered([row], sessions=False) == []
    assert unanswered([row], sessions=True) == [row]
    site.snapshot("viz01", "s1")
    assert unanswered([row], sessions=True) == []


def test_who_did_not_answer_is_named() -> None:
    site = Site()
    for number in range(6):
        site.beat(f"viz{number}")
    said = not_answering(list(site.store.nodes.values()), 12_000)
    assert said.startswith("6 of 12,000 nodes are heard but have not answered (viz0, viz1, viz2 and 3 others)")
