"""A column as data. Tables, ``fxtop get``, help and completion are all made from these."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, tzinfo
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, TypeVar

import msgspec

if TYPE_CHECKING:
    from fxtop.cluster.store import Store

R = TypeVar("R")

Unit = Literal["text", "number", "bytes", "share", "duration", "moment"]
"""What a column's value is, for the filter language and the formatter: ``share`` 0..1 is compared in percent when
``%`` is written, ``duration`` takes ``10m``, ``bytes`` takes ``8G``, ``moment`` is Unix seconds."""


class Tone(StrEnum):
    """What a cell means; a theme gives it a colour, and the text itself always says it too."""

    NORMAL = "normal"
    MUTED = "muted"
    OK = "ok"
    WARN = "warn"
    CRIT = "crit"
    ACCENT = "accent"


class Cell(NamedTuple):
    """One painted cell: plain text without control characters or markup, and its tone."""

    text: str
    tone: Tone = Tone.NORMAL


class Look(msgspec.Struct, frozen=True):
    """How text is to be written for this terminal and person, and the moment it is written for."""

    monotonic: float = 0.0
    now: float = 0.0
    tz: tzinfo = UTC
    ascii: bool = False
    domain: str = ""
    """DNS domain that all node names share (`fxtop.views.names.shared_domain`); it is left out where they are shown."""


class Column(msgspec.Struct, Generic[R], frozen=True):
    """One column of rows of kind ``R``.

    ``value`` gives what is sorted, filtered and printed as JSON (None is unknown and sorts last); ``cell`` gives what
    is painted. Widths are in terminal cells; ``weight`` shares what is left over among the columns that want it.
    """

    id: str
    title: str
    help: str
    value: Callable[[R, Store, Look], Any]
    cell: Callable[[R, Store, Look], Cell]
    unit: Unit = "text"
    width: int = 8
    max_width: int = 0
    """0 means `width`."""
    weight: int = 0
    right: bool = False
    wide: bool = False
    """Shown in wide mode only."""
    fixed: bool = False
    """Stays when the table scrolls sideways."""
    constant: bool = False
    """Its value is a part of the row's id, so that a row never moves in its order."""
    lasting: bool = False
    """Its value doesn't walk by itself, and changes with nothing but what the row's own sender tells."""
    volatile: bool = False
    """Changes by itself all the time; the table doesn't flash it."""
    descending: bool = False
    """The direction that the first press of its sort key takes."""
    sort: Callable[[R, Store, Look], Any] | None = None
    """What to sort by where that isn't ``value``: a state sorts worst first, not by alphabet."""
    aliases: Callable[[R, Store, Look], tuple[str, ...]] | None = None
    """Other words that a filter on this column finds the row by, as the word that is painted in place of ``value``."""
    whole: Callable[[R, Store, Look], float | None] | None = None
    """What 100 % stands for, so that a share can be compared with a size (``mem>8G``), and a count with a share."""
    ages: bool = False
    """Its value changes by the mere passing of time, so a filter on it must be asked again."""
