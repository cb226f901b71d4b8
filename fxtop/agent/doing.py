"""Carrying out what was prepared, with an outcome whatever happens to it that can be expected."""

from __future__ import annotations

from fxtop.agent.durable import StateError
from fxtop.agent.order import Deed, Outcome
from fxtop.agent.providers.port import ProviderError


async def done(deed: Deed) -> Outcome:
    """What came of ``deed``."""
    try:
        return await deed.do()
    except StateError as error:
        return Outcome("failed", "storage", str(error))
    except ProviderError as error:
        return Outcome("failed", "provider", str(error))
