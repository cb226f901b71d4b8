"""Many sources of facts, none of which waits for another."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest

from fxtop.agent.collectors import survey
from fxtop.agent.collectors.facts import Fragment, PartlyKnown
from fxtop.agent.collectors.off import SourceOff
from fxtop.agent.collectors.port import CollectError
from fxtop.agent.collectors.survey import Survey
from tests.unit.agent.kit import SetClock, StillHost


class Source(PartlyKnown):
    """A source that a test has read whatever it wants."""

    def __init__(self, name: str, read: Callable[[], Fragment], *, every: float = 60.0, limit: float = 5.0) -> None:
        self.name = name
        self.every = every
        self.limit = limit
        self.read = read


def telling(**versions: str) -> Callable[[], Fragment]:
    return lambda: Fragment(versions=versions)


def failing() -> Fragment:
    raise CollectError("The file can't be read.")


def broken() -> Fragment:
    raise KeyError("nothing")


def in_turn(*answers: Callable[[], Fragment]) -> Callable[[], Fragment]:
    """Each of ``answers`` one time."""
    rest = iter(answers)

    def read() -> Fragment:
        answer = next(rest)
        return answer()

    return read


def surveyed(*sources: Source | SourceOff, clock: SetClock | None = None, patience: float = 5.0) -> Survey:
    return Survey(StillHost(), sources, clock or SetClock(), patience=patience)


async def test_what_all_sources_tell_is_put_together() -> None:
    facts = await surveyed(
        Source("a", telling(fastx="5.1")),
        Source("b", lambda: Fragment(services=("launcher",), notes={"b/more": "see"})),
        Source("name", lambda: Fragment(host="viz07.example.edu")),
    ).facts()
    assert facts.host == "viz07.example.edu"
    assert facts.versions == {"fastx": "5.1"}
    assert facts.services == ("launcher",)
    assert facts.notes == {"b/more": "see"}


async def test_a_source_that_can_not_be_read_is_a_note_and_costs_the_others_nothing() -> None:
    facts = await surveyed(Source("a", failing), Source("b", telling(fastx="5.1"))).facts()
    assert facts.notes == {"a": "The file can't be read."}
    assert facts.versions == {"fastx": "5.1"}


async def test_a_source_that_hangs_is_given_up_and_keeps_nobody_waiting() -> None:
    release = threading.Event()

    def hang() -> Fragment:
        release.wait()
        return Fragment()

    clock = SetClock()
    machine = surveyed(Source("a", hang, limit=0.05), Source("b", telling(fastx="5.1"), every=1.0), clock=clock)
    facts = await machine.facts()
    assert facts.notes == {"a": "Looking at a takes longer than 0.05 s."}
    clock.move(survey.RETRY)
    facts = await machine.facts()
    assert facts.notes == {"a": "Looking at a still hangs."}
    assert facts.versions == {"fastx": "5.1"}
    release.set()


async def test_what_takes_longer_than_the_patience_is_told_at_the_next_look() -> None:
    release = threading.Event()

    def slow() -> Fragment:
        release.wait()
        return Fragment(versions={"fastx": "5.1"})

    machine = surveyed(Source("a", slow), patience=0.01)
    assert (await machine.facts()).notes == {"a": "Looking at a has not ended yet."}
    release.set()
    await asyncio.gather(*(task for task in asyncio.all_tasks() if task.get_name() == "facts: a"))
    assert (await machine.facts()).versions == {"fastx": "5.1"}


async def test_each_source_is_read_at_its_own_pace() -> None:
    reads: list[str] = []
    clock = SetClock()

    def counted(name: str) -> Callable[[], Fragment]:
        def read() -> Fragment:
            reads.append(name)
            return Fragment()

        return read

    machine = surveyed(
        Source("often", counted("often"), every=10), Source("seldom", counted("seldom"), every=100), clock=clock
    )
    for _ in range(3):
        await machine.facts()
        clock.move(10)
    assert sorted(reads) == ["often", "often", "often", "seldom"]


async def test_what_failed_is_tried_again_soon_however_seldom_it_is_read() -> None:
    clock = SetClock()
    machine = surveyed(Source("a", in_turn(failing, telling(fastx="5.1")), every=3600.0), clock=clock)
    assert (await machine.facts()).notes
    clock.move(survey.RETRY)
    facts = await machine.facts()
    assert (facts.versions, facts.notes) == ({"fastx": "5.1"}, {})


async def test_what_was_read_once_is_not_told_for_true_when_it_can_not_be_read_any_more() -> None:
    clock = SetClock()
    machine = surveyed(Source("a", in_turn(telling(fastx="5.1"), failing)), clock=clock)
    assert (await machine.facts()).versions
    clock.move(60)
    facts = await machine.facts()
    assert facts.versions == {}
    assert facts.notes == {"a": "The file can't be read."}


async def test_a_fault_in_a_source_is_a_note_too(caplog: pytest.LogCaptureFixture) -> None:
    facts = await surveyed(Source("a", broken), Source("b", telling(fastx="5.1"))).facts()
    assert facts.notes == {"a": "Looking at a failed inside the agent (KeyError)."}
    assert facts.versions == {"fastx": "5.1"}
    assert "KeyError" in caplog.text


async def test_a_lasting_trouble_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    clock = SetClock()
    machine = surveyed(Source("a", failing), clock=clock)
    for _ in range(3):
        await machine.facts()
        clock.move(60)
    assert caplog.text.count("can't be read") == 1


async def test_what_is_switched_off_says_so() -> None:
    facts = await surveyed(SourceOff("units")).facts()
    assert facts.notes == {"units": "Nobody looks: [collect.units] is switched off on this node."}
