"""``fxtop demo``: a whole cluster on this machine."""

from __future__ import annotations

import argparse
import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from typing import Final, NoReturn

import msgspec

from fxtop.cli.console import require_terminal, run_console
from fxtop.cli.exits import Exit, Usage
from fxtop.cli.flags import settings_flags
from fxtop.cli.output import print_json, say
from fxtop.config.environment import variable
from fxtop.demo.folder import Folder
from fxtop.demo.options import Options
from fxtop.demo.run import Demo, demo

SCENARIOS: Final = ("calm", "incident")

_OURS: Final = ("read_only", "theme", "ascii", "tz", "link", "log_file")
"""Global flags that mean something here; the others say where a cluster is, and the demo brings its own."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's own arguments."""
    plain = Options()
    parser.add_argument("--nodes", type=int, default=plain.nodes, metavar="N", help=f"default: {plain.nodes}")
    parser.add_argument("--sessions", type=int, default=plain.sessions, metavar="N", help=f"default: {plain.sessions}")
    parser.add_argument("--churn", type=float, metavar="SHARE", help="share of the sessions that change in a second")
    parser.add_argument("--seed", type=int, default=plain.seed, metavar="N", help="the same seed makes the same world")
    parser.add_argument("--scenario", choices=SCENARIOS, default=plain.scenario, help="what happens on it")
    parser.add_argument("--speed", type=float, default=plain.speed, metavar="X", help="play the scenario faster")
    parser.add_argument("--no-console", action="store_true", help="print where it is as JSON, and stay until Ctrl-C")


def run(args: argparse.Namespace) -> int:
    """Start the demo, and the console on it."""
    flags = settings_flags(args)
    strange = [name for name in flags if name not in _OURS]
    if strange:
        raise Usage(f"The demo brings its own cluster: --{strange[0].replace('_', '-')} has no place here.")
    options = Options(args.nodes, args.sessions, args.seed, args.scenario, args.speed, args.churn)
    if args.no_console:
        return _stay(options)
    require_terminal()
    with demo(options) as running:
        return run_console({**flags, "config": running.ready.config}, environment(running.folder))


def environment(folder: Folder) -> Mapping[str, str]:
    """The environment as far as it says how things look; where clusters and files are, the demo knows itself."""
    looks = {name: os.environ[name] for name in map(variable, ("theme", "ascii", "tz", "link")) if name in os.environ}
    return {**looks, "XDG_STATE_HOME": str(folder.state), "XDG_CONFIG_HOME": str(folder.state)}


def _stay(options: Options) -> int:
    """Until Ctrl-C or SIGTERM, telling what happens. A cluster that ends by itself is a DemoError."""
    signal.signal(signal.SIGTERM, _interrupt)
    with suppress(KeyboardInterrupt), demo(options) as running:
        print_json(msgspec.structs.asdict(running.ready), compact=True)
        say(f"The demo is up until Ctrl-C. In another terminal: fxtop --config {running.ready.config}")
        _narrate(running)
    return Exit.DONE


def _narrate(running: Demo) -> None:
    for scene in running.story():
        say(f"{scene.at:5.0f} s  {scene.what}")


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt
