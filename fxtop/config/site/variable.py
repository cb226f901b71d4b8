"""An environment variable as a file sets it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from fxtop.config.site.place import Place


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable, its value, and where it is set. The value may be a secret, so no repr shows it."""

    name: str
    value: str = field(repr=False)
    at: Place


def last_of(variables: Iterable[Variable], name: str) -> Variable | None:
    """The last setting of ``name``, which is the one that counts."""
    found = None
    for variable in variables:
        if variable.name == name:
            found = variable
    return found
