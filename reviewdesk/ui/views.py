"""Views as a whole: all of one marked read; saved ones kept, renamed, given an icon, moved, deleted."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QFileDialog

from reviewdesk.domain.query import And, Is, Query
from reviewdesk.ui.header.search import SCOPE_EVERYTHING
from reviewdesk.ui.picker import Choice

if TYPE_CHECKING:
    from reviewdesk.services.inbox import SavedView
    from reviewdesk.ui.main_window import MainWindow
    from reviewdesk.ui.sidebar import Entry

__all__ = ["ICONS", "Views"]

ICONS = (
    *(
        "bookmark-simple",
        "star",
        "flag",
        "warning",
        "timer",
        "clock",
        "package",
        "storefront",
        "globe-simple",
    ),
    *(
        "chat-circle-dots",
        "envelope-simple",
        "image-square",
        "tag-simple",
        "user-plus",
        "note",
        "check-circle",
    ),
)
"""Icons a view may have."""


class Views(QObject):
    """What a person does with saved views; every act is a step that can be taken back."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        window.sidebar.read_wanted.connect(self.read_all_of)

    # --- mark all read -----------------------------------------------------------------------------

    def read_all(self) -> None:
        """Mark everything read that the list shows now: what is asked for is noted when the key is pressed."""
        query = self._window.inbox.query()
        if query is not None:
            self._read_all(query)

    def read_all_of(self, entry: Entry) -> None:
        """The same for an entry of the sidebar, whatever is shown."""
        self._read_all(self._window.core.inbox.parse(entry.query))

    def _read_all(self, query: Query) -> None:
        unread = Is("unread")
        root = unread if query.root is None else And((query.root, unread))
        window = self._window
        wanted = Query(root, f"{query.text} is:unread".strip())
        window.bridge.run(window.core.inbox.ids, wanted, done=self._on_unread, owner=self, key="read-all")

    def _on_unread(self, ids: Sequence[int]) -> None:
        window = self._window
        if not ids:
            window.say(self.tr("Nothing is unread here"))
            return
        # Not as an act on rows: none of them leaves the list under one's eyes.
        window.doing.act("read", window.core.inbox.mark_read(list(ids), True), many=len(ids))

    def show_hidden(self) -> None:
        """Everything that was hidden here, from all accounts and states."""
        window = self._window
        entry = window.entry()
        if entry is None or entry.kind in ("outbox", "page"):
            window.show_view("inbox")
        window.header.search.set_scope(SCOPE_EVERYTHING)
        window.header.search.set_text("is:hidden")
        window.focus_list()

    # --- saved views -------------------------------------------------------------------------------

    def save(self) -> None:
        """Keep the search of the list under a name."""
        window = self._window
        query = window.search_text()
        typed = window.header.search.text().strip()
        entry = window.entry()
        name = typed or (entry.label if entry is not None else "")
        window.choosing.name(
            self.tr("Name of the view"),
            self.tr("Save the view {name}"),
            partial(window.core.inbox.save_view, query=query),
            kind="view",
            text=name[:60],
            after=self._show_soon,
        )

    def _show_soon(self, view_id: int) -> None:
        # The sidebar hears of it a moment later.
        QTimer.singleShot(250, self, partial(self._window.show_view, f"view:{view_id}"))

    def act(self, name: str, view_id: int) -> None:
        """``rename``, ``icon``, ``notify``, ``update``, ``export``, ``up``, ``down`` or ``delete`` a view."""
        views = self._window.sidebar.views()
        view = next((v for v in views if v.id == view_id), None)
        if view is None:
            return
        inbox, doing = self._window.core.inbox, self._window.doing
        if name == "rename":
            self._window.choosing.name(
                self.tr("New name of {name}").format(name=view.name),
                self.tr("Rename to {name}"),
                lambda text: inbox.change_view(view_id, name=text),
                kind="view-change",
                text=view.name,
            )
        elif name == "icon":
            self._ask_icon(view)
        elif name == "notify":
            doing.act("view-change", inbox.change_view(view_id, notify=not view.notify), quiet=True)
            self._window.say(
                self.tr("Nothing is told of {view} any more").format(view=view.name)
                if view.notify
                else self.tr("You will be told when something new arrives in {view}").format(view=view.name)
            )
        elif name == "export":
            self.ask_export([view_id], f"{view.name}.json")
        elif name == "update":
            doing.act("view-change", inbox.change_view(view_id, query=self._window.search_text()))
        elif name == "delete":
            entry = self._window.entry()
            if entry is not None and entry.view_id == view_id:
                self._window.show_view("inbox")
            doing.act("view-delete", inbox.delete_view(view_id))
        elif name in ("up", "down"):
            order = [v.id for v in views]
            at = order.index(view_id)
            to = at + (1 if name == "down" else -1)
            if 0 <= to < len(order):
                order.insert(to, order.pop(at))
                doing.act("view-order", inbox.order_views(order), quiet=True)

    def toggle_notify(self) -> None:
        """Tell what arrives in the view that is shown, or no longer."""
        entry = self._window.entry()
        if entry is None or not entry.view_id:
            self._window.say(self.tr("Go to a saved view first"))
        else:
            self.act("notify", entry.view_id)

    # --- files -------------------------------------------------------------------------------------

    def ask_export(self, ids: Sequence[int] | None = None, name: str = "views.json") -> None:
        """Ask where to, then write these views (None: all)."""
        if not self._window.sidebar.views():
            self._window.say(self.tr("There is no saved view to write"))
            return
        plain = "".join(char for char in name if char.isalnum() or char in " ._-").strip() or "views.json"
        chosen, _ = QFileDialog.getSaveFileName(
            self._window, self.tr("Write views to a file"), str(Path.home() / plain), "JSON (*.json)"
        )
        if chosen:
            self.export_file(Path(chosen), ids)

    def export_file(self, target: Path, ids: Sequence[int] | None = None) -> None:
        """Write views to a file; how many is said."""
        window = self._window
        window.bridge.run(
            window.core.inbox.view_files.export,
            target,
            ids,
            done=lambda count: window.say(self.tr("%n views written", "", count)),
            failed=self._on_failed,
            owner=self,
        )

    def ask_import(self) -> None:
        """Ask for a file and add its views."""
        chosen, _ = QFileDialog.getOpenFileName(
            self._window, self.tr("Add views from a file"), str(Path.home()), "JSON (*.json)"
        )
        if chosen:
            self.import_file(Path(chosen))

    def import_file(self, source: Path) -> None:
        """Add the views of a file, as one step."""
        window = self._window

        def read() -> Future[list[int]]:
            return window.core.inbox.view_files.import_from(source, icons=ICONS)

        window.bridge.run(read, done=partial(self._on_read, source.name), failed=self._on_failed, owner=self)

    def _on_read(self, name: str, added: Future[list[int]]) -> None:
        self._window.doing.act("view-import", added, quiet=True, then=partial(self._on_imported, name))

    def _on_imported(self, name: str, made: list[int]) -> None:
        if made:
            self._window.doing.tell(
                self.tr("%n views added from {name}", "", len(made)).format(name=name), undo=True
            )
        else:
            self._window.say(self.tr("All views of {name} are here already").format(name=name))

    def _on_failed(self, error: BaseException) -> None:
        message = str(getattr(error, "message", "")) or self.tr("That did not work")
        self._window.say(f"{message} {getattr(error, 'remedy', '')}".strip())

    def _ask_icon(self, view: SavedView) -> None:
        inbox, doing = self._window.core.inbox, self._window.doing

        def choose(icon: str) -> None:
            doing.act("view-change", inbox.change_view(view.id, icon=icon))

        names = {
            "bookmark-simple": self.tr("Bookmark"),
            "star": self.tr("Star"),
            "flag": self.tr("Flag"),
            "warning": self.tr("Warning"),
            "timer": self.tr("Stop watch"),
            "clock": self.tr("Clock"),
            "package": self.tr("Parcel"),
            "storefront": self.tr("Shop"),
            "globe-simple": self.tr("Globe"),
            "chat-circle-dots": self.tr("Speech bubble"),
            "envelope-simple": self.tr("Envelope"),
            "image-square": self.tr("Picture"),
            "tag-simple": self.tr("Tag"),
            "user-plus": self.tr("Person"),
            "note": self.tr("Note"),
            "check-circle": self.tr("Check mark"),
        }
        choices = [
            Choice(icon, names[icon], partial(choose, icon), icon=icon, checked=icon == view.icon)
            for icon in ICONS
        ]
        self._window.picker.ask(
            "view-icon", lambda _typed: choices, title=self.tr("Icon"), placeholder=self.tr("Which icon")
        )
