"""README's table of keys, made from the one table: ``python -m tests.readme`` writes it, a test holds it."""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path

from fxtop.ui.keymap import written
from fxtop.ui.keytable import ENTRIES, Entry

README = Path(__file__).parents[1] / "README.md"


def keys_table() -> str:
    """The table in Markdown, a line for each thing one can ask for."""
    lines = ["| key | command | what it does |", "|---|---|---|"]
    for _, group in groupby(ENTRIES, key=lambda entry: entry.group):
        lines += map(_line, group)
    return "\n".join(lines) + "\n"


def with_part(readme: str, name: str, made: str) -> str:
    """``readme`` with ``made`` between the marks of the part ``name``."""
    part = re.compile(rf"(<!-- {name}: [^\n]*-->\n)(.*?)(<!-- /{name} -->)", re.DOTALL)
    return part.sub(lambda found: f"{found[1]}{made}{found[3]}", readme)


def _line(entry: Entry) -> str:
    keys = " ".join(f"`{written(key)}`" for key in entry.keys)
    command = f"`:{entry.command}`" if entry.command else ""
    return f"| {keys} | {command} | {entry.help} |"


if __name__ == "__main__":
    README.write_text(with_part(README.read_text(), "keys", keys_table()))
