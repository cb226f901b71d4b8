"""Bringing the settings together: flags, then ``FXTOP_*``, then ``config.toml``, a NATS context, FastX's own files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from msgspec.structs import replace

from fxtop.config import directories, environment
from fxtop.config.clusters import Chosen, choose_cluster, known_cluster
from fxtop.config.compose import ConfigFile, compose
from fxtop.config.fastx import fastx_place
from fxtop.config.flags import config_flag, flag, from_flags
from fxtop.config.given import Choice, Connection, Given, Place
from fxtop.config.nats_context import NatsContext, read_context
from fxtop.config.settings import Settings
from fxtop.config.toml_file import FILE_NAME, read_toml


class _Ranked(NamedTuple):
    """All places in the order in which they are asked."""

    places: list[Place]
    context: NatsContext | None


def load(flags: Mapping[str, object], env: Mapping[str, str], *, cluster: str | None = None) -> Settings:
    """The settings.

    With ``cluster`` those of another cluster of the configuration: what flags and variables say of the connection was
    meant for the first one and is left out.

    A NATS context is whole: it counts right after the place that names it, and nothing below that place has a say in
    the connection, so that no login goes to servers that it wasn't meant for.

    Raises:
        ConfigError: one sentence about what can't be used.
    """
    config = _config_file(flags, env)
    spoken = [from_flags(flags), environment.from_environment(env)]
    if cluster is not None:
        chosen = known_cluster(config.file, cluster)
        spoken = [_without_connection(place) for place in spoken]
    else:
        chosen = _said_or_meant(config, spoken)
    ranked = _rank([*spoken, *([chosen.place] if chosen.place else [])], env)
    general = [config.file.general()] if config.file else []
    notices = [*environment.misspelt(env), chosen.notice, *(ranked.context.notices if ranked.context else ())]
    choice = Choice([*ranked.places, *general])
    return compose(choice, chosen, config, env, tuple(notice for notice in notices if notice))


def load_place(place: Place, flags: Mapping[str, object], env: Mapping[str, str]) -> Settings:
    """As `load`, for a program with a file of its own: what that says is ``place``, and config.toml isn't read.

    Raises:
        ConfigError: one sentence about what can't be used.
    """
    none = ConfigFile(None, "default")
    said = [from_flags(flags), environment.from_environment(env), place]
    chosen = _said_or_meant(none, said)
    ranked = _rank(said, env)
    notices = (*environment.misspelt(env), *(ranked.context.notices if ranked.context else ()))
    return compose(Choice(ranked.places), chosen, none, env, notices)


def _config_file(flags: Mapping[str, object], env: Mapping[str, str]) -> ConfigFile:
    if named := config_flag(flags):
        return ConfigFile(read_toml(named), flag("config"))
    if named := environment.config_variable(env):
        return ConfigFile(read_toml(named), environment.variable("config"))
    usual = directories.config_dir(env) / FILE_NAME
    return ConfigFile(read_toml(usual) if os.path.lexists(usual) else None, "default")


def _said_or_meant(config: ConfigFile, spoken: Iterable[Place]) -> Chosen:
    said = next(((p.given.cluster, p.source("cluster")) for p in spoken if p.given.cluster), None)
    return choose_cluster(
        config.file,
        said,
        connects=any(place.given.connection.servers for place in spoken),
        whole=any(place.given.context for place in spoken),
    )


def _rank(asked: Iterable[Place], env: Mapping[str, str]) -> _Ranked:
    """``asked`` with the first context among them right after who names it, or else FastX's files at the end."""
    places: list[Place] = []
    context: NatsContext | None = None
    for place in asked:
        places.append(place if context is None else _without_connection(place))
        if context is None and place.given.context:
            context = read_context(place.given.context, env)
            places.append(_place_of(context))
    if context is None:
        places.append(fastx_place(env))
    return _Ranked(places, context)


def _place_of(context: NatsContext) -> Place:
    return Place(Given(connection=context.connection), lambda _: context.source)


def _without_connection(place: Place) -> Place:
    return Place(replace(place.given, connection=Connection(), context=None, cluster=None), place.source)
