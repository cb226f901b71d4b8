"""The terminal behind a line that may be thin or stand still: writing without waiting, measuring what gets through."""
