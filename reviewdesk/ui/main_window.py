"""The window: puts the panes together and passes on what they ask of each other.

Where it goes is told in ``navigation``, how its panes are arranged in ``shape``, what it says in ``telling``, what a
restart brings back in ``window_state``; whatever stands on its own comes in through ``rooms``.
"""

from __future__ import annotations

import logging
import sys
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QLocale, QPoint, Qt, QTimer, QUrl
from PySide6.QtGui import QCloseEvent, QDesktopServices, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from reviewdesk.domain.models import ChangeSet, OutboxItem, ReviewDetail, Target
from reviewdesk.domain.targets import due_of
from reviewdesk.services.settings import (
    ACCENT,
    BODY_SCALE,
    LAYOUT,
    REDUCE_MOTION,
    SCALE,
    THEME,
)
from reviewdesk.services.targets import target_h, working_hours
from reviewdesk.ui.actions import Actions
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.header import Header
from reviewdesk.ui.inbox import InboxList
from reviewdesk.ui.making import LATER, Making
from reviewdesk.ui.menus import Menus
from reviewdesk.ui.navigation import Navigation
from reviewdesk.ui.seam import Seam
from reviewdesk.ui.shape import Shape, splitter
from reviewdesk.ui.sidebar import Entry, Sidebar
from reviewdesk.ui.status import StatusLine
from reviewdesk.ui.telling import Telling
from reviewdesk.ui.theme import install, theme
from reviewdesk.ui.window_state import KEY as STATE_KEY
from reviewdesk.ui.window_state import Keeper, WindowState

if TYPE_CHECKING:
    from reviewdesk.services.core import Core
    from reviewdesk.services.inbox import Tag
    from reviewdesk.ui.activity import Activity
    from reviewdesk.ui.arrivals import Arrivals
    from reviewdesk.ui.choosing import Choosing
    from reviewdesk.ui.composer import Composer
    from reviewdesk.ui.doing import Doing
    from reviewdesk.ui.first_run import FirstRun
    from reviewdesk.ui.noting import NoteCard
    from reviewdesk.ui.outbox import OutboxPane
    from reviewdesk.ui.palette import Palette
    from reviewdesk.ui.picker import Choice, Picker
    from reviewdesk.ui.publishing import PublishingToast
    from reviewdesk.ui.reading import ReadingPane
    from reviewdesk.ui.selection import SelectionCard
    from reviewdesk.ui.settings import Sections, SettingsWindow
    from reviewdesk.ui.views import Views
    from reviewdesk.ui.widgets import InlineBar, Toast

__all__ = ["MainWindow"]

_log = logging.getLogger(__name__)
# What ``doing`` does without asking anything first.
_SIMPLE = ("done", "reopen", "waiting", "star", "unstar", "read", "unread", "hide", "unhide")

translate = QCoreApplication.translate


class MainWindow(Seam, QMainWindow):
    """One per process. ``core`` runs already or is started by the caller; the window only reads and asks.

    ``gradually``: only what the first painted list needs is made here, and whoever composes calls
    ``making.gradually`` for the rest.
    """

    if TYPE_CHECKING:
        # Made after the first painting, in ``making_rest``.
        activity: Activity
        arrivals: Arrivals
        bar: InlineBar
        choosing: Choosing
        composer: Composer
        doing: Doing
        first_run: FirstRun
        note: NoteCard
        outbox: OutboxPane
        palette_: Palette
        picker: Picker
        publishing: PublishingToast
        reading: ReadingPane
        selection: SelectionCard
        settings_sections: Sections
        toast: Toast
        views: Views
    else:

        def __getattr__(self, name: str) -> Any:
            # Only asked for what is not there: a part that was to come later comes now.
            if name in LATER:
                self.making.complete()
                if name in self.__dict__:
                    return self.__dict__[name]
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __init__(self, core: Core, bridge: Bridge, *, gradually: bool = False) -> None:
        super().__init__()
        self.making = Making(self)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            get = core.settings.get
            look = install(app, scheme=get(THEME), scale=get(SCALE), accent=get(ACCENT))
            look.set_body_scale(float(core.settings.get(BODY_SCALE)))
            look.set_reduced_motion(bool(core.settings.get(REDUCE_MOTION)))
        if QLocale().language() is QLocale.Language.C:
            # No language is set on this machine: "C" writes 3400 and has no names for days.
            QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom))
        self.core, self.bridge = core, bridge
        self._settings: SettingsWindow | None = None
        self._tags: list[Tag] = []
        self.state = WindowState.load(core.settings.text(STATE_KEY))
        self.actions_ = Actions(self)
        self._build()
        self._wire()
        # Smaller than what three panes need: the window changes its shape on the way down.
        self.setMinimumSize(360, 400)
        self.set_layout(str(core.settings.get(LAYOUT)))
        self.read_targets()
        self.keeper.restore()
        self._read_tags()
        self.shape.fit()
        if not gradually:
            self.making.complete()

    # --- putting it together ---------------------------------------------------------------------

    def _build(self) -> None:
        core, bridge = self.core, self.bridge
        # The application's name follows it in the title bar.
        self.setWindowTitle(self.tr("Practice") if core.practice else "Reviewdesk")
        self.header = Header(bridge, self)
        self.setMenuWidget(self.header)
        self.sidebar = Sidebar(bridge, self)
        self.inbox = InboxList(core, bridge, self)
        self.status = StatusLine(bridge, self)
        self.right = QWidget(self)
        self.right.setObjectName("surface")
        self.right.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.inner = splitter(self, self.inbox, self.right)
        self.inner.setStretchFactor(1, 1)
        self.pages = QStackedWidget(self)
        self.pages.addWidget(self.inner)
        self.outer = splitter(self, self.sidebar, self.pages)
        self.outer.setStretchFactor(1, 1)
        self.body = body = QWidget(self)
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.outer, 1)
        column.addWidget(self.status)
        self.setCentralWidget(body)
        self.menus = Menus(self)
        self.menus.add_titles()
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
        self.status.outbox_pressed.connect(self._on_outbox_pressed)
        # Where these lead is made later: asking for it makes it.
        self.status.activity_pressed.connect(lambda: self.activity.open())
        self.header.commands_pressed.connect(lambda: self.palette_.open())
        self.sidebar.view_act.connect(lambda name, view_id: self.views.act(name, view_id))
        self.sidebar.health_wanted.connect(partial(self._on_account, "open_account_page"))
        self.sidebar.sign_in_wanted.connect(partial(self._on_account, "open_wizard"))
        self.actions_.hint.connect(self.telling.on_hint)
        self.bridge.notice.connect(self.telling.on_notice)
        self.bridge.changes.connect(self._on_changes)
        theme().changed.connect(self.shape.fit)

    def catch_up(self) -> None:
        """The last step of ``making``: the new parts show what the list shows already."""
        self.making.whole = True
        self.navigation.tell_highlight()
        current = self.inbox.current_id()
        if current:
            self._on_current(current)
        self.telling.tell_reasons()
        self.shape.fit()

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
            from reviewdesk.ui.settings import SettingsWindow

            self._settings = SettingsWindow(self)
        self._settings.open(key)

    def set_layout(self, layout: str) -> None:
        """``three-panes``, ``list-above`` (the list over the reading pane) or ``list-only``; live."""
        self.shape.set_layout(layout)

    def read_targets(self, *_changed: object) -> None:
        """Until when reviews want their answers, by the settings as they are now."""
        settings = self.core.settings
        target = target_h(settings) * 3600
        due = partial(due_of, target_s=target, hours=working_hours(settings)) if target else None
        self.inbox.set_due(due)
        if (reading := self.__dict__.get("reading")) is not None:
            reading.content.score_row.set_due(due, self.core.clock.now)

    def search_text(self) -> str:
        """The query that the list shows now, as it can be kept."""
        return self.navigation.search_text()

    def setting_choices(self) -> list[Choice]:
        """The settings as the palette lists them."""
        from reviewdesk.ui.picker import Choice

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
        if colours != {tag.name: tag.colour for tag in self._tags}:
            self.inbox.set_tag_colours(colours)
        self._tags = tags
        if self.making.whole:
            self.choosing.set_tags(tags)

    def tags(self) -> list[Tag]:
        """As last read."""
        return self._tags

    def account_names(self) -> dict[int, str]:
        """The accounts of the sidebar by id."""
        return {account.id: account.name for account in self.sidebar.accounts()}

    # --- which review ----------------------------------------------------------------------------

    def _on_current(self, review_id: int) -> None:
        self.keeper.save_later()
        if not self.making.whole:
            # The reading pane shows it as soon as there is one.
            return
        self.reading.show_review(review_id)
        self.composer.follow(review_id)
        self._tell_place()
        self.telling.tell_reasons()

    def _tell_place(self, *_count: object) -> None:
        if not self.making.whole:
            return
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
        elif action in _SIMPLE:
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

    def shown_review(self) -> ReviewDetail | None:
        """What a key acts on that needs the review itself; None is explained to the person."""
        detail = self.reading.detail()
        if detail is None:
            on_its_way = self.reading.is_reading()
            self.say(
                self.tr("One moment, the review is being read")
                if on_its_way
                else self.tr("Choose a review first")
            )
        return detail

    def open_at_provider(self) -> None:
        """The current review on the provider's own page, in the browser; without an address of its own, the back office."""
        detail = self.shown_review()
        if detail is None:
            return
        address = self.reading.address_of(detail)
        if not address:
            self.say(self.tr("The source gives no address for this review"))
            return
        if not detail.url:
            self.say(self.tr("The source gives no address for this review: its back office opens"))
        self.open_address(address)

    def open_address(self, text: str) -> None:
        """A web page in the browser. Only the web: an address from outside may name any program of this machine."""
        address = QUrl(text)
        if not address.isValid() or address.scheme() not in ("https", "http"):
            self.say(self.tr("This is no address of the web"))
        elif not QDesktopServices.openUrl(address):
            self.say(self.tr("No browser could be opened"))

    def read_on(self, delta: int) -> None:
        """Scroll the review; at its end go to the next (or previous) unread one."""
        wanted, shown = self.inbox.current_id(), self.reading.detail()
        if wanted and self.reading.isVisible() and (shown is None or shown.row.id != wanted):
            return  # a key that is held is quicker than the next review: none is passed unseen
        if not self.reading.scroll_page(delta):
            self.inbox.move_unread(delta)

    def _watch(self, future: Future[Any], done: Any = None) -> None:
        self.bridge.watch(future, done=done, owner=self)

    # --- writing ---------------------------------------------------------------------------------

    def reply(self, target: Target) -> None:
        """Open the composer for the current review, or for what a page shows that is answered there."""
        page = self.navigation.shown_page()
        if page is not None and page.answers:
            page.reply()
            return
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

    def on_published(self, item: OutboxItem) -> None:
        """A reply is on its way: says so, and moves the focus on."""
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

    def on_composer(self, *_which: object) -> None:
        """A composer opened or closed."""
        self.reading.set_composing(self.composer.is_open())
        self.telling.place_toast()

    def on_taken_back(self, item: OutboxItem) -> None:
        """What was about to be sent becomes a draft again."""
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

    def _on_account(self, door: str, account_id: int) -> None:
        from reviewdesk.ui import accounts

        getattr(accounts, door)(self, account_id)

    def _on_resume(self, account_id: int) -> None:
        self._watch(self.core.accounts.resume(account_id))

    def open_sample(self) -> None:
        """A second window on practice data, in a process of its own."""
        from PySide6.QtCore import QProcess

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
        if self.pages.currentWidget() is not self.inner and self.pages.currentWidget() is self.outbox:
            self.outbox.list.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        if (page := self.navigation.shown_page()) is not None:
            page.start().setFocus(Qt.FocusReason.OtherFocusReason)
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
        self.making.complete()
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
        if self.making.whole and not self.composer.finish():
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
