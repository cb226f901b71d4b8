"""``fxtop wall``: the cluster for a screen across the room."""

from __future__ import annotations

import argparse
import os

from fxtop.cli.console import run_console
from fxtop.cli.flags import settings_flags


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The wall has no arguments of its own."""


def run(args: argparse.Namespace) -> int:
    """Open the wall. It can't send anything, whatever the settings say."""
    return run_console({**settings_flags(args), "read_only": True}, os.environ, wall=True)
