"""How the sessions lie on the nodes: a bar each against its capacity, and with a plan also how they would lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Final, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from fxtop.ui.table.viewport import LineViewport
from fxtop.views.fit import clip, fit, plain_ascii, width_of

_LABEL_MOST: Final = 24
_BAR_LEAST: Final = 8
_FIGURES: Final = 9
"""Cells of ``123/456`` and the blanks around it."""


class Fills(NamedTuple):
    """What a bar is made of."""

    stay: str
    come: str
    go: str
    free: str


FILLS: Final = Fills("█", "▓", "▒", "░")
ASCII_FILLS: Final = Fills("#", "+", "-", ".")


@dataclass(frozen=True, slots=True)
class Bar:
    """One node as a place for sessions."""

    label: str
    now: int
    capacity: int | None
    """None where nobody said how many it is meant to carry."""
    after: int | None = None
    """Sessions by the plan that is shown; None without one."""
    note: str = ""
    """What else is to be said: draining, its weight before and after."""


@dataclass(frozen=True, slots=True)
class Measures:
    """What the lines have in common."""

    most: int = 1
    """The largest number there is, of sessions or of room for them."""
    label: int = 0
    note: int = 0
    plan: bool = False

    @classmethod
    def of(cls, bars: Sequence[Bar]) -> Measures:
        """Measure ``bars``."""
        return cls(
            most=max((max(bar.now, bar.after or 0, bar.capacity or 0) for bar in bars), default=0) or 1,
            label=max((width_of(bar.label) for bar in bars), default=0),
            note=max((width_of(bar.note) for bar in bars), default=0),
            plan=any(bar.after is not None for bar in bars),
        )


class Histogram(LineViewport, can_focus=True, inherit_bindings=False):
    """A line for each node. All bars have one scale, the largest number there is, so that they can be compared."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"histogram--{name}" for name in ("label", "bar", "rest", "full", "figures", "after", "note"))
    }

    DEFAULT_CSS = """
    Histogram {
        scrollbar-color: $fx-scrollbar;
        scrollbar-background: $fx-scrollbar-track;

        & > .histogram--label { color: $fx-text; }
        & > .histogram--bar { color: $fx-chart; }
        & > .histogram--rest { color: $fx-chart-rest; }
        & > .histogram--full { color: $fx-chart-full; }
        & > .histogram--figures { color: $fx-text; }
        & > .histogram--after { color: $fx-accent; text-style: bold; }
        & > .histogram--note { color: $fx-muted; }
    }
    """

    def __init__(
        self,
        *,
        ascii_only: bool = False,
        id: str | None = None,  # noqa: A002  # Textual's own name for it
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._ascii = ascii_only
        self._bars: tuple[Bar, ...] = ()
        self._measures = Measures()

    def on_mount(self) -> None:
        """Draw the scrollbar with what this terminal can show."""
        if self._ascii:
            self.draw_plain_scrollbar()

    def show(self, bars: Sequence[Bar]) -> None:
        """Show these nodes; nothing is painted when they are the ones already shown."""
        shown = tuple(replace(bar, label=self._plain(bar.label), note=self._plain(bar.note)) for bar in bars)
        if shown != self._bars:
            self._bars, self._measures = shown, Measures.of(shown)
            self.resize_lines(len(shown), 0)
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The line of one node."""
        index = y + self.top
        width = self.line_width
        if index >= len(self._bars):
            return Strip.blank(width, self.rich_style)
        return Strip(self._segments(self._bars[index], width)).crop_extend(0, width, self.rich_style)

    def _segments(self, node: Bar, width: int) -> list[Segment]:
        common = self._measures
        label = min(common.label, _LABEL_MOST, max(4, width // 3))
        note = min(common.note, width // 4)
        taken = label + 1 + _FIGURES * (2 if common.plan else 1) + (note + 1 if note else 0)
        segments = [Segment(fit(node.label, label, ascii=self._ascii) + " ", self._style("label"))]
        segments += self._bar(node, max(_BAR_LEAST, width - taken))
        segments.append(Segment(_figures(node.now, node.capacity).rjust(_FIGURES - 1) + " ", self._style("figures")))
        if common.plan:
            segments.append(self._after(node))
        if node.note:
            segments.append(Segment(clip(node.note, note, ascii=self._ascii), self._style("note")))
        return segments

    def _bar(self, node: Bar, length: int) -> list[Segment]:
        """Sessions that stay, those that the plan brings or takes, then what is free up to the node's capacity."""
        most = self._measures.most
        after = node.now if node.after is None else node.after
        kept = _cells(min(node.now, after), most, length)
        moved = max(kept, _cells(max(node.now, after), most, length)) - kept
        free = max(0, _cells(node.capacity or 0, most, length) - kept - moved)
        full = node.capacity is not None and after >= node.capacity
        glyphs = ASCII_FILLS if self._ascii else FILLS
        change, name = (glyphs.come, "after") if after > node.now else (glyphs.go, "rest")
        parts = [
            (glyphs.stay * kept, "full" if full else "bar"),
            (change * moved, name),
            ((glyphs.free * free).ljust(length - kept - moved), "rest"),
        ]
        return [Segment(text, self._style(name)) for text, name in parts if text]

    def _after(self, node: Bar) -> Segment:
        arrow = "->" if self._ascii else "→"
        if node.after is None or node.after == node.now:
            return Segment(" " * _FIGURES, self._style("figures"))
        return Segment(fit(f"{arrow} {node.after}", _FIGURES), self._style("after"))

    def _plain(self, text: str) -> str:
        return plain_ascii(text) if self._ascii else text

    def _style(self, component: str) -> Style:
        return self.rich_style + self.get_component_rich_style(f"histogram--{component}", partial=True)


def _cells(count: int, most: int, length: int) -> int:
    """How long a bar of ``count`` is where ``most`` has ``length``; something is never nothing."""
    return max(1, round(length * count / most)) if count else 0


def _figures(count: int, capacity: int | None) -> str:
    return f"{count}/{'?' if capacity is None else capacity}"
