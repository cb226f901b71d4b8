from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from fxtop.cli import logs
from fxtop.cli.logs import log_to


@pytest.fixture(autouse=True)
def root() -> Iterator[logging.Logger]:
    """The root logger, put back as it was."""
    logger = logging.getLogger()
    before, level, raising = list(logger.handlers), logger.level, logging.raiseExceptions
    yield logger
    for handler in [handler for handler in logger.handlers if handler not in before]:
        logger.removeHandler(handler)
        handler.close()
    logger.setLevel(level)
    logging.raiseExceptions = raising


def test_the_log_is_a_private_file_in_a_private_folder(tmp_path: Path) -> None:
    file = tmp_path / "state" / "fxtop.log"
    assert log_to(file) is None
    logging.getLogger("test").info("hello")
    assert "hello" in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_a_full_log_makes_room_and_stays_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MAX_BYTES", 200)
    file = tmp_path / "fxtop.log"
    log_to(file)
    for number in range(20):
        logging.getLogger("test").info("line %d", number)
    files = sorted(tmp_path.iterdir())
    assert len(files) == logs.KEPT + 1
    assert all(one.stat().st_mode & 0o777 == 0o600 for one in files)
    assert "line 19" in file.read_text()


def test_a_log_that_cannot_be_written_is_a_sentence_and_not_an_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    notice = log_to(tmp_path / "file" / "fxtop.log")
    assert notice is not None
    assert "--log-file" in notice
    logging.getLogger("test").warning("into the void")
    assert capsys.readouterr().err == ""


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("precious")
    (tmp_path / "fxtop.log").symlink_to(tmp_path / "other")
    assert log_to(tmp_path / "fxtop.log") is not None
    assert (tmp_path / "other").read_text() == "precious"


EVIL = "\x1b]52;c;aGk=\x07\x9b2J\u202e"


def test_nothing_in_a_log_acts_on_the_terminal_of_its_reader(tmp_path: Path) -> None:
    file = tmp_path / "fxtop.log"
    log_to(file)
    try:
        raise ValueError(EVIL)
    except ValueError:
        logging.getLogger("test").exception("bad %s\n2026-01-01 INFO forged", EVIL)
    text = file.read_text()
    assert not set(text) & set("\x1b\x07\x9b\u202e")
    assert not any(line.startswith("2026-01-01 INFO forged") for line in text.splitlines())
    assert "Traceback" in text
