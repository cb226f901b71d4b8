"""What syncthing's answers come to (captured from two instances of 1.19.2 that share a folder)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fxtop.agent.collectors.http import Page
from fxtop.agent.collectors.port import CollectError
from fxtop.agent.syncthing.answers import Folder
from fxtop.agent.syncthing.telling import Told, folders_of, tell

SAMPLES = Path(__file__).parent / "samples"
VAR = PurePosixPath("/var/fastx")


def pages(name: str, **bodies: Any) -> dict[str, Page]:
    """Captured answers, some of them with another body."""
    found = {}
    for path, page in json.loads((SAMPLES / f"{name}.json").read_text()).items():
        body = page["body"] if isinstance(page["body"], str) else json.dumps(page["body"])
        found[path] = Page(page["status"], body.encode())
    for start, body in bodies.items():
        found[_path(found, start)] = body if isinstance(body, Page) else Page(200, json.dumps(body).encode())
    return found


def _path(known: dict[str, Page], word: str) -> str:
    return next(path for path in known if path.replace("/", "_").partition("?")[0].endswith(word))


def told(name: str, **bodies: Any) -> Told:
    answers = pages(name, **bodies)
    return tell(answers, folders_of(answers, VAR))


def test_two_managers_in_sync_are_told_as_such() -> None:
    reading = told("in-sync")
    (peer,) = reading.peers
    assert (peer.name, peer.connected, peer.completion) == ("mgr2", True, 1.0)
    assert peer.last_seen == datetime(2026, 11, 22, 17, 52, 26, tzinfo=UTC).timestamp()
    assert (reading.need_bytes, reading.errors, reading.state, reading.notes) == (0, 0, "idle", ())


def test_a_manager_that_is_away_is_told_with_what_it_lacks_and_when_it_was_seen() -> None:
    (peer,) = told("peer-away").peers
    assert not peer.connected
    assert peer.completion == pytest.approx(0.895, abs=0.001)
    assert peer.last_seen is not None


def test_a_manager_that_never_came_was_never_seen() -> None:
    (peer,) = told("never-connected").peers
    assert (peer.connected, peer.last_seen) == (False, None)


def test_a_folder_that_syncthing_stopped_says_why() -> None:
    reading = told("marker-missing")
    assert reading.state == "error"
    assert reading.notes[0].startswith("syncthing stopped sharing FastX: folder marker missing")


def test_the_zeros_of_a_paused_folder_are_taken_for_nothing() -> None:
    reading = told("folder-paused")
    assert (reading.state, reading.need_bytes, reading.errors) == ("paused", None, None)
    assert [peer.completion for peer in reading.peers] == [None]


def test_files_that_fail_are_counted_and_some_are_named() -> None:
    errors = {"errors": [{"path": f"users/u{number}", "error": "permission denied"} for number in range(5)]}
    reading = told("in-sync", folder_errors=errors)
    assert reading.errors == 5
    assert reading.examples == tuple(f"users/u{number}: permission denied" for number in range(3))


@pytest.mark.parametrize("what", ["db_status", "folder_errors", "db_completion", "stats_device", "config_devices"])
def test_an_answer_that_fails_is_a_note_and_no_zero(what: str) -> None:
    reading = told("in-sync", **{what: Page(500, b"no")})
    assert len(reading.notes) == 1
    assert "status 500" in reading.notes[0]
    (peer,) = reading.peers
    assert reading.need_bytes == (None if what == "db_status" else 0)
    assert reading.errors == (None if what == "folder_errors" else 0)
    assert peer.completion == (None if what == "db_completion" else 1.0)
    assert (peer.last_seen is None) == (what == "stats_device")
    assert (peer.name == "mgr2") == (what != "config_devices")


def test_without_the_connections_no_peer_is_called_away() -> None:
    reading = told("in-sync", system_connections=Page(500, b""))
    assert reading.peers == ()
    assert reading.notes


def test_a_key_that_is_refused_is_said_in_words() -> None:
    with pytest.raises(CollectError, match="doesn't take the API key"):
        folders_of(pages("in-sync", system_status=Page(403, b"CSRF Error\n")), VAR)


def shared(*paths: str) -> dict[str, Page]:
    folders = [{"id": path, "path": path, "devices": []} for path in paths]
    return pages("in-sync", config_folders=folders)


@pytest.mark.parametrize(
    ("paths", "chosen"),
    [
        (("/", "/var", "/home"), ["/var"]),
        (("/var/fastx", "/var/fastx/users"), ["/var/fastx"]),
        (("/var/fastx/users", "/var/fastx/public_keys", "/srv"), ["/var/fastx/users", "/var/fastx/public_keys"]),
        (("/var/fast", "/var/fastx"), ["/var/fastx"]),
    ],
    ids=["nearest-above", "itself", "parts", "no-mere-prefix"],
)
def test_the_folder_that_holds_the_data_is_found(paths: tuple[str, ...], chosen: list[str]) -> None:
    assert [folder.id for folder in folders_of(shared(*paths), VAR)] == chosen


def test_a_folder_in_the_home_of_who_runs_syncthing_is_found() -> None:
    assert folders_of(shared("~/data"), PurePosixPath("/root/data/fastx"))


def test_data_that_syncthing_does_not_share_is_said_in_words() -> None:
    with pytest.raises(CollectError, match="No folder of syncthing holds /var/fastx"):
        folders_of(shared("/srv"), VAR)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
BODIES = st.binary() | JSON.map(lambda value: json.dumps(value).encode())
ANY = st.builds(Page, st.sampled_from([200, 404, 500]), BODIES)


@given(st.dictionaries(st.sampled_from(sorted(pages("in-sync"))), ANY))
def test_whatever_syncthing_says_is_a_reading_or_an_error_in_words(odd: dict[str, Page]) -> None:
    answers = pages("in-sync") | odd
    known = folders_of(pages("in-sync"), VAR)
    try:
        folders = folders_of(answers, VAR)
    except CollectError:
        folders = known
    reading = tell(answers, folders)
    assert reading.need_bytes is None or reading.need_bytes >= 0
    assert all(peer.completion is None or 0 <= peer.completion <= 1 for peer in reading.peers)


def test_nothing_asked_is_nothing_told() -> None:
    reading = tell({}, [Folder(id="x", path="/var/fastx")])
    assert (reading.peers, reading.need_bytes, reading.errors, reading.state) == ((), None, None, "unknown")
    assert reading.notes
