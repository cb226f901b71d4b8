"""What can go wrong by no fault of the program, and the exit code of each. Their texts are sentences."""

from __future__ import annotations

from typing import Final

from fxtop.actions.journal import JournalError
from fxtop.actions.keys import KeyFileError
from fxtop.actions.model import Refused
from fxtop.agent.durable import StateError
from fxtop.agent.trust import TrustError
from fxtop.bus.port import BusError
from fxtop.cli.exits import Exit
from fxtop.config.error import ConfigError
from fxtop.demo.errors import DemoError

EXIT_CODES: Final[dict[type[Exception], Exit]] = {
    ConfigError: Exit.USAGE,
    KeyFileError: Exit.USAGE,
    TrustError: Exit.USAGE,
    JournalError: Exit.FAILED,
    DemoError: Exit.FAILED,
    StateError: Exit.FAILED,
    Refused: Exit.REFUSED,
    BusError: Exit.NO_BUS,
}


def exit_code(error: Exception) -> Exit:
    """The exit code that ``error`` ends a command with."""
    if isinstance(error, Refused) and error.code == "bus":
        return Exit.NO_BUS
    return next(code for kind, code in EXIT_CODES.items() if isinstance(error, kind))
