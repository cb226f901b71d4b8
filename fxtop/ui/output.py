"""Writing only what changed to the terminal.

Textual repaints whole regions, every piece of text with its style set and reset, whether it differs from what stands
there or not. Over a slow line that is ten times the bytes. Here each update is compared, piece by piece, with what was
last written, and only the differences are sent.

And nothing is written to a terminal that hasn't taken what was written before: the update is left out, and once there
is room again the screen as it is then takes its place. What is compared with is what was written, so that nothing that
was left out is taken for shown.

This is the one module that touches Textual's private names for it: ``App._display``, which every update passes,
``App._begin_update`` and ``App._end_update``, which mark an update for the terminal to show at once,
``App._sync_available``, ``App._driver``, and the two updates that the compositor makes. `SUPPORTED` tells whether this
Textual has them in the shape known here (8.2); where it hasn't, updates go out as Textual makes them.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from rich.color import ColorSystem
from rich.console import COLOR_SYSTEMS, Console
from textual import _compositor as compositor
from textual import events
from textual.app import App, ReturnType

from fxtop.config.link import Link
from fxtop.ui.segment_diff import RESET, Placed, SegmentDiff
from fxtop.ui.terminal import driver as terminal
from fxtop.ui.terminal.drain import Drain
from fxtop.ui.terminal.outlet import Outlet
from fxtop.ui.terminal.profile import LinkProfile

if TYPE_CHECKING:
    from rich.console import RenderableType
    from textual.driver import Driver
    from textual.screen import Screen


def _supported() -> bool:
    """Whether Textual still has the private names used here, in the shape they are used in."""
    if not all(hasattr(compositor, name) for name in ("CompositorUpdate", "LayoutUpdate", "ChopsUpdate")):
        return False
    if not all(hasattr(App, name) for name in ("_display", "_begin_update", "_end_update")):
        return False
    if not hasattr(compositor.CompositorUpdate, "render_segments"):
        return False
    display = inspect.signature(App._display).parameters
    layout = inspect.signature(compositor.LayoutUpdate.__init__).parameters
    chops = inspect.signature(compositor.ChopsUpdate.__init__).parameters
    return (
        tuple(display) == ("self", "screen", "renderable")
        and {"strips", "region"} <= set(layout)
        and {"chops", "spans", "chop_ends"} <= set(chops)
    )


SUPPORTED: Final = _supported()
"""Whether this Textual can be given only the differences to write."""

SHORT: Final = 96
"""Characters of an update that a terminal takes in one piece anyway, so that it needs no marks at both ends."""
_MARK: Final = "\x1b[?2026h"
"""Begins a synchronized update; Textual's own end of it follows."""

_Update: Any = compositor.CompositorUpdate if SUPPORTED else object


class DiffedUpdate(_Update):  # type: ignore[misc]  # the base is only there when the check says so
    """An update of the compositor that renders as the difference to what stands on the terminal."""

    def __init__(
        self, pieces: Iterator[Placed], diff: SegmentDiff, width: int, height: int, marked: Callable[[str], str]
    ) -> None:
        self._pieces = pieces
        self._diff = diff
        self._width = width
        self._height = height
        self._marked = marked

    def render_segments(self, console: Console) -> str:
        """What to write. Textual asks once, when it writes; an update that it drops leaves no trace."""
        colors = COLOR_SYSTEMS.get(console.color_system or "", ColorSystem.TRUECOLOR)
        return self._marked(self._diff.render(self._pieces, self._width, self._height, colors))


class DiffedApp(App[ReturnType]):
    """An app that writes only what changed, where this Textual lets it."""

    segment_diff = SUPPORTED
    """Set to False to have updates written as Textual makes them."""

    def __init__(self, *, link: Link = Link.AUTO, **options: Any) -> None:
        super().__init__(**options)
        self._diff = SegmentDiff()
        self._left_out = False
        self._differing = False
        self._marked = False
        self.link = LinkProfile(link, time.monotonic, self._link_turned)
        self.drain = Drain(time.monotonic, self.link.take)

    @property
    def outlet(self) -> Outlet | None:
        """What the terminal is written to through; None where Textual does that in its own way."""
        return terminal.outlet_of(self._driver)

    def get_driver_class(self) -> type[Driver]:
        """Textual's driver for a terminal, made to wait for nothing."""
        return terminal.driver_for(super().get_driver_class())

    def _link_turned(self) -> None:
        self.call_later(self.link_changed)

    def link_changed(self) -> None:
        """The line to the terminal turned out to be thin, or no longer. Subclasses do what follows from it."""

    def terminal_drained(self) -> None:
        """The terminal took what had to wait."""
        self.drain.took_all()
        self._catch_up()

    def terminal_asked(self) -> None:
        """The terminal was asked for an answer."""
        self.drain.asked()

    def terminal_answered(self, at: float) -> None:
        """The terminal answered, so it has read what was written before the question."""
        self.drain.answered(at)
        self._catch_up()

    def _catch_up(self) -> None:
        """Write what was left out, now that there is room: the screen as it is by now."""
        if self._left_out and self.drain.may_send(thin=self.link.thin):
            self._left_out = False
            self.call_later(self._repaint)

    def _repaint(self) -> None:
        self.screen.refresh()

    def repaint_all(self) -> None:
        """Write the whole screen anew, whatever stands there: something else may have written to the terminal."""
        self._diff.forget()
        self.screen.refresh()

    def on_mount(self) -> None:
        """After a suspension the terminal shows something else."""
        self.app_resume_signal.subscribe(self, lambda _app: self.repaint_all())

    def on_resize(self, _event: events.Resize) -> None:
        """What a terminal keeps of its content when it changes its size is its own affair."""
        self._diff.forget()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        outlet = self.outlet
        if outlet is None or not _is_update(renderable):
            self._write(screen, renderable)
        elif not self.drain.may_send(thin=self.link.thin):
            self._left_out = True
        else:
            self._catch_up()
            before = outlet.offered
            self._write(screen, renderable)
            self._follow(outlet, outlet.offered - before)

    def _write(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        self._diff.keeps_style = self.outlet is not None
        self._differing = self.segment_diff and _is_update(renderable)
        if not self._differing and renderable is not None:
            self._reset_style()
        try:
            super()._display(screen, self.diffed(renderable) if self.segment_diff else renderable)
        finally:
            self._differing = False

    def _reset_style(self) -> None:
        """Leave the terminal to others than the difference, who expect no style to be set."""
        if self._diff.styled and self._driver is not None:
            self._driver.write(RESET)
        self._diff.forget()

    def _begin_update(self) -> None:
        if not self._differing:  # a difference marks itself, where it is long enough
            super()._begin_update()

    def _end_update(self) -> None:
        if self._marked or not self._differing:
            super()._end_update()
        self._marked = False

    def _mark(self, text: str) -> str:
        """``text`` with the mark of a synchronized update before it, where it is worth that."""
        self._marked = self._differing and self._sync_available and len(text) > SHORT
        return _MARK + text if self._marked else text

    def _follow(self, outlet: Outlet, size: int) -> None:
        """Measure how the terminal takes a frame that was just written."""
        if not size:
            return
        self.drain.wrote(size, waiting=outlet.waiting > 0)
        if self.drain.wants_to_ask(thin=self.link.thin):
            outlet.write(terminal.QUESTION)
            self.drain.asked()

    def diffed(self, renderable: RenderableType | None) -> RenderableType | None:
        """What to display in place of ``renderable``: the difference, if it is an update that can be compared."""
        if isinstance(renderable, compositor.LayoutUpdate | compositor.ChopsUpdate):
            update: Any = DiffedUpdate(_pieces(renderable), self._diff, *self.size, self._mark)
            return update  # type: ignore[no-any-return]  # Textual asks CompositorUpdates only for render_segments
        if renderable is not None:
            self._diff.forget()
        return renderable


def _is_update(renderable: object) -> bool:
    return SUPPORTED and isinstance(renderable, compositor.CompositorUpdate)


def _pieces(update: compositor.LayoutUpdate | compositor.ChopsUpdate) -> Iterator[Placed]:
    return _layout(update) if isinstance(update, compositor.LayoutUpdate) else _chops(update)


def _layout(update: compositor.LayoutUpdate) -> Iterator[Placed]:
    region = update.region
    for y, strips in enumerate(update.strips, region.y):
        x = region.x
        for strip in strips:
            yield Placed(y, x, region.right, strip)
            x += strip.cell_length


def _chops(update: compositor.ChopsUpdate) -> Iterator[Placed]:
    """The strips that lie in the dirty spans, as ``ChopsUpdate.render_segments`` of Textual 8.2 chooses them."""
    for y, first, last in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is not None and x < last and end > first:
                yield Placed(y, x, min(end, last), strip)
