"""From a query to SQL, once for lists, pages, counts and exports.

A query becomes alternatives ("arms") that each give review ids in descending order straight from an index: the text
index by rowid, an index of ``review``, or the table itself. SQLite merges the arms without sorting, so that the
newest hundred hits cost a hundred hits, whatever the number of reviews (docs/performance.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from typing import Any

from reviewdesk.domain.query import And, Created, Node, Not, Or, Query
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

__all__ = ["Arm", "Plan", "plan"]

_MAX_ARMS = 24
_SHOWN = "r.work_state <> 'removed' AND r.twin_of IS NULL"
_NOT_REMOVED = "r.work_state <> 'removed'"
_NO_TWIN = "r.twin_of IS NULL"
_MATCHES = "r.id IN (SELECT rowid FROM review_fts WHERE review_fts MATCH ?)"

_SAMPLE = 2_000
# One look whether a given row matches a text costs about as much as reading this many hits of it.
_LOOK = 16
_LOOK_BEGINNING = 400


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
    """One ``SELECT id`` whose rows come by descending id; ``{id}`` ranges can be added to it."""

    source: str
    id: str
    where: tuple[str, ...]
    params: tuple[Any, ...]

    def sql(self, before: int | None = None) -> tuple[str, tuple[Any, ...]]:
        where, params = self.where, self.params
        if before is not None:
            where, params = (*where, f"{self.id} < ?"), (*params, before)
        # Column, table and index names are this package's own; every value is bound.
        return f"SELECT {self.id} AS id FROM {self.source} WHERE {' AND '.join(where) or '1'}", params


@dataclass(frozen=True, slots=True)
class Plan:
    """``hidden``: which reviews are left out beside the query. ``texts_only``: the one text expression that, but
    for the hidden, is the whole query."""

    arms: tuple[Arm, ...]
    hidden: str
    texts_only: str | None = None

    def statement(
        self, *, before: int | None = None, limit: int | None = None, descending: bool = True
    ) -> tuple[str, tuple[Any, ...]]:
        """The ids in order, as one statement with its values."""
        order = f"ORDER BY 1 {'DESC' if descending else 'ASC'}"
        tail, values = (f"{order} LIMIT ?", (limit,)) if limit is not None else (order, ())
        sql, params = self.unordered(before=before)
        return f"{sql} {tail}", params + values

    def unordered(self, *, before: int | None = None) -> tuple[str, tuple[Any, ...]]:
        """The same without an order, for counting and for other orders."""
        if not self.arms:
            return "SELECT id FROM review WHERE 0", ()
        written = [arm.sql(before) for arm in self.arms]
        return " UNION ".join(sql for sql, _ in written), tuple(v for _, params in written for v in params)


def plan(r: Reader, query: Query) -> Plan:
    """Decide how to answer. Reads a few small tables and samples indexes; some tenths of a millisecond."""
    hidden = " AND ".join(
        ([] if query.wants_removed else [_NOT_REMOVED]) + ([] if query.wants_twins else [_NO_TWIN])
    )
    if query.root is None:
        return Plan((Arm(f"{FROM_REVIEW} INDEXED BY review_shown", "r.id", (_SHOWN,), ()),), hidden)
    parts = _alternatives(r, query.root, False)
    if parts is None:
        parts = [_Part(conditions=(_as_condition(r, query.root),))]
    sampler = _Sampler(r)
    arms = tuple(arm for part in parts for arm in _arms(part, hidden, sampler))
    only = parts[0] if len(parts) == 1 else _Part()
    bare = only.texts and not only.conditions and only.low is None and only.high is None
    return Plan(arms, hidden, _all_of(only.texts) if bare else None)


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
        return Condition(sql, tuple(v for inner in inners for v in inner.params), streams)
    match = text_match(node)
    if match is not None:
        return Condition(_MATCHES, (match,))
    return condition(r, node)


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

    def all_rows(self) -> int:
        return int(self._r.value("SELECT coalesce(sum(n), 0) FROM tally") or 0)


def _arms(part: _Part, hidden: str, sampler: _Sampler) -> list[Arm]:
    where: list[str] = []
    streams, chosen = _best_streams(part, sampler)
    match = _all_of(part.texts) if part.texts else None
    if match is not None and streams is not None and not _filter_first(streams, match, sampler):
        streams, chosen = None, None
    params: tuple[Any, ...] = ()
    for each in part.conditions:
        if each is not chosen:
            where.append(f"({each.sql})")
            params += each.params
    if hidden:
        where.append(hidden)
    if streams is not None:
        arms = []
        for stream in streams:
            source, begin, values = stream.source, [stream.where], stream.params
            if match is not None:
                source += " CROSS JOIN review_fts AS f ON f.rowid = r.id"
                begin.append("f.review_fts MATCH ?")
                values += (match,)
            arms.append(_ranged(Arm(source, stream.id, (*begin, *where), values + params), part))
        return arms
    if match is not None:
        source = "review_fts AS f CROSS JOIN review AS r ON r.id = f.rowid"
        arm = Arm(source, "f.rowid", ("f.review_fts MATCH ?", *where), (match, *params))
    elif not part.conditions and hidden == _SHOWN:
        arm = Arm(f"{FROM_REVIEW} INDEXED BY review_shown", "r.id", tuple(where), params)
    else:
        arm = Arm(f"{FROM_REVIEW} NOT INDEXED", "r.id", tuple(where), params)
    return [_ranged(arm, part)]


def _ranged(arm: Arm, part: _Part) -> Arm:
    where, params = arm.where, arm.params
    if part.low is not None:
        where, params = (*where, f"{arm.id} >= ?"), (*params, part.low)
    if part.high is not None:
        where, params = (*where, f"{arm.id} < ?"), (*params, part.high)
    return Arm(arm.source, arm.id, where, params)


def _best_streams(part: _Part, sampler: _Sampler) -> tuple[tuple[Stream, ...] | None, Condition | None]:
    """The condition whose index gives the fewest rows, with its streams."""
    candidates = [(each.streams, each) for each in part.conditions if each.streams is not None]
    if not candidates:
        return None, None
    if len(candidates) == 1:
        return candidates[0]
    return min(candidates, key=lambda candidate: sum(sampler.stream(stream) for stream in candidate[0]))


def _filter_first(streams: tuple[Stream, ...], match: str, sampler: _Sampler) -> bool:
    """Whether to look through the few rows of an index for the text, and not through the text's for the rest."""
    look = _LOOK_BEGINNING if '" *' in match or '"*' in match else _LOOK
    rows = sum(sampler.stream(stream) for stream in streams)
    if rows * look > sampler.all_rows():
        return False
    return rows * look < sampler.text(match)
