"""The bus: the only room that knows NATS.

Bytes come in and are appended to a buffer; whoever holds a `fxtop.bus.port.Bus` takes them in batches. Requests go out
at once or not at all. Nothing here decodes a payload.
"""
