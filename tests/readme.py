"""README's table of keys, made from the one table: ``python -m tests.readme`` writes it, a test holds it."""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path

from fxtop.ui.keymap import written
from fxtop.ui.keytable import ENTRIES, Entry

README = Path(__file__).parents[1] / "README.md"
_PART = re.compile(r"(<!-- keys: [^\n]*-->\n)(.*?)(<!-- /keys -->)", re.DOTALL)


def keys_table() -> str:
    """The table in Markdown, a line for each thing one can ask for."""
    lines = ["| key | command | what it does |", "|---|---|---|"]
    for _, group in groupby(ENTRIES, key=lambda entry: entry.group):
        lines += map(_line, group)
    return "\n".join(lines) + "\n"


def with_table(readme: str) -> str:
    """``readme`` with the table as it is now."""
    return _PART.sub(lambda part: f"{part[1]}{keys_table()}{part[3]}", readme)


def _line(entry: Entry) -> str:
    keys = " ".join(f"`{written(key)}`" for key in entry.keys)
    command = f"`:{entry.command}`" if entry.command else ""
    return f"| {keys} | {command} | {entry.help} |"


if __name__ == "__main__":
    README.write_text(with_table(README.read_text()))
