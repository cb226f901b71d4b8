"""Patterns of names as shells have them: ``gpu*``, ``viz0[1-4]``."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable
from typing import Final

from fxtop.protocol.text import inert

LONGEST: Final = 128
"""Characters of a pattern."""


class Globs:
    """Some patterns, any of which may fit. Capitals and small letters are the same; no pattern at all fits anything."""

    def __init__(self, patterns: Iterable[str] = ()) -> None:
        self.patterns = tuple(patterns)
        self._compiled = tuple(re.compile(fnmatch.translate(pattern.casefold())) for pattern in self.patterns)

    def __bool__(self) -> bool:
        return bool(self.patterns)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Globs) and self.patterns == other.patterns

    def __hash__(self) -> int:
        return hash(self.patterns)

    def __repr__(self) -> str:
        return f"Globs({', '.join(self.patterns)})"

    def fit(self, *names: str) -> bool:
        """Whether any pattern fits any of ``names``, which are names of one thing."""
        return not self._compiled or any(
            pattern.match(name) for name in map(str.casefold, names) for pattern in self._compiled
        )

    def fit_node(self, node: str) -> bool:
        """Whether any pattern fits a host, by its full name or by its name without the domain."""
        return self.fit(node, node.partition(".")[0])


def mistake(pattern: str) -> str | None:
    """What is wrong with a pattern, as the end of a sentence, or None."""
    if not pattern.strip() or inert(pattern, LONGEST) != pattern:
        return f"has a pattern that fits nothing: use 1 to {LONGEST} visible characters, such as gpu*"
    return None
