"""From settings to a running console: everything is checked before the screen is taken."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Sequence

from fxtop.actions.keyring import Keyring
from fxtop.actions.link import open_link
from fxtop.clock import SystemClock
from fxtop.config.settings import Settings
from fxtop.ui.app import FxtopApp
from fxtop.ui.chrome.header import Badge
from fxtop.ui.console import Console
from fxtop.ui.keymap import KeymapError, remap
from fxtop.ui.theme import COLOURLESS
from fxtop.ui.theme_file import ThemeError, load_theme, theme_names

Load = Callable[[str], Settings]
"""Loads the settings of another cluster of the config; ConfigError with a sentence."""


class LaunchError(Exception):
    """Settings with which the console can't begin; the text is a sentence."""


def launch(settings: Settings, load: Load, *, wall: bool = False) -> int:
    """Run the console, or the wall, until the person leaves; return the exit code.

    Raises:
        LaunchError: the theme or a key in the settings can't be used.
        ValueError: a server, a key file or a secret in them can't be used.
    """
    try:
        theme = load_theme(_theme(settings), settings.themes_dir)
        remap(settings.keys)
    except (ThemeError, KeymapError) as error:
        raise LaunchError(str(error)) from None
    keyring, names = Keyring(), theme_names(settings.themes_dir)
    console = open_console(settings, names, keyring)
    keyring.never_ask()
    app = FxtopApp(
        console,
        rate=settings.rate,
        link=settings.link,
        theme=theme,
        opener=lambda name: open_console(load(name), names, keyring),
        wall=wall,
        read_theme=lambda name: load_theme(name, settings.themes_dir),
    )
    return asyncio.run(_run(app)) or app.return_code or 0


def open_console(settings: Settings, themes: Sequence[str], keyring: Keyring) -> Console:
    """The console's view of the cluster of ``settings``; belongs to the running event loop."""
    return Console(
        open_link(settings, SystemClock(), keyring),
        badge=Badge(settings.badge or settings.cluster.upper(), settings.color or "grey"),
        cluster=settings.cluster,
        tz=settings.zone,
        ascii_only=settings.ascii,
        entries=remap(settings.keys),
        names={"theme": themes, "cluster": settings.clusters},
    )


async def _run(app: FxtopApp) -> int | None:
    """Run the app; SIGTERM ends it as Ctrl-C does, so that the terminal is left as it was found."""
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, app.exit)
    return await app.run_async()


def _theme(settings: Settings) -> str:
    """The theme that was asked for; where none was, NO_COLOR asks for the one that does without."""
    asked = settings.provenance["theme"] != "default"
    return COLOURLESS if "NO_COLOR" in os.environ and not asked else settings.theme
