"""Running one command line: every fault that people can do something about ends as a sentence and an exit code."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

from fxtop.cli.exits import Exit, Usage
from fxtop.cli.output import say
from fxtop.cli.parser import parse


def run(argv: Sequence[str]) -> int:
    """Parse and run ``argv``; the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # what the terminal can't show is no reason to stop
    try:
        command, args = parse(argv)
        code = command.run(args)
        sys.stdout.flush()
    except Usage as error:
        say(f"fxtop: {error}")
        return Exit.USAGE
    except BrokenPipeError:
        return _reader_gone()
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except _faults() as error:
        return _explain(error)
    return code


def _faults() -> tuple[type[Exception], ...]:
    """What can go wrong by no fault of the program. Looked up when something did."""
    from fxtop.cli.faults import EXIT_CODES  # noqa: PLC0415  # nothing is imported for what doesn't happen

    return tuple(EXIT_CODES)


def _explain(error: Exception) -> int:
    from fxtop.cli.faults import exit_code  # noqa: PLC0415  # as above

    say(f"fxtop: {error}")
    return exit_code(error)


def _reader_gone() -> int:
    """Whoever read our output has had enough; that is no fault."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that the last flush has somewhere to go
    return Exit.DONE
