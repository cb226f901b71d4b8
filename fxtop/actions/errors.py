"""Errors of the parts that are loaded when they are needed, apart from them: whoever catches one loads nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fxtop.actions.model import Intent


class KeyFileError(Exception):
    """A key file that can't be made or used; the text is a sentence for the operator."""


class JournalError(Exception):
    """A journal that can't be written or read; the text is a sentence for the operator."""


class Refused(Exception):
    """An intent that can't become a plan, or a plan that may not be sent. ``code`` is short, the text a sentence."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


class Stale(Refused):
    """A rebalance whose plan no longer fits the cluster. Preparing ``intent`` once more makes one that does."""

    def __init__(self, intent: Intent, sentence: str) -> None:
        super().__init__("stale", sentence)
        self.intent = intent
