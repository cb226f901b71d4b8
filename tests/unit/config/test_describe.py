"""``fxtop config show``: every value with its source, and never a secret."""

from __future__ import annotations

from fxtop.config.describe import describe
from tests.unit.config.conftest import Home


def test_each_value_stands_beside_its_source(home: Home) -> None:
    path = home.config("[clusters.prod]\nservers = ['tls://a', 'b']\n[control]\narm_minutes = 2.5\n")
    lines = {name: (value, source) for name, value, source in describe(home.load(ascii=True))}
    assert lines["cluster"] == ("prod", f"the only one in {path}")
    assert lines["servers"] == ("tls://a:4222, nats://b:4222", f"{path}, line 2")
    assert lines["tls"] == ("yes", f"{path}, line 2")
    assert lines["arm_minutes"] == ("2.5", f"{path}, line 4")
    assert lines["ascii"] == ("yes", "--ascii")
    assert lines["read_only"] == ("no", "default")
    assert lines["ca"] == ("not set", "not set")


def test_a_secret_is_said_to_be_set_and_where_it_is_kept(home: Home) -> None:
    token = home.write("tok", "hush-hush")
    lines = {name: (value, source) for name, value, source in describe(home.load(token_file=str(token)))}
    assert lines["token"] == (f"set, from {token}", "--token-file")


def test_no_secret_is_shown_wherever_it_comes_from(home: Home) -> None:
    home.config("[clusters.a]\nservers = ['nats://me:hush-hush@h']\n")
    home.context("gate", '{"url": "nats://hush-hush@h", "user": "me", "password": "hush-hush"}')
    home.write("fastx/transporter-secret.ini", "token=hush-hush\n")
    for settings in (
        home.load(),
        home.load(context="gate"),
        home.load(switch_to="a"),
        home.load(server=["nats://hush-hush@x"]),
    ):
        assert "hush" not in str(describe(settings))
        assert "hush" not in repr(settings)


def test_keys_are_shown_one_by_one(home: Home) -> None:
    path = home.config('[keys]\n"node.drain" = "D"\n')
    assert ("keys.node.drain", "D", f"{path}, line 1") in describe(home.load())
