"""How a command ends, for scripts."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of every command."""

    DONE = 0
    FAILED = 1
    """Failed, or done in part only."""
    USAGE = 2
    """The command line or the configuration is wrong."""
    REFUSED = 3
    NO_EVIDENCE = 4
    """The request went out, and nobody knows what came of it."""
    NO_BUS = 5
    WAITS = 6
    """Nothing was done yet: a second person must approve it."""
    INTERRUPTED = 130
    """By Ctrl-C; the number that shells use."""


class Usage(Exception):
    """A command line that makes no sense; the text is a sentence."""
