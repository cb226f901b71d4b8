"""Making text from the bus inert (protocol 1, «Text from the bus is untrusted»).

Control characters and bidi overrides become ``·`` and lengths are bounded before anything is stored, so that nothing
later has to remember to do it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from fxtop.protocol.ids import ID_TYPES
from fxtop.protocol.wire import Name

ID_BOUND: Final = 128
NAME_BOUND: Final = 256
TEXT_BOUND: Final = 1024
MAX_DEPTH: Final = 6
REPLACEMENT: Final = "·"

# C0, DEL, C1; line and paragraph separators; bidi marks, embeddings, overrides and isolates; what Unicode says to show
# as nothing (Default_Ignorable_Code_Point), which could make two ids look alike; surrogates, which no terminal can be
# sent.
_NEVER: Final = (
    "\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)
# Joiners, variation selectors and the marks that go with any letter. They take no room: two of them belong to a letter,
# a heap of them covers its neighbours, and one that begins a text would join what stands before it on the screen.
_CLINGING: Final = (
    "[\u0300-\u034e\u0350-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u200c\u200d\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f]"
)
_UNSAFE = re.compile(f'[{_NEVER}]|(?:\\A|(?<=")|(?<={_CLINGING}{_CLINGING})){_CLINGING}')
_QUOTE: Final = ord('"')
_ESCAPE: Final = ord("\\")
_DEL: Final = 0x7F

T = TypeVar("T")


def inert(text: str, bound: int = TEXT_BOUND) -> str:
    """``text`` without a character that could act on a terminal, at most ``bound`` characters long."""
    cut = text if len(text) <= bound else text[: bound - 1] + "…"
    return cut if cut.isascii() and cut.isprintable() else _UNSAFE.sub(REPLACEMENT, cut)


def inert_lines(text: str, bound: int | None = None) -> str:
    """``text`` of several lines, each made inert and at most ``bound`` characters long; None means of any length."""
    if bound is None and (plain := text.replace("\n", "")).isascii() and plain.isprintable():
        return text
    return "\n".join(inert(line, bound or len(line)) for line in text.split("\n"))


def is_suspect(payload: bytes) -> bool:
    """Whether a JSON ``payload`` can hold text that `clean` would change; errs towards yes."""
    return has_unsafe(payload) or has_long(payload, ID_BOUND)


def has_unsafe(payload: bytes) -> bool:
    """Whether a JSON ``payload`` can hold a character that `clean` would replace; errs towards yes.

    This runs once for every message, so it looks for what is cheap to find: an escape, DEL, something unsafe outside
    ASCII.
    """
    if _ESCAPE in payload or _DEL in payload:
        return True
    return not payload.isascii() and _UNSAFE.search(payload.decode(errors="surrogateescape")) is not None


def has_long(payload: bytes, bound: int) -> bool:
    """Whether a JSON ``payload`` can hold a text of more than ``bound`` bytes; errs towards yes."""
    # Strides from quote to quote, each as far as the bound allows; a regular expression costs five times as much.
    after, end = 0, len(payload) - bound
    while after < end:
        after = payload.rfind(_QUOTE, after, after + bound + 1) + 1
        if not after:
            return True
    return False


def clean(value: T) -> T:
    """``value`` (a decoded message, or plain JSON data) with all its text made inert."""
    return _clean(value, TEXT_BOUND, 0)  # type: ignore[no-any-return]  # the walk keeps the type of what it walks


def _clean(value: Any, bound: int, depth: int) -> Any:
    if isinstance(value, str):
        return inert(value, bound)
    if isinstance(value, msgspec.Struct):
        return _clean_struct(value, depth)
    if isinstance(value, list | tuple | dict):
        return _clean_container(value, bound, depth + 1)
    return value


def _clean_container(value: Any, bound: int, depth: int) -> Any:
    if depth > MAX_DEPTH:
        return REPLACEMENT
    if isinstance(value, dict):
        return {inert(str(k), NAME_BOUND): _clean(v, bound, depth) for k, v in value.items()}
    return type(value)(_clean(v, bound, depth) for v in value)


def _clean_struct(value: msgspec.Struct, depth: int) -> msgspec.Struct:
    changed = {}
    for field, bound in _bounds(type(value)):
        old = getattr(value, field)
        new = _clean(old, bound, depth + 1)
        if new is not old and new != old:
            changed[field] = new
    return msgspec.structs.replace(value, **changed) if changed else value


@cache
def _bounds(kind: type[msgspec.Struct]) -> tuple[tuple[str, int], ...]:
    hints = get_type_hints(kind, include_extras=True)
    return tuple((name, _bound(hints[name])) for name in kind.__struct_fields__)


def _bound(hint: Any) -> int:
    """The tightest bound that the declared type asks for, looking into unions and containers."""
    if hint in ID_TYPES:
        return ID_BOUND
    if hint == Name:
        return NAME_BOUND
    parts = [part for part in get_args(hint) if get_origin(hint) is not None]
    return min((_bound(part) for part in parts), default=TEXT_BOUND)
