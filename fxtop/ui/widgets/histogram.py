"""How the sessions lie on the nodes: a bar each against its capacity, and with a plan also how they would lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Final, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from fxtop.ui.table.viewport import PlainBars
from fxtop.views.fit import fit, plain_ascii, width_of

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


class Histogram(ScrollView, can_focus=True, inherit_bindings=False):
    """A line for each node. All bars have one scale, the largest number there is, so that they can be compared."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"histogram--{name}" for name in ("label", "bar", "rest", "full", "figures", "after", "note"))
    }

    DEFAULT_CSS = """
    Histogram {
        scrollbar-size-vertical: 1;
        scrollbar-size-horizontal: 0;
        overflow-x: hidden;

        & > .histogram--label { color: $fx-text; }
        & > .histogram--bar { color: $fx-chart; }
        & > .histogram--rest { color: $fx-chart-rest; }
        & > .histogram--full { color: $fx-chart-full; }
        & > .histogram--figures { color: $fx-text; }
        & > .histogram--after { color: $fx-accent; text-style: bold; }
        & > .histogram--note { color: $fx-muted; }
    }
    """

    ALLOW_SELECT = False

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

    def on_mount(self) -> None:
        """Draw the scrollbar with what this terminal can show."""
        if self._ascii:
            self.vertical_scrollbar.renderer = PlainBars  # type: ignore[misc]  # Textual means it to be set so

    def show(self, bars: Sequence[Bar]) -> None:
        """Show these nodes; nothing is painted when they are the ones already shown."""
        shown = tuple(replace(bar, label=self._plain(bar.label), note=self._plain(bar.note)) for bar in bars)
        if shown != self._bars:
            if len(shown) != len(self._bars):
                self.virtual_size = Size(0, len(shown))
            self._bars = shown
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The line of one node."""
        index = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        if index >= len(self._bars):
            return Strip.blank(width, self.rich_style)
        return Strip(self._segments(self._bars[index], width)).crop_extend(0, width, self.rich_style)

    def _segments(self, node: Bar, width: int) -> list[Segment]:
        plan = any(each.after is not None for each in self._bars)
        label = min(_LABEL_MOST, max(width_of(each.label) for each in self._bars), max(4, width // 3))
        note = max(width_of(each.note) for each in self._bars)
        room = width - label - 1 - _FIGURES - (_FIGURES if plan else 0) - (note + 1 if note else 0)
        length = max(_BAR_LEAST, room)
        segments = [Segment(fit(node.label, label, ascii=self._ascii) + " ", self._style("label"))]
        segments += self._bar(node, length)
        segments.append(Segment(_figures(node.now, node.capacity).rjust(_FIGURES - 1) + " ", self._style("figures")))
        if plan:
            segments.append(self._after(node))
        if node.note:
            segments.append(Segment(node.note, self._style("note")))
        return segments

    def _bar(self, node: Bar, length: int) -> list[Segment]:
        """Sessions that stay, those that the plan brings or takes, then what is free up to the node's capacity."""
        most = max(max(each.now, each.after or 0, each.capacity or 0) for each in self._bars) or 1
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
