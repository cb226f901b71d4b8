"""README's pictures, taken from the demo: ``python screenshots/make.py``; takes less than a minute.

A real cluster is started (`fxtop demo`), its incident is played, and consoles are driven by keys over the real bus, all
from the story's beginning on; each picture is what one shows at that moment. Sizes are fixed, so that the pictures
change only with the screens and with the time of day.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

from fxtop.actions.keyring import Keyring
from fxtop.cluster.records import Liveness, SessionRow
from fxtop.cluster.store import Store
from fxtop.config.load import load
from fxtop.demo.options import Options
from fxtop.demo.run import Demo, demo
from fxtop.ui.app import FxtopApp
from fxtop.ui.launch import open_console
from fxtop.ui.screens.details import DetailsScreen
from fxtop.ui.screens.main import MainScreen
from fxtop.ui.screens.plan_dialog import PlanDialog
from fxtop.ui.theme_file import load_theme

HERE = Path(__file__).parent
WIDE, SMALL = (120, 40), (80, 24)
STORY = Options(scenario="incident", speed=3.0)
PATIENCE = 90.0
"""Seconds after which something that should have been seen never will."""
LOOK = 0.1
"""Seconds between two looks at whether it is there."""
_WEB_FONT = re.compile(r"\s*@font-face\s*{.*?}", re.DOTALL)


class Camera:
    """A console on the demo's bus, the keys that drive it, and pictures of it."""

    def __init__(self, app: FxtopApp, pilot: Pilot[int]) -> None:
        self._app = app
        self._pilot = pilot

    @property
    def store(self) -> Store:
        """What the console knows."""
        return self._app.fx.link.store

    async def press(self, *keys: str) -> None:
        """Press keys."""
        await self._pilot.press(*keys)

    async def until(self, seen: Callable[[], bool]) -> None:
        """Return when something is seen and painted; TimeoutError when it never is."""
        async with asyncio.timeout(PATIENCE):
            while not seen():
                if not self._app.is_running:
                    raise RuntimeError("the console ended before it showed what was waited for")
                await self._pilot.pause(LOOK)
        self._app.tick()
        await self._pilot.pause()

    async def until_on(self, screen: type[Screen[Any]]) -> None:
        """Return when a screen of that kind is on top."""
        await self.until(lambda: isinstance(self._app.screen, screen) and self._app.screen.is_mounted)

    def take(self, name: str) -> None:
        """Write a picture. It names no font of the web, so that it looks the same without one."""
        for field in self._app.screen.query(Input):
            field.cursor_blink = False
        svg = _WEB_FONT.sub("", self._app.export_screenshot(title="fxtop")).replace("Fira Code", "monospace")
        (HERE / f"{name}.svg").write_text(svg)


@asynccontextmanager
async def console(running: Demo, size: tuple[int, int], *, wall: bool = False) -> AsyncIterator[Camera]:
    """A console that shows every node."""
    state = str(running.folder.state)
    home = {"HOME": state, "XDG_STATE_HOME": state, "XDG_CONFIG_HOME": state}
    settings = load({"config": running.ready.config, "tz": "UTC", "theme": "dark"}, home)
    opened = open_console(settings, [], Keyring())
    app = FxtopApp(opened, rate=settings.rate, theme=load_theme("dark"), opener=lambda _: opened, wall=wall)
    async with app.run_test(size=size) as pilot:
        camera = Camera(app, pilot)
        await camera.until(lambda: len(camera.store.nodes) == STORY.nodes)
        yield camera


async def incident(camera: Camera) -> None:
    """Return when all of the story's trouble is there at once."""
    store = camera.store

    def all_there() -> bool:
        return (
            any(row.liveness is Liveness.LOST for row in store.nodes.values())
            and any(row.liveness is Liveness.LOST for row in store.transporters.values())
            and any(row.denials for row in store.pools.values())
            and any("maintenance" in _waits_for(row) for row in store.sessions.values())
        )

    await camera.until(all_there)


async def steer(running: Demo) -> None:
    """The console, details, a plan, and the jobs that come of it."""
    async with console(running, WIDE) as camera:
        await incident(camera)
        camera.take("console")
        await camera.press("g", *["down"] * 3, "enter")
        await camera.until_on(DetailsScreen)
        camera.take("details")
        await camera.press("escape", "W", "D")
        await camera.until_on(PlanDialog)
        await camera.press(*"kernel update", "tab", *"OPS-4711")
        camera.take("plan")
        await camera.press("enter")
        await camera.until_on(MainScreen)
        await camera.press("3", "space", "space", "space", "T")
        await camera.until_on(PlanDialog)
        await camera.press(*"left over", "enter")
        jobs = camera.store.jobs
        await camera.until(lambda: any(job.verb == "terminate" for job in jobs.values()) and not _busy(camera.store))
        await camera.press("5")
        await camera.until_on(MainScreen)
        camera.take("jobs")


async def watch(running: Demo, name: str, size: tuple[int, int], *, wall: bool = False) -> None:
    """A picture of the incident from somebody who only looks."""
    async with console(running, size, wall=wall) as camera:
        await incident(camera)
        camera.take(name)


async def take_all(running: Demo) -> None:
    """Take all pictures of one story."""
    async with asyncio.TaskGroup() as group:
        group.create_task(steer(running))
        group.create_task(watch(running, "wall", WIDE, wall=True))
        group.create_task(watch(running, "small", SMALL))


def main() -> None:
    """Start the demo and take the pictures."""
    with demo(STORY) as running:
        asyncio.run(take_all(running))


def _waits_for(row: SessionRow) -> str:
    pending = row.body.pending
    return (pending.reason or "") if pending else ""


def _busy(store: Store) -> bool:
    """Whether a terminate still goes on; the drain waits for people and is shown as it goes on."""
    return any(job.verb == "terminate" and not job.state.ended for job in store.jobs.values())


if __name__ == "__main__":
    main()
