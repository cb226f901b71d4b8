"""Metadata of a broker as short texts, without anything that looks like a secret.

Brokers say freely what they were configured with, and a console's screen, JSON and logs go far.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from fxtop.protocol.text import NAME_BOUND, inert

REDACTED: Final = "(redacted)"
NOT_SHOWN: Final = "(not shown)"
MOST_ENTRIES: Final = 32
MOST_DEPTH: Final = 4
MOST_LOOKED_AT: Final = 4096
"""Characters of a value that are looked through for secrets; far fewer are kept."""

_SECRET_NAME: Final = re.compile(r"token|pass|pwd|secret|cred|key|auth|cookie|jwt", re.IGNORECASE)
_SECRETS: Final = (
    (re.compile(r"(?<=://)[^/@\s]+(?=@)"), REDACTED),  # the login in a URL
    (re.compile(r"((?:token|pass\w*|pwd|secret|creds?|key)[\"']?\s*[=:]\s*)\S+", re.IGNORECASE), rf"\1{REDACTED}"),
    (re.compile(r"\bBearer\s+\S+", re.IGNORECASE), REDACTED),
    (re.compile(r"\beyJ[\w-]{8,}(?:\.[\w-]*)*"), REDACTED),  # a JWT
    (re.compile(r"\bS[UANOCX][A-Z2-7]{40,}"), REDACTED),  # the seed of an nkey
    (re.compile(r"\$2[aby]\$\d\d\$\S+"), REDACTED),  # a bcrypt hash
    (re.compile(r"-----BEGIN .*", re.DOTALL), REDACTED),
)


def harmless(data: Mapping[str, Any]) -> dict[str, str]:
    """``data`` as flat, inert texts (``site.room``: ``B12``), secrets left out; bounded in number and length."""
    found: dict[str, str] = {}
    for name, value in _flat(data, "", 0):
        if len(found) >= MOST_ENTRIES:
            break
        found[inert(name, NAME_BOUND)] = value
    return found


def _flat(data: Mapping[str, Any], above: str, depth: int) -> Iterator[tuple[str, str]]:
    for part, value in data.items():
        name = f"{above}{part}"
        if _SECRET_NAME.search(part):
            yield name, REDACTED
        elif isinstance(value, dict):
            if depth < MOST_DEPTH:
                yield from _flat(value, f"{name}.", depth + 1)
        else:
            yield name, _text(value)


def _text(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case None:
            return ""
        case list():
            return _shown(", ".join(each if isinstance(each, str) else _text(each) for each in value[:MOST_ENTRIES]))
        case int() if value.bit_length() > 64:  # nobody's setting, and Python won't write the largest ones out
            return NOT_SHOWN
        case str() | int() | float():
            return _shown(str(value))
    return NOT_SHOWN


def _shown(text: str) -> str:
    text = text[:MOST_LOOKED_AT]
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return inert(text, NAME_BOUND)
