"""What is known of the cluster: one store, one writer.

Batches of undecoded messages come in at `fxtop.cluster.store.Store.fold`; rows, dirty ids, joins and findings leave.
Pure: the clock is passed in, there is no I/O, and nothing here knows the bus or a widget.
"""
