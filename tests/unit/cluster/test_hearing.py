"""What silence tells while our own connection is gone: nothing."""

from __future__ import annotations

from fxtop.cluster.findings import findings
from fxtop.cluster.hearing import GRACE
from fxtop.cluster.records import Liveness, Severity
from tests.unit.cluster.kit import Site

AWAY = 60.0
WHY = "Nothing listens on mgr1:4222 (connection refused): start nats-server there, or check the address."


def everybody_speaks(site: Site) -> None:
    for node in ("viz01", "viz02"):
        site.beat(node)
    site.transporter("S1")
    site.license()
    site.share()


def deaf_site() -> Site:
    """A cluster of which nothing was heard for a minute, because there was no connection."""
    site = Site()
    site.store.hearing.regain("mgr1")
    everybody_speaks(site)
    site.store.hearing.lose(site.clock.monotonic(), WHY)
    site.wait(AWAY)
    return site


def test_what_is_not_heard_without_a_connection_is_called_lost_by_nobody() -> None:
    site = deaf_site()
    assert site.liveness("viz01") is Liveness.LOST
    assert site.told[-1] == f"There is no connection to the bus. {WHY}"
    (only,) = findings(site.store)
    assert (only.kind, only.severity, only.remedy) == ("bus-down", Severity.CRIT, WHY)
    assert "for 60 s" in only.text


def test_who_answers_after_a_reconnect_was_never_away() -> None:
    site = deaf_site()
    before = len(site.told)
    site.store.hearing.regain("mgr2")
    everybody_speaks(site)
    site.wait(GRACE)
    assert site.told[before:] == ["The bus is connected to mgr2, after 60 s without one."]


def test_who_is_still_silent_when_there_was_time_to_answer_is_told_of() -> None:
    site = deaf_site()
    site.store.hearing.regain("mgr1")
    site.beat("viz01")
    site.wait(GRACE - 1)
    assert not site.said("Node viz02")
    assert not findings(site.store)
    site.wait(1.0)
    assert site.said("Node viz02 is lost: silent for 6 intervals.")
    assert "node-lost" in {finding.kind for finding in findings(site.store)}


def test_a_node_that_was_missed_before_is_told_to_be_back_after() -> None:
    site = Site()
    site.store.hearing.regain("mgr1")
    site.beat("viz01")
    site.wait(AWAY)
    site.store.hearing.lose(site.clock.monotonic(), WHY)
    site.wait(AWAY)
    site.store.hearing.regain("mgr1")
    site.beat("viz01")
    assert site.said("Node viz01 is back after 2 min of silence.")


def test_a_connection_that_is_mended_at_once_is_told_by_its_new_server() -> None:
    site = Site()
    for _ in range(2):
        site.store.hearing.regain("mgr1")
    assert site.told == []
    site.store.hearing.regain("mgr2")
    assert site.told == ["The bus is connected to mgr2; mgr1 was lost."]


def test_a_lost_connection_is_told_once_and_explained_anew() -> None:
    site = Site()
    site.store.hearing.lose(site.clock.monotonic(), "mgr1 closed the connection.")
    site.store.hearing.lose(site.clock.monotonic(), WHY)
    assert len(site.told) == 1
    assert site.store.hearing.why == WHY


def test_without_a_word_about_the_connection_silence_counts() -> None:
    assert Site().store.hearing.silence_counts()
