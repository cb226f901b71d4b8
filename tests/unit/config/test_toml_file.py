"""config.toml: what it says, and one clear sentence about what is wrong in it, with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from fxtop.config.error import ConfigError
from fxtop.config.toml_file import TomlFile, read_toml
from fxtop.config.toml_lines import key_lines
from tests.unit.config.conftest import Home

WHOLE = """\
cluster = "prod"                 # used when --cluster isn't given

[clusters.prod]
slug = "fastx"
servers = ["tls://mgr1.example.edu:4222", "tls://mgr2.example.edu:4222"]
token_file = "transporter-secret.ini"
ca = "/etc/fastx/ca.pem"
server_name = "fastx-transporter"
badge = "PROD"
color = "red"
read_only = true

[clusters."Test Lab"]
slug = "lab"
context = "lab"

[operator]
name = "Ann Müller"
key_file = "~/operator.nk"

[control]
arm_minutes = 5
bulk = 20

[ui]
theme = "light"
ascii = true
tz = "Europe/Berlin"
rate = 1
link = "slow"

[keys]
"node.drain" = "D"
node.resume = "R"
"""


def read(home: Home, text: str) -> TomlFile:
    return read_toml(home.config(text))


def wrong(home: Home, text: str) -> str:
    path = home.config(text)
    with pytest.raises(ConfigError) as caught:
        file = read_toml(path)
        for name in file.clusters:
            file.cluster(name)
    sentence = str(caught.value)
    assert str(path) in sentence
    assert "\n" not in sentence
    assert "`$" not in sentence
    return sentence.removeprefix(str(path)).lstrip(", ")


def test_a_whole_file_is_understood(home: Home) -> None:
    file = read(home, WHOLE)
    prod, general = file.cluster("prod").given, file.general().given
    assert file.clusters == ("prod", "Test Lab")
    assert prod.connection.servers == ("tls://mgr1.example.edu:4222", "tls://mgr2.example.edu:4222")
    assert (prod.slug, prod.badge, prod.color, prod.read_only) == ("fastx", "PROD", "red", True)
    assert (prod.connection.ca, prod.connection.server_name) == (Path("/etc/fastx/ca.pem"), "fastx-transporter")
    assert file.cluster("Test Lab").given.context == "lab"
    assert (general.operator, general.arm_minutes, general.bulk) == ("Ann Müller", 5.0, 20)
    assert (general.theme, general.ascii, general.tz, general.rate, general.link) == (
        "light",
        True,
        "Europe/Berlin",
        1.0,
        "slow",
    )
    assert general.keys == {"node.drain": "D", "node.resume": "R"}


def test_file_names_are_relative_to_the_configuration(home: Home) -> None:
    home.write("config/fxtop/transporter-secret.ini", "[nats]\ntoken = abc\n")
    file = read(home, WHOLE)
    login = file.cluster("prod").given.connection.login
    assert login is not None
    assert login.token is not None
    assert login.token.read() == "abc"
    assert file.general().given.key_file == Path.home() / "operator.nk"


def test_each_value_knows_its_line(home: Home) -> None:
    file = read(home, WHOLE)
    lines = {setting: file.cluster("prod").source(setting) for setting in ("servers", "login", "badge", "read_only")}
    assert {setting: source.rpartition(" ")[2] for setting, source in lines.items()} == {
        "servers": "5",
        "login": "6",
        "badge": "9",
        "read_only": "11",
    }
    assert file.general().source("tz") == f"{file.path}, line 28"
    assert file.cluster("Test Lab").source("context").endswith("line 15")


def test_an_empty_file_says_nothing(home: Home) -> None:
    file = read(home, "")
    assert file.clusters == ()
    assert file.general().given.theme is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('cluster = "prod\n', "line 1: this is not valid TOML: "),
        ("\n\n[clusters.a\n", "line 3: this is not valid TOML: "),
        ("a = 1\na = 2\n", "line 2: this is not valid TOML: "),
        ('clustr = "x"\n', "line 1: there is no setting 'clustr': did you mean 'cluster'?"),
        ("[zebra]\nx = 1\n", "line 1: there is no setting 'zebra': known here are cluster, clusters, operator,"),
        ("[journal]\nkeep = 1.5\n", "line 2: 'keep' in [journal] has to be a whole number, not a number."),
        (
            "[clusters.prod]\n\nservrs = []\n",
            "line 3: there is no setting 'servrs' in [clusters.prod]: did you mean 'servers'?",
        ),
        ("[ui]\nthme = 'x'\n", "line 2: there is no setting 'thme' in [ui]: did you mean 'theme'?"),
        ("cluster = 5\n", "line 1: 'cluster' has to be text in quotes, not a whole number."),
        (
            "[clusters.a]\nservers = 5\n",
            "line 2: 'servers' in [clusters.a] has to be text in quotes or a list, not a whole number.",
        ),
        (
            "[clusters.a]\nservers = [1]\n",
            "line 2: 'servers' in [clusters.a] has to hold text in quotes, not a whole number.",
        ),
        (
            "[control]\narm_minutes = '5'\n",
            "line 2: 'arm_minutes' in [control] has to be a number, not text in quotes.",
        ),
        ("[control]\nbulk = 1.5\n", "line 2: 'bulk' in [control] has to be a whole number, not a number."),
        ("[ui]\nascii = 1\n", "line 2: 'ascii' in [ui] has to be true or false, not a whole number."),
        ("[ui]\ntz = 1979-05-27\n", "line 2: 'tz' in [ui] has to be text in quotes, not a date."),
        ("ui = 5\n", "line 1: 'ui' has to be a table: write [ui] on a line of its own."),
        ("[clusters]\nprod = 5\n", "line 2: 'prod' in [clusters] has to be a table: write [clusters.prod] on a line"),
        ('[clusters."a\\u001b"]\n', ": 'a·' in [clusters] can't be a cluster's name"),
        ("[keys]\nx = 5\n", "line 2: 'x' in [keys] has to be a key in quotes, such as \"D\"."),
        ("[clusters.a]\nservers = 'http://x'\n", "line 2: a server's URL begins with 'http://'"),
        ('[clusters.a]\nca = "a\\u0000"\n', "line 2: a file's name can't hold a NUL character."),
        ("[clusters.a]\nca = '~nobody-here/ca'\n", "line 2: the home directory in '~nobody-here/ca' is not known"),
    ],
)
def test_a_broken_line_is_one_sentence(home: Home, text: str, sentence: str) -> None:
    assert wrong(home, text).startswith(sentence)


def test_a_file_that_cannot_be_read_is_a_sentence(home: Home) -> None:
    with pytest.raises(ConfigError, match="isn't there"):
        read_toml(home.path / "absent.toml")
    with pytest.raises(ConfigError, match="it is not a file"):
        read_toml(home.path)
    path = home.config("")
    path.write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="UTF-8"):
        read_toml(path)


def test_a_login_in_a_url_makes_the_file_a_secret(home: Home) -> None:
    path = home.config("[clusters.a]\nservers = 'tls://me:hush@h'\n")
    login = read_toml(path).cluster("a").given.connection.login
    assert login is not None
    assert login.password is not None
    assert login.password.read() == "hush"
    path.chmod(0o644)
    with pytest.raises(ConfigError, match="can be used by others") as caught:
        read_toml(path).cluster("a")
    assert "hush" not in str(caught.value)


def test_lines_are_found_in_every_way_of_writing_a_key() -> None:
    text = (
        '"a b".c = 1\n[ x . "y.z" ] # note\n  k-1 = 2\nd . e=3\n[[list]]\nm = """\n[not.a.header]\n"""\n[[list]]\nm=1\n'
    )
    assert key_lines(Path("f"), text).lines == {
        ("a b", "c"): 1,
        ("x", "y.z"): 2,
        ("x", "y.z", "k-1"): 3,
        ("x", "y.z", "d", "e"): 4,
        ("list",): 5,
        ("list", "1"): 5,
        ("list", "1", "m"): 6,
        ("not", "a", "header"): 7,
        ("list", "2"): 9,
        ("list", "2", "m"): 10,
    }
