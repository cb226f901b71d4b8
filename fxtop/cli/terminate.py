"""``fxtop terminate SESSION…``."""

from __future__ import annotations

import argparse

from fxtop.actions.model import Intent
from fxtop.cli.act import act
from fxtop.cli.act_flags import add_action_arguments
from fxtop.cli.session_names import session_keys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's own arguments."""
    parser.add_argument("sessions", nargs="+", metavar="SESSION", help="a session's id, or NODE/ID")
    add_action_arguments(parser, "terminate")


def run(args: argparse.Namespace) -> int:
    """End the sessions."""
    return act(
        args,
        "terminate",
        lambda store, words: Intent(verb="terminate", sessions=session_keys(args.sessions, store), **words),
    )
