"""Which cluster is meant."""

from __future__ import annotations

from typing import NamedTuple

from fxtop.config.error import ConfigError
from fxtop.config.given import Place
from fxtop.config.toml_file import TomlFile
from fxtop.protocol.ids import ClusterSlug
from fxtop.protocol.subjects import DEFAULT_CLUSTER, cluster_slug
from fxtop.protocol.text import inert


class Chosen(NamedTuple):
    """A cluster. ``place`` is its table in the configuration, None where it has none."""

    name: str
    slug: ClusterSlug
    source: str
    slug_source: str
    place: Place | None
    notice: str | None = None


def choose_cluster(file: TomlFile | None, said: tuple[str, str] | None, *, connects: bool, whole: bool) -> Chosen:
    """The cluster that was ``said`` (its name and who said it), or that the configuration means.

    ``connects`` where a flag or variable says which servers to use; ``whole`` where it names a whole context, so that
    no table may speak for the connection's cluster unless it was named too.

    Raises:
        ConfigError: an unknown name, a name that can't be used in subjects, or several clusters and none said.
    """
    if said is None and whole:
        return _untabled(DEFAULT_CLUSTER, "default", None)
    named = said or _meant(file, connects=connects)
    if named is None:
        return _untabled(DEFAULT_CLUSTER, "default", None)
    name, source = named
    if file is not None and name in file.clusters:
        return _tabled(file, name, source)
    return _untabled(name, source, file)


def known_cluster(file: TomlFile | None, name: str) -> Chosen:
    """The cluster ``name``, which has to be one of the configuration's; ConfigError where it isn't."""
    if file is None or name not in file.clusters:
        raise ConfigError(f"There is no cluster '{inert(name, 64)}' in the configuration: {_listed(file)}.")
    return _tabled(file, name, "chosen in the console")


def _meant(file: TomlFile | None, *, connects: bool) -> tuple[str, str] | None:
    if file is None:
        return None
    if file.document.top.cluster:
        return file.document.top.cluster, file.lines.where(("cluster",))
    if len(file.clusters) == 1:
        return file.clusters[0], f"the only one in {file.path}"
    if file.clusters and not connects:
        raise ConfigError(
            f"{file.path} has several clusters ({', '.join(file.clusters)}): "
            'say which with --cluster, or write `cluster = "…"` on its first line.'
        )
    return None


def _tabled(file: TomlFile, name: str, source: str) -> Chosen:
    place = file.cluster(name)
    slug = place.given.slug or name
    where = place.source("slug") if place.given.slug else source
    try:
        return Chosen(name, cluster_slug(slug), source, where, place)
    except ValueError as error:
        remedy = "" if place.given.slug else f' Write `slug = "…"` under [clusters.{name}].'
        raise ConfigError(f"{file.lines.where(('clusters', name))}: {error}{remedy}") from None


def _untabled(name: str, source: str, file: TomlFile | None) -> Chosen:
    try:
        slug = cluster_slug(name)
    except ValueError:
        raise ConfigError(f"There is no cluster '{inert(name, 64)}' ({source}): {_listed(file)}.") from None
    notice = None
    if file is not None and file.clusters:
        notice = f"{file.path} has no cluster '{name}' ({_listed(file)}): taken as the cluster's name on the bus."
    return Chosen(name, slug, source, source, None, notice)


def _listed(file: TomlFile | None) -> str:
    return f"there are {', '.join(file.clusters)}" if file is not None and file.clusters else "none is configured"
