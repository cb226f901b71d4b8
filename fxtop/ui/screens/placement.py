"""Sessions of each node against its capacity, worst first; and before and after for a plan."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from fxtop.cluster.records import Dirty
from fxtop.cluster.store import Store
from fxtop.protocol.control import RebalancePlan
from fxtop.ui.console import Console
from fxtop.ui.screens.box import Box
from fxtop.ui.widgets.histogram import Bar, Histogram
from fxtop.views.column import Look
from fxtop.views.histogram import PlannedBar, planned, spread
from fxtop.views.names import short


class PlacementScreen(Box):
    """Follows the placement while it is open."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self.fx = console

    def compose(self) -> ComposeResult:
        """The bars in a box."""
        with Vertical(classes="dialog"):
            yield Static("Sessions of each node against its capacity, fullest first", classes="dialog-title")
            yield Histogram(ascii_only=self.fx.ascii, id="placement-bars", classes="box-scroll")
            yield Static("Arrows scroll, Esc goes back", classes="dialog-foot", markup=False)

    def on_mount(self) -> None:
        """Show what there is."""
        self.bring(Dirty())

    def bring(self, _dirty: Dirty) -> None:
        """Bring the bars up to date."""
        self.query_one(Histogram).show(placement_bars(self.fx.link.store, self.fx.look()))


def placement_bars(store: Store, look: Look) -> list[Bar]:
    """A bar for each node, the fullest first; what it is draining or how it is weighted stands behind."""
    return [Bar(short(bar.node, look.domain), round(bar.value), bar.capacity, note=bar.note) for bar in spread(store)]


def balance_bars(plan: RebalancePlan, store: Store, look: Look) -> list[Bar]:
    """A bar for each node that a plan speaks of, with its sessions after and its weight before and after."""
    return [_balance_bar(bar, look) for bar in planned(plan, store)]


def _balance_bar(bar: PlannedBar, look: Look) -> Bar:
    was = "" if bar.weight_before is None else f"{bar.weight_before:.2f} to "
    return Bar(
        short(bar.node, look.domain),
        round(bar.before.value),
        bar.before.capacity,
        round(bar.after.value),
        f"weight {was}{bar.weight_after:.2f}",
    )
