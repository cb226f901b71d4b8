"""Whatever rlmutil says is read, and no line of it is lost in silence."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fxtop.agent.rlm import lines
from fxtop.agent.rlm.heartbeat import holders, isvs, pools
from fxtop.agent.rlm.moments import AHEAD, since
from fxtop.agent.rlm.parser import parse
from fxtop.agent.rlm.report import PrintedMoment, RlmReport
from fxtop.agent.rlm.rlmstat import Answer
from fxtop.agent.rlm.tally import Tallies
from fxtop.agent.rlm.verdict import Unanswered, server_of
from fxtop.protocol.ids import LicenseId
from fxtop.protocol.text import inert
from tests.unit.agent.rlm.answers import ALL, sample, whole

SAMPLES = [sample(name) for name in ALL] + [whole(denials=2, inuse=3)]
LINES = sorted({line for text in SAMPLES for line in text.splitlines()})
NOISE = st.text(
    st.sampled_from("\t\r @:/,()-v0123456789aä\u2028\x00\x1b\x85") | st.characters(exclude_categories=["Cs"]),
    max_size=12,
)
SERVER = LicenseId("5053@lic1")
NEW_YORK = ZoneInfo("America/New_York")


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A sample with lines put in, left out, doubled, swapped or bent, and cut off somewhere."""
    drawn = draw(st.sampled_from(SAMPLES)).splitlines()
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(drawn) - 1))
        match draw(st.sampled_from(["bend", "drop", "put", "swap"])):
            case "bend":
                column = draw(st.integers(0, len(drawn[at])))
                drawn[at] = drawn[at][:column] + draw(NOISE) + drawn[at][column + draw(st.integers(0, 4)) :]
            case "drop":
                drawn[at] = ""
            case "put":
                drawn.insert(at, draw(st.sampled_from(LINES) | NOISE))
            case _:
                other = draw(st.integers(0, len(drawn) - 1))
                drawn[at], drawn[other] = drawn[other], drawn[at]
    text = draw(st.sampled_from(["\n", "\r\n"])).join(drawn)
    return text[: draw(st.integers(0, len(text)) | st.just(len(text)))]


def printed(text: str) -> list[str]:
    """The lines that say anything."""
    return [line for line in re.split("\r\n|\r|\n", text) if line.strip()]


def with_word(text: str, word: str) -> int:
    """Lines that have ``word``, other than those in which any word may be and means nothing."""
    found = [" ".join(line.split()) for line in printed(text) if word in line]
    return sum(1 for line in found if not lines.is_plain(line) and lines.path(line) is None)


def kept(report: RlmReport, word: str) -> int:
    """Lines with ``word`` in them that are shown as they were printed."""
    failures = [*report.failures, *(failure for server in report.servers for failure in server.failures)]
    shown = [*report.unread, *(line for failure in failures for line in failure.lines)]
    return sum(1 for line in shown if word in line)


@settings(deadline=None, max_examples=400)
@given(mutated())
def test_every_line_is_understood_or_kept(text: str) -> None:
    report = parse(text)
    assert report.understood >= 0
    assert report.understood + len(report.unread) == len(printed(text))


@settings(deadline=None, max_examples=400)
@given(mutated())
def test_no_holder_is_lost(text: str) -> None:
    report = parse(text)
    assert sum(len(server.usage) for server in report.servers) + kept(report, "/0 at") >= with_word(text, "/0 at")


@settings(deadline=None, max_examples=400)
@given(mutated())
def test_no_pool_is_lost(text: str) -> None:
    report = parse(text)
    assert sum(len(server.pools) for server in report.servers) + kept(report, "inuse") >= with_word(text, "inuse")


@settings(deadline=None, max_examples=300)
@given(mutated() | st.text(max_size=300) | st.lists(NOISE | st.sampled_from(LINES), max_size=20).map("\n".join))
def test_any_answer_becomes_a_heartbeat_or_a_sentence(text: str) -> None:
    report = parse(text)
    assert report.understood + len(report.unread) == len(printed(text))
    try:
        told = server_of(report, Answer(text, 0), SERVER)
    except Unanswered as error:
        assert str(error) == inert(str(error))
        assert str(error).endswith(".")
        return
    assert len(pools(told, SERVER, Tallies(), UTC)) == len(told.pools)
    assert len(holders(told.usage, 1_700_000_000.0, UTC)) == len(told.usage)
    assert len({isv.name for isv in isvs(told)}) == len(isvs(told))


@pytest.mark.parametrize(
    "line",
    [
        " " * 4000 + "x",
        "a v1: " * 600,
        "x v1: a@b" + " 1/0 at 1/1" * 350,
        "(handle: " * 450,
        "desktop" + " v" * 2000,
        "rlm status on a" + " (port 1" * 500,
        "Denials:" + " 1 (0/sec)" * 400,
        "count: 1," * 450,
        "-" * 4000 + "x",
        "error connecting to " + '"' * 4000,
    ],
)
def test_lines_that_are_hard_to_read_are_read_in_no_time(line: str) -> None:
    report = parse((line + "\n") * 500)
    assert report.understood + len(report.unread) == 500


MOMENTS = st.builds(PrintedMoment, st.integers(0, 13), st.integers(0, 32), st.integers(0, 24), st.integers(0, 60))


@settings(deadline=None, max_examples=400)
@given(MOMENTS, st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)), st.sampled_from([UTC, NEW_YORK]))  # noqa: DTZ001  # given a zone below
def test_a_resolved_moment_is_the_printed_one_within_a_year(
    printed_moment: PrintedMoment, day: datetime, zone: ZoneInfo
) -> None:
    now = day.replace(tzinfo=zone).timestamp()
    found = since(printed_moment, now, zone)
    if found is None:
        return
    there = datetime.fromtimestamp(found, tz=zone)
    assert (there.month, there.day, there.hour, there.minute) == printed_moment
    assert now - 2 * 366 * 86400 < found <= now + AHEAD


@settings(deadline=None, max_examples=400)
@given(st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)), st.integers(0, 363 * 24 * 60))  # noqa: DTZ001  # UTC
def test_every_moment_of_the_last_year_is_found_again(day: datetime, minutes_ago: int) -> None:
    now = day.replace(tzinfo=UTC).timestamp()
    then = datetime.fromtimestamp(now - minutes_ago * 60, tz=UTC).replace(second=0, microsecond=0)
    assert since(PrintedMoment(then.month, then.day, then.hour, then.minute), now, UTC) == then.timestamp()
