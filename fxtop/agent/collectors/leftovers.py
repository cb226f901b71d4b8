"""What an upgrade from FastX 4 left in the configuration that has no effect any more."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from fxtop.agent.collectors.facts import Fragment, PartlyKnown
from fxtop.agent.collectors.site import ENV_FILE, Site, read_site, text_of
from fxtop.agent.collectors.trees import installed
from fxtop.config.site.layout import CONFIG_DIR
from fxtop.config.site.leftovers import BALANCER, FORMS, KEYS, SINCE, dead_key, is_dead_variable
from fxtop.config.token_text import read_lines

MAX_APPS: Final = 200


class Leftovers(PartlyKnown):
    """Looks for them; a note for each."""

    name = "leftovers"

    def __init__(self, root: Path, *, every: float = 300.0, limit: float = 4.0) -> None:
        self.every = every
        self.limit = limit
        self._root = root

    def read(self) -> Fragment:
        """Look. Raises CollectError."""
        versions = installed(self._root)
        if not versions or max(versions) < SINCE:
            return Fragment()
        site = read_site(self._root)
        found = {f"{self.name}/{what}": note for what, note in (*_balancer(site), *_keys(site), *_forms(site))}
        return Fragment(notes=found)


def _balancer(site: Site) -> Iterator[tuple[str, str]]:
    names = sorted({each.name for each in site.env_file if is_dead_variable(each.name)})
    if names:
        verb = "has" if len(names) == 1 else "have"
        yield (
            BALANCER,
            f"{', '.join(names)} in {ENV_FILE} {verb} no effect since FastX {SINCE}: "
            "set node-select in the scheduler's metadata.ini.",
        )


def _keys(site: Site) -> Iterator[tuple[str, str]]:
    """Keys in ``apps/*.ini``, each told once with the first files that hold it."""
    holders: dict[str, list[str]] = {}
    apps = site.on_disk(site.layout.path(CONFIG_DIR)) / "apps"
    for path in islice(sorted(apps.glob("*.ini")), MAX_APPS):
        dead = {dead_key(pair.key) for pair in read_lines(text_of(path) or "").pairs}
        for key in KEYS:
            if key in dead:
                holders.setdefault(key, []).append(path.name)
    for key, names in holders.items():
        files = f"apps/{names[0]}" + (f" and {len(names) - 1} more" if len(names) > 1 else "")
        yield key, f"{key} in {files} has no effect since FastX {SINCE}: give the app a [schedule] section."


def _forms(site: Site) -> Iterator[tuple[str, str]]:
    if any((site.on_disk(site.layout.path(CONFIG_DIR)) / FORMS).glob("*.ini")):
        yield f"{FORMS}/", f"The files in {FORMS}/ have no effect since FastX {SINCE}: a scheduler has its own form."
