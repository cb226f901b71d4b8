"""The journal: on disk before the effect, private, appended to by several at once, readable after a crash."""

from __future__ import annotations

import multiprocessing
import os
import stat
from pathlib import Path

import msgspec
import pytest

from fxtop.actions.chain.verify import verify
from fxtop.actions.journal import Entry, Journal, JournalError, Kind
from fxtop.protocol.signing import new_seed


def entry(at: float = 1.0, *, targets: tuple[str, ...] = ("viz07",), detail: str = "") -> Entry:
    return Entry(
        v=1, at=at, kind=Kind.SENT, cluster="prod", verb="drain", operator="ann", targets=targets, detail=detail
    )


def test_an_entry_is_read_as_it_was_written(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "fxtop" / "journal.jsonl")
    full = Entry(
        v=1,
        at=1_760_000_000.25,
        kind=Kind.PLAN,
        cluster="prod",
        verb="terminate",
        operator="ann",
        key="UABC",
        action="a1",
        request="r1",
        targets=("viz07", "viz08"),
        reason="kernel update",
        ticket="INC-42",
        dry_run=True,
        state="done",
        code="x",
        detail="words",
        hash="00ff",
        data={"steps": [{"target": "viz07", "args": {"sessions": ["a"], "grace": 10.0}}]},
    )
    journal.write(full)
    assert journal.read().entries == (full,)


def test_each_entry_is_one_line_of_json(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")
    journal.write(entry(detail="two\nlines"), entry())
    lines = (tmp_path / "j").read_bytes().splitlines()
    assert len(lines) == 2
    assert msgspec.json.decode(lines[0])["detail"] == "two\nlines"


def test_file_and_folder_are_private(tmp_path: Path) -> None:
    path = tmp_path / "state" / "journal.jsonl"
    before = os.umask(0)
    try:
        Journal(path).write(entry())
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_file_that_became_readable_is_made_private_again(tmp_path: Path) -> None:
    path = tmp_path / "j"
    Journal(path).write(entry())
    path.chmod(0o644)
    Journal(path).write(entry())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_is_on_disk_when_write_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[bytes] = []
    real = os.fsync

    def spy(handle: int) -> None:
        if stat.S_ISREG(os.fstat(handle).st_mode):
            synced.append(os.pread(handle, 1 << 20, 0))
        real(handle)

    monkeypatch.setattr(os, "fsync", spy)
    Journal(tmp_path / "j").write(entry())
    assert synced[-1] == (tmp_path / "j").read_bytes()


def test_a_disk_that_fails_is_a_sentence_and_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(JournalError, match=r"The journal .*/j can't be written: No space left on device\."):
        Journal(tmp_path / "j").write(entry())


def test_nothing_is_left_of_a_write_that_stops_halfway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path / "j")
    journal.write(entry(1))
    before = journal.path.read_bytes()
    real = os.write
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda handle, data: real(handle, data[: len(data) // 2]))
        with pytest.raises(JournalError, match="may be full"):
            journal.write(entry(2))
    assert journal.path.read_bytes() == before
    journal.write(entry(3))
    assert [e.at for e in journal.read().entries] == [1, 3]
    assert verify(journal.path).whole


def test_a_seed_or_a_jwt_that_somebody_pasted_is_left_out_and_a_public_key_is_not(tmp_path: Path) -> None:
    seed, public = new_seed().decode(), "USU" + "A" * 53
    jwt = "eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5In0.eyJqdGkiOiJYIn0.c2lnbmF0dXJl"
    journal = Journal(tmp_path / "j")
    journal.write(entry(detail=f"see\n{seed} and\n{jwt}, key {public}"))
    written = journal.path.read_text()
    assert seed not in written
    assert "eyJ" not in written
    assert journal.read().entries[0].detail == f"see·(seed left out) and·(JWT left out), key {public}"


def test_a_last_line_cut_by_a_crash_is_counted_and_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "j"
    journal = Journal(path)
    journal.write(entry(1), entry(2))
    path.write_bytes(path.read_bytes()[:-15])
    assert [e.at for e in journal.read().entries] == [1]
    assert journal.read().damaged == 1
    journal.write(entry(3))
    assert [e.at for e in journal.read().entries] == [1, 3]


def test_garbage_between_lines_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "j"
    journal = Journal(path)
    journal.write(entry(1))
    with path.open("ab") as file:
        file.write(b"\xff\xfe\n\n[1]\n" + b"[" * 5000 + b'\n{"v":9,"at":1,"kind":"sent","cluster":"c","verb":"x"}\n')
    journal.write(entry(2))
    reading = journal.read()
    assert [e.at for e in reading.entries] == [1, 2]
    assert reading.damaged == 4


def test_fields_and_kinds_of_later_versions_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "j").write_text('{"v":1,"at":5,"kind":"approved","cluster":"c","verb":"drain","prev":"00","n":7}\n')
    reading = Journal(tmp_path / "j").read()
    assert [e.kind for e in reading.entries] == ["approved"]
    assert reading.damaged == 0


def test_reading_can_be_narrowed_by_time_and_node(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")
    journal.write(entry(10), entry(20, targets=("viz08",)), entry(30, targets=("viz07", "viz08")))
    assert [e.at for e in journal.read(since=20).entries] == [20, 30]
    assert [e.at for e in journal.read(node="viz07").entries] == [10, 30]
    assert [e.at for e in journal.read(since=20, node="viz07").entries] == [30]


def test_no_journal_yet_is_an_empty_one(tmp_path: Path) -> None:
    assert Journal(tmp_path / "none" / "j").read().entries == ()


def test_a_journal_that_cant_be_read_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="can't be read: Is a directory"):
        Journal(tmp_path).read()


def test_a_link_or_a_fifo_is_not_written_to(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(tmp_path / "fifo")
    for name in ("link", "fifo"):
        with pytest.raises(JournalError, match="can't be written"):
            Journal(tmp_path / name).write(entry())
    assert not (tmp_path / "elsewhere").exists()


def test_text_that_could_act_on_a_terminal_is_inert_when_read(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")
    journal.write(entry(detail="a\x1b]52;c;x\x07b"))
    assert journal.read().entries[0].detail == "a·]52;c;x·b"


def _append(path: Path, who: int, times: int) -> None:
    for number in range(times):
        Journal(path).write(entry(number, targets=(f"n{who}",), detail="x" * 2000))


def test_several_processes_may_append_at_once(tmp_path: Path) -> None:
    path = tmp_path / "j"
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_append, args=(path, who, 25)) for who in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    reading = Journal(path).read()
    assert reading.damaged == 0
    for who in range(3):
        assert [e.at for e in reading.entries if e.targets == (f"n{who}",)] == list(range(25))
