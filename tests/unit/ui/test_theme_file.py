"""Themes as files: what is shipped can be read by people, and what a person writes wrong is said in a sentence."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.color import Color, ColorSystem

from fxtop.ui.theme_file import ThemeError, ThemeSpec, load_theme, load_themes, parse_theme, theme_names
from fxtop.ui.theme_schema import COLORS, STYLES, VARIABLES

SHIPPED = ("ansi", "colour-blind", "dark", "high-contrast", "light", "mono")
READABLE = 4.5
"""WCAG 2.1, AA, for text."""
READABLE_IN_256 = 4.0
"""The palette has few dark colours; a little is given away."""
VISIBLE = 3.0
"""WCAG 2.1, AA, for graphics."""

ROW_BACKGROUNDS = ("background", "cursor", "cursor-blur", "mark", "flash")
ROW_TEXTS = ("text", "muted", "accent", "ok", "warn", "crit", "late", "stale", "lost", "left")
PAIRS = [
    *((text, background) for text in ROW_TEXTS for background in ROW_BACKGROUNDS),
    *((text, "header") for text in ("header-text", "sorted", "text", "muted", "accent", "ok", "warn", "crit")),
    *((text, "panel") for text in ("panel-text", "text", "muted", "accent", "ok", "warn", "crit")),
    ("text", "selection"),
    *(("banner-text", name) for name in COLORS if name.startswith("banner-") and name != "banner-text"),
    *(("badge-text", name) for name in COLORS if name.startswith("badge-") and name != "badge-text"),
]


def written(**changes: str) -> str:
    """A theme file, with some colours changed or, with "", left out."""
    colors = dict.fromkeys((name for name, known in COLORS.items() if known.required), '"#123456"')
    lines = [f"{name} = {value}" for name, value in (colors | changes).items() if value]
    return "\n".join(["[colors]", *lines])


def parsed(text: str) -> ThemeSpec:
    return parse_theme(text, "mine", "mine.toml")


def luminance(color: str) -> float:
    """Relative luminance as WCAG 2.1 defines it."""
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def in_256(color: str) -> str:
    """What Rich, and so Textual, sends to a terminal of 256 colours for ``color``."""
    return Color.parse(color).downgrade(ColorSystem.EIGHT_BIT).get_truecolor().hex


def test_contrast_is_measured_as_wcag_says() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_the_shipped_themes_are_there_and_good() -> None:
    good, bad = load_themes()
    assert tuple(theme.name for theme in good) == SHIPPED
    assert bad == []


@pytest.mark.parametrize("name", ["dark", "light", "high-contrast", "colour-blind"])
def test_every_text_can_be_read_on_every_background_it_stands_on(name: str) -> None:
    colors = load_theme(name).colors
    poor = {pair: contrast(colors[pair[0]], colors[pair[1]]) for pair in PAIRS}
    assert {pair: ratio for pair, ratio in poor.items() if ratio < READABLE} == {}
    seen = {part: contrast(colors[part], colors["background"]) for part in ("chart", "chart-full", "border-focus")}
    assert {part: ratio for part, ratio in seen.items() if ratio < VISIBLE} == {}


@pytest.mark.parametrize("name", ["dark", "light", "high-contrast", "colour-blind"])
def test_what_a_terminal_of_256_colours_makes_of_them_can_still_be_read(name: str) -> None:
    colors = {key: in_256(color) for key, color in load_theme(name).colors.items()}
    poor = {pair: contrast(colors[pair[0]], colors[pair[1]]) for pair in PAIRS}
    assert {pair: ratio for pair, ratio in poor.items() if ratio < READABLE_IN_256} == {}
    assert len({colors[background] for background in ("background", "cursor", "mark", "flash")}) == 4


@pytest.mark.parametrize("name", ["dark", "light", "high-contrast", "colour-blind"])
def test_the_row_under_the_cursor_and_marked_rows_differ_from_the_others_and_each_other(name: str) -> None:
    colors = load_theme(name).colors
    assert len({colors[background] for background in ROW_BACKGROUNDS}) == len(ROW_BACKGROUNDS)


@pytest.mark.parametrize("name", ["ansi", "mono"])
def test_themes_of_the_terminals_own_colours_use_no_other(name: str) -> None:
    assert all(color.startswith("ansi_") for color in load_theme(name).colors.values())


def test_mono_has_no_colour() -> None:
    assert set(load_theme("mono").colors.values()) == {"ansi_default"}


@pytest.mark.parametrize("name", SHIPPED)
def test_no_state_is_told_by_colour_alone(name: str) -> None:
    styles = load_theme(name).styles
    for style in ("crit-style", "flash-style", "stale-style", "lost-style", "cursor-style", "mark-style"):
        assert styles[style] != "none"


def test_the_default_theme_explains_every_variable() -> None:
    text = Path(load_theme("dark").source).read_text(encoding="utf-8")
    for variable in VARIABLES:
        assert re.search(rf"^{variable.name} = ", text, re.MULTILINE), variable.name


def test_an_unknown_theme_names_the_nearest_and_all_others() -> None:
    with pytest.raises(ThemeError, match=r"There is no theme 'drak'\. Did you mean 'dark'\? There are ansi, .*mono\."):
        load_theme("drak")


def test_a_theme_that_lacks_colours_names_them_and_its_file() -> None:
    with pytest.raises(ThemeError, match=r"mine\.toml lacks the colour 'crit': add it under \[colors\]\."):
        parsed(written(crit=""))
    with pytest.raises(ThemeError, match=r"mine\.toml lacks the colours 'ok', 'crit': add them"):
        parsed(written(ok="", crit=""))


@pytest.mark.parametrize("value", ['"gren"', '"#12345"', "12", '"#12345g"', '"ansi_gren"', '"rgb(1,2,3)"'])
def test_a_value_that_is_no_colour_is_named_with_its_colour(value: str) -> None:
    with pytest.raises(
        ThemeError, match=r"mine\.toml: colour 'ok' has the value .*, which is not a colour: write #rrggbb"
    ):
        parsed(written(ok=value))


def test_the_terminals_own_colours_have_to_be_asked_for() -> None:
    text = written(ok='"ansi_green"')
    with pytest.raises(ThemeError, match=r"colour 'ok' is ansi_green, .*needs 'ansi = true'"):
        parsed(text)
    assert parsed("ansi = true\n" + text).colors["ok"] == "ansi_green"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[colors", r"mine\.toml: this is not valid TOML: "),
        ("colour = 1", r"mine\.toml: there is no setting 'colour': did you mean 'colors'\?"),
        ("colors = 1", r"mine\.toml: 'colors' has to be a table"),
        ('dark = "yes"', r"mine\.toml: 'dark' has the value 'yes': write true or false\."),
        (written(okay='"#000000"'), r"mine\.toml: there is no colour 'okay': did you mean 'ok'\?"),
        (written(zebra='"#000000"'), r"mine\.toml: there is no colour 'zebra': take it out\."),
        (
            written() + '\n[styles]\nmark-style = "loud"',
            r"mine\.toml: style 'mark-style' has the value 'loud': use none, ",
        ),
        (written() + "\n[styles]\nmark-style = 1", r"mine\.toml: style 'mark-style' has the value 1: use none, "),
        (
            written() + '\n[styles]\nmarks-style = "bold"',
            r"mine\.toml: there is no style 'marks-style': did you mean 'mark-style'\?",
        ),
    ],
)
def test_every_other_mistake_is_a_sentence_too(text: str, sentence: str) -> None:
    with pytest.raises(ThemeError, match=sentence):
        parsed(text)


def test_what_is_left_out_falls_back() -> None:
    theme = parsed(written(accent='"#00ff00"', lost='"#ff00ff"'))
    assert theme.colors["chart"] == theme.colors["sorted"] == "#00ff00"
    assert theme.colors["left"] == "#ff00ff"
    assert theme.styles["lost-style"] == "strike"
    assert set(theme.colors) == set(COLORS)
    assert set(theme.styles) == set(STYLES)
    assert theme.title == "mine"


def test_every_fallback_is_a_colour_that_ends_at_a_required_one() -> None:
    for variable in COLORS.values():
        seen = [variable.name]
        while COLORS[seen[-1]].fallback:
            seen.append(COLORS[seen[-1]].fallback)
            assert len(seen) < len(COLORS)


def test_a_persons_own_theme_wins_over_a_shipped_one_and_a_bad_one_spoils_no_other(tmp_path: Path) -> None:
    (tmp_path / "dark.toml").write_text('title = "Mine"\n' + written(), encoding="utf-8")
    (tmp_path / "odd.toml").write_text("[", encoding="utf-8")
    (tmp_path / "latin.toml").write_bytes('title = "hübsch"'.encode("latin-1"))
    (tmp_path / "notes.txt").write_text("no theme", encoding="utf-8")
    assert load_theme("dark", tmp_path).title == "Mine"
    good, bad = load_themes(tmp_path)
    assert tuple(theme.name for theme in good) == SHIPPED
    assert len(bad) == 2
    assert "latin.toml: the theme is not UTF-8 text" in str(bad[0])
    assert theme_names(tmp_path) == tuple(sorted((*SHIPPED, "latin", "odd")))


def test_a_theme_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(ThemeError, match=r"folder\.toml: the theme can't be read: "):
        load_theme("folder", tmp_path)


def test_a_folder_that_is_not_there_has_no_themes(tmp_path: Path) -> None:
    assert theme_names(tmp_path / "none") == SHIPPED


def test_checking_a_theme_imports_no_textual() -> None:
    program = "import sys, fxtop.ui.theme_file as t; t.load_themes(); sys.exit('textual' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
