"""The middle pane: head or bulk bar, the rows, or the reason why there are none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QLocale, QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import QSizePolicy, QStackedLayout, QVBoxLayout, QWidget

from reviewdesk.domain.models import ChangeSet, ReviewRow
from reviewdesk.domain.query import And, Is, Query, Sort
from reviewdesk.ui.inbox import words
from reviewdesk.ui.inbox.context import AccountMark, RowContext
from reviewdesk.ui.inbox.feed import InboxFeed
from reviewdesk.ui.inbox.head import BulkBar, ListHead
from reviewdesk.ui.inbox.lines import Grouping, Order
from reviewdesk.ui.inbox.model import BLOCK, InboxModel
from reviewdesk.ui.inbox.view import InboxView
from reviewdesk.ui.widgets import EmptyState, announce

if TYPE_CHECKING:
    from reviewdesk.domain.cases import Effect
    from reviewdesk.services.core import Core
    from reviewdesk.ui.bridge import Bridge

__all__ = ["InboxList"]

_TICK_MS = 30_000
_KEPT_CHECKS = 2_000
_LEAVING = frozenset(
    {"done", "reopen", "snooze", "waiting", "read", "unread", "star", "unstar", "hide", "unhide"}
)

Buttons = tuple[tuple[str, str, str], ...]


class InboxList(QWidget):
    """The list of one query. Review ids do not fit a C int: signals carry them as Python objects."""

    current_changed = Signal(object)
    """The review the keyboard is on (int); 0 for none."""
    activated = Signal(object)
    """Enter, o or a double click on a review (int)."""
    action_requested = Signal(str, object)
    """(action, list of ids) from a hovered row or the bulk bar: reply, done, reopen, snooze, star, unstar, read, unread."""
    selection_changed = Signal(int)
    """How many reviews are selected."""
    count_changed = Signal(int)
    """How many reviews the view holds."""
    empty_action = Signal(str)
    """A button of the empty state: its id."""
    sort_changed = Signal(object)
    density_changed = Signal(str)
    grouping_changed = Signal(str)
    menu_requested = Signal(QPoint)
    """A context menu for ``selected_ids()``, at a global position."""
    shown = Signal()
    """The first rows of the view asked for last are painted next."""

    def __init__(self, core: Core, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("inbox")
        self._core, self._bridge = core, bridge
        self._context = RowContext(core.clock)
        self._model = InboxModel(self._context, self._load_rows, self)
        self._view = InboxView(self._model, self._context, self)
        self._feed = InboxFeed(core.inbox, bridge, self._model, self._context, self._view, self)
        self._head = ListHead(self)
        self._bulk = BulkBar(self)
        self._empty = EmptyState(self)
        self._empty.setObjectName("surface")
        self._empty.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._empty.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._empty_kind: str | None = None
        self._empty_words: dict[str, Any] = {}
        self._keep = 0
        self._restored = 0
        self._top: tuple[int, int] | None = None
        self._checked: list[int] | None = None
        self._failure = ""
        self.setMinimumWidth(200)

        top = QWidget(self)
        top.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._tops = QStackedLayout(top)
        self._tops.addWidget(self._head)
        self._tops.addWidget(self._bulk)
        body = QWidget(self)
        self._bodies = QStackedLayout(body)
        self._bodies.addWidget(self._view)
        self._bodies.addWidget(self._empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(top)
        column.addWidget(body, 1)
        self.setFocusProxy(self._view)
        self._connect()
        self._head.set_sort(Sort.NEWEST)
        self._head.set_density(self._view.density())
        self._read_accounts()
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self._view.viewport().update)
        self._tick.start()

    def _connect(self) -> None:
        view, feed, head, bulk = self._view, self._feed, self._head, self._bulk
        view.current_id_changed.connect(self.current_changed)
        view.opened.connect(self.activated)
        view.quick.connect(self._quick)
        view.selection_counted.connect(self._selection_counted)
        view.customContextMenuRequested.connect(self._menu_wanted)
        feed.shown.connect(self._view_shown)
        feed.completed.connect(self._completed)
        feed.count_changed.connect(self._counted)
        feed.new_changed.connect(head.set_new)
        feed.failed.connect(self._failed)
        head.sort_chosen.connect(self.set_sort)
        head.density_chosen.connect(self.set_density)
        head.grouping_chosen.connect(self.set_grouping)
        head.new_wanted.connect(self.show_new)
        bulk.action_chosen.connect(self._bulk_action)
        bulk.clear_wanted.connect(self.clear_selection)
        bulk.all_wanted.connect(view.select_everything)
        self._empty.pressed.connect(self.empty_action)
        self._bridge.changes.connect(self._changes)

    def _load_rows(
        self, ids: Sequence[int], done: Callable[[dict[int, ReviewRow]], None], failed: Callable[[], None]
    ) -> None:
        def refused(error: BaseException) -> None:
            failed()
            self._failed(str(getattr(error, "message", "") or error))

        def came(rows: dict[int, ReviewRow]) -> None:
            done(rows)
            self._look_for_effects(rows.values())

        self._bridge.run(self._core.inbox.rows, list(ids), done=came, failed=refused, owner=self._model)

    def _look_for_effects(self, rows: Iterable[ReviewRow | None]) -> None:
        edited = [row.id for row in rows if row is not None and row.edited]
        if edited:
            done = partial(self._effects_came, edited)
            self._bridge.run(self._core.inbox.effects, edited, done=done, owner=self._model)

    def _effects_came(self, ids: list[int], found: dict[int, Effect]) -> None:
        if self._context.set_effects(ids, found):
            self._view.viewport().update()

    # --- which reviews ---------------------------------------------------------------------------

    @property
    def view(self) -> InboxView:
        return self._view

    @property
    def model(self) -> InboxModel:
        return self._model

    def query(self) -> Query | None:
        return self._feed.query

    def set_query(
        self,
        query: Query,
        *,
        name: str | None = None,
        keep_current: bool = False,
        select: int = 0,
        sort: Sort | None = None,
        grouping: str = "",
    ) -> None:
        """Show the reviews of a query, from the top, in another order or with other groups where these are given.

        What is on the screen stays until the first rows are here. ``keep_current``: the current review stays
        current where the new view has it (search as you type), else nothing is. ``select``: go to this review as
        soon as it is there, however far down.
        """
        self._keep = select or self._restored or (self._view.current_id() if keep_current else 0)
        self._restored = 0
        self._empty_kind, self._empty_words = None, {}
        self._failure = ""
        if name is not None:
            self.set_name(name)
        if sort is not None:
            self._head.set_sort(sort)
            self._feed.set_sort(sort)
        if grouping and grouping != self.grouping():
            self._take_grouping(grouping)
        self._feed.show(query, self._feed.sort)

    def refresh(self) -> None:
        """Enter the view again: what no longer belongs here goes, what waits comes; the current review stays."""
        if self._feed.query is not None:
            self._keep = self._view.current_id()
            self._feed.show(self._feed.query, self._feed.sort)

    def set_name(self, name: str) -> None:
        """The view's name in the head, and of the list for screen readers."""
        self._head.set_name(name)
        self._view.setAccessibleName(self.tr("Reviews: %1").replace("%1", name))

    def sort(self) -> Sort:
        return self._feed.sort

    def set_sort(self, sort: Sort) -> None:
        self._head.set_sort(sort)
        if sort is self._feed.sort:
            return
        self._keep = self._view.current_id()
        if self._feed.query is not None:
            self._feed.show(self._feed.query, sort)
        else:
            self._feed.set_sort(sort)
        self.sort_changed.emit(sort)

    def total(self) -> int:
        """How many reviews the view holds."""
        return self._model.total()

    def number_of(self, review_id: int) -> int:
        """Its place in the list, from 1; 0 when it is not in it."""
        return self._model.number_of(review_id)

    # --- where one is ----------------------------------------------------------------------------

    def current_id(self) -> int:
        return self._view.current_id()

    def selected_ids(self) -> list[int]:
        """The selected reviews in the order of the list, or the current one when none is."""
        chosen = self._view.selected_ids()
        current = self._view.current_id()
        return chosen or ([current] if current else [])

    def select(self, review_id: int) -> bool:
        """Go to a review; false when the view does not hold it. One that waits as "new" is let in."""
        if self._view.select_id(review_id):
            return True
        if review_id in self._feed.show_new():
            return self._view.select_id(review_id)
        return False

    def clear_current(self) -> None:
        self._view.clear_current()

    def clear_selection(self) -> None:
        """Of several selected reviews only the current one stays."""
        self._view.clear_checks()

    def select_all(self) -> None:
        self._view.select_everything()

    def move(self, delta: int) -> bool:  # type: ignore[override] # the seam's name; nobody moves a pane by pixels
        """To the next (1) or previous (-1) review; false at the end."""
        return self._view.step(delta)

    def go_on(self, review_id: int, after: str) -> None:
        """Something was done to the current review: to its ``next`` or ``previous`` at once, or ``stay``.

        At once, so that whoever presses the same key again means the review that is seen, not the one before.
        """
        lines = self._model.lines
        at = lines.index_of(review_id)
        step = {"next": 1, "previous": -1}.get(after, 0)
        if at < 0 or not step or review_id != self.current_id():
            return
        at += step
        while 0 <= at < len(lines.ids) and lines.line_of(at) < 0:
            at += step
        if 0 <= at < len(lines.ids):
            self._view.select_id(lines.ids[at])

    def move_unread(self, delta: int) -> None:
        """To the next (1) or previous (-1) unread review, wherever it is in the view."""
        query = self._feed.query
        if query is None:
            return
        unread = Is("unread")
        root = unread if query.root is None else And((query.root, unread))
        text = f"{query.text} is:unread".strip()
        work = partial(self._core.inbox.ids, Query(root, text), sort=self._feed.sort)
        self._bridge.run(work, done=partial(self._go_unread, delta), owner=self, key="inbox-unread")

    def _go_unread(self, delta: int, unread: Iterable[int]) -> None:
        lines = self._model.lines
        here = lines.index_of(self.current_id()) if self.current_id() else -1
        if here < 0 and delta < 0:
            here = len(lines.ids)
        if lines.order == Order.NONE:
            sought = set(unread)
            places = [at for at, i in enumerate(lines.ids) if i in sought]
        else:
            places = sorted(at for i in unread if (at := lines.index_of(i)) >= 0)
        if delta > 0:
            found = next((at for at in places if at > here), -1)
        else:
            found = next((at for at in reversed(places) if at < here), -1)
        if found >= 0:
            self._view.select_id(lines.ids[found])
        else:
            announce(self._view, self.tr("No more unread reviews here"))

    # --- what is going on ------------------------------------------------------------------------

    def user_acted(self, ids: Iterable[int]) -> None:
        """Call it when the person changes these from elsewhere (reading pane, menu, palette).

        Those that the change takes out of the view leave the list, and the next row becomes current.
        """
        self._feed.user_acted(ids)

    def coming_back(self, ids: Iterable[int]) -> None:
        """An undo brings these back: they come in at their old place at once, whatever is on the screen."""
        self._feed.coming_back(ids)

    def new_count(self) -> int:
        return self._feed.new_count()

    def show_new(self) -> None:
        """Let in what is counted as new, and go to the top."""
        if self._feed.show_new():
            self._view.verticalScrollBar().setValue(0)

    def _changes(self, changes: ChangeSet) -> None:
        if changes.accounts:
            self._read_accounts()
        self._feed.on_changes(changes)

    def _view_shown(self) -> None:
        if self._keep and self._view.select_id(self._keep):
            self._keep = 0
        self._show_body()
        self._counted(self._model.total())
        self._look_for_effects(map(self._model.row_of, self._model.ids_on(0, BLOCK)))
        self.shown.emit()

    def _completed(self) -> None:
        if self._keep:
            self._view.select_id(self._keep)
            self._keep = 0
        if self._checked is not None:
            self._view.check_ids(self._checked) if self._checked else self._view.select_everything()
            self._checked = None
        if self._top is not None:
            self._view.put_top(*self._top)
            self._top = None
        self._view.settle_current()
        self._show_body()

    def _counted(self, count: int) -> None:
        self._head.set_count(count if self._feed.complete else None)
        if self._view.is_several():
            self._bulk.set_counts(self._view.selected_count(), count)
        self._show_body()
        if self._feed.complete:
            self.count_changed.emit(count)

    def _failed(self, message: str) -> None:
        self._failure = message
        self._show_body()

    # --- what is done ----------------------------------------------------------------------------

    def _quick(self, action: str, review_id: int) -> None:
        self._request(action, [review_id])

    def _bulk_action(self, action: str) -> None:
        self._request(action, self.selected_ids())

    def _request(self, action: str, ids: list[int]) -> None:
        if action in _LEAVING:
            self._feed.user_acted(ids)
        self.action_requested.emit(action, ids)

    def _selection_counted(self, count: int) -> None:
        several = self._view.is_several()
        if several:
            self._bulk.set_counts(count, self._model.total())
        wanted = self._bulk if several else self._head
        if self._tops.currentWidget() is not wanted:
            self._tops.setCurrentWidget(wanted)
        self.selection_changed.emit(count)

    def set_bulk_actions(self, actions: tuple[tuple[str, str], ...]) -> None:
        """``(id, words)`` for the bulk bar; each is asked for through ``action_requested``."""
        self._bulk.set_actions(actions)

    def _menu_wanted(self, point: QPoint) -> None:
        self.menu_requested.emit(self._view.viewport().mapToGlobal(point))

    # --- look ------------------------------------------------------------------------------------

    def density(self) -> str:
        return self._view.density()

    def set_density(self, density: str) -> None:
        """``comfortable``, ``normal`` or ``compact``. Raises ValueError for another."""
        self._head.set_density(density)
        if density != self._view.density():
            self._view.set_density(density)
            self.density_changed.emit(density)

    def grouping(self) -> str:
        """By what the list is cut: ``day``, ``week``, ``source``, ``product`` or ``none``."""
        return self._model.lines.grouping

    def set_grouping(self, grouping: str) -> None:
        """Cut the list otherwise. Raises ValueError for an unknown word."""
        if grouping not in Grouping.ALL:
            raise ValueError(f"no such grouping: {grouping}")
        before = self.grouping()
        if grouping == before:
            return
        self._take_grouping(grouping)
        by_reading = before in Grouping.BY_READING or grouping in Grouping.BY_READING
        if by_reading and self._feed.query is not None:
            self._keep = self._view.current_id()
            self._feed.show(self._feed.query, self._feed.sort)
        self.grouping_changed.emit(grouping)

    def _take_grouping(self, grouping: str) -> None:
        self._head.set_grouping(grouping)
        self._feed.set_grouping(grouping)
        # Qt counts days as we do: Monday is 1.
        self._model.set_grouping(grouping, QLocale().firstDayOfWeek().value)

    def set_tag_colours(self, colours: Mapping[str, int]) -> None:
        """Tag name to colour 1 to 6; others get one by their name."""
        self._context.set_tag_colours(colours)
        self._view.viewport().update()

    def set_due(self, due_at: Callable[[ReviewRow], float | None] | None) -> None:
        """How to find out until when a review wants its answer (UTC seconds); None: there are no targets."""
        self._context.set_due(due_at)
        self._view.viewport().update()

    def _read_accounts(self) -> None:
        self._bridge.run(self._account_marks, done=self._got_accounts, owner=self, key="inbox-accounts")

    def _account_marks(self) -> dict[int, AccountMark]:
        codes = self._core.account_codes()
        return {
            account.id: AccountMark(codes.get(account.provider, ""), account.colour, account.name)
            for account in self._core.known_accounts()
        }

    def _got_accounts(self, marks: dict[int, AccountMark]) -> None:
        self._context.set_accounts(marks)
        self._view.viewport().update()

    # --- why there is nothing --------------------------------------------------------------------

    def set_empty_state(
        self, kind: str | None, *, sentence: str = "", line: str = "", buttons: Buttons | None = None
    ) -> None:
        """What to say while the list is empty: no-account, answered, no-match, sign-in, offline, loading, nothing.

        Words given here replace the kind's own. None: by the query. Raises ValueError for an unknown kind.
        """
        if kind is not None and kind not in self._kinds():
            raise ValueError(f"no such kind of empty state: {kind}")
        self._empty_kind = kind
        self._empty_words = {"sentence": sentence, "line": line, "buttons": buttons}
        self._show_body()

    def empty_state(self) -> EmptyState:
        return self._empty

    def is_empty(self) -> bool:
        """Whether the reason for emptiness is shown instead of rows."""
        return self._bodies.currentWidget() is self._empty

    def _kinds(self) -> dict[str, tuple[str, str, str, Buttons]]:
        return {
            "no-account": (
                "storefront",
                self.tr("No account yet"),
                self.tr("Connect a source, or look around first."),
                (
                    ("add-account", self.tr("Add an account"), "primary"),
                    ("sample", self.tr("Sample reviews"), "plain"),
                ),
            ),
            "answered": ("check-circle", self.tr("Everything is answered"), "", ()),
            "no-match": (
                "magnifying-glass",
                self.tr("No match in this view"),
                "",
                (
                    ("search-everything", self.tr("Search everything"), "primary"),
                    ("clear", self.tr("Clear"), "plain"),
                ),
            ),
            "sign-in": (
                "key",
                self.tr("The source wants you to sign in again"),
                self.tr("The other accounts keep loading."),
                (
                    ("sign-in", self.tr("Sign in"), "primary"),
                    ("copy-details", self.tr("Copy details"), "plain"),
                ),
            ),
            "offline": (
                "cloud-slash",
                self.tr("Not loaded yet"),
                self.tr("You are offline. The newest reviews load as soon as there is a connection."),
                (),
            ),
            "loading": (
                "arrows-clockwise",
                self.tr("Loading the first reviews"),
                self.tr("The newest come first and appear here as they arrive."),
                (),
            ),
            "nothing": ("tray", self.tr("Nothing here"), "", ()),
            "failed": (
                "warning",
                self.tr("The list could not be read"),
                "",
                (("retry", self.tr("Try again"), "plain"),),
            ),
        }

    def _show_body(self) -> None:
        empty = self._model.total() == 0 and (self._feed.complete or bool(self._failure))
        if self._empty_kind in ("no-account", "loading", "offline") and self._model.total() == 0:
            empty = True
        if empty:
            self._fill_empty()
        wanted = self._empty if empty else self._view
        if self._bodies.currentWidget() is not wanted:
            # The focus is never lost: it stays in this pane.
            had_focus = (self._empty, self._view)[empty].hasFocus()
            self._bodies.setCurrentWidget(wanted)
            self.setFocusProxy(wanted)
            if had_focus:
                wanted.setFocus()

    def _fill_empty(self) -> None:
        query = self._feed.query
        kind = self._empty_kind
        if self._failure:
            kind = "failed"
        elif kind is None:
            kind = "no-match" if query is not None and query.needles else "nothing"
        icon, sentence, line, buttons = self._kinds()[kind]
        said = self._empty_words if kind == self._empty_kind else {}
        if kind == "no-match" and query is not None and not said.get("line"):
            line = self.tr("For %1").replace("%1", words.paintable(query.text)) if query.text else ""
        if kind == "failed":
            line = self._failure
        chosen = said.get("buttons")
        wanted = (
            icon,
            said.get("sentence") or sentence,
            said.get("line") or line,
            buttons if chosen is None else chosen,
        )
        self._empty.set_state(*wanted)

    # --- coming back -----------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """What a restart should bring back; plain values."""
        return {
            "sort": self._feed.sort.value,
            "density": self._view.density(),
            "grouping": self.grouping(),
            "current": self._view.current_id(),
            "top": list(self._view.top()),
            "checked": self._kept_checks(),
        }

    def _kept_checks(self) -> list[int] | str:
        """The selected reviews, while they are several; a selection of all is a word, a very large one is let go."""
        count = self._view.selected_count() if self._view.is_several() else 0
        if count and count == self._model.total():
            return "all"
        return self._view.selected_ids() if 1 < count <= _KEPT_CHECKS else []

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take over what ``state`` gave, as far as it can be read; the current review comes with the next query."""
        if state.get("density") in ("comfortable", "normal", "compact"):
            self.set_density(str(state["density"]))
        try:
            self.set_sort(Sort(str(state.get("sort", Sort.NEWEST.value))))
        except ValueError:
            self.set_sort(Sort.NEWEST)
        grouping = state.get("grouping")
        self.set_grouping(str(grouping) if grouping in Grouping.ALL else Grouping.DAY)
        current = state.get("current")
        self._restored = current if isinstance(current, int) else 0
        checked = state.get("checked")
        if checked == "all":
            self._checked = []
        elif isinstance(checked, list) and len(checked) > 1 and all(isinstance(n, int) for n in checked):
            self._checked = checked
        top = state.get("top")
        if isinstance(top, list) and len(top) == 2 and all(isinstance(n, int) for n in top) and top[0]:
            self._top = (top[0], max(-1000, min(1000, top[1])))
