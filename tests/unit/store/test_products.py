"""Products: figures kept by triggers, what is matched and why, and what a person decided stays."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any

import pytest

from reviewdesk.domain.errors import InvalidInput
from reviewdesk.domain.models import Deletion, Product, ProviderState, ReviewRecord, SubScore
from reviewdesk.domain.products import AttributeFigure, MatchReason, Origin, ServerFigures, Told
from reviewdesk.store import accounts, products, reviews
from reviewdesk.store.writer import Reader, Tx
from tests.support.stores import Shelf, record

COUNTED = (
    "SELECT product_sku, sum(provider_state = 'published' AND work_state <> 'removed'),"
    " sum(provider_state = 'published' AND work_state <> 'removed' AND stars IS NOT NULL),"
    " round(avg(CASE WHEN provider_state = 'published' AND work_state <> 'removed' THEN stars END), 6)"
    " FROM review WHERE product_sku IS NOT NULL GROUP BY product_sku"
)


def lamp(
    native_id: str = "r1", sku: str | None = "L4", score: float | None = 4.0, **more: Any
) -> ReviewRecord:
    names = {"name": "Desk lamp", "gtin": None, "mpn": None, "brand": None, "url": None, "id": None}
    names |= {key: more.pop(key) for key in tuple(names) if key in more}
    return record(native_id, score=score, product=Product(sku=sku, **names), **more)


def elsewhere(shelf: Shelf, name: str) -> int:
    account = shelf.write(lambda tx: accounts.insert(tx, name=name, provider="sitejabber", settings={}))
    return account.id


def page(shelf: Shelf, account_id: int, *records: ReviewRecord) -> None:
    shelf.write(lambda tx: reviews.store_page(tx, account_id, reviews=records))


def match(shelf: Shelf) -> None:
    while shelf.write(products.match_slice):
        pass


def rows(shelf: Shelf) -> list[products.ProductRow]:
    with shelf.store.read() as r:
        return products.rows(r)


def parts(shelf: Shelf, product_id: int) -> list[products.Listing]:
    with shelf.store.read() as r:
        return products.listings(r, product_id)


def kept(shelf: Shelf) -> list[tuple[Any, ...]]:
    return sorted(
        (p.sku, p.figures.n, p.figures.scored, None if p.figures.mean is None else round(p.figures.mean, 6))
        for p in rows(shelf)
    )


# --- figures -------------------------------------------------------------------------------------------


def test_figures_equal_a_count_after_anything_that_happens_to_reviews(shelf: Shelf) -> None:
    dice = random.Random(11)
    alive: dict[str, ReviewRecord] = {}
    for step in range(120):
        chance = dice.random()
        name = f"r{dice.randrange(25)}"
        if chance < 0.75 or name not in alive:
            state = dice.choice([ProviderState.PUBLISHED] * 5 + [ProviderState.UNPUBLISHED])
            alive[name] = lamp(
                name,
                sku=dice.choice(["A", "B", "C"]),
                score=dice.choice([1.0, 2.0, 3.0, 4.0, 5.0, 5.0, None]),
                provider_state=state,
                body=f"text {step}",
            )
            shelf.page(alive[name])
        elif chance < 0.9:
            shelf.page(gone=(Deletion(native_id=name),))
            alive.pop(name)
        else:
            review_id = shelf.id(name)
            shelf.write(lambda tx, i=review_id: tx.run("DELETE FROM review WHERE id = ?", (i,)))
            alive.pop(name)
    match(shelf)
    assert kept(shelf) == sorted(shelf.sql(COUNTED))
    assert all(sum(p.figures.spread) == p.figures.scored for p in rows(shelf))
    before = kept(shelf)
    shelf.write(lambda tx: tx.run("UPDATE listing SET n = n + 7, s1 = 99"))
    shelf.write(products.recount)
    assert kept(shelf) == before


def test_a_product_leaves_with_its_last_review(shelf: Shelf) -> None:
    shelf.page(lamp("r1"), lamp("r2", sku=None, name=None))
    match(shelf)
    assert [p.name for p in rows(shelf)] == ["Desk lamp"]
    shelf.write(lambda tx: tx.run("DELETE FROM review"))
    assert rows(shelf) == []
    assert shelf.sql("SELECT (SELECT count(*) FROM listing), (SELECT count(*) FROM product)") == [(0, 0)]
    assert shelf.sql("SELECT count(*) FROM listing_key") == [(0,)]


def test_ten_point_scores_are_told_as_stars(shelf: Shelf) -> None:
    shelf.page(lamp("r1", score=9.0, score_min=0.0, score_max=10.0), lamp("r2", score=5.0))
    match(shelf)
    (product,) = rows(shelf)
    assert product.figures.mean == pytest.approx(4.75)


# --- what is the same ---------------------------------------------------------------------------------


def test_three_sources_become_one_product_each_with_its_reason(shelf: Shelf) -> None:
    second, third, fourth = (elsewhere(shelf, name) for name in ("Second", "Third", "Fourth"))
    shelf.page(lamp("a", sku="HB-L4", gtin="0200000022194", url="https://www.shop.example/p/l4/"))
    page(shelf, second, lamp("b", sku="hb-l4"))
    page(shelf, third, lamp("c", sku="77123", gtin="200000022194", mpn="L4-WH"))
    page(shelf, fourth, lamp("d", sku=None, id="9", url="http://shop.example/p/l4?utm_source=mail"))
    match(shelf)
    (product,) = rows(shelf)
    found = {part.account_id: (part.reason, part.matched_value) for part in parts(shelf, product.id)}
    assert found == {
        1: (MatchReason.ALONE, ""),
        second: (MatchReason.SKU, "hb-l4"),
        third: (MatchReason.GTIN, "200000022194"),
        fourth: (MatchReason.URL, "shop.example/p/l4"),
    }
    assert product.figures.n == 4 and product.accounts[0] == 1


def test_one_that_fits_two_brings_them_together(shelf: Shelf) -> None:
    second, third = elsewhere(shelf, "Second"), elsewhere(shelf, "Third")
    shelf.page(lamp("a", sku="A-1"))
    page(shelf, second, lamp("b", sku="B-1", mpn="L4-WH"))
    match(shelf)
    assert len(rows(shelf)) == 2
    page(shelf, third, lamp("c", sku="a-1", mpn="l4-wh"))
    match(shelf)
    assert len(rows(shelf)) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"sku": "L4", "gtin": "4006381333931"},
        {"sku": "L4", "brand": "Other"},
        {"sku": "L5"},
    ],
)
def test_what_contradicts_is_not_put_together(shelf: Shelf, other: dict[str, Any]) -> None:
    second = elsewhere(shelf, "Second")
    shelf.page(lamp("a", gtin="2000000022192", brand="Harbour"))
    page(shelf, second, lamp("b", **other))
    match(shelf)
    assert len(rows(shelf)) == 2


def test_one_source_keeps_its_own_products_apart(shelf: Shelf) -> None:
    shelf.page(lamp("a", sku="L4-white", mpn="L4"), lamp("b", sku="L4-black", mpn="L4"))
    match(shelf)
    assert len(rows(shelf)) == 2
    shelf.page(lamp("c", sku="L4-white", source="imported"))
    match(shelf)
    assert sorted(len(parts(shelf, p.id)) for p in rows(shelf)) == [1, 2]


def test_what_a_person_took_apart_stays_apart_and_what_was_joined_stays_joined(shelf: Shelf) -> None:
    second = elsewhere(shelf, "Second")
    shelf.page(lamp("a"), lamp("x", sku="X9", name="Torch"))
    page(shelf, second, lamp("b"))
    match(shelf)
    both = next(p for p in rows(shelf) if len(p.accounts) == 2)
    theirs = next(part for part in parts(shelf, both.id) if part.account_id == second)
    alone = shelf.write(lambda tx: products.split(tx, theirs.id))
    page(shelf, second, lamp("b2"), lamp("b", body="edited"))
    shelf.page(lamp("a2"))
    shelf.write(lambda tx: products.tell(tx, second, [Told(product=Product(sku="L4", gtin="2000000022192"))]))
    match(shelf)
    assert [part.id for part in parts(shelf, alone)] == [theirs.id]
    torch = next(p for p in rows(shelf) if p.name == "Torch")
    shelf.write(lambda tx: products.join(tx, theirs.id, torch.id))
    page(shelf, second, lamp("b3"))
    match(shelf)
    joined = parts(shelf, torch.id)
    assert {part.account_id for part in joined} == {1, second}
    assert next(part for part in joined if part.id == theirs.id).reason is MatchReason.HAND
    shelf.write(lambda tx: products.release(tx, theirs.id))
    assert {part.account_id for part in parts(shelf, both.id)} == {1, second}
    with pytest.raises(InvalidInput):
        shelf.write(lambda tx: products.join(tx, theirs.id, 999))
    with pytest.raises(InvalidInput):
        shelf.write(lambda tx: products.split(tx, 999))


# --- what the sources say -------------------------------------------------------------------------------


def test_a_source_s_own_figures_stand_beside_ours_with_their_time(shelf: Shelf) -> None:
    shelf.page(lamp("a", score=5.0), lamp("b", score=2.0))
    match(shelf)
    said = ServerFigures(
        origin=Origin.SUMMARY,
        n=3,
        mean=4.0,
        spread=(0, 1, 0, 0, 2),
        attributes=(AttributeFigure("Fit", 2, 4.5),),
        read_at=1_780_000_100,
    )
    told = [
        Told(product=Product(sku="l4"), figures=(said,)),
        Told(product=Product(sku="NEW", name="New one")),
    ]
    assert len(shelf.write(lambda tx: products.tell(tx, 1, told))) == 2
    shelf.write(lambda tx: products.tell(tx, 1, told))
    by_sku = {p.sku: p for p in rows(shelf)}
    assert set(by_sku) == {"L4", "NEW"}
    (part,) = parts(shelf, by_sku["L4"].id)
    assert part.server == (said,)
    assert part.figures.n == 2 and part.figures.mean == 3.5


def test_what_left_the_catalogue_leaves_unless_it_has_reviews(shelf: Shelf) -> None:
    shelf.page(lamp("a"))
    names = ("L4", "OLD", "NEW")
    told = [Told(product=Product(sku=s, id=f"7{s}"), catalogue=True) for s in names]
    shelf.write(lambda tx: products.tell(tx, 1, told))
    match(shelf)
    still = shelf.write(lambda tx: products.tell(tx, 1, told[2:]))
    assert shelf.write(lambda tx: products.untell(tx, 1, still)) == 2
    assert sorted(p.sku for p in rows(shelf)) == ["L4", "NEW"]


def test_attributes_and_months_come_from_the_newest_reviews(shelf: Shelf) -> None:
    jan, mar = 1_767_600_000, 1_772_500_000
    shelf.page(
        lamp("a", score=5.0, created_at=jan, sub_scores=(SubScore("Fit", 4.0), SubScore("Look", None))),
        lamp("b", score=2.0, created_at=mar, sub_scores=(SubScore("Fit", 1.0),)),
        lamp("c", score=3.0, created_at=mar, provider_state=ProviderState.UNPUBLISHED),
        lamp("d", sku="OTHER", score=1.0, created_at=mar),
    )
    match(shelf)
    product = next(p for p in rows(shelf) if p.sku == "L4")
    with shelf.store.read() as r:
        assert products.months(r, product.id, 0) == [("2026-01", 1, 5.0), ("2026-03", 1, 2.0)]
        assert products.months(r, product.id, mar - 10) == [("2026-03", 1, 2.0)]
        assert products.attributes(r, product.id) == ((AttributeFigure("Fit", 2, 2.5),), 2)
        assert products.attributes(r, product.id, limit=1) == ((AttributeFigure("Fit", 1, 1.0),), 1)


def test_opening_the_list_and_a_product_reads_no_review(shelf: Shelf) -> None:
    """Figures are kept: what is opened first never looks at reviews, however many there are."""
    shelf.page(*(lamp(f"r{n}", sku=f"S{n % 7}", created_at=1_700_000_000 + n) for n in range(300)))
    match(shelf)
    with shelf.store.read() as r:
        first = products.rows(r)[0].id
        opening = plan_of(r, lambda: (products.rows(r), products.listings(r, first)))
        assert opening and not [step for step in opening if re.search(r"\breview\b|\br\b", step)], opening
        # What is read a moment later goes by the index of its SKU.
        later = plan_of(r, lambda: (products.months(r, first, 0), products.attributes(r, first)))
        assert any("USING INDEX review_sku" in step for step in later)
        assert not [step for step in later if step.startswith("SCAN r")], later


def plan_of(r: Reader, work: Callable[[], object]) -> list[str]:
    """How SQLite runs everything that ``work`` asks."""
    statements: list[tuple[str, Any]] = []

    def trace(cursor: Any, sql: str, values: Any) -> bool:
        statements.append((sql, values))
        return True

    r.db.set_exec_trace(trace)
    try:
        work()
    finally:
        r.db.set_exec_trace(None)
    return [
        step[3] for sql, values in statements for step in r.rows("EXPLAIN QUERY PLAN " + sql, values or ())
    ]


def test_one_address_for_all_products_does_not_make_their_matching_long(shelf: Shelf) -> None:
    """A shop gives its front page for each of them: every listing meets those of the other source."""
    other = elsewhere(shelf, "Second")
    for account in (shelf.account.id, other):
        made = [
            lamp(f"{account}-{n}", sku=f"S{account}-{n}", url="https://shop.example/p") for n in range(45)
        ]
        page(shelf, account, *made)
    steps = 0

    def counted(_cursor: object, _sql: str, _values: object) -> bool:
        nonlocal steps
        steps += 1
        return True

    def slice_(tx: Tx) -> bool:
        tx.db.exec_trace = counted
        try:
            return products.match_slice(tx)
        finally:
            tx.db.exec_trace = None

    while shelf.write(slice_):
        pass
    assert [len(row.accounts) for row in rows(shelf)] == [2] * 45
    assert steps < 90 * 12
