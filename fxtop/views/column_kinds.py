"""The kinds of column that occur again and again. Each takes how to get the value and knows how to paint it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypedDict, TypeVar, Unpack

from msgspec.structs import replace

from fxtop.cluster.census import SKEW_SHOWN
from fxtop.views import format as fmt
from fxtop.views.charts import sparkline
from fxtop.views.column import Cell, Column, Look, Tone, Unit
from fxtop.views.fit import plain_ascii
from fxtop.views.states import LIVENESS_GLYPHS, LIVENESS_TONES, Status

if TYPE_CHECKING:
    from fxtop.cluster.history import Ring
    from fxtop.cluster.records import Row
    from fxtop.cluster.store import Store
    from fxtop.protocol.ids import RequestId

R = TypeVar("R")

NUMBER_WIDTH: Final = 4
"""Cells that `trend` keeps for the number before its sparkline."""


class Measure(NamedTuple):
    """What a number means: its unit, its text, and when it is bad."""

    unit: Unit
    show: Callable[[float], str]
    tone: Callable[[float], Tone] | None = None
    top: float | None = None
    """The highest mark of its sparkline; None for the largest value shown."""

    def cell(self, value: float) -> Cell:
        """``value`` as it is painted."""
        return Cell(self.show(value), self.tone(value) if self.tone else Tone.NORMAL)


COUNT: Final = Measure("number", fmt.number)
DECIMAL: Final = Measure("number", fmt.decimal)
SHARE: Final = Measure("share", fmt.percent, top=1.0)
SIZE: Final = Measure("bytes", fmt.size)
DURATION: Final = Measure("duration", fmt.duration)
LATENCY: Final = Measure("duration", fmt.latency)


class Options(TypedDict, total=False):
    """The fields of `Column` that have defaults, as keywords."""

    width: int
    max_width: int
    weight: int
    right: bool
    wide: bool
    fixed: bool
    lasting: bool
    volatile: bool
    descending: bool


def unknown_cell(look: Look) -> Cell:
    """A cell whose value nobody knows."""
    return Cell(fmt.unknown(look), Tone.MUTED)


def text_cell(value: str | None, look: Look, tone: Tone = Tone.NORMAL) -> Cell:
    """Text as it came, reduced to ASCII where the terminal knows no more."""
    if value is None:
        return unknown_cell(look)
    return Cell(plain_ascii(value) if look.ascii else value, tone)


def threshold(value: float, warn: float, crit: float) -> Tone:
    """The tone of a value that is bad when it is high."""
    if value >= crit:
        return Tone.CRIT
    return Tone.WARN if value >= warn else Tone.NORMAL


def text(
    id_: str,
    title: str,
    help_: str,
    get: Callable[[R], str | None],
    *,
    tone: Tone = Tone.NORMAL,
    **options: Unpack[Options],
) -> Column[R]:
    """Words; None is unknown, an empty string is known to be nothing."""
    return Column(
        id=id_,
        title=title,
        help=help_,
        value=lambda row, store, look: get(row),
        cell=lambda row, store, look: text_cell(get(row), look, tone),
        **options,
    )


def words(
    id_: str, title: str, help_: str, get: Callable[[R], Sequence[str] | None], **options: Unpack[Options]
) -> Column[R]:
    """Several words; a filter finds the row by any one of them."""

    def cell(row: R, store: Store, look: Look) -> Cell:
        found = get(row)
        return text_cell(None if found is None else " ".join(found), look)

    def value(row: R, store: Store, look: Look) -> tuple[str, ...] | None:
        found = get(row)
        return None if found is None else tuple(found)

    return Column(id=id_, title=title, help=help_, value=value, cell=cell, **options)


def flag(id_: str, title: str, help_: str, get: Callable[[R], bool | None], **options: Unpack[Options]) -> Column[R]:
    """Yes, no or unknown."""

    def cell(row: R, store: Store, look: Look) -> Cell:
        value = get(row)
        return unknown_cell(look) if value is None else Cell("yes" if value else "no")

    merged: Options = {"width": 4, **options}
    return Column(id=id_, title=title, help=help_, value=lambda row, store, look: get(row), cell=cell, **merged)


def figure(
    id_: str,
    title: str,
    help_: str,
    get: Callable[[R], float | None],
    measure: Measure = COUNT,
    **options: Unpack[Options],
) -> Column[R]:
    """A number, painted and judged as its measure says."""

    def cell(row: R, store: Store, look: Look) -> Cell:
        value = get(row)
        return unknown_cell(look) if value is None else measure.cell(value)

    merged: Options = {"width": 5, "right": True, "descending": True, **options}
    return Column(
        id=id_,
        title=title,
        help=help_,
        value=lambda row, store, look: get(row),
        cell=cell,
        unit=measure.unit,
        **merged,
    )


def trend(
    id_: str,
    title: str,
    help_: str,
    get: Callable[[R], float | None],
    past: Callable[[R], Ring | None],
    measure: Measure = COUNT,
    **options: Unpack[Options],
) -> Column[R]:
    """A number with the sparkline of its recent past, which takes the width that the number leaves."""
    merged: Options = {"width": NUMBER_WIDTH + 9, "volatile": True, "descending": True, **options}
    points = merged["width"] - NUMBER_WIDTH - 1

    def cell(row: R, store: Store, look: Look) -> Cell:
        value = get(row)
        if value is None:
            return Cell(f"{fmt.unknown(look):>{NUMBER_WIDTH}}", Tone.MUTED)
        ring = past(row)
        line = sparkline(ring.values() if ring else (), points, top=measure.top, ascii=look.ascii)
        shown = measure.cell(value)
        return Cell(f"{shown.text:>{NUMBER_WIDTH}} {line}", shown.tone)

    return Column(
        id=id_,
        title=title,
        help=help_,
        value=lambda row, store, look: get(row),
        cell=cell,
        unit=measure.unit,
        **merged,
    )


def elapsed(
    id_: str, title: str, help_: str, get: Callable[[R], float | None], **options: Unpack[Options]
) -> Column[R]:
    """The time since a moment in Unix seconds."""

    def value(row: R, store: Store, look: Look) -> float | None:
        since = get(row)
        return None if since is None else look.now - since

    def cell(row: R, store: Store, look: Look) -> Cell:
        since = get(row)
        return unknown_cell(look) if since is None else Cell(fmt.duration(look.now - since))

    merged: Options = {"width": 5, "right": True, "volatile": True, "descending": True, **options}
    return Column(id=id_, title=title, help=help_, value=value, cell=cell, unit="duration", ages=True, **merged)


def moment(id_: str, title: str, help_: str, get: Callable[[R], float | None], **options: Unpack[Options]) -> Column[R]:
    """A moment in Unix seconds, painted as the time of day or the date."""

    def cell(row: R, store: Store, look: Look) -> Cell:
        at = get(row)
        return unknown_cell(look) if at is None else Cell(fmt.clock_time(at, look))

    merged: Options = {"width": 8, "descending": True, **options}
    return Column(
        id=id_,
        title=title,
        help=help_,
        value=lambda row, store, look: get(row),
        cell=cell,
        unit="moment",
        **merged,
    )


def status(
    id_: str,
    help_: str,
    judge: Callable[[R, Store, Look], Status],
    value: Callable[[R], str | None] | None = None,
    **options: Unpack[Options],
) -> Column[R]:
    """The state of a row as ``judge`` finds it. Where the sender has a word of its own for it, ``value`` gives that.

    A filter takes both words.
    """

    def word(row: R, store: Store, look: Look) -> str:
        return judge(row, store, look).word

    return Column(
        id=id_,
        title=id_.capitalize(),
        help=help_,
        value=word if value is None else lambda row, store, look: value(row),
        cell=lambda row, store, look: judge(row, store, look).cell(look),
        sort=lambda row, store, look: judge(row, store, look).rank,
        aliases=None if value is None else lambda row, store, look: (word(row, store, look),),
        **options,
    )


def acting(what: str, get: Callable[[R], tuple[RequestId, ...]]) -> Column[R]:
    """What unfinished jobs are doing to a row."""
    return Column(
        id="acting",
        title="Acting",
        help=f"Jobs that are changing this {what} now, and whose they are.",
        value=lambda row, store, look: acting_text(get(row), store),
        cell=lambda row, store, look: text_cell(acting_text(get(row), store), look, Tone.ACCENT),
        width=14,
        max_width=24,
        weight=1,
    )


def acting_text(requests: tuple[RequestId, ...], store: Store) -> str:
    """``drain by ann``; empty where nobody acts."""
    jobs = [store.jobs[request] for request in requests if request in store.jobs]
    return ", ".join(f"{job.verb} by {job.operator}" if job.operator else job.verb for job in jobs)


def wide(*columns: Column[R]) -> tuple[Column[R], ...]:
    """The same columns, shown in wide mode only."""
    return tuple(replace(column, wide=True) for column in columns)


def heard_columns(sender: str) -> tuple[Column[Any], Column[Any], Column[Any]]:
    """Age, liveness and clock skew: what every row has that a sender feeds. ``sender`` is who speaks, in words."""
    return _age(sender), _liveness(sender), _skew(sender)


def _age(sender: str) -> Column[Any]:
    def cell(row: Row, store: Store, look: Look) -> Cell:
        glyph = LIVENESS_GLYPHS.get(row.liveness)
        text_ = fmt.duration(look.monotonic - row.heard)
        return Cell(text_ + (glyph.at(look) if glyph else " "), LIVENESS_TONES[row.liveness])

    return Column(
        id="age",
        title="Age",
        help=f"How long ago {sender} was last heard, by this console's clock. ~ late, ! stale, ✗ lost, ◇ left.",
        value=lambda row, store, look: look.monotonic - row.heard,
        cell=cell,
        unit="duration",
        width=6,
        right=True,
        volatile=True,
        descending=True,
        ages=True,
    )


def _liveness(sender: str) -> Column[Any]:
    return Column(
        id="liveness",
        title="Liveness",
        help=f"Whether {sender} is heard in time: late after 2 intervals, stale after 3, lost after 6, or left.",
        value=lambda row, store, look: row.liveness.value,
        cell=lambda row, store, look: Cell(row.liveness.value, LIVENESS_TONES[row.liveness]),
        wide=True,
    )


def _skew(sender: str) -> Column[Any]:
    def cell(row: Row, store: Store, look: Look) -> Cell:
        if row.skew is None:
            return unknown_cell(look)
        return Cell(fmt.offset(row.skew), Tone.WARN) if abs(row.skew) > SKEW_SHOWN else Cell("")

    return Column(
        id="skew",
        title="Skew",
        help=f"How far the clock of {sender} is off ours, where it is more than 2 s.",
        value=lambda row, store, look: row.skew,
        cell=cell,
        unit="duration",
        width=7,
        right=True,
        wide=True,
        volatile=True,
        descending=True,
    )
