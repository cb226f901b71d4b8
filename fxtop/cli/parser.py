"""The command line's grammar: the table of commands, and the parser of the one that was named.

Only that command's module is imported, so that none pays for another's parts.
"""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Final, NamedTuple, NoReturn, Protocol, cast

from fxtop.cli.exits import Usage
from fxtop.cli.flags import VALUED, add_global_flags


class Command(Protocol):
    """What a command's module offers."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Describe the command's own arguments."""
        ...

    def run(self, args: argparse.Namespace) -> int:
        """Do it, and say how it ended (`fxtop.cli.exits.Exit`)."""
        ...


class Entry(NamedTuple):
    """A command, before its module is loaded."""

    module: str
    help: str


CONSOLE: Final = Entry("fxtop.cli.console", "See and steer a FastX 5 cluster. Without a command: the console.")
COMMANDS: Final = {
    "wall": Entry("fxtop.cli.wall", "the cluster for a screen across the room; it can't send anything"),
    "demo": Entry("fxtop.cli.demo", "a whole cluster on this machine, and the console on it"),
    "get": Entry("fxtop.cli.get", "print nodes, sessions, users, transporters, licenses, jobs, findings or the bus"),
    "drain": Entry("fxtop.cli.drain", "let no new sessions start on nodes"),
    "resume": Entry("fxtop.cli.resume", "let new sessions start on nodes again"),
    "terminate": Entry("fxtop.cli.terminate", "end sessions"),
    "approve": Entry("fxtop.cli.approve", "agree to a request that waits for a second person, or turn it down"),
    "message": Entry("fxtop.cli.message", "show a text to people in their sessions"),
    "rebalance": Entry("fxtop.cli.rebalance", "even out where new sessions go"),
    "can-i": Entry("fxtop.cli.can_i", "ask the agents what your key may do"),
    "agent": Entry("fxtop.cli.agent", "tell of this FastX node on the bus, and carry out signed requests"),
    "keys": Entry("fxtop.cli.keys", "make and check the key that signs your requests; list keys on an agent"),
    "jobs": Entry("fxtop.cli.jobs", "ask the agents what became of requests that nobody knows the end of"),
    "journal": Entry("fxtop.cli.journal", "tell who did what, why, and what came of it; verify that record"),
    "node-select": Entry("fxtop.cli.node_select", "choose a node for a session, as FastX's load balancer"),
    "doctor": Entry("fxtop.cli.doctor", "find what breaks the cluster on this machine, or in a copy of its files"),
    "gate-config": Entry("fxtop.cli.gate_config", "print a nats-server configuration with users for people and agents"),
    "config": Entry("fxtop.cli.config", "print the settings and where each comes from"),
    "protocol": Entry("fxtop.cli.protocol", "print the JSON Schema of the messages on the bus"),
}


class _Parser(argparse.ArgumentParser):
    """Reports a mistake as `Usage` where argparse would end the process."""

    def error(self, message: str) -> NoReturn:
        raise Usage(f"{message} (try: {self.prog} --help)")


def parse(argv: Sequence[str]) -> tuple[Command, argparse.Namespace]:
    """The command of a command line, and its arguments.

    Raises:
        Usage: when the line makes no sense.
        SystemExit: for ``--help`` and ``--version``.
    """
    name, rest = _split(argv)
    entry = CONSOLE if name is None else _entry(name)
    command = cast(Command, import_module(entry.module))
    parser = _parser(name, entry)
    command.add_arguments(parser)
    add_global_flags(parser)
    return command, parser.parse_args(list(_glued(rest)))


def _split(argv: Sequence[str]) -> tuple[str | None, list[str]]:
    """The command's name, and the line without it: the first word that is neither a flag nor a flag's value."""
    valued = {f"--{flag}" for flag in VALUED}
    at = 0
    while at < len(argv) and argv[at].startswith("-"):
        at += 2 if argv[at] in valued else 1
    if at >= len(argv):
        return None, list(argv)
    return argv[at], [*argv[:at], *argv[at + 1 :]]


def _glued(line: Sequence[str]) -> Iterator[str]:
    """The line with ``--sort -cpu`` as ``--sort=-cpu``, since argparse would take ``-cpu`` for flags."""
    words = iter(line)
    for word in words:
        yield f"{word}={next(words, '')}" if word == "--sort" else word


def _entry(name: str) -> Entry:
    if name in COMMANDS:
        return COMMANDS[name]
    near = difflib.get_close_matches(name, COMMANDS, 1)
    hint = f"Did you mean '{near[0]}'?" if near else f"There are {', '.join(COMMANDS)}."
    raise Usage(f"There is no command '{name}'. {hint}")


def _parser(name: str | None, entry: Entry) -> argparse.ArgumentParser:
    if name is not None:
        return _Parser(prog=f"fxtop {name}", description=entry.help, allow_abbrev=False)
    listing = "\n".join(f"  {command:<12}{entry.help}" for command, entry in COMMANDS.items())
    return _Parser(
        prog="fxtop",
        usage="fxtop [options] [command ...]",
        description=entry.help,
        epilog=f"commands:\n{listing}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
