"""Several that append at once, one that is killed while it does, one that holds the lock, and a disk that is full."""

from __future__ import annotations

import multiprocessing
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fxtop.actions.chain import anchor as anchors
from fxtop.actions.chain.anchor import held
from fxtop.actions.chain.parts import full_parts
from fxtop.actions.chain.rotation import Retention
from fxtop.actions.chain.verify import verify
from fxtop.actions.journal import Journal, JournalError
from tests.unit.actions.chain.make import entry, journal_of

WRITER = """
import sys
from pathlib import Path
from fxtop.actions.chain.rotation import Retention
from fxtop.actions.journal import Journal
from tests.unit.actions.chain.make import entry
journal = Journal(Path(sys.argv[1]), Retention(size=20_000))
for at in range(int(sys.argv[2]), 1_000_000):
    journal.write(entry(float(at), "x" * 500), entry(float(at), "y" * 500))
    print(at, flush=True)
"""


def _append(path: Path, who: int, times: int) -> None:
    journal = Journal(path, Retention(size=3000))
    for number in range(times):
        journal.write(entry(float(number), f"writer {who}"))


def test_one_chain_comes_of_several_writers_over_rotations(tmp_path: Path) -> None:
    path = tmp_path / "j"
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_append, args=(path, who, 25)) for who in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    verdict = verify(path)
    assert verdict.whole
    assert verdict.lines == 100
    assert len(full_parts(path)) >= 4
    entries = Journal(path).read().entries
    for who in range(4):
        assert [e.at for e in entries if e.detail == f"writer {who}"] == list(range(25))


def test_a_writer_that_is_killed_at_any_moment_leaves_a_whole_chain_with_all_that_it_said_was_there(
    tmp_path: Path,
) -> None:
    path = tmp_path / "j"
    said = -1
    for _ in range(5):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), str(said + 1)], stdout=subprocess.PIPE
        ) as child:
            assert child.stdout is not None
            for _ in range(30):
                said = int(child.stdout.readline())
            child.send_signal(signal.SIGKILL)
            said = max([said, *map(int, child.stdout.read().splitlines())])
        verdict = verify(path)
        assert verdict.faults == []
        assert {float(at) for at in range(said + 1)} <= {e.at for e in Journal(path).read().entries}
    Journal(path).write(entry(0.0))
    assert verify(path).whole


def test_who_holds_the_lock_and_does_not_let_go_is_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a process that was stopped in the middle of a write."""
    path = tmp_path / "j"
    journal = journal_of(path, 2)
    monkeypatch.setattr(anchors, "PATIENCE", 0.02)
    with held(path), pytest.raises(JournalError, match="another process has held it"):
        journal.write(entry(3.0))
    journal.write(entry(3.0))
    assert verify(path).lines == 3


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """No file gets longer than ``size`` bytes, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("room", [0, 40], ids=["none", "half a line"])
def test_a_disk_without_room_takes_a_line_as_a_whole_or_not_at_all(tmp_path: Path, room: int) -> None:
    path = tmp_path / "j"
    journal = journal_of(path, 20)
    before = path.read_bytes()
    with room_for(len(before) + room), pytest.raises(JournalError, match="can't be written"):
        journal.write(entry(21.0))
    assert path.read_bytes() == before
    journal.write(entry(22.0))
    verdict = verify(path)
    assert verdict.whole
    assert verdict.notes == []
    assert verdict.lines == 21


def test_a_disk_without_room_for_an_anchor_takes_no_line(tmp_path: Path) -> None:
    with room_for(0), pytest.raises(JournalError, match="can't be written"):
        Journal(tmp_path / "j").write(entry(1.0))
    Journal(tmp_path / "j").write(entry(2.0))
    assert verify(tmp_path / "j").whole


def test_where_nothing_may_be_taken_back_the_remains_are_sealed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with a file that may only be appended to (chattr +a)."""
    path = tmp_path / "j"
    journal = journal_of(path, 20)

    def refuse(_handle: int, _size: int) -> None:
        raise PermissionError

    monkeypatch.setattr("os.ftruncate", refuse)
    for _ in range(2):
        with room_for(path.stat().st_size + 40), pytest.raises(JournalError):
            journal.write(entry(21.0))
    journal.write(entry(22.0))
    verdict = verify(path)
    assert verdict.whole
    assert "what a crash left of a line" in verdict.notes[0]
    assert [e.at for e in journal.read().entries][-2:] == [20, 22]
