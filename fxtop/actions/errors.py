"""Errors of the parts that are loaded when they are needed, apart from them: whoever catches one loads nothing."""

from __future__ import annotations


class KeyFileError(Exception):
    """A key file that can't be made or used; the text is a sentence for the operator."""


class JournalError(Exception):
    """A journal that can't be written or read; the text is a sentence for the operator."""
