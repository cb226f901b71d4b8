"""``fxtop wall``: the cluster for a screen across the room."""

from __future__ import annotations

import argparse

from fxtop.cli.console import run_console
from fxtop.cli.start import start


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The wall has no arguments of its own."""


def run(args: argparse.Namespace) -> int:
    """Open the wall. It can't send anything, whatever the settings say."""
    args.read_only = True
    return run_console(start(args), wall=True)
