from __future__ import annotations

import stat
from pathlib import Path

import pytest

from fxtop.demo.folder import Folder, write_private


def test_the_folder_is_for_its_owner_only() -> None:
    folder = Folder.make()
    try:
        assert stat.S_IMODE(folder.root.stat().st_mode) == 0o700
    finally:
        folder.remove()


def test_removing_takes_everything_and_twice_is_no_fault() -> None:
    folder = Folder.make()
    write_private(folder.token, "secret")
    (folder.root / "deep" / "er").mkdir(parents=True)
    folder.remove()
    assert not folder.root.exists()
    folder.remove()


def test_a_private_file_is_private_whatever_the_umask(tmp_path: Path) -> None:
    file = tmp_path / "seed"
    write_private(file, "SU…")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text() == "SU…"


def test_a_private_file_never_replaces_another(tmp_path: Path) -> None:
    file = tmp_path / "seed"
    write_private(file, b"one")
    with pytest.raises(FileExistsError):
        write_private(file, b"two")
    assert file.read_bytes() == b"one"
