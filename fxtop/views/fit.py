"""Making text fit a width in terminal cells, as Rich and so Textual measure them."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size


def width_of(text: str) -> int:
    """Cells that ``text`` takes on the screen."""
    return len(text) if text.isascii() else cell_len(text)


def clip(text: str, width: int, *, ascii: bool = False) -> str:  # noqa: A002  # the word Look has for it
    """``text`` in at most ``width`` cells; what was cut ends in ``…`` (``~`` in ASCII)."""
    if width_of(text) <= width:
        return text
    if width <= 0:
        return ""
    return _head(text, width - 1) + ("~" if ascii else "…")


def fit(text: str, width: int, *, right: bool = False, ascii: bool = False) -> str:  # noqa: A002  # as in clip
    """``text`` in exactly ``width`` cells: cut, or filled up with spaces on the other side than it is aligned to."""
    clipped = clip(text, width, ascii=ascii)
    room = " " * (width - width_of(clipped))
    return room + clipped if right else clipped + room


def plain_ascii(text: str) -> str:
    """``text`` with ``?`` for what a terminal that knows only ASCII can't show."""
    return text if text.isascii() else text.encode("ascii", "replace").decode("ascii")


def _head(text: str, width: int) -> str:
    """What of ``text`` fits ``width`` cells; a wide character that would stick out becomes a space."""
    return text[:width] if text.isascii() else set_cell_size(text, width)
