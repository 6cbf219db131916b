"""The sidebar as a pane: asks for its counts off the GUI thread, says which view was chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QElapsedTimer, QModelIndex, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QFocusEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QMenu, QScrollBar, QVBoxLayout, QWidget

from reviewdesk.domain.models import Account, AccountState, ChangeSet
from reviewdesk.services.events import SyncStatus
from reviewdesk.services.inbox import SavedView
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.inbox.overlay import OverlayBar
from reviewdesk.ui.loading import viewport_of
from reviewdesk.ui.sidebar.entries import Counts, Entry, PageEntry, build
from reviewdesk.ui.sidebar.view import SidebarDelegate, SidebarModel
from reviewdesk.ui.theme import icons, theme

__all__ = ["Sidebar"]

RAIL_WIDTH = 52
_COUNT_MS = 150
_REST_MS = 200
"""A busy sync tells of changes twenty times a second; so long after one look at the figures the next waits."""
_COUNT_REST = 5
"""Counting the views takes a while with many reviews; it rests this many times as long."""
WIDTH = 228


class _List(QListView):
    """One tab stop; the selection repaints when the focus comes and goes. ``act``: a key about a saved view."""

    act = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._port = viewport_of(self)
        # The bar lies in the margin beside the entries: a rail of icons has no room for one, and without any bar
        # nobody would know that there is more below.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._bar = OverlayBar(parent)
        self._bar.hide()
        own = self.verticalScrollBar()
        own.rangeChanged.connect(self._on_range)
        own.valueChanged.connect(self._bar.setValue)
        self._bar.valueChanged.connect(own.setValue)

    def bar(self) -> QScrollBar:
        """The bar that is seen."""
        return self._bar

    def set_slim(self, slim: bool) -> None:
        """A bar half as thick."""
        self._bar.thickness = 3 if slim else 6
        self._bar.update()

    def _on_range(self, low: int, high: int) -> None:
        own = self.verticalScrollBar()
        self._bar.setRange(low, high)
        self._bar.setPageStep(own.pageStep())
        self._bar.setSingleStep(own.singleStep())
        self._bar.setVisible(high > low)
        self._bar.setValue(own.value())
        self._place_bar()

    def _place_bar(self) -> None:
        # Of its 12 px the middle six are painted.
        width = self._bar.sizeHint().width()
        left = self.x() + 3 - width if self.isRightToLeft() else self.x() + self.width() - 3
        self._bar.setGeometry(left, self.y(), width, self.height())
        self._bar.raise_()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._bar.setPageStep(self.verticalScrollBar().pageStep())
        self._place_bar()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        about = {
            (Qt.Key.Key_F2, False): "rename",
            (Qt.Key.Key_Delete, False): "delete",
            (Qt.Key.Key_Up, True): "up",
            (Qt.Key.Key_Down, True): "down",
        }.get((Qt.Key(event.key()), alt))
        if about is not None:
            self.act.emit(about)
            return
        # Letters are the window's single keys elsewhere; a list that jumps by letters here would surprise.
        if event.text() and event.text().isprintable() and event.key() != Qt.Key.Key_Space:
            event.ignore()
            return
        super().keyPressEvent(event)


class Sidebar(QWidget):
    """``chosen`` carries the Entry whose view is wanted; ``left`` asks to go on to the list."""

    chosen = Signal(object)
    left = Signal()
    account_paused = Signal(int)
    account_resumed = Signal(int)
    sync_wanted = Signal(int)
    health_wanted = Signal(int)
    sign_in_wanted = Signal(int)
    counted = Signal()
    """There are new figures."""
    read_wanted = Signal(object)
    """Everything behind this Entry is to be marked read."""
    add_wanted = Signal()
    """The first account is to be added."""
    view_act = Signal(str, int)
    """What to do with a saved view (rename, update, delete, up, down) and its id."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("side")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._bridge = bridge
        self._accounts: list[Account] = []
        self._codes: dict[str, str] = {}
        self._counts = Counts({}, {})
        self._statuses: dict[int, SyncStatus] = {}
        self._views: list[SavedView] = []
        self._view_counts: dict[int, int] = {}
        self._arrived: dict[int, int] = {}
        self._pages: dict[str, PageEntry] = {}
        self._current = "inbox"
        self._known = False
        """Whether the accounts have been read: before, none is not known to be none."""
        self._rail = False
        self.view = _List(self)
        self.view.setAccessibleName(self.tr("Views and accounts"))
        self.view.setFrameShape(QListView.Shape.NoFrame)
        self.view.setMouseTracking(True)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(self._on_context_menu)
        self.view.viewport().setAutoFillBackground(False)
        self.view.setObjectName("sidelist")
        self._model = SidebarModel(self)
        self._delegate = SidebarDelegate(self)
        self.view.setModel(self._model)
        self.view.setItemDelegate(self._delegate)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(8, 8, 8, 8)
        self._layout.addWidget(self.view)
        self.view.selectionModel().currentChanged.connect(self._on_current)
        self.view.activated.connect(self._on_activated)
        self.view.clicked.connect(self._on_clicked)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._ask)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._rested)
        self._changed_meanwhile = False
        self._counting = QElapsedTimer()
        self._count_soon = QTimer(self)
        self._count_soon.setSingleShot(True)
        self._count_soon.setInterval(_COUNT_MS)
        self._count_soon.timeout.connect(self._count_views)
        self.view.act.connect(self._on_key_act)
        bridge.changes.connect(self._on_changes)
        bridge.status.connect(self._on_status)
        theme().changed.connect(self._on_theme)
        self._rebuild()
        self.refresh()

    # --- what it shows ---------------------------------------------------------------------------

    def refresh(self) -> None:
        """Ask for accounts and counts again."""
        self._soon.start()

    def add_page(self, key: str, label: str, icon: str, place: int) -> None:
        """An entry under Tools for a page of its own."""
        self._pages[key] = PageEntry(key, label, icon, place)
        self._rebuild()

    def set_page_count(self, key: str, count: int, *, failed: bool = False) -> None:
        """The number beside a page's entry; ``failed`` shows it as something that needs a look."""
        page = replace(self._pages[key], count=count, failed=failed and count > 0)
        if page != self._pages[key]:
            self._pages[key] = page
            self._rebuild()

    def entries(self) -> tuple[Entry, ...]:
        return tuple(self._model.entries())

    def entry(self, key: str) -> Entry | None:
        return next((e for e in self._model.entries() if e.key == key), None)

    def current(self) -> Entry | None:
        """The entry whose view is shown."""
        return self.entry(self._current)

    def accounts(self) -> list[Account]:
        """As last read."""
        return list(self._accounts)

    def choose(self, key: str) -> bool:
        """Select an entry as if it were clicked; false when there is none of that key (yet)."""
        row = self._model.row_of(key)
        if row < 0:
            return False
        index = self._model.index(row)
        if self.view.currentIndex() == index:
            self._on_current(index, QModelIndex())
        else:
            self.view.setCurrentIndex(index)
        return True

    def is_rail(self) -> bool:
        return self._rail

    def set_rail(self, rail: bool) -> None:
        """Icons alone, for narrow windows."""
        if rail == self._rail:
            return
        self._rail = self._delegate.rail = rail
        # Beside icons alone the bar is a hint, not something to grip.
        self.view.set_slim(rail)
        self._layout.setContentsMargins(6, 8, 6, 8) if rail else self._layout.setContentsMargins(8, 8, 8, 8)
        self.view.doItemsLayout()

    def sizeHint(self) -> QSize:
        return QSize(RAIL_WIDTH if self._rail else WIDTH, 400)

    # --- data ------------------------------------------------------------------------------------

    def _ask(self) -> None:
        self._bridge.run(self._read, done=self._on_read, owner=self, key="sidebar")

    def _read(
        self,
    ) -> tuple[list[Account], dict[str, str], object, Mapping[int, SyncStatus], list[SavedView]]:
        """On a pool thread: no widget is touched here."""
        core = self._bridge.core
        statuses = core.sync_statuses()
        return core.known_accounts(), core.account_codes(), core.inbox.sidebar(), statuses, core.inbox.views()

    def _on_read(
        self,
        result: tuple[list[Account], dict[str, str], Counts, Mapping[int, SyncStatus], list[SavedView]],
    ) -> None:
        self._accounts, self._codes, counts, statuses, self._views = result
        self._known = True
        if self._views and not self._count_soon.isActive():
            # Their counts are counted, so they come a moment after the others.
            self._count_soon.start()
        self._counts = Counts(counts.states, counts.accounts, counts.outbox_waiting, counts.outbox_failed)
        self._statuses = dict(statuses)
        self._rebuild()
        self.counted.emit()

    def _count_views(self) -> None:
        self._counting.start()
        self._bridge.run(
            self._bridge.core.inbox.view_counts, done=self._on_counted, owner=self, key="view-counts"
        )

    def _on_counted(self, counts: dict[int, int]) -> None:
        self._count_soon.setInterval(max(_COUNT_MS, _COUNT_REST * self._counting.elapsed()))
        if counts != self._view_counts:
            self._view_counts = counts
            self._rebuild()

    def views(self) -> list[SavedView]:
        """As last read."""
        return list(self._views)

    def note_arrived(self, counts: Mapping[int, int]) -> None:
        """So many reviews came into these views: they are marked until somebody goes there."""
        for view_id, count in counts.items():
            self._arrived[view_id] = self._arrived.get(view_id, 0) + count
        if counts:
            self._rebuild()

    def forget_arrived(self, view_id: int) -> None:
        """Somebody looked."""
        if self._arrived.pop(view_id, 0):
            self._rebuild()

    def _on_key_act(self, name: str) -> None:
        entry = self._model.entry(self.view.currentIndex())
        if entry is not None and entry.kind == "view":
            self.view_act.emit(name, entry.view_id)

    def _on_changes(self, change: ChangeSet) -> None:
        if (
            change.added
            or change.changed
            or change.removed
            or change.outbox
            or change.accounts
            or change.views
        ):
            self._changed_meanwhile = True
            if not self._rest.isActive():
                self._rested()

    def _rested(self) -> None:
        if self._changed_meanwhile:
            self._changed_meanwhile = False
            self._rest.start()
            self.refresh()

    def _on_status(self, status: SyncStatus) -> None:
        before = self._statuses.get(status.account_id)
        self._statuses[status.account_id] = status
        if before is None or before.phase is not status.phase:
            self._rebuild()

    def _rebuild(self) -> None:
        self._model.set_entries(
            build(
                self._accounts,
                self._codes,
                self._counts,
                self._statuses,
                self._views,
                self._view_counts,
                tuple(self._pages.values()),
                self._arrived,
                nobody=self._known and not self._accounts,
            )
        )
        row = self._model.row_of(self._current)
        if row >= 0 and self.view.currentIndex().row() != row:
            blocked = self.view.selectionModel().blockSignals(True)
            self.view.setCurrentIndex(self._model.index(row))
            self.view.selectionModel().blockSignals(blocked)
            # Only then: painting all entries takes longer than the rest of a new review's way to the screen.
            self.view.viewport().update()

    # --- hands -----------------------------------------------------------------------------------

    def _on_current(self, now: QModelIndex, _before: QModelIndex) -> None:
        entry = self._model.entry(now)
        if entry is None or entry.kind in ("head", "add"):
            return
        self._current = entry.key
        self.chosen.emit(replace(entry))

    def _on_clicked(self, index: QModelIndex) -> None:
        entry = self._model.entry(index)
        if entry is not None and entry.kind == "add":
            self.add_wanted.emit()
            self._rebuild()

    def _on_activated(self, index: QModelIndex) -> None:
        entry = self._model.entry(index)
        if entry is not None and entry.kind == "add":
            self._on_clicked(index)
        else:
            self.left.emit()

    def _fill_view_menu(self, menu: QMenu, entry: Entry) -> None:
        """What can be done with a saved view, with the keys that do the same."""
        tells = next((view.notify for view in self._views if view.id == entry.view_id), False)
        told = menu.addAction(self.tr("Tell me when something new arrives"))
        told.setCheckable(True)
        told.setChecked(tells)
        told.triggered.connect(partial(self.view_act.emit, "notify", entry.view_id))
        for name, words, key in (
            ("rename", self.tr("Rename"), "F2"),
            ("icon", self.tr("Choose an icon"), ""),
            ("update", self.tr("Replace by what is searched now"), ""),
            ("export", self.tr("Write to a file"), ""),
            ("up", self.tr("Move up"), "Alt+Up"),
            ("down", self.tr("Move down"), "Alt+Down"),
            ("delete", self.tr("Delete"), "Del"),
        ):
            act = menu.addAction(f"{words}\t{key}" if key else words)
            act.triggered.connect(partial(self.view_act.emit, name, entry.view_id))

    def _on_context_menu(self, place: QPoint) -> None:
        entry = self._model.entry(self.view.indexAt(place))
        if entry is None or entry.kind not in ("account", "view", "state"):
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        read = menu.addAction(icons.icon("checks"), self.tr("Mark all read"))
        read.triggered.connect(partial(self.read_wanted.emit, entry))
        if entry.kind != "account":
            if entry.kind == "view":
                menu.addSeparator()
                self._fill_view_menu(menu, entry)
            menu.popup(self.view.viewport().mapToGlobal(place))
            return
        account = next((a for a in self._accounts if a.id == entry.account_id), None)
        if account is None:
            return
        paused = account.state is AccountState.PAUSED
        sync = self._menu_entry(menu, self.tr("Sync now"), "arrows-clockwise", entry.account_id)
        sync.setEnabled(not paused)
        sync.triggered.connect(self._on_sync)
        hold = self._menu_entry(
            menu,
            self.tr("Resume") if paused else self.tr("Pause"),
            "play" if paused else "pause",
            entry.account_id,
        )
        hold.triggered.connect(self._on_resume if paused else self._on_pause)
        again = self._menu_entry(menu, self.tr("Sign in again"), "key", entry.account_id)
        again.triggered.connect(partial(self.sign_in_wanted.emit, entry.account_id))
        health = self._menu_entry(menu, self.tr("Account health"), "gauge", entry.account_id)
        health.triggered.connect(partial(self.health_wanted.emit, entry.account_id))
        menu.popup(self.view.viewport().mapToGlobal(place))

    def _menu_entry(self, menu: QMenu, text: str, icon: str, account_id: int) -> QAction:
        action = menu.addAction(icons.icon(icon), text)
        action.setData(account_id)
        return action

    def _on_sync(self) -> None:
        self.sync_wanted.emit(self._sender_account())

    def _on_pause(self) -> None:
        self.account_paused.emit(self._sender_account())

    def _on_resume(self) -> None:
        self.account_resumed.emit(self._sender_account())

    def _sender_account(self) -> int:
        action = self.sender()
        return int(action.data()) if isinstance(action, QAction) else 0

    def _on_theme(self) -> None:
        self.view.doItemsLayout()
        self.view.viewport().update()
