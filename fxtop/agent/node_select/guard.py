"""What keeps the hook from asking a site's script that asks the hook, and so on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

GUARD: Final = "FXTOP_NODE_SELECT_WRAPPED"
"""The variable that is set for whatever the hook runs."""


def is_wrapped(environ: Mapping[str, str]) -> bool:
    """Whether a hook runs us, through a site's script or by itself."""
    return GUARD in environ
