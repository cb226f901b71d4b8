"""``fxtop journal [verify [FILE …]]``: who did what, why, and what came of it; and whether the record is whole."""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from pathlib import Path
from typing import Final

from fxtop.actions.inquiry import Testimony, inquire
from fxtop.actions.journal import Journal, JournalError
from fxtop.actions.story import HERE, Story, Told, Wanted, stories
from fxtop.agent.run.settings import STATE_DIR
from fxtop.bus.port import BusError
from fxtop.cli import journal_verify
from fxtop.cli.exits import Exit, Usage
from fxtop.cli.flags import settings_flags
from fxtop.cli.joined import opened
from fxtop.cli.journal_text import print_lines, print_stories
from fxtop.cli.output import say
from fxtop.cli.times import past
from fxtop.config.load import load
from fxtop.config.settings import Settings
from fxtop.views.column import Look
from fxtop.views.format import plural

AGENT_JOURNAL: Final = STATE_DIR / "journal.jsonl"
"""Of this host's agent, unless its configuration says otherwise."""

LOOK_BACK: Final = 86_400.0
"""Seconds before what is asked for in which a request may have begun that was not over then."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's own arguments."""
    parser.add_argument("--since", metavar="TIME", help="what was not over before: 2h, 7d, 18:30 or 2026-11-22T18:30")
    parser.add_argument("--until", metavar="TIME", help="what had begun by then")
    parser.add_argument("--node", metavar="NODE", help="only what concerns that node; its agent alone is asked")
    parser.add_argument("--operator", metavar="NAME", help="only what that person did")
    parser.add_argument("--verb", metavar="VERB", help="only drain, terminate and so on")
    parser.add_argument("--request", metavar="ID", help="only the request, or the plan, of that id")
    parser.add_argument("--also", metavar="FILE", action="append", default=[], type=Path, help="read that journal too")
    parser.add_argument("--local", action="store_true", help="don't ask the agents over the bus")
    parser.add_argument("--lines", action="store_true", help="the lines of your own journal one by one, as they stand")
    parser.add_argument("-o", dest="output", choices=("table", "json"), default="table", help="form of the output")
    journal_verify.add_command(parser)


def run(args: argparse.Namespace) -> int:
    """Print what was done, oldest first; or examine the record."""
    settings = load(settings_flags(args), os.environ)
    if args.what == journal_verify.NAME:
        return journal_verify.run(args.files, [settings.journal, AGENT_JOURNAL], args.known, args.output)
    now = time.time()
    wanted = Wanted(
        since=past(args.since, now, settings.zone) if args.since else None,
        until=past(args.until, now, settings.zone) if args.until else None,
        node=args.node,
        operator=args.operator,
        verb=args.verb,
        request=args.request,
    )
    look = Look(now=now, tz=settings.zone, ascii=settings.ascii)
    if args.lines:
        reading = Journal(settings.journal).read(since=wanted.since, node=wanted.node)
        print_lines(reading.entries, look, args.output)
        return Exit.DONE
    found = _found(settings, wanted, args.also, ask=not args.local)
    print_stories(found, look, args.output)
    if not found:
        say(f"There is nothing in the journal {settings.journal}, nor in any other that was read, that fits.")
    return Exit.DONE


def _found(settings: Settings, wanted: Wanted, also: list[Path], *, ask: bool) -> list[Story]:
    told = _read(settings.journal, HERE, wanted)
    for path in also:
        if not path.exists():
            raise Usage(f"There is no journal {path}.")
        told += _read(path, str(path), wanted)
    try:
        told += _read(AGENT_JOURNAL, str(AGENT_JOURNAL), wanted)
    except JournalError as error:
        say(f"{error} It is the agent's of this host, and left out.")
    if ask:
        told += asyncio.run(_asked(settings, wanted))
    return [story for story in stories(told) if wanted.fits(story)]


def _read(path: Path, source: str, wanted: Wanted) -> list[Told]:
    since = None if wanted.since is None else wanted.since - LOOK_BACK
    reading = Journal(path).read(since=since)
    if reading.damaged:
        say(
            f"{plural(reading.damaged, 'line')} of {path} can't be read and {'is' if reading.damaged == 1 else 'are'} "
            f"left out: see `fxtop journal verify {path}`."
        )
    return [Told(entry, source) for entry in reading.entries]


async def _asked(settings: Settings, wanted: Wanted) -> list[Told]:
    """What the agents tell. That they can't be asked is no fault: what is on record here is shown all the same."""
    try:
        async with opened(settings) as cluster:
            await cluster.connect()
            testimony = await inquire(cluster.bus, settings.slug, wanted)
    except BusError as error:
        say(f"The agents were not asked, so this is what is on record here. {error}")
        return []
    _narrate(testimony, wanted)
    return testimony.told


def _narrate(heard: Testimony, wanted: Wanted) -> None:
    if not heard.nodes:
        whom = f"The agent of {wanted.node}" if wanted.node else "No agent"
        say(f"{whom} {'did not answer' if wanted.node else 'answered'}: what it has on record is not shown.")
    for node in sorted(heard.more):
        say(f"{node} has more than it told, and older: narrow the question down, or read the journal there.")
    for node in sorted(heard.damaged):
        say(f"{node} has lines in its journal that can't be read: see `fxtop journal verify` there.")
    for error in heard.errors:
        say(error)
    if heard.garbled:
        say(f"{plural(heard.garbled, 'answer')} could not be understood.")
