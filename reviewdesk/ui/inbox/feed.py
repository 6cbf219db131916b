"""Keeps the model true: asks for a query's reviews, and lets later changes in without moving anything.

What the person did leaves or enters the list at once. What a sync brought enters at once where nobody looks (below
the screen, or at the top of a list in which nothing is selected) and is counted as "new" elsewhere. A row that a
sync changed leaves there as well; elsewhere it stays where it is until the view is entered again.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from functools import partial
from heapq import nlargest
from typing import Any, Protocol

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from reviewdesk.domain.models import ChangeSet, ReviewRow
from reviewdesk.domain.plain import dataclass
from reviewdesk.domain.query import Query, Sort
from reviewdesk.services.matching import matching
from reviewdesk.ui.inbox.context import RowContext
from reviewdesk.ui.inbox.lines import Days, Grouping, Order, Section
from reviewdesk.ui.inbox.model import BLOCK, InboxModel

__all__ = ["InboxFeed", "Viewport", "matching"]

_ACT_PATIENCE_MS = 10_000
_IDS_AFTER_MS = 50
_QUICK_MS = 6
_REST = 15
_LONGEST_REST_MS = 2_000
"""A change that cost the window more than a blink is followed by a rest of so many times its length: during a first
sync of a hundred thousand reviews the list then takes a few hundredths of the window's time, whatever comes in."""
_BATCH = 1_000
"""So many reviews are let in at a time: some milliseconds of the window's."""
_SEEN = 20
"""Rows of a screen."""
_RECHECK_REST_MS = 1_000
_SLICE = 20_000

ORDERS = {Sort.NEWEST: Order.DESCENDING, Sort.OLDEST: Order.ASCENDING}


class Reads(Protocol):
    """The part of the inbox service that the list asks. Blocking; called off the GUI thread."""

    def page(self, query: Query, *, before: int | None = None, limit: int = 100) -> list[ReviewRow]: ...

    def ids(self, query: Query, *, sort: Sort = Sort.NEWEST) -> array[int]: ...

    def ids_by_account(
        self, query: Query, *, sort: Sort = Sort.NEWEST
    ) -> tuple[array[int], list[tuple[int, int]]]: ...

    def ids_by_product(
        self, query: Query, *, sort: Sort = Sort.NEWEST
    ) -> tuple[array[int], list[tuple[int, int]], dict[int, str]]: ...

    def rows(self, ids: Iterable[int]) -> dict[int, ReviewRow]: ...


class Runs(Protocol):
    """The part of the bridge that the list uses."""

    def run(self, work: Callable[..., Any], *args: Any, **options: Any) -> Any: ...


@dataclass(frozen=True, slots=True)
class _Ids:
    """All ids of a view; where they come cut, how, and what the headings are called."""

    ids: array[int]
    sections: list[Section] | None = None
    names: Mapping[int, str] | None = None
    days: Days | None = None


class Viewport(Protocol):
    """What the feed must know about the screen before it lets something in."""

    def is_free(self) -> bool:
        """At the top, with nothing selected: new rows may slide in."""
        ...

    def last_visible_index(self) -> int:
        """The place of the last review that can be seen; -1 when none can."""
        ...

    def take_out(self, ids: Iterable[int]) -> None:
        """Remove from the list, moving the current row to its next neighbour."""
        ...

    def kept_ids(self) -> set[int]:
        """The current review and the selected ones, as far as they are few."""
        ...


@dataclass(slots=True)
class _Waiting:
    """Changes that were heard of and not looked at yet."""

    entering: set[int] = field(default_factory=set)
    acted: set[int] = field(default_factory=set)
    changed: set[int] = field(default_factory=set)
    """Listed reviews that somebody else changed while nobody looked at the list."""
    removed: set[int] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.entering or self.acted or self.changed or self.removed)


def _sift(inbox: Reads, query: Query, waiting: _Waiting) -> tuple[set[int], set[int], dict[int, ReviewRow]]:
    """``(matching, still there, rows of the newest that match)`` of what is waiting. Runs off the GUI thread.

    What comes in is mostly seen at once: with its row at hand it need not be asked for once more.
    """
    found = matching(inbox, query, waiting.entering | waiting.acted | waiting.changed)
    there = set(inbox.rows(sorted(waiting.removed))) if waiting.removed else set()
    entering = nlargest(_SEEN, found & waiting.entering)
    return found, there, inbox.rows(entering) if entering else {}


def _compare(inbox: Reads, query: Query, had: array[int]) -> tuple[set[int], set[int]]:
    """``(came, went)`` since the view had ``had``. Off the GUI thread, in slices: a set of a million made in one step
    would hold the interpreter, and with it the window, for as long as that takes."""
    now = inbox.ids(query)
    if now == had:
        return set(), set()
    before = _set_of(had)
    came: set[int] = set()
    for at in range(0, len(now), _SLICE):
        came.update([i for i in now[at : at + _SLICE] if i not in before])
    if len(now) - len(came) == len(had):
        return came, set()
    there = _set_of(now)
    gone: set[int] = set()
    for at in range(0, len(had), _SLICE):
        gone.update([i for i in had[at : at + _SLICE] if i not in there])
    return came, gone.difference(inbox.rows(sorted(gone)))


def _set_of(ids: array[int]) -> set[int]:
    found: set[int] = set()
    for at in range(0, len(ids), _SLICE):
        found.update(ids[at : at + _SLICE])
    return found


class InboxFeed(QObject):
    """Between the inbox service and the model; lives on the GUI thread, asks on others."""

    shown = Signal()
    """Another view's first reviews are in the model."""
    completed = Signal()
    """All its ids are."""
    count_changed = Signal(int)
    new_changed = Signal(int)
    failed = Signal(str)

    def __init__(
        self,
        inbox: Reads,
        bridge: Runs,
        model: InboxModel,
        context: RowContext,
        viewport: Viewport,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._inbox, self._bridge, self._model = inbox, bridge, model
        self._context, self._viewport = context, viewport
        self._query: Query | None = None
        self._sort = Sort.NEWEST
        self._grouping = Grouping.DAY
        self._epoch = 0
        self._complete = False
        self._has_page = False
        self._new: set[int] = set()
        self._left: set[int] = set()
        self._acted: set[int] = set()
        self._waiting = _Waiting()
        self._sifting = False
        self._rechecking = False
        self._recheck_again = False
        self._recheck_rest = QTimer(self)
        self._recheck_rest.setSingleShot(True)
        self._recheck_rest.timeout.connect(self._recheck_rested)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self._look_at_changes)

    @property
    def query(self) -> Query | None:
        return self._query

    @property
    def sort(self) -> Sort:
        return self._sort

    @property
    def complete(self) -> bool:
        """Whether every id of the view is known."""
        return self._complete

    def new_count(self) -> int:
        return len(self._new)

    # --- another view ----------------------------------------------------------------------------

    def set_sort(self, sort: Sort) -> None:
        """The order of the next view."""
        self._sort = sort

    def set_grouping(self, grouping: str) -> None:
        """By what the next view is cut."""
        self._grouping = grouping

    def _ids(self, query: Query, sort: Sort, grouping: str) -> _Ids:
        """On a pool thread."""
        if grouping == Grouping.SOURCE:
            return _Ids(*self._inbox.ids_by_account(query, sort=sort))
        if grouping == Grouping.PRODUCT:
            return _Ids(*self._inbox.ids_by_product(query, sort=sort))
        ids = self._inbox.ids(query, sort=sort)
        return _Ids(ids, days=self._model.lines.days_of(ids, ORDERS.get(sort, Order.NONE)))

    def show(self, query: Query, sort: Sort) -> None:
        """Ask for a view. What is shown stays until the first rows of the new one are here."""
        self._query, self._sort = query, sort
        self._epoch += 1
        self._complete = self._has_page = False
        self._rest.stop()
        self._recheck_rest.stop()
        self._recheck_again = False
        self._left.clear()
        self._waiting = _Waiting()
        epoch = self._epoch
        if sort is Sort.NEWEST and self._grouping not in Grouping.BY_READING:
            self._run(
                "inbox-page", partial(self._inbox.page, query, limit=BLOCK), partial(self._page_came, epoch)
            )
        else:
            self._ask_for_ids(epoch)

    def _ask_for_ids(self, epoch: int) -> None:
        """All ids. After a page only once its rows were painted: reading a million beside it would take the window's
        processor, and the interpreter with it, from the very rows that somebody waits for."""
        if epoch == self._epoch and self._query is not None:
            work = partial(self._ids, self._query, self._sort, self._grouping)
            self._run("inbox-ids", work, partial(self._ids_came, epoch))

    def _run(self, key: str, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        self._bridge.run(work, done=done, failed=partial(self._went_wrong, self._epoch), owner=self, key=key)

    def _went_wrong(self, epoch: int, error: BaseException) -> None:
        if epoch == self._epoch:
            self.failed.emit(str(getattr(error, "message", "") or error))

    def _page_came(self, epoch: int, rows: list[ReviewRow]) -> None:
        if epoch != self._epoch or self._complete or self._query is None:
            return
        self._has_page = True
        self._start_view(self._query)
        ids = array("q", (row.id for row in rows))
        self._model.show_ids(ids, Order.DESCENDING, rows)
        self.shown.emit()
        if len(rows) < BLOCK:
            self._ids_came(epoch, _Ids(array("q", ids)))
            return
        # After the painting, and not for a view that is left at once: reading all of some account's takes a tenth of a
        # second at a million, and those of a few views that nobody looks at any more would hold up the next one.
        QTimer.singleShot(_IDS_AFTER_MS, self, partial(self._ask_for_ids, epoch))

    def _ids_came(self, epoch: int, answer: _Ids) -> None:
        if epoch != self._epoch or self._query is None:
            return
        ids, sections = answer.ids, answer.sections
        self._context.set_product_names(answer.names or {})
        self._complete = True
        if self._has_page:
            self._model.complete(ids, answer.days)
        else:
            self._start_view(self._query)
            order = Order.NONE if sections is not None else ORDERS.get(self._sort, Order.NONE)
            self._model.show_ids(ids, order, sections=sections, days=answer.days)
            self.shown.emit()
        self.completed.emit()
        self.count_changed.emit(self._model.total())
        self._look_at_changes()

    def _start_view(self, query: Query) -> None:
        self._context.set_needles(query.needles)
        self._set_new(set())

    # --- changes ---------------------------------------------------------------------------------

    def user_acted(self, ids: Iterable[int]) -> None:
        """The person is changing these: when they no longer belong here, they leave as soon as that is stored."""
        acted = set(ids)
        self._acted |= acted
        QTimer.singleShot(_ACT_PATIENCE_MS, self, partial(self._acted.difference_update, acted))

    def coming_back(self, ids: Iterable[int]) -> None:
        """An undo or redo of the person touched these: they are let in where they belong, not counted as new.

        Which ones it touched is known only afterwards, and by then its change may have been told of already.
        """
        touched = set(ids)
        self._left |= touched
        self._waiting.acted |= touched
        self._look_at_changes()

    def on_changes(self, changes: ChangeSet) -> None:
        """A committed transaction."""
        if self._query is None:
            return
        if changes.views or (changes.products and self._grouping == Grouping.PRODUCT):
            self.recheck()
        self._model.forget_rows(changes.changed | changes.removed | changes.drafts)
        touched = changes.added | changes.changed
        acted = touched & self._acted
        self._acted -= acted
        self._waiting.acted |= acted
        self._waiting.entering |= (
            {i for i in touched if not self._model.has(i)} if self._complete else touched
        )
        self._waiting.removed |= changes.removed
        if self._complete and self._viewport.is_free():
            self._waiting.changed |= {i for i in changes.changed - acted if self._model.has(i)}
        self._look_at_changes()

    def recheck(self) -> None:
        """Something changed, nobody can tell what (another process wrote): compare the whole view.

        At once; asked again soon after, a rest is kept: a first sync finds new products with every page.
        """
        if self._query is None:
            return
        if self._rechecking or self._recheck_rest.isActive():
            self._recheck_again = True
            return
        self._recheck_again = False
        self._model.forget_all_rows()
        if not self._complete:
            return
        self._rechecking = True
        epoch, query = self._epoch, self._query
        had = array("q", self._model.lines.ids)
        taken = QElapsedTimer()
        taken.start()

        def ended() -> None:
            self._rechecking = False
            self._recheck_rest.start(
                min(max(_RECHECK_REST_MS, taken.elapsed() * _REST), 3 * _RECHECK_REST_MS)
            )

        def done(answer: tuple[set[int], set[int]]) -> None:
            ended()
            if epoch == self._epoch:
                entering, gone = answer
                if len(entering) > _BATCH:
                    self._waiting.entering |= entering
                    entering = set()
                self._let_in(_Waiting(entering=entering, removed=gone), entering, set())
                self._look_at_changes()

        def failed(error: BaseException) -> None:
            ended()
            self._went_wrong(epoch, error)

        self._bridge.run(partial(_compare, self._inbox, query, had), done=done, failed=failed, owner=self)

    def _recheck_rested(self) -> None:
        if self._recheck_again:
            self.recheck()

    def _look_at_changes(self) -> None:
        if not self._waiting or self._sifting or not self._complete or self._query is None:
            return
        if self._rest.isActive() and not self._waiting.acted:
            return
        waiting, self._waiting = self._waiting, _Waiting()
        if len(waiting.entering) > _BATCH:
            first = set(nlargest(_BATCH, waiting.entering))
            self._waiting.entering = waiting.entering - first
            waiting.entering = first
        self._sifting = True
        epoch = self._epoch

        def done(answer: tuple[set[int], set[int], dict[int, ReviewRow]]) -> None:
            self._sifting = False
            if epoch == self._epoch:
                found, there, rows = answer
                taken = QElapsedTimer()
                taken.start()
                self._model.keep_rows(rows.values())
                self._let_in(waiting, found, there)
                if taken.elapsed() > _QUICK_MS:
                    self._rest.start(min(_LONGEST_REST_MS, taken.elapsed() * _REST))
            self._look_at_changes()

        def failed(error: BaseException) -> None:
            self._sifting = False
            self._went_wrong(epoch, error)

        self._bridge.run(
            partial(_sift, self._inbox, self._query, waiting), done=done, failed=failed, owner=self
        )

    def _let_in(self, waiting: _Waiting, found: set[int], there: set[int]) -> None:
        leaving = waiting.acted - found
        if leaving:
            self._left |= leaving
            self._set_new(self._new - leaving)
            self._viewport.take_out(leaving)
        if waiting.changed and self._viewport.is_free():
            self._viewport.take_out(waiting.changed - found)
        gone = waiting.removed - there - self._viewport.kept_ids()
        if gone:
            self._set_new(self._new - gone)
            self._viewport.take_out(gone)
        # What came in must still belong here: a change may have followed on the heels of another.
        entering = {i for i in found if not self._model.has(i)}
        kept = self._new - (waiting.entering - found) - waiting.acted
        self._set_new(kept | self._insert(entering))
        self.count_changed.emit(self._model.total())

    def _insert(self, entering: set[int]) -> set[int]:
        """Let in what disturbs nobody; the answer is what has to wait."""
        if not entering:
            return set()
        free = self._viewport.is_free()
        if self._model.lines.order == Order.NONE:
            # Where it belongs only a new reading tells. What the person brings back must not wait.
            if free or entering & self._left:
                self._left -= entering
                self._read_again()
                return set()
            return entering
        if free:
            self._model.insert(entering)
            return set()
        own = entering & self._left
        below = self._below(self._viewport.last_visible_index(), entering - own)
        self._left -= own
        self._model.insert(own | below)
        return entering - own - below

    def _below(self, bottom: int, ids: set[int]) -> set[int]:
        """Which of ``ids`` belong behind the place ``bottom`` (-1: all)."""
        lines = self._model.lines
        if not 0 <= bottom < len(lines.ids):
            return {i for i in ids if lines.insertion_index(i) > bottom}
        last = lines.ids[bottom]
        return {i for i in ids if (i < last if lines.order == Order.DESCENDING else i > last)}

    def _set_new(self, new: set[int]) -> None:
        if new != self._new:
            self._new = new
            self.new_changed.emit(len(new))

    def show_new(self) -> set[int]:
        """Let in everything that waits; the answer says what that was."""
        came, self._new = self._new, set()
        if not came:
            return came
        self.new_changed.emit(0)
        if self._model.lines.order == Order.NONE:
            self._read_again()
        else:
            self._model.insert(came)
        self.count_changed.emit(self._model.total())
        return came

    def _read_again(self) -> None:
        epoch = self._epoch

        def done(answer: _Ids) -> None:
            if epoch == self._epoch:
                self._context.set_product_names(answer.names or {})
                self._model.reorder(answer.ids, answer.sections)
                self.count_changed.emit(self._model.total())

        if self._query is not None:
            self._run("inbox-again", partial(self._ids, self._query, self._sort, self._grouping), done)
