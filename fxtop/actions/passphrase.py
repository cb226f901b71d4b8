"""Asking for a passphrase: on the terminal itself, or by a command. It is never an argument, nor in the environment."""

from __future__ import annotations

import getpass
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from fxtop.actions.secret_command import secret_of

if TYPE_CHECKING:
    from fxtop.actions.sealed_key import Ask


class NobodyToAsk(ValueError):
    """There is no terminal; the text is a sentence."""


def on_terminal(what: str) -> bytes:
    """What the person types, unseen, on the terminal of this process, whatever its standard input is.

    Raises:
        NobodyToAsk: there is none.
    """
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
        return getpass.getpass(f"Passphrase of {what}: ").encode()
    except OSError:
        raise NobodyToAsk(
            f"There is no terminal to ask on for the passphrase of {what}: set `passphrase_command` under [operator]."
        ) from None


def by_command(command: Sequence[str]) -> Ask:
    """Takes the first line that ``command`` prints. Raises SecretCommandError."""

    def ask(_: str) -> bytes:
        return secret_of(command, "passphrase_command").splitlines()[0]

    return ask


def refused(what: str) -> bytes:
    """Where a screen is in the way of asking."""
    raise NobodyToAsk(f"{what} needs its passphrase, and it can't be asked for now: leave fxtop and begin it there.")
