"""Coming and going: a clean stop, and a console's question for the current state (protocol 2 and 3)."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec

from fxtop.protocol.wire import Count, Message, Timed

HeartbeatClass = Literal["node", "session", "transporter", "license", "store"]
ALL_CLASSES: Final[tuple[HeartbeatClass, ...]] = ("node", "session", "transporter", "license", "store")


class Bye(Timed, frozen=True, kw_only=True, gc=False):
    """``bye.<class>.<id>``; ``id``, where it is given, must agree with the subject."""

    id: str | None = None
    boot: str | None = None
    seq: Count | None = None


class Sync(Message, frozen=True, kw_only=True, gc=False):
    """``sync``: answer with what you would publish, at a random moment within ``spread`` seconds."""

    classes: list[HeartbeatClass] = msgspec.field(default_factory=lambda: list(ALL_CLASSES))
    spread: Annotated[float, msgspec.Meta(ge=0, le=60)] = 1.0


SYNC_SUBJECT_HEADER = "Fxtop-Subject"
"""On each answer to `Sync`: the subject that it would have been published on."""
