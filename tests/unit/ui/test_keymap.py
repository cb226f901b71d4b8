"""The one table of keys: nothing twice, nothing a terminal would swallow, everything explained."""

from __future__ import annotations

import pytest

from fxtop.ui.keymap import FORBIDDEN, KeymapError, check, is_key, overlay, remap, written
from fxtop.ui.keytable import ENTRIES


def test_every_entry_has_an_id_of_its_own_and_a_sentence_of_help() -> None:
    assert len({e.id for e in ENTRIES}) == len(ENTRIES)
    assert all(e.help and e.help[0].isupper() and not e.help.endswith(".") for e in ENTRIES)


def test_every_entry_can_be_reached_by_key_or_command() -> None:
    assert [e.id for e in ENTRIES if not e.keys and not e.command] == []


def test_no_command_name_stands_twice() -> None:
    names = [e.command for e in ENTRIES if e.command]
    assert len(names) == len(set(names))


def test_no_key_is_one_that_terminals_or_multiplexers_take() -> None:
    assert {key for e in ENTRIES for key in e.keys} & FORBIDDEN == set()


def test_everything_that_changes_the_cluster_is_on_a_capital_letter_and_needs_an_armed_console() -> None:
    acting = [e for e in ENTRIES if e.armed]
    assert {e.command for e in acting} == {
        "drain",
        "resume",
        "terminate",
        "message",
        "rebalance",
        "approve",
        "withdraw",
    }
    assert all(key.isupper() and len(key) == 1 for e in acting for key in e.keys)


def test_a_key_can_be_remapped_by_id() -> None:
    changed = {e.id: e for e in remap({"node.drain": "ctrl+x", "find.filter": "/,f"})}
    assert changed["node.drain"].keys == ("ctrl+x",)
    assert changed["find.filter"].keys == ("slash", "f")


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        ({"node.drian": "D"}, "Did you mean 'node.drain'?"),
        ({"node.drain": "ctrl+s"}, "terminals or multiplexers take that key"),
        ({"node.drain": "q"}, "wanted by both"),
        ({"node.drain": "shfit+x"}, "there is no such key"),
        ({"node.drain": "F5, pagedwon"}, "there is no such key"),
    ],
)
def test_a_remapping_that_cannot_work_is_one_sentence(overrides: dict[str, str], said: str) -> None:
    with pytest.raises(KeymapError, match=said.replace("?", r"\?")):
        remap(overrides)


@pytest.mark.parametrize(
    "key", ["x", "X", "ö", "f5", "ctrl+x", "shift+f3", "pageup", "slash", "greater_than_sign", "plus"]
)
def test_what_textual_calls_a_key_is_one(key: str) -> None:
    assert is_key(key)


def test_the_same_key_may_do_different_things_in_different_panes() -> None:
    check(e for e in remap({"node.drain": "E", "session.terminate": "E"}))


def test_where_nothing_is_remapped_textual_has_no_keymap_to_lay_over_the_bindings_at_every_key() -> None:
    assert overlay(ENTRIES) == {}


def test_textual_is_told_what_is_remapped_and_all_that_shares_a_key_with_it() -> None:
    told = overlay(remap({"pane.zoom": "ctrl+t"}))
    assert told == {"pane.zoom": "ctrl+t"}
    told = overlay(remap({"box.back": "x"}))
    escapes = {e.id for e in ENTRIES if "escape" in e.keys}
    assert told["box.back"] == "x"
    assert escapes <= set(told)
    assert len(told) < len(ENTRIES) / 2


def test_keys_are_written_as_on_a_keyboard() -> None:
    assert [written(k) for k in ("slash", "question_mark", "ctrl+p", "up", "D")] == ["/", "?", "Ctrl+p", "↑", "D"]
    assert written("up", ascii_only=True) == "Up"
