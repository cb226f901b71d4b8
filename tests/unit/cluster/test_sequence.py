"""The order of messages: boot, seq, gaps, and the answers to a sync."""

from __future__ import annotations

import pytest

from fxtop.cluster.sequence import BOOTS_REMEMBERED, RIVAL_FOR, Order, Sequence, Tally
from tests.unit.cluster.kit import Site


@pytest.fixture
def total() -> Tally:
    return Tally()


@pytest.fixture
def sequence(total: Tally) -> Sequence:
    return Sequence(total)


def test_the_first_message_is_taken_whatever_its_number(sequence: Sequence, total: Tally) -> None:
    assert sequence.admit("a", "b1", 500, 1.0) is Order.FIRST
    assert (total.accepted, total.lost) == (1, 0)


def test_the_same_or_a_smaller_number_of_the_same_boot_is_old(sequence: Sequence, total: Tally) -> None:
    sequence.admit("a", "b1", 5, 1.0)
    assert sequence.admit("a", "b1", 5, 2.0) is Order.OLD
    assert sequence.admit("a", "b1", 4, 2.0) is Order.OLD
    assert sequence.admit("a", "b1", 6, 2.0) is Order.NEXT
    assert (total.accepted, total.old) == (2, 2)


def test_a_gap_counts_as_lost_for_its_sender_and_in_all(sequence: Sequence, total: Tally) -> None:
    sequence.admit("a", "b1", 1, 1.0)
    sequence.admit("a", "b1", 5, 2.0)
    sequence.admit("b", "b1", 9, 2.0)
    assert sequence.streams["a"].lost == 3
    assert sequence.streams["b"].lost == 0
    assert total.lost == 3


def test_a_new_boot_starts_anew_and_loses_nothing(sequence: Sequence, total: Tally) -> None:
    sequence.admit("a", "b1", 700, 1.0)
    assert sequence.admit("a", "b2", 1, 2.0) is Order.RESTARTED
    assert sequence.admit("a", "b2", 2, 3.0) is Order.NEXT
    assert total.lost == 0


def test_a_straggler_of_the_boot_before_is_old(sequence: Sequence) -> None:
    sequence.admit("a", "b1", 700, 10.0)
    sequence.admit("a", "b2", 1, 20.0)
    assert sequence.admit("a", "b1", 701, 15.0) is Order.OLD
    assert sequence.is_past("a", "b1")
    assert not sequence.is_past("a", "b2")


def test_an_earlier_boot_that_goes_on_is_a_sender_of_its_own(sequence: Sequence) -> None:
    sequence.admit("a", "b1", 1, 10.0)
    sequence.admit("a", "b2", 1, 20.0)
    assert sequence.contested() == []
    assert sequence.admit("a", "b1", 2, 30.0) is Order.RIVAL
    assert sequence.admit("a", "b2", 2, 40.0) is Order.RIVAL
    assert sequence.contested() == ["a"]


def test_an_id_is_no_longer_contested_when_one_sender_is_left(sequence: Sequence) -> None:
    for seq, boot in enumerate(["b1", "b2", "b1"]):
        sequence.admit("a", boot, seq, float(seq))
    for seq in range(3, 3 + RIVAL_FOR):
        sequence.admit("a", "b1", seq, float(seq))
    assert sequence.contested() == []


def test_a_sync_may_repeat_the_last_number_but_none_before_it(sequence: Sequence, total: Tally) -> None:
    sequence.admit("a", "b1", 5, 1.0)
    assert sequence.admit("a", "b1", 5, 2.0, synced=True) is Order.AGAIN
    assert sequence.admit("a", "b1", 4, 2.0, synced=True) is Order.OLD
    assert sequence.admit("a", "b1", 6, 3.0) is Order.NEXT
    assert total.lost == 0


def test_a_sync_may_repeat_the_parts_of_the_last_set(sequence: Sequence) -> None:
    sequence.admit("a", "b1", 10, 1.0, until=11)
    sequence.admit("a", "b1", 11, 1.0, until=11)
    assert sequence.admit("a", "b1", 10, 2.0, synced=True, until=11) is Order.AGAIN
    assert sequence.admit("a", "b1", 11, 2.0, synced=True, until=11) is Order.AGAIN
    assert sequence.admit("a", "b1", 8, 2.0, synced=True, until=9) is Order.OLD


def test_one_agent_that_speaks_of_two_ids_leaves_no_gaps(total: Tally) -> None:
    sequence = Sequence(total, pooled=True)
    for seq in range(1, 9):
        sequence.admit("lic-a" if seq % 2 else "lic-b", "b1", seq, float(seq))
    assert total.lost == 0
    sequence.admit("lic-a", "b1", 11, 9.0)
    assert total.lost == 2


def test_two_agents_that_speak_of_the_same_id_lose_nothing(total: Tally) -> None:
    sequence = Sequence(total, pooled=True)
    for seq in range(1, 6):
        sequence.admit("lic-a", "one", seq, seq * 10.0)
        sequence.admit("lic-a", "two", seq + 100, seq * 10.0 + 5.0)
    assert (total.lost, total.old) == (0, 0)


def test_invented_boots_are_not_remembered_for_ever(total: Tally) -> None:
    sequence = Sequence(total, pooled=True)
    for i in range(3 * BOOTS_REMEMBERED):
        sequence.admit("lic-a", f"boot{i}", 1, float(i))
    assert sequence._newest is not None
    assert len(sequence._newest) == BOOTS_REMEMBERED


def test_the_classes_of_one_sender_are_numbered_apart() -> None:
    site = Site()
    site.beat(seq=100)
    site.facts(seq=3)
    site.session(seq=7)
    site.snapshot("viz01", seq=2)
    assert (site.store.intake.accepted, site.store.intake.old, site.store.intake.lost) == (4, 0, 0)


def test_sessions_of_one_node_share_one_numbering() -> None:
    site = Site()
    site.session("viz01", "s1", seq=1)
    site.session("viz01", "s2", seq=4)
    stream = site.store.intake.stream("viz01", "session")
    assert stream is not None
    assert stream.lost == 2


def test_an_old_message_changes_nothing() -> None:
    site = Site()
    site.beat(cpu=0.5, seq=5)
    site.store.drain_dirty()
    site.clock.seconds += 3
    site.beat(cpu=0.9, seq=4)
    row = next(iter(site.store.nodes.values()))
    assert row.beat is not None
    assert row.beat.cpu == 0.5
    assert site.store.age(row) == 3.0
    assert not site.store.drain_dirty()
