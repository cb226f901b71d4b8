"""Lines made of formatted cells: segments and strips, and nothing that looks at data."""

from __future__ import annotations

import textwrap
from collections.abc import Collection
from typing import Final

import msgspec
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from fxtop.ui.table.fit import Fitted, fitted, plain
from fxtop.ui.table.layout import GAP, GUTTER, ColumnLayout
from fxtop.ui.table.palette import Ink, LineState, Palette
from fxtop.ui.table.rows import FormattedRow
from fxtop.views.column import Tone
from fxtop.views.fit import clip, width_of


class Glyphs(msgspec.Struct, frozen=True):
    """The signs of a table."""

    cursor: str
    mark: str
    gone: str
    ascending: str
    descending: str
    more_left: str
    more_right: str


UNICODE: Final = Glyphs("›", "◆", "×", "▲", "▼", "‹", "›")
ASCII: Final = Glyphs(">", "*", "x", "^", "v", "<", ">")


def glyphs_for(*, ascii_only: bool) -> Glyphs:
    """The signs that this terminal can show."""
    return ASCII if ascii_only else UNICODE


def paint_row(
    row: FormattedRow,
    line: LineState,
    flashing: Collection[str],
    layout: ColumnLayout,
    palette: Palette,
    glyphs: Glyphs,
) -> Strip:
    """The whole unscrolled line of a row."""
    sign = glyphs.gone if row.gone else glyphs.mark if line.marked else glyphs.cursor if line.cursor else " "
    segments = [Segment(sign, palette.blank(Tone.ACCENT, line))]
    for column, (cell, tone) in zip(layout.columns, row.cells, strict=True):
        _add(segments, cell, palette.cell(tone, line, column.id in flashing))
    return _filled(segments, layout, palette.blank(Tone.NORMAL, line))


def paint_header(layout: ColumnLayout, sort: str, descending: bool, palette: Palette, *, ascii_only: bool) -> Strip:
    """The whole unscrolled line of titles, with the direction on the sorted one."""
    glyphs = glyphs_for(ascii_only=ascii_only)
    usual, chosen = palette.title("header"), palette.title("header", "sorted")
    background = usual.blank or usual.text
    segments = [Segment(" " * GUTTER, background)]
    for column, width in zip(layout.columns, layout.widths, strict=True):
        title, ink = plain(column.title, ascii_only=ascii_only), usual
        if column.id == sort:
            title = clip(title, max(0, width - 1), ascii=ascii_only)
            title += glyphs.descending if descending else glyphs.ascending
            ink = Ink(chosen.text, background)
        _add(segments, fitted(title, width, right=column.right, ascii_only=ascii_only), ink)
    return _filled(segments, layout, background)


def window(strip: Strip, layout: ColumnLayout, scroll: int, width: int) -> Strip:
    """The part of a whole line that a viewport of ``width`` cells scrolled sideways by ``scroll`` shows."""
    if scroll <= 0:
        return strip.crop(0, width)
    fixed = layout.fixed_width
    return Strip.join([strip.crop(0, fixed), strip.crop(fixed + scroll, scroll + width)])


def with_edges(header: Strip, layout: ColumnLayout, scroll: int, palette: Palette, glyphs: Glyphs) -> Strip:
    """A cropped header with signs over its ends where columns are hidden beyond them."""
    style = palette.part("header", "sorted")
    width = header.cell_length
    if scroll > 0:
        at = layout.fixed_width - 1
        header = Strip.join(
            [header.crop(0, at), Strip([Segment(glyphs.more_left, style)], 1), header.crop(at + 1, width)]
        )
    if scroll < layout.overflow:
        header = Strip.join([header.crop(0, width - 1), Strip([Segment(glyphs.more_right, style)], 1)])
    return header


def paint_notice(text: str, width: int, height: int, palette: Palette, *, ascii_only: bool) -> list[Strip]:
    """``text`` wrapped and centred in an area of ``width`` by ``height`` cells; what doesn't fit is cut."""
    base, style = palette.base, palette.part(Tone.MUTED)
    room = max(1, width - 2)
    lines = [line for part in text.splitlines() for line in textwrap.wrap(plain(part, ascii_only=ascii_only), room)]
    lines = lines[:height]
    top = (height - len(lines)) // 2
    strips = [Strip.blank(width, base)] * height
    for i, line in enumerate(lines):
        left = max(0, (width - width_of(line)) // 2)
        segments = [Segment(" " * left, base), Segment(line, style)]
        strips[top + i] = Strip(segments).crop_extend(0, width, base)
    return strips


def _filled(segments: list[Segment], layout: ColumnLayout, style: Style) -> Strip:
    """The whole line, filled up to the viewport where the columns leave something over."""
    rest = layout.viewport - layout.total
    if rest > 0:
        segments.append(Segment(" " * rest, style))
    return Strip(segments, max(layout.total, layout.viewport))


def _add(segments: list[Segment], cell: Fitted, ink: Ink) -> None:
    """Append one segment a cell, so that the screen output can skip it whole; more where text and blanks differ."""
    lead, text, trail = cell
    style, blank = ink
    if blank is None:
        segments.append(Segment(f"{' ' * lead}{text}{' ' * (trail + GAP)}", style))
        return
    if lead:
        segments.append(Segment(" " * lead, blank))
    if text:
        segments.append(Segment(text, style))
    segments.append(Segment(" " * (trail + GAP), blank))
