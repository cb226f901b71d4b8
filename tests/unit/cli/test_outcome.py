from __future__ import annotations

from dataclasses import dataclass

import pytest

from fxtop.cli.exits import Exit
from fxtop.cli.outcome import exit_code, failures, progress
from fxtop.cluster.records import JobRow, JobState
from fxtop.protocol.control import JobItem, Waits
from fxtop.protocol.ids import RequestId

DONE, ACCEPTED, RUNNING = JobState.DONE, JobState.ACCEPTED, JobState.RUNNING
FAILED, PARTIAL, REFUSED = JobState.FAILED, JobState.PARTIAL, JobState.REFUSED
UNSUPPORTED, UNKNOWN = JobState.UNSUPPORTED, JobState.UNKNOWN


@dataclass(frozen=True)
class Answer:
    state: JobState
    code: str = ""


@pytest.mark.parametrize(
    ("states", "code"),
    [
        ([DONE], Exit.DONE),
        ([DONE, ACCEPTED, RUNNING], Exit.DONE),
        ([DONE, FAILED], Exit.FAILED),
        ([PARTIAL], Exit.FAILED),
        ([REFUSED], Exit.REFUSED),
        ([REFUSED, UNSUPPORTED], Exit.REFUSED),
        ([DONE, REFUSED], Exit.FAILED),
        ([UNKNOWN], Exit.NO_EVIDENCE),
        ([DONE, UNKNOWN], Exit.NO_EVIDENCE),
        ([FAILED, UNKNOWN], Exit.FAILED),
    ],
)
def test_all_requests_together_make_one_code(states: list[JobState], code: Exit) -> None:
    assert exit_code([Answer(state) for state in states], waited=False) is code


@pytest.mark.parametrize("state", [ACCEPTED, RUNNING])
def test_an_end_that_was_waited_for_in_vain_is_no_evidence(state: JobState) -> None:
    assert exit_code([Answer(DONE), Answer(state)], waited=True) is Exit.NO_EVIDENCE


def test_requests_that_never_left_for_want_of_a_bus_say_so() -> None:
    assert exit_code([Answer(FAILED, "bus_down")] * 2, waited=False) is Exit.NO_BUS
    assert exit_code([Answer(FAILED, "bus_down"), Answer(DONE)], waited=False) is Exit.FAILED


def worked_on(*statuses: str) -> JobRow:
    told = tuple(JobItem(id=f"s{number}", status=status, detail="It hangs.") for number, status in enumerate(statuses))
    return JobRow(id=RequestId("r1"), heard=0.0, target="viz01", items=told)


def test_what_failed_is_told_with_its_reason() -> None:
    assert list(failures(worked_on("done", "failed"))) == ["viz01: s1: It hangs."]


def test_many_failures_are_counted() -> None:
    *told, last = failures(worked_on(*["failed"] * 500))
    assert (len(told), last) == (20, "viz01: 480 more failed; -o json lists all.")


def test_what_waits_for_a_second_person_has_a_code_of_its_own() -> None:
    held = Answer(ACCEPTED, "second_person")
    assert exit_code([held, Answer(DONE)], waited=False) is Exit.WAITS
    assert exit_code([held], waited=True) is Exit.WAITS
    assert exit_code([held, Answer(FAILED)], waited=True) is Exit.FAILED
    assert exit_code([Answer(REFUSED, "unapproved")], waited=True) is Exit.REFUSED


@pytest.mark.parametrize(("until", "said"), [(1_760_000_000.0, "2025-10-09 08:53:20 UTC"), (1e300, "out of range")])
def test_what_waits_says_until_when_and_how_it_is_approved(until: float, said: str) -> None:
    job = JobRow(id=RequestId("r1"), heard=0.0, target="viz01", verb="drain", state=RUNNING, waits=Waits(until=until))
    assert progress(job) == f"viz01: drain waits for a second person until {said}: fxtop approve r1"
