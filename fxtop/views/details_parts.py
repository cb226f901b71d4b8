"""What the details of a row are made of, as data. Labels and texts are in full words: here is room for them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import msgspec

from fxtop.cluster.census import SKEW_SHOWN
from fxtop.views import format as fmt
from fxtop.views.column import Cell, Look, Tone
from fxtop.views.column_kinds import Measure
from fxtop.views.fit import plain_ascii
from fxtop.views.states import LIVENESS_TONES, Status

if TYPE_CHECKING:
    from fxtop.cluster.history import Ring
    from fxtop.cluster.records import Row

T = TypeVar("T")

UNKNOWN: Final = Cell("unknown", Tone.MUTED)


class Line(NamedTuple):
    """One fact. A line without a label goes on with the one before it."""

    label: str
    cell: Cell


class Section(msgspec.Struct, frozen=True):
    """Facts that belong together."""

    title: str
    lines: tuple[Line, ...]


class Series(msgspec.Struct, frozen=True):
    """The recent past of one figure."""

    name: str
    values: tuple[float, ...]
    """Oldest first; empty while nothing was read."""
    measure: Measure

    @property
    def now(self) -> Cell:
        """The newest value."""
        return self.measure.cell(self.values[-1]) if self.values else UNKNOWN


class Details(msgspec.Struct, frozen=True):
    """All that is known of a row."""

    pane: str
    id: Hashable
    title: str
    sections: tuple[Section, ...]
    series: tuple[Series, ...] = ()
    related: Mapping[str, tuple[Any, ...]] = msgspec.field(default_factory=dict)
    """Ids of rows that belong to it, by pane, in a stable order."""


def line(label: str, text: str, tone: Tone = Tone.NORMAL) -> Line:
    """A fact that is known."""
    return Line(label, Cell(text, tone))


def maybe(label: str, value: T | None, show: Callable[[T], str] = str, tone: Tone = Tone.NORMAL) -> Line:
    """A fact that may not be known."""
    return Line(label, UNKNOWN if value is None else Cell(show(value), tone))


def lines_of(label: str, texts: Iterable[str]) -> list[Line]:
    """A fact with several parts, one a line; ``none`` where there is none."""
    found = [line("" if place else label, text) for place, text in enumerate(texts)]
    return found or [line(label, "none", Tone.MUTED)]


def section(title: str, *parts: Line | Iterable[Line], look: Look) -> Section:
    """A section of lines and of groups of lines; text is reduced to what the terminal can show."""
    lines: list[Line] = []
    for part in parts:
        lines += [part] if isinstance(part, Line) else part
    if look.ascii:
        lines = [Line(plain_ascii(each.label), Cell(plain_ascii(each.cell.text), each.cell.tone)) for each in lines]
    return Section(title, tuple(lines))


def state_line(status: Status) -> Line:
    """The state by its word."""
    return line("State", status.word, status.tone)


def heard_lines(row: Row, interval: float | None, look: Look) -> list[Line]:
    """When a row was last heard of, and what that means; and what its sender's clock is off."""
    heard = f"{fmt.spoken_duration(look.monotonic - row.heard)} ago"
    due = f", due every {fmt.spoken_duration(interval)}" if interval else ""
    lines = [
        line("Last heard", heard + due, LIVENESS_TONES[row.liveness]),
        line("Liveness", row.liveness.value, LIVENESS_TONES[row.liveness]),
    ]
    if row.skew is None:
        return [*lines, Line("Clock", UNKNOWN)]
    wrong = abs(row.skew) > SKEW_SHOWN
    side = "ahead of" if row.skew > 0 else "behind"
    clock = f"{fmt.spoken_duration(abs(row.skew))} {side} this console's" if wrong else "agrees with this console's"
    return [*lines, line("Clock", clock, Tone.WARN if wrong else Tone.NORMAL)]


def series(name: str, ring: Ring | None, measure: Measure) -> Series:
    """The past that a ring keeps."""
    return Series(name, tuple(ring.values()) if ring else (), measure)


def of_total(used: int, total: int) -> str:
    """``8.0 GiB of 64 GiB (12%)``."""
    share = f" ({fmt.percent(used / total)})" if total else ""
    return f"{fmt.spoken_size(used)} of {fmt.spoken_size(total)}{share}"
