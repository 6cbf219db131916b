"""From a query to SQL, once for lists, pages, counts and exports.

A query becomes alternatives ("arms") that each give review ids in descending order straight from an index: the text
index by rowid, an index of ``review``, or the table itself. SQLite merges the arms without sorting, so that the
newest hundred hits cost a hundred hits, whatever the number of reviews (docs/performance.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import product
from typing import Any

from reviewdesk.domain.models import WorkState
from reviewdesk.domain.plain import dataclass
from reviewdesk.domain.query import And, Created, Is, Node, Not, Or, Query
from reviewdesk.store.search_terms import (
    ALL_WORD,
    FROM_REVIEW,
    ID_SHIFT,
    Condition,
    Stream,
    condition,
    text_match,
)
from reviewdesk.store.writer import Reader

__all__ = ["Arm", "LeftOut", "Plan", "plan"]

_MAX_ARMS = 24
_STATES = tuple(state.value for state in WorkState)
_NOT_REMOVED = "r.work_state <> 'removed'"
_NO_TWIN = "r.twin_of IS NULL"
_NOT_HIDDEN = "r.hidden = 0"
_REMOVED = "SELECT id FROM review INDEXED BY review_state WHERE work_state = 'removed'"
_TWINS = "SELECT id FROM review INDEXED BY review_twin WHERE twin_of IS NOT NULL"
_HIDDEN = "SELECT id FROM review INDEXED BY review_hidden WHERE hidden = 1"
_MATCHES = "r.id IN (SELECT rowid FROM review_fts WHERE review_fts MATCH ?)"

_SAMPLE = 2_000
# Microseconds a row, measured on a million reviews: stepping through an index or a text's hits and merging them,
# looking at a review's row, and asking the text index about one row (more for a beginning, which it first collects).
_STEP, _LOOK, _ASK, _ASK_BEGINNING = 0.2, 1.3, 20.0, 500.0

Statement = tuple[str, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class _Part:
    """Conditions that must all hold. ``texts`` are FTS5 expressions, ``low`` <= id < ``high``."""

    texts: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    low: int | None = None
    high: int | None = None

    def and_(self, other: _Part) -> _Part:
        lows = [low for low in (self.low, other.low) if low is not None]
        highs = [high for high in (self.high, other.high) if high is not None]
        return _Part(
            self.texts + other.texts,
            self.conditions + other.conditions,
            max(lows, default=None),
            min(highs, default=None),
        )


@dataclass(frozen=True, slots=True)
class Arm:
    """One alternative, in two forms that give the same ids by descending id.

    ``source``, ``where``: begin somewhere and look at each row. ``merged``: only indexes, intersected step by step;
    several of them give parts that have nothing in common. None where some condition has no index.
    """

    source: str
    id: str
    where: tuple[str, ...]
    params: tuple[Any, ...]
    merged: tuple[Statement, ...] | None = None
    merge: bool = False
    """Whether the second form is the cheaper one."""

    def sql(self) -> Statement:
        # Column, table and index names are this package's own; every value is bound.
        return (
            f"SELECT {self.id} AS id FROM {self.source} WHERE {' AND '.join(self.where) or '1'}",
            self.params,
        )


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What is never shown unless it is asked for by name."""

    removed: bool = True
    twins: bool = True
    hidden: bool = True

    def conditions(self) -> list[str]:
        """On a row of ``review AS r``."""
        each = ((_NOT_REMOVED, self.removed), (_NO_TWIN, self.twins), (_NOT_HIDDEN, self.hidden))
        return [sql for sql, wanted in each if wanted]

    def statements(self) -> list[str]:
        """Their ids, each out of a small index."""
        each = ((_REMOVED, self.removed), (_TWINS, self.twins), (_HIDDEN, self.hidden))
        return [sql for sql, wanted in each if wanted]


@dataclass(frozen=True, slots=True)
class Plan:
    """``left``: what the query leaves out beside its own terms. ``text``: the one expression that, but for those, is
    the whole query."""

    arms: tuple[Arm, ...]
    left: LeftOut
    text: str | None = None

    def statement(self, *, limit: int | None = None, descending: bool = True) -> Statement:
        """The ids in order, as one statement with its values."""
        order = f"ORDER BY 1 {'DESC' if descending else 'ASC'}"
        tail, values = (f"{order} LIMIT ?", (limit,)) if limit is not None else (order, ())
        merged = self._merged()
        sql, params = merged[0] if len(merged) == 1 else self.unordered()
        return f"{sql} {tail}", params + values

    def unordered(self) -> Statement:
        """The ids once each, without an order."""
        if not self.arms:
            return "SELECT id FROM review WHERE 0", ()
        written = [arm.sql() for arm in self.arms]
        return " UNION ".join(sql for sql, _ in written), tuple(v for _, params in written for v in params)

    def whole(self) -> tuple[Statement, ...]:
        """Statements for all ids, each in descending order, that have nothing in common."""
        merged = self._merged()
        if not merged:
            return (self.statement(),)
        return tuple((f"{sql} ORDER BY 1 DESC", params) for sql, params in merged)

    def _merged(self) -> tuple[Statement, ...]:
        only = self.arms[0] if len(self.arms) == 1 else None
        return only.merged if only is not None and only.merge and only.merged is not None else ()


def plan(r: Reader, query: Query, before: int | None = None) -> Plan:
    """Decide how to answer, for ids below ``before``.

    Reads a few small tables and samples indexes; some tenths of a millisecond.
    """
    left = LeftOut(not query.wants_removed, not query.wants_twins, not query.wants_hidden)
    parts = [_Part()] if query.root is None else _alternatives(r, query.root, False)
    if parts is None:
        parts = [_Part(conditions=(_as_condition(r, query.root),))] if query.root is not None else []
    if before is not None:
        parts = [part.and_(_Part(high=before)) for part in parts]
    sampler = _Sampler(r)
    arms = tuple(arm for part in parts for arm in _arm(part, left, sampler, alone=len(parts) == 1))
    only = parts[0] if len(parts) == 1 else _Part()
    bare = only.texts and not only.conditions and only.low is None and only.high is None
    return Plan(arms, left, _all_of(only.texts) if bare else None)


# --- the tree, taken apart -------------------------------------------------------------------------


def _pure_text(node: Node) -> str | None:
    """The whole subtree as one FTS5 expression, or None when some of it is not text."""
    if isinstance(node, Not):
        inner = _pure_text(node.part)
        return None if inner is None else _without(inner)
    if isinstance(node, And | Or):
        matches: list[str] = []
        denied: list[str] = []
        for part in node.parts:
            is_denied = isinstance(node, And) and isinstance(part, Not)
            match = _pure_text(part.part if is_denied and isinstance(part, Not) else part)
            if match is None:
                return None
            (denied if is_denied else matches).append(match)
        if isinstance(node, Or):
            return _any_of(matches)
        wanted = _all_of(matches) if matches else f'"{ALL_WORD}"'
        return f"({wanted}) NOT ({_any_of(denied)})" if denied else wanted
    return text_match(node)


def _all_of(matches: Iterable[str]) -> str:
    matches = tuple(matches)
    return matches[0] if len(matches) == 1 else " AND ".join(f"({match})" for match in matches)


def _any_of(matches: Iterable[str]) -> str:
    matches = tuple(matches)
    return matches[0] if len(matches) == 1 else " OR ".join(f"({match})" for match in matches)


def _without(match: str) -> str:
    return f'"{ALL_WORD}" NOT ({match})'


def _has_text(node: Node) -> bool:
    if isinstance(node, Not):
        return _has_text(node.part)
    if isinstance(node, And | Or):
        return any(_has_text(part) for part in node.parts)
    return text_match(node) is not None


def _as_condition(r: Reader, node: Node) -> Condition:
    """The subtree as one condition on a row; text in it is answered by a set of ids."""
    if isinstance(node, Not):
        if isinstance(node.part, Is) and node.part.value in _STATES:
            return _another_state(node.part.value)
        inner = _as_condition(r, node.part)
        # Not merely NOT: a missing language is not French either.
        return Condition(f"({inner.sql}) IS NOT TRUE", inner.params)
    if isinstance(node, And | Or):
        inners = [_as_condition(r, part) for part in node.parts]
        sql = (" AND " if isinstance(node, And) else " OR ").join(f"({inner.sql})" for inner in inners)
        streams: tuple[Stream, ...] | None = None
        if isinstance(node, Or):
            known = [inner.streams for inner in inners if inner.streams is not None]
            if len(known) == len(inners):
                streams = tuple(dict.fromkeys(stream for each in known for stream in each))
        return Condition(sql, tuple(v for inner in inners for v in inner.params), streams, disjoint=False)
    match = text_match(node)
    if match is not None:
        return Condition(_MATCHES, (match,))
    return condition(r, node)


def _another_state(state: str) -> Condition:
    """Every account's entry in the sidebar asks for what is not done: few among many, and the index of states has them."""
    source = f"{FROM_REVIEW} INDEXED BY review_state"
    streams = (Stream(source, "r.work_state = ?", (other,)) for other in _STATES if other != state)
    return Condition("r.work_state <> ?", (state,), tuple(streams))


def _alternatives(r: Reader, node: Node, denied: bool) -> list[_Part] | None:
    """The subtree as alternatives of parts; None when there would be too many."""
    if isinstance(node, Not):
        return _alternatives(r, node.part, not denied)
    match = _pure_text(node)
    if match is not None:
        return [_Part(texts=(_without(match) if denied else match,))]
    if not _has_text(node):
        if isinstance(node, Created) and not denied:
            low = None if node.low_s is None else node.low_s << ID_SHIFT
            high = None if node.high_s is None else node.high_s << ID_SHIFT
            return [_Part(low=low, high=high)]
        if not (isinstance(node, And) and not denied):
            return [_Part(conditions=(_as_condition(r, Not(node) if denied else node),))]
    if not isinstance(node, And | Or):  # pragma: no cover - a single term is text or it is not
        raise TypeError(node)
    each = [_alternatives(r, part, denied) for part in _grouped(node)]
    if isinstance(node, And) == denied:
        # Alternatives: "or", or a denied "and".
        flat: list[_Part] = []
        for parts in each:
            if parts is None:
                return None
            flat.extend(parts)
        return flat if len(flat) <= _MAX_ARMS else None
    number = 1
    for parts in each:
        if parts is None:
            return None
        number *= len(parts)
        if number > _MAX_ARMS:
            return None
    combined = []
    for choice in product(*(parts for parts in each if parts is not None)):
        part = _Part()
        for other in choice:
            part = part.and_(other)
        combined.append(part)
    return combined


def _grouped(node: And | Or) -> list[Node]:
    """The parts, with all that are text joined to one expression, and likewise what is none where that helps."""
    texts = [part for part in node.parts if _pure_text(part) is not None]
    others = [part for part in node.parts if _pure_text(part) is None]
    plain = [part for part in others if not _has_text(part)]
    grouped: list[Node] = [part for part in others if _has_text(part)]
    if isinstance(node, Or) and len(plain) > 1:
        plain = [Or(tuple(plain))]
    if len(texts) > 1:
        texts = [type(node)(tuple(texts))]
    return texts + plain + grouped


# --- choosing where to begin -----------------------------------------------------------------------


class _Sampler:
    """Guesses how many reviews an index or a text gives, from its newest entries."""

    def __init__(self, r: Reader) -> None:
        self._r = r
        self._span: tuple[int, int] | None = None

    def stream(self, stream: Stream) -> int:
        # Table and column names are this package's own.
        return self._sample(
            f"SELECT {stream.id} AS id FROM {stream.source} WHERE {stream.where}"
            f" ORDER BY {stream.id} DESC LIMIT {_SAMPLE}",
            stream.params,
        )

    def text(self, match: str) -> int:
        return self._sample(
            "SELECT rowid AS id FROM review_fts WHERE review_fts MATCH ?"
            f" ORDER BY rowid DESC LIMIT {_SAMPLE // 4}",
            (match,),
            _SAMPLE // 4,
        )

    def _sample(self, sql: str, params: tuple[Any, ...], size: int = _SAMPLE) -> int:
        row = self._r.one(f"SELECT count(*), min(id) FROM ({sql})", params)
        if row is None or row[0] < size:
            return 0 if row is None else int(row[0])
        oldest, newest = self._ends()
        # As dense everywhere as among the newest.
        return int(size * max(1.0, (newest - oldest) / max(1, newest - row[1])))

    def _ends(self) -> tuple[int, int]:
        if self._span is None:
            row = self._r.one("SELECT (SELECT min(id) FROM review), (SELECT max(id) FROM review)")
            self._span = (row[0] or 0, row[1] or 0) if row is not None else (0, 0)
        return self._span


def _arm(part: _Part, left: LeftOut, sampler: _Sampler, *, alone: bool) -> tuple[Arm, ...]:
    """The part as arms: one, or one for each value of the index that it begins with."""
    match = _all_of(part.texts) if part.texts else None
    merged = _merged(part, match, left) if alone else None
    candidates = [(each, each.streams) for each in part.conditions if each.streams is not None]
    single = len(candidates) + (match is not None) < 2
    # Sizes are only asked for where there is something to choose.
    sizes = [0 if single else sum(map(sampler.stream, streams)) for _, streams in candidates]
    hits = 0 if single or match is None else sampler.text(match)
    ask = _LOOK if match is None else _ASK_BEGINNING if '" *' in match or '"*' in match else _ASK
    smallest = min(range(len(candidates)), key=sizes.__getitem__, default=None)
    if match is not None and smallest is not None and _LOOK * hits <= ask * sizes[smallest]:
        smallest = None
    looking = _LOOK * hits if smallest is None else ask * sizes[smallest]
    merge = merged is not None and (single or _STEP * (hits + sum(sizes)) < looking)
    chosen = None if smallest is None else candidates[smallest]

    where: list[str] = []
    params: tuple[Any, ...] = ()
    for each in part.conditions:
        if chosen is None or each is not chosen[0]:
            where.append(f"({each.sql})")
            params += each.params
    where += left.conditions()
    if chosen is None:
        if match is not None:
            source = "review_fts AS f CROSS JOIN review AS r ON r.id = f.rowid"
            arm = Arm(source, "f.rowid", ("f.review_fts MATCH ?", *where), (match, *params), merged, merge)
        else:
            shown = left == LeftOut() and not part.conditions
            by = "INDEXED BY review_shown" if shown else "NOT INDEXED"
            arm = Arm(f"{FROM_REVIEW} {by}", "r.id", tuple(where), params)
        return (_ranged(arm, part),)
    arms = []
    for stream in chosen[1]:
        source, begin, values = stream.source, [stream.where], stream.params
        if match is not None:
            source += " CROSS JOIN review_fts AS f ON f.rowid = r.id"
            begin.append("f.review_fts MATCH ?")
            values += (match,)
        arms.append(_ranged(Arm(source, stream.id, (*begin, *where), values + params), part))
    if len(arms) == 1:
        arms = [replace(arms[0], merged=merged, merge=merge)]
    return tuple(arms)


def _ranged(arm: Arm, part: _Part) -> Arm:
    where, params = _in_range(arm.id, part)
    return replace(arm, where=(*arm.where, *where), params=arm.params + params)


def _in_range(column: str, part: _Part) -> tuple[list[str], tuple[int, ...]]:
    bounds = [(f"{column} >= ?", part.low), (f"{column} < ?", part.high)]
    return [sql for sql, bound in bounds if bound is not None], tuple(b for _, b in bounds if b is not None)


def _merged(part: _Part, match: str | None, left: LeftOut) -> tuple[Statement, ...] | None:
    """The part as intersections of indexes alone; one for each value of a condition that has several."""
    operands: list[list[Statement]] = []
    if match is not None:
        bounds, values = _in_range("rowid", part)
        where = " AND ".join(["review_fts MATCH ?", *bounds])
        operands.append([(f"SELECT rowid AS id FROM review_fts WHERE {where}", (match, *values))])
    for each in part.conditions:
        if each.streams is None or (len(each.streams) > 1 and not each.disjoint):
            return None
        operands.append([_alone(stream, part) for stream in each.streams])
    if not operands or sum(len(choices) > 1 for choices in operands) > 1:
        return None
    return tuple(
        (
            " EXCEPT ".join([" INTERSECT ".join(sql for sql, _ in choice), *left.statements()]),
            tuple(value for _, params in choice for value in params),
        )
        for choice in product(*operands)
    )


def _alone(stream: Stream, part: _Part) -> Statement:
    bounds, values = _in_range(stream.id, part)
    where = " AND ".join([stream.where, *bounds])
    return (
        f"SELECT {stream.id} AS id FROM {stream.alone or stream.source} WHERE {where}",
        stream.params + values,
    )
