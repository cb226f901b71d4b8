"""Going from one cluster to another: the first is left for good, and nothing armed comes along."""

from __future__ import annotations

from pathlib import Path

from fxtop.ui.chrome.line import Line
from fxtop.ui.console import Console
from tests.ui.consolekit import Harness


async def test_another_cluster_is_shown_disarmed_and_the_first_is_left(tmp_path: Path) -> None:
    first, second = Harness(tmp_path / "a"), Harness(tmp_path / "b")
    first.site.node("viz01")
    second.site.node("gpu01")

    def opener(name: str) -> Console:
        assert name == "test"
        return second.app.fx

    first.app.opener = opener
    async with first.app.run_test(size=(120, 40)) as pilot:
        await pilot.press("W")
        assert first.link.arming.armed
        await pilot.press("colon", *"cluster test", "enter")
        await pilot.pause()
        await pilot.pause()
        first.tick()
        await pilot.pause()
        assert list(first.main.panes["nodes"].view.ids) == ["gpu01"]
        assert [first.link.arming.remaining, second.link.arming.remaining] == [0, 0]
        assert "READ-ONLY" in first.main.query_one("#header", Line).text


async def test_a_cluster_that_does_not_exist_is_a_sentence_and_the_first_stays(tmp_path: Path) -> None:
    first = Harness(tmp_path)
    first.site.node("viz01")
    async with first.app.run_test(size=(120, 40)) as pilot:
        await pilot.press("colon", *"cluster nowhere", "enter")
        await pilot.pause()
        assert "There is no cluster 'nowhere'" in first.main.query_one("#event-line", Line).text
        assert list(first.main.panes["nodes"].view.ids) == ["viz01"]
