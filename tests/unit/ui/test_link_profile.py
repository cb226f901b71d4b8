"""A thin line is found out by what the terminal takes, and left again only once it has proved quick."""

from __future__ import annotations

from fxtop.config.link import Link
from fxtop.ui.terminal.drain import ASK_BEHIND, ASK_EVERY, GIVEN_UP, LONGEST_FLIGHT, Drain, Sample
from fxtop.ui.terminal.profile import MOST_PROVED, PROVED, LinkProfile
from tests.unit.actions.still_clock import StillClock

SLOW, QUICK = Sample(4_000, 2.0), Sample(4_000, 0.01)


class Line:
    """A profile with a clock and a count of its changes."""

    def __init__(self, link: Link = Link.AUTO) -> None:
        self.clock = StillClock()
        self.changes: list[bool] = []
        self.profile = LinkProfile(link, self.clock.monotonic, lambda: self.changes.append(self.profile.thin))

    def take(self, *samples: Sample, every: float = 0.0) -> None:
        for sample in samples:
            self.profile.take(sample)
            self.clock.pass_time(every)


def test_two_slow_frames_in_a_row_make_a_line_thin_and_it_says_why() -> None:
    line = Line()
    line.take(SLOW, SLOW)
    assert line.changes == [True]
    assert line.profile.why == "the terminal takes 2.0K/s, 2.0 s a frame"


def test_a_terminal_that_stood_still_once_is_no_thin_line() -> None:
    line = Line()
    line.take(QUICK, Sample(4_000, 600.0), QUICK, SLOW, QUICK)
    assert not line.profile.thin


def test_a_small_frame_that_is_a_little_late_says_nothing() -> None:
    line = Line()
    line.take(*[Sample(300, 0.2)] * 9)
    assert not line.profile.thin


def test_a_frame_that_takes_long_is_slow_however_large_it_is() -> None:
    line = Line()
    line.take(*[Sample(100_000, 2.0)] * 2)
    assert line.profile.thin


def test_a_thin_line_is_wide_again_after_quick_frames_for_long_enough() -> None:
    line = Line()
    line.take(SLOW, SLOW)
    line.take(*[QUICK] * int(PROVED), every=1.0)
    assert line.changes == [True]
    line.take(QUICK)
    assert line.changes == [True, False]
    assert line.profile.why == ""


def test_one_late_frame_begins_the_proof_anew() -> None:
    line = Line()
    line.take(SLOW, SLOW)
    line.take(*[QUICK] * int(PROVED), SLOW, *[QUICK] * int(PROVED), every=1.0)
    assert line.profile.thin


def test_each_time_a_line_turns_out_thin_again_it_has_to_prove_itself_for_longer() -> None:
    line = Line()
    proofs = []
    for _ in range(6):
        line.take(SLOW, SLOW)
        began = line.clock.monotonic()
        while line.profile.thin:
            line.take(QUICK, every=1.0)
        proofs.append(line.clock.monotonic() - began - 1)
    assert proofs == [PROVED, 2 * PROVED, 4 * PROVED, 8 * PROVED, MOST_PROVED, MOST_PROVED]


def test_what_the_person_says_counts_whatever_is_measured() -> None:
    slow, fast = Line(Link.SLOW), Line(Link.FAST)
    slow.take(*[QUICK] * 200, every=1.0)
    fast.take(*[SLOW] * 9)
    assert slow.profile.thin
    assert slow.profile.why == "it was asked for"
    assert not fast.profile.thin


def test_the_person_can_change_his_mind() -> None:
    line = Line()
    line.profile.choose(Link.SLOW)
    line.profile.choose(Link.AUTO)
    assert line.changes == [True, False]
    line.take(SLOW, SLOW)
    assert line.changes == [True, False, True]


class Way:
    """A drain with a clock and its measurements."""

    def __init__(self, *, answers: bool) -> None:
        self.clock = StillClock()
        self.samples: list[Sample] = []
        self.drain = Drain(self.clock.monotonic, self.samples.append)
        if answers:
            self.drain.asked()
            self.clock.pass_time(0.25)
            self.drain.answered(self.clock.monotonic())

    def frame(self, size: int, *, waiting: bool = False) -> None:
        self.drain.wrote(size, waiting=waiting)

    def answer(self, after: float) -> None:
        self.drain.asked()
        self.clock.pass_time(after)
        self.drain.answered(self.clock.monotonic())


def test_what_counts_is_the_time_beyond_the_way_there_and_back() -> None:
    way = Way(answers=True)
    way.frame(3_000)
    way.answer(1.25)
    assert way.samples == [Sample(3_000, 1.0)]
    assert way.samples[0].rate == 3_000


def test_a_few_bytes_say_nothing_of_a_lines_width() -> None:
    way = Way(answers=True)
    way.frame(40)
    way.answer(2.0)
    assert way.samples == []


def test_a_question_stands_behind_every_large_frame_and_now_and_then_behind_a_small_one() -> None:
    way = Way(answers=True)
    way.frame(100)
    assert not way.drain.wants_to_ask(thin=False)
    assert way.drain.wants_to_ask(thin=True)
    way.clock.pass_time(ASK_EVERY)
    assert way.drain.wants_to_ask(thin=False)
    way.answer(0.25)
    way.frame(ASK_BEHIND)
    assert way.drain.wants_to_ask(thin=False)


def test_a_terminal_that_never_answered_is_asked_no_more_and_kept_waiting_for_nothing() -> None:
    way = Way(answers=False)
    way.drain.asked()
    way.clock.pass_time(LONGEST_FLIGHT)
    way.frame(9_000)
    assert not way.drain.wants_to_ask(thin=True)
    assert way.drain.may_send(thin=True)


def test_a_thin_line_carries_one_frame_at_a_time_and_a_wide_one_several_for_a_while() -> None:
    way = Way(answers=True)
    way.frame(500)
    way.drain.asked()
    assert way.drain.may_send(thin=False)
    assert not way.drain.may_send(thin=True)
    way.clock.pass_time(LONGEST_FLIGHT)
    assert not way.drain.may_send(thin=False)
    way.drain.answered(way.clock.monotonic())
    assert way.drain.may_send(thin=True)


def test_an_answer_that_does_not_come_is_given_up() -> None:
    way = Way(answers=True)
    way.drain.asked()
    way.clock.pass_time(GIVEN_UP + 1)
    assert way.drain.may_send(thin=True)
    assert not way.drain.answers


def test_without_answers_what_counts_is_how_long_a_frame_had_to_wait() -> None:
    way = Way(answers=False)
    way.frame(4_000, waiting=True)
    assert not way.drain.may_send(thin=False)
    way.clock.pass_time(2.0)
    assert way.drain.overdue == 2.0
    way.drain.took_all()
    assert way.samples == [Sample(4_000, 2.0)]
    assert way.drain.may_send(thin=False)
    way.frame(1_000)
    assert way.samples[1:] == [Sample(1_000, 0.0)]
