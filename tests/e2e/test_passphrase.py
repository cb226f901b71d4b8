"""A passphrase is typed on the terminal, and is never seen there."""

from __future__ import annotations

from pathlib import Path

from fxtop.actions.keys import is_sealed
from tests.ptykit import ENTER, Terminal


async def test_a_sealed_key_is_made_without_showing_the_passphrase(tmp_path: Path) -> None:
    file = tmp_path / "op.nk"
    async with Terminal(tmp_path, 120, 24) as terminal:
        await terminal.run("keys", "new", str(file), "--seal")
        await terminal.shows("Passphrase of")
        terminal.type(f"correct horse{ENTER}")
        await terminal.shows("once more")
        terminal.type(f"correct horse{ENTER}")
        assert await terminal.ended() == 0
        assert "correct" not in "".join(terminal.tokens)
    assert is_sealed(file)


async def test_two_passphrases_that_differ_make_no_key(tmp_path: Path) -> None:
    file = tmp_path / "op.nk"
    async with Terminal(tmp_path, 120, 24) as terminal:
        await terminal.run("keys", "new", str(file), "--seal")
        await terminal.shows("Passphrase of")
        terminal.type(f"correct horse{ENTER}")
        await terminal.shows("once more")
        terminal.type(f"battery staple{ENTER}")
        assert await terminal.ended() == 2
        await terminal.shows("The two passphrases differ")
    assert not file.exists()
