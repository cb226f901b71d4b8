"""``fxtop doctor``: what is wrong on this machine, or in a copy of another one's files."""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from fxtop.bus.configured import bus_settings
from fxtop.bus.connection import NatsBus
from fxtop.cli.exits import Exit, Usage
from fxtop.cli.flags import settings_flags
from fxtop.cli.json_rows import trouble
from fxtop.cli.output import print_json, say, write
from fxtop.clock import SystemClock
from fxtop.cluster.words import plural, sentence
from fxtop.config.error import ConfigError
from fxtop.config.load import load
from fxtop.config.settings import Settings
from fxtop.doctor.examine import Report, examine, report
from fxtop.doctor.facts import Role
from fxtop.doctor.finding import Finding
from fxtop.doctor.gather.bus import ask_bus
from fxtop.doctor.gather.files import gather_files
from fxtop.doctor.gather.host import ask_host
from fxtop.doctor.gather.services import read_services
from fxtop.doctor.gather.terminal import ask_synchronized
from fxtop.doctor.gather.tree import Tree
from fxtop.doctor.terminal import Terminal, judge

FORMATS = ("text", "json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's own arguments."""
    parser.add_argument("--role", choices=[*Role], help="what the machine is; without it, what its files make of it")
    parser.add_argument("--offline", metavar="DIR", help="check a copied tree (DIR/etc/fastx …), touching no network")
    parser.add_argument("-o", dest="output", choices=FORMATS, default="text", help="form of the output")
    parser.epilog = "exit code: 0 nothing critical and no warning, 1 something is, 2 the command line is wrong"


def run(args: argparse.Namespace) -> int:
    """Print what was found, worst first, and what couldn't be checked."""
    root = _root(args.offline)
    tree = Tree(root)
    role = Role(args.role) if args.role else _role(tree)
    if role is Role.OPERATOR and tree.copied:
        raise Usage("--offline looks at files of a node or a manager: say which with --role.")
    found = _operator(args) if role is Role.OPERATOR else _machine(tree, role, args)
    print_json(_as_json(found)) if args.output == "json" else _print(found)
    return Exit.DONE if found.sound else Exit.FAILED


def _root(folder: str | None) -> Path | None:
    if folder is None:
        return None
    root = Path(folder)
    if not root.is_dir():
        raise Usage(f"--offline {folder}: there is no such folder.")
    return root


def _role(tree: Tree) -> Role:
    """What the files make of the machine."""
    services = read_services(tree)
    folder = services.layout.path("FX_CONFIG_DIR")
    if tree.has(folder / "nats-server.conf") or any("nats" in unit.name for unit in services.units):
        return Role.MANAGER
    installed = tree.has(folder) or tree.has(PurePosixPath("/usr/lib/fastx"))
    return Role.NODE if installed or tree.copied else Role.OPERATOR


def _machine(tree: Tree, role: Role, args: argparse.Namespace) -> Report:
    clock = SystemClock()
    facts = gather_files(tree, role, clock.now())
    if tree.copied:
        return examine(facts)
    ca = getattr(args, "ca", None)
    return examine(asyncio.run(ask_host(facts, tree, clock, Path(ca) if ca else None)))


def _operator(args: argparse.Namespace) -> Report:
    settings = load(settings_flags(args), os.environ)
    for notice in settings.notices:
        say(notice)
    return report(Role.OPERATOR, [*judge(_terminal()), *asyncio.run(_bus(settings))])


async def _bus(settings: Settings) -> Any:
    clock = SystemClock()
    try:
        bus = NatsBus(bus_settings(settings), clock, settings.slug)
    except ValueError as error:
        raise ConfigError(str(error)) from None
    await bus.start()
    try:
        return await ask_bus(bus, clock, settings.slug)
    finally:
        await bus.stop()


def _terminal() -> Terminal:
    size = shutil.get_terminal_size()
    answer = ask_synchronized(SystemClock())
    return Terminal(sys.stdout.isatty(), size.columns, size.lines, sys.stdout.encoding, os.environ, answer)


def _as_json(found: Report) -> dict[str, Any]:
    return {
        "role": found.role,
        "findings": [trouble(finding) for finding in found.findings],
        "not_checked": [msgspec.to_builtins(left) for left in found.not_checked],
    }


def _print(found: Report) -> None:
    for finding in found.findings:
        write(_paragraph(finding))
    for left in found.not_checked:
        write(f"not checked: {left.what}: {left.why}\n")
    if found.not_checked:
        write("\n")
    counts = plural(len(found.findings), "finding"), plural(len(found.not_checked), "check")
    write(f"{counts[0]} on this {found.role}; {counts[1]} couldn't be made.\n")


def _paragraph(finding: Finding) -> str:
    lines = [
        f"{finding.severity.upper():<4}  {finding.kind}  {finding.subject}",
        f"      {sentence(finding.text)}",
        *(f"      seen: {line}" for line in finding.evidence),
        f"      so: {sentence(finding.consequence)}",
        f"      do: {finding.remedy}",
    ]
    return "\n".join(lines) + "\n\n"
