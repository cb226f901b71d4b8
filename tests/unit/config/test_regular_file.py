"""Files in places that somebody else controls."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from fxtop.config.regular_file import read_guarded, read_regular


def fifo(path: Path) -> None:
    os.mkfifo(path)


def bound_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def folder(path: Path) -> None:
    path.mkdir()


def missing(path: Path) -> None:
    path.symlink_to(path.parent / "nowhere")


@pytest.mark.parametrize("make", [fifo, bound_socket, device, folder, missing])
def test_what_is_no_file_is_refused_and_never_waited_for(make: Callable[[Path], None], tmp_path: Path) -> None:
    path = tmp_path / "f"
    make(path)
    with pytest.raises(OSError, match=r".+"):
        read_regular(path, 10)
    with pytest.raises(OSError, match=r".+"):
        read_guarded(path, 10)


def test_no_more_is_read_than_asked_for(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x" * 100)
    content, mode = read_regular(tmp_path / "f", 10)
    assert content == b"x" * 10
    assert mode & 0o777 == (tmp_path / "f").stat().st_mode & 0o777


def test_no_handle_is_left_open(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x")
    fifo(tmp_path / "p")
    before = len(os.listdir("/proc/self/fd"))
    read_guarded(tmp_path / "f", 10)
    for _ in range(3):
        with pytest.raises(OSError, match="not a file"):
            read_guarded(tmp_path / "p", 10)
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.fixture
def linked(tmp_path: Path) -> Path:
    """A link to a file that only root may read, as far as its place tells."""
    (tmp_path / "secret").write_bytes(b"s3cret")
    (tmp_path / "folder").mkdir(mode=0o755)
    link = tmp_path / "folder" / "f"
    link.symlink_to(tmp_path / "secret")
    return link


def test_a_link_that_only_we_could_have_put_there_is_followed(linked: Path) -> None:
    assert read_guarded(linked, 10) == b"s3cret"


@pytest.mark.parametrize("mode", [0o775, 0o757, 0o1777])
def test_a_link_that_others_could_have_put_there_is_not_followed(linked: Path, mode: int) -> None:
    linked.parent.chmod(mode)
    with pytest.raises(OSError, match=r".+") as caught:
        read_guarded(linked, 10)
    assert caught.value.errno == errno.ELOOP


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory away")
def test_a_link_in_somebody_elses_directory_is_not_followed(linked: Path) -> None:
    os.chown(linked.parent, 4711, 4711)
    with pytest.raises(OSError, match=r".+") as caught:
        read_guarded(linked, 10)
    assert caught.value.errno == errno.ELOOP


def test_a_file_in_a_directory_that_others_write_is_read(linked: Path) -> None:
    linked.parent.chmod(0o777)
    (linked.parent / "plain").write_bytes(b"x")
    assert read_guarded(linked.parent / "plain", 10) == b"x"
