"""``fxtop terminate SESSION…``."""

from __future__ import annotations

import argparse

from fxtop.actions.model import Intent
from fxtop.actions.naming import session_named
from fxtop.cli.act import act
from fxtop.cli.act_flags import add_action_arguments


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's own arguments."""
    parser.add_argument("sessions", nargs="+", metavar="SESSION", help="a session's id, or NODE/ID")
    add_action_arguments(parser, "terminate")


def run(args: argparse.Namespace) -> int:
    """End the sessions."""
    return act(
        args,
        "terminate",
        lambda store, words: Intent(
            verb="terminate", sessions=tuple(session_named(name, store) for name in args.sessions), **words
        ),
    )
