"""The list cut by product: few hits by looking at them, many from the indexes, and both the same."""

from __future__ import annotations

import pytest

from reviewdesk.domain.models import Product
from reviewdesk.domain.query import Query, Sort, parse
from reviewdesk.store import accounts, by_product, products, reviews, search
from reviewdesk.store.by_product import ByProduct
from tests.support.stores import NOW, Shelf, record


def _cut(shelf: Shelf, text: str = "", sort: Sort = Sort.NEWEST) -> ByProduct:
    query = parse(text, now=NOW) if text else Query()
    with shelf.store.read() as r:
        return by_product.cut(r, search.ids(r, query, sort=sort))


def _said(shelf: Shelf, made: ByProduct) -> dict[str, list[str]]:
    """Name of the product to the reviews under it."""
    with shelf.store.read() as r:
        native = dict(r.rows("SELECT id, native_id FROM review"))
    found, at = {}, 0
    for key, count in made.sections:
        found[made.names.get(key, "")] = [native[i] for i in made.ids[at : at + count]]
        at += count
    assert at == len(made.ids)
    return found


@pytest.fixture
def shop(shelf: Shelf) -> Shelf:
    """Two accounts: a product that both sell, one that each calls by the same number for another thing, and others."""
    other = shelf.write(lambda tx: accounts.insert(tx, name="Kontor", provider="sitejabber", settings={})).id

    def of(name: str, minute: int, product: Product | None, **more: object) -> object:
        return record(name, created_at=int(NOW) - 60 * minute, product=product, **more)

    mine = [
        of("a1", 1, Product(sku="L4", name="Desk lamp", gtin="4006381333931"), score=2.0),
        of("a2", 2, None),
        of("a3", 3, Product(sku="l4", name="Desk lamp", gtin="4006381333931"), score=5.0),
        of("a4", 4, Product(sku=None, id="p9", name="Bench"), score=3.0),
        of("a5", 5, Product(sku="100", name="Étagère"), score=3.0),
        of("a6", 6, Product(sku=None, name="Chair"), score=3.0),
        of("a7", 7, Product(sku=None, name="CHAIR"), score=1.0),
    ]
    theirs = [
        of("b1", 8, Product(sku="X-4", name="Lamp for the desk", gtin="4006381333931"), score=4.0),
        of("b2", 9, Product(sku="100", name="Bottle", gtin="4012345678901"), score=4.0),
    ]
    for account_id, page in ((1, mine), (other, theirs)):
        shelf.write(lambda tx, a=account_id, p=page: reviews.store_page(tx, a, reviews=p))
    while shelf.write(products.match_slice):
        pass
    # A person says that the two called 100 are not the same.
    with shelf.store.read() as r:
        bottle = r.value("SELECT id FROM listing WHERE name = 'Bottle'")
    shelf.write(lambda tx: products.split(tx, bottle))
    return shelf


def test_one_heading_for_a_product_of_several_sources(shop: Shelf) -> None:
    said = _said(shop, _cut(shop))
    assert list(said) == ["Bench", "Bottle", "Chair", "Desk lamp", "Étagère", ""], "by name, none last"
    assert said["Desk lamp"] == ["a1", "a3", "b1"] and said[""] == ["a2"]
    assert said["Étagère"] == ["a5"] and said["Bottle"] == ["b2"], "the same number, not the same product"
    assert said["Chair"] == ["a6", "a7"]
    assert _said(shop, _cut(shop, sort=Sort.SCORE_HIGH))["Desk lamp"] == ["a3", "b1", "a1"]
    assert _said(shop, _cut(shop, "stars:>=4")) == {"Bottle": ["b2"], "Desk lamp": ["a3", "b1"]}


def test_many_hits_come_from_the_indexes_alone(shop: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    few = [(_cut(shop, sort=sort).ids, _cut(shop, sort=sort).sections) for sort in Sort]
    monkeypatch.setattr(by_product, "_FEW", 0)
    assert [(_cut(shop, sort=sort).ids, _cut(shop, sort=sort).sections) for sort in Sort] == few
    with shop.store.read() as r:
        for where in by_product._WHERE.values():
            steps = [
                str(row[-1]) for row in r.rows(f"EXPLAIN QUERY PLAN SELECT id FROM review {where}", ("x",))
            ]
            assert len(steps) == 1 and "COVERING INDEX" in steps[0], steps


def test_a_product_that_nobody_compared_yet_has_a_heading(shop: Shelf) -> None:
    shop.page(record("new", product=Product(sku="N1", name="Newcomer")))
    said = _said(shop, _cut(shop))
    assert said["Newcomer"] == ["new"]
