"""The arithmetic of sharing out: pure functions over numbers by name."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TypeVar

K = TypeVar("K", bound=str)


def share_out(total: float, wishes: Mapping[K, float], limits: Mapping[K, float | None]) -> dict[K, float]:
    """``total`` in proportion to ``wishes`` (all above 0), nobody above its limit while others have room.

    Where all limits together are less than ``total``, everybody gets above its limit in proportion to it.
    """
    shares = dict.fromkeys(wishes, 0.0)
    free = dict(wishes)
    left = total
    while free:
        portion = left / sum(free.values())
        full = {key: limit for key in free if (limit := limits[key]) is not None and limit <= free[key] * portion}
        if not full:
            return shares | {key: wish * portion for key, wish in free.items()}
        shares.update(full)
        left -= sum(full.values())
        free = {key: wish for key, wish in free.items() if key not in full}
    room = sum(shares.values())
    if room <= 0:
        return {key: wish * total / sum(wishes.values()) for key, wish in wishes.items()}
    return {key: share / room * total for key, share in shares.items()}


def whole(shares: Mapping[K, float]) -> dict[K, float]:
    """``shares`` as whole numbers with the same sum, by largest remainder; ties go to the first name."""
    floors = {key: math.floor(share) for key, share in shares.items()}
    missing = round(sum(shares.values())) - sum(floors.values())
    by_remainder = sorted(shares, key=lambda key: (floors[key] - shares[key], key))
    return {key: float(floors[key] + (key in by_remainder[:missing])) for key in shares}


def level(values: Mapping[K, float], least: float, most: float) -> dict[K, float]:
    """``values`` scaled to a mean of 1, each kept between ``least`` and ``most``, to two places."""
    mean = sum(values.values()) / len(values)
    return {key: round(min(most, max(least, value / mean)), 2) for key, value in values.items()}
