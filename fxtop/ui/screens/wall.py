"""The wall, for across the room: large figures, worst first, pages that turn by themselves. It can't send anything."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.screen import Screen
from textual.widgets import ContentSwitcher, Static

from fxtop.cluster.pools import is_full
from fxtop.cluster.records import Dirty, Event, Finding, Severity
from fxtop.cluster.summary import Summary, summarize
from fxtop.ui.bindings import bindings_of
from fxtop.ui.chrome.bus_line import banner_text
from fxtop.ui.chrome.header import clock
from fxtop.ui.chrome.health_notes import notes
from fxtop.ui.chrome.line import Line, Span
from fxtop.ui.console import Console
from fxtop.ui.screens.placement import placement_bars
from fxtop.ui.widgets.banner import Banner
from fxtop.ui.widgets.histogram import Histogram
from fxtop.ui.widgets.tiles import Tile
from fxtop.views.column import Look, Tone
from fxtop.views.format import clock_time, plural

PAGE_SECONDS = 12.0
BEATS, ASCII_BEATS = "♥♡", "*."
SIGNS = {Severity.CRIT: ("!!", "$fx-crit bold"), Severity.WARN: ("! ", "$fx-warn"), Severity.INFO: ("  ", "")}
SHOWN_EVENTS = 12
STALE_SECONDS = 15.0
"""Nothing heard from anybody for so long is shouted, whatever the bus says of itself."""


class WallScreen(Screen[None], inherit_bindings=False):
    """Only shows; it has no key that does anything but leave."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of("wall")

    def __init__(self, console: Console) -> None:
        super().__init__(id="wall")
        self.fx = console
        self._pages: tuple[str, ...] = ("worst", "placement")
        self._turned = console.look().monotonic
        self._beat = 0
        self._last_heard = console.look().monotonic
        self._accepted = 0

    def compose(self) -> ComposeResult:
        """Clock above, tiles, and one page."""
        ascii_only = self.fx.ascii
        yield Line(id="wall-head")
        yield Banner(id="banner")
        with Horizontal(id="tiles"):
            yield Tile("Nodes heard", ascii_only=ascii_only, id="tile-nodes")
            yield Tile("Sessions", ascii_only=ascii_only, id="tile-sessions")
            yield Tile("Seats used", ascii_only=ascii_only, id="tile-seats")
            yield Tile("Transporters", ascii_only=ascii_only, id="tile-transporters")
        yield Line(id="wall-page")
        with ContentSwitcher(initial="worst", id="wall-pages"):
            with VerticalScroll(id="worst", can_focus=False):
                yield Static("", id="worst-text")
            yield Histogram(ascii_only=ascii_only, id="placement")

    def on_mount(self) -> None:
        """Show what there is."""
        self.bring(Dirty())

    def bring(self, _dirty: Dirty) -> None:
        """Show the cluster as it stands."""
        look = self.fx.look()
        accepted = self.fx.link.store.intake.accepted
        if accepted != self._accepted:
            self._accepted, self._last_heard = accepted, look.monotonic
            self._beat += 1
        if look.monotonic - self._turned >= PAGE_SECONDS:
            self.action_turn()
        self._show_head()
        self._show_tiles(summarize(self.fx.link.store))
        store = self.fx.link.store
        worst = _worst(self.fx.findings, heard=store.heard_anything())
        news = Content("\n").join([*worst, *_news(store.events, look)])
        self.query_one("#worst-text", Static).update(news)
        self.query_one(Histogram).show(placement_bars(self.fx.link.store, look))

    def action_turn(self) -> None:
        """Turn to the next page."""
        switcher = self.query_one(ContentSwitcher)
        at = self._pages.index(switcher.current or self._pages[0])
        switcher.current = self._pages[(at + 1) % len(self._pages)]
        self._turned = self.fx.look().monotonic

    @on(Resize)
    def _resized(self, event: Resize) -> None:
        self.set_class(event.size.width < 80, "-narrow")

    def _show_head(self) -> None:
        look = self.fx.look()
        beats = ASCII_BEATS if self.fx.ascii else BEATS
        left = [self.fx.badge.span, Span(f" {self.fx.cluster}", "bold")]
        right = [
            *(notes(self.fx.health) if self.fx.health else ()),
            Span(f"{clock(look)} ", "bold"),
            Span(beats[self._beat % 2], "$fx-crit"),
        ]
        self.query_one("#wall-head", Line).show(left, right)
        link = self.fx.link
        shout = banner_text(link.bus.status, look, heard=link.store.heard_anything())
        text = shout or self._silence(look.monotonic - self._last_heard)
        self.query_one(Banner).show(text or "")
        self.set_class(text is not None, "-shout")
        current = self.query_one(ContentSwitcher).current
        titles = {"worst": f"Worst first ({plural(len(self.fx.findings), 'finding')})", "placement": "Sessions by node"}
        self.query_one("#wall-page", Line).show([Span(titles[current or "worst"], "bold underline")])

    def _silence(self, seconds: float) -> str | None:
        if seconds < STALE_SECONDS:
            return None
        return f"NOTHING HEARD FOR {seconds:.0f} s: the bus is up, but no agent says anything. What is shown is old."

    def _show_tiles(self, found: Summary) -> None:
        nodes, seats, sessions, servers = found.nodes, found.seats, found.sessions, found.transporters
        heard = nodes.live + nodes.late
        self.query_one("#tile-nodes", Tile).show(
            f"{heard}/{nodes.total}", _tone(crit=nodes.lost, warn=nodes.stale + nodes.late), _node_words(found)
        )
        pending = sessions.by_state.get("pending", 0)
        self.query_one("#tile-sessions", Tile).show(
            str(sessions.total), _tone(warn=sessions.long_pending), f"{pending} pending" if pending else ""
        )
        full = any(is_full(row.pool) for row in self.fx.link.store.pools.values())
        self.query_one("#tile-seats", Tile).show(
            f"{seats.used}/{seats.total}" if seats.total else "-",
            _tone(crit=full, warn=seats.ghosts),
            f"{seats.ghosts} without a session" if seats.ghosts else "",
        )
        up = servers.live + servers.late
        islands = f"{servers.islands} islands" if servers.islands > 1 else ""
        self.query_one("#tile-transporters", Tile).show(
            f"{up}/{servers.total}", _tone(crit=servers.lost or servers.islands > 1, warn=servers.stale), islands
        )


def _tone(*, crit: int = 0, warn: int = 0) -> Tone:
    if crit:
        return Tone.CRIT
    return Tone.WARN if warn else Tone.OK


def _node_words(found: Summary) -> str:
    nodes = found.nodes
    parts = [(nodes.lost, "lost"), (nodes.stale, "stale"), (nodes.late, "late"), (nodes.draining, "draining")]
    return ", ".join(f"{count} {word}" for count, word in parts if count)


def _worst(found: list[Finding], *, heard: bool) -> Iterator[Content]:
    if not heard:
        yield Content.styled("Nothing is known of the cluster yet.", "$fx-muted")
    elif not found:
        yield Content.styled("Nothing is wrong that fxtop can see.", "$fx-ok bold")
    for finding in found:
        sign, style = SIGNS[finding.severity]
        yield Content.assemble((f"{sign} {finding.text}", style))


def _news(events: Collection[Event], look: Look) -> Iterator[Content]:
    """What happened last, newest first."""
    if events:
        yield Content("")
        yield Content.styled("What happened last", "bold underline")
    for event in islice(reversed(tuple(events)), SHOWN_EVENTS):
        sign, style = SIGNS[event.severity]
        yield Content.assemble(
            (f"{sign} ", style), (f"{clock_time(event.at, look)}  ", "$fx-muted"), (event.text, style)
        )
