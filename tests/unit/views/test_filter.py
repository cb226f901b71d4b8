from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from fxtop.cluster.records import JobRow, Liveness, NodeRow, PoolRow, SeatState, SessionRow
from fxtop.views.filter import FilterError, parse
from fxtop.views.panes import JOBS, LICENSES, NODES, SESSIONS, PaneSpec
from tests.unit.views import make

LOOK = make.LOOK


def lets(pane: PaneSpec, text: str, row: NodeRow | SessionRow | PoolRow | JobRow) -> bool:  # type: ignore[type-arg]  # any pane
    return parse(text, pane.columns, pane.search_text).matches(row, make.store(row), LOOK)


def node(text: str, row: NodeRow | None = None) -> bool:
    return lets(NODES, text, row or make.node("viz01"))


def session(text: str, **fields: object) -> bool:
    return lets(SESSIONS, text, make.session(**fields))  # type: ignore[arg-type]  # fields of the session


def mistake(text: str, pane: PaneSpec = NODES) -> tuple[str, str]:  # type: ignore[type-arg]  # any pane
    """The part of ``text`` that is marked, and the sentence."""
    with pytest.raises(FilterError) as caught:
        parse(text, pane.columns, pane.search_text)
    error = caught.value
    assert error.length > 0
    return text[error.position : error.position + error.length], error.sentence


def test_nothing_lets_everything_through() -> None:
    assert node("")
    assert node("   ")


def test_words_are_looked_for_anywhere_in_the_row_whatever_their_case() -> None:
    assert node("VIZ")
    assert node("mgr1")
    assert not node("viz02")


def test_all_words_must_be_found() -> None:
    assert node("viz01 active")
    assert not node("viz01 draining")


def test_a_colon_asks_whether_the_field_contains_it() -> None:
    assert session("user:an")
    assert not session("user:bob")


def test_an_equals_sign_asks_for_the_whole_field() -> None:
    assert session("user=ANN")
    assert session("user==ann")
    assert not session("user=an")


def test_one_of_several_values_is_enough() -> None:
    assert node("services=launcher")
    assert node("services:lau")
    assert not node("services=laun")


def test_the_same_field_twice_is_enough_once_and_different_fields_must_all_hold() -> None:
    assert session("user=ann user=bob")
    assert session("user=bob user=ann")
    assert not session("user=ann state=ghost")
    assert session("user=ann user=bob state=running")


def test_what_is_excluded_is_excluded_whatever_else_holds() -> None:
    assert not session("user=ann !user:ann")
    assert not session("user=ann user!=ann")
    assert session("user!=bob user!=eve")
    assert not session("user!=bob user!=ann")
    assert not session("!ann")
    assert session("!bob")


def test_two_exclamation_marks_cancel_out() -> None:
    assert session("!!ann")
    assert session("!user!=ann")


@pytest.mark.parametrize("text", ["cpu>40%", "cpu>=42%", "cpu<0.5", "cpu=42%", "cpu!=43%", "cpu:42%"])
def test_shares_are_compared_in_percent_or_as_fractions(text: str) -> None:
    assert node(text)


def test_a_number_is_equal_to_what_is_shown_like_it() -> None:
    row = make.node(cpu=0.4161)
    assert node("cpu=42%", row)
    assert not node("cpu=41%", row)
    assert not node("cpu=0.42", row)


def test_a_share_of_memory_can_be_compared_with_a_size() -> None:
    assert node("mem>7G")
    assert not node("mem>9G")
    assert node("mem<20%")


def test_a_count_can_be_compared_with_a_share_of_its_whole() -> None:
    assert node("sessions=12 capacity=40")
    assert node("sessions>=30%")
    assert not node("sessions>90%")
    assert lets(LICENSES, "inuse>=60%", make.pool())


@pytest.mark.parametrize("text", ["mem>8G", "mem>=8.5GiB", "mem<10g", "mem>9000M", "mem=9G", "mem>8000000000"])
def test_sizes_count_in_1024(text: str) -> None:
    assert session(text, mem=9 * make.GIB)


@pytest.mark.parametrize("text", ["idle>10m", "idle=1h30m", "idle<2h", "idle>=5400", "idle<1d", "idle<1w", "idle=1.5h"])
def test_durations_take_units_or_seconds(text: str) -> None:
    assert session(text, idle=5400.0)


def test_the_age_is_that_of_the_last_word_heard() -> None:
    assert node("age<10s", make.node(age=9))
    assert not node("age<10s", make.node(age=11))


def test_a_filter_on_what_ages_says_so() -> None:
    assert parse("age>10s", NODES.columns).ages
    assert parse("duration<1h", SESSIONS.columns).ages
    assert parse("expires<+30d", LICENSES.columns).ages
    assert not parse("cpu>10% viz", NODES.columns).ages


@pytest.mark.parametrize("text", ["expires<+101d", "expires>+99d", "expires>2026-11-30", "expires=2027-02-26"])
def test_moments_are_compared_with_dates_and_with_times_from_now(text: str) -> None:
    assert lets(LICENSES, text, make.pool())


def test_a_date_is_one_of_the_persons_own_zone() -> None:
    midnight = datetime(2026, 11, 22, tzinfo=UTC).timestamp()
    row = make.pool(expires=midnight - 1800)
    store = make.store(row)
    berlin = parse("expires=2026-11-22", LICENSES.columns, zone=ZoneInfo("Europe/Berlin"))
    assert berlin.matches(row, store, LOOK)
    assert not parse("expires=2026-11-22", LICENSES.columns).matches(row, store, LOOK)


def test_no_expiry_is_known_and_has_a_name() -> None:
    permanent = make.pool(expires=None)
    assert lets(LICENSES, "expires=never", permanent)
    assert lets(LICENSES, "expires:permanent", permanent)
    assert not lets(LICENSES, "expires=unknown", permanent)
    assert not lets(LICENSES, "expires<+30d", permanent)
    assert not lets(LICENSES, "expires=never", make.pool())


@pytest.mark.parametrize("text", ["cpu>0%", "cpu<100%", "cpu=0%", "cpu!=0%", "mem<1T", "age<0s"])
def test_the_unknown_matches_no_comparison(text: str) -> None:
    assert not node(text, make.bare_node())


@pytest.mark.parametrize("text", ["cpu=unknown", "cpu=?", "cpu:unknown", "!cpu>80%", "!cpu!=unknown", "host=unknown"])
def test_the_unknown_is_found_by_name_and_by_what_excludes_others(text: str) -> None:
    assert node(text, make.bare_node())


@pytest.mark.parametrize("text", ["cpu=unknown", "cpu=?", "!cpu!=unknown", "host=?"])
def test_the_known_is_not_unknown(text: str) -> None:
    assert not node(text)


def test_a_state_that_is_called_unknown_is_found_as_that() -> None:
    assert session("state=unknown", state="unknown")
    assert session("seat=unknown", seat=SeatState.UNKNOWN)
    assert not session("seat=unknown", seat=SeatState.MISSING)


def test_the_word_that_is_painted_is_found_as_well_as_the_one_that_was_sent() -> None:
    lost = make.node(liveness=Liveness.LOST, state="draining")
    assert node("state=lost", lost)
    assert node("state=draining", lost)
    assert session('seat="no seat"', seat=SeatState.MISSING)
    assert session("seat=no", seat=SeatState.MISSING)


def test_a_node_is_found_by_its_short_name_too() -> None:
    row = make.node("viz01.example.edu")
    store = make.store(row)
    short = replace(LOOK, domain=".example.edu")
    assert parse("node=viz01", NODES.columns).matches(row, store, short)
    assert parse("node=viz01.example.edu", NODES.columns).matches(row, store, short)


def test_texts_are_compared_as_people_sort() -> None:
    assert node("version<5.0.10")
    assert not node("version>5.0.10")
    assert node("node>viz00 node<viz2")


def test_patterns_look_in_one_field_or_the_whole_row() -> None:
    assert node("~^VIZ0[12]")
    assert not node("~^ctl")
    assert session("app~^fire.*x$", app="Firefox")
    assert not session("!app~fox", app="Firefox")


def test_quotes_keep_spaces_together_and_make_plain_text_of_operators() -> None:
    drained = {"by": "ann", "reason": 'kernel "6.1" a=b', "since": make.NOW}
    row = make.node(state="draining", drain=drained)
    assert node('drain:"kernel \\"6.1\\""', row)
    assert node('"a=b"', row)
    assert not node('"kernel 6.1"', row)


def test_yes_and_no_are_found_by_either_word() -> None:
    row = make.transporter()
    from fxtop.views.panes import TRANSPORTERS

    store = make.store(row)
    for text in ("tls_required=yes", "tls_required=true", "lame_duck=no", "lame_duck!=yes"):
        assert parse(text, TRANSPORTERS.columns).matches(row, store, LOOK), text


def test_fields_may_be_written_in_capitals() -> None:
    assert session("USER=ann")


def test_an_unknown_field_is_marked_and_the_nearest_is_named() -> None:
    assert mistake("viz !usr:ann", SESSIONS) == ("usr", "There is no field usr here; did you mean user?")
    assert mistake("lo>3")[1] == "There is no field lo here; did you mean load1?"
    assert "quotes" in mistake("tls://mgr1")[1]


def test_a_value_that_is_none_is_marked_and_shown_how_to_write() -> None:
    assert mistake("x cpu>high") == ("high", "cpu takes a share, as 80% or 0.8; high is none.")
    assert mistake("age<soon")[1].endswith("as 90s, 10m or 1h30m; soon is none.")
    assert mistake("capacity>10%", NODES)[1] == "capacity takes a number, as 12 or 5k; 10% says something else."
    assert "or a time from now" in mistake("expires<30d", LICENSES)[1]


def test_a_share_that_was_meant_in_percent_is_not_taken_for_eighty_times_all() -> None:
    assert mistake("cpu>80") == ("80", "cpu is a share: write cpu>80% for 80 percent.")


def test_a_quote_that_is_never_closed_is_marked_to_the_end() -> None:
    assert mistake('viz user:"ann b', SESSIONS)[0] == '"ann b'


@pytest.mark.parametrize("text", ["user:", "!", "~", "user!="])
def test_an_operator_without_a_value_is_marked(text: str) -> None:
    marked, sentence = mistake(f"viz {text}", SESSIONS)
    assert marked == text
    assert sentence.startswith("There is nothing after")


def test_a_mistake_in_a_pattern_is_marked_where_it_is() -> None:
    assert mistake("app~fire(fox", SESSIONS) == ("(fox", "This group is never closed.")
    assert mistake("~a**")[0] == "*"


def test_numbers_have_no_patterns() -> None:
    assert mistake("cpu~4.") == (
        "cpu~4.",
        "cpu holds numbers; a pattern finds only text. Use <, > or = with a share, as 80% or 0.8.",
    )


def test_a_filter_is_not_endless() -> None:
    assert mistake("x" * 1001)[0] == "x"
    assert mistake("x " * 51)[0].startswith("x")


def test_jobs_are_found_by_their_progress() -> None:
    assert lets(JOBS, "progress<50% verb=drain", make.job(done=3, total=12))


fragments = st.sampled_from(
    [
        *'!:=<>~"\\%. ()[*',
        "user",
        "cpu",
        "age",
        "mem",
        "state",
        "seat",
        "created",
        "80%",
        "8G",
        "10m",
        "+30d",
        "2026-11-30",
        "unknown",
        "ann",
        "!=",
        "==",
    ]
)
filters = st.lists(fragments, max_size=14).map("".join) | st.text(max_size=40)


@given(filters)
def test_whatever_is_typed_is_a_filter_or_one_placed_mistake(text: str) -> None:
    try:
        found = parse(text, SESSIONS.columns, SESSIONS.search_text)
    except FilterError as error:
        assert error.position >= 0
        assert error.length > 0
        assert error.position + error.length <= len(text)
        assert error.sentence
    else:
        row = make.session(idle=3.0, created=make.NOW - 100)
        assert found.matches(row, make.store(row), LOOK) in (True, False)


@given(filters)
def test_the_text_of_a_filter_reads_back_as_the_same_filter(text: str) -> None:
    try:
        found = parse(text, SESSIONS.columns, SESSIONS.search_text)
    except FilterError:
        return
    assert parse(str(found), SESSIONS.columns, SESSIONS.search_text) == found


def test_filters_are_the_same_wherever_their_terms_stand() -> None:
    found, spaced, other = (parse(text, NODES.columns) for text in ("viz !gpu", "  viz    !gpu", "viz gpu"))
    assert found == spaced
    assert not found != spaced  # noqa: SIM202  # which a struct answers by itself unless told otherwise
    assert hash(found) == hash(spaced)
    assert found != other
