"""Products against the practice servers: figures equal the server's, the catalogue changes through the outbox."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future

import pytest

from reviewdesk.domain.capabilities import Capability
from reviewdesk.domain.errors import InvalidInput, NotAvailable
from reviewdesk.domain.models import Account, ActionKind, ChangeSet, OutboxState
from reviewdesk.practice import PracticeShop
from reviewdesk.services.core import Core
from reviewdesk.services.products import MatchReason, Origin, ProductPage, ProductRow
from tests.support.core import open_practice, wait_until


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Core, PracticeShop]]:
    folder = tmp_path_factory.mktemp("products")
    with open_practice(folder, providers=("trustpilot", "sitejabber")) as (core, shop):
        # As ``start`` does it, without the scheduler: nothing syncs by itself here.
        core.process.appear()
        core.outbox.automatic = True
        core.bus.subscribe(ChangeSet, core._on_outbox)
        reports = core.sync.run([a for a in core.accounts.list() if a.provider == "trustpilot"], False)
        assert all(report.ok for report in reports), reports
        core.products.match_now()
        yield core, shop


def account(core: Core, name: str) -> Account:
    return core.accounts.by_name(name)


def product(core: Core, sku: str) -> ProductRow:
    return next(p for p in core.products.rows() if p.sku == sku)


def page(core: Core, sku: str) -> ProductPage:
    found = core.products.page(product(core, sku).id)
    assert found is not None
    return found


def all_of(futures: list[Future[int]]) -> list[int]:
    return [future.result(20) for future in futures]


def test_what_is_computed_here_equals_trustpilot_s_own_summary(desk: tuple[Core, PracticeShop]) -> None:
    core, _ = desk
    dk = account(core, "Harbour DK")
    assert core.products.refresh(dk.id).result(20) >= 8
    compared = 0
    for row in core.products.rows():
        found = core.products.page(row.id)
        assert found is not None
        for each in found.listings:
            said = next((s for s in each.server if s.origin is Origin.SUMMARY), None)
            if each.account_id != dk.id or said is None or each.source:
                continue
            assert (each.figures.n, each.figures.spread) == (said.n, said.spread), each.identity.sku
            assert each.figures.mean is not None and said.mean is not None
            assert each.figures.mean == pytest.approx(said.mean, abs=0.06)
            assert abs(said.read_at - core.clock.now()) < 60
            compared += 1
    assert compared >= 8


def test_one_product_has_attributes_and_imported_reviews_and_a_query_for_the_inbox(
    desk: tuple[Core, PracticeShop],
) -> None:
    core, shop = desk
    before = len(shop.journal.entries(path="attribute-summaries"))
    row = next(p for p in core.products.rows() if p.figures.n > 10)
    assert min(all_of(core.products.refresh_product(row.id))) >= 0
    assert len(shop.journal.entries(path="attribute-summaries")) > before
    found = core.products.page(row.id)
    assert found is not None
    said = [s for each in found.listings for s in each.server]
    assert any(s.attributes for s in said if s.origin is Origin.SUMMARY)
    reviews = core.inbox.rows(core.inbox.ids(core.inbox.parse(found.query)))
    assert len(reviews) >= found.figures.n > 0
    assert {r.product_name for r in reviews.values() if r.source is None} == {found.name}
    more = core.products.more(row.id)
    assert sum(n for _, n, _ in more.months) <= found.figures.n and more.months
    assert more.attributes and more.looked_at == found.figures.n


def test_the_catalogue_is_matched_by_its_names_and_changed_through_the_outbox(
    desk: tuple[Core, PracticeShop],
) -> None:
    core, shop = desk
    sj = account(core, "harbour.example")
    assert core.products.refresh(sj.id).result(20) == len(shop.sitejabber.products)
    found = page(core, "HB-X2")
    theirs = next(each for each in found.listings if each.account_id == sj.id)
    assert theirs.in_catalogue and theirs.reason in (MatchReason.GTIN, MatchReason.SKU)
    assert {each.account_id for each in found.listings} > {sj.id}
    said = next(s for s in theirs.server if s.origin is Origin.CATALOGUE)
    assert said.n == next(p for p in shop.sitejabber.products if p["sku"] == "HB-X2").get(
        "num_reviews", said.n
    )

    values = {
        "sku": "HB-NEW",
        "title": "New kettle",
        "price": "39.90",
        "currency": "EUR",
        "categories": "Kitchen",
    }
    item = core.products.add(sj.id, values).result(5)
    assert item.kind is ActionKind.PRODUCT_ADD
    wait_until(lambda: any(p["sku"] == "HB-NEW" for p in shop.sitejabber.products))
    # Nobody asks for it: the catalogue is read again when the outbox has settled the change.
    wait_until(lambda: any(p.sku == "HB-NEW" for p in core.products.rows()))
    new = page(core, "HB-NEW").listings[0]
    picture = core.products.add_picture(new.id, "https://harbour.example/kettle.jpg").result(5)
    wait_until(lambda: _state(core, picture.id) is OutboxState.SENT)
    made = next(p for p in shop.sitejabber.products if p["sku"] == "HB-NEW")
    assert made["images"] == [{"url": "https://harbour.example/kettle.jpg"}]
    core.products.remove(new.id).result(5)
    wait_until(lambda: all(p["sku"] != "HB-NEW" for p in shop.sitejabber.products))
    wait_until(lambda: all(p.sku != "HB-NEW" for p in core.products.rows()), 20)


def _state(core: Core, item_id: int) -> OutboxState | None:
    item = core.outbox.item(item_id)
    return item.state if item is not None else None


def test_top_rated_and_the_figures_of_one_come_from_sitejabber(desk: tuple[Core, PracticeShop]) -> None:
    core, _ = desk
    sj = account(core, "harbour.example")
    best = core.products.top_rated(sj.id).result(20)
    assert {told.category for told in best} == {"Office", "Living", "Kitchen", "Travel"}
    kitchen = core.products.top_rated(sj.id, category="Kitchen").result(20)
    assert [told.category for told in kitchen] == ["Kitchen"]
    with pytest.raises(NotAvailable):
        core.products.top_rated(account(core, "Harbour DK").id).result(20)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"title": "Kettle"}, "SKU"),
        ({"sku": "K"}, "title"),
        ({"sku": "K", "title": "Kettle", "price": "a lot"}, "price"),
        ({"sku": "K", "title": "Kettle", "currency": "Euro"}, "currency"),
        ({"sku": "K", "title": "Kettle", "image_url": "file:///etc/passwd"}, "https"),
    ],
)
def test_what_can_t_be_a_product_is_refused_before_anything_leaves(
    desk: tuple[Core, PracticeShop], values: dict[str, str], words: str
) -> None:
    core, _ = desk
    with pytest.raises(InvalidInput, match=words):
        core.products.add(account(core, "harbour.example").id, values).result(5)


def test_who_can_t_change_its_catalogue_is_told_why(desk: tuple[Core, PracticeShop]) -> None:
    core, _ = desk
    assert [a.name for a in core.products.able(Capability.PRODUCT_EDIT)] == ["harbour.example"]
    with pytest.raises(NotAvailable, match="Trustpilot Business"):
        core.products.add(account(core, "Harbour DK").id, {"sku": "K", "title": "Kettle"}).result(5)
    some = core.products.page(core.products.rows()[0].id)
    assert some is not None
    ours = next(each for each in some.listings if not each.in_catalogue)
    with pytest.raises(InvalidInput):
        core.products.remove(ours.id).result(5)
    with pytest.raises(InvalidInput):
        core.products.add_picture(ours.id, "kettle.jpg").result(5)
