"""``fxtop resume NODE…``."""

from __future__ import annotations

import argparse

from fxtop.actions.model import Intent
from fxtop.cli.act import act
from fxtop.cli.act_flags import add_action_arguments
from fxtop.protocol.ids import NodeId


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's own arguments."""
    parser.add_argument("nodes", nargs="+", metavar="NODE", help="a node's id, as viz07.example.edu")
    add_action_arguments(parser, "resume")


def run(args: argparse.Namespace) -> int:
    """Let the nodes take new sessions again."""
    nodes = tuple(NodeId(node) for node in args.nodes)
    return act(args, "resume", lambda store, words: Intent(verb="resume", nodes=nodes, **words))
