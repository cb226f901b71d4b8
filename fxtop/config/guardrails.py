"""``[guardrails]``: what the site's rules say, as written. The console's file and the agent's have the same table.

What the values mean is for `fxtop.actions.guardrails` to say, which console and agent share; here they are only read,
each with the place where it stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from fxtop.config.error import ConfigError
from fxtop.config.toml_lines import KeyPath
from fxtop.config.toml_tables import TableReader

TABLE: Final = "guardrails"
RULES: Final = "rule"
MOST_RULES: Final = 200
LONGEST_APPROVAL: Final = 24 * 60.0
"""Minutes that a request may wait for a second person."""


class RuleTable(msgspec.Struct, frozen=True, kw_only=True):
    """One ``[[guardrails.rule]]``: whom it concerns, what it demands, and why in the site's own words.

    A demand that isn't made is None. One that is made with its weakest value (false, an empty list, 0) frees what the
    rule concerns from later rules of that kind.
    """

    say: str
    cluster: str | list[str] = "*"
    verbs: list[str] = []
    """An empty list means every verb."""
    nodes: list[str] = []
    sessions: list[str] = []
    users: list[str] = []
    """Patterns; an empty list means any."""

    deny: bool | None = None
    protect: bool | None = None
    quiet: list[str] | None = None
    zone: str | None = None
    """Of ``quiet``."""
    cap: int | None = None
    min_launchers: int | None = None
    ticket: str | None = None
    typed: bool | None = None
    second_person: bool | None = None


class GuardrailsTable(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in ``[guardrails]`` beside the rules."""

    approve_minutes: float = 15.0
    """That a request waits for a second person."""


class WrittenRule(msgspec.Struct, frozen=True):
    """A rule with where each of its keys stands."""

    table: RuleTable
    at: KeyPath
    reader: TableReader

    @property
    def place(self) -> str:
        """The file, and the line where it is known."""
        return self.reader.where(self.at)

    def lacks(self, key: str, what: str) -> ConfigError:
        """The error that says that the rule has no ``key``, and ``what`` that is."""
        return self.reader.lacks(self.at, key, what)

    def wrong(self, key: str, what: str) -> ConfigError:
        """The error that says of ``key`` that it ``what``."""
        return self.reader.wrong((*self.at, key), what)


class WrittenGuardrails(msgspec.Struct, frozen=True):
    """The whole section; where there is none, no rules."""

    rules: tuple[WrittenRule, ...] = ()
    approve_minutes: float = GuardrailsTable().approve_minutes

    def __str__(self) -> str:
        return f"{len(self.rules)} rules"


def read_guardrails(reader: TableReader, data: Any) -> WrittenGuardrails:
    """The section from ``data``, the value of the key ``guardrails``; ConfigError."""
    section = reader.mapping(data, (TABLE,))
    reader.check_names(section, (TABLE,), (*GuardrailsTable.__struct_fields__, RULES))
    plain = {name: value for name, value in section.items() if name != RULES}
    table = reader.table(plain, (TABLE,), GuardrailsTable)
    if not 0 < table.approve_minutes <= LONGEST_APPROVAL:
        what = f"has to be more than 0 and at most {LONGEST_APPROVAL:g}, not {table.approve_minutes:g}"
        raise reader.wrong((TABLE, "approve_minutes"), what)
    return WrittenGuardrails(_rules(reader, section), table.approve_minutes)


def _rules(reader: TableReader, section: Mapping[str, Any]) -> tuple[WrittenRule, ...]:
    written = section.get(RULES, [])
    if not isinstance(written, list):
        raise reader.wrong((TABLE, RULES), f"has to be a list: write [[{TABLE}.{RULES}]] above each rule")
    if len(written) > MOST_RULES:
        raise reader.wrong((TABLE, RULES), f"has {len(written)} rules, and {MOST_RULES} are the most")
    rules = []
    for number, data in enumerate(written, 1):
        at = (TABLE, RULES, str(number))
        if not isinstance(data, Mapping):
            raise reader.wrong((TABLE, RULES), f"has to be a list: write [[{TABLE}.{RULES}]] above each rule")
        if "say" not in data:
            raise reader.lacks(at, "say", "the words that people read where the rule stops them")
        rules.append(WrittenRule(reader.table(data, at, RuleTable), at, reader))
    return tuple(rules)
