"""A plan as plain data, for ``-o json`` and the journal, and its fingerprint."""

from __future__ import annotations

import hashlib
from typing import Any, Final

import msgspec

from fxtop.actions.model import Intent, Plan

MONOTONIC: Final = "born"
"""A moment on this process's own clock says nothing to anybody else."""


def intent_data(intent: Intent) -> dict[str, Any]:
    """``intent`` as JSON data; a session is the pair of its node and its id."""
    data: dict[str, Any] = msgspec.to_builtins(intent)
    return data


def plan_data(plan: Plan) -> dict[str, Any]:
    """``plan`` as JSON data, with the names of its fields."""
    data: dict[str, Any] = msgspec.to_builtins(plan)
    del data[MONOTONIC]
    return data


def fingerprint(plan: Plan) -> str:
    """SHA-256, in hex, of the plan's data: two plans with the same one send the same requests for the same reason."""
    return hashlib.sha256(msgspec.json.encode(plan_data(plan), order="deterministic")).hexdigest()
