"""Settings of FastX 4 that FastX 5 ignores without a word (vendor's migration cheat sheet of 2026-05)."""

from __future__ import annotations

from typing import Final

SINCE: Final = 5
"""The version from which on they have no effect."""
FORMS: Final = "forms"
"""A folder in FX_CONFIG_DIR."""
KEYS: Final = ("scheduleDir", "forms", "overrideDefaultForms")
"""In the ini files of apps."""
BALANCER: Final = "LOAD_BALANCER"
"""What the variables in ``fastx.env`` begin with."""

_FOLDED: Final = {key.lower(): key for key in KEYS}


def dead_key(name: str) -> str | None:
    """The key as FastX 4 documented it, where ``name`` is one of them."""
    return _FOLDED.get(name.lower())


def is_dead_variable(name: str) -> bool:
    """Whether a variable of FastX's environment is one of them."""
    return name.startswith(BALANCER)
