"""``fxtop drain NODE…``."""

from __future__ import annotations

import argparse

from fxtop.actions.model import Intent
from fxtop.actions.naming import node_named
from fxtop.cli.act import act
from fxtop.cli.act_flags import add_action_arguments


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's own arguments."""
    parser.add_argument("nodes", nargs="+", metavar="NODE", help="a node's id, or its name without the domain")
    add_action_arguments(parser, "drain")


def run(args: argparse.Namespace) -> int:
    """Drain the nodes."""
    return act(
        args,
        "drain",
        lambda store, words: Intent(verb="drain", nodes=tuple(node_named(node, store) for node in args.nodes), **words),
    )
