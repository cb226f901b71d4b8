"""FastX's own bus, listened to and left alone: very probably Moleculer's protocol over NATS (inferred, unofficial).

Only HEARTBEAT, INFO and DISCONNECT are ever read, and nothing but DISCOVER is ever said, where that is switched on. So
fxtop is never a node of FastX's mesh: a broker becomes one by its INFO.
"""
