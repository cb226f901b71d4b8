"""Settings from the environment, ``FXTOP_*``."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from fxtop.config.given import Place
from fxtop.config.spoken import Spoken

PREFIX: Final = "FXTOP_"
NAMES: Final = (
    "config",
    "cluster",
    "server",
    "token_file",
    "ca",
    "server_name",
    "context",
    "read_only",
    "moleculer",
    "moleculer_discover",
    "theme",
    "ascii",
    "tz",
    "link",
    "log_file",
    "operator",
    "key_file",
    "arm_minutes",
)
"""Settings that have a variable: ``FXTOP_`` and the name in capitals."""


def from_environment(env: Mapping[str, str]) -> Place:
    """What ``env`` says; ConfigError names the variable that can't be understood."""
    return _spoken(env).place()


def config_variable(env: Mapping[str, str]) -> Path | None:
    """The configuration file that ``FXTOP_CONFIG`` names."""
    return _spoken(env).path("config")


def variable(name: str) -> str:
    """The variable of the setting ``name``."""
    return PREFIX + name.upper()


def misspelt(env: Mapping[str, str]) -> list[str]:
    """A sentence for each variable that looks like a slip of the pen: it is near to one of ours and isn't any."""
    known = [*map(variable, NAMES)]
    strangers = sorted(name for name in env if name.startswith(PREFIX) and name not in known)
    near = {name: difflib.get_close_matches(name, known, 1, cutoff=0.9) for name in strangers}
    return [f"The variable {name} is not known: did you mean {found[0]}?" for name, found in near.items() if found]


def _spoken(env: Mapping[str, str]) -> Spoken:
    return Spoken({name: env.get(variable(name)) for name in NAMES}, variable)
