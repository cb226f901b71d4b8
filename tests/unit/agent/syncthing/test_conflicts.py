"""Finding the copies that syncthing keeps of what was changed twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from fxtop.agent.syncthing.conflicts import find_conflicts

NAME = "ann.sync-conflict-20261122-175229-YGQLMNF"


def make(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


def test_copies_are_counted_and_some_are_named(tmp_path: Path) -> None:
    found = find_conflicts(make(tmp_path, "users/bob", *(f"users/{number}/{NAME}" for number in range(5))))
    assert (found.copies, len(found.examples), found.note) == (5, 3, None)
    assert all(name.startswith("users/") for name in found.examples)


def test_old_versions_and_links_are_not_searched(tmp_path: Path) -> None:
    folder = make(tmp_path / "var", f".stversions/{NAME}")
    make(tmp_path / "elsewhere", NAME)
    (folder / "link").symlink_to(tmp_path / "elsewhere")
    assert find_conflicts(folder).copies == 0


def test_a_search_that_is_cut_short_says_so(tmp_path: Path) -> None:
    found = find_conflicts(make(tmp_path, *(f"f{number}" for number in range(20))), most=10)
    assert found.note is not None
    assert "first 10 names" in found.note


def test_a_name_of_any_bytes_is_told_as_text(tmp_path: Path) -> None:
    (tmp_path / "b\udcff.sync-conflict-1").touch()
    (example,) = find_conflicts(tmp_path).examples
    assert example.encode()


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        find_conflicts(tmp_path / "none")
