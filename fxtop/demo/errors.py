"""What can go wrong with the demo, as sentences."""

from __future__ import annotations


class DemoError(Exception):
    """The demo can't start or had to stop; the text is a sentence for the person who started it."""
