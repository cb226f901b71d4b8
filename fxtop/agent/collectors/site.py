"""FastX on this machine as its files tell: units with their drop-ins, ``fastx.env``, and the layout that they make."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from fxtop.agent.collectors.port import CollectError
from fxtop.config.regular_file import read_guarded
from fxtop.config.site.env_file import read_env
from fxtop.config.site.layout import CONFIG_DIR, Layout, read_layout
from fxtop.config.site.unit_files import FOLDERS, UNITS, Unit, UnitText, read_unit
from fxtop.config.site.variable import Variable

ENV_FILE: Final = "fastx.env"
MOUNTS: Final = Path("/proc/self/mounts")
MAX_TEXT: Final = 256 * 1024
_SERVICE: Final = re.compile(r"fastx(\d*)\.service")
"""The unit of FastX itself; the number is its major version."""
_SYSTEM_ENVIRONMENT: Final = ("/etc/sysconfig", "/etc/default")
"""Where version 4 kept what its unit takes from the environment (vendor's PAT)."""


@dataclass(frozen=True, slots=True)
class Site:
    """What the files of one machine say."""

    root: Path
    units: tuple[Unit, ...]
    service: Unit | None
    """FastX's own unit, that of the latest version where there are several."""
    env_file: tuple[Variable, ...]
    layout: Layout

    def on_disk(self, path: PurePosixPath) -> Path:
        """Where ``path`` of the machine is found under the root."""
        return under(self.root, path)


def read_site(root: Path) -> Site:
    """The site under ``root``, which is ``/`` on a real machine. Raises CollectError."""
    units = tuple(_units(root))
    own = [unit for unit in units if _SERVICE.fullmatch(unit.name)]
    service = max(own, key=_version, default=None)
    environment = tuple(_environment(root, service)) if service else ()
    folder = read_layout(environment, ()).path(CONFIG_DIR)
    env_file = _variables(under(root, folder / ENV_FILE))
    return Site(root, units, service, env_file, read_layout(environment, env_file))


def under(root: Path, path: str | PurePosixPath) -> Path:
    """The absolute ``path`` of a machine whose root is ``root``."""
    return root / str(path).lstrip("/")


def text_of(path: Path) -> str | None:
    """The text of a small file, None where there is none. Raises CollectError."""
    try:
        return read_guarded(path, MAX_TEXT).decode(errors="replace")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    except OSError as error:
        why = "it is a link that others could have put there" if error.errno == errno.ELOOP else error.strerror
        raise CollectError(f"{path} can't be read: {why or error}.") from error


def _version(unit: Unit) -> int:
    found = _SERVICE.fullmatch(unit.name)
    return int(found[1] or 0) if found else -1


def _units(root: Path) -> Iterator[Unit]:
    """All units of `UNITS`, each with its strongest file and its drop-ins in the order in which they apply."""
    whole: dict[str, Path] = {}
    drop_ins: dict[str, dict[str, Path]] = {}
    for folder in FOLDERS:
        for path in _listed(under(root, folder)):
            name = path.name.removesuffix(".d")
            if not UNITS.fullmatch(name):
                continue
            if name == path.name:
                whole[name] = path
            else:
                drop_ins.setdefault(name, {}).update((each.name, each) for each in _listed(path, ".conf"))
    for name in sorted(whole.keys() | drop_ins.keys()):
        parts = [path for _, path in sorted(drop_ins.get(name, {}).items())]
        files = [whole[name], *parts] if name in whole else parts
        yield read_unit(name, [UnitText(path, text_of(path) or "") for path in files])


def _environment(root: Path, unit: Unit) -> Iterator[Variable]:
    """What the service finds in its environment; a file of systemd's counts over the unit's own lines."""
    usual = (f"{folder}/{unit.name.removesuffix('.service')}" for folder in _SYSTEM_ENVIRONMENT)
    yield from unit.environment
    for name in dict.fromkeys((*usual, *unit.environment_files)):
        yield from _variables(under(root, name))


def _variables(path: Path) -> tuple[Variable, ...]:
    text = text_of(path)
    return () if text is None else read_env(text, path)


def _listed(folder: Path, suffix: str = "") -> Iterable[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.name.endswith(suffix))
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        raise CollectError(f"{folder} can't be read: {error.strerror or error}.") from error
