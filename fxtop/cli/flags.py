"""The flags that every command takes, before its name or after it."""

from __future__ import annotations

import argparse
from typing import Any, Final

from fxtop import __version__

VALUED: Final = {
    "config": ("FILE", "the configuration file"),
    "cluster": ("NAME", "a cluster of the configuration file"),
    "server": ("URL", "a NATS server, as tls://host:4222; may be given several times"),
    "token-file": ("FILE", "holds the bus's token: bare, or an ini such as transporter-secret.ini"),
    "ca": ("FILE", "certificates of the authority that signed the servers' certificates"),
    "server-name": ("NAME", "the name to expect in the servers' certificates"),
    "context": ("NAME", "a context of the NATS command line"),
    "theme": ("NAME", "colours of the console"),
    "link": ("HOW", "the line to your terminal: slow, fast, or auto (measure it)"),
    "tz": ("ZONE", "time zone of what is shown: local, UTC, Europe/Berlin"),
    "log-file": ("FILE", "where the log goes"),
}
"""Flags that take a value, with its placeholder and their help."""

SWITCHES: Final = {
    "read-only": "never send a request",
    "moleculer": "also listen to FastX's own bus, unofficially",
    "moleculer-discover": "with --moleculer: ask FastX's nodes there who they are",
    "ascii": "draw with ASCII characters only",
}


def add_global_flags(parser: argparse.ArgumentParser) -> None:
    """Add them to ``parser``. None has a default: what wasn't said leaves no trace in the namespace."""
    group = parser.add_argument_group("global options, before the command or after it")
    for name, (metavar, text) in VALUED.items():
        action = "append" if name == "server" else "store"
        group.add_argument(f"--{name}", metavar=metavar, action=action, default=argparse.SUPPRESS, help=text)
    for name, text in SWITCHES.items():
        group.add_argument(f"--{name}", action="store_true", default=argparse.SUPPRESS, help=text)
    group.add_argument("--version", action="version", version=f"fxtop {__version__}", help="print the version and end")


def settings_flags(args: argparse.Namespace) -> dict[str, Any]:
    """The settings that were given on the command line, and only those, by their names in Python."""
    names = [name.replace("-", "_") for name in (*VALUED, *SWITCHES)]
    return {name: getattr(args, name) for name in names if hasattr(args, name)}
