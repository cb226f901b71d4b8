"""systemd's unit files and drop-ins, as far as they set a service's user, environment and start (systemd.unit(5)).

Discovered by pattern: the names of FastX's units change with its versions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from fxtop.config.site.place import Place
from fxtop.config.site.variable import Variable

FOLDERS: Final = ("/usr/lib/systemd/system", "/lib/systemd/system", "/run/systemd/system", "/etc/systemd/system")
"""Where units stand, the weakest first: a later file of the same name replaces an earlier one whole."""
UNITS: Final = re.compile(r"(?:fastx|rlm|nats|syncthing)[A-Za-z0-9@_.\\-]*\.service")

_ASSIGNMENT: Final = re.compile(r"([A-Za-z]+)\s*=\s*(.*)")
_WORD: Final = re.compile(r"""(?:[^\s"']|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')+""")
_QUOTED: Final = re.compile(r""""((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'""")


class UnitText(NamedTuple):
    """A unit's file or one of its drop-ins."""

    file: Path
    text: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A service as its files make it."""

    name: str
    files: tuple[Path, ...]
    user: str | None
    """None is root, unless the unit's own file wasn't there to say."""
    environment: tuple[Variable, ...]
    """In the order in which they are set; later ones count."""
    environment_files: tuple[str, ...]
    """Absolute, without the dash that lets them be missing."""
    commands: tuple[str, ...]
    """What ``ExecStart=`` starts."""
    whole: bool
    """Whether the unit's own file was read, not drop-ins alone."""


class _Setting(NamedTuple):
    key: str
    value: str
    at: Place


def read_unit(name: str, texts: Sequence[UnitText]) -> Unit:
    """The unit that ``texts`` make: its file first, then drop-ins in the order in which they apply."""
    settings = [setting for file, text in texts for setting in _service_settings(text, file)]
    users = [setting.value for setting in settings if setting.key == "User"]
    environment = _since_reset([setting for setting in settings if setting.key == "Environment"])
    return Unit(
        name=name,
        files=tuple(file for file, _ in texts),
        user=(users[-1] or None) if users else None,
        environment=tuple(variable for setting in environment for variable in _variables(setting)),
        environment_files=tuple(s.value.removeprefix("-") for s in _named(settings, "EnvironmentFile")),
        commands=tuple(setting.value for setting in _named(settings, "ExecStart")),
        whole=any(file.name == name for file, _ in texts),
    )


def _named(settings: Iterable[_Setting], key: str) -> list[_Setting]:
    return _since_reset([setting for setting in settings if setting.key == key])


def _since_reset(settings: list[_Setting]) -> list[_Setting]:
    """An empty assignment forgets those before it."""
    for at in range(len(settings) - 1, -1, -1):
        if not settings[at].value:
            return settings[at + 1 :]
    return settings


def _service_settings(text: str, file: Path) -> Iterator[_Setting]:
    section = ""
    for number, line in _logical_lines(text):
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1]
        elif section == "Service" and (found := _ASSIGNMENT.fullmatch(line)):
            yield _Setting(found[1], found[2].strip(), Place(file, number))


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with those that a backslash continues joined, by the number of the first. Comments are left out."""
    parts: list[str] = []
    first = 0
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if stripped.startswith(("#", ";")):
            continue
        first = first if parts else number
        parts.append(stripped.removesuffix("\\"))
        if not stripped.endswith("\\"):
            yield first, " ".join(parts).strip()
            parts = []
    if parts:
        yield first, " ".join(parts).strip()


def _variables(setting: _Setting) -> Iterator[Variable]:
    for word in _WORD.findall(setting.value):
        name, equals, value = _QUOTED.sub(lambda found: found[1] or found[2] or "", word).partition("=")
        if equals:
            yield Variable(name, value, setting.at)
