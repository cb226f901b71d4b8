"""``fxtop message [SESSION…] [--node NODE]``."""

from __future__ import annotations

import argparse

from fxtop.actions.model import Intent
from fxtop.actions.naming import node_named, session_named
from fxtop.cli.act import act
from fxtop.cli.act_flags import add_action_arguments
from fxtop.cli.exits import Usage


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's own arguments."""
    parser.add_argument("sessions", nargs="*", metavar="SESSION", help="a session's id, or NODE/ID")
    parser.add_argument("--node", action="append", default=[], metavar="NODE", help="all sessions of a node")
    add_action_arguments(parser, "message")


def run(args: argparse.Namespace) -> int:
    """Show the text to the sessions' users."""
    if not args.sessions and not args.node:
        raise Usage("Say who is to read it: one or more sessions, or --node NODE.")
    return act(
        args,
        "message",
        lambda store, words: Intent(
            verb="message",
            nodes=tuple(node_named(name, store) for name in args.node),
            sessions=tuple(session_named(name, store) for name in args.sessions),
            **words,
        ),
    )
