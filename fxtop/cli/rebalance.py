"""``fxtop rebalance [NODE…]``."""

from __future__ import annotations

import argparse

from fxtop.actions.model import Intent
from fxtop.actions.naming import node_named
from fxtop.cli.act import act
from fxtop.cli.act_flags import add_action_arguments


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's own arguments."""
    parser.add_argument("nodes", nargs="*", metavar="NODE", help="balance among these only; without any, among all")
    add_action_arguments(parser, "rebalance")


def run(args: argparse.Namespace) -> int:
    """Ask the managers for a plan, and apply it."""
    return act(
        args,
        "rebalance",
        lambda store, words: Intent(
            verb="rebalance", nodes=tuple(node_named(node, store) for node in args.nodes), **words
        ),
    )
