"""One product: its figures, its months, its parts, and every source of it with the reason why it is here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from reviewdesk.services.products import Listing, ProductMore, ProductPage
from reviewdesk.ui.products.figures import Column, Distribution, FigureTable, Months
from reviewdesk.ui.products.words import (
    count_words,
    day_words,
    mean_words,
    origin_words,
    reason_words,
    source_words,
)
from reviewdesk.ui.theme import fonts, metrics
from reviewdesk.ui.widgets import PlainLabel, PushButton, Separator
from reviewdesk.ui.widgets.pictogram import Pictogram
from reviewdesk.ui.widgets.score import ScoreView

__all__ = ["AccountWords", "ProductDetail"]

COLUMN = 680


@dataclass(frozen=True, slots=True)
class AccountWords:
    """What the page says of an account. ``edits``: its catalogue can be changed."""

    name: str
    title: str
    colour: int
    edits: bool = False


def _strong() -> QFont:
    return fonts.list_font(600)


class ProductDetail(QScrollArea):
    """``acted`` carries (act, listing id): split, join, release, remove, picture."""

    acted = Signal(str, object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        inside = QWidget(self)
        inside.setObjectName("surface")
        inside.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWidget(inside)
        self._column = QWidget(inside)
        self._column.setMaximumWidth(metrics.icon_size(COLUMN))
        across = QHBoxLayout(inside)
        across.setContentsMargins(22, 22, 22, 22)
        across.addStretch(1)
        across.addWidget(self._column, 100)
        across.addStretch(1)
        self._title = PlainLabel(parent=self._column, font=fonts.title_font, wrap=True)
        self._facts = PlainLabel(parent=self._column, role="text-3", wrap=True)
        self._score = ScoreView(self._column)
        self._mean = PlainLabel(parent=self._column, font=_strong)
        self._ours = PlainLabel(parent=self._column, role="text-2")
        self._bars = Distribution(self._column)
        self._months_title = PlainLabel(self.tr("Last twelve months"), self._column, font=_strong)
        self._months = Months(self._column)
        self._parts_title = PlainLabel(parent=self._column, font=_strong)
        self._parts = QVBoxLayout()
        self._parts.setSpacing(2)
        self._sources_title = PlainLabel(self.tr("Sources"), self._column, font=_strong)
        self._cards = QVBoxLayout()
        self._cards.setSpacing(12)
        first = QHBoxLayout()
        first.setSpacing(10)
        first.addWidget(self._score)
        first.addWidget(self._mean)
        first.addWidget(self._ours, 1)
        whole = QVBoxLayout(self._column)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(4)
        whole.addWidget(self._title)
        whole.addWidget(self._facts)
        whole.addSpacing(10)
        whole.addLayout(first)
        whole.addSpacing(10)
        whole.addWidget(self._bars)
        whole.addSpacing(14)
        whole.addWidget(self._months_title)
        whole.addWidget(self._months)
        whole.addSpacing(10)
        whole.addWidget(self._parts_title)
        whole.addLayout(self._parts)
        whole.addSpacing(14)
        whole.addWidget(self._sources_title)
        whole.addSpacing(4)
        whole.addLayout(self._cards)
        whole.addStretch(1)
        self._page: ProductPage | None = None
        self._accounts: Mapping[int, AccountWords] = {}

    def page(self) -> ProductPage | None:
        return self._page

    def show_page(self, page: ProductPage, accounts: Mapping[int, AccountWords]) -> None:
        """What is kept of a product; months and parts come with ``show_more``."""
        if page == self._page and accounts == self._accounts:
            # Nothing is made anew under the hands of whoever is about to press it.
            return
        other = self._page is None or self._page.id != page.id
        self._page, self._accounts = page, accounts
        self._title.setText(page.name)
        self._facts.setText(_facts(page))
        figures = page.figures
        self._score.set_score(figures.mean, 1, 5)
        self._mean.setText(
            self.tr("{mean} of 5").format(mean=mean_words(figures.mean)) if figures.scored else ""
        )
        sources = self.tr("%n sources", "", len({each.account_id for each in page.listings}))
        if len({each.account_id for each in page.listings}) == 1:
            sources = self.tr("1 source")
        words = self.tr("computed here from {count} of {sources}")
        self._ours.setText(words.format(count=count_words(figures.n), sources=sources))
        self._bars.set_figures(figures)
        if other:
            self._months_title.hide()
            self._months.hide()
            self._parts_title.hide()
            _clear(self._parts)
            self.verticalScrollBar().setValue(0)
        _clear(self._cards)
        for listing in page.listings:
            account = accounts.get(listing.account_id)
            if account is not None:
                self._cards.addWidget(_Card(listing, account, len(page.listings), self))

    def show_more(self, more: ProductMore) -> None:
        """The months and what was rated by itself."""
        self._months_title.setVisible(bool(more.months))
        self._months.setVisible(bool(more.months))
        self._months.set_months(more.months)
        _clear(self._parts)
        said = self._server_parts()
        self._parts_title.setVisible(bool(more.attributes or said))
        self._parts_title.setText(self.tr("Rated by itself"))
        for part in more.attributes:
            words = self.tr("{mean} of 5, {count}, computed here from the newest {looked}")
            self._part(
                part.name,
                words.format(mean=mean_words(part.mean), count=part.n, looked=count_words(more.looked_at)),
            )
        for who, name, n, mean, when in said:
            words = self.tr("{mean} of 5, {count}, {who}, {when}")
            self._part(name, words.format(mean=mean_words(mean), count=n, who=who, when=when))

    def _server_parts(self) -> list[tuple[str, str, int, float | None, str]]:
        found = []
        for listing in self._page.listings if self._page is not None else ():
            account = self._accounts.get(listing.account_id)
            for figures in listing.server if account is not None else ():
                who = origin_words(figures, f"{account.title} {account.name}")  # type: ignore[union-attr]
                found += [(who, a.name, a.n, a.mean, day_words(figures.read_at)) for a in figures.attributes]
        return sorted(found, key=lambda part: part[1])

    def _part(self, name: str, words: str) -> None:
        row = QWidget(self._column)
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(12)
        label = PlainLabel(name, row)
        label.setFixedWidth(metrics.icon_size(150))
        line.addWidget(label)
        line.addWidget(PlainLabel(words, row, role="text-2"), 1)
        self._parts.addWidget(row)


def _facts(page: ProductPage) -> str:
    """The names of the product, each once."""
    found: dict[str, None] = {}
    for listing in page.listings:
        known = listing.identity
        for label, value in (("SKU", known.sku), ("GTIN", known.gtin), ("MPN", known.mpn), ("", known.brand)):
            if value:
                found[f"{label} {value}".strip()] = None
    return "  ·  ".join(list(found)[:8])


def _clear(layout: QVBoxLayout) -> None:
    while layout.count():
        item = layout.takeAt(0)
        widget = item.widget() if item is not None else None
        if widget is not None:
            widget.hide()
            widget.deleteLater()


class _Card(QFrame):
    """One source: its name, why it is here, ours beside its own figures, and what can be done."""

    def __init__(self, listing: Listing, account: AccountWords, sources: int, page: ProductDetail) -> None:
        super().__init__(page)
        self.setObjectName("card")
        self._page = page
        self._listing = listing
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(8)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(Pictogram("circle-fill", 8, f"a-{account.colour}", parent=self))
        head.addWidget(PlainLabel(source_words(account.name, listing.source), self, font=_medium))
        head.addWidget(PlainLabel(listing.identity.sku or listing.native_id or "", self, role="text-3"), 1)
        column.addLayout(head)
        why = QHBoxLayout()
        why.setSpacing(8)
        icon = "hand" if listing.by_hand else "link-simple"
        if sources > 1 or listing.by_hand:
            why.addWidget(Pictogram(icon, 16, "text-3", parent=self))
            why.addWidget(PlainLabel(reason_words(listing), self, role="text-2"), 1)
            column.addLayout(why)
        ours = Column(
            self.tr("Computed here"),
            self.tr("now"),
            listing.figures.n,
            listing.figures.mean,
            listing.figures.spread,
            ours=True,
        )
        said = [
            Column(
                origin_words(f, account.title),
                self.tr("asked {when}").format(when=day_words(f.read_at)),
                f.n,
                f.mean,
                f.spread,
            )
            for f in listing.server
        ]
        self.table = FigureTable((ours, *said), self)
        column.addWidget(self.table)
        if not said and not listing.source:
            column.addWidget(PlainLabel(self.tr("The source was not asked yet"), self, role="text-3"))
        column.addWidget(Separator(self))
        match = [("split", self.tr("Not the same product"))] if sources > 1 else []
        match.append(("join", self.tr("Same as another product")))
        if listing.by_hand:
            match.append(("release", self.tr("Let it be matched by itself")))
        catalogue = []
        if account.edits and not listing.source and listing.in_catalogue:
            catalogue = [
                ("picture", self.tr("Add a picture")),
                ("remove", self.tr("Remove from the catalogue")),
            ]
        for acts in (match, catalogue):
            row = QHBoxLayout()
            row.setSpacing(8)
            for name, words in acts:
                button = PushButton(words, self, kind="link", small=True)
                button.setObjectName(name)
                button.clicked.connect(partial(page.acted.emit, name, listing.id))
                row.addWidget(button)
                row.addSpacing(8)
            row.addStretch(1)
            if acts:
                column.addLayout(row)


def _medium() -> QFont:
    return fonts.list_font(500)
