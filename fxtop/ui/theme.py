"""Theme files made into Textual themes."""

from __future__ import annotations

from functools import cache
from typing import Final

from textual.theme import Theme

from fxtop.ui.theme_file import DEFAULT_THEME, ThemeSpec, load_theme

COLOURLESS: Final = "mono"
"""The theme that needs no colour."""
THIN_THEME: Final = "ansi"
"""The theme for thin lines: sixteen colours, and few of them."""


def textual_theme(spec: ThemeSpec) -> Theme:
    """``spec`` as Textual wants it, its own widgets styled along."""
    colors = spec.colors
    return Theme(
        name=spec.name,
        dark=spec.dark,
        ansi=spec.ansi,
        primary=colors["accent"],
        secondary=colors["accent"],
        accent=colors["accent"],
        warning=colors["warn"],
        error=colors["crit"],
        success=colors["ok"],
        foreground=colors["text"],
        background=colors["background"],
        surface=colors["background"],
        panel=colors["panel"],
        boost=colors["panel"],
        variables=spec.variables | _for_textuals_own_widgets(spec),
    )


@cache
def variable_defaults() -> dict[str, str]:
    """Every ``$fx-`` variable, as the default theme has it: for ``App.get_theme_variable_defaults``.

    Style sheets that use them can then be read whatever theme is on, also one of Textual's own.
    """
    return load_theme(DEFAULT_THEME).variables


def _for_textuals_own_widgets(spec: ThemeSpec) -> dict[str, str]:
    """Variables of Textual 8.2 (``textual.design``) that inputs, lists, palette and footer are styled by."""
    colors, styles = spec.colors, spec.styles
    return {
        "ansi-background": "ansi_black" if spec.dark else "ansi_white",
        "ansi-foreground": "ansi_white" if spec.dark else "ansi_black",
        "text": colors["text"],
        "text-muted": colors["muted"],
        "text-disabled": colors["muted"],
        "foreground-muted": colors["muted"],
        "foreground-disabled": colors["muted"],
        "block-cursor-foreground": colors["text"],
        "block-cursor-background": colors["cursor"],
        "block-cursor-text-style": styles["cursor-style"],
        "block-cursor-blurred-foreground": colors["text"],
        "block-cursor-blurred-background": colors["cursor-blur"],
        "block-cursor-blurred-text-style": styles["cursor-blur-style"],
        "block-hover-background": colors["panel"],
        "border": colors["border-focus"],
        "border-blurred": colors["border"],
        "surface-active": colors["panel"],
        "scrollbar": colors["scrollbar"],
        "scrollbar-hover": colors["scrollbar"],
        "scrollbar-active": colors["accent"],
        "scrollbar-background": colors["scrollbar-track"],
        "scrollbar-background-hover": colors["scrollbar-track"],
        "scrollbar-background-active": colors["scrollbar-track"],
        "scrollbar-corner-color": colors["scrollbar-track"],
        "input-cursor-foreground": colors["text"],
        "input-cursor-background": colors["background"],
        "input-cursor-text-style": "reverse",
        "input-selection-foreground": colors["text"],
        "input-selection-background": colors["selection"],
        "screen-selection-foreground": colors["text"],
        "screen-selection-background": colors["selection"],
        "footer-foreground": colors["text"],
        "footer-background": colors["background"],
        "footer-key-foreground": colors["accent"],
        "footer-key-background": colors["background"],
        "footer-description-foreground": colors["text"],
        "footer-description-background": colors["background"],
        "footer-item-background": colors["background"],
    }
