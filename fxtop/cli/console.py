"""``fxtop``: the console."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Mapping
from importlib import import_module
from types import ModuleType

from fxtop.cli.exits import Usage
from fxtop.cli.flags import settings_flags
from fxtop.cli.start import prepare
from fxtop.config.error import ConfigError
from fxtop.config.load import load


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The console has no arguments of its own."""


def run(args: argparse.Namespace) -> int:
    """Open the console."""
    return run_console(settings_flags(args), os.environ)


def run_console(flags: Mapping[str, object], env: Mapping[str, str], *, wall: bool = False) -> int:
    """Open the console, or the screen across the room, with the settings of ``flags`` and ``env``; the exit code.

    Raises:
        ConfigError: the settings can't be used.
        Usage: there is no terminal to open it on.
    """
    require_terminal()
    settings = prepare(flags, env)
    ui = _load("fxtop.ui.launch")  # the one way from here to Textual, taken only now
    try:
        return int(ui.launch(settings, lambda cluster: load(flags, env, cluster=cluster), wall=wall))
    except ui.LaunchError as error:
        raise ConfigError(str(error)) from None


def _load(name: str) -> ModuleType:
    """The module ``name`` with all that it imports. What is loaded stays, so garbage is looked for in none of it."""
    gc.disable()
    try:
        return import_module(name)
    finally:
        gc.freeze()
        gc.enable()


def require_terminal() -> None:
    """Raise Usage where there is no terminal to open the console on."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise Usage("The console needs a terminal. Without one there is `fxtop get`, and `fxtop demo --no-console`.")
