"""Operator keys: private, whole, never overwritten and never shown."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import nkeys
import pytest

from fxtop.actions.keys import KeyFileError, create, load
from fxtop.protocol.signing import new_seed


def private(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    path.chmod(0o600)
    return path


def test_a_new_key_is_private_and_can_be_loaded(tmp_path: Path) -> None:
    path = tmp_path / "fxtop" / "operator.nk"
    made = create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert load(path).public_key == made.public_key
    assert made.public_key.startswith("U")


def test_a_generous_umask_leaves_it_private(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        create(tmp_path / "operator.nk")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "operator.nk").stat().st_mode) == 0o600


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "operator.nk"
    first = create(path)
    with pytest.raises(KeyFileError, match="is there already and is never overwritten"):
        create(path)
    assert load(path).public_key == first.public_key


def test_a_dangling_link_is_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "operator.nk"
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(KeyFileError, match="is there already"):
        create(path)
    assert not (tmp_path / "elsewhere").exists()


def test_a_place_that_cant_be_used_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(KeyFileError, match=r"The folder .*/file for the key can't be made: File exists"):
        create(tmp_path / "file" / "operator.nk")
    with pytest.raises(KeyFileError, match=r"The key file .* can't be made: File name too long"):
        create(tmp_path / ("k" * 300))


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="make one with `fxtop keys new`"):
        load(tmp_path / "operator.nk")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601])
def test_a_file_that_others_can_use_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "operator.nk"
    create(path)
    path.chmod(mode)
    with pytest.raises(KeyFileError, match=f"can be used by others \\(mode {mode:04o}\\): run `chmod 600"):
        load(path)


def test_a_folder_or_a_fifo_is_not_a_key(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo", 0o600)
    with pytest.raises(KeyFileError, match="is not a file"):
        load(tmp_path / "fifo")
    with pytest.raises(KeyFileError, match="is not a file"):
        load(tmp_path)


def test_comments_and_the_frame_of_a_credentials_file_are_passed_over(tmp_path: Path) -> None:
    seed = new_seed()
    content = b"# ann's key\n\n-----BEGIN USER NKEY SEED-----\n" + seed + b"\n------END USER NKEY SEED------\n"
    assert load(private(tmp_path / "k", content)).public_key == nkeys.from_seed(bytearray(seed)).public_key.decode()


def test_a_public_key_is_not_a_private_one(tmp_path: Path) -> None:
    public = create(tmp_path / "a").public_key
    with pytest.raises(KeyFileError, match=r"holds a public key \(U…\), not the seed"):
        load(private(tmp_path / "b", public.encode()))


@pytest.mark.parametrize(
    "content",
    [b"", b"\n\n", b"# nothing else\n", b"hello", b"SA" + b"A" * 56, b"\xff\xfe\x00", b"-----BEGIN PRIVATE KEY-----"],
)
def test_other_content_is_no_key(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(KeyFileError, match="holds no operator's key"):
        load(private(tmp_path / "k", content))


@pytest.mark.parametrize("cut", [slice(0, 40), slice(0, -1), slice(0, 2)])
def test_a_cut_key_is_damaged(tmp_path: Path, cut: slice) -> None:
    with pytest.raises(KeyFileError, match="is damaged"):
        load(private(tmp_path / "k", new_seed()[cut]))


def test_one_changed_letter_is_found_by_the_checksum(tmp_path: Path) -> None:
    seed = bytearray(new_seed())
    seed[20] = ord("A") if seed[20] != ord("A") else ord("B")
    with pytest.raises(KeyFileError, match="checksum"):
        load(private(tmp_path / "k", bytes(seed)))


def test_no_text_ever_holds_the_seed(tmp_path: Path) -> None:
    path = tmp_path / "operator.nk"
    signer = create(path)
    seed = path.read_text().strip()
    assert seed not in f"{signer!r} {signer} {vars(signer)}"
    path.write_text(seed[:-1] + "!")
    with pytest.raises(KeyFileError) as error:
        load(path)
    assert seed[:-1] not in f"{error.value!r} {error.value.__cause__!r}"
    path.chmod(0o644)
    with pytest.raises(KeyFileError) as error:
        load(path)
    assert seed[:-1] not in repr(error.value)
