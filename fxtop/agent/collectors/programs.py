"""Asking a program of the machine, with an end to the patience. Blocks: called in a thread."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from typing import Final

from fxtop.agent.collectors.port import CollectError
from fxtop.protocol.text import inert

MAX_WORDS: Final = 200
"""Characters of a program's complaint that are repeated."""


class Missing(CollectError):
    """There is no such program."""


def ask(command: Sequence[str], *, within: float, codes: Sequence[int] = (0,)) -> str:
    """What ``command`` prints in plain English.

    Raises:
        Missing: there is no such program.
        CollectError: it took longer than ``within`` seconds, or ended with none of ``codes``.
    """
    name = os.path.basename(command[0])
    try:
        done = subprocess.run(  # noqa: S603  # a fixed command without a shell
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=within,
            env={**os.environ, "LC_ALL": "C"},
            check=False,
        )
    except FileNotFoundError:
        raise Missing(f"There is no {name} on this host.") from None
    except subprocess.TimeoutExpired:
        raise CollectError(f"{name} didn't answer within {within:g} s.") from None
    except OSError as error:
        raise CollectError(f"{name} can't be run: {error.strerror or error}.") from error
    if done.returncode not in codes:
        words = inert(done.stderr.decode(errors="replace").strip().partition("\n")[0].rstrip("."), MAX_WORDS)
        raise CollectError(f"{name} failed with code {done.returncode}: {words or 'it said nothing'}.")
    return done.stdout.decode(errors="replace")
