from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from fxtop.agent.node_select.choosing import NoNode
from fxtop.agent.node_select.guard import GUARD
from fxtop.agent.node_select.table import TableRow
from fxtop.agent.node_select.wrapped import MOST_ANSWER, NoAnswer, ask
from tests.unit.agent.node_select.kit import JWT, PARAMS, Hook, node, question

Script = Callable[[str], str]
DRAINED = TableRow("viz01", state="drained")


@pytest.fixture
def script(tmp_path: Path) -> Script:
    """Makes a site's script of lines of shell; ``$HERE`` is its directory."""

    def made(lines: str) -> str:
        file = tmp_path / "site-script"
        file.write_text(f"#!/bin/sh\nHERE={tmp_path}\n{lines}\n")
        file.chmod(0o755)
        return str(file)

    return made


def test_the_sites_script_has_the_choice(hook: Hook, script: Script) -> None:
    hook.knows()
    assert hook.chooses(node("viz01", 0), node("viz02", 9), tries=3, wrap=script("cat >/dev/null; echo viz02")) == {
        "viz02"
    }
    assert hook.said == []


def test_it_is_given_what_fastx_sent_without_the_nodes_that_may_not_be_chosen(
    hook: Hook, script: Script, tmp_path: Path
) -> None:
    hook.knows(DRAINED)
    sent = json.loads(question("viz01", node("viz02", 2), "viz03")) | {"more": ["keys"]}
    hook.asked(json.dumps(sent).encode(), wrap=script('cat >"$HERE/given"; echo viz02'))
    assert json.loads((tmp_path / "given").read_text()) == {**sent, "nodes": sent["nodes"][1:]}
    assert sent["params"] == PARAMS


@pytest.mark.parametrize("answer", ["viz01", "viz99", "", "viz02 viz03", "viz02\\nviz03", JWT])
def test_an_answer_that_may_not_be_chosen_is_not(hook: Hook, script: Script, answer: str) -> None:
    hook.knows(DRAINED)
    wrap = script(f"cat >/dev/null; printf '%b' '{answer}'")
    assert hook.asked(question("viz01", node("viz02", 5), node("viz03", 1)), wrap=wrap) == "viz03"
    assert hook.said == [f"The script {wrap} chose none of the nodes that it was given. Choosing by sessions instead."]


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("exit 3", "failed with exit code 3"),
        ("echo viz02; exit 1", "failed with exit code 1"),
        ("kill -9 $$", "failed with exit code -9"),
        (f"head -c {MOST_ANSWER + 1} /dev/zero; sleep 60", "answered with over 64 KiB"),
    ],
)
def test_a_script_that_fails_is_told_and_done_without(hook: Hook, script: Script, lines: str, sentence: str) -> None:
    hook.knows()
    assert hook.asked(question(node("viz01", 1), node("viz02", 5)), wrap=script(lines)) == "viz01"
    assert sentence in hook.said[0]


def test_a_script_that_can_not_be_run_is_told_and_done_without(hook: Hook, tmp_path: Path) -> None:
    hook.knows()
    assert hook.asked(question("viz01"), wrap=str(tmp_path / "none")) == "viz01"
    assert "can't be run: No such file" in hook.said[0]


@pytest.mark.parametrize("lines", ["sleep 60; echo viz02", "echo viz02; exec >&-; sleep 60", "sleep 60 & exit 0"])
def test_a_script_that_takes_too_long_is_killed_with_all_that_it_started(
    hook: Hook, script: Script, tmp_path: Path, lines: str
) -> None:
    hook.knows()
    wrap = script(f'echo $$ >"$HERE/group"\n{lines}')
    began = time.monotonic()
    assert hook.asked(question(node("viz01", 1), node("viz02", 5)), wrap=wrap, wrap_limit=0.5) == "viz01"
    assert time.monotonic() - began < 30
    assert "gave no answer within 0.5 s" in hook.said[0]
    group = int((tmp_path / "group").read_text())
    while living(group):  # a killed process is there until the kernel has taken it down
        assert time.monotonic() - began < 30


def living(group: int) -> list[str]:
    """The processes of a group that still run."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[2]) == group and fields[0] not in "ZX":
            found.append(stat.parent.name)
    return found


def test_a_script_need_not_read_a_long_question_to_the_end(hook: Hook, script: Script) -> None:
    hook.knows()
    raw = question(*(node(f"viz{number}", 200) for number in range(50)))
    assert len(raw) > 2**17
    assert hook.asked(raw, wrap=script("echo viz7")) == "viz7"
    assert hook.asked(raw, wrap=script("exec <&-; echo viz7")) == "viz7"


def test_a_script_that_answers_while_it_still_reads_does_not_stop_halfway(hook: Hook, script: Script) -> None:
    hook.knows()
    raw = question(*(node(f"viz{number}", 200) for number in range(50)))
    assert hook.asked(raw, wrap=script("echo viz7; cat >/dev/null")) == "viz7"


def test_a_script_can_tell_that_the_hook_runs_it(hook: Hook, script: Script, tmp_path: Path) -> None:
    hook.knows()
    hook.asked(question("viz01"), wrap=script(f'echo "${GUARD}" >"$HERE/guard"; echo viz01'))
    assert (tmp_path / "guard").read_text() == "1\n"
    assert GUARD not in os.environ


def test_where_no_node_is_left_it_is_not_asked(hook: Hook, script: Script, tmp_path: Path) -> None:
    hook.knows(DRAINED)
    with pytest.raises(NoNode):
        hook.asked(question("viz01"), wrap=script('touch "$HERE/asked"'))
    assert not (tmp_path / "asked").exists()


def test_as_a_last_resort_it_chooses_among_what_is_least_bad(hook: Hook, script: Script) -> None:
    hook.knows(DRAINED, TableRow("viz02", state="draining"), TableRow("viz03", liveness="lost"))
    wrap = script("cat >/dev/null; echo viz02")
    assert hook.asked(question("viz01", "viz02", "viz03"), wrap=wrap, last_resort=True) == "viz02"
    wrap = script("cat >/dev/null; echo viz03")
    assert hook.asked(question("viz01", "viz02", "viz03"), wrap=wrap, last_resort=True) in ("viz01", "viz02")


def test_a_question_too_deep_to_be_passed_on_is_told(script: Script) -> None:
    deep: list[object] = []
    for _ in range(200_000):
        deep = [deep]
    with pytest.raises(NoAnswer, match="nested too deeply"):
        ask(script("echo viz01"), [], {"deep": deep}, 1.0)
