"""The flags of the commands that act: those of every one, and those that the table of verbs gives to each."""

from __future__ import annotations

import argparse
from datetime import tzinfo
from typing import Any

from fxtop.actions.model import Verb
from fxtop.actions.verbs import VERBS, Option
from fxtop.cli.exits import Usage
from fxtop.cli.times import duration, moment


def add_action_arguments(parser: argparse.ArgumentParser, verb: Verb) -> None:
    """Describe the flags of ``verb``."""
    for option in VERBS[verb].options:
        parser.add_argument(
            f"--{option.name}",
            choices=option.choices or None,
            default=option.default or None,
            required=option.required,
            help=f"{option.help} Default: {option.default}." if option.default else option.help,
        )
    parser.add_argument("--reason", default="", help="why; kept in the journals and shown to other operators")
    parser.add_argument("--ticket", help="the number of a ticket that it belongs to")
    parser.add_argument("--dry-run", action="store_true", help="ask what would happen, and change nothing")
    parser.add_argument("--yes", action="store_true", help="confirm the plan, whatever it demands")
    parser.add_argument("--wait", action="store_true", help="wait for the end of the work, not for its acceptance")
    parser.add_argument("--timeout", type=_seconds, metavar="TIME", help="wait no longer than that, as 90s or 10m")
    parser.add_argument("-o", dest="output", choices=("table", "json"), default="table", help="form of the outcome")


def words(args: argparse.Namespace, verb: Verb, *, now: float, tz: tzinfo) -> dict[str, Any]:
    """What was said beside the targets, as the fields of an `Intent`.

    Raises:
        Usage: a time that can't be read, no reason for something that is to be done, or flags that don't fit.
    """
    if not args.reason.strip() and not args.dry_run:
        raise Usage("Say why: --reason TEXT is kept in the journals and shown to other operators.")
    if args.timeout is not None and not args.wait:
        raise Usage("--timeout says how long to wait: add --wait.")
    said = {option.name: _value(option, getattr(args, option.name), now, tz) for option in VERBS[verb].options}
    return {"reason": args.reason, "ticket": args.ticket, **said}


def _value(option: Option, text: str | None, now: float, tz: tzinfo) -> Any:
    if text is None:
        return None
    if option.kind == "duration":
        return duration(text)
    return moment(text, now, tz) if option.kind == "moment" else text


def _seconds(text: str) -> float:
    try:
        return duration(text)
    except Usage as error:
        raise argparse.ArgumentTypeError(str(error)) from None
