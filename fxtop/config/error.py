"""What goes wrong with settings, as a sentence for the person who made them."""

from __future__ import annotations


class ConfigError(ValueError):
    """Settings that can't be used: what, where it was said, and what to do. The text never holds a secret."""
