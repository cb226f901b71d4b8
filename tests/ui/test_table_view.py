"""The table over a real view of a real store: the two agree about order, holding and departure."""

from __future__ import annotations

from textual.app import App, ComposeResult

from fxtop.cluster.records import NodeRow
from fxtop.protocol.ids import NodeId
from fxtop.ui.table import FxTable, TableSource
from fxtop.ui.theme import variable_defaults
from fxtop.views.column import Look
from fxtop.views.panes import NODES
from fxtop.views.view import View
from tests.ui.tablekit import screen_lines
from tests.unit.cluster.kit import Site


class Nodes(App[None]):
    """The nodes of a site on 80 columns."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, site: Site) -> None:
        super().__init__()
        self.site = site
        self.view: View[NodeId, NodeRow] = View(NODES, site.store, self.look)
        source: TableSource[NodeId, NodeRow] = self.view
        self.table = FxTable(source, NODES.columns, sort=NODES.sort)

    def look(self) -> Look:
        return Look(monotonic=self.site.clock.monotonic(), now=self.site.clock.now())

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return variable_defaults()

    def compose(self) -> ComposeResult:
        yield self.table

    def tick(self) -> None:
        dirty = self.site.store.drain_dirty()
        self.view.apply(dirty)
        self.table.sync(dirty.nodes)


async def test_nodes_of_a_store_are_painted_and_followed() -> None:
    site = Site()
    for i in range(40):
        site.beat(f"viz{i:02}", cpu=i / 40)
    app = Nodes(site)
    async with app.run_test(size=(80, 24)) as pilot:
        app.tick()
        await pilot.pause()
        assert "viz00" in screen_lines(app)[1]
        painted = app.table.refreshed_lines
        site.beat("viz03", cpu=0.99)
        site.beat("viz39", cpu=0.99)
        app.tick()
        await pilot.pause()
        assert app.table.refreshed_lines == painted + 1
        assert "99" in screen_lines(app)[4]


async def test_while_the_view_is_held_new_rows_wait_and_are_counted() -> None:
    site = Site()
    site.beat("b")
    app = Nodes(site)
    async with app.run_test(size=(80, 24)) as pilot:
        app.tick()
        app.view.hold(True)
        site.beat("a")
        app.tick()
        await pilot.pause()
        assert screen_lines(app)[1].split()[2] == "b"
        assert app.table.suffix == "order held, 1 to move"
        app.view.hold(False)
        app.table.sync()
        await pilot.pause()
        assert screen_lines(app)[1].split()[2] == "a"


async def test_a_lost_node_is_struck() -> None:
    site = Site()
    site.beat("a", interval=1.0)
    app = Nodes(site)
    async with app.run_test(size=(80, 24)) as pilot:
        app.tick()
        site.wait(30.0)
        app.tick()
        await pilot.pause()
        struck = [
            segment.text
            for segment in app.screen._compositor.render_strips()[1]
            if segment.style and segment.style.strike
        ]
        assert "a" in struck
