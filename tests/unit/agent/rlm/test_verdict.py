"""What an answer is worth, in sentences."""

from __future__ import annotations

from pathlib import Path

import pytest

from fxtop.agent.rlm.command import RlmCommand
from fxtop.agent.rlm.parser import parse
from fxtop.agent.rlm.rlmstat import Answer
from fxtop.agent.rlm.verdict import Unanswered, doubts, ending, server_of, working
from fxtop.protocol.ids import LicenseId
from tests.unit.agent.rlm.answers import ERROR, REPRISE, RULE, daemon, head, pool, pools, sample, status, usage, whole

LIC1 = LicenseId("5053@lic1")
ROW = "desktop v5.0: ann@viz01 1/0 at 05/21 09:00  (handle: 1a)"
UNREACHABLE = 'Error connecting to "starnet" server\n\nConnection refused at server (-111)\n'


def told_of(text: str, code: int = 0, server: LicenseId = LIC1) -> str:
    """Why there is no answer."""
    with pytest.raises(Unanswered) as caught:
        server_of(parse(text), Answer(text, code), server)
    return str(caught.value)


def doubted(text: str, code: int = 0, options: tuple[str, ...] = ("-a",)) -> list[str]:
    report, answer = parse(text), Answer(text, code)
    command = RlmCommand(Path("/opt/rlmutil"), LIC1, options)
    return list(doubts(report, server_of(report, answer, LIC1), answer, command))


def works(text: str) -> dict[str, bool]:
    return working(server_of(parse(text), Answer(text, 0), LIC1))


def test_a_server_that_cannot_be_reached_is_told_of_in_rlms_words() -> None:
    assert told_of(sample(ERROR), 1) == (
        '5053@lic1 can\'t be reached (exit code 1): Error connecting to "rlm" server; '
        'Connection attempted to host: "" on port 5053; No error.'
    )


def test_status_that_is_refused_is_told_of_in_rlms_words() -> None:
    assert told_of(head() + "Error: not authorized\n", 1).endswith("(exit code 1): Error: not authorized.")


def test_an_answer_that_is_none_of_rlmstats() -> None:
    assert told_of("rlmutil: libc.so.6: version GLIBC_2.34 not found\n", 1) == (
        "rlmutil's answer is none of rlmstat's (exit code 1): “rlmutil: libc.so.6: version GLIBC_2.34 not found”."
    )


def test_no_answer() -> None:
    assert told_of("", -11) == "rlmutil told nothing of 5053@lic1 (ended by SIGSEGV)."
    assert told_of(head(), 0) == "rlmutil told nothing of 5053@lic1 (exit code 0)."


def test_a_daemon_that_is_down() -> None:
    assert told_of(daemon(up="down")) == "5053@lic1 answered that its daemon isn't up."


def test_text_of_others_does_no_harm_and_has_an_end() -> None:
    sentence = told_of("\x1b[2J" + "x" * 3000)
    assert sentence.isprintable()
    assert len(sentence) < 300


def test_of_several_servers_the_one_that_was_asked_is_taken() -> None:
    text = daemon(host="lic2") + daemon(host="lic1.example.edu", port=5054) + daemon(host="LIC1.example.edu")
    told = server_of(parse(text), Answer(text, 0), LicenseId("5053@lic1.cluster"))
    assert told.daemon is not None
    assert (told.daemon.host, told.daemon.port) == ("LIC1.example.edu", 5053)
    assert "3 licence servers answered, and only one is shown." in doubted(text)


def test_the_only_server_is_taken_whatever_it_calls_itself() -> None:
    text = daemon(host="some-alias", port=1055)
    assert server_of(parse(text), Answer(text, 0), LIC1).daemon is not None


def test_a_whole_answer_leaves_no_doubt() -> None:
    assert doubted(whole()) == []
    assert doubted(whole(inuse=0)) == []


def test_a_filtered_answer_leaves_no_doubt() -> None:
    text = head() + RULE + status("starnet")
    assert doubted(text, options=("-a", "-i", "starnet")) == []
    assert doubted(text) != []


def test_a_failure_after_the_answer_is_told() -> None:
    assert doubted(whole(), 3) == ["rlmutil told this and failed: exit code 3."]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (daemon("starnet 49827 Yes 0"), "pools"),
        (daemon("starnet 49827 Yes 0") + status("starnet"), "pools"),
        (sample(REPRISE), "pools"),
        (whole(inuse=2).partition("starnet license usage")[0], "holders"),
    ],
)
def test_an_answer_that_was_cut_off_is_said_to_be(text: str, what: str) -> None:
    isv = "reprise" if "reprise" in text else "starnet"
    assert doubted(text) == [f"The {what} of the ISV {isv} weren't told: the answer may be cut off."]


def test_lines_that_were_not_understood_are_counted_and_the_first_is_shown() -> None:
    rows = usage("starnet", "desktop v5.0: ann@viz01 queued", "desktop v5.0: bob@viz01 queued")
    assert doubted(whole() + rows) == [
        "2 lines of rlmstat's answer couldn't be understood, first “desktop v5.0: ann@viz01 queued”."
    ]
    assert doubted(whole() + "so what\n")[0].startswith("1 line of rlmstat's answer couldn't be understood")


def test_an_isv_that_is_down_is_down_and_leaves_no_doubt() -> None:
    text = daemon("starnet 49827 No 3", "other 49828 Yes 0") + status("other") + pools("other", pool("x v1"))
    assert works(text) == {"starnet": False, "other": True}
    assert doubted(text) == []


def test_an_isv_that_cannot_be_asked_is_down_whatever_the_table_says() -> None:
    text = daemon("starnet 49827 Yes 3") + UNREACHABLE
    assert works(text) == {"starnet": False}
    assert doubted(text) == [
        'The ISV starnet couldn\'t be asked: Error connecting to "starnet" server; Connection refused at server (-111).'
    ]


def test_an_isv_that_is_passed_over_is_down() -> None:
    text = daemon("starnet 1 Yes 0", "other 2 Yes 0", "last 3 Yes 0") + status("other")
    assert works(text) == {"starnet": False, "other": True, "last": True}


def test_an_isv_that_says_so_itself_is_down() -> None:
    assert works(daemon("starnet 49827 Yes 0") + status("starnet", up="down")) == {"starnet": False}


def test_an_isv_of_a_filtered_answer_works() -> None:
    assert works(head() + status("starnet") + usage("starnet", ROW)) == {"starnet": True}


@pytest.mark.parametrize(
    ("code", "words"), [(0, "exit code 0"), (1, "exit code 1"), (-9, "ended by SIGKILL"), (-99, "ended by signal 99")]
)
def test_endings_in_words(code: int, words: str) -> None:
    assert ending(code) == words
