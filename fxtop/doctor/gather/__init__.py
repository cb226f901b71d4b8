"""Gathering facts: from a tree of files, which may be a copy, and from the living host."""
