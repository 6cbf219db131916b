"""What the figures of a query are made of: counted groups of its reviews, read in one pass each.

Every group is one that the search language can ask for (``services/insights.py`` writes the question), by the same
conditions: so a list has as many reviews as the figure that leads to it says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reviewdesk.domain.query import Query, Sort
from reviewdesk.domain.query_terms import Has
from reviewdesk.store import search
from reviewdesk.store.search_plan import plan
from reviewdesk.store.search_terms import (
    FIRST_REPLY,
    FROM_REVIEW,
    ID_SHIFT,
    SCORE_BEFORE,
    condition,
    different,
)
from reviewdesk.store.writer import Reader

__all__ = ["Effects", "Group", "ages", "answering", "effects", "groups", "replies", "span"]

_SECOND = 1 << ID_SHIFT
_MANY = 20_000
_MOST_VALUES = 2_000
# Letters after those that stand for halves of others.
_FIRST_LETTER = 0xE000
_LETTERS = 0x110000 - _FIRST_LETTER


@dataclass(frozen=True, slots=True)
class Group:
    """So many reviews that have this in common. ``stars``: of five, None without a score."""

    by: str
    """``part``: which span of time, 0 before the first bound; ``account``: its number; ``language``: as it was told."""
    key: int | str | None
    stars: float | None
    replied: bool
    n: int


@dataclass(frozen=True, slots=True)
class Effects:
    """So many reviews with these scores, before the reply and now, on a scale that ends at ``high``."""

    before: float
    after: float
    low: float
    high: float
    n: int


def span(r: Reader, query: Query) -> tuple[int, int] | None:
    """The seconds (UTC) in which the oldest and the newest hit were written; None when there is no hit."""
    oldest = search.ids(r, query, sort=Sort.OLDEST, limit=1)
    newest = search.ids(r, query, sort=Sort.NEWEST, limit=1)
    return (oldest[0] >> ID_SHIFT, newest[0] >> ID_SHIFT) if oldest and newest else None


def groups(r: Reader, query: Query, bounds: Sequence[int]) -> list[Group]:
    """All hits three times: by span, by account and by language, each with its scores and whether it was answered.

    ``bounds``: ascending seconds (UTC) that part the spans.
    """
    keys = _keys(r, bounds)
    scores = different(r, "stars", "review_stars", -1e9, None, limit=_MOST_VALUES)
    letters = max(len(key.values) for key in keys) * 2 * (len(scores or ()) + 1)
    if scores is None or letters > _LETTERS:
        return _grouped(r, query, keys)
    return _counted(r, query, keys, scores)


@dataclass(frozen=True, slots=True)
class _Key:
    """What is counted by: ``sql`` gives the place of a review's value in ``values``."""

    by: str
    sql: str
    params: tuple[Any, ...]
    values: Sequence[int | str | None]


def _keys(r: Reader, bounds: Sequence[int]) -> list[_Key]:
    ids = [bound * _SECOND for bound in bounds]
    accounts = [row[0] for row in r.rows("SELECT id FROM account ORDER BY id")]
    known = different(r, "language", "review_language", "", None, limit=_MOST_VALUES)
    languages = known or ()
    language = f"CASE WHEN r.language IS NULL THEN 0 ELSE {_place('r.language', len(languages) - 1, 1)} END"
    return [
        _Key("part", _place("r.id", len(ids)), _in_halves(ids), range(len(ids) + 1)),
        _Key("account", _place("r.account_id", len(accounts) - 1), _in_halves(accounts[1:]), accounts),
        # Too many to be told apart by letters.
        _Key("language", "0", (), range(_LETTERS))
        if known is None
        else _Key("language", language, _in_halves(languages[1:]), (None, *languages)),
    ]


def _place(column: str, bounds: int, first: int = 0) -> str:
    """How many of so many ascending bounds a value has reached: nested cases, a few comparisons for any number."""
    if bounds <= 0:
        return str(first)
    middle = bounds // 2
    below = _place(column, middle, first)
    above = _place(column, bounds - middle - 1, first + middle + 1)
    return f"CASE WHEN {column} < ? THEN {below} ELSE {above} END"


def _in_halves(bounds: Sequence[Any]) -> tuple[Any, ...]:
    """The bounds in the order in which ``_place`` asks for them."""
    if not bounds:
        return ()
    middle = len(bounds) // 2
    return (bounds[middle], *_in_halves(bounds[:middle]), *_in_halves(bounds[middle + 1 :]))


def _counted(r: Reader, query: Query, keys: Sequence[_Key], scores: Sequence[float]) -> list[Group]:
    """Each review as a letter for each of the keys, and the letters counted: one pass, and nothing is sorted."""
    hits, values = _hits(r, query)
    width = 2 * (len(scores) + 1)
    star = f"CASE WHEN r.stars IS NULL THEN 0 ELSE {_place('r.stars', len(scores) - 1, 1)} END"
    # Columns, conditions and numbers are this package's own words; values are bound.
    letters = ", ".join(
        f"group_concat(char({_FIRST_LETTER} + {key.by} * {width} + told), '')" for key in keys
    )
    columns = ", ".join(f"{key.sql} AS {key.by}" for key in keys)
    row = r.one(
        f"SELECT {letters} FROM (SELECT {columns}, 2 * ({star}) + ({condition(r, Has('reply')).sql}) AS told"
        f" FROM ({hits}) AS hit CROSS JOIN review AS r ON r.id = hit.id LIMIT -1)",
        (*(value for key in keys for value in key.params), *_in_halves(scores[1:]), *values),
    )
    found = []
    for key, text in zip(keys, row or (), strict=True):
        for letter, n in Counter(text or "").items():
            place, told = divmod(ord(letter) - _FIRST_LETTER, width)
            stars = None if told < 2 else scores[told // 2 - 1]
            found.append(Group(key.by, key.values[place], stars, bool(told % 2), n))
    return found


def _grouped(r: Reader, query: Query, keys: Sequence[_Key]) -> list[Group]:
    """The same where there are more different values than letters."""
    hits, values = _hits(r, query)
    replied = condition(r, Has("reply")).sql
    found = []
    for key in keys:
        column = {"account": "r.account_id", "language": "r.language"}.get(key.by)
        for value, stars, told, n in r.rows(
            f"SELECT {column or key.sql} AS value, r.stars, ({replied}) AS told, count(*)"
            f" FROM ({hits}) AS hit CROSS JOIN review AS r ON r.id = hit.id GROUP BY 1, 2, 3",
            values if column else (*key.params, *values),
        ):
            found.append(Group(key.by, value, stars, bool(told), n))
    return found


def ages(r: Reader, query: Query, bounds: Sequence[int]) -> dict[tuple[int, str], int]:
    """Hits by (how many of ``bounds`` they were written after, work state)."""
    hits, values = search.statement(r, query)
    found = r.rows(
        f"SELECT {_place('r.id', len(bounds))} AS part, r.work_state, count(*)"
        f" FROM ({hits}) AS hit CROSS JOIN review AS r ON r.id = hit.id GROUP BY 1, 2",
        (*_in_halves([bound * _SECOND for bound in bounds]), *values),
    )
    return {(row[0], row[1]): row[2] for row in found}


def _hits(r: Reader, query: Query) -> tuple[str, tuple[Any, ...]]:
    """The ids of all hits, in whatever order is the cheapest."""
    made = plan(r, query)
    if len(made.arms) == 1 and made.arms[0].source.startswith(f"{FROM_REVIEW} "):
        # The rows are looked at in any case: to go through the table is less than through an index and the table.
        arm = made.arms[0]
        source = f"{FROM_REVIEW} NOT INDEXED" if "review_shown" in arm.source else arm.source
        return f"SELECT {arm.id} AS id FROM {source} WHERE {' AND '.join(arm.where) or '1'}", arm.params
    return search.statement(r, query)


def replies(r: Reader, query: Query, n: int) -> list[tuple[int, int]]:
    """When each hit was written and when its first public reply (seconds, UTC); only of hits whose reply is known.

    A reply that is dated before its review came with it.
    ``n``: how many hits there are; of many it is cheaper to read every reply there is, in the order of the index.
    """
    hits, values = _hits(r, query)
    if n > _MANY:
        return r.rows(
            "SELECT r.created_s, max(r.created_s, f.replied) FROM (SELECT review_id, min(created_s) AS replied FROM comment"
            " WHERE role = 'business' AND created_s > 0 GROUP BY review_id LIMIT -1) AS f"
            f" CROSS JOIN review AS r ON r.id = f.review_id WHERE r.id IN ({hits})",
            values,
        )
    return r.rows(
        f"SELECT written, max(written, replied) FROM (SELECT r.created_s AS written, {FIRST_REPLY} AS replied"
        f" FROM ({hits}) AS hit CROSS JOIN review AS r ON r.id = hit.id WHERE r.reply_mark <> 'none' LIMIT -1)"
        " WHERE replied IS NOT NULL",
        values,
    )


def effects(r: Reader, query: Query) -> list[Effects]:
    """The hits by what became of their score after our reply; ``query`` asks for nothing but such reviews."""
    hits, values = search.statement(r, query)
    found = r.rows(
        f"SELECT {SCORE_BEFORE} AS stood, r.score, r.score_min, r.score_max, count(*)"
        f" FROM ({hits}) AS hit CROSS JOIN review AS r ON r.id = hit.id GROUP BY 1, 2, 3, 4",
        values,
    )
    return [Effects(*row) for row in found]


def answering(r: Reader) -> frozenset[int]:
    """The accounts at which a review can be answered (``is:answerable``)."""
    return frozenset(row[0] for row in r.rows("SELECT id FROM account WHERE replies = 1"))
