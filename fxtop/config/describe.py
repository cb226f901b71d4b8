"""The settings as lines for ``fxtop config show``: name, value, source, and never a secret."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from fxtop.config.guardrails import WrittenGuardrails
from fxtop.config.secret import Secret
from fxtop.config.settings import Settings

_COMMANDS: Final = ("key_command", "passphrase_command")
"""Of these only the program is shown: somebody may have put a secret among its arguments."""
_NOT_SHOWN: Final = ("clusters", "keys", "provenance", "notices")


def describe(settings: Settings) -> list[tuple[str, str, str]]:
    """Name, value and source of each setting, in the order of `Settings`."""
    names = [name for name in Settings.__struct_fields__ if name not in _NOT_SHOWN]
    names.insert(names.index("servers") + 1, "tls")
    lines = [(name, _shown(_value(settings, name)), settings.provenance[name]) for name in names]
    return lines + _keys(settings.keys, settings.provenance["keys"])


def _keys(keys: Mapping[str, str], source: str) -> list[tuple[str, str, str]]:
    return [(f"keys.{name}", key, source) for name, key in keys.items()]


def _value(settings: Settings, name: str) -> object:
    value = getattr(settings, name)
    return (value[0] if value else None) if name in _COMMANDS else value


def _shown(value: object) -> str:
    match value:
        case None:
            return "not set"
        case bool():
            return "yes" if value else "no"
        case Secret():
            return f"set, from {value.source}"
        case tuple():
            return ", ".join(map(str, value))
        case Path() | str() | WrittenGuardrails():
            return str(value)
        case float() | int():
            return f"{value:g}"
    raise TypeError(f"a setting of type {type(value).__name__} can't be shown")
