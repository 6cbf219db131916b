"""The products page: the list on the left, one product on the right; what changes a catalogue asks on the right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QLocale, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from reviewdesk.domain.capabilities import Capability
from reviewdesk.domain.errors import ReviewdeskError
from reviewdesk.domain.models import Account, ChangeSet
from reviewdesk.services.products import ProductMore, ProductPage, ProductRow, Told
from reviewdesk.ui.page import Page
from reviewdesk.ui.picker import Choice
from reviewdesk.ui.products.detail import AccountWords, ProductDetail
from reviewdesk.ui.products.form import CatalogueForm
from reviewdesk.ui.products.list import ProductList
from reviewdesk.ui.products.words import count_words, mean_words
from reviewdesk.ui.theme import fonts, metrics
from reviewdesk.ui.widgets import EmptyState, PaneHead, PlainLabel, PushButton, ToolButton, set_off

if TYPE_CHECKING:
    from reviewdesk.ui.bridge import Bridge
    from reviewdesk.ui.main_window import MainWindow

__all__ = ["ProductsPage"]

_REST_MS = 400


@dataclass(frozen=True, slots=True)
class _Found:
    rows: list[ProductRow]
    accounts: dict[int, AccountWords]
    tellers: list[Account]
    editors: list[Account]


class ProductsPage(Page):
    """``reviews_wanted`` carries a search for the inbox, ``said`` a sentence for the toast."""

    reviews_wanted = Signal(str)
    said = Signal(str)

    def __init__(self, bridge: Bridge, window: MainWindow) -> None:
        super().__init__(window)
        self.search_words = self.tr("Search products")
        self._bridge = bridge
        self._window = window
        self._rows: list[ProductRow] = []
        self._accounts: dict[int, AccountWords] = {}
        self._tellers: list[Account] = []
        self._editors: list[Account] = []
        self._filter = ""
        self._asked = 0
        self._wanted = 0
        self._given: Callable[[dict[str, str]], None] | None = None
        self._build()
        # A sync changes many rows many times: the list is read again when it has come to rest.
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_REST_MS)
        self._soon.timeout.connect(self.refresh)
        bridge.changes.connect(self._on_changes)
        self.refresh()

    def _build(self) -> None:
        self.list = ProductList(self)
        self.list.picked.connect(self._on_picked)
        self.list.opened.connect(self._on_opened)
        self.detail = ProductDetail(self)
        self.detail.acted.connect(self._on_act)
        self.form = CatalogueForm(self)
        self.form.given.connect(self._on_given)
        self.form.left.connect(self._leave_form)
        self.best = QScrollArea(self)
        self.best.setWidgetResizable(True)
        self.best.setFrameShape(QFrame.Shape.NoFrame)
        self._empty = EmptyState(self)
        self.stack = QStackedWidget(self)
        for part in (self.detail, self.form, self.best, self._empty):
            self.stack.addWidget(part)
        left = QWidget(self)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._list_head = PaneHead(self.tr("Products"), left)
        self.add_button = ToolButton("plus", self.tr("Add a product to a catalogue"), self._list_head)
        self.best_button = ToolButton("trophy", self.tr("Best rated, as the source says"), self._list_head)
        self.add_button.clicked.connect(self.add_product)
        self.best_button.clicked.connect(self.show_best)
        self._list_head.add(self.best_button, self.add_button)
        column.addWidget(self._list_head)
        column.addWidget(self.list, 1)
        right = QWidget(self)
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._page_head = PaneHead("", right)
        self.reviews_button = PushButton(
            self.tr("Show the reviews"), self._page_head, icon="tray", small=True
        )
        self.ask_button = PushButton(
            self.tr("Ask the sources"), self._page_head, icon="arrows-clockwise", small=True
        )
        self._asking = PlainLabel(parent=self._page_head, role="text-2")
        self.reviews_button.clicked.connect(self.show_reviews)
        self.ask_button.clicked.connect(self.ask_one)
        self._page_head.add(self.reviews_button, self.ask_button)
        self._page_head.add(self._asking, stretch=1)
        column.addWidget(self._page_head)
        column.addWidget(self.stack, 1)
        self._splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self._splitter.setHandleWidth(1)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(left)
        self._splitter.addWidget(right)
        self._splitter.setStretchFactor(1, 1)
        left.setMinimumWidth(metrics.icon_size(240))
        self._splitter.setSizes([metrics.icon_size(420), metrics.icon_size(790)])
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._splitter)

    # --- a page of the window -----------------------------------------------------------------------------

    def start(self) -> QWidget:
        return self.list

    def panes(self) -> Sequence[QWidget]:
        return (self.list, self.detail) if self.stack.currentWidget() is self.detail else (self.list,)

    def set_filter(self, text: str) -> None:
        """Show only products whose name or SKU holds these words."""
        self._filter = text.strip().casefold()
        self._show_rows()

    # --- reading -------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the list again."""
        self._bridge.run(self._read, done=self._on_read, owner=self, key="products")

    def _read(self) -> _Found:
        core = self._bridge.core
        accounts = core.accounts.list()
        titles = {spec.id: spec.title for spec in core.accounts.specs()}
        editors = core.products.able(Capability.PRODUCT_EDIT)
        edits = {a.id for a in editors}
        words = {
            a.id: AccountWords(a.name, titles.get(a.provider, a.provider), a.colour, a.id in edits)
            for a in accounts
        }
        tellers = core.products.able(Capability.SUMMARIES)
        return _Found(core.products.rows(), words, tellers, editors)

    def _on_read(self, found: _Found) -> None:
        self._rows, self._accounts = found.rows, found.accounts
        self._tellers, self._editors = found.tellers, found.editors
        self.list.table.colours = {i: words.colour for i, words in found.accounts.items()}
        none = self.tr("No source of yours keeps a catalogue that other programs may change")
        set_off(self.add_button, None if self._editors else none)
        set_off(
            self.best_button,
            None if self._editors else self.tr("No source of yours names its best rated products"),
        )
        set_off(
            self.ask_button,
            None if self._tellers else self.tr("No source of yours gives figures of products"),
        )
        self._show_rows()
        if self.list.current():
            self._read_page(self.list.current())

    def _show_rows(self) -> None:
        wanted = [r for r in self._rows if self._filter in f"{r.name} {r.sku}".casefold()]
        self._list_head.set_count(QLocale().toString(len(wanted)) if self._rows else "")
        self.list.set_rows(wanted)
        if wanted:
            if self.stack.currentWidget() is self._empty:
                self.stack.setCurrentWidget(self.detail)
            return
        if self.stack.currentWidget() is self.detail or not self._rows:
            words = (
                ("magnifying-glass", self.tr("No product has these words"), "")
                if self._rows
                else (
                    "package",
                    self.tr("No products yet"),
                    self.tr("They come with reviews of products, or from the catalogue of a source."),
                )
            )
            self._empty.set_state(*words)
            if self.stack.currentWidget() is not self.form:
                self.stack.setCurrentWidget(self._empty)

    def _on_changes(self, change: ChangeSet) -> None:
        reviews = change.added or change.changed or change.removed
        if reviews or change.products or change.views or change.accounts:
            if self.isVisible():
                self._soon.start()
            else:
                self._stale = True

    _stale = False

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        if self._stale:
            self._stale = False
            self.refresh()

    # --- one product -----------------------------------------------------------------------------------------

    def open_product(self, product_id: int) -> bool:
        """Show a product; false when it is not there."""
        return self.list.select(product_id)

    def _on_picked(self, product_id: int) -> None:
        if self.stack.currentWidget() is self.best and product_id:
            self.stack.setCurrentWidget(self.detail)
        if product_id:
            self._read_page(product_id)

    def _on_opened(self, _product_id: int) -> None:
        self.show_reviews()

    def _read_page(self, product_id: int) -> None:
        self._wanted = product_id
        products = self._bridge.core.products
        self._bridge.run(products.page, product_id, done=self._on_page, owner=self, key="page")
        self._bridge.run(
            products.more, product_id, done=partial(self._on_more, product_id), owner=self, key="more"
        )

    def _on_page(self, page: ProductPage | None) -> None:
        if page is None or page.id != self._wanted:
            return
        self.detail.show_page(page, self._accounts)
        if self.stack.currentWidget() is self._empty:
            self.stack.setCurrentWidget(self.detail)

    def _on_more(self, product_id: int, more: ProductMore) -> None:
        page = self.detail.page()
        if page is not None and page.id == product_id == self._wanted:
            self.detail.show_more(more)

    def show_reviews(self) -> None:
        """The inbox on the product that is shown."""
        page = self.detail.page()
        if page is not None:
            self.reviews_wanted.emit(page.query)

    # --- asking the sources ------------------------------------------------------------------------------------

    def ask_one(self) -> None:
        """Ask every source of the shown product what it says of it."""
        page = self.detail.page()
        if page is not None:
            self._bridge.run(
                self._bridge.core.products.refresh_product, page.id, done=self._on_asked, owner=self
            )

    def ask_all(self) -> None:
        """Ask every source that tells figures of products for all of them."""
        if not self._tellers:
            self.said.emit(self.tr("No source of yours gives figures of products"))
            return
        self._on_asked([self._bridge.core.products.refresh(account.id) for account in self._tellers])

    def _on_asked(self, futures: list[Future[int]]) -> None:
        if not futures:
            self.said.emit(self.tr("None of its sources gives figures of products"))
        for future in futures:
            self._asked += 1
            self._bridge.watch(future, done=self._on_told, failed=self._on_not_told, owner=self)
        self._tell_asking()

    def _on_told(self, _count: int) -> None:
        self._asked -= 1
        self._tell_asking()
        self.refresh()

    def _on_not_told(self, error: BaseException) -> None:
        self._asked -= 1
        self._tell_asking()
        words = error.message if isinstance(error, ReviewdeskError) else self.tr("It could not be read")
        self.said.emit(words)

    def _tell_asking(self) -> None:
        self._asking.setText(self.tr("Asking the sources") if self._asked else "")

    def show_best(self) -> None:
        """What the source names as its best rated products."""
        for account in self._editors:
            future = self._bridge.core.products.top_rated(account.id)
            done = partial(self._on_best, account.name)
            self._bridge.watch(future, done=done, failed=self._on_best_failed, owner=self)

    def _on_best_failed(self, error: BaseException) -> None:
        self.said.emit(
            error.message if isinstance(error, ReviewdeskError) else self.tr("It could not be read")
        )

    def _on_best(self, account: str, told: tuple[Told, ...]) -> None:
        inside = QWidget(self.best)
        inside.setObjectName("surface")
        inside.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(inside)
        column.setContentsMargins(34, 22, 34, 22)
        column.setSpacing(6)
        column.addWidget(PlainLabel(self.tr("Best rated in each category"), inside, font=fonts.title_font))
        line = self.tr("{account} says so, not computed here").format(account=account)
        column.addWidget(PlainLabel(line, inside, role="text-2"))
        column.addSpacing(10)
        for each in told:
            figures = each.figures[0] if each.figures else None
            name = each.product.name or each.product.sku or ""
            said = f"{mean_words(figures.mean)}, {count_words(figures.n)}" if figures is not None else ""
            row = QHBoxLayout()
            row.setSpacing(12)
            category = PlainLabel(each.category or "", inside, role="text-2")
            category.setFixedWidth(metrics.icon_size(140))
            row.addWidget(category)
            known = next((r for r in self._rows if r.sku and r.sku == each.product.sku), None)
            if known is not None:
                button = PushButton(name, inside, kind="link")
                button.clicked.connect(partial(self.open_product, known.id))
                row.addWidget(button)
            else:
                row.addWidget(PlainLabel(name, inside))
            row.addWidget(PlainLabel(said, inside, role="text-2"), 1)
            column.addLayout(row)
        column.addStretch(1)
        self.best.setWidget(inside)
        self.stack.setCurrentWidget(self.best)

    # --- what is the same, and the catalogue -------------------------------------------------------------------

    def _on_act(self, act: str, listing_id: int) -> None:
        products = self._bridge.core.products
        if act == "split":
            self._watch(products.split(listing_id), self.tr("It is a product of its own from now on"))
        elif act == "release":
            self._watch(products.release(listing_id), self.tr("It is matched by itself again"))
        elif act == "join":
            self._choose_product(listing_id)
        elif act == "picture":
            self._ask(
                self.tr("Add a picture"),
                self.tr("The source fetches it from this address. It goes through the outbox."),
                self.tr("Add the picture"),
                [("image_url", self.tr("Address of the picture"), True)],
                lambda values: self._send(products.add_picture(listing_id, values["image_url"])),
            )
        elif act == "remove":
            page = self.detail.page()
            name = page.name if page is not None else ""
            self._ask(
                self.tr("Remove {name} from the catalogue?").format(name=name),
                self.tr("The source no longer lists it. Its reviews stay where they are."),
                self.tr("Remove it"),
                [],
                lambda _values: self._send(products.remove(listing_id)),
            )

    def _choose_product(self, listing_id: int) -> None:
        page = self.detail.page()
        here = page.id if page is not None else 0

        def offer(_typed: str) -> list[Choice]:
            return [
                Choice(
                    str(row.id),
                    row.name or row.sku,
                    partial(self._join, listing_id, row.id),
                    icon="package",
                    also=(row.sku,) if row.sku else (),
                    hint=row.sku,
                )
                for row in self._rows[:2000]
                if row.id != here
            ]

        self._window.picker.ask(
            "product",
            offer,
            title=self.tr("Same as which product"),
            placeholder=self.tr("Name or SKU of the other product"),
            fallback=self.list,
        )

    def _join(self, listing_id: int, product_id: int) -> None:
        self._watch(
            self._bridge.core.products.join(listing_id, product_id),
            self.tr("They are one product from now on"),
        )

    def _watch(self, future: Future[Any], words: str) -> None:
        def done(_result: object) -> None:
            self.said.emit(words)
            self.refresh()

        self._bridge.watch(future, done=done, failed=self._on_not_told_act, owner=self)

    def _on_not_told_act(self, error: BaseException) -> None:
        self.said.emit(
            error.message if isinstance(error, ReviewdeskError) else self.tr("It could not be done")
        )

    def add_product(self) -> None:
        """Ask for a new product of a source's catalogue."""
        if not self._editors:
            self.said.emit(self.tr("No source of yours keeps a catalogue that other programs may change"))
            return
        account = self._editors[0]
        fields = [
            ("sku", self.tr("SKU"), True),
            ("title", self.tr("Title"), True),
            ("gtin", self.tr("GTIN"), False),
            ("mpn", self.tr("Maker’s number (MPN)"), False),
            ("brand", self.tr("Brand"), False),
            ("categories", self.tr("Categories, with commas"), False),
            ("price", self.tr("Price"), False),
            ("currency", self.tr("Currency, such as EUR"), False),
            ("product_link", self.tr("Page of the product"), False),
            ("image_url", self.tr("Address of a picture"), False),
        ]
        self._ask(
            self.tr("Add a product to {account}").format(account=account.name),
            self.tr("It goes through the outbox, where it can be taken back until it is sent."),
            self.tr("Add the product"),
            fields,
            lambda values: self._send(self._bridge.core.products.add(account.id, values)),
        )

    def _ask(
        self,
        title: str,
        line: str,
        go: str,
        fields: Sequence[tuple[str, str, bool]],
        given: Callable[[dict[str, str]], None],
    ) -> None:
        self._given = given
        self.stack.setCurrentWidget(self.form)
        self.form.ask(title, line, go, fields)

    def _on_given(self, values: dict[str, str]) -> None:
        if self._given is not None:
            self._given(values)

    def _send(self, future: Future[Any]) -> None:
        def failed(error: BaseException) -> None:
            words = error.message if isinstance(error, ReviewdeskError) else self.tr("It could not be queued")
            self.form.show_problem(words)

        def done(_item: object) -> None:
            self.said.emit(self.tr("It is in the outbox"))
            self._leave_form()

        self._bridge.watch(future, done=done, failed=failed, owner=self)

    def _leave_form(self) -> None:
        self._given = None
        self.stack.setCurrentWidget(self.detail if self._rows else self._empty)
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)
