"""``fxtop node-select install|uninstall``: the hook put where FastX looks for it, and taken away."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from fxtop.agent.node_select.install import (
    V4_DIR,
    InstallError,
    Step,
    cautions,
    environment_lines,
    installation,
    is_scheduler,
    removal,
    site_script,
)
from fxtop.cli.exits import Exit, Usage
from fxtop.cli.node_select import NAME, say


def install(args: argparse.Namespace) -> int:
    """Install it in ``--dir``, or print what FastX 4 wants to know."""
    if args.print:
        return _print_lines(Path(args.dir) if args.dir else V4_DIR)
    folder = _folder(args)
    try:
        steps = installation(folder, _arguments(args, folder))
        for caution in cautions(folder):
            say(f"Careful: {caution}")
        _take(steps, dry_run=args.dry_run)
    except InstallError as error:
        say(str(error))
        return Exit.FAILED
    if not args.dry_run:
        _say_what_follows(folder)
    return Exit.DONE


def uninstall(args: argparse.Namespace) -> int:
    """Undo what `install` did in ``--dir``."""
    folder = _folder(args)
    try:
        _take(removal(folder), dry_run=args.dry_run)
    except InstallError as error:
        say(str(error))
        return Exit.FAILED
    if not is_scheduler(folder):
        say("If fastx.env names it in LOAD_BALANCER_SCRIPT, set LOAD_BALANCER back to what it was, and restart FastX.")
    return Exit.DONE


def _print_lines(folder: Path) -> int:
    say(f"FastX 4: make the script with: {NAME} install --dir {folder}")
    say("Then put these lines into fastx.env in FX_CONFIG_DIR (/etc/fastx), and restart FastX on its web servers.")
    sys.stdout.write(environment_lines(folder))
    return Exit.DONE


def _say_what_follows(folder: Path) -> None:
    if is_scheduler(folder):
        say("FastX 5 runs it from now on for each session of this scheduler.")
    else:
        say(f"{folder} is no scheduler's directory of FastX 5. For FastX 4: {NAME} install --print --dir {folder}")
    say(f"To undo this: {NAME} uninstall --dir {folder}")


def _folder(args: argparse.Namespace) -> Path:
    if args.dir is None:
        raise Usage("Say where: --dir DIR names a scheduler's directory; install --print is for FastX 4.")
    return Path(args.dir)


def _take(steps: Sequence[Step], *, dry_run: bool) -> None:
    """Say each step before it is taken."""
    for number, step in enumerate(steps, 1):
        say(f"{number}. {step.sentence}")
        if not dry_run:
            step.do()
    if dry_run:
        say("Nothing was changed: this was a dry run.")


def _arguments(args: argparse.Namespace, folder: Path) -> list[str]:
    """The options for the script, those that were not said too, and paths in full, since FastX runs it anywhere."""
    said = {
        "--policy": args.policy,
        "--table": os.path.abspath(args.table),
        "--max-age": f"{args.max_age:g}",
        "--turns": os.path.abspath(args.turns) if args.turns else None,
        "--wrap": str(site_script(Path(args.wrap), folder)) if args.wrap else None,
        "--wrap-limit": f"{args.wrap_limit:g}" if args.wrap else None,
    }
    words = [word for flag, value in said.items() if value is not None for word in (flag, value)]
    return [*words, *(["--last-resort"] if args.last_resort else [])]
