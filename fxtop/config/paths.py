"""Paths as people write them."""

from __future__ import annotations

from pathlib import Path


def path_of(text: str, base: Path | None = None) -> Path:
    """``text`` with a leading ``~`` resolved, relative to ``base`` (the working directory where it is None).

    ValueError with a sentence where it can't be a path.
    """
    if "\0" in text:
        raise ValueError("a file's name can't hold a NUL character")
    try:
        path = Path(text).expanduser()
    except RuntimeError:
        raise ValueError(f"the home directory in '{text}' is not known: write the whole path") from None
    return path if base is None else base / path
