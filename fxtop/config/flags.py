"""Settings from the command line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from fxtop.config.given import Place
from fxtop.config.spoken import Spoken


def from_flags(flags: Mapping[str, object]) -> Place:
    """What ``flags`` say, by their names in Python; ConfigError names the flag that can't be understood."""
    return _spoken(flags).place()


def config_flag(flags: Mapping[str, object]) -> Path | None:
    """The configuration file that ``--config`` names."""
    return _spoken(flags).path("config")


def flag(name: str) -> str:
    """The flag of the setting ``name``, as it is typed."""
    return "--" + name.replace("_", "-")


def _spoken(flags: Mapping[str, object]) -> Spoken:
    return Spoken(flags, flag)
