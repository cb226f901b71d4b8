"""Where a user's sessions are, and whether only this host's can be there."""

from __future__ import annotations

from pathlib import Path

import pytest

from fxtop.agent.providers.fastx.accounts import Account, AccountBook, Place, account_of
from fxtop.agent.providers.fastx.places import places_of
from fxtop.config.site.fastx_conf import read_fastx_conf
from fxtop.config.site.mounts import read_mounts
from tests.unit.agent.kit import SetClock

ANN = Account(1000, 1000, "ann", "/home/ann")
MOUNTS = read_mounts("/dev/sda / xfs rw 0 0\nnas:/home /home nfs4 rw 0 0\n/dev/sdb /scratch xfs rw 0 0\n")


def place(text: str, account: Account = ANN) -> Place | None:
    return places_of(lambda: read_fastx_conf(text, Path("FastX.conf")), "viz01", lambda: MOUNTS)(account)


@pytest.mark.parametrize(
    ("text", "path", "own"),
    [
        ("", "/home/ann/.fastx_server/viz01/sessions", True),
        ("HOST=viz01-internal\n", "/home/ann/.fastx_server/viz01-internal/sessions", True),
        ("SessionPath=@HOME@/sessions\n", "/home/ann/sessions", False),
        ("SessionPath=/scratch/@USER@/sessions\n", "/scratch/ann/sessions", True),
        ("SessionPath=@HOME@/viz01\n", "/home/ann/viz01", False),
    ],
)
def test_a_session_path_is_this_hosts_own_by_name_or_by_filesystem(text: str, path: str, own: bool) -> None:
    assert place(text) == Place(path, own)


@pytest.mark.parametrize("text", ["SessionPath=@SCRATCH@/x\n", "SessionPath=relative/@USER@\n"])
def test_a_session_path_that_can_not_be_known_is_in_no_place(text: str) -> None:
    assert place(text) is None


def test_a_user_without_a_home_has_no_session_in_it() -> None:
    assert place("", Account(1000, 1000, "1000", None)) is None


def test_an_unknown_uid_is_named_by_its_number() -> None:
    assert account_of(4_000_000_001) == Account(4_000_000_001, 4_000_000_001, "4000000001", None)
    assert account_of(0).name == "root"


def test_the_name_service_is_asked_once_in_a_while() -> None:
    clock, asked = SetClock(), []

    def lookup(uid: int) -> Account:
        asked.append(uid)
        return Account(uid, uid, "ann", None)

    book = AccountBook(clock, lookup)
    assert book.get(7) == book.get(7)
    assert asked == [7]
    clock.move(601)
    book.get(7)
    assert asked == [7, 7]
