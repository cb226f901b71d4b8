"""Widgets whose lines are kept: Textual asks each for all of them whenever anything beside it is painted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from textual.filter import LineFilter
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget


class KeptLines(Widget):
    """A widget that only changes when it is refreshed or styled anew, as every widget should."""

    _kept: tuple[tuple[Region, Size, Sequence[LineFilter]], list[Strip]] | None = None
    """What its lines were made for, and they."""

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines as Textual makes them, or as it made them last."""
        made_for = (crop, self.size, self.get_line_filters())
        if self._kept is None or self._kept[0] != made_for:
            self._kept = made_for, super().render_lines(crop)
        return self._kept[1]

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Make them anew."""
        self._kept = None
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def notify_style_update(self) -> None:
        """Make them anew."""
        self._kept = None
        super().notify_style_update()
