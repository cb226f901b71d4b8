"""Counters that only go up, made of counters that RLM sets to nothing."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fxtop.agent.durable import StateError
from fxtop.agent.rlm import tally
from fxtop.agent.rlm.report import PoolRow, Status, Window
from fxtop.agent.rlm.tally import Tallies, Totals
from fxtop.cluster.records import PoolKey
from fxtop.protocol.ids import LicenseId

START = datetime(2024, 5, 20, 8, 0)  # noqa: DTZ001  # as rlmstat prints it
KEY = PoolKey(LicenseId("5053@lic1"), "starnet", "desktop", "5.0", "1")
SECOND = KEY._replace(pool="2")


def isv(denials: int | None, *, uptime: float | None = 9000.0, started: datetime | None = START) -> Status:
    return Status("starnet", "lic1", 49827, True, uptime, started, total=Window(denials=denials))


def pool(checkouts: int | None, *, count: int | None = 5, inuse: int = 0, isv: str = "starnet") -> PoolRow:
    return PoolRow(isv, "desktop", "5.0", None, "counted", count, 0, inuse, None, checkouts, 120)


def counted(tallies: Tallies, denials: int | None, checkouts: int | None, **life: object) -> Totals:
    """A reading of an ISV with one pool."""
    status = replace(isv(denials), **life)  # type: ignore[arg-type]  # the fields of a status
    return tallies.read([status], {KEY: pool(checkouts)})[KEY]


def test_the_first_reading_is_what_was_counted_since_the_server_started() -> None:
    assert counted(Tallies(), 3, 70) == Totals(checkouts=70, denials=3)


def test_later_readings_go_up_with_the_servers_own() -> None:
    tallies = Tallies()
    readings = [counted(tallies, denials, checkouts) for denials, checkouts in ((3, 70), (3, 71), (5, 71), (5, 71))]
    assert readings == [(70, 3), (71, 3), (71, 5), (71, 5)]


def test_counters_that_fall_were_set_to_nothing() -> None:
    tallies = Tallies()
    counted(tallies, 3, 70)
    assert counted(tallies, 1, 4) == (74, 4)
    assert counted(tallies, 2, 5) == (75, 5)


def test_a_restart_is_seen_although_the_counters_are_higher_than_before() -> None:
    tallies = Tallies()
    counted(tallies, 3, 70)
    assert counted(tallies, 10, 90, uptime=60.0, started=START + timedelta(hours=3)) == (160, 13)
    assert counted(tallies, 11, 91, uptime=90.0, started=START + timedelta(hours=3)) == (161, 14)


def test_a_restart_long_ago_is_seen_by_when_the_server_started() -> None:
    tallies = Tallies()
    counted(tallies, 3, 70)
    assert counted(tallies, 10, 90, uptime=90_000.0, started=START + timedelta(days=3)) == (160, 13)


@pytest.mark.parametrize(
    "life",
    [
        {"started": START + timedelta(hours=1), "uptime": 9030.0},
        {"started": START - timedelta(hours=1), "uptime": 9030.0},
        {"uptime": 8000.0},
        {"started": None, "uptime": 9030.0},
        {"started": None, "uptime": None},
    ],
    ids=["summer time came", "summer time went", "the clock was set back", "no start told", "nothing told"],
)
def test_what_only_looks_like_a_restart_counts_nothing_twice(life: dict[str, object]) -> None:
    tallies = Tallies()
    counted(tallies, 3, 70)
    assert counted(tallies, 4, 71, **life) == (71, 4)


def test_without_a_start_a_shorter_uptime_is_a_restart() -> None:
    tallies = Tallies()
    counted(tallies, 3, 70, started=None)
    assert counted(tallies, 4, 71, started=None, uptime=10.0) == (141, 7)


def test_what_is_not_told_stays_as_it_was() -> None:
    tallies = Tallies()
    counted(tallies, 3, 70)
    assert counted(tallies, None, None) == (70, 3)
    assert tallies.read([], {KEY: pool(71)}) == {KEY: (71, 3)}
    assert counted(tallies, 4, 72) == (72, 4)


def test_a_restart_that_told_no_denials_is_not_counted_at_each_reading() -> None:
    tallies = Tallies()
    counted(tallies, 3, 70)
    anew = {"uptime": 60.0, "started": START + timedelta(hours=3)}
    assert counted(tallies, None, 5, **anew) == (75, 3)
    assert counted(tallies, None, 5, **anew) == (75, 3)
    assert counted(tallies, 1, 6, **anew) == (76, 4)


def test_a_pool_that_was_away_goes_on_where_it_was() -> None:
    tallies = Tallies()
    counted(tallies, 3, 70)
    tallies.read([], {})
    assert counted(tallies, 0, 2, uptime=10.0, started=START + timedelta(hours=3)) == (72, 3)


def test_denials_while_an_isv_has_no_pools_are_counted_when_it_has() -> None:
    tallies = Tallies()
    counted(tallies, 3, 70)
    tallies.read([isv(5)], {})
    assert counted(tallies, 6, 70) == (70, 6)


def test_denials_are_put_down_to_the_pool_that_is_full() -> None:
    tallies = Tallies()
    pools = {KEY: pool(90), SECOND: pool(3, inuse=5)}
    assert tallies.read([isv(2)], pools) == {KEY: (90, 0), SECOND: (3, 2)}


def test_denials_are_put_down_to_the_busiest_pool_where_none_or_several_are_full() -> None:
    assert Tallies().read([isv(2)], {KEY: pool(3), SECOND: pool(90)})[SECOND].denials == 2
    full = {KEY: pool(90, inuse=6), SECOND: pool(3, inuse=5)}
    assert Tallies().read([isv(2)], full)[KEY].denials == 2


def test_a_pool_without_a_limit_or_without_any_seat_is_never_full() -> None:
    pools = {KEY: pool(3, count=None, inuse=9), SECOND: pool(90, count=0)}
    assert Tallies().read([isv(2)], pools)[SECOND].denials == 2


def test_isvs_are_counted_apart() -> None:
    other = KEY._replace(isv="other")
    statuses = [isv(2), replace(isv(7), name="other")]
    totals = Tallies().read(statuses, {KEY: pool(1), other: pool(4, isv="other")})
    assert totals == {KEY: (1, 2), other: (4, 7)}


def test_counters_survive_the_agent(tmp_path: Path) -> None:
    path = tmp_path / "rlm.json"
    first = Tallies(path)
    counted(first, 3, 70)
    counted(first, 1, 5, uptime=10.0, started=START + timedelta(hours=3))
    first.save()
    assert counted(Tallies(path), 2, 6, uptime=40.0, started=START + timedelta(hours=3)) == (76, 5)


def test_a_restart_while_the_agent_was_away_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "rlm.json"
    first = Tallies(path)
    counted(first, 3, 70)
    first.save()
    assert counted(Tallies(path), 4, 80, uptime=500.0, started=START + timedelta(days=1)) == (150, 7)


def test_nothing_is_written_while_nothing_changes(tmp_path: Path) -> None:
    path = tmp_path / "rlm.json"
    tallies = Tallies(path)
    counted(tallies, 3, 70)
    tallies.save()
    path.unlink()
    counted(tallies, 3, 70, uptime=9030.0)
    tallies.save()
    assert not path.exists()
    counted(tallies, 4, 70, uptime=9060.0)
    tallies.save()
    assert path.exists()


def test_counters_without_a_file_are_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    tallies = Tallies()
    counted(tallies, 3, 70)
    tallies.save()
    assert list(tmp_path.iterdir()) == []


def test_the_pools_that_were_not_told_of_for_longest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally, "MAX_POOLS", 2)
    tallies, third = Tallies(), KEY._replace(pool="3")
    for key in (KEY, SECOND, KEY, third):
        tallies.read([], {key: pool(70)})
    anew = {key: pool(5) for key in (KEY, third)}
    assert tallies.read([], anew) == {KEY: (75, 0), third: (75, 0)}
    assert tallies.read([], {SECOND: pool(5)}) == {SECOND: (5, 0)}


@pytest.mark.parametrize("content", [b"", b"[]", b'{"starnet": 5}', b"\xff", b'{"starnet": {"pools": []}}'])
def test_a_damaged_file_is_told_of_and_counting_begins_anew(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "rlm.json"
    path.write_bytes(content)
    with caplog.at_level(logging.WARNING):
        tallies = Tallies(path)
    assert str(path) in caplog.text
    assert counted(tallies, 3, 70) == (70, 3)
    tallies.save()
    assert counted(Tallies(path), 3, 71) == (71, 3)


def test_a_file_that_cannot_be_read_or_written_is_an_error_in_words(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        tallies = Tallies(tmp_path)
    assert f"can't read its state in {tmp_path}" in caplog.text
    counted(tallies, 3, 70)
    with pytest.raises(StateError, match="can't keep its state"):
        tallies.save()


def lives(steps: list[tuple[bool, int, int]]) -> Iterator[tuple[Status, int]]:
    """What a server shows that counts denials and checkouts and is started anew now and then."""
    started, uptime, denials, checkouts = START, 100.0, 0, 0
    for anew, denied, out in steps:
        if anew:
            started, uptime, denials, checkouts = started + timedelta(seconds=uptime), -29.0, 0, 0
        uptime += 30
        denials, checkouts = denials + denied, checkouts + out
        yield isv(denials, uptime=uptime, started=started), checkouts


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 9), st.integers(0, 99)), min_size=1, max_size=30))
def test_all_that_was_ever_counted_is_counted_once(steps: list[tuple[bool, int, int]]) -> None:
    tallies = Tallies()
    totals = [tallies.read([status], {KEY: pool(checkouts)})[KEY] for status, checkouts in lives(steps)]
    assert totals[-1] == (sum(out for _, _, out in steps), sum(denied for _, denied, _ in steps))
    assert all(a.denials <= b.denials and a.checkouts <= b.checkouts for a, b in pairwise(totals))
