"""What is heard on FastX's own bus, on the screen: marked, told of, and never acted on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot

from fxtop.sources.moleculer.listener import MoleculerListener
from fxtop.ui.screens.plan_dialog import PlanDialog
from tests.ui.consolekit import Harness
from tests.ui.tablekit import screen_lines
from tests.unit.sources.moleculer.kit import Ear, beat, info


@asynccontextmanager
async def overhearing(tmp_path: Path) -> AsyncIterator[tuple[Harness, Ear, Pilot[int]]]:
    """A console of one agent's node that listens to FastX's own bus too."""
    harness, ear = Harness(tmp_path), Ear()
    harness.site.node("viz01")
    harness.link.moleculer = MoleculerListener(ear, harness.site.clock)  # type: ignore[arg-type]  # it only listens
    async with harness.app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        yield harness, ear, pilot


async def hear(harness: Harness, ear: Ear, pilot: Pilot[int], *wires: tuple[str, bytes]) -> str:
    """Let packets in; the screen that shows them."""
    for wire in wires:
        await ear.hears(wire)
    harness.tick()
    await pilot.pause()
    return "\n".join(screen_lines(harness.app))


async def test_a_node_that_only_fastxs_own_bus_knows_is_marked_in_its_row_and_details(tmp_path: Path) -> None:
    async with overhearing(tmp_path) as (harness, ear, pilot):
        screen = await hear(harness, ear, pilot, beat("fx-a", cpu=37), info("fx-a", hostname="viz07.example.edu"))
        row = next(line for line in screen.splitlines() if "fx-a" in line)
        assert "◌ heard" in row
        assert "37%" in row
        await pilot.press("home", "enter")
        await pilot.pause()
        details = "\n".join(screen_lines(harness.app))
        assert "heard on FastX's own bus, unofficially" in details
        assert "fx-a under MOL, protocol 4" in details


async def test_it_can_not_be_drained(tmp_path: Path) -> None:
    async with overhearing(tmp_path) as (harness, ear, pilot):
        await hear(harness, ear, pilot, beat("fx-a"))
        await pilot.press("home", "W", "D")
        await pilot.pause()
        assert not isinstance(harness.app.screen, PlanDialog)
        assert harness.bus.left == []


async def test_an_agents_node_takes_the_broker_of_its_host_into_its_row(tmp_path: Path) -> None:
    async with overhearing(tmp_path) as (harness, ear, pilot):
        assert "fx-a" in await hear(harness, ear, pilot, beat("fx-a"))
        await hear(harness, ear, pilot, info("fx-a", hostname="viz01"))
        assert list(harness.main.panes["nodes"].view.ids) == ["viz01"]


async def test_the_bus_panel_tells_what_was_learned_and_what_can_not_be_read(tmp_path: Path) -> None:
    async with overhearing(tmp_path) as (harness, ear, pilot):
        await hear(harness, ear, pilot, beat("fx-a"), ("MOL-prod.HEARTBEAT", b"\x83binary"))
        events = [event.text for event in harness.site.store.events]
        assert any("heard as MOL, protocol 4" in text for text in events)
        assert any("MOL-prod" in text and "serializer" in text for text in events)
        await pilot.press("8", "end")
        await pilot.pause()
        panel = "\n".join(screen_lines(harness.app))
        assert "FastX's own bus, listened to unofficially" in panel
        assert "1 broker, protocol 4" in panel
        assert "another serializer, or encrypted" in panel
