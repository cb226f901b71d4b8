from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fxtop.agent.node_select.rotation import MOST_IDS, NoTurns, default_file, take_turn

ALIKE = {"viz01": 1.0, "viz02": 1.0, "viz03": 1.0}
TAKE = """
import sys
from random import Random
from fxtop.agent.node_select import rotation
rotation.LOCK_WAIT = 60.0  # each is to have its turn, however busy the machine is
for _ in range(10):
    print(rotation.take_turn(sys.argv[1], {"viz01": 1.0, "viz02": 1.0, "viz03": 1.0, "viz04": 1.0}, Random()))
"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    return str(tmp_path / "turns.json")


def turns(file: str, weights: dict[str, float], count: int, seed: int = 1) -> list[str]:
    return [take_turn(file, weights, Random(seed)) for _ in range(count)]


def test_each_node_has_its_turn_before_one_has_it_again(file: str) -> None:
    taken = turns(file, ALIKE, 9)
    assert all(set(taken[at : at + 3]) == set(ALIKE) for at in (0, 3, 6))


def test_a_node_of_twice_the_weight_has_twice_the_turns_and_not_all_at_once(file: str) -> None:
    taken = turns(file, {"viz01": 2.0, "viz02": 1.0, "viz03": 1.0}, 400)
    assert Counter(taken)["viz01"] == pytest.approx(200, abs=2)
    assert "viz01 viz01 viz01" not in " ".join(taken)


def test_a_node_that_comes_later_takes_its_part_and_no_more(file: str) -> None:
    turns(file, ALIKE, 90)
    assert Counter(turns(file, {**ALIKE, "viz04": 1.0}, 40))["viz04"] == pytest.approx(10, abs=2)


def test_a_node_that_is_not_offered_every_time_keeps_its_turn(file: str) -> None:
    taken = [turns(file, ALIKE if start % 2 else {"viz01": 1.0, "viz02": 1.0}, 1)[0] for start in range(60)]
    assert Counter(taken)["viz03"] == pytest.approx(10, abs=3)


def test_gateways_that_begin_together_do_not_walk_in_step(tmp_path: Path) -> None:
    nodes = {f"viz{number:02}": 1.0 for number in range(20)}
    firsts = {turns(str(tmp_path / f"{gateway}.json"), nodes, 1, seed=gateway)[0] for gateway in range(8)}
    assert len(firsts) > 3


def test_starts_of_the_same_moment_take_turns_of_their_own(file: str) -> None:
    running = [
        subprocess.Popen([sys.executable, "-c", TAKE, file], stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    taken = Counter(word for process in running for word in process.communicate()[0].split())
    assert taken == {"viz01": 10, "viz02": 10, "viz03": 10, "viz04": 10}


def test_a_file_that_another_holds_is_not_waited_for_without_end(file: str) -> None:
    turns(file, ALIKE, 1)
    with open(file) as holder:
        fcntl.flock(holder, fcntl.LOCK_EX)
        with pytest.raises(NoTurns, match="too long"):
            turns(file, ALIKE, 1)


def test_the_file_is_its_owners_alone_and_not_followed_elsewhere(file: str, tmp_path: Path) -> None:
    turns(file, ALIKE, 1)
    assert os.stat(file).st_mode & 0o777 == 0o600
    (tmp_path / "precious").write_text("precious")
    (tmp_path / "link.json").symlink_to(tmp_path / "precious")
    with pytest.raises(NoTurns, match="can't be kept"):
        turns(str(tmp_path / "link.json"), ALIKE, 1)
    assert (tmp_path / "precious").read_text() == "precious"


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(NoTurns, match="pipe"):
        turns(str(tmp_path / "pipe"), ALIKE, 1)
    with pytest.raises(NoTurns, match="can't be kept"):
        turns(str(tmp_path), ALIKE, 1)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=60)
    | st.dictionaries(st.text(max_size=3), st.floats() | st.text(max_size=2)).map(
        lambda credit: json.dumps({"v": 1, "credit": credit}).encode()
    )
)
def test_turns_go_on_whatever_is_found_in_the_file(file: str, content: bytes) -> None:
    Path(file).write_bytes(content)
    assert set(turns(file, ALIKE, 12)) == set(ALIKE)


def test_nodes_of_long_ago_are_forgotten_one_day(file: str) -> None:
    many = {f"old{number}": 0.5 for number in range(MOST_IDS + 1)}
    Path(file).write_text(json.dumps({"v": 1, "credit": many}))
    turns(file, ALIKE, 1)
    assert json.loads(Path(file).read_text())["credit"].keys() == ALIKE.keys()


def test_turns_are_kept_with_what_fastx_keeps_of_the_host() -> None:
    assert default_file({"FX_LOCAL_DIR": "/var/fastx-local", "HOME": "/h"}) == "/var/fastx-local/fxtop-turns.json"
    assert default_file({"XDG_STATE_HOME": "/state"}) == "/state/fxtop/turns.json"
    assert default_file({}).endswith("/.local/state/fxtop/turns.json")
