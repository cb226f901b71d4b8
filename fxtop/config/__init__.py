"""Settings: read from flags, environment, files and contexts, each value with the place it came from.

Begin at `fxtop.config.load.load`. Whatever can't be used is one `fxtop.config.error.ConfigError`, a sentence.
"""
