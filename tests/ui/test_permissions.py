"""What the operator's key may not do is struck out, and why is said wherever it is asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from textual.pilot import Pilot
from textual.widgets import Static

from fxtop.bus.port import Answer
from fxtop.protocol.ids import NodeId
from fxtop.protocol.standing import Standing
from fxtop.ui.chrome.key_line import key_spans
from fxtop.ui.chrome.line import Line
from fxtop.ui.screens.plan_dialog import PlanDialog
from tests.ui.consolekit import Harness
from tests.unit.actions.fake_bus import Left, Responder, reply

DESK = Standing(role="helpdesk", verbs=["message", "terminate"], sessions=1)
OPERATOR = Standing(role="operator", verbs=["drain", "message", "resume", "terminate", "rebalance"])
NODES = [NodeId(f"viz{number:02d}") for number in range(1, 5)]


def saying(standings: dict[NodeId, Standing]) -> Responder:
    """Agents of which each says something of its own; one that isn't named knows no such question."""

    async def respond(left: Left) -> Answer:
        standing = standings.get(NodeId(left.target))
        return reply(left, "done", **({} if standing is None else {"may": msgspec.to_builtins(standing)}))

    return respond


@asynccontextmanager
async def console(
    tmp_path: Path, standings: dict[NodeId, Standing], *, asked: bool = True
) -> AsyncIterator[tuple[Harness, Pilot[int]]]:
    """An armed console of four nodes, whose agents were ``asked`` already."""
    harness = Harness(tmp_path)
    harness.bus.on_ping = saying(standings)
    for number, node in enumerate(NODES):
        harness.site.node(node, running=1)
        harness.site.session(f"{node}/s{number}")
    async with harness.app.run_test(size=(120, 40)) as pilot:
        if asked:
            await harness.link.operator.permissions.ask(NODES)
        harness.link.arming.arm()
        harness.tick()
        await pilot.pause()
        yield harness, pilot


def struck(harness: Harness) -> set[str]:
    """The titles in the key line that are struck out."""
    fx = harness.main.fx
    spans = key_spans(
        fx.entries, "nodes", armed=True, barred=lambda entry: fx.barred(entry) is not None, ascii_only=True
    )
    return {span.text for span in spans if "strike" in span.style}


async def test_what_the_key_may_not_do_is_struck_out_of_the_key_line(tmp_path: Path) -> None:
    async with console(tmp_path, dict.fromkeys(NODES, DESK)) as (harness, _):
        assert struck(harness) == {"drain", "resume"}
        assert "D drain" in harness.main.query_one("#key-line", Line).text


async def test_nothing_is_struck_out_while_nobody_said_anything(tmp_path: Path) -> None:
    async with console(tmp_path, {}) as (harness, _):
        assert struck(harness) == set()
    async with console(tmp_path / "b", dict.fromkeys(NODES, DESK), asked=False) as (harness, _):
        assert struck(harness) == set()


async def test_what_one_agent_allows_is_not_struck_out(tmp_path: Path) -> None:
    async with console(tmp_path, {NODES[0]: DESK, NODES[1]: OPERATOR}) as (harness, _):
        assert struck(harness) == set()


async def test_its_key_says_why_and_opens_no_plan(tmp_path: Path) -> None:
    async with console(tmp_path, dict.fromkeys(NODES, DESK)) as (harness, pilot):
        await pilot.press("D")
        await pilot.pause()
        assert not isinstance(harness.app.screen, PlanDialog)
        assert harness.bus.left == []
        said = harness.main.query_one("#event-line", Line).text
        assert said.startswith("This key may not drain: the role helpdesk doesn't allow it there. `fxtop can-i` asks")


async def test_the_palette_says_why_in_place_of_what_it_is_for(tmp_path: Path) -> None:
    unlisted = Standing(code="unknown_key", detail="The key UABC is not listed here.")
    async with console(tmp_path, dict.fromkeys(NODES, unlisted)) as (harness, _):
        offered = {each.title: each.help for each in harness.app.get_system_commands(harness.app.screen)}
        assert offered["drain"] == "This key may not drain: The key UABC is not listed here."
        assert offered["nodes"].startswith("Show the nodes")


async def test_the_plan_asks_its_own_targets_and_names_who_will_refuse(tmp_path: Path) -> None:
    async with console(tmp_path, {NODES[0]: OPERATOR, NODES[1]: DESK}, asked=False) as (harness, pilot):
        await pilot.press("space", "space", "D")
        await pilot.pause()
        await pilot.pause()
        dialog = harness.app.screen
        assert isinstance(dialog, PlanDialog)
        assert [left.target for left in harness.bus.pinged] == NODES[:2]
        error = str(dialog.query_one("#plan-error", Static).render())
        assert error == "viz02 will refuse this: the role helpdesk doesn't allow it there."
