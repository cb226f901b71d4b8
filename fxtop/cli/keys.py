"""``fxtop keys new|show|check|trust|revoke``: the key that signs your requests, and the keys that an agent goes by."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from fxtop.actions.keyring import Keyring
from fxtop.actions.keys import KeyFileError, create, is_sealed, public_key
from fxtop.actions.passphrase import NobodyToAsk, by_command, on_terminal
from fxtop.actions.secret_command import SecretCommandError
from fxtop.agent.listing_keys import revoke_key, trust_key
from fxtop.agent.roles import Role
from fxtop.agent.run.settings import FILE, KEYS_FILE, listed_in
from fxtop.agent.trust import Trust, TrustError
from fxtop.cli.exits import Exit, Usage
from fxtop.cli.flags import settings_flags
from fxtop.cli.output import TableColumn, print_table, say, write
from fxtop.config.load import load as load_settings
from fxtop.config.settings import Settings
from fxtop.protocol.ids import PublicKey
from fxtop.protocol.signing import key_bytes

_WHAT: Final = {
    "new": ("new [FILE] [--seal]", "make a key"),
    "show": ("show [FILE]", "print its public part"),
    "check": ("check [FILE]", "say whether it, and the list of keys on this host, can be used"),
    "trust": ("trust KEY ROLE [NAME]", "list a key on this host's agent"),
    "revoke": ("revoke KEY", "list it no longer"),
}
"""How each is written, and what it does."""


class _List(NamedTuple):
    """An agent's list of keys, and the roles that it may name."""

    path: Path
    roles: dict[str, Role]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's own arguments."""
    listing = "; ".join(f"{form}: {text}" for form, text in _WHAT.values())
    parser.add_argument("what", choices=tuple(_WHAT), help=listing)
    parser.add_argument("words", nargs="*", metavar="...", help="as above; FILE is by default key_file's")
    parser.add_argument("--seal", action="store_true", help="of new: protect the key with a passphrase, which is asked")
    parser.add_argument("--agent", type=Path, metavar="FILE", help=f"the agent's own file, by default {FILE}")
    parser.add_argument("--list", type=Path, metavar="FILE", help=f"the list, by default the agent's: {KEYS_FILE}")


def run(args: argparse.Namespace) -> int:
    """Do it. Nothing that is printed is a secret: a key's private part stays in its file."""
    match args.what, args.words:
        case "trust", [key, role, *name]:
            return _trust(_list(args), _public(key), role, " ".join(name))
        case "revoke", [key]:
            return _revoke(_list(args), _public(key))
        case "new" | "show" | "check", [] | [_]:
            return _own(args)
    raise Usage(f"Say `fxtop keys {_WHAT[args.what][0]}`.")


def _own(args: argparse.Namespace) -> int:
    settings = load_settings(settings_flags(args), os.environ)
    file = Path(args.words[0]) if args.words else settings.key_file
    if args.what == "check":
        return _check(args, settings, file)
    if args.what == "new":
        key = create(file, _new_passphrase(file, settings) if args.seal else None).public_key
        say(f"Made the key {file}. Have its public part, printed here, listed on the agents: fxtop keys trust KEY ROLE")
    elif settings.key_command and not args.words:
        signer = Keyring().signer(settings)
        if signer is None:
            raise KeyFileError("A key that a command serves isn't fetched where nothing may be sent (read_only).")
        key = signer.public_key
    else:
        key = public_key(file)
    write(f"{key}\n")
    return Exit.DONE


def _new_passphrase(file: Path, settings: Settings) -> bytes:
    """Asked twice where a person is asked, so that a slip of the finger locks nobody out."""
    try:
        if settings.passphrase_command:
            return by_command(settings.passphrase_command)(str(file))
        first = on_terminal(str(file))
        if on_terminal(f"{file}, once more") != first:
            raise KeyFileError("The two passphrases differ, so no key was made.")
    except (NobodyToAsk, SecretCommandError) as error:
        raise KeyFileError(str(error)) from None
    return first


def _trust(listed: _List, key: PublicKey, role: str, name: str) -> int:
    before = trust_key(listed.path, key, role, name, listed.roles)
    was = f"; it was {before} before" if before is not None and before.name != role else ""
    say(f"{listed.path} lists the key as {role}{was}. A running agent goes by that from now on.")
    return Exit.DONE


def _revoke(listed: _List, key: PublicKey) -> int:
    remark = f"revoked {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    role = revoke_key(listed.path, key, remark, listed.roles)
    say(f"{listed.path} no longer lists the key, which was {role}. A running agent refuses it from now on.")
    say("Do the same on every other node: each agent goes by its own list.")
    return Exit.DONE


def _check(args: argparse.Namespace, settings: Settings, file: Path) -> int:
    lines = [*_check_own(settings, file), *_check_list(args)]
    print_table([*map(TableColumn, ("what", "state", "detail"))], lines)
    return Exit.FAILED if any(state == "bad" for _, state, _ in lines) else Exit.DONE


def _check_own(settings: Settings, file: Path) -> Iterator[tuple[str, str, str]]:
    if settings.key_command:
        yield "your key", "ok", f"served by the key_command ({settings.key_command[0]}), which was not run"
        return
    try:
        sealed = "sealed with a passphrase" if is_sealed(file) else "not sealed: whoever reads the file can use it"
        yield "your key", "ok", f"{file}, {public_key(file)}, {sealed}"
    except KeyFileError as error:
        yield "your key", "bad" if file.exists() else "none", str(error)


def _check_list(args: argparse.Namespace) -> Iterator[tuple[str, str, str]]:
    """Only where this host has such a list, or one was named."""
    path, roles = _list(args)
    if not path.exists() and args.list is None:
        return
    try:
        trust = Trust.load(path, roles)
    except TrustError as error:
        yield "list of keys", "bad", str(error)
        return
    yield "list of keys", "ok", f"{path}, {len(trust.keys)} keys"
    for key, role in trust.keys.items():
        yield f"  {role}", "ok", key


def _list(args: argparse.Namespace) -> _List:
    path, roles = listed_in(args.agent)
    return _List(args.list or path, roles)


def _public(text: str) -> PublicKey:
    try:
        key_bytes(text)
    except ValueError as error:
        raise Usage(f"'{text[:60]}' can't be listed: {error}.") from None
    return PublicKey(text)
