"""README's pictures, taken from the demo: ``python screenshots/make.py``.

A real cluster is started (`fxtop demo`), its incident is played fast, and the console is driven by keys over the real
bus; each picture is what it shows at that moment. Sizes are fixed, so that the pictures change only with the screens.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot

from fxtop.cluster.records import JobState
from fxtop.config.load import load
from fxtop.demo.options import Options
from fxtop.demo.run import Demo, demo
from fxtop.ui.app import FxtopApp
from fxtop.ui.launch import open_console
from fxtop.ui.theme_file import load_theme, load_themes

HERE = Path(__file__).parent
WIDE, SMALL = (120, 40), (80, 24)
STORY = Options(scenario="incident", speed=4.0)
PATIENCE = 60.0
"""Seconds after which something that should have been seen never will."""
_WEB_FONT = re.compile(r"\s*@font-face\s*{.*?}", re.DOTALL)


@asynccontextmanager
async def console(running: Demo, size: tuple[int, int], *, wall: bool = False) -> AsyncIterator[Pilot[int]]:
    """A console on the demo's bus."""
    settings = load({"config": running.ready.config, "tz": "UTC", "theme": "dark"}, _environment(running))
    themes, _ = load_themes()
    opened = open_console(settings, [spec.name for spec in themes])
    app = FxtopApp(
        opened, rate=settings.rate, theme=load_theme("dark"), themes=themes, opener=lambda _: opened, wall=wall
    )
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: len(opened.link.store.nodes) >= STORY.nodes - 1)
        yield pilot


async def until(pilot: Pilot[int], seen: Callable[[], bool]) -> None:
    """Return when something is seen; TimeoutError when it never is."""
    async with asyncio.timeout(PATIENCE):
        while not seen():
            await pilot.pause(0.1)
    await pilot.pause()


def save(pilot: Pilot[int], name: str) -> None:
    """Write a picture. It names no font of the web, so that it looks the same without one."""
    svg = _WEB_FONT.sub("", pilot.app.export_screenshot(title="fxtop")).replace("Fira Code", "monospace")
    (HERE / f"{name}.svg").write_text(svg)


async def steer(running: Demo) -> None:
    """The console, details, a plan, and the jobs that come of it."""
    async with console(running, WIDE) as pilot:
        app = pilot.app
        assert isinstance(app, FxtopApp)  # noqa: S101  # it was made so
        store = app.fx.link.store
        await until(pilot, lambda: any(row.denials for row in store.pools.values()))
        save(pilot, "console")
        await pilot.press("down", "down", "down", "down", "enter")
        await pilot.pause()
        save(pilot, "details")
        await pilot.press("escape", "W", "D")
        await pilot.pause(0.5)
        save(pilot, "plan")
        await pilot.press(*"kernel update", "tab", *"OPS-4711", "enter")
        await pilot.press("3", "space", "space", "space", "T")
        await pilot.pause(0.5)
        await pilot.press(*"hung after the incident", "enter")
        ended = (JobState.DONE, JobState.PARTIAL)
        await until(pilot, lambda: sum(job.state in ended for job in store.jobs.values()) >= 2)
        await pilot.press("5")
        await pilot.pause(1.0)
        save(pilot, "jobs")


async def watch(running: Demo) -> None:
    """The wall, and the console on a small terminal."""
    async with console(running, WIDE, wall=True) as pilot:
        await pilot.pause(1.0)
        save(pilot, "wall")
    async with console(running, SMALL) as pilot:
        await pilot.pause(1.0)
        save(pilot, "small")


def main() -> None:
    """Take all pictures."""
    with demo(STORY) as running:
        asyncio.run(steer(running))
        asyncio.run(watch(running))


def _environment(running: Demo) -> dict[str, str]:
    state = str(running.folder.state)
    return {"HOME": os.environ.get("HOME", state), "XDG_STATE_HOME": state, "XDG_CONFIG_HOME": state}


if __name__ == "__main__":
    main()
