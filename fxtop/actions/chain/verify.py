"""Examining a chain: every line there is, in its place, as it was written.

What is found: a changed byte, a line that was removed, added, doubled or moved, a full file that is missing without the
policy, and an end that was cut off. What can't be found: a chain that somebody made anew, anchor and all.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from fxtop.actions.chain.anchor import Anchor, anchor_path
from fxtop.actions.chain.file import ANCHOR_LOST, DELETED, SEALED
from fxtop.actions.chain.link import NEWLINE, START, Head, Link, link_of, unended
from fxtop.actions.chain.parts import BROKEN, Part, snapshot
from fxtop.actions.chain.tail import Loose
from fxtop.actions.chain.verdict import Verdict

MARK: Final = "chain"
"""The ``kind`` of a line that tells of the chain itself, in its ``data``."""


class _MarkLine(msgspec.Struct, frozen=True):
    kind: str = ""
    data: dict[str, Any] = {}


_MARKS: Final = msgspec.json.Decoder(_MarkLine)


def verify(path: Path, known: Head | None = None) -> Verdict:
    """Examine the chain in ``path`` with all its full files. OSError: it can't be read.

    With ``known``, a head that was kept elsewhere, a chain that was made anew is found, too.
    """
    with snapshot(path) as now:
        examiner = _Examiner(path, now.anchor, known)
        for part in now.parts:
            examiner.read(part)
        return examiner.conclude()


def verify_part(part: Part) -> Verdict:
    """Examine one full file by itself, as a copy of it may be kept. OSError: it can't be read."""
    with part.lines():
        pass
    examiner = _Examiner(part.path, None)
    examiner.read(part)
    examiner.close_file()
    return examiner.verdict


class _Examiner:
    """Reads line after line and knows which one would have to come next."""

    def __init__(self, path: Path, anchor: Anchor | None, known: Head | None = None) -> None:
        self.verdict = Verdict(path)
        self._anchor = anchor
        self._known = known
        self._compared = False
        self._head: Head | None = None
        self._first = 0
        """Number of the first line that is there."""
        self._deleted = 0
        """The last line that the policy deleted."""
        self._anchored: str | None = None
        """The digest of the line that the anchor speaks of."""
        self._loose = Loose()
        self._strange = 0
        """Lines among the loose ones that are no remains of a crash."""
        self._cut = False
        self._at = 0
        self._part = Part(path)

    def read(self, part: Part) -> None:
        """Take the lines of the next file."""
        self._part, self._at = part, 0
        self.verdict.files += 1
        try:
            with part.lines() as lines:
                for line in lines:
                    self._take(line)
        except FileNotFoundError:
            return  # deleted since by the policy; if not, what it held is missed
        except BROKEN as error:
            self._accuse(f"the file can't be read on from here ({error})")
        if part.last is not None and self._head is not None and self._head.n < part.last:
            self._accuse(f"the file ends with line {self._head.n}, and not with {part.last} as its name says")

    def _take(self, line: bytes) -> None:
        self._at += 1
        link = link_of(line) or self._unended(line)
        if link is None:
            self._loose.add(line)
            self._strange += _is_entry(line)
            self._cut = not line.endswith(NEWLINE)
            return
        mark = _mark_of(line) if b'"kind":"chain"' in line else {}
        self._judge_loose(mark.get(SEALED), first=self._head is None and link.head.n == 1)
        self._judge(link)
        self._note(mark, link)
        self._head = link.head
        self.verdict.lines += 1
        if self._anchor is not None and link.head.n == self._anchor.head.n:
            self._anchored = link.head.sum
        if self._known is not None and link.head.n == self._known.n:
            self._compared = True
            if link.head != self._known:
                self._accuse(f"line {link.head.n} of the chain is not the one that is known: the chain was made anew")

    def _unended(self, line: bytes) -> Link | None:
        """The place of a last line whose end a crash cut off; the anchor knows only lines that had theirs."""
        link = unended(line)
        if link is None or (self._anchor is not None and link.head.n <= self._anchor.head.n):
            return None
        return link

    def _judge(self, link: Link) -> None:
        if self._head is None:
            self._first = link.head.n
        if not link.whole:
            self._accuse(f"line {link.head.n} of the chain was changed")
        elif self._head is None:
            if link.head.n == 1 and link.prev != START.sum:
                self._accuse("line 1 of the chain doesn't begin it: what was before was taken away")
        elif not link.follows(self._head):
            self._accuse(_gap(self._head, link.head))

    def _note(self, mark: Mapping[str, Any], link: Link) -> None:
        if not link.whole:
            return
        if mark.get(ANCHOR_LOST):
            self._accuse(
                f"the anchor was gone when line {link.head.n} was written: lines may have been cut off before it"
            )
        deleted = mark.get(DELETED)
        if isinstance(deleted, dict) and isinstance(deleted.get("upto"), int):
            self._deleted = max(self._deleted, deleted["upto"])

    def _judge_loose(self, sealed: object, *, first: bool) -> None:
        """Whether what stands before this line is explained by it."""
        loose, strange = self._loose, self._strange
        if not loose.size:
            return
        self._loose, self._strange, self._cut = Loose(), 0, False
        if sealed != {"bytes": loose.size, "sum": loose.sum}:
            self._accuse("what stands before this line is not of the chain: it was added or changed")
        elif first:
            self._tell_unchained(strange)
        elif strange:
            self._accuse(f"{_lines(strange)} without a place in the chain stand before it: they were added")
        else:
            self._note_torn(f"before line {self._at}")

    def _tell_unchained(self, count: int) -> None:
        self.verdict.unchained += count
        self.verdict.notes.append(
            f"{_lines(count)} of an earlier version stand before the chain: nothing vouches for what they said then."
        )

    def _note_torn(self, where: str) -> None:
        self.verdict.notes.append(
            f"{self._part.path}: what a crash left of a line stands {where}; it was not on record, so nothing followed."
        )

    def close_file(self) -> None:
        """Judge what stands at the end."""
        if not self._loose.size:
            return
        if self._head is None and (self._anchor is None or self._anchor.head == START):
            self._tell_unchained(self._strange)
        elif self._cut and not self._strange:
            if self._anchor is None or self._head is None or self._head.n >= self._anchor.head.n:
                self._note_torn("at its end")
        else:
            self._accuse("what stands at the end is not of the chain: it was added or changed")

    def conclude(self) -> Verdict:
        """What it all comes to."""
        self.close_file()
        head = self._head or START
        self.verdict.head = head
        self._conclude_beginning()
        if self._known is not None and not self._compared:
            self.verdict.accuse(
                self.verdict.path, 0, f"line {self._known.n} of the chain is known, and isn't there to be compared"
            )
        if self._anchor is None:
            if self._head is not None:
                self._accuse_anchor("is not there or can't be read: whether lines were cut off at the end is not known")
        elif head.n < self._anchor.head.n:
            missing = f"{head.n + 1} to {self._anchor.head.n}" if head.n + 1 < self._anchor.head.n else f"{head.n + 1}"
            self._accuse(f"the end was cut off: line {missing} of the chain was written and is missing")
        elif self._anchor.head.n >= self._first and self._anchored != self._anchor.head.sum:
            self._accuse_anchor(f"knows another line {self._anchor.head.n}: what was written there was replaced")
        return self.verdict

    def _conclude_beginning(self) -> None:
        missing = self._first - 1
        if missing <= 0:
            return
        if self._deleted >= missing:
            self.verdict.notes.append(
                f"Lines 1 to {missing} were deleted by the policy for full files, as is on record."
            )
            return
        first = self._deleted + 1
        self.verdict.accuse(
            self.verdict.path,
            0,
            f"lines {first} to {missing} of the chain are missing: files were taken away, and the policy didn't do it",
        )

    def _accuse(self, what: str) -> None:
        self.verdict.accuse(self._part.path, self._at, what)

    def _accuse_anchor(self, what: str) -> None:
        self.verdict.accuse(anchor_path(self.verdict.path), 0, f"the anchor {what}")


def _gap(head: Head, next_: Head) -> str:
    if next_.n > head.n + 2:
        return f"lines {head.n + 1} to {next_.n - 1} of the chain are missing before it"
    if next_.n == head.n + 2:
        return f"line {head.n + 1} of the chain is missing before it"
    if next_.n == head.n + 1:
        return f"line {next_.n} of the chain doesn't follow from line {head.n}: one of the two was replaced"
    return f"line {next_.n} of the chain stands after line {head.n}: it was moved or doubled"


def _is_entry(line: bytes) -> bool:
    """Whether ``line`` is one that somebody wrote as a whole."""
    try:
        return isinstance(msgspec.json.decode(line), dict)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False


def _mark_of(line: bytes) -> Mapping[str, Any]:
    try:
        mark = _MARKS.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return mark.data if mark.kind == MARK else {}


def _lines(count: int) -> str:
    return f"{count} line" if count == 1 else f"{count} lines"
