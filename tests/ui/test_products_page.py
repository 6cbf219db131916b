"""The products page over a real core: figures of all sources, what a person decides, the door to the inbox."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from reviewdesk.domain.models import Product
from reviewdesk.domain.products import AttributeFigure, Origin, ServerFigures, Told
from reviewdesk.store import accounts, products, reviews
from reviewdesk.ui.main_window import MainWindow
from reviewdesk.ui.products.detail import _Card
from reviewdesk.ui.products.page import ProductsPage
from reviewdesk.ui.widgets import PushButton
from tests.support.core import Desk
from tests.support.stores import record


@pytest.fixture
def shown(opened: tuple[MainWindow, Desk], qtbot) -> tuple[ProductsPage, MainWindow, Desk]:  # type: ignore[no-untyped-def]
    window, desk = opened
    store, first = desk.core.store, desk.account.id
    second = store.write_now(
        lambda tx: accounts.insert(tx, name="Second", provider="scripted", settings={})
    ).id
    lamp = {"sku": "L4", "name": "Desk lamp", "gtin": "2000000022192"}
    ours = [record(f"p{n}", score=s, product=Product(**lamp)) for n, s in enumerate((5.0, 5.0, 2.0))]
    ours.append(record("torch", score=4.0, product=Product(sku="T1", name="Torch")))
    store.write_now(lambda tx: reviews.store_page(tx, first, reviews=ours))
    theirs = [record("q1", score=1.0, product=Product(**{**lamp, "sku": "lamp-4"}))]
    store.write_now(lambda tx: reviews.store_page(tx, second, reviews=theirs))
    said = ServerFigures(
        origin=Origin.SUMMARY,
        n=4,
        mean=4.25,
        spread=(0, 1, 0, 0, 3),
        attributes=(AttributeFigure("Fit", 3, 4.5),),
        read_at=1_780_000_000,
    )
    told = [Told(product=Product(sku="L4"), figures=(said,))]
    store.write_now(lambda tx: products.tell(tx, first, told))
    desk.core.products.match_now()
    page = window.show_page("products")
    assert isinstance(page, ProductsPage)
    qtbot.waitUntil(lambda: page.detail.page() is not None and page.list.table.rowCount() >= 2)
    assert choose(page, "Desk lamp")
    qtbot.waitUntil(lambda: is_shown(page, "Desk lamp"))
    return page, window, desk


def choose(page: ProductsPage, name: str) -> bool:
    row = next((r for r in page._rows if r.name == name), None)
    return row is not None and page.open_product(row.id)


def is_shown(page: ProductsPage, name: str) -> bool:
    found = page.detail.page()
    return found is not None and found.name == name and bool(cards(page))


def shown_id(page: ProductsPage) -> int:
    found = page.detail.page()
    return found.id if found is not None else 0


def cards(page: ProductsPage) -> list[_Card]:
    return [card for card in page.detail.findChildren(_Card) if not card.isHidden()]


def button(card: _Card, name: str) -> PushButton:
    return next(b for b in card.findChildren(PushButton) if b.objectName() == name)


def test_ours_and_the_sources_figures_stand_side_by_side_and_apart(
    shown: tuple[ProductsPage, MainWindow, Desk],
) -> None:
    page, _, _ = shown
    found = page.detail.page()
    assert found is not None and found.figures.n == 4 and found.figures.mean == 3.25
    ours, said = cards(page)[0].table.columns()
    assert (ours.ours, ours.n, ours.mean, ours.spread) == (True, 3, 4.0, (0, 1, 0, 0, 2))
    assert (said.ours, said.n, said.mean) == (False, 4, 4.25)
    assert "Computed here" in ours.title and "says" in said.title and "asked" in said.when
    assert len(cards(page)[1].table.columns()) == 1
    words = page.list.table.data(page.list.currentIndex(), Qt.ItemDataRole.AccessibleTextRole)
    assert "mean 3.25 of 5, 4 reviews" in words and "2 sources" in words


def test_the_door_to_the_inbox_shows_exactly_its_reviews(
    shown: tuple[ProductsPage, MainWindow, Desk],
    qtbot,  # type: ignore[no-untyped-def]
) -> None:
    page, window, _ = shown
    qtbot.mouseClick(page.reviews_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.pages.currentWidget() is not page and window.inbox.total() == 4)


def test_words_in_the_search_box_narrow_the_list(shown: tuple[ProductsPage, MainWindow, Desk]) -> None:
    page, _, _ = shown
    page.set_filter("torch")
    assert page.list.table.rowCount() == 1
    page.set_filter("nothing like it")
    assert page.list.table.rowCount() == 0 and "No product" in page._empty.sentence()
    page.set_filter("")
    assert page.list.table.rowCount() >= 2


def test_what_is_not_the_same_is_taken_apart_and_put_together_again_by_hand(
    shown: tuple[ProductsPage, MainWindow, Desk],
    qtbot,  # type: ignore[no-untyped-def]
) -> None:
    page, window, desk = shown
    before = page.list.table.rowCount()
    qtbot.mouseClick(button(cards(page)[1], "split"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.list.table.rowCount() == before + 1)
    desk.sync()
    lamps = [r for r in desk.core.products.rows() if r.name == "Desk lamp"]
    assert len(lamps) == 2
    alone = next(r for r in lamps if r.figures.n == 1)
    assert page.open_product(alone.id)
    qtbot.waitUntil(lambda: shown_id(page) == alone.id and len(cards(page)) == 1)
    qtbot.mouseClick(button(cards(page)[0], "join"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.picker.isVisible())
    window.picker.field.setText("L4")
    qtbot.waitUntil(lambda: [c.title for c in window.picker.choices()][:1] == ["Desk lamp"])
    window.picker.choose()
    qtbot.waitUntil(lambda: page.list.table.rowCount() == before)
    joined = next(r for r in desk.core.products.rows() if r.name == "Desk lamp")
    assert joined.figures.n == 4 and joined.by_hand


def test_the_keyboard_goes_through_the_list(
    shown: tuple[ProductsPage, MainWindow, Desk],
    qtbot,  # type: ignore[no-untyped-def]
) -> None:
    page, _, _ = shown
    page.list.setFocus()
    first = page.list.current()
    qtbot.keyClick(page.list, Qt.Key.Key_J)
    assert page.list.current() != first
    qtbot.keyClick(page.list, Qt.Key.Key_K)
    assert page.list.current() == first


def test_a_source_without_a_catalogue_says_why_nothing_can_be_added(
    opened: tuple[MainWindow, Desk],
    qtbot,  # type: ignore[no-untyped-def]
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window, desk = opened
    monkeypatch.setattr(desk.core.products, "able", _nobody)
    page = window.show_page("products")
    assert isinstance(page, ProductsPage)
    qtbot.waitUntil(lambda: bool(page.add_button.property("off")))
    said: list[str] = []
    page.said.connect(said.append)
    page.add_product()
    assert said and "catalogue" in said[0]


def _nobody(_capability: object) -> list[object]:
    return []


def test_a_form_says_what_can_t_be_right_and_queues_what_can(
    shown: tuple[ProductsPage, MainWindow, Desk],
    qtbot,  # type: ignore[no-untyped-def]
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page, _, desk = shown
    page._editors = [desk.account]
    page.add_product()
    assert page.stack.currentWidget() is page.form
    page.form.edit("sku").setText("K1")
    qtbot.keyClick(page.form.edit("sku"), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.form._problem.isVisible())
    assert "title" in page.form._problem.text()
    qtbot.keyClick(page.form.edit("sku"), Qt.Key.Key_Escape)
    assert page.stack.currentWidget() is page.detail
