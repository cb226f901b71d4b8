"""Files go where XDG says, into folders of their owner's alone."""

from __future__ import annotations

import stat
from pathlib import Path

import platformdirs
import pytest

from fxtop.config import directories
from fxtop.config.error import ConfigError


def test_xdg_variables_say_where(tmp_path: Path) -> None:
    env = {"XDG_CONFIG_HOME": str(tmp_path / "c"), "XDG_STATE_HOME": str(tmp_path / "s")}
    assert directories.config_dir(env) == tmp_path / "c" / "fxtop"
    assert directories.state_dir(env) == tmp_path / "s" / "fxtop"


@pytest.mark.parametrize("value", ["", "relative/path"])
def test_without_them_or_with_relative_ones_the_platform_says_where(value: str) -> None:
    env = {"XDG_CONFIG_HOME": value, "XDG_STATE_HOME": value}
    assert directories.config_dir(env) == platformdirs.user_config_path("fxtop")
    assert directories.state_dir(env) == platformdirs.user_state_path("fxtop")


def test_a_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    made = directories.make_private(tmp_path / "a" / "b")
    assert stat.S_IMODE(made.stat().st_mode) == 0o700


def test_a_folder_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir()
    there.chmod(0o755)
    assert stat.S_IMODE(directories.make_private(there).stat().st_mode) == 0o755


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="can't be made"):
        directories.make_private(tmp_path / "file" / "sub")
