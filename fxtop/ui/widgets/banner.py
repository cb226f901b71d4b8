"""A band across the whole screen that can't be overlooked."""

from __future__ import annotations

from typing import Final

from textual.content import Content
from textual.widget import Widget

from fxtop.views.column import Tone

_CLASSES: Final = {Tone.CRIT: "-crit", Tone.WARN: "-warn"}


class Banner(Widget):
    """A centred sentence on a loud background, on up to three lines. Whether it is there is the screen's affair."""

    DEFAULT_CSS = """
    Banner {
        height: auto;
        max-height: 3;
        width: 1fr;
        text-align: center;
        color: $fx-banner-text;
        background: $fx-banner-info;
        text-style: $fx-banner-style;

        &.-warn { background: $fx-banner-warn; }
        &.-crit { background: $fx-banner-crit; }
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__(id=id, classes=classes)
        self._text = ""

    @property
    def text(self) -> str:
        """The sentence shown."""
        return self._text

    def show(self, text: str, tone: Tone = Tone.CRIT) -> None:
        """Show ``text``, never read as markup; nothing is painted when it is the one already shown."""
        for each, name in _CLASSES.items():
            self.set_class(each is tone, name)
        if text != self._text:
            self._text = text
            self.refresh(layout=True)

    def render(self) -> Content:
        """The sentence."""
        return Content(self._text)
