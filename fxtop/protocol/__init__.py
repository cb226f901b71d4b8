"""The wire: structs, subjects, validation and signing of the fxtop bus protocol, version 1.

Bytes come in at `fxtop.protocol.decode`, structs leave. This room imports nothing else of fxtop's and does no I/O.
"""
