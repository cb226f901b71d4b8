"""Any section of rules: it is read, or it is a sentence; and what was read judges any act without a fault."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from fxtop.actions.guardrails.compile import compiled
from fxtop.actions.guardrails.explain import explained
from fxtop.actions.guardrails.judge import Act
from fxtop.actions.guardrails.rule import VERBS, Target
from fxtop.config.error import ConfigError
from fxtop.config.guardrails import RuleTable, read_guardrails
from fxtop.config.toml_lines import KeyLines
from fxtop.config.toml_tables import TableReader

TEXT = st.text(max_size=20)
NAMES = st.sampled_from(["gpu*", "[a-", "***", "ann", "x" * 129, "", "a[!b]?"])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXT
VALUES = SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(TEXT, SCALARS, max_size=2)
KEYS = st.sampled_from([*RuleTable.__struct_fields__, "other"])
NEARLY = st.fixed_dictionaries(
    {"say": st.just("Ask the lab.")},
    optional={
        "verbs": st.lists(st.sampled_from([*VERBS, "drian"]), max_size=3),
        "nodes": st.lists(NAMES, max_size=3),
        "users": st.lists(NAMES, max_size=3),
        "deny": st.booleans(),
        "protect": st.booleans(),
        "quiet": st.lists(st.sampled_from(["Mon-Fri 22:00-06:00", "daily 00:00-24:00", "Mon 1"]), max_size=3),
        "zone": st.sampled_from(["UTC", "Europe/Berlin", "../etc", "local", ""]),
        "cap": st.integers(-1, 5),
        "min_launchers": st.integers(-1, 5),
        "ticket": st.sampled_from(["INC-[0-9]+", "(a+)+b", "", "[", "(", "a{9}{9}{9}", "\\1"]),
        "typed": st.booleans(),
        "second_person": st.booleans(),
    },
)
SECTIONS = (
    VALUES
    | st.fixed_dictionaries({"rule": st.lists(NEARLY | st.dictionaries(KEYS, VALUES, max_size=6), max_size=4)})
    | st.dictionaries(st.sampled_from(["rule", "approve_minutes", "rules"]), VALUES, max_size=3)
)
TARGETS = st.lists(st.builds(Target, TEXT, TEXT, TEXT), max_size=5).map(tuple)
ACTS = st.builds(
    Act,
    verb=st.sampled_from(VERBS),
    targets=TARGETS,
    at=st.floats(0, 4e9),
    ticket=st.none() | TEXT,
    takes=st.frozensets(TEXT, max_size=3),
    leaves=st.frozensets(TEXT, max_size=3),
)


@given(SECTIONS, ACTS)
def test_any_section_is_read_or_is_a_sentence(section: object, act: Act) -> None:
    reader = TableReader(KeyLines(Path("site.toml"), {}))
    try:
        rules = compiled(read_guardrails(reader, section))
    except ConfigError as error:
        assert str(error).startswith("site.toml: ")
        return
    judged = rules.judge(act)
    assert all(each.rule.words in each.sentence for each in judged.objections)
    assert all(explained(rule, rules) for rule in rules.rules)
