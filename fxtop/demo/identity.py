"""Who takes part in the demo and how they prove it: the shared token, the keys, and who trusts whom."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from fxtop.actions.keys import create
from fxtop.agent.trust import Role, Trust
from fxtop.demo.folder import Folder, write_private
from fxtop.demo.server_config import Secrets
from fxtop.protocol.ids import ClusterSlug
from fxtop.protocol.signing import NkeySigner, new_seed

SLUG: Final = ClusterSlug("demo")
BADGE: Final = "DEMO"
OPERATOR: Final = "demo"


@dataclass(frozen=True, slots=True)
class Identities:
    """Secrets and keys of one run."""

    secrets: Secrets
    manager: NkeySigner
    """All managers sign with the same key: each may finish what another planned."""
    trust: Trust = field(repr=False)

    @classmethod
    def make(cls, folder: Folder) -> Identities:
        """Fresh ones, with the files that a console needs of them."""
        logins = Secrets(token=secrets.token_urlsafe(24), route_password=secrets.token_urlsafe(24))
        write_private(folder.token, logins.token + "\n")
        operator = create(folder.operator_key)
        manager = NkeySigner(new_seed())
        trust = Trust({operator.public_key: Role.OPERATOR, manager.public_key: Role.MANAGER})
        return cls(logins, manager, trust)


def write_config(folder: Folder, servers: Sequence[str]) -> None:
    """The ``config.toml`` with which ``fxtop --config`` finds the demo."""
    text = json.dumps  # a JSON string is a TOML string
    write_private(
        folder.config,
        f"""\
cluster = {text(SLUG)}

[clusters.{SLUG}]
slug = {text(SLUG)}
servers = {json.dumps(list(servers))}
token_file = {text(str(folder.token))}
ca = {text(str(folder.ca))}
badge = {text(BADGE)}

[operator]
name = {text(OPERATOR)}
key_file = {text(str(folder.operator_key))}
""",
    )
