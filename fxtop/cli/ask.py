"""Asking the person at the terminal, while the bus goes on living."""

from __future__ import annotations

import asyncio
import sys

from fxtop.actions.model import Confirmation, Refused
from fxtop.protocol.text import inert_lines


async def confirmed(confirmation: Confirmation, *, yes: bool) -> str:
    """What the person typed to confirm a plan; with ``yes`` all that the plan demands counts as typed.

    Raises:
        Refused: the answer was no, or there is nobody to ask.
    """
    if yes:
        return confirmation.expect
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise Refused(
            "unconfirmed", "Nothing was sent: there is no terminal to confirm the plan on. Confirm it with --yes."
        )
    if confirmation.kind == "type":
        return await _line(f"Type {confirmation.expect} to send it: ")
    answer = await _line("Send it? [y/N] ")
    if answer.strip().lower() not in ("y", "yes"):
        raise Refused("unconfirmed", "Nothing was sent.")
    return ""


async def _line(prompt: str) -> str:
    """One line from standard input; waiting for it in the loop keeps the connection's pings answered."""
    print(inert_lines(prompt), end="", file=sys.stderr, flush=True)
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(sys.stdin, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(sys.stdin)
    return sys.stdin.readline()
