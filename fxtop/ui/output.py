"""Writing only what changed to the terminal.

Textual repaints whole regions, every piece of text with its style set and reset, whether it differs from what stands
there or not. Over a slow line that is ten times the bytes. Here each update is compared, piece by piece, with what was
last written, and only the differences are sent.

This is the one module that touches Textual's private names for it: ``App._display``, which every update passes, and the
two updates that the compositor makes. `SUPPORTED` tells whether this Textual has them in the shape known here (8.2);
where it hasn't, updates go out as Textual makes them.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from rich.color import ColorSystem
from rich.console import COLOR_SYSTEMS, Console
from textual import _compositor as compositor
from textual import events
from textual.app import App, ReturnType

from fxtop.ui.segment_diff import Placed, SegmentDiff

if TYPE_CHECKING:
    from rich.console import RenderableType
    from textual.screen import Screen


def _supported() -> bool:
    """Whether Textual still has the private names used here, in the shape they are used in."""
    if not all(hasattr(compositor, name) for name in ("CompositorUpdate", "LayoutUpdate", "ChopsUpdate")):
        return False
    if not (hasattr(App, "_display") and hasattr(compositor.CompositorUpdate, "render_segments")):
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

_Update: Any = compositor.CompositorUpdate if SUPPORTED else object


class DiffedUpdate(_Update):  # type: ignore[misc]  # the base is only there when the check says so
    """An update of the compositor that renders as the difference to what stands on the terminal."""

    def __init__(self, pieces: Iterator[Placed], diff: SegmentDiff, width: int, height: int) -> None:
        self._pieces = pieces
        self._diff = diff
        self._width = width
        self._height = height

    def render_segments(self, console: Console) -> str:
        """What to write. Textual asks once, when it writes; an update that it drops leaves no trace."""
        colors = COLOR_SYSTEMS.get(console.color_system or "", ColorSystem.TRUECOLOR)
        return self._diff.render(self._pieces, self._width, self._height, colors)


class DiffedApp(App[ReturnType]):
    """An app that writes only what changed, where this Textual lets it."""

    segment_diff = SUPPORTED
    """Set to False to have updates written as Textual makes them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._diff = SegmentDiff()

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
        super()._display(screen, self.diffed(renderable) if self.segment_diff else renderable)

    def diffed(self, renderable: RenderableType | None) -> RenderableType | None:
        """What to display in place of ``renderable``: the difference, if it is an update that can be compared."""
        if isinstance(renderable, compositor.LayoutUpdate | compositor.ChopsUpdate):
            update: Any = DiffedUpdate(_pieces(renderable), self._diff, *self.size)
            return update  # type: ignore[no-any-return]  # Textual asks CompositorUpdates only for render_segments
        if renderable is not None:
            self._diff.forget()
        return renderable


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
