"""Commands that serve the operator's key or its passphrase."""

from __future__ import annotations

import pytest

from fxtop.config.describe import describe
from fxtop.config.error import ConfigError
from tests.unit.config.conftest import Home

CONFIG = "[operator]\nkey_command = ['vault', 'read', 's3cret']\npassphrase_command = ['pass', 'show', 'fxtop']\n"


def test_commands_are_lists_of_a_program_and_its_arguments(home: Home) -> None:
    assert (home.load().key_command, home.load().passphrase_command) == ((), ())
    home.config(CONFIG)
    settings = home.load()
    assert settings.key_command == ("vault", "read", "s3cret")
    assert settings.passphrase_command == ("pass", "show", "fxtop")
    assert settings.provenance["key_command"].endswith("config.toml, line 2")


def test_only_the_program_is_shown(home: Home) -> None:
    home.config(CONFIG)
    shown = {name: value for name, value, _ in describe(home.load())}
    assert (shown["key_command"], shown["passphrase_command"]) == ("vault", "pass")
    assert not any("s3cret" in value for value in shown.values())


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("key_command = 'vault read'", "has to be a list"), ("key_command = ['']", "has to begin with a program")],
    ids=["text", "no program"],
)
def test_a_command_that_can_not_be_is_a_sentence(home: Home, text: str, sentence: str) -> None:
    home.config(f"[operator]\n{text}\n")
    with pytest.raises(ConfigError, match=sentence):
        home.load()


def test_a_file_that_others_can_write_names_no_program_to_run(home: Home) -> None:
    home.config(CONFIG).chmod(0o620)
    with pytest.raises(ConfigError, match="can be written by others, and says which program to run"):
        home.load()
