"""Many reviews that one step changed alike are put back by one statement.

SQLite applies a changeset row by row, and each statement of one row keeps a copy of all the pages it writes to until it
ends (there are triggers): ten thousand reviews took half a second. A person's act changes the same columns of all of them
from a few values to a few others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

import apsw

from reviewdesk.store.codec import to_json
from reviewdesk.store.writer import Tx

__all__ = ["Alike"]

_ROWS_A_GROUP = 8
"""Fewer than these, on the average, are better left to SQLite's own way."""


def _misses(values: Any) -> bool:
    return values is apsw.no_change or (type(values) is tuple and apsw.no_change in values)


class Alike:
    """The updates of reviews in a changeset, gathered by columns and values. Used by one thread."""

    def __init__(self) -> None:
        # By the columns' places: by the values before and after (bare where it is one column) the keys.
        self._groups: dict[tuple[int, ...], dict[tuple[Any, Any], list[int]]] = {}
        self._number = 0
        self._rows = 0
        self._only_updates = True
        self._width = 0
        self._places: tuple[int, ...] = ()
        self._of: Callable[[Sequence[Any]], Any] = tuple
        self._same: dict[tuple[Any, Any], list[int]] = {}

    def take(self, old: Sequence[Any], new: Sequence[Any] | None) -> None:
        """One change: the values before it, the key among them, and after it; None when it was no update."""
        if new is None:
            self._only_updates = False
            return
        # Nearly always the same columns as the row before: counting tells, at a tenth of the cost of looking.
        if self._width - new.count(apsw.no_change) != len(self._places) or _misses(self._of(new)):
            self._turn_to(tuple(at for at, value in enumerate(new) if value is not apsw.no_change), len(new))
        key = (self._of(old), self._of(new))
        ids = self._same.get(key)
        if ids is None:
            ids = self._same[key] = []
            self._number += 1
        ids.append(old[0])
        self._rows += 1

    def _turn_to(self, places: tuple[int, ...], width: int) -> None:
        self._places, self._width = places, width
        self._of = itemgetter(*places)
        self._same = self._groups.setdefault(places, {})

    @property
    def few(self) -> bool:
        """Whether it is worth it: nothing but updates, and many of them alike."""
        return self._only_updates and self._rows >= _ROWS_A_GROUP * self._number > 0

    def apply(self, tx: Tx, *, back: bool) -> int:
        """Write the values before (``back``) or after; how many rows somebody had changed since, left as they are.

        As with a changeset a row counts as changed when one of these very columns is not as the step left it.
        """
        names = [row[0] for row in tx.rows("SELECT name FROM pragma_table_info('review') ORDER BY cid")]
        if len(names) != self._width:
            raise ValueError("the step was recorded with other columns")
        kept = 0
        alike = ((places, key, ids) for places, same in self._groups.items() for key, ids in same.items())
        for places, key, ids in alike:
            before, after = key if len(places) > 1 else ((value,) for value in key)
            there, wanted = (after, before) if back else (before, after)
            # The names are those of the table itself; values are bound.
            columns = [names[at] for at in places]
            tx.run(
                f"UPDATE review SET {', '.join(f'{name} = ?' for name in columns)}"
                " WHERE id IN (SELECT value FROM json_each(?))"
                + "".join(f" AND {name} IS ?" for name in columns),
                (*wanted, to_json(ids), *there),
            )
            kept += len(ids) - tx.db.changes()
        return kept
