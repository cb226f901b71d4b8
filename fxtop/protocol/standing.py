"""What a key may do at one agent: the optional field ``may`` in the result of a signed ``ping`` (beside protocol 4).

A ``ping`` needs no signature. One that is signed as any other request is told, beside what all are told, how the agent
would take requests of that key now. Nothing of it is recorded.
"""

from __future__ import annotations

from typing import Final

from fxtop.protocol.ids import PublicKey
from fxtop.protocol.wire import Name, Wire

RESULT_FIELD: Final = "may"


class Standing(Wire, frozen=True, kw_only=True):
    """How one agent takes the requests of one key.

    Where ``code`` isn't empty it takes none, and ``detail`` says why in a sentence.
    """

    key: PublicKey | None = None
    code: Name = ""
    detail: str = ""
    role: Name = ""
    verbs: list[Name] = []
    sessions: int | None = None
    """Sessions that one request may end; None for no limit."""
    users: list[Name] = []
    """Patterns of the users whose sessions may be touched; none means all. As in a shell: ``*``, ``?``, ``[…]``."""
