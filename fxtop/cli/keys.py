"""``fxtop keys new|show``: the key that an operator's requests are signed with."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from fxtop.actions.keys import create, load
from fxtop.cli.exits import Exit
from fxtop.cli.flags import settings_flags
from fxtop.cli.output import say, write
from fxtop.config.load import load as load_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's own arguments."""
    parser.add_argument(
        "what", choices=("new", "show"), help="make a key, or print the public part of the one there is"
    )
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="the key's file; by default key_file's")


def run(args: argparse.Namespace) -> int:
    """Print the public key, which agents list; the seed stays in its file."""
    file = args.file or load_settings(settings_flags(args), os.environ).key_file
    if args.what == "new":
        signer = create(file)
        say(f"Made the key {file}. Have its public part, printed here, listed on the agents as an operator's.")
    else:
        signer = load(file)
    write(f"{signer.public_key}\n")
    return Exit.DONE
