"""A site's own rules for actions. Pure: console, headless commands and agents ask the same functions.

Rules stand in an order. Each demand of a rule is of one kind (`Kind`). For each kind, and for each single thing that an
action is about (a node, a session), the first rule whose cluster, verbs and patterns fit and that says anything of that
kind governs it, and later ones have no say about it. So an exception stands above the rule that it is an exception
from, and a rule that is put at the end never lets more through.

Console and agent have rules of their own and each refuses by its own, so that the stricter of them wins.
"""
