"""What goes wrong with settings, as a sentence for the person who made them."""

from __future__ import annotations

from typing import Final

from fxtop.protocol.text import inert

LONGEST: Final = 2000


class ConfigError(ValueError):
    """Settings that can't be used: what, where it was said, and what to do.

    The text never holds a secret, and nothing that acts on a terminal: it may quote what stood in a file.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(inert(sentence, LONGEST))
