"""``fxtop config show``: every setting, its value and where it comes from. Secrets are only said to be there."""

from __future__ import annotations

import argparse
import os

from fxtop.cli.exits import Exit
from fxtop.cli.flags import settings_flags
from fxtop.cli.output import TableColumn, print_json, print_table, say
from fxtop.config.describe import describe
from fxtop.config.load import load


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's own arguments."""
    parser.add_argument("what", choices=("show",), help="print the settings")
    parser.add_argument("-o", dest="output", choices=("table", "json"), default="table", help="form of the output")


def run(args: argparse.Namespace) -> int:
    """Print the settings."""
    settings = load(settings_flags(args), os.environ)
    for notice in settings.notices:
        say(notice)
    lines = describe(settings)
    if args.output == "json":
        print_json({name: {"value": value, "source": source} for name, value, source in lines})
    else:
        print_table([*map(TableColumn, ("setting", "value", "source"))], lines)
    return Exit.DONE
