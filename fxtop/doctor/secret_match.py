"""Comparing a secret with what a configuration keeps of it: the secret itself, or its bcrypt hash.

The hash needs the package ``bcrypt``, which is optional: without it such a comparison has no answer.
"""

from __future__ import annotations

import hmac
from importlib import import_module
from types import ModuleType
from typing import Final

from fxtop.config.site.nats_server import is_bcrypt

LONGEST: Final = 72
"""Bytes that bcrypt looks at; nats-server refuses none, so neither do we."""


def is_secret(candidate: str, kept: str) -> bool | None:
    """Whether ``candidate`` is the secret that ``kept`` stands for; None where that can't be told here."""
    if not is_bcrypt(kept):
        return hmac.compare_digest(candidate.encode(), kept.encode())
    module = _module()
    if module is None:
        return None
    try:
        return bool(module.checkpw(candidate.encode()[:LONGEST], kept.encode()))
    except ValueError:  # no hash after all
        return False


def _module() -> ModuleType | None:
    try:
        return import_module("bcrypt")
    except ImportError:
        return None
