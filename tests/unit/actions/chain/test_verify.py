"""A chain tells what was done to it, and what only befell it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fxtop.actions.chain.anchor import anchor_path
from fxtop.actions.chain.link import START, linked
from fxtop.actions.chain.verify import verify
from fxtop.actions.journal import Journal
from tests.unit.actions.chain.make import OLD_LINE, entry, journal_of

COUNT = 6


@cache
def written() -> tuple[bytes, bytes]:
    """A journal of a few lines, and its anchor."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "j"
        journal_of(path, COUNT)
        return path.read_bytes(), anchor_path(path).read_bytes()


@contextmanager
def closed_chain() -> Iterator[Path]:
    """A chain in a folder of its own for each example."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "j"
        journal, anchor = written()
        path.write_bytes(journal)
        anchor_path(path).write_bytes(anchor)
        yield path


def said(path: Path) -> str:
    return " / ".join(fault.what for fault in verify(path).faults)


def test_a_chain_is_whole(tmp_path: Path) -> None:
    journal_of(tmp_path / "j", COUNT)
    verdict = verify(tmp_path / "j")
    assert verdict.whole
    assert (verdict.files, verdict.lines, verdict.unchained, verdict.head.n) == (1, COUNT, 0, COUNT)
    assert verdict.notes == []


def test_what_isnt_there_yet_is_whole(tmp_path: Path) -> None:
    verdict = verify(tmp_path / "j")
    assert verdict.whole
    assert verdict.files == 0


@given(st.data())
def test_any_changed_byte_is_found(data: st.DataObject) -> None:
    with closed_chain() as path:
        content = bytearray(path.read_bytes())
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255).filter(lambda byte: byte != content[at]))
        path.write_bytes(content)
        assert not verify(path).whole


@given(st.data())
def test_any_byte_that_was_added_or_taken_away_is_found(data: st.DataObject) -> None:
    with closed_chain() as path:
        content = path.read_bytes()
        at = data.draw(st.integers(0, len(content) - 1))
        added = data.draw(st.binary(max_size=3))
        path.write_bytes(content[:at] + added + content[at + (not added) :])
        assert not verify(path).whole


@given(st.lists(st.integers(0, COUNT - 1), max_size=COUNT + 2).filter(lambda order: order != list(range(COUNT))))
def test_any_other_order_or_choice_of_lines_is_found(order: list[int]) -> None:
    """Lines that are missing, at the end too, doubled, or moved."""
    with closed_chain() as path:
        lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join(lines[number] for number in order))
        assert not verify(path).whole


@given(st.integers(0, COUNT), st.one_of(st.binary(max_size=40).map(lambda data: data + b"\n"), st.just(OLD_LINE)))
def test_any_line_that_was_put_in_is_found(at: int, line: bytes) -> None:
    with closed_chain() as path:
        lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join([*lines[:at], line, *lines[at:]]))
        assert not verify(path).whole


@given(st.integers(1, COUNT - 1))
def test_a_line_with_right_digests_in_the_place_of_another_is_found(at: int) -> None:
    with closed_chain() as path:
        lines = path.read_bytes().splitlines(keepends=True)
        forged, _ = linked([b'{"v":1,"at":1,"kind":"sent","cluster":"prod","verb":"resume"}'], START)
        path.write_bytes(b"".join([forged, *lines[1:]]))
        assert not verify(path).whole
        path.write_bytes(b"".join([*lines[:at], forged, *lines[at + 1 :]]))
        assert not verify(path).whole


@pytest.mark.parametrize(
    ("line", "becomes", "what"),
    [
        (2, [], "line 3 of the chain is missing before it"),
        (2, [2, 2], "line 3 of the chain stands after line 3"),
    ],
    ids=["removed", "doubled"],
)
def test_what_and_where_is_said(tmp_path: Path, line: int, becomes: list[int], what: str) -> None:
    path = tmp_path / "j"
    journal_of(path, COUNT)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:line] + [lines[number] for number in becomes] + lines[line + 1 :]))
    (fault,) = verify(path).faults
    assert (fault.path, fault.line) == (path, line + 1 if not becomes else line + 2)
    assert fault.what.startswith(what)


def test_a_changed_line_is_named_alone(tmp_path: Path) -> None:
    path = tmp_path / "j"
    journal_of(path, COUNT)
    path.write_bytes(path.read_bytes().replace(b'"at":4.0', b'"at":9.0'))
    assert said(path) == "line 4 of the chain was changed"


def test_an_end_that_was_cut_off_is_found_by_the_anchor_and_stays_found_when_writing_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "j"
    journal = journal_of(path, COUNT)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-2]))
    assert said(path) == "the end was cut off: line 5 to 6 of the chain was written and is missing"
    journal.write(entry(7))
    assert said(path) == "lines 5 to 6 of the chain are missing before it"


def test_a_last_line_that_was_written_and_is_cut_is_no_crash(tmp_path: Path) -> None:
    path = tmp_path / "j"
    journal_of(path, COUNT)
    path.write_bytes(path.read_bytes()[:-9])
    assert "line 6 of the chain was written and is missing" in said(path)


def test_an_end_that_was_replaced_in_the_same_length_is_found(tmp_path: Path) -> None:
    path = tmp_path / "j"
    journal = journal_of(path, COUNT)
    lines = path.read_bytes().splitlines(keepends=True)
    last, _ = linked([b'{"v":1,"at":6.0,"kind":"sent","cluster":"prod","verb":"drain"}'], verify(path).head)
    path.write_bytes(b"".join([*lines[:-1], last.replace(b'"n":7', b'"n":6')]))
    assert not verify(path).whole
    journal.write(entry(7))
    assert not verify(path).whole


@pytest.mark.parametrize("content", [None, b"", b"nonsense"], ids=["gone", "empty", "overwritten"])
def test_a_lost_anchor_is_found_and_stays_on_record(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "j"
    journal = journal_of(path, COUNT)
    anchor_path(path).unlink()
    if content is not None:
        anchor_path(path).write_bytes(content)
    assert "whether lines were cut off at the end is not known" in said(path)
    journal.write(entry(7))
    assert said(path) == "the anchor was gone when line 7 was written: lines may have been cut off before it"


def test_a_journal_that_was_taken_away_is_missed(tmp_path: Path) -> None:
    path = tmp_path / "j"
    journal = journal_of(path, COUNT)
    path.unlink()
    assert not verify(path).whole
    journal.write(entry(7))
    assert said(path) == ("lines 1 to 6 of the chain are missing: files were taken away, and the policy didn't do it")


def test_a_journal_that_was_taken_away_with_its_anchor_begins_anew(tmp_path: Path) -> None:
    """What can't be found: whoever owns the folder can begin a chain in it."""
    path = tmp_path / "j"
    journal = journal_of(path, COUNT)
    old = verify(path).head
    path.unlink()
    anchor_path(path).unlink()
    journal.write(entry(1))
    assert verify(path).whole
    assert verify(path).head != old


def test_it_is_found_by_a_head_that_was_kept_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "j"
    journal = journal_of(path, 3)
    kept = verify(path).head
    journal.write(entry(4))
    assert verify(path, kept).whole
    path.unlink()
    anchor_path(path).unlink()
    journal.write(entry(1))
    assert verify(path, kept).faults[0].what == "line 3 of the chain is known, and isn't there to be compared"
    journal_of(path, 5)
    assert "is not the one that is known" in verify(path, kept).faults[0].what


class TestCrash:
    @given(st.data())
    def test_wherever_a_crash_cuts_what_was_being_written_nothing_is_called_damaged(self, data: st.DataObject) -> None:
        with closed_chain() as path:
            before, anchor = path.read_bytes(), anchor_path(path).read_bytes()
            journal = Journal(path)
            journal.write(entry(7), entry(8))
            after = path.read_bytes()
            cut = data.draw(st.integers(len(before), len(after)))
            path.write_bytes(after[:cut])
            anchor_path(path).write_bytes(anchor)
            assert verify(path).faults == []
            journal.write(entry(9))
            assert verify(path).faults == []
            assert [e.at for e in journal.read().entries][-1] == 9
            assert path.read_bytes().startswith(after[:cut])

    def test_a_line_that_a_crash_cut_is_told_from_tampering(self, tmp_path: Path) -> None:
        path = tmp_path / "j"
        journal = journal_of(path, 3)
        kept, anchor = path.read_bytes(), anchor_path(path).read_bytes()
        journal.write(entry(4))
        path.write_bytes(path.read_bytes()[:-30])
        anchor_path(path).write_bytes(anchor)
        verdict = verify(path)
        assert verdict.whole
        assert "what a crash left of a line stands at its end" in verdict.notes[0]
        journal.write(entry(5))
        verdict = verify(path)
        assert verdict.whole
        assert "what a crash left of a line stands before line 5" in verdict.notes[0]
        assert path.read_bytes().startswith(kept)
        assert [e.at for e in journal.read().entries] == [1, 2, 3, 5]

    def test_a_line_that_lacks_only_its_end_is_there(self, tmp_path: Path) -> None:
        path = tmp_path / "j"
        journal = journal_of(path, 3)
        anchor = anchor_path(path).read_bytes()
        journal.write(entry(4))
        written = path.read_bytes()
        path.write_bytes(written[:-1])
        assert not verify(path).whole
        anchor_path(path).write_bytes(anchor)
        assert verify(path).lines == 4
        journal.write(entry(5))
        assert path.read_bytes().startswith(written)
        assert verify(path).whole

    def test_its_remains_cant_be_changed_afterwards(self, tmp_path: Path) -> None:
        path = tmp_path / "j"
        journal = journal_of(path, 3)
        with path.open("ab") as file:
            file.write(b'{"v":1,"at":4')
        journal.write(entry(5))
        path.write_bytes(path.read_bytes().replace(b'"at":4\n', b'"at":3\n'))
        assert "was added or changed" in said(path)

    def test_lines_that_are_there_and_not_in_the_anchor_are_of_the_chain(self, tmp_path: Path) -> None:
        path = tmp_path / "j"
        journal = journal_of(path, 3)
        anchor = anchor_path(path).read_bytes()
        journal.write(entry(4), entry(5))
        anchor_path(path).write_bytes(anchor)
        assert verify(path).whole
        journal.write(entry(6))
        verdict = verify(path)
        assert verdict.whole
        assert verdict.lines == 6

    def test_a_crash_at_the_very_first_line_leaves_no_chain_without_an_anchor(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "j"
        path.write_bytes(OLD_LINE)
        anchors: list[bytes] = []
        real = os.fsync

        def spy(handle: int) -> None:
            real(handle)
            anchors.append(anchor_path(path).read_bytes())

        monkeypatch.setattr(os, "fsync", spy)
        journal = Journal(path)
        journal.write(entry(2))
        monkeypatch.undo()
        for anchor in anchors:
            anchor_path(path).write_bytes(anchor)
            assert verify(path).whole
        journal.write(entry(3))
        assert verify(path).whole
        assert [e.at for e in journal.read().entries] == [1, 2, 3]

    def test_whole_lines_that_somebody_appended_are_not_taken_for_remains(self, tmp_path: Path) -> None:
        path = tmp_path / "j"
        journal = journal_of(path, 3)
        with path.open("ab") as file:
            file.write(OLD_LINE)
        assert not verify(path).whole
        journal.write(entry(5))
        assert said(path) == "1 line without a place in the chain stand before it: they were added"


class TestEarlierVersion:
    def test_lines_without_a_chain_are_read_and_marked(self, tmp_path: Path) -> None:
        path = tmp_path / "j"
        path.write_bytes(OLD_LINE * 3)
        verdict = verify(path)
        assert verdict.whole
        assert (verdict.lines, verdict.unchained) == (0, 3)
        journal = Journal(path)
        assert journal.read().unchained == 3
        journal.write(entry(7))
        verdict = verify(path)
        assert verdict.whole
        assert (verdict.lines, verdict.unchained) == (2, 3)
        assert [e.at for e in journal.read().entries] == [1, 1, 1, 7]
        assert (journal.read().unchained, journal.read().damaged) == (3, 0)

    def test_they_cant_be_changed_once_the_chain_has_begun(self, tmp_path: Path) -> None:
        path = tmp_path / "j"
        path.write_bytes(OLD_LINE * 3)
        Journal(path).write(entry(7))
        path.write_bytes(path.read_bytes().replace(b"ann", b"bob", 1))
        assert not verify(path).whole

    def test_a_torn_line_at_their_end_is_no_part_of_the_next(self, tmp_path: Path) -> None:
        path = tmp_path / "j"
        path.write_bytes(OLD_LINE + OLD_LINE[:20])
        journal = Journal(path)
        journal.write(entry(7))
        assert verify(path).whole
        assert [e.at for e in journal.read().entries] == [1, 7]
        assert journal.read().damaged == 1


def test_a_copy_without_its_anchor_is_not_called_whole(tmp_path: Path) -> None:
    journal_of(tmp_path / "j", 3)
    shutil.copy(tmp_path / "j", tmp_path / "copy")
    assert not verify(tmp_path / "copy").whole


def test_a_file_of_another_kind_has_few_faults(tmp_path: Path) -> None:
    path = tmp_path / "j"
    journal_of(path, 1)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([lines[0], b"x\n"] * 1000))
    verdict = verify(path)
    assert len(verdict.faults) == 100
    assert verdict.more_faults > 100
