from __future__ import annotations

from dataclasses import dataclass

import pytest

from fxtop.cli.exits import Exit
from fxtop.cli.outcome import exit_code
from fxtop.cluster.records import JobState

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
