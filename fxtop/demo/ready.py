"""What the child process tells its parent, one JSON object on a line each."""

from __future__ import annotations

import sys

import msgspec


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """All is up."""

    servers: list[str]
    config: str
    """The file for ``fxtop --config``."""
    cluster: str


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """It can't be; a sentence."""

    why: str


class Happened(msgspec.Struct, frozen=True, tag="happened"):
    """A scene of the story, ``at`` seconds after its beginning."""

    at: float
    what: str


Word = Ready | Failed | Happened

_DECODER = msgspec.json.Decoder(Word)


def tell(word: Word) -> None:
    """Say it to the parent."""
    sys.stdout.buffer.write(msgspec.json.encode(word) + b"\n")
    sys.stdout.buffer.flush()


def understand(line: bytes) -> Word:
    """What the child said."""
    word: Word = _DECODER.decode(line)
    return word
