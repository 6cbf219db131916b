"""The list's model: all ids of the view, the rows of the blocks that were looked at, headings between them.

Ids are eight bytes each; rows are read in blocks of a hundred by a loader off the GUI thread, the blocks on the
screen first. Changes insert, remove and update by id; a reset happens only when the person asks for other reviews.
"""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)

from reviewdesk.domain.models import ReviewRow
from reviewdesk.domain.plain import dataclass
from reviewdesk.ui.inbox import words
from reviewdesk.ui.inbox.context import RowContext
from reviewdesk.ui.inbox.lines import Days, Group, Grouping, Lines, Order, Section, day_of_second

__all__ = ["BLOCK", "HEADING_ROLE", "ID_ROLE", "ROW_ROLE", "Heading", "InboxModel"]

ID_ROLE = int(Qt.ItemDataRole.UserRole)
"""The review's id, 0 on a heading."""
ROW_ROLE = ID_ROLE + 1
"""The ReviewRow, None while it is being read."""
HEADING_ROLE = ID_ROLE + 2
"""The Heading, None on a review."""

BLOCK = 100
_KEPT_BLOCKS = 60
_MANY_RUNS = 12
"""Scattered insertions beyond this are one change of everything behind the first instead of many insertions."""

Loader = Callable[[Sequence[int], Callable[[dict[int, ReviewRow]], None], Callable[[], None]], None]
"""``(ids, done, failed)``: read these rows and call back on the GUI thread."""

_Index = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading as it is painted."""

    title: str
    count: int
    collapsed: bool


class InboxModel(QAbstractTableModel):
    """One column; only the GUI thread."""

    about_to_move = Signal()
    """Lines are going to appear, vanish or change places: keep in mind what must stay where it is."""
    moved = Signal()
    """That has happened."""
    rows_read = Signal()
    """A block came in."""
    shifted = Signal(int)
    """From this line on, other things stand on the lines than before; Qt was told of more lines at the end."""

    def __init__(self, context: RowContext, load: Loader, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._load = load
        self._lines = Lines()
        self._rows: OrderedDict[int, ReviewRow] = OrderedDict()
        self._gone: set[int] = set()
        self._asked: set[int] = set()
        self._stale: set[int] = set()
        self._visible = (0, 0)
        self._wanted: set[int] = set()
        self._generation = 0
        self._moving = 0
        self._shifting = False
        self._total: int | None = None
        self._ask = QTimer(self)
        self._ask.setSingleShot(True)
        self._ask.setInterval(0)
        self._ask.timeout.connect(self._ask_now)

    # --- Qt's questions --------------------------------------------------------------------------

    def rowCount(self, parent: _Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: _Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else 1

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        kind = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemNeverHasChildren
        return kind if self._lines.at(index.row()).is_heading else kind | Qt.ItemFlag.ItemIsSelectable

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = int(Qt.ItemDataRole.DisplayRole)
    ) -> Any:
        """Nothing: the headers are hidden, and a screen reader shall not read line numbers."""
        return None

    def data(self, index: _Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        line = index.row()
        if not index.isValid() or line >= len(self._lines):
            return None
        place = self._lines.at(line)
        if place.is_heading:
            return self._heading_data(self._lines.groups[place.group], role)
        review_id = self._lines.ids[place.index]
        if role == ID_ROLE:
            return review_id
        if role == ROW_ROLE:
            return self._row(review_id, place.index)
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return self._spoken(review_id, place.index, role)
        return None

    def _heading_data(self, group: Group, role: int) -> Any:
        if role == ID_ROLE:
            return 0
        if role == HEADING_ROLE:
            return Heading(self.title_of(group), group.count, group.collapsed)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return words.heading_sentence(self.title_of(group), group.count, collapsed=group.collapsed)
        return None

    def _spoken(self, review_id: int, index: int, role: int) -> str:
        # A screen reader may walk a list nobody has scrolled to: it gets the row as soon as it is there.
        row = self._row(review_id, index)
        if row is None:
            return (
                words.unread_yet(index + 1, self.total())
                if role == Qt.ItemDataRole.AccessibleTextRole
                else ""
            )
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return words.sentence(
                row,
                now=self._context.now(),
                number=index + 1,
                total=self.total(),
                effect=self._context.effects.get(review_id),
            )
        account, effect = self._context.account(row.account_id).name, self._context.effects.get(review_id)
        return words.marks(row, account=account, due_left_s=self._context.due_left(row), effect=effect)

    def title_of(self, group: Group) -> str:
        if self._lines.grouping == Grouping.SOURCE:
            return self._context.account(group.day).name or words.no_account()
        if self._lines.grouping == Grouping.PRODUCT:
            return words.paintable(self._context.product_names.get(group.day, "")) or words.no_product()
        today = day_of_second(int(self._context.now()))
        if self._lines.grouping == Grouping.WEEK:
            return words.week_title(group.day, today)
        return words.day_title(group.day, today)

    def peek(self, line: int) -> tuple[int, ReviewRow | None, Heading | None]:
        """(id, row, heading) of a line at once, for painting: half the price of asking role by role."""
        place = self._lines.at(line)
        if place.is_heading:
            group = self._lines.groups[place.group]
            return 0, None, Heading(self.title_of(group), group.count, group.collapsed)
        review_id = self._lines.ids[place.index]
        return review_id, self._row(review_id, place.index), None

    # --- asking ----------------------------------------------------------------------------------

    @property
    def lines(self) -> Lines:
        """For reading only."""
        return self._lines

    def total(self) -> int:
        """How many reviews the view holds; while only the first page is there, as far as that is known."""
        return len(self._lines.ids) if self._total is None else max(self._total, len(self._lines.ids))

    def id_at(self, line: int) -> int:
        return self._lines.id_at(line)

    def line_of(self, review_id: int) -> int:
        """The line of a review; -1 when it is not in the list or folded up."""
        index = self._lines.index_of(review_id)
        return -1 if index < 0 else self._lines.line_of(index)

    def number_of(self, review_id: int) -> int:
        """1 for the first review of the list; 0 when it is not in it."""
        return self._lines.index_of(review_id) + 1

    def has(self, review_id: int) -> bool:
        return self._lines.index_of(review_id) >= 0

    def row_of(self, review_id: int) -> ReviewRow | None:
        """The row if it was read already."""
        return self._rows.get(review_id)

    def ids_on(self, first: int, last: int) -> array[int]:
        """The ids on a range of lines, folded groups inside it included."""
        start, end = self._lines.indexes_between(first, last)
        return self._lines.ids[start:end]

    def count_on(self, first: int, last: int) -> int:
        start, end = self._lines.indexes_between(first, last)
        return max(0, end - start)

    # --- other reviews altogether ----------------------------------------------------------------

    def show_ids(
        self,
        ids: array[int],
        order: int,
        rows: Iterable[ReviewRow] = (),
        total: int | None = None,
        sections: Sequence[Section] | None = None,
        days: Days | None = None,
    ) -> None:
        """Another view: the one place with a reset. The model keeps the array itself and changes it.

        ``rows`` are at hand already; ``total`` when it is known that more ids follow; ``sections`` cut it by
        source or product, ``days`` by date.
        """
        self.about_to_move.emit()
        self.beginResetModel()
        self._generation += 1
        self._asked.clear()
        self._wanted.clear()
        self._gone.clear()
        self._visible = (0, 0)
        self._total = total
        self._lines.collapsed.clear()
        self._lines.replace(ids, order, sections, days)
        self.keep_rows(rows)
        self.endResetModel()
        self.moved.emit()

    def complete(self, ids: array[int], days: Days | None = None) -> None:
        """All ids of the view whose first page is shown: appended, and what differs inserted or taken out."""
        self._total = None
        shown = self._lines.ids
        if ids[: len(shown)] == shown:
            self._append(ids, days)
            return
        self.reorder(ids)

    def _append(self, ids: array[int], days: Days | None) -> None:
        """The tail of ``ids`` behind those that are there."""
        lines, had = self._lines, len(self._lines)
        if len(ids) == len(lines.ids):
            return
        old_groups = len(lines.groups)
        after = lines.with_ids(ids, max(0, len(lines.ids) - 1), days)
        self._begin()
        if len(after) > had:
            self.beginInsertRows(QModelIndex(), had, len(after) - 1)
            self._lines = after
            self.endInsertRows()
        else:
            self._lines = after
        if old_groups:
            self._heading_changed(old_groups - 1)
        self._end()

    def reorder(self, ids: array[int], sections: Sequence[Section] | None = None) -> None:
        """Other ids in another order, keeping selection and current row by id: a change of layout, no reset."""
        self._begin()
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        known = [self._lines.id_at(index.row()) for index in before]
        headings = [
            self._lines.groups[self._lines.at(index.row()).group].day if not review_id else 0
            for index, review_id in zip(before, known, strict=True)
        ]
        self._lines.replace(ids, self._lines.order, sections)
        by_day = {group.day: number for number, group in enumerate(self._lines.groups)}
        place_of = self._places_of(known)
        after = []
        for review_id, day in zip(known, headings, strict=True):
            if review_id:
                line = self._lines.line_of(place_of[review_id]) if review_id in place_of else -1
            else:
                line = self._lines.heading_line(by_day[day]) if day in by_day else -1
            after.append(self.index(line, 0) if line >= 0 else QModelIndex())
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()
        self._end()

    def _places_of(self, wanted: list[int]) -> dict[int, int]:
        if self._lines.order != Order.NONE:
            return {i: at for i in set(wanted) if i and (at := self._lines.index_of(i)) >= 0}
        sought = set(wanted)
        return {i: at for at, i in enumerate(self._lines.ids) if i in sought}

    # --- single reviews --------------------------------------------------------------------------

    def insert(self, new_ids: Iterable[int]) -> None:
        """Reviews that belong into the list by their date. Those that are there already are left alone."""
        runs = self._runs(sorted(set(new_ids), reverse=self._lines.order == Order.DESCENDING))
        if len(runs) > _MANY_RUNS:
            self._insert_scattered(runs)
            return
        if not runs:
            return
        self._begin()
        # From behind, so that the places found before stay right.
        for at, run in reversed(runs):
            self._insert_run(at, run)
        self._end()

    def _runs(self, wanted: list[int]) -> list[tuple[int, list[int]]]:
        """Neighbours that go to the same place and belong to the same day; what is in the list already is left out."""
        lines, ids = self._lines, self._lines.ids
        runs: list[tuple[int, list[int]]] = []
        last_at, span = -1, range(0)
        for review_id in wanted:
            at = lines.insertion_index(review_id)
            if at < len(ids) and ids[at] == review_id:
                continue
            if at == last_at and (not lines.grouped or review_id in span):
                runs[-1][1].append(review_id)
                continue
            runs.append((at, [review_id]))
            last_at = at
            if lines.grouped and review_id not in span:
                span = lines.span_of(review_id)
        return runs

    def _insert_scattered(self, runs: list[tuple[int, list[int]]]) -> None:
        """Many places at once, as a sync brings them. A change of layout would cost Qt a look at every heading, one
        insertion after another a move of all sections each; here only what stands behind the first place moves."""
        lines, had = self._lines, len(self._lines)
        ids: array[int] = array("q")
        done = 0
        for at, run in runs:
            ids += lines.ids[done:at]
            ids.extend(run)
            done = at
        ids += lines.ids[done:]
        first = lines.stable_until(runs[0][0])
        moving = [index for index in self.persistentIndexList() if index.row() >= first]
        if len({index.row() for index in moving}) > 1:
            # A range of selected rows would take in what comes between its first and its last.
            self.reorder(ids)
            return
        self._begin()
        after = lines.with_ids(ids, runs[0][0])
        more = len(after) - had
        followed = _line_in(after, lines, moving[0].row()) if moving else -1
        self._shifting = True
        if more:
            self.beginInsertRows(QModelIndex(), had, had + more - 1)
        self._lines = after
        if more:
            self.endInsertRows()
        self._shifting = False
        if moving:
            there = self.index(followed, 0) if followed >= 0 else QModelIndex()
            self.changePersistentIndexList(moving, [there] * len(moving))
        self.shifted.emit(first)
        self.dataChanged.emit(self.index(first, 0), self.index(len(after) - 1, 0))
        self._end()

    @property
    def is_shifting(self) -> bool:
        """Whether the lines that are being inserted are only told of: ``shifted`` follows."""
        return self._shifting

    def _insert_run(self, at: int, run: list[int]) -> None:
        lines = self._lines
        if not lines.grouped:
            self.beginInsertRows(QModelIndex(), at, at + len(run) - 1)
            lines.ids[at:at] = array("q", run)
            lines.renumber()
            self.endInsertRows()
            return
        day = lines.key_of(run[0])
        number = next((n for n, g in enumerate(lines.groups) if g.day == day), -1)
        if number < 0:
            number = sum(1 for g in lines.groups if g.start < at)
            top = lines.heading_line(number) if number < len(lines.groups) else len(lines)
            folded = day in lines.collapsed
            self.beginInsertRows(QModelIndex(), top, top + (0 if folded else len(run)))
            lines.ids[at:at] = array("q", run)
            lines.groups.insert(number, Group(day, at, len(run), folded))
            lines.renumber()
            self.endInsertRows()
            return
        group = lines.groups[number]
        if group.collapsed:
            lines.ids[at:at] = array("q", run)
            group.count += len(run)
            lines.renumber()
        else:
            top = lines.heading_line(number) + 1 + at - group.start
            self.beginInsertRows(QModelIndex(), top, top + len(run) - 1)
            lines.ids[at:at] = array("q", run)
            group.count += len(run)
            lines.renumber()
            self.endInsertRows()
        self._heading_changed(number)

    def remove(self, old_ids: Iterable[int]) -> None:
        """Take reviews out of the list."""
        lines = self._lines
        places = sorted({at for i in old_ids if (at := lines.index_of(i)) >= 0}, reverse=True)
        if not places:
            return
        if len(places) > _MANY_RUNS * 4:
            out = {lines.ids[at] for at in places}
            self.reorder(*lines.without(out))
            return
        self._begin()
        for at in places:
            self._remove_at(at)
        self._end()

    def _remove_at(self, at: int) -> None:
        lines = self._lines
        number = lines.group_of(at)
        line = lines.line_of(at)
        last_of_day = number >= 0 and lines.groups[number].count == 1
        first = lines.heading_line(number) if last_of_day else line
        if first >= 0:
            self.beginRemoveRows(QModelIndex(), first, line if line >= 0 else first)
        del lines.ids[at]
        if last_of_day:
            del lines.groups[number]
        elif number >= 0:
            lines.groups[number].count -= 1
        lines.renumber()
        if first >= 0:
            self.endRemoveRows()
        if number >= 0 and not last_of_day:
            self._heading_changed(number)

    def set_collapsed(self, number: int, collapsed: bool) -> None:
        """Fold a group up or open it."""
        lines = self._lines
        group = lines.groups[number]
        if group.collapsed == collapsed:
            return
        top = lines.heading_line(number) + 1
        self._begin()
        if collapsed:
            lines.collapsed.add(group.day)
            self.beginRemoveRows(QModelIndex(), top, top + group.count - 1)
            group.collapsed = True
            lines.renumber()
            self.endRemoveRows()
        else:
            lines.collapsed.discard(group.day)
            self.beginInsertRows(QModelIndex(), top, top + group.count - 1)
            group.collapsed = False
            lines.renumber()
            self.endInsertRows()
        self._heading_changed(number)
        self._end()

    def set_grouping(self, grouping: str, first_weekday: int = 1) -> None:
        """``day``, ``week`` or ``none`` at once; others with the next ids, whose sections only a reading knows."""
        lines = self._lines
        before = (lines.grouping, lines.first_weekday)
        if before == (grouping, first_weekday):
            return
        lines.grouping, lines.first_weekday = grouping, first_weekday
        lines.collapsed.clear()
        if before[0] not in Grouping.BY_READING and grouping not in Grouping.BY_READING:
            self.reorder(lines.ids)

    def _heading_changed(self, number: int) -> None:
        index = self.index(self._lines.heading_line(number), 0)
        self.dataChanged.emit(index, index)

    def _begin(self) -> None:
        self._moving += 1
        if self._moving == 1:
            self.about_to_move.emit()

    def _end(self) -> None:
        self._moving -= 1
        if self._moving == 0:
            self.moved.emit()

    # --- rows ------------------------------------------------------------------------------------

    def keep_rows(self, rows: Iterable[ReviewRow]) -> None:
        """Rows that were read: remembered, and painted where they stand."""
        for row in rows:
            self._rows[row.id] = row
            self._rows.move_to_end(row.id)
            self._stale.discard(row.id)
        while len(self._rows) > _KEPT_BLOCKS * BLOCK:
            self._rows.popitem(last=False)

    def forget_rows(self, ids: Iterable[int]) -> None:
        """Rows that may have changed: read again when they are looked at, painted as they were until then."""
        self._stale.update(i for i in ids if i in self._rows)
        self._ask.start()

    def forget_all_rows(self) -> None:
        """As ``forget_rows``, for every row."""
        self._gone.clear()
        self.forget_rows(list(self._rows))

    def look_at(self, first: int, last: int) -> None:
        """The lines on the screen: their blocks are read first, then the neighbours."""
        if not len(self._lines):
            return
        start, end = self._lines.indexes_between(first, last)
        visible = (start, max(start, end - 1))
        if visible != self._visible:
            self._visible = visible
            self._ask.start()

    def _row(self, review_id: int, index: int) -> ReviewRow | None:
        row = self._rows.get(review_id)
        if row is not None:
            self._rows.move_to_end(review_id)
        if (row is None or review_id in self._stale) and review_id not in self._gone:
            self._wanted.add(index // BLOCK)
            if not self._ask.isActive():
                self._ask.start()
        return row

    def _ask_now(self) -> None:
        """Ask for what is missing: what is on the screen first, one block to either side after it."""
        if self._asked or not len(self._lines.ids):
            return  # the answer on its way asks again
        low, high = self._visible[0] // BLOCK, self._visible[1] // BLOCK
        order = [*range(low, high + 1), high + 1, low - 1]
        order += sorted(self._wanted - set(order), key=lambda block: abs(block - low))
        self._wanted.clear()
        for block in order:
            missing = self._missing(block)
            if missing:
                self._ask_for(missing)
                return

    def _missing(self, block: int) -> list[int]:
        if block < 0:
            return []
        ids = self._lines.ids[block * BLOCK : (block + 1) * BLOCK]
        return [i for i in ids if (i not in self._rows or i in self._stale) and i not in self._gone]

    def _ask_for(self, ids: list[int]) -> None:
        self._asked.update(ids)
        generation = self._generation

        def done(rows: dict[int, ReviewRow]) -> None:
            if generation != self._generation:
                return
            self._asked.clear()
            self._stale.difference_update(ids)
            self._gone.update(i for i in ids if i not in rows)
            self.keep_rows(rows.values())
            self._tell(ids)
            self.rows_read.emit()
            self._ask.start()

        def failed() -> None:
            if generation == self._generation:
                # Asked again when the line is painted again, not in a circle.
                self._asked.clear()

        self._load(ids, done, failed)

    def _tell(self, ids: list[int]) -> None:
        """Neighbours in the list have new rows."""
        if self._lines.order == Order.NONE:
            return  # finding each place would cost more than painting the screen; that is what rows_read is for
        lines = [line for review_id in (ids[0], ids[-1]) if (line := self.line_of(review_id)) >= 0]
        if lines:
            self.dataChanged.emit(self.index(min(lines), 0), self.index(max(lines), 0))


def _line_in(after: Lines, before: Lines, line: int) -> int:
    """Where what stands on a line of ``before`` stands in ``after``, which has the same order; -1: nowhere."""
    place = before.at(line)
    if place.index >= 0:
        return after.line_of(after.index_of(before.ids[place.index]))
    day = before.groups[place.group].day
    return next((after.heading_line(n) for n, group in enumerate(after.groups) if group.day == day), -1)
