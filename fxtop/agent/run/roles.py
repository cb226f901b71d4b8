"""A site's own roles, as the agent's file describes them: ``[roles.NAME]``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from fxtop.agent.roles import BUILT_IN, VERBS, Role
from fxtop.agent.run.tables import RoleTable
from fxtop.config.toml_tables import TableReader

TABLE: Final = "roles"
_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,31}")


def read_roles(reader: TableReader, data: Mapping[str, Any]) -> dict[str, RoleTable]:
    """The tables of ``[roles]``; ConfigError for one that can't be a role."""
    found: dict[str, RoleTable] = {}
    for name, value in data.items():
        at = (TABLE, name)
        if not _NAME.fullmatch(name):
            raise reader.wrong(at, "can't be a role's name: use small letters, digits and dashes")
        if name in BUILT_IN:
            raise reader.wrong(at, "is a role that is always there and can't be changed: take another name")
        table = found[name] = reader.table(reader.mapping(value, at), at, RoleTable)
        if not table.verbs:
            raise reader.lacks(at, "verbs", f"say what it allows, as {', '.join(VERBS[:3])}")
        unknown = [verb for verb in table.verbs if verb not in VERBS]
        if unknown:
            raise reader.wrong((*at, "verbs"), f"names '{unknown[0]}', but there are {', '.join(VERBS)}")
        if table.sessions is not None and table.sessions < 1:
            raise reader.wrong((*at, "sessions"), f"has to be 1 at least, not {table.sessions}")
    return found


def roles_of(tables: Mapping[str, RoleTable]) -> dict[str, Role]:
    """The roles that a list of keys may name: those that are always there, and the site's own."""
    own = {
        name: Role(name, frozenset(table.verbs), table.sessions, tuple(table.users), tuple(table.nodes))
        for name, table in tables.items()
    }
    return {**BUILT_IN, **own}
