"""``fxtop journal verify``: whether every line of a journal is there as it was written."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from fxtop.actions.chain.anchor import anchor_path
from fxtop.actions.chain.link import Head
from fxtop.actions.chain.parts import Part
from fxtop.actions.chain.verdict import Verdict
from fxtop.actions.chain.verify import verify, verify_part
from fxtop.cli.exits import Exit, Usage
from fxtop.cli.flags import add_global_flags
from fxtop.cli.output import print_json, say, write
from fxtop.views.format import plural

NAME: Final = "verify"
_FULL: Final = re.compile(r".+\.(\d{12,15})(?:\.gz)?")
"""The name of a full file, which may be examined by itself."""
_HEAD: Final = re.compile(r"(\d{1,15}):([0-9a-f]{64})")


def add_command(journal: argparse.ArgumentParser) -> None:
    """Describe the command, which ``what`` in the arguments of ``journal`` names."""
    commands = journal.add_subparsers(dest="what", metavar=NAME, title="commands")
    parser = commands.add_parser(
        NAME,
        help="whether every line is there as it was written; exit code 0 is yes, 1 is no",
        description="Examine the journals of this host, or FILEs: is every line there as it was written?",
        allow_abbrev=False,
    )
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="a journal, or one of its full files")
    parser.add_argument(
        "--known", metavar="LINE:SUM", help="how FILE's chain ended once, kept where nobody could change it"
    )
    parser.add_argument("-o", dest="output", choices=("table", "json"), default=argparse.SUPPRESS)
    add_global_flags(parser)


def run(named: Sequence[Path], usual: Sequence[Path], known: str | None, form: str) -> int:
    """Examine the journals ``named``, or those of ``usual`` that are there; FAILED where one is damaged.

    ``known`` is the head, as ``LINE:SUM``, that an earlier examination of the only one ``named`` had found.

    Raises:
        Usage: a journal isn't there, or can't be read; or ``known`` is no head.
    """
    if known is not None and len(named) != 1:
        raise Usage("--known says what is known of one journal: name that one.")
    head = _head(known) if known is not None else None
    verdicts = [_examine(path, head) for path in named] or [_examine(path) for path in usual if _is_there(path)]
    if form == "json":
        print_json([_json(verdict) for verdict in verdicts])
    else:
        write("".join(map(_text, verdicts)))
    if not verdicts:
        say(f"There is no journal yet: {usual[0]} isn't there.")
    return Exit.DONE if all(verdict.whole for verdict in verdicts) else Exit.FAILED


def _is_there(path: Path) -> bool:
    """Whether there is a journal, or was one. One that this user may not look at is somebody else's to examine."""
    try:
        return any(map(os.path.lexists, (path, anchor_path(path)))) and os.access(path.parent, os.X_OK)
    except PermissionError:
        return False


def _head(text: str) -> Head:
    found = _HEAD.fullmatch(text)
    if found is None:
        raise Usage(f"'{text}' is no head of a chain: write it as LINE:SUM, as `fxtop journal verify` prints it.")
    return Head(int(found[1]), found[2])


def _examine(path: Path, known: Head | None = None) -> Verdict:
    full = _FULL.fullmatch(path.name)
    try:
        if not any(map(os.path.lexists, (path, anchor_path(path)))):
            raise Usage(f"There is no journal {path}: name one that is there.")
        if full is not None and not os.path.lexists(anchor_path(path)):
            return verify_part(Part(path, int(full[1])))
        return verify(path, known)
    except OSError as error:
        raise Usage(
            f"The journal {path} can't be read: {error.strerror or error}. Name one that this user may read."
        ) from None


def _text(verdict: Verdict) -> str:
    lines = [f"{fault.path}:{fault.line or ''} {fault.what}" for fault in verdict.faults]
    if verdict.more_faults:
        lines.append(f"{verdict.path}: and {plural(verdict.more_faults, 'fault')} more")
    chain = f"{plural(verdict.lines, 'line')} in {plural(verdict.files, 'file')}"
    if verdict.unchained:
        chain += f", {verdict.unchained} of an earlier version before them"
    if verdict.lines:
        chain += f"; it ends with {verdict.head.n}:{verdict.head.sum}"
    lines.append(f"{verdict.path}: {'whole' if verdict.whole else 'DAMAGED'}: {chain}")
    return "".join(f"{line}\n" for line in [*lines, *(f"  {note}" for note in verdict.notes)])


def _json(verdict: Verdict) -> dict[str, Any]:
    return {
        "file": str(verdict.path),
        "whole": verdict.whole,
        "files": verdict.files,
        "lines": verdict.lines,
        "unchained": verdict.unchained,
        "head": asdict(verdict.head) if verdict.lines else None,
        "faults": [
            {"file": str(fault.path), "line": fault.line or None, "what": fault.what} for fault in verdict.faults
        ],
        "more_faults": verdict.more_faults,
        "notes": list(verdict.notes),
    }
