"""Rules and acts in few words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fxtop.actions.guardrails.compile import compiled
from fxtop.actions.guardrails.globs import Globs
from fxtop.actions.guardrails.judge import Act, Guardrails
from fxtop.actions.guardrails.rule import Rule, Target
from fxtop.config.guardrails import read_guardrails
from fxtop.config.toml_lines import key_lines
from fxtop.config.toml_tables import TableReader, toml_data

WORDS = "Ask the lab first."


def read(text: str) -> Guardrails:
    """The rules in a configuration."""
    lines = key_lines(Path("site.toml"), text)
    return compiled(read_guardrails(TableReader(lines), toml_data(text, lines).get("guardrails", {})))


def rule(**fields: Any) -> Rule:
    """A rule; patterns may be given as a list of texts, verbs as any collection."""
    globs = {name: Globs(fields.pop(name)) for name in ("clusters", "nodes", "sessions", "users") if name in fields}
    verbs = {"verbs": frozenset(fields.pop("verbs"))} if "verbs" in fields else {}
    return Rule(**{"words": WORDS} | globs | verbs | fields)


def target(name: str) -> Target:
    """``viz01``, ``viz01/s1`` or ``viz01/s1:ann``."""
    node, _, rest = name.partition("/")
    session, _, user = rest.partition(":")
    return Target(node, session, user)


def act(verb: str, *targets: str, at: float = 0.0, **fields: Any) -> Act:
    """An act on ``targets``."""
    fields |= {name: frozenset(fields[name]) for name in ("takes", "leaves") if name in fields}
    return Act(verb, tuple(map(target, targets)), at, **fields)


def objections(rules: list[Rule], doing: Act) -> list[str]:
    """The kinds of what forbids it."""
    return [each.kind.value for each in Guardrails(tuple(rules)).judge(doing).objections]
