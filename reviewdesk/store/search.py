"""Searching: ids, pages and counts for a query, newest first straight out of the indexes.

``search_plan`` turns the query into SQL, ``search_terms`` knows what each term means, ``search_index`` keeps the
text index. What changed within the last moments (usually well under two seconds) is found by its fields at once and
by its words a little later.
"""

from __future__ import annotations

import sys
from array import array
from operator import itemgetter
from typing import Any

from reviewdesk.domain.models import ReviewRow, WorkState
from reviewdesk.domain.query import And, Field, Is, Node, Query, Sort
from reviewdesk.store import tally
from reviewdesk.store.indexing import queue_index
from reviewdesk.store.rows import ROW_COLUMNS, row_of
from reviewdesk.store.search_index import ask_scrub, index_slice, rebuild_slice, scrub
from reviewdesk.store.search_plan import Plan, plan
from reviewdesk.store.search_terms import condition
from reviewdesk.store.writer import Reader

__all__ = [
    "ask_scrub",
    "count",
    "ids",
    "index_slice",
    "page",
    "queue_index",
    "rebuild_slice",
    "scrub",
    "statement",
]

_ORDERS = {
    Sort.SCORE_LOW: "r.score100 IS NULL, r.score100, r.id DESC",
    Sort.SCORE_HIGH: "r.score100 IS NULL, r.score100 DESC, r.id DESC",
    Sort.UNANSWERED: "r.reply_mark IN ('elsewhere', 'ours'), r.id",
    Sort.LONGEST: "r.length DESC, r.id DESC",
    Sort.SHORTEST: "r.length, r.id DESC",
}


def statement(
    r: Reader,
    query: Query,
    *,
    sort: Sort = Sort.NEWEST,
    limit: int | None = None,
    before: int | None = None,
) -> tuple[str, tuple[Any, ...]]:
    """The SQL, with its values, whose first column is the ids in order. Compiled once for all uses."""
    made = plan(r, query, before)
    if sort in (Sort.NEWEST, Sort.OLDEST):
        return made.statement(limit=limit, descending=sort is Sort.NEWEST)
    sql, params = made.unordered()
    # What is put together here are this package's own words; values are bound.
    sql = f"SELECT r.id FROM ({sql}) AS hit CROSS JOIN review AS r ON r.id = hit.id ORDER BY {_ORDERS[sort]}"
    return (sql, params) if limit is None else (f"{sql} LIMIT ?", (*params, limit))


def ids(
    r: Reader,
    query: Query,
    *,
    sort: Sort = Sort.NEWEST,
    limit: int | None = None,
    before: int | None = None,
) -> array[int]:
    """The ids of all hits in order; ``before`` gives only those with a smaller id (paging by key)."""
    if limit is None and before is None and sort in (Sort.NEWEST, Sort.OLDEST):
        return _whole(r, query, descending=sort is Sort.NEWEST)
    if limit is None and before is None:
        found = _whole(r, query, descending=True)
        if len(found) >= _MANY:
            return _by_answer(r, found) if sort is Sort.UNANSWERED else _by_value(r, found, sort)
    sql, params = statement(r, query, sort=sort, limit=limit, before=before)
    if limit is None:
        return _in_one_step(r, sql, params)
    return array("q", map(itemgetter(0), r.db.execute(sql, params)))


def _in_one_step(r: Reader, sql: str, params: tuple[Any, ...]) -> array[int]:
    """The ids of a statement in its order, without a return to Python for each.

    Each return asks for the interpreter again, and a busy window keeps it for milliseconds: a hundred thousand ids took
    seconds so. The order of a subquery with a limit is that in which the aggregate gets its rows.
    """
    text = r.value(
        f"SELECT group_concat(printf('%016x', id), '') FROM (SELECT * FROM ({sql}) AS hit LIMIT -1)", params
    )
    found = array("q", bytes.fromhex(text or ""))
    if sys.byteorder == "little":
        found.byteswap()
    return found


_STRETCH = 100_000
"""So many ids are read at a time: a million at once took 60 MB more, most of which the process kept."""


def _whole(r: Reader, query: Query, *, descending: bool) -> array[int]:
    found: array[int] = array("q")
    before: int | None = None
    while True:
        stretch, more = _stretch(r, plan(r, query, before))
        found.extend(stretch)
        if not more:
            break
        before = found[-1]
    if not descending:
        found.reverse()
    return found


def _stretch(r: Reader, made: Plan) -> tuple[array[int], bool]:
    """The largest ids of a plan, falling, and whether smaller ones may follow."""
    parts = [_in_one_step(r, f"{sql} LIMIT ?", (*params, _STRETCH)) for sql, params in made.whole()]
    # Below the last id of a part that was cut off, that part has others which were not read.
    low = max((part[-1] for part in parts if len(part) == _STRETCH), default=None)
    if len(parts) == 1:
        return parts[0], low is not None
    merged = sorted((i for part in parts for i in part if low is None or i >= low), reverse=True)
    return array("q", merged), low is not None


_MANY = 5_000
"""From here on reading an index whole is cheaper than looking at each review."""
_ANSWERED = "SELECT id FROM review INDEXED BY review_answered WHERE reply_mark IN ('elsewhere', 'ours')"
_BY_VALUE = {
    # The column, and whether the large values come first. An index of its own gives the ids of each value.
    Sort.SCORE_LOW: ("score100", False),
    Sort.SCORE_HIGH: ("score100", True),
    Sort.LONGEST: ("length", True),
    Sort.SHORTEST: ("length", False),
}
_INDEX = {"score100": "review_score", "length": "review_length"}


def _statements(column: str) -> tuple[str, str, str]:
    """All values of a column, the ids of one of them, and those of none: each out of the column's own index."""
    source = f"FROM review INDEXED BY {_INDEX[column]}"
    values = (
        f"WITH RECURSIVE s(v) AS (SELECT min({column}) {source}"
        f" UNION ALL SELECT (SELECT min({column}) {source} WHERE {column} > s.v) FROM s WHERE s.v IS NOT NULL)"
        " SELECT v FROM s WHERE v IS NOT NULL"
    )
    of_value = f"SELECT id {source} WHERE {column} = ? ORDER BY id DESC"
    return values, of_value, f"SELECT id {source} WHERE {column} IS NULL ORDER BY id DESC"


def _by_value(r: Reader, found: array[int], sort: Sort) -> array[int]:
    """Many hits by score or length: value after value out of the index, never the reviews themselves."""
    hits = set(found)
    column, large_first = _BY_VALUE[sort]
    all_values, of_value, without = _statements(column)
    # There are at most 101 scores, and some thousand lengths.
    values = [row[0] for row in r.rows(all_values)]
    if large_first:
        values.reverse()
    ordered: array[int] = array("q")
    for value in values:
        ordered.extend(i for i in _in_one_step(r, of_value, (value,)) if i in hits)
    if len(ordered) < len(found):
        ordered.extend(i for i in _in_one_step(r, without, ()) if i in hits)
    return ordered


def _by_answer(r: Reader, found: array[int]) -> array[int]:
    """Many hits by the time without an answer: the oldest first, those that have one last."""
    answered = set(_in_one_step(r, _ANSWERED, ()))
    found.reverse()
    ordered = array("q", (i for i in found if i not in answered))
    ordered.extend(i for i in found if i in answered)
    return ordered


def page(r: Reader, query: Query, *, before: int | None = None, limit: int = 100) -> list[ReviewRow]:
    """The newest ``limit`` hits with an id below ``before``, as rows. The next page begins before the last id."""
    hits, params = statement(r, query, limit=limit, before=before)
    # The order of the hits is kept by the join; sorting a hundred rows that are in order costs nothing.
    found = r.db.execute(
        f"SELECT {_COLUMNS} FROM ({hits}) AS hit CROSS JOIN review AS r ON r.id = hit.id", params
    )
    return [row_of(row) for row in sorted(found, key=_by_id, reverse=True)]


_COLUMNS = ", ".join(f"r.{name}" for name in ROW_COLUMNS.split(", "))
_by_id = itemgetter(0)


def count(r: Reader, query: Query) -> int:
    """How many hits there are."""
    kept = _kept_count(r, query)
    if kept is not None:
        return kept
    made = plan(r, query)
    if made.text is not None:
        found = _count_text(r, made, made.text)
        if found is not None:
            return found
    return sum(int(r.value(f"SELECT count(*) FROM ({sql})", params)) for sql, params in made.whole())


def _kept_count(r: Reader, query: Query) -> int | None:
    """The counts that are kept and need no counting: everything, a state, an account, both, and unread of these."""
    wanted = _simple(r, query.root)
    if wanted is None or query.wants_twins or query.wants_hidden:
        return None
    states, accounts, unread = wanted
    counts = tally.counts(r)
    total = 0
    for account_id, figures in counts.by_account.items():
        if accounts is not None and account_id not in accounts:
            continue
        for state, figure in figures.items():
            if (state is WorkState.REMOVED and not query.wants_removed) or (
                states is not None and state not in states
            ):
                continue
            total += figure.unread if unread else figure.n
    return total


_STATES = frozenset(state.value for state in WorkState)


def _simple(r: Reader, node: Node | None) -> tuple[set[WorkState] | None, set[int] | None, bool] | None:
    states: set[WorkState] | None = None
    accounts: set[int] | None = None
    unread = False
    parts = () if node is None else node.parts if isinstance(node, And) else (node,)
    for part in parts:
        if isinstance(part, Is) and part.value == "unread":
            unread = True
        elif isinstance(part, Is) and part.value in _STATES:
            mine = {WorkState(part.value)}
            states = mine if states is None else states & mine
        elif isinstance(part, Field) and part.name in ("account", "provider"):
            found = set(condition(r, part).params)
            accounts = found if accounts is None else accounts & found
        else:
            return None
    return states, accounts, unread


_FEW = 300


def _count_text(r: Reader, made: Plan, match: str) -> int | None:
    """All hits of the text index, less the few that are hidden; None when those are not few."""
    hidden: set[int] = set()
    if made.left.hidden:
        hidden.update(_some(r, "review_hidden WHERE hidden = 1"))
    if made.left.removed:
        hidden.update(_some(r, "review_state WHERE work_state = 'removed'"))
    if made.left.twins:
        hidden.update(_some(r, "review_twin WHERE twin_of IS NOT NULL"))
    if len(hidden) > _FEW:
        return None
    number = int(r.value("SELECT count(*) FROM review_fts WHERE review_fts MATCH ?", (match,)))
    look = "SELECT count(*) FROM review_fts WHERE review_fts MATCH ? AND rowid = ?"
    return number - sum(int(r.value(look, (match, review_id))) for review_id in hidden)


def _some(r: Reader, source: str) -> list[int]:
    # An index and a condition of this module's own.
    return [row[0] for row in r.rows(f"SELECT id FROM review INDEXED BY {source} LIMIT {_FEW + 1}")]
