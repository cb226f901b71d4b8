"""The table of verbs."""

from __future__ import annotations

from dataclasses import fields
from typing import get_args

from fxtop.actions.model import Intent, Verb
from fxtop.actions.verbs import VERBS, Target


def test_every_verb_is_described_once() -> None:
    assert tuple(VERBS) == get_args(Verb)
    for verb, spec in VERBS.items():
        assert spec.verb == verb
        assert spec.help.endswith(".")
        assert spec.title


def test_bindings_are_named_after_target_and_verb_and_are_unique() -> None:
    bindings = [binding for spec in VERBS.values() for binding in spec.bindings]
    assert "node.drain" in bindings
    assert "session.message" in bindings
    assert "node.message" in bindings
    assert VERBS["rebalance"].bindings == ("cluster.rebalance",)
    assert len(bindings) == len(set(bindings))
    assert VERBS["terminate"].binding(Target.SESSION) == "session.terminate"


def test_options_are_fields_of_an_intent() -> None:
    known = {field.name for field in fields(Intent)}
    for spec in VERBS.values():
        for option in spec.options:
            assert option.name in known
            assert option.help.endswith(".")
            assert bool(option.choices) == (option.kind == "choice")
            assert not option.default or option.kind != "choice" or option.default in option.choices


def test_only_ending_sessions_is_destructive_by_itself() -> None:
    assert [verb for verb, spec in VERBS.items() if spec.destructive] == ["terminate"]
