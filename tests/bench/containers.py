"""How many things each container holds that can be reached from an object: what grows without end is found by it."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator
from typing import Any, Final

COUNTED: Final = (dict, set, list, deque, bytearray)
_OURS: Final = "fxtop."
_ROWS: Final = 3
"""Things of a container that are looked into: all rows are alike, so a few stand for the others."""


def sizes(root: object) -> dict[str, int]:
    """The size of each container by the attributes that lead to it.

    Containers of the same name inside the things that a container holds count together, as far as they are looked into.
    """
    found: dict[str, int] = {}
    seen: set[int] = set()
    waiting: deque[tuple[str, Any]] = deque([(type(root).__name__, root)])
    while waiting:
        path, thing = waiting.popleft()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, COUNTED):
            found[path] = found.get(path, 0) + len(thing)
        waiting.extend((f"{path}{step}", part) for step, part in _parts(thing))
    return found


def _parts(thing: object) -> Iterator[tuple[str, object]]:
    """What ``thing`` is made of, with how it gets there."""
    if isinstance(thing, dict):
        named = len(thing) <= 16 and all(isinstance(key, str) for key in thing)
        for key, value in list(thing.items())[: None if named else _ROWS]:
            yield (f"[{key}]" if named else "[]"), value
    elif isinstance(thing, list | tuple | deque | set | frozenset):
        yield from (("[]", part) for part in _some(thing))
    elif type(thing).__module__.startswith(_OURS) and not isinstance(thing, type):
        for name in _attributes(thing):
            yield f".{name}", getattr(thing, name)


def _some(things: Collection[object]) -> list[object]:
    return [part for part, _ in zip(things, range(_ROWS), strict=False)]


def _attributes(thing: object) -> set[str]:
    slots = {name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())}
    fields = set(getattr(thing, "__struct_fields__", ()))
    return {name for name in slots | fields | set(getattr(thing, "__dict__", ())) if hasattr(thing, name)}
