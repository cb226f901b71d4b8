"""The operator's key, wherever the settings say that it is, opened once for a whole run.

What reads and opens keys is imported when there is one: it takes long to load, and many who look have none.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from pathlib import Path
from typing import TYPE_CHECKING

from fxtop.actions.errors import KeyFileError
from fxtop.actions.passphrase import NobodyToAsk, by_command, on_terminal, refused
from fxtop.actions.secret_command import SecretCommandError, secret_of
from fxtop.config.settings import Settings

if TYPE_CHECKING:
    from fxtop.actions.sealed_key import Ask
    from fxtop.protocol.signing import Signer


class Keyring:
    """The keys that were opened in one run, so that going to another cluster asks for no passphrase again.

    Args:
        ask: asks the person, where a key is sealed and the settings name no command that knows the passphrase.
    """

    def __init__(self, ask: Ask = on_terminal) -> None:
        self._ask = ask
        self._opened: dict[Hashable, Signer] = {}

    def never_ask(self) -> None:
        """From now on the screen is taken: what would need a question is an error."""
        self._ask = refused

    def signer(self, settings: Settings) -> Signer | None:
        """The key of ``settings``; None where there is none, or where it would have to be asked for to no purpose.

        Raises:
            KeyFileError: there is one, and it can't be used.
        """
        if settings.key_command:
            return None if settings.read_only else self._once(settings.key_command, lambda: _commanded(settings))
        path = settings.key_file
        if not path.exists():
            return None
        from fxtop.actions import keys  # noqa: PLC0415  # as the module says

        if not keys.is_sealed(path):
            return keys.load(path)
        return None if settings.read_only else self._once(_version(path), lambda: self._unsealed(settings))

    def _once(self, what: Hashable, open_: Callable[[], Signer]) -> Signer:
        if what not in self._opened:
            self._opened[what] = open_()
        return self._opened[what]

    def _unsealed(self, settings: Settings) -> Signer:
        from fxtop.actions import keys  # noqa: PLC0415  # as the module says

        ask = by_command(settings.passphrase_command) if settings.passphrase_command else self._ask
        try:
            return keys.load(settings.key_file, ask)
        except (NobodyToAsk, SecretCommandError) as error:
            raise KeyFileError(str(error)) from None


def _commanded(settings: Settings) -> Signer:
    from fxtop.actions import keys  # noqa: PLC0415  # as the module says

    try:
        said = secret_of(settings.key_command, "key_command")
    except SecretCommandError as error:
        raise KeyFileError(str(error)) from None
    return keys.read(said, f"The output of the key_command ({settings.key_command[0]})")


def _version(path: Path) -> Hashable:
    """The file as it is now: another one under its name is opened anew."""
    status = path.stat()
    return path, status.st_ino, status.st_mtime_ns
