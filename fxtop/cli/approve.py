"""``fxtop approve ID``: the second person agrees to a request that waits, or turns it down."""

from __future__ import annotations

import argparse
import asyncio

from fxtop.actions.approval import pending_lines, where_it_waits
from fxtop.actions.arming import Arming
from fxtop.actions.confirmation import PRESS
from fxtop.actions.link import appoint
from fxtop.actions.model import Refused
from fxtop.actions.naming import node_named
from fxtop.actions.operator import Operator
from fxtop.cli.ask import confirmed
from fxtop.cli.exits import Exit
from fxtop.cli.joined import Joined, joined
from fxtop.cli.outcome import exit_code, progress
from fxtop.cli.output import print_json, say
from fxtop.cli.start import start
from fxtop.config.settings import Settings
from fxtop.protocol.ids import NodeId, RequestId


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's own arguments."""
    parser.add_argument("request", metavar="ID", help="the id of the request, as `fxtop get jobs` shows it")
    parser.add_argument("--node", help="the node whose agent keeps it; by default the one that says so")
    parser.add_argument("--withdraw", action="store_true", help="take your own request back, or turn somebody's down")
    parser.add_argument("--reason", default="", help="why; kept in the journals")
    parser.add_argument("--yes", action="store_true", help="agree without being asked")
    parser.add_argument("--wait", action="store_true", help="wait for the end of the work that is approved")
    parser.add_argument("-o", dest="output", choices=("table", "json"), default="table", help="form of the outcome")


def run(args: argparse.Namespace) -> int:
    """Show what waits, and say yes or no to it.

    Raises:
        ConfigError, KeyFileError, Refused, BusDown: nothing was approved.
    """
    settings = start(args)
    return asyncio.run(_decide(args, settings))


async def _decide(args: argparse.Namespace, settings: Settings) -> int:
    request = RequestId(args.request)
    async with joined(settings) as cluster:
        Arming(cluster.clock, read_only=settings.read_only).arm()  # refuses before anybody was asked anything
        operator = appoint(settings, cluster.bus, cluster.store, cluster.clock)
        node = _keeper(args, cluster)
        if args.withdraw:
            await confirmed(PRESS, yes=args.yes)
            operator.arming.arm()
            await operator.approver.withdraw(request, node, args.reason)
            return await _tell(args, cluster, operator, "withdrawn")
        pending = await operator.approver.read(request, node)
        for line in pending_lines(pending, settings.zone):
            say(line)
        await confirmed(PRESS, yes=args.yes)
        operator.arming.arm()
        await operator.approver.approve(pending, args.reason)
        return await _tell(args, cluster, operator, "approved")


def _keeper(args: argparse.Namespace, cluster: Joined) -> NodeId:
    """The node that keeps the request; Refused where nobody says that it does."""
    if args.node:
        return node_named(args.node, cluster.store)
    node = where_it_waits(RequestId(args.request), cluster.store)
    if node is None:
        raise Refused(
            "not_waiting",
            f"No agent says that a request {args.request} waits for a second person: it was approved, taken back or "
            "dropped, or its agent doesn't answer. `fxtop get jobs` lists what waits; --node asks one node.",
        )
    return node


async def _tell(args: argparse.Namespace, cluster: Joined, operator: Operator, said: str) -> int:
    """What became of the request so far, or in the end."""
    request = RequestId(args.request)
    jobs = await operator.settled([request], None if args.wait else 0.0)
    if args.output == "json":
        print_json({"request": request, "status": said, "state": [job.state for job in jobs]})
    else:
        say(f"Request {request} is {said}.")
        for job in jobs:
            say(progress(job, cluster.settings.zone))
    return exit_code(jobs, waited=True) if args.wait and not args.withdraw else Exit.DONE
