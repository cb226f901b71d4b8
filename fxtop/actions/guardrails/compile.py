"""From rules as they were written to rules that can be asked. Every mistake is a sentence with its place."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Final

from fxtop.actions.guardrails.globs import Globs, mistake
from fxtop.actions.guardrails.judge import Guardrails
from fxtop.actions.guardrails.quiet import QuietHours, read_windows
from fxtop.actions.guardrails.rule import ON_SESSIONS, TAKES_LAUNCHERS, VERBS, Kind, Rule, TicketForm
from fxtop.config.guardrails import WrittenGuardrails, WrittenRule
from fxtop.config.zones import LOCAL, zone
from fxtop.protocol.text import inert
from fxtop.views.regex_syntax import RegexError

LONGEST_WORDS: Final = 300
MOST_WINDOWS: Final = 50
MOST_NUMBER: Final = 1_000_000
UTC: Final = "UTC"


def compiled(written: WrittenGuardrails) -> Guardrails:
    """The rules that ``written`` describes.

    Raises:
        ConfigError: one sentence about the first mistake, with the file and the line.
    """
    rules = tuple(_rule(number, rule) for number, rule in enumerate(written.rules, 1))
    return Guardrails(rules, written.approve_minutes * 60)


def _rule(number: int, written: WrittenRule) -> Rule:
    table = written.table
    clusters = [table.cluster] if isinstance(table.cluster, str) else table.cluster
    rule = Rule(
        words=_words(written),
        place=written.place,
        number=number,
        clusters=_globs(written, "cluster", clusters),
        verbs=_verbs(written),
        nodes=_globs(written, "nodes", table.nodes),
        sessions=_globs(written, "sessions", table.sessions),
        users=_globs(written, "users", table.users),
        deny=table.deny,
        protect=table.protect,
        quiet=_quiet(written),
        cap=_number(written, "cap", table.cap),
        min_launchers=_number(written, "min_launchers", table.min_launchers),
        ticket=_ticket(written),
        typed=table.typed,
        second_person=table.second_person,
    )
    _check_sense(rule, written)
    return rule


def _words(written: WrittenRule) -> str:
    words = written.table.say.strip()
    if not words or inert(words, LONGEST_WORDS) != words:
        raise written.wrong("say", f"has to be a sentence in one line of at most {LONGEST_WORDS} visible characters")
    return words


def _globs(written: WrittenRule, key: str, patterns: Sequence[str]) -> Globs:
    for pattern in patterns:
        if wrong := mistake(pattern):
            raise written.wrong(key, wrong)
    return Globs(patterns)


def _verbs(written: WrittenRule) -> frozenset[str]:
    for verb in written.table.verbs:
        if verb not in VERBS:
            near = difflib.get_close_matches(verb, VERBS, 1)
            hint = f"did you mean '{near[0]}'" if near else f"there are {', '.join(VERBS)}"
            raise written.wrong("verbs", f"has '{inert(verb, 40)}', which is no verb: {hint}")
    return frozenset(written.table.verbs or VERBS)


def _quiet(written: WrittenRule) -> QuietHours | None:
    texts, name = written.table.quiet, written.table.zone
    if texts is None:
        if name is not None:
            raise written.wrong("zone", "says in which zone `quiet` is meant, and there is no `quiet`")
        return None
    if len(texts) > MOST_WINDOWS:
        raise written.wrong("quiet", f"has {len(texts)} windows, and {MOST_WINDOWS} are the most")
    if texts and (name is None or name == LOCAL):
        what = "the time zone of `quiet` by its name, such as Europe/Berlin: console and agents may be in several"
        raise written.lacks("zone", what) if name is None else written.wrong("zone", f"has to be {what}")
    name = name or UTC
    try:
        clocks = zone(name)
    except ValueError as error:
        raise written.wrong("zone", f"can't be used: {error}") from None
    try:
        return QuietHours(read_windows(texts), clocks, name, tuple(texts))
    except ValueError as error:
        raise written.wrong("quiet", str(error)) from None


def _number(written: WrittenRule, key: str, number: int | None) -> int | None:
    if number is not None and not 0 <= number <= MOST_NUMBER:
        raise written.wrong(key, f"has to be 0 to {MOST_NUMBER}, not {number}")
    return number


def _ticket(written: WrittenRule) -> TicketForm | None:
    pattern = written.table.ticket
    if pattern is None:
        return None
    try:
        return TicketForm(pattern)
    except RegexError as error:
        raise written.wrong(
            "ticket", f"is no pattern that can be used, at character {max(1, error.position - 1)}: {error.sentence}"
        ) from None


def _check_sense(rule: Rule, written: WrittenRule) -> None:
    """Refuse a rule that could never do what whoever wrote it must have meant."""
    if not rule.kinds:
        raise written.lacks(", ".join(Kind), "the rule demands nothing, so say what it demands")
    if rule.of_sessions and not rule.verbs & ON_SESSIONS:
        key = "users" if rule.users else "sessions"
        raise written.wrong(key, f"is about sessions, and {', '.join(sorted(rule.verbs))} concerns none")
    if rule.demands(Kind.PROTECT) and not (rule.nodes or rule.of_sessions):
        raise written.wrong("protect", "needs nodes, sessions or users to protect; what stops a verb for all is `deny`")
    if rule.says(Kind.LAUNCHERS):
        if rule.of_sessions:
            raise written.wrong("min_launchers", "counts nodes: leave `users` and `sessions` out")
        if not rule.verbs & TAKES_LAUNCHERS:
            takes = ", ".join(sorted(TAKES_LAUNCHERS))
            raise written.wrong("min_launchers", f"can only be broken by {takes}, and the rule is for none of them")
