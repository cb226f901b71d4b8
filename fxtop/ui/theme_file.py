"""Themes as files: finding, reading and checking them. No Textual here, so that a command can check a theme.

A theme is a TOML file; its name is the file's. Shipped themes lie in ``themes/`` beside the package or, in a wheel, in
it; a person's own in a folder that is passed in, and win over shipped ones of the same name.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from fxtop.ui.theme_schema import ANSI_COLORS, COLORS, STYLE_WORDS, STYLES

DEFAULT_THEME: Final = "dark"

_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_KEYS: Final = ("title", "dark", "ansi", "colors", "styles")


class ThemeError(Exception):
    """A theme that can't be used; the text says which, why, and what to do."""


class ThemeSpec(Struct, frozen=True):
    """A theme that was read and found good. Colours and styles are complete: fallbacks are filled in."""

    name: str
    title: str
    dark: bool
    ansi: bool
    """Whether it is made of the terminal's own colours."""
    colors: Mapping[str, str]
    styles: Mapping[str, str]
    source: str
    """Where it was read, for messages."""

    @property
    def variables(self) -> dict[str, str]:
        """The style sheet variables, without the ``$``."""
        return {f"fx-{name}": value for name, value in (*self.colors.items(), *self.styles.items())}


def theme_names(own: Path | None = None) -> tuple[str, ...]:
    """The names of all themes, sorted; ``own`` is the person's folder."""
    return tuple(sorted(_files(own)))


def load_theme(name: str, own: Path | None = None) -> ThemeSpec:
    """The theme called ``name``.

    Raises:
        ThemeError: There is none of that name, or its file is wrong.
    """
    files = _files(own)
    if name not in files:
        raise ThemeError(_unknown(name, sorted(files)))
    return _read(name, files[name])


def load_themes(own: Path | None = None) -> tuple[list[ThemeSpec], list[ThemeError]]:
    """All themes that are good, by name, and what is wrong with the others."""
    good, bad = [], []
    for name, file in sorted(_files(own).items()):
        try:
            good.append(_read(name, file))
        except ThemeError as error:
            bad.append(error)
    return good, bad


def parse_theme(text: str, name: str, source: str) -> ThemeSpec:
    """The theme written in ``text``.

    Args:
        text: TOML.
        name: What the theme is called.
        source: Where the text is from, for messages.

    Raises:
        ThemeError: The text isn't TOML, lacks a colour, has one that doesn't exist, or a value that can't be read.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ThemeError(f"{source}: this is not valid TOML: {error}.") from error
    except RecursionError:
        raise ThemeError(f"{source}: this is nested too deeply for a theme.") from None
    _check_names(data, _KEYS, "setting", source)
    ansi = _flag(data, "ansi", False, source)
    colors = _section(data, "colors", source)
    styles = _section(data, "styles", source)
    _check_names(colors, COLORS, "colour", source)
    _check_names(styles, STYLES, "style", source)
    return ThemeSpec(
        name=name,
        title=str(data.get("title", name)),
        dark=_flag(data, "dark", True, source),
        ansi=ansi,
        colors=_colors(colors, ansi, source),
        styles={key: _style(styles.get(key, known.fallback), key, source) for key, known in STYLES.items()},
        source=source,
    )


def _colors(given: Mapping[str, Any], ansi: bool, source: str) -> dict[str, str]:
    missing = [name for name, known in COLORS.items() if known.required and name not in given]
    if missing:
        plural, them = ("s", "them") if len(missing) > 1 else ("", "it")
        listed = ", ".join(f"'{name}'" for name in missing)
        raise ThemeError(f"{source} lacks the colour{plural} {listed}: add {them} under [colors].")
    colors = {name: _color(value, name, ansi, source) for name, value in given.items()}
    for name, known in COLORS.items():
        fallback = known
        while fallback.name not in colors:
            fallback = COLORS[fallback.fallback]
        colors[name] = colors[fallback.name]
    return colors


def _color(value: Any, name: str, ansi: bool, source: str) -> str:
    if isinstance(value, str):
        if _HEX.fullmatch(value):
            return value
        if value.startswith("ansi_") and value.removeprefix("ansi_") in ANSI_COLORS:
            if ansi:
                return value
            raise ThemeError(
                f"{source}: colour '{name}' is {value}, one of the terminal's own; that needs 'ansi = true' at the top."
            )
    hint = "write #rrggbb" + (", ansi_default, or a name like ansi_red or ansi_bright_blue" if ansi else "")
    raise ThemeError(f"{source}: colour '{name}' has the value {value!r}, which is not a colour: {hint}.")


def _style(value: Any, name: str, source: str) -> str:
    words = value.split() if isinstance(value, str) else []
    if not words or any(word not in STYLE_WORDS for word in words):
        raise ThemeError(f"{source}: style '{name}' has the value {value!r}: use {', '.join(STYLE_WORDS)}.")
    return " ".join(words)


def _section(data: Mapping[str, Any], name: str, source: str) -> Mapping[str, Any]:
    section = data.get(name, {})
    if not isinstance(section, dict):
        raise ThemeError(f"{source}: '{name}' has to be a table: write [{name}] on a line of its own.")
    return section


def _flag(data: Mapping[str, Any], name: str, default: bool, source: str) -> bool:
    value = data.get(name, default)
    if not isinstance(value, bool):
        raise ThemeError(f"{source}: '{name}' has the value {value!r}: write true or false.")
    return value


def _check_names(given: Mapping[str, Any], known: Mapping[str, Any] | tuple[str, ...], what: str, source: str) -> None:
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, list(known), n=1)
            hint = f"did you mean '{near[0]}'?" if near else "take it out."
            raise ThemeError(f"{source}: there is no {what} '{name}': {hint}")


def _unknown(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f" Did you mean '{near[0]}'?" if near else ""
    return f"There is no theme '{name}'.{hint} There are {', '.join(known)}."


def _files(own: Path | None) -> dict[str, Traversable]:
    """Theme files by name, a person's own over the shipped ones."""
    files: dict[str, Traversable] = {}
    for folder in (_shipped(), own):
        if folder is not None and folder.is_dir():
            files |= {entry.name[:-5]: entry for entry in folder.iterdir() if entry.name.endswith(".toml")}
    return files


def _shipped() -> Traversable:
    """Where the shipped themes lie: in the package when it is installed, beside it in a checkout."""
    package = resources.files("fxtop")
    inside = package / "themes"
    return inside if inside.is_dir() else Path(str(package)).parent / "themes"


def _read(name: str, file: Traversable) -> ThemeSpec:
    source = str(file)
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise ThemeError(f"{source}: the theme can't be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ThemeError(f"{source}: the theme is not UTF-8 text: save it as UTF-8.") from error
    return parse_theme(text, name, source)
