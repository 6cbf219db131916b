"""Which of some reviews a query finds, asked for in spans of time: it costs what these reviews cost."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Protocol

from reviewdesk.domain.query import And, Created, Node, Query

__all__ = ["Finds", "matching"]

_SECOND = 20
_CLUSTERS = 8


class Finds(Protocol):
    """Whatever answers a query with ids."""

    def ids(self, query: Query) -> array[int]: ...


def _clusters(ids: Sequence[int]) -> list[tuple[int, int]]:
    """Sorted ids as at most eight spans (first second, last second), cut at the widest gaps."""
    seconds = [i >> _SECOND for i in ids]
    gaps = sorted(range(1, len(seconds)), key=lambda n: seconds[n - 1] - seconds[n])[: _CLUSTERS - 1]
    edges = [0, *sorted(gaps), len(seconds)]
    return [(seconds[a], seconds[b - 1]) for a, b in pairwise(edges)]


def matching(inbox: Finds, query: Query, ids: Iterable[int]) -> set[int]:
    """Which of ``ids`` the query finds. Blocking; any thread."""
    wanted = sorted(set(ids))
    if not wanted:
        return set()
    sought, found = set(wanted), set()
    for first, last in _clusters(wanted):
        span: Node = Created(first, last + 1, "after", "")
        root = span if query.root is None else And((query.root, span))
        found.update(sought.intersection(inbox.ids(Query(root, query.text))))
    return found
