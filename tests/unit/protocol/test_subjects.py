"""Subjects: one id, one token, and nothing lost on the way (protocol 1)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fxtop.protocol import decode, subjects
from fxtop.protocol.decode import TYPES
from tests.unit.protocol.examples import EXAMPLES

CLUSTER = subjects.DEFAULT_CLUSTER
IDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)


def test_a_host_name_is_one_token() -> None:
    assert subjects.token("viz07.example.edu") == "viz07%2Eexample%2Eedu"
    assert subjects.build(CLUSTER, "hb.node", "viz07.example.edu") == "fxtop.fastx.hb.node.viz07%2Eexample%2Eedu"


def test_each_byte_is_encoded_by_itself_in_upper_case() -> None:
    assert subjects.token("5053@lic.é") == "5053%40lic%2E%C3%A9"
    assert subjects.token("A-z_0 %*>") == "A-z_0%20%25%2A%3E"


@settings(deadline=None)
@given(IDS)
def test_a_token_holds_nothing_that_nats_or_a_shell_would_read(value: str) -> None:
    assert re.fullmatch(r"(?:[A-Za-z0-9_-]|%[0-9A-F]{2})+", subjects.token(value))


@settings(deadline=None)
@given(st.sampled_from(sorted(TYPES)), st.lists(IDS, min_size=2, max_size=2))
def test_what_is_built_is_read_back(kind: str, ids: list[str]) -> None:
    wanted = next(n for n in (0, 1, 2) if subjects.parse(subjects.build(CLUSTER, kind, *ids[:n])))
    assert subjects.parse(subjects.build(CLUSTER, kind, *ids[:wanted])) == (CLUSTER, kind, tuple(ids[:wanted]))


@settings(deadline=None)
@given(IDS, IDS)
def test_two_ids_never_share_a_token(one: str, other: str) -> None:
    assert (one == other) == (subjects.token(one) == subjects.token(other))


@settings(deadline=None)
@given(st.text(max_size=60) | st.lists(st.sampled_from(["fxtop", "c", "hb", "node", "%", "%C3", "x"])).map(".".join))
def test_any_subject_is_read_or_refused(subject: str) -> None:
    parsed = subjects.parse(subject)
    assert parsed is None or (parsed.kind in TYPES and all(parsed.ids))


@pytest.mark.parametrize(
    "subject",
    [
        "",
        "fxtop",
        "fxtop.fastx",
        "fxtop.fastx.hb.node",  # no id
        "fxtop.fastx.hb.node.",  # an empty id
        "fxtop.fastx.hb.node.viz07.example.edu",  # dots not encoded
        "fxtop.fastx.hb.rack.r1",  # no such class
        "fxtop.fastx.session.n1",  # a session without its own id
        "fxtop.fastx.sync.now",
        "fxtop.Fast X.sync",  # no slug
        "fxtop..sync",
        "MOL.HEARTBEAT.x",
        "fxtop.fastx.hb.node.%C3",  # half a character
    ],
)
def test_what_is_not_of_the_protocol_has_no_parts(subject: str) -> None:
    assert subjects.parse(subject) is None


@pytest.mark.parametrize("name", ["fastx", "a", "0-9", "x" * 32, "prod-2"])
def test_a_slug_stays_as_it_is(name: str) -> None:
    assert subjects.cluster_slug(name) == name


@pytest.mark.parametrize("name", ["", "-a", "Prod", "a.b", "a_b", "x" * 33, "a\n", "prod*", "ü"])
def test_what_cannot_be_a_slug_is_refused_in_words(name: str) -> None:
    with pytest.raises(ValueError, match="can't be a cluster's name"):
        subjects.cluster_slug(name)


def test_a_wildcard_covers_the_class_and_only_it() -> None:
    assert subjects.wildcard(CLUSTER, "session") == "fxtop.fastx.session.>"


PARTS = st.sampled_from(["fxtop", "fastx", "other", "hb", "ctl", "node", "session", "sync", "", "%41", "%FF", "viz01"])


@settings(deadline=None)
@given(st.lists(PARTS, max_size=7).map(".".join), st.sampled_from([None, "fastx"]))
def test_a_remembered_class_of_subject_is_read_as_one_that_is_taken_apart(subject: str, cluster: str | None) -> None:
    for kind in TYPES:
        decode._route(subjects.build(CLUSTER, kind, *EXAMPLES[kind][0]), cluster)
    parsed = subjects.parse(subject)
    if parsed is not None and cluster not in (None, parsed.cluster):
        parsed = None
    try:
        class_, ids, own = decode._route(subject, cluster)
    except decode.Rejected as rejected:
        assert (rejected.reason, parsed) == ("subject", None)
    else:
        assert (class_.cluster, class_.kind, ids) == parsed
        assert own == (ids[0] if len(ids) == 1 else ids)


def test_invented_clusters_are_not_remembered_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode, "HEADS_REMEMBERED", len(decode._classes_of_one))
    for number in range(10):
        assert decode._route(f"fxtop.c{number}.hb.node.viz01", None)[0].cluster == f"c{number}"
    assert "fxtop.c9.hb.node" not in decode._classes_of_one
