"""The way of every command that acts: join the cluster, plan, confirm, send, and say what came of it."""

from __future__ import annotations

import argparse
import asyncio
import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from fxtop.actions.announcing import others
from fxtop.actions.arming import Arming
from fxtop.actions.export import plan_data
from fxtop.actions.link import appoint
from fxtop.actions.model import Intent, Plan, Refused, Rehearsed, Sent, Verb
from fxtop.actions.operator import Operator
from fxtop.cli import json_rows
from fxtop.cli.act_flags import words
from fxtop.cli.ask import confirmed
from fxtop.cli.bus_news import tell_of_bus
from fxtop.cli.joined import Joined, joined
from fxtop.cli.outcome import awaits_approval, exit_code, failures, progress
from fxtop.cli.output import TableColumn, print_json, print_table, say
from fxtop.cli.plan_text import plan_lines
from fxtop.cli.start import start
from fxtop.clock import SystemClock
from fxtop.cluster.records import JobState
from fxtop.config.settings import Settings

if TYPE_CHECKING:
    from fxtop.cluster.records import JobRow
    from fxtop.cluster.store import Store

MakeIntent = Callable[["Store", dict[str, Any]], Intent]
"""An intent from what is known of the cluster and from what was said beside the targets."""

MEET_WITHIN = 0.5
"""Seconds in which another console that is at the same nodes answers that it is."""
PROGRESS_EVERY = 2.0
"""Seconds between two looks at the jobs while their end is waited for."""


def act(args: argparse.Namespace, verb: Verb, make_intent: MakeIntent) -> int:
    """Carry the intent out as the flags say; the exit code.

    Raises:
        Usage, ConfigError, KeyFileError, Refused, BusDown: nothing was sent.
    """
    settings = start(args)
    return asyncio.run(_Deed(args, settings, verb, make_intent).do())


class _Deed:
    """One run of a command that acts."""

    def __init__(self, args: argparse.Namespace, settings: Settings, verb: Verb, make_intent: MakeIntent) -> None:
        self._args = args
        self._settings = settings
        self._verb = verb
        self._make_intent = make_intent
        self._clock = SystemClock()

    async def do(self) -> int:
        """All of it."""
        args, settings = self._args, self._settings
        said = words(args, self._verb, now=self._clock.now(), tz=settings.zone)
        if not args.dry_run:
            Arming(self._clock, read_only=settings.read_only).arm()  # refuses before anybody was asked anything
        async with joined(settings) as cluster:
            operator = appoint(settings, cluster.bus, cluster.store, cluster.clock)
            plan = await operator.prepare(self._make_intent(cluster.store, said))
            if args.dry_run:
                return self._tell_rehearsal(plan, await operator.dry_run(plan))
            typed = await self._confirm(operator, plan, cluster)
            jobs = await self._follow(operator, cluster, await self._send(operator, plan, typed))
            if operator.trouble:
                say(operator.trouble)
            return self._tell_jobs(plan, jobs, cluster.store)

    async def _confirm(self, operator: Operator, plan: Plan, cluster: Joined) -> str:
        """What the person typed, who was shown the plan, and who else is at it; they are told of it meanwhile."""
        operator.arming.arm()

        def look() -> None:
            cluster.fold()

        async with operator.announced(plan, look):
            for line in plan_lines(plan, self._settings.badge or self._settings.cluster):
                say(line)
            if not self._args.yes:
                await self._meet(plan, cluster)
            for line in others(plan, cluster.store):
                say(line)
            return await confirmed(plan.confirmation, yes=self._args.yes)

    async def _meet(self, plan: Plan, cluster: Joined) -> None:
        """Give others who are at the same nodes the time to say so."""
        until = self._clock.monotonic() + MEET_WITHIN
        while (left := until - self._clock.monotonic()) > 0 and not others(plan, cluster.store):
            await cluster.bus.wait_activity(left)

    async def _send(self, operator: Operator, plan: Plan, typed: str) -> Sent:
        """Send it, after the time in which it can be stopped."""
        operator.arming.arm()
        window = operator.cancel_window(plan)
        if window.seconds:
            say(f"This is about {plan.size} things. It is sent in {window.seconds:g} s; Ctrl-C stops it.")
        try:
            return await operator.commit(plan, typed, window)
        except asyncio.CancelledError:
            if not window.over:
                say("Nothing was sent: you stopped it in time.")
            raise

    async def _follow(self, operator: Operator, cluster: Joined, sent: Sent) -> Sequence[JobRow]:
        """The jobs after their first answers, or at their end where that is to be waited for."""
        try:
            return await self._wait(operator, cluster, sent)
        except asyncio.CancelledError:
            say("You don't wait any longer, but what was sent goes on: `fxtop get jobs` shows how it ends.")
            raise

    async def _wait(self, operator: Operator, cluster: Joined, sent: Sent) -> Sequence[JobRow]:
        status = cluster.bus.status
        jobs = await operator.settled(sent.requests, 0.0)
        limit = self._args.timeout if self._args.wait else 0.0
        until = self._clock.monotonic() + (math.inf if limit is None else limit)
        told: dict[str, str] = {}
        while not all(job.state.ended for job in jobs) and (left := until - self._clock.monotonic()) > 0:
            jobs = await operator.settled(sent.requests, min(left, PROGRESS_EVERY))
            if any(job.state is JobState.UNKNOWN for job in jobs):
                jobs = await _asked_again(operator, sent, jobs)
            for job in jobs:
                line = progress(job, self._settings.zone)
                if told.get(job.id) != line:
                    say(line)
                told[job.id] = line
            cluster.fold()
            before, status = status, await tell_of_bus(cluster, status)
            if status.reconnects != before.reconnects:
                jobs = await _asked_again(operator, sent, jobs)
        return jobs

    def _tell_jobs(self, plan: Plan, jobs: Sequence[JobRow], store: Store) -> int:
        if self._args.output == "json":
            print_json({"plan": plan_data(plan), "jobs": [json_rows.job(job, store) for job in jobs]})
        else:
            rows = ((job.target, job.verb, job.state, f"{job.done}/{job.total}", job.detail) for job in jobs)
            print_table([*map(TableColumn, ("target", "verb", "state", "done", "detail"))], rows)
            for job in jobs:
                for line in failures(job):
                    say(line)
        for job in filter(awaits_approval, jobs):
            say(f"{job.target}: nothing is done before somebody else approves it: fxtop approve {job.id}")
        return exit_code(jobs, waited=self._args.wait)

    def _tell_rehearsal(self, plan: Plan, answers: Sequence[Rehearsed]) -> int:
        if self._args.output == "json":
            print_json({"plan": plan_data(plan), "dry_run": msgspec.to_builtins(answers)})
        else:
            for line in plan_lines(plan, self._settings.badge or self._settings.cluster):
                say(line)
            rows = ((answer.step.target, answer.step.verb, answer.state, answer.detail) for answer in answers)
            print_table([*map(TableColumn, ("target", "verb", "would be", "detail"))], rows)
        return exit_code(answers, waited=False)


async def _asked_again(operator: Operator, sent: Sent, jobs: tuple[JobRow, ...]) -> tuple[JobRow, ...]:
    """``jobs`` by what their receivers say became of them; as they are where the bus is lost once more."""
    with suppress(Refused):
        return await operator.resolve(sent.requests)
    return jobs
