"""fxtop: the terminal console for FastX 5 clusters."""

__version__ = "0.1.0"
