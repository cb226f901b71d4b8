"""``fxtop journal``: what was asked for from here, and what came of it."""

from __future__ import annotations

import argparse
import os
import time

import msgspec

from fxtop.actions.journal import Entry, Journal
from fxtop.cli.exits import Exit
from fxtop.cli.flags import settings_flags
from fxtop.cli.output import TableColumn, print_json, print_table, say
from fxtop.cli.times import duration
from fxtop.config.load import load
from fxtop.views.column import Look
from fxtop.views.format import moment, plural

_COLUMNS = [*map(TableColumn, ("time", "what", "cluster", "verb", "targets", "state", "operator", "reason", "detail"))]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's own arguments."""
    parser.add_argument("--since", metavar="TIME", help="no older than that, as 2h or 7d")
    parser.add_argument("--node", metavar="NODE", help="only what concerns that node")
    parser.add_argument("-o", dest="output", choices=("table", "json"), default="table", help="form of the output")


def run(args: argparse.Namespace) -> int:
    """Print the journal, oldest first."""
    settings = load(settings_flags(args), os.environ)
    now = time.time()
    since = now - duration(args.since) if args.since else None
    reading = Journal(settings.journal).read(since=since, node=args.node)
    if reading.damaged:
        say(f"{plural(reading.damaged, 'line')} of {settings.journal} can't be read and is left out.")
    if args.output == "json":
        print_json([msgspec.to_builtins(entry) for entry in reading.entries])
        return Exit.DONE
    if not reading.entries:
        say(f"There is nothing in the journal {settings.journal} that fits.")
        return Exit.DONE
    look = Look(now=now, tz=settings.zone, ascii=settings.ascii)
    print_table(_COLUMNS, (_line(entry, look) for entry in reading.entries))
    return Exit.DONE


def _line(entry: Entry, look: Look) -> tuple[str, ...]:
    what = f"{entry.kind} (dry run)" if entry.dry_run else entry.kind
    reason = f"{entry.reason} [{entry.ticket}]" if entry.ticket else entry.reason
    return (
        moment(entry.at, look),
        what,
        entry.cluster,
        entry.verb,
        " ".join(entry.targets),
        entry.state or entry.code,
        entry.operator,
        reason,
        entry.detail,
    )
