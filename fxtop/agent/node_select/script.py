"""The executable that FastX runs: a line of shell around this program, which knows its own text again."""

from __future__ import annotations

import hashlib
import shlex
import sys
from collections.abc import Sequence
from typing import Final

_HEAD: Final = """\
#!/bin/sh
# Written by `fxtop node-select install`, and taken away again by `fxtop node-select uninstall`.
# To change its options, install again. sha256 of what is below: """
_MADE_METADATA: Final = b"# So is metadata.ini beside it, which was not there before.\n"


def render(arguments: Sequence[str], *, made_metadata: bool = False) -> bytes:
    """The script that chooses a node with ``arguments``. What FastX may give it beside its stdin is ignored.

    The interpreter is the one that runs now, isolated from the environment and the directory that FastX starts it in.
    ``made_metadata`` has the script remember that its scheduler's ``metadata.ini`` came with it, and goes with it.
    """
    line = shlex.join([sys.executable, "-I", "-m", "fxtop", "node-select", *arguments])
    body = (_MADE_METADATA if made_metadata else b"") + f"exec {line}\n".encode()
    return _HEAD.encode() + _digest(body) + b"\n" + body


def is_ours(content: bytes) -> bool:
    """Whether ``content`` is a script that `render` made, and nobody has changed since."""
    head = _HEAD.encode()
    digest, _, body = content.removeprefix(head).partition(b"\n")
    return content.startswith(head) and digest == _digest(body)


def is_changed(content: bytes) -> bool:
    """Whether ``content`` was ours before somebody changed it."""
    return content.startswith(_HEAD.encode()) and not is_ours(content)


def has_made_metadata(content: bytes) -> bool:
    """Whether a script of ours remembers that ``metadata.ini`` came with it."""
    return _MADE_METADATA in content


def _digest(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest().encode()
