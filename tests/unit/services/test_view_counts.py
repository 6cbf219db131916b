"""The figure beside a saved view is the number of rows it shows: fifty random views, counted three ways."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from reviewdesk.domain.models import Author, Deletion, Product, ReviewRow, WorkState
from reviewdesk.store import reviews
from tests.support.clock import FakeClock
from tests.support.core import open_scripted
from tests.support.stores import CREATED, record

REVIEWS, VIEWS = 3_000, 50
Test = Callable[[ReviewRow], bool]

TERMS: list[tuple[str, Test]] = [
    ("stars:<=2", lambda row: row.score is not None and row.score <= 2),
    ("stars:4..5", lambda row: row.score is not None and row.score >= 4),
    ("score:none", lambda row: row.score is None),
    ("lang:fr", lambda row: row.language == "fr"),
    ("lang:none", lambda row: row.language is None),
    ("is:new", lambda row: row.work_state is WorkState.NEW),
    ("is:done", lambda row: row.work_state is WorkState.DONE),
    ("is:unread", lambda row: row.unread),
    ("is:starred", lambda row: row.starred),
    ("tag:late", lambda row: "late" in row.tags),
    ("owner:mia", lambda row: row.owner == "Mia"),
    ("zebra", lambda row: "zebra" in row.snippet),
    ("from:nia", lambda row: row.author_name == "Nia"),
    ("product:lamp", lambda row: row.product_name == "Lamp"),
]


def _query(rnd: random.Random) -> tuple[str, Test]:
    """One to three terms, some denied, together or as alternatives."""
    chosen = rnd.sample(TERMS, rnd.randint(1, 3))
    denied = [rnd.random() < 0.3 for _ in chosen]
    either = rnd.random() < 0.3
    text = (" OR " if either else " ").join(
        f"{'-' * no}{term}" for (term, _), no in zip(chosen, denied, strict=True)
    )

    def test(row: ReviewRow) -> bool:
        found = [is_it(row) is not no for (_, is_it), no in zip(chosen, denied, strict=True)]
        return any(found) if either else all(found)

    return text, test


def test_fifty_views_count_what_they_show(tmp_path: Path) -> None:
    rnd = random.Random(20)
    with open_scripted(tmp_path, clock=FakeClock(), sync=False) as desk:
        page = [
            record(
                f"r{n}",
                created_at=CREATED + 97 * n,
                body=rnd.choice(["a zebra", "a horse", ""]),
                score=rnd.choice([None, 1.0, 2.0, 3.0, 4.0, 5.0]),
                language=rnd.choice([None, "fr", "en"]),
                author=Author(name=rnd.choice(["Nia", "Olu"])),
                product=rnd.choice([None, Product(sku="L1", name="Lamp"), Product(name="Bench")]),
            )
            for n in range(REVIEWS)
        ]
        inbox, store = desk.core.inbox, desk.core.store
        store.write_now(lambda tx: reviews.store_page(tx, desk.account.id, reviews=page))
        ids = desk.ids()
        for work in (
            lambda some: inbox.mark_done(some),
            lambda some: inbox.set_star(some, True),
            lambda some: inbox.mark_read(some, True),
            lambda some: inbox.add_tag(some, "late"),
            lambda some: inbox.set_owner(some, "Mia"),
            lambda some: inbox.set_hidden(some, True),
        ):
            work(rnd.sample(ids, REVIEWS // 4)).result(30)
        gone = tuple(Deletion(native_id=f"r{n}") for n in rnd.sample(range(REVIEWS), 200))
        store.write_now(lambda tx: reviews.store_page(tx, desk.account.id, deletions=gone))
        inbox.finish_index()
        hidden = inbox.hidden_among(ids)
        rows = [
            row
            for row in inbox.rows(ids).values()
            if row.work_state is not WorkState.REMOVED and row.id not in hidden
        ]
        made: dict[int, tuple[str, Test]] = {}
        while len(made) < VIEWS:
            text, test = _query(rnd)
            made[inbox.save_view(f"View {len(made)}", text).result(5)] = (text, test)
        counts = inbox.view_counts()
        for view_id, (text, test) in made.items():
            shown = list(inbox.ids(inbox.parse(text)))
            assert counts[view_id] == len(shown) == len(set(shown)), text
            assert set(shown) == {row.id for row in rows if test(row)}, text
        assert sum(0 < n < len(rows) for n in counts.values()) > VIEWS // 2, "they are no empty questions"
        figures = inbox.sidebar()
        for state in (WorkState.NEW, WorkState.DONE):
            assert figures.states[state] == sum(row.work_state is state for row in rows)
        assert figures.unread == sum(row.unread for row in rows)
