"""``fxtop agent run|once|unit|config init|config check``: the agent of this host."""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from fxtop.agent.run import settings as agent_settings
from fxtop.agent.run.logs import log_as
from fxtop.agent.run.once import CLASSES, Saying, collect
from fxtop.agent.run.program import Program
from fxtop.agent.run.settings import AgentSettings
from fxtop.agent.run.summary import summary
from fxtop.agent.run.tables import LogTable
from fxtop.agent.run.template import TEMPLATE
from fxtop.agent.run.unit import unit
from fxtop.cli.exits import Exit, Usage
from fxtop.cli.flags import settings_flags
from fxtop.cli.output import TableColumn, print_json, print_table, say, write
from fxtop.clock import SystemClock
from fxtop.config.error import ConfigError

_WHAT: Final = {
    "run": "run it until it is told to end",
    "once": "collect one time and print what it would publish; needs no bus",
    "unit": "print a systemd unit for it",
    "config": "init: write a file with every setting explained; check: read it and say what it comes to",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's own arguments."""
    listing = "; ".join(f"{name}: {text}" for name, text in _WHAT.items())
    parser.add_argument("what", choices=tuple(_WHAT), help=listing)
    parser.add_argument("step", nargs="?", choices=("init", "check"), help="of config")
    parser.add_argument("--only", choices=CLASSES, metavar="CLASS", help=f"for once: one of {', '.join(CLASSES)}")
    parser.add_argument("-o", dest="output", choices=("text", "json"), default="text", help="form of the output")


def run(args: argparse.Namespace) -> int:
    """Do it. ``--config`` names the agent's file here."""
    if (args.what == "config") != (args.step is not None):
        raise Usage("Say `fxtop agent config init` or `fxtop agent config check`; only config has such a step.")
    flags = settings_flags(args)
    named = Path(flags.pop("config")) if "config" in flags else None
    if args.what == "unit":
        write(unit(_start(named)))
        return Exit.DONE
    if args.step == "init":
        return _init(named or agent_settings.FILE)
    load = partial(agent_settings.load, named, flags, os.environ)
    if args.what == "run":
        asyncio.run(Program(load, os.environ, SystemClock()).run())
        return Exit.DONE
    return _check(load(), args.output) if args.step == "check" else _once(load(), args)


def _once(settings: AgentSettings, args: argparse.Namespace) -> int:
    log_as(LogTable(level="warning"), {})
    _say_notices(settings)
    said = asyncio.run(collect(settings, SystemClock(), args.only))
    if not said:
        say("Nothing would be published: what was asked for is switched off, or can't be read here.")
    if args.output == "json":
        print_json([{"subject": each.subject, "message": msgspec.Raw(each.payload)} for each in said])
    else:
        write("\n".join(map(_readable, said)))
    return Exit.DONE


def _readable(saying: Saying) -> str:
    text = msgspec.json.format(saying.payload, indent=2).decode()
    return f"{saying.subject} ({len(saying.payload)} bytes)\n{text}\n"


def _check(settings: AgentSettings, output: str) -> int:
    """Say what the settings come to; a secret that can't be read is found here and not at night."""
    for secret in (settings.connection.token, settings.connection.user, settings.connection.password):
        if secret is not None:
            secret.read()
    _say_notices(settings)
    lines = summary(settings)
    if output == "json":
        print_json(dict(lines))
    else:
        print_table([*map(TableColumn, ("setting", "value"))], lines)
    return Exit.DONE


def _init(path: Path) -> int:
    try:
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(TEMPLATE)
    except FileExistsError:
        raise ConfigError(
            f"{path} is there already and is never overwritten: name another file with --config."
        ) from None
    except OSError as error:
        raise ConfigError(f"{path} can't be written: {error.strerror or error}.") from None
    say(f"Wrote {path}. Everything in it is the default; change what you need and run `fxtop agent config check`.")
    return Exit.DONE


def _start(config: Path | None) -> list[str]:
    """The command for the unit: this very installation."""
    program = Path(sys.argv[0]).resolve()
    found = program if program.name == "fxtop" and os.access(program, os.X_OK) else shutil.which("fxtop")
    start = [str(found)] if found else [sys.executable, "-m", "fxtop"]
    return [*start, "agent", "run", *(["--config", str(config.resolve())] if config else [])]


def _say_notices(settings: AgentSettings) -> None:
    for notice in settings.notices:
        say(notice)
