"""Full files are put aside without a gap; what is missing is told apart from what the policy deleted."""

from __future__ import annotations

import gzip
import os
import stat
from pathlib import Path

import pytest

from fxtop.actions.chain.anchor import Anchor, anchor_path, held
from fxtop.actions.chain.parts import full_parts
from fxtop.actions.chain.rotation import Retention
from fxtop.actions.chain.verify import verify, verify_part
from fxtop.actions.journal import Journal
from tests.unit.actions.chain.make import entry, full_files, journal_of

TWO_LINES = 400
"""Bytes: a file is full when it has two of our lines."""


def said(path: Path) -> str:
    return " / ".join(fault.what for fault in verify(path).faults)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "j"


def test_the_chain_goes_on_over_a_rotation(path: Path) -> None:
    journal = journal_of(path, 9, size=TWO_LINES)
    assert full_files(path) == [f"j.{last:012d}.gz" for last in (2, 4, 6, 8)]
    verdict = verify(path)
    assert verdict.whole
    assert (verdict.files, verdict.lines) == (5, 9)
    assert [e.at for e in journal.read().entries] == list(range(1, 10))


def test_full_files_are_private_and_keep_their_time(path: Path) -> None:
    before = os.umask(0)
    try:
        journal_of(path, 3, size=TWO_LINES)
    finally:
        os.umask(before)
    for each in path.parent.iterdir():
        assert stat.S_IMODE(each.stat().st_mode) == 0o600
    (full,) = full_parts(path)
    assert full.path.stat().st_mtime <= path.stat().st_mtime


def test_the_policy_deletes_the_oldest_and_that_is_on_record(path: Path) -> None:
    journal = journal_of(path, 11, size=TWO_LINES, keep=2)
    assert len(full_files(path)) == 2
    verdict = verify(path)
    assert verdict.whole
    assert "were deleted by the policy" in verdict.notes[0]
    assert [e.at for e in journal.read().entries][-1] == 11


def test_a_full_file_that_is_missing_in_between_is_found(path: Path) -> None:
    journal_of(path, 9, size=TWO_LINES)
    (path.parent / "j.000000000004.gz").unlink()
    assert said(path) == "lines 3 to 4 of the chain are missing before it"


def test_the_oldest_full_file_that_is_missing_is_told_from_one_that_the_policy_deleted(path: Path) -> None:
    journal_of(path, 11, size=TWO_LINES, keep=2)
    first = int(full_parts(path)[0].last or 0)
    full_parts(path)[0].path.unlink()
    assert "files were taken away, and the policy didn't do it" in said(path)
    assert f"to {first} of the chain are missing" in said(path)


def test_a_full_file_that_is_damaged_or_swapped_is_found(path: Path) -> None:
    journal = journal_of(path, 9, size=TWO_LINES)
    second, third = full_parts(path)[1:3]
    whole = second.path.read_bytes()
    second.path.write_bytes(whole[: len(whole) // 2])
    assert "can't be read on from here" in said(path)
    assert journal.read().damaged >= 1
    second.path.write_bytes(third.path.read_bytes())
    assert not verify(path).whole
    changed = gzip.decompress(whole).replace(b"viz07", b"viz08", 1)
    second.path.write_bytes(gzip.compress(changed))
    assert said(path) == "line 3 of the chain was changed"


def test_a_full_file_can_be_examined_by_itself(path: Path) -> None:
    journal_of(path, 9, size=TWO_LINES)
    part = full_parts(path)[1]
    assert verify_part(part).whole
    part.path.write_bytes(gzip.compress(gzip.decompress(part.path.read_bytes()).splitlines(keepends=True)[0]))
    assert not verify_part(part).whole


def test_a_crash_between_the_steps_of_a_rotation_leaves_no_gap(path: Path) -> None:
    """After the anchor was told, and after the file got its new name."""
    journal = journal_of(path, 2)
    head = verify(path).head
    with held(path) as anchor:
        anchor.write(Anchor(head, 0))
    journal.write(entry(3))
    assert verify(path).whole
    head = verify(path).head
    with held(path) as anchor:
        anchor.write(Anchor(head, 0))
    path.rename(path.with_name("j.000000000003"))
    assert verify(path).whole
    journal.write(entry(4))
    verdict = verify(path)
    assert verdict.whole
    assert [e.at for e in journal.read().entries] == [1, 2, 3, 4]


def test_a_crash_while_compressing_loses_and_doubles_nothing(path: Path) -> None:
    journal = journal_of(path, 3, size=TWO_LINES)
    packed = path.with_name("j.000000000002.gz")
    path.with_name("j.000000000002").write_bytes(gzip.decompress(packed.read_bytes()))
    path.with_name("j.000000000002.gz.new").write_bytes(b"half")
    assert verify(path).whole
    assert [e.at for e in journal.read().entries] == [1, 2, 3]


def test_where_a_file_cant_be_put_aside_writing_goes_on(path: Path) -> None:
    path.with_name("j.000000000002").mkdir()
    journal = journal_of(path, 4, size=TWO_LINES)
    assert [e.at for e in journal.read().entries][:2] == [1, 2]
    assert anchor_path(path).exists()


def test_old_full_files_are_not_even_opened_for_what_is_recent(path: Path) -> None:
    journal = journal_of(path, 3, size=TWO_LINES)
    (full,) = full_parts(path)
    full.path.write_bytes(b"not even gzip")
    os.utime(full.path, (0, 0))
    assert journal.read(since=10_000.0).damaged == 0
    assert journal.read().damaged == 1


def test_none_are_deleted_where_all_are_kept(path: Path) -> None:
    journal_of(path, 9, size=TWO_LINES, keep=0)
    assert len(full_files(path)) == 4
    assert Retention(keep=0).surplus(full_parts(path)) == ()


def test_a_journal_of_another_name_beside_it_is_another_one(path: Path) -> None:
    journal_of(path, 5, size=TWO_LINES)
    other = Journal(path.with_name("j.000000000001x"))
    other.write(entry(1))
    assert verify(path).whole
    assert verify(other.path).whole
