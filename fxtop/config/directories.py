"""Where fxtop keeps its files: XDG directories, made for their owner alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import platformdirs

from fxtop.config.error import ConfigError

APP: Final = "fxtop"


def config_dir(env: Mapping[str, str]) -> Path:
    """Where ``config.toml``, themes and the operator's key are looked for."""
    return _xdg(env, "XDG_CONFIG_HOME") or platformdirs.user_config_path(APP)


def state_dir(env: Mapping[str, str]) -> Path:
    """Where log and journal are kept."""
    return _xdg(env, "XDG_STATE_HOME") or platformdirs.user_state_path(APP)


def make_private(folder: Path) -> Path:
    """``folder``, made with mode 0700 where there is none; a folder that is there keeps its mode.

    Raises:
        ConfigError: when it can't be made.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"The folder {folder} can't be made: {error.strerror}. Make it, or name another place."
        ) from None
    return folder


def _xdg(env: Mapping[str, str], variable: str) -> Path | None:
    """A base directory from ``env``; the XDG specification has relative paths ignored."""
    base = Path(env.get(variable, ""))
    return base / APP if base.is_absolute() else None
