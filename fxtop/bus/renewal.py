"""Making a connection anew while it may do less than an earlier one might.

A server doesn't say when a permission is given back, nor when its limit on messages is raised (nats-server 2.15): it
tells both at the start of a connection only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final

from fxtop.bus.link import Link

PATIENCE: Final = 4
"""So many times the longest pause between two attempts to connect lies between two looks at whether it is better."""


class Renewal:
    """What one bus was once allowed, over all its connections."""

    def __init__(self, retry_last: float) -> None:
        self._after = PATIENCE * retry_last
        self._heard: set[str] = set()
        """Subjects in lower case, as the server tells them through nats-py, that it was once let listen to."""
        self._refused: set[str] = set()
        self._roomiest = 0

    def begun(self) -> None:
        """A connection begins: what it may hear is about to be told."""
        self._refused.clear()

    def settled(self, link: Link, subjects: Iterable[str]) -> None:
        """``link`` is in use, with subscriptions to ``subjects``."""
        self._roomiest = max(self._roomiest, link.client.max_payload)
        if link.client.max_payload < self._roomiest or self._refused & self._heard:
            self._look_again(link)
        self._heard |= {subject.lower() for subject in subjects} - self._refused

    def refused(self, link: Link | None, subject: str) -> None:
        """The server lets us no longer listen to ``subject``; without a ``link`` in use it never did on this one."""
        self._refused.add(subject.lower())
        if link is not None and subject.lower() in self._heard:
            self._look_again(link)

    def _look_again(self, link: Link) -> None:
        asyncio.get_running_loop().call_later(self._after, link.renew)
