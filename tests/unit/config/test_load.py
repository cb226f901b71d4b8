"""Each setting comes from the first place that gives it, and says which that was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fxtop.config.error import ConfigError
from fxtop.config.settings import Settings
from tests.unit.config.conftest import Home

TWO = """\
cluster = "prod"
[clusters.prod]
slug = "fastx"
servers = ["tls://prod:4222"]
token_file = "prod.token"
server_name = "prod-name"
badge = "PROD"
color = "red"
[clusters.lab]
servers = ["nats://lab:4222"]
token_file = "lab.token"
[ui]
theme = "light"
"""


def token(settings: Settings) -> str:
    assert settings.token is not None
    return settings.token.read()


def wrong(home: Home, env: dict[str, str] | None = None, switch_to: str | None = None, **flags: object) -> str:
    with pytest.raises(ConfigError) as caught:
        home.load(env, switch_to, **flags)
    return str(caught.value)


@pytest.fixture
def two(home: Home) -> Home:
    home.config(TWO)
    home.write("config/fxtop/prod.token", "prod-hush")
    home.write("config/fxtop/lab.token", "lab-hush")
    return home


def test_with_nothing_configured_there_are_defaults(home: Home) -> None:
    settings = home.load()
    assert settings.servers == ("nats://127.0.0.1:4222",)
    assert settings.provenance["servers"] == "default"
    assert (settings.cluster, settings.slug, settings.clusters) == ("fastx", "fastx", ())
    assert (settings.token, settings.tls, settings.read_only, settings.config_file) == (None, False, False, None)
    assert (settings.arm_minutes, settings.bulk, settings.rate, settings.tz) == (10.0, 10, 2.0, "local")
    assert settings.key_file == home.path / "config/fxtop/operator.nk"
    assert settings.log_file == home.path / "state/fxtop/fxtop.log"
    assert settings.journal == home.path / "state/fxtop/journal.jsonl"
    assert (settings.journal_mib, settings.journal_keep) == (4.0, 50)
    assert settings.notices == ()


def test_fastxs_own_bus_is_left_alone_unless_a_cluster_says_otherwise(home: Home) -> None:
    assert (home.load().moleculer, home.load().moleculer_discover) == (False, False)
    path = home.config("[clusters.a]\nmoleculer = true\n[clusters.b]\nmoleculer = true\nmoleculer_discover = true\n")
    listening = home.load(cluster="a")
    assert (listening.moleculer, listening.moleculer_discover) == (True, False)
    assert listening.provenance["moleculer"] == f"{path}, line 2"
    assert home.load(cluster="b").moleculer_discover
    assert home.load(cluster="a", moleculer_discover=True).provenance["moleculer_discover"] == "--moleculer-discover"
    assert not home.load(env={"FXTOP_MOLECULER": "no"}, cluster="a").moleculer


def test_a_cluster_names_the_subjects_that_answers_come_on(home: Home) -> None:
    home.config("[clusters.a]\ninbox_prefix = '_INBOX_viewer'\n")
    assert home.load().inbox_prefix == "_INBOX_viewer"


@pytest.mark.parametrize("prefix", ["_INBOX.>", "*", "a b", "a..b", ".a", "a."])
def test_a_prefix_that_can_begin_no_subject_is_a_mistake(home: Home, prefix: str) -> None:
    home.config(f"[clusters.a]\ninbox_prefix = '{prefix}'\n")
    assert "inbox_prefix" in wrong(home)


def test_every_setting_has_a_source(two: Home) -> None:
    settings = two.load()
    unsourced = {"clusters", "provenance", "notices"}
    assert set(settings.provenance) == {*settings.__struct_fields__, "tls"} - unsourced


def test_flags_count_before_variables_before_the_file_before_fastx(two: Home) -> None:
    two.write("fastx/transporter-secret.ini", "token=fastx-hush\nurl=nats://fastx\n")
    env = {"FXTOP_SERVER": "tls://env", "FXTOP_THEME": "mono", "FXTOP_TZ": "UTC"}
    settings = two.load(env=env, server=["tls://flag1,tls://flag2", "flag3"], tz="Europe/Berlin")
    assert settings.servers == ("tls://flag1:4222", "tls://flag2:4222", "nats://flag3:4222")
    assert (settings.tz, settings.theme, token(settings)) == ("Europe/Berlin", "mono", "prod-hush")
    assert {name: settings.provenance[name] for name in ("servers", "tz", "theme", "token")} == {
        "servers": "--server",
        "tz": "--tz",
        "theme": "FXTOP_THEME",
        "token": f"{two.path}/config/fxtop/config.toml, line 5",
    }


def test_fastxs_files_are_asked_last(home: Home) -> None:
    path = home.write("fastx/transporter-secret.ini", "token=fastx-hush\nurl=nats://fastx\n")
    settings = home.load()
    assert (settings.servers, token(settings)) == (("nats://fastx:4222",), "fastx-hush")
    assert settings.provenance["servers"] == settings.provenance["token"] == str(path)


@pytest.mark.parametrize(
    ("flags", "env", "asked"),
    [
        ({"server": ["a"]}, {}, False),
        ({"server": ["a,tls://b"]}, {}, True),
        ({"server": ["a"], "ca": "/ca.pem"}, {}, True),
        ({"server": ["a"]}, {"FXTOP_SERVER_NAME": "x"}, True),
    ],
)
def test_tls_is_asked_for_by_url_ca_or_name(
    home: Home, flags: dict[str, Any], env: dict[str, str], asked: bool
) -> None:
    assert home.load(env=env, **flags).tls is asked


def test_empty_variables_say_nothing(home: Home) -> None:
    env = {"FXTOP_SERVER": "", "FXTOP_READ_ONLY": " ", "FXTOP_TZ": "", "FXTOP_CONFIG": "", "FXTOP_CLUSTER": ""}
    assert home.load(env=env).provenance["servers"] == "default"


@pytest.mark.parametrize(("word", "meaning"), [("1", True), ("YES", True), ("on", True), ("0", False), ("no", False)])
def test_switches_are_said_in_words(home: Home, word: str, meaning: bool) -> None:
    assert home.load(env={"FXTOP_READ_ONLY": word}).read_only is meaning


def test_a_switch_that_was_given_is_on(home: Home) -> None:
    settings = home.load(read_only=True, ascii=True)
    assert (settings.read_only, settings.ascii) == (True, True)
    assert settings.provenance["read_only"] == "--read-only"


def test_a_login_in_a_flag_is_no_value_of_the_settings(home: Home) -> None:
    settings = home.load(server=["tls://me:hush@a"])
    assert settings.servers == ("tls://a:4222",)
    assert settings.password is not None
    assert settings.password.read() == "hush"
    assert "hush" not in repr(settings)


def test_a_login_is_taken_from_one_place_as_a_whole(two: Home) -> None:
    settings = two.load(server=["tls://me:hush@a"])
    assert settings.token is None
    named = two.load(server=["tls://me:hush@a"], token_file=str(two.path / "config/fxtop/lab.token"))
    assert (named.user, token(named)) == (None, "lab-hush")


def test_the_configuration_may_be_named(home: Home) -> None:
    path = home.write("other.toml", "[ui]\ntheme = 'mono'\n")
    assert home.load(config=str(path)).theme == "mono"
    by_variable = home.load(env={"FXTOP_CONFIG": str(path)})
    assert (by_variable.config_file, by_variable.provenance["config_file"]) == (path, "FXTOP_CONFIG")
    assert "isn't there" in wrong(home, config=str(home.path / "absent.toml"))


def test_the_usual_configuration_is_read_where_there_is_one(two: Home) -> None:
    settings = two.load()
    assert settings.config_file == two.path / "config/fxtop/config.toml"
    assert settings.provenance["config_file"] == "default"


class TestWhichCluster:
    def test_the_configurations_own_choice(self, two: Home) -> None:
        settings = two.load()
        assert (settings.cluster, settings.slug, settings.badge, settings.color) == ("prod", "fastx", "PROD", "red")
        assert settings.clusters == ("prod", "lab")

    def test_a_flag_before_a_variable_before_the_configuration(self, two: Home) -> None:
        settings = two.load({"FXTOP_CLUSTER": "lab"})
        assert (settings.cluster, settings.provenance["cluster"]) == ("lab", "FXTOP_CLUSTER")
        settings = two.load({"FXTOP_CLUSTER": "lab"}, cluster="prod")
        assert (settings.cluster, settings.provenance["cluster"]) == ("prod", "--cluster")

    def test_the_only_one(self, home: Home) -> None:
        home.config("[clusters.lab]\nservers = ['nats://lab']\n")
        assert home.load().servers == ("nats://lab:4222",)

    def test_several_and_none_named(self, home: Home) -> None:
        home.config("[clusters.a]\n[clusters.b]\n")
        sentence = wrong(home)
        assert "several clusters (a, b)" in sentence
        assert "--cluster" in sentence
        assert home.load(server=["x"]).cluster == "fastx"

    def test_a_name_that_is_no_table_is_taken_as_the_slug(self, two: Home) -> None:
        settings = two.load(cluster="prdo")
        assert (settings.cluster, settings.slug, settings.servers) == ("prdo", "prdo", ("nats://127.0.0.1:4222",))
        assert len(settings.notices) == 1
        assert "has no cluster 'prdo' (there are prod, lab)" in settings.notices[0]

    def test_a_name_that_can_be_nothing(self, two: Home) -> None:
        sentence = wrong(two, cluster="No\x1b Such")
        assert sentence == "There is no cluster 'No· Such' (--cluster): there are prod, lab."

    def test_a_table_whose_name_is_no_slug_needs_one(self, home: Home) -> None:
        home.config('[clusters."Test Lab"]\n')
        assert 'Write `slug = "…"` under [clusters.Test Lab].' in wrong(home)
        home.config('[clusters."Test Lab"]\nslug = "lab"\n')
        assert (home.load().cluster, home.load().slug) == ("Test Lab", "lab")
        home.config('[clusters."Test Lab"]\nslug = "La b"\n')
        assert "'La b' can't be a cluster's name" in wrong(home)


class TestSwitchingCluster:
    def test_what_was_said_of_the_first_ones_connection_is_left_out(self, two: Home) -> None:
        env = {"FXTOP_CA": "/ca.pem", "FXTOP_CLUSTER": "prod", "FXTOP_TZ": "UTC"}
        settings = two.load(env, "lab", server=["tls://me:hush@prod2"], context="absent", read_only=True)
        assert (settings.cluster, settings.servers, token(settings)) == ("lab", ("nats://lab:4222",), "lab-hush")
        assert (settings.ca, settings.tls, settings.user) == (None, False, None)
        assert (settings.tz, settings.read_only) == ("UTC", True)

    def test_an_unknown_one_lists_the_known_ones(self, two: Home, home: Home) -> None:
        assert wrong(two, switch_to="x") == "There is no cluster 'x' in the configuration: there are prod, lab."
        (home.path / "config/fxtop/config.toml").unlink()
        assert "none is configured" in wrong(home, switch_to="x")


class TestContexts:
    @pytest.fixture
    def with_context(self, two: Home) -> Home:
        two.context("gate", '{"url": "tls://gate:4223", "user": "ann", "password": "gate-hush"}')
        two.write("fastx/transporter-secret.ini", "token=fastx-hush\n")
        return two

    def test_one_named_by_a_flag_is_whole(self, with_context: Home) -> None:
        """No token of a cluster's table goes to the context's servers."""
        settings = with_context.load(context="gate")
        assert settings.servers == ("tls://gate:4223",)
        assert (settings.token, settings.server_name) == (None, None)
        assert settings.password is not None
        assert settings.password.read() == "gate-hush"
        assert (settings.cluster, settings.badge) == ("fastx", None)
        assert settings.provenance["servers"] == f"NATS context {with_context.path}/config/nats/context/gate.json"
        assert settings.theme == "light"

    def test_flags_beside_it_count_before_it(self, with_context: Home) -> None:
        settings = with_context.load(context="gate", server=["tls://gate2"])
        assert settings.servers == ("tls://gate2:4222",)
        assert settings.user is not None

    def test_with_a_cluster_named_too_the_table_gives_the_rest(self, with_context: Home) -> None:
        settings = with_context.load(env={"FXTOP_CLUSTER": "prod", "FXTOP_CONTEXT": "gate"})
        assert (settings.cluster, settings.badge, settings.servers) == ("prod", "PROD", ("tls://gate:4223",))
        assert (settings.server_name, settings.token) == (None, None)

    def test_one_named_by_a_table_counts_after_the_tables_own_values(self, with_context: Home) -> None:
        with_context.config('[clusters.prod]\ncontext = "gate"\nservers = ["tls://own"]\n')
        settings = with_context.load()
        assert settings.servers == ("tls://own:4222",)
        assert settings.user is not None
        assert settings.token is None

    def test_what_it_holds_and_nobody_uses_is_said(self, two: Home) -> None:
        two.context("gate", '{"url": "a", "nsc": "nsc://x"}')
        assert len(two.load(context="gate").notices) == 1

    def test_an_unknown_one_is_a_sentence(self, two: Home) -> None:
        assert "There is no NATS context 'x'" in wrong(two, context="x")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [("file_mib = 0", "take 0.1 to 1024 MiB"), ("keep = -1", "take 0 (all) to 100000 full files")],
)
def test_how_much_of_the_journal_is_kept_has_bounds(home: Home, line: str, sentence: str) -> None:
    path = home.config("[journal]\nfile_mib = 0.5\nkeep = 0\n")
    settings = home.load(config=str(path))
    assert (settings.journal_mib, settings.journal_keep) == (0.5, 0)
    assert settings.provenance["journal_keep"] == f"{path}, line 3"
    assert sentence in wrong(home, config=str(home.config(f"[journal]\n{line}\n")))


@pytest.mark.parametrize(
    ("env", "sentence"),
    [
        (
            {"FXTOP_LINK": "thin"},
            "The setting link (FXTOP_LINK) can't be used: it is 'thin', and has to be one of auto, slow, fast",
        ),
        ({"FXTOP_TZ": "Mars/Base"}, "The setting tz (FXTOP_TZ) can't be used: there is no time zone 'Mars/Base'"),
        ({"FXTOP_READ_ONLY": "perhaps"}, "FXTOP_READ_ONLY is 'perhaps': say yes or no."),
        ({"FXTOP_ARM_MINUTES": "soon"}, "FXTOP_ARM_MINUTES can't be used: 'soon' is not a number."),
        ({"FXTOP_ARM_MINUTES": "0"}, "The setting arm_minutes (FXTOP_ARM_MINUTES) can't be used: take more than 0"),
        ({"FXTOP_ARM_MINUTES": "nan"}, "The setting arm_minutes (FXTOP_ARM_MINUTES) can't be used: take more than 0"),
        ({"FXTOP_ARM_MINUTES": "1e9"}, "The setting arm_minutes (FXTOP_ARM_MINUTES) can't be used: take more than 0"),
        ({"FXTOP_SERVER": "http://hush@a"}, "FXTOP_SERVER can't be used: a server's URL begins with 'http://'"),
        ({"FXTOP_CA": "~nobody-here/ca"}, "FXTOP_CA can't be used: the home directory"),
        ({"FXTOP_OPERATOR": "a\x07b"}, "The setting operator (FXTOP_OPERATOR) can't be used: write it in one line"),
        ({"LOGNAME": "a\u202eb"}, "The setting operator (login name) can't be used: write it in one line"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_with_its_place(home: Home, env: dict[str, str], sentence: str) -> None:
    said = wrong(home, env=env)
    assert said.startswith(sentence)
    assert "hush" not in said


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[ui]\nrate = 0\n", "line 2) can't be used: take 0.1 to 30 screen updates"),
        ("[ui]\nrate = inf\n", "line 2) can't be used: take 0.1 to 30 screen updates"),
        ("[ui]\nlink = 'modem'\n", "line 2) can't be used: it is 'modem', and has to be one of auto, slow, fast"),
        ("[ui]\ntz = 'X/Y'\n", "line 2) can't be used: there is no time zone 'X/Y'"),
        ("[control]\nbulk = 0\n", "line 2) can't be used: take 1 to 10000 targets"),
        ("[operator]\nname = ' '\n", "line 2) can't be used: write it in one line"),
        ('[operator]\nname = "a\\nb"\n', "line 2) can't be used: write it in one line"),
    ],
)
def test_a_value_of_the_file_that_cannot_be_used_is_named_with_its_line(home: Home, text: str, sentence: str) -> None:
    home.config(text)
    assert sentence in wrong(home)


def test_a_slip_in_a_variables_name_is_said(home: Home) -> None:
    assert home.load(env={"FXTOP_SERVR": "x", "FXTOP_FRAMES": "60"}).notices == (
        "The variable FXTOP_SERVR is not known: did you mean FXTOP_SERVER?",
    )


def test_the_operator_is_who_logged_in_unless_it_is_said(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    assert home.load().operator == "ann"
    assert home.load(env={"FXTOP_OPERATOR": "Ann M."}).operator == "Ann M."
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert home.load(env={"SUDO_USER": "bea"}).operator == "bea"
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert home.load(env={"SUDO_USER": "bea"}).operator == "ann"


def test_the_zone_of_the_settings_is_one(home: Home) -> None:
    assert str(home.load(tz="Europe/Berlin").zone) == "Europe/Berlin"


def test_paths_of_flags_are_relative_to_where_they_are_typed(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home.path)
    home.write("tok", "hush")
    settings = home.load(token_file="tok", log_file="~/x.log")
    assert token(settings) == "hush"
    assert settings.log_file == Path.home() / "x.log"
