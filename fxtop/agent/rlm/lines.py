"""The lines of ``rlmstat`` that stand for themselves: heads of blocks, counters, and what means nothing.

Each function takes a line without indentation, its words parted by single spaces, and gives back what it says, or None
where it is another kind of line. The layouts are those of rlmutil 9.1 to 16.1; RLM has no published grammar. No
pattern here can be read in two ways, so none takes more than linear time.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final, NamedTuple

from fxtop.agent.rlm.report import Block, IsvEntry, Status

DAEMON: Final = "rlm"
_SPAN: Final = r"(?:([0-9]{1,6})d )?([0-9]{1,4}):([0-9]{2}):([0-9]{2})"
_STAMP: Final = (
    r"[A-Z][a-z]{2} (?P<month>[A-Z][a-z]{2}) (?P<day>[0-9]{1,2})"
    r" (?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2}) (?P<year>[0-9]{4})"
)
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_HEAD: Final = re.compile(r"(?:(rlm)|(\S+) ISV server) status on (\S+) \(port ([0-9]{1,5})\)(?:, (.*))?")
_SECTION: Final = re.compile(r"(\S+) license (pool|usage) status on \S+ \(port [0-9]{1,5}\)")
_VERSION: Final = re.compile(r"\S+ software version (v\S+)(?: \(build: ?[0-9]+\))?")
_STARTED: Final = re.compile(f"Startup time: {_STAMP}")
_WINDOW: Final = re.compile(rf"(Todays|Recent) Statistics \((?P<span>{_SPAN})\), init time: {_STAMP}")
_SPANS: Final = re.compile(rf"({_SPAN}) ({_SPAN}) ({_SPAN})")
_RATE: Final = r"([0-9]{1,18}) \([^() ]{1,20}/sec\)"
_COUNTER: Final = re.compile(rf"(Messages|Connections|Checkouts|Denials|Removals): {_RATE} {_RATE} {_RATE}")
_ENTRY: Final = re.compile(r"(\S+) (?:(?:([0-9]{1,5})|-) ([A-Za-z]+)|([Yy]es|[Nn]o)) ([0-9]{1,9})")
_FAILURE: Final = re.compile(r"error connecting to \"([^\"]*)\" server.*", re.IGNORECASE)
_PATH: Final = "Setting license file path to "
_PLAIN: Final = re.compile(
    r"rlm(?:util|stat) v\S+"
    r"|Copyright \(C\) .*"
    r"|[-=]+(?: ISV servers [-=]+)?"
    r"|Name Port Running Restarts"
    r"|Recent Stats Todays Stats Total Stats"
    r"|\S+ comm version: v\S+"
    r"|\S+ \S+ log filename: .*",
    re.IGNORECASE,
)


class WindowHead(NamedTuple):
    """When a window began, and how long it is."""

    window: str
    since: datetime
    seconds: float


class Counter(NamedTuple):
    """One thing that was counted: lately, today, and since the start."""

    name: str
    values: tuple[int, int, int]


def is_plain(line: str) -> bool:
    """Whether it tells nothing that is needed: titles, rules, versions of the protocol, names of log files."""
    return _PLAIN.fullmatch(line) is not None


def path(line: str) -> tuple[str, ...] | None:
    """The servers and license files that were asked for."""
    if not line.startswith(_PATH):
        return None
    return tuple(part for part in line.removeprefix(_PATH).split(":") if part)


def head(line: str) -> Status | None:
    """The head of a status block; the daemon's has the name ``rlm``. A state that isn't ``up`` is one of being down."""
    match = _HEAD.fullmatch(line)
    if match is None:
        return None
    daemon, isv, host, port, state = match.groups()
    up = state is None or state.split()[:1] == ["up"]
    return Status(
        name=daemon or isv, host=host, port=int(port), up=up, uptime=span(state.removeprefix("up ")) if state else None
    )


def section(line: str) -> Block | None:
    """The head of an ISV's pools, or of those who hold its seats."""
    match = _SECTION.fullmatch(line)
    return Block(match[1], "pool" if match[2] == "pool" else "usage") if match else None


def version(line: str) -> str | None:
    """The version of the server that a status block is about."""
    match = _VERSION.fullmatch(line)
    return match[1] if match else None


def started(line: str) -> datetime | None:
    """When that server was started."""
    match = _STARTED.fullmatch(line)
    return _stamp(match) if match else None


def window(line: str) -> WindowHead | None:
    """When the counters of a window were set to nothing."""
    match = _WINDOW.fullmatch(line)
    since = _stamp(match) if match else None
    if match is None or since is None:
        return None
    return WindowHead("today" if match[1] == "Todays" else "recent", since, span(match["span"]) or 0.0)


def spans(line: str) -> tuple[float, float, float] | None:
    """The lengths of the three windows."""
    match = _SPANS.fullmatch(line)
    if match is None:
        return None
    recent, today, total = (span(match[group]) or 0.0 for group in (1, 6, 11))
    return recent, today, total


def counter(line: str) -> Counter | None:
    """A line of counters of the three windows."""
    match = _COUNTER.fullmatch(line)
    if match is None:
        return None
    return Counter(match[1].lower(), (int(match[2]), int(match[3]), int(match[4])))


def entry(line: str) -> IsvEntry | None:
    """A row of the table of ISV servers."""
    match = _ENTRY.fullmatch(line)
    if match is None:
        return None
    name, port, running, alone, restarts = match.groups()
    return IsvEntry(name, int(port) if port else None, (running or alone).lower() == "yes", int(restarts))


def failure(line: str) -> str | None:
    """The server that couldn't be asked; empty where an error text names none."""
    match = _FAILURE.fullmatch(line)
    if match is not None:
        return match[1]
    return "" if line.lower().startswith("error") else None


def month(name: str) -> int | None:
    """The number of a month by its English three letters."""
    return _MONTHS.index(name.lower()) + 1 if name.lower() in _MONTHS else None


def span(text: str) -> float | None:
    """Seconds of a stretch of time such as ``99d 11:08:25``."""
    match = re.fullmatch(_SPAN, text)
    if match is None:
        return None
    days, hours, minutes, seconds = (int(group or 0) for group in match.groups())
    return float(((days * 24 + hours) * 60 + minutes) * 60 + seconds)


def _stamp(match: re.Match[str]) -> datetime | None:
    """A moment as C's ctime prints it, without a zone; None where it makes no date."""
    day, hour, minute, second, year = (int(match[name]) for name in ("day", "hour", "minute", "second", "year"))
    try:
        return datetime(year, month(match["month"]) or 0, day, hour, minute, second)  # noqa: DTZ001  # none was printed
    except ValueError:
        return None
