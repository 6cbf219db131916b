"""The list on the real services and a real database file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from reviewdesk.domain.models import Author, ChangeSet, Product, ReviewRecord, WorkState
from reviewdesk.domain.query import Sort
from reviewdesk.secrets.memory import MemorySecrets
from reviewdesk.services.core import Core
from reviewdesk.services.profile import Profile
from reviewdesk.store import accounts, reviews
from reviewdesk.store.database import Store
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.inbox import InboxList
from tests.support.clock import FakeClock
from tests.support.screens import settle, wait_until
from tests.support.stores import record

_NOW = 1_780_310_700
_HOUR = 3600


class _Desk:
    """A core with one account and the list in front of it."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock(_NOW)
        profile = Profile.open(folder / "profile", practice=True)
        self.core = Core.open(profile, clock=self.clock, secrets=MemorySecrets(), practice=True)
        self.account = self.core.store.write_now(
            lambda tx: accounts.insert(tx, name="Harbour FR", provider="trustpilot", settings={}, colour=2)
        )
        self.bridge = Bridge(self.core)
        self.pane = InboxList(self.core, self.bridge)
        self.pane.resize(420, 600)
        self.resets: list[int] = []

    def page(self, *records: ReviewRecord) -> None:
        self.core.store.write_now(lambda tx: reviews.store_page(tx, self.account.id, reviews=records))

    def open(self, text: str = "") -> None:
        self.pane.set_query(self.core.inbox.parse(text))
        wait_until(lambda: self.pane._feed.complete)
        self.pane.show()
        settle()

    def row(self, index: int) -> Any:
        number = self.pane.model.lines.ids[index]
        wait_until(lambda: self.pane.model.row_of(number) is not None)
        return self.pane.model.row_of(number)

    def quiet(self) -> None:
        marker: list[object] = []
        self.bridge.changes.connect(marker.append)
        wait_until(lambda: bool(marker))
        self.bridge.changes.disconnect(marker.append)
        feed = self.pane._feed
        wait_until(lambda: not feed._sifting and not feed._waiting and not feed._rechecking)
        settle()

    def close(self) -> None:
        self.pane.close()
        self.pane.deleteLater()
        settle()
        self.bridge.close()
        self.core.stop()


@pytest.fixture
def desk(themed: QApplication, tmp_path: Path) -> Iterator[_Desk]:
    made = _Desk(tmp_path)
    yield made
    made.close()


def _records(first: int, last: int, **more: Any) -> list[ReviewRecord]:
    return [
        record(
            f"r{n}",
            created_at=_NOW - n * _HOUR,
            title=f"Number {n}",
            author=Author(name=f"Buyer {n}"),
            product=Product(name="Lamp"),
            score=float(1 + n % 5),
            **more,
        )
        for n in range(first, last)
    ]


def test_a_first_sync_fills_the_list_page_by_page_without_a_reset(desk: _Desk) -> None:
    desk.open()
    assert desk.pane.is_empty()
    desk.pane.model.modelReset.connect(lambda: desk.resets.append(1))
    for first in range(1, 301, 100):
        desk.page(*_records(first, first + 100))
        desk.quiet()
    wait_until(lambda: desk.pane.total() == 300)
    assert not desk.pane.is_empty()
    ids = list(desk.pane.model.lines.ids)
    assert ids == list(desk.core.inbox.ids(desk.core.inbox.parse("")))
    assert desk.row(0).author_name == "Buyer 1"
    assert desk.resets == []
    desk.page(*_records(1, 101))  # the same page again changes nothing and says nothing
    desk.core.inbox.set_star([ids[5]], True).result()
    desk.quiet()
    wait_until(lambda: desk.pane.model.row_of(ids[5]).starred)  # type: ignore[union-attr]
    assert list(desk.pane.model.lines.ids) == ids


def test_an_undo_counts_as_an_act_even_when_its_change_was_told_of_first(desk: _Desk) -> None:
    """What it touched is known with its answer, which may come after the change itself."""
    desk.page(*_records(1, 41))
    desk.open("is:new")
    pane, inbox = desk.pane, desk.core.inbox
    ids = list(pane.model.lines.ids)
    inbox.mark_done([ids[3]]).result()
    pane.set_query(inbox.parse("is:done"))
    wait_until(lambda: list(pane.model.lines.ids) == [ids[3]])
    pane.select(ids[3])
    taken = inbox.history.undo().result()
    desk.quiet()
    assert taken is not None and list(taken.reviews) == [ids[3]]
    pane.coming_back(taken.reviews)
    wait_until(lambda: pane.total() == 0)
    taken = inbox.history.redo().result()
    desk.quiet()
    pane.coming_back(taken.reviews)
    wait_until(lambda: list(pane.model.lines.ids) == [ids[3]])
    assert pane.new_count() == 0


def test_triage_on_the_real_services(desk: _Desk) -> None:
    desk.page(*_records(1, 41))
    desk.open("is:new")
    pane, inbox = desk.pane, desk.core.inbox
    ids = list(pane.model.lines.ids)
    pane.select(ids[3])
    pane.user_acted([ids[3]])
    inbox.mark_done([ids[3]]).result()
    desk.quiet()
    assert pane.current_id() == ids[4]
    assert ids[3] not in pane.model.lines.ids
    # A sync brings three above: counted, nothing moves.
    desk.page(*[record(f"n{n}", created_at=_NOW + n, author=Author(name="New")) for n in range(3)])
    desk.quiet()
    assert pane.new_count() == 3
    pane.show_new()
    assert pane.total() == 42
    assert pane.current_id() == ids[4]
    # Taken back, it stands where it stood.
    inbox.reopen([ids[3]]).result()
    desk.quiet()
    assert desk.pane.total() == 42  # needs reply is not "new"
    pane.set_query(inbox.parse("is:needs-reply"), select=ids[3])
    wait_until(lambda: pane.current_id() == ids[3])
    assert desk.row(0).work_state is WorkState.NEEDS_REPLY


def test_every_order_shows_every_review(desk: _Desk) -> None:
    desk.page(*_records(1, 31))
    desk.open()
    everything = set(desk.pane.model.lines.ids)
    for sort in Sort:
        desk.pane.set_sort(sort)
        wait_until(lambda: desk.pane._feed.complete)
        assert set(desk.pane.model.lines.ids) == everything
    desk.pane.set_sort(Sort.SCORE_LOW)
    wait_until(lambda: desk.pane._feed.complete)
    scores = [desk.row(n).score for n in range(30)]
    assert scores == sorted(scores)


def test_what_another_process_wrote_is_compared(desk: _Desk) -> None:
    desk.page(*_records(1, 21))
    desk.open()
    pane = desk.pane
    ids = list(pane.model.lines.ids)
    pane.select(ids[5])
    pane.view.verticalScrollBar().setValue(30)
    at = pane.view.rowViewportPosition(pane.model.line_of(ids[5]))
    marker: list[object] = []
    desk.bridge.changes.connect(marker.append)
    other = Store.open(desk.core.profile.database, clock=desk.clock, on_change=lambda changes: None)
    news = (*_records(30, 33), record("top", created_at=_NOW + 5))
    other.write_now(lambda tx: reviews.store_page(tx, desk.account.id, reviews=news))
    other.close()
    desk.core.bus.publish(ChangeSet(views=True, journal=True))  # as the store does when it notices
    wait_until(lambda: bool(marker))
    wait_until(lambda: pane.total() == 23)
    assert pane.new_count() == 1
    assert pane.current_id() == ids[5]
    assert pane.view.rowViewportPosition(pane.model.line_of(ids[5])) == at


def test_new_products_compare_a_list_only_where_it_is_cut_by_product(
    desk: _Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A first sync finds some with every page: all ids were read, and every row anew, once a second."""
    desk.page(*_records(1, 12))
    desk.open()
    pane = desk.pane
    wait_until(lambda: pane.total() == 11)
    compared: list[str] = []
    recheck = pane._feed.recheck

    def counted() -> None:
        compared.append(pane.grouping())
        recheck()

    monkeypatch.setattr(pane._feed, "recheck", counted)
    heard: list[object] = []
    desk.bridge.changes.connect(heard.append)
    desk.core.bus.publish(ChangeSet(products=True))
    wait_until(lambda: len(heard) == 1)
    settle()
    assert compared == []
    pane.set_grouping("product")
    wait_until(lambda: pane.total() == 11)
    desk.core.bus.publish(ChangeSet(products=True))
    wait_until(lambda: len(heard) == 2)
    settle()
    assert compared == ["product"]


def test_the_account_is_known_by_its_code(desk: _Desk) -> None:
    desk.page(*_records(1, 3))
    desk.open()
    wait_until(lambda: bool(desk.pane._context.accounts))
    mark = desk.pane._context.account(desk.account.id)
    assert (mark.code, mark.colour, mark.name) == ("TP", 2, "Harbour FR")


def test_the_list_is_cut_by_source_by_week_and_not_at_all(desk: _Desk) -> None:
    other = desk.core.store.write_now(
        lambda tx: accounts.insert(tx, name="Kontor DE", provider="sitejabber", settings={}, colour=3)
    )
    desk.page(*_records(1, 21))
    desk.core.store.write_now(
        lambda tx: reviews.store_page(tx, other.id, reviews=tuple(_records(1, 6, body="Gut.")))
    )
    desk.open()
    wait_until(lambda: desk.pane.total() == 25)
    pane, inbox = desk.pane, desk.core.inbox
    wanted = list(inbox.ids(inbox.parse("")))
    pane.select(wanted[7])
    pane.set_grouping("source")
    wait_until(lambda: [g.count for g in pane.model.lines.groups] == [20, 5])
    wait_until(lambda: pane.model.title_of(pane.model.lines.groups[1]) == "Kontor DE")
    assert pane.model.title_of(pane.model.lines.groups[0]) == "Harbour FR"
    assert sorted(pane.model.lines.ids) == sorted(wanted) and pane.current_id() == wanted[7]
    first = list(pane.model.lines.ids[:20])
    assert first == sorted(first, reverse=True), "newest first within a source"
    # What is done leaves its group, and comes back into it.
    gone = pane.model.lines.ids[21]
    pane.set_query(inbox.parse("-is:done"))
    wait_until(lambda: pane._feed.complete)
    pane.user_acted([gone])
    inbox.mark_done([gone]).result()
    desk.quiet()
    wait_until(lambda: [g.count for g in pane.model.lines.groups] == [20, 4])
    pane.coming_back([gone])
    pane.user_acted([gone])
    inbox.history.undo().result()
    desk.quiet()
    wait_until(lambda: [g.count for g in pane.model.lines.groups] == [20, 5])
    # Folded up, a source is one line, and stays so while the order changes.
    pane.model.set_collapsed(0, True)
    assert pane.model.rowCount() == 1 + 1 + 5
    pane.set_sort(Sort.SCORE_LOW)
    wait_until(lambda: pane._feed.complete and pane.model.rowCount() >= 7)
    rows = inbox.rows(pane.model.lines.ids[:20])
    scores = [rows[i].score100 for i in pane.model.lines.ids[:20]]
    assert scores == sorted(scores)
    pane.set_sort(Sort.NEWEST)
    pane.set_grouping("week")
    wait_until(lambda: pane._feed.complete and len(pane.model.lines.groups) in (1, 2))
    assert list(pane.model.lines.ids) == wanted
    titles = [pane.model.title_of(g) for g in pane.model.lines.groups]
    assert set(titles) <= {"This week", "Last week"}
    pane.set_grouping("none")
    assert pane.model.rowCount() == 25 and list(pane.model.lines.ids) == wanted
    with pytest.raises(ValueError, match="moon"):
        pane.set_grouping("moon")


def test_the_list_is_cut_by_product_and_sorted_by_length(desk: _Desk) -> None:
    lamp, bench = Product(sku="L4", name="Lamp"), Product(sku="B1", name="Bench")
    records = [
        replace(each, product=(lamp, bench, None)[n % 3], body="word " * (n + 1))
        for n, each in enumerate(_records(1, 13))
    ]
    desk.page(*records)
    desk.open()
    wait_until(lambda: desk.pane.total() == 12)
    pane, inbox = desk.pane, desk.core.inbox
    wanted = list(inbox.ids(inbox.parse("")))
    pane.select(wanted[5])
    pane.set_grouping("product")
    wait_until(lambda: [g.count for g in pane.model.lines.groups] == [4, 4, 4])
    titles = [pane.model.title_of(group) for group in pane.model.lines.groups]
    assert titles == ["Bench", "Lamp", "No product"] and pane.current_id() == wanted[5]
    # A heading is reached, folded and said by the keyboard.
    view = pane.view
    view.setFocus()
    spoken = [pane.model.index(n, 0).data(Qt.ItemDataRole.AccessibleTextRole) for n in (0, 5, 10)]
    assert spoken == ["Bench, 4 reviews, open", "Lamp, 4 reviews, open", "No product, 4 reviews, open"]
    group = pane.model.lines.group_of(pane.model.lines.index_of(wanted[5]))
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert pane.model.lines.groups[group].collapsed and pane.model.rowCount() == 3 + 8
    heading = pane.model.index(pane.model.lines.heading_line(group), 0)
    assert heading.data(Qt.ItemDataRole.AccessibleTextRole).endswith("4 reviews, folded")
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert not pane.model.lines.groups[group].collapsed
    # Within a product the order is the chosen one; what leaves it leaves its heading, and comes back.
    pane.set_sort(Sort.LONGEST)
    wait_until(lambda: pane._feed.complete and pane.sort() is Sort.LONGEST)
    length = {i: len(inbox.detail(i).body) for i in wanted}  # type: ignore[union-attr]

    def lengths() -> list[list[int]]:
        lines = pane.model.lines
        return [[length[i] for i in lines.ids[g.start : g.start + g.count]] for g in lines.groups]

    wait_until(lambda: all(part == sorted(part, reverse=True) for part in lengths()))
    hidden = pane.model.lines.ids[0]
    pane.user_acted([hidden])
    inbox.set_hidden([hidden], True).result()
    desk.quiet()
    wait_until(lambda: [g.count for g in pane.model.lines.groups] == [3, 4, 4])
    pane.coming_back([hidden])
    pane.user_acted([hidden])
    inbox.history.undo().result()
    desk.quiet()
    wait_until(lambda: [g.count for g in pane.model.lines.groups] == [4, 4, 4])
    pane.set_grouping("none")
    wait_until(lambda: pane._feed.complete and pane.model.rowCount() == 12)
    pane.set_sort(Sort.SHORTEST)
    wait_until(lambda: [length[i] for i in pane.model.lines.ids] == sorted(length.values()))
