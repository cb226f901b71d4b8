"""``fxtop config show|check``: every setting with its value and where it comes from; the site's rules in words.

Secrets are only said to be there.
"""

from __future__ import annotations

import argparse
import os

from fxtop.actions.guardrails.compile import compiled
from fxtop.actions.guardrails.explain import explained, idle
from fxtop.actions.guardrails.judge import Guardrails
from fxtop.cli.exits import Exit
from fxtop.cli.flags import settings_flags
from fxtop.cli.output import TableColumn, print_json, print_table, say, write
from fxtop.config.describe import describe
from fxtop.config.load import load
from fxtop.config.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's own arguments."""
    parser.add_argument(
        "what", choices=("show", "check"), help="show: print the settings; check: explain the rules for actions"
    )
    parser.add_argument("-o", dest="output", choices=("table", "json"), default="table", help="form of the output")


def run(args: argparse.Namespace) -> int:
    """Print them. ConfigError: something in them can't be."""
    settings = load(settings_flags(args), os.environ)
    for notice in settings.notices:
        say(notice)
    rules = compiled(settings.guardrails)
    if args.what == "check":
        return _check(rules, settings, args.output)
    lines = describe(settings)
    if args.output == "json":
        print_json({name: {"value": value, "source": source} for name, value, source in lines})
    else:
        print_table([*map(TableColumn, ("setting", "value", "source"))], lines)
    return Exit.DONE


def _check(rules: Guardrails, settings: Settings, output: str) -> int:
    """Explain each rule, and say which are for no cluster that is known here."""
    if output == "json":
        print_json([{"rule": rule.number, "place": rule.place, "says": explained(rule, rules)} for rule in rules.rules])
    for rule in rules.rules if output != "json" else ():
        write(f"{rule.number}. {explained(rule, rules)} ({rule.place})\n")
    for rule in idle(rules, (*settings.clusters, settings.cluster, settings.slug)):
        meant = ", ".join(rule.clusters.patterns)
        say(f"Rule {rule.number} ({rule.place}) is for no cluster that is known here: {meant}.")
    if not rules.rules:
        say("There are no rules for actions: [[guardrails.rule]] in the configuration makes one.")
    return Exit.DONE
