"""The command line: one file per command, thin.

A command reads its arguments, lets the rooms below do the work, and prints: data on stdout, everything else on stderr.
Nothing here is imported before its command is run.
"""
