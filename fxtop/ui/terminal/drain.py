"""How fast the terminal takes what is written to it.

A write that succeeds says little: it only fills a buffer, of the kernel, of sshd, of the network. A terminal that has
answered the question whether it knows synchronized updates is therefore asked it again behind a frame: the answer comes
when everything before it was read. For one that doesn't answer, what counts is how long a frame had to wait.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final, NamedTuple

ASK_EVERY: Final = 5.0
"""Seconds between two questions while all is well."""
ASK_BEHIND: Final = 2048
"""Bytes that are worth a question of their own."""
LONGEST_FLIGHT: Final = 1.0
"""Seconds after which an answer is late: nothing more is sent after it."""
GIVEN_UP: Final = 15.0
"""Seconds after which an answer counts as not coming."""
LEAST_SAMPLE: Final = 256
"""Bytes; how long fewer of them take tells of the way, not of its width."""


class Sample(NamedTuple):
    """Bytes, and the seconds that they took beyond those that the way takes in any case."""

    size: int
    seconds: float

    @property
    def rate(self) -> float:
        """Bytes a second; what took no time to speak of counts as a millisecond."""
        return self.size / max(self.seconds, 0.001)


class Drain:
    """Follows frames, questions and answers; each measurement goes to ``measured``."""

    def __init__(self, monotonic: Callable[[], float], measured: Callable[[Sample], None]) -> None:
        self._monotonic = monotonic
        self._measured = measured
        self._size = 0
        self._stuck: float | None = None
        self._asked: float | None = None
        self._asked_last = monotonic()
        self._trips: deque[float] = deque(maxlen=32)
        self.answers = False
        """Whether the terminal answers questions."""
        self.last: Sample | None = None
        """The last measurement."""

    @property
    def overdue(self) -> float:
        """Seconds for which the terminal has owed an answer or room for a frame."""
        since = self._asked if self.answers and self._asked is not None else self._stuck
        return 0.0 if since is None else self._monotonic() - since

    def may_send(self, *, thin: bool) -> bool:
        """Whether another frame may go out: none has to wait, and none is on its way for too long.

        A ``thin`` line carries one frame at a time, so that each is the newest when it arrives.
        """
        if self._stuck is not None:
            return False
        if self._asked is None or not self.answers:
            return True
        flight = self._monotonic() - self._asked
        if flight > GIVEN_UP:
            self._asked, self.answers = None, False
            return True
        return not thin and flight < LONGEST_FLIGHT

    def wants_to_ask(self, *, thin: bool) -> bool:
        """Whether a question belongs behind the frame that is being written."""
        if not self.answers or self._asked is not None:
            return False
        return thin or self._size >= ASK_BEHIND or self._monotonic() - self._asked_last >= ASK_EVERY

    def asked(self) -> None:
        """A question was written."""
        self._asked = self._asked_last = self._monotonic()

    def answered(self, at: float) -> None:
        """The terminal answered ``at`` this moment: it has read all that stood before the question."""
        self.answers = True
        if self._asked is None:
            return
        trip = at - self._asked
        self._asked = None
        self._trips.append(trip)
        self._sample(trip - min(self._trips))

    def wrote(self, size: int, *, waiting: bool) -> None:
        """A frame was written, and has to wait for the terminal or not."""
        self._size += size
        if waiting and self._stuck is None:
            self._stuck = self._monotonic()
        elif not waiting and not self.answers:
            self._sample(0.0)

    def took_all(self) -> None:
        """The terminal has taken what had to wait."""
        if self._stuck is None:
            return
        waited, self._stuck = self._monotonic() - self._stuck, None
        if not self.answers:
            self._sample(waited)

    def _sample(self, seconds: float) -> None:
        size, self._size = self._size, 0
        if size >= LEAST_SAMPLE:
            self.last = Sample(size, seconds)
            self._measured(self.last)
