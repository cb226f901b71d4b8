"""Keys that a passphrase protects, and keys that a command serves: opened by whoever may, and shown nowhere."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from fxtop.actions import keys
from fxtop.actions.keyring import Keyring
from fxtop.actions.keys import KeyFileError, create, is_sealed, load, public_key
from fxtop.actions.passphrase import NobodyToAsk
from fxtop.actions.sealed_key import Cost, SealError, seal, unseal
from fxtop.config.load import load as load_settings
from fxtop.config.settings import Settings
from fxtop.protocol.signing import NkeySigner, new_seed

CHEAP = Cost(ops=1, mem=8192)
PASSPHRASE = b"correct horse"


def asked(answer: bytes = PASSPHRASE) -> tuple[Callable[[str], bytes], list[str]]:
    """Somebody who knows a passphrase, and what they were asked for."""
    questions: list[str] = []

    def ask(what: str) -> bytes:
        questions.append(what)
        return answer

    return ask, questions


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    path = tmp_path / "operator.nk"
    create(path, PASSPHRASE, CHEAP)
    return path


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    home = {name: str(tmp_path) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME")}
    return replace(load_settings({}, home), key_file=tmp_path / "operator.nk")


def test_a_sealed_key_opens_with_its_passphrase(tmp_path: Path) -> None:
    made = create(tmp_path / "k", PASSPHRASE, CHEAP)
    ask, questions = asked()
    assert load(tmp_path / "k", ask).public_key == made.public_key
    assert questions == [str(tmp_path / "k")]


def test_its_file_holds_no_seed_and_says_how_it_was_made(sealed: Path) -> None:
    ask, _ = asked()
    line = json.loads(sealed.read_text())
    assert (line["fxtop_key"], line["kdf"], line["cipher"]) == (1, "argon2id13", "xsalsa20poly1305")
    assert line["public"] == load(sealed, ask).public_key
    seed = unseal(sealed.read_bytes(), PASSPHRASE)
    assert seed.startswith(b"SU")
    assert seed not in sealed.read_bytes()


def test_its_public_part_needs_no_passphrase(sealed: Path) -> None:
    ask, _ = asked()
    assert is_sealed(sealed)
    assert public_key(sealed) == load(sealed, ask).public_key


def test_another_passphrase_opens_nothing(sealed: Path) -> None:
    ask, _ = asked(b"wrong horse!")
    with pytest.raises(KeyFileError, match="can't be opened: the passphrase is another one") as error:
        load(sealed, ask)
    assert "horse" not in f"{error.value!r} {error.value.__cause__!r}"


def test_without_anybody_to_ask_it_stays_closed(sealed: Path) -> None:
    with pytest.raises(KeyFileError, match="nobody here to ask"):
        load(sealed)


def test_a_changed_box_is_noticed(sealed: Path) -> None:
    line = json.loads(sealed.read_text())
    line["box"] = line["box"][:-6] + ("AAAA==" if line["box"].endswith("==") else "AAAAAA")
    with pytest.raises(SealError):
        unseal(json.dumps(line).encode(), PASSPHRASE)


def test_another_public_key_on_the_outside_is_noticed(sealed: Path) -> None:
    line = json.loads(sealed.read_text())
    line["public"] = NkeySigner(new_seed()).public_key
    sealed.write_text(json.dumps(line))
    ask, _ = asked()
    with pytest.raises(KeyFileError, match="names another public key"):
        load(sealed, ask)


@pytest.mark.parametrize(
    "change",
    [{"fxtop_key": 2}, {"kdf": "scrypt"}, {"ops": 10_000}, {"mem": 1 << 40}, {"salt": "AA=="}, {"box": 3}],
    ids=["version", "kdf", "too many passes", "too much memory", "salt", "box"],
)
def test_what_is_sealed_in_another_way_is_not_tried(sealed: Path, change: dict[str, object]) -> None:
    line = json.loads(sealed.read_text()) | change
    with pytest.raises(SealError, match="doesn't know, or is damaged"):
        unseal(json.dumps(line).encode(), PASSPHRASE)


def test_a_short_passphrase_makes_no_key(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="too short"):
        create(tmp_path / "k", b"short")
    assert not (tmp_path / "k").exists()


def test_the_same_seed_is_sealed_anew_each_time() -> None:
    seed = new_seed()
    assert seal(seed, PASSPHRASE, CHEAP) != seal(seed, PASSPHRASE, CHEAP)


def test_a_keyring_asks_once_and_never_when_the_screen_is_taken(sealed: Path, settings: Settings) -> None:
    ask, questions = asked()
    keyring = Keyring(ask)
    assert keyring.signer(settings) is keyring.signer(settings)
    keyring.never_ask()
    assert keyring.signer(settings) is not None
    assert len(questions) == 1
    closed = Keyring(ask)
    closed.never_ask()
    with pytest.raises(KeyFileError, match="leave fxtop and begin it there"):
        closed.signer(settings)


def test_nobody_is_asked_where_nothing_can_be_sent(sealed: Path, settings: Settings) -> None:
    ask, questions = asked()
    assert Keyring(ask).signer(replace(settings, read_only=True)) is None
    assert not questions


def test_where_there_is_no_key_there_is_no_signer(settings: Settings) -> None:
    assert Keyring().signer(settings) is None


def test_a_question_that_nobody_can_answer_is_a_sentence(sealed: Path, settings: Settings) -> None:
    def nobody(what: str) -> bytes:
        raise NobodyToAsk(f"There is no terminal to ask on for the passphrase of {what}.")

    with pytest.raises(KeyFileError, match="There is no terminal"):
        Keyring(nobody).signer(settings)


def test_a_command_may_know_the_passphrase(sealed: Path, settings: Settings) -> None:
    command = (sys.executable, "-c", f"print({PASSPHRASE.decode()!r})")
    signer = Keyring().signer(replace(settings, passphrase_command=command))
    assert signer is not None
    assert signer.public_key == public_key(sealed)


def test_a_command_may_serve_the_key(tmp_path: Path, settings: Settings) -> None:
    made = create(tmp_path / "vault")
    command = (sys.executable, "-c", f"print(open({str(tmp_path / 'vault')!r}).read())")
    signer = Keyring().signer(replace(settings, key_command=command))
    assert signer is not None
    assert signer.public_key == made.public_key


@pytest.mark.parametrize(
    ("program", "sentence"),
    [
        ("import sys; print('SUSECRET'); sys.exit(3)", "failed with status 3"),
        ("pass", "printed 0 bytes"),
        ("print('x' * 5000)", "printed 5001 bytes"),
        ("print('hunter2')", "holds no operator's key"),
    ],
    ids=["fails", "silent", "talkative", "no key"],
)
def test_what_a_command_printed_is_in_no_message(settings: Settings, program: str, sentence: str) -> None:
    with pytest.raises(KeyFileError, match=sentence) as error:
        Keyring().signer(replace(settings, key_command=(sys.executable, "-c", program)))
    assert not any(word in f"{error.value!r} {error.value.__cause__!r}" for word in ("SUSECRET", "hunter2", "xxx"))


def test_a_command_is_run_without_a_shell(settings: Settings) -> None:
    with pytest.raises(KeyFileError, match="can't be run: No such file"):
        Keyring().signer(replace(settings, key_command=("true; echo hello",)))


def test_no_text_shows_what_a_keyring_holds(sealed: Path, settings: Settings) -> None:
    ask, _ = asked()
    keyring = Keyring(ask)
    keyring.signer(settings)
    seed = unseal(sealed.read_bytes(), PASSPHRASE).decode()
    assert seed not in f"{keyring!r} {vars(keyring)}"


def test_read_takes_a_seed_among_other_lines() -> None:
    seed = new_seed()
    assert keys.read(b"# from the vault\n" + seed + b"\n", "here").public_key == NkeySigner(seed).public_key
