"""Units and environment of FastX's services, from their files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

from fxtop.config.fastx import ENV_FILE
from fxtop.config.site.env_file import read_env
from fxtop.config.site.layout import CONFIG_DIR, Layout, read_layout
from fxtop.config.site.unit_files import FOLDERS, UNITS, Unit, UnitText, read_unit
from fxtop.config.site.variable import Variable
from fxtop.doctor.gather.tree import Tree

SYSCONFIG: Final = PurePosixPath("/etc/sysconfig")
"""Where version 4 kept the services' environment."""


class Services(NamedTuple):
    """What the files say of the services."""

    units: tuple[Unit, ...]
    variables: tuple[Variable, ...]
    """What counts comes last."""
    layout: Layout


def read_services(tree: Tree) -> Services:
    """Units by pattern, their environment, ``fastx.env`` and the directories that follow from them."""
    units = tuple(_units(tree))
    own = tuple(variable for unit in units if is_fastx(unit.name) for variable in environment(tree, unit))
    folder = read_layout(own, ()).path(CONFIG_DIR)
    old = tuple(v for name in tree.names(SYSCONFIG) if name.startswith("fastx") for v in _env(tree, SYSCONFIG / name))
    said = (*old, *_env(tree, folder / ENV_FILE))
    return Services(units, (*said, *own), read_layout(own, said))


def is_fastx(name: str) -> bool:
    """Whether a unit is FastX itself, not its transporter."""
    return name.startswith("fastx") and "nats" not in name


def environment(tree: Tree, unit: Unit) -> Iterator[Variable]:
    """A unit's variables; those of its files come after its own and count (systemd.exec(5))."""
    yield from unit.environment
    for file in unit.environment_files:
        if file.startswith("/"):
            yield from _env(tree, PurePosixPath(file))


def _env(tree: Tree, path: PurePosixPath) -> tuple[Variable, ...]:
    try:
        return read_env(tree.text(path), Path(path))
    except OSError:
        return ()


def _units(tree: Tree) -> Iterator[Unit]:
    folders = [PurePosixPath(folder) for folder in FOLDERS]
    present = {name.removesuffix(".d") for folder in folders for name in tree.names(folder)}
    for name in sorted(filter(UNITS.fullmatch, present)):
        texts = [*_texts(tree, _own(tree, folders, name)), *_texts(tree, _drop_ins(tree, folders, name))]
        if texts:
            yield read_unit(name, texts)


def _own(tree: Tree, folders: Iterable[PurePosixPath], name: str) -> list[PurePosixPath]:
    """The unit's file: that of the strongest folder alone."""
    return [folder / name for folder in folders if tree.has(folder / name)][-1:]


def _drop_ins(tree: Tree, folders: Iterable[PurePosixPath], name: str) -> list[PurePosixPath]:
    """Its drop-ins by their names; one of the same name in a stronger folder takes a weaker one's place."""
    found = {file: folder / f"{name}.d" / file for folder in folders for file in tree.names(folder / f"{name}.d")}
    return [found[file] for file in sorted(found) if file.endswith(".conf")]


def _texts(tree: Tree, paths: Iterable[PurePosixPath]) -> Iterator[UnitText]:
    for path in paths:
        try:
            yield UnitText(Path(path), tree.text(path))
        except OSError:
            continue
