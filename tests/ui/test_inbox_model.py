"""The model: blocks, insertions and removals by id, folded days; Qt's own tester listens all the time."""

from __future__ import annotations

import random
from array import array
from collections.abc import Callable, Iterator, Sequence

import pytest
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication

from reviewdesk.domain.models import ReviewRow
from reviewdesk.ui.inbox.context import AccountMark, RowContext
from reviewdesk.ui.inbox.lines import Order, day_of
from reviewdesk.ui.inbox.model import HEADING_ROLE, ID_ROLE, ROW_ROLE, InboxModel
from tests.support.clock import FakeClock
from tests.support.inbox_rows import NOW, make_row, review_id
from tests.support.screens import settle

_HOUR, _DAY = 3600, 86400


class _Loader:
    """Answers when told; remembers what was asked for."""

    def __init__(self) -> None:
        self.open: list[tuple[list[int], Callable[[dict[int, ReviewRow]], None], Callable[[], None]]] = []

    def __call__(
        self,
        ids: Sequence[int],
        done: Callable[[dict[int, ReviewRow]], None],
        failed: Callable[[], None],
    ) -> None:
        self.open.append((list(ids), done, failed))

    def answer(self) -> list[int]:
        ids, done, _ = self.open.pop(0)
        done({i: make_row(i) for i in ids})
        return ids


@pytest.fixture
def loader() -> _Loader:
    return _Loader()


@pytest.fixture
def model(themed: QApplication, loader: _Loader) -> Iterator[InboxModel]:
    made = InboxModel(RowContext(FakeClock(NOW)), loader)
    tester = QAbstractItemModelTester(made, QAbstractItemModelTester.FailureReportingMode.Fatal)
    yield made
    del tester


def _ids(count: int, step: int = _HOUR) -> list[int]:
    return [review_id(n * step) for n in range(count)]


def _listed(model: InboxModel) -> list[int]:
    return [i for n in range(model.rowCount()) if (i := model.id_at(n))]


def test_headings_and_reviews(model: InboxModel) -> None:
    ids = _ids(30)
    model.show_ids(array("q", ids), Order.DESCENDING)
    assert model.rowCount() == 30 + len({day_of(i) for i in ids})
    first = model.index(0, 0)
    assert first.data(HEADING_ROLE).title == "Today"
    assert first.data(ID_ROLE) == 0
    assert not first.flags() & Qt.ItemFlag.ItemIsSelectable
    assert model.index(1, 0).data(ID_ROLE) == ids[0]
    assert model.index(1, 0).flags() & Qt.ItemFlag.ItemIsSelectable
    assert model.line_of(ids[0]) == 1
    assert model.number_of(ids[29]) == 30
    assert model.total() == 30


def test_blocks_on_the_screen_come_first_then_their_neighbours(model: InboxModel, loader: _Loader) -> None:
    ids = _ids(1000, 60)
    model.set_grouping("none")
    model.show_ids(array("q", ids), Order.DESCENDING)
    model.look_at(500, 508)
    settle()
    asked = []
    while loader.open:
        asked.append(loader.answer())
        settle()
    assert [a[0] for a in asked[:3]] == [ids[500], ids[600], ids[400]]
    assert all(len(a) == 100 for a in asked)
    assert len(asked) == 3
    assert model.index(505, 0).data(ROW_ROLE).id == ids[505]
    assert model.row_of(ids[50]) is None


def test_a_jump_leaves_blocks_out_that_nobody_waits_for(model: InboxModel, loader: _Loader) -> None:
    ids = _ids(2000, 60)
    model.set_grouping("none")
    model.show_ids(array("q", ids), Order.DESCENDING)
    for first in (0, 400, 800, 1200, 1600):
        model.look_at(first, first + 10)
        settle()
    assert len(loader.open) == 1  # one at a time
    loader.answer()
    settle()
    assert loader.answer()[0] == ids[1600]


def test_a_row_that_is_gone_is_not_asked_for_again(model: InboxModel, loader: _Loader) -> None:
    ids = _ids(5)
    model.show_ids(array("q", ids), Order.DESCENDING)
    model.look_at(0, 5)
    settle()
    _, done, _ = loader.open.pop(0)
    done({i: make_row(i) for i in ids[1:]})
    for _ in range(3):
        model.index(1, 0).data(ROW_ROLE)
        settle()
    assert loader.open == []


def test_a_failed_block_is_asked_for_when_it_is_looked_at_again(model: InboxModel, loader: _Loader) -> None:
    model.show_ids(array("q", _ids(5)), Order.DESCENDING)
    model.look_at(0, 5)
    settle()
    loader.open.pop(0)[2]()
    settle()
    assert loader.open == []
    assert model.index(1, 0).data(ROW_ROLE) is None
    settle()
    assert len(loader.open) == 1


def test_changed_rows_are_painted_as_they_were_until_they_are_read(
    model: InboxModel, loader: _Loader
) -> None:
    ids = _ids(5)
    model.show_ids(array("q", ids), Order.DESCENDING, [make_row(i, author_name="Before") for i in ids])
    model.look_at(0, 5)
    settle()
    model.forget_rows([ids[2]])
    assert model.index(3, 0).data(ROW_ROLE).author_name == "Before"
    settle()
    asked, done, _ = loader.open.pop(0)
    assert asked == [ids[2]]
    seen: list[int] = []
    model.dataChanged.connect(lambda top, bottom: seen.append(top.row()))
    done({ids[2]: make_row(ids[2], author_name="After")})
    assert seen == [model.line_of(ids[2])]
    assert model.index(model.line_of(ids[2]), 0).data(ROW_ROLE).author_name == "After"


def test_the_first_page_grows_into_the_whole_without_a_reset(model: InboxModel) -> None:
    ids = _ids(500)
    resets: list[int] = []
    model.show_ids(array("q", ids[:100]), Order.DESCENDING, [make_row(i) for i in ids[:100]])
    model.modelReset.connect(lambda: resets.append(1))
    keep = QPersistentModelIndex(model.index(7, 0))
    kept = model.id_at(7)
    model.complete(array("q", ids))
    assert _listed(model) == list(ids)
    assert model.id_at(keep.row()) == kept
    # Meanwhile something came in and something went: it is sorted out by id.
    other = array("q", [review_id(-60), *ids[:3], *ids[4:]])
    model.complete(other)
    assert _listed(model) == list(other)
    assert model.id_at(keep.row()) == kept
    assert resets == []


def test_random_changes_keep_order_headings_and_persistent_places(model: InboxModel) -> None:
    rng = random.Random(5)
    ids = {review_id(rng.randrange(30 * _DAY), n) for n in range(60)}
    model.show_ids(array("q", sorted(ids, reverse=True)), Order.DESCENDING)
    kept = rng.sample(sorted(ids), 8)
    places = {i: QPersistentModelIndex(model.index(model.line_of(i), 0)) for i in kept}
    for step in range(20):
        if step % 10 == 5:
            number = rng.randrange(len(model.lines.groups))
            group = model.lines.groups[number]
            if not any(day_of(i) == group.day for i in kept):
                model.set_collapsed(number, not group.collapsed)
        if step % 2:
            new = {review_id(rng.randrange(31 * _DAY), 1000 + step) for _ in range(rng.randrange(1, 8))}
            ids |= new
            model.insert(new)
        else:
            old = set(rng.sample(sorted(ids - set(kept)), 4))
            ids -= old
            model.remove(old)
        assert list(model.lines.ids) == sorted(ids, reverse=True)
        assert sum(g.count for g in model.lines.groups) == len(ids)
        folded = {g.day for g in model.lines.groups if g.collapsed}
        assert _listed(model) == [i for i in sorted(ids, reverse=True) if day_of(i) not in folded]
        for review, place in places.items():
            assert model.id_at(place.row()) == review


@pytest.mark.parametrize("order", [Order.DESCENDING, Order.ASCENDING])
def test_a_thousand_scattered_insertions_are_one_change(model: InboxModel, order: int) -> None:
    rng = random.Random(7)
    old = {review_id(n * 600) for n in range(2000)}
    model.show_ids(array("q", sorted(old, reverse=order == Order.DESCENDING)), order)
    keep = QPersistentModelIndex(model.index(900, 0))
    kept = model.id_at(900)
    new = {review_id(rng.randrange(14 * _DAY), 5) for _ in range(1000)}
    model.insert(new)
    assert list(model.lines.ids) == sorted(old | new, reverse=order == Order.DESCENDING)
    assert model.id_at(keep.row()) == kept
    model.remove(new - old)
    assert len(model.lines.ids) == len(old - (new - old))


@pytest.mark.parametrize("order", [Order.DESCENDING, Order.ASCENDING])
@pytest.mark.parametrize("heading", [False, True])
def test_one_current_row_follows_scattered_insertions_without_a_change_of_layout(
    model: InboxModel, order: int, heading: bool
) -> None:
    """A change of layout makes Qt keep a thousand headings: 60 ms of the window for every batch of a sync."""
    rng = random.Random(8)
    old = {review_id(n * 600) for n in range(2000)}
    model.show_ids(array("q", sorted(old, reverse=order == Order.DESCENDING)), order)
    line = model.lines.heading_line(7) if heading else 900
    places = [QPersistentModelIndex(model.index(line, 0)) for _ in range(3)]
    kept, day = model.id_at(line), model.lines.groups[7].day
    changes: list[object] = []
    model.layoutAboutToBeChanged.connect(lambda *_: changes.append("layout"))
    model.insert({review_id(rng.randrange(14 * _DAY), 5) for _ in range(1000)})
    assert changes == []
    for place in places:
        assert place.row() != line and model.id_at(place.row()) == kept
        if heading:
            assert model.lines.groups[model.lines.at(place.row()).group].day == day
    # Two of them may be the ends of a range: what comes between them must not become part of it.
    other = QPersistentModelIndex(model.index(1200, 0))
    wanted = model.id_at(1200)
    model.insert({review_id(rng.randrange(14 * _DAY), 6) for _ in range(1000)})
    assert changes == ["layout"]
    assert model.id_at(other.row()) == wanted and model.id_at(places[0].row()) == kept


def test_folding_takes_the_rows_away_and_gives_them_back(model: InboxModel) -> None:
    ids = _ids(40)
    model.show_ids(array("q", ids), Order.DESCENDING)
    lines = model.rowCount()
    today = model.lines.groups[0].count
    model.set_collapsed(0, True)
    assert model.rowCount() == lines - today
    assert model.index(0, 0).data(HEADING_ROLE).collapsed
    assert model.line_of(ids[0]) == -1
    model.insert([review_id(-30)])  # comes into the folded day
    assert model.index(0, 0).data(HEADING_ROLE).count == today + 1
    assert model.rowCount() == lines - today
    model.remove([ids[0]])
    model.set_collapsed(0, False)
    assert model.rowCount() == lines
    assert model.id_at(1) == review_id(-30)


def test_without_groups_there_are_only_reviews(model: InboxModel) -> None:
    ids = _ids(40)
    model.show_ids(array("q", ids), Order.DESCENDING)
    keep = QPersistentModelIndex(model.index(30, 0))
    kept = model.id_at(30)
    model.set_grouping("none")
    assert model.rowCount() == 40
    assert model.id_at(keep.row()) == kept
    model.insert([review_id(-5)])
    model.remove([ids[3]])
    assert _listed(model) == [review_id(-5), *ids[:3], *ids[4:]]


def test_what_a_screen_reader_hears(model: InboxModel) -> None:
    context = model._context
    context.set_accounts({1: AccountMark("TP", 2, "Harbour FR")})
    context.set_due(lambda row: NOW + 2 * _HOUR + 60)
    number = review_id(2 * _HOUR + 60)
    row = make_row(
        number, score=2.0, author_name="Pierre L.", product_name="Headset X2", account_id=1, unread=False,
        snippet="Livraison tardive et boîte ouverte", edited=True, has_photo=True, owner="Anna N.", tags=("delivery",),
    )  # fmt: skip
    model.show_ids(array("q", [number, review_id(3 * _HOUR)]), Order.DESCENDING, [row])
    index = model.index(1, 0)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == (
        "2 of 5 stars, Pierre L., 2 hours ago, new, edited, Headset X2: Livraison tardive et boîte ouverte; item 1 of 2"
    )
    assert index.data(Qt.ItemDataRole.AccessibleDescriptionRole) == (
        "due in 2 h, has pictures, edited, owner Anna N., tags delivery, Harbour FR"
    )
    assert model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole) == "Today, 2 reviews, open"
    assert model.index(2, 0).data(Qt.ItemDataRole.AccessibleTextRole) == "loading; item 2 of 2"
    assert model.index(1, 0).data(Qt.ItemDataRole.DisplayRole) is None
    assert model.rowCount(index) == model.columnCount(index) == 0
    assert model.flags(QModelIndex()) == Qt.ItemFlag.NoItemFlags
