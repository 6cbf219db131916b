"""Reading: searching, paging, counting, and whole views, on a profile of the wanted size."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from time import perf_counter

from reviewdesk.domain.query import Query, Sort, parse
from reviewdesk.domain.text import tokens
from reviewdesk.store import search, tally
from reviewdesk.store.database import Store
from reviewdesk.store.search_plan import plan
from tests.benchmarks import floors
from tests.benchmarks.generator import ACCOUNTS, NEWEST, Generator
from tests.benchmarks.profiles import Built, open_store
from tests.benchmarks.table import Line, percentile

__all__ = ["lines", "mixed_set"]

_ROUNDS = 2
_FILTERS = (
    "stars:<=2", "lang:fr", "is:new", "is:needs-reply", "-has:reply", "has:photo", "is:starred", "tag:urgent",
    f'account:"{ACCOUNTS[3][0]}"', "provider:sitejabber", "after:2025-06-01", "before:2023-06-01", "owner:me",
)  # fmt: skip


def mixed_set(size: int, seed: int = 3) -> dict[str, list[str]]:
    """Queries as people type them, by kind. ``*`` marks a word that is still being typed."""
    rnd = random.Random(seed)
    languages = Generator(size).languages
    spaced = [languages[code] for code in ("en", "en", "fr", "de", "pl", "ar")]
    ja = languages["ja"]

    def word(low: int, high: int) -> str:
        words = rnd.choice(spaced).words
        return words[rnd.randrange(low, high) % len(words)]

    def pair(apart: int = 1) -> list[str]:
        stream = rnd.choice(spaced).stream
        at = rnd.randrange(len(stream) - apart - 1)
        return [stream[at], stream[at + apart]]

    def some(number: int, make: object) -> list[str]:
        return [make() for _ in range(number)]  # type: ignore[operator]

    def typed(letters: int) -> str:
        return next(w for w in iter(lambda: word(0, 3_000), None) if w and len(w) >= letters)[:letters] + "*"

    return {
        "common word": some(12, lambda: word(0, 20)),
        "word": some(12, lambda: word(100, 3_000)),
        "rare word": some(12, lambda: word(8_000, 14_000)),
        "two words": some(12, lambda: " ".join(pair(2))),
        "three words": some(12, lambda: " ".join([*pair(1), word(0, 50)])),
        "phrase": some(12, lambda: '"' + " ".join(pair()) + '"'),
        "1 letter": some(6, lambda: typed(1)),
        "2 letters": some(12, lambda: typed(2)),
        "3 letters": some(12, lambda: typed(3)),
        "4 letters": some(12, lambda: typed(4)),
        "Japanese": some(12, lambda: ja.words[rnd.randrange(10, 4_000) % len(ja.words)]),
        "or, not": some(8, lambda: f"{word(20, 500)} OR {word(20, 500)}")
        + some(6, lambda: f"{word(0, 30)} -{word(0, 30)}")
        + some(4, lambda: f"-{word(0, 30)}"),
        "order": some(6, lambda: f"{rnd.randrange(1000, 9999)}")
        + some(4, lambda: f"order:{rnd.randrange(10**7)}"),
        "filter": [
            *_FILTERS,
            "is:done",
            "is:waiting",
            "lang:ja is:new",
            "stars:<=2 -has:reply",
            "is:pending",
        ],
        "word and filter": [f"{word(0, 300)} {each}" for each in _FILTERS for _ in range(3)],
        "rare and filter": [f"{word(6_000, 9_000)} {each}" for each in _FILTERS],
    }


def _parse(text: str) -> Query:
    return parse(text, now=NEWEST, tz=UTC)


def lines(built: Built, *, rounds: int = _ROUNDS, pages: int = 150) -> Iterator[Line]:
    store = open_store(Path(built.database), index=False)
    try:
        yield from _searching(store, built, rounds)
        yield from _paging(store, built, pages)
        yield from _whole(store)
    finally:
        store.close()


def _searching(store: Store, built: Built, rounds: int) -> Iterator[Line]:
    queries = mixed_set(built.rows)
    texts: list[str] = []
    text_ms: list[float] = []
    all_ms: list[float] = []
    counts_ms: list[float] = []
    by_kind: dict[str, list[float]] = {}
    slowest = (0.0, "")
    with store.read() as r:
        for kind, group in queries.items():
            for text in group:
                query = _parse(text)
                match = plan(r, query).text
                if match is not None:
                    texts.append(match)
                for turn in range(rounds + 1):
                    started = perf_counter()
                    search.page(r, _parse(text), limit=100)
                    taken = (perf_counter() - started) * 1_000
                    if turn:  # the first reads what later ones find in memory
                        by_kind.setdefault(kind, []).append(taken)
                        all_ms.append(taken)
                        if match is not None:
                            text_ms.append(taken)
                        slowest = max(slowest, (taken, text))
                started = perf_counter()
                search.count(r, query)
                counts_ms.append((perf_counter() - started) * 1_000)
    floor = floors.text_pages(Path(built.database), texts, rounds)
    for share, goal in ((0.5, ""), (0.95, "<= 2x"), (0.99, "")):
        yield Line(
            name="search", task=f"search by text, newest 100, p{share * 100:.0f}", unit="ms", goal=goal,
            figure=percentile(text_ms, share), floor=percentile(floor, share),
        )  # fmt: skip
    for share, goal in ((0.5, ""), (0.95, "20 ms"), (0.99, "50 ms")):
        yield Line(
            name="search", task=f"search, mixed set, p{share * 100:.0f}", unit="ms", goal=goal,
            figure=percentile(all_ms, share), note=f"slowest: {slowest[1]} {slowest[0]:.0f} ms" if share > 0.98 else "",
        )  # fmt: skip
    for kind, values in by_kind.items():
        yield Line(name="search-kinds", task=f"  {kind}, p95", unit="ms", figure=percentile(values, 0.95))
    for share, goal in ((0.5, ""), (0.95, "250 ms"), (1.0, "")):
        yield Line(
            name="count", task=f"count of a search, {'longest' if share == 1 else f'p{share * 100:.0f}'}",
            unit="ms", goal=goal, figure=percentile(counts_ms, share),
        )  # fmt: skip


def _paging(store: Store, built: Built, pages: int) -> Iterator[Line]:
    rnd = random.Random(5)
    with store.read() as r:
        everything = search.ids(r, _parse(""))
        befores = [everything[rnd.randrange(len(everything))] for _ in range(pages)]
        for text in ("", "is:done", "lang:en", f'account:"{ACCOUNTS[0][0]}"'):
            query = _parse(text)
            taken = []
            for before in befores:
                started = perf_counter()
                search.page(r, query, before=before, limit=100)
                taken.append((perf_counter() - started) * 1_000)
            floor = floors.keyset_pages(Path(built.database), befores) if not text else []
            yield Line(
                name="paging", task=f"page of 100 at any depth, {text or 'everything'}, p95", unit="ms",
                goal="5 ms" + (", <= 2x" if not text else ""), figure=percentile(taken, 0.95),
                floor=percentile(floor, 0.95) or None,
            )  # fmt: skip


def _whole(store: Store) -> Iterator[Line]:
    word = tokens(Generator(1).languages["en"].words[0])[0]
    with store.read() as r:
        taken = []
        for _ in range(20):
            started = perf_counter()
            tally.counts(r)
            taken.append((perf_counter() - started) * 1_000)
        yield Line(
            name="count",
            task="all counts of the sidebar",
            unit="ms",
            goal="10 ms",
            figure=percentile(taken, 0.95),
        )
        for text, sort in (
            ("", Sort.NEWEST),
            ("is:done", Sort.NEWEST),
            ("stars:<=2", Sort.NEWEST),
            (word, Sort.NEWEST),
            (f"{word} is:new", Sort.NEWEST),
            ("", Sort.SCORE_LOW),
            ("", Sort.UNANSWERED),
        ):
            started = perf_counter()
            found = search.ids(r, _parse(text), sort=sort)
            seconds = perf_counter() - started
            shown = (text or "everything") + ("" if sort is Sort.NEWEST else f", {sort.value}")
            yield Line(
                name="views", task=f"ids of a whole view: {shown}", unit="ms", figure=seconds * 1_000,
                note=f"{len(found):,} ids",
            )  # fmt: skip
