"""``fxtop jobs resolve``: what became of requests of ours that nobody knows the end of."""

from __future__ import annotations

import argparse
import asyncio

from fxtop.actions.link import appoint
from fxtop.cli import json_rows
from fxtop.cli.joined import joined
from fxtop.cli.outcome import exit_code
from fxtop.cli.output import TableColumn, print_json, print_table, say
from fxtop.cli.start import start
from fxtop.config.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's own arguments."""
    parser.add_argument("what", choices=("resolve",), help="ask the agents what became of requests")
    parser.add_argument("requests", nargs="*", metavar="REQUEST", help="ids of requests; by default all without an end")
    parser.add_argument("-o", dest="output", choices=("table", "json"), default="table", help="form of the outcome")


def run(args: argparse.Namespace) -> int:
    """Ask, and print what is known then. Nothing is done by it."""
    return asyncio.run(_resolve(start(args), args))


async def _resolve(settings: Settings, args: argparse.Namespace) -> int:
    async with joined(settings) as cluster:
        operator = appoint(settings, cluster.bus, cluster.store, cluster.clock)
        await operator.recollect()
        jobs = await operator.resolve(args.requests)
        if operator.trouble:
            say(operator.trouble)
    if args.output == "json":
        print_json([json_rows.job(job, cluster.store) for job in jobs])
    elif jobs:
        rows = ((job.id, job.target, job.verb, job.state, f"{job.done}/{job.total}", job.detail) for job in jobs)
        print_table([*map(TableColumn, ("request", "target", "verb", "state", "done", "detail"))], rows)
    if not jobs:
        say(f"The end of all that was asked of cluster {settings.slug} from here in the last day is known.")
    return exit_code(jobs, waited=False)
