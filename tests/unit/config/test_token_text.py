"""A token is found in a bare file or in an ini of unknown names, or plainly not found."""

from __future__ import annotations

import pytest

from fxtop.config.token_text import find_token


@pytest.mark.parametrize(
    ("text", "token"),
    [
        ("s3cr3t", "s3cr3t"),
        ("  s3cr3t \n\n", "s3cr3t"),
        ("# made by the manager\ns3cr3t\n", "s3cr3t"),
        ("c2VjcmV0Cg==", "c2VjcmV0Cg=="),
        ("a:b:c", "a:b:c"),
        ("ab=cd", "ab=cd"),
        ("token=abc", "abc"),
        ("token = abc=def==", "abc=def=="),
        ("export NATS_TOKEN='abc'", "abc"),
        ('[transporter]\nsecret = "a b c"\n', "a b c"),
        ("[nats]\nserver = mgr1:4222\nTransporterToken: abc\r\n", "abc"),
        ("[x]\npassword=pw\nsecret=sec\ntoken=tok\n", "tok"),
        ("[x]\npassword=pw\nsecret=sec\n", "sec"),
        ("[x]\nuser=me\npassword=pw\n", "pw"),
        ("[secret]\nabc\n", "abc"),
        ("[x]\ntoken=same\n[y]\ntoken=same\n", "same"),
        ("[x]\ntoken=\nsecret=abc\n", "abc"),
        ("[nats]\nurl = nats://abc@mgr1:4222, nats://abc@mgr2:4222\n", "abc"),
        ("nats://a%2Fb@mgr1", "a/b"),
    ],
)
def test_the_token_is_found(text: str, token: str) -> None:
    assert find_token(text) == token


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing", "[section]", "[x]\nhost=a\nport=b\n", "token=\nhost=x"])
def test_a_file_without_a_token_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="holds no token"):
        find_token(text)


@pytest.mark.parametrize("text", ["hush-1\nhush-2\n", "[a]\ntoken=hush-1\n[b]\ntoken=hush-2\n", "[x]\nhush-1\nhush-2"])
def test_a_choice_of_tokens_is_refused_without_quoting_one(text: str) -> None:
    with pytest.raises(ValueError, match="several values") as caught:
        find_token(text)
    assert "hush" not in str(caught.value)


def test_what_cannot_be_typed_is_no_token() -> None:
    with pytest.raises(ValueError, match="control characters"):
        find_token("tok\x1b[31men")
