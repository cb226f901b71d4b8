"""Whole screens and dialogs, one a file, and what they send.

Only the main screen is there from the start. The others are loaded when a key first asks for one, so that the start
doesn't pay for them: whoever opens one names it as ``screens.HelpScreen``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from fxtop.ui.screens import acting as acting
    from fxtop.ui.screens.ask import AskScreen as AskScreen
    from fxtop.ui.screens.bus_panel import BusPanel as BusPanel
    from fxtop.ui.screens.choose import ChooseScreen as ChooseScreen
    from fxtop.ui.screens.details import DetailsScreen as DetailsScreen
    from fxtop.ui.screens.help import HelpScreen as HelpScreen
    from fxtop.ui.screens.pick import Choice as Choice
    from fxtop.ui.screens.pick import PickScreen as PickScreen
    from fxtop.ui.screens.placement import PlacementScreen as PlacementScreen
    from fxtop.ui.screens.placement import balance_bars as balance_bars
    from fxtop.ui.screens.plan_dialog import Confirmed as Confirmed
    from fxtop.ui.screens.plan_dialog import PlanDialog as PlanDialog
    from fxtop.ui.screens.steering import Steering as Steering
    from fxtop.ui.screens.wall import WallScreen as WallScreen

_MODULES: Final = {
    "AskScreen": "ask",
    "BusPanel": "bus_panel",
    "ChooseScreen": "choose",
    "DetailsScreen": "details",
    "HelpScreen": "help",
    "Choice": "pick",
    "PickScreen": "pick",
    "PlacementScreen": "placement",
    "balance_bars": "placement",
    "Confirmed": "plan_dialog",
    "PlanDialog": "plan_dialog",
    "Steering": "steering",
    "WallScreen": "wall",
}
"""In which module of this package each of them is."""


def __getattr__(name: str) -> Any:
    """What is asked for by name for the first time (PEP 562)."""
    if name == "acting":
        return import_module(f"{__name__}.acting")
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
