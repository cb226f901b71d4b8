"""A secret from a command of the person's own, such as a vault's: run without a shell, its output shown nowhere."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from typing import Final

LIMIT: Final = 120.0
"""Seconds; a person may have to touch a token or answer the vault."""
MOST: Final = 4096
"""Bytes of output."""


class SecretCommandError(ValueError):
    """A command that gave no secret. The text is a sentence, without any of what the command said."""


def secret_of(command: Sequence[str], setting: str) -> bytes:
    """What ``command``, the value of ``setting``, prints. It may talk to the person on the terminal meanwhile.

    Raises:
        SecretCommandError: it can't be run, fails, takes too long, or prints nothing or far too much.
    """
    name = f"The {setting} ({command[0]})"
    try:
        done = subprocess.run(list(command), stdout=subprocess.PIPE, timeout=LIMIT, check=False)  # noqa: S603  # it is the person's own, as a list
    except subprocess.TimeoutExpired:
        raise SecretCommandError(f"{name} gave nothing within {LIMIT:.0f} s.") from None
    except OSError as error:
        raise SecretCommandError(f"{name} can't be run: {error.strerror or error}.") from None
    if done.returncode != 0:
        raise SecretCommandError(f"{name} failed with status {done.returncode}; run it by hand to see why.")
    if not done.stdout.strip() or len(done.stdout) > MOST:
        raise SecretCommandError(f"{name} printed {len(done.stdout)} bytes, which can't be a secret.")
    return done.stdout
