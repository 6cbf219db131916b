"""Which line of the list is what: ids in their order, cut into groups, each with a heading line of its own.

Nothing here asks the database: the day of a review is in its id (``id >> 20`` is the second it was written), so a
million ids are grouped by a few thousand binary searches. Groups by source and by product come with
the ids, as sections.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from operator import neg

from reviewdesk.domain.plain import dataclass

__all__ = [
    "Days",
    "Group",
    "Grouping",
    "Lines",
    "Order",
    "Place",
    "Section",
    "day_groups",
    "day_of",
    "day_of_second",
]

_SEQUENCE_BITS = 20
_DAY_S = 86_400
_EPOCH = date(1970, 1, 1).toordinal()


Section = tuple[int, int]
"""What a group is known by (an account's id, a product's key) and how many ids of it follow."""


class Grouping:
    """By what the list is cut."""

    NONE = "none"
    DAY = "day"
    WEEK = "week"
    SOURCE = "source"
    PRODUCT = "product"
    ALL = (DAY, WEEK, SOURCE, PRODUCT, NONE)
    BY_READING = (SOURCE, PRODUCT)
    """These come with the ids; the others are told from the ids."""


class Order:
    """How ids are sorted where the order can be told from the ids alone; NONE: by something else."""

    DESCENDING = -1
    NONE = 0
    ASCENDING = 1


@dataclass(slots=True)
class Group:
    """The reviews under one heading. ``start`` is the place of its first id; ``day`` is the ordinal of its day or of
    the first day of its week (1 January of year 1 is 1), the id of its account or the key of its product."""

    day: int
    start: int
    count: int
    collapsed: bool = False


@dataclass(frozen=True, slots=True)
class Days:
    """Groups by date that were found in advance, and by which setting."""

    grouping: str
    first_weekday: int
    groups: list[Group]


@dataclass(frozen=True, slots=True)
class Place:
    """What stands on a line: a heading (``index`` is -1) or the id at ``index``. ``group`` -1: there are no groups."""

    group: int
    index: int

    @property
    def is_heading(self) -> bool:
        return self.index < 0


def day_of_second(second: int) -> int:
    """The ordinal of the local day a moment lies on."""
    try:
        return datetime.fromtimestamp(second, UTC).astimezone().toordinal()
    except (OSError, OverflowError, ValueError):
        # A moment the system has no calendar for: some clock was wrong, any day will do.
        return max(1, _EPOCH + second // _DAY_S)


def day_of(review_id: int) -> int:
    """The ordinal of the local day a review was written on."""
    return day_of_second(review_id >> _SEQUENCE_BITS)


def _first_id_of(day: int) -> int:
    """The smallest id a review of that local day may have. Days begin when the clocks say so, not every 86,400 s."""
    try:
        second = int(datetime.fromordinal(day).timestamp())
    except (OSError, OverflowError, ValueError):
        second = (day - _EPOCH) * _DAY_S
    return second << _SEQUENCE_BITS


def week_of(day: int, first_weekday: int) -> int:
    """The first day of the week a day belongs to. ``first_weekday``: 1 Monday to 7 Sunday."""
    # Ordinal 1 was a Monday.
    return day - (day - first_weekday) % 7


def day_groups(
    ids: array[int], order: int, collapsed: Iterable[int] = (), *, first_weekday: int = 0, start: int = 0
) -> list[Group]:
    """The groups of ``ids`` from ``start`` on, in their order; none where the order is not by date. ``collapsed``:
    those folded up. Days, or with ``first_weekday`` (1 Monday to 7 Sunday) weeks.
    """
    if order == Order.NONE:
        return []
    folded = frozenset(collapsed)
    groups = []
    at, total = start, len(ids)
    low = day = 0
    while at < total:
        # Mostly it is the day before: then its beginning is all that has to be worked out.
        low = _first_id_of(day - 1) if day and order == Order.DESCENDING and not first_weekday else 0
        if low and ids[at] >= low:
            day -= 1
        else:
            day = day_of(ids[at])
            low = 0
        last = day
        if first_weekday:
            day = week_of(day, first_weekday)
            last = day + 6
        if order == Order.DESCENDING:
            low = low or _first_id_of(day)
            end = bisect_right(ids, -low, lo=at, hi=_beyond(ids, at, low), key=neg)
        else:
            end = bisect_left(ids, _first_id_of(last + 1), lo=at)
        # A clock change could put a boundary into a strange place; a group is never empty.
        end = max(end, at + 1)
        groups.append(Group(day, at, end - at, day in folded))
        at = end
    return groups


def _beyond(ids: array[int], at: int, low: int) -> int:
    """A place behind the last of the falling ``ids`` from ``at`` on that is ``low`` or more, and not far behind it."""
    step, place, total = 64, at + 64, len(ids)
    while place < total and ids[place] >= low:
        step *= 2
        place += step
    return min(place, total)


class Lines:
    """Ids and their headings as numbered lines. Only the GUI thread."""

    def __init__(self) -> None:
        self.ids: array[int] = array("q")
        self.order = Order.DESCENDING
        self.grouping = Grouping.DAY
        self.first_weekday = 1
        self.groups: list[Group] = []
        self.collapsed: set[int] = set()
        self._tops: list[int] = []
        self._starts: list[int] = []
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def grouped(self) -> bool:
        """Whether there are headings, as far as the order allows."""
        return self.grouping != Grouping.NONE

    # --- setting ---------------------------------------------------------------------------------

    def days_of(self, ids: array[int], order: int) -> Days | None:
        """The groups of ``ids`` by the present setting, where it is by date: 20 ms for the days of five years. On any
        thread; ``replace`` takes them."""
        grouping, first = self.grouping, self.first_weekday
        if grouping not in (Grouping.DAY, Grouping.WEEK) or order == Order.NONE:
            return None
        week = first if grouping == Grouping.WEEK else 0
        return Days(grouping, first, day_groups(ids, order, first_weekday=week))

    def replace(
        self,
        ids: array[int],
        order: int,
        sections: Sequence[Section] | None = None,
        days: Days | None = None,
    ) -> None:
        """Other ids altogether; ``sections`` say how they are cut by source or product, ``days`` how by date (left
        alone where the setting has changed since)."""
        self.ids, self.order = ids, order
        if sections is not None:
            self.groups = [Group(key, 0, count, key in self.collapsed) for key, count in sections if count]
        elif days is not None and (days.grouping, days.first_weekday) == (self.grouping, self.first_weekday):
            self.groups = days.groups
            for group in self.groups if self.collapsed else ():
                group.collapsed = group.day in self.collapsed
        elif self.grouping in (Grouping.DAY, Grouping.WEEK):
            week = self.first_weekday if self.grouping == Grouping.WEEK else 0
            self.groups = day_groups(ids, order, self.collapsed, first_weekday=week)
        else:
            self.groups = []
        self.renumber()

    def stable_until(self, index: int) -> int:
        """The first line that may change when ids come in at ``index`` or behind it: a heading where there are any."""
        if not self.groups:
            return index
        return self.heading_line(self.group_of(max(0, index - 1)))

    def with_ids(self, ids: array[int], same: int, days: Days | None = None) -> Lines:
        """Lines of ``ids``, of which the first ``same`` are ours: their whole groups are taken over, not sought again.

        Only where groups are by date or none. ``days``: they have been sought already.
        """
        after = Lines()
        after.collapsed, after.grouping = self.collapsed, self.grouping
        after.first_weekday = self.first_weekday
        if days is not None:
            after.replace(ids, self.order, days=days)
            return after
        if not self.groups or self.grouping not in (Grouping.DAY, Grouping.WEEK):
            after.replace(ids, self.order)
            return after
        kept = self.group_of(max(0, same - 1))
        after.ids, after.order = ids, self.order
        week = self.first_weekday if self.grouping == Grouping.WEEK else 0
        after.groups = [Group(g.day, g.start, g.count, g.collapsed) for g in self.groups[:kept]]
        start = self.groups[kept].start
        after.groups += day_groups(ids, self.order, self.collapsed, first_weekday=week, start=start)
        after.renumber()
        return after

    def regroup(self) -> None:
        """Find days or weeks again, after the setting or what is folded changed."""
        self.replace(self.ids, self.order)

    def key_of(self, review_id: int) -> int:
        """Which group an id belongs to; only where the groups are by date."""
        day = day_of(review_id)
        return week_of(day, self.first_weekday) if self.grouping == Grouping.WEEK else day

    def span_of(self, review_id: int) -> range:
        """The ids that may share a group with this one; only where the groups are by date."""
        first = self.key_of(review_id)
        last = first + (7 if self.grouping == Grouping.WEEK else 1)
        low, high = _first_id_of(first), _first_id_of(last)
        # A clock change could put a boundary into a strange place.
        return range(min(low, review_id), max(high, review_id + 1))

    def without(self, out: set[int]) -> tuple[array[int], list[Section] | None]:
        """Ids and sections as they are without some of them."""
        ids = array("q", (i for i in self.ids if i not in out))
        if self.grouping not in Grouping.BY_READING:
            return ids, None
        left = [
            (g.day, sum(1 for i in self.ids[g.start : g.start + g.count] if i not in out))
            for g in self.groups
        ]
        return ids, left

    def renumber(self) -> None:
        """Count the lines again after ``groups`` changed."""
        self._tops, self._starts = [], []
        line = start = 0
        for group in self.groups:
            group.start = start
            self._tops.append(line)
            self._starts.append(start)
            line += 1 + (0 if group.collapsed else group.count)
            start += group.count
        self._count = line if self.groups else len(self.ids)

    # --- asking ----------------------------------------------------------------------------------

    def at(self, line: int) -> Place:
        """What stands on ``line``. Raises IndexError outside of the list."""
        if not 0 <= line < self._count:
            raise IndexError(line)
        if not self.groups:
            return Place(-1, line)
        number = bisect_right(self._tops, line) - 1
        inside = line - self._tops[number] - 1
        return Place(number, -1 if inside < 0 else self.groups[number].start + inside)

    def id_at(self, line: int) -> int:
        """The review on ``line``; 0 on a heading and outside of the list."""
        if not 0 <= line < self._count:
            return 0
        index = self.at(line).index
        return self.ids[index] if index >= 0 else 0

    def line_of(self, index: int) -> int:
        """The line of the id at ``index``; -1 while its group is folded up."""
        if not self.groups:
            return index
        number = bisect_right(self._starts, index) - 1
        group = self.groups[number]
        return -1 if group.collapsed else self._tops[number] + 1 + index - group.start

    def group_of(self, index: int) -> int:
        """The number of the group the id at ``index`` belongs to; -1 without groups."""
        return bisect_right(self._starts, index) - 1 if self.groups else -1

    def heading_line(self, number: int) -> int:
        return self._tops[number]

    def heading_lines(self) -> list[int]:
        return list(self._tops)

    def index_of(self, review_id: int) -> int:
        """The place of an id; -1 when it is not in the list."""
        if self.order == Order.NONE:
            try:
                return self.ids.index(review_id)
            except ValueError:
                return -1
        index = self.insertion_index(review_id)
        return index if index < len(self.ids) and self.ids[index] == review_id else -1

    def insertion_index(self, review_id: int) -> int:
        """Where an id belongs. Only where the order is by date."""
        if self.order == Order.DESCENDING:
            return bisect_left(self.ids, -review_id, key=neg)
        return bisect_left(self.ids, review_id)

    def indexes_between(self, first: int, last: int) -> tuple[int, int]:
        """The ids on the lines ``first`` to ``last`` inclusive, as a half-open range of places.

        Ids of folded groups whose heading lies inside the range are part of it.
        """
        if self._count == 0 or last < first:
            return 0, 0
        low, high = self.at(max(0, first)), self.at(min(last, self._count - 1))
        start = self.groups[low.group].start if low.is_heading else low.index
        if not high.is_heading:
            return start, high.index + 1
        group = self.groups[high.group]
        return start, group.start + (group.count if group.collapsed else 0)
