"""Which view is shown: sidebar, search and scope become a query for the list, or another page in its place."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication, QWidget

from reviewdesk.domain.models import Account, AccountState, ReviewRow
from reviewdesk.domain.plain import dataclass
from reviewdesk.domain.query import Or, Query, QueryError
from reviewdesk.domain.text import one_line, reveal
from reviewdesk.services.events import SyncStatus
from reviewdesk.ui.header.search import SCOPE_EVERYTHING
from reviewdesk.ui.page import Page

if TYPE_CHECKING:
    from reviewdesk.ui.main_window import MainWindow
    from reviewdesk.ui.picker import Choice
    from reviewdesk.ui.sidebar import Entry

__all__ = ["Navigation"]

HISTORY_KEY = "search.history"
_FAILED = (AccountState.SIGN_IN_NEEDED, AccountState.ERROR)


@dataclass(slots=True)
class _Known:
    make: Callable[[], Page]
    page: Page | None = None


class Navigation(QObject):
    """Goes to views and pages of one window. ``moved``: another view is shown now."""

    moved = Signal()

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._typed: Query | None = None
        self._entry: Entry | None = None
        self._pages: dict[str, _Known] = {}
        self._needles: tuple[tuple[str, bool], ...] = ()
        self._next_id = 0
        self._failed: Account | None = None
        self._explained: tuple[str, object] | None = None
        self._asked: tuple[str, object] | None = None
        self._ask_again = False
        window.bridge.status.connect(self._on_status)
        search = window.header.search
        window.sidebar.chosen.connect(self._on_entry)
        search.searched.connect(self._on_searched)
        search.scope_changed.connect(self._on_scope)
        search.remembered.connect(self._on_remembered)
        search.set_history(self._kept_history())
        window.inbox.empty_action.connect(self._on_empty_action)

    def entry(self) -> Entry | None:
        """The view that is shown."""
        return self._entry

    # --- pages -----------------------------------------------------------------------------------

    def add_page(self, key: str, make: Callable[[], Page]) -> None:
        """A page that ``page:<key>`` in the sidebar shows, made when it is first wanted."""
        if key in self._pages:
            raise ValueError(f"there is a page {key} already")
        self._pages[key] = _Known(make)

    def page(self, key: str) -> Page | None:
        """A page that was shown already."""
        return self._pages[key].page

    def show_page(self, key: str) -> Page:
        """Go to a page and answer with it. Raises KeyError for an unknown one."""
        page = self._made(key)
        self._window.show_view(f"page:{key}")
        return page

    def shown_page(self) -> Page | None:
        """The page of a room that is in front, if one is."""
        here = self._window.pages.currentWidget()
        return here if isinstance(here, Page) else None

    def finish_pages(self) -> bool:
        """Ask every page whether the window may close."""
        return all(known.page.finish() for known in self._pages.values() if known.page is not None)

    def _made(self, key: str) -> Page:
        known = self._pages[key]
        if known.page is None:
            known.page = known.make()
            self._window.pages.addWidget(known.page)
            # Single keys go on meaning where to go; those about reviews would act on what nobody sees.
            self._window.actions_.add_zone(known.page, self._key_acts_on_page)
        return known.page

    def _key_acts_on_page(self, name: str) -> bool:
        return self._window.acts_on_page(name)

    def _page_of(self, entry: Entry) -> Page | None:
        return self._made(entry.key.removeprefix("page:")) if entry.kind == "page" else None

    # --- which view ------------------------------------------------------------------------------

    def _on_entry(self, entry: Entry) -> None:
        search = self._window.header.search
        if self._entry is not None and self._entry.key != entry.key:
            # Another view is another question: the words typed for the last one are not asked again.
            search.reset()
            self._typed = None
        self._entry = entry
        search.set_view_title(entry.label)
        if entry.kind == "outbox":
            search.set_page(self.tr("Search the outbox"))
        else:
            page = self._page_of(entry)
            search.set_page(page.search_words if page is not None else "", scopes=page is None)
        self._window.shape.reading_alone = False
        self.apply()
        self._window.shape.fit()
        self.moved.emit()

    def apply(self, *, keep_current: bool = False) -> None:
        """Show what view, search and scope ask for."""
        window, entry = self._window, self._entry
        if entry is None:
            return
        search = window.header.search
        page = self._page_of(entry)
        alone = not window.sidebar.accounts()
        if alone and entry.kind != "outbox" and (page is None or page.needs_account):
            self._show(window.first_run)
            return
        if entry.kind == "outbox":
            self._show(window.outbox)
            window.outbox.set_filter(search.text())
            return
        typed, scope = self._typed, search.scope()
        if page is not None:
            if page.search_words or typed is None:
                self._show(page)
                if page.search_words:
                    page.set_filter(search.text())
                return
            scope = SCOPE_EVERYTHING
        self._show(window.inner)
        if typed is not None and scope == SCOPE_EVERYTHING:
            text, title = typed.canonical, self.tr("All reviews")
        elif typed is not None and typed.canonical:
            wanted = f"({typed.canonical})" if isinstance(typed.root, Or) else typed.canonical
            text, title = f"({entry.query}) {wanted}", entry.label
        else:
            text, title = entry.query, entry.label
        try:
            # Terms are whole here: the typed ones come canonically, the view's are ours.
            query = window.core.inbox.parse(text)
        except QueryError:
            # Together they are more than the language takes; as much as it takes is asked.
            query = window.core.inbox.parse(text, as_typed=True)
        sort, grouping = window.state.order_of(entry.key)
        window.inbox.set_query(query, name=title, keep_current=keep_current, sort=sort, grouping=grouping)
        self._needles = query.needles
        self.tell_highlight()
        self._explained = None
        self._explain_empty(entry)

    def tell_highlight(self) -> None:
        """Tell the reading pane which words were searched for, once there is one."""
        if self._window.making.whole:
            self._window.reading.set_highlight(self._needles)

    def _show(self, page: QWidget) -> None:
        """Change the page; a focus that was on the old one goes to the place that matters on the new one."""
        window = self._window
        if window.pages.currentWidget() is page:
            return
        focus = QApplication.focusWidget()
        inside = focus is None or window.pages.isAncestorOf(focus)
        if inside:
            window.sidebar.view.setFocus(Qt.FocusReason.OtherFocusReason)
        window.pages.setCurrentWidget(page)
        if inside:
            self.start_of(page).setFocus(Qt.FocusReason.OtherFocusReason)
        window.telling.tell_reasons()

    def start_of(self, page: QWidget) -> QWidget:
        """Where a page's work begins."""
        window = self._window
        if page is window.inner:
            return window.inbox
        if page is window.outbox:
            return window.outbox.list
        if page is window.first_run:
            return window.first_run.add_button
        return page.start() if isinstance(page, Page) else window.inbox

    def check_page(self) -> None:
        """Accounts came or went: the first-run page may have to come or go."""
        window = self._window
        first = window.pages.currentWidget() is window.first_run
        reviews = self._entry is not None and self._entry.kind not in ("outbox", "page")
        if first == bool(window.sidebar.accounts()) and (self._entry is None or self._entry.kind != "outbox"):
            self.apply()
        elif reviews and self._entry is not None:
            self._explain_empty(self._entry)

    # --- an empty list ---------------------------------------------------------------------------

    def _explain_empty(self, entry: Entry) -> None:
        """Tell the list what to say in case there is nothing in it.

        What was said for the same question stays until its new answer is here: each word of a sync asks it again,
        and figures and buttons would come and go with it.
        """
        window = self._window
        inbox = window.inbox
        explained, self._explained = self._explained, None
        if self._typed is not None:
            if window.header.search.scope() == SCOPE_EVERYTHING:
                inbox.set_empty_state(
                    "no-match",
                    sentence=self.tr("No match in all reviews"),
                    buttons=(("clear", self.tr("Clear"), "plain"),),
                )
            else:
                self._explained = ("no-match", self._typed)
                if explained != self._explained:
                    inbox.set_empty_state("no-match")
                self._ask(partial(window.core.inbox.count, self._typed), self._on_counted_everywhere)
            return
        accounts = window.sidebar.accounts()
        account = next((a for a in accounts if a.id == entry.account_id), None)
        if account is None and entry.key == "inbox":
            # One that never brought anything is the reason also where all accounts are shown.
            account = next((a for a in accounts if a.state in _FAILED and a.last_success is None), None)
        if account is not None and account.state in _FAILED:
            self._explain_failure(account)
        elif account is not None and account.state is AccountState.NEVER_SYNCED:
            inbox.set_empty_state("offline" if window.status.is_offline() else "loading")
        elif entry.key in ("inbox", "state:needs-reply"):
            waiting = any(a.state is AccountState.NEVER_SYNCED for a in accounts)
            if waiting:
                inbox.set_empty_state("offline" if window.status.is_offline() else "loading")
            else:
                self._explained = ("answered", entry.key)
                if explained != self._explained:
                    inbox.set_empty_state("answered")
                self._ask(window.core.inbox.next_sleeper, self._on_next_sleeper)
        else:
            inbox.set_empty_state("nothing")

    def _ask(self, work: Callable[[], Any], told: Callable[[Any], None]) -> None:
        """What belongs to the words is read once at a time: a busy sync would overtake each reading by the next."""
        question = self._explained
        if self._asked == question:
            self._ask_again = True
            return
        self._asked, self._ask_again = question, False

        def done(answer: Any) -> None:
            self._asked = None
            if self._explained == question:
                told(answer)
            if self._ask_again and self._entry is not None and self._window.inbox.is_empty():
                self._explain_empty(self._entry)

        def failed(_error: BaseException) -> None:
            self._asked = None

        self._window.bridge.run(work, done=done, failed=failed, owner=self, key="explained")

    def _explain_failure(self, account: Account) -> None:
        """The account's own error is why nothing is here: say it, with what mends it."""
        self._failed = account
        titles = {spec.id: spec.title for spec in self._window.core.accounts.specs()}
        title = titles.get(account.provider, account.name)
        said = account.last_error.message if account.last_error is not None else ""
        others = len(self._window.sidebar.accounts()) > 1
        line = f"{said} {self.tr('The other accounts keep loading.')}".strip() if others else said
        copy = ("copy-details", self.tr("Copy details"), "plain")
        if account.state is AccountState.SIGN_IN_NEEDED:
            self._window.inbox.set_empty_state(
                "sign-in",
                sentence=self.tr("{source} wants you to sign in again").format(source=title),
                line=line,
                buttons=(("sign-in", self.tr("Sign in again"), "primary"), copy),
            )
        else:
            self._window.inbox.set_empty_state(
                "failed",
                sentence=self.tr("{source} could not be loaded").format(source=title),
                line=line,
                buttons=(("sync", self.tr("Try again"), "primary"), copy),
            )

    def _on_status(self, _status: SyncStatus) -> None:
        # Offline or not: that may be why nothing is there.
        if self._entry is not None and self._window.inbox.is_empty():
            self.check_page()

    def _on_next_sleeper(self, row: ReviewRow | None) -> None:
        """Everything is answered: say what comes back next, and lead there."""
        at = row.snooze_until if row is not None else None
        if row is None or at is None:
            self._window.inbox.set_empty_state("answered")
        else:
            from reviewdesk.ui.when import moment_words

            self._next_id = row.id
            words = moment_words(at, self._window.core.clock.now())
            who = one_line(reveal(row.author_name or ""), 40) or self.tr("no name")
            self._window.inbox.set_empty_state(
                "answered",
                line=self.tr("Next to come back: {author}, {time}").format(author=who, time=words),
                buttons=(("show-next", self.tr("Show it"), "ghost"),),
            )

    def _on_counted_everywhere(self, count: int) -> None:
        window = self._window
        shown = window.locale().toString(count)
        line = (
            self.tr("There are {count} in all reviews.").format(count=shown)
            if count
            else self.tr("There is none in all reviews either.")
        )
        clear = ("clear", self.tr("Clear"), "plain")
        everywhere = ("search-everything", self.tr("Search everything"), "primary")
        window.inbox.set_empty_state(
            "no-match", line=line, buttons=(everywhere, clear) if count else (clear,)
        )

    def _on_empty_action(self, name: str) -> None:
        window = self._window
        if name == "search-everything":
            window.header.search.set_scope(SCOPE_EVERYTHING)
        elif name == "clear":
            window.header.search.clear()
        elif name == "show-next":
            window.open_review(self._next_id)
        elif name == "retry":
            window.inbox.refresh()
        elif name == "sync":
            window.sync()
        elif name == "copy-details" and self._failed is not None and self._failed.last_error is not None:
            error = self._failed.last_error
            QApplication.clipboard().setText(f"{self._failed.name}: {error.message} ({error.kind})")
            window.say(self.tr("Copied"))
        elif name == "sign-in" and self._failed is not None:
            from reviewdesk.ui.accounts import open_wizard

            open_wizard(window, self._failed.id)

    # --- search ----------------------------------------------------------------------------------

    def _on_searched(self, query: Query | None) -> None:
        self._typed = query if query is not None and query.root is not None else None
        self.apply(keep_current=True)

    def _on_remembered(self, history: list[str]) -> None:
        self._window.core.settings.set_text(HISTORY_KEY, json.dumps(history))

    def _kept_history(self) -> list[str]:
        try:
            kept = json.loads(self._window.core.settings.text(HISTORY_KEY) or "[]")
        except ValueError:
            return []
        return [text for text in kept if isinstance(text, str)] if isinstance(kept, list) else []

    def search_again(self) -> None:
        """Choose among what was searched before."""
        window = self._window

        def take(text: str) -> None:
            window.search()
            window.header.search.set_text(text)

        from reviewdesk.ui.picker import Choice

        def offer(_typed: str) -> list[Choice]:
            found = [
                Choice(text, text, partial(take, text), icon="clock-counter-clockwise")
                for text in window.header.search.history()
            ]
            nothing = self.tr("Nothing was searched yet")
            return found or [Choice("none", nothing, window.search, icon="magnifying-glass")]

        window.picker.ask(
            "searches",
            offer,
            title=self.tr("Recent searches"),
            placeholder=self.tr("Which search"),
            fallback=window.inbox,
        )

    def _on_scope(self, _scope: str) -> None:
        if self._typed is not None:
            self.apply(keep_current=True)
        self.moved.emit()

    def search_text(self) -> str:
        """The query that the list shows now, as it can be kept."""
        query = self._window.inbox.query()
        return query.canonical if query is not None else ""
