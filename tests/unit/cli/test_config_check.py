"""``fxtop config check`` and ``fxtop agent config check``: the site's rules in words, and their mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from fxtop.__main__ import main

RULES = """
[[guardrails.rule]]
say = "Professors are asked in person."
verbs = ["terminate"]
users = ["prof-*"]
second_person = true

[[guardrails.rule]]
say = "Never more than three."
cluster = "tset"
cap = 3
"""
CLUSTERS = '[clusters.prod]\nservers = ["nats://127.0.0.1:1"]\n'


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FX_CONFIG_DIR", str(tmp_path / "none"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def test_the_console_explains_its_rules_and_finds_one_for_no_cluster(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.toml"
    config.write_text(CLUSTERS + RULES)
    assert main(["--config", str(config), "config", "check"]) == 0
    said = capsys.readouterr()
    first, second = said.out.splitlines()
    assert first == (
        "1. terminate of users prof-*: a second person within 15 minutes. “Professors are asked in person.” "
        f"({config}, line 4)"
    )
    assert second.startswith("2. everything, cluster tset: at most 3 at once.")
    assert f"Rule 2 ({config}, line 10) is for no cluster that is known here: tset." in said.err


def test_without_rules_it_says_how_to_make_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "config.toml"
    config.write_text(CLUSTERS)
    assert main(["--config", str(config), "config", "check"]) == 0
    assert "[[guardrails.rule]] in the configuration makes one" in capsys.readouterr().err


@pytest.mark.parametrize("command", [("config", "check"), ("config", "show")])
def test_a_mistake_in_a_rule_is_a_sentence_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    config = tmp_path / "config.toml"
    config.write_text(CLUSTERS + RULES.replace('"terminate"', '"teminate"'))
    assert main(["--config", str(config), *command]) == 2
    assert f"{config}, line 6: 'verbs' in [guardrails.rule.1] has 'teminate'" in capsys.readouterr().err


def test_the_agent_explains_the_same_rules_and_what_it_can_not_know(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "agent.toml"
    keys = tmp_path / "keys"
    keys.write_text("")
    config.write_text(f'node = "viz01"\nkeys_file = "{keys}"\n[bus]\nservers = "nats://127.0.0.1:1"\n{RULES}')
    assert main(["--config", str(config), "agent", "config", "check"]) == 0
    said = capsys.readouterr().out
    assert "“Professors are asked in person.”" in said
    assert "It is for another cluster. Only what one request asks of this node is counted here" in said
