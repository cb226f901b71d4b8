"""Pools of seats: a head ``product vVER[, pool: N]``, and lines of fields below it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from fxtop.agent.rlm.lines import month
from fxtop.agent.rlm.report import PoolRow
from fxtop.protocol.license import PoolKind

_HEAD: Final = re.compile(r"(?P<product>\S.*) v(?P<version>[^\s,:]+)(?:, pool: (?P<pool>[0-9]{1,9}))?")
_NUMBER: Final = re.compile(r"[0-9]{1,18}")
_DAY: Final = re.compile(r"([0-9]{1,2})-([A-Za-z]{3})-([0-9]{1,4})")
_UNNUMBERED: Final = "token-based license"
_NUMBERS: Final = ("# reservations", "inuse", "obsolete", "min_remove", "total checkouts")
_KINDS: Final[dict[str, PoolKind]] = {"unlimited": "unlimited", "uncounted": "uncounted"}


@dataclass(slots=True)
class PoolDraft:
    """A pool while its lines are being read."""

    isv: str
    product: str
    version: str
    pool: int | None
    lines: list[str]
    """As they were printed, for the case that it turns out to be none."""
    kind: PoolKind | None = None
    count: int | None = None
    numbers: dict[str, int] = field(default_factory=dict)
    expires: date | None = None

    def take(self, line: str) -> bool | None:
        """Read a line of fields.

        Returns:
            Whether all of it was understood; None where it is no line of fields.
        """
        if line.lower() == _UNNUMBERED:
            return self._set_kind("token", None)
        fields = [part.strip() for part in line.split(",")]
        understood = [self._field(part) for part in fields]
        return all(understood) if any(understood) else None

    def finished(self) -> PoolRow | None:
        """The pool; None where nothing that was understood tells of its seats."""
        if self.kind is None or (self.kind != "token" and "inuse" not in self.numbers):
            return None
        return PoolRow(
            isv=self.isv,
            product=self.product,
            version=self.version,
            pool=self.pool,
            kind=self.kind,
            count=self.count,
            reserved=self.numbers.get("# reservations", 0),
            inuse=self.numbers.get("inuse", 0),
            expires=self.expires,
            checkouts=self.numbers.get("total checkouts"),
            min_remove=self.numbers.get("min_remove"),
            obsolete=self.numbers.get("obsolete", 0) > 0,
        )

    def _field(self, text: str) -> bool:
        name, _, value = (part.strip() for part in text.lower().partition(":"))
        if name in _KINDS and not value:
            return self._set_kind(_KINDS[name], None)
        if name == "count":
            return self._count(value)
        if name == "exp":
            return self._expires(value)
        if name not in _NUMBERS or name in self.numbers or not _NUMBER.fullmatch(value):
            return False
        self.numbers[name] = int(value)
        return True

    def _count(self, value: str) -> bool:
        if value in _KINDS:
            return self._set_kind(_KINDS[value], None)
        return bool(_NUMBER.fullmatch(value)) and self._set_kind("counted", int(value))

    def _set_kind(self, kind: PoolKind, count: int | None) -> bool:
        if self.kind is not None:
            return False
        self.kind, self.count = kind, count
        return True

    def _expires(self, value: str) -> bool:
        if value == "permanent":
            return True
        match = _DAY.fullmatch(value)
        if match is None:
            return False
        day, name, year = int(match[1]), month(match[2]), int(match[3])
        if year == 0:  # RLM's own way of saying that it never ends (Reprise, end user manual)
            return True
        try:
            self.expires = date(year, name or 0, day)
        except ValueError:
            return False
        return True


def pool_head(line: str, isv: str) -> PoolDraft | None:
    """The pool that begins with ``line``; whether it is one shows in the line after it."""
    match = _HEAD.fullmatch(line)
    if match is None:
        return None
    return PoolDraft(
        isv=isv,
        product=match["product"],
        version=match["version"],
        pool=int(match["pool"]) if match["pool"] else None,
        lines=[line],
    )
