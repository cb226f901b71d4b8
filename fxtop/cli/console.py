"""``fxtop``: the console."""

from __future__ import annotations

import argparse
from importlib import import_module

from fxtop.cli.start import start
from fxtop.config.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The console has no arguments of its own."""


def run(args: argparse.Namespace) -> int:
    """Open the console."""
    return run_console(start(args))


def run_console(settings: Settings, *, wall: bool = False) -> int:
    """Open the console with ``settings``, or the screen across the room; the exit code."""
    launch = import_module("fxtop.ui.launch")  # the one way from here to Textual, taken only now
    return int(launch.launch(settings, wall=wall))
