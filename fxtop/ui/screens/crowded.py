"""Which of sessions and users stands among the four panes: the sessions, or their users where they are too many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from fxtop.cluster.records import Dirty, Severity
from fxtop.ui.chrome.prompt import Prompt
from fxtop.ui.console import Console
from fxtop.ui.crowd import Crowd, Grouping, grouping_named
from fxtop.ui.pane import Pane
from fxtop.ui.screens.frame import FrameScreen
from fxtop.views.narrow import Narrowed

HINT: Final = "n or Enter lists a user's, :group none all"


class CrowdedScreen(FrameScreen):
    """The frame, with users in the place of the sessions while these can't be followed one by one.

    Then no session is kept in order but those that the panes are narrowed to.
    """

    by_user = False
    """Whether users stand for the sessions now."""

    def pieces(self, dirty: Dirty) -> Iterator[None]:
        """Judge how many sessions there are before they are shown."""
        if not self._changing and not self._decides():
            self._judge()
        yield from super().pieces(dirty)

    def standing(self, id_: str) -> Pane:
        """The pane that stands where ``id_`` has its place."""
        crowded_out = id_ == "sessions" and self.by_user and not self.panes["sessions"].narrowed_to
        return self.panes["users" if crowded_out else id_]

    @property
    def among_users(self) -> bool:
        """Whether the keys belong to the users that stand in the place of the sessions."""
        return self.active is self.panes["users"] and not self.active.extra

    def action_group(self, how: str = "") -> None:
        """Say what is to stand in the sessions' place, or ask what does."""
        crowd = self._crowd
        if crowd is None:
            return
        if how:
            try:
                crowd.choose(grouping_named(how))
            except ValueError as error:
                self.say(f"That can't be a grouping: {error}.", Severity.WARN)
                return
        if not self._judge():
            self.say(_standing(crowd))

    def narrow_panes(self, found: Narrowed, name: str) -> Sequence[Pane]:
        """Narrow the panes to what was ``found`` of the row called ``name``; returns them."""
        crowd, sessions = self._crowd, len(found.get("sessions", ()))
        if self.by_user and crowd is not None and not crowd.lists(sessions):
            found = {id_: ids for id_, ids in found.items() if id_ != "sessions"}
            self.say(f"{sessions:,} sessions of {name} are too many to list as well: all stay by user.", Severity.WARN)
        narrowed = [self.panes[id_] for id_ in found if id_ in self.panes]
        for pane in narrowed:
            pane.narrow(found[pane.spec.id], name)
        self._place()
        return narrowed

    def widen_panes(self) -> None:
        """Show all again in every pane."""
        for pane in self.panes.values():
            pane.narrow(None)
        self._place()

    def _take(self, console: Console) -> None:
        super()._take(console)
        self.by_user = False

    @property
    def _crowd(self) -> Crowd | None:
        return self.fx.health.crowd if self.fx.health is not None else None

    def _decides(self) -> bool:
        """Whether a person is about to do something with the pane that the keys belong to, or with marked sessions."""
        return self.query_one(Prompt).is_open or len(self.panes["sessions"].table.marks) > 0

    def _judge(self) -> bool:
        """Do as there are sessions, and tell; whether that changes what stands among the panes."""
        health, store = self.fx.health, self.fx.link.store
        if health is None:
            return False
        health.crowd.judge(len(store.sessions), health.pace, self.fx.look().monotonic)
        if health.crowd.by_user is self.by_user:
            return False
        self.by_user = health.crowd.by_user
        self.panes["sessions"].spare(self.by_user)
        self._place()
        self.say(_turned(health.crowd), Severity.WARN if self.by_user else Severity.INFO)
        return True

    def _place(self) -> None:
        """Let sessions or users stand among the panes; the keys go to the one that comes if the other had them."""
        sessions, users = self.panes["sessions"], self.panes["users"]
        stands = self.standing("sessions")
        had_keys = self.active is sessions or self.among_users
        sessions.set_class(stands is users, "-away")
        if stands is users and self._crowd is not None:
            users.stand_in(sessions, self._crowd.note, HINT)
        elif not users.extra:
            users.stand_aside()
        self.activate(stands if had_keys else self.active)


def _turned(crowd: Crowd) -> str:
    """What happened, and why."""
    if crowd.by_user:
        return f"{crowd.why}: shown by user. n or Enter on a user shows theirs."
    return f"{crowd.why}: each is listed again."


def _standing(crowd: Crowd) -> str:
    if crowd.by_user:
        return "The sessions are shown by user. :group none lists each, :group auto as many as can be followed."
    many = "however many there are" if crowd.wish is Grouping.NONE else "as long as they aren't too many"
    return f"Each session is listed by itself, {many}. :group user shows them by user."
