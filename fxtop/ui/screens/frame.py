"""The frame of the console's one screen: the lines around, the panes within, and what each tick brings them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.events import Resize
from textual.screen import Screen
from textual.widgets import Static

from fxtop.cluster.records import Dirty, Severity
from fxtop.ui.chrome.bus_line import Losses, banner_text, bus_spans
from fxtop.ui.chrome.event_line import EventLine
from fxtop.ui.chrome.header import header_left, header_right
from fxtop.ui.chrome.health_notes import notes
from fxtop.ui.chrome.key_line import key_spans
from fxtop.ui.chrome.line import Line, Span, toned
from fxtop.ui.chrome.prompt import Kind, Prompt
from fxtop.ui.console import Console
from fxtop.ui.pane import Pane
from fxtop.ui.table import MarksChanged, RowHighlighted
from fxtop.ui.widgets.banner import Banner
from fxtop.ui.widgets.kept import KeptLines
from fxtop.views.panes import PANES
from fxtop.views.summary_line import empty_text, license_trouble, summary

EXTRA = ("users", "jobs", "findings", "events")
"""Panes that take the whole room when they are asked for."""
ORDER = ("nodes", "sessions", "users", "transporters", "licenses", "jobs", "findings", "events")
"""Row by row those that stand together, whose digits run down the columns, with the users beside the sessions, whose
place they may take; then the other extra ones."""
FOUR_WIDTH, FOUR_HEIGHT = 120, 40
SETTLING_SECONDS = 15.0
"""For which rows come and go freely, thin line or not: until everybody was heard."""
RESTING_SECONDS = 10.0
LEAST_WIDTH, LEAST_HEIGHT = 60, 16
BEATS, ASCII_BEATS = "◐◓◑◒", "-\\|/"


class Panes(KeptLines, Container):
    """Where the panes stand."""


class FrameScreen(KeptLines, Screen[None], inherit_bindings=False):
    """Lays out the panes and keeps them true. What keys do stands in the screens that build on it."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._changing = False
        """Whether the lines and panes of another cluster are being made."""
        self._take(console)

    def _take(self, console: Console) -> None:
        self.fx = console
        store = console.link.store
        digits = {e.argument: e.keys[0] for e in console.entries if e.action == "pane" and e.keys}
        self.panes = {
            id_: Pane(PANES[id_], store, console.look, digits.get(id_, ""), extra=id_ in EXTRA) for id_ in ORDER
        }
        self.active = self.panes["nodes"]
        self.zoomed = False
        self.planning = False
        """Whether a plan is being made: what is typed meanwhile is meant for its dialog."""
        self._opened = self._moved = console.look().monotonic

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield Line(id="header")
        yield Line(id="bus-line")
        yield Line(id="summary")
        yield Banner(id="banner")
        yield Line(id="strip")
        with Panes(id="panes"):
            yield from self.panes.values()
        yield Prompt(self.completions, id="prompt")
        yield EventLine(id="event-line")
        yield Line(id="key-line")
        yield Static("", id="too-small", markup=False)

    async def show(self, console: Console) -> None:
        """Show another cluster, as if the console had begun with it."""
        self._changing = True
        self._take(console)
        await self.recompose()
        self._changing = False
        self.on_mount()

    def on_mount(self) -> None:
        """Begin with the nodes."""
        self.set_class(self.fx.ascii, "-ascii")
        self.activate(self.active)
        self.bring(Dirty())

    def completions(self, kind: Kind, text: str) -> Sequence[str]:
        """What the text of the prompt can become."""
        raise NotImplementedError

    # What a tick brings

    def bring(self, dirty: Dirty) -> None:
        """Show what changed since the last tick, and how old everything has become."""
        for _ in self.pieces(dirty):
            pass

    def pieces(self, dirty: Dirty) -> Iterator[None]:
        """The same, pane by pane; what a key did in between is there already."""
        if self._changing:
            return
        self._hold()
        for pane in tuple(self.panes.values()):
            pane.calm(on=self._thin)
            if pane.bring(dirty):
                yield
        if not self._changing:  # as another cluster may have been chosen meanwhile
            self._retitle()
            self._show_lines()

    def say(self, sentence: str, severity: Severity = Severity.INFO) -> None:
        """Tell the person something in the event line."""
        self.query_one(EventLine).say(sentence, severity, self.fx.look().monotonic)

    def _hold(self) -> None:
        """Nothing moves under a person who is deciding (design, invariant 2)."""
        busy = self.app.screen is not self or self.query_one(Prompt).deciding or self._rests()
        for pane in self.panes.values():
            pane.hold(busy)

    @property
    def _thin(self) -> bool:
        """Whether the line to the terminal is thin."""
        return self.fx.health is not None and self.fx.health.link.thin

    def _rests(self) -> bool:
        """Whether the order is held because rows that move are dear: over a thin line they do so every ten seconds."""
        now = self.fx.look().monotonic
        if not self._thin or now - self._opened < SETTLING_SECONDS:
            return False
        if now - self._moved >= RESTING_SECONDS:
            self._moved = now
            return False
        return True

    def _retitle(self) -> None:
        status = self.fx.link.bus.status
        look = self.fx.look()
        store = self.fx.link.store
        heard = store.heard_anything()
        for pane in self.panes.values():
            if pane.display:
                empty = empty_text(
                    pane.spec,
                    look,
                    connected=status.connected,
                    since=status.since,
                    heard=heard,
                    trouble=license_trouble(store) if pane.spec.id == "licenses" else "",
                )
                pane.retitle(empty, heard=heard)

    def _show_lines(self) -> None:
        console, look = self.fx, self.fx.look()
        link = console.link
        beats = ASCII_BEATS if console.ascii else BEATS
        beat = beats[0 if self._thin else int(look.now) % len(beats)]
        self.query_one("#header", Line).show(
            header_left(console.badge, console.cluster, link.arming, link.operator_name),
            [
                *(notes(console.health) if console.health else ()),
                *header_right(console.findings, look, beat, heard=link.store.heard_anything()),
            ],
        )
        losses = Losses(link.rejections(), link.store.intake.lost, link.bus.status.dropped)
        self.query_one("#bus-line", Line).show(bus_spans(link.bus.status, losses, look.monotonic, console.ascii))
        self.query_one("#summary", Line).show(self._summary())
        if link.trouble:
            self.say(link.trouble, Severity.CRIT)
        self.query_one(EventLine).bring(link.store.events[-1] if link.store.events else None, link.bad_jobs(), look)
        self._show_banner()
        self._show_strip()
        self._show_keys()

    def _summary(self) -> list[Span]:
        store = self.fx.link.store
        if not store.heard_anything():
            return [Span("Nothing is known of the cluster yet.", "$fx-muted")]
        return [toned(cell) for cell in summary(store, self.size.width or None)]

    def _show_banner(self) -> None:
        link = self.fx.link
        text = banner_text(link.bus.status, self.fx.look(), heard=link.store.heard_anything())
        self.query_one(Banner).show(text or "")
        self.set_class(text is not None, "-shout")

    def _show_strip(self) -> None:
        if not self.has_class("-single"):
            return
        names = {e.argument: e.title.capitalize() for e in self.fx.entries if e.action == "pane"}
        spans = [Span(" ")]
        for pane in sorted({self.standing(id_) for id_ in self.panes}, key=lambda pane: pane.digit):
            style = "$fx-accent bold reverse" if pane is self.active else ""
            spans += [Span(f"{pane.digit} {names[pane.spec.id]} ", style)]
        self.query_one("#strip", Line).show(spans)

    def _show_keys(self) -> None:
        armed = self.fx.link.arming.armed
        keys = key_spans(
            self.fx.entries,
            self.active.spec.id,
            armed=armed,
            barred=lambda entry: self.fx.barred(entry) is not None,
            ascii_only=self.fx.ascii,
        )
        self.query_one("#key-line", Line).show(keys)

    # Which pane is where

    def activate(self, pane: Pane) -> None:
        """Give the keys to ``pane`` and show it."""
        self.active.remove_class("-active")
        self.active = pane
        pane.catch_up()
        pane.add_class("-active")
        self._arrange(self.size.width, self.size.height)
        self.set_focus(pane.table)  # at once, so that keys typed ahead come in order
        if self.is_mounted:
            self._show_keys()

    def standing(self, id_: str) -> Pane:
        """The pane that stands where ``id_`` has its place."""
        return self.panes[id_]

    def within_reach(self) -> Iterator[Pane]:
        """The panes that Tab goes through: the four, and an extra one while it is shown."""
        yield from map(self.standing, ("nodes", "transporters", "sessions", "licenses"))
        if self.active.extra:
            yield self.active

    @on(Resize)
    def _resized(self, event: Resize) -> None:
        self._arrange(event.size.width, event.size.height)

    def _arrange(self, width: int, height: int) -> None:
        small = width < FOUR_WIDTH or height < FOUR_HEIGHT
        self.set_class(small or self.zoomed or self.active.extra, "-single")
        too_small = width < LEAST_WIDTH or height < LEAST_HEIGHT
        self.set_class(too_small, "-too-small")
        if too_small:
            self.query_one("#too-small", Static).update(
                f"{width}x{height} is too small: fxtop needs {LEAST_WIDTH}x{LEAST_HEIGHT}. Enlarge the terminal, or q."
            )

    @on(RowHighlighted)
    @on(MarksChanged)
    def _cursor_moved(self) -> None:
        self._hold()
