"""The shape of the package: small modules, and everything in a wheel that runs without a checkout."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import pytest
from hatchling.builders.wheel import WheelBuilder

import fxtop
from fxtop.ui.theme_file import DEFAULT_THEME

ROOT = Path(fxtop.__file__).parent.parent
LONGEST = 500


def python_files() -> list[Path]:
    return sorted((ROOT / "fxtop").rglob("*.py"))


def test_no_module_is_longer_than_can_be_read_at_a_sitting() -> None:
    long = {str(file.relative_to(ROOT)): len(file.read_text().splitlines()) for file in python_files()}
    assert {name: lines for name, lines in long.items() if lines > LONGEST} == {}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of what a wheel of this checkout holds."""
    folder = tmp_path_factory.mktemp("wheel")
    (built,) = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    with ZipFile(built) as archive:
        return set(archive.namelist())


def test_a_wheel_holds_every_module(wheel: set[str]) -> None:
    assert {str(file.relative_to(ROOT)) for file in python_files()} <= wheel


def test_a_wheel_holds_themes_and_styles(wheel: set[str]) -> None:
    styles = {str(file.relative_to(ROOT)) for file in (ROOT / "fxtop").rglob("*.tcss")}
    themes = {f"fxtop/themes/{file.name}" for file in (ROOT / "themes").glob("*.toml")}
    assert styles
    assert f"fxtop/themes/{DEFAULT_THEME}.toml" in themes
    assert styles | themes | {"fxtop/py.typed"} <= wheel


def test_a_wheel_holds_nothing_but_the_package(wheel: set[str]) -> None:
    assert {name.partition("/")[0].partition("-")[0] for name in wheel} == {"fxtop"}
    assert not [name for name in wheel if "__pycache__" in name or name.endswith(".pyc")]
