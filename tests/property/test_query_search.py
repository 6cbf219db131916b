"""Whatever is asked, the database answers as set algebra says, and as a search through Python values says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewdesk.domain.models import Author, Comment, ReviewKind, ReviewRecord, Role, Thread
from reviewdesk.domain.query import QueryError, Sort, parse
from reviewdesk.domain.text import hits
from reviewdesk.store import accounts, reviews, search, tags
from reviewdesk.store.database import Store, Tx
from tests.support.clock import FakeClock

NOW = 1_780_000_000.0
WORDS = ("late", "étui", "寿司", "good", "c++", "Straße", "ممتاز", "12345678", "fine")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    path: Path = tmp_path_factory.mktemp("search") / "p.sqlite"
    opened = Store.open(path, clock=FakeClock(NOW), on_change=lambda changes: None)
    for name, provider in (("One", "trustpilot"), ("Two", "retargeting")):
        opened.write_now(lambda tx, n=name, p=provider: accounts.insert(tx, name=n, provider=p, settings={}))  # type: ignore[misc]

    def fill(tx: Tx) -> None:
        for account in (1, 2):
            page = [_record(n, account) for n in range(60)]
            reviews.store_page(tx, account, reviews=page)
        ids = [row[0] for row in tx.rows("SELECT id FROM review ORDER BY id")]
        tags.add(tx, ids[::7], "urgent")
        reviews.set_star(tx, ids[::5], True)
        reviews.set_owner(tx, ids[::9], "me")
        for review_id in ids[::11]:
            tx.run("UPDATE review SET work_state = 'removed' WHERE id = ?", (review_id,))
        for review_id in ids[3::13]:
            tx.run("UPDATE review SET twin_of = 1 WHERE id = ?", (review_id,))

    opened.write_now(fill)
    while opened.write_now(lambda tx: search.index_slice(tx, budget_s=0.05)):
        pass
    yield opened
    opened.close()


def _record(n: int, account: int) -> ReviewRecord:
    body = " ".join(word for bit, word in enumerate(WORDS) if (n * 7 + account * 3) >> bit & 1)
    reply = (
        (Comment(id="c", author="us", role=Role.BUSINESS, text="thanks", created_at=1),) if n % 3 == 0 else ()
    )
    return ReviewRecord(
        kind=ReviewKind.PRODUCT if n % 2 else ReviewKind.BUSINESS,
        native_id=str(n),
        score=None if n % 10 == 0 else float(n % 5 + 1),
        score_min=1.0,
        score_max=5.0 if account == 1 else 10.0,
        body=body,
        language=(None, "en", "fr", "en-GB")[n % 4],
        author=Author(name=("Anna", "Zoé", None)[n % 3]),
        order_id=f"{n:02}5678{account}" if n % 4 == 1 else None,
        created_at=int(NOW) - n * 86_400 * 3 - account,
        thread=Thread(id=None, state=None, comments=reply),
    )


leaves = st.sampled_from(
    [
        *WORDS, "lat*", "go*", "g*", '"late étui"', "5678", "order:5678", "from:zoe", "from:none", "stars:<=2", "stars:3",
        "score:none", "lang:en", "lang:none", "is:starred", "is:unread", "is:new", "is:done", "is:business", "has:reply",
        "has:text", "has:tag", "has:order", "tag:urgent", "tag:none", "owner:me", "owner:none", "account:one",
        "is:due", "is:answerable", "replied:any", "replied:<=1d", "effect:any",
        "provider:retargeting", "older:30d", "newer:60d", "after:2026-01-01", "before:2026-03-01", "thanks", "nothing",
    ]
)  # fmt: skip
queries = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(" ".join),
        st.tuples(inner, inner).map(lambda both: f"({both[0]} OR {both[1]})"),
        inner.map(lambda one: f"-({one})"),
    ),
    max_leaves=6,
)


def found(store: Store, text: str, **kwargs: Any) -> list[int]:
    with store.read() as r:
        return list(search.ids(r, parse(text, now=NOW, tz=UTC), **kwargs))


@settings(max_examples=150, deadline=None)
@given(a=queries, b=queries)
def test_answers_obey_set_algebra(store: Store, a: str, b: str) -> None:
    everything, one, two = set(found(store, "")), set(found(store, a)), set(found(store, b))
    assert one <= everything
    assert set(found(store, f"-({a})")) == everything - one
    assert set(found(store, f"({a}) ({b})")) == one & two
    assert set(found(store, f"({a}) OR ({b})")) == one | two
    assert set(found(store, f"({a}) -({b})")) == one - two
    # ... and so do those of the removed and the twins, where they are asked for.
    removed = set(found(store, "is:removed"))
    assert set(found(store, f"({a}) is:removed")) <= removed


@settings(max_examples=100, deadline=None)
@given(text=queries)
def test_orders_pages_and_counts_agree(store: Store, text: str) -> None:
    newest = found(store, text)
    assert newest == sorted(set(newest), reverse=True)
    assert found(store, text, sort=Sort.OLDEST) == newest[::-1]
    for sort in (Sort.SCORE_LOW, Sort.SCORE_HIGH, Sort.UNANSWERED, Sort.LONGEST, Sort.SHORTEST):
        assert sorted(found(store, text, sort=sort), reverse=True) == newest
    assert found(store, text, limit=7) == newest[:7]
    if len(newest) > 3:
        assert found(store, text, before=newest[2], limit=5) == newest[3:8]
    with store.read() as r:
        assert search.count(r, parse(text, now=NOW, tz=UTC)) == len(newest)


@settings(max_examples=60, deadline=None)
@given(
    word=st.sampled_from(["late", "étui", "寿司", "司", "ممتاز", "strasse", "go", "c"]),
    beginning=st.booleans(),
)
def test_the_index_finds_what_the_marks_show(store: Store, word: str, beginning: bool) -> None:
    with store.read() as r:
        texts = dict(r.rows("SELECT review_id, body FROM review_text"))
        shown = set(search.ids(r, parse("", now=NOW)))
        wanted = {i for i, body in texts.items() if i in shown and hits(body, [(word, beginning)])}
        assert set(search.ids(r, parse(word + "*" * beginning, now=NOW))) == wanted


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=25))
def test_no_text_breaks_a_search(store: Store, text: str) -> None:
    try:
        found(store, text, limit=3)
    except QueryError:
        pass  # said, not broken
    with store.read() as r:
        query = parse(text, now=NOW, tz=UTC, as_typed=True)
        assert search.count(r, query) == len(search.ids(r, query))
