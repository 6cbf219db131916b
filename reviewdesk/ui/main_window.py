"""The window: puts the panes together, decides how many fit, and passes on what they ask of each other."""

from __future__ import annotations

import json
import logging
import sys
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QLocale, QPoint, QProcess, QRect, Qt, QTimer, QUrl
from PySide6.QtGui import QCloseEvent, QDesktopServices, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QMainWindow,
    QMenu,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from reviewdesk.domain.models import AccountState, ChangeSet, OutboxItem, Target
from reviewdesk.domain.query import Or, Query, QueryError
from reviewdesk.services.events import Notice, NoticeLevel
from reviewdesk.services.settings import BODY_SCALE, LAYOUT, REDUCE_MOTION, SCALE, SINGLE_KEYS, THEME
from reviewdesk.ui.accounts import notice_buttons, open_account_page, open_wizard
from reviewdesk.ui.actions import Actions
from reviewdesk.ui.activity import Activity
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.choosing import Choosing
from reviewdesk.ui.commands import add_commands, describe, fill_menus
from reviewdesk.ui.composer import Composer
from reviewdesk.ui.doing import SIMPLE, Doing
from reviewdesk.ui.first_run import FirstRun
from reviewdesk.ui.header import Header
from reviewdesk.ui.header.search import SCOPE_EVERYTHING, SCOPE_VIEW
from reviewdesk.ui.inbox import InboxList
from reviewdesk.ui.noting import NoteCard
from reviewdesk.ui.outbox import OutboxPane
from reviewdesk.ui.palette import Palette
from reviewdesk.ui.picker import Choice, Picker
from reviewdesk.ui.publishing import PublishingToast
from reviewdesk.ui.reading import ReadingPane
from reviewdesk.ui.settings import Item, SettingsWindow, catalogue
from reviewdesk.ui.settings.catalogue import section_titles
from reviewdesk.ui.settings.keys import KEYS_KEY
from reviewdesk.ui.sidebar import Entry, Sidebar
from reviewdesk.ui.sidebar.sidebar import RAIL_WIDTH, WIDTH
from reviewdesk.ui.status import StatusLine
from reviewdesk.ui.theme import install, metrics, theme
from reviewdesk.ui.views import Views
from reviewdesk.ui.widgets import InlineBar, Toast
from reviewdesk.ui.window_state import KEY as STATE_KEY
from reviewdesk.ui.window_state import WindowState

if TYPE_CHECKING:
    from reviewdesk.services.core import Core
    from reviewdesk.services.inbox import Tag

__all__ = ["MainWindow"]

_log = logging.getLogger(__name__)

RAIL_UNDER, ONE_PANE_UNDER = 900, 640
ABOUT_REVIEWS = (
    *("reply", "private", "note", "done", "reopen", "waiting", "snooze", "star", "tag", "owner"),
    *("toggle-read", "mark-read", "mark-unread", "copy-review", "open-provider"),
)
"""Actions that need a review to be about."""
_SAVE_MS = 1500


class MainWindow(QMainWindow):
    """One per process. ``core`` runs already or is started by the caller; the window only reads and asks."""

    def __init__(self, core: Core, bridge: Bridge) -> None:
        super().__init__()
        app = QApplication.instance()
        if isinstance(app, QApplication):
            look = install(app, scheme=core.settings.get(THEME), scale=core.settings.get(SCALE))
            look.set_body_scale(float(core.settings.get(BODY_SCALE)))
            look.set_reduced_motion(bool(core.settings.get(REDUCE_MOTION)))
        if QLocale().language() is QLocale.Language.C:
            # No language is set on this machine: "C" writes 3400 and has no names for days.
            QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom))
        self.core, self.bridge = core, bridge
        self._typed: Query | None = None
        self._entry: Entry | None = None
        self._one_pane_reading = False
        self._mode = ""
        self._layout = str(core.settings.get(LAYOUT))
        self._settings: SettingsWindow | None = None
        self._items: list[Item] | None = None
        self._state = WindowState.load(core.settings.text(STATE_KEY))
        self._restored = False
        self.actions_ = Actions(self)
        self._build()
        self._wire()
        add_commands(self)
        describe(self)
        fill_menus(self)
        self.actions_.add_zone(self.inbox)
        self.actions_.add_zone(self.reading)
        # Smaller than what three panes need: the window changes its shape on the way down.
        self.setMinimumSize(360, 400)
        self.inbox.set_bulk_actions(
            (
                ("done", self.tr("Done")),
                ("snooze", self.tr("Snooze")),
                ("tag", self.tr("Tag")),
                ("owner", self.tr("Owner")),
                ("reopen", self.tr("Reopen")),
                ("waiting", self.tr("Waiting")),
                ("star", self.tr("Star")),
                ("read", self.tr("Read")),
                ("unread", self.tr("Unread")),
            )
        )
        self.actions_.set_single_keys(bool(core.settings.get(SINGLE_KEYS)))
        self.actions_.restore_keys(_kept_keys(core.settings.text(KEYS_KEY)))
        self.set_layout(self._layout)
        self._restore()
        self._read_tags()
        self._fit()

    # --- putting it together ---------------------------------------------------------------------

    def _build(self) -> None:
        core, bridge = self.core, self.bridge
        # The application's name follows it in the title bar.
        self.setWindowTitle(self.tr("Practice") if core.practice else "Reviewdesk")
        self.header = Header(bridge, self)
        self.setMenuWidget(self.header)
        self.sidebar = Sidebar(bridge, self)
        self.inbox = InboxList(core, bridge, self)
        self.reading = ReadingPane(core, bridge, self)
        self.composer = Composer(core, bridge, self)
        self.outbox = OutboxPane(bridge, self)
        self.first_run = FirstRun(self)
        self.status = StatusLine(bridge, self)
        self.bar = InlineBar(self)
        self.right = QWidget(self)
        self.right.setObjectName("surface")
        self.right.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        right = QVBoxLayout(self.right)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addWidget(self.bar)
        right.addWidget(self.reading, 1)
        right.addWidget(self.composer)
        self.inner = self._splitter(self.inbox, self.right)
        self.inner.setStretchFactor(1, 1)
        self.pages = QStackedWidget(self)
        for page in (self.inner, self.outbox, self.first_run):
            self.pages.addWidget(page)
        self.outer = self._splitter(self.sidebar, self.pages)
        self.outer.setStretchFactor(1, 1)
        self._body = body = QWidget(self)
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.outer, 1)
        column.addWidget(self.status)
        self.setCentralWidget(body)
        self.toast = Toast(body)
        self.publishing = PublishingToast(bridge, self.toast, self)
        self.doing = Doing(bridge, self.toast, self.publishing, self.inbox, self)
        self.picker = Picker(self)
        self.note = NoteCard(self)
        self.choosing = Choosing(bridge, self.picker, self.doing, self)
        self.views = Views(self)
        self.palette_ = Palette(self, self.picker)
        self.activity = Activity(bridge, self.picker, self._account_names, self._open_account, self)
        self._save_soon = QTimer(self)
        self._save_soon.setSingleShot(True)
        self._save_soon.setInterval(_SAVE_MS)
        self._save_soon.timeout.connect(self.save_state)

    def _splitter(self, *parts: QWidget) -> QSplitter:
        splitter = QSplitter(Qt.Orientation.Horizontal, self)
        splitter.setHandleWidth(1)
        splitter.setChildrenCollapsible(False)
        for part in parts:
            splitter.addWidget(part)
        splitter.splitterMoved.connect(self._on_splitter)
        return splitter

    def _wire(self) -> None:
        self.sidebar.chosen.connect(self._on_entry)
        self.sidebar.left.connect(self.focus_list)
        self.sidebar.sync_wanted.connect(self._on_sync_account)
        self.sidebar.account_paused.connect(self._on_pause)
        self.sidebar.account_resumed.connect(self._on_resume)
        self.header.search.searched.connect(self._on_searched)
        self.header.search.scope_changed.connect(self._on_scope)
        self.header.search.entered.connect(self.focus_list)
        self.header.search.leave.connect(self.focus_list)
        self.header.sync_pressed.connect(self.sync)
        self.header.back_pressed.connect(self.back)
        self.inbox.current_changed.connect(self._on_current)
        self.inbox.activated.connect(self._on_activated)
        self.inbox.action_requested.connect(self.do)
        self.inbox.empty_action.connect(self._on_empty_action)
        self.inbox.count_changed.connect(self._on_count)
        self.inbox.menu_requested.connect(self._on_menu)
        self.inbox.sort_changed.connect(self._save_later)
        self.inbox.density_changed.connect(self._save_later)
        self.reading.reply_requested.connect(self.reply)
        self.reading.action_requested.connect(self.do)
        self.reading.step_requested.connect(self.step)
        self.reading.said.connect(self.say)
        self.composer.published.connect(self._on_published)
        self.composer.opened.connect(self._on_composer)
        self.composer.closed.connect(self._on_composer)
        self.composer.next_requested.connect(self._on_next)
        self.composer.open_address.connect(self.open_address)
        self.composer.left.connect(self.focus_list)
        self.composer.refused.connect(self.say)
        self.outbox.said.connect(self.say)
        self.outbox.draft_wanted.connect(self.open_draft)
        self.outbox.review_wanted.connect(self.open_review)
        self.outbox.discarded.connect(self.publishing.discarded)
        self.publishing.taken_back.connect(self._on_taken_back)
        self.status.outbox_pressed.connect(self._on_outbox_pressed)
        self.status.activity_pressed.connect(self.activity.open)
        self.activity.unseen_changed.connect(self.status.set_unseen)
        self.header.commands_pressed.connect(self.palette_.open)
        self.sidebar.view_act.connect(self.views.act)
        self.picker.refused.connect(self.say)
        self.doing.failed.connect(self.say)
        self.doing.said.connect(self._place_toast)
        self.first_run.sample_wanted.connect(self.open_sample)
        self.first_run.add_wanted.connect(partial(open_wizard, self))
        self.sidebar.health_wanted.connect(partial(open_account_page, self))
        self.sidebar.sign_in_wanted.connect(partial(open_wizard, self))
        self.actions_.refused.connect(self.say)
        self.actions_.hint.connect(self._on_hint)
        self.bridge.notice.connect(self._on_notice)
        self.bridge.changes.connect(self._on_changes)
        theme().changed.connect(self._fit)

    # --- which view ------------------------------------------------------------------------------

    def show_view(self, key: str) -> bool:
        """Go to a view by its key (``inbox``, ``state:done``, ``account:3``, ``outbox``)."""
        return self.sidebar.choose(key)

    def entry(self) -> Entry | None:
        """The view that is shown."""
        return self._entry

    def _on_entry(self, entry: Entry) -> None:
        if self._entry is not None and self._entry.key != entry.key:
            # Another view is another question: the words typed for the last one are not asked again.
            self.header.search.reset()
            self._typed = None
        self._entry = entry
        self.header.search.set_view_title(entry.label)
        self.header.search.set_outbox(entry.kind == "outbox")
        self._one_pane_reading = False
        self._apply()
        self._fit()
        self._save_later()

    def _apply(self, *, keep_current: bool = False) -> None:
        """Show what view, search and scope ask for."""
        entry = self._entry
        if entry is None:
            return
        if not self.sidebar.accounts() and entry.kind != "outbox":
            self._show_page(self.first_run)
            return
        if entry.kind == "outbox":
            self._show_page(self.outbox)
            self.outbox.set_filter(self.header.search.text())
            return
        self._show_page(self.inner)
        typed, scope = self._typed, self.header.search.scope()
        if typed is not None and scope == SCOPE_EVERYTHING:
            text, title = typed.canonical, self.tr("All reviews")
        elif typed is not None and typed.canonical:
            wanted = f"({typed.canonical})" if isinstance(typed.root, Or) else typed.canonical
            text, title = f"({entry.query}) {wanted}", entry.label
        else:
            text, title = entry.query, entry.label
        try:
            # Terms are whole here: the typed ones come canonically, the view's are ours.
            query = self.core.inbox.parse(text)
        except QueryError:
            # Together they are more than the language takes; as much as it takes is asked.
            query = self.core.inbox.parse(text, as_typed=True)
        self.inbox.set_query(query, name=title, keep_current=keep_current)
        self.reading.set_highlight(query.needles)
        self._explain_empty(entry)

    def _show_page(self, page: QWidget) -> None:
        """Change the page; a focus that was on the old one goes to the place that matters on the new one."""
        if self.pages.currentWidget() is page:
            return
        focus = QApplication.focusWidget()
        inside = focus is None or self.pages.isAncestorOf(focus)
        wanted = {self.outbox: self.outbox.list, self.first_run: self.first_run.add_button}.get(
            page, self.inbox
        )
        if inside:
            self.sidebar.view.setFocus(Qt.FocusReason.OtherFocusReason)
        self.pages.setCurrentWidget(page)
        if inside:
            wanted.setFocus(Qt.FocusReason.OtherFocusReason)

    def _explain_empty(self, entry: Entry) -> None:
        """Tell the list what to say in case there is nothing in it."""
        if self._typed is not None:
            if self.header.search.scope() == SCOPE_EVERYTHING:
                self.inbox.set_empty_state(
                    "no-match",
                    sentence=self.tr("No match in all reviews"),
                    buttons=(("clear", self.tr("Clear"), "plain"),),
                )
            else:
                self.inbox.set_empty_state("no-match")
                count = partial(self.core.inbox.count, self._typed)
                self.bridge.run(count, done=self._on_counted_everywhere, owner=self, key="elsewhere")
            return
        account = next((a for a in self.sidebar.accounts() if a.id == entry.account_id), None)
        if account is not None and account.state is AccountState.SIGN_IN_NEEDED:
            said = account.last_error.message if account.last_error is not None else ""
            again = ("sign-in", self.tr("Sign in again"), "primary")
            self.inbox.set_empty_state("sign-in", line=said, buttons=(again,))
        elif account is not None and account.state is AccountState.NEVER_SYNCED:
            self.inbox.set_empty_state("offline" if self.status.is_offline() else "loading")
        elif entry.key in ("inbox", "state:needs-reply"):
            waiting = any(a.state is AccountState.NEVER_SYNCED for a in self.sidebar.accounts())
            self.inbox.set_empty_state("loading" if waiting else "answered")
        else:
            self.inbox.set_empty_state("nothing")

    def _on_counted_everywhere(self, count: int) -> None:
        if self._typed is None or self.header.search.scope() == SCOPE_EVERYTHING:
            return
        shown = self.locale().toString(count)
        line = (
            self.tr("There are {count} in all reviews.").format(count=shown)
            if count
            else self.tr("There is none in all reviews either.")
        )
        clear = ("clear", self.tr("Clear"), "plain")
        everywhere = ("search-everything", self.tr("Search everything"), "primary")
        self.inbox.set_empty_state("no-match", line=line, buttons=(everywhere, clear) if count else (clear,))

    def _on_searched(self, query: Query | None) -> None:
        self._typed = query if query is not None and query.root is not None else None
        self._apply(keep_current=True)

    def _on_scope(self, _scope: str) -> None:
        if self._typed is not None:
            self._apply(keep_current=True)
        self._save_later()

    def _on_empty_action(self, name: str) -> None:
        if name == "search-everything":
            self.header.search.set_scope(SCOPE_EVERYTHING)
        elif name == "clear":
            self.header.search.clear()
        elif name == "retry":
            self.inbox.refresh()
        elif name == "sign-in" and self._entry is not None:
            open_wizard(self, self._entry.account_id)

    def _on_count(self, count: int) -> None:
        self._tell_place()

    def _on_changes(self, change: ChangeSet) -> None:
        if change.views or change.changed:
            self._read_tags()
        if change.accounts:
            # The first account of an empty profile, or the last one gone: the page changes.
            QTimer.singleShot(200, self, self._check_page)

    def _read_tags(self) -> None:
        self.bridge.run(self.core.inbox.tags, done=self._on_tags, owner=self, key="tags")

    def _on_tags(self, tags: list[Tag]) -> None:
        colours = {tag.name: tag.colour for tag in tags}
        if colours != {tag.name: tag.colour for tag in self.choosing.tags()}:
            self.inbox.set_tag_colours(colours)
        self.choosing.set_tags(tags)

    def _account_names(self) -> dict[int, str]:
        return {account.id: account.name for account in self.sidebar.accounts()}

    def _open_account(self, account_id: int) -> None:
        self.show_view(f"account:{account_id}")

    def search_text(self) -> str:
        """The query that the list shows now, as it can be kept."""
        query = self.inbox.query()
        return query.canonical if query is not None else ""

    def setting_choices(self) -> list[Choice]:
        """The settings as the palette lists them."""
        titles = section_titles()
        return [
            Choice(
                item.key,
                item.title,
                partial(self.open_settings, item.key),
                section=self.tr("Settings"),
                icon="gear-six",
                hint=titles[item.section][0],
            )
            for item in self._settings_items()
        ]

    def _settings_items(self) -> list[Item]:
        if self._items is None:
            self._items = catalogue(self)
        return self._items

    def open_settings(self, key: str = "") -> None:
        """The settings window, at a setting or a section where one is named."""
        if self._settings is None:
            self._settings = SettingsWindow(self)
        self._settings.open(key)

    def set_layout(self, layout: str) -> None:
        """``three-panes``, ``list-above`` (the list over the reading pane) or ``list-only``; live."""
        self._layout = layout
        above = layout == "list-above"
        self.inner.setOrientation(Qt.Orientation.Vertical if above else Qt.Orientation.Horizontal)
        self._one_pane_reading = False
        if above:
            high = max(2, self.inner.height())
            self.inner.setSizes([high * 2 // 5, high * 3 // 5])
        self._fit()

    def _check_page(self) -> None:
        first = self.pages.currentWidget() is self.first_run
        if first == bool(self.sidebar.accounts()) and (self._entry is None or self._entry.kind != "outbox"):
            self._apply()
        elif self._entry is not None and self._entry.kind != "outbox":
            self._explain_empty(self._entry)

    # --- which review ----------------------------------------------------------------------------

    def _on_current(self, review_id: int) -> None:
        self.reading.show_review(review_id)
        self.composer.follow(review_id)
        self._tell_place()
        self._tell_reasons()
        self._save_later()

    def _tell_place(self) -> None:
        current = self.inbox.current_id()
        at = self.inbox.number_of(current) if current else 0
        self.reading.set_position(at, self.inbox.total())

    def _on_activated(self, review_id: int) -> None:
        self._one_pane_reading = True
        self._fit()
        self.reading.show_review(review_id)
        self.reading.setFocus(Qt.FocusReason.OtherFocusReason)

    def open_review(self, review_id: int) -> None:
        """Show a review wherever it is: in this view, else in all reviews."""
        if self._entry is not None and self._entry.kind == "outbox":
            self.show_view("inbox")
        if not self.inbox.select(review_id):
            self.inbox.set_query(self.core.inbox.parse(""), name=self.tr("All reviews"))
            self._wanted_review = review_id
            self.inbox.shown.connect(self._select_wanted, Qt.ConnectionType.SingleShotConnection)
        self.reading.show_review(review_id)
        self._one_pane_reading = True
        self._fit()

    def _select_wanted(self) -> None:
        self.inbox.select(self._wanted_review)

    def step(self, delta: int) -> None:
        """Next (1) or previous (-1) review."""
        self.inbox.move(delta)

    # --- acting ----------------------------------------------------------------------------------

    def ids(self) -> list[int]:
        """What an action is about: the selected reviews, else the current one."""
        return self.inbox.selected_ids()

    def do(self, action: str, ids: list[int]) -> None:
        """Do something to reviews; ``action`` as lists and panes name it."""
        if not ids:
            self.say(self.tr("Choose a review first"))
            return
        if action == "reply":
            if ids[0] != self.inbox.current_id():
                self.inbox.select(ids[0])
            self.reply(Target.PUBLIC)
        elif action in ("snooze", "tag", "owner"):
            ask = {"snooze": self.choosing.snooze, "tag": self.choosing.tag, "owner": self.choosing.owner}
            ask[action](ids)
        elif action == "note":
            self.write_note(ids[0])
        elif action in ("next", "previous"):
            self.step(1 if action == "next" else -1)
        elif action in SIMPLE:
            self.doing.simple(action, ids)
        elif action == "open_provider":
            self.open_at_provider()
        elif action == "copy":
            self.reading.copy()
        else:
            _log.warning("no such action: %s", action)

    def write_note(self, review_id: int) -> None:
        """Ask for a note about a review."""

        def keep(text: str) -> None:
            self.doing.act("note", self.core.inbox.add_note(review_id, text), [review_id])

        self.note.open(review_id, keep)

    def open_at_provider(self) -> None:
        """The current review on the provider's own page, in the browser."""
        detail = self.reading.detail()
        if detail is None or not detail.url:
            self.say(self.tr("The source gives no address for this review"))
        else:
            self.open_address(detail.url)

    def open_address(self, text: str) -> None:
        """A web page in the browser. Only the web: an address from outside may name any program of this machine."""
        address = QUrl(text)
        if not address.isValid() or address.scheme() not in ("https", "http"):
            self.say(self.tr("This is no address of the web"))
        elif not QDesktopServices.openUrl(address):
            self.say(self.tr("No browser could be opened"))

    def read_on(self, delta: int) -> None:
        """Scroll the review; at its end go to the next (or previous) unread one."""
        if not self.reading.scroll_page(delta):
            self.inbox.move_unread(delta)

    def _watch(self, future: Future[Any], done: Any = None) -> None:
        self.bridge.watch(future, done=done, owner=self)

    # --- writing ---------------------------------------------------------------------------------

    def reply(self, target: Target) -> None:
        """Open the composer for the current review."""
        current = self.inbox.current_id() or self.reading.current_id()
        if not current:
            self.say(self.tr("Choose a review first"))
            return
        self._one_pane_reading = True
        self._fit()
        self.composer.open(current, target)

    def open_draft(self, review_id: int, target: Target) -> None:
        """Show a review with its draft open."""
        self.open_review(review_id)
        self.composer.open(review_id, target)

    def _on_published(self, item: OutboxItem) -> None:
        account = next((a for a in self.sidebar.accounts() if a.id == item.account_id), None)
        titles = {spec.id: spec.title for spec in self.core.accounts.specs()}
        place = titles.get(account.provider, account.provider) if account is not None else ""
        self.doing.published()
        self.publishing.published(item, place=place, offline=self.status.is_offline())
        self._place_toast()
        focus = QApplication.focusWidget()
        if focus is None or not focus.isVisible() or self.reading.isAncestorOf(focus):
            # What had the focus is gone with the composer: on to the next review, not to a picture.
            self.inbox.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_composer(self, *_which: object) -> None:
        self.reading.set_composing(self.composer.is_open())
        self._place_toast()

    def _on_next(self) -> None:
        self.step(1)

    def _on_taken_back(self, item: OutboxItem) -> None:
        if item.review_id is not None:
            self.open_draft(item.review_id, item.target)

    def undo(self) -> None:
        """Take back what was done last."""
        self.doing.undo()

    def redo(self) -> None:
        """Do again what was taken back last."""
        self.doing.redo()

    # --- accounts --------------------------------------------------------------------------------

    def sync(self) -> None:
        """All accounts, now."""
        if not self.sidebar.accounts():
            self.say(self.tr("There is no account to sync yet"))
            return
        self.bridge.run(self.core.sync.sync_now, owner=self)

    def _on_sync_account(self, account_id: int) -> None:
        self.bridge.run(self.core.sync.sync_now, [account_id], owner=self)

    def _on_pause(self, account_id: int) -> None:
        self._watch(self.core.accounts.pause(account_id))

    def _on_resume(self, account_id: int) -> None:
        self._watch(self.core.accounts.resume(account_id))

    def open_sample(self) -> None:
        """A second window on practice data, in a process of its own."""
        frozen = bool(getattr(sys, "frozen", False))
        arguments = ["--demo"] if frozen else ["-m", "reviewdesk", "--demo"]
        started = QProcess.startDetached(sys.executable, arguments)
        ok = started[0] if isinstance(started, tuple) else bool(started)
        self.say(
            self.tr("Sample reviews open in a window of their own")
            if ok
            else self.tr("It could not be started")
        )

    # --- telling ---------------------------------------------------------------------------------

    def say(self, text: str) -> None:
        """One sentence about what somebody just did, unless a countdown is running there."""
        if self.publishing.item() is not None and self.toast.isVisible():
            return
        self.toast.show_message(text, stay_s=4)
        self._place_toast()

    def _on_notice(self, notice: Notice) -> None:
        # A fault that a person can do something about stands beside what it concerns, until it is closed.
        if notice.level is NoticeLevel.INFO:
            return
        level = "fail" if notice.level is NoticeLevel.ERROR else "warn"
        text = f"{notice.message} {notice.remedy}".strip()
        self.bar.show_message(level, text, buttons=notice_buttons(self, notice))

    def _on_hint(self, following: list[tuple[str, str]]) -> None:
        self.status.set_hint("   ".join(f"{key}  {title}" for key, title in following))

    def _place_toast(self) -> None:
        area = (
            self.right if self.pages.currentWidget() is self.inner and self.right.isVisible() else self.pages
        )
        body = self._body
        corner = area.mapTo(body, QPoint(0, 0))
        bottom = area.height()
        if area is self.right:
            # It covers neither what somebody writes nor the buttons to begin with.
            if self.composer.is_open():
                bottom = self.composer.y()
            elif self.reading.reply_bar.isVisible():
                bottom = self.reading.reply_bar.mapTo(self.right, QPoint(0, 0)).y()
        self.toast.set_place(QRect(corner, area.size()).adjusted(0, 0, 0, bottom - area.height()))

    def _tell_reasons(self) -> None:
        none = None if self.inbox.current_id() else self.tr("Choose a review first")
        for name in ABOUT_REVIEWS:
            self.actions_.set_reason(name, none)

    # --- panes -----------------------------------------------------------------------------------

    def panes(self) -> list[QWidget]:
        """What F6 goes through, as far as it is on the screen."""
        wanted = [self.sidebar.view, self.inbox, self.reading, self.composer]
        if self.pages.currentWidget() is self.outbox:
            wanted = [self.sidebar.view, self.outbox.list]
        return [pane for pane in wanted if pane.isVisible()]

    def cycle(self, delta: int) -> None:
        """To the next or previous pane."""
        panes = self.panes()
        if not panes:
            return
        focus = QApplication.focusWidget()
        here = next((i for i, p in enumerate(panes) if focus is p or (focus and p.isAncestorOf(focus))), -1)
        panes[(here + delta) % len(panes) if here >= 0 else 0].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def focus_list(self) -> None:
        if self.pages.currentWidget() is self.outbox:
            self.outbox.list.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self._one_pane_reading = False
        self._fit()
        self.inbox.setFocus(Qt.FocusReason.OtherFocusReason)
        if not self.inbox.current_id():
            self.inbox.move(1)

    def back(self) -> None:
        """From the reading pane to the list; in the list, out of a selection."""
        focus = QApplication.focusWidget()
        if focus is not None and self.inbox.isAncestorOf(focus):
            self.inbox.clear_selection()
            return
        self.focus_list()

    def search(self) -> None:
        if self._one_pane_reading and self.inbox.isHidden():
            self.focus_list()
        self.header.search.focus()

    def _on_outbox_pressed(self) -> None:
        self.show_view("outbox")

    def _on_menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        names = (
            *("reply", "private", "note", "", "done", "reopen", "waiting", "snooze", ""),
            *("tag", "owner", "star", "toggle-read", "", "copy-review", "open-provider"),
        )
        self.actions_.menu(menu, names)
        menu.popup(place)

    # --- shape -----------------------------------------------------------------------------------

    def _fit(self) -> None:
        """How many panes there is room for; the breakpoints grow with the text."""
        width = self.width()
        if width < metrics.breakpoint_px(ONE_PANE_UNDER):
            mode = "one"
        elif width < metrics.breakpoint_px(RAIL_UNDER):
            mode = "rail"
        else:
            mode = "wide"
        rail = mode != "wide"
        t = theme().scale
        if rail != self.sidebar.is_rail() or self.sidebar.maximumWidth() > 10_000 or mode != self._mode:
            self.sidebar.set_rail(rail)
            if rail:
                self.sidebar.setFixedWidth(round(RAIL_WIDTH * max(1.0, t * 0.75)))
            else:
                self.sidebar.setMinimumWidth(round(180 * t))
                self.sidebar.setMaximumWidth(round(320 * t))
        alone = mode == "one" or self._layout == "list-only"
        reading = alone and self._one_pane_reading
        self.inbox.setVisible(not alone or not reading)
        self.right.setVisible(not alone or reading)
        self.sidebar.setVisible(mode != "one" or not reading)
        # Low enough that the window can always be made narrow enough for the next shape.
        self.inbox.setMinimumWidth(round(240 * t))
        self.right.setMinimumWidth(round(280 * t))
        self.header.set_back(self._entry.label if reading and self._entry is not None else None)
        if mode != self._mode:
            changed = bool(self._mode)
            self._mode = mode
            if changed:
                self._set_side()
        self._balance()
        self._place_toast()

    def _clamped(self, wanted: int, room: int) -> int:
        """A width of the list: 320 px to 60 %, with 420 px left to the reading pane, as far as there is room for both."""
        t = theme().scale
        most = max(round(room * 0.45), min(round(room * 0.6), room - round(420 * t)))
        return min(max(wanted, min(round(320 * t), most)), most)

    def _balance(self) -> None:
        """Give the list the width a person gave it (or 420), and the rest to the reading pane."""
        sizes = self.inner.sizes()
        upright = self.inner.orientation() == Qt.Orientation.Vertical
        if self._mode == "one" or upright or not self.inner.isVisible() or min(sizes) <= 0:
            return
        room = sum(sizes)
        kept = self._state.inner[0] if self._state.inner else round(420 * theme().scale) - 1
        wanted = self._clamped(kept, room)
        if wanted != sizes[0]:
            self.inner.setSizes([wanted, room - wanted])

    def _set_side(self) -> None:
        t = theme().scale
        side = self._state.outer[0] if self._mode == "wide" and self._state.outer else round(WIDTH * t) - 1
        if self.sidebar.is_rail():
            side = self.sidebar.width()
        self.outer.setSizes([side, max(1, self.width() - side - 1)])

    def _on_splitter(self, _at: int, _index: int) -> None:
        if self._mode == "wide":
            self._state.outer = self.outer.sizes()
        upright = self.inner.orientation() == Qt.Orientation.Vertical
        if self.sender() is self.inner and self._mode != "one" and not upright:
            sizes = self.inner.sizes()
            self._state.inner = [self._clamped(sizes[0], sum(sizes)), 0]
        self._balance()
        self._save_later()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit()
        self._set_side()
        self._balance()

    # --- coming back -----------------------------------------------------------------------------

    def _restore(self) -> None:
        state = self._state
        if not (state.geometry and self.restoreGeometry(state.geometry_bytes())):
            room = self.screen().availableGeometry()
            frame = 40
            self.resize(min(1440, room.width()), min(900, room.height() - frame))
        self._fit()
        self._set_side()
        self.inbox.restore(state.inbox)
        if state.scope in (SCOPE_VIEW, SCOPE_EVERYTHING):
            self.header.search.set_scope(state.scope)
        self._restored = True
        self.bridge.run(self.core.accounts.list, done=self._on_first_accounts, owner=self, key="first")

    def _on_first_accounts(self, accounts: list[Any]) -> None:
        # The sidebar reads the same at the same time; its entries of accounts are there a moment later.
        if len(accounts) != len(self.sidebar.accounts()):
            QTimer.singleShot(20, self, partial(self._on_first_accounts, accounts))
            return
        if self._entry is not None:
            return
        key = self._state.view if accounts else "inbox"
        if not self.show_view(key):
            self.show_view("inbox")
        self.focus_list() if accounts else self.first_run.setFocus()

    def _save_later(self, *_ignored: object) -> None:
        if self._restored:
            self._save_soon.start()

    def save_state(self) -> None:
        """Write down what a restart brings back."""
        self._save_soon.stop()
        self._state.set_geometry(self.saveGeometry())
        if self._entry is not None:
            self._state.view = self._entry.key
        self._state.scope = self.header.search.scope()
        self._state.inbox = self.inbox.state()
        self.core.settings.set_text(STATE_KEY, self._state.dump())

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.composer.finish():
            # What was typed is worth more than a quick end.
            self.say(self.tr("The draft could not be saved yet"))
            event.ignore()
            return
        self.save_state()
        super().closeEvent(event)


def _kept_keys(text: str | None) -> object:
    """The keys a person changed, as they were written down; nothing where they can't be read."""
    try:
        return json.loads(text or "{}")
    except ValueError:
        return {}
