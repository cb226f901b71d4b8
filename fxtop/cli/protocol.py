"""``fxtop protocol schema``: what publishers and tests of the bus protocol validate against."""

from __future__ import annotations

import argparse

from fxtop.cli.exits import Exit, Usage
from fxtop.cli.output import print_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's own arguments."""
    parser.add_argument("what", choices=["schema"], help="the JSON Schema of the messages")
    parser.add_argument("name", nargs="?", metavar="NAME", help="one message only, as hb.node or ctl.node.drain")


def run(args: argparse.Namespace) -> int:
    """Print the schema."""
    from fxtop.protocol.schema import message_schema, schemas  # noqa: PLC0415  # not needed to parse the command line

    if args.name is None:
        print_json(schemas())
        return Exit.DONE
    try:
        schema = message_schema(args.name)
    except KeyError:
        raise Usage(f"There is no message '{args.name}'; `fxtop protocol schema` has all of them.") from None
    print_json(schema)
    return Exit.DONE
