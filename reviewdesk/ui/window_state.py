"""What a restart brings back: place and size of the window, panes, view, order and the review one was at."""

from __future__ import annotations

import json
from dataclasses import asdict, field
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, QObject, QTimer

from reviewdesk.domain.models import Account
from reviewdesk.domain.plain import dataclass
from reviewdesk.domain.query import Sort
from reviewdesk.ui.header.search import SCOPE_EVERYTHING, SCOPE_VIEW
from reviewdesk.ui.inbox.lines import Grouping

if TYPE_CHECKING:
    from reviewdesk.ui.main_window import MainWindow

__all__ = ["Keeper", "WindowState"]

KEY = "window.state"
_SAVE_MS = 1500


@dataclass(slots=True)
class WindowState:
    """Plain values; whatever can't be read is left at its default."""

    geometry: str = ""
    outer: list[int] = field(default_factory=list)
    inner: list[int] = field(default_factory=list)
    view: str = "inbox"
    scope: str = "view"
    inbox: dict[str, Any] = field(default_factory=dict)
    orders: dict[str, Any] = field(default_factory=dict)
    """View to [sort, grouping], where these are not the usual ones."""

    def dump(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def load(cls, text: str | None) -> WindowState:
        """Never raises: a damaged state is an empty one."""
        state = cls()
        try:
            given = json.loads(text or "{}")
        except ValueError:
            return state
        if not isinstance(given, dict):
            return state
        for name, default in asdict(state).items():
            value = given.get(name)
            if type(value) is type(default):
                setattr(state, name, value)
        state.outer = [n for n in state.outer if isinstance(n, int) and 0 <= n < 20_000]
        state.inner = [n for n in state.inner if isinstance(n, int) and 0 <= n < 20_000]
        return state

    def order_of(self, view: str) -> tuple[Sort, str]:
        """How a view is sorted and cut; newest first by day where nobody chose otherwise."""
        kept = self.orders.get(view)
        if isinstance(kept, list) and len(kept) == 2 and kept[1] in Grouping.ALL:
            try:
                return Sort(str(kept[0])), str(kept[1])
            except ValueError:
                pass
        return Sort.NEWEST, Grouping.DAY

    def set_order(self, view: str, sort: Sort, grouping: str) -> None:
        """Remember how a view is sorted and cut."""
        if (sort, grouping) == (Sort.NEWEST, Grouping.DAY):
            self.orders.pop(view, None)
        else:
            self.orders[view] = [sort.value, grouping]

    def geometry_bytes(self) -> QByteArray:
        return QByteArray.fromBase64(self.geometry.encode("ascii", "ignore"))

    def set_geometry(self, raw: QByteArray) -> None:
        self.geometry = bytes(raw.toBase64().data()).decode("ascii")


class Keeper(QObject):
    """Writes down where a window is, a moment after it changed, and brings it back at the start."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._restored = False
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SAVE_MS)
        self._soon.timeout.connect(self.save)

    def restore(self) -> None:
        """Place, size, panes and scope at once; the view when the accounts are known."""
        window, state = self._window, self._window.state
        if not (state.geometry and window.restoreGeometry(state.geometry_bytes())):
            room = window.screen().availableGeometry()
            frame = 40
            window.resize(min(1440, room.width()), min(900, room.height() - frame))
        window.shape.fit()
        window.shape.set_side()
        window.inbox.restore(state.inbox)
        if state.scope in (SCOPE_VIEW, SCOPE_EVERYTHING):
            window.header.search.set_scope(state.scope)
        self._restored = True
        window.bridge.run(window.core.known_accounts, done=self._on_first_accounts, owner=self, key="first")

    def _on_first_accounts(self, accounts: list[Account]) -> None:
        window = self._window
        # The sidebar reads the same at the same time; its entries of accounts are there a moment later.
        if len(accounts) != len(window.sidebar.accounts()):
            QTimer.singleShot(20, self, partial(self._on_first_accounts, accounts))
            return
        if window.entry() is not None:
            return
        key = window.state.view if accounts else "inbox"
        if key.startswith("page:"):
            # Its entry comes with its room.
            window.making.complete()
        if not window.show_view(key):
            window.show_view("inbox")
        window.focus_list() if accounts else window.first_run.setFocus()

    def note_order(self, *_ignored: object) -> None:
        """Somebody chose another order or other groups: that view keeps them."""
        window = self._window
        entry = window.entry()
        if entry is not None:
            window.state.set_order(entry.key, window.inbox.sort(), window.inbox.grouping())
            self.save_later()

    def save_later(self, *_ignored: object) -> None:
        """Something changed that a restart should bring back."""
        if self._restored:
            self._soon.start()

    def save(self) -> None:
        """Write down what a restart brings back."""
        window, state = self._window, self._window.state
        self._soon.stop()
        state.set_geometry(window.saveGeometry())
        entry = window.entry()
        if entry is not None:
            state.view = entry.key
        state.scope = window.header.search.scope()
        state.inbox = window.inbox.state()
        window.core.settings.set_text(KEY, state.dump())
