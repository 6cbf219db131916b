"""What arrived in the views that tell: one sentence in the toast and the activity panel, a mark in the sidebar."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from reviewdesk.services.events import Arrived, Notice
from reviewdesk.ui.inbox import words

if TYPE_CHECKING:
    from reviewdesk.ui.main_window import MainWindow

__all__ = ["Arrivals"]

OPEN = "open-arrived"
_LOOK_AGAIN_MS = 1_000
_PATIENCE = 60
_STAY_S = 8.0


class Arrivals(QObject):
    """Hears what a sync run brought into views, says it once, and leads there."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._said: tuple[str, int] = ("", 0)
        """The sentence that waits for its turn in the toast, and the view its button opens."""
        self._waited = 0
        self._turn = QTimer(self)
        self._turn.setInterval(_LOOK_AGAIN_MS)
        self._turn.timeout.connect(self._try)
        self._open_view = 0
        window.bridge.notice.connect(self._on_notice)
        window.toast.action.connect(self._on_toast)
        window.navigation.moved.connect(self._on_moved)

    def _on_notice(self, notice: Notice) -> None:
        if not notice.arrived:
            return
        window = self._window
        known = {view.id: view.name for view in window.sidebar.views()}
        text = self.tr("New reviews: {views}").format(
            views=", ".join(self._words(each, known) for each in notice.arrived)
        )
        first = notice.arrived[0]
        door = (
            self.tr("Open {view}").format(view=known.get(first.view_id, first.name)),
            partial(self.open, first.view_id),
        )
        window.activity.add(Notice(notice.level, text, "", notice.account_id, notice.at), door=door)
        here = window.entry()
        shown = here.view_id if here is not None else 0
        elsewhere = [each for each in notice.arrived if each.view_id != shown]
        window.sidebar.note_arrived({each.view_id: each.count for each in elsewhere})
        if elsewhere:
            # In the view that is on the screen the list itself shows what came.
            self._said, self._waited = (text, elsewhere[0].view_id), 0
            self._try()

    def _words(self, each: Arrived, known: dict[int, str]) -> str:
        name = known.get(each.view_id, each.name)
        return self.tr("{n} in {view}").format(n=words.figure(each.count), view=name)

    def _try(self) -> None:
        """A toast with a way back, or a countdown, is not taken away by news."""
        text, view_id = self._said
        window = self._window
        if window.toast.text() and self._waited < _PATIENCE:
            self._waited += 1
            self._turn.start()
            return
        self._turn.stop()
        self._said = ("", 0)
        if text and not window.toast.text():
            self._open_view = view_id
            window.toast.show_message(text, buttons=((OPEN, self.tr("Open"), ""),), stay_s=_STAY_S)
            window.telling.place_toast()

    def _on_toast(self, name: str) -> None:
        if name == OPEN:
            self.open(self._open_view)

    def open(self, view_id: int) -> None:
        """Go to the view; where it is gone, that is said."""
        window = self._window
        window.toast.dismiss()
        if window.show_view(f"view:{view_id}"):
            window.focus_list()
        else:
            window.say(self.tr("This view is no longer there"))

    def _on_moved(self) -> None:
        entry = self._window.entry()
        if entry is not None and entry.view_id:
            self._window.sidebar.forget_arrived(entry.view_id)
