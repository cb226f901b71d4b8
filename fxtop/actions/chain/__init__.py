"""A file of lines in which each vouches for all before it: the form of the journals of operators and agents.

Whoever changes, removes, swaps or adds a line is found out by `fxtop.actions.chain.verify`. Whoever may write the whole
folder can make the chain anew and is not: the record is as safe as its owner's account, and no safer.
"""
