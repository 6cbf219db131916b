"""The window: puts the panes together and passes on what they ask of each other.

Where it goes is told in ``navigation``, how its panes are arranged in ``shape``, what it says in ``telling``, what a
restart brings back in ``window_state``; whatever stands on its own comes in through ``rooms``.
"""

from __future__ import annotations

import json
import logging
import sys
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QLocale, QPoint, QProcess, Qt, QTimer, QUrl
from PySide6.QtGui import QCloseEvent, QDesktopServices, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from reviewdesk.domain.models import ChangeSet, OutboxItem, Target
from reviewdesk.domain.targets import WorkingHours, due_of
from reviewdesk.services.settings import (
    ANSWER_WITHIN_H,
    BODY_SCALE,
    LAYOUT,
    REDUCE_MOTION,
    SCALE,
    SINGLE_KEYS,
    THEME,
    WORK_DAYS,
    WORK_FROM,
    WORK_UNTIL,
)
from reviewdesk.ui.accounts import notice_buttons, open_account_page, open_wizard
from reviewdesk.ui.actions import Actions
from reviewdesk.ui.activity import Activity
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.choosing import Choosing
from reviewdesk.ui.commands import ABOUT_REVIEWS, add_commands, describe, plan_menus
from reviewdesk.ui.composer import Composer
from reviewdesk.ui.doing import SIMPLE, Doing
from reviewdesk.ui.first_run import FirstRun
from reviewdesk.ui.header import Header
from reviewdesk.ui.inbox import InboxList
from reviewdesk.ui.menus import Menus
from reviewdesk.ui.navigation import Navigation
from reviewdesk.ui.noting import NoteCard
from reviewdesk.ui.outbox import OutboxPane
from reviewdesk.ui.palette import Palette
from reviewdesk.ui.picker import Choice, Picker
from reviewdesk.ui.publishing import PublishingToast
from reviewdesk.ui.reading import ReadingPane
from reviewdesk.ui.rooms import ROOMS
from reviewdesk.ui.seam import Seam
from reviewdesk.ui.selection import SelectionCard
from reviewdesk.ui.settings import Sections, SettingsWindow, add_own_settings
from reviewdesk.ui.settings.keys import KEYS_KEY
from reviewdesk.ui.shape import Shape, splitter
from reviewdesk.ui.sidebar import Entry, Sidebar
from reviewdesk.ui.status import StatusLine
from reviewdesk.ui.telling import Telling
from reviewdesk.ui.theme import install, theme
from reviewdesk.ui.views import Views
from reviewdesk.ui.widgets import InlineBar, Toast
from reviewdesk.ui.window_state import KEY as STATE_KEY
from reviewdesk.ui.window_state import Keeper, WindowState

if TYPE_CHECKING:
    from reviewdesk.services.core import Core
    from reviewdesk.services.inbox import Tag

__all__ = ["MainWindow"]

_log = logging.getLogger(__name__)

translate = QCoreApplication.translate


class MainWindow(Seam, QMainWindow):
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
        self._settings: SettingsWindow | None = None
        self.settings_sections = Sections(core.settings)
        self.state = WindowState.load(core.settings.text(STATE_KEY))
        self.actions_ = Actions(self)
        self._build()
        self._wire()
        add_commands(self)
        describe(self)
        self.telling.about_reviews(ABOUT_REVIEWS)
        plan_menus(self)
        add_own_settings(self)
        for add_to in ROOMS:
            add_to(self)
        self.menus.fill()
        self.actions_.add_zone(self.inbox)
        self.actions_.add_zone(self.reading)
        self.actions_.add_zone(self.outbox, self.acts_on_page)
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
        self.set_layout(str(core.settings.get(LAYOUT)))
        self.read_targets()
        self.keeper.restore()
        self._read_tags()
        self.shape.fit()

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
        self.selection = SelectionCard(self)
        right.addWidget(self.selection, 1)
        right.addWidget(self.composer)
        self.inner = splitter(self, self.inbox, self.right)
        self.inner.setStretchFactor(1, 1)
        self.pages = QStackedWidget(self)
        for page in (self.inner, self.outbox, self.first_run):
            self.pages.addWidget(page)
        self.outer = splitter(self, self.sidebar, self.pages)
        self.outer.setStretchFactor(1, 1)
        self.body = body = QWidget(self)
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
        self.activity = Activity(
            bridge, self.picker, self._account_names, partial(notice_buttons, self), self
        )
        self.menus = Menus(self)
        self.telling = Telling(self)
        self.shape = Shape(self, str(core.settings.get(LAYOUT)))
        self.navigation = Navigation(self)
        self.keeper = Keeper(self)

    def _wire(self) -> None:
        self.navigation.moved.connect(self.keeper.save_later)
        self.shape.changed.connect(self.keeper.save_later)
        self.sidebar.counted.connect(self.telling.tell_title)
        self.sidebar.left.connect(self.focus_list)
        self.sidebar.sync_wanted.connect(self._on_sync_account)
        self.sidebar.account_paused.connect(self._on_pause)
        self.sidebar.account_resumed.connect(self._on_resume)
        self.header.search.entered.connect(self.focus_list)
        self.header.search.leave.connect(self.focus_list)
        self.header.sync_pressed.connect(self.sync)
        self.header.back_pressed.connect(self.back)
        self.inbox.current_changed.connect(self._on_current)
        self.inbox.activated.connect(self._on_activated)
        self.inbox.action_requested.connect(self.do)
        self.inbox.count_changed.connect(self._tell_place)
        self.inbox.menu_requested.connect(self._on_menu)
        self.inbox.sort_changed.connect(self.keeper.note_order)
        self.inbox.grouping_changed.connect(self.keeper.note_order)
        self.inbox.density_changed.connect(self.keeper.save_later)
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
        self.doing.said.connect(self.telling.place_toast)
        self.first_run.sample_wanted.connect(self.open_sample)
        self.first_run.add_wanted.connect(partial(open_wizard, self))
        self.sidebar.health_wanted.connect(partial(open_account_page, self))
        self.sidebar.sign_in_wanted.connect(partial(open_wizard, self))
        self.actions_.refused.connect(self.say)
        self.actions_.hint.connect(self.telling.on_hint)
        self.bridge.notice.connect(self.telling.on_notice)
        self.bridge.changes.connect(self._on_changes)
        theme().changed.connect(self.shape.fit)

    # --- views, pages, settings ------------------------------------------------------------------

    def show_view(self, key: str) -> bool:
        """Go to a view by its key (``inbox``, ``state:done``, ``account:3``, ``outbox``, ``page:products``)."""
        return self.sidebar.choose(key)

    def entry(self) -> Entry | None:
        """The view that is shown."""
        return self.navigation.entry()

    def open_settings(self, key: str = "") -> None:
        """The settings window, at a setting or a section where one is named."""
        if self._settings is None:
            self._settings = SettingsWindow(self)
        self._settings.open(key)

    def set_layout(self, layout: str) -> None:
        """``three-panes``, ``list-above`` (the list over the reading pane) or ``list-only``; live."""
        self.shape.set_layout(layout)

    def read_targets(self, *_changed: object) -> None:
        """Until when reviews want their answers, by the settings as they are now."""
        get = self.core.settings.get
        target = get(ANSWER_WITHIN_H) * 3600
        days = frozenset(int(day) for day in get(WORK_DAYS))
        hours = WorkingHours(days, get(WORK_FROM), get(WORK_UNTIL))
        self.inbox.set_due(partial(due_of, target_s=target, hours=hours) if target else None)

    def search_text(self) -> str:
        """The query that the list shows now, as it can be kept."""
        return self.navigation.search_text()

    def setting_choices(self) -> list[Choice]:
        """The settings as the palette lists them."""
        sections = self.settings_sections
        return [
            Choice(
                item.key,
                item.title,
                partial(self.open_settings, item.key),
                section=self.tr("Settings"),
                icon="gear-six",
                hint=sections.section(item.section).title,
            )
            for item in sections.every_item()
        ]

    def _on_changes(self, change: ChangeSet) -> None:
        if change.views or change.changed:
            self._read_tags()
        if change.accounts:
            # The first account of an empty profile, or the last one gone: the page changes.
            QTimer.singleShot(200, self, self.navigation.check_page)

    def _read_tags(self) -> None:
        self.bridge.run(self.core.inbox.tags, done=self._on_tags, owner=self, key="tags")

    def _on_tags(self, tags: list[Tag]) -> None:
        colours = {tag.name: tag.colour for tag in tags}
        if colours != {tag.name: tag.colour for tag in self.choosing.tags()}:
            self.inbox.set_tag_colours(colours)
        self.choosing.set_tags(tags)

    def _account_names(self) -> dict[int, str]:
        return {account.id: account.name for account in self.sidebar.accounts()}

    # --- which review ----------------------------------------------------------------------------

    def _on_current(self, review_id: int) -> None:
        self.reading.show_review(review_id)
        self.composer.follow(review_id)
        self._tell_place()
        self.telling.tell_reasons()
        self.keeper.save_later()

    def _tell_place(self, *_count: object) -> None:
        current = self.inbox.current_id()
        at = self.inbox.number_of(current) if current else 0
        self.reading.set_position(at, self.inbox.total())

    def _on_activated(self, review_id: int) -> None:
        self.shape.show_reading(True)
        self.reading.show_review(review_id)
        self.reading.setFocus(Qt.FocusReason.OtherFocusReason)

    def open_review(self, review_id: int) -> None:
        """Show a review wherever it is: in this view, else in all reviews."""
        entry = self.entry()
        elsewhere = entry is not None and entry.kind in ("outbox", "page")
        if elsewhere:
            self.show_view("inbox")
        if elsewhere or not self.inbox.select(review_id):
            self.inbox.set_query(self.core.inbox.parse(""), name=self.tr("All reviews"), select=review_id)
        self.reading.show_review(review_id)
        self.shape.show_reading(True)

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
        self.shape.show_reading(True)
        self.composer.open(current, target)

    def use_saved(self, name: str) -> None:
        """Look a saved reply up for the current review, in the reply that is open or in a new public one."""
        if not self.composer.is_open():
            self.reply(Target.PUBLIC)
        if self.composer.is_open():
            self.composer.open_saved(words=name)

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
        self.telling.place_toast()
        focus = QApplication.focusWidget()
        if focus is None or not focus.isVisible() or self.reading.isAncestorOf(focus):
            # What had the focus is gone with the composer: on to the next review, not to a picture.
            self.inbox.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_composer(self, *_which: object) -> None:
        self.reading.set_composing(self.composer.is_open())
        self.telling.place_toast()

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

    def say(self, text: str) -> None:
        """One sentence about what somebody just did, unless a countdown is running there."""
        self.telling.say(text)

    # --- panes -----------------------------------------------------------------------------------

    def panes(self) -> list[QWidget]:
        """What F6 goes through, as far as it is on the screen."""
        return self.shape.panes()

    def cycle(self, delta: int) -> None:
        """To the next or previous pane."""
        self.shape.cycle(delta)

    def focus_list(self) -> None:
        if self.pages.currentWidget() is self.outbox:
            self.outbox.list.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self.shape.show_reading(False)
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
        if self.shape.reading_alone and self.inbox.isHidden():
            self.focus_list()
        self.header.search.focus()

    def _on_outbox_pressed(self) -> None:
        self.show_view("outbox")

    def _on_menu(self, place: QPoint) -> None:
        menu = self.menus.context(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(place)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.shape.fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.shape.fit()
        self.shape.set_side()
        self.shape.balance()

    def save_state(self) -> None:
        """Write down what a restart brings back."""
        self.keeper.save()

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.composer.finish():
            # What was typed is worth more than a quick end.
            self.say(self.tr("The draft could not be saved yet"))
            event.ignore()
            return
        if not self.navigation.finish_pages():
            self.say(self.tr("What was typed could not be saved yet"))
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
