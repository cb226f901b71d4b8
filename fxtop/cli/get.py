"""``fxtop get nodes|sessions|users|transporters|licenses|jobs|findings|bus``."""

from __future__ import annotations

import argparse
import asyncio
from datetime import tzinfo
from typing import Any

import msgspec
from msgspec.structs import replace

from fxtop.actions.words import NOBODY
from fxtop.cli import json_rows
from fxtop.cli.exits import Exit, Usage
from fxtop.cli.joined import EVERYTHING, NODES, Joined, joined, opened
from fxtop.cli.listing import FORMATS, KINDS, Listing, sort_order
from fxtop.cli.output import TableColumn, print_csv, print_json, print_table, say
from fxtop.cli.overhearing import overhear
from fxtop.cli.start import start
from fxtop.cli.watching import watch
from fxtop.clock import SystemClock
from fxtop.cluster.records import JobRow
from fxtop.config.settings import Settings
from fxtop.protocol.ids import RequestId
from fxtop.sources.watch import ServerWatch
from fxtop.views.filter import Filter, parse
from fxtop.views.filter_syntax import FilterError
from fxtop.views.panes import JOBS, PANES, PaneSpec

BUS = "bus"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's own arguments."""
    parser.add_argument("kind", choices=(*KINDS, BUS), help="what to print")
    parser.add_argument("-o", dest="output", choices=FORMATS, default="table", help="form of the output")
    parser.add_argument("--filter", metavar="F", help="only rows that match, as 'state=draining cpu>80%%'")
    parser.add_argument("--sort", metavar="C", help="order by a column; -cpu or cpu:desc for the largest first")
    parser.add_argument("--watch", action="store_true", help="print again whenever something changed")


def run(args: argparse.Namespace) -> int:
    """Print the rows once, or until Ctrl-C."""
    if args.kind == BUS and (args.filter or args.sort or args.watch):
        raise Usage("The bus is one thing: --filter, --sort and --watch are for rows.")
    settings = start(args)
    if args.kind == BUS:
        return asyncio.run(_get_bus(settings, args.output))
    try:
        return asyncio.run(_get_rows(settings, args))
    except KeyboardInterrupt:
        if args.watch:
            return Exit.DONE
        raise


async def _get_rows(settings: Settings, args: argparse.Namespace) -> int:
    pane = _past_and_present(settings) if args.kind == "jobs" else PANES[args.kind]
    filter_ = _filter(args.filter, pane, settings.zone) if args.filter else None
    order = sort_order(args.sort, pane) if args.sort else None
    async with joined(settings, NODES if args.kind == "nodes" else EVERYTHING) as cluster:
        servers = ServerWatch(cluster.bus, cluster.bus.probe) if args.kind == "transporters" else None
        if servers is not None:
            cluster.sight(await servers.look(), servers.interval)
        if args.kind == "nodes":
            await overhear(cluster, patiently=not args.watch)
        listing = Listing(pane, cluster.store, tz=settings.zone, ascii_only=settings.ascii)
        listing.view.set_filter(filter_)
        if order:
            listing.view.set_sort(*order)
        _narrate(args.kind, cluster, listing)
        listing.print(args.output, compact=args.watch)
        if args.watch:
            await watch(cluster, listing, args.output, servers)
    return Exit.FAILED if cluster.missing else Exit.DONE


async def _get_bus(settings: Settings, form: str) -> int:
    async with opened(settings) as cluster:
        try:
            await cluster.connect()
            await cluster.sync()
            await overhear(cluster)
        finally:
            _print_bus(json_rows.bus(cluster.bus.status, cluster.store, cluster.moleculer), form)
    return Exit.FAILED if cluster.missing else Exit.DONE


def _print_bus(state: dict[str, Any], form: str) -> None:
    if form == "json":
        print_json(state)
    elif form == "csv":
        print_csv(list(state), [[_text(value) for value in state.values()]])
    else:
        print_table(
            [TableColumn("what"), TableColumn("value")], [[name, _text(value)] for name, value in state.items()]
        )


def _text(value: Any) -> str:
    """One value of the bus's state in a cell."""
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _past_and_present(settings: Settings) -> PaneSpec[RequestId, JobRow]:
    """Jobs that are heard of, and those of the last day that were asked for from here."""
    from fxtop.actions.journal import Journal  # noqa: PLC0415  # nobody else waits for all that belongs to a journal
    from fxtop.actions.recall import RECALLED, recall  # noqa: PLC0415  # as above
    from fxtop.actions.recall import joined as joined_jobs  # noqa: PLC0415  # as above

    clock = SystemClock()
    reading = Journal(settings.journal).read(since=clock.now() - RECALLED)
    past = recall(reading.entries, settings.slug, clock)
    return replace(JOBS, rows=lambda store: joined_jobs(past, store.jobs), changed=None)


def _filter(text: str, pane: PaneSpec[Any, Any], zone: tzinfo) -> Filter[Any]:
    try:
        return parse(text, pane.columns, pane.search_text, zone)
    except FilterError as error:
        mark = " " * error.position + "^" * max(1, error.length)
        raise Usage(f"--filter: {error.sentence}\n  {text}\n  {mark}") from None


def _narrate(kind: str, cluster: Joined, listing: Listing) -> None:
    """Say why there is nothing to be seen, for silence is not zero."""
    name = cluster.store.cluster
    if listing.view.total and not len(listing):
        say(f"None of the {listing.view.total} {listing.pane.plural} fits the filter.")
    elif kind == "jobs" and not len(listing):
        say(f"Nothing was asked of cluster {name} from here in the last day, and no job of others is heard of.")
    elif kind not in ("jobs", "transporters") and not cluster.store.heard_anything():
        say(f"Nobody answered on cluster {name}: {NOBODY}")
